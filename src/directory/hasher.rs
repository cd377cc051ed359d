//! Credential hashes: argon2id as PHC strings (RFC 9106).

use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};

use crate::model::CredentialHash;
use crate::ports::Hasher;

/// The most memory that a stored hash may ask for, in KiB: a hash from a site
/// file must not be able to exhaust the host.
const MOST_MEMORY: u32 = 256 * 1024;
/// The most passes over it.
const MOST_PASSES: u32 = 32;

/// Makes argon2id hashes; checks any argon2 hash by the cost written in it.
#[derive(Clone, Debug)]
pub struct Argon2Hasher {
    argon2: Argon2<'static>,
}

impl Argon2Hasher {
    /// Memory of a fresh hash, in KiB.
    pub const MEMORY: u32 = 19_456;
    /// Passes over it.
    pub const PASSES: u32 = 2;

    /// With the cost for people's credentials: 19 MiB, two passes, one lane.
    pub fn new() -> Self {
        Self::of(Params::DEFAULT)
    }

    /// With another cost: `memory` in KiB (at least 8) and `passes`. For tests
    /// that make many hashes, and for hosts that can afford more.
    ///
    /// # Errors
    /// A sentence when the cost is out of range.
    pub fn with_cost(memory: u32, passes: u32) -> Result<Self, String> {
        if memory > MOST_MEMORY || passes > MOST_PASSES {
            return Err(format!(
                "a hash may cost at most {MOST_MEMORY} KiB and {MOST_PASSES} passes"
            ));
        }
        Params::new(memory, passes, 1, None)
            .map(Self::of)
            .map_err(|error| error.to_string())
    }

    fn of(params: Params) -> Self {
        Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
        }
    }
}

impl Default for Argon2Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Hasher for Argon2Hasher {
    fn hash(&self, secret: &str) -> Result<CredentialHash, String> {
        self.argon2
            .hash_password(secret.as_bytes())
            .map(|hash| CredentialHash::new(hash.to_string()))
            .map_err(|error| error.to_string())
    }

    fn matches(&self, secret: &str, hash: &CredentialHash) -> bool {
        let Ok(hash) = PasswordHash::new(hash.expose()) else {
            return false;
        };
        let affordable = Params::try_from(&hash)
            .is_ok_and(|cost| cost.m_cost() <= MOST_MEMORY && cost.t_cost() <= MOST_PASSES);
        // The comparison inside takes the same time wherever they differ.
        affordable
            && self
                .argon2
                .verify_password(secret.as_bytes(), &hash)
                .is_ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_fresh_hash_says_what_it_cost() {
        let hasher = Argon2Hasher::new();
        let hash = hasher.hash("58213").unwrap();
        let expected = format!(
            "$argon2id$v=19$m={},t={},p=1$",
            Argon2Hasher::MEMORY,
            Argon2Hasher::PASSES
        );
        assert!(hash.expose().starts_with(&expected), "{}", hash.expose());
        assert!(hasher.matches("58213", &hash));
        assert!(!hasher.matches("58214", &hash));
        assert!(!hasher.matches("", &hash));
        assert_ne!(hash, hasher.hash("58213").unwrap(), "a fresh salt each");
    }

    #[test]
    fn a_hash_is_checked_by_its_own_cost() {
        let cheap = Argon2Hasher::with_cost(8, 1)
            .unwrap()
            .hash("58213")
            .unwrap();
        assert!(Argon2Hasher::new().matches("58213", &cheap));
    }

    #[test]
    fn hashes_of_others_never_match_and_never_cost_the_host() {
        let hasher = Argon2Hasher::new();
        let salted = "c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for odd in [
            String::new(),
            "58213".to_owned(),
            "$argon2id$v=19$m=19456,t=2,p=1".to_owned(),
            "$2b$12$abcdefghijklmnopqrstuv".to_owned(),
            format!("$argon2id$v=19$m=4194304,t=2,p=1${salted}"),
            format!("$argon2id$v=19$m=8,t=4000000000,p=1${salted}"),
        ] {
            assert!(!hasher.matches("58213", &CredentialHash::new(odd)));
        }
        assert!(Argon2Hasher::with_cost(1 << 30, 1).is_err());
        assert!(Argon2Hasher::with_cost(0, 1).is_err());
    }
}
