//! A row by the names of its columns.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use crate::site::import::draft::Draft;
use crate::site::import::report::Place;

/// The highest number of a numbered column that is looked at.
const LAST: usize = 200;

/// Columns by their names: upper case, single blanks.
pub(super) struct Columns {
    by_name: BTreeMap<String, usize>,
    names: Vec<String>,
    /// The highest number of each numbered column, by its name without it.
    highest: BTreeMap<String, usize>,
    /// Which were looked at.
    read: Vec<Cell<bool>>,
}

impl Columns {
    pub(super) fn of(header: &[String]) -> Self {
        let mut by_name = BTreeMap::new();
        let mut highest: BTreeMap<String, usize> = BTreeMap::new();
        let names: Vec<String> = header.iter().map(|name| normal(name)).collect();
        for (at, name) in names.iter().enumerate() {
            by_name.entry(name.clone()).or_insert(at);
            if let Some((name, number)) = numbered(name).filter(|(_, number)| *number <= LAST) {
                let highest = highest.entry(name.to_owned()).or_default();
                *highest = number.max(*highest);
            }
        }
        let read = vec![Cell::new(false); names.len()];
        Self {
            by_name,
            names,
            highest,
            read,
        }
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

/// The name and the number of a numbered column.
fn numbered(column: &str) -> Option<(&str, usize)> {
    let (name, number) = column.rsplit_once(' ')?;
    Some((name, number.parse().ok()?))
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
        let columns = names.iter().filter_map(|name| {
            let at = self.columns.by_name.get(*name)?;
            self.columns.read.get(*at)?.set(true);
            let value = self.fields.get(*at)?.trim();
            let none = ["", "NULL", "null", "< None >", "<None>", "None"].contains(&value);
            (!none).then_some(value)
        });
        // All of them are looked at: the others say the same in other words.
        columns.fold(None, |first, value| first.or(Some(value)))
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
        let highest = names
            .iter()
            .filter_map(|name| self.columns.highest.get(*name).copied());
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
const OTHERS: [(&str, &str); 20] = [
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
];

/// Columns about what a site file has a place for: how they begin, what they
/// are about, why it is not carried over, and what to do.
const BY_HAND: [(&str, &str, &str, &str); 3] = [
    (
        "MLPP",
        "precedence and preemption",
        "these columns are not read",
        "write mlpp = { .. } into the [[phone]], the [[profile]] or the [[device_pool]]",
    ),
    (
        "XML",
        "product specific settings",
        "the files pack them into one column, which is not read",
        "write vendor_config = { NAME = \"VALUE\" } into the [[phone]] or the [[device_pool]] for \
         those that you need",
    ),
    (
        "PHONE BUTTON TEMPLATE",
        "phone button templates",
        "the files name them, and do not say what is on which key",
        "write a [[phone_button_template]] where lines and speed dials alternate",
    ),
];

/// The most characters of the names of columns in one note.
const LONGEST_LIST: usize = 200;
/// The most such notes.
const MOST_LISTS: usize = 20;

/// Which columns are filled, and where first.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<usize, Place>);

impl Seen {
    pub(super) fn note(&mut self, row: &Row<'_>) {
        for (at, field) in row.fields.iter().enumerate() {
            let blank = [
                "", "f", "0", "NULL", "Default", "< None >", "None", "Off", "No",
            ];
            if !blank.contains(&field.trim()) && !self.0.contains_key(&at) {
                self.0.insert(at, row.at.clone());
            }
        }
    }

    /// Notes those that nothing was made of.
    pub(super) fn tell(self, columns: &Columns, place: &Place, draft: &mut Draft<'_>) {
        let mut others: BTreeMap<&str, Place> = BTreeMap::new();
        let mut by_hand: BTreeMap<(&str, &str, &str), Place> = BTreeMap::new();
        let mut unknown: BTreeSet<&str> = BTreeSet::new();
        for (at, place) in self.0 {
            let read = columns.read.get(at).is_some_and(Cell::get);
            let Some(name) = columns.names.get(at).filter(|_| !read) else {
                continue;
            };
            let begins = |head: &str| name.starts_with(head);
            if let Some((_, about)) = OTHERS.iter().find(|(head, _)| begins(head)) {
                others.entry(about).or_insert(place);
            } else if let Some((_, about, why, remedy)) = BY_HAND.iter().find(|it| begins(it.0)) {
                by_hand.entry((about, why, remedy)).or_insert(place);
            } else {
                unknown.insert(numbered(name).map_or(name.as_str(), |(name, _)| name));
            }
        }
        for (about, at) in others {
            draft.note(
                &at,
                about,
                "a site file has nothing of the kind",
                "keep it in the system that sets up the calls",
            );
        }
        for ((about, why, remedy), at) in by_hand {
            draft.note(&at, about, why, remedy);
        }
        for names in lists(unknown).iter().take(MOST_LISTS) {
            draft.note(
                place,
                &format!("columns {names}"),
                "they are filled, and nothing is made of them",
                "nothing, unless somebody misses what they say",
            );
        }
    }
}

/// Names with commas, in as many lists as notes hold.
fn lists(names: BTreeSet<&str>) -> Vec<String> {
    let mut lists: Vec<String> = Vec::new();
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        let name: String = name.chars().take(60).collect();
        match lists.last_mut() {
            Some(list) if list.len() + name.len() < LONGEST_LIST => {
                list.push_str(", ");
                list.push_str(&name);
            }
            _ => lists.push(name),
        }
    }
    lists
}
