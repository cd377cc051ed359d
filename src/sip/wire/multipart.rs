//! Bodies of several parts: `multipart/mixed` (RFC 2046 section 5.1).

use bytes::{BufMut, Bytes, BytesMut};

use super::field::{Field, HeaderName, Headers};
use super::scan;
use super::values::MediaType;

/// Cisco's own boundary. None of the bodies that we write holds it.
pub const BOUNDARY: &str = "uniqueBoundary";

/// Phones combine at most six parts.
const MAX_PARTS: usize = 32;
const MAX_PART_HEADERS: usize = 32;

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The headers of the part.
    pub headers: Headers,
    /// The bytes between the empty line and the line end before the next boundary.
    pub body: Bytes,
}

impl Part {
    /// A part of one media type.
    pub fn new(content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut headers = Headers::new();
        headers.push(HeaderName::CONTENT_TYPE, content_type);
        Self {
            headers,
            body: body.into(),
        }
    }

    /// Its media type, when it says one.
    pub fn content_type(&self) -> Option<MediaType> {
        self.headers.content_type()
    }
}

/// Why a body cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    /// The media type names no boundary.
    #[error("the media type has no boundary")]
    NoBoundary,
    /// The boundary does not occur.
    #[error("the boundary does not occur in the body")]
    NoParts,
    /// More parts than anybody sends.
    #[error("the body has too many parts")]
    TooManyParts,
    /// A part header is malformed, or there are too many.
    #[error("the headers of a part are malformed")]
    Header,
}

/// The parts of a body, which is its own only part when it is not multipart.
pub fn parts(headers: &Headers, body: &Bytes) -> Result<Vec<Part>, MultipartError> {
    match headers.content_type() {
        Some(media) if media.essence.starts_with("multipart/") => {
            let boundary = media
                .params
                .value("boundary")
                .filter(|boundary| !boundary.is_empty())
                .ok_or(MultipartError::NoBoundary)?;
            split(body, boundary)
        }
        _ => Ok(vec![Part {
            headers: headers.clone(),
            body: body.clone(),
        }]),
    }
}

/// Takes a body apart at its boundary. The closing boundary may be missing or lack its line end, and lines may end
/// with LF: real phones do all of that.
pub fn split(body: &Bytes, boundary: &str) -> Result<Vec<Part>, MultipartError> {
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    let mut seen = false;
    let mut at = 0;
    while at < body.len() {
        let line_end = body
            .iter()
            .skip(at)
            .position(|byte| *byte == b'\n')
            .map_or(body.len(), |offset| at + offset + 1);
        let line = body.get(at..line_end).unwrap_or_default();
        let delimiter = delimiter(line, boundary);
        if delimiter != Delimiter::None {
            seen = true;
            if let Some(start) = open.take() {
                push_part(
                    &mut parts,
                    body.slice(start..before_line_end(body, start, at)),
                )?;
            }
            if delimiter == Delimiter::Close {
                return Ok(parts);
            }
            open = Some(line_end);
        }
        at = line_end;
    }
    if let Some(start) = open.filter(|start| *start < body.len()) {
        push_part(&mut parts, body.slice(start..))?;
    }
    if seen {
        Ok(parts)
    } else {
        Err(MultipartError::NoParts)
    }
}

#[derive(PartialEq, Eq)]
enum Delimiter {
    None,
    Open,
    Close,
}

fn delimiter(line: &[u8], boundary: &str) -> Delimiter {
    let rest = line
        .strip_prefix(b"--")
        .and_then(|rest| rest.strip_prefix(boundary.as_bytes()));
    match rest {
        Some(rest) if scan::trim(rest).is_empty() => Delimiter::Open,
        Some([b'-', b'-', ..]) => Delimiter::Close,
        _ => Delimiter::None,
    }
}

/// The line end before a boundary belongs to the boundary.
fn before_line_end(body: &[u8], start: usize, end: usize) -> usize {
    match body.get(start..end) {
        Some([.., b'\r', b'\n']) => end - 2,
        Some([.., b'\n']) => end - 1,
        _ => end,
    }
}

