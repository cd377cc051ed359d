//! A client and a server on a wire that loses, doubles and delays, with a
//! clock that only the events move.
#![allow(clippy::disallowed_methods)] // the machines take the time as an argument
#![allow(clippy::unwrap_used)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Fetch, FetchOutcome, FetchTerms, Outcome, Step, Terms, Then, Transfer};
use crate::tftp::wire::{Packet, Request};

/// Who sent a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Side {
    Client,
    Server,
}

/// What the wire does with one packet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Arrives,
    Lost,
    Doubled,
    /// Arrives this many milliseconds after the rest.
    Late(u64),
}

/// One packet that was sent, whatever became of it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// Milliseconds since the beginning.
    pub(super) at: u64,
    pub(super) by: Side,
    pub(super) bytes: Vec<u8>,
}

type Arrival = Reverse<(Instant, u64, Side, Vec<u8>)>;
type Wire<'a> = Box<dyn FnMut(Side, &[u8]) -> Fate + 'a>;

pub(super) struct Bench<'a> {
    start: Instant,
    now: Instant,
    serial: u64,
    wire: Wire<'a>,
    under_way: BinaryHeap<Arrival>,
    body: Bytes,
    terms: Terms,
    fetch: Fetch,
    fetch_then: Then<FetchOutcome>,
    transfer: Option<(Transfer, Then<Outcome>)>,
    /// Every packet, unless told to forget them.
    pub(super) sent: Vec<Sent>,
    keep: bool,
}

/// How a run on the bench ended.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) client: FetchOutcome,
    pub(super) server: Option<Outcome>,
    pub(super) received: Vec<u8>,
    pub(super) sent: Vec<Sent>,
}

impl Ending {
    /// Packets of one side.
    pub(super) fn by(&self, side: Side) -> impl Iterator<Item = &Sent> {
        self.sent.iter().filter(move |sent| sent.by == side)
    }
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        request: Request,
        body: impl Into<Bytes>,
        wire: impl FnMut(Side, &[u8]) -> Fate + 'a,
    ) -> Self {
        let start = Instant::now();
        let (fetch, first) = Fetch::start(request, &FetchTerms::default(), start);
        let mut bench = Self {
            start,
            now: start,
            serial: 0,
            wire: Box::new(wire),
            under_way: BinaryHeap::new(),
            body: body.into(),
            terms: Terms::default(),
            fetch,
            fetch_then: first.then.clone(),
            transfer: None,
            sent: Vec::new(),
            keep: true,
        };
        bench.put(Side::Client, first.send);
        bench
    }

    /// For files of many blocks: keep no list of packets.
    pub(super) fn forgetting(mut self) -> Self {
        self.keep = false;
        self
    }

    /// Until both sides are done and the wire is silent.
    pub(super) fn run(mut self) -> Ending {
        for _ in 0..4_000_000 {
            let arrival = self.under_way.peek().map(|Reverse((at, ..))| *at);
            let client = deadline(Some(&self.fetch_then));
            let server = deadline(self.transfer.as_ref().map(|(_, then)| then));
            let Some(next) = [arrival, client, server].into_iter().flatten().min() else {
                break;
            };
            self.now = self.now.max(next);
            if arrival == Some(next) {
                let Reverse((_, _, by, bytes)) = self.under_way.pop().unwrap();
                self.deliver(by, &bytes);
            } else if client == Some(next) {
                let step = self.fetch.on_timeout(self.now);
                self.client(step);
            } else {
                let (transfer, _) = self.transfer.as_mut().unwrap();
                let step = transfer.on_timeout(self.now);
                self.server(step);
            }
        }
        let Then::Done(client) = self.fetch_then else {
            panic!("the client never ended");
        };
        let server = self.transfer.map(|(_, then)| match then {
            Then::Done(outcome) => outcome,
            Then::Until(_) => panic!("the server never ended"),
        });
        Ending {
            client,
            server,
            received: self.fetch.into_body(),
            sent: self.sent,
        }
    }

    fn deliver(&mut self, by: Side, bytes: &[u8]) {
        if by == Side::Server {
            let step = self.fetch.on_packet(bytes, self.now);
            return self.client(step);
        }
        let step = match (&mut self.transfer, Packet::parse(bytes).unwrap()) {
            (None, Packet::Read(request)) => {
                let (transfer, step) =
                    Transfer::start(&request, self.body.clone(), &self.terms, self.now);
                self.transfer = Some((transfer, step.then.clone()));
                step
            }
            (Some((transfer, _)), Packet::Read(_)) => transfer.on_repeated_request(),
            (Some((transfer, _)), _) => transfer.on_packet(bytes, self.now),
            (None, packet) => panic!("before any request: {packet:?}"),
        };
        self.server(step);
    }

    fn client(&mut self, step: Step<FetchOutcome>) {
        self.fetch_then = step.then;
        self.put(Side::Client, step.send);
    }

    fn server(&mut self, step: Step<Outcome>) {
        if let Some((_, then)) = &mut self.transfer {
            *then = step.then;
        }
        self.put(Side::Server, step.send);
    }

    fn put(&mut self, by: Side, packet: Option<Vec<u8>>) {
        let Some(bytes) = packet else { return };
        let (copies, late) = match (self.wire)(by, &bytes) {
            Fate::Arrives => (1, 0),
            Fate::Lost => (0, 0),
            Fate::Doubled => (2, 0),
            Fate::Late(by) => (1, by),
        };
        for copy in 0..copies {
            self.serial += 1;
            let at = self.now + Duration::from_millis(10 + late + 5 * copy);
            let arrival = Reverse((at, self.serial, by, bytes.clone()));
            self.under_way.push(arrival);
        }
        if self.keep {
            let at = u64::try_from((self.now - self.start).as_millis()).unwrap();
            self.sent.push(Sent { at, by, bytes });
        }
    }
}

fn deadline<O>(then: Option<&Then<O>>) -> Option<Instant> {
    match then {
        Some(Then::Until(at)) => Some(*at),
        _ => None,
    }
}
