//! A phone on which somebody sits already: refused, evicted, forced.

use super::*;
use crate::model::LogoutReason;

fn newcomer(who: &str, on: &str) -> LoginCommand {
    LoginCommand {
        occupied: Occupied::Evict,
        ..login(who, on)
    }
}

fn allow(world: &mut World) {
    set(world, |p| p.evict_previous_user = true);
}

/// Alice on the desk and known to be there, bob at its keys.
fn alice_on_the_desk() -> World {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    let desk = world.phone(&device(DESK)).unwrap().id;
    let held = super::super::testing::holding(&world, desk);
    world.apply(&Change::PutHeld(held));
    world.apply(&Change::DropPending(desk));
    world
}

/// Understanding Extension Mobility, Login Policy: "Subsequent attempts by
/// users to log in on a device before the previous user has logged out will
/// fail."
#[test]
fn by_default_whoever_sits_there_stays() {
    let world = alice_on_the_desk();
    let alice = Refusal::AnotherUser { user: uid("alice") };
    assert_eq!(refused(&world, &login("bob", DESK)), (18, alice.clone()));
    assert_eq!(refused(&world, &newcomer("bob", DESK)), (18, alice));
}

/// Extension Mobility 4.1, Login and Behavior: "Another user also can log them
/// out when the second user tries to log in to that phone." One commit, one
/// restart.
#[test]
fn the_newcomers_own_pin_signs_the_present_user_out_and_him_in() {
    let mut world = alice_on_the_desk();
    allow(&mut world);
    let decision = login::decide(&world, &catalogue(), NOW, &newcomer("bob", DESK)).unwrap();
    let gone = decision.value.replaced.clone().unwrap();
    assert_eq!(gone.user, Some(uid("alice")));
    assert_eq!(gone.reason, LogoutReason::Evicted { by: uid("bob") });
    for change in &decision.changes {
        world.apply(change);
    }
    assert_eq!(
        query::device_user(&world, &device(DESK)),
        DeviceUser::Known {
            current: Some(uid("bob")),
            last: Some(uid("bob"))
        }
    );
    assert_eq!(query::user_devices(&world, &uid("alice")).unwrap(), []);
    let rows = decision
        .changes
        .iter()
        .filter(|change| matches!(change, Change::PutPending(_)));
    assert_eq!(
        rows.count(),
        1,
        "one restart leads from the one to the other"
    );
    let row = row(&world, DESK).unwrap();
    assert_eq!(row.cause, Cause::Login(uid("bob")));
    assert_eq!(
        row.not_before,
        Timestamp(NOW.0 + 3000),
        "his page goes first"
    );
    let lines = decision.value.lines.unwrap();
    assert_eq!(
        (lines.old[0].as_str(), lines.new[0].as_str()),
        ("2001", "2003")
    );
}

#[test]
fn without_a_pin_of_his_own_nobody_evicts() {
    let mut world = alice_on_the_desk();
    allow(&mut world);
    let mut by_proxy = newcomer("bob", DESK);
    by_proxy.checked_version = None;
    by_proxy.origin = Origin::Application(uid("emapp"));
    assert_eq!(refused(&world, &by_proxy).0, 18);
    let mut stale = newcomer("bob", DESK);
    stale.checked_version = Some(0);
    let changed = Refusal::CredentialChanged(uid("bob"));
    assert_eq!(refused(&world, &stale).1, changed, "a PIN that is void");
}

#[test]
fn whoever_may_not_sign_in_evicts_nobody() {
    let mut world = alice_on_the_desk();
    allow(&mut world);
    edit_user(&mut world, "bob", |user| user.excluded = true);
    assert_eq!(refused(&world, &newcomer("bob", DESK)).0, 4);
    assert_eq!(
        refused(&world, &newcomer("carol", DESK)).0,
        12,
        "no profile"
    );
    assert_eq!(
        refused(&world, &newcomer("nobody", DESK)).0,
        18,
        "nobody's PIN"
    );
    edit_user(&mut world, "bob", |user| user.excluded = false);
    sign_in(&mut world, "bob", LOBBY);
    assert_eq!(
        refused(&world, &newcomer("bob", DESK)).0,
        25,
        "on another phone"
    );
    assert_eq!(
        refused(&world, &newcomer("alice", DESK)).0,
        18,
        "nobody evicts himself"
    );
}

#[test]
fn an_eviction_and_a_logout_elsewhere_are_one_commit() {
    let mut world = alice_on_the_desk();
    allow(&mut world);
    sign_in(&mut world, "bob", LOBBY);
    set(&mut world, |p| {
        p.multiple_login_behavior = MultipleLogin::AutoLogout
    });
    let decision = login::decide(&world, &catalogue(), NOW, &newcomer("bob", DESK)).unwrap();
    let done = &decision.value;
    assert_eq!(done.replaced.as_ref().unwrap().user, Some(uid("alice")));
    assert_eq!(done.displaced.len(), 1);
    let elsewhere = LogoutReason::Elsewhere { on: device(DESK) };
    assert_eq!(done.displaced[0].reason, elsewhere);
    for change in &decision.changes {
        world.apply(change);
    }
    assert_eq!(world.sessions.len(), 1);
}

/// *Force login* of provisioning tools: whoever answers for it signs the
/// present user out and the other in, in one step, whatever the parameters.
#[test]
fn proxies_and_the_operator_can_force_a_login() {
    let world = alice_on_the_desk();
    let emapp = uid("emapp");
    for (origin, reason) in [
        (
            Origin::Application(emapp.clone()),
            LogoutReason::Application { application: emapp },
        ),
        (Origin::Operator, LogoutReason::Operator),
    ] {
        let command = LoginCommand {
            occupied: Occupied::Force,
            checked_version: None,
            origin,
            channel: Channel::Elsewhere,
            ..login("bob", DESK)
        };
        let done = decide(&world, &command).unwrap();
        let gone = done.replaced.unwrap();
        assert_eq!((gone.user, gone.reason), (Some(uid("alice")), reason));
        let again = LoginCommand {
            user: uid("alice").into(),
            ..command
        };
        assert!(decide(&world, &again).is_ok(), "also to renew a login");
    }
    let at_the_phone = LoginCommand {
        occupied: Occupied::Force,
        ..login("bob", DESK)
    };
    assert_eq!(refused(&world, &at_the_phone).0, 18, "a PIN forces nobody");
}

/// A login with another profile on the very phone takes the place of the one
/// before; the phone keeps one session.
#[test]
fn a_forced_login_renews_the_same_user_s() {
    let mut world = alice_on_the_desk();
    let command = LoginCommand {
        occupied: Occupied::Force,
        profile: Some(ProfileName::new("alice-home").unwrap()),
        any_profile: true,
        checked_version: None,
        origin: Origin::Operator,
        ..login("alice", DESK)
    };
    let decision = login::decide(&world, &catalogue(), NOW, &command).unwrap();
    for change in &decision.changes {
        world.apply(change);
    }
    assert_eq!(world.sessions.len(), 1);
    assert_eq!(decision.value.profile.as_str(), "alice-home");
}
