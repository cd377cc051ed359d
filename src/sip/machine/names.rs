//! Branches, tags, Call-IDs and entity tags: names that nobody else uses.

use sha2::{Digest as _, Sha256};

/// An endless row of names that cannot be guessed without the seed.
pub(super) struct Names {
    seed: [u8; 16],
    count: u64,
    mark: Option<u64>,
}

/// What every branch starts with (RFC 3261 section 8.1.1.7).
const MAGIC_COOKIE: &str = "z9hG4bK";

impl Names {
    pub(super) const fn new(seed: [u8; 16]) -> Self {
        Self {
            seed,
            count: 0,
            mark: None,
        }
    }

    /// Every branch from now on carries this mark.
    pub(super) fn mark(&mut self, mark: u64) {
        self.mark = Some(mark);
    }

    /// The mark in a branch of ours. It only says where to look: whether the
    /// branch is one of ours is another question.
    pub(super) fn mark_of(branch: &str) -> Option<u64> {
        let (_, mark) = branch.strip_prefix(MAGIC_COOKIE)?.split_once('-')?;
        u64::from_str_radix(mark, 16).ok()
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

    /// A new branch.
    pub(super) fn branch(&mut self) -> String {
        let token = self.token();
        match self.mark {
            Some(mark) => format!("{MAGIC_COOKIE}{token}-{mark:x}"),
            None => format!("{MAGIC_COOKIE}{token}"),
        }
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

    #[test]
    fn a_mark_is_found_again() {
        let mut names = Names::new([1; 16]);
        assert_eq!(Names::mark_of(&names.branch()), None);
        names.mark(0xabc);
        assert_eq!(Names::mark_of(&names.branch()), Some(0xabc));
        assert_eq!(Names::mark_of("z9hG4bK-"), None);
        assert_eq!(Names::mark_of("1-2"), None);
    }
}
