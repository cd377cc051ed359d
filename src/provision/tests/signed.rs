//! Phones that hold a trust list, or would take one.

use super::*;
use crate::ports::{Deliveries as _, FileSource as _};
use crate::provision::trust::{
    Certificate, Owner, SignedFile, Signing, SigningSettings, TrustFolder, Verdict, verify,
};

const STATICS: [(&str, &str); 9] = [
    ("Ringlist-wb.xml", "<CiscoIPPhoneRingList/>"),
    ("Desktops/320x196x4/List.xml", "<CiscoIPPhoneImageList/>"),
    ("English_United_States/gh-sip.jar", "PK"),
    ("sip88xx.12-8-1.loads", "parts"),
    ("BOOT69xx.0-0-0-14.zz.sgn", "firmware"),
    ("AppDialRules.xml.sgn", "signed elsewhere"),
    // Left over from the call manager that was here before.
    ("SEP00C1B1000041.cnf.xml.sgn", "of another"),
    ("XMLDefault.cnf.xml.sgn", "of another"),
    ("softkeys.xml.sgn", "of another"),
];

/// Has a house sign: with which certificate, and where its key is.
fn sign(house: &House) -> (Certificate, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let folder = TrustFolder::of(data.path());
    let owner = Owner {
        name: "site".to_owned(),
        unit: "Phones".to_owned(),
        organization: "Example".to_owned(),
    };
    let certificate = folder.create(&owner, Timestamp(0)).unwrap().certificate;
    let (site, clock) = (folder.load().unwrap(), house.scene.clone());
    let signing = Signing::open(site, &folder, SigningSettings::default(), clock);
    house.resolver.sign_with(signing.unwrap());
    (certificate, data)
}

fn signing_house() -> (House, Certificate, tempfile::TempDir) {
    let house = House::new(Site::new(), &STATICS, Settings::default());
    let (certificate, data) = sign(&house);
    (house, certificate, data)
}

fn found(house: &House, name: &str, service: FileService) -> bytes::Bytes {
    let request = FileRequest {
        service,
        ..ask(name.as_bytes(), "192.0.2.50")
    };
    match house.resolver.fetch(&request) {
        FileAnswer::Found { body, .. } => body,
        other => panic!("{name}: {other:?}"),
    }
}

fn fetch(house: &House, name: &str) -> String {
    said(&house.resolver.fetch(&ask(name.as_bytes(), "192.0.2.50")))
}

#[test]
fn where_signing_is_on_every_file_has_a_signed_form() {
    let (house, certificate, _data) = signing_house();
    for plain in [
        format!("{OLD}.cnf.xml").as_str(),
        &format!("{NEW}.cnf.xml"),
        "XMLDefault.cnf.xml",
        "dialplan.xml",
        "softkeys.xml",
        "SKb7c1.xml",
        "Ringlist-wb.xml",
        "Desktops/320x196x4/List.xml",
        "English_United_States/gh-sip.jar",
    ] {
        for service in [FileService::Tftp, FileService::Http] {
            let name = format!("{plain}.sgn");
            let unsigned = found(&house, plain, service);
            let signed = found(&house, &name, service);
            let file = SignedFile::read(&signed).unwrap();
            assert_eq!(file.body, &unsigned[..], "{name}");
            assert!(file.header.file_name.as_ref().unwrap().is(&name), "{name}");
            assert_eq!(verify(&file, Some(&certificate)), Ok(Verdict::Right));
        }
    }
    for name in [format!("ITL{NEW}.tlv"), "ITLFile.tlv".to_owned()] {
        let list = found(&house, &name, FileService::Http);
        let file = SignedFile::read(&list).unwrap();
        assert!(file.is_trust_list());
        assert_eq!(verify(&file, Some(&certificate)), Ok(Verdict::Right));
    }
    let told = house.scene.journal(NEW);
    assert!(
        told.iter().all(|what| what == "sent"),
        "nothing is wrong with it: {told:?}"
    );
}

#[test]
fn the_timeline_names_what_was_asked_for() {
    let (house, _, _data) = signing_house();
    let asked = [
        (format!("/{NEW}.cnf.xml.sgn"), format!("{NEW}.cnf.xml.sgn")),
        (format!("{NEW}.cnf.xml"), format!("{NEW}.cnf.xml")),
        (
            "XMLDefault.cnf.xml.sgn".into(),
            "XMLDefault.cnf.xml.sgn".into(),
        ),
        (format!("ITL{NEW}.tlv"), format!("ITL{NEW}.tlv")),
    ];
    for (name, _) in &asked {
        found(&house, name, FileService::Http);
    }
    let events = house.scene.events.lock().unwrap();
    let names = events.iter().filter_map(|event| match &event.kind {
        EventKind::File { name, .. } => Some(name.as_str()),
        _ => None,
    });
    assert!(names.eq(asked.iter().map(|(_, told)| told.as_str())));
}

#[test]
fn what_nobody_should_sign_is_not_signed() {
    let (house, _, _data) = signing_house();
    for (name, answer) in [
        ("sip88xx.12-8-1.loads", "parts"),
        ("sip88xx.12-8-1.loads.sgn", "not found"),
        ("BOOT69xx.0-0-0-14.zz.sgn", "firmware"),
        ("BOOT69xx.0-0-0-14.zz", "not found"),
        ("AppDialRules.xml.sgn", "signed elsewhere"),
        ("CTLSEP00C1B1000041.tlv", "not found"),
        ("CTLFile.tlv", "not found"),
        ("SEP0123456789AB.cnf.xml.sgn", "not found"),
        ("SEP00C1B1000041.cnf.xml.enc.sgn", "not found"),
        ("nothing.xml.sgn", "not found"),
        ("../canary.sgn", "refused"),
    ] {
        assert_eq!(fetch(&house, name), answer, "{name}");
    }
}

#[test]
fn a_phone_that_takes_a_signed_file_holds_the_same_as_with_an_unsigned_one() {
    let (house, _, _data) = signing_house();
    let request = ask(format!("{NEW}.cnf.xml.sgn").as_bytes(), "192.0.2.50");
    let FileAnswer::Found { ticket, .. } = house.resolver.fetch(&request) else {
        panic!("it is not there");
    };
    house.resolver.delivered(&request, ticket);
    let taken = house.scene.taken.lock().unwrap().clone();
    let stamp = house.resolver.last(&device(NEW)).unwrap().file;
    assert_eq!(taken, [(device(NEW), stamp)]);
}

#[test]
fn over_https_the_boot_file_is_not_signed_whatever_it_is_called() {
    let (house, _, _data) = signing_house();
    let plain = found(&house, &format!("{NEW}.cnf.xml"), FileService::Http);
    let name = format!("/{NEW}.cnf.xml.sgn");
    assert_eq!(found(&house, &name, FileService::Https), plain);
    let other = found(&house, "/softkeys.xml.sgn", FileService::Https);
    assert!(SignedFile::read(&other).is_ok(), "its own signature stays");
}

#[test]
fn while_starting_no_signed_boot_file_is_said_to_be_missing() {
    let house = House::closed(Site::new(), &STATICS, Settings::default());
    let _key = sign(&house);
    assert_eq!(fetch(&house, &format!("{NEW}.cnf.xml.sgn")), "busy");
}
