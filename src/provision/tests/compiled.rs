//! Devices whose boot file is compiled: the first generation, and adapters.

use super::*;
use crate::ports::{Deliveries, FileSource};

const FIRST: &str = "SEP0007EB000010";
const ADAPTER: &str = "ATA0007EB000011";

fn site() -> Site {
    let mut site = Site::new();
    for (id, name, model) in [(51, FIRST, "7910"), (52, ADAPTER, "ATA186")] {
        let lines = vec![line("1051", Some("Lobby"))];
        site.apply(&Change::PutPhone(Box::new(phone(id, name, model, lines))));
    }
    site
}

fn house(statics: &[(&str, &str)]) -> House {
    House::new(site(), statics, Settings::default())
}

fn answer(house: &House, name: &str) -> FileAnswer {
    house.resolver.fetch(&ask(name.as_bytes(), "192.0.2.50"))
}

fn octets(house: &House, name: &str) -> Vec<u8> {
    match answer(house, name) {
        FileAnswer::Found { body, .. } => body.to_vec(),
        other => panic!("{name}: {}", said(&other)),
    }
}

#[test]
fn a_phone_of_the_first_generation_is_told_whom_to_register_with() {
    let house = house(&[]);
    let file = octets(&house, "SEP0007EB000010.cnf");
    let begin =
        b"\x01\x01\0\x01\x02\xc0\0\x02\x01\x01\x03\xd0\x07\0\0\x05\x07\0http://192.0.2.1/local";
    assert!(file.starts_with(begin), "{file:02x?}");
    assert!(file.ends_with(b"\0\x01\xff"), "{file:02x?}");
    assert_eq!(house.scene.journal(FIRST), ["sent"]);
    // In any spelling; and later loads ask for the short file.
    assert_eq!(octets(&house, "sep0007eb000010.CNF"), file);
    assert!(said(&answer(&house, "SEP0007EB000010.cnf.xml")).contains("<ethernetPhonePort>2000"));
}

#[test]
fn an_adapter_is_told_in_its_profile_and_asked_to_look_for_more() {
    let house = house(&[]);
    let file = octets(&house, "ata0007eb000011");
    assert!(file.starts_with(b"#ata\xff\xfe\x04"), "{file:02x?}");
    for part in [
        &b"\x14\x01\x01"[..],
        b"\x1d\x09192.0.2.1",
        b"\x2c\x01.",
        b"\x39\x04\x90\0\x04\0",
        b"\x43\x010",
    ] {
        assert!(
            file.windows(part.len()).any(|it| it == part),
            "{part:02x?} in {file:02x?}"
        );
    }
    let more = said(&answer(&house, "ATA0007EB000011.cnf.xml"));
    assert!(more.contains("<processNodeName>192.0.2.1<"), "{more}");
    assert_eq!(house.scene.journal(ADAPTER), ["sent", "sent"]);
}

/// Loads of before the XML files, from 2001, know no other.
#[test]
fn a_7960_with_its_first_loads_is_told_too_unless_it_speaks_sip() {
    let mut site = site();
    let records = b"\x01\x01\0\x01\x02\xc0\0\x02\x01";
    let file = octets(&house(&[]), "SEP0007EB000060.cnf");
    assert!(file.starts_with(records), "{file:02x?}");
    site.change_phone(OLD, |phone| phone.protocol = Some(Protocol::Sip));
    let house = House::new(site, &[], Settings::default());
    assert_eq!(said(&answer(&house, "SEP0007EB000060.cnf")), "not found");
}

/// It counts as its boot file: Embody knows what it holds.
#[test]
fn who_took_it_holds_what_is_wanted() {
    let house = house(&[]);
    let request = ask(b"SEP0007EB000010.cnf", "192.0.2.50");
    let FileAnswer::Found { ticket, .. } = house.resolver.fetch(&request) else {
        panic!("not found");
    };
    house.resolver.delivered(&request, ticket);
    let wanted = site().wanted(FIRST).stamps.file;
    assert_eq!(house.resolver.last(&device(FIRST)).unwrap().file, wanted);
    assert_eq!(
        *house.scene.taken.lock().unwrap(),
        [(device(FIRST), wanted)]
    );
}

