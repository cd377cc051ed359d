//! The stored site as a site file: the same site, the same text. Applied
//! again, it changes nothing.
//!
//! PINs and passwords are printed as their hashes; what phones showed of
//! themselves and the digest secrets are no configuration and are left out.

use std::fmt::Write as _;

use serde_json::Value;

use super::document::VERSION;
use super::normal::{Kind, Normal};
use crate::model::World;

/// Fields that come first, in this order; the others follow by name.
const FIRST: [&str; 21] = [
    "name",
    "id",
    "number",
    "model",
    "label",
    "url",
    "alias",
    "protocol",
    "extension_mobility",
    "logout_profile",
    "device_pool",
    "description",
    "first_name",
    "last_name",
    "pin_hash",
    "password_hash",
    "profiles",
    "locale",
    "line",
    "speed_dial",
    "service",
];

/// Prints the stored site. The text holds hashes of PINs and passwords.
pub fn export(world: &World) -> String {
    let mut out = String::from("# The site as stored.\n");
    // Writing to a String cannot fail.
    let _ = writeln!(out, "version = {VERSION}");
    for (kind, _, fields) in Normal::of_world(world).iter() {
        let table = kind.table();
        let _ = match kind {
            Kind::Parameters => writeln!(out, "\n[{table}]"),
            _ => writeln!(out, "\n[[{table}]]"),
        };
        out.push_str(&lines(fields));
    }
    out
}

/// The fields of an object, one a line.
pub(super) fn lines(fields: &serde_json::Map<String, Value>) -> String {
    let mut out = String::new();
    for (field, value) in ordered(fields) {
        let _ = writeln!(out, "{} = {}", key(field), inline(value));
    }
    out
}

/// The fields as they are printed: the known first, the others by name.
pub(super) fn ordered(fields: &serde_json::Map<String, Value>) -> Vec<(&String, &Value)> {
    let rank = |field: &str| {
        let first = FIRST.iter().position(|known| *known == field);
        first.unwrap_or(FIRST.len())
    };
    let mut ordered: Vec<_> = fields.iter().collect();
    ordered.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    ordered
}

/// A value on one line.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let fields: Vec<String> = ordered(fields)
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(field, value)| format!("{} = {}", key(field), inline(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        // Numbers and booleans are written alike in JSON and TOML.
        other => other.to_string(),
    }
}

/// A key, quoted where it must be.
pub(super) fn key(field: &str) -> String {
    let bare = !field.is_empty()
        && field
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if bare {
        field.to_owned()
    } else {
        quoted(field)
    }
}

/// A basic string (TOML 1.0, section String).
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
