//! The registrar: what a call manager does with what phones send it over SIP,
//! for one flow. State, no I/O; time and randomness are arguments.
//!
//! `registrar` is the machine, `binding` the one registration that a flow
//! carries; `register` reads a REGISTER, `claims` what it says about who sent
//! it, `digest` whether that is true, `decision` does what was decided about
//! it; `requests` answers everything else that phones send; `orders` is what
//! we send them, `transactions` whether they answered; `answered` what they
//! were answered, should they ask again; `hook` reads off-hook and on-hook.
//!
//! What must not live here: sockets, who is configured, who else is
//! registered. The machine asks ([`Output::Register`]) and is told
//! ([`Registrar::admitted`], [`Registrar::refused`]).

mod answer;
mod answered;
mod binding;
mod claims;
mod decision;
mod digest;
pub mod hook;
mod names;
mod orders;
mod register;
mod registrar;
mod requests;
mod transactions;

#[cfg(test)]
mod tests;

pub use claims::{Claims, Contradiction};
pub use decision::{Refusal, Standing, Welcome};
pub use digest::{Digest, Verdict};
pub use register::Register;
pub use registrar::{AnswerPort, Ends, Output, Registrar, Settings, Why};
