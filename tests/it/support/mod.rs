//! What the stories share: a daemon of one's own (the real binary on free
//! loopback ports), and small clients.

pub mod admin;
pub mod daemon;
pub mod phones;
pub mod relay;
pub mod slapd;
pub mod tools;
pub mod web;

pub use daemon::{Daemon, Site};
