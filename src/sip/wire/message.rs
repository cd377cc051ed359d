//! A whole message and how it is written.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::error::{Fault, ValueError, Violation};
use super::field::{HeaderName, Headers};
use super::method::Method;
use super::scan;
use super::status::StatusCode;
use super::uri::Uri;

/// The first line of a message. The version is always SIP/2.0.
#[derive(Clone, PartialEq, Eq)]
pub enum StartLine {
    /// Of a request.
    Request {
        /// The method.
        method: Method,
        /// The Request-URI as received; it holds no white space and no brackets.
        uri: Bytes,
    },
    /// Of a response.
    Response {
        /// The status code.
        status: StatusCode,
        /// The reason phrase as received: any bytes, also none.
        reason: Bytes,
    },
}

impl fmt::Debug for StartLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { method, uri } => write!(f, "{method} {}", uri.escape_ascii()),
            Self::Response { status, reason } => write!(f, "{status} {}", reason.escape_ascii()),
        }
    }
}

/// A request or a response.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The start line.
    pub start: StartLine,
    /// The headers in order.
    pub headers: Headers,
    /// Set through [`Message::set_body`], so that Content-Length cannot contradict it.
    pub(super) body: Bytes,
}

impl Message {
    /// A request without headers. `None` when `uri` is not one.
    pub fn request(method: Method, uri: &str) -> Option<Self> {
        Uri::parse(uri.as_bytes()).ok()?;
        Some(Self {
            start: StartLine::Request {
                method,
                uri: Bytes::copy_from_slice(uri.as_bytes()),
            },
            headers: Headers::new(),
            body: Bytes::new(),
        })
    }

    /// The method of a request.
    pub const fn method(&self) -> Option<&Method> {
        match &self.start {
            StartLine::Request { method, .. } => Some(method),
            StartLine::Response { .. } => None,
        }
    }

    /// The status of a response.
    pub const fn status(&self) -> Option<StatusCode> {
        match &self.start {
            StartLine::Request { .. } => None,
            StartLine::Response { status, .. } => Some(*status),
        }
    }

    /// The Request-URI; for a response [`Fault::Empty`].
    pub fn request_uri(&self) -> Result<Uri, Fault> {
        match &self.start {
            StartLine::Request { uri, .. } => Uri::parse(uri),
            StartLine::Response { .. } => Err(Fault::Empty),
        }
    }

    /// Whether this is a request for a `sip:` or `sips:` address; nothing else of the Request-URI is looked at.
    pub fn is_for_sip(&self) -> bool {
        let StartLine::Request { uri, .. } = &self.start else {
            return false;
        };
        let scheme = scan::cut(uri, b':').map_or(&b""[..], |(scheme, _)| scheme);
        scheme.eq_ignore_ascii_case(b"sip") || scheme.eq_ignore_ascii_case(b"sips")
    }

    /// The body.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Puts a body in, with its type; Content-Length is written by [`Message::to_bytes`].
    pub fn set_body(&mut self, content_type: &str, body: impl Into<Bytes>) {
        self.body = body.into();
        self.headers.remove(HeaderName::CONTENT_LENGTH);
        self.headers.set(HeaderName::CONTENT_TYPE, content_type);
    }

    /// Whether the message has what every message must have, once and readable (RFC 3261 section 8.1.1): From, To,
    /// Call-ID, CSeq with the method of the request, Via, a Request-URI; Max-Forwards if it is there at all. A request
    /// that fails is answered 400, a response is dropped.
    pub fn check(&self) -> Result<(), Violation> {
        self.headers.via()?;
        if self.headers.get(HeaderName::VIA).is_none() {
            return Err(ValueError::Missing(HeaderName::VIA).into());
        }
        self.headers.from()?;
        self.headers.to()?;
        self.headers.call_id()?;
        let cseq = self.headers.cseq()?;
        self.headers.max_forwards()?;
        if let StartLine::Request { method, uri } = &self.start {
            Uri::parse(uri).map_err(Violation::RequestUri)?;
            if cseq.method != *method {
                return Err(Violation::MethodMismatch);
            }
        }
        Ok(())
    }

    /// The message as it goes out: every line ends with CRLF, every header is as it came or was put in, and
    /// Content-Length is added when there is none.
    pub fn to_bytes(&self) -> Bytes {
        // The start line's other parts and a Content-Length fit into what is added.
        let lines: usize = self
            .headers
            .iter()
            .map(|field| field.line().len() + 2)
            .sum();
        let start = match &self.start {
            StartLine::Request { uri, .. } => uri.len(),
            StartLine::Response { reason, .. } => reason.len(),
        };
        let mut out = BytesMut::with_capacity(64 + start + lines + self.body.len());
        match &self.start {
            StartLine::Request { method, uri } => {
                out.put_slice(method.as_str().as_bytes());
                out.put_u8(b' ');
                out.put_slice(uri);
                out.put_slice(b" SIP/2.0\r\n");
            }
            StartLine::Response { status, reason } => {
                out.put_slice(format!("SIP/2.0 {status} ").as_bytes());
                out.put_slice(reason);
                out.put_slice(b"\r\n");
            }
        }
        for field in &self.headers {
            out.put_slice(field.line());
            out.put_slice(b"\r\n");
        }
        if self.headers.get(HeaderName::CONTENT_LENGTH).is_none() {
            out.put_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        out.put_slice(b"\r\n");
        out.put_slice(&self.body);
        out.freeze()
    }
}

impl fmt::Debug for Message {
    /// Start line and headers without credentials; of the body only the size, since a service-control body holds
    /// what entitles one to restart the phone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("start", &self.start)
            .field("headers", &self.headers)
            .field("body_len", &self.body.len())
            .finish()
    }
}
