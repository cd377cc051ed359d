//! Somebody sets the wall clock.

use super::{HOUR, House, MINUTE, at};
use crate::mobility::Requested;
use crate::mobility::testing::{DESK, LOBBY};
use crate::model::EndReason;
use crate::ports::Clock;

const NOON: &str = "2026-07-01T12:00:00Z";

#[tokio::test]
async fn set_back_a_login_lasts_no_longer_than_was_asked() {
    let mut house = House::at(NOON, |_| ());
    house.sits_down("alice", DESK, Requested::Minutes(60)).await;
    assert_eq!(house.pass(30 * MINUTE).await, []);
    house.clock.set(at("2026-07-01T09:00:00Z"));
    assert_eq!(house.pass(29 * MINUTE).await, []);
    // Who comes now comes by the new time.
    house.sits_down("bob", LOBBY, Requested::Minutes(60)).await;
    assert_eq!(
        house.pass(MINUTE).await,
        [("alice".to_owned(), EndReason::Expired)]
    );
    assert_eq!(house.pass(58 * MINUTE).await, []);
    assert_eq!(house.pass(MINUTE).await.len(), 1, "bob's hour");
}

#[tokio::test]
async fn set_back_twice_it_is_still_the_same_hour() {
    let mut house = House::at(NOON, |_| ());
    house.sits_down("alice", DESK, Requested::Minutes(60)).await;
    for day in ["2026-06-30T12:00:00Z", "2026-06-01T12:00:00Z"] {
        house.clock.set(at(day));
        assert_eq!(house.pass(20 * MINUTE).await, []);
    }
    assert_eq!(house.pass(20 * MINUTE).await.len(), 1);
}

#[tokio::test]
async fn set_back_while_nobody_looked_a_login_gets_its_length_again_and_no_more() {
    let mut house = House::at(NOON, |_| ());
    house.sits_down("alice", DESK, Requested::Minutes(60)).await;
    house.clock.set(at("2020-01-01T00:00:00Z"));
    house.start_again();
    assert_eq!(house.ended().await, []);
    assert_eq!(house.pass(59 * MINUTE).await, []);
    assert_eq!(house.pass(MINUTE).await.len(), 1);
}

/// A host without a clock of its own begins in 1970 and learns the time later.
#[tokio::test]
async fn set_forward_what_has_passed_by_it_ends_at_once() {
    let mut house = House::at(NOON, |_| ());
    house.sits_down("alice", DESK, Requested::Minutes(60)).await;
    house.clock.set(at("2026-07-01T13:00:00Z"));
    assert_eq!(house.ended().await.len(), 1);
}

#[tokio::test]
async fn a_time_of_day_comes_after_the_clock_was_set_back_as_well() {
    let mut house = House::at("2026-07-01T18:00:00Z", |parameters| {
        parameters.logout_times = vec!["17:30".parse().unwrap()];
    });
    house.edit(&super::pool("Default", "UTC"));
    house.look().await;
    house.sits_down("alice", DESK, Requested::Default).await;
    house.clock.set(at("2026-07-01T15:00:00Z"));
    assert_eq!(house.pass(2 * HOUR + 29 * MINUTE).await, []);
    assert_eq!(
        house.pass(MINUTE).await,
        [("alice".to_owned(), EndReason::TimeOfDay)]
    );
}

#[tokio::test]
async fn a_clock_that_is_set_makes_nobody_idle() {
    for set in ["2026-07-02T12:00:00Z", "2026-06-30T12:00:00Z"] {
        let mut house = House::at(NOON, |parameters| parameters.maximum_idle_time = Some(30));
        house.sits_down("alice", DESK, Requested::Default).await;
        house.desks.call(DESK, false, house.clock.now());
        house.clock.set(at(set));
        assert_eq!(house.ended().await, [], "{set}");
        assert_eq!(house.pass(29 * MINUTE).await, [], "{set}");
        assert_eq!(house.pass(MINUTE).await.len(), 1, "{set}");
    }
}
