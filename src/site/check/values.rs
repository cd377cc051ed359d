//! Values that cannot be, and values that are probably not meant: pools,
//! phones, profiles, templates, services.

use std::collections::BTreeSet;

use super::parameters::{IDLE_MINUTES, idle_range};
use super::settings::most_keys;
use super::{Findings, Rules};
use crate::model::{
    Catalogue, DevicePool, Dialect, LogoutProfile, ProfileName, TemplateKey, VendorConfig,
};
use crate::site::document::{PhoneEntry, Placed, SiteDocument};

/// The longest URL that phones take from a service list.
pub(in crate::site) const LONGEST_URL: usize = 256;

/// The longest host name that phones take from a boot file, in characters
/// (Cisco's administration guides of the phones, *Phone configuration files*).
const LONGEST_HOST: usize = 50;

/// Checks values.
pub(super) fn check(file: &SiteDocument, catalogue: &Catalogue, findings: &mut Findings) {
    let rules = Rules {
        catalogue,
        parameters: &file.parameters,
    };
    pools(file, catalogue, findings);
    for settings in file.settings() {
        settings.check(rules, findings);
    }
    phones(file, findings);
    profiled(file, catalogue, findings);
    profiles(file, findings);
    button_templates(file, catalogue, findings);
    services(file, findings);
    emergency(file, findings);
}

fn pools(file: &SiteDocument, catalogue: &Catalogue, findings: &mut Findings) {
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
        if pool.mlpp.is_contradiction() {
            findings.error(
                placed,
                format!(
                    "device pool {name}: mlpp indication \"off\" with preemption \"forceful\" \
                     cannot work; change one of them"
                ),
            );
        }
        locale(placed, Some(&pool.user_locale), findings);
        locale(placed, Some(&pool.network_locale), findings);
        hosts(placed, name.as_str(), pool, findings);
        switches(
            placed,
            &format!("device pool {name}"),
            &pool.vendor_config,
            findings,
        );
        let mut models = pool.loads.keys();
        if let Some(model) = models.find(|model| catalogue.model(model).is_none()) {
            findings.error(
                placed,
                format!("device pool {name}: there is no model {model} to give a load"),
            );
        }
    }
}

/// Switches whose 0 means *on*, where turning them off takes away what is
/// leant on here.
fn switches<T>(placed: &Placed<T>, who: &str, said: &VendorConfig, findings: &mut Findings) {
    if said.get("webAccess") == Some("1") {
        findings.warn(
            placed,
            format!(
                "{who}: webAccess = \"1\" turns the web server of the phone off (\"0\" is on): \
                 messages, call logs and screenshots need it"
            ),
        );
    }
    if said.get("settingsAccess") == Some("0") {
        findings.warn(
            placed,
            format!(
                "{who}: settingsAccess = \"0\" locks the Settings key (\"1\" is on): trust lists \
                 cannot be erased at the phone any more"
            ),
        );
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
        } else if host.len() > LONGEST_HOST {
            findings.warn(
                placed,
                format!(
                    "device pool {name}: {host} has {} characters, and phones take \
                     {LONGEST_HOST}; give its address or a shorter name",
                    host.len()
                ),
            );
        }
    }
}

/// Names of call managers that a profile cannot hold: the device would get no
/// file at all.
fn profiled(file: &SiteDocument, catalogue: &Catalogue, findings: &mut Findings) {
    let reads_profile = |phone: &PhoneEntry| {
        let model = catalogue.model(&phone.model);
        let facts = model.and_then(|model| {
            let protocol = phone.protocol.unwrap_or_else(|| model.first_protocol());
            model.facts(protocol)
        });
        facts
            .is_some_and(|facts| matches!(facts.dialect, Dialect::AtaProfile | Dialect::SipProfile))
    };
    for placed in file.phones.iter().filter(|it| reads_profile(&it.value)) {
        let phone = &placed.value;
        let host = file.parameters.services_host.as_deref().unwrap_or_default();
        if phone.extension_mobility && host.len() > PROFILE_MENU_HOST {
            findings.warn(
                placed,
                format!(
                    "phone {}: its profile has {PROFILE_MENU_HOST} characters for services_host \
                     beside a port of four digits, and its Services key leads nowhere with {host}",
                    phone.name
                ),
            );
        }
        let mut pools = file.device_pools.iter().map(|pool| &pool.value);
        let pool = pools.find(|pool| pool.name == phone.device_pool);
        let hosts = pool.map_or(&[][..], |pool| &pool.call_managers);
        // Profiles have places for two.
        for host in hosts
            .iter()
            .take(2)
            .filter(|host| host.len() > PROFILE_HOST - PORT)
        {
            findings.warn(
                placed,
                format!(
                    "phone {}: its profile has {PROFILE_HOST} characters for a call manager and \
                     its port, where that is not the usual one, and it gets no file where {host} \
                     is longer; give its device pool an address",
                    phone.name
                ),
            );
        }
    }
}

/// Characters of a call manager and its port in a profile.
const PROFILE_HOST: usize = 31;

/// Characters of `:65535`.
const PORT: usize = 6;

/// Characters of a host in `http://HOST:8080/ccmcip/menu?name=SEP<MAC>`, of which
/// a profile holds 63.
const PROFILE_MENU_HOST: usize = 18;

