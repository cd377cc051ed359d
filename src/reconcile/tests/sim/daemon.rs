//! The daemon: what it loses when it crashes, and what others do to it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::parts::at_once;
use super::phone::State;
use super::{Event, Sim, catalogue_of, seconds};
use crate::model::{Stamp, Timestamp};
use crate::ports::{
    CameBack, Clock, Journal, Presence, Scope, Shown, Sighting, Sightings, Store, Verdict,
};
use crate::reconcile::driver::{Reconciler, Settings};
use crate::reconcile::news::ReconcilerHandle;
use crate::reconcile::tests::site::{self, Deed, PHONES, device, id};
use crate::registry::Registry;

/// Where the daemon dies: with the next order marked as left, before or after
/// it really left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fuse {
    BeforeOrder,
    AfterOrder,
}

/// All that a crash takes.
pub(super) struct Daemon {
    pub(super) registry: Arc<Registry>,
    pub(super) handle: ReconcilerHandle,
    /// `None` while it runs by itself.
    pub(super) reconciler: Option<Reconciler>,
    /// The last complete transfer of each phone's own file.
    pub(super) deliveries: BTreeMap<usize, Stamp>,
}

impl Sim {
    pub(super) fn start_daemon(&mut self, number: u64, edition: u8) {
        let registry = Arc::new(Registry::default());
        let (reconciler, handle) = Reconciler::new(
            Arc::clone(&self.store) as Arc<dyn Store>,
            Arc::clone(&registry),
            catalogue_of(edition),
            Arc::clone(&self.journals) as Arc<dyn Journal>,
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::new(site::NoWeb),
            "here",
            Settings {
                orders_per_second: self.pace,
                ..Settings::default()
            },
            Box::new(|| ()),
        );
        self.daemons = number;
        self.edition = edition;
        self.wake = self.now();
        self.daemon = Some(Daemon {
            registry,
            handle,
            reconciler: Some(reconciler),
            deliveries: BTreeMap::new(),
        });
    }

    /// The reconciler works, unless it is kept from it.
    pub(crate) fn round(&mut self) {
        if self.now() < self.stalled_until {
            return;
        }
        self.keepalives();
        let reconciler = self.daemon.as_mut().and_then(|d| d.reconciler.as_mut());
        let Some(reconciler) = reconciler else {
            return;
        };
        let wait = at_once(reconciler.round());
        self.wake = self.now().plus(wait);
        if !self.disk_full {
            self.fresh_accepts.clear();
        }
        self.collect();
        self.watch();
    }

    /// Takes what the reconciler sent.
    pub(crate) fn collect(&mut self) {
        for sent in self.wire.take() {
            self.sent(&sent);
        }
        if self.wire.blown() {
            self.crash(seconds(3), self.edition);
        }
    }

    /// The reconciler, to run by itself.
    pub(crate) fn take_reconciler(&mut self) -> Reconciler {
        self.daemon.as_mut().unwrap().reconciler.take().unwrap()
    }

    /// Phones that are there are heard of every 30 s.
    fn keepalives(&mut self) {
        let Some(daemon) = &self.daemon else { return };
        let tick = Timestamp(self.clock.time().0 / 30_000 * 30_000);
        for (on, phone) in self.phones.iter().enumerate() {
            if let State::Up { generation } = phone.state
                && let Some(seen) = daemon.registry.registration(&device(on))
            {
                let heard = tick.max(seen.heard);
                daemon.registry.heard(&device(on), generation, heard);
            }
        }
    }

    /// The daemon dies, and comes up again after `down`, perhaps of another
    /// edition.
    pub(crate) fn crash(&mut self, down: Duration, edition: u8) {
        if self.daemon.take().is_none() {
            return;
        }
        self.wire.take();
        for order in std::mem::take(&mut self.fresh_accepts) {
            self.orders[order].accepted = false;
        }
        self.daemons += 1;
        let daemon = self.daemons;
        self.enter(down, Event::DaemonStarts { daemon, edition });
        for on in 0..PHONES {
            if matches!(self.phones[on].state, State::Up { .. }) {
                self.cut(on, down + seconds(1 + 2 * u64::try_from(on).unwrap()));
            }
        }
    }

