//! No phone is told to load what is not there whole.

use super::*;
use crate::model::LoadName;
use crate::ports::{FileSource as _, StagedLoads as _};
use crate::provision::{loads_of_site, locales_of_site};

const LIST: &str = "jar41sip.9-4-2.sbn\r\ncnu41.9-4-2.sbn\r\n";
const LOAD: &str = "SIP41.9-4-2SR3-1S";

fn load(name: &str) -> LoadName {
    LoadName::new(name).unwrap()
}

/// A site where one phone should run a load, and the files that are staged.
fn house(statics: &[(&str, &str)]) -> House {
    let mut site = Site::new();
    site.change_phone(MIDDLE, |phone| phone.load = Some(load(LOAD)));
    House::new(site, statics, Settings::default())
}

fn boot(house: &House) -> String {
    let name = format!("{MIDDLE}.cnf.xml");
    said(&house.resolver.fetch(&ask(name.as_bytes(), "192.0.2.50")))
}

fn told(house: &House) -> String {
    texts(&boot(house), "loadInformation").concat()
}

#[test]
fn a_load_is_told_from_when_it_is_whole_until_a_part_is_gone() {
    let house = house(&[
        ("SIP41.9-4-2SR3-1S.loads", LIST),
        ("jar41sip.9-4-2.sbn", "x"),
    ]);
    assert_eq!(told(&house), "", "a part is missing");
    let stamp = texts(&boot(&house), "versionStamp").concat();
    let journal = house.scene.journal(MIDDLE);
    let notes: Vec<_> = journal
        .iter()
        .filter(|note| note.contains("load"))
        .collect();
    assert_eq!(notes.len(), 1, "told once of two boots: {journal:?}");
    assert!(notes[0].contains("cnu41.9-4-2.sbn missing"), "{notes:?}");

    std::fs::write(house.static_folder.join("cnu41.9-4-2.sbn"), "x").unwrap();
    assert_eq!(told(&house), "", "nobody has looked yet");
    house.resolver.rescan();
    assert_eq!(told(&house), LOAD);
    let now = texts(&boot(&house), "versionStamp").concat();
    assert_eq!(now, stamp, "what is wanted is the same all along");
    assert!(house.resolver.is_whole(&load(LOAD)));

    std::fs::remove_file(house.static_folder.join("jar41sip.9-4-2.sbn")).unwrap();
    assert_eq!(told(&house), "", "gone, and nobody has looked since");
    house.resolver.rescan();
    assert_eq!(told(&house), "");
    let journal = house.scene.journal(MIDDLE);
    let missing = |part: &str| {
        let what = format!("{part} missing; the phone keeps");
        journal.iter().filter(|note| note.contains(&what)).count()
    };
    assert_eq!(missing("cnu41.9-4-2.sbn"), 1, "{journal:?}");
    assert_eq!(
        missing("jar41sip.9-4-2.sbn"),
        2,
        "again after a look: {journal:?}"
    );
}

#[test]
fn the_phones_own_load_comes_before_its_pools_for_its_model() {
    let mut site = Site::new();
    let wanted = |site: &Site, name| site.wanted(name).file.load.map(|load| load.to_string());
    let bare = site.wanted(NEW).stamps;
    assert_eq!(wanted(&site, MIDDLE), None);
    let mut pool = DevicePool::default_pool();
    pool.loads = BTreeMap::from([(ModelName::new("7961").unwrap(), load("SCCP41.9-4-2S"))]);
    pool.time_zone = Some("Europe/Berlin".to_owned());
    pool.ntp = vec!["192.0.2.123".to_owned()];
    let before = site.wanted(MIDDLE).stamps;
    site.apply(&Change::PutPool(pool));
    assert_eq!(wanted(&site, MIDDLE).as_deref(), Some("SCCP41.9-4-2S"));
    assert_eq!(wanted(&site, NEW), None);
    assert_eq!(site.wanted(NEW).stamps, bare, "of no concern to an 8841");
    assert_ne!(
        site.wanted(MIDDLE).stamps.file,
        before.file,
        "it is to restart"
    );
    site.change_phone(MIDDLE, |phone| phone.load = Some(load(LOAD)));
    assert_eq!(wanted(&site, MIDDLE).as_deref(), Some(LOAD));
}

#[test]
fn every_dialect_tells_the_load_and_no_unknown_phone_does() {
    for (name, of) in [
        (OLD, "P0030801SR02"),
        (MIDDLE, LOAD),
        (NEW, "sip88xx.12-5-1"),
    ] {
        let mut site = Site::new();
        site.change_phone(name, |phone| phone.load = Some(load(of)));
        let list = format!("{of}.loads");
        let house = House::new(
            site,
            &[(&list, "a.sbn\n"), ("a.sbn", "x")],
            Settings::default(),
        );
        let file = said(
            &house
                .resolver
                .fetch(&ask(format!("{name}.cnf.xml").as_bytes(), "192.0.2.50")),
        );
        assert!(
            file.contains(&format!("\n  <loadInformation>{of}</loadInformation>")),
            "{file}"
        );
        let default = said(
            &house
                .resolver
                .fetch(&ask(b"XMLDefault.cnf.xml", "192.0.2.50")),
        );
        assert!(!default.contains(of), "{default}");
    }
}

#[test]
fn an_operator_is_told_which_phones_keep_their_load_and_miss_their_locale() {
    let mut site = Site::new();
    for name in [OLD, MIDDLE, NEW] {
        site.change_phone(name, |phone| {
            phone.load = Some(load("SCCP41.9-4-2S"));
            phone.locale = Some("German_Germany".to_owned());
        });
    }
    site.change_phone(MIDDLE, |phone| phone.protocol = Some(Protocol::Sip));
    let house = House::new(
        site,
        &[("packs/German_Germany/mk-sip.jar", "x")],
        Settings::default(),
    );
    let report = |house: &House, runs: Option<&str>| {
        let (files, world) = (house.resolver.static_files(), house.store.world());
        let catalogue = PhoneConfigs::load(None).unwrap().catalogue;
        let mut told = loads_of_site(&files, &world, &catalogue, &|_| runs.map(str::to_owned));
        told.extend(locales_of_site(&files, &world, &catalogue));
        told
    };
    let before = report(&house, None);
    assert_eq!(before.len(), 4, "{before:?}");
    assert!(
        before[0].contains("speaks SCCP, and protocol SIP is set"),
        "{before:?}"
    );
    assert_eq!(
        before[1],
        format!(
            "load SCCP41.9-4-2S is not staged: {OLD}, {MIDDLE}, {NEW} are told to keep the load \
             they run"
        )
    );
    assert!(
        before[2]
            .contains("it lies at packs/German_Germany/mk-sip.jar, and phones look at the top"),
        "{before:?}"
    );
    assert!(
        before[3].starts_with("German_Germany/sl-be-sip.jar is missing"),
        "{before:?}"
    );

    for (name, text) in [("SCCP41.9-4-2S.loads", "a.sbn\n"), ("a.sbn", "x")] {
        std::fs::write(house.static_folder.join(name), text).unwrap();
    }
    let german = house.static_folder.join("German_Germany");
    std::fs::create_dir(&german).unwrap();
    for name in ["mk-sip.jar", "sl-be-sip.jar"] {
        std::fs::write(german.join(name), "x").unwrap();
    }
    house.resolver.rescan();
    assert_eq!(report(&house, Some("SCCP41.8-5-4S")).len(), 1);
    let told = report(&house, Some("SCCP41.8-2-1S"));
    assert_eq!(told.len(), 4, "three of them run too old a load: {told:?}");
}
