//! Every page that there is, also those that a story does not come by: made by
//! the server's own functions, sent as the server sends them, and shown by a
//! phone that reads them as strictly as it can.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use embody::emapi::{AppCode, Attempt, Code};
use embody::handset::{Fault, Handset, Letters, Mac, Pace, Profile, Servers};
use embody::http::services::pages::{
    About, AssignChoice, AssignerForm, AssignerPage, ChangePinForm, Choice, Effect, Failed,
    Failure, Form, Known, Mistake, Next, Page, PhoneChoice, PinFailed, PinTrouble, Question,
    Reference, ServicesMenu, SignedIn, SignedOut,
};
use embody::http::services::{Links, Look};
use embody::model::{DeviceName, LoginType, MenuEntry, ObjectId, ProfileName, Timestamp, UserId};
use embody::phonexml::Charset;
use embody::ports::PinFault;
use embody::provision::{Language, PhoneConfigs, Word, Wording};

use super::walk::section;

/// The narrowest display, the commonest, and a wide one; other languages on the
/// first two, which they must fit into.
const SHOWN: [(&str, Language, &str); 9] = [
    ("7905", Language::English, "en"),
    ("7960", Language::English, "en"),
    ("8841", Language::English, "en"),
    ("7905", Language::German, "de"),
    ("7960", Language::German, "de"),
    ("7905", Language::French, "fr"),
    ("7960", Language::French, "fr"),
    ("7905", Language::Spanish, "es"),
    ("7960", Language::Spanish, "es"),
];

/// All drawings, by the names of their files.
pub async fn drawings(wording: &Arc<Wording>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (model, language, short) in SHOWN {
        let name = format!("{model}-{short}-pages");
        all.insert(name, drawn(wording, model, language).await);
    }
    all
}

async fn drawn(wording: &Arc<Wording>, model: &str, language: Language) -> String {
    let profile = Profile::find(model, None, Mac([0, 0, 0, 0, 0, 1])).unwrap();
    let charset = match profile.model.display.letters {
        Letters::Latin1 => Charset::Latin1,
        Letters::European => Charset::Utf8,
    };
    let links = Links::new("http://192.0.2.1:8080", Some(&device(1)));
    let look = Look::plain(wording, language, profile.model.product, charset, links);
    let pages = every_page();
    let bodies = pages
        .iter()
        .map(|(_, page)| page.object(&look).to_bytes(charset));
    let server = web(bodies.collect(), charset.content_type());
    // There is no file for it, and it needs none to look at pages.
    let phone = Handset::spawn(profile, Servers::new(server), Pace::default());
    let mut text = String::new();
    for (at, (heading, _)) in pages.iter().enumerate() {
        let page = phone.open(&format!("http://{server}/{at}")).await;
        let page = page.unwrap_or_else(|error| panic!("{model} {heading}: {error}"));
        section(&mut text, heading, &page.unwrap().draw());
    }
    let faults = phone.faults();
    let page_fault = faults
        .iter()
        .find(|fault| matches!(fault, Fault::Page { .. }));
    assert_eq!(page_fault, None, "{model}");
    phone.power_off().await;
    text
}

/// Serves `/0`, `/1`, .. until the process ends.
fn web(bodies: Vec<Vec<u8>>, content_type: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(length @ 1..) => request.extend_from_slice(&buffer[..length]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request);
            let path = request.split(' ').nth(1).unwrap_or_default();
            let number: Option<usize> = path.trim_start_matches('/').parse().ok();
            let Some(body) = number.and_then(|number| bodies.get(number)) else {
                continue;
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(body);
        }
    });
    address
}

fn device(number: u8) -> DeviceName {
    DeviceName::from_mac([0, 0x11, 0x22, 0x33, 0x44, number])
}

fn alice() -> UserId {
    UserId::new("alice").unwrap()
}

fn ticket() -> String {
    "0".repeat(32)
}

type Pages = Vec<(String, Page)>;

