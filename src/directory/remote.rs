//! The directory server as a check sees it: one question, one answer.

use std::time::Duration;

use crate::model::{Password, Pin, UserId};
use crate::ports::{BoxFuture, DirectoryHealth};

/// What the server is asked about one user.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The id whose entry is looked for.
    pub(super) id: UserId,
    /// Whether the entry must have the id in the very same case: somebody else
    /// is configured whose id differs by case alone.
    pub(super) exact_case: bool,
    /// What would prove it.
    pub(super) proof: Proof,
}

/// What is offered.
#[derive(Clone, Debug)]
pub(super) enum Proof {
    /// Nothing: the entry is looked for, so that the steps are the same, and
    /// the answer lets nobody in.
    Nothing,
    /// A PIN, compared with the attribute that holds it.
    Pin(Pin),
    /// A password, by binding with it.
    Password(Password),
}

/// What the server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
    /// It is refused, and the server says why.
    Refused(&'static str),
    /// There is no such entry.
    NoEntry,
    /// There are several.
    SeveralEntries,
    /// The entry has no PIN, or one in a form that is not understood.
    NoPin,
}

/// The server could not be asked: one sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Outage(pub(super) String);

/// A directory server.
pub(super) trait Remote: Send + Sync + 'static {
    /// Whether PINs are kept there.
    fn keeps_pins(&self) -> bool;

    /// How long a right application password is remembered.
    fn remembers(&self) -> Duration;

    /// One search and at most one bind, bounded in time.
    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Answer, Outage>>;

    /// How it fares.
    fn health(&self) -> DirectoryHealth;
}
