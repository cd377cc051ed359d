//! Keepalives, silence, insistence, and time.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::model::OrderKind;
use crate::sccp::wire::samples::samples;
use crate::sccp::wire::{HookEvent, MessageId, Opaque, RegisterAck, Unknown};

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
}

#[test]
fn a_connection_that_says_nothing_of_use_is_closed() {
    let mut silent = Station::new(SETTINGS, at(0));
    assert_eq!(silent.deadline(), at(30));
    assert_eq!(closes(&silent.on_time(at(30))), Some(Why::Silent));
    let mut babbling = Station::new(SETTINGS, at(0));
    for second in 0..30 {
        let odd = PhoneMessage::Unknown(Unknown {
            id: MessageId(0xFF02),
            body: Opaque::default(),
        });
        let outputs = babbling.on_message(odd, at(second), WALL);
        assert!(matches!(&outputs[..], [Output::Ignored(_)]));
    }
    assert_eq!(closes(&babbling.on_time(at(30))), Some(Why::Silent));
}

/// The second at which a phone that says nothing more is given up.
fn given_up(station: &mut Station) -> u64 {
    (0..2000)
        .find(|second| closes(&station.on_time(at(*second))) == Some(Why::NoKeepalive))
        .unwrap()
}

#[test]
fn a_phone_without_keepalives_is_gone_after_three() {
    let mut station = registered(20);
    let ack = 3 * keepalive(&mut station);
    assert_eq!(given_up(&mut station), ack);
    // Whatever it says counts.
    let mut alive = registered(20);
    let _ = alive.on_message(PhoneMessage::VersionReq, at(60), WALL);
    assert_eq!(given_up(&mut alive), 60 + ack);
}

fn keepalive(station: &mut Station) -> u64 {
    let _ = station.on_message(register(), at(0), WALL);
    let said = sent(station.admitted(snapshot(part(None, "x")), dialect(20)));
    let Some(ServerMessage::RegisterAck(RegisterAck { keep_alive, .. })) = said.first() else {
        panic!("{said:?}");
    };
    u64::from(*keep_alive)
}

#[test]
fn radio_phones_may_be_a_fifth_late_and_calls_twice_as_late() {
    let usual = given_up(&mut registered(16));
    let mut radio = registered_as(DeviceType::CISCO_7925, 16);
    assert_eq!(given_up(&mut radio), usual + usual.div_ceil(5));
    let mut lifted = registered(16);
    let hook = PhoneMessage::OffHook(HookEvent::default());
    let _ = lifted.on_message(hook, at(0), WALL);
    assert_eq!(given_up(&mut lifted), 2 * usual);
}

#[test]
fn ten_thousand_phones_do_not_beat_together() {
    let mut intervals = std::collections::BTreeMap::new();
    for phone in 0..10_000u32 {
        let mut station = Station::new(
            Settings {
                keepalive: 60,
                ..SETTINGS
            },
            at(0),
        );
        let _ = station.on_message(register(), at(0), WALL);
        let name = format!("SEP0011{phone:08X}");
        let said = sent(station.admitted(snapshot_of(&name, part(None, "x")), dialect(20)));
        let Some(ServerMessage::RegisterAck(ack)) = said.first() else {
            panic!("{said:?}");
        };
        *intervals.entry(ack.keep_alive).or_insert(0) += 1;
    }
    assert_eq!(intervals.keys().next(), Some(&54));
    assert_eq!(intervals.keys().last(), Some(&66));
    assert!(
        intervals.values().all(|phones| *phones < 2000),
        "{intervals:?}"
    );
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
    let outputs = station.on_message(register(), at(0), WALL);
    assert!(
        matches!(&outputs[..], [Output::Ignored(_)]),
        "who was just refused is not looked into again"
    );
    assert!(matches!(
        station.on_time(at(1))[..],
        [Output::Close(Why::Refused)]
    ));
}

#[test]
fn a_connection_that_registers_over_and_over_is_closed() {
    let mut station = Station::new(SETTINGS, at(0));
    for _ in 0..5 {
        admit(&mut station, DeviceType::CISCO_7961, 20, 1);
    }
    let outputs = station.on_message(register(), at(2), WALL);
    assert_eq!(closes(&outputs), Some(Why::Insistent));
    let mut patient = Station::new(SETTINGS, at(0));
    for minute in 0..50 {
        admit(&mut patient, DeviceType::CISCO_7961, 20, minute * 20);
    }
}

proptest! {
    /// Whatever a phone says in whatever order, the station answers or
    /// ignores; and once it did what is due, nothing is due any more: a task
    /// that sleeps until the deadline never spins.
    #[test]
    fn no_order_of_messages_confuses_a_station(
        picks in proptest::collection::vec((0usize..300, 0u64..400), 0..60),
        admits: bool,
        device in prop_oneof![Just(7u32), Just(6), Just(484), Just(12), Just(80004), Just(585)],
    ) {
        let (messages, _) = samples(ProtocolVersion(20));
        let mut station = Station::new(SETTINGS, at(0));
        let mut now = 0;
        for (pick, later) in picks {
            now += later / 10;
            let outputs = match pick % (messages.len() + 6) {
                0 => station.order(OrderKind::Restart, at(now)),
                1 => station.show("words", 5, at(now)),
                2 => station.push(Bytes::from_static(b"<x/>")),
                3 => {
                    let fresh = part(None, "y");
                    let stamp = stamp_of(&fresh, &[]);
                    station.refresh(fresh, stamp)
                }
                4 | 5 => station.on_message(register_as(DeviceType(device)), at(now), WALL),
                other => station.on_message(messages[other - 6].clone(), at(now), WALL),
            };
            let wants_in = outputs.iter().any(|output| matches!(output, Output::Admit { .. }));
            if wants_in && admits {
                let _ = station.admitted(snapshot(part(None, "x")), dialect(20));
            } else if wants_in {
                let _ = station.refused("no", at(now));
            }
            let due = station.on_time(at(now));
            if closes(&due).is_some() {
                break;
            }
            prop_assert!(station.deadline() > at(now), "{station:?}");
        }
    }
}
