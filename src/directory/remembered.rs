//! Passwords of applications that were right once.
//!
//! The login service carries the application's password in every request; to
//! hash it each time would cost the phones their hashes. So a right one is
//! remembered, in memory alone, as a code under a key made at start. PINs and
//! users' passwords are never remembered.
//!
//! A password whose hash is here is remembered until the hash changes. One that
//! the directory server took is remembered for a short time only: that it was
//! changed there cannot be seen from here.

use std::collections::HashMap;
use std::time::Duration;

use super::hmac::{Mac, equal, mac_of_parts};
use crate::model::{Password, UserId};

/// The remembered passwords.
pub(super) struct Remembered {
    key: [u8; 32],
    kept: HashMap<UserId, Kept>,
}

struct Kept {
    code: Mac,
    /// Monotonic time; `None`: until the proof changes.
    until: Option<Duration>,
}

/// What a password was right for: any change of it forgets the password.
#[derive(Clone, Copy)]
pub(super) struct Proven<'a> {
    pub(super) user: &'a UserId,
    /// The hash, or a word for the directory server.
    pub(super) proof: &'a str,
    pub(super) version: u64,
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
            kept: HashMap::new(),
        })
    }

    /// Remembers a password that was right, until then.
    pub(super) fn keep(
        &mut self,
        proven: Proven<'_>,
        password: &Password,
        until: Option<Duration>,
    ) {
        let code = self.code(proven, password);
        self.kept.insert(proven.user.clone(), Kept { code, until });
    }

    /// Whether this is the remembered password of this very credential.
    pub(super) fn knows(&self, proven: Proven<'_>, password: &Password, now: Duration) -> bool {
        self.kept
            .get(proven.user)
            .filter(|kept| kept.until.is_none_or(|until| now < until))
            .is_some_and(|kept| equal(&kept.code, &self.code(proven, password)))
    }

    /// Forgets an application's password.
    pub(super) fn forget(&mut self, user: &UserId) {
        self.kept.remove(user);
    }

    fn code(&self, proven: Proven<'_>, password: &Password) -> Mac {
        let parts: [&[u8]; 4] = [
            proven.user.as_str().as_bytes(),
            proven.proof.as_bytes(),
            &proven.version.to_be_bytes(),
            password.expose().as_bytes(),
        ];
        mac_of_parts(&self.key, &parts)
    }
}
