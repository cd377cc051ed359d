//! The UDP socket: datagrams in batches, each with the address that it was
//! sent to, and answers from there.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use rustix::net::sockopt::{Ipv4PathMtuDiscovery, set_ip_mtu_discover};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::registry::canonical;

/// Room for what many phones send at once, in octets.
const ROOM: usize = 4 << 20;

/// Receptions taken from the system at once.
pub(super) const BATCH: usize = 16;

/// Octets of one reception: the system may join datagrams of one sender.
const BUFFER: usize = 1 << 16;

/// A socket that phones send to.
pub(in crate::sip::server) struct DatagramSocket {
    socket: UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
}

/// Between whom a datagram travels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    /// Who sent it.
    pub(super) peer: SocketAddr,
    /// The address that it was sent to, with our port.
    pub(super) local: SocketAddr,
    /// Both as the socket speaks of them.
    raw_peer: SocketAddr,
    raw_local: Option<IpAddr>,
}

/// Where receptions are put.
pub(super) struct Inbox {
    octets: Vec<u8>,
    metas: [RecvMeta; BATCH],
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            octets: vec![0; BATCH * BUFFER],
            metas: [RecvMeta::default(); BATCH],
        }
    }

    /// The datagrams of the first `count` receptions.
    pub(super) fn datagrams(&self, count: usize) -> impl Iterator<Item = (&RecvMeta, &[u8])> {
        self.metas
            .iter()
            .zip(self.octets.chunks(BUFFER))
            .take(count)
            .flat_map(|(meta, buffer)| {
                let received = buffer.get(..meta.len).unwrap_or_default();
                let each = received.chunks(meta.stride.max(1));
                each.map(move |datagram| (meta, datagram))
            })
    }
}

impl DatagramSocket {
    /// Binds a socket. `[::]` hears IPv4 too.
    pub(in crate::sip::server) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        if address.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        // Wishes: the system may allow less, or not know them.
        let _ = socket.set_recv_buffer_size(ROOM);
        let _ = socket.set_send_buffer_size(ROOM);
        socket.bind(&address.into())?;
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket.into())?;
        let state = UdpSocketState::new((&socket).into())?;
        // That forbade fragments, as QUIC wants it. Some messages of SIP are
        // longer than a packet. Over IPv6 it stays so: see `send`.
        set_ip_mtu_discover(&socket, Ipv4PathMtuDiscovery::DONT)?;
        let address = socket.local_addr()?;
        Ok(Self {
            socket,
            state,
            address,
        })
    }

    pub(in crate::sip::server) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for datagrams; the number of receptions.
    pub(super) async fn receive(&self, inbox: &mut Inbox) -> io::Result<usize> {
        let Inbox { octets, metas } = inbox;
        let read = || {
            let mut slices = octets.chunks_mut(BUFFER).map(IoSliceMut::new);
            let mut buffers: [IoSliceMut<'_>; BATCH] =
                std::array::from_fn(|_| slices.next().unwrap_or_else(|| IoSliceMut::new(&mut [])));
            self.state.recv((&self.socket).into(), &mut buffers, metas)
        };
        self.socket.async_io(Interest::READABLE, read).await
    }

    /// Between whom a datagram travelled; `None` when it must not be answered:
    /// port 0, an impossible sender, or one sent to all hosts.
    pub(super) fn path(&self, meta: &RecvMeta) -> Option<Path> {
        let peer = canonical(meta.addr);
        let asked = meta.dst_ip.unwrap_or(self.address.ip()).to_canonical();
        if peer.port() == 0 || !is_one_host(peer.ip()) {
            return None;
        }
        if meta.dst_ip.is_some() && !is_one_host(asked) {
            return None;
        }
        Some(Path {
            peer,
            local: SocketAddr::new(asked, self.address.port()),
            raw_peer: meta.addr,
            raw_local: meta.dst_ip,
        })
    }

    /// Sends to a port of the peer, from the address that it knows. What the
    /// system does not take is lost, as any datagram may be; but what is too
    /// long for a packet over IPv6 will never be taken.
    pub(super) fn send(&self, path: &Path, port: u16, packet: &[u8]) {
        let mut destination = path.raw_peer;
        destination.set_port(port);
        let transmit = Transmit {
            destination,
            ecn: None,
            contents: packet,
            segment_size: None,
            src_ip: path.raw_local,
        };
        if let Err(error) = self.state.try_send((&self.socket).into(), &transmit) {
            if error.raw_os_error() == Some(rustix::io::Errno::MSGSIZE.raw_os_error()) {
                let octets = packet.len();
                tracing::warn!(peer = %path.peer, octets, "too long for a datagram: use TCP");
                return;
            }
            tracing::debug!(peer = %path.peer, %error, "a datagram was not sent");
        }
    }
}

/// Whether the address is one host's: requests to all hosts are ignored.
fn is_one_host(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(four) if four.is_broadcast());
    !(address.is_unspecified() || address.is_multicast() || broadcast)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn long_messages_are_sent_in_fragments() {
        let socket = DatagramSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let discovery = rustix::net::sockopt::ip_mtu_discover(&socket.socket).unwrap();
        assert_eq!(discovery, Ipv4PathMtuDiscovery::DONT);
    }

    #[tokio::test]
    async fn it_is_known_where_a_datagram_was_sent_to_and_answers_leave_from_there() {
        let socket = DatagramSocket::bind("0.0.0.0:0".parse().unwrap()).unwrap();
        let port = socket.address().port();
        let phone = UdpSocket::bind("127.0.0.9:0").await.unwrap();
        phone.send_to(b"hello", ("127.0.0.5", port)).await.unwrap();
        let mut inbox = Inbox::new();
        let count = socket.receive(&mut inbox).await.unwrap();
        let (meta, datagram) = inbox.datagrams(count).next().unwrap();
        assert_eq!(datagram, b"hello");
        let path = socket.path(meta).unwrap();
        assert_eq!(path.peer, phone.local_addr().unwrap());
        assert_eq!(path.local.to_string(), format!("127.0.0.5:{port}"));
        socket.send(&path, path.peer.port(), b"there");
        let mut buffer = [0; 16];
        let (length, from) = phone.recv_from(&mut buffer).await.unwrap();
        assert_eq!((&buffer[..length], from), (&b"there"[..], path.local));
    }
}
