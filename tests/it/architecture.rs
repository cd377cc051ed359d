//! The arrows between the rooms are a law: this test looks at every
//! `crate::ROOM` in `src/` and fails on an arrow that is not in the table.

use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may import. `*/wire` and friends are rooms of their own.
const TABLE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("ports", &["model"]),
    ("mobility", &["model", "ports"]),
    ("site", &["model", "ports"]),
    ("store", &["model", "ports"]),
    ("directory", &["model", "ports"]),
    ("registry", &["model", "ports"]),
    ("journal", &["model", "ports"]),
    ("provision", &["model", "ports"]),
    ("reconcile", &["model", "ports", "registry", "provision"]),
    ("phonexml", &[]),
    ("emapi", &[]),
    ("tftp/wire", &[]),
    ("sip/wire", &[]),
    ("sccp/wire", &[]),
    ("tftp/machine", &["tftp/wire", "model"]),
    ("sip/machine", &["sip/wire", "model"]),
    ("sccp/machine", &["sccp/wire", "model"]),
    ("tftp/server", SERVER_TFTP),
    ("sip/server", SERVER_SIP),
    ("sccp/server", SERVER_SCCP),
    ("tftp", &["tftp/wire", "tftp/machine", "tftp/server"]),
    ("sip", &["sip/wire", "sip/machine", "sip/server"]),
    ("sccp", &["sccp/wire", "sccp/machine", "sccp/server"]),
    (
        "http",
        &[
            "model",
            "ports",
            "phonexml",
            "emapi",
            "provision",
            "mobility",
            "registry",
            "reconcile",
            "journal",
            "site",
        ],
    ),
    (
        "handset",
        &["tftp/wire", "sip/wire", "sccp/wire", "phonexml", "emapi"],
    ),
];

const SERVER_TFTP: &[&str] = &[
    "tftp/wire",
    "tftp/machine",
    "model",
    "ports",
    "registry",
    "provision",
    "mobility",
];
const SERVER_SIP: &[&str] = &[
    "sip/wire",
    "sip/machine",
    "model",
    "ports",
    "registry",
    "provision",
    "mobility",
];
const SERVER_SCCP: &[&str] = &[
    "sccp/wire",
    "sccp/machine",
    "model",
    "ports",
    "registry",
    "provision",
    "mobility",
];

/// The composition root and the command line may import everything.
const ROOTS: &[&str] = &["app", "cli"];

const SPLIT: &[&str] = &["tftp", "sip", "sccp"];

#[test]
fn every_arrow_between_rooms_is_in_the_table() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    assert!(files.len() > 100, "the house was found");
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for file in files {
        let relative = file.strip_prefix(&src).unwrap().to_owned();
        let Some(room) = room_of(&relative) else {
            continue;
        };
        if ROOTS.contains(&room.as_str()) || is_test(&relative) {
            continue;
        }
        let allowed = TABLE
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{} is in no room of the table", relative.display()))
            .1;
        for (line, target) in targets(&fs::read_to_string(&file).unwrap()) {
            arrows += 1;
            if target != room && !allowed.contains(&target.as_str()) {
                wrong.push(format!("{}:{line}: {room} -> {target}", relative.display()));
            }
        }
    }
    assert!(arrows > 100, "arrows were found: {arrows}");
    assert!(
        wrong.is_empty(),
        "arrows that are not in the table:\n{}",
        wrong.join("\n")
    );
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// Test code may look wherever it likes.
fn is_test(relative: &Path) -> bool {
    const NAMES: &[&str] = &[
        "tests",
        "testing",
        "fixtures",
        "conformance",
        "samples",
        "bench",
        "stories",
        "convergence",
    ];
    relative.iter().any(|part| {
        let name = part.to_string_lossy();
        NAMES.contains(&name.trim_end_matches(".rs"))
    })
}

fn room_of(relative: &Path) -> Option<String> {
    let mut parts = relative
        .iter()
        .map(|part| part.to_string_lossy().into_owned());
    let first = parts.next()?;
    let second = parts.next();
    let name = first.trim_end_matches(".rs").to_owned();
    if matches!(name.as_str(), "lib" | "main") {
        return None;
    }
    match second {
        Some(second) if SPLIT.contains(&name.as_str()) && second != "mod.rs" => {
            Some(format!("{name}/{}", second.trim_end_matches(".rs")))
        }
        _ => Some(name),
    }
}

/// Every `crate::ROOM` outside of unit tests, with its line.
fn targets(text: &str) -> Vec<(usize, String)> {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text);
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or(line);
        let mut rest = code;
        while let Some(at) = rest.find("crate::") {
            let preceded =
                rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
            rest = &rest[at + "crate::".len()..];
            if preceded {
                continue;
            }
            let mut path = rest.split("::").map(|part| {
                part.split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap_or("")
            });
            let first = path.next().unwrap_or("").to_owned();
            let target = if SPLIT.contains(&first.as_str()) {
                match path.next() {
                    Some(second) if matches!(second, "wire" | "machine" | "server") => {
                        format!("{first}/{second}")
                    }
                    _ => first,
                }
            } else {
                first
            };
            // A macro or item of the crate root has no room.
            if TABLE.iter().any(|(name, _)| *name == target) || ROOTS.contains(&target.as_str()) {
                found.push((number + 1, target));
            }
        }
    }
    found
}

#[test]
fn an_arrow_that_is_not_allowed_would_be_seen() {
    let seen =
        targets("use crate::model::Pin;\n// crate::http\nlet x = crate::sccp::wire::Frame;\n");
    assert_eq!(seen, [(1, "model".to_owned()), (3, "sccp/wire".to_owned())]);
}
