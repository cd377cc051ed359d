//! The journal: what happened to each phone, and why a phone is as it is.
//!
//! Events come in through [`crate::ports::Journal`] and are never awaited.
//! [`MemoryJournal`] keeps the last ones of each phone, the phones that nobody
//! configured, and a live stream; [`FileJournal`] puts a database file of its
//! own behind it. [`diagnose`] says in plain words what a phone holds, what it
//! should hold and what Embody waits for: it is pure over an [`Evidence`].
//!
//! What phones repeat for ever is counted in a [`Trail`] and hardly written.
//!
//! Keepalives and registration refreshes are no events. Audit lines are not
//! here either: they are part of the store's transactions. Nothing in this
//! room decides what is done to a phone.

mod describe;
mod diagnosis;
mod file;
mod memory;
mod reading;
mod recent;
mod render;
mod ring;
#[cfg(test)]
mod samples;
mod stream;
mod trail;
mod trails;
mod unknown;
mod words;

pub use describe::{clause, describe};
pub use diagnosis::{
    Diagnosis, Evidence, Finding, Gravity, Rule, SignedIn, Verdict, diagnose, diagnose_stranger,
};
pub use file::{FileJournal, JournalError, JournalSettings, JournalStats};
pub use memory::{MemoryJournal, MemoryLimits};
pub use reading::ReadFiles;
pub use render::{render_findings, render_why, render_why_in};
pub use ring::Ring;
pub use stream::{EventStream, Kinds, NoSuchKind, Streamed};
pub use trail::{Mark, Seen, Trail};
pub use trails::Stranger;
pub use unknown::{UnknownPhone, phone_block};
