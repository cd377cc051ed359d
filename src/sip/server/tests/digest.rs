//! A house that asks for secrets.

use super::phone::{UdpDesk, branched, first, header, over_udp, refresh, unregister, vector};
use super::*;
use crate::model::{AutoRegistered, Change, ContactId, DeviceName, Held, Stamp, Timestamp};
use crate::sip::server::Settings;
use crate::sip::wire::digest::{Answer, Challenge};
use crate::sip::wire::{HeaderName, Message, Method, Secret, StatusCode};

fn careful() -> Settings {
    Settings {
        digest: true,
        realm: "house".into(),
        ..Settings::default()
    }
}

fn with_answer(text: &str, refused: &Message, username: &str, password: &str) -> String {
    let asked = header(refused, HeaderName::WWW_AUTHENTICATE);
    let challenge = Challenge::parse(asked.as_bytes()).unwrap();
    assert_eq!(challenge.realm, "house");
    let answer = challenge.answer(&Answer {
        username,
        password: &Secret::new(password),
        method: &Method::Register,
        uri: "sip:192.0.2.200",
        cnonce: "61cdcfdc",
        count: 1,
    });
    text.replace("Expires:", &format!("Authorization: {answer}\r\nExpires:"))
}

const SECRET: &str = "Qm3yX8vT2kLp9RwZ5nDc";

#[tokio::test]
async fn a_phone_with_the_secret_of_its_file_is_let_in() {
    let house = House::with(&careful());
    let (device, file) = registered_file(&house);
    let asked = first(&house.contact(&device));
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(vector!("refer-alarm-7821")).await, 202);
    desk.say(&asked).await;
    let challenged = desk.hears().await;
    assert_eq!(challenged.status().map(StatusCode::code), Some(401));
    assert!(house.registration(&device).is_none());

    let answered = with_answer(&asked, &challenged, device.as_str(), SECRET);
    assert_eq!(desk.asks(&answered).await, 200);
    house.heard(1).await;
    assert_eq!(house.last_sighting().shown.file, Some(file));
    let update = desk.hears().await;
    desk.answer(&update, 200).await;

    // Its own unregister needs no proof; on another connection it does.
    let gone = unregister(&asked, 115);
    let mut other = Desk::connect(&house).await;
    other.say(&gone).await;
    let challenged = other.hears().await;
    assert_eq!(challenged.status().map(StatusCode::code), Some(401));
    assert!(house.registration(&device).is_some());
    assert_eq!(desk.asks(&gone).await, 200);
    assert!(house.registration(&device).is_none());
    let proven = with_answer(&gone, &challenged, device.as_str(), SECRET);
    assert_eq!(other.asks(&proven).await, 200);
}

#[tokio::test]
async fn wrong_secrets_and_borrowed_ones_are_forbidden() {
    let house = House::with(&careful());
    let (device, _) = registered_file(&house);
    let asked = first(&house.contact(&device));
    let mut desk = Desk::connect(&house).await;
    desk.say(&asked).await;
    let challenged = desk.hears().await;
    for (username, password) in [
        (device.as_str(), "guessed"),
        (other_device().as_str(), SECRET),
        ("2222", SECRET),
    ] {
        let answered = with_answer(&asked, &challenged, username, password);
        assert_eq!(desk.asks(&answered).await, 403, "{username}");
    }
    assert!(house.registration(&device).is_none());
    let journal = house.journal();
    assert_eq!(journal, ["SEPC80084AA8743 registration-refused"; 3]);
    assert!(!format!("{:?}", house.last_event()).contains(SECRET));
}

#[tokio::test]
async fn a_phone_that_nobody_configured_is_not_asked_for_a_secret() {
    let house = House::with(&careful());
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(vector!("register-7975-keepalive")).await, 404);
}

