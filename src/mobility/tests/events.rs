//! What applications are told, once it is durable (Understanding Extension
//! Mobility, How the Extension Mobility System Works: CTI notifies those that
//! monitor the device or user).

use std::sync::Arc;

use super::*;
use crate::journal::{Kinds, MemoryJournal, Streamed};
use crate::model::{DirectoryNumber, LogoutReason, OwnedPhones};
use crate::ports::Event;

/// What was told, without plans: the phone, the kind, the user.
fn story(events: &[Event]) -> Vec<(String, &'static str, String)> {
    events
        .iter()
        .filter(|event| !matches!(event.kind, EventKind::Planned { .. }))
        .map(|event| {
            let who = match &event.kind {
                EventKind::SignedIn { user, .. }
                | EventKind::SignedOut { user, .. }
                | EventKind::ControlListChanged { user, .. }
                | EventKind::CallBacksEnded { user }
                | EventKind::DeskOfAnother { user, .. } => user.to_string(),
                _ => String::new(),
            };
            let on = event
                .device
                .as_ref()
                .map_or(String::new(), ToString::to_string);
            (on, event.kind.name(), who)
        })
        .collect()
}

fn line(on: &str, kind: &'static str, who: &str) -> (String, &'static str, String) {
    (on.to_owned(), kind, who.to_owned())
}

fn numbers(texts: &[&str]) -> Vec<DirectoryNumber> {
    texts
        .iter()
        .map(|text| DirectoryNumber::new(text).unwrap())
        .collect()
}

#[tokio::test]
async fn the_journal_tells_what_happened_once_it_is_durable() {
    let house = house(world());
    house.mobility.login(login("alice", DESK)).await.unwrap();
    house
        .mobility
        .login(login("alice", LOBBY))
        .await
        .unwrap_err();
    house
        .mobility
        .login(login("alice", "SEP00DEADBEEF00"))
        .await
        .unwrap_err();
    let events = house.journal.events();
    assert_eq!(
        story(&events),
        [
            line(DESK, "signed-in", "alice"),
            line(DESK, "control-list-changed", "alice"),
            line(DESK, "lines-changed", ""),
            line(LOBBY, "refused", ""),
            line("", "refused", ""),
        ]
    );
    let planned = events.iter().find_map(|event| match &event.kind {
        EventKind::Planned { what } => Some(what.as_str()),
        _ => None,
    });
    assert_eq!(planned, Some("restart, because alice signed in"));
    let codes: Vec<u16> = events
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::Refused { code, .. } => Some(code),
            _ => None,
        })
        .collect();
    assert_eq!(codes, [25, 11]);
}

/// Extension Mobility 4.1, Restrictions: "When a user logs out of a device, all
/// Call Back services active on the user automatically cancel."
#[tokio::test]
async fn a_logout_ends_call_backs_and_leaves_the_control_list() {
    let house = house(world());
    house.mobility.login(login("alice", DESK)).await.unwrap();
    let before = house.journal.events().len();
    house.mobility.logout(logout(DESK)).await.unwrap();
    let events = house.journal.events().split_off(before);
    assert_eq!(
        story(&events),
        [
            line(DESK, "signed-out", "alice"),
            line(DESK, "control-list-changed", "alice"),
            line(DESK, "call-backs-ended", "alice"),
            line(DESK, "lines-changed", ""),
        ]
    );
    assert!(events.iter().any(|event| event.kind
        == EventKind::ControlListChanged {
            user: uid("alice"),
            controls: false
        }));
    let change = events.iter().find_map(|event| match &event.kind {
        EventKind::LinesChanged { change } => Some(change.clone()),
        _ => None,
    });
    let change = change.unwrap();
    assert_eq!((change.old, change.new), (numbers(&["2001"]), numbers(&[])));
}

#[tokio::test]
async fn an_eviction_tells_of_both_and_of_one_change_of_lines() {
    let house = house(world());
    house.mobility.login(login("alice", DESK)).await.unwrap();
    let mut parameters = (*house.store.world().parameters).clone();
    parameters.evict_previous_user = true;
    parameters.owned_phones = OwnedPhones::Warn;
    house.store.edit(&Change::Parameters(parameters));
    let mut desk = (**house.store.world().phone(&device(DESK)).unwrap()).clone();
    desk.owner = Some(uid("alice"));
    house.store.edit(&Change::PutPhone(Box::new(desk)));
    let before = house.journal.events().len();
    let mut command = login("bob", DESK);
    command.occupied = Occupied::Evict;
    house.mobility.login(command).await.unwrap();
    let events = house.journal.events().split_off(before);
    assert_eq!(
        story(&events),
        [
            line(DESK, "signed-out", "alice"),
            line(DESK, "control-list-changed", "alice"),
            line(DESK, "call-backs-ended", "alice"),
            line(DESK, "signed-in", "bob"),
            line(DESK, "desk-of-another", "bob"),
            line(DESK, "control-list-changed", "bob"),
            line(DESK, "lines-changed", ""),
        ]
    );
    let evicted = EventKind::SignedOut {
        user: uid("alice"),
        reason: LogoutReason::Evicted { by: uid("bob") },
    };
    assert!(events.iter().any(|event| event.kind == evicted));
}

#[tokio::test]
async fn a_login_elsewhere_tells_where_the_user_went() {
    let house = house(world());
    let mut parameters = Parameters::default();
    parameters.multiple_login_behavior = MultipleLogin::AutoLogout;
    house.store.edit(&Change::Parameters(parameters));
    house.mobility.login(login("alice", LOBBY)).await.unwrap();
    house.mobility.login(login("alice", DESK)).await.unwrap();
    let elsewhere = EventKind::SignedOut {
        user: uid("alice"),
        reason: LogoutReason::Elsewhere { on: device(DESK) },
    };
    let events = house.journal.events();
    let told = events.iter().find(|event| event.kind == elsewhere).unwrap();
    assert_eq!(told.device, Some(device(LOBBY)));
}

/// A reader that never reads holds up nobody, and is told what it missed.
#[tokio::test]
async fn a_slow_reader_blocks_no_login_and_learns_what_it_missed() {
    let small = house(world());
    let journal = Arc::new(MemoryJournal::new(Arc::new(catalogue())));
    let mobility = Mobility::new(
        small.store.clone(),
        small.clock.clone(),
        journal.clone(),
        Arc::new(catalogue()),
    );
    let mut slow = journal
        .subscribe()
        .of("signed-in,signed-out".parse().unwrap());
    let mut one = journal
        .subscribe()
        .of(Kinds::sessions())
        .only(device(LOBBY));
    for _ in 0..1_000 {
        mobility.login(login("alice", DESK)).await.unwrap();
        mobility.logout(logout(DESK)).await.unwrap();
    }
    assert!(matches!(slow.next().await, Some(Streamed::Missed(missed)) if missed > 1_000));
    let next = slow.next().await;
    assert!(
        matches!(&next, Some(Streamed::Event(event))
            if matches!(event.kind.name(), "signed-in" | "signed-out")),
        "{next:?}"
    );
    drop(slow);
    assert!(matches!(one.next().await, Some(Streamed::Missed(_))));
    drop(mobility);
    drop(journal);
    assert_eq!(one.next().await, None, "nothing was of the lobby");
}
