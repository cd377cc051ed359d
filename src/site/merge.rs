//! The three-way merge between what was applied last (*base*), the *file*, and
//! what is *stored* now. Pure.
//!
//! An object:
//!
//! | base | file | stored | comes to | with `force` |
//! |------|------|--------|----------|--------------|
//! | no   | yes  | no     | added | added |
//! | yes  | yes  | no     | deleted elsewhere: stays away, listed | added again |
//! | any  | yes  | yes    | field by field, below | the file's fields |
//! | yes  | no   | as base | deleted with `prune`, else listed as *would delete* | same |
//! | yes  | no   | differs | changed elsewhere: kept, listed | deleted with `prune` |
//! | no   | no   | yes    | made elsewhere: kept, listed | deleted with `prune` |
//!
//! A field (an object that is not in the base has no base value; a field that
//! is absent is a value like any other):
//!
//! | file and stored | stored and base | comes to | with `force` |
//! |-----------------|-----------------|----------|--------------|
//! | same            | any             | kept | kept |
//! | differ          | same            | the file's | the file's |
//! | differ          | differ          | changed elsewhere: kept, listed | the file's |
//! | differ          | no base         | made elsewhere: kept, listed | the file's |
//!
//! A PIN or password is an initial value: the file's is written when it
//! differs from the base's, and never else, not even with `force`; that a user
//! changed his own is no drift. On an object without a base it is treated as
//! any other field.
//!
//! The new base is the file, and beside it what left the file but not yet the
//! site, so that a later `prune` still knows where it came from.

use serde::Serialize;
use serde_json::Value;

use super::normal::{Fields, Kind, Normal, is_credential};

/// Something that was changed elsewhere, and was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The kind of object.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What is different, without secrets.
    pub what: String,
}

/// What becomes of an object.
#[derive(Clone, PartialEq)]
pub(super) enum Fate {
    /// It is new.
    Add(Fields),
    /// It gets these fields.
    Change {
        /// All its fields afterwards.
        fields: Fields,
        /// What changed, in words without secrets.
        what: Vec<String>,
    },
    /// It goes.
    Delete,
}

/// What a merge came to.
pub(super) struct Merged {
    /// What becomes of which object; those that stay as they are not listed.
    pub(super) fates: Vec<(Kind, String, Fate)>,
    /// What was changed elsewhere, and is kept.
    pub(super) drift: Vec<Drift>,
    /// What `prune` would delete.
    pub(super) would_delete: Vec<(Kind, String)>,
    /// The base of the next merge.
    pub(super) base: Normal,
}

/// Merges.
pub(super) fn merge(
    base: &Normal,
    file: &Normal,
    stored: &Normal,
    prune: bool,
    force: bool,
) -> Merged {
    let mut merged = Merged {
        fates: Vec::new(),
        drift: Vec::new(),
        would_delete: Vec::new(),
        base: Normal::empty(),
    };
    for (kind, name, wanted) in file.iter() {
        merged.base.put(kind, name, wanted.clone());
        let object = Object {
            kind,
            name,
            base: base.get(kind, name),
        };
        match stored.get(kind, name) {
            None => merged.add(&object, wanted, force),
            Some(present) => merged.change(&object, wanted, present, force),
        }
    }
    for (kind, name, present) in stored.iter() {
        if file.get(kind, name).is_none() {
            let object = Object {
                kind,
                name,
                base: base.get(kind, name),
            };
            merged.remove(&object, present, prune, force);
        }
    }
    merged
}

struct Object<'a> {
    kind: Kind,
    name: &'a str,
    base: Option<&'a Fields>,
}

impl Merged {
    fn add(&mut self, object: &Object<'_>, wanted: &Fields, force: bool) {
        if object.base.is_some() && !force {
            self.drifted(object, "deleted elsewhere".to_owned());
        } else {
            self.fate(object, Fate::Add(wanted.clone()));
        }
    }

