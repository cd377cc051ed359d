//! What phones are told as Embody's address, and whether it is this host's.

use std::net::IpAddr;

use super::finding::{Check, Finding};
use crate::app::Listen;
use crate::cli::host::OwnAddress;

/// Looks at what is told, beside the addresses of this host.
pub(super) fn look(listen: &Listen, own: &[OwnAddress]) -> Vec<Finding> {
    let reachable: Vec<&OwnAddress> = own.iter().filter(|own| own.is_reachable()).collect();
    let shown: Vec<String> = reachable.iter().map(ToString::to_string).collect();
    let mut findings = Vec::new();
    match listen.advertised_address.map(|told| told.to_canonical()) {
        Some(told) if own.iter().any(|own| own.address == told) => findings.push(Finding::ok(
            Check::Addresses,
            format!("phones are told {told}, which is this host's"),
        )),
        // Loopback and unspecified ones are told with the configuration.
        Some(told) if !told.is_unspecified() => findings.push(Finding::warning(
            Check::Addresses,
            format!(
                "phones are told {told} ([listen] advertised_address), and this host has {}",
                none_or(&shown)
            ),
            "correct it, unless an address translator hands what comes there to this host",
        )),
        _ => findings.extend(told_by_arrival(listen.address, &shown)),
    }
    if reachable.iter().all(|own| own.address.is_ipv6()) && !shown.is_empty() {
        findings.push(Finding::warning(
            Check::Addresses,
            format!(
                "this host has no IPv4 address but loopback: {}",
                shown.join(", ")
            ),
            "give it one: phones of the 7900 series, and DHCP option 150, know IPv4 alone",
        ));
    }
    findings
}

/// Nothing is set: each phone is told the address that it reached.
fn told_by_arrival(bound: IpAddr, shown: &[String]) -> Option<Finding> {
    let finding = if bound.is_loopback() {
        Finding::warning(
            Check::Addresses,
            format!("[listen] address is {bound}: only phones on this host come"),
            "set [listen] address to 0.0.0.0, or to the address of the phones' network",
        )
    } else if !bound.is_unspecified() {
        return None;
    } else {
        match shown {
            [] => Finding::warning(
                Check::Addresses,
                "this host has no address but loopback: only phones on this host come",
                "connect it to the phones' network (`ip addr` shows its addresses)",
            ),
            [only] => Finding::ok(
                Check::Addresses,
                format!("phones are told the address that they reached: {only}"),
            ),
            several => Finding::ok(
                Check::Addresses,
                format!(
                    "this host has several addresses, and each phone is told the one that it \
                     reached: {}",
                    several.join(", ")
                ),
            ),
        }
    };
    Some(finding)
}

fn none_or(shown: &[String]) -> String {
    match shown {
        [] => "no address but loopback".to_owned(),
        some => some.join(", "),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::finding::Grade;
    use super::*;
    use crate::app::Config;

    fn own(address: &str) -> OwnAddress {
        OwnAddress {
            interface: "eth0".to_owned(),
            address: address.parse().unwrap(),
            prefix: 24,
        }
    }

    fn seen(listen: &str, addresses: &[&str]) -> Vec<(Grade, String)> {
        let listen = Config::parse(&format!("[listen]\n{listen}"))
            .unwrap()
            .listen;
        let own: Vec<OwnAddress> = addresses.iter().map(|address| own(address)).collect();
        let findings = look(&listen, &own);
        findings
            .into_iter()
            .map(|one| (one.grade, one.to_string()))
            .collect()
    }

    #[test]
    fn what_is_told_is_an_address_of_this_host() {
        let told = "advertised_address = \"192.0.2.10\"";
        assert_eq!(seen(told, &["127.0.0.1", "192.0.2.10"])[0].0, Grade::Ok);
        let (grade, text) = &seen(told, &["127.0.0.1", "192.0.2.11"])[0];
        assert_eq!(*grade, Grade::Warning);
        assert!(text.contains("this host has 192.0.2.11 (eth0)"), "{text}");
    }

    #[test]
    fn without_it_each_phone_is_told_what_it_reached() {
        assert_eq!(seen("", &["127.0.0.1", "192.0.2.10"])[0].0, Grade::Ok);
        let (grade, text) = &seen("", &["192.0.2.10", "198.51.100.1"])[0];
        assert_eq!(*grade, Grade::Ok);
        assert!(
            text.contains("several") && text.contains("198.51.100.1"),
            "{text}"
        );
        assert_eq!(seen("", &["127.0.0.1"])[0].0, Grade::Warning);
        assert_eq!(
            seen("address = \"127.0.0.1\"", &["192.0.2.10"])[0].0,
            Grade::Warning
        );
        assert_eq!(seen("address = \"192.0.2.10\"", &["192.0.2.10"]), []);
        let six = seen("", &["2001:db8::1"]);
        assert!(six[1].1.contains("know IPv4 alone"), "{six:?}");
    }
}
