//! Stories of the station, from the phone's side.
#![allow(clippy::unwrap_used)]

mod alarms;
mod asks;
mod display;
mod families;
mod life;
mod orders;

use std::borrow::Cow;
use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::{Output, Settings, Snapshot, Station, Why};
use crate::model::{
    DeviceName, DirectoryNumber, KeyRoom, KeyWishes, Line, SpeedDial, StationPart, Timestamp,
    button_plan, stamp_of,
};
use crate::sccp::wire::{
    DeviceType, Dialect, PhoneMessage, ProtocolVersion, Register, ServerMessage, TextEncoding,
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
        label: Some(label.to_owned()),
        ..Line::new(DirectoryNumber::new(number).unwrap())
    };
    let dial = |number: &str| SpeedDial::new(DirectoryNumber::new(number).unwrap());
    let lamp = SpeedDial {
        blf: true,
        ..dial("3002")
    };
    let plan = button_plan(
        &KeyRoom::of(6),
        KeyWishes {
            lines: vec![Cow::Owned(line("2001"))],
            speed_dials: vec![&dial("3001"), &lamp],
            emergency: vec![&dial("911")],
            placeholder: "Sign in",
        },
    );
    StationPart {
        buttons: plan.buttons,
        softkey_template: None,
        date_template: "D.M.Y".into(),
        prompt: prompt.map(str::to_owned),
    }
}

fn snapshot(station: StationPart) -> Snapshot {
    snapshot_of("SEP001122334455", station)
}

fn snapshot_of(device: &str, station: StationPart) -> Snapshot {
    Snapshot {
        device: DeviceName::new(device).unwrap(),
        stamp: stamp_of(&station, &[]),
        station,
        keys: 6,
        user: "alice".into(),
        load: Some("P0030801SR02".into()),
        zone: TimeZone::UTC,
        server: (Ipv4Addr::new(192, 0, 2, 1).into(), 2000),
    }
}

fn register_as(device: DeviceType) -> PhoneMessage {
    PhoneMessage::Register(Box::new(Register::shortest(
        "SEP001122334455",
        device,
        Ipv4Addr::new(192, 0, 2, 7),
    )))
}

fn register() -> PhoneMessage {
    register_as(DeviceType::CISCO_7960)
}

/// A phone that registered at second 0.
fn registered_as(device: DeviceType, version: u8) -> Station {
    let mut station = Station::new(SETTINGS, at(0));
    admit(&mut station, device, version, 0);
    station
}

fn registered(version: u8) -> Station {
    registered_as(DeviceType::CISCO_7961, version)
}

fn admit(station: &mut Station, device: DeviceType, version: u8, second: u64) {
    let outputs = station.on_message(register_as(device), at(second), WALL);
    assert!(
        matches!(outputs.as_slice(), [Output::Admit { .. }]),
        "{outputs:?}"
    );
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

/// Why the station closes its connection, if it does.
fn closes(outputs: &[Output]) -> Option<Why> {
    outputs.iter().find_map(|output| match output {
        Output::Close(why) => Some(*why),
        _ => None,
    })
}

fn says(said: &[ServerMessage], words: &str) -> bool {
    said.iter().any(|message| match message {
        ServerMessage::DisplayPromptStatus(prompt) => prompt.text.to_string() == words,
        ServerMessage::DisplayText(text) => text.to_string() == words,
        _ => false,
    })
}
