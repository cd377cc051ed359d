//! The end of a login by itself.

use super::*;
use crate::model::LogoutReason;

/// Signs alice in for an hour on the desk and starts the expiry task.
async fn an_hour_for_alice() -> (House, CancellationToken, tokio::task::JoinHandle<()>) {
    let house = house(world());
    let mut command = login("alice", DESK);
    command.duration = Requested::Minutes(60);
    house.mobility.login(command).await.unwrap();
    let cancel = CancellationToken::new();
    let task = tokio::spawn(expiry::run_expiry(
        house.mobility.clone(),
        house.calls.clone(),
        cancel.clone(),
    ));
    (house, cancel, task)
}

#[tokio::test]
async fn a_login_ends_by_itself_at_its_minute() {
    let (house, cancel, task) = an_hour_for_alice().await;
    pass(&house, 59).await;
    assert_eq!(house.store.world().sessions.len(), 1);
    pass(&house, 1).await;
    assert!(house.store.world().sessions.is_empty());
    let last = house.journal.events();
    assert!(last.iter().any(|event| matches!(
        &event.kind,
        EventKind::SignedOut {
            reason: LogoutReason::Expired,
            ..
        }
    )));
    cancel.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn a_call_is_not_torn_down_by_the_end_of_the_login_time() {
    let (house, cancel, task) = an_hour_for_alice().await;
    house.calls.begin(DESK);
    pass(&house, 75).await;
    assert_eq!(house.store.world().sessions.len(), 1, "still talking");
    house.calls.end(DESK);
    house.clock.advance(Duration::from_secs(5));
    settle().await;
    assert!(house.store.world().sessions.is_empty());
    cancel.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn a_login_made_while_the_task_sleeps_is_seen() {
    let (house, cancel, task) = an_hour_for_alice().await;
    settle().await;
    let mut command = login("bob", LOBBY);
    command.duration = Requested::Minutes(1);
    house.mobility.login(command).await.unwrap();
    pass(&house, 1).await;
    assert_eq!(
        house.store.world().sessions.len(),
        1,
        "bob's minute is over"
    );
    cancel.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn what_ran_out_while_the_daemon_was_down_ends_at_its_start() {
    let (house, cancel, task) = an_hour_for_alice().await;
    cancel.cancel();
    task.await.unwrap();
    house.clock.advance(Duration::from_secs(3 * 3600));
    let again = Mobility::new(
        house.store.clone(),
        house.clock.clone(),
        Arc::new(NoJournal),
        Arc::new(catalogue()),
    );
    let round = again.expire_due(&*house.calls).await;
    assert_eq!(round.ended.len(), 1);
    assert_eq!(expiry::next_expiry(&house.store.world()), None);
}

#[test]
fn whoever_signed_in_again_in_between_stays() {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    let desk = world.phone(&device(DESK)).unwrap().id;
    let decision = expiry::decide(
        &world,
        &catalogue(),
        NOW.plus(Duration::from_secs(1 << 30)),
        desk,
    );
    assert!(decision.value.is_none() && decision.changes.is_empty());
}
