//! Who has a port, as far as `/proc` tells (proc(5): `/proc/net/tcp`,
//! `/proc/net/udp`, `/proc/PID/fd`).

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The most of a table that is read, bytes.
const TABLE: usize = 16 * 1024 * 1024;

/// What carries a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// Datagrams.
    Udp,
    /// Connections.
    Tcp,
}

impl Transport {
    /// As rules and people write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}

/// A program that has a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    /// What it is called.
    pub(super) name: String,
    /// Its process.
    pub(super) pid: u32,
}

/// The programs that listen where `at` would; none when it cannot be seen,
/// which is so for other users' programs unless root asks.
pub(super) fn holders(transport: Transport, at: SocketAddr) -> Vec<Holder> {
    let name = transport.name();
    let mut inodes = Vec::new();
    for table in [format!("/proc/net/{name}"), format!("/proc/net/{name}6")] {
        if let Ok(text) = fs::read_to_string(table) {
            let text = text.get(..TABLE).unwrap_or(&text);
            let listening = text.lines().filter_map(|line| read_line(transport, line));
            let there = listening.filter(|socket| collide(socket.at, at));
            inodes.extend(there.map(|socket| format!("socket:[{}]", socket.inode)));
        }
    }
    if inodes.is_empty() {
        return Vec::new();
    }
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| has_one(*pid, &inodes))
        .map(|pid| Holder {
            name: name_of(pid),
            pid,
        })
        .collect()
}

/// What a process is called; empty when there is none.
pub(super) fn name_of(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim().to_owned()
}

fn has_one(pid: u32, inodes: &[String]) -> bool {
    let handles = fs::read_dir(format!("/proc/{pid}/fd")).into_iter();
    handles.flatten().flatten().any(|handle| {
        let target = fs::read_link(handle.path());
        target.is_ok_and(|target| {
            inodes
                .iter()
                .any(|inode| target.as_os_str() == inode.as_str())
        })
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Socket {
    at: SocketAddr,
    inode: u64,
}

/// A line of the table, when that socket waits for whoever comes.
fn read_line(transport: Transport, line: &str) -> Option<Socket> {
    let mut words = line.split_whitespace();
    let (local, remote, state) = (words.nth(1)?, words.next()?, words.next()?);
    let waits = match transport {
        Transport::Tcp => state == "0A",
        Transport::Udp => remote.ends_with(":0000"),
    };
    let inode = words.nth(5)?.parse().ok()?;
    let at = read_address(local)?;
    waits.then_some(Socket { at, inode })
}

/// Address and port in hexadecimal digits; the address as words in the order
/// of the machine.
fn read_address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| {
        let digits = address.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let address: IpAddr = match address.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let mut bytes = [0; 16];
            for (place, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(place)?);
            }
            Ipv6Addr::from(bytes).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(address, port))
}

/// Whether two sockets cannot have their places at the same time.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let (a, b) = (one.ip().to_canonical(), other.ip().to_canonical());
    one.port() == other.port() && (a == b || a.is_unspecified() || b.is_unspecified())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_port_of_ours_is_seen_as_ours() {
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for (transport, at) in [
            (Transport::Tcp, tcp.local_addr().unwrap()),
            (Transport::Udp, udp.local_addr().unwrap()),
        ] {
            let holders = holders(transport, at);
            let own = holders.iter().find(|one| one.pid == std::process::id());
            assert!(own.is_some_and(|own| !own.name.is_empty()), "{holders:?}");
            let elsewhere = SocketAddr::from(([127, 0, 0, 77], at.port()));
            assert!(super::holders(transport, elsewhere).is_empty());
        }
    }

    #[test]
    fn a_line_of_the_table_is_a_socket_that_waits() {
        let line = "   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000 \
                    0        0 1587 1 000000004839ca7f 100 0 0 10 0";
        let socket = read_line(Transport::Tcp, line).unwrap();
        assert_eq!(socket.inode, 1587);
        if cfg!(target_endian = "little") {
            assert_eq!(socket.at.to_string(), "127.0.0.1:3306");
        }
        let connected = line.replace(" 0A ", " 01 ");
        assert_eq!(read_line(Transport::Tcp, &connected), None);
        assert!(read_line(Transport::Udp, line).is_some());
        let any: SocketAddr = "0.0.0.0:69".parse().unwrap();
        let any6: SocketAddr = "[::]:69".parse().unwrap();
        let own: SocketAddr = "192.0.2.1:69".parse().unwrap();
        assert!(
            collide(any, own)
                && collide(own, any6)
                && !collide(own, "192.0.2.2:69".parse().unwrap())
        );
    }

    proptest! {
        #[test]
        fn any_line_is_a_socket_or_none(line in "[0-9A-F: ä]{0,120}") {
            let _ = read_line(Transport::Tcp, &line);
            let _ = read_line(Transport::Udp, &line);
        }
    }
}
