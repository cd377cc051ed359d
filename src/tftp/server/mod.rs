//! TFTP over UDP sockets: which requests are heard, which transfers run, and
//! the ports they leave from.
//!
//! A request arrives at a *listener*; the *table* says whether it is new,
//! repeated, or too much; a *courier* carries one file through one socket
//! bound to the very address that the phone asked, because phones drop answers
//! from any other. What is sent when is decided in `machine`, which bytes a
//! name stands for behind [`FileSource`].

mod courier;
mod listener;
mod service;
mod sockets;
mod table;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::ports::FileSource;
use crate::tftp::machine::{Retry, Terms};

use listener::Listener;
use service::Service;

/// How long running transfers may go on once the server is told to stop.
/// After that they fall silent without an ERROR: a phone that hears nothing
/// repeats its request, one that hears an error goes on with its old file.
const DRAIN: Duration = Duration::from_secs(5);

/// What an operator may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Largest block size agreed to when a client asks for one, in octets.
    pub max_block_size: u16,
    /// Wait before an unanswered packet is sent again; doubles each time.
    pub retransmit: Duration,
    /// How often a packet is sent in all before the client counts as gone.
    pub tries: u32,
    /// Transfers that may run at once. One whose client never answered gives
    /// way to a new one, else the oldest of the address that holds the most; if
    /// all hold alike, the request stays unanswered, and phones repeat it.
    pub max_transfers: usize,
    /// The same for one client address, where none gives way: less than in
    /// all, or one host could hold every place.
    pub max_per_address: usize,
    /// Ports that transfers leave from, for firewalls; any free one if absent.
    /// Each transfer and each refusal under way takes one.
    pub ports: Option<RangeInclusive<u16>>,
}

impl Default for Settings {
    fn default() -> Self {
        let terms = Terms::default();
        Self {
            max_block_size: terms.max_block_size,
            retransmit: terms.retry.interval,
            tries: terms.retry.tries,
            max_transfers: 4096,
            max_per_address: 1024,
            ports: None,
        }
    }
}

impl Settings {
    fn terms(&self) -> Terms {
        Terms {
            max_block_size: self.max_block_size,
            retry: Retry {
                interval: self.retransmit,
                tries: self.tries,
            },
        }
    }
}

/// The address that could not be listened on, inside the [`io::Error`] of
/// [`Server::bind`], whose kind stays that of the cause.
#[derive(Debug, thiserror::Error)]
#[error("{address}: {source}")]
pub struct BindError {
    /// Where we wished to listen.
    pub address: SocketAddr,
    /// What the system said.
    pub source: io::Error,
}

/// A TFTP server on one or more addresses.
pub struct Server {
    listeners: Vec<Arc<Listener>>,
    service: Arc<Service>,
}

impl Server {
    /// Listens on `address`; port 0 takes a free one. `[::]` hears IPv4 too,
    /// unless this server already listens on `0.0.0.0` with the same port.
    /// Must be called inside a tokio runtime.
    pub fn bind(
        address: SocketAddr,
        settings: Settings,
        source: Arc<dyn FileSource>,
    ) -> io::Result<Self> {
        let mut server = Self {
            listeners: Vec::new(),
            service: Arc::new(Service::new(settings, source)),
        };
        server.also(address)?;
        Ok(server)
    }

    /// Listens on a further address. Limits count over all of them.
    pub fn also(&mut self, address: SocketAddr) -> io::Result<()> {
        let shares_port = |other: &SocketAddr| {
            other.is_ipv4() && other.ip().is_unspecified() && other.port() == address.port()
        };
        let ipv6_only = self.local_addrs().any(|other| shares_port(&other));
        let listener = Listener::bind(address, ipv6_only)
            .map_err(|source| io::Error::new(source.kind(), BindError { address, source }))?;
        self.listeners.push(Arc::new(listener));
        Ok(())
    }

    /// The first address listened on, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        // `bind` makes no server without a listener.
        let none = SocketAddr::from(([0, 0, 0, 0], 0));
        self.local_addrs().next().unwrap_or(none)
    }

    /// All addresses listened on, with their real ports.
    pub fn local_addrs(&self) -> impl Iterator<Item = SocketAddr> {
        self.listeners.iter().map(|listener| listener.address())
    }

    /// Serves until `cancel`; then hears no more requests, lets running
    /// transfers end for 5 s and returns. Dropping the future stops
    /// everything at once.
    pub async fn run(self, cancel: CancellationToken) {
        self.run_and_drain(cancel, DRAIN).await;
    }

    async fn run_and_drain(self, cancel: CancellationToken, drain: Duration) {
        let Self { listeners, service } = self;
        let _stops_transfers = service.stop.clone().drop_guard();
        let mut ears = JoinSet::new();
        for listener in listeners {
            ears.spawn(service::listen(
                Arc::clone(&service),
                listener,
                cancel.clone(),
            ));
        }
        cancel.cancelled().await;
        while ears.join_next().await.is_some() {}
        service.transfers.close();
        let drained = tokio::time::timeout(drain, service.transfers.wait()).await;
        if drained.is_err() {
            service.stop.cancel();
            service.transfers.wait().await;
        }
    }
}
