//! Phones that nobody configured ask for files where the site lets phones
//! register by themselves.

use super::*;
use crate::model::{AutoRegistration, ContactId, DirectoryNumber, Parameters};
use crate::ports::{Deliveries as _, FileSource as _};

const STRANGER: &str = "SEP00AABBCCDD01";
const FROM: &str = "192.0.2.50";

/// A house that takes phones in.
pub(super) fn open_house(change: impl FnOnce(&mut AutoRegistration)) -> House {
    let mut site = Site::with_steady_stamps();
    let mut rules = AutoRegistration {
        enabled: true,
        starting_directory_number: Some(DirectoryNumber::new("2900").unwrap()),
        ending_directory_number: Some(DirectoryNumber::new("2999").unwrap()),
        ..AutoRegistration::default()
    };
    change(&mut rules);
    site.apply(&Change::Parameters(Parameters {
        auto_registration: rules,
        ..Parameters::default()
    }));
    House::new(site, &[], Settings::default())
}

pub(super) fn fetch(house: &House, name: &str) -> String {
    said(&house.resolver.fetch(&ask(name.as_bytes(), FROM)))
}

#[test]
fn a_stranger_is_served_a_file_that_both_kinds_of_load_read() {
    let house = open_house(|_| {});
    let file = fetch(&house, &format!("{STRANGER}.cnf.xml"));
    assert_eq!(texts(&file, "ethernetPhonePort"), ["2000"]);
    assert_eq!(texts(&file, "sipPort"), ["5060"]);
    assert_eq!(texts(&file, "deviceProtocol"), ["SCCP"]);
    assert_eq!(
        texts(&file, "loadInformation"),
        [""],
        "it keeps what it runs"
    );
    assert!(
        file.contains(&format!("<name>{STRANGER}</name>")),
        "a line without a number"
    );
    let [contact] = texts(&file, "contact")[..] else {
        panic!("{file}");
    };
    let minted = contact
        .parse::<ContactId>()
        .unwrap()
        .read(&device(STRANGER), 1);
    assert!(minted.is_some(), "what it holds will be known by it");
    assert!(
        file.len() < 8 * 1024,
        "it may be a 7960: {} bytes",
        file.len()
    );
    let told = house.scene.journal(STRANGER);
    assert!(
        told.iter()
            .any(|line| line.contains("may register by itself")),
        "{told:?}"
    );
    assert!(
        house.store.world().phone(&device(STRANGER)).is_none(),
        "and nothing is stored"
    );
}

#[test]
fn the_site_says_which_load_is_meant_where_nothing_shows_it() {
    let house = open_house(|rules| rules.phone_protocol = Protocol::Sip);
    let name = format!("{STRANGER}.cnf.xml");
    let at = |seconds| *house.scene.now.lock().unwrap() = Duration::from_secs(seconds);
    assert_eq!(texts(&fetch(&house, &name), "deviceProtocol"), ["SIP"]);
    at(30);
    let again = fetch(&house, &name);
    assert_eq!(
        texts(&again, "deviceProtocol"),
        ["SCCP"],
        "that was of no use"
    );
    // Its locale archive tells more.
    fetch(&house, "English_United_States/mk-sip.jar");
    for later in [60, 90] {
        at(later);
        assert_eq!(texts(&fetch(&house, &name), "deviceProtocol"), ["SIP"]);
    }
    // Phones that ask over HTTP have no other.
    let house = open_house(|_| {});
    let over_http = FileRequest {
        service: FileService::Http,
        ..ask(name.as_bytes(), FROM)
    };
    let file = said(&house.resolver.fetch(&over_http));
    assert_eq!(
        texts(&file, "deviceProtocol"),
        ["SIP"],
        "such phones have no other"
    );
}

#[test]
fn an_old_sip_load_gets_lines_of_text_unless_it_has_the_other_file() {
    let house = open_house(|_| {});
    let text = format!("SIP{}.cnf", &STRANGER[3..]);
    let file = fetch(&house, &text);
    assert!(
        file.contains(&format!("line1_name: \"{STRANGER}\"")),
        "{file}"
    );
    let house = open_house(|_| {});
    assert!(fetch(&house, &format!("{STRANGER}.cnf.xml")).contains("<device>"));
    assert_eq!(fetch(&house, &text), "not found", "it picked its protocol");
}

#[test]
fn what_it_took_is_known_when_it_registers() {
    let house = open_house(|_| {});
    let request = ask(format!("{STRANGER}.cnf.xml").as_bytes(), FROM);
    let FileAnswer::Found { ticket, .. } = house.resolver.fetch(&request) else {
        panic!("not served");
    };
    house.resolver.delivered(&request, ticket);
    let last = house.resolver.last(&device(STRANGER)).unwrap();
    assert_eq!(last.peer, FROM.parse::<std::net::IpAddr>().unwrap());
}

#[test]
fn strict_sites_refused_phones_and_other_names_are_not_found() {
    let strict = open_house(|rules| rules.enabled = false);
    let name = format!("{STRANGER}.cnf.xml");
    assert_eq!(fetch(&strict, &name), "not found");
    assert_eq!(
        fetch(&strict, &format!("SIP{}.cnf", &STRANGER[3..])),
        "not found"
    );
    let refused = open_house(|_| {});
    refused
        .store
        .commit(&Change::RefusedPhones([device(STRANGER)].into()));
    assert_eq!(fetch(&refused, &name), "not found");
    let open = open_house(|_| {});
    assert_eq!(fetch(&open, "ATA00AABBCCDD01.cnf.xml"), "not found");
    assert_eq!(fetch(&open, "SEPDefault.cnf.xml"), "not found");
    // A configured phone is served its own.
    assert!(fetch(&open, &format!("{NEW}.cnf.xml")).contains("phoneServices"));
}
