//! A plain client of the admin API.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

/// A client with the token of a data folder.
pub struct Admin {
    address: SocketAddr,
    token: String,
}

impl Admin {
    pub fn of(data: &Path) -> Self {
        let text = std::fs::read_to_string(data.join("run.json")).unwrap();
        let run: Value = serde_json::from_str(&text).unwrap();
        let admin = run["admin"].as_str().unwrap().trim_start_matches("http://");
        Self {
            address: admin.parse().unwrap(),
            token: run["token"].as_str().unwrap().to_owned(),
        }
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, "")
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call("POST", path, &body.to_string())
    }

    pub fn call(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: embody\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.token,
            body.len()
        );
        let (status, text) = exchange(self.address, request.as_bytes()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (status, json)
    }
}

/// Whether `/readyz` says 200.
pub fn ready(address: SocketAddr) -> bool {
    let request = b"GET /readyz HTTP/1.1\r\nHost: embody\r\nConnection: close\r\n\r\n";
    exchange(address, request).is_ok_and(|(status, _)| status == 200)
}

/// One HTTP exchange: status and body.
pub fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    let body = text
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default();
    Ok((status, body))
}
