//! What every part of the phone needs.

use std::sync::Arc;
use std::time::Duration;

use super::profile::{Pace, Profile, Servers};
use super::seen::Shared;

#[derive(Debug, Clone)]
pub(super) struct Phone {
    pub(super) profile: Arc<Profile>,
    pub(super) servers: Servers,
    pub(super) pace: Pace,
    pub(super) shared: Arc<Shared>,
}

impl Phone {
    /// Takes as long as a real phone for something of its own, at this pace.
    pub(super) async fn take_time(&self, seconds: u64) {
        let wait = self.pace.wait(Duration::from_secs(seconds));
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    pub(super) async fn back_off(&self) {
        tokio::time::sleep(self.pace.back_off).await;
    }
}
