//! Values that cannot be, and values that are probably not meant.

use std::collections::BTreeSet;

use super::Findings;
use crate::model::{
    Catalogue, CredentialHash, DevicePool, Line, LogoutProfile, ModelName, Password, Pin, SpeedDial,
};
use crate::site::document::{Placed, SiteDocument, UserEntry};

/// A PIN has five or more digits (Cisco, *Extension Mobility*, Associating a
/// User Device Profile to a User).
const SHORTEST_PIN: usize = 5;

/// The longest URL that phones take from a service list.
const LONGEST_URL: usize = 256;

/// Checks values.
pub(super) fn check(file: &SiteDocument, catalogue: &Catalogue, findings: &mut Findings) {
    pools(file, findings);
    phones(file, catalogue, findings);
    profiles(file, catalogue, findings);
    for default in &file.profile_defaults {
        locale(default, default.value.locale.as_ref(), findings);
    }
    users(file, findings);
    application_users(file, findings);
    services(file, findings);
    emergency(file, findings);
}

fn pools(file: &SiteDocument, findings: &mut Findings) {
    for placed in &file.device_pools {
        let pool = &placed.value;
        let name = &pool.name;
        if let Some(zone) = pool.time_zone.as_ref().filter(|zone| !is_zone(zone)) {
            findings.error(
                placed,
                format!("device pool {name}: there is no time zone {zone:?}"),
            );
        }
        if !is_date_template(&pool.date_template) {
            findings.error(
                placed,
                format!(
                    "device pool {name}: {:?} is not a date template like \"D.M.Y\" or \"M/D/YA\"",
                    pool.date_template
                ),
            );
        }
        locale(placed, Some(&pool.user_locale), findings);
        locale(placed, Some(&pool.network_locale), findings);
        hosts(placed, name.as_str(), pool, findings);
    }
}

fn hosts(placed: &Placed<DevicePool>, name: &str, pool: &DevicePool, findings: &mut Findings) {
    for host in pool.ntp.iter().chain(&pool.call_managers) {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_');
        if host.is_empty() || host.len() > 253 || !host.chars().all(plain) {
            findings.error(
                placed,
                format!("device pool {name}: {host:?} is not a host name or address"),
            );
        } else if is_loopback(host) {
            findings.warn(
                placed,
                format!("device pool {name}: no phone but one on this host reaches {host}"),
            );
        }
    }
}

fn phones(file: &SiteDocument, catalogue: &Catalogue, findings: &mut Findings) {
    for placed in &file.phones {
        let phone = &placed.value;
        let who = format!("phone {}", phone.name);
        locale(placed, phone.locale.as_ref(), findings);
        template(placed, phone.softkey_template.as_ref(), findings);
        keys(
            placed,
            &who,
            &phone.model,
            &phone.line,
            &phone.speed_dial,
            catalogue,
            findings,
        );
        let logout_profile = phone.logout_profile != LogoutProfile::UseCurrentSettings;
        if phone.line.is_empty() && !phone.extension_mobility && !logout_profile {
            findings.warn(
                placed,
                format!("{who} has no line, and nobody may sign in on it: set extension_mobility = true?"),
            );
        }
    }
}

fn profiles(file: &SiteDocument, catalogue: &Catalogue, findings: &mut Findings) {
    let taken: BTreeSet<&str> = file
        .users
        .iter()
        .flat_map(|user| &user.value.profiles)
        .map(crate::model::ProfileName::as_str)
        .collect();
    let logout: BTreeSet<String> = file
        .phones
        .iter()
        .map(|phone| String::from(phone.value.logout_profile.clone()))
        .collect();
    for placed in &file.profiles {
        let profile = &placed.value;
        let who = format!("profile {}", profile.name);
        locale(placed, profile.locale.as_ref(), findings);
        template(placed, profile.softkey_template.as_ref(), findings);
        let name = profile.name.as_str();
        if name == LogoutProfile::USE_CURRENT_SETTINGS {
            findings.error(
                placed,
                format!("{name:?} cannot name a profile: it has a meaning of its own"),
            );
        } else if !taken.contains(name) && !logout.contains(name) {
            findings.warn(placed, format!("no user has {who}"));
        }
        if profile.speed_dial.iter().any(|dial| dial.emergency) {
            findings.warn(
                placed,
                format!(
                    "{who}: emergency means something on a phone only: it is where the phone stands"
                ),
            );
        }
        keys(
            placed,
            &who,
            &profile.model,
            &profile.line,
            &profile.speed_dial,
            catalogue,
            findings,
        );
    }
}

fn keys<T>(
    placed: &Placed<T>,
    who: &str,
    model: &ModelName,
    lines: &[Line],
    dials: &[SpeedDial],
    catalogue: &Catalogue,
    findings: &mut Findings,
) {
    let mut numbers = BTreeSet::new();
    for line in lines {
        if !numbers.insert((&line.number, &line.partition)) {
            findings.error(placed, format!("{who} has line {} twice", line.number));
        }
    }
    if let Some(model) = catalogue.model(model) {
        let surplus = (lines.len() + dials.len()).saturating_sub(usize::from(model.keys));
        if surplus > 0 {
            findings.warn(
                placed,
                format!(
                    "{who}: {surplus} of its lines and speed dials find no key; a {} has {}",
                    model.name, model.keys
                ),
            );
        }
    }
}

