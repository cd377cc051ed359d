//! URIs: `sip:` and `sips:` in full, all others as scheme and rest.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::error::Fault;
use super::params::{Params, Style};
use super::scan;
use super::secret::Secret;
use super::via::Transport;

/// A URI. Percent escapes are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uri {
    /// `sip:` or `sips:` (RFC 3261 section 19.1).
    Sip(SipUri),
    /// Any other scheme: `urn:`, `tel:`, `cid:`.
    Other {
        /// What stands before the colon, as received.
        scheme: String,
        /// What stands after it.
        rest: String,
    },
}

impl Uri {
    /// Reads a URI that fills the bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let forbidden = |byte: &u8| matches!(byte, 0..=b' ' | 0x7f | b'<' | b'>' | b'"');
        if bytes.iter().any(forbidden) {
            return Err(Fault::Uri);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::Text)?;
        let (scheme, rest) = text.split_once(':').ok_or(Fault::Uri)?;
        let well_formed = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        if !well_formed || rest.is_empty() {
            return Err(Fault::Uri);
        }
        if scheme.eq_ignore_ascii_case("sip") {
            SipUri::parse_rest(rest, false).map(Self::Sip)
        } else if scheme.eq_ignore_ascii_case("sips") {
            SipUri::parse_rest(rest, true).map(Self::Sip)
        } else {
            Ok(Self::Other {
                scheme: scheme.to_owned(),
                rest: rest.to_owned(),
            })
        }
    }

    /// The SIP URI, when it is one.
    pub const fn sip(&self) -> Option<&SipUri> {
        match self {
            Self::Sip(uri) => Some(uri),
            Self::Other { .. } => None,
        }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sip(uri) => uri.fmt(f),
            Self::Other { scheme, rest } => write!(f, "{scheme}:{rest}"),
        }
    }
}

/// A SIP URI. `Display` writes it for the wire, with the password if it has one; `Debug` hides the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipUri {
    /// `sips:` instead of `sip:`.
    pub secure: bool,
    /// The user part, escapes kept; `None` for a bare host.
    pub user: Option<String>,
    /// The password, which nobody should send.
    pub password: Option<Secret>,
    /// The host.
    pub host: Host,
    /// The port, when it is written.
    pub port: Option<u16>,
    /// `;transport=tcp` and the like.
    pub params: Params,
    /// What follows `?`, as received.
    pub headers: Option<String>,
}

impl SipUri {
    /// `sip:user@host:port` without anything more.
    pub fn new(user: Option<&str>, at: HostPort) -> Self {
        Self {
            secure: false,
            user: user.map(escape_user),
            password: None,
            host: at.host,
            port: at.port,
            params: Params::new(),
            headers: None,
        }
    }

    fn parse_rest(rest: &str, secure: bool) -> Result<Self, Fault> {
        // `@` must be escaped everywhere else, and the user part may hold `;` and `?`: so it is looked for first.
        let (userinfo, rest) = match rest.split_once('@') {
            Some((userinfo, rest)) => (Some(userinfo), rest),
            None => (None, rest),
        };
        let (user, password) = match userinfo.map(|info| info.split_once(':').ok_or(info)) {
            None => (None, None),
            Some(Ok((user, password))) => (Some(user), Some(Secret::new(password))),
            Some(Err(user)) => (Some(user), None),
        };
        if user.is_some_and(str::is_empty) {
            return Err(Fault::Uri);
        }
        let (rest, headers) = match rest.split_once('?') {
            Some((rest, headers)) => (rest, Some(headers.to_owned())),
            None => (rest, None),
        };
        let (address, params) = match rest.split_once(';') {
            Some((address, params)) => (address, Params::parse(params.as_bytes(), Style::Uri)?),
            None => (rest, Params::new()),
        };
        let HostPort { host, port } = HostPort::parse(address.as_bytes())?;
        Ok(Self {
            secure,
            user: user.map(str::to_owned),
            password,
            host,
            port,
            params,
            headers,
        })
    }

    /// The user part with escapes undone; `None` when there is none or it is not UTF-8 then.
    pub fn user_text(&self) -> Option<String> {
        let user = self.user.as_deref()?.as_bytes();
        let mut text = Vec::with_capacity(user.len());
        let mut at = 0;
        while let Some(&byte) = user.get(at) {
            let escaped = (byte == b'%')
                .then(|| user.get(at + 1..at + 3))
                .flatten()
                .and_then(|digits| std::str::from_utf8(digits).ok())
                .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
                .and_then(|digits| u8::from_str_radix(digits, 16).ok());
            if let Some(value) = escaped {
                text.push(value);
                at += 3;
            } else {
                text.push(byte);
                at += 1;
            }
        }
        String::from_utf8(text).ok()
    }

    /// The `transport` parameter.
    pub fn transport(&self) -> Option<Transport> {
        self.params.value("transport").map(Transport::from_text)
    }

    /// Host and port.
    pub fn address(&self) -> HostPort {
        HostPort {
            host: self.host.clone(),
            port: self.port,
        }
    }
}

/// Escapes what the user part of a URI cannot hold.
fn escape_user(user: &str) -> String {
    let digit = |value: u8| {
        let digit = char::from_digit(u32::from(value & 15), 16);
        digit.unwrap_or('0').to_ascii_uppercase()
    };
    let mut escaped = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
    escaped
}

