//! Branches, tags, Call-IDs and entity tags: names that nobody else uses.

use sha2::{Digest as _, Sha256};

/// An endless row of names that cannot be guessed without the seed.
pub(super) struct Names {
    seed: [u8; 16],
    count: u64,
}

impl Names {
    pub(super) const fn new(seed: [u8; 16]) -> Self {
        Self { seed, count: 0 }
    }

    /// A new token of 64 bits.
    pub(super) fn token(&mut self) -> String {
        self.count = self.count.wrapping_add(1);
        let hash = Sha256::new()
            .chain_update(self.seed)
            .chain_update(self.count.to_be_bytes())
            .finalize();
        hash.iter().take(8).fold(String::new(), |mut text, byte| {
            use std::fmt::Write as _;
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// A new branch with its magic cookie (RFC 3261 section 8.1.1.7).
    pub(super) fn branch(&mut self) -> String {
        format!("z9hG4bK{}", self.token())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_comes_twice() {
        let (mut one, mut other) = (Names::new([1; 16]), Names::new([2; 16]));
        let all: std::collections::BTreeSet<String> = (0..100)
            .flat_map(|_| [one.token(), other.token(), one.branch()])
            .collect();
        assert_eq!(all.len(), 300);
        assert!(all.iter().any(|name| name.starts_with("z9hG4bK")));
    }
}
