//! A request of a phone or an application, read leniently.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use bytes::Bytes;

use crate::http::server::{AfterAnswer, Ends};
use crate::model::DeviceName;

/// The most that a body may hold, bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// How long a body may take.
const BODY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

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
}

impl Asked {
    /// Reads a request; the error is the status to answer.
    pub(super) async fn read(request: Request) -> Result<Self, StatusCode> {
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
        let body = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, BODY_LIMIT))
            .await
            .map_err(|_| StatusCode::REQUEST_TIMEOUT)?
            .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
        let query = head.uri.query().unwrap_or_default().to_owned();
        let mut parameters = read_pairs(query.as_bytes());
        let form = head
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if form {
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
        })
    }

    /// A parameter by name, without regard to case; the first counts.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
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
    use super::*;

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
    }
}
