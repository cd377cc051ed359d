//! From bytes to a message: heads, and whole datagrams.

use bytes::Bytes;

use super::error::{ParseError, ParseErrorKind, Partial};
use super::field::{Field, HeaderName, Headers};
use super::message::{Message, StartLine};
use super::method::Method;
use super::scan;
use super::status::StatusCode;

/// How large a message may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of start line and headers.
    pub head: usize,
    /// Bytes of the body.
    pub body: usize,
    /// Header lines.
    pub headers: usize,
}

impl Limits {
    /// What phones need many times over: their largest message is about 3 kB.
    pub const DEFAULT: Self = Self {
        head: 64 * 1024,
        body: 64 * 1024,
        headers: 256,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Reads one datagram (RFC 3261 section 18.3): without Content-Length the body is what follows the headers; bytes
/// beyond Content-Length are ignored; a body that is too short is an error, which may still be answered. `Ok(None)`
/// is a datagram that only keeps a NAT binding open: line ends, blanks or zeros.
///
/// A datagram whose headers are not closed by an empty line is read as if they were.
pub fn parse_datagram(datagram: &[u8]) -> Result<Option<Message>, ParseError> {
    let start = datagram
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n'))
        .unwrap_or(datagram.len());
    let bytes = datagram.get(start..).unwrap_or_default();
    if bytes.iter().all(|byte| scan::is_lws(*byte) || *byte == 0) {
        return Ok(None);
    }
    let limits = Limits::DEFAULT;
    let head_len = head_end(bytes, 0).unwrap_or(bytes.len());
    if head_len > limits.head {
        return Err(ParseError::bare(ParseErrorKind::HeadTooLarge));
    }
    let bytes = Bytes::copy_from_slice(bytes);
    let head = Head::read(&bytes.slice(..head_len), &limits);
    let rest = bytes.slice(head_len..);
    let body_len = match head.headers.content_length() {
        Ok(length) => length.unwrap_or(rest.len()),
        Err(_) => return Err(head.fail(ParseErrorKind::ContentLength)),
    };
    if body_len > limits.body {
        return Err(head.fail(ParseErrorKind::BodyTooLarge));
    }
    if body_len > rest.len() {
        return Err(head.fail(ParseErrorKind::BodyTooShort));
    }
    head.with_body(rest.slice(..body_len)).map(Some)
}

/// The length of the head with its closing empty line, looked for from `from` on.
pub(super) fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let line_end = at + bytes.get(at..)?.iter().position(|byte| *byte == b'\n')? + 1;
        match bytes.get(line_end..)? {
            [b'\n', ..] => return Some(line_end + 1),
            [b'\r', b'\n', ..] => return Some(line_end + 2),
            _ => at = line_end,
        }
    }
}

/// The head of a message, with the first fault met in it.
#[derive(Debug)]
pub(super) struct Head {
    start: Option<StartLine>,
    /// The method of what looks like a request, also when its line is faulty.
    method: Option<Method>,
    pub(super) headers: Headers,
    fault: Option<ParseErrorKind>,
}

impl Head {
    /// Reads what it can; faults are kept for [`Head::with_body`], so that framing goes on after them.
    pub(super) fn read(head: &Bytes, limits: &Limits) -> Self {
        let mut lines = Lines { head, at: 0 };
        let mut read = Self {
            start: None,
            method: None,
            headers: Headers::with_room(),
            fault: None,
        };
        read.read_start(&head.slice_ref(lines.take_line().unwrap_or_default()));
        while let Some(line) = lines.next_unfolded() {
            if read.headers.len() >= limits.headers {
                read.note(ParseErrorKind::TooManyHeaders);
                break;
            }
            match Field::from_line(line) {
                Some(field) => read.headers.append(field),
                None => read.note(ParseErrorKind::Header),
            }
        }
        read
    }

    fn note(&mut self, fault: ParseErrorKind) {
        self.fault.get_or_insert(fault);
    }

    fn read_start(&mut self, line: &Bytes) {
        let outcome = if is_status_line(line) {
            read_status_line(line)
        } else {
            self.method = line
                .split(|byte| scan::is_lws(*byte))
                .next()
                .and_then(Method::from_bytes);
            read_request_line(line)
        };
        match outcome {
            Ok(start) => self.start = Some(start),
            Err(fault) => self.note(fault),
        }
    }

