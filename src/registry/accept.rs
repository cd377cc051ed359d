//! The accept loop under every port that phones connect to.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{PlaceLimits, Places};

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
