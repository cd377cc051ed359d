//! The client of the admin API: finds the daemon by its data folder.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, header};
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

    /// Reads a resource that goes on: server-sent events (WHATWG HTML).
    pub(super) async fn follow(&self, path: &str) -> Result<Blocks, String> {
        let response = self.send(Method::GET, path, None).await?;
        if response.status().is_success() {
            return Ok(Blocks {
                body: response.into_body(),
                read: Vec::new(),
            });
        }
        match self.whole(response).await {
            Ok(_) => Err("the answer is odd".to_owned()),
            Err(detail) => Err(detail),
        }
    }

    fn away(&self, error: &dyn std::fmt::Display) -> String {
        format!(
            "the daemon does not answer on {} ({error}); does it run?",
            self.authority
        )
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Bytes, String> {
        let response = self.send(method, path, body).await?;
        self.whole(response).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response<Incoming>, String> {
        let away = |error: &dyn std::fmt::Display| self.away(error);
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
        tokio::time::timeout(PATIENCE, sender.send_request(request))
            .await
            .map_err(|_| format!("the daemon on {} does not answer in time", self.authority))?
            .map_err(|error| away(&error))
    }

    /// The answer, or what it says went wrong.
    async fn whole(&self, response: Response<Incoming>) -> Result<Bytes, String> {
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_LIMIT)
            .collect()
            .await
            .map_err(|error| self.away(&error))?
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

/// The most of one event that is kept, bytes.
const BLOCK_LIMIT: usize = 1024 * 1024;

/// Server-sent events, read one by one.
pub(super) struct Blocks {
    body: Incoming,
    read: Vec<u8>,
}

impl Blocks {
    /// The name and the data of the next event; `None` when the daemon ended
    /// the stream. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some(at) = self.read.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.read.drain(..at + 2).collect();
                if let Some(event) = event(&String::from_utf8_lossy(&block)) {
                    return Some(event);
                }
            }
            if self.read.len() > BLOCK_LIMIT {
                return None;
            }
            let frame = self.body.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.read.extend_from_slice(&data);
            }
        }
    }
}

/// One event; `None` for a line that only keeps the connection alive.
fn event(block: &str) -> Option<(String, Value)> {
    let of = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
    let data = serde_json::from_str(of("data:")?.trim()).ok()?;
    Some((of("event:")?.trim().to_owned(), data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_and_signs_of_life_passed_over() {
        assert_eq!(event(":\n\n"), None);
        let read = event("event: converged\ndata: {\"at\": 1}\n\n");
        assert_eq!(
            read,
            Some(("converged".to_owned(), serde_json::json!({"at": 1})))
        );
        assert_eq!(event("event: x\ndata: {\n\n"), None);
    }
}
