//! Phones and user device profiles.

use super::row::Row;
use crate::model::{
    Line, LogoutProfile, NumberRecord, ObjectName, PhoneModel, ProfileName, Protocol, RingSetting,
    ServiceSubscription, SpeedDial, UserId,
};
use crate::site::import::draft::{
    Draft, Drafted, PoolWish, bare_phone, bare_profile, subscription,
};
use crate::site::import::keys::{Keys, Wish};
use crate::site::import::{locales, models, values};

/// The most modules of a device.
const MODULES: usize = 3;

const NUMBER: [&str; 1] = ["DIRECTORY NUMBER"];
const DIAL: [&str; 1] = ["SPEED DIAL NUMBER"];
const LAMP: [&str; 4] = [
    "BUSY LAMP FIELD DESTINATION",
    "BUSY LAMP FIELD DIRECTORY NUMBER",
    "BLF DESTINATION",
    "BLF DIRECTORY NUMBER",
];
const SERVICE: [&str; 3] = ["SUBSCRIBED SERVICE NAME", "SERVICE NAME", "SERVICE"];
const MODEL: [&str; 5] = [
    "DEVICE TYPE",
    "PHONE TYPE",
    "MODEL",
    "PRODUCT TYPE",
    "PHONE MODEL",
];

/// Reads a phone.
pub(super) fn phone(row: &Row<'_>, draft: &mut Draft<'_>) {
    let given = row.get(&super::PHONE).unwrap_or_default();
    let Some(device) = values::desk_phone(given) else {
        let shown: String = given.chars().take(32).collect();
        draft.note(
            &row.at,
            &format!("device {shown:?}"),
            "only names of SEP and a MAC address are phones here",
            "write it by hand if Embody serves such a device",
        );
        return;
    };
    if draft.is_twin(&row.at, &device) {
        return;
    }
    let protocol = match row.get(&["DEVICE PROTOCOL", "PROTOCOL"]) {
        Some(name) if name.eq_ignore_ascii_case("SIP") => Some(Protocol::Sip),
        Some(name) if name.eq_ignore_ascii_case("SCCP") => Some(Protocol::Sccp),
        _ => None,
    };
    let hints = models::Hints {
        name: row.get(&MODEL),
        protocol,
        ..models::Hints::default()
    };
    let Some(model) = models::choose(draft, &row.at, &device, hints) else {
        return;
    };
    let mut phone = bare_phone(device.clone(), model.name.clone());
    phone.protocol = protocol.filter(|protocol| model.facts(*protocol).is_some());
    phone.description = text(row, &["DESCRIPTION"]).unwrap_or_default();
    phone.load = row
        .get(&["PHONE LOAD NAME", "LOAD INFORMATION", "PHONE LOAD"])
        .and_then(|load| draft.load(&row.at, model, protocol, load));
    phone.extension_mobility = row.is_yes(&[
        "ENABLE EXTENSION MOBILITY",
        "EXTENSION MOBILITY",
        "ALLOW EXTENSION MOBILITY",
    ]);
    phone.owner = owner(row, draft);
    phone.locale = row
        .get(&["DEVICE USER LOCALE", "USER LOCALE"])
        .and_then(locales::of_name);
    phone.softkey_template = soft_keys(row, draft);
    if let Some(name) = row.get(&["LOG OUT PROFILE", "LOGOUT PROFILE", "DEFAULT PROFILE"])
        && !name.to_lowercase().contains("current device settings")
        && let Ok(name) = ProfileName::new(name)
    {
        phone.logout_profile = LogoutProfile::Profile(name);
    }
    phone.expansion_modules = modules(row, model, draft);
    let room = usize::from(model.keys)
        + usize::from(draft.catalogue.module_keys(&phone.expansion_modules));
    let keys = keys(row, draft);
    let settled = keys.settle(
        draft,
        &row.at,
        &format!("phone {device}"),
        Some((model, room)),
    );
    phone.line = settled.lines;
    phone.speed_dial = settled.dials;
    phone.service = services(row, draft);
    let pool = PoolWish {
        name: row
            .get(&["DEVICE POOL"])
            .filter(|name| *name != "Default")
            .and_then(values::object_name),
        ..PoolWish::default()
    };
    if pool.name.is_some() {
        draft.note(
            &row.at,
            "time zone, date and NTP of device pools",
            "the files name the pools, and do not say what is in them",
            "write time_zone and date_template into each [[device_pool]]",
        );
    }
    draft.phone(row.at.clone(), phone, pool);
}

