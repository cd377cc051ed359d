//! Which transfers run, and for whom.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::tftp::wire::Request;

/// The running transfers, keyed by the client's address and port: a port is
/// one end of one transfer.
pub(super) struct Table {
    inner: Mutex<Inner>,
    max_transfers: usize,
    max_per_address: usize,
}

#[derive(Default)]
struct Inner {
    running: HashMap<SocketAddr, Running>,
    /// Transfers in the order of their beginning, some of them over: the first
    /// of those that were never answered gives way when all places are taken.
    begun: VecDeque<(SocketAddr, u64)>,
    per_address: HashMap<IpAddr, usize>,
    serial: u64,
}

struct Running {
    serial: u64,
    asked: Arc<Asked>,
    signals: Arc<Signals>,
}

/// What a client asked, and at which of our addresses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) local: SocketAddr,
}

/// What the table tells a running transfer.
#[derive(Default)]
pub(super) struct Signals {
    replaced: AtomicBool,
    repeated: AtomicBool,
    /// The client has answered: it exists.
    heard: AtomicBool,
    wake: Notify,
}

impl Signals {
    /// The client has answered.
    pub(super) fn hear(&self) {
        self.heard.store(true, Ordering::Release);
    }

    /// Whether the client has ever answered.
    pub(super) fn is_heard(&self) -> bool {
        self.heard.load(Ordering::Acquire)
    }

    /// Waits until there is something to be told. It may be told already.
    pub(super) fn raised(&self) -> Notified<'_> {
        self.wake.notified()
    }

    /// The client has asked something else since.
    pub(super) fn is_replaced(&self) -> bool {
        self.replaced.load(Ordering::Acquire)
    }

    /// The client has asked the same again, and nothing was done about it yet.
    pub(super) fn is_repeated(&self) -> bool {
        self.repeated.load(Ordering::Acquire)
    }

    /// The repetition has been dealt with.
    pub(super) fn settle(&self) {
        self.repeated.store(false, Ordering::Release);
    }

    fn replace(&self) {
        self.replaced.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    fn repeat(&self) {
        self.repeated.store(true, Ordering::Release);
        self.wake.notify_one();
    }
}

/// What becomes of a request.
pub(super) enum Admission {
    /// It is served; the slot is held meanwhile.
    New(Slot),
    /// The transfer it asks for runs and was told.
    Repeated,
    /// A limit is reached: no answer.
    Full,
}

/// The place of one transfer in the table, given back when dropped.
pub(super) struct Slot {
    table: Arc<Table>,
    peer: SocketAddr,
    serial: u64,
    pub(super) asked: Arc<Asked>,
    pub(super) signals: Arc<Signals>,
}

impl Table {
    pub(super) fn new(max_transfers: usize, max_per_address: usize) -> Self {
        Self {
            inner: Mutex::default(),
            max_transfers,
            max_per_address,
        }
    }

