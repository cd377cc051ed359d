//! SCCP over TCP, thin: connections in, the station machine in the middle, the
//! registry and the reconciler's news out. Three quarters of the places may be
//! taken by whomever; beyond that those without a registration make room.

mod admission;
mod connection;
mod crowd;
mod quiet;
mod stage;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::machine;
use crate::model::Catalogue;
use crate::ports::{Clock, Deliveries, Journal, Newcomers, Sightings, StagedLoads, Store};
use crate::registry::{PlaceLimits, Registry, accept, listen};
use crowd::Crowd;
use quiet::EarlyLines;

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
    /// Which loads phones can fetch.
    pub loads: Arc<dyn StagedLoads>,
    /// Decides about phones that nobody configured.
    pub newcomers: Arc<dyn Newcomers>,
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
    pub fn bind(address: SocketAddr, parts: Parts, settings: Settings) -> io::Result<Self> {
        let listener = listen(address)?;
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
        let Self {
            listener,
            parts,
            settings,
        } = self;
        let stop = cancel.clone();
        let total = settings.places.total;
        let crowd = Crowd::new(total.saturating_sub(total / 4));
        let early = Arc::new(EarlyLines::default());
        accept(
            listener,
            "SCCP",
            settings.places,
            cancel,
            move |stream, peer| {
                let shared = connection::Shared {
                    parts: parts.clone(),
                    settings,
                    early: Arc::clone(&early),
                };
                // Counted before anything else of it is looked at.
                let member = crowd.enter();
                connection::run(stream, peer, shared, member, stop.clone())
            },
        )
        .await;
    }
}
