//! The clock. Nothing else in the house may ask for the time.

use std::time::Duration;

use super::BoxFuture;
use crate::model::Timestamp;

/// Where the time comes from; a fake one tests 168 hours in milliseconds.
pub trait Clock: Send + Sync + 'static {
    /// Wall time, for what is stored and shown.
    fn now(&self) -> Timestamp;

    /// Time that never jumps, since some fixed start; for timers.
    fn monotonic(&self) -> Duration;

    /// Waits until [`Clock::monotonic`] reaches `at`.
    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()>;
}
