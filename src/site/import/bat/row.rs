//! A row by the names of its columns.

use std::collections::{BTreeMap, BTreeSet};

use crate::site::import::draft::Draft;
use crate::site::import::report::Place;

/// The highest number of a numbered column that is looked at.
const LAST: usize = 200;

/// Columns by their names: upper case, single blanks.
pub(super) struct Columns {
    by_name: BTreeMap<String, usize>,
    names: Vec<String>,
}

impl Columns {
    pub(super) fn of(header: &[String]) -> Self {
        let mut by_name = BTreeMap::new();
        let names: Vec<String> = header.iter().map(|name| normal(name)).collect();
        for (at, name) in names.iter().enumerate() {
            by_name.entry(name.clone()).or_insert(at);
        }
        Self { by_name, names }
    }

    /// Whether there is one of these.
    pub(super) fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.by_name.contains_key(*name))
    }
}

/// `Directory Number  1` and `DIRECTORY NUMBER 1` are one name; `(PHONE IDLE)`
/// behind it is a part of it.
fn normal(name: &str) -> String {
    let upper = name.to_uppercase();
    let words: Vec<&str> = upper.split_whitespace().take(16).collect();
    words.join(" ")
}

/// A row.
pub(super) struct Row<'a> {
    columns: &'a Columns,
    fields: &'a [String],
    pub(super) at: Place,
}

impl<'a> Row<'a> {
    pub(super) fn new(columns: &'a Columns, fields: &'a [String], at: Place) -> Self {
        Self {
            columns,
            fields,
            at,
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }

    /// The first of these columns that is filled.
    pub(super) fn get(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| {
            let at = self.columns.by_name.get(*name)?;
            let value = self.fields.get(*at)?.trim();
            let none = ["", "NULL", "null", "< None >", "<None>", "None"].contains(&value);
            (!none).then_some(value)
        })
    }

    /// The first of these columns with this number; number 1 also without it.
    pub(super) fn numbered(&self, names: &[&str], number: usize) -> Option<&'a str> {
        let numbered: Vec<String> = names
            .iter()
            .map(|name| format!("{name} {number}"))
            .collect();
        let numbered: Vec<&str> = numbered.iter().map(String::as_str).collect();
        self.get(&numbered)
            .or_else(|| self.get(names).filter(|_| number == 1))
    }

    /// The numbers up to the highest that one of these columns has.
    pub(super) fn numbers(&self, names: &[&str]) -> std::ops::RangeInclusive<usize> {
        let highest = self.columns.names.iter().filter_map(|column| {
            let (name, number) = column.rsplit_once(' ')?;
            let number: usize = number.parse().ok()?;
            (names.contains(&name) && number <= LAST).then_some(number)
        });
        1..=highest.max().unwrap_or(1)
    }

    /// Whether a field says yes: exports write `t` and `f`.
    pub(super) fn is_yes(&self, names: &[&str]) -> bool {
        let yes = |value: &str| {
            ["t", "true", "y", "yes", "1", "on"].contains(&value.to_lowercase().as_str())
        };
        self.get(names).is_some_and(yes)
    }
}

/// Columns about what the site file has no place for, by how they begin, and
/// what they are about.
const OTHERS: [(&str, &str); 22] = [
    ("FORWARD", "call forwarding"),
    ("CSS", "calling search spaces"),
    ("LINE CSS", "calling search spaces"),
    ("AAR", "automated alternate routing"),
    ("VOICE MAIL", "voice mail"),
    ("CALL PICKUP", "call pickup groups"),
    ("RECORDING", "recording"),
    ("LOCATION", "locations and regions"),
    ("MEDIA RESOURCE", "media resources"),
    ("NETWORK HOLD", "music on hold"),
    ("HOLD REVERSION", "hold reversion"),
    ("DEVICE SECURITY", "security profiles"),
    ("SIP PROFILE", "SIP profiles"),
    ("COMMON PHONE PROFILE", "common phone profiles"),
    ("COMMON DEVICE CONFIG", "common device configurations"),
    ("PRESENCE", "presence groups"),
    ("DEVICE PRESENCE", "presence groups"),
    ("INTERCOM", "intercom lines"),
    ("ACCESS CONTROL GROUP", "access control groups"),
    ("USER GROUP", "access control groups"),
    ("MLPP", "precedence and preemption"),
    ("XML", "product specific settings"),
];

/// Which columns that are not carried over are filled, and where first.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<&'static str, Place>, BTreeSet<usize>);

impl Seen {
    pub(super) fn note(&mut self, row: &Row<'_>) {
        for (at, field) in row.fields.iter().enumerate() {
            let blank = ["", "f", "0", "NULL", "Default", "< None >"].contains(&field.trim());
            if blank || !self.1.insert(at) {
                continue;
            }
            let Some(name) = row.columns.names.get(at) else {
                continue;
            };
            let about = OTHERS.iter().find(|(head, _)| name.starts_with(head));
            if let Some((_, about)) = about {
                self.0.entry(about).or_insert_with(|| row.at.clone());
            }
        }
    }

    pub(super) fn tell(self, columns: &Columns, place: &Place, draft: &mut Draft<'_>) {
        for (about, at) in self.0 {
            draft.note(
                &at,
                about,
                "a site file has nothing of the kind",
                "keep it in the system that sets up the calls",
            );
        }
        if columns.any(&["PHONE BUTTON TEMPLATE"]) {
            draft.note(
                place,
                "phone button templates",
                "the files name them, and do not say what is on which key",
                "write a [[phone_button_template]] where lines and speed dials alternate",
            );
        }
    }
}
