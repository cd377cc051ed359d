//! Durable truth.

use std::sync::{Arc, Mutex, RwLockReadGuard};

use serde::Serialize;
use tokio::sync::watch;

use super::BoxFuture;
use crate::model::{Audit, Change, DeviceName, Timestamp, UserId, World};

/// Whose rows a transaction reads. The embedded store serialises everything;
/// a shared one locks just these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// These phones and users, and all sessions of these users.
    Of {
        /// Phones.
        phones: Vec<DeviceName>,
        /// Users.
        users: Vec<UserId>,
    },
    /// The whole site (apply, import).
    Site,
}

/// What a decision says.
#[derive(Debug)]
pub enum Verdict {
    /// Commit these changes, in this order; empty commits nothing.
    Commit(Vec<Change>),
    /// Commit nothing.
    Abort,
}

/// A repeatable decision over the world as it is inside the transaction. Does
/// no I/O and never blocks.
pub type Decide = Box<dyn FnMut(&World) -> Verdict + Send>;

/// A durable commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The number of its last change; unchanged when nothing was committed.
    pub number: u64,
}

/// One change as the feed tells it: what changed, not how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRecord {
    /// Gap-free number.
    pub number: u64,
    /// The kind of object, for example `session`.
    pub kind: String,
    /// Its key.
    pub key: String,
}

/// A line of the audit as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// The number of the change that it is.
    pub number: u64,
    /// When it was stored.
    pub at: Timestamp,
    /// By which node.
    pub node: String,
    /// The line.
    #[serde(flatten)]
    pub audit: Audit,
}

/// Which lines of the audit are meant; nothing set: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// About this phone.
    pub device: Option<DeviceName>,
    /// About this user.
    pub user: Option<UserId>,
    /// Whether it failed.
    pub failed: Option<bool>,
}

impl AuditFilter {
    /// Whether a line is meant.
    pub fn means(&self, audit: &Audit) -> bool {
        let same_device = self.device.is_none() || self.device == audit.device;
        let same_user = self.user.is_none() || self.user == audit.user;
        let same_end = self
            .failed
            .is_none_or(|failed| failed == audit.failed.is_some());
        same_device && same_user && same_end
    }
}

/// The store could not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// COMMIT or a statement failed; the world is untouched.
    #[error("the database could not write: {0}")]
    Failed(String),
    /// The store has stopped.
    #[error("the store has stopped")]
    Stopped,
}

/// Durable truth, with an in-memory world that serves all reads.
pub trait Store: Send + Sync + 'static {
    /// The world as committed. Hold the guard briefly and never over an await.
    fn world(&self) -> RwLockReadGuard<'_, World>;

    /// Decides inside a transaction: rows under lock, `decide`, COMMIT, then
    /// the world, then this answer and the feed.
    fn submit(&self, scope: Scope, decide: Decide) -> BoxFuture<'_, Result<Commit, StoreError>>;

    /// The number of the newest change; wakes its watchers after each commit.
    fn changed(&self) -> watch::Receiver<u64>;

    /// The changes after `number`, oldest first, at most `limit`.
    fn read_after(
        &self,
        number: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<ChangeRecord>, StoreError>>;

    /// The lines of the audit that `filter` means, the newest first, at most
    /// `limit`; those before number `before`, where it is given.
    ///
    /// A store that keeps no audit (a stand-in of tests) has none.
    fn audit(
        &self,
        filter: AuditFilter,
        before: Option<u64>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<AuditRow>, StoreError>> {
        let _ = (filter, before, limit);
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// What a decision comes to: a value for the caller, and the changes.
#[derive(Debug)]
pub struct Decision<T> {
    /// For the caller, once the changes are durable.
    pub value: T,
    /// To be committed.
    pub changes: Vec<Change>,
}

/// Why a transaction came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactError<E> {
    /// The decision refused.
    #[error("refused")]
    Refused(E),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Runs a decision that answers with a value or a refusal of its own.
///
/// # Errors
/// [`TransactError::Refused`] with what `decide` refused, or the store's error.
pub async fn transact<T, E>(
    store: &dyn Store,
    scope: Scope,
    mut decide: impl FnMut(&World) -> Result<Decision<T>, E> + Send + 'static,
) -> Result<T, TransactError<E>>
where
    T: Send + 'static,
    E: Send + 'static,
{
    let slot: Arc<Mutex<Option<Result<T, E>>>> = Arc::new(Mutex::new(None));
    let fill = Arc::clone(&slot);
    let verdict = move |world: &World| {
        let (outcome, verdict) = match decide(world) {
            Ok(Decision { value, changes }) => (Ok(value), Verdict::Commit(changes)),
            Err(refusal) => (Err(refusal), Verdict::Abort),
        };
        if let Ok(mut slot) = fill.lock() {
            *slot = Some(outcome);
        }
        verdict
    };
    store.submit(scope, Box::new(verdict)).await?;
    let outcome = slot.lock().ok().and_then(|mut slot| slot.take());
    match outcome {
        Some(Ok(value)) => Ok(value),
        Some(Err(refusal)) => Err(TransactError::Refused(refusal)),
        None => Err(TransactError::Store(StoreError::Stopped)),
    }
}
