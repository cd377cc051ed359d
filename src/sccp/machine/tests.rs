//! Stories of the station, from the phone's side.
#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::station::Output;
use super::{Settings, Snapshot, Station, Why};
use crate::model::{
    DeviceName, DirectoryNumber, Line, OrderKind, Ring, SpeedDial, StationPart, Timestamp,
    button_plan, stamp_of,
};
use crate::sccp::wire::samples::samples;
use crate::sccp::wire::{
    Alarm, AlarmSeverity, ButtonType, DeviceType, Dialect, FeatureStatReq, HookEvent, Instance,
    LampMode, PhoneMessage, ProtocolVersion, Register, ResetType, ServerMessage, TextEncoding,
    Tone, UnregisterReason, UnregisterStatus,
};

const SETTINGS: Settings = Settings {
    keepalive: 30,
    secondary_keepalive: 60,
};
const WALL: Timestamp = Timestamp(1_763_769_600_000); // 2025-11-22T00:00:00Z, a Saturday

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn dialect(version: u8) -> Dialect {
    Dialect {
        version: ProtocolVersion(version),
        text: TextEncoding::Latin1,
    }
}

fn part(prompt: Option<&str>, label: &str) -> StationPart {
    let line = |number: &str| Line {
        number: DirectoryNumber::new(number).unwrap(),
        label: Some(label.to_owned()),
        display_name: None,
        ring: Ring::Normal,
        partition: None,
    };
    let dial = |number: &str| SpeedDial {
        number: DirectoryNumber::new(number).unwrap(),
        label: None,
        emergency: false,
    };
    let plan = button_plan(
        6,
        &[line("2001")],
        &[dial("3001")],
        &[dial("911")],
        "Sign in",
    );
    StationPart {
        buttons: plan.buttons,
        softkey_template: None,
        date_template: "D.M.Y".into(),
        prompt: prompt.map(str::to_owned),
    }
}

fn snapshot(station: StationPart) -> Snapshot {
    Snapshot {
        device: DeviceName::new("SEP001122334455").unwrap(),
        stamp: stamp_of(&station, &[]),
        station,
        keys: 6,
        user: "alice".into(),
        load: Some("P0030801SR02".into()),
        zone: TimeZone::UTC,
        server: (Ipv4Addr::new(192, 0, 2, 1).into(), 2000),
    }
}

fn register() -> PhoneMessage {
    PhoneMessage::Register(Box::new(Register::shortest(
        "SEP001122334455",
        DeviceType::CISCO_7960,
        Ipv4Addr::new(192, 0, 2, 7),
    )))
}

fn registered(version: u8) -> Station {
    let mut station = Station::new(SETTINGS, at(0));
    let outputs = station.on_message(register(), at(0), WALL);
    assert!(matches!(outputs.as_slice(), [Output::Admit { .. }]));
    let snapshot = snapshot(part(Some("Signed in as Alice"), "Alice"));
    let said = sent(station.admitted(snapshot, dialect(version)));
    let [
        ServerMessage::RegisterAck(ack),
        ServerMessage::CapabilitiesReq,
    ] = said.as_slice()
    else {
        panic!("first the ack, then the question for capabilities: {said:?}");
    };
    assert!((27..=33).contains(&ack.keep_alive), "a tenth more or less");
    assert_eq!(ack.version.0, version);
    station
}

fn sent(outputs: Vec<Output>) -> Vec<ServerMessage> {
    outputs
        .into_iter()
        .filter_map(|output| match output {
            Output::Send(message) => Some(message),
            _ => None,
        })
        .collect()
}

fn ask(station: &mut Station, message: PhoneMessage) -> Vec<ServerMessage> {
    sent(station.on_message(message, at(1), WALL))
}

