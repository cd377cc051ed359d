//! The writer: the one thread that owns the connection.
//!
//! It drains what is queued, up to a limit, into one transaction with a
//! savepoint a command; COMMIT, then the world that all read, then the
//! answers, then the feed. Nothing is answered before it is durable: not even
//! a refusal, for it may rest on a command of the same group.

use std::fs::File;
use std::sync::{Arc, RwLock};

use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot, watch};

use super::load::signed;
use super::rows::Touched;
use super::{Pragmas, audit, schema};
use crate::model::{Change, World};
use crate::ports::{AuditFilter, AuditRow, ChangeRecord, Clock, Commit, Decide, StoreError};
use crate::store::crash::crash_point;
use crate::store::draft::Draft;
use crate::store::label::kind_and_key;
use crate::store::{KEPT_AUDIT, KEPT_CHANGES, KEPT_REFUSALS};

/// The most messages that share a COMMIT.
const GROUP: usize = 256;
/// How many changes are made between two prunings of the feed.
const PRUNE_EVERY: u64 = 1_000;
/// The most changes that one reading of the feed brings.
const READ_LIMIT: usize = 10_000;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked.
pub(super) enum Message {
    /// Decide and commit.
    Submit {
        decide: Decide,
        answer: Answer<Commit>,
    },
    /// The changes after a number.
    Read {
        number: u64,
        limit: usize,
        answer: Answer<Vec<ChangeRecord>>,
    },
    /// Lines of the audit.
    Audit {
        filter: AuditFilter,
        before: Option<u64>,
        limit: usize,
        answer: Answer<Vec<AuditRow>>,
    },
    /// The settings of the connection.
    Pragmas { answer: Answer<Pragmas> },
    /// Any SQL, to make the disk fail.
    #[cfg(test)]
    Sql { sql: String, answer: Answer<()> },
}

/// Why a command came to nothing.
enum Trouble {
    /// It alone.
    Command(StoreError),
    /// The database gave the whole transaction up.
    Group(StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Command(error)
    }
}

