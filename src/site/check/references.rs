//! Names that are there twice, and references to what is not there.

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use crate::model::{Catalogue, DevicePool, LogoutProfile, ServiceSubscription, World};
use crate::site::document::{Placed, SiteDocument};
use crate::site::normal::Entry;

/// The names that may be referred to.
#[derive(Default)]
struct Known {
    pools: BTreeSet<String>,
    profiles: BTreeSet<String>,
    services: BTreeSet<String>,
    users: BTreeSet<String>,
    phones: BTreeSet<String>,
}

impl Known {
    fn of(file: &SiteDocument, world: Option<&World>) -> Self {
        let mut known = Self {
            pools: names(&file.device_pools),
            profiles: names(&file.profiles),
            services: names(&file.services),
            users: names(&file.users),
            phones: names(&file.phones),
        };
        known.pools.insert(DevicePool::DEFAULT.to_owned());
        if let Some(world) = world {
            known
                .pools
                .extend(world.pools.keys().map(ToString::to_string));
            known
                .services
                .extend(world.services.keys().map(ToString::to_string));
            let profiles = world.profiles.values();
            known
                .profiles
                .extend(profiles.map(|profile| profile.name.to_string()));
            let users = world.users.values();
            known
                .users
                .extend(users.map(|user| user.user_id.to_string()));
            let phones = world.phones.values();
            known
                .phones
                .extend(phones.map(|phone| phone.name.to_string()));
        }
        known
    }
}

fn names<T: Entry>(entries: &[Placed<T>]) -> BTreeSet<String> {
    entries
        .iter()
        .map(|entry| entry.value.name().to_owned())
        .collect()
}

/// Checks names and references.
pub(super) fn check(
    file: &SiteDocument,
    catalogue: &Catalogue,
    world: Option<&World>,
    findings: &mut Findings,
) {
    twice(&file.device_pools, findings);
    twice(&file.phones, findings);
    twice(&file.profiles, findings);
    twice(&file.profile_defaults, findings);
    twice(&file.users, findings);
    twice(&file.application_users, findings);
    twice(&file.services, findings);
    twice(&file.directory_numbers, findings);
    user_names(file, findings);

    let known = Known::of(file, world);
    phones(file, catalogue, &known, findings);
    profiles(file, catalogue, &known, findings);
    users(file, &known, findings);
}

fn twice<T: Entry>(entries: &[Placed<T>], findings: &mut Findings) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries {
        let name = entry.value.name();
        match first.get(name) {
            Some(line) => findings.error(
                entry,
                format!("{} {name} is there twice, first on line {line}", T::KIND),
            ),
            None => {
                first.insert(name, entry.line);
            }
        }
    }
}

/// Ids and aliases are typed into the same field: each means one user.
fn user_names(file: &SiteDocument, findings: &mut Findings) {
    let ids: BTreeSet<&str> = file
        .users
        .iter()
        .map(|user| user.value.id.as_str())
        .collect();
    let mut aliases: BTreeMap<&str, &str> = BTreeMap::new();
    for user in &file.users {
        let id = user.value.id.as_str();
        let Some(alias) = user.value.alias.as_ref().map(crate::model::UserId::as_str) else {
            continue;
        };
        if alias != id && ids.contains(alias) {
            findings.error(
                user,
                format!("alias {alias} of user {id} is another user's id"),
            );
        }
        if let Some(other) = aliases.insert(alias, id) {
            findings.error(
                user,
                format!("alias {alias} of user {id} is user {other}'s already"),
            );
        }
    }
    for user in &file.application_users {
        let id = user.value.id.as_str();
        if ids.contains(id) {
            findings.error(user, format!("{id} is both a user and an application user"));
        }
    }
}

fn phones(file: &SiteDocument, catalogue: &Catalogue, known: &Known, findings: &mut Findings) {
    for placed in &file.phones {
        let phone = &placed.value;
        let name = &phone.name;
        match catalogue.model(&phone.model) {
            None => findings.error(
                placed,
                format!(
                    "phone {name}: model {} is not in the model catalogue",
                    phone.model
                ),
            ),
            Some(model) => {
                if let Some(protocol) = phone.protocol.filter(|p| model.facts(*p).is_none()) {
                    findings.error(
                        placed,
                        format!(
                            "phone {name}: model {} does not speak {protocol}",
                            model.name
                        ),
                    );
                }
                for module in &phone.expansion_modules {
                    if !model.expansion_modules.contains(module) {
                        findings.error(
                            placed,
                            format!(
                                "phone {name}: model {} takes no module {module}",
                                model.name
                            ),
                        );
                    }
                }
                if phone.expansion_modules.len() > usize::from(model.maximum_modules) {
                    findings.error(
                        placed,
                        format!(
                            "phone {name}: model {} takes at most {} add-on modules",
                            model.name, model.maximum_modules
                        ),
                    );
                }
            }
        }
        if !known.pools.contains(phone.device_pool.as_str()) {
            let pool = &phone.device_pool;
            findings.error(
                placed,
                format!("phone {name}: there is no device pool {pool}"),
            );
        }
        if let LogoutProfile::Profile(profile) = &phone.logout_profile
            && !known.profiles.contains(profile.as_str())
        {
            findings.error(
                placed,
                format!("phone {name}: there is no profile {profile}"),
            );
        }
        if let Some(owner) = phone
            .owner
            .as_ref()
            .filter(|o| !known.users.contains(o.as_str()))
        {
            findings.error(placed, format!("phone {name}: there is no user {owner}"));
        }
        services(
            placed,
            &format!("phone {name}"),
            &phone.service,
            known,
            findings,
        );
    }
}

fn profiles(file: &SiteDocument, catalogue: &Catalogue, known: &Known, findings: &mut Findings) {
    for placed in &file.profiles {
        let profile = &placed.value;
        let who = format!("profile {}", profile.name);
        if catalogue.model(&profile.model).is_none() {
            let model = &profile.model;
            findings.error(
                placed,
                format!("{who}: model {model} is not in the model catalogue"),
            );
        }
        services(placed, &who, &profile.service, known, findings);
    }
    for placed in &file.profile_defaults {
        let model = &placed.value.model;
        let who = format!("profile default {model}");
        if catalogue.model(model).is_none() {
            findings.error(
                placed,
                format!("{who}: the model is not in the model catalogue"),
            );
        }
        services(placed, &who, &placed.value.service, known, findings);
    }
}

fn users(file: &SiteDocument, known: &Known, findings: &mut Findings) {
    for placed in &file.users {
        let user = &placed.value;
        let id = &user.id;
        let mut seen = BTreeSet::new();
        for profile in &user.profiles {
            if !known.profiles.contains(profile.as_str()) {
                findings.error(placed, format!("user {id}: there is no profile {profile}"));
            }
            if !seen.insert(profile) {
                findings.error(placed, format!("user {id} has profile {profile} twice"));
            }
        }
        for phone in &user.controlled_phones {
            if !known.phones.contains(phone.as_str()) {
                findings.error(placed, format!("user {id}: there is no phone {phone}"));
            }
        }
    }
}

fn services<T>(
    at: &Placed<T>,
    who: &str,
    subscriptions: &[ServiceSubscription],
    known: &Known,
    findings: &mut Findings,
) {
    let mut seen = BTreeSet::new();
    for subscription in subscriptions {
        let name = &subscription.name;
        if !known.services.contains(name.as_str()) {
            findings.error(at, format!("{who}: there is no service {name}"));
        }
        if !seen.insert(name) {
            findings.warn(at, format!("{who} has service {name} twice"));
        }
    }
}
