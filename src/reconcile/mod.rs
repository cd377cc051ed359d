//! Pending rows -> orders. Brings every phone from what it holds to what is
//! wanted, and never acts on what is merely unknown.
//!
//! `steps` decides (pure: rows in, rows out), `rows` is what a decision sees
//! of the world while a batch of news is worked through, `driver` is the task
//! that reads news, commits, and hands orders to the registry. Only a pending
//! row makes it act; only a registration closes one.

mod driver;
mod rows;
mod steps;

pub use driver::{OrderHook, Reconciler, ReconcilerHandle, Settings};