/// The thread's own things.
pub(super) struct Writer {
    connection: Connection,
    _lock: File,
    node: String,
    clock: Arc<dyn Clock>,
    public: Arc<RwLock<World>>,
    changed: Arc<watch::Sender<u64>>,
    draft: Draft,
    /// The newest durable change.
    committed: u64,
    /// The newest change of the running group.
    number: u64,
    /// Whether the transaction of the group has begun.
    begun: bool,
    pruned_at: u64,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        lock: File,
        node: String,
        clock: Arc<dyn Clock>,
        public: Arc<RwLock<World>>,
        changed: Arc<watch::Sender<u64>>,
        number: u64,
    ) -> Self {
        let world = public
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone();
        Self {
            connection,
            _lock: lock,
            node,
            clock,
            public,
            changed,
            draft: Draft::new(world),
            committed: number,
            number,
            begun: false,
            pruned_at: 0,
        }
    }

    /// Serves until every sender is gone.
    pub(super) fn run(mut self, mut inbox: mpsc::Receiver<Message>) {
        while let Some(first) = inbox.blocking_recv() {
            let mut group = vec![first];
            while group.len() < GROUP
                && let Ok(next) = inbox.try_recv()
            {
                group.push(next);
            }
            self.serve(group);
            self.prune();
        }
    }

    fn serve(&mut self, group: Vec<Message>) {
        let mut outcomes: Vec<(Answer<Commit>, Result<Commit, StoreError>)> = Vec::new();
        let mut questions = Vec::new();
        for message in group {
            let Message::Submit { mut decide, answer } = message else {
                questions.push(message);
                continue;
            };
            let outcome = match self.command(&mut decide) {
                Ok(commit) => Ok(commit),
                Err(Trouble::Command(error)) => Err(error),
                Err(Trouble::Group(error)) => {
                    self.give_up();
                    fail_all(&mut outcomes, &error);
                    Err(error)
                }
            };
            outcomes.push((answer, outcome));
        }
        if let Err(error) = self.commit() {
            self.give_up();
            fail_all(&mut outcomes, &error);
        }
        for (answer, outcome) in outcomes {
            // A caller that went away is no concern of the store.
            let _ = answer.send(outcome);
        }
        let number = self.committed;
        self.changed.send_if_modified(|seen| {
            let newer = *seen != number;
            *seen = number;
            newer
        });
        for question in questions {
            self.answer(question);
        }
    }

    /// Decides one command and writes its rows behind a savepoint.
    fn command(&mut self, decide: &mut Decide) -> Result<Commit, Trouble> {
        let changes = self.draft.ask(decide)?;
        if changes.is_empty() {
            return Ok(Commit {
                number: self.number,
            });
        }
        let touched = Touched::by(&changes, self.draft.world());
        self.draft.stage(&changes, &self.public)?;
        if let Err(error) = self.write(&touched, &changes) {
            let error = failed(&error);
            // SQLite may have rolled back everything by itself (disk full):
            // then there is no such savepoint any more.
            let undo = "ROLLBACK TO command; RELEASE command";
            if self.begun && self.connection.execute_batch(undo).is_err() {
                return Err(Trouble::Group(error));
            }
            self.draft.undo(&self.public);
            return Err(Trouble::Command(error));
        }
        self.number += changes.len() as u64;
        self.draft.keep(changes);
        Ok(Commit {
            number: self.number,
        })
    }

    /// Begins the transaction of the group, unless a command before did.
    fn begin(&mut self) -> rusqlite::Result<()> {
        if self.begun {
            return Ok(());
        }
        if !self.connection.is_autocommit() {
            // Left over from a rollback that failed.
            self.connection.execute_batch("ROLLBACK")?;
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        self.begun = true;
        Ok(())
    }

    fn write(&mut self, touched: &Touched, changes: &[Change]) -> rusqlite::Result<()> {
        self.begin()?;
        self.connection.execute_batch("SAVEPOINT command")?;
        touched.write(&self.connection, self.draft.world())?;
        let mut log = self
            .connection
            .prepare_cached("INSERT INTO change_log (number, kind, key) VALUES (?1, ?2, ?3)")?;
        for (change, number) in changes.iter().zip(self.number + 1..) {
            let (kind, key) = kind_and_key(change);
            log.execute(params![signed(number), kind, key])?;
            if let Change::Audit(audit) = change {
                audit::add(
                    &self.connection,
                    number,
                    self.clock.now(),
                    &self.node,
                    audit,
                )?;
            }
        }
        self.connection.execute_batch("RELEASE command")
    }

    /// Makes the group durable and shows it.
    fn commit(&mut self) -> Result<(), StoreError> {
        if !self.begun {
            return Ok(());
        }
        crash_point("before-commit");
        self.connection
            .execute_batch("COMMIT")
            .map_err(|error| failed(&error))?;
        crash_point("after-commit");
        self.begun = false;
        self.committed = self.number;
        self.draft.publish(&self.public);
        Ok(())
    }

    /// Takes the whole group back, on disk and in memory.
    fn give_up(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "the database could not roll back");
        }
        self.begun = false;
        self.number = self.committed;
        self.draft.discard(&self.public);
    }

    fn answer(&self, question: Message) {
        match question {
            Message::Submit { .. } => {}
            Message::Read {
                number,
                limit,
                answer,
            } => {
                let _ = answer.send(self.read(number, limit).map_err(|e| failed(&e)));
            }
            Message::Audit {
                filter,
                before,
                limit,
                answer,
            } => {
                let limit = limit.min(READ_LIMIT);
                let rows = audit::read(&self.connection, &filter, before, limit);
                let _ = answer.send(rows.map_err(|e| failed(&e)));
            }
            Message::Pragmas { answer } => {
                let _ = answer.send(schema::pragmas(&self.connection).map_err(|e| failed(&e)));
            }
            #[cfg(test)]
            Message::Sql { sql, answer } => {
                let _ = answer.send(self.connection.execute_batch(&sql).map_err(|e| failed(&e)));
            }
        }
    }

    fn read(&self, after: u64, limit: usize) -> rusqlite::Result<Vec<ChangeRecord>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT number, kind, key FROM change_log WHERE number > ?1 ORDER BY number LIMIT ?2",
        )?;
        let values = params![signed(after), signed(limit.min(READ_LIMIT))];
        let rows = statement.query_map(values, |row| {
            Ok(ChangeRecord {
                number: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
                kind: row.get(1)?,
                key: row.get(2)?,
            })
        })?;
        rows.collect()
    }

    /// Forgets the oldest changes of the feed, now and then.
    fn prune(&mut self) {
        if self.committed < self.pruned_at + PRUNE_EVERY {
            return;
        }
        self.pruned_at = self.committed;
        let oldest = self.committed.saturating_sub(KEPT_CHANGES);
        let pruned = self
            .connection
            .prepare_cached("DELETE FROM change_log WHERE number <= ?1")
            .and_then(|mut statement| statement.execute(params![signed(oldest)]));
        if let Err(error) = pruned {
            tracing::warn!(%error, "old changes could not be pruned");
        }
        if let Err(error) = audit::prune(&self.connection, KEPT_AUDIT, KEPT_REFUSALS) {
            tracing::warn!(%error, "old lines of the audit could not be pruned");
        }
    }
}

fn failed(error: &rusqlite::Error) -> StoreError {
    StoreError::Failed(error.to_string())
}

/// None of these became durable.
fn fail_all(outcomes: &mut [(Answer<Commit>, Result<Commit, StoreError>)], error: &StoreError) {
    for (_, outcome) in outcomes {
        if outcome.is_ok() {
            *outcome = Err(error.clone());
        }
    }
}
