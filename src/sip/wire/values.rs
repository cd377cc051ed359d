//! Small header values: CSeq, media types, events, reasons, sessions.

use std::fmt;

use super::error::Fault;
use super::method::Method;
use super::params::{Params, Style};
use super::scan;

/// `CSeq: 113 REGISTER`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CSeq {
    /// Less than 2^31 (RFC 3261 section 8.1.1.5).
    pub number: u32,
    /// The method.
    pub method: Method,
}

impl CSeq {
    /// Reads number and method with any white space between.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let bytes = scan::trim(bytes);
        let end = bytes
            .iter()
            .position(|byte| scan::is_lws(*byte))
            .ok_or(Fault::Token)?;
        let (number, method) = bytes.split_at(end);
        let number = scan::number(number)
            .filter(|number| *number < 1 << 31)
            .ok_or(Fault::Number)?;
        let method = Method::from_bytes(scan::trim(method)).ok_or(Fault::Token)?;
        Ok(Self { number, method })
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}

/// A value that is a token with parameters.
fn token_with_params(bytes: &[u8], extra: &[u8]) -> Result<(String, Params), Fault> {
    let (token, params) = match scan::cut(bytes, b';') {
        Some((token, params)) => (scan::trim(token), Params::parse(params, Style::Header)?),
        None => (scan::trim(bytes), Params::new()),
    };
    let good = !token.is_empty()
        && token
            .iter()
            .all(|byte| scan::is_token_byte(*byte) || extra.contains(byte));
    if good {
        Ok((scan::lossy(token), params))
    } else {
        Err(Fault::Token)
    }
}

/// `Content-Type: multipart/mixed; boundary=uniqueBoundary`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// Type and subtype in lower case, without blanks: `multipart/mixed`.
    pub essence: String,
    /// The parameters.
    pub params: Params,
}

impl MediaType {
    /// Reads a media type; white space around the slash is forgiven, as RFC 3261 does.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let (text, params) = token_with_params(bytes, b"/ \t")?;
        let (main, sub) = text.split_once('/').ok_or(Fault::Token)?;
        let (main, sub) = (main.trim(), sub.trim());
        if !scan::is_token(main.as_bytes()) || !scan::is_token(sub.as_bytes()) {
            return Err(Fault::Token);
        }
        Ok(Self {
            essence: format!("{main}/{sub}").to_ascii_lowercase(),
            params,
        })
    }

    /// Whether this is `essence`, given in lower case.
    pub fn is(&self, essence: &str) -> bool {
        self.essence == essence
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.essence, self.params)
    }
}

/// `Event: presence;id=7` (RFC 6665).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventType {
    /// The package in lower case.
    pub package: String,
    /// The parameters.
    pub params: Params,
}

impl EventType {
    /// Reads an event.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let (package, params) = token_with_params(bytes, b"")?;
        Ok(Self {
            package: package.to_ascii_lowercase(),
            params,
        })
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.package, self.params)
    }
}

/// `Reason: SIP;cause=200;text="..."` (RFC 3326).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The protocol, such as `SIP`.
    pub protocol: String,
    /// The parameters.
    pub params: Params,
}

impl Reason {
    /// Reads one reason.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let (protocol, params) = token_with_params(bytes, b"")?;
        Ok(Self { protocol, params })
    }

    /// The cause, a status code when the protocol is SIP.
    pub fn cause(&self) -> Option<u32> {
        scan::number(self.params.value("cause")?.as_bytes())
    }

    /// The text.
    pub fn text(&self) -> Option<&str> {
        self.params.value("text")
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.protocol, self.params)
    }
}

/// `Session-ID: <32 digits>;remote=<32 digits>` (RFC 7989). Phones of the series 78xx and 88xx write one into every
/// request, and call traces are followed by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionId {
    /// The sender's own half: 32 hexadecimal digits in lower case.
    pub local: String,
    /// The other end's half; zeros as long as it is not known, `None` when it is not written (RFC 7329).
    pub remote: Option<String>,
}

impl SessionId {
    /// Reads a session; other parameters are passed over.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let half = |text: &str| {
            let good = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            good.then(|| text.to_ascii_lowercase()).ok_or(Fault::Token)
        };
        let (local, params) = token_with_params(bytes, b"")?;
        Ok(Self {
            local: half(&local)?,
            remote: params.value("remote").map(half).transpose()?,
        })
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.local)?;
        match &self.remote {
            Some(remote) => write!(f, ";remote={remote}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sequence_numbers_have_bounds() {
        assert_eq!(
            CSeq::parse(b"0009  INVITE").unwrap(),
            CSeq {
                number: 9,
                method: Method::Invite
            }
        );
        for bad in [
            &b"36893488147419103232 REGISTER"[..],
            b"2147483648 X",
            b"7",
            b"-1 X",
            b"",
        ] {
            assert!(CSeq::parse(bad).is_err());
        }
    }

    #[test]
    fn media_types_compare_without_case_and_blanks() {
        let media = MediaType::parse(b"Multipart / Mixed;boundary=\"a b\"").unwrap();
        assert!(media.is("multipart/mixed"));
        assert_eq!(media.params.value("boundary"), Some("a b"));
        assert!(MediaType::parse(b"text").is_err());
    }

    #[test]
    fn events_and_reasons_have_parameters() {
        let event = EventType::parse(b"Presence;id=7").unwrap();
        assert_eq!(
            (event.package.as_str(), event.params.value("id")),
            ("presence", Some("7"))
        );
        let reason = Reason::parse(b"SIP ;cause=200;text=\"a;b\"").unwrap();
        assert_eq!((reason.cause(), reason.text()), (Some(200), Some("a;b")));
    }
}
