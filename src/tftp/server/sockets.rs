//! Sockets: the one that listens, and one for each transfer.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

/// Room for the requests of many phones that boot at once, in octets.
const LISTEN_BUFFER: usize = 4 << 20;

/// Type of service of all we send: DSCP CS3, as CallManager's TFTP marks it.
const CALL_SIGNALLING: u32 = 0x60;

/// A socket for requests.
pub(super) fn listening(address: SocketAddr, ipv6_only: bool) -> io::Result<UdpSocket> {
    let kind = Domain::for_address(address);
    let socket = Socket::new(kind, Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(ipv6_only)?;
    }
    // Both are wishes: the system may allow less, or not know them.
    let _ = socket.set_recv_buffer_size(LISTEN_BUFFER);
    let _ = socket.set_tos_v4(CALL_SIGNALLING);
    socket.bind(&address.into())?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket.into())
}

/// The ports that answers leave from (RFC 1350 section 4, "transfer
/// identifiers"): each transfer has its own.
pub(super) struct TransferPorts {
    range: Option<RangeInclusive<u16>>,
    next: AtomicUsize,
}

impl TransferPorts {
    pub(super) fn new(range: Option<RangeInclusive<u16>>) -> Self {
        Self {
            range,
            next: AtomicUsize::new(0),
        }
    }

    /// A non-blocking socket on the address of `local`, whose port is not
    /// looked at. It is not connected: packets of strangers must reach us to
    /// be answered with ERROR 5.
    pub(super) fn open(&self, local: SocketAddr) -> io::Result<std::net::UdpSocket> {
        let Some(range) = &self.range else {
            return open(local, 0);
        };
        // Each starts behind the last one, so that a late packet of an ended
        // transfer rarely finds a new one on its port.
        let count = range.len().max(1);
        let begin = self.next.fetch_add(1, Ordering::Relaxed) % count;
        let in_turn = range.clone().skip(begin).chain(range.clone().take(begin));
        for port in in_turn {
            match open(local, port) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                result => return result,
            }
        }
        Err(io::ErrorKind::AddrInUse.into())
    }
}

fn open(mut local: SocketAddr, port: u16) -> io::Result<std::net::UdpSocket> {
    local.set_port(port);
    let kind = Type::DGRAM.nonblocking();
    let socket = Socket::new(Domain::for_address(local), kind, Some(Protocol::UDP))?;
    if local.is_ipv4() {
        let _ = socket.set_tos_v4(CALL_SIGNALLING);
    }
    socket.bind(&local.into())?;
    Ok(socket.into())
}

/// The same address in one form: IPv4 heard through an IPv6 socket is IPv4,
/// and an IPv6 flow label does not make another peer.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    let SocketAddr::V6(mut six) = address else {
        return address;
    };
    if let Some(four) = six.ip().to_ipv4_mapped() {
        return SocketAddr::from((four, six.port()));
    }
    six.set_flowinfo(0);
    SocketAddr::V6(six)
}

/// Whether an answer may go there: one host, and a port that someone can have.
pub(super) fn answerable(peer: SocketAddr) -> bool {
    peer.port() != 0 && is_one_host(peer.ip())
}

/// Whether the address is one host's. Requests to all hosts are to be ignored
/// (RFC 1123 section 4.2.3.5).
pub(super) fn is_one_host(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(four) if four.is_broadcast());
    !(address.is_unspecified() || address.is_multicast() || broadcast)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn nobody_is_answered_who_cannot_be_one_phone() {
        let may = |peer: &str| peer.parse().is_ok_and(answerable);
        assert!(may("192.0.2.1:1024") && may("[2001:db8::1]:69") && may("127.0.0.1:1"));
        for peer in [
            "192.0.2.1:0",
            "0.0.0.0:69",
            "255.255.255.255:69",
            "224.0.0.1:69",
            "[ff02::1]:69",
            "[::]:69",
        ] {
            assert!(!may(peer), "{peer}");
        }
    }

    #[test]
    fn one_peer_has_one_form() {
        let mapped: SocketAddr = "[::ffff:192.0.2.7]:5000".parse().unwrap();
        assert_eq!(canonical(mapped).to_string(), "192.0.2.7:5000");
        let six = std::net::SocketAddrV6::new(std::net::Ipv6Addr::LOCALHOST, 5000, 77, 3);
        let plain = std::net::SocketAddrV6::new(std::net::Ipv6Addr::LOCALHOST, 5000, 0, 3);
        assert_eq!(canonical(six.into()), plain.into());
    }

    #[test]
    fn a_range_of_ports_is_used_in_turn_and_then_exhausted() {
        // Two neighbours that are free at this moment.
        let (range, ports) = (50_000..=65_000_u16)
            .step_by(2)
            .find_map(|port| {
                let ports = TransferPorts::new(Some(port..=port + 1));
                let both = [ports.open(loopback()).ok()?, ports.open(loopback()).ok()?];
                drop(both);
                Some((port..=port + 1, ports))
            })
            .unwrap();
        let first = ports.open(loopback()).unwrap();
        let second = ports.open(loopback()).unwrap();
        let numbers = [&first, &second].map(|socket| socket.local_addr().unwrap().port());
        assert_eq!(numbers.to_vec(), range.collect::<Vec<_>>());
        let third = ports.open(loopback());
        assert_eq!(
            third.map(|_| ()).map_err(|error| error.kind()),
            Err(io::ErrorKind::AddrInUse)
        );
    }

    fn loopback() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }
}
