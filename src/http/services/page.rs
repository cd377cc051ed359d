//! Pages out: the headers that phones honour, and answers that are no pages.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use super::look::Look;
use super::pages::Page;

/// A date in the past, after 1970: the page is not put on the URL stack, so
/// Back does not submit again.
const PAST: HeaderValue = HeaderValue::from_static("Thu, 26 Oct 1995 00:00:00 GMT");

/// The page as this phone reads it.
pub(super) fn show(look: &Look, page: &Page) -> Response<Body> {
    let body = page.object(look).to_bytes(look.charset);
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(look.charset.content_type()),
    );
    headers.insert(header::EXPIRES, PAST);
    // One request a connection: its end tells that the page has left.
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A plain answer.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// What is no question to any service. Of these a phone shows no more than
/// *HTTP Error*; the words are for people with other clients.
pub(super) fn error(status: StatusCode) -> Response<Body> {
    let text = match status {
        StatusCode::NOT_FOUND => "There is no such service",
        StatusCode::METHOD_NOT_ALLOWED => "Services are asked with GET or POST",
        StatusCode::REQUEST_TIMEOUT => "The request did not come in time",
        StatusCode::PAYLOAD_TOO_LARGE => "The request is too large",
        StatusCode::SERVICE_UNAVAILABLE => "Busy, please try again",
        _ => "The request cannot be understood",
    };
    let mut response = plain(status, text);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let methods = HeaderValue::from_static("GET, POST");
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}
