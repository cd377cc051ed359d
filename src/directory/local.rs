//! The directory over the store's own users.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::check::Checker;
use super::lockout::CredentialPolicy;
use crate::model::{Pin, Secret};
use crate::ports::{
    BoxFuture, Clock, Denied, Directory, Hasher, Identity, PinRefused, Store, Verified,
};

/// How checks are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectorySettings {
    /// How wrong answers are counted.
    pub policy: CredentialPolicy,
    /// So many hashes are computed at a time.
    pub at_a_time: usize,
    /// So many checks may wait for their turn; one more is refused at once.
    pub waiting: usize,
}

impl Default for DirectorySettings {
    fn default() -> Self {
        Self {
            policy: CredentialPolicy::default(),
            at_a_time: 2,
            // At 28 ms a hash the last of them waits for under four seconds.
            waiting: 256,
        }
    }
}

/// Checks credentials against the hashes in the store's world.
pub struct LocalDirectory {
    checker: Arc<Checker>,
    turns: Arc<Semaphore>,
    pub(super) places: Arc<Semaphore>,
}

impl LocalDirectory {
    /// Over the users of `store`. Makes one hash: takes tens of milliseconds.
    ///
    /// # Errors
    /// A sentence when the system has no randomness or memory.
    pub fn new(
        store: Arc<dyn Store>,
        hasher: Arc<dyn Hasher>,
        clock: Arc<dyn Clock>,
        settings: DirectorySettings,
    ) -> Result<Self, String> {
        let at_a_time = settings.at_a_time.max(1);
        let places = at_a_time.saturating_add(settings.waiting);
        Ok(Self {
            checker: Arc::new(Checker::new(store, hasher, clock, settings.policy)?),
            turns: Arc::new(Semaphore::new(at_a_time)),
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
        })
    }

    /// Waits for a turn; refuses when too many wait already.
    async fn turn(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), Denied> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Denied::Unavailable("too many checks are waiting".to_owned()))?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| Denied::Unavailable("the directory has stopped".to_owned()))?;
        Ok((place, turn))
    }

    async fn check(&self, identity: Identity, secret: Secret) -> Result<Verified, Denied> {
        if let Some(verified) = self.checker.recall(&identity, &secret) {
            return Ok(verified);
        }
        let turn = self.turn().await?;
        let checker = Arc::clone(&self.checker);
        // The turn goes along: a caller that hangs up frees nothing early, and
        // its wrong answer counts.
        let check = tokio::task::spawn_blocking(move || {
            let verdict = checker.check(&identity, &secret);
            drop(turn);
            verdict
        });
        check
            .await
            .unwrap_or_else(|_| Err(Denied::Unavailable("the check broke off".to_owned())))
    }
}

impl Directory for LocalDirectory {
    fn verify(
        &self,
        identity: Identity,
        secret: Secret,
        _source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<Verified, Denied>> {
        Box::pin(self.check(identity, secret))
    }

    fn change_pin(
        &self,
        _identity: Identity,
        _present: Pin,
        _new: Pin,
        _source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<(), PinRefused>> {
        Box::pin(async { Err(PinRefused::KeptElsewhere) })
    }
}

impl fmt::Debug for LocalDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalDirectory").finish_non_exhaustive()
    }
}
