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

/// Who has a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Nobody on this host.
    Nobody,
    /// Somebody who cannot be seen, which is so of other users' programs unless
    /// root asks; or the tables of sockets cannot be read.
    Unseen,
    /// This program.
    By(Holder),
}

/// The program that listens where `at` would; `preferred` where several do.
pub(super) fn held(transport: Transport, at: SocketAddr, preferred: u32) -> Held {
    let name = transport.name();
    let mut inodes = Vec::new();
    let mut unread = 0;
    let tables = [format!("/proc/net/{name}"), format!("/proc/net/{name}6")];
    for table in &tables {
        let Ok(text) = fs::read_to_string(table) else {
            unread += 1;
            continue;
        };
        let text = text.get(..TABLE).unwrap_or(&text);
        let listening = text.lines().filter_map(|line| read_line(transport, line));
        let there = listening.filter(|socket| collide(socket.at, at));
        inodes.extend(there.map(|socket| format!("socket:[{}]", socket.inode)));
    }
    if inodes.is_empty() {
        // A host without IPv6 has one table.
        return if unread < tables.len() {
            Held::Nobody
        } else {
            Held::Unseen
        };
    }
    let holder = processes()
        .filter(|pid| has_one(*pid, &inodes))
        .min_by_key(|pid| (*pid != preferred, *pid));
    holder.map_or(Held::Unseen, |pid| {
        Held::By(Holder {
            name: name_of(pid),
            pid,
        })
    })
}

/// A daemon of Embody on this host, whoever runs it; none when names of other
/// users' programs are hidden.
pub(super) fn daemon() -> Option<u32> {
    let mut daemons = processes().filter(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        is_daemon(&name_of(*pid), &line)
    });
    daemons.next()
}

/// Goes by its name and its arguments, each of which ends with a zero.
fn is_daemon(name: &str, line: &[u8]) -> bool {
    let mut arguments = line.split(|octet| *octet == 0).skip(1);
    name == "embody" && arguments.any(|argument| argument == b"serve")
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
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
            let own = std::process::id();
            let Held::By(holder) = held(transport, at, own) else {
                panic!("{transport:?} {at} is held");
            };
            assert_eq!(holder.pid, own);
            assert!(!holder.name.is_empty());
            let elsewhere = SocketAddr::from(([127, 0, 0, 77], at.port()));
            assert_eq!(held(transport, elsewhere, own), Held::Nobody);
        }
    }

    #[test]
    fn a_daemon_is_told_from_other_commands() {
        assert!(is_daemon("embody", b"/usr/local/bin/embody\0serve\0"));
        assert!(!is_daemon("embody", b"embody\0doctor\0"));
        assert!(!is_daemon("http", b"http\0serve\0"));
        assert!(!is_daemon("embody", b""));
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
