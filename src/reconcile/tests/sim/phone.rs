//! The phones: they boot, fetch, register, obey, and are sometimes deaf,
//! stubborn, cut off or out of power.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::parts::SimLink;
use super::rules::Fate;
use super::{Event, Sim, catalogue_of, seconds};
use crate::model::{
    Basis, ObjectId, OrderKind, Protocol, Stamp, Stamps, Timestamp, World, stamp_of,
};
use crate::ports::{CameBack, LinkOrder, PhoneLink, Presence, Shown, Sighting, Sightings, Store};
use crate::reconcile::tests::site::{DESK, LOBBY, device, id, protocol};
use crate::registry::{Admission, Candidate};

/// A boot file: its stamp, and what it would be with the first templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) stamp: Stamp,
    pub(crate) plain: Stamp,
    pub(crate) basis: Basis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Off,
    /// Between its boot and its registration.
    Booting,
    /// It runs, and lost its connection.
    Cut,
    Up {
        generation: u64,
    },
}

pub(super) struct SimPhone {
    pub(super) file: File,
    /// What it was told over SCCP.
    pub(super) station: Option<Stamp>,
    pub(super) state: State,
    /// Counts states: events of an earlier one are void.
    pub(super) life: u64,
    comes_back: CameBack,
    in_call: bool,
    calls: u64,
    deferred: Option<OrderKind>,
    /// How many of the next orders are lost on the way.
    pub(super) loses: u8,
    pub(super) deaf: bool,
    /// Restarts, but never takes a new file.
    pub(super) stubborn: bool,
    /// Its fetches end without the last acknowledgement.
    pub(super) unnoticed: bool,
    /// Leaves without saying so.
    pub(super) rude: bool,
    /// Forgets an order that it put off when its connection is gone.
    pub(super) forgetful: bool,
    pub(super) fetches_after: Duration,
    pub(super) registers_after: Duration,
    pub(super) fetched_since_up: bool,
    // What the rules count.
    pub(super) orders_since_change: u32,
    /// How often it registered since then although nobody had told it to.
    pub(super) came_anew: u32,
    pub(super) change: u32,
    pub(super) touched: bool,
    pub(super) was_stubborn: bool,
    /// When pages leave for it.
    pub(super) pages: Vec<Timestamp>,
    /// Until then it waits for the answer to its own request.
    pub(super) asks_until: Timestamp,
}

impl SimPhone {
    pub(super) fn new(wanted: Stamps) -> Self {
        Self {
            file: File {
                stamp: wanted.file,
                plain: wanted.file,
                basis: World::default().basis(ObjectId(1)),
            },
            station: Some(wanted.station),
            state: State::Cut,
            life: 0,
            comes_back: CameBack::Other,
            in_call: false,
            calls: 0,
            deferred: None,
            loses: 0,
            deaf: false,
            stubborn: false,
            unnoticed: false,
            rude: false,
            forgetful: false,
            fetches_after: seconds(2),
            registers_after: seconds(6),
            fetched_since_up: false,
            orders_since_change: 0,
            came_anew: 0,
            change: 0,
            touched: false,
            was_stubborn: false,
            pages: Vec::new(),
            asks_until: Timestamp(0),
        }
    }

    /// Its wanted changed, or an operator commanded.
    pub(super) fn changed(&mut self) {
        self.change += 1;
        self.orders_since_change = 0;
        self.came_anew = 0;
        self.touched = true;
        self.was_stubborn = self.stubborn;
    }
}

impl Sim {
    pub(crate) fn set_boot(&mut self, on: usize, fetch: Duration, register: Duration) {
        self.phones[on].fetches_after = fetch;
        self.phones[on].registers_after = register;
    }

    pub(crate) fn loses(&mut self, on: usize, orders: u8) {
        self.phones[on].loses = orders;
    }

    pub(crate) fn deafens(&mut self, on: usize, length: Duration) {
        self.phones[on].deaf = true;
        self.enter(length, Event::HearsAgain { on });
    }

    pub(crate) fn stubborn(&mut self, on: usize, is: bool) {
        self.phones[on].stubborn = is;
        self.phones[on].was_stubborn |= is;
    }

