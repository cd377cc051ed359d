//! Users.

use super::row::Row;
use crate::model::{DeviceName, Password, Pin, ProfileName, UserId};
use crate::site::import::draft::{Draft, Drafted, bare_user};
use crate::site::import::{locales, values};

const DEVICE: [&str; 2] = ["CONTROLLED DEVICE", "CONTROLLED DEVICE NAME"];
const PROFILE: [&str; 4] = [
    "CONTROLLED PROFILE",
    "CONTROLLED DEVICE PROFILE",
    "EXTENSION MOBILITY PROFILE",
    "USER DEVICE PROFILE",
];

/// Reads a user.
pub(super) fn user(row: &Row<'_>, draft: &mut Draft<'_>) {
    let Some(given) = row.get(&["USER ID", "USERID", "USER ID 1"]) else {
        return; // a phone without one
    };
    let Ok(id) = UserId::new(given) else {
        draft.note(
            &row.at,
            "a user",
            "his user id has blanks, or more than 128 characters",
            "give him another, and import again",
        );
        return;
    };
    let text = |names: &[&str]| row.get(names).and_then(values::text);
    let mut user = bare_user(id.clone());
    user.first_name = text(&["FIRST NAME"]).unwrap_or_default();
    user.last_name = text(&["LAST NAME"]).unwrap_or_default();
    user.locale = row.get(&["USER LOCALE"]).and_then(locales::of_name);
    user.primary_extension = row
        .get(&["PRIMARY EXTENSION"])
        .and_then(|given| values::number(given.split(" in ").next().unwrap_or(given)));
    user.self_service_id = row
        .get(&["SELF-SERVICE USER ID", "SELF SERVICE USER ID"])
        .and_then(|id| UserId::new(id).ok());
    user.pin = row
        .get(&["PIN"])
        .filter(|given| !is_encrypted(given))
        .map(Pin::new);
    user.password = row
        .get(&["PASSWORD"])
        .filter(|given| !is_encrypted(given))
        .map(Password::new);
    if ["PIN", "PASSWORD"]
        .iter()
        .any(|name| row.get(&[name]).is_some_and(is_encrypted))
    {
        draft.note(
            &row.at,
            "encrypted PINs and passwords",
            "only CUCM can read them",
            "give the users new ones, or point [ldap] at the directory",
        );
    }
    let first = row.get(&["DEFAULT PROFILE"]).into_iter();
    let others = row
        .numbers(&PROFILE)
        .filter_map(|number| row.numbered(&PROFILE, number));
    user.profiles = first
        .chain(others)
        .filter_map(|name| ProfileName::new(name).ok())
        .collect();
    user.controlled_phones = row
        .numbers(&DEVICE)
        .filter_map(|number| row.numbered(&DEVICE, number))
        .filter_map(|name| DeviceName::new(name).ok())
        .collect();
    draft.users.push(Drafted {
        at: row.at.clone(),
        value: user,
    });
}

/// Whether a credential is one that an export has encrypted: long, and of
/// hexadecimal digits, or dots and stars in its place.
fn is_encrypted(given: &str) -> bool {
    let hex = given.len() >= 32 && given.chars().all(|c| c.is_ascii_hexdigit());
    hex || given.chars().all(|c| matches!(c, '*' | '.' | '\u{2022}'))
}