impl fmt::Display for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secure { "sips:" } else { "sip:" })?;
        if let Some(user) = &self.user {
            f.write_str(user)?;
            if let Some(password) = &self.password {
                write!(f, ":{}", password.expose())?;
            }
            f.write_str("@")?;
        }
        write!(f, "{}", self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.params)?;
        if let Some(headers) = &self.headers {
            write!(f, "?{headers}")?;
        }
        Ok(())
    }
}

/// A host: a name or an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A domain name, or whatever else is written in its letters.
    Name(String),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address, in brackets on the wire.
    V6(Ipv6Addr),
}

impl Host {
    fn parse(text: &str) -> Result<Self, Fault> {
        if let Some(inner) = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            return inner.parse().map(Self::V6).map_err(|_| Fault::Host);
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::V4(address));
        }
        let named = !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        named
            .then(|| Self::Name(text.to_owned()))
            .ok_or(Fault::Host)
    }

    /// The address, when it is one.
    pub const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Name(_) => None,
            Self::V4(address) => Some(IpAddr::V4(*address)),
            Self::V6(address) => Some(IpAddr::V6(*address)),
        }
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(address),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}

/// `host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// The host.
    pub host: Host,
    /// The port, when it is written.
    pub port: Option<u16>,
}

impl HostPort {
    /// Reads `host[:port]` that fills the bytes; white space around the colon is forgiven, as RFC 3261 does in Via.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::Text)?.trim();
        let colon = match text.rfind(']') {
            Some(bracket) => text
                .get(bracket..)
                .and_then(|rest| rest.find(':'))
                .map(|at| at + bracket),
            None => text.find(':'),
        };
        let (host, port) = match colon {
            None => (text, None),
            Some(at) => {
                let digits = text.get(at + 1..).unwrap_or_default().trim_start();
                let port =
                    scan::number(digits.as_bytes()).and_then(|port| u16::try_from(port).ok());
                (
                    text.get(..at).unwrap_or_default().trim_end(),
                    Some(port.ok_or(Fault::Port)?),
                )
            }
        };
        Ok(Self {
            host: Host::parse(host)?,
            port,
        })
    }
}

impl From<SocketAddr> for HostPort {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: address.ip().into(),
            port: Some(address.port()),
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => self.host.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sip(text: &str) -> SipUri {
        match Uri::parse(text.as_bytes()).unwrap() {
            Uri::Sip(uri) => uri,
            Uri::Other { .. } => panic!("{text} is not SIP"),
        }
    }

    #[test]
    fn a_registered_contact_is_taken_apart_and_put_together() {
        let text =
            "sip:04984998-fe29-08c0-6d47-5593bf4ce606@192.0.2.104:51778;transport=TCP;user=phone";
        let uri = sip(text);
        assert_eq!(
            uri.user.as_deref(),
            Some("04984998-fe29-08c0-6d47-5593bf4ce606")
        );
        assert_eq!(uri.host, Host::V4(Ipv4Addr::new(192, 0, 2, 104)));
        assert_eq!(uri.port, Some(51778));
        assert_eq!(uri.transport(), Some(Transport::Tcp));
        assert_eq!(uri.to_string(), text);
    }

    #[test]
    fn strange_but_legal_uris_are_read() {
        let uri = sip("sip:user;par=u%40example.net@example.com");
        assert_eq!(uri.user.as_deref(), Some("user;par=u%40example.net"));
        assert_eq!(uri.user_text().as_deref(), Some("user;par=u@example.net"));

        let uri = sip("sip:sips%3Auser%40example.com@example.net");
        assert_eq!(uri.user_text().as_deref(), Some("sips:user@example.com"));

        let uri = sip(
            "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
        );
        assert_eq!(
            uri.user.as_deref(),
            Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*")
        );
        assert!(uri.password.is_some());
        assert!(!format!("{uri:?}").contains("weird"));

        let uri = sip("sips:[2001:db8::9]:5061;maddr=[2001:db8::1]?Route=%3Csip:x%3E");
        assert!(uri.secure);
        assert_eq!(uri.host.to_string(), "[2001:db8::9]");
        assert_eq!(uri.port, Some(5061));
        assert_eq!(uri.headers.as_deref(), Some("Route=%3Csip:x%3E"));
        assert_eq!(uri.user, None);

        let uri = sip("sip:null-%00-null@example.com");
        assert_eq!(uri.user_text().as_deref(), Some("null-\0-null"));
    }

    #[test]
    fn other_schemes_are_kept() {
        let text = "urn:x-cisco-remotecc:token-registration";
        let uri = Uri::parse(text.as_bytes()).unwrap();
        assert_eq!(uri.sip(), None);
        assert_eq!(uri.to_string(), text);
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for text in [
            "",
            "sip:",
            "sip",
            "sip:@host",
            "sip:a@",
            "sip:a@b:99999",
            "sip:a@b:",
            "sip:a b@c",
            "<sip:a@b>",
            "sip:a@[::1",
            "sip:a@b; lr",
            "1sip:a@b",
            "sip:a@b@c",
            "sip:a@h;;x",
        ] {
            assert!(Uri::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn users_are_escaped_when_we_write_them() {
        let at = HostPort::parse(b"192.0.2.1:5060").unwrap();
        let uri = SipUri::new(Some("a b@c>"), at);
        assert_eq!(uri.to_string(), "sip:a%20b%40c%3E@192.0.2.1:5060");
        assert_eq!(uri.user_text().as_deref(), Some("a b@c>"));
    }
}
