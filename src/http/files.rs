//! Configuration files over HTTP (port 6970): the resolver's answers in HTTP.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{Method, Response, StatusCode, Uri, header};
use axum::routing::any;

use super::server::{AfterAnswer, Ends};
use crate::ports::{FileAnswer, FileRequest, FileService, FileSource};

/// The routes of the configuration port: every path is a file name.
pub fn router(source: Arc<dyn FileSource>) -> Router {
    Router::new().fallback(any(file)).with_state(source)
}

async fn file(
    State(source): State<Arc<dyn FileSource>>,
    Extension(ends): Extension<Ends>,
    Extension(after): Extension<AfterAnswer>,
    method: Method,
    uri: Uri,
) -> Response<Body> {
    if method != Method::GET && method != Method::HEAD {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "files are fetched with GET");
    }
    let Some(name) = percent_decode(uri.path()) else {
        return plain(StatusCode::BAD_REQUEST, "the name is not properly encoded");
    };
    let request = FileRequest {
        name,
        peer: ends.peer,
        local: ends.local,
        service: FileService::Http,
    };
    match source.fetch(&request) {
        FileAnswer::Found { body, ticket } => {
            if method == Method::HEAD {
                return found(body.len(), Body::empty());
            }
            after.then(move || source.delivered(&request, ticket));
            found(body.len(), Body::from(body))
        }
        FileAnswer::NotFound => plain(StatusCode::NOT_FOUND, "File not found"),
        FileAnswer::Refused(why) => plain(StatusCode::FORBIDDEN, why),
        FileAnswer::Busy => plain(StatusCode::SERVICE_UNAVAILABLE, "Busy, please try again"),
    }
}

/// The headers CallManager sends, and no others.
fn found(length: usize, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
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
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/plain"),
    );
    response
}

/// Decodes `%XX` once; `None` for a broken escape.
pub(super) fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(bytes.next())? * 16 + digit(bytes.next())?;
        out.push(u8::try_from(value).ok()?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_once() {
        assert_eq!(percent_decode("/a%20b").as_deref(), Some(&b"/a b"[..]));
        assert_eq!(percent_decode("/%252e").as_deref(), Some(&b"/%2e"[..]));
        assert_eq!(percent_decode("/%00").as_deref(), Some(&b"/\0"[..]));
        assert_eq!(percent_decode("/%4"), None);
        assert_eq!(percent_decode("/%zz"), None);
    }
}
