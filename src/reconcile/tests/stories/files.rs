//! Files and stations that were right when they were given.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::task::Midnight;
use super::{at_rest, does, login, logout, millis, secs};
use crate::model::OrderKind::Restart;
use crate::model::{Basis, Change, Held, Parameters, Stamp, Timestamp, World};
use crate::ports::Sightings;
use crate::reconcile::news::{Inbox, ReconcilerHandle, Unworked};
use crate::reconcile::tests::sim::Sim;
use crate::reconcile::tests::site::{
    self, ALICE, DESK, Deed, HALL, LAB, LOBBY, catalogue, device, id,
};
use crate::store::MemoryStore;

/// A phone boots by itself, and fetches its file between a login and a logout
/// that both commit before it registers.
fn fetches_between(on: usize, off: u64, busy: bool, noticed: bool) {
    let mut sim = Sim::new();
    if !noticed {
        sim.unnoticed(on);
    }
    sim.run(200);
    sim.set_boot(on, secs(1), secs(6));
    sim.power_fails(on, secs(off));
    sim.run(off);
    sim.run_for(millis(900));
    if busy {
        sim.stall(secs(3));
    }
    does(&mut sim, login(ALICE, on));
    sim.run_for(millis(600));
    does(&mut sim, logout(on));
    sim.run(60);
    assert!(at_rest(&sim, on), "{}", sim.portrait(on));
    assert_eq!(sim.kinds(on).last(), Some(&Restart));
    // One into the void, while the dead registration stood.
    assert!(sim.kinds(on).len() <= if off < 135 { 2 } else { 1 });
}

#[test]
fn a_file_fetched_between_login_and_logout_is_noticed() {
    for on in [HALL, LAB] {
        // It is known to be away.
        fetches_between(on, 200, false, true);
        // Its old registration is still there.
        fetches_between(on, 20, false, true);
    }
}

#[test]
fn so_it_is_when_nobody_looked_between_the_two() {
    for on in [HALL, LAB] {
        fetches_between(on, 200, true, true);
        fetches_between(on, 20, true, true);
    }
}

#[test]
fn so_it_is_when_nobody_saw_the_end_of_the_transfer() {
    for on in [HALL, LAB] {
        for busy in [false, true] {
            fetches_between(on, 200, busy, false);
            fetches_between(on, 20, busy, false);
        }
    }
}

#[test]
fn keys_told_between_login_and_logout_are_noticed() {
    for on in [LOBBY, DESK] {
        let mut sim = Sim::new();
        sim.power_fails(on, secs(200));
        sim.run(201);
        does(&mut sim, login(ALICE, on));
        while !sim.is_registered(on) {
            sim.run_for(millis(5));
        }
        // Its station was taken for alice; the logout commits before that is
        // told, and sees that what it wants was held before.
        does(&mut sim, logout(on));
        sim.run(60);
        assert!(at_rest(&sim, on), "{}", sim.portrait(on));
    }
}

#[test]
fn a_fetch_makes_unknown_what_is_held_until_the_next_registration() {
    let mut sim = Sim::new();
    sim.deafens(LAB, secs(9000));
    does(&mut sim, login(ALICE, LAB));
    let wanted = sim.wanted(LAB).file;
    let bare = sim.held(LAB).0;
    assert_eq!(bare, None, "an order left");
    sim.flap(LAB, secs(1));
    sim.run(5);
    assert!(
        sim.held(LAB).0.is_some(),
        "it registered, and shows the old one"
    );
    sim.tell_file_taken(LAB, wanted);
    sim.round();
    assert_eq!(sim.held(LAB).0, None);
}

#[test]
fn what_is_away_and_to_change_is_unknown_and_closes_by_its_registration() {
    let mut sim = Sim::new();
    sim.power_fails(LAB, secs(1000));
    sim.run(200);
    does(&mut sim, login(ALICE, LAB));
    assert_eq!(sim.held(LAB).0, None);
    does(&mut sim, logout(LAB));
    assert!(
        sim.row(LAB).is_some(),
        "nobody knows what it will come with"
    );
    sim.run(1000);
    assert_eq!(sim.kinds(LAB), []);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn files_of_phones_that_cannot_tell_are_known_by_their_delivery() {
    let mut sim = Sim::new();
    does(&mut sim, Deed::Ntp { to: 7 });
    sim.run(60);
    assert!(at_rest(&sim, LOBBY));
    assert_eq!(sim.held(LOBBY).0, Some(sim.wanted(LOBBY).file));
}

/// A house that nobody works in: its handle, and the inbox.
fn house(world: &World) -> (ReconcilerHandle, Inbox) {
    let (sender, messages) = mpsc::unbounded_channel();
    let unworked = Unworked::default();
    let store = Arc::new(MemoryStore::with(world.clone()));
    let handle = ReconcilerHandle::new(sender, unworked.clone(), store, Arc::new(Midnight));
    (handle, Inbox::new(messages, unworked))
}

fn holding(world: &World, file: Stamp) -> World {
    let mut world = world.clone();
    world.apply(&Change::PutHeld(Held {
        phone: id(LAB),
        file: Some(file),
        station: None,
        node: "here".to_owned(),
        seen: Timestamp(0),
    }));
    world
}

/// Whether the reconciler hears that this file was taken.
fn hears(world: &World, file: Stamp, basis: Basis) -> bool {
    let (handle, mut inbox) = house(world);
    handle.file_taken(&device(LAB), file, basis);
    !inbox.batch().is_empty()
}

#[test]
fn a_fetch_that_changes_no_row_is_not_heard() {
    let models = catalogue(0);
    let world = site::world(&models);
    let wanted = world.wanted(&models, id(LAB)).unwrap().stamps.file;
    let (other, basis) = (Stamp::from_bits(wanted.bits() ^ 1), world.basis(id(LAB)));
    assert!(!hears(&world, wanted, basis), "what it holds is unknown");
    assert!(!hears(&holding(&world, wanted), wanted, basis));
    assert!(hears(&holding(&world, other), wanted, basis));

    let mut edited = world.clone();
    edited.apply(&Change::Parameters(Parameters::default()));
    assert!(
        hears(&edited, wanted, basis),
        "on its way something changed"
    );
    let mut gone = world;
    gone.apply(&Change::DropPhone(id(LAB)));
    assert!(!hears(&gone, wanted, basis));
}

#[test]
fn a_fetch_is_judged_when_the_news_before_it_are_worked_in() {
    let models = catalogue(0);
    let world = site::world(&models);
    let wanted = world.wanted(&models, id(LAB)).unwrap().stamps.file;
    let (handle, mut inbox) = house(&world);
    let fetch = || handle.file_taken(&device(LAB), wanted, world.basis(id(LAB)));
    handle.order_accepted(&device(LAB), 1);
    fetch();
    assert_eq!(inbox.batch().len(), 2, "there was news before it");
    fetch();
    assert_eq!(inbox.batch().len(), 3, "which was not committed yet");
    inbox.clear();
    fetch();
    assert_eq!(inbox.batch().len(), 0);
    // A word that is no news in itself.
    handle.idle(&device(LAB));
    assert_eq!(inbox.batch().len(), 0);
    fetch();
    assert_eq!(inbox.batch().len(), 0);
}
