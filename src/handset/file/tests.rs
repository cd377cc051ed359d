#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::handset::event::ButtonKind;
use crate::handset::testing::{mac, sccp_file, sip_file};

fn profile(kind: Kind) -> Profile {
    Profile::new(kind, mac(1))
}

fn sccp(kind: Kind) -> BootFile {
    BootFile::read(sccp_file("10.0.0.1", 2000).as_bytes(), &profile(kind)).unwrap()
}

#[test]
fn a_skinny_file_tells_where_to_register_and_where_services_are() {
    let file = sccp(Kind::Cisco7961);
    assert_eq!(file.version_stamp, "stamp-1");
    assert_eq!(file.managers.len(), 1);
    assert_eq!(file.managers[0].host, "10.0.0.1");
    assert_eq!(file.managers[0].sccp_port, 2000);
    assert_eq!(
        file.services_url.as_deref(),
        Some("http://10.0.0.1:8080/menu?a=1&b=2")
    );
    assert_eq!(file.provisioning, Provisioning::Both);
    assert_eq!(file.services[0].name, "Weather");
    assert_eq!(file.user_locale, "German_Germany");
    assert_eq!(file.network_locale, "Germany");
    assert_eq!(file.sip, None);
}

#[test]
fn a_7960_knows_no_phone_services() {
    let file = sccp(Kind::Cisco7960);
    assert_eq!(file.provisioning, Provisioning::ExternalUrl);
    assert!(file.services.is_empty());
}

#[test]
fn a_sip_file_has_lines_and_keys() {
    let text = sip_file("10.0.0.1", 5060);
    let file = BootFile::read(text.as_bytes(), &profile(Kind::Cisco8841)).unwrap();
    assert_eq!(file.provisioning, Provisioning::Internal);
    let sip = file.sip.unwrap();
    assert_eq!(sip.lines.len(), 1);
    assert_eq!(sip.lines[0].name, "2001");
    assert_eq!(sip.lines[0].contact, "5a0e1c9e-0000-4000-8000-000000000001");
    assert!(sip.lines[0].ccm_mode);
    let (user, password) = sip.lines[0].credentials.clone().unwrap();
    assert_eq!(
        (user.as_str(), password.expose()),
        ("SEP000000000001", "rightpassword")
    );
    assert_eq!(sip.buttons.len(), 2);
    assert_eq!(sip.buttons[1].kind, ButtonKind::SpeedDial);
    assert_eq!((sip.register_expires, sip.register_delta), (3600, 5));
    assert!(!format!("{:?}", sip.lines).contains("rightpassword"));
}

#[test]
fn a_default_file_tells_where_to_register_and_nothing_more() {
    let text = "<Default><callManagerGroup><members><member priority=\"0\"><callManager>\
        <ports><ethernetPhonePort>2001</ethernetPhonePort></ports>\
        <processNodeName>10.0.0.9</processNodeName></callManager></member></members>\
        </callManagerGroup><loadInformation7>P00308000500</loadInformation7>\
        <servicesURL>http://10.0.0.9/</servicesURL></Default>";
    let old = BootFile::read(text.as_bytes(), &profile(Kind::Cisco7960)).unwrap();
    assert_eq!(old.managers[0].sccp_port, 2001);
    assert_eq!(old.load, "P00308000500");
    assert!(old.services_url.is_some());
    let new = BootFile::read(text.as_bytes(), &profile(Kind::Cisco7961)).unwrap();
    assert_eq!((new.load.as_str(), new.services_url), ("", None));
    let sip = BootFile::read(text.as_bytes(), &profile(Kind::Cisco8841)).unwrap();
    assert_eq!(sip.managers[0].sip_port, 5060);
    assert_eq!(sip.sip.unwrap().lines[0].name, "000000000001");
}

