//! Whatever the order of logins, logouts, expiries, orders and phones coming
//! back: the rules of the house hold after every commit.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::testing::{DESK, LAB, LOBBY, catalogue, device, holding, login, logout, world};
use super::{
    OrderCommand, PhoneOrder, Requested, expiry, login as signing_in, logout as leaving, order,
};
use crate::model::{
    Change, MultipleLogin, ObjectId, Origin, Parameters, Progress, Timestamp, World,
};

#[derive(Clone, Debug)]
enum Step {
    Login {
        who: usize,
        on: usize,
        minutes: u32,
    },
    Logout {
        on: usize,
    },
    LogoutAll,
    Expire,
    Order {
        on: usize,
        reset: bool,
    },
    /// An order leaves for the phone.
    OrderLeaves {
        on: usize,
    },
    /// The phone registers and shows what is wanted.
    ComesBack {
        on: usize,
    },
    Wait {
        minutes: i64,
    },
}

const PHONES: [&str; 3] = [DESK, LOBBY, LAB];
const USERS: [&str; 3] = ["alice", "bob", "carol"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3usize, 0..3usize, 0..90u32)
            .prop_map(|(who, on, minutes)| Step::Login { who, on, minutes }),
        2 => (0..3usize).prop_map(|on| Step::Logout { on }),
        1 => Just(Step::LogoutAll),
        1 => Just(Step::Expire),
        1 => (0..3usize, any::<bool>()).prop_map(|(on, reset)| Step::Order { on, reset }),
        2 => (0..3usize).prop_map(|on| Step::OrderLeaves { on }),
        2 => (0..3usize).prop_map(|on| Step::ComesBack { on }),
        1 => (1..60i64).prop_map(|minutes| Step::Wait { minutes }),
    ];
    proptest::collection::vec(step, 1..60)
}

fn id_of(on: usize) -> ObjectId {
    world().phone(&device(PHONES[on])).unwrap().id
}

/// The changes of one step; none when it is refused.
fn changes_of(world: &World, step: &Step, now: Timestamp) -> Vec<Change> {
    let catalogue = catalogue();
    match step {
        Step::Login { who, on, minutes } => {
            let mut command = login(USERS[*who], PHONES[*on]);
            command.duration = Requested::Minutes(*minutes);
            signing_in::decide(world, &catalogue, now, &command)
                .map(|decision| decision.changes)
                .unwrap_or_default()
        }
        Step::Logout { on } => leaving::decide(world, &catalogue, now, &logout(PHONES[*on]))
            .map(|decision| decision.changes)
            .unwrap_or_default(),
        Step::LogoutAll => {
            let all = leaving::everybody(world);
            leaving::decide_some(world, &catalogue, now, &all, &Origin::Operator).changes
        }
        Step::Expire => (0..3)
            .flat_map(|on| expiry::decide(world, &catalogue, now, id_of(on)).changes)
            .collect(),
        Step::Order { on, reset } => {
            let command = OrderCommand {
                device: device(PHONES[*on]),
                order: if *reset {
                    PhoneOrder::Reset
                } else {
                    PhoneOrder::Restart
                },
                origin: Origin::Operator,
            };
            order::decide(world, &catalogue, now, &command)
                .map(|decision| decision.changes)
                .unwrap_or_default()
        }
        Step::OrderLeaves { on } => order_leaves(world, id_of(*on), now),
        Step::ComesBack { on } => {
            vec![
                Change::PutHeld(holding(world, id_of(*on))),
                Change::DropPending(id_of(*on)),
            ]
        }
        Step::Wait { .. } => Vec::new(),
    }
}

fn order_leaves(world: &World, phone: ObjectId, now: Timestamp) -> Vec<Change> {
    let (Some(row), Some(held)) = (world.pending.get(&phone), world.held.get(&phone)) else {
        return Vec::new();
    };
    let mut row = row.clone();
    row.attempts += 1;
    row.progress = Progress::Ordered {
        at: now,
        accepted: false,
    };
    let mut held = held.clone();
    held.file = None;
    held.station = None;
    vec![Change::PutPending(Box::new(row)), Change::PutHeld(held)]
}

fn check(world: &World, behavior: MultipleLogin) {
    let mut somewhere = BTreeSet::new();
    for session in world.sessions.values() {
        let twice = !somewhere.insert(session.user);
        assert!(
            !twice || behavior == MultipleLogin::Allowed,
            "a user is on two phones with {behavior:?}"
        );
    }
    for phone in world.phones.keys() {
        let wanted = world.wanted(&catalogue(), *phone).unwrap().stamps;
        let held = world.held.get(phone).is_some_and(|held| held.shows(wanted));
        let waits = world
            .pending
            .get(phone)
            .is_some_and(|row| row.wanted == wanted);
        assert!(
            held || waits,
            "nobody sees to it that {phone} gets what is wanted"
        );
    }
}

proptest! {
    #[test]
    fn every_change_of_wanted_is_held_or_pending(
        steps in steps(),
        behavior in prop_oneof![
            Just(MultipleLogin::Allowed),
            Just(MultipleLogin::NotAllowed),
            Just(MultipleLogin::AutoLogout),
        ],
    ) {
        let mut world = world();
        world.apply(&Change::Parameters(Parameters {
            multiple_login_behavior: behavior,
            ..Parameters::default()
        }));
        let mut now = Timestamp(0);
        for step in &steps {
            if let Step::Wait { minutes } = step {
                now = Timestamp(now.0 + minutes * 60_000);
            }
            for change in changes_of(&world, step, now) {
                world.apply(&change);
            }
            check(&world, behavior);
        }
    }
}
