//! A device: its model, its add-on modules, its buttons.

use std::collections::BTreeMap;

use super::PbxLine;
use super::ini::{Entry, Section};
use crate::model::{Line, PhoneModel, Protocol, Ring, SpeedDial};
use crate::site::document::PhoneEntry;
use crate::site::import::draft::{Draft, PoolWish, bare_phone, subscription};
use crate::site::import::keys::{Keys, Wish};
use crate::site::import::{models, values};

/// Reads a device.
pub(super) fn read(
    section: &Section,
    lines: &BTreeMap<String, PbxLine>,
    pool: &PoolWish,
    draft: &mut Draft<'_>,
) {
    let place = section.place.line(section.line);
    let Some(device) = values::desk_phone(&section.name) else {
        draft.note(
            &place,
            &format!("device {}", section.name),
            "only names of SEP and a MAC address are phones here",
            "write it by hand if Embody serves such a device",
        );
        return;
    };
    if draft.is_twin(&place, &device) {
        return;
    }
    let value = |key: &str| section.get(key).map(|entry| entry.value.as_str());
    let hints = models::Hints {
        name: value("devicetype"),
        load: value("imageversion"),
        protocol: Some(Protocol::Sccp),
        ..models::Hints::default()
    };
    let Some(model) = models::choose(draft, &place, &device, hints) else {
        return;
    };
    let mut phone = bare_phone(device.clone(), model.name.clone());
    phone.protocol = model
        .facts(Protocol::Sccp)
        .is_some()
        .then_some(Protocol::Sccp);
    phone.description = value("description")
        .and_then(values::text)
        .unwrap_or_default();
    if let Some(load) = section
        .get("imageversion")
        .filter(|load| !load.value.is_empty())
    {
        let at = section.place.line(load.line);
        phone.load = draft.load(&at, model, Some(Protocol::Sccp), &load.value);
    }
    modules(section, model, &mut phone, draft);
    let mut buttons = Buttons {
        section,
        lines,
        keys: Keys::default(),
        phone,
    };
    buttons.read(draft);
    let Buttons {
        keys, mut phone, ..
    } = buttons;
    let room = usize::from(model.keys)
        + usize::from(draft.catalogue.module_keys(&phone.expansion_modules));
    let who = format!("phone {device}");
    let settled = keys.settle(draft, &place, &who, Some((model, room)));
    phone.line = settled.lines;
    phone.speed_dial = settled.dials;
    phone.phone_button_template = settled.template;
    not_carried(section, draft);
    draft.phone(place, phone, pool.clone());
}

fn modules(section: &Section, model: &PhoneModel, phone: &mut PhoneEntry, draft: &mut Draft<'_>) {
    for entry in section.all(&["addon"]) {
        for given in entry
            .value
            .split(',')
            .map(str::trim)
            .filter(|given| !given.is_empty())
        {
            match models::module(draft.catalogue, model, given) {
                Some(module)
                    if phone.expansion_modules.len() < usize::from(model.maximum_modules) =>
                {
                    phone.expansion_modules.push(module);
                }
                _ => {
                    let given: String = given.chars().take(32).collect();
                    draft.note(
                        &section.place.line(entry.line),
                        &format!("add-on module {given:?}"),
                        &format!("a {} takes no such one, or no further one", model.name),
                        "look at the phone",
                    );
                }
            }
        }
    }
}

struct Buttons<'a> {
    section: &'a Section,
    lines: &'a BTreeMap<String, PbxLine>,
    keys: Keys,
    phone: PhoneEntry,
}

