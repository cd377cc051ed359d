//! Errors as `application/problem+json` (RFC 9457).

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::mobility::{CutShort, Refusal};
use crate::ports::StoreError;

/// What went wrong, for the operator.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    code: Option<u16>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            code: None,
        }
    }

    /// What went wrong, alone.
    pub(super) fn into_detail(self) -> String {
        self.detail
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "a bearer token is needed; it is in run.json in the data folder",
        )
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::DeviceUnknown(_) | Refusal::UserUnknown | Refusal::ProfileUnknown { .. } => {
                StatusCode::NOT_FOUND
            }
            Refusal::NotHimself(_) => StatusCode::FORBIDDEN,
            Refusal::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::CONFLICT,
        };
        Self {
            status,
            detail: refusal.to_string(),
            code: Some(refusal.service_code()),
        }
    }
}

/// What was ordered before stays ordered: the operator must know.
impl From<CutShort> for Problem {
    fn from(cut: CutShort) -> Self {
        let detail = cut.to_string();
        Self {
            detail,
            ..Self::from(cut.why)
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

/// The most of another error's text that becomes a detail, bytes.
const DETAIL: usize = 4 * 1024;

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Errors that the framework worded (a body that is no JSON, a method that a
/// resource does not have) become problems, too; their headers stay.
pub(super) async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.headers().get(header::CONTENT_TYPE) == Some(&PROBLEM) {
        return response;
    }
    let (head, body) = response.into_parts();
    let text = to_bytes(body, DETAIL).await.unwrap_or_default();
    let detail = match String::from_utf8_lossy(&text).trim() {
        "" => "the request cannot be answered this way".to_owned(),
        text => text.to_owned(),
    };
    let (mut problem, body) = Problem::new(status, detail).into_response().into_parts();
    for (name, value) in &head.headers {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
            problem.headers.append(name, value.clone());
        }
    }
    Response::from_parts(problem, Body::new(body))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let (Some(code), Some(object)) = (self.code, body.as_object_mut()) {
            object.insert("code".into(), code.into());
        }
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM);
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn orders_that_were_cut_short_tell_the_operator_how_far_they_went() {
        let problem = Problem::from(CutShort {
            ordered: 250,
            of: 700,
            why: Refusal::Store(StoreError::Stopped),
        });
        let response = problem.into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = to_bytes(response.into_body(), DETAIL).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            body["detail"],
            "250 of 700 phones were ordered, then it failed: the store has stopped"
        );
    }
}
