//! Configuration files over HTTP (port 6970) and HTTPS (6971): the resolver's
//! answers in HTTP.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{Method, Response, StatusCode, Uri, header};
use axum::routing::any;

use super::server::{AfterAnswer, Ends};
use crate::ports::{FileAnswer, FileRequest, FileService, FileSource};

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
