//! The station: what a call manager does with what one phone sends over one
//! connection. State, no I/O; time is an argument.
//!
//! `station` is the connection and `registered` what lasts as long as one
//! registration on it: `answers` to what is asked, the lifted `hook`, `orders`,
//! and what is `push`ed. `snapshot` is what a registered phone is answered
//! from, `family` what some phones need beside, `soft_keys` the keys under the
//! display, `alarm` what phones say of themselves before they register.

mod alarm;
mod answers;
mod family;
mod hook;
mod orders;
mod output;
mod push;
mod registered;
mod snapshot;
mod soft_keys;
mod station;

#[cfg(test)]
mod tests;

pub use alarm::AlarmReport;
pub use output::{Output, Why};
pub use snapshot::Snapshot;
pub use station::{Settings, Station};
