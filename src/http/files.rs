//! Configuration files over HTTP (port 6970) and HTTPS (6971): the resolver's
//! answers in HTTP.
//!
//! A download that broke off may be taken up again where it was (one range,
//! RFC 9110 section 14), but not that of a phone's own file: that went out
//! whole or not at all, or nobody knew what the phone holds. Nothing is cached
//! on the way, and no answer depends on what the asker has.

mod range;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use axum::routing::any;
use bytes::Bytes;

use super::server::{AfterAnswer, Ends};
use crate::ports::{FileAnswer, FileRequest, FileService, FileSource, NO_TICKET};
use range::Wanted;

const CLOSE: header::HeaderValue = header::HeaderValue::from_static("close");

/// The routes of a configuration port: every path is a file name.
pub fn router(source: Arc<dyn FileSource>, service: FileService) -> Router {
    Router::new()
        .fallback(any(file))
        .with_state((source, service))
}

async fn file(
    State((source, service)): State<(Arc<dyn FileSource>, FileService)>,
    Extension(ends): Extension<Ends>,
    Extension(after): Extension<AfterAnswer>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    if method != Method::GET && method != Method::HEAD {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "files are fetched with GET");
        let methods = header::HeaderValue::from_static("GET, HEAD");
        refused.headers_mut().insert(header::ALLOW, methods);
        return refused;
    }
    // As it came: the resolver decodes and judges names.
    let request = FileRequest {
        name: uri.path().as_bytes().to_vec(),
        peer: ends.peer,
        local: ends.local,
        service,
    };
    match source.fetch(&request) {
        FileAnswer::Found { body, ticket } => {
            if method == Method::HEAD {
                return found(body.len(), Body::empty());
            }
            if ticket == NO_TICKET
                && let Some(part) = some_of(&headers, &body)
            {
                return part;
            }
            after.then(move || source.delivered(&request, ticket));
            found(body.len(), Body::from(body))
        }
        FileAnswer::NotFound => plain(StatusCode::NOT_FOUND, "File not found"),
        FileAnswer::Refused(why) => plain(StatusCode::FORBIDDEN, why),
        FileAnswer::Busy => plain(StatusCode::SERVICE_UNAVAILABLE, "Busy, please try again"),
    }
}

/// The part that is asked for, when one is (RFC 9110, sections 15.3.7 and
/// 15.5.17).
fn some_of(headers: &HeaderMap, body: &Bytes) -> Option<Response<Body>> {
    // A condition (section 13.1.5) cannot be met: there is nothing to compare.
    let mut asked = headers.get_all(header::RANGE).iter();
    let (Some(one), None, false) = (
        asked.next(),
        asked.next(),
        headers.contains_key(header::IF_RANGE),
    ) else {
        return None;
    };
    let length = body.len();
    let (status, content, told) = match Wanted::of(one.as_bytes(), length) {
        Wanted::All => return None,
        Wanted::Nothing => (
            StatusCode::RANGE_NOT_SATISFIABLE,
            Bytes::new(),
            format!("bytes */{length}"),
        ),
        Wanted::Part(part) => (
            StatusCode::PARTIAL_CONTENT,
            body.slice(part.clone()),
            format!(
                "bytes {}-{}/{length}",
                part.start,
                part.end.saturating_sub(1)
            ),
        ),
    };
    let mut response = found(content.len(), Body::from(content));
    *response.status_mut() = status;
    // Digits and ASCII words are a header value.
    if let Ok(told) = header::HeaderValue::from_str(&told) {
        response.headers_mut().insert(header::CONTENT_RANGE, told);
    }
    Some(response)
}

/// The headers CallManager sends, and no others.
fn found(length: usize, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    // Phones ask one file a connection; its end tells that the file has left.
    headers.insert(header::CONNECTION, CLOSE);
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("*/*"),
    );
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let kind = header::HeaderValue::from_static("text/plain");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONNECTION, CLOSE);
    response
}
