//! `sccp.conf` of chan-sccp, as its public documentation describes it: an
//! Asterisk configuration file with a section for each device and each line.

mod device;
mod ini;

use std::collections::BTreeMap;

use self::ini::{File, Section};
use super::draft::{Draft, PoolWish};
use super::source::Source;
use super::values;
use crate::site::check::is_date_template;

/// A line of the PBX, as far as a phone shows it.
#[derive(Clone, Default)]
struct PbxLine {
    label: Option<String>,
    display_name: Option<String>,
    calls: Option<u8>,
}

/// Settings of lines that belong to the PBX.
const OF_PBX: [&str; 12] = [
    "context",
    "mailbox",
    "vmnum",
    "callgroup",
    "pickupgroup",
    "namedcallgroup",
    "namedpickupgroup",
    "accountcode",
    "amaflags",
    "regexten",
    "setvar",
    "musicclass",
];

/// Reads the files.
pub(super) fn read(sources: &[&Source], draft: &mut Draft<'_>) {
    let names = sources.iter().map(|source| source.name.clone());
    let mut file = File::of(names.collect());
    for source in sources.iter().filter(|source| source.bytes.is_some()) {
        let text = source.text();
        file.read(&text, &source.place(), draft);
    }
    let pool = general(&file, draft);
    let lines = lines(&file, draft);
    for section in file.sections().filter(|section| is_device(section)) {
        device::read(section, &lines, &pool, draft);
    }
}

/// A device by its type or, where none is said, by its name.
fn is_device(section: &Section) -> bool {
    if let Some(kind) = section.get("type") {
        return kind.value.eq_ignore_ascii_case("device");
    }
    let head = section.name.get(..3).unwrap_or_default();
    ["SEP", "ATA", "VGC"]
        .iter()
        .any(|known| head.eq_ignore_ascii_case(known))
}

fn is_line(section: &Section) -> bool {
    match section.get("type") {
        Some(kind) => kind.value.eq_ignore_ascii_case("line"),
        None => section.name != "general" && !is_device(section),
    }
}

fn general(file: &File, draft: &mut Draft<'_>) -> PoolWish {
    let mut pool = PoolWish::default();
    for section in file.sections().filter(|section| section.name == "general") {
        for entry in &section.entries {
            let at = section.place.line(entry.line);
            match entry.key.as_str() {
                "dateformat" => {
                    if is_date_template(&entry.value) {
                        pool.date_template = Some(entry.value.clone());
                    } else {
                        draft.note(
                            &at,
                            "dateformat",
                            "it is none of D, M and Y with one separator",
                            "write date_template into the [[device_pool]]",
                        );
                    }
                }
                "port" if entry.value != "2000" => draft.note(
                    &at,
                    "port",
                    "the port is no part of a site file",
                    "write [listen] sccp = PORT into embody.toml",
                ),
                "deny" | "permit" => draft.note(
                    &at,
                    "deny and permit",
                    "who may reach the ports is the firewall's matter",
                    "set the same in the firewall",
                ),
                "hotline_enabled" if is_yes(&entry.value) => draft.note(
                    &at,
                    "hotline_enabled",
                    "phones that are not configured do not register",
                    "write a [[phone]] for each",
                ),
                _ => {}
            }
        }
    }
    pool
}

fn lines(file: &File, draft: &mut Draft<'_>) -> BTreeMap<String, PbxLine> {
    let mut lines = BTreeMap::new();
    for section in file.sections().filter(|section| is_line(section)) {
        let text = |key: &str| {
            section
                .get(key)
                .and_then(|entry| values::text(&entry.value))
        };
        let line = PbxLine {
            label: text("label"),
            display_name: text("cid_name"),
            calls: section
                .get("incominglimit")
                .and_then(|entry| values::small(&entry.value)),
        };
        pbx_settings(section, draft);
        lines.insert(section.name.clone(), line);
    }
    lines
}

fn pbx_settings(section: &Section, draft: &mut Draft<'_>) {
    let at = |line: usize| section.place.line(line);
    if let Some(pin) = section.get("pin") {
        draft.note(
            &at(pin.line),
            "PINs of lines",
            "they are for the PBX's own features, and nobody signs in with them",
            "make a [[user]] with a pin for everybody who shall sign in",
        );
    }
    if let Some(entry) = section
        .entries
        .iter()
        .find(|entry| OF_PBX.contains(&entry.key.as_str()))
    {
        draft.note(
            &at(entry.line),
            "context, mailbox, groups and the like of lines",
            "they are the PBX's, and Embody sets up no calls",
            "keep them in the PBX that sets up the calls",
        );
    }
}

fn is_yes(text: &str) -> bool {
    ["yes", "on", "true", "1"].contains(&text.to_ascii_lowercase().as_str())
}
