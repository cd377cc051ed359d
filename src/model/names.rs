//! Names, parsed once at the door.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a name was refused. The text is for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// Longer than the field allows (characters).
    #[error("{what} is longer than {limit} characters")]
    TooLong {
        /// Which kind of name.
        what: &'static str,
        /// The limit in characters.
        limit: usize,
    },
    /// A character that this kind of name cannot hold.
    #[error("{what} may not contain {found:?}")]
    Character {
        /// Which kind of name.
        what: &'static str,
        /// The offending character.
        found: char,
    },
}

fn checked(
    what: &'static str,
    text: &str,
    limit: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<Arc<str>, NameError> {
    if text.is_empty() {
        return Err(NameError::Empty(what));
    }
    if text.chars().count() > limit {
        return Err(NameError::TooLong { what, limit });
    }
    match text.chars().find(|c| !allowed(*c)) {
        Some(found) => Err(NameError::Character { what, found }),
        None => Ok(text.into()),
    }
}

macro_rules! text_name {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Parses and normalises.
            ///
            /// # Errors
            /// [`NameError`] when empty, too long or with a forbidden character.
            pub fn new(text: &str) -> Result<Self, NameError> {
                let parse: fn(&str) -> Result<Arc<str>, NameError> = $parse;
                parse(text.trim()).map(Self)
            }

            /// The normalised text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.to_string()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_name!(
    /// A device name as phones announce it: `SEP` and twelve hex digits for
    /// desk phones, `ATA..` and free names for others; at most 15 characters.
    /// Kept in upper case, compared without case (phones differ).
    DeviceName,
    |text| checked("a device name", &text.to_ascii_uppercase(), 15, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
    })
);

text_name!(
    /// A user id: case-sensitive, at most 128 characters, no control
    /// characters and no blanks inside.
    UserId,
    |text| checked("a user id", text, 128, |c| !c.is_control() && !c.is_whitespace())
);

text_name!(
    /// The name of a device profile, at most 50 characters.
    ProfileName,
    |text| checked("a profile name", text, 50, |c| !c.is_control())
);

text_name!(
    /// The name of a service, device pool or other configuration object, at
    /// most 64 characters.
    ObjectName,
    |text| checked("a name", text, 64, |c| !c.is_control())
);

text_name!(
    /// A phone model by its number, for example `7960` or `8841`.
    ModelName,
    |text| checked("a model", &text.to_ascii_uppercase(), 24, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '/')
    })
);

text_name!(
    /// The name of a load, as `loadInformation` tells it: without the extension
    /// of its files, at most 64 characters. Letter case is kept: phones ask for
    /// files as they are told.
    LoadName,
    |text| {
        let stem = match text.len().checked_sub(LOADS.len()).and_then(|at| text.split_at_checked(at)) {
            Some((stem, end)) if end.eq_ignore_ascii_case(LOADS) => stem,
            _ => text,
        };
        checked("a load", stem, 64, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
        })
    }
);

/// The extension of a load's list of files, which operators copy along.
const LOADS: &str = ".loads";

text_name!(
    /// A number as dialled: digits, `*`, `#`, `+`, `A` to `D`; at most 24.
    DirectoryNumber,
    |text| checked("a directory number", text, 24, |c| {
        c.is_ascii_digit() || matches!(c, '*' | '#' | '+' | 'A'..='D')
    })
);

impl DeviceName {
    /// The device name of a desk phone with this MAC address.
    pub fn from_mac(mac: [u8; 6]) -> Self {
        // Made several times for each REGISTER: no formatting machinery.
        let digit = |value: u8| match value {
            0..=9 => char::from(b'0' + value),
            _ => char::from(b'A' + (value & 15) - 10),
        };
        let mut hex = String::with_capacity(15);
        hex.push_str("SEP");
        for byte in mac {
            hex.push(digit(byte >> 4));
            hex.push(digit(byte & 15));
        }
        Self(hex.into())
    }

    /// The MAC address inside a `SEP..` name.
    pub fn mac(&self) -> Option<[u8; 6]> {
        let hex = self.0.strip_prefix("SEP").filter(|hex| hex.len() == 12)?;
        let mut mac = [0u8; 6];
        for (byte, pair) in mac.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(mac)
    }
}

/// The internal id of a stored object. A rename keeps it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ObjectId(pub i64);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn device_names_compare_without_case_and_hold_the_mac() {
        let name = DeviceName::new("sep00112233aabb").unwrap();
        assert_eq!(name.as_str(), "SEP00112233AABB");
        assert_eq!(name.mac(), Some([0x00, 0x11, 0x22, 0x33, 0xaa, 0xbb]));
        assert_eq!(DeviceName::from_mac(name.mac().unwrap()), name);
        assert_eq!(DeviceName::new("CIPC01").unwrap().mac(), None);
    }

    #[test]
    fn odd_names_are_refused_with_a_reason() {
        assert!(matches!(DeviceName::new(""), Err(NameError::Empty(_))));
        assert!(matches!(
            DeviceName::new("SEP00112233AABB99"),
            Err(NameError::TooLong { limit: 15, .. })
        ));
        assert!(matches!(
            DeviceName::new("../etc"),
            Err(NameError::Character { found: '/', .. })
        ));
        assert!(DirectoryNumber::new("10 01").is_err());
        assert_eq!(UserId::new(" Alice ").unwrap().as_str(), "Alice");
    }

    #[test]
    fn a_load_is_named_without_the_extension_of_its_list() {
        for text in ["SIP41.9-4-2SR3-1S", "SIP41.9-4-2SR3-1S.LOADS"] {
            assert_eq!(LoadName::new(text).unwrap().as_str(), "SIP41.9-4-2SR3-1S");
        }
        for odd in ["", ".loads", "a b", "../x", "x/y", "<x>", &"x".repeat(65)] {
            assert!(LoadName::new(odd).is_err(), "{odd}");
        }
    }
}
