//! An HTTP client as phones are: a connection for a file, the answer's length
//! given, everything verified.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::measure::{Ended, Operation, Seen};
use crate::stopwatch::now;
use crate::tftp::{File, address};

/// Connects from an address.
pub async fn connect(from: Ipv4Addr, server: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let stream = socket.connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// One connection, and what is read ahead of it.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, by its place in the buffer.
pub struct Answer<'a> {
    pub head: &'a str,
    pub body: &'a [u8],
}

impl Connection {
    pub async fn open(from: Ipv4Addr, server: SocketAddr) -> std::io::Result<Self> {
        Ok(Self {
            stream: connect(from, server).await?,
            buffer: Vec::with_capacity(32 * 1024),
        })
    }

    /// One request and its whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> std::io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (head, end) = loop {
            if let Some(head) = head_of(&self.buffer) {
                let end = head + length_of(self.buffer.get(..head).unwrap_or_default());
                if self.buffer.len() >= end {
                    break (head, end);
                }
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        };
        let (head, body) = self.buffer.split_at(head);
        Ok(Answer {
            head: std::str::from_utf8(head).unwrap_or_default(),
            body: body.get(..end - head.len()).unwrap_or_default(),
        })
    }

    /// Waits for the server to close.
    pub async fn closed(mut self) -> std::io::Result<()> {
        while self.stream.read_buf(&mut self.buffer).await? > 0 {}
        Ok(())
    }
}

fn head_of(bytes: &[u8]) -> Option<usize> {
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(at + 4)
}

fn length_of(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    head.lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0)
}

fn request(file: &File, server: SocketAddr, close: bool) -> String {
    let connection = if close { "Connection: close\r\n" } else { "" };
    format!(
        "GET /{} HTTP/1.1\r\nHost:{server}\r\n{connection}\r\n",
        file.name
    )
}

fn judge(answer: &Answer<'_>, file: &File) -> Ended {
    let status = answer.head.get(9..12).unwrap_or_default();
    match &file.body {
        Some(body) if status == "200" && answer.body == body => Ended::Well,
        None if status == "404" => Ended::Well,
        _ => Ended::Wrong(format!("{}: {}", file.name, answer.head)),
    }
}

/// One file over a connection of its own.
pub async fn fetch(from: Ipv4Addr, server: SocketAddr, file: &File) -> Operation {
    let begun = now();
    let one = async {
        let mut connection = Connection::open(from, server).await?;
        let answer = connection
            .exchange(request(file, server, true).as_bytes())
            .await?;
        let ended = judge(&answer, file);
        connection.closed().await?;
        Ok::<_, std::io::Error>(ended)
    };
    let ended = one
        .await
        .unwrap_or_else(|error| Ended::Wrong(error.to_string()));
    Operation::since(begun, ended)
}

/// The body of a file, for preparations.
pub async fn download(server: SocketAddr, name: &str) -> Option<Vec<u8>> {
    let mut connection = Connection::open(Ipv4Addr::LOCALHOST, server).await.ok()?;
    let request = format!("GET /{name} HTTP/1.1\r\nHost:{server}\r\n\r\n");
    let answer = connection.exchange(request.as_bytes()).await.ok()?;
    answer
        .head
        .starts_with("HTTP/1.1 200")
        .then(|| answer.body.to_vec())
}

/// What one client does until a time: a connection for each file.
pub async fn client(
    number: usize,
    until: Instant,
    server: SocketAddr,
    files: Arc<Vec<File>>,
) -> Seen {
    let mut seen = Seen::default();
    let mut next = number;
    while now() < until {
        if let Some(file) = files.get(next % files.len()) {
            seen.count(fetch(address(number), server, file).await);
        }
        next += 7;
    }
    seen
}

/// The same over one connection for as long as the server keeps it.
pub async fn keeping_client(
    number: usize,
    until: Instant,
    server: SocketAddr,
    files: Arc<Vec<File>>,
) -> Seen {
    let mut seen = Seen::default();
    let mut next = number;
    let mut kept: Option<Connection> = None;
    while now() < until {
        let Some(file) = files.get(next % files.len()) else {
            break;
        };
        next += 7;
        let begun = now();
        let one = async {
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => Connection::open(address(number), server).await?,
            };
            let answer = connection
                .exchange(request(file, server, false).as_bytes())
                .await?;
            let ended = judge(&answer, file);
            let closes = answer
                .head
                .to_ascii_lowercase()
                .contains("connection: close");
            if !closes {
                kept = Some(connection);
            }
            Ok::<_, std::io::Error>(ended)
        };
        let ended = one
            .await
            .unwrap_or_else(|error| Ended::Wrong(error.to_string()));
        seen.count(Operation::since(begun, ended));
    }
    seen
}
