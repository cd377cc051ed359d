//! Service parameters whose range their type does not keep.

use std::net::{IpAddr, Ipv4Addr};

use super::values::{is_locale, is_loopback};
use super::{Findings, Severity};
use crate::model::{AutoRegistration, DevicePool, NumberPool, Parameters, Trigger};
use crate::site::document::SiteDocument;

/// Idle minutes that can be configured (CME: *max-idle-time*).
pub(super) const IDLE_MINUTES: std::ops::RangeInclusive<u16> = 1..=9999;

/// Paths of Embody's own that a trigger cannot take.
const TAKEN: [&str; 5] = [
    "emapp",
    "emservice",
    "loginservice",
    "ccmcip",
    "changecredential",
];

/// Checks the parameters.
pub(super) fn check(file: &SiteDocument, findings: &mut Findings) {
    let parameters = &file.parameters;
    let line = file.parameters_line;
    let mut error = |message: String| findings.push(Severity::Error, line, message);

    if parameters.logout_times.len() > Parameters::MOST_LOGOUT_TIMES {
        error(format!(
            "logout_times: at most {} times of day, not {}",
            Parameters::MOST_LOGOUT_TIMES,
            parameters.logout_times.len()
        ));
    }
    if let Some(minutes) = parameters
        .maximum_idle_time
        .filter(|minutes| !IDLE_MINUTES.contains(minutes))
    {
        error(format!("maximum_idle_time: {}", idle_range(minutes)));
    }
    if parameters.quick_sign_in_users > Parameters::MOST_QUICK_SIGN_IN_USERS {
        error(format!(
            "quick_sign_in_users: 0 (off) to {}, not {}",
            Parameters::MOST_QUICK_SIGN_IN_USERS,
            parameters.quick_sign_in_users
        ));
    }
    if parameters.minimum_pin_length < Parameters::SHORTEST_PIN {
        error(format!(
            "minimum_pin_length: a PIN has {} or more characters, not {}",
            Parameters::SHORTEST_PIN,
            parameters.minimum_pin_length
        ));
    }
    if !(1..=100).contains(&parameters.maximum_concurrent_requests) {
        error(format!(
            "maximum_concurrent_requests: 1 to 100, not {}",
            parameters.maximum_concurrent_requests
        ));
    }
    if !is_locale(&parameters.default_user_locale) {
        error(format!(
            "default_user_locale: {:?} is not a locale like \"English_United_States\"",
            parameters.default_user_locale
        ));
    }
    for message in trusted_list(&parameters.trusted_list_of_ips) {
        error(message);
    }
    for message in triggers(parameters) {
        error(message);
    }
    for message in auto_registration(&parameters.auto_registration, file) {
        error(message);
    }
    if let Some(host) = &parameters.services_host {
        services_host(host, line, findings);
    }
    if nobody_assigns(file) {
        let told = "auto_registration: the Services menu of waiting phones offers the Extension \
                    Assigner, and nobody may use it; write extension_assigner = true on a user, \
                    or extension_assigner = false here";
        findings.push(Severity::Warning, line, told.to_owned());
    }
}

/// The pool of numbers and the device pool of phones that register by
/// themselves.
fn auto_registration(rules: &AutoRegistration, file: &SiteDocument) -> Vec<String> {
    let mut wrong = Vec::new();
    let pool = (
        &rules.starting_directory_number,
        &rules.ending_directory_number,
    );
    match pool {
        (Some(first), Some(last)) => {
            if let Err(why) = NumberPool::between(first, last) {
                wrong.push(format!(
                    "auto_registration: {first} to {last} is no pool of numbers: {why}"
                ));
            }
        }
        (None, None) if !rules.enabled => {}
        _ => wrong.push(
            "auto_registration: write starting_directory_number and ending_directory_number: \
             such a phone gets a number of these"
                .to_owned(),
        ),
    }
    let known = |pool: &DevicePool| pool.name == rules.device_pool;
    let is_default = rules.device_pool.as_str() == DevicePool::DEFAULT;
    if !is_default && !file.device_pools.iter().any(|pool| known(&pool.value)) {
        wrong.push(format!(
            "auto_registration: device pool {:?} is not in the file",
            rules.device_pool.as_str()
        ));
    }
    wrong
}

