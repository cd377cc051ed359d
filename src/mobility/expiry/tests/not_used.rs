//! A login ends when nobody uses the phone (CME, *max-idle-time*).

use super::{HOUR, House, MINUTE};
use crate::mobility::Requested;
use crate::mobility::testing::{DESK, LOBBY, device};
use crate::model::{Change, EndReason, Parameters, ProfileName};
use crate::ports::Clock;

const MORNING: &str = "2026-07-01T06:00:00Z";

fn thirty_minutes(parameters: &mut Parameters) {
    parameters.maximum_idle_time = Some(30);
}

impl House {
    /// Somebody presses a key.
    fn uses(&self, on: &str) {
        self.desks.call(on, false, self.clock.now());
    }
}

#[tokio::test]
async fn a_phone_that_nobody_uses_is_free_again() {
    let mut house = House::at(MORNING, thirty_minutes);
    house.sits_down("alice", DESK, Requested::Default).await;
    assert_eq!(house.pass(30 * MINUTE - 1).await, []);
    assert_eq!(house.leap(1).await, [("alice".to_owned(), EndReason::Idle)]);
    assert_eq!(house.told(), [EndReason::Idle.into()]);
}

/// CME, *max-idle-time*: the timer restarts at off-hook.
#[tokio::test]
async fn every_use_begins_the_time_anew() {
    let mut house = House::at(MORNING, thirty_minutes);
    house.sits_down("alice", DESK, Requested::Default).await;
    for _ in 0..10 {
        assert_eq!(house.pass(29 * MINUTE).await, []);
        house.uses(DESK);
    }
    assert_eq!(house.pass(29 * MINUTE).await, []);
    assert_eq!(house.pass(MINUTE).await.len(), 1);
}

#[tokio::test]
async fn a_call_is_use_however_long_it_is() {
    let mut house = House::at(MORNING, thirty_minutes);
    house.sits_down("alice", DESK, Requested::Default).await;
    house.desks.call(DESK, true, house.clock.now());
    assert_eq!(house.pass(5 * HOUR).await, []);
    house.uses(DESK);
    assert_eq!(house.pass(29 * MINUTE).await, [], "from its end");
    assert_eq!(house.pass(MINUTE).await.len(), 1);
}

#[tokio::test]
async fn the_limit_of_the_profile_wins() {
    let mut house = House::at(MORNING, thirty_minutes);
    let name = ProfileName::new("alice-desk").unwrap();
    let mut profile = (**house.world().profile(&name).unwrap()).clone();
    profile.maximum_idle_time = Some(5);
    house.edit(&Change::PutProfile(Box::new(profile)));
    house.sits_down("alice", DESK, Requested::Default).await;
    house.sits_down("bob", LOBBY, Requested::Default).await;
    assert_eq!(
        house.pass(6 * MINUTE).await,
        [("alice".to_owned(), EndReason::Idle)]
    );
    assert_eq!(house.pass(25 * MINUTE).await.len(), 1);
}

#[tokio::test]
async fn without_a_limit_nobody_is_in_the_way() {
    let mut house = House::at(MORNING, |_| ());
    house.sits_down("alice", DESK, Requested::Default).await;
    assert_eq!(house.leap(9999 * MINUTE).await, []);
}

/// What phones did is in memory: after a restart of the daemon the time counts
/// from there.
#[tokio::test]
async fn after_a_restart_of_the_daemon_the_time_counts_anew() {
    let mut house = House::at(MORNING, thirty_minutes);
    house.sits_down("alice", DESK, Requested::Default).await;
    assert_eq!(house.pass(29 * MINUTE).await, []);
    house.desks.0.lock().unwrap().remove(&device(DESK));
    house.start_again();
    assert_eq!(house.pass(29 * MINUTE).await, []);
    assert_eq!(house.pass(MINUTE).await.len(), 1);
}
