//! Phones at the sockets, in raw bytes. Where something must *not* be sent,
//! the next packet that arrives proves it; where something must happen at
//! once, the server's own timers are set to an hour.
#![allow(clippy::disallowed_methods)] // the machines take the time as an argument
#![allow(clippy::unwrap_used)]

mod answers;
mod ends;
mod limits;
mod outside;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Server, Settings};
use crate::ports::{FileAnswer, FileRequest, FileService, FileSource};
use crate::tftp::machine::{Fetch, FetchOutcome, FetchTerms, Then};
use crate::tftp::wire::{ErrorCode, OptionKind, Packet, Request, TransferOption};

/// A wait that only a failing test sees the end of.
const FOREVER: Duration = Duration::from_secs(20);

/// The files of these tests, and what happened to them.
#[derive(Default)]
struct Shelf {
    files: HashMap<Vec<u8>, Bytes>,
    fetched: Mutex<Vec<FileRequest>>,
    delivered: Mutex<Vec<(String, SocketAddr, u64)>>,
    changed: Notify,
}

const TICKET: u64 = 42;

impl FileSource for Shelf {
    fn fetch(&self, request: &FileRequest) -> FileAnswer {
        self.fetched.lock().unwrap().push(request.clone());
        self.changed.notify_waiters();
        match request.name.as_slice() {
            b"BUSY" => FileAnswer::Busy,
            b"../REFUSED" => FileAnswer::Refused("No such place"),
            name => match self.files.get(name) {
                Some(body) => FileAnswer::Found {
                    body: body.clone(),
                    ticket: TICKET,
                },
                None => FileAnswer::NotFound,
            },
        }
    }

    fn delivered(&self, request: &FileRequest, ticket: u64) {
        let name = String::from_utf8_lossy(&request.name).into_owned();
        let mut delivered = self.delivered.lock().unwrap();
        delivered.push((name, request.peer, ticket));
        self.changed.notify_waiters();
    }
}

impl Shelf {
    fn new() -> Arc<Self> {
        let file = |name: &str, length: usize, octet: u8| {
            let body: Bytes = (0..length).map(|at| (at % 251) as u8 ^ octet).collect();
            (name.as_bytes().to_vec(), body)
        };
        Arc::new(Self {
            files: HashMap::from([
                file("A", 1300, 0),
                file("B", 1300, 0xff),
                file("SHORT", 20, 7),
                file("LOAD.sbn", 200_000, 3),
            ]),
            ..Self::default()
        })
    }

    fn body(&self, name: &str) -> Bytes {
        self.files.get(name.as_bytes()).unwrap().clone()
    }

    fn fetched(&self) -> Vec<String> {
        let fetched = self.fetched.lock().unwrap();
        fetched
            .iter()
            .map(|request| String::from_utf8_lossy(&request.name).into_owned())
            .collect()
    }

    fn delivered(&self) -> Vec<String> {
        let delivered = self.delivered.lock().unwrap();
        delivered.iter().map(|(name, ..)| name.clone()).collect()
    }

    /// Waits until it holds.
    async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if holds(self) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(FOREVER, wait).await.unwrap();
    }
}

struct Running {
    address: SocketAddr,
    cancel: CancellationToken,
    task: JoinHandle<()>,
    shelf: Arc<Shelf>,
}

impl Running {
    fn at(address: &str, settings: Settings) -> Self {
        let shelf = Shelf::new();
        let server = Server::bind(address.parse().unwrap(), settings, shelf.clone()).unwrap();
        Self::run(server, shelf)
    }

    fn run(server: Server, shelf: Arc<Shelf>) -> Self {
        let cancel = CancellationToken::new();
        Self {
            address: server.local_addr(),
            cancel: cancel.clone(),
            task: tokio::spawn(server.run(cancel)),
            shelf,
        }
    }

    async fn stop(self) {
        self.cancel.cancel();
        tokio::time::timeout(FOREVER, self.task)
            .await
            .unwrap()
            .unwrap();
    }
}

/// A server that never repeats anything by itself.
fn patient() -> Settings {
    Settings {
        retransmit: Duration::from_secs(3600),
        ..Settings::default()
    }
}

struct Phone(UdpSocket);

impl Phone {
    async fn new() -> Self {
        Self::at("127.0.0.1:0").await
    }

    async fn at(address: &str) -> Self {
        Self(UdpSocket::bind(address).await.unwrap())
    }

    async fn send(&self, packet: &[u8], to: SocketAddr) {
        self.0.send_to(packet, to).await.unwrap();
    }

    async fn ask(&self, name: &str, server: SocketAddr) {
        self.send(&rrq(name), server).await;
    }

    async fn ack(&self, block: u16, to: SocketAddr) {
        self.send(&Packet::Ack { block }.encode(), to).await;
    }

    async fn hear(&self) -> (Vec<u8>, SocketAddr) {
        let mut buffer = vec![0; 2000];
        let received = tokio::time::timeout(FOREVER, self.0.recv_from(&mut buffer)).await;
        let (length, from) = received.expect("nothing came").unwrap();
        buffer.truncate(length);
        (buffer, from)
    }

    /// The next packet must be this block.
    async fn hear_block(&self, number: u16) -> (Vec<u8>, SocketAddr) {
        let (packet, from) = self.hear().await;
        match Packet::parse(&packet).unwrap() {
            Packet::Data { block, bytes } if block == number => (bytes.to_vec(), from),
            other => panic!("not block {number}: {other:?}"),
        }
    }

    /// The next packet must be this ERROR.
    async fn hear_error(&self, expected: ErrorCode) -> SocketAddr {
        let (packet, from) = self.hear().await;
        match Packet::parse(&packet).unwrap() {
            Packet::Error { code, .. } if code == expected => from,
            other => panic!("not {expected}: {other:?}"),
        }
    }

    /// Nothing lies here: the next answer is that of this new question.
    async fn hears_nothing_from(&self, server: SocketAddr) {
        self.ask("FENCE", server).await;
        self.hear_error(ErrorCode::FileNotFound).await;
    }

    /// A whole file without options, by the book.
    async fn fetch(&self, name: &str, server: SocketAddr) -> Vec<u8> {
        self.ask(name, server).await;
        let mut body = Vec::new();
        for block in 1.. {
            let (bytes, from) = self.hear_block(block).await;
            body.extend_from_slice(&bytes);
            self.ack(block, from).await;
            if bytes.len() < 512 {
                break;
            }
        }
        body
    }

    /// A whole file by the client's machine.
    async fn fetch_with(&self, request: Request, server: SocketAddr) -> (Fetch, FetchOutcome) {
        let now = || tokio::time::Instant::now().into_std();
        let (mut fetch, mut step) = Fetch::start(request, &FetchTerms::default(), now());
        let mut other_end = server;
        loop {
            if let Some(packet) = step.send {
                self.send(&packet, other_end).await;
            }
            let deadline = match step.then {
                Then::Until(deadline) => tokio::time::Instant::from_std(deadline),
                Then::Done(outcome) => return (fetch, outcome),
            };
            let mut buffer = vec![0; 2000];
            let received = self.0.recv_from(&mut buffer);
            step = match tokio::time::timeout_at(deadline, received).await {
                Ok(received) => {
                    let (length, from) = received.unwrap();
                    other_end = from;
                    fetch.on_packet(&buffer[..length], now())
                }
                Err(_) => fetch.on_timeout(now()),
            };
        }
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}

fn rrq(name: &str) -> Vec<u8> {
    Packet::Read(Request::octet(name)).encode()
}

fn error(code: ErrorCode) -> Vec<u8> {
    Packet::error(code, "").encode()
}