    /// The daemon dies and comes up as it was.
    pub(crate) fn crash_same(&mut self, down: Duration) {
        self.crash(down, self.edition);
    }

    /// The daemon dies of its next order.
    pub(crate) fn light(&mut self, fuse: Fuse) {
        self.wire.light(fuse);
    }

    /// The reconciler is kept from its work.
    pub(crate) fn stall(&mut self, length: Duration) {
        self.stalled_until = self.stalled_until.max(self.now().plus(length));
    }

    /// Nothing can be written for a while.
    pub(crate) fn fill_disk(&mut self, length: Duration) {
        self.disk_full = true;
        self.store.fail_commits(true);
        self.enter(length, Event::DiskHeals);
    }

    /// Somebody does something. `page` is when the answer has left for the
    /// phone that asked.
    pub(crate) fn does(&mut self, deed: Deed, page: Duration) {
        if self.daemon.is_none() {
            return;
        }
        let over = match deed {
            Deed::Login { on, over, .. } | Deed::Logout { on, over } if over => Some(on),
            _ => None,
        };
        // A phone asks one thing at a time.
        if let Some(on) = over
            && (!matches!(self.phones[on].state, State::Up { .. })
                || self.phones[on].asks_until > self.now())
        {
            return;
        }
        let before: Vec<_> = (0..PHONES).map(|on| self.wanted(on)).collect();
        let (now, catalogue) = (self.now(), catalogue_of(self.edition));
        let decide = move |world: &crate::model::World| {
            Verdict::Commit(site::decide(world, &catalogue, deed, now))
        };
        if at_once(self.store.submit(Scope::Site, Box::new(decide))).is_err() {
            return;
        }
        for (on, before) in before.into_iter().enumerate() {
            if self.wanted(on) != before {
                self.phones[on].changed();
            }
        }
        if let Deed::Command { on, .. } = deed {
            self.phones[on].changed();
        }
        if let Some(on) = over {
            let daemon = self.daemons;
            self.phones[on].asks_until = now.plus(page);
            self.phones[on].pages.push(now.plus(page));
            self.enter(page, Event::PageLeaves { on, daemon });
        }
        self.round();
    }

    pub(super) fn page_leaves(&mut self, on: usize, daemon: u64) {
        if daemon == self.daemons
            && let Some(daemon) = &self.daemon
        {
            daemon.handle.page_left(&device(on));
        }
    }

    pub(super) fn sighted(&mut self, daemon: u64, sighting: Sighting) {
        if daemon == self.daemons
            && let Some(daemon) = &self.daemon
        {
            daemon.handle.registered(sighting);
        }
    }

    /// Tells of a registration, true or not.
    pub(crate) fn tell_registered(
        &self,
        on: usize,
        generation: u64,
        shown: Shown,
        came_back: CameBack,
    ) {
        let sighting = Sighting {
            phone: id(on),
            device: device(on),
            generation,
            protocol: site::protocol(on),
            shown,
            came_back,
        };
        self.daemon.as_ref().unwrap().handle.registered(sighting);
    }

    /// Tells that a registration accepted an order, true or not.
    pub(crate) fn tell_accepted(&self, on: usize, generation: u64) {
        let daemon = self.daemon.as_ref().unwrap();
        daemon.handle.order_accepted(&device(on), generation);
    }

    /// Tells that a phone's file went out to it.
    pub(crate) fn tell_file_taken(&self, on: usize, file: Stamp) {
        let daemon = self.daemon.as_ref().unwrap();
        let basis = self.store.world().basis(id(on));
        daemon.handle.file_taken(&device(on), file, basis);
    }

    pub(crate) fn generation(&self, on: usize) -> Option<u64> {
        let daemon = self.daemon.as_ref()?;
        let seen = daemon.registry.registration(&device(on))?;
        Some(seen.generation)
    }

    /// What is stored of what a phone holds.
    pub(crate) fn held(&self, on: usize) -> (Option<Stamp>, Option<Stamp>) {
        let world = self.store.world();
        world
            .held
            .get(&id(on))
            .map_or((None, None), |held| (held.file, held.station))
    }

    pub(crate) fn is_registered(&self, on: usize) -> bool {
        self.daemon
            .as_ref()
            .is_some_and(|daemon| daemon.registry.registration(&device(on)).is_some())
    }
}
