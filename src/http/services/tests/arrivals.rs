//! The triggers of the 3.1 application, and which phone it is that asks.

#![allow(clippy::unwrap_used)]

use super::house::{DESK, House, LOBBY, ROOM, door};

/// Extension Mobility 3.1, Adding the Login Application Trigger and Adding the
/// Logout Application Trigger.
#[tokio::test]
async fn the_triggers_sign_in_and_out_under_the_names_that_the_site_gave() {
    let house = House::with(
        "login_trigger = { name = \"Hotel\" }\nlogout_trigger = { name = \"Check-out\" }",
    )
    .await;
    house.register(DESK, 7);
    let form = house.get("/Hotel").await;
    let action = form.action();
    assert_eq!(
        action,
        format!("/Hotel?device={DESK}"),
        "it stays on its way"
    );
    assert_eq!(form.key("Submit"), "SoftKey:Submit");
    assert_eq!(form.key("Cancel"), "SoftKey:Exit");
    let done = house.get(&format!("{action}&userid=bob&seq=31415")).await;
    assert_eq!(done.prompt(), "Login Successful");
    // 3.1, Logging out: the phone returns to its profile, without a question.
    let done = house.get("/Check-out").await;
    assert_eq!(done.prompt(), "Logout successful");
    assert_eq!(house.get("/login").await.status, 404);
}

/// Extension Mobility 3.1, Adding the Login Service: the URL is
/// case-sensitive.
#[tokio::test]
async fn a_trigger_in_another_case_is_told_to_the_operator() {
    let house = House::with("").await;
    house.register(DESK, 7);
    assert_eq!(house.get("/Login").await.status, 404);
    let heard = house.heard();
    assert!(
        heard.contains("the trigger is \\\"login\\\", and case counts"),
        "{heard}"
    );
    assert_eq!(house.get("/login").await.status, 200);
    assert_eq!(house.get("/logins").await.status, 404);
}

/// Extension Mobility 3.1, Adding the Login Application Trigger: Enabled.
#[tokio::test]
async fn a_trigger_that_is_not_enabled_does_not_answer() {
    let house = House::with("logout_trigger = { name = \"logout\", enabled = false }").await;
    house.sits(DESK, "bob", "31415").await;
    let answer = house.get(&format!("/logout?device={DESK}")).await;
    assert_eq!(answer.status, 404);
    assert!(house.user_on(DESK).is_some());
    assert!(house.heard().contains("which is not enabled"));
}

/// Extension Mobility 3.1, Adding the Login Application and its Trigger:
/// Maximum Number of Sessions.
#[tokio::test]
async fn beyond_its_sessions_a_trigger_says_that_it_is_busy() {
    for parameters in [
        "login_trigger = { name = \"login\", maximum_sessions = 1 }",
        "application_sessions = 1",
    ] {
        let house = House::with(parameters).await;
        let shut = house.directory.gate.acquire_many(1000).await.unwrap();
        let target = format!("/login?device={DESK}&userid=bob&seq=31415");
        let mut working = std::pin::pin!(house.get(&target));
        // The check waits: a session is being worked on.
        tokio::select! {
            biased;
            answer = &mut working => panic!("{answer:?}"),
            () = std::future::ready(()) => {}
        }
        let busy = house.get(&format!("/login?device={ROOM}")).await;
        assert_eq!(
            (busy.status, busy.prompt().as_str()),
            (200, "Busy, please try again")
        );
        assert_eq!(busy.key("Again"), format!("/login?device={ROOM}"));
        // The servlet has no such limit in any document.
        let form = house.get(&door(ROOM)).await;
        assert_eq!(form.prompt(), "Please sign on");
        drop(shut);
        assert_eq!(working.await.prompt(), "Login Successful");
        let form = house.get(&format!("/login?device={ROOM}")).await;
        assert_eq!(form.prompt(), "Please sign on", "its place is free again");
    }
}

/// Extension Mobility 3.1: the URL of the service names no device.
#[tokio::test]
async fn without_a_name_it_is_the_phone_that_is_registered_from_there() {
    let house = House::with("").await;
    let nobody = house.get("/login").await;
    assert!(nobody.says("(207)"), "{}", nobody.text);
    assert!(
        house
            .get("/logout")
            .await
            .says("Logout is unavailable (207)")
    );
    house.register(DESK, 7);
    house.register(LOBBY, 8);
    assert!(house.get("/login").await.action().contains(DESK));
    let other = house.ask("GET", "/login", &[], "", 8).await;
    assert!(other.action().contains(LOBBY));
    assert!(house.ask("GET", "/login", &[], "", 9).await.says("(207)"));
    // Two at one address: which of them?
    house.register(ROOM, 7);
    let list = house.get("/login").await;
    assert_eq!(list.prompt(), "Which phone is this?");
    let lines = list.lines();
    let names: Vec<&str> = lines.keys().map(String::as_str).collect();
    assert_eq!(names, [&format!("{DESK} Shared desk"), ROOM]);
    assert_eq!(lines[ROOM], format!("/login?device={ROOM}"));
    // An old load that does not fill in its name.
    let list = house
        .get("/emapp/EMAppServlet?device=%23DEVICENAME%23&loginType=DN")
        .await;
    assert_eq!(list.lines()[ROOM], format!("{}&loginType=DN", door(ROOM)));
    let pins = house.get("/changecredential/ChangeCredentialServlet").await;
    assert_eq!(pins.lines()[ROOM], super::house::pin_door(ROOM));
    // A name that is none is not made up for.
    assert!(house.get("/login?device=..%2F..").await.says("(207)"));
}
