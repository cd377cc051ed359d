//! One transfer through one socket.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::pin::pin;
use std::time::Instant;

use bytes::Bytes;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio_util::sync::CancellationToken;

use crate::tftp::machine::{Outcome, Phase, Step, Terms, Then, Transfer};
use crate::tftp::wire::{ErrorCode, Packet, Request};

use super::sockets::{answerable, canonical};
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
    socket: AsyncFd<UdpSocket>,
    signals: &'a Signals,
    talk: Talk,
}

/// What is said through the socket.
struct Talk {
    peer: SocketAddr,
    transfer: Transfer,
    deadline: Instant,
    strangers: u32,
    /// The last datagram that the system would not send. It counts as lost:
    /// the next deadline sends it again.
    unsent: Option<io::Error>,
}

/// What wakes a courier.
enum Event<'a> {
    Signalled,
    Deadline,
    Readable(io::Result<tokio::io::unix::AsyncFdReadyGuard<'a, UdpSocket>>),
}

/// What a received datagram changed.
enum Heard {
    /// Nothing.
    Old,
    /// Something was sent: the client is not heard before it has that.
    Answered,
    /// The transfer is over.
    Over(Outcome),
}

impl<'a> Courier<'a> {
    /// Begins the transfer on `socket`, which must not block.
    pub(super) fn set_out(
        socket: UdpSocket,
        peer: SocketAddr,
        signals: &'a Signals,
        (request, body): (&Request, Bytes),
        terms: &Terms,
    ) -> io::Result<Self> {
        // Reading alone: a socket that also waits for room to send is woken
        // again for each packet that has left.
        #[allow(deprecated)] // sound for a socket of std, which keeps its descriptor
        let socket = AsyncFd::with_interest(socket, Interest::READABLE)?;
        let now = now();
        let (transfer, first) = Transfer::start(request, body, terms, now);
        let mut talk = Talk {
            peer,
            transfer,
            deadline: now,
            strangers: STRANGERS,
            unsent: None,
        };
        talk.carry_out(socket.get_ref(), first);
        Ok(Self {
            socket,
            signals,
            talk,
        })
    }

    /// Octets of the file on the wire.
    pub(super) fn size(&self) -> usize {
        self.talk.transfer.size()
    }

    /// Goes on until the end. A thousand of these may run at once, and a file
    /// is some twenty packets long: for each packet there is one wait, one
    /// reception and one sending, and the timer is touched when it has run
    /// out, not when its deadline moves on.
    pub(super) async fn run(mut self, stop: &CancellationToken) -> (Ending, Option<io::Error>) {
        let ending = self.carry(stop).await;
        (ending, self.talk.unsent)
    }

    async fn carry(&mut self, stop: &CancellationToken) -> Ending {
        let mut buffer = [0; BUFFER];
        let Self {
            socket,
            signals,
            talk,
        } = self;
        let mut stopped = pin!(stop.cancelled());
        let mut signalled = pin!(signals.raised());
        let mut patience = pin!(patience(talk.deadline));
        loop {
            let event = tokio::select! {
                biased;
                () = stopped.as_mut() => return Ending::Stopped,
                () = signalled.as_mut() => Event::Signalled,
                () = patience.as_mut() => Event::Deadline,
                ready = socket.readable() => Event::Readable(ready),
            };
            let outcome = match event {
                Event::Signalled => {
                    signalled.set(signals.raised());
                    if signals.is_replaced() {
                        return talk.leave(socket.get_ref(), &mut buffer);
                    }
                    match talk.asked_again(socket.get_ref(), signals, &mut buffer) {
                        Ok(outcome) => outcome,
                        Err(ending) => return ending,
                    }
                }
                // What came before it counts, also when it was not read yet.
                Event::Deadline => talk
                    .hear_all(socket.get_ref(), signals, &mut buffer)
                    .or_else(|| {
                        let step = talk.transfer.on_timeout(now());
                        talk.carry_out(socket.get_ref(), step)
                    }),
                Event::Readable(Ok(mut ready)) => {
                    match talk.hear(socket.get_ref(), &mut buffer) {
                        // It may be the first of several.
                        Ok(Heard::Old) => None,
                        // It was the only one, or what lies behind it can
                        // wait for the next: it is too late or a stranger's.
                        Ok(Heard::Answered) => {
                            signals.hear();
                            ready.clear_ready();
                            None
                        }
                        Ok(Heard::Over(outcome)) => Some(outcome),
                        Err(error) => {
                            // Else the system reports an earlier datagram of
                            // ours so.
                            if error.kind() == io::ErrorKind::WouldBlock {
                                ready.clear_ready();
                            }
                            None
                        }
                    }
                }
                // The runtime ends.
                Event::Readable(Err(_)) => return Ending::Stopped,
            };
            if let Some(outcome) = outcome {
                return Ending::Over(outcome);
            }
            let due = tokio::time::Instant::from_std(talk.deadline);
            // A timer that is early is set anew when it runs out.
            if patience.is_elapsed() || due < patience.deadline() {
                patience.as_mut().reset(due);
            }
        }
    }
}