    /// How many bytes of body follow in a stream. Only a head that says it reliably is worth going on after: not one
    /// of another protocol, nor one whose Content-Length may stand in a line that could not be read.
    pub(super) fn stream_body_len(&self, limits: &Limits) -> Result<usize, ParseErrorKind> {
        if let Some(fault @ (ParseErrorKind::StartLine | ParseErrorKind::TooManyHeaders)) =
            self.fault
        {
            return Err(fault);
        }
        let length = self
            .headers
            .content_length()
            .map_err(|_| ParseErrorKind::ContentLength)?;
        match (length, self.fault) {
            (Some(length), _) if length > limits.body => Err(ParseErrorKind::BodyTooLarge),
            (Some(length), _) => Ok(length),
            (None, Some(fault @ ParseErrorKind::Header)) => Err(fault),
            // Who announces no body has none; who announces one must say where it ends.
            (None, _) if self.headers.get(HeaderName::CONTENT_TYPE).is_none() => Ok(0),
            (None, _) => Err(ParseErrorKind::ContentLengthMissing),
        }
    }

    pub(super) fn fail(self, kind: ParseErrorKind) -> ParseError {
        ParseError {
            kind: self.fault.unwrap_or(kind),
            partial: Some(Box::new(Partial {
                method: self.method,
                headers: self.headers,
            })),
        }
    }

    /// The message, if the head was without fault.
    pub(super) fn with_body(mut self, body: Bytes) -> Result<Message, ParseError> {
        match self.start.take() {
            Some(start) if self.fault.is_none() => Ok(Message {
                start,
                headers: self.headers,
                body,
            }),
            _ => Err(self.fail(ParseErrorKind::StartLine)),
        }
    }
}

/// Lines of a head; each may end with LF or CRLF.
struct Lines<'a> {
    head: &'a Bytes,
    at: usize,
}

impl<'a> Lines<'a> {
    fn take_line(&mut self) -> Option<&'a [u8]> {
        let rest = self.head.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.at += end + 1;
            rest.get(..end)?
        } else {
            self.at = self.head.len();
            rest
        };
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The next header with its continuation lines joined by single blanks (RFC 3261 section 7.3.1); the empty line
    /// ends the headers.
    fn next_unfolded(&mut self) -> Option<Bytes> {
        let first = self.take_line().filter(|line| !line.is_empty())?;
        if !self.continues() {
            return Some(self.head.slice_ref(first));
        }
        let mut joined = trim_end(first).to_vec();
        while self.continues() {
            joined.push(b' ');
            joined.extend_from_slice(scan::trim(self.take_line()?));
        }
        Some(joined.into())
    }

    fn continues(&self) -> bool {
        matches!(self.head.get(self.at), Some(b' ' | b'\t'))
    }
}

fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., last] = bytes {
        if !scan::is_lws(*last) {
            break;
        }
        bytes = rest;
    }
    bytes
}

const VERSION: &[u8] = b"SIP/2.0";

fn is_status_line(line: &[u8]) -> bool {
    line.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"SIP/"))
}

fn read_status_line(line: &Bytes) -> Result<StartLine, ParseErrorKind> {
    let (version, rest) = scan::cut(line, b' ').ok_or(ParseErrorKind::StartLine)?;
    if !version.eq_ignore_ascii_case(VERSION) {
        return Err(ParseErrorKind::Version);
    }
    let (code, reason) = scan::cut(rest, b' ').unwrap_or((rest, b""));
    let status = scan::number(code)
        .filter(|_| code.len() == 3)
        .and_then(|code| u16::try_from(code).ok())
        .and_then(StatusCode::new)
        .ok_or(ParseErrorKind::StatusCode)?;
    Ok(StartLine::Response {
        status,
        reason: line.slice_ref(reason),
    })
}

/// Blanks around the three parts are forgiven, blanks inside the URI are not: one cannot know what was meant.
fn read_request_line(line: &Bytes) -> Result<StartLine, ParseErrorKind> {
    let trimmed = scan::trim(line);
    let (method, rest) = scan::cut(trimmed, b' ').ok_or(ParseErrorKind::StartLine)?;
    let last = rest
        .iter()
        .rposition(|byte| *byte == b' ')
        .ok_or(ParseErrorKind::StartLine)?;
    let (uri, version) = rest.split_at(last);
    let (uri, version) = (scan::trim(uri), scan::trim(version));
    let method = Method::from_bytes(method).ok_or(ParseErrorKind::StartLine)?;
    if !is_status_line(version) {
        return Err(ParseErrorKind::StartLine);
    }
    if !version.eq_ignore_ascii_case(VERSION) {
        return Err(ParseErrorKind::Version);
    }
    let bad_byte = |byte: &u8| matches!(byte, 0..=b' ' | b'<' | b'>' | b'"');
    if uri.is_empty() || uri.iter().any(bad_byte) {
        return Err(ParseErrorKind::RequestUri);
    }
    Ok(StartLine::Request {
        method,
        uri: line.slice_ref(uri),
    })
}
