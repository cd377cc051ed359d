//! One transfer through one socket.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use crate::tftp::machine::{Outcome, Phase, Step, Terms, Then, Transfer};
use crate::tftp::wire::{ErrorCode, Packet, Request};

use super::sockets::{answerable, canonical, waiting};
use super::table::Signals;

/// Room for what a client sends during a read: ACK and ERROR. More of a
/// longer packet is not looked at.
const BUFFER: usize = 1024;

/// Strangers that one transfer answers with ERROR 5; further ones hear
/// nothing.
const STRANGERS: u32 = 16;

/// How a courier came back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The transfer itself ended.
    Over(Outcome),
    /// The client asked something else.
    Replaced,
    /// The client asked the same again while it no longer answered us: it
    /// has started anew.
    Restarted,
    /// The server stops.
    Stopped,
}

/// Carries one file to one client.
pub(super) struct Courier<'a> {
    socket: UdpSocket,
    peer: SocketAddr,
    signals: &'a Signals,
    transfer: Transfer,
    deadline: Instant,
    strangers: u32,
    /// The last datagram that the system would not send. It counts as lost:
    /// the next deadline sends it again.
    pub(super) unsent: Option<io::Error>,
}

impl<'a> Courier<'a> {
    /// Begins the transfer on `socket`.
    pub(super) async fn set_out(
        socket: UdpSocket,
        peer: SocketAddr,
        signals: &'a Signals,
        (request, body): (&Request, Bytes),
        terms: &Terms,
    ) -> Self {
        let now = now();
        let (transfer, first) = Transfer::start(request, body, terms, now);
        let mut courier = Self {
            socket,
            peer,
            signals,
            transfer,
            deadline: now,
            strangers: STRANGERS,
            unsent: None,
        };
        courier.carry_out(first).await;
        courier
    }

    /// Octets of the file on the wire.
    pub(super) fn size(&self) -> usize {
        self.transfer.size()
    }

    /// Goes on until the end.
    pub(super) async fn run(&mut self, stop: &CancellationToken) -> Ending {
        let mut buffer = [0; BUFFER];
        let signals = self.signals;
        loop {
            let deadline = tokio::time::Instant::from_std(self.deadline);
            let outcome = tokio::select! {
                () = stop.cancelled() => return Ending::Stopped,
                () = signals.replaced.cancelled() => return self.leave(&mut buffer),
                () = signals.repeated() => match self.asked_again(&mut buffer).await {
                    Ok(outcome) => outcome,
                    Err(ending) => return ending,
                },
                received = self.socket.recv_from(&mut buffer) => match received {
                    Ok((length, from)) => {
                        let datagram = buffer.get(..length).unwrap_or_default();
                        self.received(datagram, canonical(from)).await
                    }
                    // The system reports an earlier datagram of ours so.
                    Err(_) => None,
                },
                () = patience(deadline) => {
                    let step = self.transfer.on_timeout(now());
                    self.carry_out(step).await
                }
            };
            if let Some(outcome) = outcome {
                return Ending::Over(outcome);
            }
        }
    }

    /// Does what the machine says.
    async fn carry_out(&mut self, step: Step<Outcome>) -> Option<Outcome> {
        if let Some(packet) = step.send {
            self.send(&packet, self.peer).await;
        }
        match step.then {
            Then::Until(deadline) => {
                self.deadline = deadline;
                None
            }
            Then::Done(outcome) => Some(outcome),
        }
    }

    async fn received(&mut self, datagram: &[u8], from: SocketAddr) -> Option<Outcome> {
        if from == self.peer {
            let step = self.transfer.on_packet(datagram, now());
            return self.carry_out(step).await;
        }
        self.turn_away(datagram, from).await;
        None
    }

    /// A packet from another end disturbs nothing and is answered with
    /// ERROR 5 (RFC 1350 section 4), unless it is an ERROR itself.
    async fn turn_away(&mut self, datagram: &[u8], from: SocketAddr) {
        let error = matches!(Packet::parse(datagram), Ok(Packet::Error { .. }));
        if error || !answerable(from) || self.strangers == 0 {
            return;
        }
        self.strangers -= 1;
        let answer = Packet::error(ErrorCode::UnknownTransferId, "Unknown transfer ID");
        self.send(&answer.encode(), from).await;
    }

    /// The client repeated its request. What it sent to this socket before
    /// comes first: an ERROR or the last ACK may be under it, and then the
    /// request is a new one.
    async fn asked_again(&mut self, buffer: &mut [u8]) -> Result<Option<Outcome>, Ending> {
        while let Some((length, from)) = waiting(&self.socket, buffer) {
            let datagram = buffer.get(..length).unwrap_or_default();
            if let Some(outcome) = self.received(datagram, from).await {
                return Ok(Some(outcome));
            }
        }
        match self.transfer.phase() {
            // It has not heard us yet, or its request was doubled on the way.
            Phase::Opening => {
                self.signals.settle();
                let step = self.transfer.on_repeated_request();
                Ok(self.carry_out(step).await)
            }
            Phase::Moving => {
                self.signals.settle();
                Ok(None)
            }
            Phase::Stalled => Err(Ending::Restarted),
        }
    }

    /// The client turned to something else. Its last ACK may still lie here,
    /// sent just before; nothing more is sent.
    fn leave(&mut self, buffer: &mut [u8]) -> Ending {
        while let Some((length, from)) = waiting(&self.socket, buffer) {
            if from != self.peer {
                continue;
            }
            let datagram = buffer.get(..length).unwrap_or_default();
            if let Then::Done(outcome) = self.transfer.on_packet(datagram, now()).then {
                return Ending::Over(outcome);
            }
        }
        Ending::Replaced
    }

    async fn send(&mut self, packet: &[u8], to: SocketAddr) {
        if let Err(error) = self.socket.send_to(packet, to).await {
            self.unsent = Some(error);
        }
    }
}

#[allow(clippy::disallowed_methods)] // retransmission is the transport's own time, never stored
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[allow(clippy::disallowed_methods)] // as `now`
async fn patience(deadline: tokio::time::Instant) {
    tokio::time::sleep_until(deadline).await;
}
