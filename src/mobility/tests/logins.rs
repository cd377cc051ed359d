//! Signing in: who, where, with what, for how long.

use super::*;

#[test]
fn alice_sits_down_and_the_desk_becomes_hers() {
    let mut world = world();
    let done = sign_in(&mut world, "alice", DESK);
    assert_eq!(done.profile.as_str(), "alice-desk", "her default profile");
    assert_eq!((done.since, done.expires), (NOW, None));
    assert_eq!(done.planned.len(), 1);
    let row = row(&world, DESK).unwrap();
    assert_eq!(row.plan, Plan::Restart);
    assert_eq!(row.cause, Cause::Login(uid("alice")));
    assert_eq!(row.since, NOW);
    assert_eq!(
        row.not_before,
        Timestamp(NOW.0 + 3000),
        "her page goes first"
    );
    assert_eq!(
        query::device_user(&world, &device(DESK)),
        DeviceUser::Known {
            current: Some(uid("alice")),
            last: Some(uid("alice"))
        }
    );
}

#[test]
fn from_elsewhere_the_phone_need_not_wait_for_a_page() {
    let world = world();
    let mut command = login("alice", DESK);
    command.channel = Channel::Elsewhere;
    let decision = login::decide(&world, &catalogue(), NOW, &command).unwrap();
    let row = decision.changes.iter().find_map(|change| match change {
        Change::PutPending(row) => Some(row),
        _ => None,
    });
    assert_eq!(row.unwrap().not_before, NOW);
}

/// Extension Mobility 3.1, Logging In and Logging Out: "supports only one login
/// at a time on a device. Subsequent logins will fail"; API guide, Error Codes.
#[test]
fn the_first_check_that_fails_gives_the_code() {
    let mut world = world();
    edit_phone(&mut world, LAB, |phone| phone.extension_mobility = false);
    edit_user(&mut world, "bob", |user| user.excluded = true);
    sign_in(&mut world, "alice", DESK);

    let code = |command: &LoginCommand| refused(&world, command).0;
    assert_eq!(code(&login("nobody", "SEP00DEADBEEF00")), 11);
    assert_eq!(code(&login("nobody", LAB)), 22);
    assert_eq!(
        code(&login("nobody", DESK)),
        18,
        "occupied comes before unknown user"
    );
    assert_eq!(code(&login("alice", DESK)), 18, "also by the same user");
    assert_eq!(code(&login("nobody", LOBBY)), 23);
    assert_eq!(code(&login("Alice", LOBBY)), 23, "case counts");
    assert_eq!(code(&login("bob", LOBBY)), 4);
    assert_eq!(code(&login("carol", LOBBY)), 12);
    assert_eq!(code(&login("alice", LOBBY)), 25);
}

#[test]
fn a_pin_that_changed_since_it_was_checked_does_not_count() {
    let mut world = world();
    edit_user(&mut world, "alice", |user| user.credential_version = 2);
    assert_eq!(
        refused(&world, &login("alice", DESK)).1,
        Refusal::CredentialChanged(uid("alice"))
    );
    let mut by_proxy = login("alice", DESK);
    by_proxy.checked_version = None;
    assert!(decide(&world, &by_proxy).is_ok());
}

/// CUAE, Extension Mobility Login: a profile that is not associated with the
/// user may be named by a proxy.
#[test]
fn a_named_profile_must_be_there_and_ones_own_unless_a_proxy_names_it() {
    let world = world();
    let named = |profile: &str, any| {
        let mut command = login("alice", DESK);
        command.profile = Some(ProfileName::new(profile).unwrap());
        command.any_profile = any;
        decide(&world, &command).map(|done| done.profile.to_string())
    };
    assert_eq!(named("alice-home", false).unwrap(), "alice-home");
    assert_eq!(named("bob-desk", false).unwrap_err().service_code(), 12);
    assert_eq!(named("bob-desk", true).unwrap(), "bob-desk");
    assert_eq!(named("no-such", true).unwrap_err().service_code(), 12);
}

#[test]
fn the_length_of_a_login_is_the_shorter_of_asked_and_enforced() {
    let free = Parameters::default();
    let strict = Parameters {
        enforce_maximum_login_time: true,
        maximum_login_time: LoginTime::from_minutes(480).unwrap(),
        ..Parameters::default()
    };
    for (asked, without, with) in [
        (Requested::Default, None, Some(480)),
        (Requested::Indefinite, None, Some(480)),
        (Requested::Minutes(0), None, Some(480)),
        (Requested::Minutes(60), Some(60), Some(60)),
        (Requested::Minutes(600), Some(600), Some(480)),
        (Requested::Minutes(u32::MAX), Some(366 * 24 * 60), Some(480)),
    ] {
        assert_eq!(asked.effective(&free), without, "{asked:?} unenforced");
        assert_eq!(asked.effective(&strict), with, "{asked:?} enforced");
    }
}

#[test]
fn a_login_and_logout_before_any_order_left_restart_nobody() {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    let decision = logout::decide(&world, &catalogue(), NOW, &logout(DESK)).unwrap();
    for change in &decision.changes {
        world.apply(change);
    }
    assert!(row(&world, DESK).is_none());
    assert_eq!(
        query::device_user(&world, &device(DESK)),
        DeviceUser::Known {
            current: None,
            last: Some(uid("alice"))
        },
        "who was last is remembered"
    );
}

#[tokio::test]
async fn a_failed_commit_is_code_6_and_changes_nothing() {
    let house = house(world());
    house.store.room.store(0, Ordering::Relaxed);
    let refusal = house
        .mobility
        .login(login("alice", DESK))
        .await
        .unwrap_err();
    assert_eq!(refusal.service_code(), 6);
    assert!(matches!(refusal, Refusal::Store(StoreError::Failed(_))));
    assert!(house.store.world().sessions.is_empty());
}
