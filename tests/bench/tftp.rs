//! A TFTP client as phones are: no options, 512-octet blocks (RFC 1350), a
//! port of its own for each file.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;

use crate::measure::{Ended, Operation, PATIENCE, Seen, TRIES};
use crate::stopwatch::now;

const BLOCK: usize = 512;

/// The head of an ERROR (RFC 1350, 5) with code 5: an acknowledgement came
/// from somebody whom the transfer does not know.
const UNKNOWN_TRANSFER_ID: &[u8] = &[0, 5, 0, 5];

/// A file that is asked, and what must come.
#[derive(Debug)]
pub struct File {
    pub name: String,
    /// `None`: it does not exist.
    pub body: Option<Vec<u8>>,
}

/// The address of a client: everyone has its own.
pub fn address(client: usize) -> Ipv4Addr {
    let [.., high, low] = client.to_be_bytes();
    Ipv4Addr::new(127, 77, high, low)
}

/// Fetches one file.
pub async fn fetch(from: Ipv4Addr, server: SocketAddr, file: &File) -> Operation {
    let begun = now();
    let mut fetch = Fetch {
        file,
        whole: 0,
        answered: None,
        silence: Duration::ZERO,
    };
    let ended = match fetch.run(from, server).await {
        Ok(ended) => ended,
        Err(error) => Ended::Wrong(format!("{}: {error}", file.name)),
    };
    Operation {
        ended,
        took: now() - begun,
        silence: fetch.silence,
    }
}

struct Fetch<'a> {
    file: &'a File,
    /// Blocks that came.
    whole: usize,
    /// The server's end of the transfer.
    answered: Option<SocketAddr>,
    silence: Duration,
}

impl Fetch<'_> {
    async fn run(&mut self, from: Ipv4Addr, server: SocketAddr) -> std::io::Result<Ended> {
        let socket = UdpSocket::bind((from, 0)).await?;
        let mut packet = vec![0, 1];
        packet.extend_from_slice(self.file.name.as_bytes());
        packet.extend_from_slice(b"\0octet\0");
        socket.send_to(&packet, server).await?;
        let (mut heard, mut tries) = (now(), 1);
        let mut buffer = [0; 4 + BLOCK + 1];
        loop {
            let received = tokio::time::timeout(PATIENCE, socket.recv_from(&mut buffer)).await;
            self.silence = self.silence.max(now() - heard);
            let Ok(received) = received else {
                if tries == TRIES {
                    return Ok(Ended::Never);
                }
                tries += 1;
                let to = self.answered.unwrap_or(server);
                socket.send_to(&packet, to).await?;
                continue;
            };
            let (length, peer) = received?;
            // Meant for an earlier socket with this port: this one has spoken
            // to the listening port alone, which knows no transfers.
            if self.answered.is_none() && buffer.starts_with(UNKNOWN_TRANSFER_ID) {
                continue;
            }
            if *self.answered.get_or_insert(peer) != peer {
                continue;
            }
            let datagram = buffer.get(..length).unwrap_or_default();
            match self.datagram(datagram) {
                Heard::Again => {}
                Heard::Over(ended, None) => return Ok(ended),
                Heard::Over(ended, Some(acknowledgement)) => {
                    socket.send_to(&acknowledgement, peer).await?;
                    return Ok(ended);
                }
                Heard::Next(acknowledgement) => {
                    packet.clear();
                    packet.extend_from_slice(&acknowledgement);
                    socket.send_to(&packet, peer).await?;
                    (heard, tries) = (now(), 1);
                }
            }
        }
    }

    fn datagram(&mut self, datagram: &[u8]) -> Heard {
        let wrong = |words: &str| Heard::Over(Ended::Wrong(words.to_owned()), None);
        match (datagram, &self.file.body) {
            ([0, 5, 0, 1, ..], None) => Heard::Over(Ended::Well, None),
            // The server gave this transfer up for another (it is offered more
            // than it can hold) and the port has another owner: it is lost.
            (datagram, Some(_)) if datagram.starts_with(UNKNOWN_TRANSFER_ID) => {
                Heard::Over(Ended::Never, None)
            }
            ([0, 5, code @ ..], _) => {
                wrong(&format!("ERROR {:?}", code.escape_ascii().to_string()))
            }
            ([0, 3, high, low, data @ ..], Some(body)) => {
                let number = u16::from_be_bytes([*high, *low]);
                if usize::from(number) != self.whole + 1 {
                    return Heard::Again;
                }
                let at = self.whole * BLOCK;
                let expected = body.get(at..body.len().min(at + BLOCK));
                if expected != Some(data) {
                    return wrong("other octets than expected");
                }
                self.whole += 1;
                let acknowledgement = [0, 4, *high, *low];
                if data.len() < BLOCK {
                    Heard::Over(Ended::Well, Some(acknowledgement))
                } else {
                    Heard::Next(acknowledgement)
                }
            }
            _ => wrong("an unexpected packet"),
        }
    }
}

enum Heard {
    /// Something that was heard before.
    Again,
    Next([u8; 4]),
    Over(Ended, Option<[u8; 4]>),
}

/// What one client does until a time: its own file, again and again.
pub async fn client(
    number: usize,
    until: Instant,
    server: SocketAddr,
    files: Arc<Vec<File>>,
) -> Seen {
    let mut seen = Seen::default();
    let mut next = number;
    while now() < until {
        if let Some(file) = files.get(next % files.len()) {
            seen.count(fetch(address(number), server, file).await);
        }
        // Each phone fetches its file once in a while, never twice in a row.
        next += 7;
    }
    seen
}
