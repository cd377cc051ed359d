//! What went out to whom: tickets of boot files under way, the last complete
//! transfer of each phone's own file, and which phone fetches from an address.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use crate::model::{Basis, DeviceName, Stamp, Timestamp};
use crate::ports::{Delivery, NO_TICKET};

/// Boot files under way, at most; the oldest is forgotten first.
const MOST_TICKETS: usize = 16_384;
/// Phones and addresses remembered, at most.
const MOST_REMEMBERED: usize = 100_000;
/// A phone fetches its locale within this time of its boot file.
const BOOT: Duration = Duration::from_secs(120);

/// A boot file that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OnItsWay {
    pub(super) device: DeviceName,
    pub(super) file: Stamp,
    /// What was wanted when it was made.
    pub(super) basis: Basis,
}

/// Boot files on their way, by ticket.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    last: u64,
    open: VecDeque<(u64, OnItsWay)>,
}

impl Tickets {
    /// The ticket of files that nobody asks about again.
    pub(super) const NONE: u64 = NO_TICKET;

    /// A new ticket.
    pub(super) fn issue(&mut self, file: OnItsWay) -> u64 {
        self.last += 1;
        if self.open.len() == MOST_TICKETS {
            self.open.pop_front();
        }
        self.open.push_back((self.last, file));
        self.last
    }

    /// Takes a ticket back; once.
    pub(super) fn redeem(&mut self, ticket: u64) -> Option<OnItsWay> {
        let at = self
            .open
            .binary_search_by_key(&ticket, |(ticket, _)| *ticket)
            .ok()?;
        self.open.remove(at).map(|(_, file)| file)
    }
}

/// The last boot file that went out whole to each phone.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    ours: HashMap<DeviceName, Delivery>,
    /// To phones that nobody configured: anybody can make up any number.
    others: HashMap<DeviceName, Delivery>,
}

/// How long a phone that nobody configured may take to register.
const NEWCOMER: Duration = Duration::from_secs(1800);

impl Delivered {
    /// A file went out whole; `is_ours`: to a configured phone.
    pub(super) fn note(&mut self, device: DeviceName, delivery: Delivery, is_ours: bool) {
        let (phones, most) = if is_ours {
            self.others.remove(&device);
            // So many are no site of ours.
            (&mut self.ours, MOST_REMEMBERED)
        } else {
            // It may have been one of ours: that file is not the last any more.
            self.ours.remove(&device);
            self.make_room(delivery.at);
            (&mut self.others, MOST_OTHERS)
        };
        if phones.len() < most || phones.contains_key(&device) {
            phones.insert(device, delivery);
        }
    }

    /// Of the others the oldest goes when there are too many.
    fn make_room(&mut self, now: Timestamp) {
        if self.others.len() < MOST_OTHERS {
            return;
        }
        self.others.retain(|_, last| now.since(last.at) < NEWCOMER);
        if self.others.len() < MOST_OTHERS {
            return;
        }
        let oldest = self.others.iter().min_by_key(|(_, last)| last.at);
        if let Some(oldest) = oldest.map(|(device, _)| device.clone()) {
            self.others.remove(&oldest);
        }
    }

    pub(super) fn last(&self, device: &DeviceName) -> Option<Delivery> {
        let last = self.ours.get(device).or_else(|| self.others.get(device));
        last.copied()
    }
}

/// Phones that nobody configured whose delivery is remembered.
const MOST_OTHERS: usize = 4096;

/// Which phone fetched its boot file from an address, for the files that do
/// not name their phone.
#[derive(Debug, Default)]
pub(super) struct Fetchers {
    at: HashMap<IpAddr, Fetcher>,
    /// Where each phone took its XML file last, and when.
    xml: HashMap<DeviceName, (IpAddr, Duration)>,
}

#[derive(Debug)]
struct Fetcher {
    device: DeviceName,
    at: Duration,
    /// Until then two phones boot behind this address.
    shared_until: Duration,
}

impl Fetchers {
    /// `device` fetched its boot file from `address` at `now` (monotonic).
    pub(super) fn note(&mut self, address: IpAddr, device: DeviceName, now: Duration) {
        if self.at.len() >= MOST_REMEMBERED && !self.at.contains_key(&address) {
            self.at.retain(|_, fetcher| now < fetcher.at + BOOT);
            if self.at.len() >= MOST_REMEMBERED {
                return;
            }
        }
        let shared_until = match self.at.get(&address) {
            Some(before) if before.device != device && now < before.at + BOOT => now + BOOT,
            Some(before) => before.shared_until,
            None => Duration::ZERO,
        };
        self.at.insert(
            address,
            Fetcher {
                device,
                at: now,
                shared_until,
            },
        );
    }

