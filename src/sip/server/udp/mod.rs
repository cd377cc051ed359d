//! SIP over UDP: one socket, one task, the same machine as over TCP for every
//! registered phone.
//!
//! Who has no registration gets his answer from a machine that lives for one
//! datagram (a stateless user agent server, RFC 3261 section 8.2.7): nothing
//! is kept of him, nothing is repeated to him, and what he is sent is never
//! much longer than what he sent.

mod flows;
mod link;
mod socket;
mod worker;

pub(super) use socket::DatagramSocket;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::shared::Shared;

/// Serves the socket until `cancel`. Should the task that does so fail, the
/// phones that it held are gone, which is told, and it is begun anew.
pub(super) async fn serve(
    socket: DatagramSocket,
    shared: Arc<Shared>,
    secret: [u8; 32],
    cancel: CancellationToken,
) {
    let socket = Arc::new(socket);
    loop {
        let (socket, shared_too) = (Arc::clone(&socket), Arc::clone(&shared));
        let task = tokio::spawn(worker::run(socket, shared_too, secret, cancel.clone()));
        match task.await {
            Ok(()) => return,
            Err(_) if cancel.is_cancelled() => return,
            Err(error) => tracing::error!(%error, "SIP over UDP failed, and is begun anew"),
        }
        shared.leave_closed();
    }
}
