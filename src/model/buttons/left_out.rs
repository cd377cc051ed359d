//! What found no key, and why, in words for the plan and the journal.

use std::fmt;

use serde::Serialize;

use super::Key;
use crate::model::DirectoryNumber;

/// A number that found no key. Its `Display` is a sentence without a capital
/// and a full stop, for the plan of a login and the journal of a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// What it would have been.
    pub kind: LeftOutKind,
    /// Its number.
    pub number: DirectoryNumber,
    /// Why it is not.
    pub reason: LeftOutReason,
}

/// What a number that found no key would have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOutKind {
    /// A line.
    Line,
    /// A further number on the key of a line.
    Overlaid,
    /// A speed dial.
    SpeedDial,
}

/// Why a number found no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOutReason {
    /// The keys of the phone, so many, are taken.
    KeysTaken(Key),
    /// The phone button template has no more keys of that kind.
    Template,
    /// Its key would be on an add-on module that the phone has not, or that is
    /// not in use.
    Module,
    /// The same line stands before it.
    Duplicate,
    /// A SIP phone has one number on a key.
    OneNumberAKey,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, number) = (self.kind, &self.number);
        match self.reason {
            LeftOutReason::KeysTaken(1) => {
                write!(f, "{kind} {number} has no key: the only one is taken")
            }
            LeftOutReason::KeysTaken(keys) => {
                write!(f, "{kind} {number} has no key: all {keys} are taken")
            }
            LeftOutReason::Template => write!(
                f,
                "{kind} {number} has no key: the phone button template has no more for it"
            ),
            LeftOutReason::Module => write!(
                f,
                "{kind} {number} has no key: it would be on an add-on module \
                 that this phone does not have or use"
            ),
            LeftOutReason::Duplicate => {
                write!(f, "{kind} {number} stands there twice and has one key")
            }
            LeftOutReason::OneNumberAKey => write!(
                f,
                "{kind} {number} is left out: a SIP phone has one number on a key"
            ),
        }
    }
}

impl fmt::Display for LeftOutKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "line",
            Self::Overlaid => "overlaid number",
            Self::SpeedDial => "speed dial",
        })
    }
}