#[test]
fn nobody_else_is_given_one() {
    let house = house(&[]);
    for name in [
        "SEP001A2B000061.cnf",
        "SEP00C1B1000041.cnf",
        "SEP0123456789AB.cnf",
        "ata0007eb000010",
        "ata0123456789ab",
        "ata0007eb00001",
        "ata0007eb000011.x",
        "SEP0007EB00001.cnf",
        "SEP0007EB000011.cnf",
    ] {
        assert_eq!(said(&answer(&house, name)), "not found", "{name}");
    }
}

/// A wrong *not found* brings up what a phone has in its memory.
#[test]
fn whose_model_is_not_known_now_is_told_to_come_again() {
    let mut site = site();
    site.change_phone(FIRST, |phone| {
        phone.model = ModelName::new("7911X").unwrap();
    });
    let house = House::new(site, &[], Settings::default());
    assert_eq!(said(&answer(&house, "SEP0007EB000010.cnf")), "busy");
    let closed = House::closed(self::site(), &[], Settings::default());
    assert_eq!(said(&answer(&closed, "SEP0007EB000010.cnf")), "busy");
}

/// The port of the second call manager is that of the first.
#[test]
fn an_adapter_is_told_two_call_managers_with_their_port() {
    let mut site = site();
    let mut pool = DevicePool::default_pool();
    pool.call_managers = vec!["192.0.2.1".to_owned(), "192.0.2.2".to_owned()];
    site.apply(&Change::PutPool(pool));
    let ctx = RenderContext {
        host: "192.0.2.9",
        ports: AdvertisedPorts {
            sccp: Some(12000),
            ..PORTS
        },
        host_time_zone: "Europe/London",
        now: NOW,
    };
    let wanted = site.wanted(ADAPTER);
    let file = site
        .renderer
        .compiled_file(&wanted, Dialect::AtaProfile, &ctx)
        .unwrap();
    for part in [&b"\x1d\x0f192.0.2.1:12000"[..], b"\x43\x0f192.0.2.2:12000"] {
        assert!(file.windows(part.len()).any(|it| it == part), "{file:02x?}");
    }
}

#[test]
fn phones_that_nobody_configured_find_a_default() {
    let house = house(&[]);
    let default = octets(&house, "SEPDefault.cnf");
    assert!(default.starts_with(b"\x01\x01\0\x01\x02\xc0\0\x02\x01"));
    assert_eq!(octets(&house, "SEPDEFAULT.cnf"), default);
}

/// Nobody published these forms: what the tool of a series made is better.
#[test]
fn a_file_of_the_operator_s_own_stands_before_ours() {
    let own = [
        ("SEP0007EB000010.cnf", "one"),
        ("ata0007eb000011", "two"),
        ("SEPDefault.cnf", "three"),
    ];
    let house = house(&own);
    for (name, text) in own {
        assert_eq!(octets(&house, name), text.as_bytes());
    }
    let told = ["was given SEP0007EB000010.cnf of the folder of static files"];
    assert_eq!(house.scene.journal(FIRST), told);
}

#[test]
fn a_name_stands_where_there_is_no_address() {
    let site = site();
    let made = |name: &str, host: &str, sccp: u16| {
        let ctx = RenderContext {
            host,
            ports: AdvertisedPorts {
                sccp: Some(sccp),
                ..PORTS
            },
            host_time_zone: "Europe/London",
            now: NOW,
        };
        {
            let wanted = site.wanted(name);
            let dialect = wanted.file.dialect;
            site.renderer.compiled_file(&wanted, dialect, &ctx)
        }
    };
    let file = made(FIRST, "pbx.example", 2000).unwrap();
    assert!(
        file.starts_with(b"\x01\x01pbx.example\0\x01\x02\0\0\0\0\x01\x03"),
        "{file:02x?}"
    );
    let file = made(ADAPTER, "pbx.example", 12000).unwrap();
    let host = b"\x1d\x11pbx.example:12000";
    assert!(file.windows(host.len()).any(|it| it == host), "{file:02x?}");
    // Adapters take 31 characters.
    let long = "a-name-of-more-than-thirty-one.example";
    let error = made(ADAPTER, long, 2000).unwrap_err().to_string();
    assert!(
        error.contains("of what it renders to has a value"),
        "{error}"
    );
    assert!(!error.contains(long), "{error}");
}
