//! For any interleaving of logins, logouts, ends by themselves, PIN changes,
//! edits of profiles, calls, crashes and restarts, over four users and four
//! phones: never two users on a phone, never more sessions than the behaviour
//! allows, nothing that was acknowledged is lost, nobody is signed out before
//! his time, and every phone converges.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::sim::{Fuse, Sim};
use super::site::{Deed, LAB, PHONES, USERS, id, user_id};
use crate::model::{Change, EndReason, MultipleLogin, World};

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    Deed { deed: Deed, page: u64 },
    Calls { on: usize, secs: u64 },
    PowerFails { on: usize, secs: u64 },
    Loses { on: usize },
    Crash { secs: u64 },
    Fuse { after: bool },
    DiskFull { secs: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let (on, who) = (0..PHONES, 0..USERS.len());
    let deed = prop_oneof![
        4 => (who.clone(), on.clone(), any::<bool>())
            .prop_map(|(who, on, over)| Deed::Login { who, on, over }),
        6 => (who.clone(), on.clone(), 1..8u32)
            .prop_map(|(who, on, minutes)| Deed::Visit { who, on, minutes }),
        4 => (on.clone(), any::<bool>()).prop_map(|(on, over)| Deed::Logout { on, over }),
        2 => who.clone().prop_map(|of| Deed::Pin { of }),
        2 => (who.clone(), 0..3u8).prop_map(|(of, to)| Deed::Label { of, to }),
        1 => (who, any::<bool>()).prop_map(|(of, there)| Deed::Menu { of, there }),
        1 => (on.clone(), any::<bool>()).prop_map(|(on, reset)| Deed::Command { on, reset }),
    ];
    prop_oneof![
        16 => (deed, 0..3000u64).prop_map(|(deed, page)| Step::Deed { deed, page }),
        2 => (on.clone(), 1..600u64).prop_map(|(on, secs)| Step::Calls { on, secs }),
        2 => (on.clone(), 0..400u64).prop_map(|(on, secs)| Step::PowerFails { on, secs }),
        1 => on.prop_map(|on| Step::Loses { on }),
        3 => (0..400u64).prop_map(|secs| Step::Crash { secs }),
        2 => any::<bool>().prop_map(|after| Step::Fuse { after }),
        1 => (1..90u64).prop_map(|secs| Step::DiskFull { secs }),
    ]
}

/// How long until the next thing happens, milliseconds.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => 0..50u64,
        4 => 50..8000u64,
        4 => 8000..120_000u64,
        1 => 120_000..600_000u64,
    ]
}

fn behavior() -> impl Strategy<Value = MultipleLogin> {
    prop_oneof![
        Just(MultipleLogin::Allowed),
        Just(MultipleLogin::NotAllowed),
        Just(MultipleLogin::AutoLogout),
    ]
}

fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The house, and what it acknowledged.
struct Witness {
    sim: Sim,
    acknowledged: World,
    behaviors: Vec<MultipleLogin>,
}

impl Witness {
    fn of(behaviors: &[MultipleLogin]) -> Self {
        let sim = Sim::with(100, |world| {
            for (of, behavior) in behaviors.iter().enumerate() {
                let mut user = (**world.users.get(&user_id(of)).unwrap()).clone();
                user.multiple_login_behavior = Some(*behavior);
                world.apply(&Change::PutUser(Box::new(user)));
            }
        });
        Self {
            acknowledged: sim.world(),
            sim,
            behaviors: behaviors.to_vec(),
        }
    }

    fn happen(&mut self, step: &Step) {
        let sim = &mut self.sim;
        match *step {
            Step::Deed { deed, page } => {
                for change in sim.does(deed, Duration::from_millis(page)) {
                    self.acknowledged.apply(&change);
                }
            }
            Step::Calls { on, secs: length } => sim.calls(on, secs(length)),
            Step::PowerFails { on, secs: length } => sim.power_fails(on, secs(length)),
            Step::Loses { on } => sim.loses(on, 1),
            Step::Crash { secs: length } => sim.crash_same(secs(length)),
            Step::Fuse { after } => sim.light(if after {
                Fuse::AfterOrder
            } else {
                Fuse::BeforeOrder
            }),
            Step::DiskFull { secs: length } => sim.fill_disk(secs(length)),
        }
    }

