//! A store without a disk: for tests, tools and trials. What it holds is gone
//! with it; in all else it behaves as the embedded store.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use tokio::sync::watch;

use super::KEPT_CHANGES;
use super::draft::Draft;
use super::label::kind_and_key;
use crate::model::{Change, World};
use crate::ports::{BoxFuture, ChangeRecord, Commit, Decide, Scope, Store, StoreError};

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
    failing: bool,
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
                failing: false,
            }),
            changed: watch::Sender::new(0),
        }
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
}