fn every_page() -> Pages {
    let mut pages = Vec::new();
    lists(&mut pages);
    forms(&mut pages);
    results(&mut pages);
    pins(&mut pages);
    assigner(&mut pages);
    failures(&mut pages);
    pages
}

fn lists(pages: &mut Pages) {
    let entry = |name: &str, url: &str| MenuEntry {
        name: name.to_owned(),
        url: url.to_owned(),
    };
    let entries = vec![
        entry("Emergency", "Dial:112"),
        entry("Weather", "http://192.0.2.1/weather"),
    ];
    for (heading, door, signed_in, entries) in [
        ("Services, and nobody may sign in", false, false, Vec::new()),
        ("Services", true, false, entries.clone()),
        ("Services, while somebody is signed in", true, true, entries),
    ] {
        let menu = ServicesMenu {
            entries,
            door,
            signed_in,
            assigner: false,
        };
        pages.push((heading.to_owned(), Page::Services(menu)));
    }
    let waits = ServicesMenu {
        entries: Vec::new(),
        door: false,
        signed_in: false,
        assigner: true,
    };
    let heading = "Services of a phone that waits for approval";
    pages.push((heading.to_owned(), Page::Services(waits)));
    let mut put = |heading: &str, page| pages.push((heading.to_owned(), page));
    put(
        "Services of a phone that nobody configured",
        Page::Unconfigured(device(1)),
    );
    let phone = |number, description: &str| PhoneChoice {
        device: device(number),
        description: description.to_owned(),
    };
    let phones = vec![phone(1, "Lobby"), phone(2, "")];
    put("Several phones at one address", Page::Phones(phones));
    let known = |id, name: &str| Known {
        id: ObjectId(id),
        name: name.to_owned(),
    };
    let users = vec![known(1, "Alice Adler"), known(2, "Bob Brandt")];
    put("The last users of the phone", Page::Quick(users));
    let choice = |profile: &str| Choice {
        profile: ProfileName::new(profile).unwrap(),
        ticket: ticket(),
    };
    let profiles = vec![choice("alice-desk"), choice("alice-quiet")];
    put("Several profiles", Page::Profiles(profiles));
}

fn forms(pages: &mut Pages) {
    let blank = Form {
        login_type: LoginType::UserId,
        alphanumeric: true,
        star_and_pound: false,
        mistake: None,
        prefilled: String::new(),
        replaces: None,
        known: None,
    };
    let mut put = |heading: &str, form| pages.push((heading.to_owned(), Page::Form(form)));
    put("Login form", blank.clone());
    for (heading, mistake) in [
        ("Login form after a wrong PIN", Mistake::Wrong),
        ("Login form after an empty field", Mistake::Blank),
    ] {
        let form = Form {
            mistake: Some(mistake),
            prefilled: "alice".to_owned(),
            ..blank.clone()
        };
        put(heading, form);
    }
    for (heading, login_type) in [
        ("Login form, by extension", LoginType::DirectoryNumber),
        ("Login form, by self-service ID", LoginType::SelfService),
    ] {
        let form = Form {
            login_type,
            ..blank.clone()
        };
        put(heading, form);
    }
    let form = Form {
        replaces: Some(alice()),
        ..blank.clone()
    };
    put("Login form over somebody who is signed in", form);
    let known = Some(Known {
        id: ObjectId(1),
        name: "Alice Adler".to_owned(),
    });
    for (heading, mistake) in [
        ("PIN of one of the last users", None),
        (
            "PIN of one of the last users, after a wrong one",
            Some(Mistake::Wrong),
        ),
    ] {
        let form = Form {
            mistake,
            known: known.clone(),
            ..blank.clone()
        };
        put(heading, form);
    }
}

