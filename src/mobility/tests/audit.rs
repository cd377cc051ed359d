//! What the audit tells: who, where, when, by whose authority, how it ended.

use super::super::refused::{KINDS, PAUSE, run_refused};
use super::*;
use crate::model::{Audit, LogoutReason};

/// Actor, what, authority.
fn told(audit: &Audit) -> (&str, &str, Option<&str>) {
    (&audit.actor, &audit.what, audit.authority.as_deref())
}

#[tokio::test]
async fn a_login_at_the_phone_is_by_the_users_own_pin() {
    let house = house(world());
    house.mobility.login(login("alice", DESK)).await.unwrap();
    house.mobility.logout(logout(DESK)).await.unwrap();
    let audit = house.store.audit();
    assert_eq!(
        audit.iter().map(told).collect::<Vec<_>>(),
        [
            (
                DESK,
                "signed alice in on SEP001122334455 with profile alice-desk",
                Some("alice's own PIN")
            ),
            (
                DESK,
                "signed alice out of SEP001122334455",
                Some("a key pressed at the phone")
            ),
        ]
    );
    for row in &audit {
        assert_eq!(row.device, Some(device(DESK)));
        assert_eq!(row.user, Some(uid("alice")));
        assert_eq!(row.failed, None);
    }
    assert_eq!(
        house.store.commits(),
        2,
        "each in the commit that it tells of"
    );
}

#[tokio::test]
async fn every_way_to_act_names_its_authority() {
    for (origin, actor, login_by, logout_by) in [
        (
            Origin::Application(uid("emapp")),
            "emapp",
            Some("its proxy rights"),
            Some("its proxy rights"),
        ),
        (
            Origin::EndUser(uid("alice")),
            "alice",
            Some("alice's own password"),
            Some("alice's own password"),
        ),
        (Origin::Operator, "operator", None, None),
    ] {
        let house = house(world());
        let mut command = login("alice", DESK);
        command.checked_version = None;
        command.origin = origin.clone();
        house.mobility.login(command).await.unwrap();
        let command = LogoutCommand {
            origin,
            ..logout(DESK)
        };
        house.mobility.logout(command).await.unwrap();
        let audit = house.store.audit();
        let by: Vec<_> = audit
            .iter()
            .map(|row| (row.actor.as_str(), row.authority.as_deref()))
            .collect();
        assert_eq!(by, [(actor, login_by), (actor, logout_by)]);
    }
}

#[test]
fn every_end_of_a_session_says_why() {
    let alice = |reason| SignedOut {
        device: device(DESK),
        user: Some(uid("alice")),
        reason,
        lines: None,
        planned: Vec::new(),
    };
    for (reason, origin, authority) in [
        (
            LogoutReason::Elsewhere { on: device(LOBBY) },
            Origin::Phone,
            "his own login on SEP001122334466",
        ),
        (
            LogoutReason::Expired,
            Origin::System,
            "the end of the login time",
        ),
        (LogoutReason::Idle, Origin::System, "the idle limit"),
        (LogoutReason::TimeOfDay, Origin::System, "the time of day"),
        (
            LogoutReason::Evicted { by: uid("bob") },
            Origin::Phone,
            "bob's own PIN",
        ),
        (
            LogoutReason::Configuration,
            Origin::Operator,
            "the configuration",
        ),
    ] {
        let Change::Audit(row) = logout::audit(&alice(reason), &origin) else {
            panic!("no line for the audit");
        };
        assert_eq!(row.authority.as_deref(), Some(authority));
        assert_eq!(row.what, "signed alice out of SEP001122334455");
    }
}

#[tokio::test]
async fn an_eviction_is_a_row_for_each_of_the_two() {
    let house = house(world());
    house.mobility.login(login("alice", DESK)).await.unwrap();
    {
        let mut parameters = (*house.store.world().parameters).clone();
        parameters.evict_previous_user = true;
        house.store.edit(&Change::Parameters(parameters));
    }
    let mut command = login("bob", DESK);
    command.occupied = Occupied::Evict;
    house.mobility.login(command).await.unwrap();
    let audit = house.store.audit();
    let told: Vec<_> = audit[1..]
        .iter()
        .map(|row| (row.user.clone(), &*row.what))
        .collect();
    assert_eq!(
        told,
        [
            (Some(uid("alice")), "signed alice out of SEP001122334455"),
            (
                Some(uid("bob")),
                "signed bob in on SEP001122334455 with profile bob-desk"
            ),
        ]
    );
}

