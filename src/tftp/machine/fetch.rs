//! The client's side of one read: what a phone does.

use std::time::{Duration, Instant};

use crate::tftp::wire::{
    DEFAULT_BLOCK_SIZE, ErrorCode, MIN_BLOCK_SIZE, Mode, OptionKind, Options, Packet, Request,
    TransferOption, netascii,
};

use super::patience::Patience;
use super::{PeerError, Retry, Step, Then, wire_number};

/// What a client allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchTerms {
    /// Repetition of unanswered packets.
    pub retry: Retry,
    /// Largest file taken, in octets on the wire.
    pub max_size: usize,
}

impl Default for FetchTerms {
    /// 64 MiB: twice what 65535 blocks of 512 octets carry.
    fn default() -> Self {
        Self {
            retry: Retry::default(),
            max_size: 64 << 20,
        }
    }
}

/// How a fetch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchOutcome {
    /// The whole file is here; see [`Fetch::into_body`].
    Received,
    /// The server sent an ERROR, such as 1 for a file that does not exist.
    Refused(PeerError),
    /// The last try stayed without an answer.
    NoAnswer,
    /// More came than [`FetchTerms::max_size`] allows.
    TooLarge,
    /// The server acknowledged options that were not asked, or made a block
    /// larger than agreed.
    Broken,
}

/// One file on its way here.
///
/// The driver sends the first packet to the server's well-known port, takes
/// the sender of the first answer as the other end of the transfer, and feeds
/// packets of that sender alone. After [`FetchOutcome::Received`] it may keep
/// feeding for a while, so that a lost last ACK is sent again.
#[derive(Debug)]
pub struct Fetch {
    request: Request,
    max_size: usize,
    block_size: usize,
    /// The packet that is repeated while no answer comes.
    unanswered: Vec<u8>,
    /// The block that comes next, counted without the wrap of the wire.
    next: u64,
    options: Options,
    body: Vec<u8>,
    patience: Patience,
    over: Option<FetchOutcome>,
}

impl Fetch {
    /// Begins: the first step carries the request, with options or without.
    pub fn start(request: Request, terms: &FetchTerms, now: Instant) -> (Self, Step<FetchOutcome>) {
        let unanswered = Packet::Read(request.clone()).encode();
        let fetch = Self {
            request,
            max_size: terms.max_size,
            block_size: usize::from(DEFAULT_BLOCK_SIZE),
            unanswered,
            next: 1,
            options: Options::default(),
            body: Vec::new(),
            patience: Patience::new(terms.retry, now),
            over: None,
        };
        let step = fetch.repeat();
        (fetch, step)
    }

    /// A datagram of the server came.
    pub fn on_packet(&mut self, datagram: &[u8], now: Instant) -> Step<FetchOutcome> {
        match Packet::parse(datagram) {
            Ok(Packet::Data { block, bytes }) => self.on_data(block, bytes, now),
            _ if self.over.is_some() => self.wait(),
            Ok(Packet::OptionAck(options)) => self.on_option_ack(options, now),
            Ok(Packet::Error { code, text }) => {
                self.finish(FetchOutcome::Refused(PeerError::new(code, text)), None)
            }
            _ => self.wait(),
        }
    }

    /// The deadline came: the last packet again, or the end. Called early it
    /// does nothing.
    pub fn on_timeout(&mut self, now: Instant) -> Step<FetchOutcome> {
        if self.over.is_some() || !self.patience.due(now) {
            return self.wait();
        }
        if self.patience.try_again(now) {
            self.repeat()
        } else {
            self.finish(FetchOutcome::NoAnswer, None)
        }
    }

    /// The options that the server acknowledged.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What has arrived; the file when the outcome is
    /// [`FetchOutcome::Received`]. Netascii is converted back.
    pub fn into_body(self) -> Vec<u8> {
        match self.request.mode {
            Mode::Netascii => netascii::decode(&self.body),
            Mode::Octet | Mode::Mail | Mode::Other(_) => self.body,
        }
    }

