//! Every page in every language, on every kind of display.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::*;
use crate::emapi::{AppCode, Attempt, Code};
use crate::http::services::look::{Links, Look};
use crate::model::{LoginType, MenuEntry, ObjectId, ProfileName, Timestamp, UserId};
use crate::phonexml::{Charset, Strictness, limits, parse_with_charset};
use crate::ports::PinFault;
use crate::provision::{Language, PhoneConfigs, Room, Wording};

fn wording() -> Arc<Wording> {
    PhoneConfigs::load(None).unwrap().wording
}

fn device(number: u8) -> DeviceName {
    DeviceName::from_mac([0, 0x11, 0x22, 0x33, 0x44, number])
}

/// The longest and oddest values that a site can have.
struct Values {
    name: String,
    user: UserId,
    profile: String,
    devices: Vec<DeviceName>,
}

fn values() -> [Values; 2] {
    [
        Values {
            name: "Bob Brandt".to_owned(),
            user: UserId::new("bob").unwrap(),
            profile: "bob".to_owned(),
            devices: vec![device(1)],
        },
        Values {
            name: "\u{dc}\u{142}\u{446}<&>\"' \u{96fb}\u{1F4DE}".repeat(13),
            user: UserId::new(&"\u{142}\u{fc}\u{20ac}\u{96fb}<&".repeat(21)).unwrap(),
            profile: "\u{446}\u{153}\u{142}<&".repeat(10),
            devices: (0..40).map(device).collect(),
        },
    ]
}

fn forms(values: &Values) -> Vec<Page> {
    let mut pages = Vec::new();
    for login_type in [
        LoginType::UserId,
        LoginType::DirectoryNumber,
        LoginType::SelfService,
    ] {
        for mistake in [None, Some(Mistake::Wrong), Some(Mistake::Blank)] {
            for known in [
                None,
                Some(Known {
                    id: ObjectId(i64::MAX),
                    name: values.name.clone(),
                }),
            ] {
                for replaces in [None, Some(values.user.clone())] {
                    pages.push(Page::Form(Form {
                        login_type,
                        alphanumeric: true,
                        star_and_pound: true,
                        mistake,
                        prefilled: values.user.to_string(),
                        replaces,
                        known: known.clone(),
                    }));
                }
            }
            for ticket in [None, Some("0".repeat(32))] {
                pages.push(Page::ChangePin(ChangePinForm {
                    login_type,
                    alphanumeric: false,
                    star_and_pound: false,
                    mistake,
                    prefilled: values.user.to_string(),
                    ticket,
                }));
            }
        }
    }
    pages
}

fn results(values: &Values) -> Vec<Page> {
    let mut pages = vec![
        Page::PinChanged,
        Page::Busy,
        Page::Unconfigured(device(1)),
        Page::Quick(vec![
            Known {
                id: ObjectId(1),
                name: values.name.clone(),
            };
            10
        ]),
        Page::Profiles(vec![
            Choice {
                profile: ProfileName::new(&values.profile).unwrap(),
                ticket: "0".repeat(32),
            };
            5
        ]),
        Page::Phones(vec![
            PhoneChoice {
                device: device(1),
                description: values.name.clone(),
            };
            100
        ]),
    ];
    for effect in [
        Effect::Restart,
        Effect::Twice,
        Effect::OnHook,
        Effect::AtOnce,
    ] {
        pages.push(Page::SignedOut(SignedOut { effect }));
        for new_pin in [false, true] {
            pages.push(Page::SignedIn(SignedIn {
                name: values.name.clone(),
                profile: values.profile.clone(),
                effect,
                moved_from: values.devices.clone(),
                new_pin,
            }));
        }
    }
    for may_replace in [false, true] {
        pages.push(Page::Question(Question {
            user: values.user.clone(),
            name: values.name.clone(),
            since: Timestamp(i64::MAX),
            may_replace,
        }));
    }
    for (door, signed_in, entries) in [(false, false, 0), (true, false, 100), (true, true, 3)] {
        pages.push(Page::Services(ServicesMenu {
            entries: vec![
                MenuEntry {
                    name: values.name.clone(),
                    url: "Dial:112".to_owned(),
                };
                entries
            ],
            door,
            signed_in,
            assigner: !door,
        }));
    }
    pages.extend(assigner(values).into_iter().map(Page::Assigner));
    pages
}

