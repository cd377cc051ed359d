//! A phone on a TCP connection, as far as the stories need one.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

use super::house::{House, foreign};
use crate::model::DeviceName;
use crate::sip::wire::{Frame, Framer, HeaderName, Message, Method, StatusCode, parse_datagram};

macro_rules! vector {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/sip/",
            $name,
            ".sip"
        ))
    };
}
pub(super) use vector;

/// The first REGISTER of the recorded 7821, with this contact.
pub(super) fn first(contact: &str) -> String {
    vector!("register-7821-first").replace(foreign(), contact)
}

/// The REGISTER after `first`, without body and Reason.
pub(super) fn refresh(first: &str, cseq: u32) -> String {
    let head = first.split_once("\r\n\r\n").unwrap().0;
    let kept: Vec<&str> = head
        .lines()
        .filter(|line| {
            !["Reason:", "Content-", "Mime-Version:"]
                .iter()
                .any(|gone| line.starts_with(gone))
        })
        .collect();
    kept.join("\r\n")
        .replace("CSeq: 113", &format!("CSeq: {cseq}"))
        + "\r\nContent-Length: 0\r\n\r\n"
}

pub(super) fn unregister(first: &str, cseq: u32) -> String {
    refresh(first, cseq).replace("Expires: 3600", "Expires: 0")
}

/// As another phone sends it.
pub(super) fn as_other(text: &str, device: &DeviceName) -> String {
    let mac = device.as_str().trim_start_matches("SEP");
    text.replace("SEPC80084AA8743", device.as_str())
        .replace("c80084aa8743", &mac.to_lowercase())
}

pub(super) struct Desk {
    stream: TcpStream,
    framer: Framer,
    input: BytesMut,
}

impl Desk {
    pub(super) async fn connect(house: &House) -> Self {
        Self::connect_from(house, "127.0.0.1").await
    }

    pub(super) async fn connect_from(house: &House, from: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket
            .bind(SocketAddr::new(from.parse().unwrap(), 0))
            .unwrap();
        Self {
            stream: socket.connect(house.at).await.unwrap(),
            framer: Framer::default(),
            input: BytesMut::new(),
        }
    }

    /// A phone that is registered with the file it should hold.
    pub(super) async fn registered(house: &House, device: &DeviceName) -> Self {
        let mut desk = Self::connect(house).await;
        desk.say(&first(&house.contact(device))).await;
        assert_eq!(desk.hears().await.status(), Some(StatusCode::OK));
        let update = desk.hears().await;
        desk.answer(&update, 200).await;
        desk
    }

    pub(super) async fn say(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next message, or `None` when the server closes.
    pub(super) async fn next(&mut self) -> Option<Message> {
        loop {
            match self.framer.next_frame(&mut self.input).unwrap() {
                Some(Frame::Message(message)) => return Some(message),
                Some(other) => panic!("{other:?}"),
                None => {}
            }
            let read = self.stream.read_buf(&mut self.input);
            let read = tokio::time::timeout(Duration::from_secs(5), read)
                .await
                .expect("the server says nothing");
            if matches!(read, Ok(0) | Err(_)) {
                return None;
            }
        }
    }

    pub(super) async fn hears(&mut self) -> Message {
        self.next().await.expect("the server closed")
    }

    /// Says something and hears the status that answers it.
    pub(super) async fn asks(&mut self, text: &str) -> u16 {
        self.say(text).await;
        self.hears().await.status().map_or(0, StatusCode::code)
    }

    pub(super) async fn answer(&mut self, request: &Message, code: u16) {
        let status = StatusCode::new(code).unwrap();
        let answer = Message::response(&request.headers, status, "phone");
        self.stream.write_all(&answer.to_bytes()).await.unwrap();
    }

    pub(super) async fn is_closed(&mut self) -> bool {
        self.next().await.is_none()
    }
}

pub(super) fn header(message: &Message, name: HeaderName) -> &str {
    message.headers.text(name).unwrap_or_default()
}

/// A phone that sends datagrams.
pub(super) struct UdpDesk {
    socket: UdpSocket,
    house: SocketAddr,
}

impl UdpDesk {
    pub(super) async fn plug_in(house: &House, from: &str) -> Self {
        Self {
            socket: UdpSocket::bind((from, 0)).await.unwrap(),
            house: house.at,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    pub(super) async fn say(&self, text: impl AsRef<[u8]>) {
        self.socket
            .send_to(text.as_ref(), self.house)
            .await
            .unwrap();
    }

    /// The next message. It comes from where the phone sent to.
    pub(super) async fn hears(&self) -> Message {
        let mut buffer = [0; 4096];
        let received = self.socket.recv_from(&mut buffer);
        let (length, from) = tokio::time::timeout(Duration::from_secs(10), received)
            .await
            .expect("the server says nothing")
            .unwrap();
        assert_eq!(from, self.house);
        parse_datagram(&buffer[..length]).unwrap().unwrap()
    }

    pub(super) async fn asks(&self, text: impl AsRef<[u8]>) -> u16 {
        self.say(text).await;
        self.hears().await.status().map_or(0, StatusCode::code)
    }

    pub(super) async fn answer(&self, request: &Message, code: u16) {
        let status = StatusCode::new(code).unwrap();
        self.say(Message::response(&request.headers, status, "phone").to_bytes())
            .await;
    }

    /// Registers, and takes all updates.
    pub(super) async fn registers(&self, register: &str) {
        self.say(register).await;
        let ok = self.hears().await;
        assert_eq!(ok.status(), Some(StatusCode::OK));
        if register.contains("optionsind") {
            for _ in 0..UPDATES {
                let update = self.hears().await;
                assert_eq!(update.method(), Some(&Method::Refer));
                self.answer(&update, 200).await;
            }
            self.is_heard().await;
        }
    }

    /// Waits until the server has read all that was said: datagrams of one
    /// sender come in order here.
    pub(super) async fn is_heard(&self) {
        let at = self.address();
        let probe = format!(
            "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bKprobe{0}\r\n\
             From: <sip:a@{at}>;tag=1\r\nTo: <sip:a@{at}>\r\nCall-ID: probe{0}\r\n\
             CSeq: 1 OPTIONS\r\n\r\n",
            at.port()
        );
        assert_eq!(self.asks(probe).await, 200);
    }
}

/// The parts of the update after a registration: each travels alone.
pub(super) const UPDATES: usize = 4;

/// As it is sent over UDP.
pub(super) fn over_udp(text: &str) -> String {
    text.replace("SIP/2.0/TCP", "SIP/2.0/UDP")
        .replace("transport=tcp", "transport=udp")
}

/// The same request with another branch, as the next one has it.
pub(super) fn branched(text: &str, branch: &str) -> String {
    text.replacen("branch=z9hG4bK", &format!("branch=z9hG4bK{branch}"), 1)
}
