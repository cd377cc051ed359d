//! The table of cases of the merge, row by row.

use serde_json::{Value, json};

use crate::site::merge::{Fate, Merged, merge};
use crate::site::normal::{Fields, Kind, Normal};

const KIND: Kind = Kind::Profile;

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no object"),
    }
}

/// A site with one object, or none.
fn site(object: Option<Value>) -> Normal {
    let mut normal = Normal::empty();
    if let Some(object) = object {
        normal.put(KIND, "x", fields(object));
    }
    normal
}

/// Merges one object in all four ways: plain, prune, force, both.
fn ways(base: Option<Value>, file: Option<Value>, stored: Option<Value>) -> [String; 4] {
    let (base, file, stored) = (site(base), site(file), site(stored));
    [(false, false), (true, false), (false, true), (true, true)]
        .map(|(prune, force)| told(&merge(&base, &file, &stored, prune, force)))
}

fn told(merged: &Merged) -> String {
    let mut told = Vec::new();
    for (_, _, fate) in &merged.fates {
        told.push(match fate {
            Fate::Add(_) => "add".to_owned(),
            Fate::Change { what, .. } => format!("change {}", what.join(", ")),
            Fate::Delete => "delete".to_owned(),
        });
    }
    told.extend(
        merged
            .drift
            .iter()
            .map(|drift| format!("drift {}", drift.what)),
    );
    told.extend(
        merged
            .would_delete
            .iter()
            .map(|_| "would delete".to_owned()),
    );
    told.join("; ")
}

// Optional, as every column of the table is.
#[allow(clippy::unnecessary_wraps)]
fn a(label: &str) -> Option<Value> {
    Some(json!({ "label": label }))
}

#[test]
fn objects() {
    // base, file, stored -> plain, prune, force, both
    assert_eq!(ways(None, a("1"), None), ["add"; 4]);
    let gone = "drift deleted elsewhere";
    assert_eq!(ways(a("1"), a("1"), None), [gone, gone, "add", "add"]);
    assert_eq!(ways(a("1"), a("2"), None), [gone, gone, "add", "add"]);
    assert_eq!(
        ways(a("1"), None, a("1")),
        ["would delete", "delete", "would delete", "delete"]
    );
    let changed = "drift changed elsewhere; not in the file any more";
    assert_eq!(
        ways(a("1"), None, a("2")),
        [changed, changed, changed, "delete"]
    );
    let made = "drift made elsewhere; not in the file";
    assert_eq!(ways(None, None, a("1")), [made, made, made, "delete"]);
    assert_eq!(ways(a("1"), None, None), [""; 4]);
}

#[test]
fn fields_one_by_one() {
    assert_eq!(ways(a("1"), a("1"), a("1")), [""; 4]);
    assert_eq!(ways(a("1"), a("2"), a("2")), [""; 4]);
    assert_eq!(ways(None, a("1"), a("1")), [""; 4]);
    let edited = "change label \"1\" -> \"2\"";
    assert_eq!(ways(a("1"), a("2"), a("1")), [edited; 4]);
    let drift = "drift label is \"3\", in the file \"1\"";
    let back = "change label \"3\" -> \"1\"";
    assert_eq!(ways(a("1"), a("1"), a("3")), [drift, drift, back, back]);
    let both = "drift label is \"3\", in the file \"2\"";
    let over = "change label \"3\" -> \"2\"";
    assert_eq!(ways(a("1"), a("2"), a("3")), [both, both, over, over]);
    assert_eq!(ways(None, a("2"), a("3")), [both, both, over, over]);
}

#[test]
fn a_field_that_left_the_file_or_came_elsewhere_is_a_value_like_any_other() {
    let with = || Some(json!({ "label": "1", "note": "n" }));
    assert_eq!(
        ways(with(), a("1"), with()),
        ["change note \"n\" -> not set"; 4]
    );
    let drift = "drift note is \"n\", in the file not set";
    let off = "change note \"n\" -> not set";
    assert_eq!(ways(a("1"), a("1"), with()), [drift, drift, off, off]);
}

#[test]
fn one_object_may_change_and_drift_at_once() {
    let base = Some(json!({ "label": "1", "note": "n" }));
    let file = Some(json!({ "label": "2", "note": "n" }));
    let stored = Some(json!({ "label": "1", "note": "m" }));
    assert_eq!(
        ways(base, file, stored)[0],
        "change label \"1\" -> \"2\"; drift note is \"m\", in the file \"n\""
    );
}

#[allow(clippy::unnecessary_wraps)]
fn pin(hash: &str) -> Option<Value> {
    Some(json!({ "pin_hash": hash }))
}

#[test]
fn a_pin_is_an_initial_value() {
    let written = "change pin changed";
    assert_eq!(
        ways(pin("A"), pin("A"), pin("C")),
        [""; 4],
        "the user's own stays, also with force"
    );
    assert_eq!(
        ways(pin("A"), pin("B"), pin("C")),
        [written; 4],
        "the file changed: it wins"
    );
    assert_eq!(
        ways(pin("A"), Some(json!({})), pin("A")),
        [""; 4],
        "taking it out of the file takes nothing away"
    );
    assert_eq!(ways(Some(json!({})), pin("B"), pin("C")), [written; 4]);
    let drift = "drift pin differs from the file";
    assert_eq!(
        ways(None, pin("B"), pin("C")),
        [drift, drift, written, written]
    );
    assert_eq!(
        ways(pin("A"), None, pin("C"))[1],
        "delete",
        "a changed PIN does not keep a user from being pruned"
    );
}

