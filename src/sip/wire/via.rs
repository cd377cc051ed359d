//! Via: the way that an answer takes back (RFC 3261 section 18.2, RFC 3581).

use std::fmt;
use std::net::SocketAddr;

use super::error::Fault;
use super::params::{Params, Style};
use super::scan;
use super::uri::HostPort;

/// What carries a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// SCTP.
    Sctp,
    /// Any other.
    Other(String),
}

impl Transport {
    /// Reads a transport in any case.
    pub fn from_text(text: &str) -> Self {
        for known in [Self::Udp, Self::Tcp, Self::Tls, Self::Sctp] {
            if text.eq_ignore_ascii_case(known.as_str()) {
                return known;
            }
        }
        Self::Other(text.to_owned())
    }

    /// As Via writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Sctp => "SCTP",
            Self::Other(name) => name,
        }
    }

    /// As the `transport` parameter of a URI writes it.
    pub fn uri_value(&self) -> String {
        self.as_str().to_ascii_lowercase()
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The `rport` parameter (RFC 3581).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rport {
    /// Not there: answers go to the port of sent-by.
    Absent,
    /// There without value: the sender asks for answers to the port it sent from.
    Asked,
    /// Filled in.
    Port(u16),
}

/// One Via element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// What carried the request.
    pub transport: Transport,
    /// Where the sender says it listens.
    pub sent_by: HostPort,
    /// All parameters.
    pub params: Params,
}

impl Via {
    /// A Via of our own.
    pub fn new(transport: Transport, sent_by: HostPort, branch: &str) -> Self {
        let mut params = Params::new();
        params.push("branch", branch);
        Self {
            transport,
            sent_by,
            params,
        }
    }

    /// Reads one element: `SIP/2.0/UDP host:port;params`, with white space wherever RFC 3261 allows it. The name
    /// and version of the protocol are not judged here: the start line was.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let (head, params) = match scan::cut(bytes, b';') {
            Some((head, params)) => (head, Params::parse(params, Style::Header)?),
            None => (bytes, Params::new()),
        };
        let (protocol, rest) = scan::cut(head, b'/').ok_or(Fault::Token)?;
        let (version, rest) = scan::cut(rest, b'/').ok_or(Fault::Token)?;
        let rest = scan::trim(rest);
        let end = rest
            .iter()
            .position(|byte| scan::is_lws(*byte))
            .ok_or(Fault::Host)?;
        let (transport, sent_by) = rest.split_at(end);
        for token in [scan::trim(protocol), scan::trim(version), transport] {
            if !scan::is_token(token) {
                return Err(Fault::Token);
            }
        }
        Ok(Self {
            transport: Transport::from_text(&scan::lossy(transport)),
            sent_by: HostPort::parse(scan::trim(sent_by))?,
            params,
        })
    }

    /// The branch, whatever it looks like.
    pub fn branch(&self) -> Option<&str> {
        self.params.value("branch")
    }

    /// The branch when it identifies a transaction: it starts with the magic cookie and something follows
    /// (RFC 3261 section 8.1.1.7).
    pub fn unique_branch(&self) -> Option<&str> {
        self.branch()
            .filter(|branch| branch.len() > MAGIC_COOKIE.len() && branch.starts_with(MAGIC_COOKIE))
    }

    /// Where the request really came from, when a server noted it.
    pub fn received(&self) -> Option<&str> {
        self.params.value("received")
    }

    /// The `rport` parameter; one that is no port counts as asked.
    pub fn rport(&self) -> Rport {
        match self.params.get("rport") {
            None => Rport::Absent,
            Some(param) => param
                .value()
                .and_then(|text| text.parse().ok())
                .map_or(Rport::Asked, Rport::Port),
        }
    }
}

/// What every branch made after RFC 2543 starts with.
const MAGIC_COOKIE: &str = "z9hG4bK";

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SIP/2.0/{} {}{}",
            self.transport, self.sent_by, self.params
        )
    }
}

