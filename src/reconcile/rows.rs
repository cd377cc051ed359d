//! The pending rows and held marks of a world, with the changes of the batch
//! that is being decided laid over them.

use std::collections::BTreeMap;

use crate::model::{Change, Held, ObjectId, Pending, World};

pub(super) struct Rows<'a> {
    world: &'a World,
    pending: BTreeMap<ObjectId, Option<Pending>>,
    held: BTreeMap<ObjectId, Held>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self {
            world,
            pending: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    pub(super) fn world(&self) -> &'a World {
        self.world
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

    /// Keeps a held mark; what says nothing new is not written.
    pub(super) fn put_held(&mut self, held: Held) {
        let same = self.held(held.phone).is_some_and(|old| {
            (old.file, old.station, &old.node) == (held.file, held.station, &held.node)
        });
        if !same {
            self.held.insert(held.phone, held);
        }
    }

    /// What is to be committed.
    pub(super) fn into_changes(self) -> Vec<Change> {
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
        held.chain(pending).collect()
    }
}
