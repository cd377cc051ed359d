//! Secrets: they never print, and leave memory when dropped.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes a secret in.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The secret itself: only for comparing, hashing, or a boot file.
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// Whether nothing was given.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }
    };
}

secret!(
    /// A user's PIN, as keyed in on a phone.
    Pin
);
secret!(
    /// A password of a user or an application user.
    Password
);
secret!(
    /// A stored hash of a PIN or password (argon2id, PHC string).
    CredentialHash
);
secret!(
    /// The digest secret of a phone: 20 characters of `[A-Za-z0-9]`, made with
    /// the phone, the same on every line.
    SipSecret
);

/// A credential offered by someone who wants to act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The PIN of a user at a phone.
    Pin(Pin),
    /// A password, of a user or an application.
    Password(Password),
}

impl Secret {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        match self {
            Self::Pin(pin) => pin.expose(),
            Self::Password(password) => password.expose(),
        }
    }
}

impl SipSecret {
    /// How many characters a digest secret has.
    pub const LENGTH: usize = 20;

    /// Makes a secret from random bytes; surplus bytes that would skew the
    /// choice are skipped. `None` when there were too few bytes.
    pub fn from_random(bytes: &[u8]) -> Option<Self> {
        const LETTERS: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let text: String = bytes
            .iter()
            .filter(|byte| usize::from(**byte) < LETTERS.len() * 4)
            .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
            .take(Self::LENGTH)
            .collect();
        (text.len() == Self::LENGTH).then(|| Self::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(format!("{:?}", Pin::new("58213")), "Pin(hidden)");
        let offered = Secret::Password(Password::new("swordfish"));
        assert!(!format!("{offered:?}").contains("swordfish"));
    }

    #[test]
    fn a_sip_secret_is_twenty_letters_and_digits() {
        let bytes: Vec<u8> = (0..=255).collect();
        let secret = SipSecret::from_random(&bytes);
        assert!(secret.as_ref().is_some_and(|s| {
            s.expose().len() == 20 && s.expose().chars().all(|c| c.is_ascii_alphanumeric())
        }));
        assert!(SipSecret::from_random(&bytes[..10]).is_none());
    }
}
