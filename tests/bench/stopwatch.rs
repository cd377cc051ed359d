//! The only place that reads the clock: measuring is what this program is for.
#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant};

/// Now.
pub fn now() -> Instant {
    Instant::now()
}

/// Lets time pass.
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
