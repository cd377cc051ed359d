//! Responses: what must be copied is copied byte for byte (RFC 3261 section 8.2.6).

use std::net::SocketAddr;

use bytes::Bytes;

use super::field::{Field, HeaderName, Headers};
use super::message::{Message, StartLine};
use super::scan;
use super::status::StatusCode;
use super::via;

impl Message {
    /// The response to a request with these headers: every Via, From, To, Call-ID and CSeq exactly as they came.
    /// `to_tag`, a token, is added to a To without tag, except in a 100. Headers of a [`Partial`](super::Partial) will do, so
    /// that a broken request can be told what is wrong with it.
    pub fn response(request: &Headers, status: StatusCode, to_tag: &str) -> Self {
        let mut headers = Headers::with_room();
        for field in request.all(HeaderName::VIA) {
            headers.append(field.clone());
        }
        for name in [
            HeaderName::FROM,
            HeaderName::TO,
            HeaderName::CALL_ID,
            HeaderName::CSEQ,
        ] {
            match request.get(name) {
                Some(to) if name == HeaderName::TO && status != StatusCode::TRYING => {
                    headers.append(tagged(to, to_tag));
                }
                Some(field) => headers.append(field.clone()),
                None => {}
            }
        }
        Self {
            start: StartLine::Response {
                status,
                reason: Bytes::from_static(status.reason().as_bytes()),
            },
            headers,
            body: Bytes::new(),
        }
    }

    /// Says more in the reason phrase than the usual words. Line ends become blanks.
    #[must_use]
    pub fn with_reason(mut self, phrase: &str) -> Self {
        if let StartLine::Response { reason, .. } = &mut self.start {
            *reason = Bytes::from(phrase.replace(['\r', '\n'], " "));
        }
        self
    }

    /// Notes in the topmost Via where a request really came from: `received` when that is not what it says, and the
    /// port when it asks for that with `rport`. To be done on arrival, before anything is copied. All other bytes
    /// stay; a Via that cannot be read stays as well.
    pub fn stamp_source(&mut self, source: SocketAddr) {
        let Some(value) = self.headers.value(HeaderName::VIA) else {
            return;
        };
        let mut elements = scan::split(value, b',');
        let Some(Ok(first)) = elements.next() else {
            return;
        };
        let Some(mut stamped) = via::stamp(first, source) else {
            return;
        };
        for element in elements {
            let Ok(element) = element else {
                return;
            };
            stamped.extend_from_slice(b", ");
            stamped.extend_from_slice(element);
        }
        self.headers.replace_first(HeaderName::VIA, &stamped);
    }
}

/// To with a tag, if it has none.
fn tagged(to: &Field, tag: &str) -> Field {
    if has_tag(to.value()) || !scan::is_token(tag.as_bytes()) {
        return to.clone();
    }
    let mut value = to.value().to_vec();
    value.extend_from_slice(b";tag=");
    value.extend_from_slice(tag.as_bytes());
    to.with_value(&value)
}

/// Whether an address has a tag among its parameters; for one that cannot be read, whether it seems to have one.
fn has_tag(to: &[u8]) -> bool {
    if scan::split(to, b';').all(|parameter| parameter.is_ok()) {
        scan::split(to, b';').skip(1).flatten().any(is_tag)
    } else {
        to.split(|byte| *byte == b';').skip(1).any(is_tag)
    }
}

fn is_tag(parameter: &[u8]) -> bool {
    let name = scan::cut(parameter, b'=').map_or(parameter, |(name, _)| name);
    scan::trim(name).eq_ignore_ascii_case(b"tag")
}
