//! SIP over TCP, thin: connections in, the registrar in the middle, the
//! registry and the reconciler's news out.
//!
//! UDP is not served yet. The machine is told what carries its messages
//! ([`machine::Ends`]); what is missing for datagrams is a table of flows by
//! source address here, and retransmission in the machine's transactions.

mod admission;
mod connection;
mod identity;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::machine;
use super::wire::NonceKey;
use crate::model::Catalogue;
use crate::ports::{Clock, Deliveries, Journal, Sightings, Store};
use crate::registry::{PlaceLimits, Registry, accept};

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
#[derive(Clone, Debug)]
pub struct Settings {
    /// Seconds that a binding lives without a refresh.
    pub expires: u32,
    /// Whether a REGISTER must prove that it is from the phone that it names.
    pub digest: bool,
    /// The realm of challenges.
    pub realm: String,
    /// Connections at one time.
    pub places: PlaceLimits,
    /// What phones are told as our address instead of the one they reached.
    pub advertised: Option<IpAddr>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            expires: machine::Settings::default().expires,
            digest: false,
            realm: "embody".into(),
            places: PlaceLimits::default(),
            advertised: None,
        }
    }
}

/// The SIP server.
pub struct Server {
    listener: TcpListener,
    parts: Parts,
    settings: Settings,
    registrar: machine::Settings,
}

impl Server {
    /// Binds the port, and makes the key of this start's challenges.
    ///
    /// # Errors
    /// The system's, for the caller to put into a sentence.
    pub async fn bind(address: SocketAddr, parts: Parts, settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let digest = if settings.digest {
            let realm = settings.realm.clone();
            let key = NonceKey::new(random().map_err(io::Error::other)?);
            Some(machine::Digest { realm, key })
        } else {
            None
        };
        let registrar = machine::Settings {
            expires: settings.expires,
            digest,
        };
        Ok(Self {
            listener,
            parts,
            settings,
            registrar,
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
            registrar,
        } = self;
        let stop = cancel.clone();
        accept(
            listener,
            "SIP",
            settings.places,
            cancel,
            move |stream, peer| {
                let advertised = settings.advertised;
                let registrar = registrar.clone();
                connection::run(
                    stream,
                    peer,
                    parts.clone(),
                    registrar,
                    advertised,
                    stop.clone(),
                )
            },
        )
        .await;
    }
}

/// Random bytes from the operating system.
fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
