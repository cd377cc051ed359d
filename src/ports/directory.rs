//! Who may sign in.

use std::net::IpAddr;

use serde::Serialize;

use super::BoxFuture;
pub use crate::model::PinFault;
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
    /// The directory server does not take it, and says more than that.
    #[error("the directory refuses the password: {0}")]
    RefusedThere(&'static str),
    /// The directory server has no entry for a user who is configured here.
    #[error("the directory has no entry for this user")]
    NoEntry,
    /// The directory server has several entries for one user.
    #[error("several entries of the directory fit this user")]
    SeveralEntries,
    /// Too many wrong attempts at this user.
    #[error("locked out after too many wrong attempts")]
    LockedOut {
        /// Until when.
        until: Timestamp,
    },
    /// Too many wrong attempts from one address, at whomever.
    #[error("too many wrong attempts from this address")]
    SourceLocked {
        /// Until when.
        until: Timestamp,
    },
    /// The check could not be made here (code 2, 204).
    #[error("the check could not be made: {0}")]
    Unavailable(String),
    /// The directory server could not be asked (code 9, 204).
    #[error("the directory cannot be asked: {0}")]
    DirectoryDown(String),
}

impl Denied {
    /// Whether nothing was learnt about the credential: it may be right. A
    /// phone shows 204, not 201, and nothing is counted.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::DirectoryDown(_))
    }
}

/// How the directory server fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DirectoryHealth {
    /// Where it is.
    pub url: String,
    /// Why it cannot be asked now; `None`: the last question was answered, or
    /// none was asked yet.
    pub outage: Option<DirectoryOutage>,
}

/// A directory server that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DirectoryOutage {
    /// Since when.
    pub since: Timestamp,
    /// What was seen, without secrets.
    pub why: String,
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

    /// How the directory server fares, where there is one.
    fn health(&self) -> Option<DirectoryHealth> {
        None
    }
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