/// The good file with one thing wrong.
#[test]
fn one_fault_makes_the_whole_file_useless() {
    let cases = [
        (
            Kind::Cisco7961,
            "<deviceProtocol>SCCP",
            "<deviceProtocol>SIP",
            "deviceProtocol",
        ),
        (Kind::Cisco7961, "stamp-1", "", "versionStamp"),
        (Kind::Cisco7961, " priority=\"0\"", "", "priority"),
        (
            Kind::Cisco7961,
            "<processNodeName>10.0.0.1",
            "<processNodeName>",
            "processNodeName",
        ),
        (Kind::Cisco7961, ">2000<", ">0<", "ethernetPhonePort"),
        (
            Kind::Cisco7961,
            "<provisioning>2",
            "<provisioning>3",
            "provisioning",
        ),
        (Kind::Cisco7961, "?a=1&amp;b=2", "?a=1&b=2", "well-formed"),
        (Kind::Cisco7961, "</devicePool>", "", "well-formed"),
        (
            Kind::Cisco8841,
            "<deviceProtocol>SIP</deviceProtocol>",
            "",
            "deviceProtocol",
        ),
        (
            Kind::Cisco8841,
            "<registerWithProxy>true",
            "<registerWithProxy>false",
            "registerWithProxy",
        ),
        (
            Kind::Cisco8841,
            "<transportLayerProtocol>1",
            "<transportLayerProtocol>2",
            "not for this load",
        ),
        (
            Kind::Cisco7961Sip,
            "<transportLayerProtocol>1",
            "<transportLayerProtocol>3",
            "not for this load",
        ),
        (Kind::Cisco8841, "button=\"2\"", "button=\"1\"", "twice"),
        (
            Kind::Cisco8841,
            "lineIndex=\"1\"",
            "lineIndex=\"2\"",
            "lineIndex",
        ),
        (
            Kind::Cisco8841,
            "rightpassword",
            "a password of more than thirty characters",
            "authPassword",
        ),
        (Kind::Cisco8841, "<name>2001</name>", "<name/>", "name"),
    ];
    for (kind, from, to, reason) in cases {
        let good = match kind.protocol() {
            Protocol::Sccp => sccp_file("10.0.0.1", 2000),
            Protocol::Sip => sip_file("10.0.0.1", 5060),
        };
        assert!(good.contains(from), "{from} is not in the sample");
        let fault =
            BootFile::read(good.replacen(from, to, 1).as_bytes(), &profile(kind)).unwrap_err();
        assert!(fault.contains(reason), "{from} -> {to}: {fault}");
    }
}

#[test]
fn a_url_may_be_only_so_long() {
    let long = sccp_file("10.0.0.1", 2000).replace("/menu?", &format!("/{}?", "m".repeat(300)));
    assert!(BootFile::read(long.as_bytes(), &profile(Kind::Cisco7961)).is_err());
}

proptest! {
    #[test]
    fn any_file_is_read_or_refused(cut in 0usize..2600, junk in "[<>/a-z \"=]{0,12}") {
        for text in [sccp_file("10.0.0.1", 2000), sip_file("10.0.0.1", 5060)] {
            let at = cut.min(text.len());
            let text = format!("{}{junk}{}", &text[..at], &text[at..]);
            for kind in Kind::ALL {
                let _ = BootFile::read(text.as_bytes(), &profile(kind));
            }
        }
    }
}

const PROFILE: &[u8] = include_bytes!("../../../tests/fuzz/corpus/boot_file/7912-sip-signed-in");

fn small() -> Profile {
    Profile::find("7912", Some("sip"), mac(1)).unwrap()
}

#[test]
fn a_profile_tells_a_line_and_where_it_registers() {
    let file = BootFile::read(PROFILE, &small()).unwrap();
    assert_eq!(file.managers[0].host, "192.0.2.1");
    assert_eq!(file.managers[0].sip_port, 5060);
    let sip = file.sip.unwrap();
    assert_eq!(sip.lines.len(), 1);
    assert_eq!(sip.lines[0].name, "2001");
    assert_eq!(sip.buttons[0].number, "2001");
    let login = sip.lines[0].credentials.as_ref().unwrap();
    assert_eq!(login.0, "SEP001122334455");
    // An adapter's is none of a phone.
    let adapter = include_bytes!("../../../tests/fuzz/corpus/boot_file/ata186-sccp-signed-in");
    let refused = BootFile::read(adapter, &small()).unwrap_err();
    assert_eq!(refused, "it is not to register");
}

proptest! {
    #[test]
    fn a_profile_that_was_cut_or_changed_is_refused(
        at in 0..PROFILE.len(),
        change in 1..=u8::MAX,
    ) {
        prop_assert!(BootFile::read(&PROFILE[..at], &small()).is_err());
        let mut changed = PROFILE.to_vec();
        changed[at] = changed[at].wrapping_add(change);
        // Its sum, or its form, is another.
        prop_assert!(BootFile::read(&changed, &small()).is_err());
    }
}
