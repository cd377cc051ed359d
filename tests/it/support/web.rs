//! HTTP as bytes: what a test sends is what the daemon reads.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer that is whole.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends these bytes on a connection of their own and reads until the daemon
/// ends it.
pub fn bytes(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    // An end for what hangs; nothing is measured by it.
    let patience = Some(Duration::from_secs(40));
    stream.set_read_timeout(patience).unwrap();
    // A daemon that has heard enough may close before all is said.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// As [`bytes`], for exactly one answer, which must be one that phones read:
/// with its length, in one piece, unpacked, from here.
pub fn ask(address: SocketAddr, request: &str) -> Answer {
    let bytes = bytes(address, request.as_bytes());
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let at = at.unwrap_or_else(|| panic!("no answer to {request:?}"));
    let answer = Answer {
        head: String::from_utf8(bytes[..at].to_vec()).unwrap(),
        status: std::str::from_utf8(&bytes[9..12]).unwrap().parse().unwrap(),
        body: bytes[at + 4..].to_vec(),
    };
    for name in [
        "Transfer-Encoding",
        "Content-Encoding",
        "Location",
        "Trailer",
    ] {
        assert_eq!(answer.header(name), None, "{request}: {}", answer.head);
    }
    let length = answer.header("Content-Length").unwrap_or("none");
    assert_eq!(length, answer.body.len().to_string(), "{request}");
    answer
}
