//! Who may sign in where, rule by rule, each with its document and heading.

use super::*;
use crate::model::{
    AutoProfile, DeviceProfile, DirectoryNumber, DisabledPhoneLogout, LoginType, ModelName,
    ObjectId, OwnedPhones, Stamp,
};

fn leave(world: &World, on: &str, origin: Origin) -> Result<SignedOut, Refusal> {
    let command = LogoutCommand {
        origin,
        ..logout(on)
    };
    logout::decide(world, &catalogue(), NOW, &command).map(|decision| decision.value)
}

fn by(origin: Origin, who: &str, on: &str) -> LoginCommand {
    LoginCommand {
        checked_version: None,
        origin,
        channel: Channel::Elsewhere,
        ..login(who, on)
    }
}

/// Extension Mobility 3.1, Setting the Service Parameters, Step 4: "Selecting
/// false disables the user login service."
#[test]
fn with_the_login_service_off_nobody_signs_in_and_everybody_can_leave() {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    set(&mut world, |p| p.login_service_enabled = false);
    let emapp = Origin::Application(uid("emapp"));
    for command in [
        login("bob", LOBBY),
        by(emapp.clone(), "bob", LOBBY),
        by(Origin::Operator, "bob", LOBBY),
    ] {
        assert_eq!(refused(&world, &command), (22, Refusal::ServiceDisabled));
    }
    for origin in [Origin::Phone, emapp, Origin::Operator] {
        assert_eq!(
            leave(&world, DESK, origin).unwrap().user,
            Some(uid("alice"))
        );
    }
    set(&mut world, |p| p.login_service_enabled = true);
    assert!(decide(&world, &login("bob", LOBBY)).is_ok());
    assert!(
        Parameters::default().login_service_enabled,
        "its default is True"
    );
}

/// Extension Mobility 4.1, Subscribing Cisco IP Phones, Step 8: *Enable
/// Extension Mobility Feature* is set phone by phone. API guide, Error Codes:
/// 22 at login, 5 at logout.
#[test]
fn a_phone_without_the_feature_answers_22_at_login_and_5_at_logout() {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    edit_phone(&mut world, DESK, |phone| phone.extension_mobility = false);
    edit_phone(&mut world, LOBBY, |phone| phone.extension_mobility = false);
    assert_eq!(refused(&world, &login("bob", LOBBY)).0, 22);
    assert_eq!(refused(&world, &login("bob", DESK)).0, 22, "before 18");

    let code = |world: &World, on, origin| {
        leave(world, on, origin).map_err(|refusal| refusal.service_code())
    };
    assert_eq!(
        code(&world, LOBBY, Origin::Phone).unwrap_err(),
        5,
        "nobody there"
    );
    assert!(
        code(&world, DESK, Origin::Phone).is_ok(),
        "nobody is shut in"
    );
    set(&mut world, |p| {
        p.disabled_phone_logout = DisabledPhoneLogout::Refuse
    });
    assert_eq!(code(&world, DESK, Origin::Phone).unwrap_err(), 5);
    let emapp = Origin::Application(uid("emapp"));
    assert_eq!(code(&world, DESK, emapp).unwrap_err(), 5);
    assert!(
        code(&world, DESK, Origin::Operator).is_ok(),
        "he can make room"
    );
    assert_eq!(code(&world, LOBBY, Origin::Operator).unwrap_err(), 19);
}

/// Some accounts must not hot-desk: the flag of the user, whatever the phone
/// and whoever commands it.
#[test]
fn an_excluded_user_signs_in_nowhere_but_can_still_leave() {
    let mut world = world();
    sign_in(&mut world, "bob", DESK);
    edit_user(&mut world, "bob", |user| user.excluded = true);
    let own = login("bob", LOBBY);
    assert_eq!(
        refused(&world, &own),
        (4, Refusal::UserExcluded(uid("bob")))
    );
    assert_eq!(refused(&world, &by(Origin::Operator, "bob", LOBBY)).0, 4);
    assert!(leave(&world, DESK, Origin::Phone).is_ok());
}

