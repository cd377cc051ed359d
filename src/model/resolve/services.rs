//! The services of a phone: who is subscribed to what, with which values, and
//! the one entry that signs in and out.

use std::collections::BTreeMap;

use super::in_force::Source;
use super::{MenuEntry, ResolveInput};
use crate::model::{DeviceName, Service, ServiceSubscription, ServicesDoor};

/// The name of the entry that signs in and out, where no subscription names it.
const EXTENSION_MOBILITY: &str = "Extension Mobility";

/// The path of the login application, compared without case.
const LOGIN_APPLICATION: &str = "/emapp/emappservlet";

/// What phones of every age are served in place of their name.
const DEVICE_NAME: &str = "#DEVICENAME#";

/// What the Services key shows.
pub(super) struct Menu {
    /// The services, without Extension Mobility.
    pub(super) entries: Vec<MenuEntry>,
    /// The entry that signs in and out.
    pub(super) door: Option<String>,
    /// Whether there is the Extension Assigner.
    pub(super) assigner: bool,
}

impl Menu {
    pub(super) fn of(input: &ResolveInput<'_>, source: Source<'_>) -> Self {
        let mut menu = Self {
            entries: Vec::new(),
            door: None,
            assigner: false,
        };
        if input.facts.services_door == ServicesDoor::None {
            return menu;
        }
        let mut name = None;
        for subscription in subscriptions(input, source) {
            let Some(service) = input.services.get(&subscription.name) else {
                continue;
            };
            if is_login_application(&service.url) {
                // Cisco's administrators add it by hand and name it as they
                // like; whether they did or not, it is there once.
                name.get_or_insert_with(|| service.name.to_string());
                continue;
            }
            menu.entries.push(MenuEntry {
                name: service.name.to_string(),
                url: url(service, &subscription.parameters, &input.phone.name),
            });
        }
        // Who is signed in can leave, also where nobody may come any more.
        menu.door = (input.phone.extension_mobility || input.session.is_some())
            .then(|| name.unwrap_or_else(|| EXTENSION_MOBILITY.to_owned()));
        menu.assigner =
            input.phone.awaits_approval() && input.parameters.auto_registration.extension_assigner;
        menu
    }
}

/// The subscriptions in force.
fn subscriptions<'a>(
    input: &ResolveInput<'a>,
    source: Source<'a>,
) -> impl Iterator<Item = &'a ServiceSubscription> {
    let (own, default): (&[ServiceSubscription], &[ServiceSubscription]) = match source {
        Source::Phone => (&input.phone.services, &[]),
        Source::Snapshot(profile) | Source::Profile(profile) => (&profile.services, &[]),
        Source::Mismatch(profile, default) => {
            let default = default.map_or(&[][..], |default| &default.services);
            if profile.services.is_empty() {
                (default, &[])
            } else if input.parameters.mismatch_keeps_user_settings {
                (&profile.services, &[])
            } else {
                (&profile.services, default)
            }
        }
    };
    // Cisco, Extension Mobility 4.1, Overview: on a phone of another family
    // the services are the user's, their parameters the default's.
    own.iter().map(move |subscription| {
        let same = default.iter().find(|it| it.name == subscription.name);
        same.unwrap_or(subscription)
    })
}

/// Whether a service is the login application itself, on whatever host: there
/// is no other for a phone of ours.
fn is_login_application(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    path.len()
        .checked_sub(LOGIN_APPLICATION.len())
        .and_then(|at| path.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(LOGIN_APPLICATION))
}

/// The URL of a service with the subscriber's values, or the service's own for
/// what he gives none, and with the name of the phone written out: old loads
/// do not put it in themselves.
fn url(service: &Service, values: &BTreeMap<String, String>, device: &DeviceName) -> String {
    let written = |text: &str| text.replace(DEVICE_NAME, device.as_str());
    let mut whole = written(&service.url);
    let mut add = |name: &str, value: &str| {
        whole.push(if whole.contains('?') { '&' } else { '?' });
        percent_encode(&mut whole, name);
        whole.push('=');
        percent_encode(&mut whole, &written(value));
    };
    for parameter in &service.parameter {
        let value = values.get(&parameter.name).or(parameter.default.as_ref());
        if let Some(value) = value {
            add(&parameter.name, value);
        }
    }
    let is_defined = |name: &String| service.parameter.iter().any(|it| it.name == *name);
    for (name, value) in values.iter().filter(|(name, _)| !is_defined(name)) {
        add(name, value);
    }
    whole
}

/// RFC 3986 section 2.1; all but unreserved characters.
fn percent_encode(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}
