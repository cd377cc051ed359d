//! Where the pages of the application are asked from (*Feature Configuration
//! Guide*, Extension Mobility service parameters: Validate IP Address, Trusted
//! List of IPs, Allow Proxy).

#![allow(clippy::unwrap_used)]

use super::house::{DESK, House, LOBBY, door, pin_door};

const VALIDATED: &str = "validate_ip_address = true";

/// The requests that act, or tell who is where.
fn everything() -> [String; 5] {
    [
        door(DESK),
        format!("{}&userid=bob&seq=31415", door(DESK)),
        format!("{}&doLogout=true", door(DESK)),
        format!("/logout?device={DESK}"),
        format!("{}&userid=bob&seq=31415&newpin=92653", pin_door(DESK)),
    ]
}

#[tokio::test]
async fn without_the_parameter_any_host_may_ask() {
    let house = House::with("").await;
    house.register(DESK, 7);
    let done = house.ask("GET", &everything()[1], &[], "", 99).await;
    assert_eq!(done.prompt(), "Login Successful");
}

#[tokio::test]
async fn a_stranger_is_told_28_and_nothing_else() {
    let house = House::with(VALIDATED).await;
    house.register(DESK, 7);
    house.sits(DESK, "bob", "31415").await;
    let checked = house
        .directory
        .checks
        .load(std::sync::atomic::Ordering::Acquire);
    for target in everything() {
        let refused = house.ask("GET", &target, &[], "", 99).await;
        assert!(refused.says("(28)"), "{target}: {}", refused.text);
        assert!(!refused.says("bob"), "{target}: {}", refused.text);
    }
    assert_eq!(house.user_on(DESK).as_deref(), Some("bob"));
    let after = house
        .directory
        .checks
        .load(std::sync::atomic::Ordering::Acquire);
    assert_eq!(after, checked, "no PIN can be guessed from there");
    assert!(house.heard().contains("192.0.2.99"), "{}", house.heard());
}

#[tokio::test]
async fn any_registered_phone_and_the_trusted_list_are_served() {
    let list = format!("{VALIDATED}\ntrusted_list_of_ips = \"192.0.2.50\"");
    let house = House::with(&list).await;
    house.register(DESK, 7);
    house.register(LOBBY, 8);
    for host in [7, 8, 50] {
        let form = house.ask("GET", &door(DESK), &[], "", host).await;
        assert_eq!(form.fields().len(), 2, "{}", form.text);
    }
    // An address is trusted, not a phone: unplugged, it is a stranger's.
    let refused = house.ask("GET", &door(DESK), &[], "", 9).await;
    assert!(refused.says("(28)"), "{}", refused.text);
}

#[tokio::test]
async fn who_came_through_a_proxy_is_told_30_unless_that_is_allowed() {
    let via = [("Via", "1.1 proxy.example.com")];
    let house = House::with(VALIDATED).await;
    house.register(DESK, 7);
    let refused = house.ask("GET", &door(DESK), &via, "", 7).await;
    assert!(refused.says("(30)"), "{}", refused.text);
    let house = House::with(&format!("{VALIDATED}\nallow_proxy = true")).await;
    house.register(DESK, 7);
    let form = house.ask("GET", &door(DESK), &via, "", 7).await;
    assert_eq!(form.fields().len(), 2, "{}", form.text);
}

#[tokio::test]
async fn a_phone_that_has_not_come_back_yet_may_try_again() {
    let house = House::with(VALIDATED).await;
    house.was_here(DESK).await;
    let refused = house.get(&door(DESK)).await;
    assert!(refused.says("(29)"), "{}", refused.text);
    assert_eq!(refused.key("Again"), door(DESK));
    house.register(DESK, 7);
    assert_eq!(house.get(&door(DESK)).await.fields().len(), 2);
    house.was_here(LOBBY).await;
    house.advance(181);
    let refused = house.ask("GET", &door(LOBBY), &[], "", 8).await;
    assert!(refused.says("(28)"), "{}", refused.text);
}
