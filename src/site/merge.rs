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
//! A field that is a table of its own (`mlpp`, the triggers) is merged key by
//! key in the same way; a list is one value.
//!
//! A PIN or password is an initial value: the file's is written when it
//! differs from the base's, and never else, not even with `force`; that a user
//! changed his own is no drift. On an object without a base it is treated as
//! any other field. So is `pin_must_change`, which is written again with a PIN
//! that the file writes.
//!
//! The new base is the file, and beside it what left the file but not yet the
//! site, so that a later `prune` still knows where it came from.

use serde::Serialize;
use serde_json::Value;

use super::normal::{Fields, Kind, MUST_CHANGE, Normal, PIN, is_credential, is_initial};

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
        let new_pin = matches!(
            initial(PIN, object.base, wanted.get(PIN), present.get(PIN), force),
            Verdict::Write
        );
        for name in names(wanted, present) {
            let base = object
                .base
                .map_or(Base::NoObject, |base| Base::Field(base.get(name)));
            let (wanted, present) = (wanted.get(name), present.get(name));
            if is_initial(name) {
                let verdict = match initial(name, object.base, wanted, present, force) {
                    Verdict::Keep if name == MUST_CHANGE && new_pin && wanted != present => {
                        Verdict::Write
                    }
                    verdict => verdict,
                };
                self.settle(object, name, verdict, (wanted, present), &mut what);
                if matches!(verdict, Verdict::Write) {
                    put(&mut fields, name, wanted.cloned());
                }
            } else {
                let value = self.value(object, name, base, wanted, present, force, &mut what);
                put(&mut fields, name, value);
            }
        }
        if !what.is_empty() {
            self.fate(object, Fate::Change { fields, what });
        }
    }

    /// What a field comes to: the value of the file or the stored one; of a
    /// table, key by key.
    #[allow(clippy::too_many_arguments)]
    fn value(
        &mut self,
        object: &Object<'_>,
        name: &str,
        base: Base<'_>,
        wanted: Option<&Value>,
        present: Option<&Value>,
        force: bool,
        what: &mut Vec<String>,
    ) -> Option<Value> {
        if let (Some(Value::Object(wanted)), Some(Value::Object(present))) = (wanted, present) {
            let mut merged = present.clone();
            for key in names(wanted, present) {
                let base = base.key(key);
                let path = format!("{name}.{key}");
                let (wanted, present) = (wanted.get(key), present.get(key));
                let value = self.value(object, &path, base, wanted, present, force, what);
                put(&mut merged, key, value);
            }
            return Some(Value::Object(merged));
        }
        let verdict = field(base, wanted, present, force);
        self.settle(object, name, verdict, (wanted, present), what);
        match verdict {
            Verdict::Write => wanted.cloned(),
            Verdict::Keep | Verdict::Drift => present.cloned(),
        }
    }

    /// Tells what becomes of a field.
    fn settle(
        &mut self,
        object: &Object<'_>,
        name: &str,
        verdict: Verdict,
        (wanted, present): (Option<&Value>, Option<&Value>),
        what: &mut Vec<String>,
    ) {
        match verdict {
            Verdict::Keep => {}
            Verdict::Drift => self.drifted(object, drift_in_words(name, present, wanted)),
            Verdict::Write => what.push(change_in_words(name, present, wanted)),
        }
    }

    fn remove(&mut self, object: &Object<'_>, present: &Fields, prune: bool, force: bool) {
        let untouched = object
            .base
            .is_some_and(|base| same_but_initial(base, present));
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

/// What the base has of a field.
#[derive(Clone, Copy, PartialEq)]
enum Base<'a> {
    /// The whole object is not in it.
    NoObject,
    /// The field, or that it is absent.
    Field(Option<&'a Value>),
}

impl Base<'_> {
    /// What it has of a key of the field, which is a table.
    fn key(self, key: &str) -> Self {
        match self {
            Self::NoObject => Self::NoObject,
            Self::Field(table) => Self::Field(table.and_then(|table| table.get(key))),
        }
    }
}

#[derive(Clone, Copy)]
enum Verdict {
    Keep,
    Write,
    Drift,
}

/// The names of the fields of either, in order.
fn names<'a>(wanted: &'a Fields, present: &'a Fields) -> Vec<&'a String> {
    let mut names: Vec<&String> = wanted.keys().chain(present.keys()).collect();
    names.sort();
    names.dedup();
    names
}

fn put(fields: &mut Fields, name: &str, value: Option<Value>) {
    match value {
        Some(value) => fields.insert(name.to_owned(), value),
        None => fields.remove(name),
    };
}

fn field(base: Base<'_>, wanted: Option<&Value>, present: Option<&Value>, force: bool) -> Verdict {
    if wanted == present {
        Verdict::Keep
    } else if force || base == Base::Field(present) {
        Verdict::Write
    } else {
        Verdict::Drift
    }
}

fn initial(
    name: &str,
    base: Option<&Fields>,
    wanted: Option<&Value>,
    present: Option<&Value>,
    force: bool,
) -> Verdict {
    if wanted == present {
        return Verdict::Keep;
    }
    // A credential that is not in the file is left alone; a flag that left it
    // is off.
    let unsaid = wanted.is_none() && (is_credential(name) || base.is_none());
    match base {
        _ if unsaid => Verdict::Keep,
        Some(base) if base.get(name) == wanted => Verdict::Keep,
        Some(_) => Verdict::Write,
        None if force => Verdict::Write,
        None => Verdict::Drift,
    }
}

fn same_but_initial(a: &Fields, b: &Fields) -> bool {
    let rest = |fields: &Fields| {
        let mut fields = fields.clone();
        fields.retain(|name, _| !is_initial(name));
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
        (a, b) if a == b => inside(label, from, to).unwrap_or_else(|| format!("{label} changed")),
        (from, to) => format!("{label} {from} -> {to}"),
    }
}

/// What changes inside the items of a list that keeps its items, in order.
fn inside(label: &str, from: Option<&Value>, to: Option<&Value>) -> Option<String> {
    let (from, to) = (from?.as_array()?, to?.as_array()?);
    let mut words = Vec::new();
    for (from, to) in from.iter().zip(to) {
        let item = short_item(from);
        let (from, to) = (from.as_object()?, to.as_object()?);
        for key in names(to, from) {
            let (from, to) = (from.get(key), to.get(key));
            if from != to {
                let (a, b) = (short(from), short(to));
                words.push(if a == b {
                    format!("{label} {item} {key} changed")
                } else {
                    format!("{label} {item} {key} {a} -> {b}")
                });
            }
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
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
