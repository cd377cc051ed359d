//! A store without a disk: for tests, tools and trials. What it holds is gone
//! with it; in all else it behaves as the embedded store.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use tokio::sync::watch;

use super::draft::Draft;
use super::label::kind_and_key;
use super::{KEPT_AUDIT, KEPT_CHANGES, KEPT_REFUSALS};
use crate::model::{Audit, Change, Timestamp, World};
use crate::ports::{
    AuditFilter, AuditRow, BoxFuture, ChangeRecord, Clock, Commit, Decide, Scope, Store, StoreError,
};

/// The store without a disk.
#[derive(Debug)]
pub struct MemoryStore {
    world: RwLock<World>,
    desk: Mutex<Desk>,
    changed: watch::Sender<u64>,
}

/// What one writer at a time has in hand.
#[derive(Debug)]
struct Desk {
    draft: Draft,
    number: u64,
    log: VecDeque<ChangeRecord>,
    /// What was done, and what was refused: each is forgotten by itself.
    done: VecDeque<AuditRow>,
    refused: VecDeque<AuditRow>,
    clock: Option<Clocked>,
    failing: bool,
}

/// A clock without words about itself.
struct Clocked(Arc<dyn Clock>);

impl std::fmt::Debug for Clocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a clock")
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::with(World::default())
    }

    /// A store that starts with this world.
    pub fn with(world: World) -> Self {
        Self {
            world: RwLock::new(world.clone()),
            desk: Mutex::new(Desk {
                draft: Draft::new(world),
                number: 0,
                log: VecDeque::new(),
                done: VecDeque::new(),
                refused: VecDeque::new(),
                clock: None,
                failing: false,
            }),
            changed: watch::Sender::new(0),
        }
    }

    /// The same store with a clock that dates its audit; without one the audit
    /// knows no time.
    #[must_use]
    pub fn dated_by(self, clock: Arc<dyn Clock>) -> Self {
        self.desk().clock = Some(Clocked(clock));
        self
    }

    /// While on, every commit fails as on a full disk.
    pub fn fail_commits(&self, on: bool) {
        self.desk().failing = on;
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit(&self, mut decide: Decide) -> Result<Commit, StoreError> {
        let mut desk = self.desk();
        let changes = desk.draft.ask(&mut decide)?;
        if changes.is_empty() {
            return Ok(Commit {
                number: desk.number,
            });
        }
        if desk.failing {
            return Err(StoreError::Failed("the disk is full".to_owned()));
        }
        desk.draft.stage(&changes, &self.world)?;
        for change in &changes {
            desk.log(change);
        }
        desk.draft.keep(changes);
        desk.draft.publish(&self.world);
        let number = desk.number;
        // Inside the lock, so that watchers never see numbers go backwards.
        self.changed.send_replace(number);
        Ok(Commit { number })
    }
}

impl Desk {
    fn log(&mut self, change: &Change) {
        let (kind, key) = kind_and_key(change);
        self.number += 1;
        self.log.push_back(ChangeRecord {
            number: self.number,
            kind: kind.to_owned(),
            key,
        });
        if self.log.len() as u64 > KEPT_CHANGES {
            self.log.pop_front();
        }
        if let Change::Audit(audit) = change {
            self.audit(audit);
        }
    }

    fn audit(&mut self, audit: &Audit) {
        let at = self.clock.as_ref().map_or(Timestamp(0), |c| c.0.now());
        let row = AuditRow {
            number: self.number,
            at,
            node: "memory".to_owned(),
            audit: audit.clone(),
        };
        let (rows, most) = match audit.failed {
            None => (&mut self.done, KEPT_AUDIT),
            Some(_) => (&mut self.refused, KEPT_REFUSALS),
        };
        rows.push_back(row);
        if rows.len() as u64 > most {
            rows.pop_front();
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&self, _scope: Scope, decide: Decide) -> BoxFuture<'_, Result<Commit, StoreError>> {
        Box::pin(async move { self.commit(decide) })
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn read_after(
        &self,
        number: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<ChangeRecord>, StoreError>> {
        Box::pin(async move {
            let desk = self.desk();
            let start = desk.log.partition_point(|record| record.number <= number);
            Ok(desk.log.iter().skip(start).take(limit).cloned().collect())
        })
    }

    fn audit(
        &self,
        filter: AuditFilter,
        before: Option<u64>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<AuditRow>, StoreError>> {
        Box::pin(async move {
            let desk = self.desk();
            let mut rows: Vec<AuditRow> = desk
                .done
                .iter()
                .chain(&desk.refused)
                .filter(|row| before.is_none_or(|before| row.number < before))
                .filter(|row| filter.means(&row.audit))
                .cloned()
                .collect();
            rows.sort_by_key(|row| std::cmp::Reverse(row.number));
            rows.truncate(limit);
            Ok(rows)
        })
    }
}
