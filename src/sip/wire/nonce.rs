//! Nonces that need no memory: the time of minting with a keyed hash over it.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::secret::same_bytes;

/// How long a nonce serves before its user is asked to take a new one. Phones that answer with an old one are told
/// `stale=true` and repeat at once, without asking anybody for a password.
pub const NONCE_LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// The key that makes nonces genuine. Nodes that share a key accept each other's nonces.
#[derive(Clone)]
pub struct NonceKey([u8; 32]);

/// What a nonce is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NonceState {
    /// Minted with this key, not long ago.
    Fresh,
    /// Minted with this key, but too long ago, or by a clock that was set back since.
    Stale,
    /// Not minted with this key.
    Foreign,
}

/// Hexadecimal digits of the minting time in seconds.
const TIME_DIGITS: usize = 16;
/// Bytes of the hash that are kept.
const TAG_BYTES: usize = 16;

impl NonceKey {
    /// A key from 32 random bytes.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// A nonce for a challenge sent now.
    pub fn mint(&self, now: Timestamp) -> String {
        let time = format!("{:016x}", now.as_second());
        let tag = self.tag(&time);
        time + &tag
    }

    /// Judges the nonce of an answer.
    pub fn check(&self, nonce: &str, now: Timestamp, lifetime: SignedDuration) -> NonceState {
        let Some((time, tag)) = nonce.split_at_checked(TIME_DIGITS) else {
            return NonceState::Foreign;
        };
        if !same_bytes(self.tag(time).as_bytes(), tag.as_bytes()) {
            return NonceState::Foreign;
        }
        let age = u64::from_str_radix(time, 16)
            .ok()
            .and_then(|seconds| i64::try_from(seconds).ok())
            .and_then(|minted| now.as_second().checked_sub(minted));
        match age {
            Some(age) if (0..=lifetime.as_secs()).contains(&age) => NonceState::Fresh,
            _ => NonceState::Stale,
        }
    }

    /// HMAC-SHA-256 (RFC 2104) of the time, shortened and in hexadecimal.
    fn tag(&self, time: &str) -> String {
        let pad = |with: u8| {
            let mut block = [with; 64];
            for (byte, key) in block.iter_mut().zip(self.0) {
                *byte ^= key;
            }
            block
        };
        let inner = Sha256::new()
            .chain_update(pad(0x36))
            .chain_update(time.as_bytes())
            .finalize();
        let outer = Sha256::new()
            .chain_update(pad(0x5c))
            .chain_update(inner)
            .finalize();
        hex(outer.iter().take(TAG_BYTES))
    }
}

/// Bytes as lower-case digits.
pub(super) fn hex<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes
        .into_iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

impl Drop for NonceKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for NonceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NonceKey(..)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_nonce_is_fresh_for_a_while_and_stale_after() {
        let key = NonceKey::new([7; 32]);
        let nonce = key.mint(at(1_600_000_000));
        let check = |second| key.check(&nonce, at(second), NONCE_LIFETIME);
        assert_eq!(check(1_600_000_000), NonceState::Fresh);
        assert_eq!(check(1_600_000_300), NonceState::Fresh);
        assert_eq!(check(1_600_000_301), NonceState::Stale);
        assert_eq!(check(1_599_999_999), NonceState::Stale);
    }

    #[test]
    fn nobody_else_can_make_one() {
        let key = NonceKey::new([7; 32]);
        let now = at(1_600_000_000);
        let nonce = key.mint(now);
        let other = NonceKey::new([8; 32]);
        assert_eq!(
            other.check(&nonce, now, NONCE_LIFETIME),
            NonceState::Foreign
        );
        let mut later = nonce.clone();
        later.replace_range(15..16, "f");
        assert_ne!(later, nonce);
        for forged in [
            later.as_str(),
            "",
            "00",
            "\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}",
        ] {
            assert_eq!(key.check(forged, now, NONCE_LIFETIME), NonceState::Foreign);
        }
    }

    #[test]
    fn the_hash_is_hmac_sha256() {
        // RFC 4231 test case 1, whose key of 20 bytes equals one padded with zeros.
        let mut key = [0; 32];
        for byte in key.iter_mut().take(20) {
            *byte = 0x0b;
        }
        assert_eq!(
            NonceKey::new(key).tag("Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b"
        );
    }
}