#[test]
fn what_left_the_file_stays_known_until_it_left_the_site() {
    let (base, file, stored) = (site(a("1")), site(None), site(a("1")));
    let first = merge(&base, &file, &stored, false, false);
    assert_eq!(told(&first), "would delete");
    let then = merge(&first.base, &file, &stored, true, false);
    assert_eq!(told(&then), "delete");
    let after = merge(&then.base, &file, &site(None), true, false);
    assert_eq!(told(&after), "");
    assert!(after.base.get(KIND, "x").is_none());
}

#[test]
fn drift_is_told_again_until_someone_decides() {
    let (base, file, stored) = (site(a("1")), site(a("2")), site(a("3")));
    let first = merge(&base, &file, &stored, false, false);
    let second = merge(&first.base, &file, &stored, false, false);
    assert_eq!(told(&first), told(&second));
    assert!(told(&second).starts_with("drift"));
}

#[allow(clippy::unnecessary_wraps)]
fn mlpp(indication: &str, preemption: &str) -> Option<Value> {
    Some(json!({ "mlpp": { "indication": indication, "preemption": preemption } }))
}

#[test]
fn a_table_is_merged_key_by_key() {
    // The file changes one key, somebody else the other: both stay.
    let merged = merge(
        &site(mlpp("on", "disabled")),
        &site(mlpp("off", "disabled")),
        &site(mlpp("on", "forceful")),
        false,
        false,
    );
    assert_eq!(
        told(&merged),
        "change mlpp.indication \"on\" -> \"off\"; \
         drift mlpp.preemption is \"forceful\", in the file \"disabled\""
    );
    let [(_, _, Fate::Change { fields, .. })] = merged.fates.as_slice() else {
        panic!("one change");
    };
    assert_eq!(
        fields["mlpp"],
        json!({ "indication": "off", "preemption": "forceful" })
    );

    let over = "change mlpp.indication \"on\" -> \"off\"";
    assert_eq!(
        ways(
            mlpp("on", "disabled"),
            mlpp("off", "disabled"),
            mlpp("on", "disabled")
        ),
        [over; 4]
    );
    // A table that came or went is one value.
    let none = || Some(json!({}));
    assert_eq!(
        ways(none(), mlpp("on", "default"), none()),
        ["change mlpp not set -> .."; 4]
    );
    assert_eq!(
        ways(mlpp("on", "default"), none(), mlpp("on", "default")),
        ["change mlpp .. -> not set"; 4]
    );
    let drift = "drift mlpp.indication is \"on\", in the file \"off\"";
    let both = ways(none(), mlpp("off", "default"), mlpp("on", "default"));
    assert_eq!([&both[0], &both[1]], [drift, drift]);
}

#[test]
fn lists_are_one_value() {
    let lines = |numbers: &[&str]| {
        let lines: Vec<Value> = numbers.iter().map(|n| json!({ "number": n })).collect();
        Some(json!({ "line": lines }))
    };
    let drift = "drift line is [2], in the file [1, 3]";
    let merged = ways(lines(&["1"]), lines(&["1", "3"]), lines(&["2"]));
    assert_eq!([&merged[0], &merged[1]], [drift, drift]);
    assert_eq!(merged[2], "change line [2] -> [1, 3]");

    // Where the items stay, it is told what changes inside them.
    let labelled = |label: &str| Some(json!({ "line": [{ "number": "1", "label": label }] }));
    assert_eq!(
        ways(labelled("a"), labelled("b"), labelled("a")),
        ["change line 1 label \"a\" -> \"b\""; 4]
    );
}

#[allow(clippy::unnecessary_wraps)]
fn flagged(pin: &str, must_change: bool) -> Option<Value> {
    Some(if must_change {
        json!({ "pin_hash": pin, "pin_must_change": true })
    } else {
        json!({ "pin_hash": pin })
    })
}

#[test]
fn that_a_pin_must_change_is_an_initial_value_that_comes_again_with_a_new_pin() {
    assert_eq!(
        ways(flagged("A", true), flagged("A", true), flagged("C", false)),
        [""; 4],
        "he changed it: done, also with force"
    );
    assert_eq!(
        ways(flagged("A", true), flagged("B", true), flagged("C", false)),
        ["change pin changed, pin_must_change not set -> true"; 4],
        "a new PIN must be changed again"
    );
    assert_eq!(
        ways(flagged("A", false), flagged("A", true), flagged("A", false)),
        ["change pin_must_change not set -> true"; 4]
    );
    assert_eq!(
        ways(flagged("A", true), flagged("A", false), flagged("A", true)),
        ["change pin_must_change true -> not set"; 4]
    );
    let unsaid = ways(None, flagged("A", false), flagged("A", true));
    assert_eq!(unsaid, [""; 4], "what the file does not say is left alone");
    assert_eq!(
        ways(flagged("A", true), None, flagged("C", false))[1],
        "delete",
        "it does not keep a user from being pruned"
    );
}

#[test]
fn a_base_of_before_a_parameter_was_there_has_its_default() {
    let old = r#"{"version":1,"objects":{"parameters":{"":{"confirm_logout":false}}}}"#;
    let base = Normal::of_applied(Some(old));
    let known = base.get(Kind::Parameters, "").unwrap();
    assert_eq!(known["confirm_logout"], json!(false));
    assert_eq!(known["button_order"], json!("as-configured"));
}