#[test]
fn every_question_of_a_phone_is_answered_from_its_snapshot() {
    let mut station = registered(11);
    let template = ask(&mut station, PhoneMessage::ButtonTemplateReq);
    let [ServerMessage::ButtonTemplate(template)] = template.as_slice() else {
        panic!()
    };
    let kinds: Vec<(u8, ButtonType)> = template
        .buttons
        .iter()
        .map(|button| (button.instance, button.kind))
        .collect();
    assert_eq!(kinds[0], (1, ButtonType::LINE));
    assert_eq!(kinds[1], (1, ButtonType::SPEED_DIAL));
    assert_eq!(kinds[2], (0, ButtonType::UNDEFINED), "00 FF, not zero");
    assert_eq!(kinds[5], (2, ButtonType::SPEED_DIAL), "911 on the last key");

    let line = ask(&mut station, PhoneMessage::LineStatReq(Instance(1)));
    assert!(matches!(&line[..], [ServerMessage::LineStat(line)]
        if line.number == "2001" && line.label == "Alice"));
    let dial = ask(&mut station, PhoneMessage::SpeedDialStatReq(Instance(2)));
    assert!(matches!(&dial[..], [ServerMessage::SpeedDialStat(dial)] if dial.number == "911"));
    let version = ask(&mut station, PhoneMessage::VersionReq);
    assert_eq!(
        version,
        [ServerMessage::Version("P0030801SR02".into())],
        "its own load"
    );
}

#[test]
fn unknown_indexes_are_answered_empty_and_never_with_silence() {
    let mut station = registered(20);
    let nine = Instance(9);
    let feature = FeatureStatReq {
        index: nine,
        capabilities: 0,
    };
    for question in [
        PhoneMessage::LineStatReq(nine),
        PhoneMessage::SpeedDialStatReq(nine),
        PhoneMessage::FeatureStatReq(feature),
        PhoneMessage::ServiceUrlStatReq(nine),
        PhoneMessage::ForwardStatReq(nine),
    ] {
        assert_eq!(ask(&mut station, question.clone()).len(), 1, "{question:?}");
    }
}

#[test]
fn after_the_time_nothing_of_the_last_user_remains() {
    let mut station = registered(20);
    let outputs = station.on_message(PhoneMessage::TimeDateReq, at(1), WALL);
    assert!(matches!(outputs.last(), Some(Output::InService)));
    let said = sent(outputs);
    let ServerMessage::DefineTimeDate(time) = &said[0] else {
        panic!("the time first")
    };
    assert_eq!(
        (time.year, time.month, time.day, time.day_of_week),
        (2025, 11, 22, 6)
    );
    assert!(
        said.iter()
            .any(|message| matches!(message, ServerMessage::SetLamp(lamp)
        if lamp.stimulus == ButtonType::VOICE_MAIL && lamp.mode == LampMode::OFF))
    );
    assert!(
        said.iter()
            .any(|message| matches!(message, ServerMessage::ForwardStat(stat)
        if stat.line == Instance(1) && stat.all.is_none()))
    );
    assert!(said.iter().any(
        |message| matches!(message, ServerMessage::DisplayPromptStatus(prompt)
        if prompt.text.to_string() == "Signed in as Alice")
    ));
}

#[test]
fn a_lifted_handset_hears_why_and_is_put_back() {
    let mut station = registered(20);
    let hook = HookEvent::default();
    let outputs = station.on_message(PhoneMessage::OffHook(hook), at(10), WALL);
    assert!(
        outputs
            .iter()
            .any(|output| matches!(output, Output::InCall(true)))
    );
    let said = sent(outputs);
    assert!(
        said.iter()
            .any(|message| matches!(message, ServerMessage::StartTone(tone)
        if tone.tone == Tone::REORDER))
    );
    assert!(said.iter().any(
        |message| matches!(message, ServerMessage::DisplayPromptStatus(prompt)
        if prompt.text.to_string() == "No call service")
    ));
    assert!(station.deadline() <= at(14));
    let back = station.on_time(at(14));
    assert!(
        back.iter()
            .any(|output| matches!(output, Output::InCall(false)))
    );
    assert!(
        sent(back)
            .iter()
            .any(|message| matches!(message, ServerMessage::StopTone(_)))
    );
}