    pub(crate) fn unnoticed(&mut self, on: usize) {
        self.phones[on].unnoticed = true;
    }

    pub(crate) fn rude(&mut self, on: usize, is: bool) {
        self.phones[on].rude = is;
    }

    pub(crate) fn forgetful(&mut self, on: usize) {
        self.phones[on].forgetful = true;
    }

    /// Its power fails: nobody is told.
    pub(crate) fn power_fails(&mut self, on: usize, off: Duration) {
        let phone = &mut self.phones[on];
        let state = std::mem::replace(&mut phone.state, State::Off);
        phone.life += 1;
        phone.in_call = false;
        phone.calls += 1;
        phone.deferred = None;
        let life = phone.life;
        if let State::Up { generation } = state {
            self.silence(on, generation);
        }
        self.enter(off, Event::PowerOn { on, life });
    }

    /// Its registration outlives it for a while.
    fn silence(&mut self, on: usize, generation: u64) {
        let noticed = match protocol(on) {
            Protocol::Sccp => 90,
            Protocol::Sip => 135,
        };
        let daemon = self.daemons;
        self.enter(
            seconds(noticed),
            Event::SilenceNoticed {
                on,
                daemon,
                generation,
            },
        );
    }

    pub(super) fn silence_noticed(&mut self, on: usize, daemon: u64, generation: u64) {
        if daemon == self.daemons {
            self.connection_ends(on, generation);
        }
    }

    /// The connection of a registration ended.
    fn connection_ends(&mut self, on: usize, generation: u64) {
        let unanswered: Vec<usize> = self.unanswered(on, generation);
        let Some(daemon) = &self.daemon else { return };
        let current = daemon.registry.registration(&device(on));
        if current.is_none_or(|seen| seen.generation != generation) {
            return;
        }
        for order in unanswered {
            match protocol(on) {
                // An old phone that just closes is taken to obey.
                Protocol::Sccp => {
                    daemon.handle.order_accepted(&device(on), generation);
                    self.orders[order].accepted = true;
                    self.fresh_accepts.push(order);
                }
                Protocol::Sip => {
                    let why = "the connection ended".to_owned();
                    daemon.handle.order_refused(&device(on), generation, why);
                }
            }
        }
        daemon.registry.leave(&device(on), generation);
        daemon.handle.unregistered(&device(on), generation);
    }

    pub(super) fn power_on(&mut self, on: usize, life: u64) {
        if self.phones[on].life == life {
            self.boot(on, CameBack::Other, true);
        }
    }

    fn boot(&mut self, on: usize, comes_back: CameBack, reads: bool) {
        let phone = &mut self.phones[on];
        phone.life += 1;
        phone.state = State::Booting;
        phone.deferred = None;
        phone.comes_back = comes_back;
        let (life, fetch, register) = (phone.life, phone.fetches_after, phone.registers_after);
        if reads {
            let tries = 0;
            self.enter(fetch, Event::FetchStarts { on, life, tries });
        } else {
            self.enter(register, Event::Registers { on, life });
        }
    }

    /// It asks for its file; after some tries it takes the one in its flash.
    pub(super) fn fetch_starts(&mut self, on: usize, life: u64, tries: u8) {
        if self.phones[on].life != life {
            return;
        }
        if self.daemon.is_some() {
            let file = File {
                stamp: self.wanted(on).file,
                plain: self.wanted_by(0, on).file,
                basis: self.store.world().basis(id(on)),
            };
            let daemon = self.daemons;
            self.enter(
                Duration::from_millis(300),
                Event::FetchEnds {
                    on,
                    life,
                    daemon,
                    file,
                },
            );
        } else if tries < 5 {
            let tries = tries + 1;
            self.enter(seconds(5), Event::FetchStarts { on, life, tries });
        } else {
            let register = self.phones[on].registers_after;
            self.enter(register, Event::Registers { on, life });
        }
    }

