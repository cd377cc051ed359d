//! Each port: whether it can be had, and who has it when not.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use serde_json::Value;

use super::finding::{Check, Finding};
use super::sockets::{self, Holder, Transport};
use crate::app::{Config, Port, PortError, SipTransport};

/// Where Embody listens, or would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listener {
    /// What it is for.
    pub(super) service: &'static str,
    /// The key of `[listen]` that sets it.
    pub(super) key: &'static str,
    /// What carries it.
    pub(super) transport: Transport,
    /// The place.
    pub(super) at: SocketAddr,
    /// Whether phones come there.
    pub(super) is_for_phones: bool,
}

impl Listener {
    /// As people write it: `0.0.0.0:69/udp`.
    pub(super) fn place(&self) -> String {
        format!("{}/{}", self.at, self.transport.name())
    }
}

/// Name, key and transports of a service, and where it listens.
type Service = (&'static str, &'static str, Vec<Transport>);

fn services(config: &Config) -> [Service; 6] {
    let sip = config.sip.transports.iter().map(|carrier| match carrier {
        SipTransport::Udp => Transport::Udp,
        SipTransport::Tcp => Transport::Tcp,
    });
    [
        ("TFTP", "tftp", vec![Transport::Udp]),
        (
            "configuration over HTTP",
            "config_http",
            vec![Transport::Tcp],
        ),
        ("services", "services_http", vec![Transport::Tcp]),
        ("SCCP", "sccp", vec![Transport::Tcp]),
        ("SIP", "sip", sip.collect()),
        ("the admin API", "admin_http", vec![Transport::Tcp]),
    ]
}

/// All that the configuration says.
pub(super) fn configured(config: &Config) -> Vec<Listener> {
    let listen = &config.listen;
    let ports = |key: &str| -> Vec<Port> {
        match key {
            "tftp" => vec![listen.tftp],
            "config_http" => vec![listen.config_http],
            "services_http" => listen.services_http.0.clone(),
            "sccp" => vec![listen.sccp],
            "sip" => vec![listen.sip],
            _ => vec![listen.admin_http],
        }
    };
    collect(config, |key| {
        let default = address(config, key);
        let sockets = ports(key).into_iter().map(|port| port.socket(default));
        sockets.flatten().collect()
    })
}

fn address(config: &Config, key: &str) -> IpAddr {
    if key == "admin_http" {
        config.listen.admin_address
    } else {
        config.listen.address
    }
}

/// All that a running daemon says of itself (`listen` of `run.json`).
pub(super) fn running(config: &Config, listen: &Value) -> Vec<Listener> {
    let read = |value: &Value| value.as_str()?.parse::<SocketAddr>().ok();
    collect(config, |key| match &listen[key] {
        Value::Array(several) => several.iter().filter_map(read).collect(),
        one => read(one).into_iter().collect(),
    })
}

fn collect(config: &Config, places: impl Fn(&str) -> Vec<SocketAddr>) -> Vec<Listener> {
    let mut all = Vec::new();
    for (service, key, transports) in services(config) {
        for at in places(key) {
            all.extend(transports.iter().map(|transport| Listener {
                service,
                key,
                transport: *transport,
                at,
                is_for_phones: key != "admin_http",
            }));
        }
    }
    all
}

/// Whether each of them could be had now.
pub(super) fn to_be_had(listeners: &[Listener]) -> Vec<Finding> {
    listeners.iter().map(try_one).collect()
}

fn try_one(listener: &Listener) -> Finding {
    let Listener { service, key, .. } = listener;
    let place = listener.place();
    if listener.at.port() == 0 {
        return Finding::warning(
            Check::Ports,
            format!("{service} takes any free port, another one at every start"),
            format!("phones cannot know it: give [listen] {key} a number"),
        );
    }
    let tried = match listener.transport {
        Transport::Udp => UdpSocket::bind(listener.at).map(drop),
        Transport::Tcp => TcpListener::bind(listener.at).map(drop),
    };
    let Err(error) = tried else {
        return Finding::ok(Check::Ports, format!("{service}: {place} is free"));
    };
    if error.kind() == io::ErrorKind::AddrInUse {
        let holders = sockets::holders(listener.transport, listener.at);
        return taken(listener, &holders);
    }
    let address = listener.at;
    let sentence = PortError {
        service,
        key,
        address,
        error,
    }
    .to_string();
    match sentence.split_once(": ") {
        Some((what, remedy)) => Finding::fault(Check::Ports, what, remedy),
        None => Finding::of(Check::Ports, super::finding::Grade::Fault, sentence),
    }
}

fn taken(listener: &Listener, holders: &[Holder]) -> Finding {
    let Listener { service, key, .. } = listener;
    let place = listener.place();
    let other = format!("or set [listen] {key} to another port");
    match holders {
        [] => Finding::fault(
            Check::Ports,
            format!("{service} cannot have {place}: a program that cannot be seen has it"),
            format!("run `embody doctor` as root to see which, and stop it, {other}"),
        ),
        [first, ..] => {
            let Holder { name, pid } = first;
            Finding::fault(
                Check::Ports,
                format!("{service} cannot have {place}: {name} (pid {pid}) has it"),
                format!("stop {name} for good (systemctl disable --now), {other}"),
            )
        }
    }
}

