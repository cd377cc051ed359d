//! From a draft to a site file that passes [`check`]: what would not pass is
//! left out, with the finding as its note.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Drafted};
use super::report::{Note, Place};
use super::values::unplaced;
use crate::model::{LogoutProfile, ModelName, Parameters, Pin};
use crate::site::check::{Severity, check};
use crate::site::document::{Placed, ProfileDefaultEntry, SiteDocument, UserEntry};
use crate::site::normal::Entry;

/// Objects that refer to one another are left out one after the other; no
/// chain of references is longer.
const MOST_ROUNDS: usize = 16;

/// The document and the notes of a draft.
pub(super) fn finish(mut draft: Draft<'_>) -> (SiteDocument, Vec<Note>) {
    twins(&mut draft);
    references(&mut draft);
    pins(&mut draft);
    defaults(&mut draft);
    draft.settle_pools();
    let (mut document, places) = document(&mut draft);
    for round in 0.. {
        let findings = check(&document, draft.catalogue);
        let wrong: BTreeMap<usize, String> = findings
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| (finding.line.unwrap_or(0), finding.message))
            .collect();
        if wrong.is_empty() {
            break;
        }
        if round >= MOST_ROUNDS {
            document = SiteDocument::default();
            break;
        }
        for (line, message) in &wrong {
            let place = line.checked_sub(2).and_then(|at| places.get(at));
            let input = Place::file("the input");
            draft.note(
                place.unwrap_or(&input),
                "an object",
                message,
                "mend it there, and import again, or write it by hand",
            );
        }
        leave_out(&mut document, &wrong.into_keys().collect());
    }
    (document, draft.into_notes())
}

/// Profiles and users that are there twice: the first stands. Of phones, numbers
/// and services the draft knows it.
fn twins(draft: &mut Draft<'_>) {
    fn part<T: Entry>(entries: &mut Vec<Drafted<T>>, lost: &mut Vec<(Place, String, Place)>) {
        let mut first: BTreeMap<String, Place> = BTreeMap::new();
        entries.retain(|Drafted { at, value }| {
            let Some(place) = first.get(value.name()) else {
                first.insert(value.name().to_owned(), at.clone());
                return true;
            };
            let what = format!("{} {}", T::KIND, value.name());
            lost.push((at.clone(), what, place.clone()));
            false
        });
    }
    let mut lost = Vec::new();
    part(&mut draft.profiles, &mut lost);
    part(&mut draft.users, &mut lost);
    for (at, what, first) in lost {
        draft.note(
            &at,
            &what,
            &format!("it is there twice, and the first stands, at {first}"),
            "leave out one of the two, and import again",
        );
    }
}

/// References to what the input does not have.
fn references(draft: &mut Draft<'_>) {
    let profiles: BTreeSet<String> = draft
        .profiles
        .iter()
        .map(|profile| profile.value.name.to_string())
        .collect();
    let users: BTreeSet<String> = draft
        .users
        .iter()
        .map(|user| user.value.id.to_string())
        .collect();
    let phones: BTreeSet<String> = draft
        .phones
        .iter()
        .map(|phone| phone.value.0.name.to_string())
        .collect();
    let mut lost: Vec<(Place, String, &str)> = Vec::new();
    for Drafted { at, value } in &mut draft.phones {
        let phone = &mut value.0;
        if let LogoutProfile::Profile(name) = &phone.logout_profile
            && !profiles.contains(name.as_str())
        {
            let what = format!("logout profile {name} of phone {}", phone.name);
            lost.push((at.clone(), what, "profile"));
            phone.logout_profile = LogoutProfile::UseCurrentSettings;
        }
        if let Some(owner) = phone.owner.take_if(|owner| !users.contains(owner.as_str())) {
            let what = format!("owner {owner} of phone {}", phone.name);
            lost.push((at.clone(), what, "user"));
        }
    }
    for Drafted { at, value: user } in &mut draft.users {
        let mut seen = BTreeSet::new();
        user.profiles.retain(|name| {
            let there = profiles.contains(name.as_str());
            if !there {
                let what = format!("profile {name} of user {}", user.id);
                lost.push((at.clone(), what, "profile"));
            }
            there && seen.insert(name.clone())
        });
        user.controlled_phones.retain(|name| {
            let there = phones.contains(name.as_str());
            if !there {
                let what = format!("phone {name} that user {} controls", user.id);
                lost.push((at.clone(), what, "phone"));
            }
            there
        });
    }
    for (at, what, kind) in lost {
        draft.note(
            &at,
            &what,
            &format!("there is no such {kind} in the input"),
            "import the file that has it together with this one, or write it by hand",
        );
    }
}