    pub(super) fn fetch_ends(&mut self, on: usize, life: u64, daemon: u64, file: File) {
        if self.phones[on].life != life {
            return;
        }
        let same = daemon == self.daemons;
        let Some(daemon) = self.daemon.as_mut().filter(|_| same) else {
            return self.fetch_starts(on, life, 0);
        };
        let phone = &mut self.phones[on];
        if !phone.stubborn {
            phone.file = file;
        }
        // The file service tells of fetches to the address of a registration,
        // and by phones that are away; unless it misses the last word of one.
        if !phone.unnoticed {
            daemon.deliveries.insert(on, file.stamp);
            daemon
                .handle
                .file_taken(&device(on), file.stamp, file.basis);
        }
        let register = phone.registers_after;
        self.enter(register, Event::Registers { on, life });
    }

    pub(super) fn registers(&mut self, on: usize, life: u64) {
        let phone = &self.phones[on];
        if phone.life != life {
            return;
        }
        let calling = phone.in_call && protocol(on) == Protocol::Sccp;
        if self.daemon.is_none() || calling {
            self.enter(seconds(5), Event::Registers { on, life });
            return;
        }
        let station = match protocol(on) {
            Protocol::Sccp => Some(self.wanted(on).station),
            Protocol::Sip => None,
        };
        let file = self.file_shown(on);
        let daemon = self.daemon.as_ref().unwrap();
        let peer = SocketAddr::from(([192, 0, 2, 10 + u8::try_from(on).unwrap()], 50_000));
        let candidate = Candidate {
            device: device(on),
            protocol: protocol(on),
            peer,
            local: "192.0.2.1:2000".parse().unwrap(),
            load: None,
            type_id: None,
            configured_elsewhere: false,
            takes_objects: true,
        };
        let generation = Arc::new(Mutex::new(0));
        let link: Arc<dyn PhoneLink> = Arc::new(SimLink {
            on,
            generation: Arc::clone(&generation),
            wire: Arc::clone(&self.wire),
        });
        let Admission::Admitted {
            generation: number, ..
        } = daemon.registry.admit(candidate, link, self.clock.time())
        else {
            panic!("there is one address for each name");
        };
        *generation.lock().unwrap() = number;
        let phone = &mut self.phones[on];
        let sighting = Sighting {
            phone: id(on),
            device: device(on),
            generation: number,
            protocol: protocol(on),
            shown: Shown { file, station },
            came_back: phone.comes_back,
        };
        phone.state = State::Up { generation: number };
        phone.life += 1;
        phone.came_anew += u32::from(sighting.came_back == CameBack::Other);
        phone.comes_back = CameBack::Other;
        phone.fetched_since_up = false;
        if station.is_some() {
            phone.station = station;
        }
        let daemon = self.daemons;
        self.enter(
            Duration::from_millis(20),
            Event::Sighted { daemon, sighting },
        );
    }

    fn file_shown(&self, on: usize) -> Option<Stamp> {
        match on {
            LOBBY => self.daemon.as_ref()?.deliveries.get(&on).copied(),
            _ => Some(self.phones[on].file.stamp),
        }
    }

    /// An order comes in.
    pub(super) fn arrives(&mut self, order: usize) {
        let (on, generation, kind) = {
            let order = &self.orders[order];
            (order.on, order.generation, order.kind)
        };
        let there = self.orders[order].daemon == self.daemons
            && self.phones[on].state == State::Up { generation };
        let phone = &mut self.phones[on];
        let fate = if !there {
            Fate::Lost
        } else if phone.loses > 0 {
            phone.loses -= 1;
            Fate::Lost
        } else if phone.deaf {
            Fate::Ignored
        } else {
            Fate::Obeyed
        };
        self.orders[order].fate = fate;
        if fate == Fate::Obeyed {
            self.obey(on, generation, order, kind);
        }
    }

    fn obey(&mut self, on: usize, generation: u64, order: usize, kind: OrderKind) {
        if kind == OrderKind::Refresh {
            let station = self.orders[order].station;
            self.phones[on].station = station;
            if let Some(daemon) = &self.daemon {
                let file = None;
                let shown = Shown { file, station };
                daemon.handle.refreshed(&device(on), generation, shown);
            }
            return;
        }
        if protocol(on) == Protocol::Sip {
            self.accept(on, generation, order);
        }
        if self.phones[on].in_call {
            self.orders[order].fate = Fate::Deferred;
            self.phones[on].deferred = Some(kind);
        } else {
            if protocol(on) == Protocol::Sccp && !self.phones[on].rude {
                self.accept(on, generation, order);
            }
            self.leave(on, kind);
        }
    }

