//! The pending rows and held marks of a world, with the changes of the batch
//! that is being decided laid over them; and what is wanted today.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{
    Catalogue, Change, DeviceName, FileOrder, Held, ObjectId, Pending, Stamp, Timestamp, Wanted,
    World,
};
use crate::ports::EventKind;

/// Something for the journal.
pub(super) type Told = Vec<(DeviceName, EventKind)>;

/// Where and since when the decisions are made.
pub(super) struct Bench {
    pub(super) catalogue: Arc<Catalogue>,
    /// The name of this node.
    pub(super) node: Arc<str>,
    /// When this process took up its work: files and orders of an earlier one
    /// may have been cut short.
    pub(super) started: Timestamp,
}

pub(super) struct Rows<'a> {
    world: &'a World,
    bench: &'a Bench,
    now: Timestamp,
    pending: BTreeMap<ObjectId, Option<Pending>>,
    held: BTreeMap<ObjectId, Held>,
    told: Told,
}

/// What is wanted on a phone by the templates and the load of today, and how
/// its model comes to a changed file.
pub(super) struct Today {
    pub(super) wanted: Wanted,
    pub(super) file_order: FileOrder,
}

impl<'a> Rows<'a> {
    pub(super) fn new(world: &'a World, bench: &'a Bench, now: Timestamp) -> Self {
        Self {
            world,
            bench,
            now,
            pending: BTreeMap::new(),
            held: BTreeMap::new(),
            told: Told::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether this process was already at work at this time.
    pub(super) fn was_at_work(&self, at: Timestamp) -> bool {
        at >= self.bench.started
    }

    /// Whether this process is at work for so long.
    pub(super) fn has_worked_for(&self, length: Duration) -> bool {
        self.now.since(self.bench.started) >= length
    }

    pub(super) fn tell(&mut self, device: &DeviceName, kind: EventKind) {
        self.told.push((device.clone(), kind));
    }

    pub(super) fn world(&self) -> &'a World {
        self.world
    }

    /// `None` for a phone that is not configured, or of an unknown model.
    pub(super) fn today(&self, phone: ObjectId) -> Option<Today> {
        let session = self.world.sessions.get(&phone);
        let phone = self.world.phones.get(&phone)?;
        let (wanted, model) = self
            .world
            .wanted_with(&self.bench.catalogue, phone, session)?;
        let file_order = model.facts(wanted.protocol)?.file_order;
        Some(Today { wanted, file_order })
    }

    pub(super) fn pending(&self, phone: ObjectId) -> Option<Pending> {
        match self.pending.get(&phone) {
            Some(row) => row.clone(),
            None => self.world.pending.get(&phone).cloned(),
        }
    }

    pub(super) fn held(&self, phone: ObjectId) -> Option<&Held> {
        self.held
            .get(&phone)
            .or_else(|| self.world.held.get(&phone))
    }

    pub(super) fn put_pending(&mut self, row: Pending) {
        self.pending.insert(row.phone, Some(row));
    }

    pub(super) fn drop_pending(&mut self, phone: ObjectId) {
        self.pending.insert(phone, None);
    }

    /// Keeps what a phone holds; what says nothing new is not written.
    pub(super) fn put_held(
        &mut self,
        phone: ObjectId,
        file: Option<Stamp>,
        station: Option<Stamp>,
    ) {
        let node = &*self.bench.node;
        let same = self
            .held(phone)
            .is_some_and(|old| (old.file, old.station, &*old.node) == (file, station, node));
        if !same {
            let held = Held {
                phone,
                file,
                station,
                node: node.to_owned(),
                seen: self.now,
            };
            self.held.insert(phone, held);
        }
    }

    /// What is to be committed, and then told.
    pub(super) fn finish(self) -> (Vec<Change>, Told) {
        let world = self.world;
        let held = self.held.into_values().map(Change::PutHeld);
        let pending = self
            .pending
            .into_iter()
            .filter_map(|(phone, row)| match row {
                Some(row) if world.pending.get(&phone) == Some(&row) => None,
                Some(row) => Some(Change::PutPending(Box::new(row))),
                None if world.pending.contains_key(&phone) => Some(Change::DropPending(phone)),
                None => None,
            });
        (held.chain(pending).collect(), self.told)
    }
}
