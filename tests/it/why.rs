//! Every trap that a server can see a phone in: the fault is made to happen,
//! and the sentence is read.
//!
//! The daemon runs in this process, by a clock that is set forward; phones are
//! plain clients that do what a phone in that trap does.

mod commands;
mod files;
mod house;
mod orders;
mod place;
mod signalling;