/// Whose phone it is.
fn owner(row: &Row<'_>, draft: &mut Draft<'_>) -> Option<UserId> {
    let given = row.get(&["OWNER USER ID"])?;
    let owner = UserId::new(given).ok();
    if owner.is_none() {
        let shown: String = given.chars().take(48).collect();
        draft.note(
            &row.at,
            &format!("owner {shown:?}"),
            "a user id has no blanks, and at most 128 characters",
            "write owner = \"..\" into the [[phone]]",
        );
    }
    owner
}

/// Reads a user device profile.
pub(super) fn profile(row: &Row<'_>, draft: &mut Draft<'_>) {
    let Some(name) = row
        .get(&super::PROFILE)
        .and_then(|name| ProfileName::new(name).ok())
    else {
        draft.note(
            &row.at,
            "a user device profile",
            "it has no name, or one of more than 50 characters",
            "name it, and import again",
        );
        return;
    };
    let wanted = row.get(&MODEL);
    let said = draft.options.model.clone();
    let model = wanted
        .and_then(|name| models::by_name(draft.catalogue, name))
        .or_else(|| draft.catalogue.model(&said?));
    let Some(model) = model else {
        draft.note(
            &row.at,
            &format!("user device profile {name}"),
            "its model is not said, or is not one that Embody serves",
            "say one: --model MODEL",
        );
        return;
    };
    let mut made = bare_profile(name.clone(), model.name.clone());
    made.description = text(row, &["DESCRIPTION"]).unwrap_or_default();
    made.locale = row
        .get(&["DEVICE USER LOCALE", "USER LOCALE"])
        .and_then(locales::of_name);
    made.softkey_template = soft_keys(row, draft);
    made.expansion_modules = modules(row, model, draft);
    let keys = keys(row, draft);
    let settled = keys.settle(draft, &row.at, &format!("profile {name}"), None);
    made.line = settled.lines;
    made.speed_dial = settled.dials;
    made.service = services(row, draft);
    draft.profiles.push(Drafted {
        at: row.at.clone(),
        value: made,
    });
}

fn text(row: &Row<'_>, names: &[&str]) -> Option<String> {
    row.get(names).and_then(values::text)
}

/// A soft key template of the site's own; the standard ones are what phones
/// have anyway.
fn soft_keys(row: &Row<'_>, draft: &mut Draft<'_>) -> Option<String> {
    let name = row.get(&["SOFTKEY TEMPLATE"])?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    if name.starts_with("Standard") || !name.chars().all(plain) || name.len() > 60 {
        return None;
    }
    draft.note(
        &row.at,
        &format!("soft key template {name:?}"),
        "the files name it, and do not say which keys it has",
        "put its file into the folder of static files: SK and the letters and digits of the name, \
         .xml",
    );
    (!name.starts_with('.')).then(|| name.to_owned())
}

fn modules(row: &Row<'_>, model: &PhoneModel, draft: &mut Draft<'_>) -> Vec<String> {
    let mut modules = Vec::new();
    for number in 1..=MODULES {
        let Some(given) = row.numbered(&["MODULE", "EXPANSION MODULE"], number) else {
            continue;
        };
        match models::module(draft.catalogue, model, given) {
            Some(module) if modules.len() < usize::from(model.maximum_modules) => {
                modules.push(module);
            }
            _ => {
                let given: String = given.chars().take(48).collect();
                draft.note(
                    &row.at,
                    &format!("add-on module {given:?}"),
                    &format!("a {} takes no such one, or no further one", model.name),
                    "look at the phone",
                );
            }
        }
    }
    modules
}

/// Lines, then speed dials, then busy lamps.
fn keys(row: &Row<'_>, draft: &mut Draft<'_>) -> Keys {
    let mut keys = Keys::default();
    for number in row.numbers(&NUMBER) {
        if let Some(given) = row.numbered(&NUMBER, number)
            && let Some(line) = line(row, given, number, draft)
        {
            keys.push(0, Wish::Line(Box::new(line)));
        }
    }
    let dials = [
        (
            &DIAL[..],
            &["SPEED DIAL LABEL", "SPEED DIAL LABEL ASCII"][..],
            false,
        ),
        (
            &LAMP[..],
            &[
                "BUSY LAMP FIELD LABEL",
                "BUSY LAMP FIELD LABEL ASCII",
                "BLF LABEL",
            ][..],
            true,
        ),
    ];
    for (numbers, labels, blf) in dials {
        for at in row.numbers(numbers) {
            let Some(given) = row.numbered(numbers, at) else {
                continue;
            };
            let Some(number) = values::number(given) else {
                draft.note(
                    &row.at,
                    "a speed dial without a number",
                    "a number has digits, *, #, + and A to D, at most 24",
                    "write it with a number that reaches the same",
                );
                continue;
            };
            let label = row.numbered(labels, at).unwrap_or_default();
            keys.push(
                0,
                Wish::Dial(SpeedDial {
                    label: values::label(label, &number),
                    blf,
                    ..SpeedDial::new(number)
                }),
            );
        }
    }
    keys
}