fn users(file: &SiteDocument, findings: &mut Findings) {
    let letters = file.parameters.alphanumeric_user_id;
    for placed in &file.users {
        let user = &placed.value;
        let id = &user.id;
        locale(placed, user.locale.as_ref(), findings);
        pin(placed, user, findings);
        password(
            placed,
            &format!("user {id}"),
            user.password.as_ref(),
            user.password_hash.as_ref(),
            findings,
        );
        let keyed = |text: &str| {
            text.chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
        };
        if let Some(alias) = user.alias.as_ref().filter(|alias| !keyed(alias.as_str())) {
            findings.warn(
                placed,
                format!("user {id}: alias {alias} is not all digits, and hard to key in"),
            );
        }
        if !letters && !keyed(id.as_str()) && user.alias.is_none() {
            findings.warn(
                placed,
                format!("user {id} can key in neither letters (alphanumeric_user_id = false) nor an alias"),
            );
        }
        if user.profiles.is_empty() {
            findings.warn(placed, format!("user {id} has no profile to sign in with"));
        }
    }
}

fn pin(placed: &Placed<UserEntry>, user: &UserEntry, findings: &mut Findings) {
    let id = &user.id;
    match (&user.pin, &user.pin_hash) {
        (Some(_), Some(_)) => {
            findings.error(placed, format!("user {id} has both pin and pin_hash"));
        }
        (Some(pin), None) if !is_pin(pin) => findings.error(
            placed,
            format!("user {id}: a PIN has {SHORTEST_PIN} or more digits and nothing else"),
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

fn services(file: &SiteDocument, findings: &mut Findings) {
    for placed in &file.services {
        let name = &placed.value.name;
        let url = placed.value.url.as_str();
        let host = url
            .strip_prefix("http://")
            .or_else(|| url.strip_prefix("https://"));
        let Some(host) = host.filter(|host| !host.is_empty()) else {
            findings.error(placed, format!("service {name}: {url:?} is no http URL"));
            continue;
        };
        if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            findings.error(placed, format!("service {name}: the URL holds a blank"));
        }
        if url.len() > LONGEST_URL {
            findings.warn(
                placed,
                format!("service {name}: phones take URLs of {LONGEST_URL} characters at most"),
            );
        }
        if is_loopback(host) {
            findings.warn(
                placed,
                format!("service {name}: {url} leads a phone to itself"),
            );
        }
    }
}

/// Until calls are set up here, an emergency key must not be relied on.
fn emergency(file: &SiteDocument, findings: &mut Findings) {
    let with: Vec<_> = file
        .phones
        .iter()
        .filter(|phone| phone.value.speed_dial.iter().any(|dial| dial.emergency))
        .collect();
    if let Some(first) = with.first() {
        findings.warn(
            first,
            format!(
                "emergency keys ({} of the phones) are shown but cannot be dialled: no calls are set up in this version",
                with.len()
            ),
        );
    }
}

fn locale<T>(placed: &Placed<T>, locale: Option<&String>, findings: &mut Findings) {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // It names a folder that the phone asks for.
    if let Some(locale) = locale.filter(|locale| !locale.chars().all(plain)) {
        findings.error(
            placed,
            format!("{locale:?} is not a locale like \"English_United_States\""),
        );
    }
}

fn template<T>(placed: &Placed<T>, template: Option<&String>, findings: &mut Findings) {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    let odd = |name: &&String| name.is_empty() || name.starts_with('.') || !name.chars().all(plain);
    if let Some(template) = template.filter(odd) {
        findings.error(
            placed,
            format!("{template:?} cannot name a soft key template"),
        );
    }
}

fn is_pin(pin: &Pin) -> bool {
    let digits = pin.expose();
    digits.len() >= SHORTEST_PIN && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_hash(hash: &CredentialHash) -> bool {
    hash.expose().starts_with("$argon2")
}

/// Whether the zone is known; any is where the host has no zones to look at.
fn is_zone(name: &str) -> bool {
    jiff::tz::db().is_definitively_empty() || jiff::tz::TimeZone::get(name).is_ok()
}

/// Letters D, M and Y (or YY), each once, one separator, and A for the 12-hour
/// clock.
fn is_date_template(template: &str) -> bool {
    let date = template.strip_suffix('A').unwrap_or(template);
    ['/', '-', '.'].into_iter().any(|separator| {
        let mut parts: Vec<&str> = date.split(separator).collect();
        parts.sort_unstable();
        matches!(parts.as_slice(), ["D", "M", "Y" | "YY"])
    })
}

/// Whether a host, a URL without its scheme, or an address is this very host.
fn is_loopback(host: &str) -> bool {
    host.starts_with("127.")
        || host.starts_with("[::1]")
        || host == "::1"
        || host
            .split([':', '/'])
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("localhost"))
}
