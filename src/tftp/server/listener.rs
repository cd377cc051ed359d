//! One listening socket, which knows where each datagram was sent to.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::sockets::{answerable, canonical, is_one_host, listening};

/// Octets for one reception: the system may join datagrams of one sender.
pub(super) const BUFFER: usize = 1 << 16;

/// A socket that hears requests.
pub(super) struct Listener {
    socket: UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
}

/// The two ends of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    /// Who asked, see [`canonical`].
    pub(super) peer: SocketAddr,
    /// The address that was asked, with the listening port.
    pub(super) local: SocketAddr,
    /// Both as this socket speaks of them.
    raw_peer: SocketAddr,
    raw_local: Option<IpAddr>,
}

impl Listener {
    pub(super) fn bind(address: SocketAddr, ipv6_only: bool) -> io::Result<Self> {
        let socket = listening(address, ipv6_only)?;
        let state = UdpSocketState::new((&socket).into())?;
        let address = socket.local_addr()?;
        Ok(Self {
            socket,
            state,
            address,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for datagrams of one sender.
    pub(super) async fn receive(&self, buffer: &mut [u8]) -> io::Result<RecvMeta> {
        let read = || {
            let mut meta = [RecvMeta::default()];
            let mut buffers = [IoSliceMut::new(buffer)];
            self.state
                .recv((&self.socket).into(), &mut buffers, &mut meta)?;
            let [meta] = meta;
            Ok(meta)
        };
        self.socket.async_io(Interest::READABLE, read).await
    }

    /// Who asked whom; `None` when it must not be answered: port 0, an
    /// impossible sender, or a request to all hosts.
    pub(super) fn ends(&self, meta: &RecvMeta) -> Option<Ends> {
        let peer = canonical(meta.addr);
        let asked = meta.dst_ip.unwrap_or(self.address.ip());
        if !answerable(peer) || (meta.dst_ip.is_some() && !is_one_host(asked.to_canonical())) {
            return None;
        }
        let local = match asked.to_canonical() {
            IpAddr::V4(four) => SocketAddr::from((four, self.address.port())),
            IpAddr::V6(six) => {
                let scope = scope(six, meta);
                SocketAddr::V6(SocketAddrV6::new(six, self.address.port(), 0, scope))
            }
        };
        Some(Ends {
            peer,
            local,
            raw_peer: meta.addr,
            raw_local: meta.dst_ip,
        })
    }

    /// Answers from the listening port itself, when no other is to be had.
    pub(super) fn answer(&self, ends: &Ends, packet: &[u8]) -> io::Result<()> {
        let transmit = Transmit {
            destination: ends.raw_peer,
            ecn: None,
            contents: packet,
            segment_size: None,
            src_ip: ends.raw_local,
        };
        self.state.try_send((&self.socket).into(), &transmit)
    }
}

/// The datagrams of one reception.
pub(super) fn datagrams<'a>(
    buffer: &'a [u8],
    meta: &RecvMeta,
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    let received = buffer.get(..meta.len).unwrap_or(buffer);
    received.chunks(meta.stride.max(1))
}

/// A link-local address means something on one interface only.
fn scope(local: Ipv6Addr, meta: &RecvMeta) -> u32 {
    if local.is_unicast_link_local() {
        meta.interface_index.unwrap_or_default()
    } else {
        0
    }
}