    /// Takes note of what ended by itself, and looks at everything.
    fn look(&mut self) {
        let now = self.sim.now();
        for (on, why) in self.sim.take_ended() {
            let session = self.acknowledged.sessions.get(&id(on));
            let expires = session.and_then(|session| session.expires);
            assert!(
                expires.is_some_and(|at| at <= now) && why == EndReason::Expired,
                "{session:?} was ended by {why:?}"
            );
            self.acknowledged.apply(&Change::DropSession(id(on)));
        }
        let world = self.sim.world();
        assert_eq!(world.sessions, self.acknowledged.sessions, "who sits where");
        assert_eq!(world.users, self.acknowledged.users, "PINs");
        assert_eq!(world.profiles, self.acknowledged.profiles, "profiles");
        assert_eq!(world.phones, self.acknowledged.phones, "phones");
        for (phone, session) in &world.sessions {
            assert_eq!(*phone, session.phone);
        }
        for (of, behavior) in self.behaviors.iter().enumerate() {
            let count = world.sessions_of(user_id(of)).count();
            assert!(
                count <= 1 || *behavior == MultipleLogin::Allowed,
                "{} is on {count} phones with {behavior:?}",
                USERS[of]
            );
        }
    }

    /// Nobody stays whose time is up, but for a call.
    fn nobody_overstays(&self) {
        let (now, world) = (self.sim.now(), self.sim.world());
        for on in (0..PHONES).filter(|on| !self.sim.in_call(*on)) {
            let session = world.sessions.get(&id(on));
            let expires = session.and_then(|session| session.expires);
            assert!(expires.is_none_or(|at| at > now), "{session:?} at {now:?}");
        }
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Extension Mobility 4.1, Login and Behavior, and Setting the Service
    /// Parameters.
    #[test]
    fn nobody_loses_his_place_and_nobody_shares_it(
        behaviors in proptest::collection::vec(behavior(), USERS.len()),
        story in proptest::collection::vec((pause(), step()), 1..40),
    ) {
        let mut witness = Witness::of(&behaviors);
        witness.sim.forgetful(LAB);
        for (pause, step) in &story {
            witness.sim.run_for(Duration::from_millis(*pause));
            witness.look();
            witness.happen(step);
            witness.look();
        }
        witness.sim.run(120);
        (0..PHONES).for_each(|on| witness.sim.calm(on));
        witness.sim.run(20 * 60);
        witness.look();
        witness.nobody_overstays();
        let sim = &mut witness.sim;
        for on in 0..PHONES {
            let right = sim.is_right(on) && sim.row(on).is_none();
            let refuses = sim.refuses(on) && sim.may_refuse(on);
            prop_assert!(right || refuses, "{}", sim.portrait(on));
        }
    }
}

/// The property means something: a user who may be on one phone is kept from a
/// second, and a visit ends.
#[test]
fn the_steps_of_the_property_do_what_they_say() {
    let mut witness = Witness::of(&[MultipleLogin::NotAllowed; 4]);
    let visit = |who, on| Step::Deed {
        deed: Deed::Visit {
            who,
            on,
            minutes: 5,
        },
        page: 0,
    };
    for step in [visit(0, 0), visit(0, 1), visit(1, 0), visit(1, 2)] {
        witness.happen(&step);
        witness.look();
    }
    assert_eq!(witness.sim.world().sessions.len(), 2);
    let pin = Step::Deed {
        deed: Deed::Pin { of: 0 },
        page: 0,
    };
    witness.happen(&pin);
    witness.look();
    let alice = Arc::clone(&witness.sim.world().users[&user_id(0)]);
    assert_eq!(alice.credential_version, 2);
    witness.happen(&Step::Calls { on: 2, secs: 600 });
    witness.sim.run(301);
    witness.look();
    let sessions = witness.sim.world().sessions;
    assert_eq!(sessions.len(), 1, "but for the one who talks");
    assert_eq!(sessions[&id(2)].user, user_id(1));
    witness.sim.run(310);
    witness.look();
    assert!(witness.sim.world().sessions.is_empty());
}
