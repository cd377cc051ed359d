//! Who is where.

use super::*;

#[test]
fn queries_tell_unknown_from_empty() {
    let world = world();
    assert_eq!(
        query::device_user(&world, &device("SEP00DEADBEEF00")),
        DeviceUser::DoesNotExist
    );
    assert_eq!(query::user_devices(&world, &uid("nobody")), None);
    assert_eq!(query::user_devices(&world, &uid("bob")), Some(Vec::new()));
    let choices = query::profiles_of(&world, &uid("alice")).unwrap();
    let defaults: Vec<bool> = choices.iter().map(|choice| choice.is_default).collect();
    assert_eq!(defaults, [true, false]);
}

#[test]
fn status_tells_right_from_on_its_way_and_overdue() {
    let mut world = world();
    let nobody = super::super::testing::Calls::default();
    let state = |world: &World, now| {
        let phone = world.phone(&device(DESK)).unwrap();
        query::phone_status(world, &catalogue(), &nobody, phone, now).state
    };
    assert_eq!(state(&world, NOW), PhoneState::Right);
    sign_in(&mut world, "alice", DESK);
    assert!(matches!(
        state(&world, NOW),
        PhoneState::Changing {
            overdue: false,
            attempts: 0,
            ..
        }
    ));
    assert!(matches!(
        state(&world, NOW.plus(Duration::from_secs(301))),
        PhoneState::Changing { overdue: true, .. }
    ));
    // A row that is gone while the phone holds something else: stale.
    let desk = world.phone(&device(DESK)).unwrap().id;
    world.apply(&Change::DropPending(desk));
    assert_eq!(state(&world, NOW), PhoneState::Stale);
}
