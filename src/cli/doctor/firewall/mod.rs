//! The firewall of this host, as far as it can be seen: whether what phones
//! send to our ports is dropped on its way in.
//!
//! [`packet`] is what a rule asks; [`rules`] follows a packet through chains;
//! [`nft`] and [`iptables`] read the chains of the two languages. What a rule
//! asks that is not understood here counts as perhaps: nothing is called open or
//! closed that is not known to be. Firewalls elsewhere on the way are not seen.

mod iptables;
mod nft;
mod packet;
mod rules;

use std::collections::HashSet;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::finding::{Check, Finding};
use super::ports::Listener;
use packet::Packet;
use rules::{Fate, Ruleset};

/// The most that a program may print, bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A port that a TFTP transfer may use when no range is set.
const TRANSFER_PORT: u16 = 50_000;

/// Looks at the rules for every port that phones come to.
pub(super) async fn look(listeners: &[Listener], transfers: Option<u16>) -> Vec<Finding> {
    let nft = ask("nft", &["-j", "list", "ruleset"]).await;
    let iptables = ask("iptables-save", &[]).await;
    let (mut seen, mut unseen) = (Vec::new(), Vec::new());
    let mut printed = HashSet::new();
    match iptables {
        Ok(text) => {
            seen.extend(iptables::read(&text));
            printed = iptables::tables_of_nft(&text);
        }
        Err(why) => unseen.push(why),
    }
    match nft {
        Ok(text) => match nft::read(&text, &printed) {
            Ok(ruleset) => seen.push(ruleset),
            Err(why) => unseen.push(format!("nft: {why}")),
        },
        Err(why) => unseen.push(why),
    }
    if seen.is_empty() {
        return vec![Finding::warning(
            Check::Firewall,
            format!(
                "the firewall of this host cannot be seen: {}",
                unseen.join("; ")
            ),
            "run `embody doctor` as root where there is one; its rules must let in the ports above",
        )];
    }
    judge(&seen, listeners, transfers)
}

/// What becomes of a phone's packets at each port.
fn judge(seen: &[Ruleset], listeners: &[Listener], transfers: Option<u16>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut open = Vec::new();
    let reached = |one: &&Listener| one.is_for_phones && !one.at.ip().is_loopback();
    for listener in listeners.iter().filter(reached) {
        let Listener { service, .. } = listener;
        let place = format!("{}/{}", listener.at.port(), listener.transport.name());
        let packet = Packet::first(listener.transport, listener.at.port());
        match rules::fate(seen, packet) {
            Fate::Accepted => open.push(place),
            Fate::Dropped { by, begun } => findings.push(Finding::fault(
                Check::Firewall,
                format!("{service}: the firewall drops what comes to {place}, by {by}"),
                remedy(seen, &begun, listener),
            )),
            Fate::Perhaps { by } => findings.push(Finding::warning(
                Check::Firewall,
                format!("{service}: whether {place} is let in depends on {by}"),
                "see that phones fulfil what that rule asks",
            )),
        }
    }
    let tftp = listeners
        .iter()
        .filter(reached)
        .any(|one| one.key == "tftp");
    let answer = Packet::of_transfer(transfers.unwrap_or(TRANSFER_PORT));
    if let (true, Fate::Dropped { by, .. }) = (tftp, rules::fate(seen, answer)) {
        findings.push(Finding::fault(
            Check::Firewall,
            format!(
                "TFTP: answers leave from ports of their own, and what phones send back there is \
                 dropped, by {by}"
            ),
            "let in what belongs to a connection (`ct state established accept`), or set [tftp] \
             ports and let in that range",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            Check::Firewall,
            match open.as_slice() {
                [] => "no port is for phones on other hosts".to_owned(),
                _ => format!("the rules of this host let in {}", open.join(", ")),
            },
        ));
    }
    findings
}

