//! Alarms end to end: into the timeline, and into the judgement of a restart.

use std::time::Duration;

use embody::sccp::wire::{
    Alarm, AlarmSeverity, DeviceType, PhoneMessage, ResetType, ServerMessage, UnregisterReason,
};

use embody::handset::{Handset, Kind, Pace, Profile};

use crate::skinny_phone::{Phone, full};
use crate::support::phones::{first_key, is_right, mac, registered, servers};
use crate::support::tools::curl;
use crate::support::{Daemon, Site};

const DESK: &str = "SEP001122334466";
const LOBBY: &str = "SEP001122334455";

fn xml(reason: u32) -> PhoneMessage {
    PhoneMessage::XmlAlarm(format!(
        "<x-cisco-alarm><Alarm Name=\"LastOutOfServiceInformation\"><ParameterList>\
         <String name=\"DeviceName\">{DESK}</String>\
         <Enum name=\"ReasonForOutOfService\">{reason}</Enum>\
         <String name=\"LastProtocolEventSent\">39:Unregister</String>\
         <String name=\"LastProtocolEventReceived\">159:Reset</String>\
         </ParameterList></Alarm></x-cisco-alarm>"
    ))
}

fn text(text: &str) -> PhoneMessage {
    PhoneMessage::Alarm(Alarm {
        severity: AlarmSeverity::WARNING,
        text: text.to_owned(),
        parameter1: 0,
        parameter2: 0,
    })
}

fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("never seen: {what}");
}

fn timeline(daemon: &Daemon, device: &str) -> String {
    let (_, timeline) = daemon.admin().get(&format!("/phones/{device}/timeline"));
    timeline["events"].to_string()
}

/// The stamp of the file that a phone should hold now.
fn stamp(daemon: &Daemon, device: &str) -> String {
    let url = format!("http://{}/{device}.cnf.xml", daemon.ports.config_http);
    let file = curl(&[&url]);
    let (_, rest) = file.split_once("<versionStamp>").unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

#[test]
fn alarms_before_and_after_register_are_in_the_timeline_of_the_phone() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 7, 1]);
    phone.say(&text("25: Load=9.4 Last=Initialized"));
    phone.say(&xml(25));
    phone.register_7961(DESK, 20);
    phone.say(&text("9: Name=SEP001122334466 something later"));
    phone.say(&xml(14));
    assert!(phone.is_alive());
    let told = timeline(&daemon, DESK);
    let at = |what: &str| {
        told.find(what)
            .unwrap_or_else(|| panic!("{what} in {told}"))
    };
    let nameless = at("Load=9.4 Last=Initialized");
    let early = at("ReasonForOutOfService=25");
    let registered = at("\"registered\"");
    assert!(nameless < early && early < registered, "{told}");
    assert!(registered < at("something later"));
    assert!(registered < at("ReasonForOutOfService=14"));
}

#[test]
fn an_alarm_without_a_register_is_told_of_the_phone_that_it_names() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 7, 1]);
    phone.say(&text("10: Name=SEP0000000000FF Last=TCP-timeout"));
    phone.say(&text("10: Name=SEP001122334455 Last=TCP-timeout"));
    drop(phone);
    until("the alarm", || {
        timeline(&daemon, LOBBY).contains("TCP-timeout")
    });
    assert!(timeline(&daemon, LOBBY).contains("127.0.7.1, which did not register"));
    assert!(!timeline(&daemon, "SEP0000000000FF").contains("TCP-timeout"));
}

/// A 9 series load tells in XML alone that it obeyed: coming back with the old
/// file it is known at once to refuse the new one. One that comes for another
/// reason is waited for.
#[test]
fn a_restart_that_only_xml_tells_of_is_known_as_obeyed() {
    for reason in [23, 14] {
        let daemon = Daemon::start(Site::Sample);
        let mut register = full(DESK, DeviceType::CISCO_7961, 20, 0x8572);
        register.config_version_stamp = Some(stamp(&daemon, DESK));
        let mut phone = Phone::connect(&daemon, [127, 0, 7, 1]);
        phone.register_as(&register);
        let site = crate::support::daemon::sample_site();
        let site = site.replace("Europe/Berlin", "Europe/London");
        std::fs::write(daemon.site_file(), site).unwrap();
        daemon.says(&["apply", daemon.site_file().to_str().unwrap()]);
        let mut heard = phone.hear();
        while !matches!(heard, Some(ServerMessage::Reset(_)) | None) {
            heard = phone.hear();
        }
        assert_eq!(heard, Some(ServerMessage::Reset(ResetType::RESTART)));
        phone.say(&PhoneMessage::Unregister(UnregisterReason::UNKNOWN));
        while phone.hear().is_some() {}
        let mut back = Phone::connect(&daemon, [127, 0, 7, 1]);
        back.say(&xml(reason));
        back.register_as(&register);
        assert!(back.is_alive());
        // News of registrations are judged in turn: when the lobby has come into
        // service with its new file, so has this one.
        let of = |device| daemon.admin().get(&format!("/phones/{device}")).1["status"].clone();
        assert_ne!(of(LOBBY)["state"]["is"], "right", "it has yet to come");
        let mut register = full(LOBBY, DeviceType::CISCO_7960, 20, 0x8572);
        register.config_version_stamp = Some(stamp(&daemon, LOBBY));
        let mut lobby = Phone::connect(&daemon, [127, 0, 7, 2]);
        lobby.register_as(&register);
        until("the lobby is right", || of(LOBBY)["state"]["is"] == "right");
        let judged = if reason == 23 { "refuses" } else { "changing" };
        assert_eq!(of(DESK)["state"]["is"], judged, "{reason}: {}", of(DESK));
    }
}

/// The whole way, with a phone that tells in XML alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_9_series_load_restarts_and_resets_to_order() {
    let daemon = Daemon::start(Site::Sample);
    let mut profile = Profile::new(Kind::Cisco7961, mac(Kind::Cisco7961));
    profile.alarms_in_xml = true;
    let phone = Handset::spawn(profile, servers(&daemon), Pace::default());
    registered(&phone, 1).await;
    daemon.says(&["login", DESK, "bob"]);
    first_key(&phone, "2002").await;
    let right = || crate::support::phones::until("right", || is_right(&daemon, DESK));
    right().await;
    daemon.says(&["reset", DESK]);
    registered(&phone, 3).await;
    right().await;
    let told = timeline(&daemon, DESK);
    for reason in [23, 22] {
        assert!(
            told.contains(&format!("ReasonForOutOfService={reason}")),
            "{told}"
        );
    }
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    phone.power_off().await;
}