/// Extension Mobility 4.1, Configuration Guidelines: "If a particular user
/// controls a device, for example, the user's office phone, do not allow
/// anyone else to log in to that device."
#[test]
fn an_owned_phone_refuses_others_warns_or_does_not_mind() {
    let mut world = world();
    edit_phone(&mut world, DESK, |phone| phone.owner = Some(uid("bob")));
    let alice = login("alice", DESK);
    assert_eq!(
        decide(&world, &alice).unwrap().desk_of,
        None,
        "off by default"
    );

    set(&mut world, |p| p.owned_phones = OwnedPhones::Warn);
    assert_eq!(decide(&world, &alice).unwrap().desk_of, Some(uid("bob")));
    assert_eq!(decide(&world, &login("bob", DESK)).unwrap().desk_of, None);
    assert_eq!(
        decide(&world, &login("alice", LOBBY)).unwrap().desk_of,
        None
    );

    set(&mut world, |p| p.owned_phones = OwnedPhones::Refuse);
    let (code, refusal) = refused(&world, &alice);
    assert_eq!(code, 4);
    assert_eq!(
        refusal.to_string(),
        "SEP001122334455 is the phone of bob, who alone signs in there"
    );
    assert_eq!(refused(&world, &by(Origin::Operator, "alice", DESK)).0, 4);
    assert!(decide(&world, &login("bob", DESK)).is_ok(), "its owner");
    assert!(
        decide(&world, &login("alice", LOBBY)).is_ok(),
        "a common one"
    );
}

/// Extension Mobility 3.1, Configuration Rules: a device that "a particular
/// user controls" is his, also where nothing else says so.
#[test]
fn the_only_user_who_controls_a_phone_owns_it() {
    let mut world = world();
    set(&mut world, |p| p.owned_phones = OwnedPhones::Refuse);
    edit_user(&mut world, "bob", |user| {
        user.controlled_phones = vec![device(DESK)]
    });
    assert_eq!(refused(&world, &login("alice", DESK)).0, 4);
    assert!(decide(&world, &login("bob", DESK)).is_ok());
    edit_user(&mut world, "carol", |user| {
        user.controlled_phones = vec![device(DESK)]
    });
    assert!(
        decide(&world, &login("alice", DESK)).is_ok(),
        "nobody's own"
    );
    edit_phone(&mut world, DESK, |phone| phone.owner = Some(uid("alice")));
    assert_eq!(refused(&world, &login("bob", DESK)).0, 4, "the owner wins");
}

/// API guide, Error Codes: 10, User lacks app proxy rights. An end user acts
/// for himself only, decided where the session is looked at.
#[test]
fn an_end_user_signs_only_himself_in_and_out() {
    let mut world = world();
    let bob = Origin::EndUser(uid("bob"));
    let himself = by(bob.clone(), "bob", DESK);
    assert!(decide(&world, &himself).is_ok());
    let other = by(bob.clone(), "alice", DESK);
    assert_eq!(
        refused(&world, &other),
        (10, Refusal::NotHimself(uid("bob")))
    );
    let nobody = by(bob.clone(), "nobody", "SEP00DEADBEEF00");
    assert_eq!(
        refused(&world, &nobody).0,
        10,
        "before anything else is looked at"
    );

    sign_in(&mut world, "alice", DESK);
    assert_eq!(
        leave(&world, DESK, bob.clone()).unwrap_err().service_code(),
        10
    );
    let forced = LoginCommand {
        occupied: Occupied::Force,
        ..by(bob.clone(), "bob", DESK)
    };
    assert_eq!(refused(&world, &forced).0, 18, "and forces nobody out");
    sign_in(&mut world, "bob", LOBBY);
    assert_eq!(leave(&world, LOBBY, bob).unwrap().user, Some(uid("bob")));
}