    /// Takes up a request. One that differs from what runs for the same port
    /// replaces it and counts no further against the limits. When all places
    /// are taken, the transfer whose client has been silent from the start for
    /// longest gives way: requests can be forged, answers hardly, and a phone
    /// that boots must find a place in any flood. Where all have answered, the
    /// address that holds the most places gives one: whoever answers now and
    /// then, and never comes to an end, keeps nobody out.
    pub(super) fn admit(self: &Arc<Self>, peer: SocketAddr, asked: Asked) -> Admission {
        let mut inner = self.lock();
        if let Some(running) = inner.running.get(&peer) {
            if *running.asked == asked {
                running.signals.repeat();
                return Admission::Repeated;
            }
            running.signals.replace();
        } else {
            let here = inner.per_address.get(&peer.ip()).copied().unwrap_or(0);
            if here >= self.max_per_address {
                return Admission::Full;
            }
            if inner.running.len() >= self.max_transfers
                && !inner.end_a_silent_one()
                && !inner.end_one_of_the_most(here)
            {
                return Admission::Full;
            }
            *inner.per_address.entry(peer.ip()).or_default() += 1;
        }
        inner.serial += 1;
        let serial = inner.serial;
        let asked = Arc::new(asked);
        let signals = Arc::new(Signals::default());
        let running = Running {
            serial,
            asked: Arc::clone(&asked),
            signals: Arc::clone(&signals),
        };
        inner.running.insert(peer, running);
        inner.note_begun(peer, serial);
        Admission::New(Slot {
            table: Arc::clone(self),
            peer,
            serial,
            asked,
            signals,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing inside can panic half way.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// The transfer is over. If the same was asked again meanwhile, and not
    /// dealt with, the slot is kept to serve it; else it is given up.
    pub(super) fn again(self) -> Option<Self> {
        let asked_again = {
            let mut inner = self.table.lock();
            let repeated = self.signals.repeated.swap(false, Ordering::AcqRel);
            if !repeated {
                inner.release(self.peer, self.serial);
            }
            repeated && inner.holds(self.peer, self.serial)
        };
        asked_again.then_some(self)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.table.lock().release(self.peer, self.serial);
    }
}

impl Inner {
    /// Ends the oldest transfer that was never answered; false if there is none.
    fn end_a_silent_one(&mut self) -> bool {
        while let Some((peer, serial)) = self.begun.pop_front() {
            let silent = self
                .running
                .get(&peer)
                .is_some_and(|running| running.serial == serial && !running.signals.is_heard());
            if silent {
                self.end(peer, serial);
                return true;
            }
        }
        false
    }

    /// Ends the oldest transfer of the address that holds the most, if that
    /// still holds more afterwards than who asks now and holds `here`; else the
    /// two would take one place from each other in turn.
    fn end_one_of_the_most(&mut self, here: usize) -> bool {
        let most = self.per_address.iter().max_by_key(|(_, count)| **count);
        let Some((&address, _)) = most.filter(|(_, count)| **count > here + 1) else {
            return false;
        };
        let of_it = self.running.iter().filter(|(peer, _)| peer.ip() == address);
        let oldest = of_it
            .map(|(peer, running)| (*peer, running.serial))
            .min_by_key(|(_, serial)| *serial);
        if let Some((peer, serial)) = oldest {
            self.end(peer, serial);
        }
        oldest.is_some()
    }

    fn end(&mut self, peer: SocketAddr, serial: u64) {
        if let Some(running) = self.running.get(&peer) {
            running.signals.replace();
        }
        self.release(peer, serial);
    }

    /// Remembers the order, and forgets what is over before that outgrows what
    /// runs.
    fn note_begun(&mut self, peer: SocketAddr, serial: u64) {
        if self.begun.len() >= 64 + 2 * self.running.len() {
            let running = &self.running;
            self.begun.retain(|(peer, serial)| {
                running
                    .get(peer)
                    .is_some_and(|running| running.serial == *serial)
            });
        }
        self.begun.push_back((peer, serial));
    }

    fn holds(&self, peer: SocketAddr, serial: u64) -> bool {
        self.running
            .get(&peer)
            .is_some_and(|running| running.serial == serial)
    }

    fn release(&mut self, peer: SocketAddr, serial: u64) {
        if !self.holds(peer, serial) {
            return;
        }
        self.running.remove(&peer);
        if let Some(count) = self.per_address.get_mut(&peer.ip()) {
            *count -= 1;
            if *count == 0 {
                self.per_address.remove(&peer.ip());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn peer(host: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, host], port))
    }

    fn admit(table: &Arc<Table>, peer: SocketAddr, name: &str) -> Option<Slot> {
        let asked = Asked {
            request: Request::octet(name),
            local: SocketAddr::from(([192, 0, 2, 200], 69)),
        };
        match table.admit(peer, asked) {
            Admission::New(slot) => Some(slot),
            Admission::Repeated | Admission::Full => None,
        }
    }

    #[test]
    fn limits_hold_in_all_and_for_one_address() {
        let table = Arc::new(Table::new(3, 2));
        let first = admit(&table, peer(1, 1001), "A").unwrap();
        let second = admit(&table, peer(1, 1002), "A").unwrap();
        assert!(admit(&table, peer(1, 1003), "A").is_none(), "two of one");
        let third = admit(&table, peer(2, 1001), "A").unwrap();
        for answered in [&first, &second, &third] {
            answered.signals.hear();
        }
        assert!(admit(&table, peer(2, 1002), "A").is_none(), "three in all");
        drop(first);
        assert!(admit(&table, peer(1, 1003), "A").is_some());
    }

    #[test]
    fn where_all_have_answered_the_one_with_most_places_gives_one() {
        let table = Arc::new(Table::new(5, 4));
        let answering = |host, port| {
            let slot = admit(&table, peer(host, port), "A").unwrap();
            slot.signals.hear();
            slot
        };
        let greedy: Vec<_> = (1001..1005).map(|port| answering(1, port)).collect();
        let booting = answering(2, 1001);
        let ended = || greedy.iter().map(|slot| slot.signals.is_replaced());
        let phone = answering(3, 1001);
        assert!(ended().eq([true, false, false, false]), "its oldest");
        let other = answering(4, 1001);
        assert!(ended().eq([true, true, false, false]));
        for one in [&booting, &phone, &other] {
            assert!(!one.signals.is_replaced(), "it holds one place");
        }
        // Two places to one: nothing would be fairer the other way round.
        assert!(admit(&table, peer(3, 1002), "A").is_none());
        assert!(ended().eq([true, true, false, false]));
        drop(greedy);
        assert_eq!(table.lock().running.len(), 3);
    }

    #[test]
    fn who_never_answered_gives_way_to_who_asks_now() {
        let table = Arc::new(Table::new(2, 2));
        let booting = admit(&table, peer(1, 1001), "A").unwrap();
        booting.signals.hear();
        let forged = admit(&table, peer(2, 1001), "A").unwrap();
        let phone = admit(&table, peer(3, 1001), "A").unwrap();
        assert!(forged.signals.is_replaced() && !booting.signals.is_replaced());
        drop(forged);
        assert_eq!(table.lock().running.len(), 2);
        assert_eq!(table.lock().per_address.len(), 2);
        phone.signals.hear();
        assert!(admit(&table, peer(4, 1001), "A").is_none(), "all are alive");
        drop(booting);
        assert!(admit(&table, peer(4, 1001), "A").is_some());
    }

    #[test]
    fn the_order_of_transfers_does_not_outgrow_them() {
        let table = Arc::new(Table::new(10, 10));
        let _one = admit(&table, peer(1, 1000), "A").unwrap();
        for port in 1001..3000 {
            drop(admit(&table, peer(1, port), "A").unwrap());
        }
        assert!(table.lock().begun.len() <= 80);
    }

    #[test]
    fn places_given_back_leave_nothing_behind() {
        let table = Arc::new(Table::new(1, 1));
        let old = admit(&table, peer(1, 1001), "A").unwrap();
        let new = admit(&table, peer(1, 1001), "B").unwrap();
        assert!(old.signals.is_replaced());
        drop(old);
        assert_eq!(table.lock().running.len(), 1, "the new one's place");
        drop(new);
        assert!(table.lock().running.is_empty());
        assert!(table.lock().per_address.is_empty());
    }

    #[test]
    fn a_repetition_that_nobody_dealt_with_is_served_again() {
        let table = Arc::new(Table::new(3, 3));
        let slot = admit(&table, peer(1, 1001), "A").unwrap();
        assert!(admit(&table, peer(1, 1001), "A").is_none());
        let slot = slot.again().unwrap();
        assert!(slot.again().is_none());
        assert!(table.lock().running.is_empty());
    }

    #[test]
    fn a_replaced_transfer_is_not_served_again() {
        let table = Arc::new(Table::new(3, 3));
        let slot = admit(&table, peer(1, 1001), "A").unwrap();
        assert!(admit(&table, peer(1, 1001), "A").is_none());
        let _other = admit(&table, peer(1, 1001), "B").unwrap();
        assert!(slot.again().is_none());
        assert_eq!(table.lock().running.len(), 1);
    }
}
