//! Stamps: short hashes of what a phone should hold.
//!
//! Same content, same stamp, on every node and after every restart.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

/// A digest of a template, or of anything that feeds a stamp.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in &self.0[..6] {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// Sixty bits that stand for some content, written as fifteen hex digits.
/// Sixty, so that a stamp fits whole into the UUID of a SIP contact.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stamp(u64);

impl Stamp {
    /// How many bits a stamp has.
    pub const BITS: u32 = 60;

    /// The stamp of this number's low sixty bits.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << Self::BITS) - 1))
    }

    /// The sixty bits.
    pub fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:015x}", self.0)
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Stamp {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() == 15 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            u64::from_str_radix(text, 16)
                .map(Self::from_bits)
                .map_err(|error| error.to_string())
        } else {
            Err(format!("{text:?} is not a stamp of 15 hex digits"))
        }
    }
}

impl TryFrom<String> for Stamp {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Stamp> for String {
    fn from(stamp: Stamp) -> String {
        stamp.to_string()
    }
}

/// The stamp of a value and of the digests that its rendering depends on.
/// Serialisation is the canonical form: field order is declaration order, and
/// the values hold no maps with unstable order.
pub fn stamp_of<T: Serialize>(value: &T, digests: &[Digest]) -> Stamp {
    let mut hash = sha2::Sha256::new();
    // A model value holds only strings, numbers and sequences: this cannot
    // fail, and if it ever did, an empty body would only cost a restart.
    hash.update(serde_json::to_vec(value).unwrap_or_default());
    for digest in digests {
        hash.update(digest.0);
    }
    let bytes: [u8; 32] = hash.finalize().into();
    let mut head = [0u8; 8];
    head.copy_from_slice(&bytes[..8]);
    Stamp::from_bits(u64::from_be_bytes(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_content_same_stamp_and_templates_count() {
        let digest = Digest::of(b"template");
        assert_eq!(
            stamp_of(&("a", 1), &[digest]),
            stamp_of(&("a", 1), &[digest])
        );
        assert_ne!(
            stamp_of(&("a", 1), &[digest]),
            stamp_of(&("a", 2), &[digest])
        );
        assert_ne!(stamp_of(&("a", 1), &[digest]), stamp_of(&("a", 1), &[]));
    }

    #[test]
    fn stamps_print_and_parse() {
        let stamp = Stamp::from_bits(u64::MAX);
        assert_eq!(stamp.to_string(), "fffffffffffffff");
        assert_eq!("fffffffffffffff".parse(), Ok(stamp));
        assert!("ffff".parse::<Stamp>().is_err());
    }
}
