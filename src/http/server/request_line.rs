//! Request lines as some programs write them: with raw `<`, `>` and blanks in
//! the query. No URI may hold these, and hyper refuses the whole request;
//! Cisco's servers took it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest request line that is looked at, bytes. What is longer passes as
/// it is, to be refused by its length.
const LONGEST: usize = super::LARGEST_HEAD;

/// Octets that are read at one time while the line is not whole.
const PIECE: usize = 4096;

/// A stream whose first request line is one, once it has been read. Later
/// requests of the same connection pass as they are.
pub(super) struct Mended<S> {
    stream: S,
    state: State,
}

enum State {
    /// What came of the first line so far.
    Line(Vec<u8>),
    /// What is still to be handed on.
    Kept(Vec<u8>, usize),
    /// Everything was handed on.
    Through,
}

impl<S> Mended<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            state: State::Line(Vec::new()),
        }
    }
}

/// The head's beginning with a first line that is a request line, if that can
/// be; `None` while the line is not whole.
fn mended(head: &[u8]) -> Option<Vec<u8>> {
    // Empty lines before it are allowed (RFC 9112, 2.2).
    let begin = head.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    let Some(begin) = begin else {
        return (head.len() > LONGEST).then(|| head.to_vec());
    };
    let length = head[begin..].iter().position(|byte| *byte == b'\n');
    let Some(length) = length else {
        return (head.len() > LONGEST).then(|| head.to_vec());
    };
    let (line, rest) = head[begin..].split_at(length);
    let Some(query) =
        query(line).filter(|(from, to)| line[*from..*to].iter().any(|byte| unfit(*byte)))
    else {
        return Some(head.to_vec());
    };
    let mut whole = Vec::with_capacity(head.len() + 64);
    whole.extend_from_slice(&line[..query.0]);
    for byte in &line[query.0..query.1] {
        match byte {
            b'<' => whole.extend_from_slice(b"%3C"),
            b'>' => whole.extend_from_slice(b"%3E"),
            b' ' => whole.extend_from_slice(b"%20"),
            b'"' => whole.extend_from_slice(b"%22"),
            other => whole.push(*other),
        }
    }
    whole.extend_from_slice(&line[query.1..]);
    whole.extend_from_slice(rest);
    Some(whole)
}

/// Where the query of a request line begins and ends.
fn query(line: &[u8]) -> Option<(usize, usize)> {
    let begin = line.iter().position(|byte| *byte == b'?')? + 1;
    let end = line.windows(6).rposition(|six| six == b" HTTP/")?;
    (begin <= end).then_some((begin, end))
}

fn unfit(byte: u8) -> bool {
    matches!(byte, b'<' | b'>' | b' ' | b'"')
}

impl<S: AsyncRead + Unpin> AsyncRead for Mended<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Through => return Pin::new(&mut this.stream).poll_read(cx, into),
                State::Kept(bytes, given) => {
                    let left = bytes.get(*given..).unwrap_or_default();
                    let count = left.len().min(into.remaining());
                    into.put_slice(&left[..count]);
                    *given += count;
                    if *given == bytes.len() {
                        this.state = State::Through;
                    }
                    return Poll::Ready(Ok(()));
                }
                State::Line(head) => {
                    let mut piece = [0; PIECE];
                    let mut piece = ReadBuf::new(&mut piece);
                    ready!(Pin::new(&mut this.stream).poll_read(cx, &mut piece))?;
                    head.extend_from_slice(piece.filled());
                    let over = piece.filled().is_empty();
                    if let Some(bytes) = mended(head) {
                        this.state = State::Kept(bytes, 0);
                    } else if over && head.is_empty() {
                        this.state = State::Through;
                        return Poll::Ready(Ok(()));
                    } else if over {
                        this.state = State::Kept(std::mem::take(head), 0);
                    }
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Mended<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use tokio::io::AsyncReadExt;

    use super::*;

    fn line(text: &str) -> String {
        String::from_utf8(mended(text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn raw_xml_in_a_query_is_encoded() {
        assert_eq!(
            line("GET /e?xml=<query><a b=\"c d\"/></query> HTTP/1.1\r\nHost: <x>\r\n\r\n"),
            "GET /e?xml=%3Cquery%3E%3Ca%20b=%22c%20d%22/%3E%3C/query%3E HTTP/1.1\r\n\
             Host: <x>\r\n\r\n"
        );
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in [
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "\r\nGET /a?b=c HTTP/1.1\r\n",
            "GET /<a> HTTP/1.1\r\n",
            "GET /a?<b>\r\n",
            "GET /a HTTP/1.1\r\nGET /a?<b> HTTP/1.1\r\n",
            "? HTTP/\r\n",
            "\r\n\r\n",
        ] {
            assert_eq!(
                mended(text.as_bytes()).map_or(text.into(), |b| b),
                text.as_bytes()
            );
        }
        assert_eq!(mended(b"GET /a?<b> HTTP/1.1\r"), None, "not whole yet");
    }

    proptest! {
        #[test]
        fn bytes_come_through_whole_however_they_are_cut(
            bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 1usize..40,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let read = runtime.block_on(async {
                let (mut near, far) = tokio::io::duplex(cut);
                let sent = bytes.clone();
                let sending = async move {
                    let _ = tokio::io::AsyncWriteExt::write_all(&mut near, &sent).await;
                };
                let mut read = Vec::new();
                let mut stream = Mended::new(far);
                let reading = stream.read_to_end(&mut read);
                let ((), count) = tokio::join!(sending, reading);
                count.unwrap();
                read
            });
            prop_assert_eq!(read, mended(&bytes).unwrap_or(bytes));
        }
    }
}