fn push_part(parts: &mut Vec<Part>, mut rest: Bytes) -> Result<(), MultipartError> {
    if parts.len() >= MAX_PARTS {
        return Err(MultipartError::TooManyParts);
    }
    let mut headers = Headers::new();
    while !rest.is_empty() {
        let line_end = rest.iter().position(|byte| *byte == b'\n');
        let line = rest.split_to(line_end.map_or(rest.len(), |at| at + 1));
        let line = line.slice_ref(scan::trim(&line));
        if line.is_empty() {
            break;
        }
        if headers.len() >= MAX_PART_HEADERS {
            return Err(MultipartError::Header);
        }
        headers.append(Field::from_line(line).ok_or(MultipartError::Header)?);
    }
    parts.push(Part {
        headers,
        body: rest,
    });
    Ok(())
}

/// Puts parts together, with [`BOUNDARY`] between.
pub fn join(parts: &[Part]) -> Bytes {
    let mut out = BytesMut::new();
    for part in parts {
        out.put_slice(format!("--{BOUNDARY}\r\n").as_bytes());
        for field in &part.headers {
            out.put_slice(field.line());
            out.put_slice(b"\r\n");
        }
        out.put_slice(b"\r\n");
        out.put_slice(&part.body);
        out.put_slice(b"\r\n");
    }
    out.put_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    out.freeze()
}

/// The Content-Type of what [`join`] makes.
pub fn joined_type() -> String {
    format!("multipart/mixed;boundary={BOUNDARY}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bodies(text: &'static str) -> Vec<String> {
        split(&Bytes::from_static(text.as_bytes()), "b")
            .unwrap()
            .iter()
            .map(|part| String::from_utf8(part.body.to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn parts_come_apart_and_together() {
        let parts = [
            Part::new("text/plain", "action=restart\r\n"),
            Part::new("application/octet-stream", &b"\x00--b\xff"[..]),
            Part::new("text/plain", ""),
        ];
        let body = join(&parts);
        assert_eq!(split(&body, BOUNDARY).unwrap(), parts);
        assert!(body.ends_with(b"\r\n--uniqueBoundary--\r\n"));
    }

    #[test]
    fn sloppy_ends_are_forgiven() {
        let one = "--b\r\nContent-Type: text/plain\r\n\r\none";
        assert_eq!(
            bodies("preamble\r\n--b\r\nContent-Type: text/plain\r\n\r\none\r\n--b--"),
            ["one"]
        );
        assert_eq!(bodies(one), ["one"]);
        assert_eq!(
            bodies("--b\n\none\n--b\n\ntwo\n--b--\nepilogue"),
            ["one", "two"]
        );
        assert_eq!(bodies("--b  \r\n\r\n--bc\r\n--b--"), ["--bc"]);
        assert_eq!(bodies("--b--"), Vec::<String>::new());
    }

    #[test]
    fn nonsense_is_refused() {
        let split = |text: &'static str| split(&Bytes::from_static(text.as_bytes()), "b");
        assert_eq!(split(""), Err(MultipartError::NoParts));
        assert_eq!(split("no boundary"), Err(MultipartError::NoParts));
        assert_eq!(
            split("--b\r\nno colon\r\n\r\nx"),
            Err(MultipartError::Header)
        );
        let many = "--b\r\n\r\n".repeat(40);
        assert_eq!(
            super::split(&Bytes::from(many), "b"),
            Err(MultipartError::TooManyParts)
        );
    }

    #[test]
    fn a_plain_body_is_its_own_part() {
        let mut headers = Headers::new();
        headers.push(HeaderName::CONTENT_TYPE, "text/plain");
        let body = Bytes::from_static(b"x");
        let found = parts(&headers, &body).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].content_type().unwrap().is("text/plain"));
        headers.set(HeaderName::CONTENT_TYPE, "multipart/mixed");
        assert_eq!(parts(&headers, &body), Err(MultipartError::NoBoundary));
    }
}