/// Extension Mobility 4.1, Autogenerated Device Profile: "You cannot associate
/// an autogenerated device profile with a user."
#[test]
fn an_autogenerated_profile_can_be_named_by_nobody() {
    let mut world = world();
    let name = ProfileName::new("SEP001122334455-Autogenerated").unwrap();
    let phone = world.phone(&device(DESK)).unwrap().id;
    let profile = DeviceProfile::new(phone, name.clone(), ModelName::new("7961").unwrap());
    world.apply(&Change::PutAutoProfile(Box::new(AutoProfile {
        phone,
        taken: NOW,
        of: Stamp::from_bits(1),
        profile,
    })));
    edit_user(&mut world, "alice", |user| {
        user.profiles.insert(0, name.clone())
    });
    let mut command = login("alice", LOBBY);
    command.profile = Some(name);
    assert_eq!(
        refused(&world, &command).0,
        12,
        "not even where it is listed"
    );
    command.any_profile = true;
    assert_eq!(refused(&world, &command).0, 12, "nor by a proxy");
    command.profile = None;
    assert_eq!(
        decide(&world, &command).unwrap().profile.as_str(),
        "alice-desk"
    );
}

/// Extension Mobility 4.1, Associating a User Device Profile to a User, Step
/// 13: "uses the first checked profile".
#[test]
fn the_first_profile_is_taken_when_none_is_named() {
    let mut world = world();
    assert_eq!(
        sign_in(&mut world, "alice", DESK).profile.as_str(),
        "alice-desk"
    );
    let mut world = super::world();
    edit_user(&mut world, "alice", |user| user.profiles.reverse());
    assert_eq!(
        sign_in(&mut world, "alice", DESK).profile.as_str(),
        "alice-home"
    );
}

/// Feature Configuration Guide, Extension Mobility: `loginType` UID, DN and
/// SP; 47 where a number is primary for several.
#[test]
fn a_user_is_found_by_id_alias_extension_and_self_service_id() {
    let mut world = world();
    edit_user(&mut world, "alice", |user| {
        user.alias = Some(uid("77"));
        user.primary_extension = Some(DirectoryNumber::new("2001").unwrap());
        user.self_service_id = Some(uid("990011"));
    });
    let found = |world: &World, typed: &str, kind: &str, ignore_case| {
        let mut command = login("x", DESK);
        command.user = Who::Typed {
            typed: uid(typed),
            login_type: kind.parse().unwrap(),
            ignore_case,
        };
        decide(world, &command)
            .map(|done| done.user.to_string())
            .map_err(|r| r.service_code())
    };
    let alice = Ok("alice".to_owned());
    assert_eq!(found(&world, "alice", "UID", false), alice);
    assert_eq!(found(&world, "77", "UID", false), alice, "her alias");
    assert_eq!(found(&world, "ALICE", "uid", true), alice);
    assert_eq!(found(&world, "ALICE", "UID", false), Err(23), "case counts");
    assert_eq!(found(&world, "2001", "DN", false), alice);
    assert_eq!(found(&world, "2001", "UID", false), Err(23));
    assert_eq!(found(&world, "990011", "SP", false), alice);
    assert_eq!(found(&world, "990012", "SP", false), Err(23));
    edit_user(&mut world, "bob", |user| {
        user.primary_extension = Some(DirectoryNumber::new("2001").unwrap());
    });
    assert_eq!(found(&world, "2001", "DN", false), Err(47));
    let error = "XX".parse::<LoginType>().unwrap_err();
    assert_eq!(error.to_string(), "\"XX\" is no login type: UID, DN or SP");
}

/// The user id of one user may be the id of another but for case: then nobody
/// is guessed.
#[test]
fn ids_that_differ_by_case_alone_are_told_apart() {
    let mut world = world();
    let mut twin = (**world.user(&uid("bob")).unwrap()).clone();
    twin.id = ObjectId(99);
    twin.user_id = uid("Alice");
    world.apply(&Change::PutUser(Box::new(twin)));
    let found = |typed: &str| {
        let who = Who::Typed {
            typed: uid(typed),
            login_type: LoginType::UserId,
            ignore_case: true,
        };
        who.find(&world).map(|user| user.user_id.to_string())
    };
    assert_eq!(found("Alice").unwrap(), "Alice");
    assert_eq!(found("alice").unwrap(), "alice");
    assert_eq!(found("ALICE"), Err(Refusal::Ambiguous));
}
