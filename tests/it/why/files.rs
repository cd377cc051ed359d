//! On the way to a file.

use embody::handset::{Kind, Profile};

use super::house::{DESK, House, LOBBY, ROOM};
use crate::support::phones::{mac, registered, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_another_call_manager_asks_for_signed_files_alone() {
    let house = House::open().await;
    let keys = [(DESK, "**# to unlock"), (ROOM, "Reset settings > Security")];
    for (number, (device, keys)) in (1..).zip(keys) {
        let at = [127, 0, 9, number];
        for name in ["CTL", "ITL"] {
            assert!(!house.tftp(at, &format!("{name}{device}.tlv")));
        }
        let signed = format!("{device}.cnf.xml.sgn");
        for _ in 0..5 {
            house.finds_no(device, "signed-files-only");
            assert!(!house.tftp(at, &signed));
        }
        let address = format!("127.0.9.{number}");
        let words = ["5 times", &address, "trust list", keys];
        let finding = house.finds(device, "signed-files-only", &words).await;
        assert_eq!(finding["gravity"], "stops");
    }
    assert!(house.tftp([127, 0, 9, 1], &format!("{DESK}.cnf.xml")));
    house.finds_no(DESK, "signed-files-only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_does_not_go_on_from_a_missing_trust_list() {
    let house = House::open().await;
    for asked in 1..=6 {
        house.finds_no(DESK, "trust-list-loop");
        assert!(
            !house.tftp([127, 0, 9, 1], &format!("CTL{DESK}.tlv")),
            "{asked}"
        );
        house.later(7);
    }
    let words = ["6 times", "never for its own file", "another load"];
    house.finds(DESK, "trust-list-loop", &words).await;
    assert!(house.tftp([127, 0, 9, 1], &format!("{DESK}.cnf.xml")));
    house.finds_no(DESK, "trust-list-loop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_firmware_is_found_by_its_address_and_then_by_its_name() {
    let house = House::open().await;
    assert!(!house.tftp([127, 0, 9, 1], "term41.default.loads"));
    let words = ["term41.default.loads", "127.0.9.1", "static files"];
    house.finds("127.0.9.1", "no-firmware", &words).await;
    let (_, all) = house.admin.get("/why");
    assert_eq!(all["strangers"][0]["address"], "127.0.9.1", "{all}");

    assert!(house.tftp([127, 0, 9, 1], &format!("{DESK}.cnf.xml")));
    house.finds(DESK, "no-firmware", &words).await;
    let (_, all) = house.admin.get("/why");
    assert_eq!(all["strangers"], serde_json::json!([]), "it has a name now");
}

#[tokio::test(flavor = "multi_thread")]
async fn firmware_that_does_not_start_is_fetched_again_and_again() {
    let house = House::open_with(|_| {}, &["term41.default.loads"]).await;
    for _ in 0..3 {
        house.finds_no("127.0.9.1", "firmware-loop");
        assert!(house.tftp([127, 0, 9, 1], "term41.default.loads"));
        house.later(90);
    }
    let words = ["3 times", "boot loader", "8.5(2)"];
    house.finds("127.0.9.1", "firmware-loop", &words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_a_blank_came_out_of_a_text_file() {
    let house = House::open().await;
    assert!(house.tftp([127, 0, 9, 1], &format!("{LOBBY}.cnf.xml")));
    assert!(!house.tftp([127, 0, 9, 1], "P0030801SR02 "));
    assert!(!house.tftp([127, 0, 9, 1], "P0030801SR02\r"));
    let words = ["P0030801SR02\\r", "2 times", "OS79XX.TXT"];
    house.finds(LOBBY, "blank-in-name", &words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sccp_file_went_to_a_sip_load() {
    let house = House::open().await;
    let at = [127, 0, 9, 1];
    assert!(house.tftp(at, &format!("{DESK}.cnf.xml")));
    assert!(!house.tftp(at, "/English_United_States/mk-sip.jar"));
    let words = [
        "SCCP load",
        "mk-sip.jar",
        "protocol = \"sip\"",
        "Restart it",
    ];
    house.finds(DESK, "wrong-protocol", &words).await;
    house.later(3);
    assert!(house.tftp(at, &format!("{DESK}.cnf.xml")));
    house.finds_no(DESK, "wrong-protocol");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_reads_text_files_finds_none() {
    let house = House::open().await;
    for _ in 0..2 {
        assert!(!house.tftp([127, 0, 9, 1], "SIP001122334466.cnf"));
    }
    let words = ["SIP001122334466.cnf", "text files", "P003"];
    house.finds(DESK, "text-file-missing", &words).await;
}

/// TFTP gives up after half a minute of its own clock.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_does_not_reach_the_phone_or_another_was_quicker() {
    let house = House::open().await;
    house.tftp_silent([127, 0, 9, 1], &format!("{DESK}.cnf.xml"));
    let error = b"\0\x05\0\0got it elsewhere\0";
    house.tftp_turned_away([127, 0, 9, 2], &format!("{ROOM}.cnf.xml"), error);
    house.tftp_turned_away(
        [127, 0, 9, 3],
        &format!("{LOBBY}.cnf.xml"),
        b"\0\x05\0\x03\0",
    );
    let words = ["got it elsewhere", "another server", "option 150"];
    house.finds(ROOM, "transfer-turned-away", &words).await;
    let words = ["disk full", "no room"];
    house.finds(LOBBY, "transfer-turned-away", &words).await;
    let words = ["acknowledged nothing", "firewall", "no other TFTP server"];
    house.finds(DESK, "answer-not-heard", &words).await;
    assert!(house.tftp([127, 0, 9, 1], &format!("{DESK}.cnf.xml")));
    // The client is done before the server knows that it is.
    let is_found = || house.rules(DESK).contains(&"answer-not-heard".to_owned());
    until("that it was heard", || !is_found()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_secrets_is_not_given_to_another_address() {
    let house = House::open_with(|config| config.files.restrict_files = true, &[]).await;
    let kind = Kind::Cisco8841;
    let phone = house.plug_in(Profile::new(kind, mac(kind)), [127, 0, 9, 1]);
    registered(&phone, 1).await;
    assert!(!house.tftp([127, 0, 9, 2], &format!("{ROOM}.cnf.xml")));
    let words = ["127.0.9.2", "127.0.9.1", "restrict_files"];
    let finding = house.finds(ROOM, "file-not-given", &words).await;
    assert_eq!(finding["gravity"], "hint", "the phone itself is well");
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_and_a_locale_that_are_not_there() {
    let house = House::open().await;
    let at = [127, 0, 9, 1];
    assert!(house.tftp(at, &format!("{DESK}.cnf.xml")));
    assert!(!house.tftp(at, "SCCP41.9-4-2SR3-1S.loads"));
    house.finds_no(DESK, "load-missing");
    assert!(!house.tftp(at, "SCCP41.9-4-2SR3-1S.loads"));
    let words = ["SCCP41.9-4-2SR3-1S.loads", "2 times", "every part"];
    house.finds(DESK, "load-missing", &words).await;

    assert!(!house.tftp(at, "German_Germany/mk-sccp.jar"));
    let words = ["German_Germany/mk-sccp.jar", "folder `German_Germany`"];
    let finding = house.finds(DESK, "locale-missing", &words).await;
    assert_eq!(finding["gravity"], "hint");
    let rules = house.rules(DESK);
    assert_eq!(rules.last().unwrap(), "locale-missing", "the gravest first");
}
