//! Who the phones say they are, at their own web servers.
//!
//! What a phone said counts for as long as it is registered; silence counts
//! for a minute, so that a phone without a web server does not wait at every
//! page. Questions are bounded in number and in time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::http::look::AskIdentity;
use crate::model::DeviceName;
use crate::ports::{Clock, Registration};

/// How long silence counts.
const SILENT: Duration = Duration::from_secs(60);

/// How long a page waits for an answer, and for its turn to ask.
const PATIENCE: Duration = Duration::from_secs(4);

/// Phones that are asked at one time.
const AT_A_TIME: usize = 64;

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It is the phone.
    Itself,
    /// It is this one.
    Other(String),
    /// It did not say, for this reason.
    Silent(String),
}

/// What is known of a phone.
struct Known {
    told: Told,
    /// The registration that it was asked in.
    generation: u64,
    /// When (monotonic).
    at: Duration,
}

impl Known {
    fn counts(&self, generation: u64, now: Duration) -> bool {
        let fresh = match self.told {
            Told::Itself | Told::Other(_) => true,
            Told::Silent(_) => now.saturating_sub(self.at) < SILENT,
        };
        fresh && self.generation == generation
    }
}

/// Asks phones, and remembers.
pub(super) struct Callers {
    /// One for each configured phone that asked for a page, at most.
    known: Mutex<HashMap<DeviceName, Known>>,
    turns: Semaphore,
    clock: Arc<dyn Clock>,
}

impl Callers {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            known: Mutex::default(),
            turns: Semaphore::new(AT_A_TIME),
            clock,
        }
    }

    /// What the phone of this registration says, and whether it was asked just
    /// now.
    pub(super) async fn ask(&self, identify: &AskIdentity, there: &Registration) -> (Told, bool) {
        if let Some(told) = self.remembered(there) {
            return (told, false);
        }
        let asking = async {
            let _turn = self.turns.acquire().await;
            // Who waited may find that it was asked meanwhile.
            match self.remembered(there) {
                Some(told) => (told, false),
                None => (told(identify, there).await, true),
            }
        };
        let (told, asked_now) = tokio::time::timeout(PATIENCE, asking)
            .await
            .unwrap_or_else(|_| (Told::Silent("it did not answer in time".to_owned()), true));
        if asked_now {
            let known = Known {
                told: told.clone(),
                generation: there.generation,
                at: self.clock.monotonic(),
            };
            self.known().insert(there.device.clone(), known);
        }
        (told, asked_now)
    }

    fn remembered(&self, there: &Registration) -> Option<Told> {
        let now = self.clock.monotonic();
        let known = self.known();
        let known = known.get(&there.device)?;
        known
            .counts(there.generation, now)
            .then(|| known.told.clone())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<DeviceName, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn told(identify: &AskIdentity, there: &Registration) -> Told {
    match identify(there.peer.ip().to_canonical()).await {
        Ok(identity) if identity.is(&there.device) => Told::Itself,
        Ok(other) => Told::Other(other.to_string()),
        Err(why) => Told::Silent(why),
    }
}
