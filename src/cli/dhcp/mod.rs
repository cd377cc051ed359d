//! `embody dhcp`: what to write into the DHCP server so that phones find this
//! host.
//!
//! The text goes to standard output and can be put into a file as it is;
//! warnings go to standard error.

mod snippet;

use std::io::{BufRead, IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::host::{self, Network, OwnAddress};
use super::{Outcome, complain, serve};
use crate::app::{Listen, Port};
use snippet::{DhcpServer, Place, Tftp};

/// What `dhcp` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The DHCP server; all of them when absent.
    #[arg(long = "for", value_enum, value_name = "SERVER")]
    server: Option<DhcpServer>,
    /// The address that phones are told; when absent that of the
    /// configuration, else the only one of this host.
    #[arg(long)]
    address: Option<Ipv4Addr>,
    /// The configuration; all defaults when absent.
    #[arg(long)]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let config = serve::config(arguments.config.as_deref())?;
    let own = host::addresses()
        .map_err(|error| format!("the addresses of this host cannot be read: {error}"))?;
    let address = match arguments.address {
        Some(address) => address,
        None => match told(&config.listen)? {
            Some(address) => address,
            None => choose(&own)?,
        },
    };
    let place = Place {
        address,
        network: network_of(address, &own),
        tftp: Tftp::of(config.listen.tftp),
    };
    for warning in warnings(&place, &own) {
        complain(format_args!("warning: {warning}"));
    }
    match arguments.server {
        Some(server) => print!("{}", server.snippet(&place)),
        None => {
            for server in DhcpServer::ALL {
                println!("=== {}\n\n{}", server.title(), server.snippet(&place));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The address that the configuration settles, if it does.
fn told(listen: &Listen) -> Result<Option<Ipv4Addr>, String> {
    let own_of_tftp = match listen.tftp {
        Port::On { address, .. } => address,
        Port::Off => None,
    };
    let candidates = [
        ("[listen] advertised_address", listen.advertised_address),
        ("[listen] tftp", own_of_tftp),
        ("[listen] address", Some(listen.address)),
    ];
    let first = candidates.into_iter().find_map(|(key, address)| {
        let address = address?.to_canonical();
        (!address.is_unspecified()).then_some((key, address))
    });
    match first {
        None => Ok(None),
        Some((_, IpAddr::V4(address))) => Ok(Some(address)),
        Some((key, IpAddr::V6(address))) => Err(format!(
            "{key} is {address}, and DHCP option 150 carries IPv4 addresses alone; say with \
             --address which one phones shall ask"
        )),
    }
}

/// The only address of this host that phones could reach, or the one that is
/// chosen at the terminal.
fn choose(own: &[OwnAddress]) -> Result<Ipv4Addr, String> {
    let candidates: Vec<(Ipv4Addr, &OwnAddress)> = own
        .iter()
        .filter(|own| own.is_reachable())
        .filter_map(|own| match own.address {
            IpAddr::V4(address) => Some((address, own)),
            IpAddr::V6(_) => None,
        })
        .collect();
    match candidates.as_slice() {
        [] => Err(
            "this host has no IPv4 address but loopback, which phones cannot reach; say with \
             --address which one they shall ask"
                .to_owned(),
        ),
        [(address, _)] => Ok(*address),
        several => {
            let (input, output) = (std::io::stdin(), std::io::stderr());
            if input.is_terminal() && output.is_terminal() {
                ask(several, &mut input.lock(), &mut output.lock())
            } else {
                Err(undecided(several))
            }
        }
    }
}

fn undecided(several: &[(Ipv4Addr, &OwnAddress)]) -> String {
    let all: Vec<String> = several.iter().map(|(_, own)| own.to_string()).collect();
    format!(
        "this host has several addresses: {}; say with --address, or with [listen] \
         advertised_address, which one phones shall ask",
        all.join(", ")
    )
}

/// Asks which of several addresses it is.
fn ask(
    several: &[(Ipv4Addr, &OwnAddress)],
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<Ipv4Addr, String> {
    let odd = |error: std::io::Error| format!("the terminal cannot be used: {error}");
    for (number, (_, own)) in (1..).zip(several) {
        writeln!(output, "{number}  {own}").map_err(odd)?;
    }
    let most = several.len();
    write!(output, "Which of them shall phones ask? [1-{most}] ").map_err(odd)?;
    output.flush().map_err(odd)?;
    let mut line = String::new();
    input.read_line(&mut line).map_err(odd)?;
    let number: Option<usize> = line.trim().parse().ok();
    number
        .and_then(|number| several.get(number.checked_sub(1)?))
        .map(|(address, _)| *address)
        .ok_or_else(|| undecided(several))
}

fn network_of(address: Ipv4Addr, own: &[OwnAddress]) -> Option<Network> {
    let own = own.iter().find(|own| own.address == address)?;
    own.is_reachable()
        .then(|| Network::around(address, own.prefix))
}

/// What would keep phones from coming although DHCP told them this.
fn warnings(place: &Place, own: &[OwnAddress]) -> Vec<String> {
    let Place { address, tftp, .. } = place;
    let mut warnings = Vec::new();
    if address.is_loopback() {
        warnings.push(format!(
            "{address} is loopback: a phone that is told this asks itself; name an address of \
             the network with --address"
        ));
    } else if !own.iter().any(|own| own.address == *address) {
        warnings.push(format!(
            "{address} is no address of this host; that is right only behind address translation"
        ));
    }
    match tftp {
        Tftp::Usual => {}
        Tftp::At(port) => warnings.push(format!(
            "[listen] tftp is {port}, and DHCP cannot name a port: phones ask port 69, where \
             Embody does not listen; set [listen] tftp = 69"
        )),
        Tftp::Off => warnings.push(
            "[listen] tftp is off, and phones that are told this ask by TFTP first or alone; set \
             [listen] tftp = 69"
                .to_owned(),
        ),
    }
    warnings
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::app::Config;

    fn own(interface: &str, address: &str, prefix: u8) -> OwnAddress {
        OwnAddress {
            interface: interface.to_owned(),
            address: address.parse().unwrap(),
            prefix,
        }
    }

    fn listen(text: &str) -> Listen {
        Config::parse(&format!("[listen]\n{text}")).unwrap().listen
    }

    #[test]
    fn the_configuration_settles_the_address_when_it_names_one() {
        assert_eq!(told(&listen("")), Ok(None));
        let all = "advertised_address = \"192.0.2.1\"\naddress = \"192.0.2.3\"\n\
                   tftp = { address = \"192.0.2.2\", port = 69 }\n";
        let of = |from: usize| {
            let lines: Vec<&str> = all.lines().skip(from).collect();
            told(&listen(&lines.join("\n")))
                .unwrap()
                .unwrap()
                .to_string()
        };
        assert_eq!(of(0), "192.0.2.1");
        assert_eq!(of(1), "192.0.2.2");
        let alone = listen("address = \"192.0.2.3\"");
        assert_eq!(told(&alone).unwrap().unwrap().to_string(), "192.0.2.3");
        let six = told(&listen("advertised_address = \"2001:db8::1\"")).unwrap_err();
        assert!(six.contains("IPv4 addresses alone"), "{six}");
    }

    #[test]
    fn of_several_addresses_the_operator_says_which() {
        let one = [own("lo", "127.0.0.1", 8), own("eth0", "192.0.2.10", 24)];
        assert_eq!(choose(&one).unwrap().to_string(), "192.0.2.10");
        let none = choose(&[own("lo", "127.0.0.1", 8), own("eth0", "169.254.3.4", 16)]);
        assert!(none.unwrap_err().contains("--address"));
        let (eth0, eth1) = (
            own("eth0", "192.0.2.10", 24),
            own("eth1", "198.51.100.1", 24),
        );
        let several = [
            ("192.0.2.10".parse().unwrap(), &eth0),
            ("198.51.100.1".parse().unwrap(), &eth1),
        ];
        let sentence = undecided(&several);
        assert!(
            sentence.contains("192.0.2.10 (eth0), 198.51.100.1 (eth1)"),
            "{sentence}"
        );
        let answered = |typed: &str| {
            let mut screen = Vec::new();
            let chosen = ask(&several, &mut typed.as_bytes(), &mut screen);
            (chosen, String::from_utf8(screen).unwrap())
        };
        let (chosen, screen) = answered("2\n");
        assert_eq!(chosen.unwrap().to_string(), "198.51.100.1");
        assert!(screen.starts_with("1  192.0.2.10 (eth0)\n2  "), "{screen}");
        for typed in ["", "0\n", "3\n", "eth1\n", "-1\n"] {
            assert_eq!(answered(typed).0.unwrap_err(), sentence, "{typed:?}");
        }
    }

    #[test]
    fn what_dhcp_cannot_say_is_warned_of() {
        let own = [own("lo", "127.0.0.1", 8), own("eth0", "192.0.2.10", 24)];
        let of = |address: &str, tftp: &str| {
            let place = Place {
                address: address.parse().unwrap(),
                network: None,
                tftp: Tftp::of(listen(tftp).tftp),
            };
            warnings(&place, &own).join("\n")
        };
        assert_eq!(of("192.0.2.10", ""), "");
        assert!(of("192.0.2.10", "tftp = 6969").contains("phones ask port 69"));
        assert!(of("192.0.2.10", "tftp = false").contains("tftp is off"));
        assert!(of("127.0.0.1", "").contains("asks itself"));
        assert!(of("198.51.100.9", "").contains("no address of this host"));
    }

    #[test]
    fn the_network_of_the_snippet_is_that_of_the_interface() {
        let all = [own("eth0", "192.0.2.77", 26), own("lo", "127.0.0.1", 8)];
        let network = |address: &str| {
            network_of(address.parse().unwrap(), &all).map(|network| network.to_string())
        };
        assert_eq!(network("192.0.2.77").as_deref(), Some("192.0.2.64/26"));
        assert_eq!(network("192.0.2.78"), None);
        assert_eq!(network("127.0.0.1"), None);
    }
}
