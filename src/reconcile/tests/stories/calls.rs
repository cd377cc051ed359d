//! Phones in a call.

use super::{at_rest, does, login, secs};
use crate::model::OrderKind::Restart;
use crate::reconcile::tests::sim::Sim;
use crate::reconcile::tests::site::{ALICE, DESK, HALL, LAB, LOBBY};

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
