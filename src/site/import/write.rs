//! The site file as text, with the notes at its end.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::Format;
use super::report::Note;
use crate::model::{DevicePool, LogoutProfile, Parameters};
use crate::site::document::{Placed, SiteDocument, UserEntry, VERSION};
use crate::site::export::{inline, key, ordered, quoted};
use crate::site::normal::{Entry, fields};

/// Prints a document. The text holds PINs and passwords.
pub(super) fn write(format: Format, document: &SiteDocument, notes: &[Note]) -> String {
    let mut out = format!(
        "# Made by `embody import {format}`. It may hold PINs and passwords: keep it to yourself.\n\
         #\n\
         #   embody check --site FILE     what is wrong with it\n\
         #   embody apply FILE --dry-run  what would change\n"
    );
    if !notes.is_empty() {
        out.push_str("#\n# What was not carried over is told at the end.\n");
    }
    // Writing to a String cannot fail.
    let _ = writeln!(out, "\nversion = {VERSION}");
    parameters(&mut out, &document.parameters);
    objects(&mut out, &document.device_pools, |fields| {
        fields.retain(|_, value| !is_empty(value));
    });
    objects(&mut out, &document.phones, |fields| {
        without(
            fields,
            "logout_profile",
            LogoutProfile::USE_CURRENT_SETTINGS,
        );
        without(fields, "device_pool", DevicePool::DEFAULT);
    });
    objects(&mut out, &document.profiles, |_| {});
    objects(&mut out, &document.profile_defaults, |_| {});
    objects(&mut out, &document.button_templates, |_| {});
    for user in &document.users {
        self::user(&mut out, &user.value);
    }
    objects(&mut out, &document.services, |_| {});
    objects(&mut out, &document.directory_numbers, |_| {});
    if !notes.is_empty() {
        out.push_str("\n# --- Not carried over ");
        out.push_str(&"-".repeat(57));
        out.push_str("\n#\n");
        for note in notes {
            let _ = writeln!(out, "# {note}");
        }
    }
    out
}

/// Those that are not at their defaults.
fn parameters(out: &mut String, parameters: &Parameters) {
    let usual = fields(&Parameters::default());
    let mut differ = fields(parameters);
    differ.retain(|name, value| usual.get(name) != Some(value));
    if !differ.is_empty() {
        out.push_str("\n[parameters]\n");
        lines(out, &differ);
    }
}

fn objects<T: Entry>(
    out: &mut String,
    entries: &[Placed<T>],
    bare: impl Fn(&mut Map<String, Value>),
) {
    for entry in entries {
        let _ = writeln!(out, "\n[[{}]]", T::KIND.table());
        let mut fields = fields(&entry.value);
        bare(&mut fields);
        lines(out, &fields);
    }
}

/// A user with his first PIN and password, which a stored site has not.
fn user(out: &mut String, user: &UserEntry) {
    out.push_str("\n[[user]]\n");
    let mut fields = fields(user);
    fields.remove("id");
    let _ = writeln!(out, "id = {}", quoted(user.id.as_str()));
    if let Some(pin) = &user.pin {
        let _ = writeln!(out, "pin = {}", quoted(pin.expose()));
    }
    if let Some(password) = &user.password {
        let _ = writeln!(out, "password = {}", quoted(password.expose()));
    }
    lines(out, &fields);
}

/// One field a line; a list of several objects one object a line.
fn lines(out: &mut String, fields: &Map<String, Value>) {
    for (field, value) in ordered(fields) {
        let _ = match value {
            Value::Array(items) if items.len() > 1 && items.iter().all(Value::is_object) => {
                let _ = writeln!(out, "{} = [", key(field));
                for item in items {
                    let _ = writeln!(out, "    {},", inline(item));
                }
                writeln!(out, "]")
            }
            value => writeln!(out, "{} = {}", key(field), inline(value)),
        };
    }
}

fn without(fields: &mut Map<String, Value>, field: &str, usual: &str) {
    if fields.get(field).and_then(Value::as_str) == Some(usual) {
        fields.remove(field);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
