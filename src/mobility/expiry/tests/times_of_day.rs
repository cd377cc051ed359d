//! Everybody is signed out at a time of day (CME, *em logout*).

use super::{HOUR, House, MINUTE, at, in_pool, pool};
use crate::mobility::Requested;
use crate::mobility::testing::{DESK, LAB, LOBBY, world};
use crate::model::{Change, EndReason, Parameters};

fn times(texts: &'static [&'static str]) -> impl FnOnce(&mut Parameters) {
    move |parameters| {
        parameters.logout_times = texts.iter().map(|text| text.parse().unwrap()).collect();
    }
}

/// Desk and lab in Berlin, lobby in New York.
async fn two_cities(now: &str, texts: &'static [&'static str]) -> House {
    let mut world = world();
    for change in [
        pool("Berlin", "Europe/Berlin"),
        pool("York", "America/New_York"),
    ] {
        world.apply(&change);
    }
    in_pool(&mut world, DESK, "Berlin");
    in_pool(&mut world, LAB, "Berlin");
    in_pool(&mut world, LOBBY, "York");
    let mut house = House::with(world, now, times(texts));
    house.look().await;
    house
}

const BOTH_AT_WORK: &str = "2026-07-01T14:00:00Z";

#[tokio::test]
async fn each_phone_goes_by_the_clock_of_its_zone() {
    let mut house = two_cities(BOTH_AT_WORK, &["17:30"]).await;
    house.sits_down("alice", DESK, Requested::Default).await;
    house.sits_down("bob", LOBBY, Requested::Default).await;
    assert_eq!(house.pass(90 * MINUTE - 1).await, []);
    assert_eq!(
        house.leap(1).await,
        [("alice".to_owned(), EndReason::TimeOfDay)],
        "17:30 in Berlin"
    );
    assert_eq!(house.pass(6 * HOUR - 1).await, []);
    assert_eq!(
        house.leap(1).await,
        [("bob".to_owned(), EndReason::TimeOfDay)],
        "17:30 in New York"
    );
    assert_eq!(
        house.told(),
        [EndReason::TimeOfDay.into(), EndReason::TimeOfDay.into()]
    );
}

#[tokio::test]
async fn whoever_signs_in_after_it_stays_until_the_next() {
    let mut house = two_cities("2026-07-01T15:31:00Z", &["17:30"]).await;
    house.sits_down("alice", DESK, Requested::Default).await;
    assert_eq!(house.pass(23 * HOUR).await, []);
    assert_eq!(house.pass(HOUR).await.len(), 1);
}

#[tokio::test]
async fn what_was_missed_while_the_daemon_was_down_is_made_up_at_once() {
    let mut house = two_cities(BOTH_AT_WORK, &["17:30"]).await;
    house.sits_down("alice", DESK, Requested::Default).await;
    house.clock.pass(15 * HOUR);
    house.start_again();
    assert_eq!(
        house.ended().await,
        [("alice".to_owned(), EndReason::TimeOfDay)]
    );
}

#[tokio::test]
async fn a_new_list_signs_nobody_out_for_a_time_that_has_passed() {
    let mut house = two_cities("2026-07-01T06:00:00Z", &[]).await;
    house.sits_down("alice", DESK, Requested::Default).await;
    assert_eq!(house.pass(10 * HOUR).await, []);
    // It is 18:00 in Berlin.
    house.parameters(times(&["17:30"]));
    assert_eq!(house.pass(HOUR).await, []);
    house.start_again();
    assert_eq!(house.leap(1).await, [], "also after a restart");
    assert_eq!(house.pass(23 * HOUR).await.len(), 1);
}

