//! Phones in a call.

use super::{at_rest, does, login, secs};
use crate::model::OrderKind::{Reset, Restart};
use crate::reconcile::tests::sim::Sim;
use crate::reconcile::tests::site::{ALICE, CARLA, DESK, HALL, LAB, LOBBY};

#[test]
fn an_sccp_phone_is_waited_for() {
    for on in [LOBBY, DESK] {
        let mut sim = Sim::new();
        sim.calls(on, secs(700));
        does(&mut sim, login(ALICE, on));
        sim.run(699);
        assert_eq!(sim.kinds(on), []);
        assert!(!sim.refuses(on));
        sim.run(60);
        assert_eq!(sim.orders(on), [(705.0, Restart)], "when it hung up");
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn a_sip_phone_is_told_at_once_and_not_again_while_its_call_lasts() {
    for on in [HALL, LAB] {
        let mut sim = Sim::new();
        sim.calls(on, secs(3600));
        does(&mut sim, login(ALICE, on));
        sim.run(3599);
        assert_eq!(sim.orders(on), [(5.0, Restart)], "its 200 means pending");
        assert!(!sim.refuses(on));
        sim.run(60);
        assert_eq!(sim.kinds(on), [Restart], "it restarts by itself");
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn the_time_to_accept_an_order_runs_while_the_phone_is_idle_alone() {
    for on in [LOBBY, DESK] {
        let mut sim = Sim::new();
        sim.loses(on, 1);
        does(&mut sim, login(ALICE, on));
        sim.run(5);
        sim.calls(on, secs(100));
        sim.run(300);
        assert_eq!(
            sim.orders(on),
            [(5.0, Restart), (130.0, Restart)],
            "twenty seconds after it hung up"
        );
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn a_change_during_the_call_needs_no_second_order() {
    let mut sim = Sim::new();
    sim.calls(LAB, secs(600));
    does(&mut sim, login(ALICE, LAB));
    sim.run(300);
    does(&mut sim, super::logout(LAB));
    does(&mut sim, login(1, LAB));
    sim.run(500);
    assert_eq!(sim.kinds(LAB), [Restart], "{}", sim.portrait(LAB));
    assert!(at_rest(&sim, LAB));
}

#[test]
fn a_crash_in_the_call_may_repeat_the_order_but_never_too_often() {
    let mut sim = Sim::new();
    sim.calls(LAB, secs(1200));
    does(&mut sim, login(ALICE, LAB));
    sim.run(60);
    sim.crash_same(secs(2));
    sim.run(1100);
    // Who is in a call is forgotten, that the order was accepted is not.
    let orders: Vec<f64> = sim.orders(LAB).into_iter().map(|(at, _)| at).collect();
    assert_eq!(orders, [5.0, 185.0, 365.0]);
    assert!(sim.refuses(LAB), "so it seems");
    sim.run(200);
    assert!(at_rest(&sim, LAB), "and then it obeys");
}

#[test]
fn a_phone_that_forgot_what_it_accepted_is_told_again_when_it_comes_anew() {
    // Nobody knows any more that it is in a call, and its connection, and with
    // it the order, is lost after the third was accepted, or after that one
    // had been given up.
    for cut in [400, 700] {
        let mut sim = Sim::new();
        sim.forgetful(LAB);
        sim.calls(LAB, secs(3600));
        does(&mut sim, login(ALICE, LAB));
        sim.run(60);
        sim.crash_same(secs(2));
        sim.run(cut - 60);
        assert_eq!(sim.kinds(LAB), [Restart; 3]);
        assert_eq!(sim.refuses(LAB), cut == 700);
        sim.flap(LAB, secs(1));
        sim.run(300);
        assert_eq!(sim.kinds(LAB), [Restart; 4], "{}", sim.portrait(LAB));
        sim.run(3600);
        assert!(at_rest(&sim, LAB), "{}", sim.portrait(LAB));
    }
}

#[test]
fn who_forgets_again_and_again_is_told_ever_more_seldom() {
    let mut sim = Sim::new();
    sim.forgetful(LAB);
    sim.calls(LAB, secs(30 * 24 * 3600));
    does(&mut sim, login(ALICE, LAB));
    sim.run(60);
    sim.crash_same(secs(2));
    for _ in 0..24 * 12 {
        sim.run(300);
        sim.flap(LAB, secs(1));
    }
    let sent: Vec<f64> = sim.orders(LAB).into_iter().map(|(at, _)| at).collect();
    assert!(sent.len() < 30, "{sent:?}");
    let late = sent.iter().filter(|at| **at > 12.0 * 3600.0).count();
    assert!(late <= 4, "{sent:?}");
}

#[test]
fn a_reset_after_a_restart_has_its_order_however_long_the_restart_took() {
    // Told three times in a call that nobody knew of, it restarts once; then
    // the reset for its language is due.
    let mut sim = Sim::new();
    sim.calls(LAB, secs(800));
    does(&mut sim, login(CARLA, LAB));
    sim.run(60);
    sim.crash_same(secs(2));
    sim.run(1200);
    assert_eq!(sim.kinds(LAB), [Restart, Restart, Restart, Reset]);
    assert!(at_rest(&sim, LAB), "{}", sim.portrait(LAB));
}

#[test]
fn who_obeys_at_last_and_comes_with_its_old_file_refuses() {
    let mut sim = Sim::new();
    sim.stubborn(LAB, true);
    sim.calls(LAB, secs(800));
    does(&mut sim, login(ALICE, LAB));
    sim.run(60);
    sim.crash_same(secs(2));
    sim.run(1200);
    let told = sim.told(LAB);
    assert!(
        told.last()
            .unwrap()
            .starts_with("gave up: it obeyed, but came back with file"),
        "{told:?}"
    );
    // It put nothing off: a boot of its own brings no more orders than three.
    sim.flap(LAB, secs(1));
    sim.run(1200);
    assert_eq!(sim.kinds(LAB), [Restart; 3], "{}", sim.portrait(LAB));
}
