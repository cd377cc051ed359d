//! Live registrations: device -> the way to it now.
//!
//! Bindings are keyed by device, never by number or address. A new
//! registration of a known device wins; each gets a *generation*, so that the
//! late death of an old connection does not unregister the new one. Only when
//! two addresses keep taking a name from each other is it *contested*.
//! Nothing here is durable; what must outlive a restart is in the store.

mod accept;
mod contest;
mod link;
mod places;
mod receive;
mod shown;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;

use crate::model::{DeviceName, Protocol, Timestamp};
use crate::ports::{PhoneLink, Presence, Registration};
use contest::Contest;

pub use accept::{accept, canonical, listen};
pub use link::{ConnectionLink, Word, fault};
pub use places::{Place, PlaceLimits, Places};
pub use receive::receive;
pub use shown::{serve_as_it_is, shown_anew};

/// A phone that wants to be registered.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The phone.
    pub device: DeviceName,
    /// The protocol it speaks.
    pub protocol: Protocol,
    /// Its address.
    pub peer: SocketAddr,
    /// The local address it reached.
    pub local: SocketAddr,
    /// The load it reports.
    pub load: Option<String>,
    /// The type it reports.
    pub type_id: Option<u32>,
    /// Whether its lines were not configured by us.
    pub configured_elsewhere: bool,
}

/// What became of a candidate.
pub enum Admission {
    /// It is registered.
    Admitted {
        /// Its generation, for every later word about it.
        generation: u64,
        /// The link of the registration that it replaced; the caller closes it.
        replaced: Option<Arc<dyn PhoneLink>>,
    },
    /// Its name is contested and the present holder stays.
    Contested(Contested),
}

/// A refusal: another phone holds the name, and it is contested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contested {
    /// Who holds it.
    pub holder: SocketAddr,
    /// Whether this refusal is the first of its 60 s (for one log line).
    pub first: bool,
}

struct Entry {
    registration: Registration,
    link: Arc<dyn PhoneLink>,
}

/// Who is registered on this node.
#[derive(Default)]
pub struct Registry {
    phones: DashMap<DeviceName, Entry>,
    contests: DashMap<DeviceName, Contest>,
    last_generation: AtomicU64,
}

impl Registry {
    /// Registers a phone, replacing an older registration of its name unless
    /// the name is contested.
    pub fn admit(
        &self,
        candidate: Candidate,
        link: Arc<dyn PhoneLink>,
        now: Timestamp,
    ) -> Admission {
        let Candidate {
            device,
            protocol,
            peer,
            local,
            load,
            type_id,
            configured_elsewhere,
        } = candidate;
        if let Some(holder) = self.other_holder(&device, peer) {
            let mut contest = self.contests.entry(device.clone()).or_default();
            if let Some(first) = contest.takeover(now) {
                return Admission::Contested(Contested { holder, first });
            }
        }
        let generation = self.last_generation.fetch_add(1, Ordering::Relaxed) + 1;
        let registration = Registration {
            device: device.clone(),
            generation,
            protocol,
            peer,
            local,
            load,
            type_id,
            since: now,
            heard: now,
            in_call: false,
            configured_elsewhere,
        };
        let replaced = self.phones.insert(device, Entry { registration, link });
        Admission::Admitted {
            generation,
            replaced: replaced.map(|entry| entry.link),
        }
    }

    /// Refuses a phone that would not be admitted now because its name is
    /// contested, before anything that it shows of itself is believed. Who is
    /// not refused took nothing from anybody yet: see [`Self::admit`].
    ///
    /// # Errors
    /// [`Contested`], the refusal.
    pub fn may_claim(
        &self,
        device: &DeviceName,
        peer: SocketAddr,
        now: Timestamp,
    ) -> Result<(), Contested> {
        let Some(holder) = self.other_holder(device, peer) else {
            return Ok(());
        };
        let contest = self.contests.get_mut(device);
        match contest.and_then(|mut contest| contest.refuses(now)) {
            Some(first) => Err(Contested { holder, first }),
            None => Ok(()),
        }
    }

