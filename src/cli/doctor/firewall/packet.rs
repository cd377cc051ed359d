//! A packet from a phone, and what a rule asks of it.
//!
//! A rule fits, does not fit, or perhaps fits: what is asked about addresses,
//! rates or marks differs from phone to phone.

use crate::cli::doctor::sockets::Transport;

/// A packet that a phone sends to this host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet {
    transport: Transport,
    port: u16,
    /// Whether it belongs to what this host answered.
    established: bool,
    /// Whether it was sent to another place than this and turned here.
    redirected: Answer,
}

/// Yes, no, or (`None`) perhaps.
pub(super) type Answer = Option<bool>;

impl Packet {
    /// The first of a conversation.
    pub(super) fn first(transport: Transport, port: u16) -> Self {
        Self {
            transport,
            port,
            established: false,
            redirected: Some(false),
        }
    }

    /// What acknowledges a block, sent back to the port that it came from.
    pub(super) fn of_transfer(port: u16) -> Self {
        Self {
            transport: Transport::Udp,
            port,
            established: true,
            redirected: Some(false),
        }
    }

    /// The same where something turns packets to other places.
    pub(super) fn perhaps_turned(self) -> Self {
        Self {
            redirected: None,
            ..self
        }
    }

    fn state(self) -> &'static str {
        if self.established {
            "established"
        } else {
            "new"
        }
    }
}

/// What a rule asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// What carries it; names as rules have them.
    Transport(Vec<String>),
    /// The port it is for, in any of these ranges.
    Port(Vec<(u16, u16)>),
    /// The state of its connection; `dnat` when it was turned here.
    State(Vec<String>),
    /// The interface is loopback: phones do not come that way.
    Loopback,
    /// What is so, or not so, of all that a phone sends to an IPv4 address of
    /// this host's own.
    Known(bool),
    /// Something else.
    Other,
    /// The contrary.
    Not(Box<Test>),
}

impl Test {
    fn fits(&self, packet: Packet) -> Answer {
        match self {
            Self::Transport(names) => {
                let name = packet.transport.name();
                Some(names.iter().any(|known| known.eq_ignore_ascii_case(name)))
            }
            Self::Port(ranges) => {
                let within = |(first, last): &(u16, u16)| (*first..=*last).contains(&packet.port);
                Some(ranges.iter().any(within))
            }
            Self::State(states) => {
                let has = |state| states.iter().any(|one| one.eq_ignore_ascii_case(state));
                if !has(packet.state()) && has("dnat") {
                    packet.redirected
                } else {
                    Some(has(packet.state()))
                }
            }
            Self::Loopback => Some(false),
            Self::Known(so) => Some(*so),
            Self::Other => None,
            Self::Not(test) => test.fits(packet).map(|fits| !fits),
        }
    }
}

/// Whether a packet from a phone is for one of these kinds of address, by
/// their names in rules: it is for one of this host's own, which is `local`.
/// `None` when that depends.
pub(super) fn address_kind(kinds: &[&str]) -> Option<bool> {
    const OTHERS: [&str; 4] = ["multicast", "broadcast", "anycast", "unicast"];
    let is = |kind: &str, name: &str| kind.eq_ignore_ascii_case(name);
    if kinds.iter().any(|kind| is(kind, "local")) {
        return Some(true);
    }
    let other = |kind: &&str| OTHERS.iter().any(|name| is(kind, name));
    kinds.iter().all(other).then_some(false)
}

/// Whether all that a rule asks is so.
pub(super) fn all_fit(tests: &[Test], packet: Packet) -> Answer {
    let mut surely = true;
    for test in tests {
        match test.fits(packet) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => surely = false,
        }
    }
    surely.then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_come_to_addresses_of_this_host_alone() {
        assert_eq!(address_kind(&["LOCAL"]), Some(true));
        assert_eq!(address_kind(&["multicast", "local"]), Some(true));
        assert_eq!(address_kind(&["MULTICAST", "BROADCAST"]), Some(false));
        assert_eq!(address_kind(&["blackhole"]), None);
        assert_eq!(
            Test::Known(true).fits(Packet::first(Transport::Tcp, 2000)),
            Some(true)
        );
    }
}
