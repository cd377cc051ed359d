//! Each port: whether it can be had, and who has it when not.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use serde_json::Value;

use super::finding::{Check, Finding};
use super::sockets::{self, Held, Holder, Transport};
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

fn services(config: &Config) -> [Service; 7] {
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
        (
            "configuration over HTTPS",
            "config_https",
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
            "config_https" => vec![listen.config_https],
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

/// All that a running daemon says of itself (`listen` of `run.json`), over what
/// `config` says that it uses.
pub(super) fn running(config: &Config, listen: &Value) -> Vec<Listener> {
    let read = |value: &Value| value.as_str()?.parse::<SocketAddr>().ok();
    collect(config, |key| match &listen[key] {
        Value::Array(several) => several.iter().filter_map(read).collect(),
        one => read(one).into_iter().collect(),
    })
}

/// Leaves out what a running daemon does not use, when its configuration was
/// not named: it may carry SIP over one transport alone, and says the place
/// only. All stays where nobody is seen at any of them.
pub(super) fn in_use(listeners: Vec<Listener>, pid: u32) -> Vec<Listener> {
    let seen = |one: &Listener| sockets::held(one.transport, one.at, pid) != Held::Nobody;
    let is_sip = |one: &Listener| one.key == "sip";
    let some = listeners.iter().any(|one| is_sip(one) && seen(one));
    let stays = |one: &Listener| !is_sip(one) || !some || seen(one);
    listeners.into_iter().filter(stays).collect()
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
        let place = listener.place();
        return Finding::ok(Check::Ports, format!("{service}: {place} is free"));
    };
    not_had(listener, error, rustix::process::geteuid().is_root())
}

fn not_had(listener: &Listener, error: io::Error, is_root: bool) -> Finding {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            let own = std::process::id();
            let held = sockets::held(listener.transport, listener.at, own);
            taken(listener, &held, sockets::daemon())
        }
        io::ErrorKind::PermissionDenied if !is_root => not_tried(listener),
        _ => refused(listener, error),
    }
}

/// This user has not the right to try, which the daemon's may have.
fn not_tried(listener: &Listener) -> Finding {
    Finding::warning(
        Check::Ports,
        format!(
            "{}: {} was not tried: this user may not take a port below 1024; \
             contrib/systemd/embody.service gives the daemon that right",
            listener.service,
            listener.place()
        ),
        format!(
            "run `embody doctor` as root to try it; when Embody is run by hand, run `sudo setcap \
             cap_net_bind_service=+ep $(command -v embody)`, or set [listen] {} to another port",
            listener.key
        ),
    )
}

fn refused(listener: &Listener, error: io::Error) -> Finding {
    let sentence = PortError {
        service: listener.service,
        key: listener.key,
        address: listener.at,
        error,
    }
    .to_string();
    match sentence.split_once(": ") {
        Some((what, remedy)) => Finding::fault(Check::Ports, what, remedy),
        None => Finding::of(Check::Ports, super::finding::Grade::Fault, sentence),
    }
}

/// Somebody has the place; `daemon` is one of Embody that runs somewhere.
fn taken(listener: &Listener, held: &Held, daemon: Option<u32>) -> Finding {
    let Listener { service, key, .. } = listener;
    let place = listener.place();
    let other = format!("or set [listen] {key} to another port");
    match (held, daemon) {
        (Held::Nobody | Held::Unseen, Some(pid)) => Finding::warning(
            Check::Ports,
            format!(
                "{service}: a program that cannot be seen has {place}, perhaps the Embody daemon \
                 that runs (pid {pid})"
            ),
            "run `embody doctor` as root, and name the data folder of that daemon with --data",
        ),
        (Held::Nobody | Held::Unseen, None) => Finding::fault(
            Check::Ports,
            format!("{service} cannot have {place}: a program that cannot be seen has it"),
            format!("run `embody doctor` as root to see which, and stop it, {other}"),
        ),
        (Held::By(Holder { name, pid }), _) if is_embody(name) => Finding::warning(
            Check::Ports,
            format!("{service}: an Embody daemon (pid {pid}) has {place}"),
            format!(
                "name the data folder of that daemon with --data; to run a second one, set \
                 [listen] {key} to another port"
            ),
        ),
        (Held::By(Holder { name, pid }), _) => Finding::fault(
            Check::Ports,
            format!("{service} cannot have {place}: {name} (pid {pid}) has it"),
            format!("stop {name} for good (systemctl disable --now), {other}"),
        ),
    }
}

