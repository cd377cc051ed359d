//! How long a login lasts.

use super::{HOUR, House, MINUTE};
use crate::mobility::Requested;
use crate::mobility::testing::{DESK, LOBBY};
use crate::model::{Change, EndReason, LoginTime, Parameters};

fn at_most(hours: &str) -> impl FnOnce(&mut Parameters) {
    let most: LoginTime = hours.parse().unwrap();
    move |parameters| {
        parameters.enforce_maximum_login_time = true;
        parameters.maximum_login_time = most;
    }
}

const MORNING: &str = "2026-07-01T06:00:00Z";

/// Extension Mobility API, login: `exclusiveDuration` of one minute.
#[tokio::test]
async fn a_minute_is_sixty_seconds() {
    let mut house = House::at(MORNING, |_| ());
    house.sits_down("alice", DESK, Requested::Minutes(1)).await;
    assert_eq!(house.leap(59).await, []);
    assert_eq!(
        house.leap(1).await,
        [("alice".to_owned(), EndReason::Expired)]
    );
    assert_eq!(house.told(), [EndReason::Expired.into()]);
}

/// Extension Mobility 4.1, Setting the Service Parameters: 0:01 to 168:00.
#[tokio::test]
async fn a_week_passes_and_the_longest_maximum_ends_the_login() {
    let mut house = House::at(MORNING, at_most("168:00"));
    house.sits_down("alice", DESK, Requested::Default).await;
    assert_eq!(house.pass(168 * HOUR - 1).await, []);
    assert_eq!(
        house.leap(1).await,
        [("alice".to_owned(), EndReason::Expired)]
    );
}

/// Extension Mobility 4.1, Setting the Service Parameters: the automatic logout
/// is used for all logins.
#[tokio::test]
async fn no_login_is_longer_than_an_enforced_maximum() {
    for asked in [
        Requested::Indefinite,
        Requested::Default,
        Requested::Minutes(600),
    ] {
        let mut house = House::at(MORNING, at_most("8:00"));
        house.sits_down("alice", DESK, asked).await;
        assert_eq!(house.pass(8 * HOUR - MINUTE).await, [], "{asked:?}");
        assert_eq!(house.pass(MINUTE).await.len(), 1, "{asked:?}");
    }
    let mut house = House::at(MORNING, at_most("8:00"));
    house.sits_down("alice", DESK, Requested::Minutes(60)).await;
    assert_eq!(house.leap(HOUR).await.len(), 1, "the shorter one counts");
}

#[tokio::test]
async fn without_a_maximum_indefinite_is_without_end() {
    let mut house = House::at(MORNING, |_| ());
    house.sits_down("alice", DESK, Requested::Indefinite).await;
    house.sits_down("bob", LOBBY, Requested::Default).await;
    assert_eq!(house.leap(366 * 24 * HOUR).await, []);
    assert_eq!(house.signed_in(), 2);
}

/// The clean-up of Cisco's service runs once a day; ours at the start.
#[tokio::test]
async fn what_ran_out_while_nobody_looked_ends_at_the_start() {
    let mut house = House::at(MORNING, |_| ());
    house.sits_down("alice", DESK, Requested::Minutes(60)).await;
    house.clock.pass(3 * HOUR);
    house.start_again();
    assert_eq!(
        house.ended().await,
        [("alice".to_owned(), EndReason::Expired)]
    );
}

#[tokio::test]
async fn a_call_puts_the_end_off_and_its_end_brings_it() {
    let mut house = House::at(MORNING, |_| ());
    house.sits_down("alice", DESK, Requested::Minutes(60)).await;
    house.desks.call(DESK, true, super::at(MORNING));
    assert_eq!(house.pass(3 * HOUR).await, [], "a long talk");
    let round = house.look().await;
    assert_eq!(round.in_call, 1);
    assert!(
        round.wait.is_some_and(|wait| wait.as_secs() <= 2),
        "{round:?}"
    );
    house.desks.call(DESK, false, super::at(MORNING));
    assert_eq!(
        house.leap(2).await,
        [("alice".to_owned(), EndReason::Expired)]
    );
}

#[tokio::test]
async fn whoever_signed_in_again_in_between_stays() {
    let mut house = House::at(MORNING, |_| ());
    house.sits_down("alice", DESK, Requested::Minutes(60)).await;
    let old = house.world().sessions.values().next().unwrap().clone();
    let due = crate::mobility::expiry::Due::of(&old, EndReason::Expired);
    house.clock.pass(1);
    let mut new = old.clone();
    new.since = crate::ports::Clock::now(&*house.clock);
    house.edit(&Change::PutSession(new));
    let world = house.world();
    let decision = crate::mobility::expiry::decide(
        &world,
        &crate::mobility::testing::catalogue(),
        old.expires.unwrap(),
        &[due],
    );
    assert!(decision.value.is_empty() && decision.changes.is_empty());
}

#[tokio::test]
async fn a_store_that_cannot_write_delays_the_end_and_forgets_it_not() {
    use std::sync::atomic::Ordering;
    let mut house = House::at(MORNING, |_| ());
    house.sits_down("alice", DESK, Requested::Minutes(1)).await;
    house.store.room.store(0, Ordering::Relaxed);
    house.clock.pass(MINUTE);
    let round = house.look().await;
    assert!(round.failed && round.ended.is_empty());
    assert!(round.wait.is_some_and(|wait| wait.as_secs() <= 2));
    house.store.room.store(u64::MAX, Ordering::Relaxed);
    assert_eq!(house.leap(2).await.len(), 1);
}
