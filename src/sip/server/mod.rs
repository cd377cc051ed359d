//! SIP over TCP and UDP, thin: messages in, the registrar in the middle, the
//! registry and the reconciler's news out.
//!
//! A `flow` is one phone and us, whatever carries its messages; `connection`
//! is a TCP connection with one flow, `udp` a socket with many. `admission`
//! says who may register, `identity` which phone a REGISTER is from; `shared`
//! is what all flows lean on.

mod admission;
mod connection;
mod flow;
mod identity;
mod shared;
mod udp;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use shared::Shared;
use udp::DatagramSocket;

use super::machine;
use super::wire::NonceKey;
use crate::model::Catalogue;
use crate::ports::{Clock, Deliveries, Journal, Newcomers, Sightings, Store};
use crate::registry::{PlaceLimits, Registry, accept, listen};

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
    /// Decides about phones that nobody configured.
    pub newcomers: Arc<dyn Newcomers>,
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
    /// What carries messages: both on the same port.
    pub transports: Transports,
    /// Where answers go over UDP.
    pub answers: machine::AnswerPort,
    /// Connections at one time.
    pub places: PlaceLimits,
    /// What phones are told as our address instead of the one they reached.
    pub advertised: Option<IpAddr>,
}

/// What carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transports {
    /// Datagrams.
    pub udp: bool,
    /// Connections.
    pub tcp: bool,
}

impl Transports {
    /// As phones expect it.
    pub const BOTH: Self = Self {
        udp: true,
        tcp: true,
    };
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            expires: machine::Settings::default().expires,
            digest: false,
            realm: "embody".into(),
            transports: Transports::BOTH,
            answers: machine::AnswerPort::default(),
            places: PlaceLimits::default(),
            advertised: None,
        }
    }
}

/// How often any free port is tried until it is free for both transports.
const TRIES: usize = 16;

/// The SIP server.
pub struct Server {
    sockets: Sockets,
    shared: Arc<Shared>,
    places: PlaceLimits,
    /// Makes the names that strangers are given.
    secret: [u8; 32],
}

struct Sockets {
    tcp: Option<TcpListener>,
    udp: Option<DatagramSocket>,
}

impl Sockets {
    fn bind(address: SocketAddr, transports: Transports) -> io::Result<Self> {
        let mut tries = 0;
        loop {
            tries += 1;
            match Self::try_bind(address, transports) {
                // Some other program has this one of the free ports.
                Err(error)
                    if error.kind() == io::ErrorKind::AddrInUse
                        && address.port() == 0
                        && tries < TRIES => {}
                result => return result,
            }
        }
    }

    fn try_bind(mut address: SocketAddr, transports: Transports) -> io::Result<Self> {
        let tcp = if transports.tcp {
            let listener = listen(address)?;
            address.set_port(listener.local_addr()?.port());
            Some(listener)
        } else {
            None
        };
        let udp = if transports.udp {
            Some(DatagramSocket::bind(address)?)
        } else {
            None
        };
        Ok(Self { tcp, udp })
    }
}

impl Server {
    /// Binds the port, and makes the key of this start's challenges.
    ///
    /// # Errors
    /// The system's, for the caller to put into a sentence.
    pub fn bind(address: SocketAddr, parts: Parts, settings: &Settings) -> io::Result<Self> {
        let sockets = Sockets::bind(address, settings.transports)?;
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
            answers: settings.answers,
        };
        Ok(Self {
            sockets,
            shared: Arc::new(Shared::new(parts, settings, registrar)),
            places: settings.places,
            secret: random().map_err(io::Error::other)?,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system's, or that it listens nowhere.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match (&self.sockets.tcp, &self.sockets.udp) {
            (Some(listener), _) => listener.local_addr(),
            (None, Some(socket)) => Ok(socket.address()),
            (None, None) => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Serves until `cancel`.
    pub async fn run(self, cancel: CancellationToken) {
        let Self {
            sockets,
            shared,
            places,
            secret,
        } = self;
        let datagrams = sockets.udp.map(|socket| {
            let served = udp::serve(socket, Arc::clone(&shared), secret, cancel.clone());
            tokio::spawn(served)
        });
        if let Some(listener) = sockets.tcp {
            let stop = cancel.clone();
            accept(listener, "SIP", places, cancel, move |stream, peer| {
                connection::run(stream, peer, Arc::clone(&shared), stop.clone())
            })
            .await;
        }
        if let Some(datagrams) = datagrams {
            // It ends by `cancel` as well.
            let _ = datagrams.await;
        }
    }
}

/// Random bytes from the operating system.
fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
