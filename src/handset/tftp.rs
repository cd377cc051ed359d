//! Files by TFTP, as phones fetch them: `octet`, mostly without options.

use std::net::SocketAddr;

use tokio::net::UdpSocket;

use super::net;
use super::phone::Phone;
use crate::tftp::wire::{
    DATA_HEADER, DEFAULT_BLOCK_SIZE, ErrorCode, MIN_BLOCK_SIZE, OptionKind, Options, Packet,
    Request,
};

/// Repetitions of a packet before the phone gives up.
const TRIES: u32 = 5;
/// Bytes of a block that there is room for, whatever was agreed on.
const LEAST_ROOM: usize = 1500;
/// Largest file of a boot, in bytes.
pub(super) const MAX_FILE: usize = 4 * 1024 * 1024;

/// What came of asking for a file, on either service.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    File(Vec<u8>),
    NotFound,
    Refused(String),
    NoAnswer,
}

/// Fetches one file of at most so many bytes.
pub(super) async fn fetch(phone: &Phone, name: &str, most: usize) -> Fetched {
    let server = phone.servers.tftp;
    let Ok(socket) = net::datagrams(server, phone.servers.bind).await else {
        return Fetched::NoAnswer;
    };
    let block_size = phone.profile.block_size;
    let mut request = Request::octet(name);
    if let Some(size) = block_size {
        request.options = Options::default().with(OptionKind::BlockSize, size.into());
    }
    let transfer = Transfer {
        phone,
        socket,
        server,
        peer: None,
        asked_size: block_size,
        size: DEFAULT_BLOCK_SIZE,
        block: 1,
        most,
        last_sent: Packet::Read(request).encode(),
        file: Vec::new(),
    };
    match transfer.run().await {
        Ok(file) => Fetched::File(file),
        Err(fetched) => fetched,
    }
}

struct Transfer<'a> {
    phone: &'a Phone,
    socket: UdpSocket,
    server: SocketAddr,
    /// Where the blocks come from, known with the first packet.
    peer: Option<SocketAddr>,
    asked_size: Option<u16>,
    size: u16,
    /// The block awaited; after 65535 comes 0.
    block: u16,
    /// Bytes that are taken.
    most: usize,
    /// What is repeated when nothing comes.
    last_sent: Vec<u8>,
    file: Vec<u8>,
}

enum Step {
    /// Send what was sent last again, or what is to be sent now.
    Send,
    Ignore,
    Done,
    Failed(Fetched),
}

