//! `[listen]`: addresses and ports, and the ways to write one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

/// `[listen]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// Where to listen unless a port says otherwise.
    pub address: IpAddr,
    /// What phones are told; absent: the address their packets came in on.
    pub advertised_address: Option<IpAddr>,
    /// Where the admin port listens.
    pub admin_address: IpAddr,
    /// TFTP, 69.
    pub tftp: Port,
    /// Configuration files over HTTP, 6970.
    pub config_http: Port,
    /// Configuration files over HTTPS, off; phones use 6971 and no other port.
    pub config_https: Port,
    /// Services and Extension Mobility, 8080; may be a list.
    pub services_http: Ports,
    /// SCCP, 2000.
    pub sccp: Port,
    /// SIP over UDP and TCP, 5060.
    pub sip: Port,
    /// The admin API, 8088.
    pub admin_http: Port,
    #[serde(rename = "services_https")]
    reserved_services: Option<Reserved>,
    #[serde(rename = "sccp_tls")]
    reserved_sccp: Option<Reserved>,
    #[serde(rename = "sip_tls")]
    reserved_sip: Option<Reserved>,
    #[serde(rename = "admin_https")]
    reserved_admin: Option<Reserved>,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            advertised_address: None,
            admin_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            tftp: Port::On {
                address: None,
                port: 69,
            },
            config_http: Port::On {
                address: None,
                port: 6970,
            },
            config_https: Port::Off,
            services_http: Ports(vec![Port::On {
                address: None,
                port: 8080,
            }]),
            sccp: Port::On {
                address: None,
                port: 2000,
            },
            sip: Port::On {
                address: None,
                port: 5060,
            },
            admin_http: Port::On {
                address: None,
                port: 8088,
            },
            reserved_services: None,
            reserved_sccp: None,
            reserved_sip: None,
            reserved_admin: None,
        }
    }
}

impl Listen {
    /// The same with every port any free one, on one address (demo, tests).
    pub fn free_ports(address: IpAddr) -> Self {
        let any = Port::On {
            address: None,
            port: 0,
        };
        Self {
            address,
            admin_address: address,
            tftp: any,
            config_http: any,
            services_http: Ports(vec![any]),
            sccp: any,
            sip: any,
            admin_http: any,
            ..Self::default()
        }
    }
}

/// One port of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Not served.
    Off,
    /// Served here; port 0 is any free one.
    On {
        /// Instead of `[listen] address`.
        address: Option<IpAddr>,
        /// The port.
        port: u16,
    },
}

impl Port {
    /// Where to bind, with `default` for the address.
    pub fn socket(self, default: IpAddr) -> Option<SocketAddr> {
        match self {
            Self::Off => None,
            Self::On { address, port } => Some(SocketAddr::new(address.unwrap_or(default), port)),
        }
    }
}

impl<'de> Deserialize<'de> for Port {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PortVisitor)
    }
}

struct PortVisitor;

impl<'de> Visitor<'de> for PortVisitor {
    type Value = Port;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a port, 0 for any free one, false for off, or { address, port }")
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<Port, E> {
        if on {
            Err(E::invalid_value(de::Unexpected::Bool(true), &self))
        } else {
            Ok(Port::Off)
        }
    }

    fn visit_i64<E: de::Error>(self, port: i64) -> Result<Port, E> {
        u16::try_from(port)
            .map(|port| Port::On {
                address: None,
                port,
            })
            .map_err(|_| E::invalid_value(de::Unexpected::Signed(port), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Port, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Full {
            address: IpAddr,
            port: u16,
        }
        Full::deserialize(de::value::MapAccessDeserializer::new(map)).map(|full| Port::On {
            address: Some(full.address),
            port: full.port,
        })
    }
}

/// One port or a list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports(pub Vec<Port>);

impl<'de> Deserialize<'de> for Ports {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor;
        impl<'de> Visitor<'de> for ListVisitor {
            type Value = Ports;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a port or a list of ports")
            }
            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Ports, E> {
                PortVisitor.visit_bool(on).map(|port| Ports(vec![port]))
            }
            fn visit_i64<E: de::Error>(self, port: i64) -> Result<Ports, E> {
                PortVisitor.visit_i64(port).map(|port| Ports(vec![port]))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Ports, A::Error> {
                PortVisitor.visit_map(map).map(|port| Ports(vec![port]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Ports, A::Error> {
                let mut ports = Vec::new();
                while let Some(port) = list.next_element()? {
                    ports.push(port);
                }
                Ok(Ports(ports))
            }
        }
        deserializer.deserialize_any(ListVisitor)
    }
}

/// A key that is reserved for TLS: refused with a sentence.
#[derive(Clone, Copy, Debug)]
struct Reserved;

impl<'de> Deserialize<'de> for Reserved {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom(
            "this port is reserved for TLS, which is not built yet; remove the key",
        ))
    }
}