/// How to let it in, in the words of what keeps the rules of this host.
fn remedy(seen: &[Ruleset], begun: &str, listener: &Listener) -> String {
    let (protocol, port) = (listener.transport.name(), listener.at.port());
    let chains = || seen.iter().flat_map(|ruleset| ruleset.chains.keys());
    let how = if chains().any(|name| name.contains("ufw-user-input")) {
        format!("with ufw: `ufw allow {port}/{protocol}`")
    } else if begun.starts_with("inet firewalld ") {
        format!(
            "with firewalld: `firewall-cmd --permanent --add-port={port}/{protocol}`, then \
             `firewall-cmd --reload`"
        )
    } else if begun.contains(' ') {
        format!(
            "with nft: `nft insert rule {begun} {protocol} dport {port} accept`, and the same \
             where its rules are kept over a restart"
        )
    } else if begun == "INPUT" {
        format!(
            "with iptables: `iptables -I INPUT -p {protocol} --dport {port} -j ACCEPT`, and the \
             same where its rules are kept over a restart"
        )
    } else {
        format!("in the chain {begun}")
    };
    format!("let in {port}/{protocol}, {how}")
}

/// What a program prints, or why it prints nothing.
async fn ask(program: &'static str, arguments: &'static [&'static str]) -> Result<String, String> {
    let asking = tokio::task::spawn_blocking(move || run(program, arguments));
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(told)) => told,
        Ok(Err(_)) | Err(_) => Err(format!("{program} does not end")),
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    // Administrators' folders are not on everybody's path.
    let places = [
        program.to_owned(),
        format!("/usr/sbin/{program}"),
        format!("/sbin/{program}"),
    ];
    for place in &places {
        let child = Command::new(place)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            continue;
        };
        let mut text = String::new();
        let mut complaint = String::new();
        if let Some(out) = child.stdout.take() {
            let _ = out.take(LONGEST).read_to_string(&mut text);
        }
        if let Some(errors) = child.stderr.take() {
            let _ = errors.take(4096).read_to_string(&mut complaint);
        }
        let ended = child.wait();
        if ended.is_ok_and(|ended| ended.success()) {
            return Ok(text);
        }
        let first = complaint.lines().next().unwrap_or("no reason").trim();
        return Err(format!("{program} says: {first}"));
    }
    Err(format!("there is no {program}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::finding::Grade;
    use super::super::sockets::Transport;
    use super::*;

    /// Printed by nft 1.0.6 for a ruleset of ours.
    const NFT: &str = include_str!("../../../../tests/data/firewall/nft.json");
    /// Printed by iptables-save 1.8.9.
    const IPTABLES: &str = include_str!("../../../../tests/data/firewall/iptables-save.txt");
    /// Printed by nft 1.0.6 for rules with maps in them.
    const MAPS: &str = include_str!("../../../../tests/data/firewall/nft-maps.json");
    /// The same, of the chains of ufw.
    const UFW: &str = include_str!("../../../../tests/data/firewall/iptables-save-ufw.txt");

    fn listener(service: &'static str, key: &'static str, place: &str) -> Listener {
        let (at, transport) = place.split_once('/').unwrap();
        Listener {
            service,
            key,
            transport: if transport == "udp" {
                Transport::Udp
            } else {
                Transport::Tcp
            },
            at: at.parse().unwrap(),
            is_for_phones: true,
        }
    }

    fn house() -> Vec<Listener> {
        vec![
            listener("TFTP", "tftp", "0.0.0.0:69/udp"),
            listener("configuration over HTTP", "config_http", "0.0.0.0:6970/tcp"),
            listener("SCCP", "sccp", "0.0.0.0:2000/tcp"),
            listener("SIP", "sip", "0.0.0.0:5060/tcp"),
            listener("SIP", "sip", "0.0.0.0:5061/udp"),
            listener("services", "services_http", "127.0.0.1:9999/tcp"),
        ]
    }

    #[test]
    fn every_port_is_open_closed_or_perhaps_open() {
        let seen = [nft::read(NFT, &HashSet::new()).unwrap()];
        let findings = judge(&seen, &house(), None);
        let told: Vec<(Grade, String)> = findings
            .iter()
            .map(|finding| (finding.grade, finding.what.clone()))
            .collect();
        let [(sccp, condition), (sip, drop)] = told.as_slice() else {
            panic!("TFTP, 6970 and SIP over TCP are let in: {told:?}");
        };
        assert_eq!(*sccp, Grade::Warning);
        assert!(
            condition.contains("2000/tcp") && condition.contains("ip saddr"),
            "{condition}"
        );
        assert_eq!(*sip, Grade::Fault);
        assert!(
            drop.contains("5061/udp") && drop.contains("reject"),
            "{drop}"
        );
        let remedy = findings[1].remedy.as_ref().unwrap();
        let expected = "`nft insert rule inet filter input udp dport 5061 accept`";
        assert!(remedy.contains(expected), "{remedy}");
    }

    #[test]
    fn the_rules_of_iptables_are_followed_too() {
        let seen = iptables::read(IPTABLES);
        let findings = judge(&seen, &house(), None);
        let told: Vec<&str> = findings.iter().map(|one| one.what.as_str()).collect();
        let [sip_tcp, sip_udp] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert!(
            sip_tcp.contains("5060/tcp") && sip_tcp.contains("10.0.0.0/8"),
            "{sip_tcp}"
        );
        assert!(sip_udp.contains("policy of INPUT"), "{sip_udp}");
        let remedy = findings[1].remedy.as_ref().unwrap();
        let expected = "`iptables -I INPUT -p udp --dport 5061 -j ACCEPT`";
        assert!(remedy.contains(expected), "{remedy}");
    }

    /// The chains of ufw end a packet that is for nobody here before they come
    /// to what the operator let in.
    #[test]
    fn a_host_with_ufw_lets_in_what_was_let_in() {
        let seen = iptables::read(UFW);
        let findings = judge(&seen, &house(), None);
        let told: Vec<(Grade, &str)> = findings
            .iter()
            .map(|one| (one.grade, one.what.as_str()))
            .collect();
        let [(Grade::Warning, sip_tcp), (Grade::Fault, sip_udp)] = told.as_slice() else {
            panic!("TFTP, its transfers, 6970 and SCCP are let in: {told:?}");
        };
        assert!(
            sip_tcp.contains("5060/tcp") && sip_tcp.contains("10.0.0.0/8"),
            "{sip_tcp}"
        );
        assert!(
            sip_udp.contains("5061/udp") && sip_udp.contains("policy of INPUT"),
            "{sip_udp}"
        );
        let remedy = findings[1].remedy.as_deref();
        let expected = "let in 5061/udp, with ufw: `ufw allow 5061/udp`";
        assert_eq!(remedy, Some(expected));
    }

    /// Verdicts by the state of a connection, by family and by port.
    #[test]
    fn maps_are_followed() {
        let seen = [nft::read(MAPS, &HashSet::new()).unwrap()];
        let findings = judge(&seen, &house(), None);
        let told: Vec<(Grade, &str)> = findings
            .iter()
            .map(|one| (one.grade, one.what.as_str()))
            .collect();
        let [(Grade::Fault, http), (Grade::Fault, sip_udp)] = told.as_slice() else {
            panic!("TFTP, its transfers, SCCP and SIP are let in: {told:?}");
        };
        assert!(http.contains("6970/tcp"), "{http}");
        assert!(sip_udp.contains("5061/udp"), "{sip_udp}");
    }

    #[test]
    fn a_host_without_rules_lets_everything_in() {
        let none = nft::read("{\"nftables\": []}", &HashSet::new()).unwrap();
        let findings = judge(&[none], &house(), None);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].grade, Grade::Ok);
        assert!(
            findings[0].what.contains("69/udp, 6970/tcp"),
            "{}",
            findings[0]
        );
    }

    /// The trap of TFTP: the transfer itself goes to other ports.
    #[test]
    fn a_firewall_that_knows_no_connections_breaks_transfers() {
        let without = NFT.replace("\"established\"", "\"invalid\"");
        assert_ne!(without, NFT);
        let seen = [nft::read(&without, &HashSet::new()).unwrap()];
        let findings = judge(&seen, &house(), None);
        let transfer = findings
            .iter()
            .find(|one| one.what.contains("ports of their own"));
        assert_eq!(transfer.unwrap().grade, Grade::Fault);
        let range = judge(&seen, &house(), Some(8010));
        let in_set = range
            .iter()
            .any(|one| one.what.contains("ports of their own"));
        assert!(!in_set, "that range is let in");
    }
}
