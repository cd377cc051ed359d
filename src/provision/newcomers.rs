//! Which load the file of a phone that nobody configured was written for last.
//! Nobody knows which one it runs; a file for the other may be of no use to it,
//! and then it boots again.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{DeviceName, Protocol};

/// Phones remembered; of more, each time the first guess.
const MOST: usize = 4096;

/// A phone asks for its file over HTTP and then over TFTP, and repeats itself:
/// within this time that is one boot.
const ONE_BOOT: Duration = Duration::from_secs(2);

/// After this a phone begins anew.
const FORGOTTEN: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, Debug)]
struct Told {
    protocol: Protocol,
    at: Duration,
    /// The phone showed that it runs such a load.
    is_sure: bool,
}

/// What phones were told.
#[derive(Debug, Default)]
pub(super) struct ProtocolsTold(HashMap<DeviceName, Told>);

impl ProtocolsTold {
    /// The protocol to tell a phone that asks at `now` (monotonic): what it
    /// showed; else `guess`, and when it comes again the other one, in turn.
    pub(super) fn next(&mut self, device: &DeviceName, guess: Protocol, now: Duration) -> Protocol {
        let before = self.0.get(device).copied();
        let next = match before.filter(|told| now < told.at + FORGOTTEN) {
            Some(told) if told.is_sure => Told { at: now, ..told },
            Some(told) if now < told.at + ONE_BOOT => return told.protocol,
            Some(told) => Told {
                protocol: told.protocol.other(),
                at: now,
                is_sure: false,
            },
            None => Told {
                protocol: guess,
                at: now,
                is_sure: false,
            },
        };
        self.remember(device, next, now);
        next.protocol
    }

    /// A phone showed which load it runs.
    pub(super) fn shown(&mut self, device: &DeviceName, protocol: Protocol, now: Duration) {
        let told = Told {
            protocol,
            at: now,
            is_sure: true,
        };
        self.remember(device, told, now);
    }

    fn remember(&mut self, device: &DeviceName, told: Told, now: Duration) {
        if self.0.len() >= MOST && !self.0.contains_key(device) {
            self.0.retain(|_, told| now < told.at + FORGOTTEN);
            if self.0.len() >= MOST {
                return;
            }
        }
        self.0.insert(device.clone(), told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(number: u32) -> DeviceName {
        let [_, a, b, c] = number.to_be_bytes();
        DeviceName::from_mac([0, 0, 0, a, b, c])
    }

    #[test]
    fn a_phone_that_boots_again_is_told_the_other_protocol() {
        let mut told = ProtocolsTold::default();
        let mut ask = |at| told.next(&device(1), Protocol::Sccp, Duration::from_millis(at));
        assert_eq!(ask(0), Protocol::Sccp);
        assert_eq!(ask(700), Protocol::Sccp, "over TFTP, after HTTP");
        assert_eq!(ask(20_000), Protocol::Sip);
        assert_eq!(ask(40_000), Protocol::Sccp, "in turn");
        assert_eq!(ask(60_000), Protocol::Sip);
        assert_eq!(ask(900_000), Protocol::Sccp, "long after, as at first");
    }

    #[test]
    fn what_a_phone_shows_stays() {
        let mut told = ProtocolsTold::default();
        let at = Duration::from_secs;
        assert_eq!(told.next(&device(1), Protocol::Sccp, at(0)), Protocol::Sccp);
        told.shown(&device(1), Protocol::Sip, at(1));
        for later in [1, 30, 60] {
            let now = told.next(&device(1), Protocol::Sccp, at(later));
            assert_eq!(now, Protocol::Sip);
        }
    }

    #[test]
    fn whoever_makes_names_up_fills_nothing() {
        let mut told = ProtocolsTold::default();
        for number in 0..10_000 {
            told.next(&device(number), Protocol::Sccp, Duration::ZERO);
        }
        assert_eq!(told.0.len(), MOST);
        // Later there is room again.
        told.next(&device(20_000), Protocol::Sccp, FORGOTTEN);
        assert_eq!(told.0.len(), 1);
    }
}
