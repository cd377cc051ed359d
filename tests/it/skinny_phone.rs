//! A phone's end of an SCCP connection, driven message by message.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use bytes::BytesMut;
use embody::sccp::wire::{
    Announced, DeviceType, Dialect, Frame, FrameCodec, PhoneFeatures, PhoneMessage, Register,
    ServerMessage, decode_server, encode_phone,
};
use tokio_util::codec::{Decoder, Encoder};

use crate::support::Daemon;

pub struct Phone {
    stream: TcpStream,
    input: BytesMut,
    pub dialect: Dialect,
}

impl Phone {
    pub fn connect(daemon: &Daemon, from: [u8; 4]) -> Self {
        Self::connect_with(daemon, from, None)
    }

    /// With a receive buffer of this size: a phone that does not read stops
    /// the server soon.
    pub fn connect_with(daemon: &Daemon, from: [u8; 4], buffer: Option<usize>) -> Self {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let socket = socket.unwrap();
        if let Some(bytes) = buffer {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        let own = SocketAddr::new(IpAddr::V4(Ipv4Addr::from(from)), 0);
        socket.bind(&own.into()).unwrap();
        socket.connect(&daemon.ports.sccp.into()).unwrap();
        Self::on(TcpStream::from(socket))
    }

    pub fn on(stream: TcpStream) -> Self {
        // An end for what hangs, longer than any timer of the server's.
        stream
            .set_read_timeout(Some(Duration::from_secs(40)))
            .unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            input: BytesMut::new(),
            dialect: Dialect::BASIC,
        }
    }

    pub fn bytes(&self, messages: &[PhoneMessage]) -> Vec<u8> {
        let mut bytes = BytesMut::new();
        for message in messages {
            let frame = encode_phone(message, self.dialect);
            FrameCodec.encode(frame, &mut bytes).unwrap();
        }
        bytes.to_vec()
    }

    pub fn say(&mut self, message: &PhoneMessage) {
        self.say_together(std::slice::from_ref(message));
    }

    /// In one segment.
    pub fn say_together(&mut self, messages: &[PhoneMessage]) {
        let bytes = self.bytes(messages);
        self.say_bytes(&bytes);
    }

    pub fn say_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// As [`Self::say_bytes`]; `false` when the connection is gone or full.
    pub fn try_bytes(&mut self, bytes: &[u8]) -> bool {
        let second = Some(Duration::from_secs(1));
        self.stream.set_write_timeout(second).unwrap();
        self.stream.write_all(bytes).is_ok()
    }

    pub fn register(&mut self, name: &str) {
        let register = Register::shortest(name, DeviceType::CISCO_7960, Ipv4Addr::LOCALHOST);
        self.say(&PhoneMessage::Register(Box::new(register)));
    }

    /// Registers as a 7961 that speaks `version`, and is let in.
    pub fn register_7961(&mut self, name: &str, version: u8) {
        let register = full(name, DeviceType::CISCO_7961, version, 0x8572);
        self.register_as(&register);
    }

    pub fn register_as(&mut self, register: &Register) {
        self.say(&PhoneMessage::Register(Box::new(register.clone())));
        assert!(self.is_admitted(), "{} is let in", register.device_name);
        self.dialect = register.dialect();
    }

    /// The next frame; `None` when the connection was closed.
    pub fn hear_frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = FrameCodec.decode(&mut self.input).unwrap() {
                return Some(frame);
            }
            let mut buffer = [0u8; 4096];
            match self.stream.read(&mut buffer) {
                Ok(0) => return None,
                Ok(length) => self.input.extend_from_slice(&buffer[..length]),
                // Closed with bytes of ours that nobody read.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                // This process stood still for a moment.
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The next message; `None` when the connection was closed.
    pub fn hear(&mut self) -> Option<ServerMessage> {
        let frame = self.hear_frame()?;
        Some(decode_server(&frame, self.dialect).unwrap())
    }

    pub fn is_admitted(&mut self) -> bool {
        match self.hear() {
            Some(ServerMessage::RegisterAck(_)) => {
                assert_eq!(self.hear(), Some(ServerMessage::CapabilitiesReq));
                true
            }
            Some(ServerMessage::RegisterReject(_)) => false,
            other => panic!("neither ack nor reject: {other:?}"),
        }
    }

    /// Whether it is still served, with nothing else said before.
    pub fn is_alive(&mut self) -> bool {
        self.say(&PhoneMessage::KeepAlive);
        self.hear() == Some(ServerMessage::KeepAliveAck)
    }
}

/// A registration with all that loads of the 8 and 9 series tell.
pub fn full(name: &str, device: DeviceType, version: u8, features: u16) -> Register {
    Register {
        max_streams: Some(5),
        active_streams: Some(0),
        announced: Some(Announced {
            version,
            flags: 0,
            features: PhoneFeatures(features),
        }),
        max_conferences: Some(1),
        active_conferences: Some(0),
        mac: Some([0, 0x11, 0x22, 0x33, 0x44, 0x66, 0, 0, 0, 0, 0, 0]),
        ipv4_scope: Some(3),
        max_lines: Some(2),
        ipv6: Some(std::net::Ipv6Addr::UNSPECIFIED),
        ipv6_scope: Some(0),
        firmware: Some("SCCP41.8-5-3S".to_owned()),
        ..Register::shortest(name, device, Ipv4Addr::LOCALHOST)
    }
}
