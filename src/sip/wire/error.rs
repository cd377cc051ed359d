//! What can be wrong with a message, and what may still be answered.

use super::field::{HeaderName, Headers};
use super::method::Method;
use super::status::StatusCode;

/// What is wrong with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A quoted string does not end.
    #[error("a quote is not closed")]
    UnbalancedQuote,
    /// `<` without `>` or the reverse.
    #[error("an angle bracket is not closed")]
    UnbalancedBracket,
    /// Nothing where something is required.
    #[error("an element is empty")]
    Empty,
    /// A parameter without a proper name or value.
    #[error("a parameter is malformed")]
    Parameter,
    /// Not a URI.
    #[error("the URI is malformed")]
    Uri,
    /// Not a host name or address.
    #[error("the host is malformed")]
    Host,
    /// Not a port number.
    #[error("the port is malformed")]
    Port,
    /// Not a number, or out of range.
    #[error("a number is malformed or out of range")]
    Number,
    /// Characters that a token cannot have.
    #[error("a token is malformed")]
    Token,
    /// Bytes that are not UTF-8 where text is required.
    #[error("the text is not UTF-8")]
    Text,
    /// More elements than any sane message has.
    #[error("there are too many elements")]
    TooMany,
    /// `*` beside other contacts.
    #[error("a star stands beside other elements")]
    Star,
}

/// Why a header could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The header is not there.
    #[error("{0} is missing")]
    Missing(HeaderName),
    /// The header may be there once only (RFC 3261 section 7.3.1).
    #[error("{0} occurs more than once")]
    Repeated(HeaderName),
    /// The header is there and cannot be read.
    #[error("{header} is malformed: {fault}")]
    Malformed {
        /// Which header.
        header: HeaderName,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// Why a message that could be read must not be acted upon (RFC 3261 sections 8.1.1 and 8.2.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A header that every message needs.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// CSeq names another method than the request line.
    #[error("the method in CSeq is not that of the request")]
    MethodMismatch,
    /// The Request-URI cannot be read.
    #[error("the Request-URI is malformed: {0}")]
    RequestUri(Fault),
}

/// What kept bytes from becoming a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// Neither a request line nor a status line.
    #[error("the start line is not SIP")]
    StartLine,
    /// The Request-URI holds white space or brackets.
    #[error("the Request-URI is malformed")]
    RequestUri,
    /// Another version than SIP/2.0.
    #[error("the SIP version is not 2.0")]
    Version,
    /// The status code is not a number from 100 to 699.
    #[error("the status code is malformed")]
    StatusCode,
    /// A header line without colon or with an impossible name.
    #[error("a header line is malformed")]
    Header,
    /// More header lines than [`Limits::headers`](super::Limits::headers).
    #[error("there are too many headers")]
    TooManyHeaders,
    /// Start line and headers exceed [`Limits::head`](super::Limits::head).
    #[error("the headers are too large")]
    HeadTooLarge,
    /// The body exceeds [`Limits::body`](super::Limits::body).
    #[error("the body is too large")]
    BodyTooLarge,
    /// Content-Length is not a number, or says different things.
    #[error("Content-Length is malformed")]
    ContentLength,
    /// A stream needs Content-Length to find the end of a body (RFC 3261 section 18.3).
    #[error("Content-Length is missing")]
    ContentLengthMissing,
    /// The datagram ends before the body does.
    #[error("the body is shorter than Content-Length says")]
    BodyTooShort,
    /// The stream ended inside a message.
    #[error("the stream ended inside a message")]
    Truncated,
}

impl ParseErrorKind {
    /// The answer that a request with this fault deserves.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Version => StatusCode::VERSION_NOT_SUPPORTED,
            Self::HeadTooLarge | Self::TooManyHeaders => StatusCode::MESSAGE_TOO_LARGE,
            Self::BodyTooLarge => StatusCode::REQUEST_ENTITY_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// What could be read of a message that is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partial {
    /// The method, when the start line looked like that of a request.
    pub method: Option<Method>,
    /// The headers that could be read.
    pub headers: Headers,
}

/// Bytes that are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// What could be read all the same.
    pub partial: Option<Box<Partial>>,
}

impl ParseError {
    pub(super) const fn bare(kind: ParseErrorKind) -> Self {
        Self {
            kind,
            partial: None,
        }
    }

    /// The headers to answer and the status to answer with, when this was a request that may be answered: an ACK
    /// never is, a response never is, and without a Via nobody knows where to.
    pub fn answerable(&self) -> Option<(&Headers, StatusCode)> {
        let partial = self.partial.as_deref()?;
        let method = partial.method.as_ref()?;
        let answerable = *method != Method::Ack && partial.headers.get(HeaderName::VIA).is_some();
        answerable.then_some((&partial.headers, self.kind.status()))
    }
}
