//! The server's side of one read.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::tftp::wire::{Mode, Options, Packet, Request, netascii};

use super::blocks::Blocks;
use super::patience::Patience;
use super::terms::negotiate;
use super::{PeerError, Step, Terms, Then, wire_number};

/// How a transfer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The last block was acknowledged: the peer has the whole file.
    Delivered,
    /// The peer sent an ERROR.
    Aborted(PeerError),
    /// The last try stayed without an answer.
    NoAnswer,
}

/// How far a transfer is, seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was acknowledged yet.
    Opening,
    /// It goes on.
    Moving,
    /// It had begun, and now a packet has been repeated in vain.
    Stalled,
}

/// Octets of a text that are counted for a client that asks its size. The size
/// of a longer one is not told: a request that nobody stands behind must not
/// have the whole of it read.
const COUNTED: usize = 1 << 20;

/// One file on its way to one client (RFC 1350, lock step).
///
/// The driver gives it the packets of that client alone (other senders get
/// ERROR 5 from the driver) and calls [`on_timeout`](Self::on_timeout) at the
/// time that the last [`Step`] named.
#[derive(Debug)]
pub struct Transfer {
    blocks: Blocks,
    acknowledged: Options,
    timeout: Option<Duration>,
    /// The packet that waits for its ACK: 0 the OACK, else the block counted
    /// without the wrap of the wire.
    current: u64,
    heard: bool,
    /// Answers still allowed to repeated requests.
    answers: u32,
    patience: Patience,
    over: Option<Outcome>,
}

impl Transfer {
    /// Begins: the first step carries the OACK when options were asked and
    /// accepted, else block 1. Mode netascii converts the body; every other
    /// mode is sent as octets.
    pub fn start(
        request: &Request,
        body: Bytes,
        terms: &Terms,
        now: Instant,
    ) -> (Self, Step<Outcome>) {
        let size = match request.mode {
            Mode::Netascii if body.len() > COUNTED => None,
            Mode::Netascii => Some(netascii::encoded_length(&body)),
            Mode::Octet | Mode::Mail | Mode::Other(_) => Some(body.len()),
        };
        let agreed = negotiate(&request.options, terms, size);
        let transfer = Self {
            blocks: Blocks::new(body, &request.mode, usize::from(agreed.block_size)),
            current: u64::from(agreed.acknowledged.is_empty()),
            acknowledged: agreed.acknowledged,
            timeout: agreed.timeout,
            heard: false,
            answers: terms.retry.tries,
            patience: Patience::new(terms.retry, now),
            over: None,
        };
        let step = transfer.send_current();
        (transfer, step)
    }

    /// A datagram of the peer came. Only an ACK of the packet that waits for
    /// it and an ERROR mean something: an ACK of an older block never makes a
    /// block leave again ("Sorcerer's Apprentice", RFC 1123 section 4.2.3.1).
    pub fn on_packet(&mut self, datagram: &[u8], now: Instant) -> Step<Outcome> {
        match Packet::parse(datagram) {
            _ if self.over.is_some() => self.wait(),
            Ok(Packet::Ack { block }) if block == wire_number(self.current) => {
                self.acknowledged(now)
            }
            Ok(Packet::Error { code, text }) => {
                self.finish(Outcome::Aborted(PeerError::new(code, text)))
            }
            _ => self.wait(),
        }
    }

    /// The deadline came: the same packet again, or the end. Called early it
    /// does nothing.
    pub fn on_timeout(&mut self, now: Instant) -> Step<Outcome> {
        if self.over.is_some() || !self.patience.due(now) {
            return self.wait();
        }
        if self.patience.try_again(now) {
            self.send_current()
        } else {
            self.finish(Outcome::NoAnswer)
        }
    }

    /// The client repeated its request: our first packet, or its request on
    /// the way, was slow or lost. The first packet goes out again, if nothing
    /// was acknowledged yet and not more often than there are tries: a forged
    /// request must not become a flood. The timer runs on untouched.
    pub fn on_repeated_request(&mut self) -> Step<Outcome> {
        if self.over.is_some() || self.heard || self.answers == 0 {
            return self.wait();
        }
        self.answers -= 1;
        self.send_current()
    }

    /// How far it is.
    pub fn phase(&self) -> Phase {
        match (self.heard, self.patience.repeating()) {
            (false, _) => Phase::Opening,
            (true, false) => Phase::Moving,
            (true, true) => Phase::Stalled,
        }
    }

    /// Octets of the file; of text, before it is converted.
    pub fn size(&self) -> usize {
        self.blocks.octets()
    }

    fn acknowledged(&mut self, now: Instant) -> Step<Outcome> {
        if !self.heard {
            self.heard = true;
            // Only a client that answered may slow us down: forged requests
            // with a long timeout would occupy transfers.
            if let Some(interval) = self.timeout {
                self.patience.settle(interval);
            }
        }
        if self.current > 0 {
            if self.blocks.is_last() {
                return self.finish(Outcome::Delivered);
            }
            self.blocks.advance();
        }
        self.current += 1;
        self.patience.sent_new(now);
        self.send_current()
    }

    fn send_current(&self) -> Step<Outcome> {
        let packet = if self.current == 0 {
            Packet::OptionAck(self.acknowledged.clone()).encode()
        } else {
            let data = Packet::Data {
                block: wire_number(self.current),
                bytes: &self.blocks.present(),
            };
            data.encode()
        };
        Step {
            send: Some(packet),
            then: Then::Until(self.patience.deadline()),
        }
    }

    fn wait(&self) -> Step<Outcome> {
        Step {
            send: None,
            then: match &self.over {
                Some(outcome) => Then::Done(outcome.clone()),
                None => Then::Until(self.patience.deadline()),
            },
        }
    }

    fn finish(&mut self, outcome: Outcome) -> Step<Outcome> {
        self.over = Some(outcome);
        self.wait()
    }
}