/// A phone that registered by itself booted from a file without a secret: it is
/// excused while it shows that one, and its own was not seen on it.
#[tokio::test]
async fn only_who_shows_its_first_file_is_excused_and_until_its_own_was_seen() {
    let first_file = Stamp::from_bits(77);
    for (first_file, approved, held, shown, code, why) in [
        (
            Some(first_file),
            false,
            None,
            Some(first_file),
            200,
            "its first REGISTER",
        ),
        (
            Some(first_file),
            true,
            Some(first_file),
            Some(first_file),
            200,
            "not restarted yet",
        ),
        (
            Some(first_file),
            false,
            Some(Stamp::from_bits(5)),
            Some(first_file),
            401,
            "its own was seen",
        ),
        (
            Some(first_file),
            false,
            None,
            Some(Stamp::from_bits(5)),
            401,
            "it shows another",
        ),
        (Some(first_file), false, None, None, 401, "it shows none"),
        (
            None,
            false,
            None,
            None,
            200,
            "it could not show one, and waits",
        ),
        (None, true, None, None, 401, "people sign in there"),
    ] {
        let house = House::with(&careful());
        let (device, _) = registered_file(&house);
        let mut phone = house.phone(&device);
        let id = phone.id;
        phone.auto_registered = Some(AutoRegistered {
            since: Timestamp(0),
            address: [127, 0, 0, 1].into(),
            load: None,
            first_file,
            approved,
        });
        house.put(phone);
        house.change(&Change::PutHeld(Held {
            phone: id,
            file: held,
            station: None,
            node: "here".to_owned(),
            seen: Timestamp(0),
        }));
        let contact = shown.map_or_else(
            || foreign().to_owned(),
            |stamp| ContactId::mint(&device, 1, stamp).to_string(),
        );
        let mut desk = Desk::connect(&house).await;
        assert_eq!(desk.asks(&first(&contact)).await, code, "{why}");
    }
}

/// The challenge in a 401.
fn challenge(refused: &Message) -> Challenge {
    assert_eq!(refused.status().map(StatusCode::code), Some(401));
    let asked = header(refused, HeaderName::WWW_AUTHENTICATE);
    assert!(asked.contains("qop=\"auth\""), "{asked}");
    Challenge::parse(asked.as_bytes()).unwrap()
}

/// A request with the answer to a challenge; phones begin to count anew as
/// they like.
fn proven(text: &str, challenge: &Challenge, device: &DeviceName) -> String {
    let answer = challenge.answer(&Answer {
        username: device.as_str(),
        password: &Secret::new(SECRET),
        method: &Method::Register,
        uri: "sip:192.0.2.200",
        cnonce: "61cdcfdc",
        count: 1,
    });
    text.replace("Expires:", &format!("Authorization: {answer}\r\nExpires:"))
}

#[tokio::test]
async fn over_udp_a_nonce_serves_for_a_while_whatever_is_counted() {
    let house = House::with(&careful());
    let (device, _) = registered_file(&house);
    let first = over_udp(&first(&house.contact(&device)));
    let asked = |cseq: u32| branched(&refresh(&first, cseq), &cseq.to_string());
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.say(asked(1)).await;
    let nonce = challenge(&desk.hears().await);
    assert!(!nonce.stale);

    let answered = proven(&asked(2), &nonce, &device);
    desk.say(&answered).await;
    let ok = desk.hears().await;
    assert_eq!(ok.status(), Some(StatusCode::OK));
    // Its answer was lost: the same REGISTER, with the same proof.
    desk.say(&answered).await;
    assert_eq!(desk.hears().await, ok);
    for cseq in 3..6 {
        house.later(100);
        assert_eq!(desk.asks(proven(&asked(cseq), &nonce, &device)).await, 200);
    }
    house.later(1);
    desk.say(proven(&asked(6), &nonce, &device)).await;
    let fresh = challenge(&desk.hears().await);
    assert!(fresh.stale, "the proof was right, the nonce too old");
    assert!(house.registration(&device).is_some());
    // Without qop, as the oldest phones answer.
    let old = Challenge {
        qop_auth: false,
        ..fresh
    };
    assert_eq!(desk.asks(proven(&asked(7), &old, &device)).await, 200);
    assert_eq!(
        house.heard(1).await.len(),
        1,
        "one registration all the time"
    );
}

#[tokio::test]
async fn over_udp_only_the_registered_flow_leaves_without_a_proof() {
    let house = House::with(&careful());
    let (device, _) = registered_file(&house);
    let first = over_udp(&first(&house.contact(&device)));
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    let asked = refresh(&first, 1);
    desk.say(&asked).await;
    let nonce = challenge(&desk.hears().await);
    let registered = branched(&refresh(&first, 2), "b");
    assert_eq!(desk.asks(proven(&registered, &nonce, &device)).await, 200);
    let gone = branched(&unregister(&first, 3), "c");
    // Another host, and the same host without the Call-ID.
    let stranger = UdpDesk::plug_in(&house, "127.0.0.2").await;
    assert_eq!(stranger.asks(&gone).await, 401);
    let guessed = gone.replace("255b99f4", "00000000");
    assert_eq!(desk.asks(&guessed).await, 401);
    assert!(house.registration(&device).is_some());
    assert_eq!(desk.asks(&gone).await, 200);
    assert!(house.registration(&device).is_none());
}
