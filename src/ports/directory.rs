//! Who may sign in.

use super::BoxFuture;
use crate::model::{CredentialHash, ObjectId, Secret, Timestamp, UserId};

/// Whose credential is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A user by what was typed at a phone: id or alias.
    User {
        /// As typed.
        typed: UserId,
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
    /// Several users differ from what was typed by case alone.
    #[error("several user ids differ from it by case alone")]
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
    /// ones, also for ids that do not exist.
    fn verify(&self, identity: Identity, secret: Secret)
    -> BoxFuture<'_, Result<Verified, Denied>>;
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
