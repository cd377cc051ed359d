//! Proofs that phones converge. `site` is a small site and what people do
//! there, `sim` are phones, a network and a daemon that crashes around the
//! real reconciler, with the rules that hold at every order; `stories` tell
//! one rule each, `convergence` lets everything happen in any order. `people`
//! looks at who sits where meanwhile, and `durable` at what the disk holds when
//! the power fails.

#![allow(clippy::unwrap_used)]

mod convergence;
mod durable;
mod people;
mod sim;
mod site;
mod stories;
