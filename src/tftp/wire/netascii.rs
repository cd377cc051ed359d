//! The text mode of TFTP (RFC 1350 section 1, RFC 764 "The NVT printer").
//!
//! Files here have LF line ends; on the wire a line ends with CR LF and a bare
//! CR is CR NUL. The conversion is exact both ways.

use std::borrow::Cow;

/// Local text to the wire.
pub fn encode(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|octet| matches!(octet, b'\n' | b'\r')) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + text.len() / 16);
    for &octet in text {
        match octet {
            b'\n' => out.extend_from_slice(b"\r\n"),
            b'\r' => out.extend_from_slice(b"\r\0"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// The wire to local text. A CR before anything but LF or NUL stands for
/// itself.
pub fn decode(wire: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(wire.len());
    let mut octets = wire.iter().copied().peekable();
    while let Some(octet) = octets.next() {
        let next = octets.peek().copied();
        match (octet, next) {
            (b'\r', Some(b'\n')) => {
                octets.next();
                out.push(b'\n');
            }
            (b'\r', Some(0)) => {
                octets.next();
                out.push(b'\r');
            }
            (other, _) => out.push(other),
        }
    }
    out
}
