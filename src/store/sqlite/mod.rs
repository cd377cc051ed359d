//! The embedded store: SQLite in one file of the data folder, one writer
//! thread that owns the connection and groups commits.
//!
//! `open` looks after the folder and the schema, `load` reads the rows into a
//! world, `rows` writes what a command touched, `audit` keeps the audit, `writer` is the
//! thread. Only `rows`, `load`, `audit` and the migrations know the tables.

mod audit;
mod load;
mod open;
mod rows;
mod schema;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot, watch};

use crate::model::World;
use crate::ports::{
    AuditFilter, AuditRow, BoxFuture, ChangeRecord, Clock, Commit, Decide, Scope, Store, StoreError,
};

pub use open::OpenError;
use writer::{Message, Writer};

/// How many commands may wait before a caller waits for room.
const INBOX: usize = 1024;

/// The embedded store. Dropping it lets the writer finish what was submitted,
/// closes the database and frees the data folder.
#[derive(Debug)]
pub struct SqliteStore {
    world: Arc<RwLock<World>>,
    changed: Arc<watch::Sender<u64>>,
    inbox: Option<mpsc::Sender<Message>>,
    writer: Option<JoinHandle<()>>,
}

/// What the writer's connection says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pragmas {
    /// `wal`.
    pub journal_mode: String,
    /// 2 is FULL: every COMMIT reaches the disk.
    pub synchronous: i64,
    /// Whether foreign keys are kept.
    pub foreign_keys: bool,
    /// How long a lock of another program is waited for, in milliseconds.
    pub busy_timeout: i64,
    /// The schema: how many migrations were applied.
    pub user_version: i64,
}

impl SqliteStore {
    /// Opens `embody.db` in the data folder `dir`, which is made when missing
    /// and belongs to this store until it is dropped. `node` names this daemon
    /// in what it writes; `clock` dates the audit.
    ///
    /// # Errors
    /// [`OpenError`], whose text tells an operator what to do.
    pub fn open(dir: &Path, node: &str, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let opened = open::open(dir)?;
        let world = Arc::new(RwLock::new(opened.world));
        let changed = Arc::new(watch::Sender::new(opened.number));
        let (inbox, messages) = mpsc::channel(INBOX);
        let writer = Writer::new(
            opened.connection,
            opened.lock,
            node.to_owned(),
            clock,
            Arc::clone(&world),
            Arc::clone(&changed),
            opened.number,
        );
        let writer = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.run(messages))
            .map_err(|why| OpenError::Thread(why.to_string()))?;
        Ok(Self {
            world,
            changed,
            inbox: Some(inbox),
            writer: Some(writer),
        })
    }

    /// Reads the settings back from the writer's own connection.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be asked.
    pub async fn pragmas(&self) -> Result<Pragmas, StoreError> {
        self.ask(|answer| Message::Pragmas { answer }).await
    }

    async fn ask<T>(
        &self,
        message: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Message,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let inbox = self.inbox.as_ref().ok_or(StoreError::Stopped)?;
        let sent = inbox.send(message(answer)).await;
        sent.map_err(|_| StoreError::Stopped)?;
        answered.await.map_err(|_| StoreError::Stopped)?
    }
}

impl Store for SqliteStore {
    fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&self, _scope: Scope, decide: Decide) -> BoxFuture<'_, Result<Commit, StoreError>> {
        Box::pin(self.ask(|answer| Message::Submit { decide, answer }))
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn read_after(
        &self,
        number: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<ChangeRecord>, StoreError>> {
        Box::pin(self.ask(move |answer| Message::Read {
            number,
            limit,
            answer,
        }))
    }

    fn audit(
        &self,
        filter: AuditFilter,
        before: Option<u64>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<AuditRow>, StoreError>> {
        Box::pin(self.ask(move |answer| Message::Audit {
            filter,
            before,
            limit,
            answer,
        }))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.inbox = None;
        if let Some(writer) = self.writer.take() {
            // The last owner may be a decision that the writer itself drops.
            if writer.thread().id() != std::thread::current().id() {
                let _ = writer.join();
            }
        }
    }
}
