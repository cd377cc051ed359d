//! Two addresses that claim one name.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::Timestamp;

/// Over which time takeovers are counted, and for how long one is refused.
const WINDOW: Duration = Duration::from_secs(60);

/// How many takeovers in [`WINDOW`] are still taken for a phone that moved.
const TOLERATED: usize = 3;

/// The takeovers of one name between different addresses.
#[derive(Debug, Default)]
pub(super) struct Contest {
    takeovers: VecDeque<Timestamp>,
    until: Option<Timestamp>,
}

impl Contest {
    /// Counts a takeover; `Some(first)` when it must be refused, as by
    /// [`Self::refuses`].
    pub(super) fn takeover(&mut self, now: Timestamp) -> Option<bool> {
        let refused = self.refuses(now);
        if refused.is_none() {
            self.takeovers.push_back(now);
        }
        refused
    }

    /// `Some(first)` when a takeover is refused now, because the name is
    /// contested. `first` for the refusal that begins the 60 s.
    pub(super) fn refuses(&mut self, now: Timestamp) -> Option<bool> {
        if self.is_on(now) {
            return Some(false);
        }
        self.until = None;
        // Takeovers of a later time are of a clock that was set back since.
        self.takeovers.retain(|at| *at <= now);
        while self
            .takeovers
            .front()
            .is_some_and(|at| now.since(*at) >= WINDOW)
        {
            self.takeovers.pop_front();
        }
        if self.takeovers.len() < TOLERATED {
            return None;
        }
        self.takeovers.clear();
        self.until = Some(now.plus(WINDOW));
        Some(true)
    }

    /// Whether the name is contested now.
    pub(super) fn is_on(&self, now: Timestamp) -> bool {
        // Where the clock was set back, it is over.
        let left = self.until.map(|until| until.since(now));
        left.is_some_and(|left| left > Duration::ZERO && left <= WINDOW)
    }
}
