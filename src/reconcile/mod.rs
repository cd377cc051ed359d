//! Pending rows -> orders. Brings every phone from what it holds to what is
//! wanted, and never acts on what is merely unknown.
//!
//! `steps` decides (pure: rows in, rows out), `due` tells when the next order
//! of a row may leave, `rows` is what a decision sees of the world while a
//! batch of news is worked through, `news` is what the rest of the house tells,
//! and `driver` is the task that commits, and hands orders to the registry.
//! Only a pending row makes it act; only a registration closes one.

mod call_logs;
mod driver;
mod due;
mod news;
mod rows;
mod steps;

#[cfg(test)]
mod tests;

pub use driver::{OrderHook, Reconciler, Settings};
pub use news::ReconcilerHandle;
