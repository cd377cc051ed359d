//! The server's side of one read.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::tftp::wire::{Mode, Options, Packet, Request, netascii};

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

/// One file on its way to one client (RFC 1350, lock step).
///
/// The driver gives it the packets of that client alone (other senders get
/// ERROR 5 from the driver) and calls [`on_timeout`](Self::on_timeout) at the
/// time that the last [`Step`] named.
#[derive(Debug)]
pub struct Transfer {
    body: Bytes,
    block_size: usize,
    acknowledged: Options,
    timeout: Option<Duration>,
    /// The packet that waits for its ACK: 0 the OACK, else the block counted
    /// without the wrap of the wire.
    current: u64,
    /// Number of the last block.
    last: u64,
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
        let body = match request.mode {
            Mode::Netascii => match netascii::encode(&body) {
                Cow::Owned(text) => Bytes::from(text),
                Cow::Borrowed(_) => body,
            },
            Mode::Octet | Mode::Mail | Mode::Other(_) => body,
        };
        let agreed = negotiate(&request.options, terms, body.len());
        let block_size = usize::from(agreed.block_size);
        // A file of a whole number of blocks ends with an empty one.
        let last = (body.len() / block_size) as u64 + 1;
        let transfer = Self {
            body,
            block_size,
            current: u64::from(agreed.acknowledged.is_empty()),
            acknowledged: agreed.acknowledged,
            timeout: agreed.timeout,
            last,
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

    /// Octets of the file as it travels, after netascii.
    pub fn size(&self) -> usize {
        self.body.len()
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
        if self.current == self.last {
            return self.finish(Outcome::Delivered);
        }
        self.current += 1;
        self.patience.sent_new(now);
        self.send_current()
    }

    fn send_current(&self) -> Step<Outcome> {
        let packet = if self.current == 0 {
            Packet::OptionAck(self.acknowledged.clone())
        } else {
            Packet::Data {
                block: wire_number(self.current),
                bytes: self.block(self.current),
            }
        };
        Step {
            send: Some(packet.encode()),
            then: Then::Until(self.patience.deadline()),
        }
    }

    /// The octets of a block, counted from 1.
    fn block(&self, number: u64) -> &[u8] {
        let before = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let from = before.saturating_mul(self.block_size).min(self.body.len());
        let to = from.saturating_add(self.block_size).min(self.body.len());
        self.body.get(from..to).unwrap_or_default()
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
