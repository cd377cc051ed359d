//! One user, several phones: the multiple-login behaviour.

use super::*;

/// Extension Mobility 3.1, Multi Login Behavior: "The second and subsequent
/// login attempts after a user logs in once successfully will fail", and that
/// is the default. Where he is, is told.
#[test]
fn not_allowed_says_where_the_user_is() {
    let mut world = world();
    sign_in(&mut world, "alice", LOBBY);
    assert_eq!(
        refused(&world, &login("alice", DESK)).1,
        Refusal::LoggedInElsewhere {
            user: uid("alice"),
            devices: vec![device(LOBBY)]
        }
    );
}

/// Extension Mobility 3.1, Multi Login Behavior, Multiple Logins Allowed.
#[test]
fn allowed_leaves_the_other_phone_as_it_is() {
    let mut world = world();
    set(&mut world, |p| {
        p.multiple_login_behavior = MultipleLogin::Allowed;
    });
    sign_in(&mut world, "alice", LOBBY);
    let done = sign_in(&mut world, "alice", DESK);
    assert!(done.displaced.is_empty());
    assert_eq!(
        query::user_devices(&world, &uid("alice")).unwrap(),
        [device(DESK), device(LOBBY)]
    );
}

/// Extension Mobility 3.1, Multi Login Behavior, Auto Logout; CME, Extension
/// Mobility: "Logging into a different device automatically closes the first
/// session".
#[test]
fn auto_logout_frees_the_other_phone_at_once_and_in_the_same_commit() {
    let mut world = world();
    set(&mut world, |p| {
        p.multiple_login_behavior = MultipleLogin::AutoLogout;
    });
    sign_in(&mut world, "alice", LOBBY);
    let lobby = world.phone(&device(LOBBY)).unwrap().id;
    // The lobby took alice's keys; what it would hold without her differs.
    let held = super::super::testing::holding(&world, lobby);
    world.apply(&Change::PutHeld(held));
    world.apply(&Change::DropPending(lobby));

    let done = sign_in(&mut world, "alice", DESK);
    assert_eq!(done.displaced.len(), 1);
    assert_eq!(done.displaced[0].device, device(LOBBY));
    assert!(!world.sessions.contains_key(&lobby));
    let freed = row(&world, LOBBY).unwrap();
    assert_eq!(freed.cause, Cause::Logout(uid("alice")));
    assert_eq!(freed.not_before, NOW, "no page of its own to wait for");
    assert_eq!(
        row(&world, DESK).unwrap().not_before,
        Timestamp(NOW.0 + 3000)
    );
    assert_eq!(done.planned.len(), 2);
}

#[test]
fn the_users_own_behaviour_wins_over_the_parameter() {
    let mut world = world();
    edit_user(&mut world, "alice", |user| {
        user.multiple_login_behavior = Some(MultipleLogin::Allowed);
    });
    sign_in(&mut world, "alice", LOBBY);
    sign_in(&mut world, "alice", DESK);
    assert_eq!(world.sessions.len(), 2);
}

/// Extension Mobility 4.1, Login and Behavior: "Subsequent logins on other
/// devices will fail until the user logs out on the first device." He can do
/// both in one step, where he says so.
#[test]
fn who_says_so_leaves_his_other_phones_in_the_same_commit() {
    let mut world = world();
    sign_in(&mut world, "alice", LOBBY);
    let command = login("alice", DESK);
    assert_eq!(refused(&world, &command).0, 25);
    let there = LoginCommand {
        elsewhere: Elsewhere::SignOut,
        ..command
    };
    let decision = login::decide(&world, &catalogue(), NOW, &there).unwrap();
    for change in &decision.changes {
        world.apply(change);
    }
    assert_eq!(decision.value.displaced[0].device, device(LOBBY));
    assert_eq!(
        query::user_devices(&world, &uid("alice")).unwrap(),
        [device(DESK)]
    );
}
