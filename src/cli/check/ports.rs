//! Ports of ours that keep one another from starting.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::app::{Config, SipTransport};

/// What carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    Udp,
    Tcp,
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}

/// A port of `[listen]`.
struct Place {
    key: &'static str,
    carrier: Carrier,
    address: SocketAddr,
}

/// Which keys of `[listen]` ask for the same port, a sentence for each two.
pub(in crate::cli) fn clashes(config: &Config) -> Vec<String> {
    let places = places(config);
    let mut said = Vec::new();
    for (at, one) in places.iter().enumerate() {
        let others = places.iter().skip(at + 1);
        for other in others.filter(|other| one.keeps_out(other)) {
            let port = one.address.port();
            let both = if one.key == other.key {
                format!("{} names it twice", one.key)
            } else {
                format!("{} and {} both ask for it", one.key, other.key)
            };
            let carrier = one.carrier;
            said.push(format!(
                "[listen] {carrier} port {port}: {both}, and one of them cannot start; give it \
                 another port or address"
            ));
        }
    }
    // SIP has two carriers, and a list may have many twins.
    said.dedup();
    said
}

impl Place {
    /// Addresses of two families are told apart by the system's settings.
    fn keeps_out(&self, other: &Self) -> bool {
        let (one, two) = (self.address, other.address);
        let same_place =
            |one: IpAddr, two: IpAddr| one == two || one.is_unspecified() || two.is_unspecified();
        self.carrier == other.carrier
            && one.port() == two.port()
            && one.port() != 0
            && one.is_ipv4() == two.is_ipv4()
            && same_place(one.ip(), two.ip())
    }
}

fn places(config: &Config) -> Vec<Place> {
    use Carrier::{Tcp, Udp};
    let listen = &config.listen;
    let here = listen.address;
    let mut ports = vec![
        ("tftp", Udp, listen.tftp, here),
        ("config_http", Tcp, listen.config_http, here),
        ("config_https", Tcp, listen.config_https, here),
        ("sccp", Tcp, listen.sccp, here),
    ];
    let services = listen.services_http.0.iter();
    ports.extend(services.map(|port| ("services_http", Tcp, *port, here)));
    for transport in &config.sip.transports {
        let carrier = match transport {
            SipTransport::Udp => Udp,
            SipTransport::Tcp => Tcp,
        };
        // The same word twice opens one socket.
        let known = ports
            .iter()
            .any(|(key, known, ..)| *key == "sip" && *known == carrier);
        if !known {
            ports.push(("sip", carrier, listen.sip, here));
        }
    }
    ports.push(("admin_http", Tcp, listen.admin_http, listen.admin_address));
    ports
        .into_iter()
        .filter_map(|(key, carrier, port, default)| {
            let address = port.socket(default)?;
            Some(Place {
                key,
                carrier,
                address,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(text: &str) -> Vec<String> {
        clashes(&Config::parse(text).unwrap())
    }

    #[test]
    fn ports_of_one_carrier_on_one_address_are_told_by_their_names() {
        let said = of("[listen]\nsccp = 5060\n");
        assert_eq!(
            said,
            [
                "[listen] TCP port 5060: sccp and sip both ask for it, and one of them cannot start; \
              give it another port or address"
            ]
        );
        for (text, keys) in [
            (
                "[listen]\nadmin_http = 8080\n",
                "services_http and admin_http",
            ),
            ("[listen]\ntftp = 5060\n", "UDP port 5060: tftp and sip"),
            (
                "[listen]\nservices_http = [80, 8080, 80]\n",
                "services_http names it twice",
            ),
            ("[listen]\nsccp = 6970\n", "config_http and sccp"),
        ] {
            let said = of(text);
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said.concat().contains(keys), "{said:?}");
        }
    }

    #[test]
    fn other_carriers_addresses_and_free_ports_are_in_nobody_s_way() {
        for text in [
            "",
            // TFTP is UDP, SCCP is TCP.
            "[listen]\ntftp = 2000\n",
            "[listen]\ntftp = 5060\n[sip]\ntransports = [\"tcp\"]\n",
            "[listen]\nsccp = 5060\n[sip]\ntransports = [\"udp\"]\n",
            "[listen]\nsccp = 0\nsip = 0\nconfig_http = 0\nservices_http = [0, 0]\n",
            "[listen]\naddress = \"192.0.2.1\"\nadmin_http = 8080\n",
            "[listen]\nsccp = false\nsip = { address = \"192.0.2.1\", port = 5060 }\n\
             config_http = { address = \"192.0.2.2\", port = 5060 }\n",
            "[sip]\ntransports = [\"tcp\", \"tcp\"]\n",
        ] {
            assert_eq!(of(text), [""; 0], "{text}");
        }
    }
}
