//! Who may sign in.

use std::net::IpAddr;

use super::BoxFuture;
use crate::model::{CredentialHash, LoginType, ObjectId, Pin, Secret, Timestamp, UserId};

/// Whose credential is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A user by what was typed at a phone.
    User {
        /// As typed.
        typed: UserId,
        /// What it is meant to be.
        login_type: LoginType,
        /// Whether case may differ when exactly one user fits.
        ignore_case: bool,
    },
    /// An application user, or an end user who acts through the login service.
    Application(UserId),
}

/// A credential was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// A user.
    User {
        /// Which.
        id: ObjectId,
        /// The user id as configured.
        user_id: UserId,
        /// The version of the credential that was checked: a decision made
        /// later compares it.
        version: u64,
        /// Whether the PIN was right but must be changed before anything else
        /// is done with it (code 41).
        pin_must_change: bool,
    },
    /// An application user.
    Application {
        /// Which.
        user_id: UserId,
        /// Whether it may act for others.
        proxy_rights: bool,
        /// The version of the credential that was checked.
        version: u64,
    },
}

/// A credential was not accepted. The caller tells the phone's user no more
/// than *wrong user id or PIN*; the reason is for the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody has this id or alias.
    #[error("nobody has this user id or alias")]
    Unknown,
    /// Several users fit what was typed: by case alone, or by an extension
    /// that is primary for several (code 47, 216).
    #[error("several users fit it")]
    Ambiguous,
    /// The user has no such credential.
    #[error("no PIN or password is set")]
    NotSet,
    /// It does not match.
    #[error("the PIN or password is wrong")]
    Wrong,
    /// Too many wrong attempts.
    #[error("locked out after too many wrong attempts")]
    LockedOut {
        /// Until when.
        until: Timestamp,
    },
    /// The check could not be made.
    #[error("the check could not be made: {0}")]
    Unavailable(String),
}

/// Checks credentials; slow, never inside a store transaction.
pub trait Directory: Send + Sync + 'static {
    /// Checks `secret` for `identity`. Wrong answers take as long as right
    /// ones, also for ids that do not exist. `source` is the host that asks,
    /// where one does: wrong answers are counted by source too.
    fn verify(
        &self,
        identity: Identity,
        secret: Secret,
        source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<Verified, Denied>>;

    /// Changes a user's PIN, once the present one was right. The old one is
    /// void when this answers.
    fn change_pin(
        &self,
        identity: Identity,
        present: Pin,
        new: Pin,
        source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<(), PinRefused>>;
}

/// Why a PIN was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinRefused {
    /// The present one was not right, or could not be checked.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The new one is not a PIN that this site takes.
    #[error(transparent)]
    Fault(#[from] PinFault),
    /// PINs are kept where we cannot write.
    #[error("PINs are kept in the directory and are changed there")]
    KeptElsewhere,
}

/// Why a PIN is not one that the site takes. No variant holds the PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinFault {
    /// It is too short.
    #[error("a PIN has {least} or more characters")]
    TooShort {
        /// The fewest.
        least: u8,
    },
    /// It is longer than any phone's form takes.
    #[error("a PIN has at most {most} characters")]
    TooLong {
        /// The most.
        most: u8,
    },
    /// It holds what the keypad does not give.
    #[error("a PIN is made of digits{}", if *.star_and_pound { ", * and #" } else { "" })]
    Characters {
        /// Whether `*` and `#` would do.
        star_and_pound: bool,
    },
    /// Everybody tries it first.
    #[error("that PIN is too easy to guess")]
    Trivial,
    /// It is the present one.
    #[error("the new PIN is the old one")]
    Same,
}

/// Makes and checks credential hashes; slow (tens of milliseconds), so it is
/// called off the async threads and never inside a store transaction.
pub trait Hasher: Send + Sync + 'static {
    /// Hashes a credential with a fresh salt.
    ///
    /// # Errors
    /// A sentence when the system has no randomness or memory.
    fn hash(&self, secret: &str) -> Result<CredentialHash, String>;

    /// Whether `secret` is what was hashed.
    fn matches(&self, secret: &str, hash: &CredentialHash) -> bool;
}
