//! `[directory]` of `embody.toml`.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;

use super::lockout::CredentialPolicy;
use super::sources::SourcePolicy;

/// How checks are run and wrong answers counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Raw")]
pub struct DirectorySettings {
    /// How wrong answers at one user are counted.
    pub policy: CredentialPolicy,
    /// How wrong answers from one address are counted.
    pub sources: SourcePolicy,
    /// So many hashes are computed at a time.
    pub at_a_time: usize,
    /// So many checks may wait for their turn; one more is refused at once.
    pub waiting: usize,
}

impl Default for DirectorySettings {
    fn default() -> Self {
        Self {
            policy: CredentialPolicy::default(),
            sources: SourcePolicy::default(),
            at_a_time: 2,
            // At 28 ms a hash the last of them waits for under four seconds.
            waiting: 256,
        }
    }
}

/// The keys as they are written; times in seconds.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    attempts: u32,
    first_lock: u64,
    longest_lock: u64,
    attempts_from_one_address: u32,
    longest_pause: u64,
    checks_at_a_time: usize,
    waiting_checks: usize,
}

impl Default for Raw {
    fn default() -> Self {
        let settings = DirectorySettings::default();
        Self {
            attempts: settings.policy.attempts,
            first_lock: settings.policy.lock.as_secs(),
            longest_lock: settings.policy.longest_lock.as_secs(),
            attempts_from_one_address: settings.sources.attempts,
            longest_pause: settings.sources.longest_pause.as_secs(),
            checks_at_a_time: settings.at_a_time,
            waiting_checks: settings.waiting,
        }
    }
}

impl TryFrom<Raw> for DirectorySettings {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let default = Self::default();
        let first_lock = within("first_lock", raw.first_lock, 1..=3600)?;
        let longest_lock = within("longest_lock", raw.longest_lock, 1..=86_400)?;
        if first_lock > longest_lock {
            return Err(format!(
                "[directory] first_lock: {first_lock} s is more than longest_lock, {longest_lock} s"
            ));
        }
        Ok(Self {
            policy: CredentialPolicy {
                attempts: raw.attempts,
                lock: Duration::from_secs(first_lock),
                longest_lock: Duration::from_secs(longest_lock),
                ..default.policy
            },
            sources: SourcePolicy {
                attempts: raw.attempts_from_one_address,
                // A phone does not wait longer for a page.
                longest_pause: Duration::from_secs(within(
                    "longest_pause",
                    raw.longest_pause,
                    1..=8,
                )?),
                ..default.sources
            },
            at_a_time: within("checks_at_a_time", raw.checks_at_a_time, 1..=64)?,
            waiting: within("waiting_checks", raw.waiting_checks, 0..=10_000)?,
        })
    }
}

fn within<T: PartialOrd + fmt::Display>(
    key: &str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<T, String> {
    if range.contains(&value) {
        return Ok(value);
    }
    let (least, most) = (range.start(), range.end());
    Err(format!(
        "[directory] {key}: {value} is not in {least} to {most}"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_not_said_is_as_ever_and_what_is_odd_is_told() {
        let read = |text: &str| toml::from_str::<DirectorySettings>(text);
        assert_eq!(read("").unwrap(), DirectorySettings::default());
        let strict = read("attempts = 3\nfirst_lock = 300\nlongest_pause = 2\n").unwrap();
        assert_eq!(strict.policy.attempts, 3);
        assert_eq!(strict.policy.lock, Duration::from_secs(300));
        assert_eq!(strict.sources.longest_pause, Duration::from_secs(2));
        for (odd, why) in [
            ("first_lock = 0\n", "1 to 3600"),
            ("first_lock = 100\nlongest_lock = 10\n", "longest_lock"),
            ("longest_pause = 60\n", "1 to 8"),
            ("checks_at_a_time = 0\n", "1 to 64"),
            ("atempts = 3\n", "unknown field"),
        ] {
            let told = read(odd).unwrap_err().message().to_owned();
            assert!(told.contains(why), "{odd}: {told}");
        }
    }
}
