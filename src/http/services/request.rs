//! A request of a phone or an application, read leniently.

use std::error::Error as _;
use std::io;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::server::{AfterAnswer, Ends};
use crate::model::DeviceName;

/// The most that a body may hold, bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// A form of a phone is smaller than this, bytes; only what is larger counts
/// against [`LARGE_BODIES`].
const SMALL_BODY: u64 = 16 * 1024;

/// Larger bodies that are in memory at one time: 64 MB.
pub(super) const LARGE_BODIES: usize = 256;

/// The most parameters that are looked at.
pub const PARAMETERS: usize = 64;

/// What was asked.
pub(super) struct Asked {
    /// Both ends of the connection.
    pub(super) ends: Ends,
    /// What is to be done once the answer has left.
    pub(super) after: AfterAnswer,
    /// The method.
    pub(super) method: Method,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The query, undecoded. Never log it: it may hold a PIN.
    pub(super) query: String,
    /// The body.
    pub(super) body: Bytes,
    parameters: Vec<(String, String)>,
    _large: Option<OwnedSemaphorePermit>,
}

impl Asked {
    /// Reads a request; the error is the status to answer.
    pub(super) async fn read(
        request: Request,
        large_bodies: &Arc<Semaphore>,
    ) -> Result<Self, StatusCode> {
        let (head, body) = request.into_parts();
        let (Some(ends), Some(after)) = (
            head.extensions.get::<Ends>(),
            head.extensions.get::<AfterAnswer>(),
        ) else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR);
        };
        // HEAD must not act: a PIN guesser compares lengths.
        if head.method != Method::GET && head.method != Method::POST {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        let (body, large) = read_body(body, large_bodies).await?;
        let query = head.uri.query().unwrap_or_default().to_owned();
        let mut parameters = read_pairs(query.as_bytes());
        // Phones and scripts name their forms in many ways, or not at all; only
        // what is XML on its face is not one.
        if !body.trim_ascii_start().starts_with(b"<") {
            parameters.extend(read_pairs(&body));
        }
        Ok(Self {
            ends: *ends,
            after: after.clone(),
            method: head.method,
            headers: head.headers,
            query,
            body,
            parameters,
            _large: large,
        })
    }

    /// A parameter by name, without regard to case; the first counts.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// A header as text; the first one where it stands several times.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether it came through an HTTP proxy that says so (RFC 9110, 7.6.3).
    pub(super) fn came_through_proxy(&self) -> bool {
        self.headers.contains_key("via")
    }

    /// All headers of that name as one list (RFC 9110, 5.3).
    pub(super) fn list(&self, name: &str) -> Option<String> {
        let values = self.headers.get_all(name).iter();
        let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// The device that the request names (`device`, or `name` as phones add
    /// themselves), however it is spelt. A literal `#DEVICENAME#` counts as none.
    pub(super) fn device(&self) -> Option<Result<DeviceName, String>> {
        ["device", "name", "devicename"]
            .iter()
            .filter_map(|name| self.parameter(name))
            .map(str::trim)
            .find(|value| !value.is_empty() && !value.starts_with('#'))
            .map(|value| DeviceName::new(value).map_err(|error| error.to_string()))
    }
}

/// The whole body, and what it holds of the room for large ones.
async fn read_body(
    body: Body,
    large_bodies: &Arc<Semaphore>,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), StatusCode> {
    let size = body.size_hint();
    if size.lower() > BODY_LIMIT as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let large = if size.upper().is_none_or(|most| most > SMALL_BODY) {
        let permit = Arc::clone(large_bodies).try_acquire_owned();
        Some(permit.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?)
    } else {
        None
    };
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|error| {
        let mut cause = error.source();
        while let Some(error) = cause {
            if error.is::<http_body_util::LengthLimitError>() {
                return StatusCode::PAYLOAD_TOO_LARGE;
            }
            let io = error.downcast_ref::<io::Error>();
            if io.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
                return StatusCode::REQUEST_TIMEOUT;
            }
            cause = error.source();
        }
        // It broke off, or its chunks are none.
        StatusCode::BAD_REQUEST
    })?;
    Ok((body, large))
}

/// The parameters of a query or of a form, undone from their escapes; the
/// first [`PARAMETERS`] of them.
pub fn read_pairs(text: &[u8]) -> Vec<(String, String)> {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .take(PARAMETERS)
        .map(|pair| {
            let at = pair
                .iter()
                .position(|byte| *byte == b'=')
                .unwrap_or(pair.len());
            let value = pair.get(at + 1..).unwrap_or_default();
            (decode(&pair[..at]), decode(value))
        })
        .collect()
}

