//! Our own requests and whether they were answered: the non-INVITE client
//! transaction of RFC 3261 section 17.1.2.
//!
//! Over UDP a request is repeated until it is answered (timer E: T1, doubling
//! to T2). There is no timer K: an answer that comes again finds no
//! transaction and is dropped, which is all that K is for.

use std::time::Duration;

use bytes::Bytes;

use crate::sip::wire::{Message, Method, StatusCode};

/// T1, the round trip that is expected (RFC 3261 section 17.1.1.1).
pub(super) const T1: Duration = Duration::from_millis(500);

/// T2, the longest pause between two repetitions.
pub(super) const T2: Duration = Duration::from_secs(4);

/// Timer F: 64 * T1.
const TIMER_F: Duration = Duration::from_secs(32);

/// The most requests that may wait for an answer on one flow.
const WAITING: usize = 64;

/// The most bytes of one flow that wait to be repeated: a phone that never
/// answers must not cost more.
const WAITING_BYTES: usize = 16 * 1024;

/// What a request of ours was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// An order to restart or reset.
    Order,
    /// Lamps, forwarding, texts.
    Update,
}

/// A packet that is sent again until something comes back.
#[derive(Debug)]
pub(super) struct Repetition {
    at: Duration,
    pause: Duration,
}

impl Repetition {
    /// For a packet that leaves now.
    pub(super) fn starting(now: Duration) -> Self {
        Self {
            at: now + T1,
            pause: T1,
        }
    }

    /// When it is due.
    pub(super) const fn at(&self) -> Duration {
        self.at
    }

    /// Whether it is due; then the next one is twice as far, up to T2.
    pub(super) fn falls_due(&mut self, now: Duration) -> bool {
        if self.at > now {
            return false;
        }
        self.pause = (self.pause * 2).min(T2);
        // A clock that jumped makes one repetition, not many.
        self.at = now + self.pause;
        true
    }

    /// The other side works on it: no hurry any more.
    fn slow_down(&mut self) {
        self.pause = T2;
    }
}

#[derive(Debug)]
struct Transaction {
    branch: String,
    method: Method,
    about: About,
    until: Duration,
    /// Over UDP: the bytes, and when they leave again.
    again: Option<(Bytes, Repetition)>,
}

/// The requests that wait for a final response.
#[derive(Debug, Default)]
pub(super) struct Transactions(Vec<Transaction>);

impl Transactions {
    /// A request leaves; `packet` is what is to be repeated, over UDP. False
    /// when too many wait already: then it must not leave.
    pub(super) fn begin(
        &mut self,
        branch: &str,
        method: Method,
        about: About,
        packet: Option<Bytes>,
        now: Duration,
    ) -> bool {
        let waiting: usize = self.0.iter().map(Transaction::size).sum();
        let more = packet.as_ref().map_or(0, Bytes::len);
        if self.0.len() >= WAITING || waiting + more > WAITING_BYTES {
            return false;
        }
        self.0.push(Transaction {
            branch: branch.to_owned(),
            method,
            about,
            until: now + TIMER_F,
            again: packet.map(|packet| (packet, Repetition::starting(now))),
        });
        true
    }

    /// Whether a request waits for this response.
    pub(super) fn is_awaited(&self, response: &Message) -> bool {
        self.find(response).is_some()
    }

    /// The request that waits for a response: branch and method of CSeq say
    /// which (RFC 3261 section 17.1.3).
    fn find(&self, response: &Message) -> Option<usize> {
        let vias = response.headers.via().ok()?;
        // A second Via means that it was meant for somebody behind us.
        let [via] = vias.as_slice() else {
            return None;
        };
        let branch = via.branch()?;
        let method = response.headers.cseq().ok()?.method;
        self.0
            .iter()
            .position(|waiting| waiting.branch == branch && waiting.method == method)
    }

    /// Takes a response. `Some` for a final one to a request that waits.
    pub(super) fn answered(&mut self, response: &Message) -> Option<(About, StatusCode)> {
        let status = response.status()?;
        let at = self.find(response)?;
        if status.is_provisional() {
            if let Some((_, repetition)) = self.0.get_mut(at).and_then(|w| w.again.as_mut()) {
                repetition.slow_down();
            }
            return None;
        }
        Some((self.0.remove(at).about, status))
    }

    /// What leaves again now.
    pub(super) fn repeat(&mut self, now: Duration) -> Vec<Bytes> {
        self.0
            .iter_mut()
            .filter_map(|waiting| waiting.again.as_mut())
            .filter_map(|(packet, repetition)| repetition.falls_due(now).then(|| packet.clone()))
            .collect()
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

    /// When something is to be repeated, or will have waited too long.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0
            .iter()
            .map(|waiting| match &waiting.again {
                Some((_, repetition)) => repetition.at().min(waiting.until),
                None => waiting.until,
            })
            .min()
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(Transaction::size).sum()
    }
}

impl Transaction {
    fn size(&self) -> usize {
        self.again.as_ref().map_or(0, |(packet, _)| packet.len())
    }
}