/// Whether a program is this one by its name, whatever it was renamed to.
fn is_embody(name: &str) -> bool {
    name == "embody" || (!name.is_empty() && name == sockets::name_of(std::process::id()))
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
    match sockets::held(listener.transport, listener.at, pid) {
        Held::By(holder) if holder.pid == pid => {
            Finding::ok(Check::Ports, format!("{service}: the daemon has {place}"))
        }
        Held::By(Holder { name, pid: other }) => Finding::fault(
            Check::Ports,
            format!("{service}: {place} is held by {name} (pid {other}), not by the daemon"),
            format!("stop {name}, then restart the daemon"),
        ),
        Held::Unseen => Finding::ok(
            Check::Ports,
            format!(
                "{service}: the daemon says that it has {place}; /proc does not show whose it is"
            ),
        ),
        Held::Nobody => Finding::warning(
            Check::Ports,
            format!("{service}: the daemon says that it has {place}, and nobody on this host does"),
            "name its configuration with --config; where the daemon runs in a container, run \
             `embody doctor` in it; else restart the daemon",
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
                    config_http = { address = \"192.0.2.2\", port = 6970 }\n\
                    config_https = 6971\n[files]\nsign = true\n";
        let places: Vec<String> = configured(&config(text))
            .iter()
            .map(Listener::place)
            .collect();
        assert_eq!(
            places,
            [
                "192.0.2.1:69/udp",
                "192.0.2.2:6970/tcp",
                "192.0.2.1:6971/tcp",
                "192.0.2.1:8080/tcp",
                "192.0.2.1:80/tcp",
                "192.0.2.1:5060/udp",
                "192.0.2.1:5060/tcp",
                "127.0.0.1:8088/tcp",
            ]
        );
        let listen = json!({"tftp": "127.0.0.1:1069", "services_http": ["127.0.0.1:2080"],
                            "config_https": "127.0.0.1:6971"});
        let running: Vec<String> = running(&config(""), &listen)
            .iter()
            .map(Listener::place)
            .collect();
        let expected = [
            "127.0.0.1:1069/udp",
            "127.0.0.1:6971/tcp",
            "127.0.0.1:2080/tcp",
        ];
        assert_eq!(running, expected);
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
        // The program of this test counts as Embody itself.
        assert_eq!(taken.grade, Grade::Warning, "{taken}");
        let own = format!("an Embody daemon (pid {}) has", std::process::id());
        assert!(taken.what.contains(&own), "{taken}");
        assert!(taken.remedy.as_ref().unwrap().contains("--data"), "{taken}");
        let holder = |name: &str| {
            Held::By(Holder {
                name: name.to_owned(),
                pid: 7,
            })
        };
        let daemon = super::taken(&sccp[0], &holder("embody"), None);
        assert_eq!(daemon.grade, Grade::Warning, "{daemon}");
        // Another user's programs have no names here.
        let unseen = super::taken(&sccp[0], &Held::Unseen, None);
        assert_eq!(unseen.grade, Grade::Fault, "{unseen}");
        let unseen = super::taken(&sccp[0], &Held::Unseen, Some(7));
        assert_eq!(unseen.grade, Grade::Warning, "{unseen}");
        assert!(unseen.what.contains("daemon that runs (pid 7)"), "{unseen}");
        let asterisk = super::taken(&sccp[0], &holder("asterisk"), Some(8));
        assert_eq!(asterisk.grade, Grade::Fault);
        assert!(
            asterisk.what.contains("asterisk (pid 7) has it"),
            "{asterisk}"
        );
        let remedy = asterisk.remedy.unwrap();
        assert!(remedy.contains("[listen] sccp"), "{remedy}");
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

    /// The shipped unit has the right that somebody at a shell lacks.
    #[test]
    fn what_this_user_may_not_try_is_not_called_wrong() {
        let tftp = &configured(&config(""))[0];
        let denied = || io::ErrorKind::PermissionDenied.into();
        let seen = not_had(tftp, denied(), false);
        assert_eq!(seen.grade, Grade::Warning);
        let says = "0.0.0.0:69/udp was not tried: this user may not";
        assert!(seen.what.contains(says), "{seen}");
        let root = not_had(tftp, denied(), true);
        assert_eq!(root.grade, Grade::Fault, "root may, so there is more to it");
    }

    /// Which transports it carries SIP over stands in its configuration alone.
    #[test]
    fn sip_is_looked_for_over_what_somebody_listens_on() {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = udp.local_addr().unwrap();
        let listen = json!({"sip": at.to_string()});
        let pid = std::process::id();
        let both = running(&config(""), &listen);
        let grades: Vec<Grade> = of_daemon(pid, &both, None)
            .iter()
            .map(|one| one.grade)
            .collect();
        assert_eq!(
            grades,
            [Grade::Ok, Grade::Warning],
            "nobody has it over TCP"
        );
        let used = in_use(both.clone(), pid);
        let places: Vec<String> = used.iter().map(Listener::place).collect();
        assert_eq!(places, [format!("{at}/udp")]);
        drop(udp);
        assert_eq!(
            in_use(both.clone(), pid),
            both,
            "and then nothing is hidden"
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
