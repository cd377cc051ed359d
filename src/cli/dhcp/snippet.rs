//! The same two options in the words of five DHCP servers. The files of
//! `contrib/dhcp` are these texts for an address of the documentation
//! (RFC 5737).
//!
//! Options: 150 is a list of addresses, four bytes each (RFC 5859); 66 is one
//! text (RFC 2132, 9.4). Phones of all generations read 150 first.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use clap::ValueEnum;

use crate::app::Port;
use crate::cli::host::Network;

/// The port that phones ask.
const TFTP_PORT: u16 = 69;

/// A DHCP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DhcpServer {
    /// dnsmasq
    Dnsmasq,
    /// Kea
    Kea,
    /// ISC dhcpd
    IscDhcpd,
    /// Cisco IOS and IOS XE
    Ios,
    /// `MikroTik` `RouterOS`
    #[value(name = "routeros")]
    RouterOs,
}

/// What phones are to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where Embody is.
    pub(super) address: Ipv4Addr,
    /// The network of that address, when it is one of this host.
    pub(super) network: Option<Network>,
    /// Whether Embody answers there.
    pub(super) tftp: Tftp,
}

/// Where Embody answers TFTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tftp {
    /// On the port that phones ask.
    Usual,
    /// On another one.
    At(u16),
    /// Nowhere.
    Off,
}

impl Tftp {
    /// What `[listen] tftp` says.
    pub(super) fn of(port: Port) -> Self {
        match port {
            Port::Off => Self::Off,
            Port::On {
                port: TFTP_PORT, ..
            } => Self::Usual,
            Port::On { port, .. } => Self::At(port),
        }
    }
}

/// How a language marks what is for people.
const HASH: &str = "#";
const SLASHES: &str = "//";
const BANG: &str = "!";

impl DhcpServer {
    /// All of them, in the order in which they are printed.
    pub(super) const ALL: [Self; 5] = [
        Self::Dnsmasq,
        Self::Kea,
        Self::IscDhcpd,
        Self::Ios,
        Self::RouterOs,
    ];

    /// Its name, and where the text goes.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Dnsmasq => "dnsmasq: a file in /etc/dnsmasq.d",
            Self::Kea => "Kea: merge into kea-dhcp4.conf",
            Self::IscDhcpd => "ISC dhcpd: into dhcpd.conf",
            Self::Ios => "Cisco IOS and IOS XE: in configuration mode",
            Self::RouterOs => "MikroTik RouterOS: in the terminal",
        }
    }

    /// The text for this server, ready to be put into a file.
    pub(super) fn snippet(self, place: &Place) -> String {
        let Place { address, .. } = place;
        let mut text = match self {
            Self::Dnsmasq => dnsmasq(*address),
            Self::Kea => kea(*address),
            Self::IscDhcpd => isc_dhcpd(*address),
            Self::Ios => ios(*address, place.network),
            Self::RouterOs => router_os(*address, place.network),
        };
        let mark = match self {
            Self::Dnsmasq | Self::IscDhcpd | Self::RouterOs => HASH,
            Self::Kea => SLASHES,
            Self::Ios => BANG,
        };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n{mark} Phones learn the voice VLAN from the switch, over CDP or LLDP-MED, not by\n\
             {mark} DHCP: this belongs to the addresses of that VLAN.\n"
        );
        let _ = match place.tftp {
            Tftp::Usual => Ok(()),
            Tftp::At(port) => write!(
                text,
                "\n{mark} WARNING: phones ask TFTP port 69, and Embody listens on {port}.\n"
            ),
            Tftp::Off => write!(
                text,
                "\n{mark} WARNING: phones ask TFTP port 69, and Embody's TFTP is off.\n"
            ),
        };
        text
    }
}

fn dnsmasq(address: Ipv4Addr) -> String {
    format!(
        "# dnsmasq: only devices that call themselves Cisco Systems get the options.\n\
         dhcp-vendorclass=set:cisco-phone,Cisco Systems\n\
         dhcp-option=tag:cisco-phone,150,{address}\n\
         dhcp-option=tag:cisco-phone,66,\"{address}\"\n\
         \n\
         # dnsmasq's own TFTP server would answer in Embody's place: leave it off on this\n\
         # host (no enable-tftp, no dhcp-boot).\n"
    )
}

fn kea(address: Ipv4Addr) -> String {
    format!(
        r#"// Kea: merge into the Dhcp4 object of kea-dhcp4.conf.
{{
    "Dhcp4": {{
        "option-def": [
            {{ "name": "cisco-tftp", "code": 150, "type": "ipv4-address", "array": true }}
        ],
        "client-classes": [
            {{
                "name": "cisco-phone",
                "test": "substring(option[60].hex, 0, 13) == 'Cisco Systems'",
                "option-data": [
                    {{ "name": "cisco-tftp", "data": "{address}" }},
                    {{ "name": "tftp-server-name", "data": "{address}" }}
                ]
            }}
        ]
    }}
}}
"#
    )
}

fn isc_dhcpd(address: Ipv4Addr) -> String {
    format!(
        r#"# ISC dhcpd.
option cisco-tftp code 150 = array of ip-address;

class "cisco-phone" {{
  match if substring(option vendor-class-identifier, 0, 13) = "Cisco Systems";
  option cisco-tftp {address};
  option tftp-server-name "{address}";
}}
"#
    )
}

