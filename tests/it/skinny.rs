//! SCCP connections that behave oddly, byte by byte.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use bytes::BytesMut;
use embody::sccp::wire::{
    DeviceType, Dialect, FrameCodec, PhoneMessage, Register, ServerMessage, decode_server,
    encode_phone,
};
use tokio_util::codec::{Decoder, Encoder};

use crate::support::{Daemon, Site};

/// A phone's end of a connection.
struct Phone {
    stream: TcpStream,
    input: BytesMut,
}

impl Phone {
    fn connect(daemon: &Daemon, from: [u8; 4]) -> Self {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let socket = socket.unwrap();
        let own = SocketAddr::new(IpAddr::V4(Ipv4Addr::from(from)), 0);
        socket.bind(&own.into()).unwrap();
        socket.connect(&daemon.ports.sccp.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        Self {
            stream,
            input: BytesMut::new(),
        }
    }

    fn say(&mut self, message: &PhoneMessage) {
        let mut bytes = BytesMut::new();
        FrameCodec
            .encode(encode_phone(message, Dialect::BASIC), &mut bytes)
            .unwrap();
        self.stream.write_all(&bytes).unwrap();
    }

    fn register(&mut self, name: &str) {
        let register = Register::shortest(name, DeviceType::CISCO_7960, Ipv4Addr::LOCALHOST);
        self.say(&PhoneMessage::Register(Box::new(register)));
    }

    /// The next message; `None` when the connection was closed.
    fn hear(&mut self) -> Option<ServerMessage> {
        loop {
            if let Some(frame) = FrameCodec.decode(&mut self.input).unwrap() {
                return Some(decode_server(&frame, Dialect::BASIC).unwrap());
            }
            let mut buffer = [0u8; 4096];
            match self.stream.read(&mut buffer).unwrap() {
                0 => return None,
                length => self.input.extend_from_slice(&buffer[..length]),
            }
        }
    }

    fn is_admitted(&mut self) -> bool {
        match self.hear() {
            Some(ServerMessage::RegisterAck(_)) => {
                assert_eq!(self.hear(), Some(ServerMessage::CapabilitiesReq));
                true
            }
            Some(ServerMessage::RegisterReject(_)) => false,
            other => panic!("neither ack nor reject: {other:?}"),
        }
    }
}

const LOBBY: &str = "SEP001122334455";

fn registered(daemon: &Daemon) -> u64 {
    daemon.status()["registered"].as_u64().unwrap()
}

#[test]
fn registering_twice_on_one_connection_keeps_it() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 3, 1]);
    phone.register(LOBBY);
    assert!(phone.is_admitted());
    phone.register(LOBBY);
    assert!(phone.is_admitted(), "again, and alive");
    phone.say(&PhoneMessage::KeepAlive);
    assert_eq!(phone.hear(), Some(ServerMessage::KeepAliveAck));
    assert_eq!(registered(&daemon), 1);
    // Another name on the same connection ends the first.
    phone.register("SEP001122334466");
    assert!(phone.is_admitted());
    assert_eq!(registered(&daemon), 1, "one phone a connection");
    drop(phone);
    for _ in 0..200 {
        if registered(&daemon) == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("a ghost stays registered: {}", daemon.status());
}

#[test]
fn a_new_connection_wins_and_the_late_death_of_the_old_one_harms_nobody() {
    let daemon = Daemon::start(Site::Sample);
    let mut old = Phone::connect(&daemon, [127, 0, 3, 1]);
    old.register(LOBBY);
    assert!(old.is_admitted());
    let mut new = Phone::connect(&daemon, [127, 0, 3, 1]);
    new.register(LOBBY);
    assert!(new.is_admitted());
    assert_eq!(old.hear(), None, "the old one is closed without a word");
    drop(old);
    new.say(&PhoneMessage::KeepAlive);
    assert_eq!(new.hear(), Some(ServerMessage::KeepAliveAck));
    assert_eq!(registered(&daemon), 1);
}

#[test]
fn two_phones_with_one_name_are_told_apart_and_the_holder_stays() {
    let daemon = Daemon::start(Site::Sample);
    let mut holders = Vec::new();
    let mut refused = 0;
    for turn in 0..8 {
        let mut phone = Phone::connect(&daemon, [127, 0, 3, 1 + turn % 2]);
        phone.register(LOBBY);
        if phone.is_admitted() {
            holders.push(phone);
        } else {
            refused += 1;
        }
    }
    assert!(refused > 0, "somebody is refused");
    assert!(holders.len() <= 7);
    let why = daemon.command(&["why", LOBBY]);
    let text = String::from_utf8_lossy(&why.stdout).into_owned();
    assert!(
        text.contains("127.0.3.1") && text.contains("127.0.3.2"),
        "names both: {text}"
    );
    let mut holder = holders.pop().unwrap();
    holder.say(&PhoneMessage::KeepAlive);
    assert_eq!(
        holder.hear(),
        Some(ServerMessage::KeepAliveAck),
        "the holder stays"
    );
}

#[test]
fn garbage_closes_its_own_connection_and_no_other() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 3, 1]);
    phone.register(LOBBY);
    assert!(phone.is_admitted());
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0xff; 64],
        &[0, 0, 0, 0, 0, 0, 0, 0],
    ] {
        let mut stranger = Phone::connect(&daemon, [127, 0, 3, 9]);
        stranger.stream.write_all(garbage).unwrap();
        assert_eq!(stranger.hear(), None, "{garbage:?}");
    }
    phone.say(&PhoneMessage::KeepAlive);
    assert_eq!(phone.hear(), Some(ServerMessage::KeepAliveAck));
}
