//! Sockets that leave from the phone's own address.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream, UdpSocket};

/// Connects within `patience`.
pub(super) async fn connect(
    to: SocketAddr,
    bind: Option<IpAddr>,
    patience: Duration,
) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if let Some(own) = bind {
        socket.bind(SocketAddr::new(own, 0))?;
    }
    let stream = tokio::time::timeout(patience, socket.connect(to))
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A datagram socket for talking to `to`.
pub(super) async fn datagrams(to: SocketAddr, bind: Option<IpAddr>) -> io::Result<UdpSocket> {
    let any: IpAddr = if to.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    UdpSocket::bind((bind.unwrap_or(any), 0)).await
}

/// The addresses of a host that a file or page names.
pub(super) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}
