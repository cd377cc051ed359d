//! What the operator decides about files, and which address phones are told.

use std::net::{IpAddr, SocketAddr};

use super::wlan::Wlan;

/// What the operator decides about files.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What phones are told as our address; absent: the local address that
    /// their own request came in on.
    pub advertised_address: Option<String>,
    /// Refuse files with secrets to other addresses than the phone's own.
    pub restrict_files: bool,
    /// IANA zone of device pools that name none.
    pub host_time_zone: String,
    /// The wireless network that phones are told; absent: none.
    pub wlan: Option<Wlan>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            advertised_address: None,
            restrict_files: false,
            host_time_zone: host_time_zone(),
            wlan: None,
        }
    }
}

/// The IANA zone of this host; `Etc/UTC` when it cannot be told.
pub fn host_time_zone() -> String {
    jiff::tz::TimeZone::system()
        .iana_name()
        .unwrap_or("Etc/UTC")
        .to_owned()
}

impl Settings {
    /// The host that a phone at `peer`, which reached us at `local`, is told.
    /// A loopback address is told only to a phone on loopback.
    pub fn host_for(&self, peer: SocketAddr, local: SocketAddr) -> Option<String> {
        let peer_is_local = peer.ip().to_canonical().is_loopback();
        let configured = self.advertised_address.as_deref();
        if let Some(host) = configured
            && (peer_is_local || !is_loopback(host))
        {
            return Some(host.to_owned());
        }
        let local = local.ip().to_canonical();
        let tellable = !local.is_unspecified() && (peer_is_local || !local.is_loopback());
        tellable.then(|| local.to_string())
    }
}

fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().map_or_else(
        |_| host.eq_ignore_ascii_case("localhost"),
        |address| address.to_canonical().is_loopback(),
    )
}
