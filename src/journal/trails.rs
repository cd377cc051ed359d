//! The trails of all phones, and which phone an address is.
//!
//! Much of what a phone asks for does not name it (`ITLFile.tlv`, a load, a
//! connection that says nothing). It is put to the phone that was seen at the
//! same address before, unless several were; else it stays with the address.

use std::net::IpAddr;
use std::time::Duration;

use super::recent::Recent;
use super::trail::{Mark, Moment, Trail, mark_of};
use super::words::address;
use crate::model::{DeviceName, Timestamp};
use crate::ports::{Event, EventKind, Sign};

/// An address is a phone's for so long after it was seen there: less than most
/// leases of DHCP last.
const LEASE: Duration = Duration::from_secs(4 * 3600);

/// When two phones were seen at one address within this time, it is a router's
/// (NAT), or a bench of virtual phones.
const SHARED: Duration = Duration::from_secs(600);

/// One line about a sign in this time.
const QUIET: Duration = Duration::from_secs(600);

/// The most lines about signs of all phones together in a minute.
const LINES: u32 = 120;

/// What is known of an address.
#[derive(Debug, Default)]
struct Place {
    device: Option<(DeviceName, Timestamp)>,
    shared: Option<Timestamp>,
    /// What nobody is known to have done.
    trail: Trail,
}

impl Place {
    fn phone(&self, now: Timestamp) -> Option<&DeviceName> {
        let (device, at) = self.device.as_ref()?;
        let shared = self.shared.is_some_and(|at| is_within(SHARED, at, now));
        (!shared && now.since(*at) < LEASE).then_some(device)
    }

    fn seen(&mut self, device: &DeviceName, at: Timestamp) {
        if let Some((before, then)) = &self.device
            && before != device
            && is_within(SHARED, *then, at)
        {
            self.shared = Some(at);
        }
        self.device = Some((device.clone(), at));
    }
}

/// An address that named no phone, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The address.
    pub address: IpAddr,
    /// What was seen there.
    pub trail: Trail,
}

/// All trails.
#[derive(Debug)]
pub(super) struct Trails {
    phones: Recent<DeviceName, Trail>,
    places: Recent<IpAddr, Place>,
    /// How many events were counted.
    turn: u64,
    minute: Timestamp,
    lines: u32,
}

impl Trails {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            phones: Recent::new(limit),
            places: Recent::new(limit),
            turn: 0,
            minute: Timestamp::default(),
            lines: 0,
        }
    }

    /// Counts, and names the phone of a sign that names none. Whether the event
    /// is worth a line.
    pub(super) fn note(&mut self, event: &mut Event) -> bool {
        let Some((mark, peer, _)) = mark_of(event) else {
            return true;
        };
        let at = event.at;
        if let (Some(device), Some(peer)) = (&event.device, peer)
            && shows_where(mark)
        {
            let place = self.places.touch(&address(peer), Place::default);
            place.seen(device, at);
            let before = std::mem::take(&mut place.trail);
            if !before.is_empty() && place.phone(at).is_some() {
                self.phones.touch(device, Trail::default).adopt(before);
            }
        }
        if event.device.is_none()
            && let Some(peer) = peer
        {
            let place = self.places.get(&address(peer));
            event.device = place.and_then(|place| place.phone(at)).cloned();
        }
        let Some((mark, peer, detail)) = mark_of(event) else {
            return true;
        };
        let trail = match (&event.device, peer) {
            (Some(device), _) => self.phones.touch(device, Trail::default),
            (None, Some(peer)) => &mut self.places.touch(&address(peer), Place::default).trail,
            (None, None) => return true,
        };
        let before = trail.last(mark);
        self.turn += 1;
        let turn = self.turn;
        let count = trail.note(mark, Moment { at, turn }, peer, detail);
        match &event.kind {
            EventKind::Sign { sign, .. } if sign.is_ordinary() => false,
            EventKind::Sign { .. } => {
                let again = before.is_some_and(|before| is_within(QUIET, before, at));
                (count == 1 || count.is_multiple_of(100)) && !(again && count == 1) && self.room(at)
            }
            _ => true,
        }
    }

    fn room(&mut self, at: Timestamp) -> bool {
        if at < self.minute || at.since(self.minute) >= Duration::from_secs(60) {
            (self.minute, self.lines) = (at, 0);
        }
        self.lines = self.lines.saturating_add(1);
        self.lines <= LINES
    }

    pub(super) fn of(&self, device: &DeviceName) -> Trail {
        self.phones.get(device).cloned().unwrap_or_default()
    }

    /// The phone that was seen at an address.
    pub(super) fn at(&self, address: IpAddr, now: Timestamp) -> Option<DeviceName> {
        self.places.get(&address)?.phone(now).cloned()
    }

    /// What an address did that named no phone.
    pub(super) fn stranger(&self, address: IpAddr) -> Trail {
        self.places
            .get(&address)
            .map(|place| place.trail.clone())
            .unwrap_or_default()
    }

    /// The phones that there is a trail of, the newest first.
    pub(super) fn heard(&self) -> Vec<DeviceName> {
        self.phones
            .iter()
            .map(|(device, _)| device.clone())
            .collect()
    }

    /// Addresses that named no phone, the newest first.
    pub(super) fn strangers(&self) -> Vec<Stranger> {
        self.places
            .iter()
            .filter(|(_, place)| !place.trail.is_empty())
            .map(|(address, place)| Stranger {
                address: *address,
                trail: place.trail.clone(),
            })
            .collect()
    }
}

