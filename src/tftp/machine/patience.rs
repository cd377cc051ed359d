//! When to send again, and when to give up.

use std::time::{Duration, Instant};

/// How often, and how patiently, a packet without an answer is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Wait before the first repetition; it doubles with each further one.
    pub interval: Duration,
    /// How often a packet is sent in all before the peer counts as gone.
    pub tries: u32,
}

impl Default for Retry {
    /// 1 s, 5 tries: sent at 0, 1, 3, 7 and 15 s, given up at 31 s.
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            tries: 5,
        }
    }
}

/// No wait grows beyond this.
const LONGEST: Duration = Duration::from_secs(60);

/// The timer of one side of a transfer.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    first: Duration,
    doubles: bool,
    tries: u32,
    wait: Duration,
    sent: u32,
    deadline: Instant,
}

impl Patience {
    /// A first packet leaves at `now`.
    pub(super) fn new(retry: Retry, now: Instant) -> Self {
        // A zero would repeat without end in the same instant.
        let first = retry.interval.max(Duration::from_millis(1));
        Self {
            first,
            doubles: true,
            tries: retry.tries,
            wait: first,
            sent: 1,
            deadline: now + first,
        }
    }

    /// From the next packet on wait this long each time: the `timeout` option
    /// (RFC 2349), under which the other side counts on the interval.
    pub(super) fn settle(&mut self, interval: Duration) {
        self.first = interval;
        self.doubles = false;
    }

    /// A packet with something new leaves at `now`.
    pub(super) fn sent_new(&mut self, now: Instant) {
        self.wait = self.first;
        self.sent = 1;
        self.deadline = now + self.wait;
    }

    /// The deadline came: is there another try? If so it counts as sent.
    pub(super) fn try_again(&mut self, now: Instant) -> bool {
        if self.sent >= self.tries {
            return false;
        }
        self.sent += 1;
        if self.doubles {
            self.wait = (self.wait * 2).min(LONGEST.max(self.first));
        }
        self.deadline = now + self.wait;
        true
    }

    /// Whether the packet last sent has been repeated already.
    pub(super) fn repeating(&self) -> bool {
        self.sent > 1
    }

    pub(super) fn due(&self, now: Instant) -> bool {
        now >= self.deadline
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }
}
