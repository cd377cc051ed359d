//! The accept loop under every port that phones connect to.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Sleep, sleep};
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

/// How long a warning stands for those that would follow.
const QUIET: Duration = Duration::from_secs(60);

/// Warnings of failures that come many times a second.
#[derive(Default)]
struct Warnings(Option<Pin<Box<Sleep>>>);

impl Warnings {
    /// Whether this failure is to be told; then the next ones are not.
    fn tells(&mut self) -> bool {
        let tells = self.0.is_none();
        self.0.get_or_insert_with(|| Box::pin(sleep(QUIET)));
        tells
    }

    /// Returns when the next failure is to be told again.
    async fn quiet_is_over(&mut self) {
        match &mut self.0 {
            Some(quiet) => quiet.await,
            None => std::future::pending().await,
        }
        self.0 = None;
    }
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
    let mut warnings = Warnings::default();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            () = warnings.quiet_is_over() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                if warnings.tells() {
                    tracing::warn!(service, %error, "connections could not be accepted");
                }
                // Out of file handles: give the others a chance to end.
                sleep(Duration::from_millis(50)).await;
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
    async fn a_failure_is_told_once_until_the_quiet_is_over() {
        let mut warnings = Warnings::default();
        assert!(warnings.tells());
        for _ in 0..20 {
            tokio::select! {
                biased;
                () = warnings.quiet_is_over() => unreachable!("it has hardly begun"),
                () = std::future::ready(()) => {}
            }
            assert!(!warnings.tells(), "the others of a second");
        }
        warnings.0 = Some(Box::pin(sleep(Duration::ZERO)));
        assert!(!warnings.tells());
        warnings.quiet_is_over().await;
        assert!(warnings.tells(), "and again");
    }

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