/// Whether a running daemon has what it says, and what it is configured to
/// have when that is known.
pub(super) fn of_daemon(
    pid: u32,
    running: &[Listener],
    configured: Option<&[Listener]>,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = running.iter().map(|one| held(pid, one)).collect();
    let differ = |one: &Listener, all: &[Listener]| {
        one.at.port() != 0
            && !all
                .iter()
                .any(|other| other.key == one.key && other.at.port() == one.at.port())
    };
    for one in configured.into_iter().flatten() {
        if differ(one, running) {
            findings.push(Finding::warning(
                Check::Ports,
                format!(
                    "the configuration says {} for {}, where the running daemon does not listen",
                    one.place(),
                    one.service
                ),
                "restart the daemon with this configuration, or name the one that it has",
            ));
        }
    }
    findings
}

fn held(pid: u32, listener: &Listener) -> Finding {
    let Listener { service, .. } = listener;
    let place = listener.place();
    let holders = sockets::holders(listener.transport, listener.at);
    if holders.iter().any(|holder| holder.pid == pid) {
        return Finding::ok(Check::Ports, format!("{service}: the daemon has {place}"));
    }
    match holders.first() {
        None => Finding::ok(
            Check::Ports,
            format!(
                "{service}: the daemon says that it has {place}; /proc does not show whose it is"
            ),
        ),
        Some(Holder { name, pid: other }) => Finding::fault(
            Check::Ports,
            format!("{service}: {place} is held by {name} (pid {other}), not by the daemon"),
            format!("stop {name}, then restart the daemon"),
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::super::finding::Grade;
    use super::*;

    fn config(text: &str) -> Config {
        Config::parse(text).unwrap()
    }

    #[test]
    fn every_port_is_looked_at_over_what_carries_it() {
        let text = "[listen]\naddress = \"192.0.2.1\"\nservices_http = [8080, 80]\nsccp = false\n\
                    config_http = { address = \"192.0.2.2\", port = 6970 }\n";
        let places: Vec<String> = configured(&config(text))
            .iter()
            .map(Listener::place)
            .collect();
        assert_eq!(
            places,
            [
                "192.0.2.1:69/udp",
                "192.0.2.2:6970/tcp",
                "192.0.2.1:8080/tcp",
                "192.0.2.1:80/tcp",
                "192.0.2.1:5060/udp",
                "192.0.2.1:5060/tcp",
                "127.0.0.1:8088/tcp",
            ]
        );
        let listen = json!({"tftp": "127.0.0.1:1069", "services_http": ["127.0.0.1:2080"]});
        let running: Vec<String> = running(&config(""), &listen)
            .iter()
            .map(Listener::place)
            .collect();
        assert_eq!(running, ["127.0.0.1:1069/udp", "127.0.0.1:2080/tcp"]);
    }

    #[test]
    fn a_port_that_another_program_has_is_told_with_its_name() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = other.local_addr().unwrap().port();
        let text = format!("[listen]\naddress = \"127.0.0.1\"\nsccp = {port}\n");
        let all = configured(&config(&text));
        let sccp: Vec<Listener> = all.into_iter().filter(|one| one.key == "sccp").collect();
        let findings = to_be_had(&sccp);
        let [taken] = findings.as_slice() else {
            panic!("{findings:?}");
        };
        assert_eq!(taken.grade, Grade::Fault);
        let own = format!("(pid {}) has it", std::process::id());
        assert!(taken.what.contains(&own), "{taken}");
        assert!(
            taken.remedy.as_ref().unwrap().contains("[listen] sccp"),
            "{taken}"
        );
        drop(other);
        assert_eq!(to_be_had(&sccp)[0].grade, Grade::Ok);
    }

    #[test]
    fn an_address_of_another_host_and_any_port_are_no_places() {
        let text = "[listen]\naddress = \"192.0.2.1\"\ntftp = 0\n";
        let findings = to_be_had(&configured(&config(text))[..2]);
        assert_eq!(findings[0].grade, Grade::Warning, "{}", findings[0]);
        assert_eq!(findings[1].grade, Grade::Fault, "{}", findings[1]);
        assert!(
            findings[1]
                .remedy
                .as_ref()
                .unwrap()
                .contains("no such address")
        );
    }

    #[test]
    fn the_daemon_has_what_it_says_or_somebody_else_does() {
        let ours = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = ours.local_addr().unwrap();
        let listen = json!({"tftp": at.to_string()});
        let running = running(&config(""), &listen);
        let pid = std::process::id();
        assert_eq!(of_daemon(pid, &running, None)[0].grade, Grade::Ok);
        let stolen = &of_daemon(pid + 1, &running, None)[0];
        assert_eq!(stolen.grade, Grade::Fault, "{stolen}");
        let text = "[listen]\ntftp = 69\nconfig_http = false\nservices_http = false\nsccp = false\n\
                    sip = false\nadmin_http = false\n";
        let configured = configured(&config(text));
        let differs = of_daemon(pid, &running, Some(&configured));
        assert!(differs[1].what.contains("0.0.0.0:69/udp"), "{}", differs[1]);
    }
}
