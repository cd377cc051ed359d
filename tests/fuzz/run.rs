//! The program of every fuzz target: which one it is, its name says.
#![no_main]

mod targets;

use targets::{ALL, Target};

fn target() -> Target {
    let name = env!("CARGO_BIN_NAME");
    ALL.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, target)| *target)
        .unwrap_or_else(|| panic!("there is no target {name}"))
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| target()(data));
