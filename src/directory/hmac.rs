//! HMAC-SHA256 (RFC 2104).

use sha2::{Digest as _, Sha256};

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// A message authentication code.
pub(super) type Mac = [u8; 32];

/// The code of the parts of a message, under a key of at most one block. The
/// length of each part counts, so that no two lists of parts are one message.
pub(super) fn mac_of_parts(key: &[u8; 32], parts: &[&[u8]]) -> Mac {
    let mut message = Sha256::new_with_prefix(pad(key, 0x36));
    for part in parts {
        message.update((part.len() as u64).to_be_bytes());
        message.update(part);
    }
    outer(key, message)
}

fn pad(key: &[u8], with: u8) -> [u8; BLOCK] {
    let mut block = [with; BLOCK];
    for (byte, key) in block.iter_mut().zip(key) {
        *byte ^= key;
    }
    block
}

fn outer(key: &[u8], message: Sha256) -> Mac {
    let outer = Sha256::new_with_prefix(pad(key, 0x5c));
    outer.chain_update(message.finalize()).finalize().into()
}

/// Whether two codes are equal, in a time that does not tell where they differ.
pub(super) fn equal(one: &Mac, other: &Mac) -> bool {
    let difference = one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b));
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(mac: Mac) -> String {
        use std::fmt::Write as _;
        mac.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn plain(key: &[u8], message: &[u8]) -> String {
        let inner = Sha256::new_with_prefix(pad(key, 0x36)).chain_update(message);
        hex(outer(key, inner))
    }

    #[test]
    fn the_codes_are_those_of_rfc_4231() {
        assert_eq!(
            plain(&[0x0b; 20], b"Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            plain(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn every_part_and_its_length_counts() {
        let key = [7; 32];
        let code = mac_of_parts(&key, &[b"ab", b"c"]);
        assert!(equal(&code, &mac_of_parts(&key, &[b"ab", b"c"])));
        assert!(!equal(&code, &mac_of_parts(&key, &[b"a", b"bc"])));
        assert!(!equal(&code, &mac_of_parts(&[8; 32], &[b"ab", b"c"])));
    }
}