/// Ten thousand guesses are one row, and rows of other kinds are bounded.
#[tokio::test]
async fn a_flood_of_refusals_is_one_small_commit_and_a_count() {
    let house = house(world());
    for _ in 0..10_000 {
        let refusal = house.mobility.login(login("carol", DESK)).await;
        assert_eq!(refusal.unwrap_err().service_code(), 12);
    }
    for number in 0..100 {
        let unknown = format!("SEP{number:012X}");
        let command = LogoutCommand {
            origin: Origin::Application(uid(&format!("app{number}"))),
            ..logout(&unknown)
        };
        house.mobility.logout(command).await.unwrap_err();
    }
    assert_eq!(house.store.commits(), 0, "nobody waited for a disk");
    house.mobility.write_refused().await.unwrap();
    assert_eq!(house.store.commits(), 1);
    let audit = house.store.audit();
    assert_eq!(audit.len(), KINDS + 1);
    assert_eq!(
        audit[0].what,
        "tried to sign carol in on SEP001122334455, 10000 times in 0 s"
    );
    assert_eq!(audit[0].actor, DESK);
    assert_eq!(audit[0].user, Some(uid("carol")));
    assert_eq!(
        audit[0].failed.as_deref(),
        Some("code 12: carol has no device profile")
    );
    assert_eq!(audit[1].device, None, "no phone of that name is configured");
    let rest = 100 - (KINDS - 1);
    assert_eq!(
        audit[KINDS].what,
        format!("refused {rest} more attempts of other kinds")
    );
    house.mobility.write_refused().await.unwrap();
    assert_eq!(house.store.commits(), 1, "nothing is told twice");
}

#[tokio::test]
async fn what_the_disk_refused_is_told_when_it_can_be() {
    let house = house(world());
    house.store.room.store(0, Ordering::Relaxed);
    house
        .mobility
        .login(login("carol", DESK))
        .await
        .unwrap_err();
    house.mobility.write_refused().await.unwrap_err();
    house
        .mobility
        .login(login("carol", DESK))
        .await
        .unwrap_err();
    house.store.room.store(u64::MAX, Ordering::Relaxed);
    house.mobility.write_refused().await.unwrap();
    let audit = house.store.audit();
    assert_eq!(audit.len(), 1);
    assert!(audit[0].what.contains("2 times"), "{}", audit[0].what);
}

#[tokio::test]
async fn the_first_refusal_is_written_at_once_and_the_next_after_a_pause() {
    let house = house(world());
    let cancel = CancellationToken::new();
    let task = tokio::spawn(run_refused(house.mobility.clone(), cancel.clone()));
    house.mobility.logout(logout(DESK)).await.unwrap_err();
    settle().await;
    assert_eq!(house.store.audit().len(), 1);
    house.mobility.logout(logout(LOBBY)).await.unwrap_err();
    house.mobility.logout(logout(LOBBY)).await.unwrap_err();
    settle().await;
    assert_eq!(house.store.audit().len(), 1, "not yet");
    house.clock.advance(PAUSE);
    settle().await;
    assert_eq!(house.store.audit().len(), 2);
    house.mobility.logout(logout(LAB)).await.unwrap_err();
    cancel.cancel();
    task.await.unwrap();
    assert_eq!(
        house.store.audit().len(),
        3,
        "what is left at the end is written"
    );
}

/// A PIN typed into the field of the user id names nobody: it is in no row.
#[tokio::test]
async fn what_names_nobody_is_in_no_row() {
    let house = house(world());
    house
        .mobility
        .login(login("58213", DESK))
        .await
        .unwrap_err();
    house.mobility.write_refused().await.unwrap();
    let audit = house.store.audit();
    assert_eq!(audit[0].user, None);
    assert!(!format!("{audit:?}").contains("58213"), "{audit:?}");
}
