//! Which order a change takes, and how many changes take one.

use super::{at_rest, does, login, logout, millis, secs};
use crate::model::OrderKind::{Refresh, Reset, Restart};
use crate::reconcile::tests::sim::Sim;
use crate::reconcile::tests::site::{ALICE, BOB, CARLA, DESK, Deed, HALL, LAB, LOBBY, PHONES};

#[test]
fn a_login_restarts_its_phone_once_and_no_other() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        does(&mut sim, login(ALICE, on));
        sim.run(600);
        assert_eq!(sim.orders(on), [(5.0, Restart)]);
        assert!(at_rest(&sim, on), "{}", sim.portrait(on));
        assert_eq!(sim.told(on), ["restart 1", "accepted", "converged"]);
        for other in (0..PHONES).filter(|other| *other != on) {
            assert_eq!(sim.told(other), [""; 0], "unchanged phones hear nothing");
        }
    }
}

#[test]
fn the_page_goes_first_and_the_restart_a_second_after_it() {
    for (page, restart) in [(200, 6.2), (1500, 7.5), (2500, 8.0), (9000, 8.0)] {
        let mut sim = Sim::new();
        let deed = Deed::Login {
            who: ALICE,
            on: LAB,
            over: true,
        };
        sim.does(deed, millis(page));
        sim.run(60);
        assert_eq!(sim.orders(LAB), [(restart, Restart)], "page after {page}");
    }
}

#[test]
fn a_page_that_left_before_the_change_was_another_one() {
    let mut sim = Sim::new();
    let deed = Deed::Login {
        who: ALICE,
        on: DESK,
        over: true,
    };
    sim.does(deed, millis(100));
    sim.run_for(millis(200));
    // Its own page has left; what is edited now may have a page of its own.
    does(&mut sim, Deed::Number { on: DESK, to: 7 });
    does(&mut sim, Deed::Ntp { to: 9 });
    sim.run(60);
    assert_eq!(sim.orders(DESK), [(8.0, Restart)]);
}

#[test]
fn somebody_elses_change_in_the_same_moment_does_not_overtake_the_page() {
    let mut sim = Sim::new();
    let deed = Deed::Login {
        who: ALICE,
        on: DESK,
        over: true,
    };
    sim.does(deed, millis(9000));
    sim.run_for(millis(100));
    does(&mut sim, Deed::Number { on: DESK, to: 7 });
    does(&mut sim, Deed::Ntp { to: 9 });
    sim.run(60);
    assert_eq!(sim.orders(DESK), [(8.0, Restart)]);
}

#[test]
fn a_login_and_logout_before_the_order_restart_nobody() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        let login = Deed::Login {
            who: ALICE,
            on,
            over: true,
        };
        sim.does(login, millis(2900));
        sim.run(2);
        does(&mut sim, logout(on));
        sim.run(600);
        assert_eq!(sim.kinds(on), []);
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn two_logins_before_the_order_make_one_restart() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        let first = Deed::Login {
            who: ALICE,
            on,
            over: true,
        };
        sim.does(first, millis(2900));
        sim.run(1);
        does(&mut sim, logout(on));
        does(&mut sim, login(BOB, on));
        sim.run(600);
        assert_eq!(sim.kinds(on), [Restart]);
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn a_login_just_after_the_order_is_served_by_the_same_restart() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        does(&mut sim, login(ALICE, on));
        sim.run_for(millis(20));
        does(&mut sim, logout(on));
        does(&mut sim, login(BOB, on));
        sim.run(600);
        assert_eq!(sim.kinds(on), [Restart], "{}", sim.portrait(on));
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn a_logout_after_the_order_left_is_not_forgotten() {
    // It held the bare desk when the order left, and the bare desk is wanted
    // again; but by now nobody knows what it reads.
    for on in 0..PHONES {
        let mut sim = Sim::new();
        does(&mut sim, login(ALICE, on));
        sim.run_for(millis(20));
        does(&mut sim, logout(on));
        assert!(sim.row(on).is_some());
        sim.run(600);
        assert!(at_rest(&sim, on), "{}", sim.portrait(on));
    }
}