    fn accept(&mut self, on: usize, generation: u64, order: usize) {
        if let Some(daemon) = &self.daemon {
            daemon.handle.order_accepted(&device(on), generation);
            self.orders[order].accepted = true;
            self.fresh_accepts.push(order);
        }
    }

    fn leave(&mut self, on: usize, kind: OrderKind) {
        if let State::Up { generation } = self.phones[on].state {
            if self.phones[on].rude {
                self.silence(on, generation);
            } else if let Some(daemon) = &self.daemon {
                daemon.registry.leave(&device(on), generation);
                daemon.handle.unregistered(&device(on), generation);
            }
        }
        match kind {
            OrderKind::Restart => self.boot(on, CameBack::Restarted, on != LOBBY),
            OrderKind::Reset | OrderKind::Refresh => self.boot(on, CameBack::WasReset, true),
        }
    }

    /// Its connection is gone, and it comes again without a boot.
    pub(super) fn cut(&mut self, on: usize, again: Duration) {
        let phone = &mut self.phones[on];
        phone.state = State::Cut;
        phone.life += 1;
        if phone.forgetful {
            phone.deferred = None;
        }
        let life = phone.life;
        self.enter(again, Event::Registers { on, life });
    }

    /// The network drops its connection for a while.
    pub(crate) fn flap(&mut self, on: usize, again: Duration) {
        if let State::Up { generation } = self.phones[on].state {
            self.connection_ends(on, generation);
            self.cut(on, again);
        }
    }

    pub(crate) fn calls(&mut self, on: usize, length: Duration) {
        let State::Up { generation } = self.phones[on].state else {
            return;
        };
        let phone = &mut self.phones[on];
        phone.in_call = true;
        phone.calls += 1;
        let call = phone.calls;
        if let Some(daemon) = &self.daemon {
            daemon.registry.set_in_call(&device(on), generation, true);
        }
        self.enter(length, Event::CallEnds { on, call });
    }

    pub(super) fn call_ends(&mut self, on: usize, call: u64) {
        if self.phones[on].calls != call || !self.phones[on].in_call {
            return;
        }
        self.phones[on].in_call = false;
        if let (State::Up { generation }, Some(daemon)) = (self.phones[on].state, &self.daemon)
            && daemon.registry.set_in_call(&device(on), generation, false)
        {
            daemon.handle.idle(&device(on));
        }
        if let Some(kind) = self.phones[on].deferred.take() {
            if let State::Up { generation } = self.phones[on].state
                && protocol(on) == Protocol::Sccp
                && let Some(order) = self.last_order(on, generation)
            {
                self.accept(on, generation, order);
            }
            self.leave(on, kind);
        }
    }

    /// Ends whatever disturbs a phone.
    pub(crate) fn calm(&mut self, on: usize) {
        let phone = &mut self.phones[on];
        phone.loses = 0;
        phone.deaf = false;
        phone.stubborn = false;
        phone.rude = false;
        phone.fetches_after = seconds(2);
        phone.registers_after = seconds(6);
        let call = phone.calls;
        self.call_ends(on, call);
        if self.phones[on].state == State::Off {
            let life = self.phones[on].life;
            self.power_on(on, life);
        }
    }

    /// The station part of an order to redraw labels.
    pub(super) fn station_of(order: &LinkOrder) -> Option<Stamp> {
        match order {
            LinkOrder::Refresh(station) => Some(stamp_of(&**station, &[])),
            _ => None,
        }
    }

    /// Whether it holds what is wanted by the templates of today.
    pub(super) fn shows_wanted(&self, on: usize) -> bool {
        let world = self.store.world();
        let wanted = world.wanted(&catalogue_of(self.edition), id(on)).unwrap();
        let phone = &self.phones[on];
        let station = match protocol(on) {
            Protocol::Sccp => phone.station == Some(wanted.stamps.station),
            Protocol::Sip => true,
        };
        phone.file.stamp == wanted.stamps.file && station
    }

    /// Whether the daemon can tell the file of this phone.
    pub(super) fn tells_file(on: usize) -> bool {
        on == DESK || protocol(on) == Protocol::Sip
    }
}
