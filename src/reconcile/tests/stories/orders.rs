//! Orders that are lost, repeated, counted; and operators' commands.

use super::{at_rest, does, login, logout, millis, secs};
use crate::model::OrderKind::{Reset, Restart};
use crate::ports::{CameBack, Shown};
use crate::reconcile::tests::sim::Sim;
use crate::reconcile::tests::site::{ALICE, BOB, DESK, Deed, HALL, LAB, LOBBY, PHONES};

fn command(on: usize, reset: bool) -> Deed {
    Deed::Command { on, reset }
}

#[test]
fn an_order_that_nobody_accepted_is_repeated_after_20_seconds() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        sim.loses(on, 1);
        does(&mut sim, login(ALICE, on));
        sim.run(600);
        assert_eq!(sim.orders(on), [(5.0, Restart), (25.0, Restart)]);
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn three_orders_are_all_and_then_status_says_so() {
    let mut sim = Sim::new();
    sim.deafens(LAB, secs(9000));
    does(&mut sim, login(ALICE, LAB));
    sim.run(8000);
    assert_eq!(sim.kinds(LAB), [Restart; 3]);
    assert!(sim.refuses(LAB));
    let gave_up = "gave up: 3 orders were sent and it still does not show the wanted configuration";
    assert_eq!(sim.told(LAB).last().unwrap(), gave_up);
    // A change of what is wanted starts afresh.
    sim.run(2000);
    does(&mut sim, logout(LAB));
    does(&mut sim, login(BOB, LAB));
    sim.run(60);
    assert_eq!(sim.kinds(LAB), [Restart; 4]);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn a_change_back_to_what_a_deaf_phone_holds_closes_its_row() {
    let mut sim = Sim::new();
    sim.deafens(LAB, secs(9000));
    does(&mut sim, login(ALICE, LAB));
    sim.run(1000);
    assert!(sim.refuses(LAB));
    // Its connection comes and goes: now it is known to hold the bare desk.
    sim.flap(LAB, secs(1));
    sim.run(5);
    does(&mut sim, logout(LAB));
    sim.run(60);
    assert_eq!(sim.kinds(LAB), [Restart; 3], "nothing more is wanted of it");
    assert!(at_rest(&sim, LAB));
}

#[test]
fn the_last_order_is_kept_for_a_phone_that_shows_a_sign_of_life() {
    // Its power failed; it has its file already when alice signs in, and its
    // old registration outlives it for a while.
    let mut sim = Sim::new();
    sim.set_boot(LAB, secs(1), secs(80));
    sim.power_fails(LAB, secs(10));
    sim.run(12);
    does(&mut sim, login(ALICE, LAB));
    sim.run(70);
    let sent: Vec<f64> = sim.orders(LAB).into_iter().map(|(at, _)| at).collect();
    assert_eq!(sent, [17.0, 37.0], "into the void");
    assert!(!sim.refuses(LAB));
    sim.run(200);
    assert_eq!(sim.kinds(LAB), [Restart; 3]);
    assert!(at_rest(&sim, LAB), "{}", sim.portrait(LAB));
}

#[test]
fn a_connection_that_comes_and_goes_does_not_use_up_the_orders() {
    let mut sim = Sim::new();
    sim.deafens(DESK, secs(30));
    does(&mut sim, login(ALICE, DESK));
    for _ in 0..5 {
        sim.run(2);
        sim.flap(DESK, millis(200));
    }
    assert_eq!(sim.kinds(DESK), [Restart], "{}", sim.portrait(DESK));
}

#[test]
fn a_phone_that_is_off_is_told_nothing_and_boots_with_what_is_wanted() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        sim.power_fails(on, secs(4000));
        sim.run(200);
        does(&mut sim, login(ALICE, on));
        sim.run(5000);
        assert_eq!(sim.kinds(on), []);
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn an_operators_restart_closes_when_the_phone_came_back() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        does(&mut sim, command(on, false));
        sim.run(60);
        does(&mut sim, command(on, true));
        sim.run(60);
        assert_eq!(sim.kinds(on), [Restart, Reset]);
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn a_registration_before_the_order_left_does_not_close_an_operators_restart() {
    let mut sim = Sim::new();
    sim.calls(DESK, secs(100));
    does(&mut sim, command(DESK, false));
    sim.run(10);
    sim.flap(DESK, secs(1));
    sim.run(50);
    assert!(sim.row(DESK).is_some(), "it has not restarted yet");
    sim.run(100);
    assert_eq!(sim.kinds(DESK), [Restart]);
    assert!(at_rest(&sim, DESK));
}

#[test]
fn a_registration_that_is_told_twice_counts_once() {
    let mut sim = Sim::new();
    let generation = sim.generation(DESK).unwrap();
    does(&mut sim, command(DESK, false));
    // The order is on its way; then comes a late word of the registration that
    // it went to, and of one before that.
    let (file, station) = sim.held(DESK);
    assert_eq!(station, None, "unknown since the order left");
    for late in [generation, generation - 1] {
        sim.tell_registered(DESK, late, Shown { file, station }, CameBack::Other);
        sim.round();
        assert!(sim.row(DESK).is_some());
    }
    sim.run(60);
    assert!(at_rest(&sim, DESK));
    assert_eq!(sim.kinds(DESK), [Restart]);
}

#[test]
fn an_operators_restart_in_the_middle_of_a_login_is_one_restart_more_at_most() {
    for on in 0..PHONES {
        for stale in [false, true] {
            let mut sim = Sim::new();
            if stale {
                sim.crash(secs(5), 1);
                sim.run(60);
            }
            does(&mut sim, login(ALICE, on));
            does(&mut sim, command(on, false));
            sim.run(900);
            assert!(at_rest(&sim, on), "{}", sim.portrait(on));
            assert!(sim.kinds(on).len() <= 2, "{}", sim.portrait(on));
        }
    }
}

#[test]
fn an_operators_restart_survives_a_login_that_is_taken_back() {
    // The phone is stale: it holds what a login makes wanted.
    let mut sim = Sim::new();
    sim.calls(LAB, secs(50));
    does(&mut sim, login(ALICE, LAB));
    sim.run(100);
    sim.power_fails(LAB, secs(300));
    sim.run(200);
    does(&mut sim, command(LAB, false));
    does(&mut sim, logout(LAB));
    does(&mut sim, login(ALICE, LAB));
    sim.run(600);
    assert!(at_rest(&sim, LAB), "{}", sim.portrait(LAB));
}

#[test]
fn a_phone_is_not_ordered_before_it_is_known_what_it_came_with() {
    let mut sim = Sim::new();
    sim.power_fails(HALL, secs(300));
    sim.run(200);
    does(&mut sim, login(ALICE, HALL));
    while !sim.is_registered(HALL) {
        sim.run_for(millis(5));
    }
    // Registered, and what it shows is not told yet; somebody else wakes us.
    does(&mut sim, login(BOB, LOBBY));
    assert!(sim.row(HALL).is_some());
    sim.run(60);
    assert_eq!(sim.kinds(HALL), [], "it came with what is wanted");
    assert!(at_rest(&sim, HALL));
}

#[test]
fn an_order_that_was_lost_with_its_connection_is_repeated() {
    let mut sim = Sim::new();
    does(&mut sim, login(ALICE, LAB));
    sim.flap(LAB, millis(1));
    sim.run(10);
    assert_eq!(sim.kinds(LAB), [Restart]);
    sim.run(60);
    assert_eq!(sim.kinds(LAB), [Restart; 2]);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn a_reset_ordered_during_the_restart_of_a_login_follows_it() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        does(&mut sim, login(ALICE, on));
        sim.run(7);
        assert_eq!(sim.kinds(on), [Restart]);
        does(&mut sim, command(on, true));
        sim.run(600);
        assert_eq!(sim.kinds(on), [Restart, Reset], "{}", sim.portrait(on));
        assert!(at_rest(&sim, on));
    }
}
