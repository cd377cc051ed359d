//! Restarts, resets, and phones that do not hear.

use super::*;
use crate::model::OrderKind;
use crate::sccp::wire::{HookEvent, ResetType, UnregisterReason, UnregisterStatus};

fn unregister() -> PhoneMessage {
    PhoneMessage::Unregister(UnregisterReason::UNKNOWN)
}

#[test]
fn an_order_is_accepted_by_unregistering_or_by_just_closing() {
    let mut station = registered(20);
    assert_eq!(
        sent(station.order(OrderKind::Restart, at(1))),
        [ServerMessage::Reset(ResetType::RESTART)]
    );
    let outputs = station.on_message(unregister(), at(2), WALL);
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
    let _ = rude.order(OrderKind::Reset, at(1));
    assert!(matches!(rude.on_closed(true)[..], [Output::OrderAccepted]));
    assert!(
        registered(11).on_closed(true).is_empty(),
        "without an order nothing was accepted"
    );
}

#[test]
fn a_connection_that_we_end_accepts_nothing() {
    let mut station = registered(20);
    let _ = station.order(OrderKind::Reset, at(1));
    assert!(station.on_closed(false).is_empty());
}

#[test]
fn every_unregister_is_acknowledged() {
    let mut never_registered = Station::new(SETTINGS, at(0));
    let mut twice = registered(20);
    let _ = twice.on_message(unregister(), at(1), WALL);
    let mut lifted = registered(20);
    let _ = ask(&mut lifted, PhoneMessage::OffHook(HookEvent::default()));
    for station in [&mut never_registered, &mut twice, &mut lifted] {
        assert_eq!(
            ask(station, unregister()),
            [ServerMessage::UnregisterAck(UnregisterStatus::OK)]
        );
        assert_eq!(closes(&station.on_time(at(2))), Some(Why::Unregistered));
    }
}

#[test]
fn a_phone_that_registers_anew_after_leaving_is_not_cut_off() {
    let mut station = registered(20);
    let _ = station.on_message(unregister(), at(10), WALL);
    admit(&mut station, DeviceType::CISCO_7961, 20, 10);
    assert_eq!(closes(&station.on_time(at(12))), None);
}

#[test]
fn an_order_that_is_not_heard_is_repeated_once_and_then_the_line_is_cut() {
    let mut station = registered(20);
    let _ = station.order(OrderKind::Restart, at(5));
    assert!(station.on_time(at(14)).is_empty(), "it has ten seconds");
    assert_eq!(station.deadline(), at(15));
    assert_eq!(
        sent(station.on_time(at(15))),
        [ServerMessage::Reset(ResetType::RESTART)]
    );
    assert!(station.on_time(at(19)).is_empty());
    let outputs = station.on_time(at(20));
    assert!(
        matches!(&outputs[..], [Output::OrderRefused(why), Output::Close(Why::Disobedient)]
            if why.contains("15 seconds")),
        "{outputs:?}"
    );
    assert!(station.on_closed(false).is_empty(), "it accepted nothing");
}

#[test]
fn an_order_that_is_obeyed_is_not_repeated() {
    let mut station = registered(20);
    let _ = station.order(OrderKind::Restart, at(5));
    let _ = station.on_message(unregister(), at(7), WALL);
    assert!(sent(station.on_time(at(30))).is_empty());
    let mut registers_again = registered(20);
    let _ = registers_again.order(OrderKind::Restart, at(5));
    admit(&mut registers_again, DeviceType::CISCO_7961, 20, 8);
    assert!(registers_again.on_time(at(30)).is_empty());
}

#[test]
fn the_time_of_an_order_runs_while_the_phone_is_idle_alone() {
    let mut station = registered(20);
    let hook = HookEvent::default();
    let _ = station.order(OrderKind::Restart, at(5));
    let _ = station.on_message(PhoneMessage::OffHook(hook), at(6), WALL);
    // Put back by us after a few seconds, the handset still lies beside it.
    for second in 7..60 {
        let outputs = station.on_time(at(second));
        assert_eq!(closes(&outputs), None);
        assert!(!resets(&outputs), "second {second}");
    }
    let _ = station.on_message(PhoneMessage::OnHook(hook), at(60), WALL);
    assert!(!resets(&station.on_time(at(69))));
    assert!(resets(&station.on_time(at(70))));
}

fn resets(outputs: &[Output]) -> bool {
    outputs
        .iter()
        .any(|output| matches!(output, Output::Send(ServerMessage::Reset(_))))
}

#[test]
fn an_order_that_is_out_is_not_sent_a_second_time_but_another_is() {
    let mut station = registered(20);
    let _ = station.order(OrderKind::Restart, at(5));
    assert!(station.order(OrderKind::Restart, at(6)).is_empty());
    assert_eq!(station.deadline(), at(15), "its time runs on");
    assert_eq!(
        sent(station.order(OrderKind::Reset, at(7))),
        [ServerMessage::Reset(ResetType::RESET)]
    );
    assert_eq!(station.deadline(), at(17));
}

#[test]
fn nobody_registered_is_ordered_nothing() {
    let mut station = Station::new(SETTINGS, at(0));
    assert!(station.order(OrderKind::Reset, at(0)).is_empty());
    assert!(registered(20).order(OrderKind::Refresh, at(0)).is_empty());
}