fn assigner(values: &Values) -> Vec<AssignerPage> {
    let ticket = "0".repeat(32);
    let form = |mistake| {
        AssignerPage::Form(AssignerForm {
            alphanumeric: true,
            star_and_pound: true,
            mistake,
            prefilled: values.user.to_string(),
        })
    };
    let choice = AssignChoice {
        phone: values.name.clone(),
        ticket: ticket.clone(),
    };
    let mut pages = vec![
        form(None),
        form(Some(Mistake::Wrong)),
        form(Some(Mistake::Blank)),
        AssignerPage::Phones(vec![choice; 90]),
        AssignerPage::Question {
            phone: values.name.clone(),
            ticket: ticket.clone(),
        },
        AssignerPage::Done {
            phone: values.name.clone(),
        },
    ];
    for again in [false, true] {
        let ticket = ticket.clone();
        pages.push(AssignerPage::Extension { ticket, again });
    }
    for why in [
        Word::AssignNone,
        Word::AssignConfigured,
        Word::AssignNotAllowed,
        Word::AssignFailed,
        Word::AssignInUse,
    ] {
        pages.push(AssignerPage::Sorry(why));
    }
    pages
}

fn troubles(values: &Values) -> Vec<Page> {
    let faults = [
        PinFault::TooShort { least: 255 },
        PinFault::TooLong { most: 255 },
        PinFault::Characters {
            star_and_pound: false,
        },
        PinFault::Characters {
            star_and_pound: true,
        },
        PinFault::Trivial,
        PinFault::Same,
    ];
    let faults = faults.into_iter().map(PinTrouble::Fault);
    let mut pages: Vec<Page> = faults
        .chain([PinTrouble::Differ, PinTrouble::KeptElsewhere])
        .flat_map(|trouble| {
            [None, Some("0".repeat(32))]
                .map(|ticket| Page::PinFailed(PinFailed { trouble, ticket }))
        })
        .collect();
    let codes = Code::ALL.iter().copied().map(Failure::Service);
    let all = codes.chain(AppCode::ALL.iter().copied().map(Failure::Application));
    for failure in all {
        for attempt in [Attempt::Login, Attempt::Logout] {
            let next = match failure.number() {
                25 => Next::MoveHere {
                    ticket: "0".repeat(32),
                },
                18 => Next::SignOut,
                6 => Next::Again,
                _ => Next::Leave,
            };
            pages.push(Page::Failed(Failed {
                failure,
                attempt,
                about: match failure.number() {
                    11 => About::Device(device(1)),
                    18 => About::User(values.user.clone()),
                    25 => About::Devices(values.devices.clone()),
                    _ => About::Nothing,
                },
                next,
                reference: Reference::new([0, 31, 32, 255]),
            }));
        }
    }
    pages
}

fn every_page(values: &Values) -> Vec<Page> {
    [forms(values), results(values), troubles(values)].concat()
}

fn look(language: Language, model: &str, charset: Charset) -> Look {
    let host = "h".repeat(100);
    let links = Links::new(&format!("http://{host}:65535"), Some(&device(1)));
    let links = links.by("/emapp/EMAppServlet", Some(LoginType::UserId));
    Look::plain(&wording(), language, model, charset, links)
}

#[test]
fn every_page_in_every_language_fits_every_display_whole() {
    let looks = [
        ("7960", Charset::Latin1),
        ("7961", Charset::Utf8),
        ("6941", Charset::Latin1),
        ("8841", Charset::Utf8),
    ];
    for language in Language::ALL {
        for (model, charset) in looks {
            let look = look(language, model, charset);
            for values in values() {
                for page in every_page(&values) {
                    let told = format!("{language:?} {model} {page:?}");
                    let object = page.object(&look);
                    let bytes = object.to_bytes(charset);
                    let read = parse_with_charset(&bytes, Some(charset.name()), Strictness::Strict);
                    let read = read.unwrap_or_else(|fault| panic!("{fault}: {told}"));
                    let frame = read.frame().unwrap();
                    assert!(!frame.title.is_empty(), "{told}");
                    assert!(frame.soft_keys.doing(SoftKey::Exit).is_some(), "{told}");
                    let mut places: Vec<_> =
                        frame.soft_keys.iter().map(|key| key.position).collect();
                    places.sort_unstable();
                    places.dedup();
                    assert_eq!(places.len(), frame.soft_keys.len(), "{told}");
                    assert_eq!(frame.soft_keys.dropped(), 0, "{told}");
                    for key in &frame.soft_keys {
                        let shown = charset.transliterate(key.name.as_str()).chars().count();
                        assert!(shown <= Room::Key.characters(), "{} {told}", key.name);
                    }
                    if let Page::Failed(failed) = &page {
                        let code = format!("({})", failed.failure.number());
                        assert!(frame.prompt.as_str().contains(&code), "{told}");
                        let Object::Text(text) = &read else {
                            panic!("{told}")
                        };
                        let lines: Vec<&str> = text.text.as_str().lines().collect();
                        assert!(lines[0].contains(&code) && lines[1].len() > 20, "{told}");
                        assert!(lines.last().unwrap().ends_with("2Z2Z"), "{told}");
                    }
                }
            }
        }
    }
}

