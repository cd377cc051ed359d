//! PINs as directories store them (RFC 2307 and its descendants).
//!
//! A PIN that stands there in clear can be read by whoever may read the
//! attribute; the salted forms are better, though a PIN of five digits is
//! found from any of them in a moment. The form that resists is a hash here.

use base64ct::{Base64, Encoding as _};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// Whether `offered` is the stored PIN; `None` for a form that is not
/// understood.
pub(super) fn matches(stored: &[u8], offered: &str) -> Option<bool> {
    let Some(marked) = stored.strip_prefix(b"{") else {
        return Some(same(stored, offered.as_bytes()));
    };
    let end = marked.iter().position(|byte| *byte == b'}')?;
    let (scheme, value) = marked.split_at_checked(end)?;
    let value = std::str::from_utf8(value.get(1..)?).ok()?;
    let bytes = Base64::decode_vec(value.trim()).ok()?;
    match scheme.to_ascii_uppercase().as_slice() {
        b"SHA" | b"SSHA" => digest::<Sha1>(&bytes, offered),
        b"SHA256" | b"SSHA256" => digest::<Sha256>(&bytes, offered),
        b"SHA512" | b"SSHA512" => digest::<Sha512>(&bytes, offered),
        _ => None,
    }
}

/// A digest of the PIN and the salt that follows it.
fn digest<D: Digest>(stored: &[u8], offered: &str) -> Option<bool> {
    let (expected, salt) = stored.split_at_checked(<D as Digest>::output_size())?;
    let found = D::new()
        .chain_update(offered.as_bytes())
        .chain_update(salt)
        .finalize();
    Some(same(expected, &found))
}

/// Compares in a time that tells neither where they differ nor how long the
/// stored one is.
fn same(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    let difference = one.iter().zip(&other).fold(0, |sum, (a, b)| sum | (a ^ b));
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pin_in_clear_is_compared_whole() {
        assert_eq!(matches(b"58213", "58213"), Some(true));
        for wrong in ["5821", "582133", "58214", ""] {
            assert_eq!(matches(b"58213", wrong), Some(false));
        }
        assert_eq!(matches(b"", "58213"), Some(false));
    }

    /// The first two made by OpenLDAP's slappasswd, the others by Python's
    /// hashlib.
    #[test]
    fn salted_forms_of_other_peoples_tools_are_understood() {
        for stored in [
            "{SHA}5dYPhc0Qz6ZLN3Copbu3QycVcmA=",
            "{ssha}nBPqo43S/aMpMgXStKTQXAnZdLLpldj8",
            "{SSHA256}V4Vc5RwVJUjsEjciunH2FLCTvj49QO4FlsbnyLeAd2UBc2FsdHNhbHQ=",
            "{SSHA512}vyR4yJPodk3nW/MEZWTuFO10jCFQ9noVqJnHwUcg3fuRJTiEklIPLd+u2C5mG45q6HfNBLiO\
             U8VrA4VEZ6l63QFzYWx0c2FsdA==",
        ] {
            assert_eq!(matches(stored.as_bytes(), "58213"), Some(true), "{stored}");
            assert_eq!(matches(stored.as_bytes(), "58214"), Some(false), "{stored}");
        }
    }

    #[test]
    fn other_forms_open_nothing() {
        for odd in [
            "{CRYPT}$6$x$y",
            "{ARGON2}$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
            "{SSHA}",
            "{SSHA}not base64!",
            "{SSHA}AAAA",
            "{",
            "{}",
            "{SSHA",
        ] {
            assert_eq!(matches(odd.as_bytes(), "58213"), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn nothing_stored_is_dangerous(stored in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = matches(&stored, "58213");
            let marked = [b"{SSHA}".as_slice(), &stored].concat();
            prop_assert_ne!(matches(&marked, "58213"), Some(true));
        }
    }
}
