//! 7905 and 7912 with SIP loads: all that they read is a profile that is
//! compiled.

use super::newcomers::open_house;
use super::*;
use crate::ports::{Deliveries, FileSource};

const SMALL: &str = "SEP0007EB000012";
const PROFILE: &str = "gk0007eb000012";
const FROM: &str = "192.0.2.50";

fn site(protocol: Option<Protocol>) -> Site {
    let mut site = Site::new();
    let lines = vec![line("1051", Some("Empf\u{e4}ng"))];
    site.apply(&Change::PutPhone(Box::new(phone(61, SMALL, "7912", lines))));
    site.change_phone(SMALL, |phone| phone.protocol = protocol);
    site
}

fn house(site: Site) -> House {
    House::new(site, &[], Settings::default())
}

fn answer(house: &House, name: &str) -> FileAnswer {
    house.resolver.fetch(&ask(name.as_bytes(), FROM))
}

/// Texts of parameters by their tags, which are found with what stands before.
fn holds(answer: &FileAnswer, parameter: &[u8]) -> bool {
    let FileAnswer::Found { body, .. } = answer else {
        panic!("{}", said(answer));
    };
    assert!(body.starts_with(b"#ata\xff\xfe\x04"), "{body:02x?}");
    body.windows(parameter.len()).any(|it| it == parameter)
}

#[test]
fn its_profile_says_where_and_as_whom_it_registers() {
    let house = house(site(Some(Protocol::Sip)));
    let file = answer(&house, PROFILE);
    for parameter in [
        // Proxy, no outbound proxy, port, and that it registers.
        &b"\x1d\x09192.0.2.1"[..],
        b"\x4b\x010",
        b"\x45\x04\0\0\x13\xc4",
        b"\x13\x01\x01",
        // User, login and password.
        b"\x19\x041051",
        b"\x15\x01\x01",
        b"\x2c\x0fSEP0007EB000012",
        b"\x1a\x14Abcdefghij0123456789",
        // Its instance is in REGISTER.
        b"\x39\x04\0\0\0\x10",
        // Names in ASCII, and nothing of the last user.
        b"\x83\xfb\x07Empfang",
        b"\x83\xeb\x010",
        b"\x83\xf2\x01\0",
        b"\x83\xe9\x36http://192.0.2.1:8080/ccmcip/menu?name=SEP0007EB000012",
    ] {
        assert!(holds(&file, parameter), "{parameter:02x?}");
    }
    assert_eq!(house.scene.journal(SMALL), ["sent"]);
    // The same under the name that a 7905 asks for.
    assert_eq!(said(&answer(&house, "ld0007eb000012")), said(&file));
    assert!(!format!("{:?}", house.scene.journal(SMALL)).contains(SECRET));
}

#[test]
fn a_port_of_its_own_goes_to_the_outbound_proxy() {
    let site = site(Some(Protocol::Sip));
    let ctx = RenderContext {
        host: "192.0.2.9",
        ports: AdvertisedPorts {
            sip: Some(15060),
            ..PORTS
        },
        host_time_zone: "Europe/London",
        now: NOW,
    };
    let made = site
        .renderer
        .compiled_file(&site.wanted(SMALL), Dialect::SipProfile, &ctx);
    let made = made.unwrap();
    for parameter in [
        &b"\x1d\x09192.0.2.9"[..],
        b"\x4b\x0f192.0.2.9:15060",
        // Central Europe in summer.
        b"\x38\x04\0\0\0\x02",
    ] {
        let stands = made.windows(parameter.len()).any(|it| it == parameter);
        assert!(stands, "{parameter:02x?} in {made:02x?}");
    }
}

#[test]
fn who_took_it_holds_what_is_wanted() {
    let house = house(site(Some(Protocol::Sip)));
    let request = ask(PROFILE.as_bytes(), FROM);
    let FileAnswer::Found { ticket, .. } = house.resolver.fetch(&request) else {
        panic!("not found");
    };
    house.resolver.delivered(&request, ticket);
    let wanted = house.store.world().phone(&device(SMALL)).cloned().unwrap();
    assert_eq!(wanted.name, device(SMALL));
    assert!(house.resolver.last(&device(SMALL)).is_some());
    assert_eq!(house.scene.taken.lock().unwrap().len(), 1);
}

