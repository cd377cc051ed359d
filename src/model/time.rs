//! Points in time and lengths of logins.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in wall time: milliseconds since 1970-01-01 UTC.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This point plus a length of time, saturating.
    #[must_use]
    pub fn plus(self, length: Duration) -> Self {
        let millis = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// A length of login as Cisco writes it, `H:MM` from 0:01 to 168:00
/// (service parameter *Maximum Login Time*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LoginTime {
    minutes: u32,
}

impl LoginTime {
    /// From minutes, 1 to 10,080 (168:00).
    ///
    /// # Errors
    /// A sentence when out of range.
    pub fn from_minutes(minutes: u32) -> Result<Self, String> {
        if (1..=168 * 60).contains(&minutes) {
            Ok(Self { minutes })
        } else {
            Err(format!(
                "a login time lies between 0:01 and 168:00, not {}:{:02}",
                minutes / 60,
                minutes % 60
            ))
        }
    }

    /// The length in minutes.
    pub fn minutes(self) -> u32 {
        self.minutes
    }

    /// The length as a duration.
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.minutes) * 60)
    }
}

impl FromStr for LoginTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.trim().split_once(':').and_then(|(hours, minutes)| {
            let hours: u32 = if hours.is_empty() {
                0
            } else {
                hours.parse().ok()?
            };
            let minutes: u32 = minutes.parse().ok().filter(|m| *m < 60)?;
            hours.checked_mul(60)?.checked_add(minutes)
        });
        match parsed {
            Some(minutes) => Self::from_minutes(minutes),
            None => Err(format!("{text:?} is not a time like \"8:00\"")),
        }
    }
}

impl TryFrom<String> for LoginTime {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<LoginTime> for String {
    fn from(time: LoginTime) -> String {
        time.to_string()
    }
}

impl fmt::Display for LoginTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

/// A time of day, 0:00 to 24:00, in whatever zone it is read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// Minutes after midnight, 0 to 1440.
    pub fn minutes(self) -> u16 {
        self.minutes
    }
}

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = |part: &str| {
            (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        text.split_once(':')
            .filter(|(hours, minutes)| digits(hours) && digits(minutes))
            .and_then(|(hours, minutes)| {
                let hours: u16 = hours.parse().ok()?;
                let minutes: u16 = minutes.parse().ok().filter(|m| *m < 60)?;
                Some(hours * 60 + minutes)
            })
            .filter(|minutes| *minutes <= 24 * 60)
            .map(|minutes| Self { minutes })
            .ok_or_else(|| format!("{text:?} is not a time of day from \"0:00\" to \"24:00\""))
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> String {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_go_from_midnight_to_midnight() {
        for (text, minutes) in [("17:30", 1050), ("0:00", 0), ("24:00", 1440), ("1:0", 60)] {
            let time = text.parse::<TimeOfDay>();
            assert_eq!(time.map(TimeOfDay::minutes), Ok(minutes), "{text}");
        }
        for bad in ["24:01", "25:00", "1:60", "12", "", ":", "+1:00", "001:00"] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
    }

    #[test]
    fn login_times_are_written_as_cisco_writes_them() {
        assert_eq!("8:00".parse::<LoginTime>().map(LoginTime::minutes), Ok(480));
        assert_eq!(":30".parse::<LoginTime>().map(LoginTime::minutes), Ok(30));
        assert_eq!(
            "168:00".parse::<LoginTime>().map(|t| t.to_string()),
            Ok("168:00".into())
        );
        for bad in ["0:00", "168:01", "8", "8:60", "", "a:b", "-1:00"] {
            assert!(bad.parse::<LoginTime>().is_err(), "{bad}");
        }
    }
}