impl Talk {
    /// Does what the machine says.
    fn carry_out(&mut self, socket: &UdpSocket, step: Step<Outcome>) -> Option<Outcome> {
        if let Some(packet) = step.send {
            self.send(socket, &packet, self.peer);
        }
        match step.then {
            Then::Until(deadline) => {
                self.deadline = deadline;
                None
            }
            Then::Done(outcome) => Some(outcome),
        }
    }

    /// Takes one datagram, if there is one.
    fn hear(&mut self, socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Heard> {
        let (length, from) = socket.recv_from(buffer)?;
        let datagram = buffer.get(..length).unwrap_or_default();
        let from = canonical(from);
        if from != self.peer {
            self.turn_away(socket, datagram, from);
            return Ok(Heard::Old);
        }
        let step = self.transfer.on_packet(datagram, now());
        let answered = step.send.is_some();
        Ok(match self.carry_out(socket, step) {
            Some(outcome) => Heard::Over(outcome),
            None if answered => Heard::Answered,
            None => Heard::Old,
        })
    }

    /// Takes all that the system holds.
    fn hear_all(
        &mut self,
        socket: &UdpSocket,
        signals: &Signals,
        buffer: &mut [u8],
    ) -> Option<Outcome> {
        while let Ok(heard) = self.hear(socket, buffer) {
            match heard {
                Heard::Old => {}
                Heard::Answered => signals.hear(),
                Heard::Over(outcome) => return Some(outcome),
            }
        }
        None
    }

    /// A packet from another end disturbs nothing and is answered with
    /// ERROR 5 (RFC 1350 section 4), unless it is an ERROR itself.
    fn turn_away(&mut self, socket: &UdpSocket, datagram: &[u8], from: SocketAddr) {
        let error = matches!(Packet::parse(datagram), Ok(Packet::Error { .. }));
        if error || !answerable(from) || self.strangers == 0 {
            return;
        }
        self.strangers -= 1;
        let answer = Packet::error(ErrorCode::UnknownTransferId, "Unknown transfer ID");
        self.send(socket, &answer.encode(), from);
    }

    /// The client repeated its request. What it sent to this socket before
    /// comes first: an ERROR or the last ACK may be under it, and then the
    /// request is a new one.
    fn asked_again(
        &mut self,
        socket: &UdpSocket,
        signals: &Signals,
        buffer: &mut [u8],
    ) -> Result<Option<Outcome>, Ending> {
        if !signals.is_repeated() {
            return Ok(None);
        }
        if let Some(outcome) = self.hear_all(socket, signals, buffer) {
            return Ok(Some(outcome));
        }
        match self.transfer.phase() {
            // It has not heard us yet, or its request was doubled on the way.
            Phase::Opening => {
                signals.settle();
                let step = self.transfer.on_repeated_request();
                Ok(self.carry_out(socket, step))
            }
            Phase::Moving => {
                signals.settle();
                Ok(None)
            }
            Phase::Stalled => Err(Ending::Restarted),
        }
    }

    /// The client turned to something else. Its last ACK may still lie here,
    /// sent just before; nothing more is sent.
    fn leave(&mut self, socket: &UdpSocket, buffer: &mut [u8]) -> Ending {
        while let Ok((length, from)) = socket.recv_from(buffer) {
            if canonical(from) != self.peer {
                continue;
            }
            let datagram = buffer.get(..length).unwrap_or_default();
            if let Then::Done(outcome) = self.transfer.on_packet(datagram, now()).then {
                return Ending::Over(outcome);
            }
        }
        Ending::Replaced
    }

    fn send(&mut self, socket: &UdpSocket, packet: &[u8], to: SocketAddr) {
        if let Err(error) = socket.send_to(packet, to) {
            self.unsent = Some(error);
        }
    }
}

#[allow(clippy::disallowed_methods)] // retransmission is the transport's own time, never stored
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[allow(clippy::disallowed_methods)] // as `now`
fn patience(deadline: Instant) -> tokio::time::Sleep {
    tokio::time::sleep_until(tokio::time::Instant::from_std(deadline))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn whoever_answers_is_heard_also_when_the_deadline_was_first() {
        let bind = || UdpSocket::bind("127.0.0.1:0").unwrap();
        let (socket, phone) = (bind(), bind());
        socket.set_nonblocking(true).unwrap();
        let (at, peer) = (socket.local_addr().unwrap(), phone.local_addr().unwrap());
        let signals = Signals::default();
        let file = (&Request::octet("A"), Bytes::from(vec![0; 1300]));
        let terms = Terms::default();
        let mut courier = Courier::set_out(socket, peer, &signals, file, &terms).unwrap();
        let mut hear = || {
            let socket = courier.socket.get_ref();
            courier.talk.hear_all(socket, &signals, &mut [0; BUFFER])
        };
        phone
            .send_to(&Packet::Ack { block: 7 }.encode(), at)
            .unwrap();
        assert_eq!(hear(), None);
        assert!(!signals.is_heard(), "that is no answer to block 1");
        phone
            .send_to(&Packet::Ack { block: 1 }.encode(), at)
            .unwrap();
        assert_eq!(hear(), None);
        assert!(signals.is_heard());
    }
}
