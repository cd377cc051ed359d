//! The corpora of the fuzzer, replayed without it: every file of
//! `tests/fuzz/corpus`, and random damage to them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

#[path = "../fuzz/targets/mod.rs"]
mod targets;

use targets::Target;

/// Inputs made of each corpus by damage.
const DAMAGED: u32 = 300;

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

/// The files of a corpus with their names.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = fuzz_folder().join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_file_of_the_corpora_is_taken_without_harm() {
    for (name, target) in targets::ALL {
        let files = corpus(name);
        assert!(!files.is_empty(), "{name} has no corpus");
        for (file, bytes) in files {
            let taken = catch_unwind(AssertUnwindSafe(|| target(&bytes)));
            assert!(taken.is_ok(), "{name}: {file}");
        }
    }
}

/// One kind of damage at a place.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    /// What stands between two places, once more.
    Repeat(Index, Index),
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        3 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        3 => at().prop_map(Damage::Remove),
        1 => (at(), at()).prop_map(|(from, to)| Damage::Repeat(from, to)),
        1 => at().prop_map(Damage::Cut),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: Damage) {
    let place = |at: Index| at.index(bytes.len() + 1);
    match damage {
        Damage::Replace(at, byte) => {
            let at = place(at);
            if let Some(there) = bytes.get_mut(at) {
                *there = byte;
            }
        }
        Damage::Insert(at, byte) => bytes.insert(place(at), byte),
        Damage::Remove(at) => {
            let at = place(at);
            if at < bytes.len() {
                bytes.remove(at);
            }
        }
        Damage::Repeat(from, to) => {
            let (from, to) = (place(from).min(place(to)), place(from).max(place(to)));
            let again = bytes[from..to].to_vec();
            bytes.splice(to..to, again);
        }
        Damage::Cut(at) => bytes.truncate(place(at)),
    }
}

/// Bytes that a failing test can show.
#[derive(Clone)]
struct Input(Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

fn damaged(files: Vec<Vec<u8>>) -> impl Strategy<Value = Input> {
    let file = prop::sample::select(files);
    let edits = prop::collection::vec(damage(), 0..8);
    // The head of one and the tail of another, then damage.
    (file.clone(), file, any::<Index>(), any::<bool>(), edits).prop_map(
        |(mut bytes, other, at, spliced, edits)| {
            if spliced {
                let at = at.index(bytes.len().min(other.len()) + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[at..]);
            }
            for edit in edits {
                apply(&mut bytes, edit);
            }
            Input(bytes)
        },
    )
}

fn withstands_damage(name: &str, target: Target) -> Result<(), String> {
    let files = corpus(name).into_iter().map(|(_, bytes)| bytes).collect();
    let config = Config {
        cases: DAMAGED,
        failure_persistence: None,
        ..Config::default()
    };
    let taken = |Input(bytes)| {
        target(&bytes);
        Ok(())
    };
    TestRunner::new(config)
        .run(&damaged(files), taken)
        .map_err(|failure| format!("{name}: {failure}"))
}

#[test]
fn no_damage_to_the_corpora_does_harm() {
    let harm: Vec<String> = targets::ALL
        .iter()
        .filter_map(|(name, target)| withstands_damage(name, *target).err())
        .collect();
    assert!(harm.is_empty(), "{}", harm.join("\n"));
}

#[test]
fn the_fuzzer_has_a_program_for_every_target() {
    let manifest = fs::read_to_string(fuzz_folder().join("Cargo.toml")).unwrap();
    let programs: Vec<&str> = manifest
        .split("[[bin]]")
        .skip(1)
        .filter_map(|program| program.split('"').nth(1))
        .collect();
    let names: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(programs, names);
}