fn phones(file: &SiteDocument, findings: &mut Findings) {
    for placed in &file.phones {
        let phone = &placed.value;
        let name = &phone.name;
        switches(
            placed,
            &format!("phone {name}"),
            &phone.vendor_config,
            findings,
        );
        let logout_profile = phone.logout_profile != LogoutProfile::UseCurrentSettings;
        if phone.line.is_empty() && !phone.extension_mobility && !logout_profile {
            findings.warn(
                placed,
                format!(
                    "phone {name} has no line, and nobody may sign in on it: set \
                     extension_mobility = true?"
                ),
            );
        }
    }
}

fn profiles(file: &SiteDocument, findings: &mut Findings) {
    let taken: BTreeSet<&str> = file
        .users
        .iter()
        .flat_map(|user| &user.value.profiles)
        .map(ProfileName::as_str)
        .collect();
    let logout: BTreeSet<String> = file
        .phones
        .iter()
        .map(|phone| String::from(phone.value.logout_profile.clone()))
        .collect();
    for placed in &file.profiles {
        let profile = &placed.value;
        let who = format!("profile {}", profile.name);
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
        if let Some(minutes) = profile
            .maximum_idle_time
            .filter(|minutes| !IDLE_MINUTES.contains(minutes))
        {
            findings.error(
                placed,
                format!("{who}: maximum_idle_time: {}", idle_range(minutes)),
            );
        }
    }
}

/// A template says what each key of a model is for; the first is a line, or
/// the phone could not register (Cisco: *Phone Button Template*).
fn button_templates(file: &SiteDocument, catalogue: &Catalogue, findings: &mut Findings) {
    for placed in &file.button_templates {
        let template = &placed.value;
        let who = format!("phone button template {}", template.name);
        let Some(model) = catalogue.model(&template.model) else {
            findings.error(
                placed,
                format!(
                    "{who}: model {} is not in the model catalogue",
                    template.model
                ),
            );
            continue;
        };
        let keys = most_keys(model, catalogue);
        if template.buttons.len() > keys {
            findings.error(
                placed,
                format!(
                    "{who} has {} buttons; a {} has at most {keys} keys",
                    template.buttons.len(),
                    model.name
                ),
            );
        }
        if template.buttons.first() != Some(&TemplateKey::Line) {
            findings.error(
                placed,
                format!(
                    "{who}: the first key must be a \"line\", or the phone has none to register"
                ),
            );
        }
    }
}

fn services(file: &SiteDocument, findings: &mut Findings) {
    for placed in &file.services {
        let name = &placed.value.name;
        let mut seen = BTreeSet::new();
        for parameter in &placed.value.parameter {
            if parameter.name.is_empty() || parameter.name.chars().any(char::is_control) {
                findings.error(
                    placed,
                    format!(
                        "service {name}: {:?} cannot name a parameter",
                        parameter.name
                    ),
                );
            }
            if !seen.insert(&parameter.name) {
                findings.error(
                    placed,
                    format!("service {name} has parameter {} twice", parameter.name),
                );
            }
        }
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
            findings.error(
                placed,
                format!(
                    "service {name}: the URL has {} characters; phones take {LONGEST_URL} at most",
                    url.len()
                ),
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

/// Checks a locale: it names a folder that the phone asks for.
pub(super) fn locale<T>(placed: &Placed<T>, locale: Option<&String>, findings: &mut Findings) {
    if let Some(locale) = locale.filter(|locale| !is_locale(locale)) {
        findings.error(
            placed,
            format!("{locale:?} is not a locale like \"English_United_States\""),
        );
    }
}

/// Whether a text can be a locale, or none.
pub(super) fn is_locale(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether the zone is known; any is where the host has no zones to look at.
pub(in crate::site) fn is_zone(name: &str) -> bool {
    jiff::tz::db().is_definitively_empty() || jiff::tz::TimeZone::get(name).is_ok()
}

/// Letters D, M and Y (or YY), each once, one separator, and A for the 12-hour
/// clock.
pub(in crate::site) fn is_date_template(template: &str) -> bool {
    let date = template.strip_suffix('A').unwrap_or(template);
    ['/', '-', '.'].into_iter().any(|separator| {
        let mut parts: Vec<&str> = date.split(separator).collect();
        parts.sort_unstable();
        matches!(parts.as_slice(), ["D", "M", "Y" | "YY"])
    })
}

/// Whether a host, a URL without its scheme, or an address is this very host.
pub(super) fn is_loopback(host: &str) -> bool {
    host.starts_with("127.")
        || host.starts_with("[::1]")
        || host == "::1"
        || host
            .split([':', '/'])
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use crate::provision::load_catalogue;
    use crate::site::check::check;
    use crate::site::parse;

    fn said(host: &str) -> String {
        let text = include_str!("../../../phone-configs/catalogue.toml");
        let catalogue = load_catalogue(text, BTreeMap::new()).unwrap();
        let site = format!(
            "version = 1\n[[device_pool]]\nname = \"Default\"\nntp = [\"{host}\"]\n\
             call_managers = [\"{host}\"]\n"
        );
        let findings = check(&parse(&site).unwrap(), &catalogue);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_host_name_that_phones_would_cut_is_told() {
        let host = |length: usize| format!("{}.example.com", "n".repeat(length - 12));
        assert_eq!(said(&host(50)), "");
        let said = said(&host(51));
        assert_eq!(
            said.matches("has 51 characters, and phones take 50")
                .count(),
            2,
            "{said}"
        );
        assert!(
            said.contains("warning") && !said.contains("error"),
            "{said}"
        );
    }
}
