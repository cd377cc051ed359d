//! Passwords of applications that were right once.
//!
//! The login service carries the application's password in every request; to
//! hash it each time would cost the phones their hashes. So a right one is
//! remembered, in memory alone, as a code under a key made at start. PINs and
//! users' passwords are never remembered.

use std::collections::HashMap;

use super::hmac::{Mac, equal, mac_of_parts};
use crate::model::{CredentialHash, Password, UserId};

/// The remembered passwords.
pub(super) struct Remembered {
    key: [u8; 32],
    codes: HashMap<UserId, Mac>,
}

impl Remembered {
    /// With a fresh key.
    ///
    /// # Errors
    /// A sentence when the system has no randomness.
    pub(super) fn new() -> Result<Self, String> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)
            .map_err(|error| format!("the system gives no random numbers: {error}"))?;
        Ok(Self {
            key,
            codes: HashMap::new(),
        })
    }

    /// Remembers a password that was right for this hash and version.
    pub(super) fn keep(
        &mut self,
        user: &UserId,
        hash: &CredentialHash,
        version: u64,
        password: &Password,
    ) {
        let code = self.code(user, hash, version, password);
        self.codes.insert(user.clone(), code);
    }

    /// Whether this is the remembered password of this very credential. Hash
    /// and version go into the code: any change of either forgets it.
    pub(super) fn knows(
        &self,
        user: &UserId,
        hash: &CredentialHash,
        version: u64,
        password: &Password,
    ) -> bool {
        self.codes
            .get(user)
            .is_some_and(|code| equal(code, &self.code(user, hash, version, password)))
    }

    /// Forgets an application's password.
    pub(super) fn forget(&mut self, user: &UserId) {
        self.codes.remove(user);
    }

    fn code(&self, user: &UserId, hash: &CredentialHash, version: u64, password: &Password) -> Mac {
        let parts: [&[u8]; 4] = [
            user.as_str().as_bytes(),
            hash.expose().as_bytes(),
            &version.to_be_bytes(),
            password.expose().as_bytes(),
        ];
        mac_of_parts(&self.key, &parts)
    }
}
