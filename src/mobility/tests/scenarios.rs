//! The configuration examples of the documents, as days in an office.

use super::*;
use crate::model::{
    ButtonKind, DirectoryNumber, Line, ObjectName, OwnedPhones, Service, ServiceSubscription,
};

/// What stands on the first key, and the menu of the phone.
fn shown(world: &World, on: &str) -> (String, Vec<String>) {
    let phone = world.phone(&device(on)).unwrap().id;
    let wanted = world.wanted(&catalogue(), phone).unwrap();
    let first = match &wanted.buttons()[0].kind {
        ButtonKind::Line { number, label, .. } => number
            .as_ref()
            .map_or_else(|| label.clone(), ToString::to_string),
        ButtonKind::SpeedDial { number, .. } => number.to_string(),
    };
    let menu = wanted.menu.iter().map(|entry| entry.name.clone()).collect();
    (first, menu)
}

fn sign_out(world: &mut World, on: &str) {
    let decision = logout::decide(world, &catalogue(), NOW, &logout(on)).unwrap();
    for change in &decision.changes {
        world.apply(change);
    }
}

/// A service that a user or a phone can have.
fn offer(world: &mut World, name: &str) -> ServiceSubscription {
    let name = ObjectName::new(name).unwrap();
    world.apply(&Change::PutService(Service {
        name: name.clone(),
        url: "http://192.0.2.9/".to_owned(),
        description: String::new(),
        parameter: Vec::new(),
    }));
    ServiceSubscription {
        name,
        parameters: std::collections::BTreeMap::new(),
    }
}

fn edit_profile(
    world: &mut World,
    name: &str,
    edit: impl FnOnce(&mut crate::model::DeviceProfile),
) {
    let name = ProfileName::new(name).unwrap();
    let mut profile = (**world.profile(&name).unwrap()).clone();
    edit(&mut profile);
    world.apply(&Change::PutProfile(Box::new(profile)));
}

/// Extension Mobility 3.1, Scenario 1: All Users have Extension Mobility; 4.1,
/// Configuration Example 1. Nobody has a phone of his own; what a user changes
/// follows him to any phone.
#[test]
fn scenario_1_all_users_have_extension_mobility() {
    let mut world = world();
    set(&mut world, |p| p.owned_phones = OwnedPhones::Refuse);
    for (who, on, number) in [("alice", LOBBY, "2001"), ("bob", LAB, "2003")] {
        assert!(
            shown(&world, on).0.contains("Sign in"),
            "before he uses a phone he signs in"
        );
        assert_eq!(sign_in(&mut world, who, on).desk_of, None);
        assert_eq!(shown(&world, on).0, number);
    }
    let quotes = offer(&mut world, "Stock quotes");
    sign_out(&mut world, LOBBY);
    edit_profile(&mut world, "alice-desk", |profile| {
        profile.services.push(quotes)
    });
    sign_in(&mut world, "alice", DESK);
    assert_eq!(shown(&world, DESK).1, ["Stock quotes"], "it follows her");
    assert!(shown(&world, LOBBY).1.is_empty(), "and changed no phone");
}

/// Extension Mobility 3.1, Scenario 2: Mixed Configuration; 4.1, Configuration
/// Example 2. Everybody has his phone and a profile that follows him; "no one
/// is allowed to use anyone else's phone".
#[test]
fn scenario_2_everybody_has_a_phone_and_common_ones_are_shared() {
    let mut world = world();
    set(&mut world, |p| p.owned_phones = OwnedPhones::Refuse);
    edit_phone(&mut world, DESK, |phone| phone.owner = Some(uid("alice")));
    edit_phone(&mut world, LAB, |phone| phone.owner = Some(uid("bob")));
    assert_eq!(refused(&world, &login("bob", DESK)).0, 4);
    assert_eq!(refused(&world, &login("alice", LAB)).0, 4);
    sign_in(&mut world, "alice", DESK);
    sign_out(&mut world, DESK);
    sign_in(&mut world, "alice", LOBBY);
    assert_eq!(
        shown(&world, LOBBY).0,
        "2001",
        "her profile follows her to a common phone"
    );
    sign_out(&mut world, LOBBY);
    assert!(decide(&world, &login("bob", LOBBY)).is_ok());
}

/// Extension Mobility 3.1, Scenario 3: Mixed Configuration, which Cisco does
/// not recommend: Tom's desk is open to Dick. What Tom set up on his phone is
/// not there while Dick is, and what he changes in his profile appears where
/// he signs in, not on the phone that he controls.
#[test]
fn scenario_3_others_sign_in_at_a_desk_that_somebody_controls() {
    let mut world = world();
    // Tom is alice, Dick is bob.
    let quotes = offer(&mut world, "Stock quotes");
    edit_phone(&mut world, DESK, |phone| {
        phone.owner = Some(uid("alice"));
        phone.lines = vec![Line::new(DirectoryNumber::new("1001").unwrap())];
        phone.services.push(quotes.clone());
    });
    assert_eq!(
        shown(&world, DESK),
        ("1001".to_owned(), vec!["Stock quotes".to_owned()])
    );
    assert_eq!(
        sign_in(&mut world, "bob", DESK).desk_of,
        None,
        "nobody minds"
    );
    assert_eq!(shown(&world, DESK).0, "2003", "Dick's profile is loaded");
    sign_out(&mut world, DESK);
    assert_eq!(
        shown(&world, DESK).0,
        "1001",
        "the phone is Tom's desk again"
    );

    let weather = offer(&mut world, "Weather");
    edit_profile(&mut world, "alice-desk", |profile| {
        profile.services.push(weather)
    });
    assert_eq!(
        shown(&world, DESK).1,
        ["Stock quotes"],
        "not on the phone he controls"
    );
    sign_in(&mut world, "alice", LOBBY);
    assert_eq!(
        shown(&world, LOBBY).1,
        ["Weather"],
        "only where he signs in"
    );

    set(&mut world, |p| p.owned_phones = OwnedPhones::Warn);
    let warned = sign_in(&mut world, "bob", DESK);
    assert_eq!(
        warned.desk_of,
        Some(uid("alice")),
        "told to who asked for it"
    );
}
