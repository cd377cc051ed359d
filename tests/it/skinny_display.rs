//! What is shown on phones that stay registered: new labels, words, objects.

use embody::handset::{Handset, Kind, Pace, Profile};
use embody::sccp::wire::{Instance, MessageId, PhoneMessage, ServerMessage, decode_server};
use serde_json::{Value, json};

use crate::skinny_phone::{Phone, full};
use crate::support::admin::exchange;
use crate::support::phones::{is_right, mac, plug_in, registered, servers, until};
use crate::support::{Daemon, Site};

const P7960: &str = "SEP001122334455";
const P7961: &str = "SEP001122334466";
const P8841: &str = "SEP001122334477";

fn apply(daemon: &Daemon, site: &str) -> String {
    std::fs::write(daemon.site_file(), site).unwrap();
    daemon.says(&["apply", daemon.site_file().to_str().unwrap()])
}

fn last_label(phone: &Handset) -> String {
    phone.buttons().last().unwrap().label.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_label_reaches_a_7961_live_and_a_7960_by_a_restart() {
    let daemon = Daemon::start(Site::Sample);
    let redraws = plug_in(&daemon, Kind::Cisco7961);
    let restarts = plug_in(&daemon, Kind::Cisco7960);
    registered(&redraws, 1).await;
    registered(&restarts, 1).await;
    for device in [P7960, P7961] {
        until("right", || is_right(&daemon, device)).await;
    }
    let site = crate::support::daemon::sample_site();
    let plan = apply(&daemon, &site.replace("\"Emergency\"", "\"Notruf\""));
    assert!(plan.contains("redraws its labels"), "{plan}");
    for (phone, device) in [(&redraws, P7961), (&restarts, P7960)] {
        until("the new label", || last_label(phone) == "Notruf").await;
        until("its row is closed", || is_right(&daemon, device)).await;
    }
    assert_eq!(redraws.registrations_count(), 1, "without a restart");
    let orders = redraws.orders_received();
    assert_eq!((orders.restarts, orders.resets), (0, 0));
    assert_eq!(restarts.registrations_count(), 2);
    assert_eq!(restarts.orders_received().restarts, 1);
    redraws.power_off().await;
    restarts.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_come_in_the_letters_that_a_phone_has() {
    let site = crate::support::daemon::sample_site()
        .replace("label = \"Lobby\"", "label = \"Büro 10 €\"")
        .replace("\"Emergency\"", "\"Büro 10 €\"");
    let daemon = Daemon::start(Site::Text(site));
    let old = plug_in(&daemon, Kind::Cisco7960);
    let profile = Profile::new(Kind::Cisco7961, mac(Kind::Cisco7961)).with_version(17);
    let new = Handset::spawn(profile, servers(&daemon), Pace::default());
    registered(&old, 1).await;
    registered(&new, 1).await;
    assert_eq!(old.buttons()[0].label, "Büro 10 EUR");
    assert_eq!(last_label(&new), "Büro 10 €");
    // The words of an operator, over the command line.
    for (phone, shown) in [(&old, "Zurück um 2 EUR"), (&new, "Zurück um 2 €")] {
        let device = phone.device_name();
        daemon.says(&["message", &device, "Zurück um 2 €", "--seconds", "5"]);
        until(shown, || phone.notice() == shown).await;
    }
    old.power_off().await;
    new.power_off().await;
}

/// Up to version 11 bytes are ISO-8859-1 whatever the phone says; above, only
/// those that say so get UTF-8; and neither is ever cut inside a letter.
#[test]
fn words_are_cut_between_letters() {
    let daemon = Daemon::start(Site::Sample);
    let umlauts = "ä".repeat(96);
    for (version, features, byte_a_letter) in [
        (7, 0x8572, true),
        (11, 0x8572, true),
        (17, 0x8560, true),
        (17, 0x8572, false),
        (22, 0x8572, false),
    ] {
        let mut phone = Phone::connect(&daemon, [127, 0, 6, 1]);
        let register = full(
            P7961,
            embody::sccp::wire::DeviceType::CISCO_7961,
            version,
            features,
        );
        phone.register_as(&register);
        let body = json!({"text": umlauts, "seconds": 3});
        let (status, answer) = daemon
            .admin()
            .post(&format!("/phones/{P7961}/message"), &body);
        assert_eq!(status, 200, "{answer}");
        let frame = phone.hear_frame().unwrap();
        let (id, room) = if version < 8 {
            (MessageId::DISPLAY_NOTIFY, 31)
        } else {
            (MessageId::DISPLAY_NOTIFY_V2, 96)
        };
        assert_eq!(frame.id, id, "version {version}");
        let text: Vec<u8> = frame.body[4..]
            .iter()
            .copied()
            .take_while(|byte| *byte != 0)
            .collect();
        assert_eq!(frame.body[..4], [3, 0, 0, 0], "seconds");
        if byte_a_letter {
            assert_eq!(text, vec![0xE4; room], "version {version}");
        } else {
            assert_eq!(String::from_utf8(text).unwrap(), "ä".repeat(room / 2));
        }
        assert!(phone.is_alive());
    }
}

/// A POST with any body.
fn post(daemon: &Daemon, path: &str, body: &[u8]) -> (u16, Value) {
    let run = std::fs::read_to_string(daemon.data().join("run.json")).unwrap();
    let run: Value = serde_json::from_str(&run).unwrap();
    let head = format!(
        "POST /api/v1{path} HTTP/1.1\r\nHost: embody\r\nAuthorization: Bearer {}\r\n\
         Content-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        run["token"].as_str().unwrap(),
        body.len()
    );
    let request = [head.as_bytes(), body].concat();
    let (status, text) = exchange(daemon.ports.admin_http, &request).unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

const PAGE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><CiscoIPPhoneText>\
                    <Title>Büro</Title><Prompt>Bitte</Prompt><Text>10 €</Text></CiscoIPPhoneText>";

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_page_is_shown_and_its_answer_is_in_the_timeline() {
    let daemon = Daemon::start(Site::Sample);
    for (kind, text) in [(Kind::Cisco7961, "10 €"), (Kind::Cisco7960, "10 EUR")] {
        let phone = plug_in(&daemon, kind);
        let device = phone.device_name();
        registered(&phone, 1).await;
        let (status, answer) = post(&daemon, &format!("/phones/{device}/push"), PAGE.as_bytes());
        assert_eq!(status, 200, "{answer}");
        until("the page", || phone.pushed().is_some()).await;
        let page = phone.pushed().unwrap();
        assert_eq!((page.title.as_str(), page.text.as_str()), ("Büro", text));
        until("the answer in the timeline", || {
            let (_, timeline) = daemon.admin().get(&format!("/phones/{device}/timeline"));
            timeline.to_string().contains("answered push 1: status 0")
        })
        .await;
        assert!(phone.faults().is_empty(), "{:?}", phone.faults());
        phone.power_off().await;
    }
}

/// What the audit says that operators did to a phone.
fn audited(daemon: &Daemon, device: &str) -> Vec<String> {
    let store = rusqlite::Connection::open(daemon.data().join("embody.db")).unwrap();
    let mut rows = store
        .prepare("SELECT what FROM audit WHERE actor = 'operator' AND instr(what, ?1)")
        .unwrap();
    let rows = rows.query_map([device], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_showed_what_is_in_the_audit() {
    let daemon = Daemon::start(Site::Sample);
    let push = format!("/phones/{P7961}/push");
    // Nothing reached it, nothing is to be told.
    assert_eq!(post(&daemon, &push, PAGE.as_bytes()).0, 409);
    assert!(audited(&daemon, P7961).is_empty());
    let phone = plug_in(&daemon, Kind::Cisco7961);
    registered(&phone, 1).await;
    daemon.says(&["message", P7961, "Back at 2"]);
    assert_eq!(post(&daemon, &push, PAGE.as_bytes()).0, 200);
    let done = audited(&daemon, P7961);
    assert_eq!(done.len(), 2, "{done:?}");
    assert_eq!(done[0], format!("sent {P7961} the message \"Back at 2\""));
    assert!(done[1].starts_with("pushed an object of"), "{done:?}");
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shown_is_a_problem_for_the_operator() {
    let daemon = Daemon::start(Site::Sample);
    let over_sip = plug_in(&daemon, Kind::Cisco8841);
    registered(&over_sip, 1).await;
    let push = |device: &str, body: &[u8]| post(&daemon, &format!("/phones/{device}/push"), body);
    let long = format!(
        "<CiscoIPPhoneText><Text>{}</Text></CiscoIPPhoneText>",
        "x".repeat(2000)
    );
    for odd in [
        "",
        "no XML",
        "<CiscoIPPhoneText><Text>open</CiscoIPPhoneText>",
        "<html/>",
        "<CiscoIPPhoneResponse/>",
        "<!DOCTYPE x [<!ENTITY y 'z'>]><CiscoIPPhoneText/>",
        &long,
    ] {
        let (status, problem) = push(P7961, odd.as_bytes());
        assert_eq!(
            (status, &problem["status"]),
            (400, &json!(400)),
            "{odd}: {problem}"
        );
    }
    let (status, problem) = push(P7961, PAGE.as_bytes());
    assert_eq!(status, 409, "not registered: {problem}");
    let (status, answer) = push(P8841, PAGE.as_bytes());
    assert_eq!(status, 200, "over SIP: {answer}");
    assert_eq!(push("SEP0000000000FF", PAGE.as_bytes()).0, 404);

    let say = |device: &str, body: Value| {
        daemon
            .admin()
            .post(&format!("/phones/{device}/message"), &body)
    };
    assert_eq!(say(P7961, json!({"text": "x"})).0, 409);
    assert_eq!(say(P7961, json!({"text": "x".repeat(97)})).0, 400);
    assert_eq!(say(P7961, json!({"text": "x", "seconds": 90_000})).0, 400);
    // SIP shows words, too; the greeting after a registration may come later.
    until("the words on the 8841", || {
        assert_eq!(say(P8841, json!({"text": "Back at 2"})).0, 200);
        [over_sip.prompt(), over_sip.notice()].contains(&"Back at 2".to_owned())
    })
    .await;
    let refused = daemon.command(&["message", P7961, "x"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not registered"));
    over_sip.power_off().await;
}

/// An edit while a phone is between two of its questions: the answer that it
/// gets next is the new one.
#[test]
fn a_label_that_changes_between_two_questions_is_the_new_one() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 6, 1]);
    phone.register_7961(P7961, 17);
    let site = crate::support::daemon::sample_site();
    apply(&daemon, &site.replace("\"Emergency\"", "\"Notruf\""));
    // Unsolicited, in the form of its version.
    let mut labels = Vec::new();
    while labels.len() < 2 {
        let frame = phone.hear_frame().unwrap();
        if frame.id == MessageId::SPEED_DIAL_STAT_V2 || frame.id == MessageId::LINE_STAT_V2 {
            labels.push(decode_server(&frame, phone.dialect).unwrap());
        }
    }
    assert!(matches!(&labels[1], ServerMessage::SpeedDialStat(dial) if dial.label == "Notruf"));
    phone.say(&PhoneMessage::SpeedDialStatReq(Instance(1)));
    loop {
        match phone.hear().unwrap() {
            ServerMessage::SpeedDialStat(dial) => {
                assert_eq!(dial.label, "Notruf");
                break;
            }
            ServerMessage::DisplayPromptStatus(_) => {}
            other => panic!("{other:?}"),
        }
    }
}