fn results(pages: &mut Pages) {
    let mut put = |heading: &str, page| pages.push((heading.to_owned(), page));
    let signed_in = |effect, moved_from, new_pin| {
        Page::SignedIn(SignedIn {
            name: "Alice Adler".to_owned(),
            profile: "alice-desk".to_owned(),
            effect,
            moved_from,
            new_pin,
        })
    };
    put("Signed in", signed_in(Effect::Restart, Vec::new(), false));
    put(
        "Signed in, with another language",
        signed_in(Effect::Twice, Vec::new(), false),
    );
    put(
        "Signed in, off the hook",
        signed_in(Effect::OnHook, Vec::new(), false),
    );
    put(
        "Signed in, with nothing to change",
        signed_in(Effect::AtOnce, Vec::new(), false),
    );
    let moved = signed_in(Effect::Restart, vec![device(2), device(3)], false);
    put("Signed in, and out elsewhere", moved);
    put(
        "Signed in, with a new PIN",
        signed_in(Effect::Restart, Vec::new(), true),
    );
    for (heading, may_replace) in [
        ("The logout question", false),
        (
            "The logout question, where one may sign in over somebody",
            true,
        ),
    ] {
        let question = Question {
            user: alice(),
            name: "Alice Adler".to_owned(),
            since: Timestamp(1_552_156_366_000),
            may_replace,
        };
        put(heading, Page::Question(question));
    }
    for (heading, effect) in [
        ("Signed out", Effect::Restart),
        ("Signed out, off the hook", Effect::OnHook),
        ("Signed out, with nothing to change", Effect::AtOnce),
    ] {
        put(heading, Page::SignedOut(SignedOut { effect }));
    }
    put("A trigger that is busy", Page::Busy);
}

fn pins(pages: &mut Pages) {
    let mut put = |heading: &str, page| pages.push((heading.to_owned(), page));
    let form = |mistake, ticket| {
        Page::ChangePin(ChangePinForm {
            login_type: LoginType::UserId,
            alphanumeric: true,
            star_and_pound: false,
            mistake,
            prefilled: String::new(),
            ticket,
        })
    };
    put("PIN change", form(None, None));
    put(
        "PIN change, after a wrong PIN",
        form(Some(Mistake::Wrong), None),
    );
    put(
        "PIN change, after an empty field",
        form(Some(Mistake::Blank), None),
    );
    put("PIN change that a login needs", form(None, Some(ticket())));
    put("PIN changed", Page::PinChanged);
    let characters = |star_and_pound| PinTrouble::Fault(PinFault::Characters { star_and_pound });
    for (heading, trouble) in [
        ("two different ones", PinTrouble::Differ),
        (
            "too short",
            PinTrouble::Fault(PinFault::TooShort { least: 5 }),
        ),
        (
            "too long",
            PinTrouble::Fault(PinFault::TooLong { most: 32 }),
        ),
        ("not of digits", characters(false)),
        ("not of digits, * and #", characters(true)),
        ("trivial", PinTrouble::Fault(PinFault::Trivial)),
        ("the present one", PinTrouble::Fault(PinFault::Same)),
        ("kept elsewhere", PinTrouble::KeptElsewhere),
    ] {
        let failed = PinFailed {
            trouble,
            ticket: None,
        };
        put(
            &format!("PIN not changed: {heading}"),
            Page::PinFailed(failed),
        );
    }
}

/// Numbers with a sentence of their own.
const TOLD: [u16; 26] = [
    4, 6, 7, 9, 11, 12, 18, 19, 22, 23, 25, 26, 28, 29, 30, 41, 47, 201, 202, 204, 205, 207, 208,
    210, 215, 216,
];
/// One of those that have none.
const PLAIN: u16 = 1;