fn line(row: &Row<'_>, given: &str, at: usize, draft: &mut Draft<'_>) -> Option<Line> {
    let Some(number) = values::number(given) else {
        draft.note(
            &row.at,
            "a line without a number",
            "a number has digits, *, #, + and A to D, at most 24",
            "write it with a number that reaches the same",
        );
        return None;
    };
    let text = |names: &[&str]| {
        let given = row.numbered(names, at)?;
        values::label(given, &number)
    };
    let partition: Option<ObjectName> = row
        .numbered(&["ROUTE PARTITION", "PARTITION"], at)
        .and_then(values::object_name);
    let maximum_calls = row
        .numbered(&["MAXIMUM NUMBER OF CALLS"], at)
        .and_then(values::small);
    let mask = row.numbered(&["EXTERNAL PHONE NUMBER MASK"], at);
    if let Some(name) = text(&["ALERTING NAME", "ASCII ALERTING NAME"]) {
        let record = NumberRecord {
            number: number.clone(),
            partition: partition.clone(),
            alerting_name: Some(name),
        };
        draft.number(row.at.clone(), record);
    }
    Some(Line {
        label: text(&["LINE TEXT LABEL", "ASCII LINE TEXT LABEL"]),
        display_name: text(&["DISPLAY", "ASCII DISPLAY"]),
        partition,
        external_number_mask: mask.and_then(mask_of),
        ring_idle: row
            .numbered(
                &["RING SETTING (PHONE IDLE)", "RING SETTING(PHONE IDLE)"],
                at,
            )
            .map_or(RingSetting::default(), ring),
        ring_active: row
            .numbered(
                &["RING SETTING (PHONE ACTIVE)", "RING SETTING(PHONE ACTIVE)"],
                at,
            )
            .map_or(RingSetting::default(), ring_active),
        maximum_calls,
        busy_trigger: row
            .numbered(&["BUSY TRIGGER"], at)
            .and_then(values::small)
            .filter(|trigger| maximum_calls.is_none_or(|calls| *trigger <= calls)),
        ..Line::new(number)
    })
}

fn mask_of(given: &str) -> Option<String> {
    let mask: String = given
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '\\'))
        .collect();
    let of_mask = |c: char| c.is_ascii_digit() || matches!(c, 'X' | 'x' | '+' | '*' | '#');
    (!mask.is_empty() && mask.len() <= 24 && mask.chars().all(of_mask)).then_some(mask)
}

fn ring(given: &str) -> RingSetting {
    match given.to_lowercase().as_str() {
        "disable" => RingSetting::Disable,
        "flash only" => RingSetting::FlashOnly,
        "ring once" => RingSetting::RingOnce,
        "ring" => RingSetting::Ring,
        _ => RingSetting::SystemDefault,
    }
}

/// On a phone that is in a call there is one more.
fn ring_active(given: &str) -> RingSetting {
    match given.to_lowercase().as_str() {
        "beep only" => RingSetting::BeepOnly,
        _ => ring(given),
    }
}

fn services(row: &Row<'_>, draft: &mut Draft<'_>) -> Vec<ServiceSubscription> {
    let mut services: Vec<ServiceSubscription> = Vec::new();
    for number in row.numbers(&SERVICE) {
        let Some(name) = row.numbered(&SERVICE, number) else {
            continue;
        };
        let url = row
            .numbered(
                &["SUBSCRIBED SERVICE URL", "SERVICE URL", "SERVICE XML URL"],
                number,
            )
            .unwrap_or_default();
        if values::is_extension_mobility(url) || name.eq_ignore_ascii_case("Extension Mobility") {
            continue;
        }
        let made = draft.service(&row.at, name, url).or_else(|| {
            let name = values::object_name(name)?;
            draft.service_named(&name).then_some(name)
        });
        match made {
            Some(name) if services.iter().all(|known| known.name != name) => {
                services.push(subscription(name));
            }
            Some(_) => {}
            None => {
                let name: String = name.chars().take(64).collect();
                draft.note(
                    &row.at,
                    &format!("service {name:?}"),
                    "the files do not say its URL, or phones cannot take it",
                    "write it as [[service]], and name it in service = [..]",
                );
            }
        }
    }
    services
}
