//! Our own requests and whether they were answered (RFC 3261 section 17.1.2,
//! the non-INVITE client transaction over a reliable transport).

use std::time::Duration;

use crate::sip::wire::{Message, Method, StatusCode};

/// Timer F: 64 * T1.
const TIMER_F: Duration = Duration::from_secs(32);

/// The most requests that may wait for an answer on one flow.
const WAITING: usize = 64;

/// What a request of ours was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// An order to restart or reset.
    Order,
    /// Lamps, forwarding, texts.
    Update,
}

#[derive(Debug)]
struct Transaction {
    branch: String,
    method: Method,
    about: About,
    until: Duration,
}

/// The requests that wait for a final response.
#[derive(Debug, Default)]
pub(super) struct Transactions(Vec<Transaction>);

impl Transactions {
    /// A request leaves. False when too many wait already: then it must not.
    pub(super) fn begin(
        &mut self,
        branch: &str,
        method: Method,
        about: About,
        now: Duration,
    ) -> bool {
        if self.0.len() >= WAITING {
            return false;
        }
        self.0.push(Transaction {
            branch: branch.to_owned(),
            method,
            about,
            until: now + TIMER_F,
        });
        true
    }

    /// Takes a response. `Some` for a final one to a request that waits:
    /// branch and method of CSeq say which (RFC 3261 section 17.1.3).
    pub(super) fn answered(&mut self, response: &Message) -> Option<(About, StatusCode)> {
        let status = response
            .status()
            .filter(|status| !status.is_provisional())?;
        let vias = response.headers.via().ok()?;
        // A second Via means that it was meant for somebody behind us.
        let [via] = vias.as_slice() else {
            return None;
        };
        let branch = via.branch()?;
        let method = response.headers.cseq().ok()?.method;
        let at = self
            .0
            .iter()
            .position(|waiting| waiting.branch == branch && waiting.method == method)?;
        Some((self.0.remove(at).about, status))
    }

    /// What waited too long.
    pub(super) fn overdue(&mut self, now: Duration) -> Vec<About> {
        self.0
            .extract_if(.., |waiting| waiting.until <= now)
            .map(|waiting| waiting.about)
            .collect()
    }

    /// Forgets the orders that wait; tells how many there were.
    pub(super) fn take_orders(&mut self) -> usize {
        self.0
            .extract_if(.., |waiting| waiting.about == About::Order)
            .count()
    }

    /// When the next one will have waited too long.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0.iter().map(|waiting| waiting.until).min()
    }
}