/// Notes the source of a request in one Via element and leaves every other byte as it was: `received` when sent-by is
/// not that address (RFC 3261 section 18.2.1) or `rport` is asked for, and the value of `rport` then (RFC 3581
/// section 4). A `received` that the sender wrote himself is dropped. `None` when nothing is to be noted.
pub(super) fn stamp(element: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    let via = Via::parse(element).ok()?;
    let ip = source.ip().to_canonical();
    let differs = via.sent_by.host.ip().map(|host| host.to_canonical()) != Some(ip);
    let asked = via.rport() != Rport::Absent;
    if !differs && !asked && via.received().is_none() {
        return None;
    }
    let mut segments = scan::split(element, b';');
    let mut stamped = segments.next()?.ok()?.to_vec();
    for segment in segments {
        let segment = segment.ok()?;
        let name = scan::cut(segment, b'=').map_or(segment, |(name, _)| scan::trim(name));
        if name.eq_ignore_ascii_case(b"received") || segment.is_empty() {
            continue;
        }
        stamped.push(b';');
        if name.eq_ignore_ascii_case(b"rport") {
            stamped.extend_from_slice(format!("rport={}", source.port()).as_bytes());
        } else {
            stamped.extend_from_slice(segment);
        }
    }
    if differs || asked {
        stamped.extend_from_slice(format!(";received={ip}").as_bytes());
    }
    Some(stamped)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn stamped(element: &str, source: &str) -> Option<String> {
        stamp(element.as_bytes(), source.parse().unwrap())
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn white_space_may_be_anywhere() {
        let via = Via::parse(
            b"SIP  / 2.0  / TCP     spindle.example.com : 5070  ; branch  =   z9hG4bK9ikj8",
        )
        .unwrap();
        assert_eq!(via.transport, Transport::Tcp);
        assert_eq!(via.sent_by.to_string(), "spindle.example.com:5070");
        assert_eq!(via.unique_branch(), Some("z9hG4bK9ikj8"));
    }

    #[test]
    fn a_cookie_alone_is_no_branch() {
        let via = Via::parse(b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK").unwrap();
        assert_eq!(via.branch(), Some("z9hG4bK"));
        assert_eq!(via.unique_branch(), None);
        assert_eq!(via.rport(), Rport::Absent);
    }

    #[test]
    fn broken_elements_are_refused() {
        for text in [
            "",
            "SIP/2.0",
            "SIP/2.0/UDP",
            "SIP/2.0/UDP ;branch=x",
            "SIP/2.0/UDP 192.0.2.15;;",
            "SIP//UDP host",
            "SIP/2.0/UDP a b",
        ] {
            assert!(Via::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_source_is_noted_where_it_differs() {
        let via = "SIP/2.0/UDP 192.0.2.130:5060;branch=z9hG4bK10cd9d0e";
        assert_eq!(stamped(via, "192.0.2.130:51098"), None);
        assert_eq!(stamped(via, "[::ffff:192.0.2.130]:51098"), None);
        assert_eq!(
            stamped(via, "198.51.100.7:51098").unwrap(),
            format!("{via};received=198.51.100.7")
        );
    }

    #[test]
    fn rport_is_filled_in_when_asked_for() {
        assert_eq!(
            stamped(
                "SIP/2.0/UDP 192.0.2.1;rport ;branch=z9hG4bKx;X=\"a;b\"",
                "192.0.2.1:4000"
            )
            .unwrap(),
            "SIP/2.0/UDP 192.0.2.1;rport=4000;branch=z9hG4bKx;X=\"a;b\";received=192.0.2.1"
        );
    }

    #[test]
    fn a_forged_received_is_dropped() {
        assert_eq!(
            stamped(
                "SIP/2.0/TCP 192.0.2.1;received=203.0.113.9;branch=z9hG4bKx",
                "192.0.2.1:4000"
            )
            .unwrap(),
            "SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKx"
        );
    }
}