    /// Who holds the name from another address than `peer`'s.
    fn other_holder(&self, device: &DeviceName, peer: SocketAddr) -> Option<SocketAddr> {
        self.phones
            .get(device)
            .filter(|entry| entry.link.is_open())
            .map(|entry| entry.registration.peer)
            .filter(|holder| holder.ip() != peer.ip())
    }

    /// The phone was heard of (any message counts).
    pub fn heard(&self, device: &DeviceName, generation: u64, now: Timestamp) {
        self.with(device, generation, |registration| registration.heard = now);
    }

    /// The phone goes on from another port of its address, as over UDP it may.
    pub fn moved(&self, device: &DeviceName, generation: u64, peer: SocketAddr) {
        self.with(device, generation, |registration| registration.peer = peer);
    }

    /// The phone went off-hook or on-hook. Tells whether that changed.
    pub fn set_in_call(&self, device: &DeviceName, generation: u64, in_call: bool) -> bool {
        let mut changed = false;
        self.with(device, generation, |registration| {
            changed = registration.in_call != in_call;
            registration.in_call = in_call;
        });
        changed
    }

    fn with(&self, device: &DeviceName, generation: u64, act: impl FnOnce(&mut Registration)) {
        if let Some(mut entry) = self.phones.get_mut(device)
            && entry.registration.generation == generation
        {
            act(&mut entry.registration);
        }
    }

    /// The phone went away. Tells whether it was still this registration.
    pub fn leave(&self, device: &DeviceName, generation: u64) -> bool {
        self.phones
            .remove_if(device, |_, entry| {
                entry.registration.generation == generation
            })
            .is_some()
    }

    /// The way to a phone, and the generation it belongs to.
    pub fn link(&self, device: &DeviceName) -> Option<(u64, Arc<dyn PhoneLink>)> {
        self.phones
            .get(device)
            .map(|entry| (entry.registration.generation, Arc::clone(&entry.link)))
    }

    /// All registrations, in no order.
    pub fn all(&self) -> Vec<Registration> {
        self.phones
            .iter()
            .map(|entry| entry.registration.clone())
            .collect()
    }

    /// Whether two addresses are fighting for this name.
    pub fn is_contested(&self, device: &DeviceName, now: Timestamp) -> bool {
        self.contests
            .get(device)
            .is_some_and(|contest| contest.is_on(now))
    }
}

impl Presence for Registry {
    fn registration(&self, device: &DeviceName) -> Option<Registration> {
        self.phones
            .get(device)
            .map(|entry| entry.registration.clone())
    }