/// Decodes `+` and `%XX` (a broken escape stands for itself), then UTF-8, else
/// ISO-8859-1: no document says which of them a phone sends.
fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let escaped = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (escaped, byte) {
            (Some(escaped), _) => {
                bytes.push(escaped);
                at += 3;
                continue;
            }
            (None, b'+') => bytes.push(b' '),
            (None, other) => bytes.push(*other),
        }
        at += 1;
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::net::SocketAddr;

    use proptest::prelude::*;

    use super::*;

    async fn asked(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Asked {
        read(method, target, headers, body).await.unwrap()
    }

    async fn read(
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Asked, StatusCode> {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_vec())).unwrap();
        let here = SocketAddr::from(([127, 0, 0, 1], 8080));
        request.extensions_mut().insert(Ends {
            peer: here,
            local: here,
        });
        request.extensions_mut().insert(AfterAnswer::default());
        Asked::read(request, &Arc::new(Semaphore::new(1))).await
    }

    #[test]
    fn values_are_read_in_every_spelling_that_phones_use() {
        let pairs = read_pairs(b"device=SEP1&userid=m%fcller&x=a+b&y=%zz&empty=&flag");
        let value = |name: &str| {
            pairs
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.as_str())
        };
        assert_eq!(value("userid"), Some("m\u{fc}ller"));
        assert_eq!(value("x"), Some("a b"));
        assert_eq!(value("y"), Some("%zz"));
        assert_eq!(value("empty"), Some(""));
        assert_eq!(value("flag"), Some(""));
        assert_eq!(decode("m%C3%BCller".as_bytes()), "m\u{fc}ller");
        assert_eq!(decode(b"a%20b+c%2Bd%"), "a b c+d%");
        assert_eq!(decode(b"%4"), "%4");
        assert_eq!(decode(b"%+4%%41"), "% 4%A");
    }

    #[tokio::test]
    async fn a_posted_form_is_read_whatever_type_it_says_it_has() {
        let form = b"userid=alice&seq=58213";
        for kind in [
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=ISO-8859-1",
            "Application/X-WWW-Form-Urlencoded;charset=utf-8",
            "text/plain",
            "",
        ] {
            let asked = asked("POST", "/x?device=SEP1", &[("content-type", kind)], form).await;
            assert_eq!(asked.parameter("USERID"), Some("alice"), "{kind:?}");
            assert_eq!(asked.parameter("device"), Some("SEP1"));
        }
        let xml = asked(
            "POST",
            "/x",
            &[],
            b" <request userid=\"eve\">&seq=1</request>",
        )
        .await;
        assert_eq!(xml.parameter("seq"), None);
    }

    #[tokio::test]
    async fn the_device_is_found_under_each_of_its_names() {
        for target in [
            "/x?device=SEP001122334455",
            "/x?DEVICE=sep001122334455",
            "/x?locale=English_United_States&name=SEP001122334455",
            "/x?DeviceName=SEP001122334455&EMCC=%23EMCC%23",
            "/x?device=%23DEVICENAME%23&locale=german&name=SEP001122334455",
            "/x?device=&name=+SEP001122334455",
            "http://embody:8080/x?name=SEP001122334455",
        ] {
            let device = asked("GET", target, &[], b"").await.device().unwrap();
            assert_eq!(device.unwrap().as_str(), "SEP001122334455", "{target}");
        }
        for target in [
            "/x",
            "/x?device=",
            "/x?device=%23DEVICENAME%23",
            "/x?device=#DEVICENAME#",
        ] {
            assert!(
                asked("GET", target, &[], b"").await.device().is_none(),
                "{target}"
            );
        }
        for target in ["/x?device=%00", "/x?device=..%2F..", "/x?device=SEP%2500"] {
            assert!(
                asked("GET", target, &[], b"")
                    .await
                    .device()
                    .unwrap()
                    .is_err(),
                "{target}"
            );
        }
    }

    #[tokio::test]
    async fn the_first_of_two_values_counts_and_too_many_are_not_looked_at() {
        let twice = asked("POST", "/x?userid=a", &[], b"userid=b").await;
        assert_eq!(twice.parameter("userid"), Some("a"));
        let many = "x=1&".repeat(PARAMETERS) + "userid=a";
        let many = asked("GET", &format!("/x?{many}"), &[], b"").await;
        assert_eq!(many.parameter("userid"), None);
    }

    #[tokio::test]
    async fn what_is_no_question_is_told_by_its_status() {
        let status = async |method, body: &[u8]| read(method, "/x", &[], body).await.err();
        assert_eq!(
            status("HEAD", b"").await,
            Some(StatusCode::METHOD_NOT_ALLOWED)
        );
        assert_eq!(
            status("PUT", b"").await,
            Some(StatusCode::METHOD_NOT_ALLOWED)
        );
        let large = vec![b'x'; BODY_LIMIT + 1];
        assert_eq!(
            status("POST", &large).await,
            Some(StatusCode::PAYLOAD_TOO_LARGE)
        );
        assert_eq!(status("POST", &large[1..]).await, None);
    }

    #[tokio::test]
    async fn large_bodies_share_a_room_and_forms_need_none_of_it() {
        let room = Arc::new(Semaphore::new(1));
        let large = || Body::from(vec![b'x'; 20_000]);
        let held = read_body(large(), &room).await.unwrap();
        let refused = read_body(large(), &room).await.err();
        assert_eq!(refused, Some(StatusCode::SERVICE_UNAVAILABLE));
        assert!(read_body(Body::from("userid=a"), &room).await.is_ok());
        drop(held);
        assert!(read_body(large(), &room).await.is_ok());
    }

    proptest! {
        #[test]
        fn any_bytes_are_pairs(bytes: Vec<u8>) {
            prop_assert!(read_pairs(&bytes).len() <= PARAMETERS);
        }

        #[test]
        fn what_a_form_encodes_is_read_back(name in "[a-z]{1,9}", value in "\\PC{0,40}") {
            let encoded = crate::emapi::encode_user_id(&value);
            let read = read_pairs(format!("{name}={encoded}").as_bytes());
            prop_assert_eq!(read, [(name, value)]);
        }

        #[test]
        fn latin1_bytes_are_letters(value in "[a-z\u{e0}-\u{f6}]{1,20}e") {
            let bytes: Vec<u8> = value.chars().map(|c| c as u8).collect();
            let raw = decode(&bytes);
            let utf8 = decode(value.as_bytes());
            prop_assert_eq!(&utf8, &value);
            // Some sequences of Latin-1 letters are UTF-8, too.
            prop_assert!(raw == value || std::str::from_utf8(&bytes).is_ok());
        }
    }
}
