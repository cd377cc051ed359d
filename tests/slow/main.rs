//! What takes long: storms of thousands of phones, and the soak. Plain
//! `cargo test` leaves it out; run it with
//!
//!     cargo test --test slow -- --test-threads 1 --nocapture
//!
//! `EMBODY_BINARY` names another build of the daemon (a release build);
//! `setting` and its callers know what else can be set.
//! Nothing here fails by a stopwatch. What is measured is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::cast_precision_loss, clippy::cast_sign_loss)] // figures for people

mod closing;
mod load;
mod memory;
mod process;
mod setting;
mod soak;
mod storm;

#[allow(dead_code)] // the stories use more of it
#[path = "../it/support/mod.rs"]
mod support;
