//! A daemon, four phones and the wires between them, by one calendar. The
//! reconciler is the real one, with the real store in memory and the real
//! registry; files, pages and protocols are as the other rooms tell of them.

mod daemon;
mod parts;
mod phone;
mod rules;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::site::{self, PHONES, catalogue, device, id};
use crate::model::{EndReason, OrderKind, Pending, Progress, Stamps, Timestamp, World};
use crate::ports::{Presence, Sighting, Store};
use crate::store::MemoryStore;
use daemon::Daemon;
pub(crate) use daemon::Fuse;
use parts::{Journals, SimClock, Wire};
pub(crate) use phone::File;
use phone::SimPhone;
use rules::Order;

/// When the calendar begins.
const START: Timestamp = Timestamp(1_000_000_000);

/// What is in the calendar.
#[derive(Clone, Debug)]
enum Event {
    PowerOn {
        on: usize,
        life: u64,
    },
    FetchStarts {
        on: usize,
        life: u64,
        tries: u8,
    },
    FetchEnds {
        on: usize,
        life: u64,
        daemon: u64,
        file: File,
    },
    Registers {
        on: usize,
        life: u64,
    },
    Sighted {
        daemon: u64,
        sighting: Sighting,
    },
    Arrives {
        order: usize,
    },
    SilenceNoticed {
        on: usize,
        daemon: u64,
        generation: u64,
    },
    PageLeaves {
        on: usize,
        daemon: u64,
    },
    CallEnds {
        on: usize,
        call: u64,
    },
    HearsAgain {
        on: usize,
    },
    DaemonStarts {
        daemon: u64,
        edition: u8,
    },
    DiskHeals,
}

/// Everything.
pub(crate) struct Sim {
    clock: Arc<SimClock>,
    store: Arc<MemoryStore>,
    journals: Arc<Journals>,
    wire: Arc<Wire>,
    pace: usize,
    daemon: Option<Daemon>,
    daemons: u64,
    edition: u8,
    calendar: BTreeMap<(Timestamp, u64), Event>,
    entries: u64,
    wake: Timestamp,
    stalled_until: Timestamp,
    disk_full: bool,
    phones: Vec<SimPhone>,
    orders: Vec<Order>,
    /// Accepted, and maybe not yet known to be.
    fresh_accepts: Vec<usize>,
    /// Sessions that ended by themselves, and are not taken note of yet.
    ended: Vec<(usize, EndReason)>,
}

impl Sim {
    /// All phones are registered and hold what is wanted.
    pub(crate) fn new() -> Self {
        Self::paced(100)
    }

    /// So many orders a second.
    pub(crate) fn paced(pace: usize) -> Self {
        Self::with(pace, |_| ())
    }

    /// The same house with other rules.
    pub(crate) fn with(pace: usize, edit: impl FnOnce(&mut World)) -> Self {
        let first = catalogue(0);
        let mut world = site::world(&first);
        edit(&mut world);
        let phones = (0..PHONES)
            .map(|on| {
                let wanted = world.wanted(&first, id(on)).unwrap().stamps;
                SimPhone::new(wanted)
            })
            .collect();
        let mut sim = Self {
            clock: Arc::new(SimClock::new(START)),
            store: Arc::new(MemoryStore::with(world)),
            journals: Arc::default(),
            wire: Arc::default(),
            pace,
            daemon: None,
            daemons: 0,
            edition: 0,
            calendar: BTreeMap::new(),
            entries: 0,
            wake: START,
            stalled_until: START,
            disk_full: false,
            phones,
            orders: Vec::new(),
            fresh_accepts: Vec::new(),
            ended: Vec::new(),
        };
        sim.start_daemon(0, 0);
        for on in 0..PHONES {
            sim.enter(seconds(1), Event::Registers { on, life: 0 });
        }
        sim.run(5);
        assert!(sim.orders.is_empty(), "unknown is no reason to act");
        sim
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.time()
    }

    fn enter(&mut self, after: Duration, event: Event) {
        self.entries += 1;
        self.calendar
            .insert((self.now().plus(after), self.entries), event);
    }

    pub(crate) fn run(&mut self, secs: u64) {
        self.run_for(seconds(secs));
    }

