//! The accept loop under every port that phones connect to.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{PlaceLimits, Places};

/// Connections that may wait to be accepted; the system may allow fewer. With
/// the usual 128 a crowd that boots at once waits a second or more: the system
/// drops what does not fit, and a phone repeats its SYN after a second.
const BACKLOG: u32 = 4096;

/// Listens on `address`. Must be called inside a tokio runtime.
///
/// # Errors
/// The system's, for the caller to put into a sentence.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // What was open before a restart keeps no port from us.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts connections within `limits` until `cancel`, serves each in a task
/// of its own, then gives those that are open a few seconds to finish.
/// `service` names the port in logs.
pub async fn accept<S, F>(
    listener: TcpListener,
    service: &'static str,
    limits: PlaceLimits,
    cancel: CancellationToken,
    serve: S,
) where
    S: Fn(TcpStream, SocketAddr) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let tracker = TaskTracker::new();
    let places = Places::new(limits);
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(service, %error, "a connection could not be accepted");
                // Out of file handles: give the others a chance to end.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(place) = places.take(peer.ip()) else {
            tracing::debug!(service, %peer, "too many connections; closed");
            continue;
        };
        // Small messages back and forth: waiting for more would only delay.
        let _ = stream.set_nodelay(true);
        // Boxed: a future that is moved into another has room there twice.
        let connection = Box::pin(serve(stream, canonical(peer)));
        tracker.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    tracker.close();
    // What does not finish in time is cut with the runtime.
    let _ = tokio::time::timeout(Duration::from_secs(3), tracker.wait()).await;
}

/// An address as phones know it: IPv4 that came in through an IPv6 socket is
/// IPv4.
pub fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn a_crowd_that_comes_at_once_is_let_in_before_it_is_looked_at() {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        // Nobody accepts. Where the queue is full, a SYN is dropped, and the
        // next comes after a second.
        let patience = Duration::from_millis(900);
        let mut crowd = Vec::new();
        for _ in 0..400 {
            crowd.push(std::net::TcpStream::connect_timeout(&address, patience).unwrap());
        }
    }
}
