//! Whatever the order of logins, evictions, logouts, expiries, orders, changes
//! of the rules and phones coming back: the rules of the house hold after
//! every commit.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::testing::{
    DESK, LAB, LOBBY, catalogue, device, holding, login, logout, uid, world as small_world,
};
use super::{
    Channel, Elsewhere, LoginCommand, Occupied, OrderCommand, PhoneOrder, Refusal, Requested,
    SignedOut, UserLogout, expiry, login as signing_in, logout as leaving, order,
};
use crate::model::{
    Change, DeviceName, MultipleLogin, ObjectId, Origin, OwnedPhones, Parameters, ProfileName,
    Progress, Timestamp, User, UserId, World,
};

/// How a login is made.
#[derive(Clone, Copy, Debug)]
struct Manner {
    /// With his own PIN at the phone; else by the operator.
    own_pin: bool,
    occupied: Occupied,
    elsewhere: Elsewhere,
}

#[derive(Clone, Debug)]
enum Step {
    Login {
        who: usize,
        on: usize,
        minutes: u32,
        manner: Manner,
    },
    Logout {
        on: usize,
    },
    LogoutUser {
        who: usize,
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
    /// The operator changes the rules.
    Rules {
        service: bool,
        evict: bool,
        owned: OwnedPhones,
    },
    Exclude {
        who: usize,
        excluded: bool,
    },
    Own {
        on: usize,
        by: Option<usize>,
    },
    Behavior {
        who: usize,
        own: Option<MultipleLogin>,
    },
    /// A new PIN: what was verified before is void.
    NewPin {
        who: usize,
    },
}

const HALL: &str = "SEP001122334488";
const PHONES: [&str; 4] = [DESK, LOBBY, LAB, HALL];
const USERS: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// Four phones and four users, each with a profile.
fn world() -> World {
    let mut world = small_world();
    let mut hall = (**world.phone(&device(DESK)).unwrap()).clone();
    hall.id = ObjectId(4);
    hall.name = device(HALL);
    world.apply(&Change::PutPhone(Box::new(hall)));
    let mut dave = (**world.user(&uid("carol")).unwrap()).clone();
    dave.id = ObjectId(24);
    dave.user_id = uid("dave");
    world.apply(&Change::PutUser(Box::new(dave)));
    for (who, profile) in [("carol", "bob-desk"), ("dave", "alice-home")] {
        edit_user(&mut world, who, |user| {
            user.profiles = vec![ProfileName::new(profile).unwrap()];
        });
    }
    let held = holding(&world, ObjectId(4));
    world.apply(&Change::PutHeld(held));
    world
}

fn edit_user(world: &mut World, name: &str, edit: impl FnOnce(&mut User)) {
    let mut user = (**world.user(&uid(name)).unwrap()).clone();
    edit(&mut user);
    world.apply(&Change::PutUser(Box::new(user)));
}

fn manner() -> impl Strategy<Value = Manner> {
    let occupied = prop_oneof![
        Just(Occupied::Refuse),
        Just(Occupied::Evict),
        Just(Occupied::Force)
    ];
    let elsewhere = prop_oneof![
        4 => Just(Elsewhere::ByBehavior),
        1 => Just(Elsewhere::SignOut),
    ];
    (any::<bool>(), occupied, elsewhere).prop_map(|(own_pin, occupied, elsewhere)| Manner {
        own_pin,
        occupied,
        elsewhere,
    })
}

fn behavior() -> impl Strategy<Value = MultipleLogin> {
    prop_oneof![
        Just(MultipleLogin::Allowed),
        Just(MultipleLogin::NotAllowed),
        Just(MultipleLogin::AutoLogout),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (who, on) = (0..4usize, 0..4usize);
    let owned = prop_oneof![
        2 => Just(OwnedPhones::Off),
        1 => Just(OwnedPhones::Warn),
        1 => Just(OwnedPhones::Refuse),
    ];
    let step = prop_oneof![
        8 => (who.clone(), on.clone(), 0..90u32, manner()).prop_map(
            |(who, on, minutes, manner)| Step::Login { who, on, minutes, manner }
        ),
        2 => on.clone().prop_map(|on| Step::Logout { on }),
        1 => who.clone().prop_map(|who| Step::LogoutUser { who }),
        1 => Just(Step::LogoutAll),
        1 => Just(Step::Expire),
        1 => (on.clone(), any::<bool>()).prop_map(|(on, reset)| Step::Order { on, reset }),
        2 => on.clone().prop_map(|on| Step::OrderLeaves { on }),
        2 => on.clone().prop_map(|on| Step::ComesBack { on }),
        1 => (1..60i64).prop_map(|minutes| Step::Wait { minutes }),
        1 => (prop::bool::weighted(0.9), any::<bool>(), owned)
            .prop_map(|(service, evict, owned)| Step::Rules { service, evict, owned }),
        1 => (who.clone(), prop::bool::weighted(0.3))
            .prop_map(|(who, excluded)| Step::Exclude { who, excluded }),
        1 => (on, prop::option::of(0..4usize)).prop_map(|(on, by)| Step::Own { on, by }),
        1 => (who.clone(), prop::option::of(behavior()))
            .prop_map(|(who, own)| Step::Behavior { who, own }),
        1 => who.prop_map(|who| Step::NewPin { who }),
    ];
    proptest::collection::vec(step, 1..60)
}

fn id_of(on: usize) -> ObjectId {
    world().phone(&device(PHONES[on])).unwrap().id
}

fn command(world: &World, who: usize, on: usize, minutes: u32, manner: Manner) -> LoginCommand {
    let user = world.user(&uid(USERS[who])).unwrap();
    let (checked_version, origin, channel) = if manner.own_pin {
        let version = Some(user.credential_version);
        (version, Origin::Phone, Channel::OverPhone)
    } else {
        (None, Origin::Operator, Channel::Elsewhere)
    };
    LoginCommand {
        checked_version,
        duration: Requested::Minutes(minutes),
        occupied: manner.occupied,
        elsewhere: manner.elsewhere,
        origin,
        channel,
        ..login(USERS[who], PHONES[on])
    }
}

/// The house, and what those who are told of logins and logouts believe.
struct House {
    world: World,
    told: BTreeMap<DeviceName, UserId>,
    now: Timestamp,
    /// Whether somebody could ever be on several phones.
    several: bool,
}

impl House {
    fn step(&mut self, step: &Step) {
        let (world, now, catalogue) = (self.world.clone(), self.now, catalogue());
        let changes = match step {
            Step::Login {
                who,
                on,
                minutes,
                manner,
            } => {
                let command = command(&world, *who, *on, *minutes, *manner);
                let outcome = signing_in::decide(&world, &catalogue, now, &command);
                self.judge(&command, *who, *on, *manner, outcome.as_ref().err());
                let Ok(decision) = outcome else { return };
                let done = &decision.value;
                for gone in done.displaced.iter().chain(&done.replaced) {
                    self.is_told_out(gone);
                }
                let before = self.told.insert(done.device.clone(), done.user.clone());
                assert_eq!(before, None, "two users on {}", done.device);
                self.apply(&decision.changes);
                self.counted(*who, manner.elsewhere);
                return;
            }
            Step::Logout { on } => {
                let out = leaving::decide(&world, &catalogue, now, &logout(PHONES[*on]));
                let Ok(decision) = out else { return };
                self.is_told_out(&decision.value);
                decision.changes
            }
            Step::LogoutUser { who } => {
                let command = UserLogout {
                    user: uid(USERS[*who]),
                    device: None,
                    origin: Origin::Operator,
                };
                let out = leaving::decide_user(&world, &catalogue, now, &command);
                let Ok(decision) = out else { return };
                decision
                    .value
                    .iter()
                    .for_each(|gone| self.is_told_out(gone));
                decision.changes
            }
            Step::LogoutAll => {
                let phones: Vec<ObjectId> = world.sessions.keys().copied().collect();
                let operator = Origin::Operator;
                let out = leaving::decide_these(&world, &catalogue, now, &phones, &operator);
                out.value.iter().for_each(|gone| self.is_told_out(gone));
                out.changes
            }
            Step::Expire => {
                let mut changes = Vec::new();
                for on in 0..PHONES.len() {
                    let out = expiry::decide(&world, &catalogue, now, id_of(on));
                    out.value.iter().for_each(|gone| self.is_told_out(gone));
                    changes.extend(out.changes);
                }
                changes
            }
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
                order::decide(&world, &catalogue, now, &command)
                    .map(|decision| decision.changes)
                    .unwrap_or_default()
            }
            Step::OrderLeaves { on } => order_leaves(&world, id_of(*on), now),
            Step::ComesBack { on } => vec![
                Change::PutHeld(holding(&world, id_of(*on))),
                Change::DropPending(id_of(*on)),
            ],
            Step::Wait { minutes } => {
                self.now = Timestamp(now.0 + minutes * 60_000);
                return;
            }
            Step::Rules { .. }
            | Step::Exclude { .. }
            | Step::Own { .. }
            | Step::Behavior { .. }
            | Step::NewPin { .. } => return self.change_rules(step),
        };
        self.apply(&changes);
    }

    fn change_rules(&mut self, step: &Step) {
        match step {
            Step::Rules {
                service,
                evict,
                owned,
            } => {
                let parameters = Parameters {
                    login_service_enabled: *service,
                    evict_previous_user: *evict,
                    owned_phones: *owned,
                    ..(*self.world.parameters).clone()
                };
                self.world.apply(&Change::Parameters(parameters));
            }
            Step::Exclude { who, excluded } => {
                edit_user(&mut self.world, USERS[*who], |user| {
                    user.excluded = *excluded;
                });
            }
            Step::Own { on, by } => {
                let mut phone = (**self.world.phone(&device(PHONES[*on])).unwrap()).clone();
                phone.owner = by.map(|who| uid(USERS[who]));
                self.world.apply(&Change::PutPhone(Box::new(phone)));
            }
            Step::Behavior { who, own } => {
                self.several |= *own == Some(MultipleLogin::Allowed);
                edit_user(&mut self.world, USERS[*who], |user| {
                    user.multiple_login_behavior = *own;
                });
            }
            Step::NewPin { who } => {
                edit_user(&mut self.world, USERS[*who], |user| {
                    user.credential_version += 1;
                });
            }
            _ => {}
        }
    }

    /// Whether a login was rightly let in or refused.
    fn judge(
        &self,
        command: &LoginCommand,
        who: usize,
        on: usize,
        manner: Manner,
        refusal: Option<&Refusal>,
    ) {
        let world = &self.world;
        let (rules, me) = (&world.parameters, uid(USERS[who]));
        let user = world.user(&me).unwrap();
        let phone = world.phone(&command.device).unwrap();
        let present = world.sessions.get(&id_of(on)).map(|session| session.user);
        let gives_way = match manner.occupied {
            Occupied::Refuse => false,
            Occupied::Evict => {
                manner.own_pin && rules.evict_previous_user && present != Some(user.id)
            }
            Occupied::Force => !manner.own_pin,
        };
        let elsewhere = world
            .sessions_of(user.id)
            .any(|session| session.phone != id_of(on));
        let behavior = user
            .multiple_login_behavior
            .unwrap_or(rules.multiple_login_behavior);
        let foreign = phone.owner.as_ref().is_some_and(|owner| *owner != me);
        let code = if !rules.login_service_enabled {
            Some(22)
        } else if present.is_some() && !gives_way {
            Some(18)
        } else if user.excluded || (foreign && rules.owned_phones == OwnedPhones::Refuse) {
            Some(4)
        } else if elsewhere
            && behavior == MultipleLogin::NotAllowed
            && manner.elsewhere == Elsewhere::ByBehavior
        {
            Some(25)
        } else {
            None
        };
        assert_eq!(refusal.map(Refusal::service_code), code, "{command:?}");
    }

    /// After a login the user is on no more phones than he may be.
    fn counted(&self, who: usize, elsewhere: Elsewhere) {
        let user = self.world.user(&uid(USERS[who])).unwrap();
        let behavior = user
            .multiple_login_behavior
            .unwrap_or(self.world.parameters.multiple_login_behavior);
        if behavior != MultipleLogin::Allowed || elsewhere == Elsewhere::SignOut {
            assert_eq!(self.world.sessions_of(user.id).count(), 1, "{behavior:?}");
        }
    }

    fn is_told_out(&mut self, gone: &SignedOut) {
        let told = self.told.remove(&gone.device);
        assert_eq!(told, gone.user, "who left {}", gone.device);
    }

    fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            self.world.apply(change);
        }
    }

    fn check(&self) {
        let told: BTreeMap<DeviceName, UserId> = self
            .world
            .sessions
            .values()
            .map(|session| {
                let phone = &self.world.phones[&session.phone];
                let user = &self.world.users[&session.user];
                (phone.name.clone(), user.user_id.clone())
            })
            .collect();
        assert_eq!(told, self.told, "what is told is what is stored");
        for user in self.world.users.keys() {
            let phones = self.world.sessions_of(*user).count();
            assert!(phones <= 1 || self.several, "{user} is on {phones} phones");
        }
        for phone in self.world.phones.keys() {
            let wanted = self.world.wanted(&catalogue(), *phone).unwrap().stamps;
            let held = self.world.held.get(phone);
            let holds = held.is_some_and(|held| held.shows(wanted));
            let waits = self
                .world
                .pending
                .get(phone)
                .is_some_and(|row| row.wanted == wanted);
            assert!(
                holds || waits,
                "nobody sees to it that {phone} gets what is wanted"
            );
        }
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

proptest! {
    #[test]
    fn the_rules_hold_and_every_change_of_wanted_is_held_or_pending(
        steps in steps(),
        behavior in behavior(),
    ) {
        let mut house = House {
            world: world(),
            told: BTreeMap::new(),
            now: Timestamp(0),
            several: behavior == MultipleLogin::Allowed,
        };
        house.world.apply(&Change::Parameters(Parameters {
            multiple_login_behavior: behavior,
            ..Parameters::default()
        }));
        for step in &steps {
            house.step(step);
            house.check();
        }
    }
}
