//! Durable truth behind [`crate::ports::Store`]: one writer, an in-memory
//! world that serves all reads, a gap-free number for every change.
//!
//! [`sqlite`] is the embedded store of the daemon; [`memory`] is the same
//! behaviour without a disk, for tests and tools. Both run decisions through
//! one draft of the world, so that what one refuses the other refuses too, and
//! both pass the same conformance suite.
//!
//! What must not be here: any rule of Extension Mobility. The store commits
//! what a decision says; it only refuses changes that contradict each other
//! (a session of a user who is not there, two phones of one name).

pub mod crash;
pub mod memory;
pub mod sqlite;

mod draft;
mod label;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod fixtures;

pub use memory::MemoryStore;
pub use sqlite::{OpenError, Pragmas, SqliteStore};

/// How many changes the feed keeps: a reader that lags further behind sees a
/// gap in the numbers and reads the world instead.
const KEPT_CHANGES: u64 = 100_000;

/// How many lines of what was done the audit keeps: a house of 5,000 people
/// fills them in ten days.
const KEPT_AUDIT: u64 = 100_000;

/// How many lines of what was refused it keeps beside them, so that whoever
/// guesses PINs for a day does not push out who signed in.
const KEPT_REFUSALS: u64 = 20_000;
