//! What is wanted of a phone and does not come about.

use embody::handset::{Kind, Profile};
use serde_json::json;

use super::house::{DESK, House, ROOM};
use crate::support::phones::{mac, registered, until};

#[tokio::test(flavor = "multi_thread")]
async fn it_was_told_to_restart_and_came_back_as_it_was() {
    let house = House::open().await;
    let kind = Kind::Cisco8841;
    let mut profile = Profile::new(kind, mac(kind));
    profile.rereads_on_restart = false;
    let phone = house.plug_in(profile, [127, 0, 9, 1]);
    registered(&phone, 1).await;
    until("it is right", || house.verdict(ROOM) == "right").await;
    house.login(ROOM, "bob");
    let words = [
        "did not take the change (bob signed in)",
        "came back with file",
        "took another file than ours",
        "embody reset",
    ];
    let finding = house.finds(ROOM, "restart-not-obeyed", &words).await;
    assert_eq!(finding["gravity"], "stops");
    assert_eq!(house.verdict(ROOM), "refuses");
    assert_eq!(phone.orders_received().restarts, 1, "it is left alone");

    // As the finding says.
    let (status, said) = house
        .admin
        .post(&format!("/phones/{ROOM}/reset"), &json!({}));
    assert_eq!(status, 200, "{said}");
    until("it is right again", || house.verdict(ROOM) == "right").await;
    house.finds_no(ROOM, "restart-not-obeyed");
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handset_beside_its_cradle_keeps_a_change_waiting() {
    let house = House::open().await;
    let kind = Kind::Cisco7961;
    let phone = house.plug_in(Profile::new(kind, mac(kind)), [127, 0, 9, 1]);
    registered(&phone, 1).await;
    until("it is right", || house.verdict(DESK) == "right").await;
    phone.set_off_hook(true);
    until("it is in a call", || house.is_in_call(DESK)).await;
    house.login(DESK, "bob");
    house.finds_no(DESK, "order-overdue");
    assert_eq!(house.verdict(DESK), "waiting");
    house.later(301);
    let words = [
        "is to restart because bob signed in",
        "calls are not cut off",
        "overdue: the change is 5 min old",
        "handset beside its cradle",
    ];
    let finding = house.finds(DESK, "order-overdue", &words).await;
    assert_eq!(finding["gravity"], "disturbs");
    assert_eq!(house.verdict(DESK), "overdue");

    phone.set_off_hook(false);
    until("it is right", || house.verdict(DESK) == "right").await;
    house.finds_no(DESK, "order-overdue");
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_does_not_know_its_model() {
    let house = House::open().await;
    house.finds_no(DESK, "model-unknown");
    let known = include_str!("../../../phone-configs/catalogue.toml");
    let without = known.replace("name = \"7961\"", "name = \"7961X\"");
    assert_ne!(known, without);
    let house = house.again_with_catalogue(&without).await;
    let words = [
        "configured as model 7961",
        "no file",
        "form of its file",
        "[[phone]]",
    ];
    let finding = house.finds(DESK, "model-unknown", &words).await;
    assert_eq!(finding["gravity"], "stops");
    assert_eq!(house.verdict(DESK), "unknown");
}