fn ios(address: Ipv4Addr, network: Option<Network>) -> String {
    let network = match network {
        Some(network) => format!(
            "! A new pool needs its network as well, for example that of this host:\n\
             !  network {} {}\n\
             !  default-router (the address of the router there)\n",
            network.first(),
            network.netmask()
        ),
        None => "! A new pool needs network and default-router as well.\n".to_owned(),
    };
    format!(
        "! Cisco IOS and IOS XE: the DHCP pool of the voice VLAN.\n\
         ip dhcp pool VOICE\n \
         option 150 ip {address}\n \
         option 66 ascii \"{address}\"\n\
         !\n\
         {network}\
         !\n\
         ! The port of a phone, with the VLAN that it is told:\n\
         !  interface GigabitEthernet0/1\n\
         !   switchport mode access\n\
         !   switchport voice vlan 20\n\
         !   spanning-tree portfast\n\
         !\n\
         ! A router that serves these phones itself would take them:\n\
         !  no telephony-service\n"
    )
}

fn router_os(address: Ipv4Addr, network: Option<Network>) -> String {
    let network = match network {
        Some(network) => format!("set [find address={network}] dhcp-option=cisco-tftp,tftp-name\n"),
        None => "# Every network; with one alone: [find address=NETWORK/BITS].\n\
                 set [find] dhcp-option=cisco-tftp,tftp-name\n"
            .to_owned(),
    };
    format!(
        "# MikroTik RouterOS: 'address' in quotes becomes four bytes, s'text' a text.\n\
         /ip dhcp-server option\n\
         add name=cisco-tftp code=150 value=\"'{address}'\"\n\
         add name=tftp-name code=66 value=\"s'{address}'\"\n\
         /ip dhcp-server network\n\
         {network}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);

    fn example() -> Place {
        Place {
            address: EXAMPLE,
            network: Some(Network::around(EXAMPLE, 24)),
            tftp: Tftp::Usual,
        }
    }

    /// What is packaged is what the command prints.
    #[test]
    fn the_files_of_contrib_are_these_texts() {
        for (server, file) in [
            (
                DhcpServer::Dnsmasq,
                include_str!("../../../contrib/dhcp/dnsmasq.conf"),
            ),
            (
                DhcpServer::Kea,
                include_str!("../../../contrib/dhcp/kea-dhcp4.json"),
            ),
            (
                DhcpServer::IscDhcpd,
                include_str!("../../../contrib/dhcp/dhcpd.conf"),
            ),
            (
                DhcpServer::Ios,
                include_str!("../../../contrib/dhcp/ios.txt"),
            ),
            (
                DhcpServer::RouterOs,
                include_str!("../../../contrib/dhcp/routeros.rsc"),
            ),
        ] {
            assert_eq!(server.snippet(&example()), file, "{server:?}");
        }
    }

    #[test]
    fn every_server_is_told_both_options_with_one_address_and_no_other() {
        let address = Ipv4Addr::new(198, 51, 100, 200);
        let place = Place {
            address,
            network: None,
            tftp: Tftp::At(6969),
        };
        for server in DhcpServer::ALL {
            let text = server.snippet(&place);
            assert_eq!(text.matches("198.51.100.200").count(), 2, "{text}");
            assert!(text.contains("150"), "{text}");
            assert!(!text.contains("192.0.2"), "{text}");
            assert!(text.contains("voice VLAN"), "{text}");
            assert!(text.contains("listens on 6969"), "{text}");
        }
    }

    /// The marks of people's lines are those of the language: what is left is
    /// what the server reads.
    #[test]
    fn what_is_not_a_comment_is_what_each_server_reads() {
        let read = |server: DhcpServer, mark: &str| -> Vec<String> {
            let place = Place {
                tftp: Tftp::Off,
                ..example()
            };
            let text = server.snippet(&place);
            let lines = text.lines().filter(|line| !line.starts_with(mark));
            lines
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(
            read(DhcpServer::Dnsmasq, HASH),
            [
                "dhcp-vendorclass=set:cisco-phone,Cisco Systems",
                "dhcp-option=tag:cisco-phone,150,192.0.2.10",
                "dhcp-option=tag:cisco-phone,66,\"192.0.2.10\"",
            ]
        );
        assert_eq!(
            read(DhcpServer::Ios, BANG),
            [
                "ip dhcp pool VOICE",
                " option 150 ip 192.0.2.10",
                " option 66 ascii \"192.0.2.10\"",
            ]
        );
        assert_eq!(
            read(DhcpServer::RouterOs, HASH),
            [
                "/ip dhcp-server option",
                "add name=cisco-tftp code=150 value=\"'192.0.2.10'\"",
                "add name=tftp-name code=66 value=\"s'192.0.2.10'\"",
                "/ip dhcp-server network",
                "set [find address=192.0.2.0/24] dhcp-option=cisco-tftp,tftp-name",
            ]
        );
        let kea: serde_json::Value =
            serde_json::from_str(&read(DhcpServer::Kea, SLASHES).concat()).unwrap_or_default();
        let told = &kea["Dhcp4"]["client-classes"][0]["option-data"];
        assert_eq!(told[0]["data"], "192.0.2.10");
        assert_eq!(kea["Dhcp4"]["option-def"][0]["code"], 150);
        let isc = read(DhcpServer::IscDhcpd, HASH).concat();
        assert!(isc.contains("option cisco-tftp 192.0.2.10;"), "{isc}");
        assert_eq!(isc.matches('{').count(), isc.matches('}').count());
    }
}
