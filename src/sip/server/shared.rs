//! What all flows of a server share.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::admission;
use super::identity::Lines;
use super::{Parts, Settings};
use crate::model::{DeviceName, Timestamp, address_for};
use crate::ports::EventKind;
use crate::sip::machine::{self, Ends};
use crate::sip::wire::{HostPort, Transport};

/// How many events about strangers are journalled in one second. A flood must
/// not push out what the house says about its own phones.
const STRANGERS: u32 = 50;

/// What all flows share.
pub(super) struct Shared {
    pub(super) parts: Parts,
    pub(super) machine: Arc<machine::Settings>,
    pub(super) lines: Lines,
    advertised: Option<IpAddr>,
    strangers: Mutex<Throttle>,
}

/// Counts within one second.
#[derive(Default)]
struct Throttle {
    second: u64,
    count: u32,
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

    /// Tells the journal about somebody who may be anybody; beyond a bound
    /// only the log.
    pub(super) fn record_stranger(&self, device: Option<&DeviceName>, kind: EventKind) {
        let second = self.parts.clock.monotonic().as_secs();
        let allowed = self.strangers.lock().is_ok_and(|mut throttle| {
            if throttle.second != second {
                *throttle = Throttle { second, count: 0 };
            }
            throttle.count = throttle.count.saturating_add(1);
            throttle.count <= STRANGERS
        });
        if allowed {
            admission::record(&self.parts, device, kind);
        } else {
            tracing::debug!(?device, ?kind, "not journalled: too many strangers");
        }
    }
}