/// Whether phones offer the Extension Assigner and no user may use it.
fn nobody_assigns(file: &SiteDocument) -> bool {
    let rules = &file.parameters.auto_registration;
    rules.enabled
        && rules.approval
        && rules.extension_assigner
        && !file.users.iter().any(|user| user.value.extension_assigner)
}

/// What idle minutes can be.
pub(super) fn idle_range(minutes: u16) -> String {
    format!(
        "{} to {} minutes, not {minutes}; leave it out for no limit",
        IDLE_MINUTES.start(),
        IDLE_MINUTES.end()
    )
}

/// Addresses and host names separated by `;`, no ranges (Cisco, *Feature
/// Configuration Guide*, Extension Mobility, Trusted List of IPs).
fn trusted_list(list: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let length = list.chars().count();
    if length > Parameters::LONGEST_TRUSTED_LIST {
        wrong.push(format!(
            "trusted_list_of_ips: at most {} characters, not {length}",
            Parameters::LONGEST_TRUSTED_LIST
        ));
    }
    let entries = list.split(';').map(str::trim).filter(|e| !e.is_empty());
    wrong.extend(
        entries
            .filter(|entry| entry.parse::<IpAddr>().is_err() && !is_host_name(entry))
            .map(|entry| {
                format!(
                    "trusted_list_of_ips: {entry:?} is no address and no host name; ranges are \
                     not taken, list each address"
                )
            }),
    );
    wrong
}

fn triggers(parameters: &Parameters) -> Vec<String> {
    let mut wrong = Vec::new();
    let both = [
        ("login_trigger", &parameters.login_trigger),
        ("logout_trigger", &parameters.logout_trigger),
    ];
    for (
        key,
        Trigger {
            name,
            maximum_sessions,
            ..
        },
    ) in both
    {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if let Some(bare) = name.strip_prefix('/') {
            wrong.push(format!("{key}: write the name without its slash: {bare:?}"));
        } else if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            wrong.push(format!(
                "{key}: {name:?} cannot name a trigger: letters, digits, '_', '-' and '.' can"
            ));
        } else if TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name)) {
            wrong.push(format!(
                "{key}: /{name} has a meaning of its own; take another name"
            ));
        }
        if !(1..=Trigger::MOST_SESSIONS).contains(maximum_sessions) {
            wrong.push(format!(
                "{key}: maximum_sessions is 1 to {}, not {maximum_sessions}",
                Trigger::MOST_SESSIONS
            ));
        }
    }
    let [(_, login), (_, logout)] = both;
    if login.name.eq_ignore_ascii_case(&logout.name) {
        wrong.push(format!(
            "login_trigger and logout_trigger are both called {:?}: one of them needs another name",
            login.name
        ));
    }
    wrong
}

fn services_host(host: &str, line: Option<usize>, findings: &mut Findings) {
    if host.parse::<Ipv4Addr>().is_ok() {
        let told = format!(
            "services_host: {host} is an address: phones follow a host name to another server, an \
             address they do not"
        );
        findings.push(Severity::Warning, line, told);
    } else if !is_host_name(host) {
        let told = format!("services_host: {host:?} is not a host name like \"em.example.com\"");
        findings.push(Severity::Error, line, told);
    }
    if is_loopback(host) {
        let told = format!("services_host: no phone but one on this host reaches {host}");
        findings.push(Severity::Warning, line, told);
    }
}

/// A host name (RFC 1123, section 2.1): its last label is not all digits, or
/// it would be an address.
fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253 && name.split('.').all(label) && last.bytes().any(|b| b.is_ascii_alphabetic())
}
