//! A phone that sends datagrams: what is lost is sent again, and what comes
//! twice is answered twice and obeyed once (RFC 3261 section 17).

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Interval, MissedTickBehavior};

use crate::sip::wire::{Message, Method, ParseError, parse_datagram};

/// T1, the first pause; all others are multiples of it.
const T1: Duration = Duration::from_millis(500);

/// T2 in T1s: the longest pause.
const LONGEST: u32 = 8;

/// `sipRetx`: how often a request is sent again.
const REPETITIONS: u32 = 10;

/// How many answers are kept, should their requests come again.
const KEPT: usize = 16;

/// A request of the phone that waits for its answer.
struct Asked {
    id: Id,
    packet: Vec<u8>,
    /// In T1s.
    pause: u32,
    left: u32,
    sent: u32,
}

/// Branch and method.
type Id = (String, Method);

/// The phone's end.
pub(super) struct Datagrams {
    socket: UdpSocket,
    ticks: Interval,
    asked: Vec<Asked>,
    answered: VecDeque<(Id, Vec<u8>)>,
}

/// What the call manager sent.
pub(super) enum Heard {
    Message(Message),
    Garbled(ParseError),
}

impl Datagrams {
    /// A socket of its own.
    pub(super) async fn open(own: SocketAddr, manager: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(own).await?;
        socket.connect(manager).await?;
        let mut ticks = tokio::time::interval(T1);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            socket,
            ticks,
            asked: Vec::new(),
            answered: VecDeque::new(),
        })
    }

    pub(super) fn own_address(&self) -> Option<SocketAddr> {
        self.socket.local_addr().ok()
    }

    /// A datagram that is not taken is as good as lost.
    pub(super) async fn send(&mut self, message: &Message) {
        let packet = message.to_bytes().to_vec();
        let _ = self.socket.send(&packet).await;
        let Some(id) = id(message) else {
            return;
        };
        if message.method().is_some() {
            self.asked.push(Asked {
                id,
                packet,
                pause: 1,
                left: 1,
                sent: 0,
            });
            // The tick under way may be almost over.
            self.ticks.reset();
        } else {
            if self.answered.len() >= KEPT {
                self.answered.pop_front();
            }
            self.answered.push_back((id, packet));
        }
    }

    /// The next message that was not heard before. May be dropped without
    /// losing any.
    pub(super) async fn receive(&mut self) -> Heard {
        let mut buffer = [0; 8192];
        loop {
            let length = tokio::select! {
                received = self.socket.recv(&mut buffer) => match received {
                    Ok(length) => length,
                    // Nobody listened when something was sent there.
                    Err(_) => continue,
                },
                _ = self.ticks.tick() => {
                    self.repeat();
                    continue;
                }
            };
            match parse_datagram(buffer.get(..length).unwrap_or_default()) {
                Ok(Some(message)) => {
                    if let Some(message) = self.first(message) {
                        return Heard::Message(message);
                    }
                }
                Ok(None) => {}
                Err(error) => return Heard::Garbled(error),
            }
        }
    }

    /// The message, unless it came before.
    fn first(&mut self, message: Message) -> Option<Message> {
        let id = id(&message)?;
        match message.status() {
            Some(status) if status.is_provisional() => {
                for asked in self.asked.iter_mut().filter(|asked| asked.id == id) {
                    asked.pause = LONGEST;
                }
                Some(message)
            }
            Some(_) => {
                let before = self.asked.len();
                self.asked.retain(|asked| asked.id != id);
                (self.asked.len() < before).then_some(message)
            }
            None => match self.answered.iter().find(|(before, _)| *before == id) {
                Some((_, answer)) => {
                    let _ = self.socket.try_send(answer);
                    None
                }
                None => Some(message),
            },
        }
    }

    fn repeat(&mut self) {
        for asked in &mut self.asked {
            asked.left -= 1;
            if asked.left == 0 {
                let _ = self.socket.try_send(&asked.packet);
                asked.sent += 1;
                asked.pause = (asked.pause * 2).min(LONGEST);
                asked.left = asked.pause;
            }
        }
        self.asked.retain(|asked| asked.sent < REPETITIONS);
    }
}

fn id(message: &Message) -> Option<Id> {
    let branch = message.headers.top_via().ok()?.branch()?.to_owned();
    Some((branch, message.headers.cseq().ok()?.method))
}