impl Buttons<'_> {
    /// `button =` of today, and `autologin =`, `line =` and `speeddial =` of
    /// older versions, in their order.
    fn read(&mut self, draft: &mut Draft<'_>) {
        let section = self.section;
        for entry in section.all(&["button", "autologin", "line", "speeddial"]) {
            match entry.key.as_str() {
                "button" => self.button(entry, draft),
                "speeddial" => {
                    let mut parts = parts(&entry.value).into_iter();
                    let number = parts.next().unwrap_or_default();
                    let label = parts.next().unwrap_or_default();
                    let hint = parts.next().unwrap_or_default();
                    self.dial(entry, &label, &number, &hint, draft);
                }
                _ => {
                    for name in entry.value.split(',').map(str::trim) {
                        self.line(entry, name, &[], draft);
                    }
                }
            }
        }
    }

    fn button(&mut self, entry: &Entry, draft: &mut Draft<'_>) {
        let parts = parts(&entry.value);
        let part = |at: usize| parts.get(at).map(String::as_str).unwrap_or_default();
        match part(0).to_ascii_lowercase().as_str() {
            "line" => self.line(entry, part(1), parts.get(2..).unwrap_or_default(), draft),
            "speeddial" => self.dial(entry, part(1), part(2), part(3), draft),
            "service" => self.service(entry, part(1), part(2), draft),
            "empty" | "" => self.push(entry, Wish::Free, draft),
            "feature" => {
                let what: String = part(2).chars().take(32).collect();
                draft.note(
                    &self.section.place.line(entry.line),
                    &format!("feature key {what:?}"),
                    "keys are lines and speed dials here",
                    "nothing: most such features are soft keys too",
                );
                self.push(entry, Wish::Free, draft);
            }
            _ => {
                draft.note(
                    &self.section.place.line(entry.line),
                    "a button",
                    "its kind is not known",
                    "look at it",
                );
                self.push(entry, Wish::Free, draft);
            }
        }
    }

    /// `1001`, `1001@01:Shared`, with `default` and `silent` behind it.
    fn line(&mut self, entry: &Entry, given: &str, options: &[String], draft: &mut Draft<'_>) {
        let at = self.section.place.line(entry.line);
        let (name, subscription) = given.split_once(['@', '!', ':']).unwrap_or((given, ""));
        let name = name.trim();
        if name.is_empty() || name.eq_ignore_ascii_case("empty") {
            return self.push(entry, Wish::Free, draft);
        }
        let Some(number) = values::number(name) else {
            draft.note(
                &at,
                "a line without a number",
                "a number has digits, *, #, + and A to D, at most 24",
                "give the line a number, and write it by hand",
            );
            return self.push(entry, Wish::Free, draft);
        };
        if !subscription.is_empty() {
            draft.note(
                &at,
                "what stands behind the @ of a line",
                "a shared line is the same on all phones here",
                "give the line a label on this phone if it shall show another",
            );
        }
        let known = self.lines.get(name).cloned();
        if known.is_none() {
            draft.note(
                &at,
                &format!("line {name}"),
                "no section says more about it; it has its number as its label",
                "import the file that has the section together with this one",
            );
        }
        let known = known.unwrap_or_default();
        let silent = options
            .iter()
            .any(|option| option.eq_ignore_ascii_case("silent"));
        let line = Line {
            label: known.label.filter(|label| label != number.as_str()),
            display_name: known.display_name.filter(|name| name != number.as_str()),
            ring: if silent { Ring::Silent } else { Ring::Normal },
            maximum_calls: known.calls,
            ..Line::new(number)
        };
        self.push(entry, Wish::Line(Box::new(line)), draft);
    }

    fn dial(
        &mut self,
        entry: &Entry,
        label: &str,
        number: &str,
        hint: &str,
        draft: &mut Draft<'_>,
    ) {
        let Some(number) = values::number(number) else {
            draft.note(
                &self.section.place.line(entry.line),
                "a speed dial without a number",
                "a number has digits, *, #, + and A to D, at most 24",
                "write it with a number that reaches the same",
            );
            return self.push(entry, Wish::Free, draft);
        };
        let dial = SpeedDial {
            label: values::label(label, &number),
            blf: !hint.trim().is_empty(),
            ..SpeedDial::new(number)
        };
        self.push(entry, Wish::Dial(dial), draft);
    }

    fn service(&mut self, entry: &Entry, name: &str, url: &str, draft: &mut Draft<'_>) {
        let at = self.section.place.line(entry.line);
        let (what, why, remedy) = match draft.service(&at, name, url) {
            Some(name) => {
                if self.phone.service.iter().all(|known| known.name != name) {
                    self.phone.service.push(subscription(name));
                }
                (
                    "a key that opens a service",
                    "there are no such keys; the service is behind the Services key",
                    "nothing",
                )
            }
            None => (
                "a service",
                "its URL is none that phones take: http, no blanks, at most 256 characters",
                "write it as [[service]] by hand",
            ),
        };
        draft.note(&at, what, why, remedy);
        self.push(entry, Wish::Free, draft);
    }

    fn push(&mut self, entry: &Entry, wish: Wish, draft: &mut Draft<'_>) {
        if !self.keys.push(entry.line, wish) {
            draft.note(
                &self.section.place.line(entry.line),
                "a button",
                "no phone has that many keys",
                "nothing",
            );
        }
    }
}

/// The parts of a button: separated by commas, without quotes and blanks.
fn parts(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in value.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted && parts.len() < 16 => parts.push(String::new()),
            c => {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// Keys of a device that are read, and those that say how the PBX talks with
/// it, as Embody does in its own way.
const READ: [&str; 20] = [
    "type",
    "devicetype",
    "imageversion",
    "description",
    "addon",
    "button",
    "autologin",
    "line",
    "speeddial",
    "tzoffset",
    "softkeyset",
    "backgroundimage",
    "ringtone",
    "keepalive",
    "nat",
    "externip",
    "deny",
    "permit",
    "permithost",
    "trustphoneip",
];

/// The name of a key as a note may repeat it: a word, and no more.
fn plain(key: &str) -> String {
    let word = key.split_whitespace().next().unwrap_or_default();
    let clean = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let word: String = word.chars().filter(clean).take(32).collect();
    if word.is_empty() {
        "a key".to_owned()
    } else {
        word
    }
}

fn not_carried(section: &Section, draft: &mut Draft<'_>) {
    let others = section
        .entries
        .iter()
        .filter(|entry| !entry.value.is_empty() && !READ.contains(&entry.key.as_str()));
    for entry in others {
        draft.note(
            &section.place.line(entry.line),
            &format!("{} of devices", plain(&entry.key)),
            "a site file has nothing of the kind",
            "nothing, unless somebody misses it",
        );
    }
    for (key, why, remedy) in [
        (
            "tzoffset",
            "phones have the time of their device pool's zone",
            "make a [[device_pool]] with that time_zone for phones elsewhere",
        ),
        (
            "softkeyset",
            "sets of soft keys are no part of a site file",
            "write softkey_template, and put its file into the folder of static files",
        ),
        (
            "backgroundimage",
            "wallpapers are no part of a site file",
            "put them into the folder of static files",
        ),
        (
            "ringtone",
            "rings are no part of a site file",
            "put them into the folder of static files",
        ),
    ] {
        if let Some(entry) = section.get(key).filter(|entry| !entry.value.is_empty()) {
            let place = section.place.line(entry.line);
            draft.note(&place, key, why, remedy);
        }
    }
}