#[test]
fn an_order_is_accepted_by_unregistering_or_by_just_closing() {
    let mut station = registered(20);
    assert_eq!(
        sent(station.order(OrderKind::Restart)),
        [ServerMessage::Reset(ResetType::RESTART)]
    );
    let message = PhoneMessage::Unregister(UnregisterReason::UNKNOWN);
    let outputs = station.on_message(message, at(2), WALL);
    assert!(matches!(
        &outputs[..],
        [
            Output::Send(ServerMessage::UnregisterAck(UnregisterStatus::OK)),
            Output::OrderAccepted,
            Output::Unregistered,
        ]
    ));
    assert!(matches!(
        station.on_time(at(3))[..],
        [Output::Close(Why::Unregistered)]
    ));

    let mut rude = registered(11);
    let _ = rude.order(OrderKind::Reset);
    assert!(matches!(rude.on_closed()[..], [Output::OrderAccepted]));
    assert!(
        registered(11).on_closed().is_empty(),
        "without an order nothing was accepted"
    );
}

#[test]
fn a_standby_connection_is_kept_alive_without_registering() {
    let mut station = Station::new(SETTINGS, at(0));
    for minute in 1..=60 {
        let said = sent(station.on_message(PhoneMessage::KeepAlive, at(minute * 60), WALL));
        assert_eq!(said, [ServerMessage::KeepAliveAck]);
        assert!(
            station.on_time(at(minute * 60 + 59)).is_empty(),
            "minute {minute}"
        );
    }
    let mut silent = Station::new(SETTINGS, at(0));
    assert!(matches!(
        silent.on_time(at(30))[..],
        [Output::Close(Why::Silent)]
    ));
}

#[test]
fn a_phone_without_keepalives_is_gone_after_three() {
    let mut station = registered(20);
    assert!(station.on_time(at(80)).is_empty());
    assert!(matches!(
        station.on_time(at(100))[..],
        [Output::Close(Why::NoKeepalive)]
    ));
}

#[test]
fn a_refusal_shows_its_text_and_closes() {
    let mut station = Station::new(SETTINGS, at(0));
    let _ = station.on_message(register(), at(0), WALL);
    let said = sent(station.refused("Phone not configured", at(0)));
    assert_eq!(
        said,
        [ServerMessage::RegisterReject("Phone not configured".into())]
    );
    assert!(matches!(
        station.on_time(at(1))[..],
        [Output::Close(Why::Refused)]
    ));
}

#[test]
fn an_alarm_before_register_tells_why_the_phone_came() {
    let mut station = Station::new(SETTINGS, at(0));
    let alarm = Alarm {
        severity: AlarmSeverity(2),
        text: "25: Name=SEP001122334455 Load=8.1 Last=Reset-Restart".into(),
        parameter1: 0,
        parameter2: 0,
    };
    let _ = station.on_message(PhoneMessage::Alarm(alarm), at(0), WALL);
    let outputs = station.on_message(register(), at(0), WALL);
    assert!(matches!(&outputs[..], [Output::Admit { alarm, .. }] if alarm.restarted()));
}

#[test]
fn new_labels_are_shown_without_a_restart() {
    let mut station = registered(20);
    let fresh = part(Some("Signed in as Alice"), "Alice Adams");
    let stamp = stamp_of(&fresh, &[]);
    let outputs = station.refresh(fresh, stamp);
    assert!(matches!(outputs.last(), Some(Output::Refreshed(shown)) if *shown == stamp));
    assert!(
        sent(outputs)
            .iter()
            .any(|message| matches!(message, ServerMessage::LineStat(line)
        if line.label == "Alice Adams"))
    );
}

proptest! {
    /// Whatever a phone says in whatever order, the station answers or ignores.
    #[test]
    fn no_order_of_messages_confuses_a_station(
        picks in proptest::collection::vec((0usize..200, 0u64..400), 0..60),
        admit: bool,
    ) {
        let (messages, _) = samples(ProtocolVersion(20));
        let mut station = Station::new(SETTINGS, at(0));
        let mut now = 0;
        for (pick, later) in picks {
            now += later;
            let message = messages[pick % messages.len()].clone();
            let outputs = station.on_message(message, at(now), WALL);
            let wants_in = outputs.iter().any(|output| matches!(output, Output::Admit { .. }));
            if wants_in && admit {
                let _ = station.admitted(snapshot(part(None, "x")), dialect(20));
            } else if wants_in {
                let _ = station.refused("no", at(now));
            }
            let _ = station.on_time(at(now));
            prop_assert!(station.deadline() >= at(0));
        }
    }
}