impl Transfer<'_> {
    async fn run(mut self) -> Result<Vec<u8>, Fetched> {
        let mut silences = 0;
        // Room for more than was agreed on, or a block too large would pass.
        let room = usize::from(self.asked_size.unwrap_or(0)).max(LEAST_ROOM);
        let mut buffer = vec![0; room + DATA_HEADER];
        self.send().await?;
        while silences < TRIES {
            let wait = self.phone.pace.retransmit;
            let Ok(step) = tokio::time::timeout(wait, self.step(&mut buffer)).await else {
                silences += 1;
                self.phone.shared.counters.tftp_repeated.add();
                self.send().await?;
                continue;
            };
            match step {
                Step::Ignore => {}
                Step::Send => {
                    silences = 0;
                    self.send().await?;
                }
                Step::Done => {
                    self.send().await?;
                    return Ok(self.file);
                }
                Step::Failed(fetched) => return Err(fetched),
            }
        }
        Err(Fetched::NoAnswer)
    }

    async fn send(&self) -> Result<(), Fetched> {
        self.phone.shared.counters.tftp_sent.add();
        let to = self.peer.unwrap_or(self.server);
        match self.socket.send_to(&self.last_sent, to).await {
            Ok(_) => Ok(()),
            Err(_) => Err(Fetched::NoAnswer),
        }
    }

    /// The next packet that belongs to the transfer.
    async fn step(&mut self, buffer: &mut [u8]) -> Step {
        loop {
            let Ok((length, from)) = self.socket.recv_from(buffer).await else {
                // A port that nobody listens on: asked again at the next timeout.
                tokio::time::sleep(self.phone.pace.retransmit).await;
                continue;
            };
            if from.ip() != self.server.ip() {
                continue;
            }
            if self.peer.is_some_and(|peer| peer != from) {
                let stray = Packet::error(ErrorCode::UnknownTransferId, "unknown transfer");
                let _ = self.socket.send_to(&stray.encode(), from).await;
                continue;
            }
            self.phone.shared.counters.tftp_received.add();
            let Ok(packet) = Packet::parse(buffer.get(..length).unwrap_or_default()) else {
                continue;
            };
            return self.take(&packet, from);
        }
    }

    fn take(&mut self, packet: &Packet<'_>, from: SocketAddr) -> Step {
        match packet {
            Packet::Data { block, bytes } if *block == self.block => {
                self.peer = Some(from);
                if bytes.len() > usize::from(self.size) || self.file.len() + bytes.len() > self.most
                {
                    return Step::Failed(Fetched::Refused("a block too large".to_owned()));
                }
                self.file.extend_from_slice(bytes);
                self.last_sent = Packet::Ack { block: *block }.encode();
                self.block = self.block.wrapping_add(1);
                if bytes.len() < usize::from(self.size) {
                    Step::Done
                } else {
                    Step::Send
                }
            }
            // The acknowledgement was lost: say it again.
            Packet::Data { block, .. }
                if self.peer.is_some() && *block == self.block.wrapping_sub(1) =>
            {
                Step::Send
            }
            Packet::OptionAck(options) if self.peer.is_none() => self.agree(options, from),
            Packet::Error { code, text } => Step::Failed(match code {
                ErrorCode::FileNotFound => Fetched::NotFound,
                code => Fetched::Refused(format!("{code}: {}", text.escape_ascii())),
            }),
            _ => Step::Ignore,
        }
    }

    fn agree(&mut self, options: &Options, from: SocketAddr) -> Step {
        let granted = options
            .get(OptionKind::BlockSize)
            .and_then(|option| u16::try_from(option.as_number()?).ok());
        match (self.asked_size, granted) {
            (Some(asked), Some(granted)) if (MIN_BLOCK_SIZE..=asked).contains(&granted) => {
                self.peer = Some(from);
                self.size = granted;
                self.last_sent = Packet::Ack { block: 0 }.encode();
                Step::Send
            }
            _ => Step::Failed(Fetched::Refused(
                "options acknowledged that were not asked for".to_owned(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashMap;

    use tokio::net::UdpSocket;

    use super::*;
    use crate::handset::testing::{self, nowhere};
    use crate::handset::{Kind, Servers};

    fn phone(server: SocketAddr) -> Phone {
        testing::phone(Kind::Cisco7961, Servers::new(server))
    }

    #[tokio::test]
    async fn files_of_all_lengths_come_whole() {
        for length in [0, 1, 511, 512, 513, 1024, 5000] {
            let file = vec![7; length];
            let server = testing::tftp(HashMap::from([("f".to_owned(), file.clone())])).await;
            assert_eq!(
                fetch(&phone(server), "f", MAX_FILE).await,
                Fetched::File(file)
            );
        }
    }

    #[tokio::test]
    async fn a_missing_file_is_known_at_once_and_silence_after_a_while() {
        let server = testing::tftp(HashMap::new()).await;
        assert_eq!(
            fetch(&phone(server), "f", MAX_FILE).await,
            Fetched::NotFound
        );
        let silent = testing::phone(Kind::Cisco7961, nowhere());
        assert_eq!(fetch(&silent, "f", MAX_FILE).await, Fetched::NoAnswer);
        assert_eq!(
            silent.shared.counters.traffic().tftp_sent,
            u64::from(TRIES) + 1
        );
    }

    /// What is lost or comes twice, or from a stranger, does no harm.
    #[tokio::test]
    async fn a_bad_network_only_takes_longer() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let phone = phone(server.local_addr().unwrap());
        let story = async {
            let mut buffer = [0; 100];
            // The first request is lost.
            server.recv_from(&mut buffer).await.unwrap();
            let (_, peer) = server.recv_from(&mut buffer).await.unwrap();
            let transfer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let block = |block, bytes| Packet::Data { block, bytes }.encode();
            transfer.send_to(&block(1, &[1; 512]), peer).await.unwrap();
            stranger.send_to(&block(2, &[9; 3]), peer).await.unwrap();
            let (length, _) = stranger.recv_from(&mut buffer).await.unwrap();
            assert!(matches!(
                Packet::parse(&buffer[..length]),
                Ok(Packet::Error {
                    code: ErrorCode::UnknownTransferId,
                    ..
                })
            ));
            // The acknowledgement is lost; the block comes again.
            transfer.send_to(&block(1, &[1; 512]), peer).await.unwrap();
            for _ in 0..2 {
                let (length, _) = transfer.recv_from(&mut buffer).await.unwrap();
                assert_eq!(
                    Packet::parse(&buffer[..length]),
                    Ok(Packet::Ack { block: 1 })
                );
            }
            transfer.send_to(&block(2, &[2; 3]), peer).await.unwrap();
            let (length, _) = transfer.recv_from(&mut buffer).await.unwrap();
            assert_eq!(
                Packet::parse(&buffer[..length]),
                Ok(Packet::Ack { block: 2 })
            );
        };
        let (fetched, ()) = tokio::join!(fetch(&phone, "f", MAX_FILE), story);
        let whole: Vec<u8> = [vec![1; 512], vec![2; 3]].concat();
        assert_eq!(fetched, Fetched::File(whole));
    }

    #[tokio::test]
    async fn a_block_size_is_used_when_the_server_grants_it() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut phone = phone(server.local_addr().unwrap());
        std::sync::Arc::make_mut(&mut phone.profile).block_size = Some(1400);
        let story = async {
            let mut buffer = [0; 100];
            let (length, peer) = server.recv_from(&mut buffer).await.unwrap();
            let Ok(Packet::Read(request)) = Packet::parse(&buffer[..length]) else {
                panic!("no request");
            };
            let asked = request.options.get(OptionKind::BlockSize).unwrap();
            assert_eq!(asked.as_number(), Some(1400));
            let granted = Options::default().with(OptionKind::BlockSize, 1024);
            let packet = Packet::OptionAck(granted).encode();
            server.send_to(&packet, peer).await.unwrap();
            let (length, _) = server.recv_from(&mut buffer).await.unwrap();
            assert_eq!(
                Packet::parse(&buffer[..length]),
                Ok(Packet::Ack { block: 0 })
            );
            let data = Packet::Data {
                block: 1,
                bytes: &[3; 1000],
            }
            .encode();
            server.send_to(&data, peer).await.unwrap();
        };
        let (fetched, ()) = tokio::join!(fetch(&phone, "f", MAX_FILE), story);
        assert_eq!(fetched, Fetched::File(vec![3; 1000]));
    }
}