    fn at(&self, address: IpAddr) -> Vec<DeviceName> {
        let address = address.to_canonical();
        let mut there: Vec<DeviceName> = self
            .phones
            .iter()
            .filter(|entry| entry.registration.peer.ip().to_canonical() == address)
            .map(|entry| entry.key().clone())
            .collect();
        there.sort();
        there
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ports::{LinkFault, LinkOrder};

    struct Open;
    impl PhoneLink for Open {
        fn send(&self, _order: LinkOrder) -> Result<(), LinkFault> {
            Ok(())
        }
        fn is_open(&self) -> bool {
            true
        }
        fn retire(&self) {}
    }

    fn candidate(peer: &str) -> Candidate {
        Candidate {
            device: DeviceName::new("SEP001122334455").unwrap(),
            protocol: Protocol::Sccp,
            peer: peer.parse().unwrap(),
            local: "192.0.2.1:2000".parse().unwrap(),
            load: None,
            type_id: Some(7),
            configured_elsewhere: false,
        }
    }

    fn generation(admission: &Admission) -> Option<u64> {
        match admission {
            Admission::Admitted { generation, .. } => Some(*generation),
            Admission::Contested(_) => None,
        }
    }

    #[test]
    fn the_newest_registration_wins_and_the_old_ones_death_is_ignored() {
        let registry = Registry::default();
        let device = candidate("192.0.2.7:1").device;
        let old =
            generation(&registry.admit(candidate("192.0.2.7:1"), Arc::new(Open), Timestamp(0)));
        let new =
            generation(&registry.admit(candidate("192.0.2.7:2"), Arc::new(Open), Timestamp(1)));
        assert!(old < new);
        assert!(!registry.leave(&device, old.unwrap()), "a late death");
        assert_eq!(registry.registration(&device).unwrap().peer.port(), 2);
        assert!(registry.leave(&device, new.unwrap()));
        assert!(registry.registration(&device).is_none());
    }

    #[test]
    fn phones_behind_one_address_are_told_apart_by_name() {
        let registry = Registry::default();
        let mut second = candidate("192.0.2.7:2");
        second.device = DeviceName::new("SEP001122334466").unwrap();
        let other = second.device.clone();
        let first =
            generation(&registry.admit(candidate("192.0.2.7:1"), Arc::new(Open), Timestamp(0)));
        registry.admit(second, Arc::new(Open), Timestamp(1));
        let device = candidate("192.0.2.7:1").device;
        assert_eq!(registry.registration(&device).unwrap().peer.port(), 1);
        let address = [192, 0, 2, 7].into();
        assert_eq!(registry.at(address), [device.clone(), other.clone()]);
        assert!(registry.leave(&device, first.unwrap()));
        assert!(registry.registration(&other).is_some(), "it stays");
        assert_eq!(registry.at(address), [other]);
        assert_eq!(registry.at([192, 0, 2, 8].into()), []);
    }

    #[test]
    fn a_phone_that_reconnects_from_its_own_address_is_never_contested() {
        let registry = Registry::default();
        for at in 0..20 {
            let admission = registry.admit(
                candidate("192.0.2.7:1"),
                Arc::new(Open),
                Timestamp(at * 1000),
            );
            assert!(generation(&admission).is_some());
        }
    }

    #[test]
    fn to_ask_whether_a_name_may_be_claimed_takes_it_from_nobody() {
        let registry = Registry::default();
        let device = candidate("192.0.2.7:1").device;
        let (desk, clone) = ("192.0.2.7:1", "192.0.2.8:1");
        let ask = |peer: &str, at| {
            registry
                .may_claim(&device, peer.parse().unwrap(), Timestamp(at))
                .map_err(|contested| contested.first)
        };
        for (at, peer) in [desk, clone, desk, clone].into_iter().enumerate() {
            let at = i64::try_from(at).unwrap() * 1000;
            for _ in 0..10 {
                assert_eq!(ask(peer, at), Ok(()), "asked often, counted never");
            }
            let admission = registry.admit(candidate(peer), Arc::new(Open), Timestamp(at));
            assert!(generation(&admission).is_some());
        }
        assert_eq!(ask(desk, 4000), Err(true), "the first refusal");
        assert_eq!(ask(desk, 5000), Err(false));
        assert!(registry.is_contested(&device, Timestamp(5000)));
        assert_eq!(ask(clone, 5000), Ok(()), "it holds the name");
        assert_eq!(ask(desk, 64_000), Ok(()), "after 60 s");
    }

    #[test]
    fn two_phones_with_one_name_do_not_chase_each_other_for_ever() {
        let registry = Registry::default();
        let device = candidate("192.0.2.7:1").device;
        let mut refused = 0;
        for at in 0..10 {
            let peer = if at % 2 == 0 {
                "192.0.2.7:1"
            } else {
                "192.0.2.8:1"
            };
            let admission = registry.admit(candidate(peer), Arc::new(Open), Timestamp(at * 1000));
            refused += usize::from(generation(&admission).is_none());
        }
        // The first registration takes nothing from anybody; three takeovers
        // follow; from then on the holder stays.
        assert_eq!(
            registry.registration(&device).unwrap().peer.to_string(),
            "192.0.2.8:1"
        );
        assert_eq!(refused, 3, "the other one alone is refused");
        assert!(registry.is_contested(&device, Timestamp(10_000)));
        assert!(!registry.is_contested(&device, Timestamp(80_000)));
        let later = registry.admit(candidate("192.0.2.7:1"), Arc::new(Open), Timestamp(80_000));
        assert!(
            generation(&later).is_some(),
            "after 60 s the name is free to move again"
        );
    }
}
