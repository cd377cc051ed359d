//! What this host is as phones see it: its interfaces and their addresses.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

/// An address of this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnAddress {
    /// The interface that has it, for example `eth0`.
    pub(super) interface: String,
    /// The address.
    pub(super) address: IpAddr,
    /// How many of its bits are those of the network.
    pub(super) prefix: u8,
}

impl OwnAddress {
    /// Whether a phone in another place could come from there: neither
    /// loopback nor link-local.
    pub(super) fn is_reachable(&self) -> bool {
        match self.address {
            IpAddr::V4(address) => !address.is_loopback() && !address.is_link_local(),
            IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local(),
        }
    }
}

impl fmt::Display for OwnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address, self.interface)
    }
}

/// All addresses of this host, loopback too, in the order of the system.
pub(super) fn addresses() -> io::Result<Vec<OwnAddress>> {
    let found = if_addrs::get_if_addrs()?;
    let own = found.into_iter().map(|interface| OwnAddress {
        address: interface.ip().to_canonical(),
        prefix: match &interface.addr {
            if_addrs::IfAddr::V4(v4) => v4.prefixlen,
            if_addrs::IfAddr::V6(v6) => v6.prefixlen,
        },
        interface: interface.name,
    });
    Ok(own.collect())
}

/// An IPv4 network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: Ipv4Addr,
    prefix: u8,
}

impl Network {
    /// The network that `address` is in.
    pub(super) fn around(address: Ipv4Addr, prefix: u8) -> Self {
        let address = Ipv4Addr::from_bits(address.to_bits() & mask(prefix));
        Self { address, prefix }
    }

    /// Its first address.
    pub(super) fn first(self) -> Ipv4Addr {
        self.address
    }

    /// Its mask as addresses are written: `255.255.255.0`.
    pub(super) fn netmask(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(mask(self.prefix))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

fn mask(prefix: u8) -> u32 {
    let host = 32_u32.saturating_sub(prefix.into());
    u32::MAX.checked_shl(host).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_network_is_what_its_prefix_says() {
        let of = |prefix| Network::around("198.51.100.77".parse().unwrap(), prefix);
        assert_eq!(of(24).to_string(), "198.51.100.0/24");
        assert_eq!(of(26).to_string(), "198.51.100.64/26");
        assert_eq!(of(26).netmask().to_string(), "255.255.255.192");
        assert_eq!(of(0).to_string(), "0.0.0.0/0");
        assert_eq!(of(32).first().to_string(), "198.51.100.77");
        assert_eq!(of(200).netmask().to_string(), "255.255.255.255");
    }

    #[test]
    fn every_host_has_loopback_which_no_phone_reaches() {
        let own = addresses().unwrap();
        let loopback = own.iter().find(|own| own.address.is_loopback()).unwrap();
        assert!(!loopback.is_reachable(), "{loopback}");
    }
}
