//! Credential hashes: argon2id as PHC strings (RFC 9106).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash};

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
    spare: Spare,
}

/// Memory that hashes and checks lend each other. Each needs 19 MiB for 30 ms; given
/// back to the allocator each time, every thread that ever made one would keep
/// as much for itself.
#[derive(Clone, Default)]
struct Spare(Arc<Mutex<Vec<Vec<Block>>>>);

impl fmt::Debug for Spare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spare")
    }
}

impl Spare {
    fn take(&self, blocks: usize) -> Vec<Block> {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = spare.pop().unwrap_or_default();
        drop(spare);
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        memory
    }

    /// As many are kept as were at work at one time, which is bounded by who
    /// asks; what was for an unusually dear hash is not.
    fn give_back(&self, memory: Vec<Block>) {
        if memory.len() <= Argon2Hasher::MEMORY as usize {
            let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            spare.push(memory);
        }
    }
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
            spare: Spare::default(),
        }
    }

    /// A fresh hash, with a salt of its own.
    fn make(&self, secret: &str) -> Result<PasswordHash, String> {
        let cost = self.argon2.params();
        let mut salt = [0; Salt::RECOMMENDED_LENGTH];
        getrandom::fill(&mut salt).map_err(words)?;
        let salt = Salt::new(&salt).map_err(words)?;
        let mut room = [0; Params::DEFAULT_OUTPUT_LEN];
        let blocks = cost.block_count();
        let mut memory = self.spare.take(blocks);
        let made = self.argon2.hash_password_into_with_memory(
            secret.as_bytes(),
            &salt,
            &mut room,
            memory.get_mut(..blocks).unwrap_or_default(),
        );
        self.spare.give_back(memory);
        made.map_err(words)?;
        Ok(PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: cost.try_into().map_err(words::<password_hash::Error>)?,
            salt: Some(salt),
            hash: Some(Output::new(&room).map_err(words)?),
        })
    }

    /// Whether this is what was hashed; `None` for what is no such hash, or
    /// would cost too much.
    fn check(&self, secret: &str, hash: &PasswordHash) -> Option<bool> {
        let cost = Params::try_from(hash)
            .ok()
            .filter(|cost| cost.m_cost() <= MOST_MEMORY && cost.t_cost() <= MOST_PASSES)?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = match hash.version {
            Some(version) => Version::try_from(version).ok()?,
            None => Version::default(),
        };
        let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
        let mut room = [0; Output::MAX_LENGTH];
        let found = room.get_mut(..expected.len())?;
        let blocks = cost.block_count();
        let mut memory = self.spare.take(blocks);
        let made = memory.get_mut(..blocks).is_some_and(|memory| {
            Argon2::new(algorithm, version, cost)
                .hash_password_into_with_memory(secret.as_bytes(), salt, found, memory)
                .is_ok()
        });
        self.spare.give_back(memory);
        // The comparison takes the same time wherever they differ.
        made.then(|| Output::new(found).is_ok_and(|found| found == *expected))
    }
}

fn words<E: fmt::Display>(error: E) -> String {
    error.to_string()
}

impl Default for Argon2Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Hasher for Argon2Hasher {
    fn hash(&self, secret: &str) -> Result<CredentialHash, String> {
        let hash = self.make(secret)?;
        Ok(CredentialHash::new(hash.to_string()))
    }

    fn matches(&self, secret: &str, hash: &CredentialHash) -> bool {
        PasswordHash::new(hash.expose())
            .ok()
            .and_then(|hash| self.check(secret, &hash))
            .unwrap_or(false)
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
    fn checks_one_after_the_other_use_the_same_memory() {
        let hasher = Argon2Hasher::with_cost(64, 1).unwrap();
        let hash = hasher.hash("58213").unwrap();
        for _ in 0..5 {
            assert!(hasher.clone().matches("58213", &hash));
        }
        let kept: Vec<usize> = hasher
            .spare
            .0
            .lock()
            .unwrap()
            .iter()
            .map(Vec::len)
            .collect();
        assert_eq!(kept, [64], "one piece, of the size that was needed");
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
