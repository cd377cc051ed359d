//! The client of the admin API: finds the daemon by its data folder.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::Daemon;
use crate::app::RunFile;

/// The most that an answer may hold, bytes.
const ANSWER_LIMIT: usize = 256 * 1024 * 1024;

/// How long an answer may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

/// A daemon that was found.
pub(super) struct Client {
    token: String,
    authority: String,
}

impl Client {
    /// Finds the daemon of a data folder.
    pub(super) fn find(daemon: &Daemon) -> Result<Self, String> {
        let run = RunFile::read(&daemon.data)?;
        let admin = run
            .admin
            .ok_or("the daemon's admin port is off ([listen] admin_http)")?;
        let authority = admin.trim_start_matches("http://").to_owned();
        Ok(Self {
            token: run.token,
            authority,
        })
    }

    /// GETs a resource as JSON.
    pub(super) async fn get(&self, path: &str) -> Result<Value, String> {
        let bytes = self.call(Method::GET, path, None).await?;
        serde_json::from_slice(&bytes).map_err(|error| format!("the answer is odd: {error}"))
    }

    /// GETs a resource as text.
    pub(super) async fn text(&self, path: &str) -> Result<String, String> {
        let bytes = self.call(Method::GET, path, None).await?;
        String::from_utf8(bytes.to_vec()).map_err(|error| format!("the answer is odd: {error}"))
    }

    /// GETs a resource as it is.
    pub(super) async fn bytes(&self, path: &str) -> Result<Bytes, String> {
        self.call(Method::GET, path, None).await
    }

    /// POSTs JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let bytes = self.call(Method::POST, path, Some(body)).await?;
        serde_json::from_slice(&bytes).map_err(|error| format!("the answer is odd: {error}"))
    }

    /// PUTs JSON.
    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, String> {
        let bytes = self.call(Method::PUT, path, Some(body)).await?;
        serde_json::from_slice(&bytes).map_err(|error| format!("the answer is odd: {error}"))
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Bytes, String> {
        let away = |error: &dyn std::fmt::Display| {
            format!(
                "the daemon does not answer on {} ({error}); does it run?",
                self.authority
            )
        };
        let stream = TcpStream::connect(&self.authority)
            .await
            .map_err(|error| away(&error))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| away(&error))?;
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::HOST, &self.authority)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(
                body.map(ToString::to_string).unwrap_or_default(),
            )))
            .map_err(|error| format!("the request cannot be made: {error}"))?;
        let response = tokio::time::timeout(PATIENCE, sender.send_request(request))
            .await
            .map_err(|_| format!("the daemon on {} does not answer in time", self.authority))?
            .map_err(|error| away(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_LIMIT)
            .collect()
            .await
            .map_err(|error| away(&error))?
            .to_bytes();
        if status.is_success() {
            return Ok(body);
        }
        let detail = serde_json::from_slice::<Value>(&body)
            .ok()
            .and_then(|problem| problem["detail"].as_str().map(str::to_owned))
            .unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned());
        Err(detail)
    }
}