    fn on_data(&mut self, block: u16, bytes: &[u8], now: Instant) -> Step<FetchOutcome> {
        let alive = matches!(self.over, None | Some(FetchOutcome::Received));
        if alive && self.next > 1 && block == wire_number(self.next - 1) {
            // Our ACK was lost: say it again, also after the end.
            return self.acknowledge_again(block);
        }
        if self.over.is_some() || block != wire_number(self.next) {
            return self.wait();
        }
        if bytes.len() > self.block_size {
            let error = Packet::error(ErrorCode::IllegalOperation, "Block larger than agreed");
            return self.finish(FetchOutcome::Broken, Some(&error));
        }
        if self.body.len() + bytes.len() > self.max_size {
            let error = Packet::error(ErrorCode::DiskFull, "File too large");
            return self.finish(FetchOutcome::TooLarge, Some(&error));
        }
        self.body.extend_from_slice(bytes);
        self.next += 1;
        let ack = Packet::Ack { block };
        if bytes.len() < self.block_size {
            return self.finish(FetchOutcome::Received, Some(&ack));
        }
        self.send(&ack, now)
    }

    fn on_option_ack(&mut self, options: Options, now: Instant) -> Step<FetchOutcome> {
        if self.next > 1 {
            return self.wait();
        }
        if !self.options.is_empty() {
            return self.acknowledge_again(0);
        }
        let Some(block_size) = self.agree(&options) else {
            let error = Packet::error(ErrorCode::OptionsRefused, "Not the options asked for");
            return self.finish(FetchOutcome::Broken, Some(&error));
        };
        self.block_size = block_size;
        if let Some(seconds) = options
            .get(OptionKind::Timeout)
            .and_then(TransferOption::as_number)
        {
            self.patience
                .settle(Duration::from_secs(seconds.clamp(1, 255)));
        }
        self.options = options;
        self.send(&Packet::Ack { block: 0 }, now)
    }

    /// The block size of an OACK, when it holds only what was asked.
    fn agree(&self, answered: &Options) -> Option<usize> {
        let asked = &self.request.options;
        let known = |name: &[u8]| {
            asked
                .iter()
                .any(|option| option.name.eq_ignore_ascii_case(name))
        };
        if answered.is_empty() || !answered.iter().all(|option| known(&option.name)) {
            return None;
        }
        let Some(option) = answered.get(OptionKind::BlockSize) else {
            return Some(usize::from(DEFAULT_BLOCK_SIZE));
        };
        let limit = asked.get(OptionKind::BlockSize)?.as_number()?;
        let octets = option.as_number()?;
        (u64::from(MIN_BLOCK_SIZE)..=limit)
            .contains(&octets)
            .then(|| usize::try_from(octets).ok())
            .flatten()
    }

    fn send(&mut self, packet: &Packet<'_>, now: Instant) -> Step<FetchOutcome> {
        self.unanswered = packet.encode();
        self.patience.sent_new(now);
        self.repeat()
    }

    fn repeat(&self) -> Step<FetchOutcome> {
        Step {
            send: Some(self.unanswered.clone()),
            then: self.then(),
        }
    }

    fn acknowledge_again(&self, block: u16) -> Step<FetchOutcome> {
        Step {
            send: Some(Packet::Ack { block }.encode()),
            then: self.then(),
        }
    }

    fn wait(&self) -> Step<FetchOutcome> {
        Step {
            send: None,
            then: self.then(),
        }
    }

    fn finish(&mut self, outcome: FetchOutcome, last: Option<&Packet<'_>>) -> Step<FetchOutcome> {
        self.over = Some(outcome);
        Step {
            send: last.map(Packet::encode),
            then: self.then(),
        }
    }

    fn then(&self) -> Then<FetchOutcome> {
        match &self.over {
            Some(outcome) => Then::Done(outcome.clone()),
            None => Then::Until(self.patience.deadline()),
        }
    }
}