/// With secrets in it, it goes where the phone is.
#[test]
fn it_is_not_given_to_another_address_where_files_are_restricted() {
    let settings = Settings {
        restrict_files: true,
        ..Settings::default()
    };
    let house = House::new(site(Some(Protocol::Sip)), &[], settings);
    house.scene.register(SMALL, "192.0.2.77");
    assert!(said(&answer(&house, PROFILE)).starts_with("refused"));
    house.scene.register(SMALL, FROM);
    assert!(holds(&answer(&house, PROFILE), b"\x19\x041051"));
}

/// Nothing else asks for a profile first: SCCP loads do so behind their file.
#[test]
fn a_sip_load_is_known_by_its_first_question_and_an_sccp_load_by_its_file() {
    let shown = |house: &House| house.scene.shown.lock().unwrap().clone();
    for protocol in [None, Some(Protocol::Sccp)] {
        let house = house(site(protocol));
        assert_eq!(said(&answer(&house, PROFILE)), "busy", "it asks again");
        assert_eq!(shown(&house), [(device(SMALL), Protocol::Sip)]);
    }
    let first = house(site(None));
    let file = said(&answer(&first, "SEP0007eb000012.cnf.xml"));
    assert!(file.contains("<deviceProtocol>SCCP<"), "{file}");
    assert_eq!(said(&answer(&first, PROFILE)), "not found");
    assert_eq!(shown(&first), []);

    let other = house(site(Some(Protocol::Sip)));
    assert_eq!(said(&answer(&other, "SEP0007eb000012.cnf.xml")), "busy");
    assert_eq!(shown(&other), [(device(SMALL), Protocol::Sccp)]);
}

/// A bench behind one router: who took which file is told apart by its name.
#[test]
fn sccp_loads_that_boot_together_are_taken_for_what_they_are() {
    const OTHER: &str = "SEP0007EB000013";
    let mut site = site(Some(Protocol::Sccp));
    let lines = vec![line("1052", None)];
    site.apply(&Change::PutPhone(Box::new(phone(62, OTHER, "7905", lines))));
    let house = house(site);
    for name in [SMALL, OTHER] {
        let file = said(&answer(&house, &format!("{name}.cnf.xml")));
        assert!(file.contains("<deviceProtocol>SCCP<"));
    }
    for name in [PROFILE, "ld0007eb000013"] {
        assert_eq!(said(&answer(&house, name)), "not found");
    }
    assert!(house.scene.shown.lock().unwrap().is_empty());
}

/// It was given another load while it was registered: from its own address it
/// is the phone that asks, and no profile goes to an SCCP load.
#[test]
fn a_registered_phone_that_comes_back_with_another_load_is_believed() {
    let house = house(site(Some(Protocol::Sip)));
    house.scene.register(SMALL, FROM);
    let xml = format!("{SMALL}.cnf.xml");
    assert_eq!(said(&answer(&house, &xml)), "busy");
    let shown = house.scene.shown.lock().unwrap().clone();
    assert_eq!(shown, [(device(SMALL), Protocol::Sccp)]);
}

/// Whoever asks in the name of a phone that is well changes nothing.
#[test]
fn of_a_registered_phone_questions_show_nothing() {
    for (protocol, name) in [
        (Protocol::Sccp, PROFILE),
        (Protocol::Sip, "SEP0007EB000012.cnf.xml"),
    ] {
        let house = house(site(Some(protocol)));
        house.scene.register(SMALL, "192.0.2.77");
        let answer = said(&answer(&house, name));
        assert!(answer == "not found" || answer.contains("<deviceProtocol>SCCP<"));
        assert!(house.scene.shown.lock().unwrap().is_empty());
    }
}

#[test]
fn one_that_nobody_configured_may_register_by_itself() {
    let house = open_house(|_| {});
    // An SCCP load goes on from its file.
    let name = "SEP0007EB000013.cnf.xml";
    assert!(said(&answer(&house, name)).contains("SEP0007EB000013"));
    assert_eq!(said(&answer(&house, "gk0007eb000013")), "not found");
    let file = answer(&house, PROFILE);
    assert!(holds(&file, b"\x19\x0fSEP0007EB000012"), "its own name");
    assert!(holds(&file, b"\x1a\x010"), "no secret");
    let closed = self::house(Site::new());
    assert_eq!(said(&answer(&closed, PROFILE)), "not found");
}