    /// `device` took its XML file at `address` at `now` (monotonic).
    pub(super) fn note_xml(&mut self, address: IpAddr, device: DeviceName, now: Duration) {
        if self.xml.len() >= MOST_REMEMBERED && !self.xml.contains_key(&device) {
            self.xml.retain(|_, (_, at)| now < *at + BOOT);
            if self.xml.len() >= MOST_REMEMBERED {
                return;
            }
        }
        self.xml.insert(device, (address, now));
    }

    /// Whether `device` boots from `address` with its XML file now, whoever else
    /// does from there.
    pub(super) fn took_xml(&self, address: IpAddr, device: &DeviceName, now: Duration) -> bool {
        let taken = self.xml.get(device);
        taken.is_some_and(|(at, when)| *at == address && now < *when + BOOT)
    }

    /// The one phone that boots from `address` now.
    pub(super) fn booting(&self, address: IpAddr, now: Duration) -> Option<&DeviceName> {
        self.at
            .get(&address)
            .filter(|fetcher| now < fetcher.at + BOOT && now >= fetcher.shared_until)
            .map(|fetcher| &fetcher.device)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::{ObjectId, World};

    fn device(mac: u8) -> DeviceName {
        DeviceName::from_mac([0, 0, 0, 0, 0, mac])
    }

    #[test]
    fn a_ticket_is_good_once_and_the_oldest_are_forgotten() {
        let mut tickets = Tickets::default();
        let file = |mac| OnItsWay {
            device: device(mac),
            file: Stamp::from_bits(1),
            basis: World::default().basis(ObjectId(1)),
        };
        let first = tickets.issue(file(1));
        let second = tickets.issue(file(2));
        assert_ne!(first, Tickets::NONE);
        assert_eq!(tickets.redeem(second), Some(file(2)));
        assert_eq!(tickets.redeem(second), None);
        for _ in 0..MOST_TICKETS {
            tickets.issue(file(3));
        }
        assert_eq!(tickets.redeem(first), None);
        assert_eq!(tickets.open.len(), MOST_TICKETS);
    }

    #[test]
    fn the_last_file_of_a_phone_counts_whoever_it_was_then() {
        let mut delivered = Delivered::default();
        let at = |second: i64, bits| Delivery {
            peer: [192, 0, 2, 7].into(),
            file: Stamp::from_bits(bits),
            at: Timestamp(second * 1000),
        };
        let file = |delivered: &Delivered| delivered.last(&device(1)).map(|last| last.file);
        delivered.note(device(1), at(1, 1), true);
        // It was taken out of the site, and comes as a stranger.
        delivered.note(device(1), at(2, 2), false);
        assert_eq!(file(&delivered), Some(Stamp::from_bits(2)));
        delivered.note(device(1), at(3, 3), true);
        assert_eq!(file(&delivered), Some(Stamp::from_bits(3)));
        // Names that somebody makes up push out the oldest of their kind alone.
        for number in 0..10_000_u32 {
            let [_, _, high, low] = number.to_be_bytes();
            let name = DeviceName::from_mac([2, 0, 0, 0, high, low]);
            delivered.note(name, at(10 + i64::from(number) / 100, 9), false);
        }
        assert_eq!(delivered.others.len(), MOST_OTHERS);
        let newest = DeviceName::from_mac([2, 0, 0, 0, 0x27, 0x0F]);
        assert!(delivered.last(&newest).is_some());
        assert_eq!(file(&delivered), Some(Stamp::from_bits(3)));
    }

    #[test]
    fn two_phones_behind_one_address_are_not_told_apart() {
        let mut fetchers = Fetchers::default();
        let address: IpAddr = "192.0.2.7".parse().unwrap();
        let at = Duration::from_secs;
        fetchers.note(address, device(1), at(10));
        assert_eq!(fetchers.booting(address, at(15)), Some(&device(1)));
        fetchers.note(address, device(2), at(20));
        assert_eq!(fetchers.booting(address, at(21)), None);
        fetchers.note(address, device(2), at(200));
        assert_eq!(fetchers.booting(address, at(201)), Some(&device(2)));
        assert_eq!(fetchers.booting(address, at(400)), None, "long ago");
        // Two that boot together are told apart by their names all the same.
        fetchers.note_xml(address, device(1), at(500));
        fetchers.note_xml(address, device(2), at(501));
        assert!(fetchers.took_xml(address, &device(1), at(510)));
        assert!(fetchers.took_xml(address, &device(2), at(510)));
        assert!(!fetchers.took_xml([192, 0, 2, 8].into(), &device(2), at(510)));
        assert!(!fetchers.took_xml(address, &device(1), at(700)));
    }
}
