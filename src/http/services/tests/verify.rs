//! Whether the phone that asks is the one that it says it is (`verify_phone`):
//! it is asked at its own web server.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::Ordering;

use super::house::{DESK, House, LOBBY, door, pin_door};

const ASKED: &str = "verify_phone = \"when-it-answers\"";
const ALWAYS: &str = "verify_phone = \"always\"";

fn questions(house: &House) -> usize {
    house.webs.asked.load(Ordering::Acquire)
}

#[tokio::test]
async fn without_the_parameter_no_phone_is_asked_anything() {
    let house = House::with("").await;
    house.register(DESK, 7);
    house.webs.say(7, LOBBY);
    assert_eq!(house.get(&door(DESK)).await.fields().len(), 2);
    assert_eq!(questions(&house), 0);
}

#[tokio::test]
async fn a_phone_that_says_its_name_is_asked_once_a_registration() {
    let house = House::with(ALWAYS).await;
    house.register(DESK, 7);
    house.webs.say(7, DESK);
    for _ in 0..3 {
        assert_eq!(house.get(&door(DESK)).await.fields().len(), 2);
    }
    house.sits(DESK, "bob", "31415").await;
    house.advance(3600);
    house.get(&pin_door(DESK)).await.fields();
    assert_eq!(questions(&house), 1);
    house.register(DESK, 7);
    house.get(&door(DESK)).await;
    assert_eq!(questions(&house), 2, "it may be another phone now");
}

#[tokio::test]
async fn a_phone_that_says_another_name_is_told_28_on_every_page() {
    for parameter in [ASKED, ALWAYS] {
        let house = House::with(parameter).await;
        house.register(DESK, 7);
        house.webs.say(7, LOBBY);
        for target in [
            door(DESK),
            format!("{}&userid=bob&seq=31415", door(DESK)),
            format!("{}&doLogout=true", door(DESK)),
            format!("/login?device={DESK}"),
            pin_door(DESK),
        ] {
            let refused = house.get(&target).await;
            assert!(refused.says("(28)"), "{target}: {}", refused.text);
        }
        assert_eq!(house.user_on(DESK), None);
        assert_eq!(questions(&house), 1);
        let heard = house.heard();
        let why = format!("says that it is {LOBBY}, and the request names {DESK}");
        assert!(heard.contains(&why), "{heard}");
    }
}

/// Whoever names somebody else's phone from his own desk: no phone is asked
/// where it is not registered from.
#[tokio::test]
async fn a_request_from_elsewhere_is_refused_without_a_question() {
    let house = House::with(ASKED).await;
    house.register(DESK, 7);
    house.register(LOBBY, 8);
    house.webs.say(7, DESK);
    house.webs.say(8, LOBBY);
    let refused = house.ask("GET", &door(DESK), &[], "", 8).await;
    assert!(refused.says("(28)"), "{}", refused.text);
    let refused = house.ask("GET", &door(DESK), &[], "", 99).await;
    assert!(refused.says("(28)"), "{}", refused.text);
    assert_eq!(questions(&house), 0);
    let heard = house.heard();
    assert!(heard.contains("is registered from 192.0.2.7"), "{heard}");
}

#[tokio::test]
async fn a_phone_that_is_not_registered_cannot_be_asked() {
    let house = House::with(ASKED).await;
    house.was_here(DESK).await;
    house.webs.say(7, DESK);
    let refused = house.get(&door(DESK)).await;
    assert!(
        refused.says("(29)"),
        "it may come back yet: {}",
        refused.text
    );
    house.advance(181);
    let refused = house.get(&door(DESK)).await;
    assert!(refused.says("(28)"), "{}", refused.text);
    assert_eq!(questions(&house), 0);
}

#[tokio::test]
async fn a_phone_without_a_web_server_is_let_in_or_not_as_the_parameter_says() {
    let house = House::with(ASKED).await;
    house.register(DESK, 7);
    for _ in 0..3 {
        assert_eq!(house.get(&door(DESK)).await.fields().len(), 2);
    }
    assert_eq!(questions(&house), 1, "silence counts for a minute");
    let notes = house.heard().matches("its web server is off").count();
    assert_eq!(notes, 1, "{}", house.heard());
    house.advance(60);
    house.webs.say(7, LOBBY);
    let refused = house.get(&door(DESK)).await;
    assert!(refused.says("(28)"), "it answers now: {}", refused.text);

    let house = House::with(ALWAYS).await;
    house.register(DESK, 7);
    let refused = house.get(&door(DESK)).await;
    assert!(refused.says("(28)"), "{}", refused.text);
    assert!(house.heard().contains("webAccess"), "{}", house.heard());
}

/// A program with the URL of the application, acting for a phone.
#[tokio::test]
async fn a_trusted_address_acts_for_any_phone() {
    let list = format!("{ALWAYS}\ntrusted_list_of_ips = \"192.0.2.50\"");
    let house = House::with(&list).await;
    house.register(DESK, 7);
    house.webs.say(7, LOBBY);
    let form = house.ask("GET", &door(DESK), &[], "", 50).await;
    assert_eq!(form.fields().len(), 2, "{}", form.text);
    assert_eq!(questions(&house), 0);
}
