//! Signing out.

use super::*;

/// Extension Mobility 3.1, Logging In and Logging Out: "You cannot log out of a
/// device which does not have anyone logged in."
#[test]
fn an_empty_phone_cannot_be_left_but_a_disabled_one_can() {
    let mut world = world();
    let leave = |world: &World, on: &str| {
        logout::decide(world, &catalogue(), NOW, &logout(on)).map(|decision| decision.value)
    };
    assert_eq!(leave(&world, DESK).unwrap_err().service_code(), 19);
    assert_eq!(
        leave(&world, "SEP00DEADBEEF00").unwrap_err().service_code(),
        11
    );
    sign_in(&mut world, "bob", DESK);
    edit_phone(&mut world, DESK, |phone| phone.extension_mobility = false);
    assert_eq!(leave(&world, DESK).unwrap().user, Some(uid("bob")));
}