fn assigner(pages: &mut Pages) {
    let mut put = |heading: &str, page| pages.push((heading.to_owned(), Page::Assigner(page)));
    let form = |mistake| {
        AssignerPage::Form(AssignerForm {
            alphanumeric: true,
            star_and_pound: false,
            mistake,
            prefilled: String::new(),
        })
    };
    put("Extension Assigner", form(None));
    put("Extension Assigner, wrong", form(Some(Mistake::Wrong)));
    let lobby = || "1001 Lobby SEP001122334455".to_owned();
    let choice = |phone: &str| AssignChoice {
        phone: phone.to_owned(),
        ticket: ticket(),
    };
    let phones = vec![choice(&lobby()), choice("1002 SEP001122334466")];
    put(
        "Extension Assigner, the phones",
        AssignerPage::Phones(phones),
    );
    for (heading, again) in [
        ("Extension Assigner, many phones", false),
        ("Extension Assigner, no such phone", true),
    ] {
        let ticket = ticket();
        put(heading, AssignerPage::Extension { ticket, again });
    }
    let (phone, ticket) = (lobby(), ticket());
    put(
        "Extension Assigner, sure?",
        AssignerPage::Question { phone, ticket },
    );
    put(
        "Extension Assigner, done",
        AssignerPage::Done { phone: lobby() },
    );
    for (heading, why) in [
        ("Extension Assigner, no phone", Word::AssignNone),
        ("Extension Assigner, configured", Word::AssignConfigured),
        ("Extension Assigner, not allowed", Word::AssignNotAllowed),
        ("Extension Assigner, in use", Word::AssignInUse),
        ("Extension Assigner, failed", Word::AssignFailed),
    ] {
        put(heading, AssignerPage::Sorry(why));
    }
}

fn failures(pages: &mut Pages) {
    for (failure, page) in every_failure() {
        let number = failure.number();
        if number == PLAIN || TOLD.contains(&number) {
            pages.push((format!("Error {number}"), page));
        }
    }
}

fn every_failure() -> impl Iterator<Item = (Failure, Page)> {
    let codes = Code::ALL.iter().copied().map(Failure::Service);
    let all = codes.chain(AppCode::ALL.iter().copied().map(Failure::Application));
    all.map(|failure| {
        let (about, next) = match failure.number() {
            11 => (About::Device(device(1)), Next::Leave),
            18 => (About::User(alice()), Next::SignOut),
            25 => (
                About::Devices(vec![device(2), device(3)]),
                Next::MoveHere { ticket: ticket() },
            ),
            6 | 9 | 12 | 23 | 26 | 201 | 204 | 208 | 210 => (About::Nothing, Next::Again),
            _ => (About::Nothing, Next::Leave),
        };
        let attempt = match failure {
            Failure::Service(Code::NoUserLoggedIn | Code::LogoutRequest) => Attempt::Logout,
            _ => Attempt::Login,
        };
        let failed = Failed {
            failure,
            attempt,
            about,
            next,
            reference: Reference::new([0, 31, 32, 255]),
        };
        (failure, Page::Failed(failed))
    })
}

/// Whatever number is not in the drawings has a page that is in them but for
/// the number.
#[test]
fn all_other_errors_look_like_one_that_is_drawn() {
    let wording = PhoneConfigs::load(None).unwrap().wording;
    for language in [
        Language::English,
        Language::German,
        Language::French,
        Language::Spanish,
    ] {
        let links = Links::new("http://192.0.2.1:8080", Some(&device(1)));
        let look = Look::plain(&wording, language, "CP-7961G", Charset::Utf8, links);
        let text = |page: &Page, number: u16| {
            let page = page.object(&look).to_bytes(Charset::Utf8);
            let page = String::from_utf8(page).unwrap();
            page.replace(&format!("({number})"), "(#)")
        };
        let pages: Vec<_> = every_failure()
            .map(|(failure, page)| (failure.number(), text(&page, failure.number())))
            .collect();
        let drawn = |number: &u16| *number == PLAIN || TOLD.contains(number);
        for (number, page) in pages.iter().filter(|(number, _)| !drawn(number)) {
            let like = |(other, text): &(u16, String)| drawn(other) && text == page;
            assert!(pages.iter().any(like), "{language:?} {number}: {page}");
        }
    }
}
