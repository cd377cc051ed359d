//! HTTP as phones speak it: one request on a connection, and an answer that
//! says how long it is.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::fault::PageFault;
use super::net;
use super::phone::Phone;
use super::tftp::Fetched;

/// Largest head of an answer, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// An answer that is whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, its name in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Fetches a file of at most so many bytes as the 8800 series does: no header but `Host`, and no blank
/// before its value.
pub(super) async fn fetch(phone: &Phone, server: SocketAddr, name: &str, most: usize) -> Fetched {
    let path = name.trim_start_matches('/');
    let request = format!("GET /{path} HTTP/1.1\r\nHost:{server}\r\n\r\n");
    match exchange(phone, server, request.as_bytes(), most).await {
        Ok(answer) => match answer.status {
            200 => Fetched::File(answer.body),
            404 => Fetched::NotFound,
            status => Fetched::Refused(format!("HTTP {status}")),
        },
        Err(PageFault::Connection(_)) => Fetched::NoAnswer,
        Err(fault) => Fetched::Refused(fault.to_string()),
    }
}

/// Sends a request on a connection of its own and reads the answer to its end.
pub(super) async fn exchange(
    phone: &Phone,
    server: SocketAddr,
    request: &[u8],
    most: usize,
) -> Result<Answer, PageFault> {
    let patience = phone.pace.patience;
    let mut stream = net::connect(server, phone.servers.bind, patience)
        .await
        .map_err(|error| PageFault::Connection(error.to_string()))?;
    phone.shared.counters.http_requests.add();
    stream
        .write_all(request)
        .await
        .map_err(|error| PageFault::Connection(error.to_string()))?;
    let answer = read_answer(&mut stream, patience, most).await?;
    // The phone closes; what the server sends beyond the body nobody reads.
    let _ = stream.shutdown().await;
    Ok(answer)
}

async fn read_answer(
    stream: &mut TcpStream,
    patience: Duration,
    most: usize,
) -> Result<Answer, PageFault> {
    let mut bytes = Vec::with_capacity(2048);
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if bytes.len() > MAX_HEAD {
            return Err(PageFault::Http("the head is too large".to_owned()));
        }
        read_more(stream, &mut bytes, patience, "before the head ended").await?;
    };
    let body = bytes.split_off(head_end);
    let mut answer = read_head(&bytes)?;
    let length = body_length(&answer, most)?;
    answer.body = body;
    while answer.body.len() < length {
        read_more(
            stream,
            &mut answer.body,
            patience,
            "before the page was whole",
        )
        .await?;
    }
    answer.body.truncate(length);
    Ok(answer)
}

async fn read_more(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
    patience: Duration,
    when: &str,
) -> Result<(), PageFault> {
    let broken = |what: &str| PageFault::Connection(format!("{what} {when}"));
    match tokio::time::timeout(patience, stream.read_buf(bytes)).await {
        Err(_) => Err(broken("no answer")),
        Ok(Ok(0)) => Err(broken("the connection ended")),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(broken(&error.to_string())),
    }
}

fn read_head(head: &[u8]) -> Result<Answer, PageFault> {
    let malformed = || PageFault::Http("the answer is not HTTP".to_owned());
    let head = std::str::from_utf8(head).map_err(|_| malformed())?;
    let mut lines = head.split("\r\n");
    let mut start = lines.next().unwrap_or_default().split(' ');
    if !start
        .next()
        .is_some_and(|version| version.starts_with("HTTP/1."))
    {
        return Err(malformed());
    }
    let status = start
        .next()
        .and_then(|status| status.parse().ok())
        .ok_or_else(malformed)?;
    let mut headers = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(malformed)?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(Answer {
        status,
        headers,
        body: Vec::new(),
    })
}

/// Phones read no chunks and no compressed bodies, and need the length.
fn body_length(answer: &Answer, most: usize) -> Result<usize, PageFault> {
    for name in ["Transfer-Encoding", "Content-Encoding"] {
        if let Some(value) = answer.header(name) {
            return Err(PageFault::Http(format!("{name}: {value}")));
        }
    }
    let length: usize = answer
        .header("Content-Length")
        .ok_or_else(|| PageFault::Http("no Content-Length".to_owned()))?
        .parse()
        .map_err(|_| PageFault::Http("Content-Length is no number".to_owned()))?;
    if length > most {
        return Err(PageFault::Http(format!("{length} bytes: data too large")));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_head_is_read_and_its_length_believed() {
        let head = b"HTTP/1.0 200 OK\r\ncontent-length: 7\r\nX:y\r\n\r\n";
        let answer = read_head(head).expect("an answer");
        assert_eq!((answer.status, answer.header("x")), (200, Some("y")));
        assert_eq!(body_length(&answer, 10), Ok(7));
        assert!(body_length(&answer, 6).is_err());
    }

    proptest! {
        #[test]
        fn any_head_is_read_or_refused(bytes: Vec<u8>) {
            let _ = read_head(&bytes);
        }

        #[test]
        fn any_headers_are_judged(
            lines in proptest::collection::vec("[A-Za-z-]{0,20}:? ?[ -~]{0,20}", 0..6),
            length in "[0-9+-]{0,25}",
        ) {
            let head = format!(
                "HTTP/1.1 200 OK\r\n{}\r\nContent-Length: {length}\r\n\r\n",
                lines.join("\r\n")
            );
            if let Ok(answer) = read_head(head.as_bytes()) {
                prop_assert!(body_length(&answer, 4096).unwrap_or(0) <= 4096);
            }
        }
    }
}
