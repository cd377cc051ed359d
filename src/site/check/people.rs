//! Users and application users: credentials, and names that a keypad types.

use super::Findings;
use super::values::locale;
use crate::model::{CredentialHash, Parameters, Password, Pin};
use crate::site::document::{Placed, SiteDocument, UserEntry};

/// Checks people.
pub(super) fn check(file: &SiteDocument, findings: &mut Findings) {
    for placed in &file.users {
        user(placed, &file.parameters, findings);
    }
    application_users(file, findings);
}

fn user(placed: &Placed<UserEntry>, parameters: &Parameters, findings: &mut Findings) {
    let user = &placed.value;
    let id = &user.id;
    locale(placed, user.locale.as_ref(), findings);
    pin(placed, user, parameters, findings);
    let (plain, hash) = (user.password.as_ref(), user.password_hash.as_ref());
    password(placed, &format!("user {id}"), plain, hash, findings);
    keypad(placed, parameters, findings);
    if user.profiles.is_empty() {
        findings.warn(placed, format!("user {id} has no profile to sign in with"));
    }
}

/// Only characters that a phone's keypad has can be typed there: the digits
/// and their letters, the asterisk and the pound sign (Cisco, *Extension
/// Mobility 4.1*, Associating a User Device Profile to a User, step 2).
fn keypad(placed: &Placed<UserEntry>, parameters: &Parameters, findings: &mut Findings) {
    let user = &placed.value;
    let id = &user.id;
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || "*#".contains(c));
    let keyed = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || "*#".contains(c))
    };
    let alias = user.alias.as_ref().map(crate::model::UserId::as_str);
    if let Some(alias) = alias.filter(|alias| !digits(alias)) {
        findings.warn(
            placed,
            format!("user {id}: alias {alias} is not all digits, and hard to key in"),
        );
    }
    let names = || std::iter::once(id.as_str()).chain(alias);
    if !parameters.alphanumeric_user_id {
        if !names().any(digits) {
            findings.warn(
                placed,
                format!(
                    "user {id} cannot be keyed in: the form takes no letters \
                     (alphanumeric_user_id = false), and he has no id or alias of digits"
                ),
            );
        }
    } else if !names().any(keyed) {
        let odd = id.as_str().chars().find(|c| !keyed(&c.to_string()));
        findings.warn(
            placed,
            format!(
                "user {id} is hard to key in: a keypad has digits and their letters, * and #, but \
                 no {:?}; give him an alias",
                odd.unwrap_or_default()
            ),
        );
    }
}

fn pin(
    placed: &Placed<UserEntry>,
    user: &UserEntry,
    parameters: &Parameters,
    findings: &mut Findings,
) {
    let id = &user.id;
    match (&user.pin, &user.pin_hash) {
        (Some(_), Some(_)) => {
            findings.error(placed, format!("user {id} has both pin and pin_hash"));
        }
        (Some(pin), None) if !is_pin(pin, parameters) => findings.error(
            placed,
            format!(
                "user {id}: a PIN has {} or more digits{} and nothing else",
                parameters.minimum_pin_length.max(Parameters::SHORTEST_PIN),
                if parameters.pin_star_and_pound {
                    ", * or #"
                } else {
                    ""
                }
            ),
        ),
        (None, Some(hash)) if !is_hash(hash) => {
            findings.error(placed, format!("user {id}: pin_hash is no argon2 hash"));
        }
        (None, None) => {
            findings.warn(
                placed,
                format!("user {id} has no PIN here, and cannot sign in at a phone unless [ldap] pin_attribute has one"),
            );
        }
        _ => {}
    }
}

fn password<T>(
    placed: &Placed<T>,
    who: &str,
    password: Option<&Password>,
    hash: Option<&CredentialHash>,
    findings: &mut Findings,
) {
    match (password, hash) {
        (Some(_), Some(_)) => {
            findings.error(placed, format!("{who} has both password and password_hash"));
        }
        (Some(password), None) if password.is_empty() => {
            findings.error(placed, format!("{who}: the password is empty"));
        }
        (None, Some(hash)) if !is_hash(hash) => {
            findings.error(placed, format!("{who}: password_hash is no argon2 hash"));
        }
        _ => {}
    }
}

fn application_users(file: &SiteDocument, findings: &mut Findings) {
    for placed in &file.application_users {
        let user = &placed.value;
        let who = format!("application user {}", user.id);
        let (plain, hash) = (user.password.as_ref(), user.password_hash.as_ref());
        password(placed, &who, plain, hash, findings);
        if plain.is_none() && hash.is_none() {
            findings.warn(
                placed,
                format!("{who} has no password here, and cannot call the login service unless the [ldap] directory knows one"),
            );
        }
    }
}

fn is_pin(pin: &Pin, parameters: &Parameters) -> bool {
    let shortest = parameters.minimum_pin_length.max(Parameters::SHORTEST_PIN);
    let typed = pin.expose();
    typed.len() >= usize::from(shortest)
        && typed.bytes().all(|byte| {
            byte.is_ascii_digit() || (parameters.pin_star_and_pound && b"*#".contains(&byte))
        })
}

fn is_hash(hash: &CredentialHash) -> bool {
    hash.expose().starts_with("$argon2")
}
