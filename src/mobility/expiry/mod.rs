//! The end of a login by itself: after its time, at a time of day, or when
//! nobody uses the phone any more.
//!
//! `time_of_day` and `idle` hold one rule each, `next` tells which of them (or
//! the length of the login) ends a session first, `ending` is the decision
//! inside a transaction, `clock` notices when the wall clock is set, and `task`
//! looks and commits.
//!
//! - The length of a login (Cisco, *Extension Mobility 4.1*, Setting the Service
//!   Parameters; *exclusiveDuration* of the login service) is stored with the
//!   session as the point in wall time at which it ends.
//! - Times of day (CME, *em logout*) are read on the clock of the phone's zone.
//!   Since when they are what they are is stored: what was missed is made up,
//!   and a new list signs nobody out for a time that passed before it.
//! - The idle limit (CME, *max-idle-time*) goes by what this process saw of the
//!   phone: after a restart of the daemon it counts from there.
//!
//! None of them tears a call down: the session ends when the phone is put on
//! hook. Each end is decided again inside its transaction: whoever signed out
//! and in again in between keeps his new session.

mod clock;
mod ending;
mod idle;
mod next;
mod task;
mod time_of_day;

#[cfg(test)]
mod tests;

pub use ending::{Due, decide};
pub use next::{NextEnd, next_end};
pub use task::{Expirer, Round, run_expiry};
