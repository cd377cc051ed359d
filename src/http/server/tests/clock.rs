//! A clock that is moved by hand.

use std::time::Duration;

use tokio::sync::watch;

use crate::model::Timestamp;
use crate::ports::{BoxFuture, Clock};

/// Stands still until it is moved.
pub(crate) struct Hand {
    time: watch::Sender<Duration>,
    sleepers: watch::Sender<usize>,
}

impl Hand {
    pub(crate) fn new() -> Self {
        Self {
            time: watch::Sender::new(Duration::ZERO),
            sleepers: watch::Sender::new(0),
        }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.time.send_modify(|time| *time += by);
    }

    /// How many sleeps have been begun in all.
    pub(crate) fn begun(&self) -> usize {
        *self.sleepers.borrow()
    }

    /// Waits until sleeps have been begun so many times in all: what is timed
    /// is timed from now, and moving the clock is certain to be seen.
    pub(crate) async fn slept(&self, times: usize) {
        let mut sleepers = self.sleepers.subscribe();
        let begun = sleepers.wait_for(|count| *count >= times);
        let in_time = tokio::time::timeout(Duration::from_secs(40), begun).await;
        assert!(in_time.is_ok(), "sleep {times} was never begun");
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(1_000_000).plus(*self.time.borrow())
    }

    fn monotonic(&self) -> Duration {
        *self.time.borrow()
    }

    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        let mut time = self.time.subscribe();
        self.sleepers.send_modify(|count| *count += 1);
        Box::pin(async move {
            // The clock outlives its sleepers in every test.
            let _ = time.wait_for(|time| *time >= at).await;
        })
    }
}
