//! Binding ports, and saying in one sentence what is wrong when one is refused.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// A port that could not be had.
#[derive(Debug)]
pub struct PortError {
    /// What it is for, for example `TFTP`.
    pub service: &'static str,
    /// The key of `embody.toml` that sets it.
    pub key: &'static str,
    /// What was asked for.
    pub address: SocketAddr,
    /// What the system said.
    pub error: io::Error,
}

impl std::error::Error for PortError {}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            service,
            key,
            address,
            error,
        } = self;
        write!(f, "{service} cannot listen on {address}: ")?;
        match error.kind() {
            io::ErrorKind::PermissionDenied => write!(
                f,
                "ports below 1024 need a right; run `sudo setcap cap_net_bind_service=+ep \
                 $(command -v embody)`, use contrib/systemd/embody.service, or set \
                 [listen] {key} to another port"
            ),
            io::ErrorKind::AddrInUse => write!(
                f,
                "another program has this port; stop it (see `ss -lnup` and `ss -lntp`), or set \
                 [listen] {key} to another port"
            ),
            io::ErrorKind::AddrNotAvailable => write!(
                f,
                "this host has no such address; correct [listen] address (`ip addr` shows them)"
            ),
            _ => write!(f, "{error}"),
        }
    }
}

/// Binds a TCP port.
pub(super) fn tcp(
    service: &'static str,
    key: &'static str,
    address: SocketAddr,
) -> Result<TcpListener, PortError> {
    crate::registry::listen(address).map_err(|error| PortError {
        service,
        key,
        address,
        error,
    })
}