/// Whatever the values are: it is they that are cut, and not the text.
#[test]
fn a_name_that_is_too_long_is_cut_and_the_rest_stays() {
    let look = look(Language::English, "7960", Charset::Latin1);
    let prompt = |user: &str| look.say(Word::LogoutPrompt, &[("user", user)]);
    assert_eq!(prompt("bob"), "Logout bob?");
    let long = prompt(&"x".repeat(90));
    assert_eq!(long.chars().count(), 32);
    assert!(
        long.starts_with("Logout xxx") && long.ends_with("x?"),
        "{long}"
    );
    // A letter that is written as several counts as several.
    let long = prompt(&"\u{20ac}".repeat(20));
    assert!(long.chars().count() <= 32 && long.ends_with('?'), "{long}");
    let both = [("name", "n".repeat(400)), ("user", "u".repeat(400))];
    let both: Vec<(&str, &str)> = both.iter().map(|(p, v)| (*p, v.as_str())).collect();
    let said = look.say(Word::LogoutQuestion, &both);
    assert!(
        said.ends_with("is signed in on this phone. Sign out?"),
        "{said}"
    );
}

/// The rooms are those of the phone's schema.
#[test]
fn a_word_has_no_more_room_than_the_phone_gives_it() {
    for (room, limit) in [
        (Room::Key, limits::SOFT_KEY_NAME),
        (Room::Title, limits::TITLE),
        (Room::Prompt, limits::PROMPT),
        (Room::Field, limits::DISPLAY_NAME),
        (Room::Item, limits::MENU_NAME),
        (Room::Text, limits::TEXT),
    ] {
        assert!(room.characters() <= limit, "{room:?}");
    }
}

/// Feature Configuration Guide, Extension Mobility error codes: the English
/// words are Cisco's.
#[test]
fn the_english_texts_of_the_codes_are_cisco_s() {
    let look = look(Language::English, "7961", Charset::Utf8);
    let said = |failure: Failure, attempt: Attempt| {
        let page = Page::Failed(Failed {
            failure,
            attempt,
            about: About::Nothing,
            next: Next::Leave,
            reference: Reference::new([0; 4]),
        });
        page.object(&look).frame().unwrap().prompt.to_string()
    };
    for attempt in [Attempt::Login, Attempt::Logout] {
        // What arises here; the others are for what is between clusters.
        for code in [
            0, 4, 5, 6, 7, 9, 11, 12, 18, 19, 22, 23, 25, 26, 28, 29, 30, 41, 47,
        ] {
            let code = Code::from_number(code).unwrap();
            assert_eq!(
                said(Failure::Service(code), attempt),
                code.phone_text(attempt)
            );
        }
        for code in [201, 202, 204, 205, 207, 208, 210, 215, 216] {
            let code = AppCode::from_number(code).unwrap();
            let text = code.phone_text(attempt);
            assert_eq!(said(Failure::Application(code), attempt), text);
        }
    }
}

/// The old 7900s do not know a fifth key, and a form has three of its own.
#[test]
fn the_keys_of_the_form_are_where_each_generation_has_them() {
    let keys = |model: &str| {
        let form = every_page(&values()[0]).into_iter().next().unwrap();
        let object = form.object(&look(Language::English, model, Charset::Utf8));
        let keys = &object.frame().unwrap().soft_keys;
        let mut keys: Vec<(i8, String)> = keys
            .iter()
            .map(|key| (key.position.number(), key.name.to_string()))
            .collect();
        keys.sort();
        keys.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(keys("7961"), ["Submit", "<<", "Cancel", "New PIN"]);
    assert_eq!(keys("8841"), ["Cancel", "Submit", "<<", "New PIN"]);
}