#[test]
fn a_login_between_file_and_registration_takes_a_second_restart() {
    let mut sim = Sim::new();
    does(&mut sim, login(ALICE, LAB));
    // It left at 5, has had its file since 7.3, and registers at 13.3.
    sim.run(5);
    assert!(!sim.is_registered(LAB));
    does(&mut sim, logout(LAB));
    sim.run(600);
    assert_eq!(sim.orders(LAB), [(5.05 - 0.05, Restart), (13.37, Restart)]);
    assert!(at_rest(&sim, LAB));
}

#[test]
fn a_changed_file_resets_a_7960_and_restarts_the_others() {
    let mut sim = Sim::new();
    does(&mut sim, Deed::Ntp { to: 7 });
    sim.run(600);
    assert_eq!(sim.kinds(LOBBY), [Reset]);
    for on in [DESK, HALL, LAB] {
        assert_eq!(sim.kinds(on), [Restart]);
    }
    assert!((0..PHONES).all(|on| at_rest(&sim, on)));
}

#[test]
fn a_label_is_redrawn_where_the_family_does_so() {
    let mut sim = Sim::new();
    for on in [LOBBY, DESK, HALL] {
        does(&mut sim, Deed::OwnLabel { on, to: 1 });
    }
    sim.run(600);
    assert_eq!(sim.kinds(LOBBY), [Restart]);
    assert_eq!(sim.kinds(DESK), [Refresh]);
    assert_eq!(sim.kinds(HALL), [Restart]);
    assert!((0..PHONES).all(|on| at_rest(&sim, on)));
    assert_eq!(sim.told(DESK), ["refresh 1", "converged"]);
}

#[test]
fn a_label_that_changes_back_while_it_is_redrawn_is_redrawn_again() {
    let mut sim = Sim::new();
    does(&mut sim, Deed::OwnLabel { on: DESK, to: 1 });
    sim.run(60);
    does(&mut sim, Deed::OwnLabel { on: DESK, to: 2 });
    sim.run_for(millis(10));
    does(&mut sim, Deed::OwnLabel { on: DESK, to: 1 });
    sim.run(60);
    assert_eq!(sim.kinds(DESK), [Refresh; 3]);
    assert!(at_rest(&sim, DESK), "{}", sim.portrait(DESK));
}

#[test]
fn a_menu_is_pages_for_most_phones_and_file_for_an_8841() {
    for (on, orders) in [(LOBBY, 0), (DESK, 0), (HALL, 0), (LAB, 1)] {
        let mut sim = Sim::new();
        does(&mut sim, login(ALICE, on));
        sim.run(600);
        let there = true;
        does(&mut sim, Deed::Menu { of: ALICE, there });
        sim.run(600);
        assert_eq!(sim.kinds(on).len(), 1 + orders, "phone {on}");
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn a_locale_that_differs_takes_a_restart_and_then_a_reset() {
    for on in 0..PHONES {
        let mut sim = Sim::new();
        does(&mut sim, login(CARLA, on));
        sim.run(600);
        assert_eq!(sim.kinds(on), [Restart, Reset], "{}", sim.portrait(on));
        assert!(at_rest(&sim, on));
        // The reset left when the phone was back from its restart.
        let told = ["restart 1", "accepted", "reset 2", "accepted", "converged"];
        assert_eq!(sim.told(on), told);
        does(&mut sim, logout(on));
        sim.run(600);
        assert_eq!(sim.kinds(on), [Restart, Reset, Restart, Reset]);
        assert!(at_rest(&sim, on));
    }
}

#[test]
fn the_reset_that_follows_waits_for_an_idle_phone() {
    for on in [DESK, HALL] {
        let mut sim = Sim::new();
        does(&mut sim, login(CARLA, on));
        sim.run_for(millis(8200));
        while !sim.is_registered(on) {
            sim.run_for(millis(5));
        }
        sim.calls(on, secs(100));
        sim.run(90);
        assert_eq!(sim.kinds(on), [Restart], "phone {on} is in a call");
        sim.run(60);
        assert_eq!(sim.kinds(on), [Restart, Reset]);
        assert!(at_rest(&sim, on));
    }
}
