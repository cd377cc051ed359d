//! Whoever is not a configured phone, or not the only one of its name.

use super::phone::{as_other, first, header, vector};
use super::*;
use crate::model::DeviceName;
use crate::ports::EventKind;
use crate::sip::wire::{HeaderName, StatusCode};

#[tokio::test]
async fn a_phone_that_nobody_configured_is_told_so_at_once() {
    let house = House::open();
    let mut desk = Desk::connect(&house).await;
    let unknown = DeviceName::new("SEPAAAAAAAAAAAA").unwrap();
    let asked = as_other(&first(foreign()), &unknown);
    desk.say(&asked).await;
    let refused = desk.hears().await;
    assert_eq!(
        String::from_utf8_lossy(&refused.to_bytes()).lines().next(),
        Some("SIP/2.0 404 Phone not configured")
    );
    let event = house.last_event();
    assert_eq!(event.device, Some(unknown));
    let EventKind::UnknownPhone { type_id, load, .. } = event.kind else {
        panic!("{event:?}");
    };
    assert_eq!(type_id, Some(621));
    assert_eq!(load.as_deref(), Some("sip78xx.12-1-1-12"));
    // The connection stays: an operator may be about to configure it.
    assert_eq!(desk.asks(&asked).await, 404);
    assert_eq!(desk.asks(vector!("refer-token")).await, 202);
    house.later(180);
    assert!(desk.is_closed().await);
}

#[tokio::test]
async fn two_names_in_one_register_are_forbidden() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut desk = Desk::connect(&house).await;
    let asked = first(&house.contact(&device)).replace("0000-c80084aa8743>", "0000-001122334455>");
    desk.say(&asked).await;
    let refused = desk.hears().await;
    assert_eq!(refused.status().map(StatusCode::code), Some(403));
    assert!(header(&refused, HeaderName::WARNING).ends_with("\"The names of the phone differ\""));
    assert_eq!(house.journal(), ["- registration-refused"]);
}

#[tokio::test]
async fn one_connection_carries_one_phone() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut desk = Desk::registered(&house, &device).await;
    let other = as_other(&first(foreign()), &other_device());
    assert_eq!(desk.asks(&other).await, 403);
    assert!(house.registration(&device).is_some());
    assert!(house.registration(&other_device()).is_none());
}

#[tokio::test]
async fn two_phones_with_one_name_do_not_chase_each_other() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = first(&house.contact(&device));
    let mut desks = Vec::new();
    for from in ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"] {
        let mut desk = Desk::connect_from(&house, from).await;
        assert_eq!(desk.asks(&asked).await, 200);
        desks.push(desk);
    }
    let mut late = Desk::connect_from(&house, "127.0.0.1").await;
    late.say(&asked).await;
    let refused = late.hears().await;
    assert_eq!(refused.status().map(StatusCode::code), Some(503));
    assert_eq!(header(&refused, HeaderName::RETRY_AFTER), "60");
    assert!(
        house
            .journal()
            .contains(&"SEPC80084AA8743 contested".to_owned())
    );
    let holder = house.registration(&device).unwrap();
    assert_eq!(holder.peer.ip().to_string(), "127.0.0.2");
    house.later(61);
    assert_eq!(late.asks(&asked).await, 200, "later it may try again");
}

#[tokio::test]
async fn a_clone_that_is_refused_does_not_change_how_the_phone_is_served() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = first(&house.contact(&device));
    let mut desks = Vec::new();
    for from in ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"] {
        let mut desk = Desk::connect_from(&house, from).await;
        assert_eq!(desk.asks(&asked).await, 200);
        desks.push(desk);
    }
    let mut clone = Desk::connect_from(&house, "127.0.0.1").await;
    let as_7841 = asked.replace("\"621\"", "\"622\"");
    assert_eq!(clone.asks(&as_7841).await, 503);
    assert_eq!(house.phone(&device).observed_model, None);
    let told = house.journal();
    assert!(told.contains(&"SEPC80084AA8743 contested".to_owned()));
    house.later(61);
    assert_eq!(
        clone.asks(&as_7841).await,
        200,
        "later it may claim the name"
    );
    assert!(house.phone(&device).observed_model.is_some());
}

#[tokio::test]
async fn bad_bytes_end_the_connection_and_bad_messages_do_not() {
    let house = House::open();
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks("REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n").await, 400);
    desk.say("\r\n\r\n").await;
    assert_eq!(desk.asks(vector!("refer-token")).await, 202);
    desk.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    // An HTTP request is no SIP request either.
    while let Some(answer) = desk.next().await {
        assert_eq!(answer.status().map(StatusCode::code), Some(505));
        desk.say("\u{16}\u{3}\u{1}").await;
    }
}

#[tokio::test]
async fn there_are_only_so_many_places() {
    let house = House::with(&House::tight());
    let mut first = Desk::connect(&house).await;
    assert_eq!(first.asks(vector!("refer-token")).await, 202);
    let mut second = Desk::connect(&house).await;
    assert!(second.is_closed().await);
}
