//! A testing aid: lets the process die at a chosen place, as a power cut
//! would, so that crash tests of the whole program know where it stopped.
//!
//! `EMBODY_CRASH_AT=before-commit:3` aborts the process when it passes the
//! point `before-commit` for the third time. Without the variable a point
//! costs one atomic load. The variable is read once, at the first point passed.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The variable that arms a point.
pub const VARIABLE: &str = "EMBODY_CRASH_AT";

#[derive(Debug)]
struct Armed {
    name: String,
    left: AtomicU32,
}

impl Armed {
    /// From `name:count`; anything else arms nothing.
    fn parse(text: &str) -> Option<Self> {
        let (name, count) = text.split_once(':')?;
        let count: u32 = count.parse().ok().filter(|count| *count > 0)?;
        Some(Self {
            name: name.to_owned(),
            left: AtomicU32::new(count),
        })
    }

    /// Whether this passage is the fatal one.
    fn is_fatal(&self, name: &str) -> bool {
        self.name == name && self.left.fetch_sub(1, Ordering::Relaxed) == 1
    }
}

/// Aborts the process here when the environment says so.
pub fn crash_point(name: &str) {
    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
    let armed = ARMED.get_or_init(|| {
        std::env::var(VARIABLE)
            .ok()
            .and_then(|text| Armed::parse(&text))
    });
    if armed.as_ref().is_some_and(|armed| armed.is_fatal(name)) {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_point_is_fatal_at_its_count_and_nowhere_else() {
        let armed = Armed::parse("before-commit:2").unwrap();
        let passages = [
            "before-commit",
            "after-commit",
            "before-commit",
            "before-commit",
        ];
        let fatal: Vec<bool> = passages.iter().map(|name| armed.is_fatal(name)).collect();
        assert_eq!(fatal, [false, false, true, false]);
    }

    #[test]
    fn odd_settings_arm_nothing() {
        for odd in [
            "",
            "before-commit",
            "before-commit:",
            "x:0",
            "x:-1",
            "x:many",
        ] {
            assert!(Armed::parse(odd).is_none(), "{odd}");
        }
    }
}
