//! `contrib/docs/traps.md` names a test for every trap: they must be there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A row of one of its tables.
struct Row {
    line: usize,
    trap: String,
    places: String,
    test: String,
}

fn rows(text: &str) -> Vec<Row> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with('|') && !line.starts_with("|---"))
        .map(|(at, line)| (at + 1, cells(line)))
        .filter(|(_, cells)| cells.first().is_some_and(|cell| cell != "trap"))
        .map(|(line, cells)| {
            let [trap, _, places, test] = <[String; 4]>::try_from(cells)
                .unwrap_or_else(|cells| panic!("line {line} has other columns: {cells:?}"));
            Row {
                line,
                trap,
                places,
                test,
            }
        })
        .collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The names of all functions that are tests, those of property tests included.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    rust_files(&root.join("tests"), &mut files);
    let mut names = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            let declared = line.trim_start_matches("async ").strip_prefix("fn ");
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_test = true;
            } else if let Some(rest) = declared {
                if std::mem::take(&mut is_test) {
                    let name = rest.split(['(', '<']).next().unwrap_or_default();
                    names.insert(name.to_owned());
                }
            } else if !line.starts_with("#[") && !line.starts_with("//") {
                is_test = false;
            }
        }
    }
    names
}

#[test]
fn every_trap_is_held_by_a_test_that_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("contrib/docs/traps.md")).unwrap();
    let rows = rows(&text);
    assert!(rows.len() > 60, "only {} rows were found", rows.len());
    let tests = tests();
    let mut wrong = Vec::new();
    for row in rows {
        let named: Vec<&str> = quoted(&row.test)
            .filter(|word| !word.contains(['/', '.']))
            .collect();
        if named.is_empty() && row.test != "same" {
            wrong.push(format!("line {}: no test: {}", row.line, row.trap));
        }
        for name in named {
            if !tests.contains(name) {
                wrong.push(format!("line {}: there is no test {name}", row.line));
            }
        }
        for place in quoted(&row.places).filter(|place| place.contains('/')) {
            let there = root.join("src").join(place).exists() || root.join(place).exists();
            if !there {
                wrong.push(format!("line {}: there is no {place}", row.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
