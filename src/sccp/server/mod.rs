//! SCCP over TCP, thin: connections in, the station machine in the middle, the
//! registry and the reconciler's news out.

mod admission;
mod connection;
mod link;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::machine;
use crate::model::Catalogue;
use crate::ports::{Clock, Deliveries, Journal, Sightings, Store};
use crate::registry::{PlaceLimits, Places, Registry};

/// What the server leans on.
#[derive(Clone)]
pub struct Parts {
    /// Who is configured, and what is wanted.
    pub store: Arc<dyn Store>,
    /// What models are.
    pub catalogue: Arc<Catalogue>,
    /// Who is registered.
    pub registry: Arc<Registry>,
    /// Who listens to what phones show.
    pub sightings: Arc<dyn Sightings>,
    /// What happened.
    pub journal: Arc<dyn Journal>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Which files went out.
    pub deliveries: Arc<dyn Deliveries>,
}

/// Bounds and what phones are told.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Keepalives.
    pub station: machine::Settings,
    /// Connections at one time.
    pub places: PlaceLimits,
    /// What phones are told as our address instead of the one they reached.
    pub advertised: Option<IpAddr>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            station: machine::Settings {
                keepalive: 30,
                secondary_keepalive: 60,
            },
            places: PlaceLimits::default(),
            advertised: None,
        }
    }
}

/// The SCCP server.
pub struct Server {
    listener: TcpListener,
    parts: Parts,
    settings: Settings,
}

impl Server {
    /// Binds the port.
    ///
    /// # Errors
    /// The system's, for the caller to put into a sentence.
    pub async fn bind(address: SocketAddr, parts: Parts, settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self {
            listener,
            parts,
            settings,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `cancel`.
    pub async fn run(self, cancel: CancellationToken) {
        let tracker = TaskTracker::new();
        let places = Places::new(self.settings.places);
        loop {
            let accepted = tokio::select! {
                () = cancel.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "an SCCP connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let Some(place) = places.take(peer.ip()) else {
                tracing::debug!(%peer, "too many SCCP connections; closed");
                continue;
            };
            let (parts, settings) = (self.parts.clone(), self.settings);
            let cancel = cancel.clone();
            tracker.spawn(async move {
                connection::run(stream, peer, parts, settings, cancel).await;
                drop(place);
            });
        }
        tracker.close();
        let _ = tokio::time::timeout(Duration::from_secs(3), tracker.wait()).await;
    }
}
