//! The station: what a call manager does with what one phone sends over one
//! connection. State, no I/O; time is an argument.
//!
//! `station` is the machine, `snapshot` what a registered phone is answered
//! from, `soft_keys` the keys under the display, `alarm` what phones say about
//! themselves before they register.

mod alarm;
mod snapshot;
mod soft_keys;
mod station;

#[cfg(test)]
mod tests;

pub use alarm::AlarmReport;
pub use snapshot::Snapshot;
pub use station::{Output, Settings, Station, Why};
