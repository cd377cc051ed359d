//! TFTP transfers as state machines: no sockets, no clock of their own; the
//! time comes as an argument and what to do goes back as a [`Step`].
//!
//! [`Transfer`] is the server's side of one read, [`Fetch`] the client's.
//! Which files exist, who may have them and which port a packet leaves from is
//! not decided here.

#[cfg(test)]
mod bench;
mod blocks;
mod fetch;
mod patience;
#[cfg(test)]
mod stories;
mod terms;
mod transfer;

use std::time::Instant;

pub use fetch::{Fetch, FetchOutcome, FetchTerms};
pub use patience::Retry;
pub use terms::Terms;
pub use transfer::{Outcome, Phase, Transfer};

use super::wire::ErrorCode;

/// What the driver of a machine does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<O> {
    /// A datagram for the other side.
    pub send: Option<Vec<u8>>,
    /// What comes after it.
    pub then: Then<O>,
}

/// What follows a [`Step`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then<O> {
    /// Wait for packets; at this time call `on_timeout`.
    Until(Instant),
    /// It is over. The machine may still be fed: it repeats this outcome, and
    /// a [`Fetch`] goes on acknowledging a repeated last block.
    Done(O),
}

/// An ERROR that the other side sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerError {
    /// Its code.
    pub code: ErrorCode,
    /// Its words, escaped and shortened: fit for a log.
    pub text: String,
}

impl PeerError {
    /// Words of a peer longer than this are cut, in octets.
    const MAX_TEXT: usize = 120;

    fn new(code: ErrorCode, text: &[u8]) -> Self {
        let text = text.get(..Self::MAX_TEXT).unwrap_or(text);
        Self {
            code,
            text: text.escape_ascii().to_string(),
        }
    }
}

/// Block numbers wrap from 65535 to 0: files beyond 65535 blocks depend on it.
fn wire_number(block: u64) -> u16 {
    (block & 0xffff) as u16
}