#[tokio::test]
async fn a_list_that_was_changed_while_it_could_not_be_noted_signs_nobody_out() {
    use std::sync::atomic::Ordering;
    let mut house = two_cities("2026-07-01T06:00:00Z", &[]).await;
    house.sits_down("alice", DESK, Requested::Default).await;
    house.clock.pass(12 * HOUR);
    house.parameters(times(&["17:30"]));
    house.store.room.store(0, Ordering::Relaxed);
    let round = house.look().await;
    assert!(round.failed && round.wait.is_some());
    house.store.room.store(u64::MAX, Ordering::Relaxed);
    assert_eq!(house.pass(HOUR).await, []);
    assert_eq!(house.signed_in(), 1);
}

#[tokio::test]
async fn a_user_on_a_call_leaves_when_it_ends_and_no_new_list_lets_him_off() {
    let mut house = two_cities(BOTH_AT_WORK, &["17:30"]).await;
    house.sits_down("alice", DESK, Requested::Default).await;
    house.desks.call(DESK, true, at(BOTH_AT_WORK));
    assert_eq!(house.pass(4 * HOUR).await, []);
    house.parameters(times(&["23:00"]));
    assert_eq!(house.pass(HOUR).await, []);
    house.desks.call(DESK, false, at(BOTH_AT_WORK));
    assert_eq!(
        house.leap(2).await,
        [("alice".to_owned(), EndReason::TimeOfDay)]
    );
}

/// CME, *em logout*: in the night in which clocks go back 2:30 comes twice.
#[tokio::test]
async fn the_night_in_which_clocks_go_back_signs_people_out_once() {
    let mut house = two_cities("2026-10-24T22:00:00Z", &["2:30"]).await;
    house.sits_down("alice", DESK, Requested::Default).await;
    assert_eq!(house.pass(2 * HOUR + 30 * MINUTE).await.len(), 1);
    house.sits_down("alice", DESK, Requested::Default).await;
    assert_eq!(house.pass(2 * HOUR).await, [], "the second 2:30");
    assert_eq!(house.signed_in(), 1);
}

/// And in which they go forward there is no 2:30.
#[tokio::test]
async fn the_night_in_which_clocks_go_forward_signs_people_out_once() {
    let mut house = two_cities("2026-03-28T23:00:00Z", &["2:30"]).await;
    house.sits_down("alice", DESK, Requested::Default).await;
    let ended = house.pass(4 * HOUR).await;
    assert_eq!(ended.len(), 1);
    house.sits_down("alice", DESK, Requested::Default).await;
    assert_eq!(house.pass(12 * HOUR).await, []);
}

#[tokio::test]
async fn the_earlier_of_two_rules_is_the_reason() {
    let mut house = two_cities(BOTH_AT_WORK, &["17:30"]).await;
    house.sits_down("alice", DESK, Requested::Minutes(60)).await;
    house.sits_down("bob", LAB, Requested::Minutes(120)).await;
    house.clock.pass(15 * HOUR);
    let mut ended = house.ended().await;
    ended.sort();
    assert_eq!(
        ended,
        [
            ("alice".to_owned(), EndReason::Expired),
            ("bob".to_owned(), EndReason::TimeOfDay),
        ]
    );
}

#[tokio::test]
async fn what_comes_next_is_told_with_its_rule() {
    let mut house = two_cities(BOTH_AT_WORK, &["17:30"]).await;
    house.sits_down("alice", DESK, Requested::Default).await;
    let world = house.world();
    let desk = *world.sessions.keys().next().unwrap();
    let next = crate::mobility::expiry::next_end(&world, &*house.desks, desk).unwrap();
    assert_eq!(
        (next.at, next.why),
        (at("2026-07-01T15:30:00Z"), EndReason::TimeOfDay)
    );
    drop(world);
    let mut session = house.world().sessions[&desk].clone();
    session.expires = Some(at("2026-07-01T15:00:00Z"));
    house.edit(&Change::PutSession(session));
    let world = house.world();
    let next = crate::mobility::expiry::next_end(&world, &*house.desks, desk).unwrap();
    assert_eq!(next.why, EndReason::Expired);
}
