//! A request to the phone, as far as its web server reads it.

use std::fmt::Write as _;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Largest head, bytes.
const HEAD: usize = 8 * 1024;
/// Largest form, bytes: an object of 512 bytes, each of them escaped, and room.
const BODY: usize = 16 * 1024;

/// A request that came whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Reads one; `None` when it is none, too large, or breaks off.
    pub(super) async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::with_capacity(1024);
        let head_end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if bytes.len() > HEAD || stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let body = bytes.split_off(head_end);
        let mut request = Self::read_head(&bytes)?;
        request.body = body;
        let length = match request.header("Content-Length") {
            Some(length) => length.parse().ok().filter(|length| *length <= BODY)?,
            None => 0,
        };
        while request.body.len() < length {
            if stream.read_buf(&mut request.body).await.ok()? == 0 {
                return None;
            }
        }
        request.body.truncate(length);
        Some(request)
    }

    fn read_head(head: &[u8]) -> Option<Self> {
        let head = std::str::from_utf8(head).ok()?;
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if !version.starts_with("HTTP/1.") {
            return None;
        }
        let headers = lines.filter_map(|line| line.split_once(':'));
        Some(Self {
            method: method.to_owned(),
            path: target.split('?').next().unwrap_or_default().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect(),
            body: Vec::new(),
        })
    }

    /// The value of a header, its name in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter();
        found
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// The value of a field of a form; its name is spelt exactly so.
pub(super) fn form_field(body: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut fields = body.split(|byte| *byte == b'&');
    fields.find_map(|field| {
        let value = field.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(decode(value))
    })
}

fn decode(value: &[u8]) -> Vec<u8> {
    let digit = |at: usize| {
        let digit = value
            .get(at)
            .and_then(|byte| char::from(*byte).to_digit(16));
        digit.and_then(|digit| u8::try_from(digit).ok())
    };
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(byte) = value.get(at) {
        let (decoded, taken) = match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => (high << 4 | low, 3),
            (b'+', ..) => (b' ', 1),
            _ => (*byte, 1),
        };
        out.push(decoded);
        at += taken;
    }
    out
}

/// A value for a query.
pub(super) fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_head_is_its_line_and_its_fields() {
        let head = b"POST /CGI/Execute?x HTTP/1.1\r\ncontent-length:7\r\n\r\n";
        let request = Request::read_head(head).expect("a request");
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/CGI/Execute")
        );
        assert_eq!(request.header("Content-Length"), Some("7"));
        assert_eq!(Request::read_head(b"GET /\r\n\r\n"), None);
        assert_eq!(Request::read_head(b"GET / SIP/2.0\r\n\r\n"), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_again(value in "\\PC{0,40}") {
            let body = format!("a=1&XML={}&b=2", encode(&value));
            prop_assert_eq!(form_field(body.as_bytes(), "XML"), Some(value.into_bytes()));
        }

        #[test]
        fn any_bytes_are_a_form(bytes: Vec<u8>) {
            let _ = form_field(&bytes, "");
            let _ = Request::read_head(&bytes);
            prop_assert!(decode(&bytes).len() <= bytes.len());
        }
    }
}