/// Whether less than `length` lies between; where the clock was set back, not.
fn is_within(length: Duration, before: Timestamp, now: Timestamp) -> bool {
    now >= before && now.since(before) < length
}

/// Whether a phone that is named is there: nobody fetches another's file again
/// and again, while anybody may send an alarm or a request to register.
fn shows_where(mark: Mark) -> bool {
    matches!(
        mark,
        Mark::FileSent
            | Mark::FileDenied
            | Mark::FileDelivered
            | Mark::Registered
            | Mark::Sign(
                Sign::TrustListAsked
                    | Sign::BootFileAsked
                    | Sign::SignedMissing
                    | Sign::SignedSent
                    | Sign::TextFileMissing
                    | Sign::OtherFormMissing
            )
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::net::SocketAddr;

    use super::*;
    use crate::journal::samples::{at, device, nth_device, peer, rival};
    use crate::model::Protocol;

    fn sign(second: i64, device: Option<DeviceName>, peer: SocketAddr, sign: Sign) -> Event {
        let detail = "a detail".to_owned();
        Event {
            at: at(second),
            device,
            kind: EventKind::Sign { sign, peer, detail },
        }
    }

    fn registered(second: i64, device: DeviceName, peer: SocketAddr) -> Event {
        let kind = EventKind::Registered {
            protocol: Protocol::Sccp,
            peer,
            load: None,
            file: None,
            reason: None,
        };
        Event {
            at: at(second),
            device: Some(device),
            kind,
        }
    }

    #[test]
    fn what_names_no_phone_is_put_to_the_one_seen_there() {
        let mut trails = Trails::new(10);
        let mut early = sign(0, None, peer(), Sign::FactoryLoadMissing);
        assert!(trails.note(&mut early), "the first is worth a line");
        assert_eq!(early.device, None);
        assert_eq!(trails.strangers().len(), 1);

        trails.note(&mut registered(10, device(), peer()));
        assert!(trails.strangers().is_empty(), "it has a name now");
        assert!(
            trails
                .of(&device())
                .sign(Sign::FactoryLoadMissing)
                .is_some()
        );

        let mut later = sign(20, None, peer(), Sign::LoadMissing);
        trails.note(&mut later);
        assert_eq!(later.device, Some(device()));
        let mut elsewhere = sign(20, None, rival(), Sign::LoadMissing);
        trails.note(&mut elsewhere);
        assert_eq!(elsewhere.device, None);
        let mut after_the_lease = sign(20 + 5 * 3600, None, peer(), Sign::LoadMissing);
        trails.note(&mut after_the_lease);
        assert_eq!(after_the_lease.device, None);
    }

    #[test]
    fn phones_behind_one_address_are_not_told_apart() {
        let mut trails = Trails::new(10);
        trails.note(&mut registered(0, nth_device(1), peer()));
        trails.note(&mut registered(5, nth_device(2), peer()));
        let mut whose = sign(6, None, peer(), Sign::LoadMissing);
        trails.note(&mut whose);
        assert_eq!(whose.device, None);
        assert_eq!(trails.strangers().len(), 1);
    }

    #[test]
    fn a_flood_writes_little_and_keeps_little() {
        let mut trails = Trails::new(50);
        let mut lines = 0;
        for number in 0..20_000_u32 {
            let [_, a, b, c] = number.to_be_bytes();
            let peer = SocketAddr::from(([10, a, b, c], 1));
            let written = trails.note(&mut sign(0, None, peer, Sign::LoadMissing));
            lines += u32::from(written);
        }
        assert_eq!(lines, LINES);
        assert_eq!(trails.strangers().len(), 50);
        let mut one = || trails.note(&mut sign(100, None, peer(), Sign::LoadMissing));
        assert_eq!((0..99).filter(|_| one()).count(), 1, "of one, once");
    }

    #[test]
    fn what_every_phone_does_is_counted_and_never_written() {
        let mut trails = Trails::new(10);
        for second in [0, 5] {
            let mut asked = sign(second, Some(device()), peer(), Sign::TrustListAsked);
            assert!(!trails.note(&mut asked));
        }
        let seen = trails.of(&device());
        assert_eq!(seen.sign(Sign::TrustListAsked).unwrap().count, 2);
    }
}