/// PINs that no phone could take.
fn pins(draft: &mut Draft<'_>) {
    let parameters = draft.parameters.clone();
    let mut refused = Vec::new();
    for Drafted { at, value: user } in &mut draft.users {
        if user.pin.take_if(|pin| !is_pin(pin, &parameters)).is_some() {
            refused.push((at.clone(), user.id.clone()));
        }
    }
    for (at, id) in refused {
        draft.note(
            &at,
            &format!("PIN of user {id}"),
            &format!(
                "a PIN has {} or more digits and nothing else here",
                parameters.minimum_pin_length
            ),
            "give him another: pin = \"..\" in his [[user]]",
        );
    }
    let without = |user: &&Drafted<UserEntry>| user.value.pin.is_none();
    let count = draft.users.iter().filter(without).count();
    if let Some(first) = draft.users.iter().find(without).map(|user| user.at.clone()) {
        draft.note(
            &first,
            &format!("{count} users have no PIN"),
            "the input has none that a keypad could type",
            "write pin = \"..\" into each [[user]], or point [ldap] pin_attribute at a directory",
        );
    }
}

fn is_pin(pin: &Pin, parameters: &Parameters) -> bool {
    let typed = pin.expose();
    (usize::from(parameters.minimum_pin_length)..=32).contains(&typed.len())
        && typed.bytes().all(|byte| byte.is_ascii_digit())
}

/// A device profile default for each model on which people sign in.
fn defaults(draft: &mut Draft<'_>) {
    let open: BTreeMap<ModelName, Place> = draft
        .phones
        .iter()
        .filter(|phone| phone.value.0.extension_mobility)
        .map(|phone| (phone.value.0.model.clone(), phone.at.clone()))
        .collect();
    for (model, at) in open {
        let value = ProfileDefaultEntry {
            model,
            locale: None,
            phone_button_template: None,
            expansion_modules: Vec::new(),
            softkey_template: None,
            user_hold_audio_source: None,
            ignore_presentation_indicators: false,
            mlpp: crate::model::Mlpp::default(),
            service: Vec::new(),
        };
        draft.defaults.push(Drafted { at, value });
    }
}

/// The document, each object with a line of its own (from 2; 1 are the
/// parameters), and the place in the input that each comes from.
fn document(draft: &mut Draft<'_>) -> (SiteDocument, Vec<Place>) {
    let mut places = Vec::new();
    let input = Place::file("the input");
    let mut document = SiteDocument {
        parameters: draft.parameters.clone(),
        parameters_line: Some(1),
        ..SiteDocument::default()
    };
    let mut numbered = |at: &Place| {
        places.push(at.clone());
        places.len() + 1
    };
    for pool in draft.pools.drain(..) {
        let line = numbered(&input);
        document.device_pools.push(Placed { line, value: pool });
    }
    for Drafted { at, value } in draft.phones.drain(..) {
        let line = numbered(&at);
        let value = value.0;
        document.phones.push(Placed { line, value });
    }
    for Drafted { at, value } in draft.profiles.drain(..) {
        let line = numbered(&at);
        document.profiles.push(Placed { line, value });
    }
    for Drafted { at, value } in draft.defaults.drain(..) {
        let line = numbered(&at);
        document.profile_defaults.push(Placed { line, value });
    }
    for template in draft.templates() {
        let mut placed = unplaced(template.clone());
        placed.line = numbered(&input);
        document.button_templates.push(placed);
    }
    for Drafted { at, value } in draft.users.drain(..) {
        let line = numbered(&at);
        document.users.push(Placed { line, value });
    }
    for service in draft.services() {
        let line = numbered(&service.at);
        let value = service.value.clone();
        document.services.push(Placed { line, value });
    }
    for Drafted { at, value } in draft.numbers.drain(..) {
        let line = numbered(&at);
        document.directory_numbers.push(Placed { line, value });
    }
    (document, places)
}

/// Takes out the objects on these lines.
fn leave_out(document: &mut SiteDocument, lines: &BTreeSet<usize>) {
    fn keep<T>(entries: &mut Vec<Placed<T>>, lines: &BTreeSet<usize>) {
        entries.retain(|entry| !lines.contains(&entry.line));
    }
    if lines.iter().any(|line| *line < 2) {
        document.parameters = Parameters::default();
    }
    keep(&mut document.device_pools, lines);
    keep(&mut document.phones, lines);
    keep(&mut document.profiles, lines);
    keep(&mut document.profile_defaults, lines);
    keep(&mut document.button_templates, lines);
    keep(&mut document.users, lines);
    keep(&mut document.services, lines);
    keep(&mut document.directory_numbers, lines);
}
