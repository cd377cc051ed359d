//! Phones that restart and come back as they were.

use super::{at_rest, does, login, logout, secs};
use crate::model::OrderKind::{Refresh, Reset, Restart};
use crate::ports::{CameBack, Shown};
use crate::reconcile::tests::sim::Sim;
use crate::reconcile::tests::site::{ALICE, BOB, DESK, Deed, HALL, LAB, LOBBY};

/// A phone that came back with its old file.
fn refusing(on: usize) -> Sim {
    let mut sim = Sim::new();
    sim.stubborn(on, true);
    does(&mut sim, Deed::Ntp { to: 8 });
    sim.run(900);
    assert_eq!(sim.kinds(on), [Restart], "one order, and then left alone");
    assert!(sim.refuses(on));
    assert!(
        sim.told(on)
            .last()
            .unwrap()
            .starts_with("gave up: it obeyed, but came back with file"),
    );
    sim
}

#[test]
fn a_phone_that_came_back_with_its_old_file_is_left_alone() {
    for on in [DESK, HALL, LAB] {
        refusing(on);
    }
}

#[test]
fn it_is_asked_again_when_wanted_changes() {
    let mut sim = refusing(LAB);
    sim.stubborn(LAB, false);
    does(&mut sim, login(ALICE, LAB));
    sim.run(60);
    assert_eq!(sim.kinds(LAB), [Restart; 2]);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn it_is_asked_again_when_an_operator_commands() {
    let mut sim = refusing(LAB);
    sim.stubborn(LAB, false);
    let reset = true;
    does(&mut sim, Deed::Command { on: LAB, reset });
    sim.run(60);
    assert_eq!(sim.kinds(LAB), [Restart, Reset]);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn it_is_asked_again_when_it_booted_by_itself() {
    // With the wanted file it is right; with the old one it gets another
    // order, three in all.
    let mut sim = refusing(LAB);
    sim.power_fails(LAB, secs(1));
    sim.run(900);
    assert_eq!(sim.kinds(LAB), [Restart; 2]);
    assert!(sim.refuses(LAB));
    for _ in 0..3 {
        sim.power_fails(LAB, secs(1));
        sim.run(900);
    }
    assert_eq!(sim.kinds(LAB), [Restart; 3]);
    sim.stubborn(LAB, false);
    sim.power_fails(LAB, secs(1));
    sim.run(900);
    assert_eq!(sim.kinds(LAB), [Restart; 3]);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn an_order_after_a_refusal_keeps_its_distance() {
    let mut sim = Sim::new();
    sim.stubborn(LAB, true);
    does(&mut sim, login(ALICE, LAB));
    sim.run(10);
    assert!(sim.refuses(LAB));
    sim.power_fails(LAB, secs(1));
    sim.run(900);
    let sent: Vec<f64> = sim.orders(LAB).into_iter().map(|(at, _)| at).collect();
    // It refused at 13.37.
    assert_eq!(sent, [5.0, 193.37]);
}

#[test]
fn a_phone_that_comes_back_from_an_earlier_order_does_not_refuse_the_later() {
    // A restart for its keys, and before it is obeyed a reset for its file is
    // due: a 7960 comes back from the restart without having read anything.
    let mut sim = Sim::new();
    does(&mut sim, Deed::Ntp { to: 1 });
    sim.run(60);
    does(&mut sim, login(ALICE, 0));
    sim.run_for(super::millis(10));
    does(&mut sim, Deed::Ntp { to: 2 });
    sim.run(600);
    assert_eq!(sim.kinds(0), [Reset, Restart, Reset], "{}", sim.portrait(0));
    assert!(at_rest(&sim, 0));
}

#[test]
fn only_the_order_that_is_out_can_be_refused() {
    // It comes from a restart, and what is out is a reset; or nobody saw it
    // accept anything. Both times it is an earlier order that it obeyed.
    for (accepted, came_back) in [
        (true, CameBack::Restarted),
        (false, CameBack::WasReset),
        (true, CameBack::WasReset),
    ] {
        let mut sim = Sim::new();
        let (file, station) = sim.held(LOBBY);
        sim.deafens(LOBBY, secs(900));
        does(&mut sim, Deed::Ntp { to: 1 });
        assert_eq!(sim.kinds(LOBBY), [Reset]);
        let generation = sim.generation(LOBBY).unwrap();
        if accepted {
            sim.tell_accepted(LOBBY, generation);
        }
        sim.tell_registered(LOBBY, generation + 100, Shown { file, station }, came_back);
        sim.round();
        let refuses = accepted && came_back == CameBack::WasReset;
        assert_eq!(sim.refuses(LOBBY), refuses, "{accepted} {came_back:?}");
    }
}

#[test]
fn who_found_nobody_to_ask_for_its_file_does_not_refuse() {
    // The daemon dies while the phone restarts, and is away for longer than
    // the phone is patient: it comes with the file of its flash.
    let mut sim = Sim::new();
    does(&mut sim, login(ALICE, LAB));
    sim.run(1);
    sim.crash_same(secs(90));
    sim.run(120);
    assert!(!sim.is_right(LAB));
    assert!(!sim.refuses(LAB), "{}", sim.portrait(LAB));
    sim.run(200);
    assert_eq!(sim.orders(LAB), [(5.0, Restart), (185.0, Restart)]);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn a_phone_that_refuses_holds_what_it_held() {
    // What it refuses is bob's; it still holds the bare desk, and when that is
    // wanted again there is nothing to do.
    let mut sim = Sim::new();
    sim.stubborn(LAB, true);
    does(&mut sim, login(BOB, LAB));
    sim.run(900);
    assert!(sim.refuses(LAB));
    does(&mut sim, logout(LAB));
    sim.run(900);
    assert_eq!(sim.kinds(LAB), [Restart]);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn a_refresh_that_is_not_drawn_is_given_up_after_three() {
    let mut sim = Sim::new();
    sim.deafens(DESK, secs(9000));
    does(&mut sim, Deed::OwnLabel { on: DESK, to: 4 });
    sim.run(2000);
    assert_eq!(sim.kinds(DESK), [Refresh; 3]);
    assert!(sim.refuses(DESK));
}