    /// Lets time pass.
    pub(crate) fn run_for(&mut self, length: Duration) {
        let end = self.now().plus(length);
        let mut idle_rounds = 0;
        loop {
            let event = self.calendar.keys().next().map(|(at, _)| *at);
            let wake = self
                .daemon
                .as_ref()
                .map(|_| self.wake.max(self.stalled_until));
            let next = [event, wake].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            idle_rounds = if next == self.now() {
                idle_rounds + 1
            } else {
                0
            };
            assert!(idle_rounds < 1000, "the reconciler spins");
            self.clock.set(next.max(self.now()));
            if event == Some(next) {
                let (_, event) = self.calendar.pop_first().unwrap();
                self.happen(event);
            }
            self.round();
        }
        self.clock.set(end);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::PowerOn { on, life } => self.power_on(on, life),
            Event::FetchStarts { on, life, tries } => self.fetch_starts(on, life, tries),
            Event::FetchEnds {
                on,
                life,
                daemon,
                file,
            } => self.fetch_ends(on, life, daemon, file),
            Event::Registers { on, life } => self.registers(on, life),
            Event::Sighted { daemon, sighting } => self.sighted(daemon, sighting),
            Event::Arrives { order } => self.arrives(order),
            Event::SilenceNoticed {
                on,
                daemon,
                generation,
            } => self.silence_noticed(on, daemon, generation),
            Event::PageLeaves { on, daemon } => self.page_leaves(on, daemon),
            Event::CallEnds { on, call } => self.call_ends(on, call),
            Event::HearsAgain { on } => self.phones[on].deaf = false,
            Event::DaemonStarts { daemon, edition } => {
                if self.daemons == daemon && self.daemon.is_none() {
                    self.start_daemon(daemon, edition);
                }
            }
            Event::DiskHeals => {
                self.disk_full = false;
                self.store.fail_commits(false);
            }
        }
    }

    /// What is wanted on a phone now.
    pub(crate) fn wanted(&self, on: usize) -> Stamps {
        self.wanted_by(self.edition, on)
    }

    fn wanted_by(&self, edition: u8, on: usize) -> Stamps {
        let world = self.store.world();
        world.wanted(&catalogue_of(edition), id(on)).unwrap().stamps
    }

    /// The world as it is stored.
    pub(crate) fn world(&self) -> World {
        self.store.world().clone()
    }

    /// Sessions that ended by themselves since this was asked last.
    pub(crate) fn take_ended(&mut self) -> Vec<(usize, EndReason)> {
        std::mem::take(&mut self.ended)
    }

    /// Whether somebody talks on this phone, as far as the daemon knows.
    pub(crate) fn in_call(&self, on: usize) -> bool {
        self.daemon
            .as_ref()
            .and_then(|daemon| daemon.registry.registration(&device(on)))
            .is_some_and(|there| there.in_call)
    }

    pub(crate) fn row(&self, on: usize) -> Option<Pending> {
        self.store.world().pending.get(&id(on)).cloned()
    }

    pub(crate) fn refuses(&self, on: usize) -> bool {
        matches!(
            self.row(on).map(|row| row.progress),
            Some(Progress::Refuses { .. })
        )
    }

    /// Whether the phone really has what is wanted, by whatever template.
    pub(crate) fn is_right(&self, on: usize) -> bool {
        let plain = self.wanted_by(0, on);
        let phone = &self.phones[on];
        let station = site::protocol(on) == crate::model::Protocol::Sip
            || phone.station == Some(plain.station);
        phone.file.plain == plain.file && station
    }

    /// The orders that were sent to a phone, with the second they left.
    pub(crate) fn orders(&self, on: usize) -> Vec<(f64, OrderKind)> {
        #[allow(clippy::cast_precision_loss)] // hours, not millennia
        let second = |at: Timestamp| at.since(START).as_millis() as f64 / 1000.0;
        self.orders
            .iter()
            .filter(|order| order.on == on)
            .map(|order| (second(order.at), order.kind))
            .collect()
    }

    pub(crate) fn kinds(&self, on: usize) -> Vec<OrderKind> {
        self.orders(on).into_iter().map(|(_, kind)| kind).collect()
    }

    pub(crate) fn told(&self, on: usize) -> Vec<String> {
        self.journals.of(&device(on))
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn catalogue_of(edition: u8) -> Arc<crate::model::Catalogue> {
    thread_local! {
        static EDITIONS: [Arc<crate::model::Catalogue>; 3] = std::array::from_fn(|edition| {
            catalogue(u8::try_from(edition).unwrap())
        });
    }
    EDITIONS.with(|editions| Arc::clone(&editions[usize::from(edition)]))
}
