//! Whether a request came from where logins may come from (Cisco's service
//! parameters *Validate IP Address*, *Trusted List of IPs* and *Allow Proxy*).
//!
//! The address that counts is that of the phone or browser which asked the
//! application. An application with proxy rights says it (`remoteIPAddr`) and
//! is believed; anybody else, and an application that does not say it, is
//! taken for the peer of his own connection.

use std::net::IpAddr;
use std::time::Duration;

use super::names::Names;
use super::{Caller, Refused};
use crate::emapi::{Code, Operation, Origin};
use crate::http::services::Services;
use crate::http::services::request::Asked;
use crate::model::{DeviceName, Parameters};

/// How long after our start a phone may take to come back: until then, where a
/// phone is that was here before is not known.
const SETTLING: Duration = Duration::from_secs(180);

/// What is judged.
pub(super) struct Claim<'a> {
    pub(super) services: &'a Services,
    pub(super) asked: &'a Asked,
    pub(super) parameters: &'a Parameters,
    pub(super) caller: &'a Caller,
    pub(super) origin: Origin,
    pub(super) operation: &'a Operation,
}

impl Claim<'_> {
    /// Judges it. `names` are asked last, and only about what nothing else
    /// decides; `up` is for how long we have been here.
    pub(super) async fn judge(&self, names: &Names, up: Duration) -> Result<(), Refused> {
        let (address, vouched) = self.source();
        if !self.parameters.allow_proxy && self.came_through_proxy(vouched) {
            let why = format!("{address} asked through an HTTP proxy, and allow_proxy is false");
            return Err(Refused::new(Code::ProxyNotAllowed, why));
        }
        let (trusted, hosts) = read_list(&self.parameters.trusted_list_of_ips);
        let presence = &self.services.parts.presence;
        let own = |device: &DeviceName| {
            let there = presence.registration(device);
            there.is_some_and(|there| there.peer.ip().to_canonical() == address)
        };
        let devices = self.devices();
        if trusted.contains(&address)
            || devices.iter().any(own)
            || !presence.at(address).is_empty()
            || (!hosts.is_empty() && names.include(&hosts, address).await)
        {
            return Ok(());
        }
        let awaited = devices.iter().find(|device| self.may_come_back(device));
        if let Some(device) = awaited.filter(|_| up < SETTLING) {
            let why = format!(
                "{device} has not registered again since the start, so whether {address} is its \
                 address is not known yet"
            );
            return Err(Refused::new(Code::RegistrationUnknown, why));
        }
        let why = format!(
            "no registered phone has the address {address}, and trusted_list_of_ips has it not"
        );
        Err(Refused::new(Code::UntrustedIp, why))
    }

    /// The address that counts, and whether it is the application's word.
    fn source(&self) -> (IpAddr, bool) {
        let said = self.origin.remote_ip.filter(|_| self.caller.is_proxy());
        let address = said.unwrap_or_else(|| self.asked.ends.peer.ip());
        (address.to_canonical(), said.is_some())
    }

    /// Whether the phone or browser came through a proxy: the application says
    /// so, or its own request shows it and is what counts.
    fn came_through_proxy(&self, vouched: bool) -> bool {
        let own = self.asked.header("via").is_some();
        self.origin.via_header == Some(true) || (own && !vouched)
    }

    fn devices(&self) -> Vec<DeviceName> {
        let names: &[String] = match self.operation {
            Operation::Login { device, .. } | Operation::Logout { device } => {
                std::slice::from_ref(device)
            }
            Operation::DeviceUserQuery { devices } => devices,
            _ => &[],
        };
        names
            .iter()
            .filter_map(|name| DeviceName::new(name).ok())
            .collect()
    }

    /// Whether a phone has been here, and is not now.
    fn may_come_back(&self, device: &DeviceName) -> bool {
        let was_here = {
            let world = self.services.parts.mobility.store().world();
            let phone = world.phone(device);
            phone.is_some_and(|phone| world.held.contains_key(&phone.id))
        };
        was_here && self.services.parts.presence.registration(device).is_none()
    }
}

/// The addresses and the host names in the trusted list.
fn read_list(list: &str) -> (Vec<IpAddr>, Vec<String>) {
    let mut addresses = Vec::new();
    let mut hosts = Vec::new();
    for entry in list.split(';').map(str::trim) {
        let bare = entry.strip_prefix('[').and_then(|e| e.strip_suffix(']'));
        match bare.unwrap_or(entry).parse::<IpAddr>() {
            Ok(address) => addresses.push(address.to_canonical()),
            Err(_) if entry.is_empty() => {}
            Err(_) => hosts.push(entry.to_ascii_lowercase()),
        }
    }
    hosts.sort();
    hosts.dedup();
    (addresses, hosts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_addresses_and_names() {
        let (addresses, hosts) = read_list(
            " 192.0.2.1 ;app.example.com;; [2001:db8::1];::ffff:192.0.2.2;App.Example.com",
        );
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["192.0.2.1", "2001:db8::1", "192.0.2.2"]);
        assert_eq!(hosts, ["app.example.com"]);
        assert_eq!(read_list(""), (Vec::new(), Vec::new()));
    }
}
