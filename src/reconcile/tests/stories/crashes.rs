//! The daemon dies, at the worst of moments; or its disk is full.

use super::{at_rest, does, login, logout, millis, secs};
use crate::model::OrderKind::{Reset, Restart};
use crate::reconcile::tests::sim::{Fuse, Sim};
use crate::reconcile::tests::site::{ALICE, CARLA, DESK, Deed, HALL, LAB, LOBBY, PHONES};

#[test]
fn after_a_crash_nobody_is_ordered_without_a_row() {
    let mut sim = Sim::new();
    sim.crash_same(secs(10));
    sim.run(600);
    for on in 0..PHONES {
        assert_eq!(sim.kinds(on), []);
        assert!(sim.is_registered(on));
    }
}

#[test]
fn a_crash_between_mark_and_order_costs_an_attempt() {
    for on in [HALL, LAB] {
        let mut sim = Sim::new();
        sim.light(Fuse::BeforeOrder);
        does(&mut sim, login(ALICE, on));
        sim.run(600);
        assert_eq!(sim.orders(on), [(5.0, Restart), (25.0, Restart)]);
        assert!(at_rest(&sim, on), "{}", sim.portrait(on));
    }
}

#[test]
fn an_sccp_phone_that_loses_its_connection_is_told_its_keys_anyway() {
    for on in [LOBBY, DESK] {
        let mut sim = Sim::new();
        sim.light(Fuse::BeforeOrder);
        does(&mut sim, login(ALICE, on));
        sim.run(600);
        assert_eq!(sim.orders(on), [(5.0, Restart)], "which never left");
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn a_crash_after_the_order_restarts_the_phone_once() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        sim.light(Fuse::AfterOrder);
        does(&mut sim, login(ALICE, on));
        sim.run(600);
        assert!(at_rest(&sim, on), "{}", sim.portrait(on));
        assert!(sim.kinds(on).len() <= 2, "{}", sim.portrait(on));
    }
}

#[test]
fn a_crash_before_the_page_left_still_lets_it_go_first() {
    let mut sim = Sim::new();
    let deed = Deed::Login {
        who: ALICE,
        on: LAB,
        over: true,
    };
    sim.does(deed, millis(100));
    sim.crash_same(millis(10));
    sim.run(600);
    let (at, _) = sim.orders(LAB)[0];
    assert!(at >= 8.0, "at {at}");
    assert!(at_rest(&sim, LAB));
}

#[test]
fn a_crash_between_restart_and_reset_forgets_neither() {
    for on in [DESK, HALL, LAB] {
        let mut sim = Sim::new();
        does(&mut sim, login(CARLA, on));
        sim.run(3);
        sim.crash_same(secs(4));
        sim.run(900);
        assert_eq!(sim.kinds(on).last(), Some(&Reset), "{}", sim.portrait(on));
        assert!(at_rest(&sim, on), "{}", sim.portrait(on));
    }
}

#[test]
fn a_new_template_makes_phones_stale_and_restarts_nobody() {
    let mut sim = Sim::new();
    sim.crash(secs(5), 1);
    sim.run(3600);
    for on in 0..PHONES {
        assert_eq!(sim.kinds(on), []);
        assert!(sim.row(on).is_none());
        assert_ne!(sim.held(on).0, Some(sim.wanted(on).file), "stale");
    }
}

#[test]
fn a_stale_7960_takes_a_login_with_one_restart() {
    // Its file is of an older template, and a restart does not change that:
    // what the login changed is told over SCCP.
    let mut sim = Sim::new();
    sim.crash(secs(5), 1);
    sim.run(60);
    does(&mut sim, login(ALICE, LOBBY));
    sim.run(900);
    assert_eq!(sim.kinds(LOBBY), [Restart], "{}", sim.portrait(LOBBY));
    assert!(at_rest(&sim, LOBBY));
}

#[test]
fn a_row_of_the_old_template_closes_by_a_file_of_the_new() {
    // The order was lost, then came the upgrade; the phone reads a file with
    // the stamp of the new template.
    for on in 0..PHONES {
        let mut sim = Sim::new();
        sim.loses(on, 1);
        does(&mut sim, Deed::Ntp { to: 7 });
        does(&mut sim, login(ALICE, on));
        sim.run(3);
        sim.crash(secs(3), 1);
        sim.run(900);
        assert!(at_rest(&sim, on), "{}", sim.portrait(on));
        assert_eq!(sim.kinds(on).len(), 2);
    }
}

#[test]
fn a_row_of_the_old_template_closes_by_a_file_of_the_old() {
    // The phone reads its file, then comes the upgrade, then it registers: it
    // is stale, and neither refuses nor is restarted again.
    for on in [DESK, HALL, LAB] {
        let mut sim = Sim::new();
        sim.set_boot(on, secs(1), secs(20));
        does(&mut sim, Deed::Ntp { to: 7 });
        sim.run(5);
        sim.crash(secs(3), 1);
        sim.run(900);
        assert!(at_rest(&sim, on), "{}", sim.portrait(on));
        assert_eq!(sim.kinds(on), [Restart]);
    }
}

#[test]
fn a_full_disk_delays_orders_and_loses_no_news() {
    let mut sim = Sim::new();
    does(&mut sim, login(ALICE, LAB));
    sim.run(1);
    // It comes back while nothing can be written.
    sim.fill_disk(secs(120));
    sim.run(100);
    assert!(sim.is_right(LAB) && sim.row(LAB).is_some());
    sim.run(30);
    assert_eq!(sim.kinds(LAB), [Restart]);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn nothing_leaves_that_is_not_marked() {
    let mut sim = Sim::new();
    sim.calls(DESK, secs(10));
    does(&mut sim, login(ALICE, DESK));
    sim.fill_disk(secs(60));
    sim.run(50);
    assert_eq!(sim.kinds(DESK), [], "the mark is not durable");
    sim.run(60);
    assert_eq!(sim.kinds(DESK), [Restart]);
    assert!(at_rest(&sim, DESK));
}

#[test]
fn a_logout_while_the_daemon_is_busy_is_not_lost() {
    let mut sim = Sim::new();
    sim.stall(secs(4));
    does(&mut sim, login(ALICE, HALL));
    sim.run(2);
    does(&mut sim, logout(HALL));
    sim.run(600);
    assert_eq!(sim.kinds(HALL), []);
    assert!(at_rest(&sim, HALL));
}
