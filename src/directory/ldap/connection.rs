//! One connection to a directory server: one operation at a time.
//!
//! Nothing here is bounded in time: who uses it drops it at his deadline, and
//! with it the connection.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::wire::{
    self, Entry, Message, Outcome, Response, Search, WireError, message_length, read_message,
};

/// The most messages that may answer one request: two entries, references to
/// elsewhere, the end.
const MOST_ANSWERS: usize = 64;

/// A connection that can no longer be used, and why.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The network.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The server closed it.
    #[error("it closed the connection")]
    Closed,
    /// The server said that it closes it.
    #[error("it closes the connection: {}", shortened(.0))]
    Notice(Outcome),
    /// What came is not LDAP.
    #[error("{0}")]
    Wire(#[from] WireError),
    /// What came answers something else.
    #[error("it answers what it was not asked")]
    OutOfOrder,
    /// TLS was asked for and is not there.
    #[error("it does not begin TLS: {}", shortened(.0))]
    NoTls(Outcome),
    /// Bytes in clear after TLS was agreed on.
    #[error("it sent something in clear where TLS had to begin")]
    BeforeTls,
}

/// The server's words for a line of log.
pub(super) fn shortened(outcome: &Outcome) -> String {
    let words: String = outcome
        .text
        .chars()
        .filter(|c| !c.is_control())
        .take(160)
        .collect();
    match words.trim() {
        "" => format!("result {}", outcome.code),
        words => format!("result {}, {words}", outcome.code),
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// How TLS begins.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
    /// After a request in clear, on the port of LDAP.
    pub(super) start: bool,
}

/// A connection.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
    last_id: u32,
    /// Whether the last bind was the one of Embody itself.
    pub(super) as_service: bool,
}

impl Connection {
    /// Opens one.
    pub(super) async fn open(host: &str, port: u16, tls: Option<&Tls>) -> Result<Self, Broken> {
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = tls else {
            return Ok(Self::over(stream));
        };
        let stream = if tls.start {
            start_tls(stream).await?
        } else {
            stream
        };
        let connector = TlsConnector::from(Arc::clone(&tls.config));
        let stream = connector.connect(tls.name.clone(), stream).await?;
        Ok(Self::over(stream))
    }

    fn over(stream: impl Stream + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            buffer: Vec::new(),
            last_id: 0,
            as_service: false,
        }
    }

    /// Binds.
    pub(super) async fn bind(&mut self, dn: &str, password: &str) -> Result<Outcome, Broken> {
        self.as_service = false;
        let id = self.next_id();
        let request = wire::bind_request(id, dn, password);
        self.send(&request).await?;
        match self.receive(id).await? {
            Response::Bind(outcome) => Ok(outcome),
            _ => Err(Broken::OutOfOrder),
        }
    }

    /// Searches: the entries, at most a few more than asked for, and how it
    /// ended.
    pub(super) async fn search(
        &mut self,
        search: Search<'_>,
    ) -> Result<(Vec<Entry>, Outcome), Broken> {
        let id = self.next_id();
        self.send(&wire::search_request(id, search)).await?;
        let mut entries = Vec::new();
        for _ in 0..MOST_ANSWERS {
            match self.receive(id).await? {
                Response::Entry(entry) => entries.push(entry),
                Response::Reference | Response::Intermediate => {}
                Response::SearchDone(outcome) => return Ok((entries, outcome)),
                Response::Bind(_) | Response::Extended(_) => return Err(Broken::OutOfOrder),
            }
        }
        Err(Broken::OutOfOrder)
    }

    /// Says good bye, as far as it can be said at once.
    pub(super) async fn close(mut self) {
        let request = wire::unbind_request(self.next_id());
        let _ = self.send(&request).await;
        let _ = self.stream.shutdown().await;
    }

    fn next_id(&mut self) -> u32 {
        // 0 belongs to the server, and 2^31 is no id any more.
        self.last_id = self.last_id % 0x7fff_ffff + 1;
        self.last_id
    }

    async fn send(&mut self, request: &[u8]) -> Result<(), Broken> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        Ok(())
    }

    async fn receive(&mut self, id: u32) -> Result<Response, Broken> {
        let message = receive(&mut self.stream, &mut self.buffer).await?;
        match message {
            Message {
                id: 0,
                response: Response::Extended(outcome),
            } => Err(Broken::Notice(outcome)),
            Message { id: of, response } if of == id => Ok(response),
            _ => Err(Broken::OutOfOrder),
        }
    }
}

/// Reads the next message; what came with it stays in the buffer.
async fn receive(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> Result<Message, Broken> {
    loop {
        if let Some(length) = message_length(buffer)?
            && let Some(bytes) = buffer.get(..length)
        {
            let message = read_message(bytes)?;
            buffer.drain(..length);
            return Ok(message);
        }
        // A message has an end, and so has the buffer: `message_length`.
        if stream.read_buf(buffer).await? == 0 {
            return Err(Broken::Closed);
        }
    }
}

/// Asks for TLS in clear. What the server sends before it begins would be
/// taken for its word under TLS: there must be nothing.
async fn start_tls(mut stream: TcpStream) -> Result<TcpStream, Broken> {
    const ID: u32 = 1;
    stream.write_all(&wire::start_tls_request(ID)).await?;
    let mut buffer = Vec::new();
    match receive(&mut stream, &mut buffer).await? {
        Message {
            id: ID,
            response: Response::Extended(Outcome { code: 0, .. }),
        } if buffer.is_empty() => Ok(stream),
        Message {
            id: ID,
            response: Response::Extended(outcome),
        } if outcome.code != 0 => Err(Broken::NoTls(outcome)),
        Message {
            response: Response::Extended(_),
            ..
        } => Err(Broken::BeforeTls),
        _ => Err(Broken::OutOfOrder),
    }
}