    fn change(&mut self, object: &Object<'_>, wanted: &Fields, present: &Fields, force: bool) {
        let mut fields = present.clone();
        let mut what = Vec::new();
        let mut names: Vec<&String> = wanted.keys().chain(present.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let (wanted, present) = (wanted.get(name), present.get(name));
            match field(name, object.base, wanted, present, force) {
                Verdict::Keep => {}
                Verdict::Drift => self.drifted(object, drift_in_words(name, present, wanted)),
                Verdict::Write => {
                    what.push(change_in_words(name, present, wanted));
                    match wanted {
                        Some(value) => fields.insert(name.clone(), value.clone()),
                        None => fields.remove(name),
                    };
                }
            }
        }
        if !what.is_empty() {
            self.fate(object, Fate::Change { fields, what });
        }
    }

    fn remove(&mut self, object: &Object<'_>, present: &Fields, prune: bool, force: bool) {
        let untouched = object
            .base
            .is_some_and(|base| same_but_credentials(base, present));
        if prune && (untouched || force) {
            self.fate(object, Fate::Delete);
            return;
        }
        if untouched {
            self.would_delete
                .push((object.kind, object.name.to_owned()));
        } else {
            let how = if object.base.is_some() {
                "changed elsewhere; not in the file any more"
            } else {
                "made elsewhere; not in the file"
            };
            self.drifted(object, how.to_owned());
        }
        if let Some(base) = object.base {
            self.base.put(object.kind, object.name, base.clone());
        }
    }

    fn fate(&mut self, object: &Object<'_>, fate: Fate) {
        self.fates.push((object.kind, object.name.to_owned(), fate));
    }

    fn drifted(&mut self, object: &Object<'_>, what: String) {
        self.drift.push(Drift {
            kind: object.kind,
            name: object.name.to_owned(),
            what,
        });
    }
}

enum Verdict {
    Keep,
    Write,
    Drift,
}

fn field(
    name: &str,
    base: Option<&Fields>,
    wanted: Option<&Value>,
    present: Option<&Value>,
    force: bool,
) -> Verdict {
    if wanted == present {
        return Verdict::Keep;
    }
    if is_credential(name) {
        return match (wanted, base) {
            (None, _) => Verdict::Keep,
            (Some(_), Some(base)) if base.get(name) == wanted => Verdict::Keep,
            (Some(_), Some(_)) => Verdict::Write,
            (Some(_), None) if force => Verdict::Write,
            (Some(_), None) => Verdict::Drift,
        };
    }
    let untouched = base.is_some_and(|base| base.get(name) == present);
    if force || untouched {
        Verdict::Write
    } else {
        Verdict::Drift
    }
}

fn same_but_credentials(a: &Fields, b: &Fields) -> bool {
    let rest = |fields: &Fields| {
        let mut fields = fields.clone();
        fields.retain(|name, _| !is_credential(name));
        fields
    };
    rest(a) == rest(b)
}

fn change_in_words(field: &str, from: Option<&Value>, to: Option<&Value>) -> String {
    let label = label(field);
    if is_credential(field) {
        return format!("{label} changed");
    }
    match (short(from), short(to)) {
        (from, to) if from == to => format!("{label} changed"),
        (from, to) => format!("{label} {from} -> {to}"),
    }
}

fn drift_in_words(field: &str, here: Option<&Value>, file: Option<&Value>) -> String {
    let label = label(field);
    if is_credential(field) {
        return format!("{label} differs from the file");
    }
    match (short(here), short(file)) {
        (here, file) if here == file => format!("{label} differs from the file"),
        (here, file) => format!("{label} is {here}, in the file {file}"),
    }
}

/// A field as it is written in the file.
fn label(field: &str) -> &str {
    field.strip_suffix("_hash").unwrap_or(field)
}

/// A value in few characters.
fn short(value: Option<&Value>) -> String {
    match value {
        None => "not set".to_owned(),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(short_item).collect();
            format!("[{}]", items.join(", "))
        }
        Some(other) => short_item(other),
    }
}

fn short_item(value: &Value) -> String {
    match value {
        Value::Object(fields) => fields
            .get("number")
            .or_else(|| fields.get("name"))
            .and_then(Value::as_str)
            .unwrap_or("..")
            .to_owned(),
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}
