//! Stories of one flow, told from the phone's side.
#![allow(clippy::unwrap_used, clippy::panic)]

mod digest;
mod identity;
mod lossy;
mod orders;
mod outside;
mod properties;
mod registration;
mod requests;
mod torture;
mod transactions;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::BytesMut;

use super::*;
use crate::model::{ContactId, DeviceName, Stamp, Timestamp};
use crate::sip::wire::{Frame, Framer, HeaderName, HostPort, Message, StatusCode, Transport};

/// One message of the recorded forms.
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
use vector;

/// The contact in the recorded first REGISTER: of another server.
const FOREIGN: &str = "04984998-fe29-08c0-6d47-5593bf4ce606";

fn device() -> DeviceName {
    DeviceName::new("SEPC80084AA8743").unwrap()
}

fn stamp(bits: u64) -> Stamp {
    Stamp::from_bits(bits)
}

/// The first REGISTER of a 7821 that holds `file`.
fn first(file: Stamp) -> String {
    let contact = ContactId::mint(&device(), 1, file).to_string();
    vector!("register-7821-first").replace(FOREIGN, &contact)
}

/// What follows 115 s later: no body, no Reason, the next CSeq.
fn refresh(first: &str, cseq: u32) -> String {
    let head = first.split_once("\r\n\r\n").unwrap().0;
    let mut text = String::new();
    for line in head.lines() {
        if ["Reason:", "Content-", "Mime-Version:"]
            .iter()
            .any(|gone| line.starts_with(gone))
        {
            continue;
        }
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.replace("CSeq: 113", &format!("CSeq: {cseq}")) + "Content-Length: 0\r\n\r\n"
}

/// The unregister before a restart.
fn unregister(first: &str, cseq: u32) -> String {
    refresh(first, cseq).replace("Expires: 3600", "Expires: 0")
}

/// Where the phone of a desk sends from.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 104)), 51778);

/// A phone without a body of its own at the other end of a flow.
struct Desk {
    registrar: Registrar,
    now: Duration,
    wall: Timestamp,
}

impl Desk {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        Self::over(Transport::Tcp, settings)
    }

    /// A desk whose phone sends datagrams.
    fn over_udp() -> Self {
        Self::over(Transport::Udp, Settings::default())
    }

    fn over(transport: Transport, settings: Settings) -> Self {
        let ends = Ends {
            peer: PEER,
            local: HostPort::parse(b"192.0.2.200:5060").unwrap(),
            transport,
        };
        let now = Duration::from_secs(1000);
        Self {
            registrar: Registrar::new(settings, ends, [7; 16], now),
            now,
            // Sat, 09 Mar 2019 18:32:46 GMT
            wall: Timestamp(1_552_156_366_000),
        }
    }

    /// A desk whose phone is registered with this file.
    fn registered(file: Stamp) -> Self {
        let mut desk = Self::new();
        desk.admit(&first(file));
        desk
    }

    fn say(&mut self, bytes: impl AsRef<[u8]>) -> Vec<Output> {
        let mut input = BytesMut::from(bytes.as_ref());
        let mut framer = Framer::default();
        let mut outputs = Vec::new();
        loop {
            match framer.next_frame(&mut input) {
                Ok(Some(frame)) => {
                    outputs.extend(self.registrar.on_frame(frame, self.now, self.wall));
                }
                Ok(None) => return outputs,
                Err(error) => {
                    outputs.extend(self.registrar.on_broken(&error));
                    return outputs;
                }
            }
        }
    }

    /// A message written with LF only, for the eyes.
    fn tell(&mut self, text: &str) -> Vec<Output> {
        self.say(text.replace('\n', "\r\n"))
    }

    /// Hands a REGISTER over to whoever decides.
    fn ask(&mut self, text: &str) -> Box<Register> {
        match self.say(text).pop() {
            Some(Output::Register(register) | Output::Unregister(register)) => register,
            other => panic!("{other:?} to\n{text}"),
        }
    }

    fn admit(&mut self, text: &str) -> Vec<Output> {
        let register = self.ask(text);
        let welcome = Welcome {
            device: device(),
            file: register.file_of(&device()),
            lines: vec![1, 2],
            signed_in: Some("Alice Smith".into()),
        };
        self.registrar
            .admitted(&register, &welcome, self.now, self.wall)
    }

    fn standing(&mut self, text: &str) -> Standing {
        let register = self.ask(text);
        let file = register.file_of(&device());
        self.registrar.standing(&register, &device(), file)
    }

    fn later(&mut self, seconds: u64) -> Vec<Output> {
        self.now += Duration::from_secs(seconds);
        self.wall = self.wall.plus(Duration::from_secs(seconds));
        self.registrar.on_time(self.now)
    }
}

/// The only message among these.
fn sent(outputs: &[Output]) -> &Message {
    let mut messages = messages(outputs);
    assert_eq!(messages.len(), 1, "{outputs:?}");
    messages.remove(0)
}

fn messages(outputs: &[Output]) -> Vec<&Message> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Send(message) => Some(message),
            _ => None,
        })
        .collect()
}

fn status(outputs: &[Output]) -> u16 {
    sent(outputs).status().map_or(0, StatusCode::code)
}

fn text(message: &Message) -> String {
    String::from_utf8(message.to_bytes().to_vec()).unwrap()
}

fn header(message: &Message, name: HeaderName) -> &str {
    message.headers.text(name).unwrap_or_default()
}

/// The outputs that are no messages, in words.
fn told(outputs: &[Output]) -> Vec<String> {
    outputs
        .iter()
        .filter(|output| !matches!(output, Output::Send(_)))
        .map(|output| format!("{output:?}"))
        .collect()
}

#[test]
fn a_ping_is_answered_also_between_messages_of_one_segment() {
    let mut desk = Desk::new();
    let segment = format!(
        "{}\r\n\r\n{}{}",
        vector!("refer-alarm-7821"),
        vector!("refer-token"),
        first(stamp(1))
    );
    let outputs = desk.say(segment);
    let kinds: Vec<String> = outputs
        .iter()
        .map(|output| match output {
            Output::Send(message) => message.status().map_or(0, StatusCode::code).to_string(),
            other => format!("{other:?}")
                .split(['(', ' '])
                .next()
                .unwrap()
                .to_owned(),
        })
        .collect();
    assert_eq!(kinds, ["202", "Alarm", "Pong", "202", "Register"]);
    assert!(matches!(
        desk.registrar
            .on_frame(Frame::Ping, desk.now, desk.wall)
            .as_slice(),
        [Output::Pong]
    ));
}
