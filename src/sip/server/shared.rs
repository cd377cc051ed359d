//! What all flows of a server share.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::admission;
use super::identity::Lines;
use super::{Parts, Settings};
use crate::model::{DeviceName, Timestamp, address_for};
use crate::ports::{EventKind, Registration};
use crate::sip::machine::{self, Ends};
use crate::sip::wire::{HostPort, Transport};

/// How many events about phones that nobody configured are journalled in one
/// second. A flood must not push out what the house says about its own phones.
const UNKNOWN: u32 = 2;

/// How many events of one kind that came in the name of one configured phone
/// are journalled in one minute: not all need be from it.
const KNOWN: u32 = 5;

/// What all flows share.
pub(super) struct Shared {
    pub(super) parts: Parts,
    pub(super) machine: Arc<machine::Settings>,
    pub(super) lines: Lines,
    advertised: Option<IpAddr>,
    strangers: Mutex<Throttle>,
}

/// What was journalled within this second and this minute.
#[derive(Default)]
struct Throttle {
    second: u64,
    unknown: u32,
    minute: u64,
    /// As many as are configured at most; forgotten each minute.
    known: HashMap<(DeviceName, Discriminant<EventKind>), u32>,
}

impl Throttle {
    /// Whether one more event may be journalled; `known` is the configured
    /// phone in whose name it came.
    fn allows(&mut self, known: Option<&DeviceName>, kind: &EventKind, now: Duration) -> bool {
        let second = now.as_secs();
        let Some(device) = known else {
            if self.second != second {
                (self.second, self.unknown) = (second, 0);
            }
            self.unknown = self.unknown.saturating_add(1);
            return self.unknown <= UNKNOWN;
        };
        let minute = second / 60;
        if self.minute != minute {
            self.minute = minute;
            self.known.clear();
        }
        let key = (device.clone(), discriminant(kind));
        let count = self.known.entry(key).or_default();
        *count = count.saturating_add(1);
        *count <= KNOWN
    }
}

impl Shared {
    pub(super) fn new(parts: Parts, settings: &Settings, machine: machine::Settings) -> Self {
        Self {
            parts,
            machine: Arc::new(machine),
            lines: Lines::default(),
            advertised: settings.advertised,
            strangers: Mutex::default(),
        }
    }

    /// Monotonic and wall clock.
    pub(super) fn times(&self) -> (Duration, Timestamp) {
        let clock = &self.parts.clock;
        (clock.monotonic(), clock.now())
    }

    /// The ends of a flow, with what its phone is told as our address.
    pub(super) fn ends(&self, peer: SocketAddr, local: SocketAddr, transport: Transport) -> Ends {
        let told = address_for(self.advertised, peer.ip(), local.ip());
        Ends {
            peer,
            local: HostPort::from(SocketAddr::new(told, local.port())),
            transport,
        }
    }

    /// Whoever held the ends of these registrations is gone without a word.
    pub(super) fn leave_closed(&self) {
        let Parts {
            registry,
            sightings,
            ..
        } = &self.parts;
        for Registration { device, .. } in registry.all() {
            let Some((generation, link)) = registry.link(&device) else {
                continue;
            };
            if !link.is_open() && registry.leave(&device, generation) {
                let why = "the task that served it failed".to_owned();
                admission::record(&self.parts, Some(&device), EventKind::Unregistered { why });
                sightings.unregistered(&device, generation);
            }
        }
    }

    /// Tells the journal about somebody who may be anybody; beyond a bound
    /// only the log.
    pub(super) fn record_stranger(&self, device: Option<&DeviceName>, kind: EventKind) {
        let now = self.parts.clock.monotonic();
        let known = device.filter(|name| self.parts.store.world().phone(name).is_some());
        let allowed = self
            .strangers
            .lock()
            .is_ok_and(|mut throttle| throttle.allows(known, &kind, now));
        if allowed {
            admission::record(&self.parts, device, kind);
        } else {
            tracing::debug!(?device, ?kind, "not journalled: too many strangers");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn strangers_do_not_silence_what_is_told_of_a_phone() {
        let mut throttle = Throttle::default();
        let alarm = |text: &str| EventKind::Alarm { text: text.into() };
        let gone = EventKind::Unregistered { why: String::new() };
        let phone = DeviceName::new("SEPC80084AA8743").unwrap();
        let at = Duration::from_secs(600);
        let told = |throttle: &mut Throttle, known, kind: &EventKind, at| {
            (0..1000)
                .filter(|_| throttle.allows(known, kind, at))
                .count()
        };
        assert_eq!(told(&mut throttle, None, &alarm("a"), at), 2);
        assert_eq!(told(&mut throttle, Some(&phone), &alarm("b"), at), 5);
        assert_eq!(told(&mut throttle, Some(&phone), &gone, at), 5);
        let second = at + Duration::from_secs(1);
        assert_eq!(told(&mut throttle, None, &alarm("a"), second), 2);
        assert_eq!(told(&mut throttle, Some(&phone), &alarm("c"), second), 0);
        let minute = at + Duration::from_secs(60);
        assert_eq!(told(&mut throttle, Some(&phone), &alarm("c"), minute), 5);
        assert!(throttle.known.len() <= 2);
    }
}
