//! Messages out of a stream (RFC 3261 section 18.3).
//!
//! Phones put several messages into one segment, and one message into several; keepalives of CRLF CRLF stand
//! between them (RFC 5626 section 4.4.1).

use std::io;

use bytes::{Buf, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use super::error::{ParseError, ParseErrorKind};
use super::message::Message;
use super::parse::{Head, Limits, head_end};

/// What stands in a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A message.
    Message(Message),
    /// A message that cannot be used but whose end is known: it may be answered, and the stream goes on.
    Malformed(ParseError),
    /// CRLF CRLF, to be answered with one CRLF.
    Ping,
}

/// After this the end of the message in the stream is unknown: answer if that is possible, then close.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The stream itself failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The stream holds something that has no known end.
    #[error(transparent)]
    Parse(#[from] ParseError),
}

/// Cuts a stream into messages. It never keeps more than one head and one body within its [`Limits`].
///
/// A message without Content-Length has no body when it has no Content-Type either; with one it is an error, since
/// nothing then tells where the body ends.
#[derive(Debug, Default)]
pub struct Framer {
    limits: Limits,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Before the end of a head; up to `scanned` there is no empty line.
    Head { scanned: usize },
    /// A head is read, its body is awaited.
    Body { head: Box<Head>, length: usize },
}

impl Default for State {
    fn default() -> Self {
        Self::Head { scanned: 0 }
    }
}

impl Framer {
    /// A framer with other limits than [`Limits::DEFAULT`].
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            state: State::default(),
        }
    }

    /// Takes the next frame off the front of `buffer`; `Ok(None)` when more bytes are needed.
    pub fn next_frame(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, ParseError> {
        loop {
            match std::mem::take(&mut self.state) {
                State::Body { head, length } if buffer.len() >= length => {
                    let body = buffer.split_to(length).freeze();
                    return Ok(Some(match head.with_body(body) {
                        Ok(message) => Frame::Message(message),
                        Err(error) => Frame::Malformed(error),
                    }));
                }
                waiting @ State::Body { .. } => {
                    self.state = waiting;
                    return Ok(None);
                }
                State::Head { scanned } => {
                    if scanned == 0 {
                        match take_line_ends(buffer) {
                            Between::Ping => return Ok(Some(Frame::Ping)),
                            Between::Wait => return Ok(None),
                            Between::Message => {}
                        }
                    }
                    if !self.take_head(buffer, scanned)? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Reads a complete head; false when it is not complete yet.
    fn take_head(&mut self, buffer: &mut BytesMut, scanned: usize) -> Result<bool, ParseError> {
        if !buffer.first().copied().is_some_and(starts_message) {
            return Err(ParseError::bare(ParseErrorKind::StartLine));
        }
        let end = head_end(buffer, scanned);
        if end.unwrap_or(buffer.len()) > self.limits.head {
            return Err(ParseError::bare(ParseErrorKind::HeadTooLarge));
        }
        let Some(end) = end else {
            // The empty line may begin with the last line end seen: "\n" or "\n\r".
            let from = buffer.iter().rposition(|byte| *byte == b'\n');
            self.state = State::Head {
                scanned: from.unwrap_or(buffer.len()),
            };
            return Ok(false);
        };
        let head = Head::read(&buffer.split_to(end).freeze(), &self.limits);
        let length = match head.stream_body_len(&self.limits) {
            Ok(length) => length,
            Err(kind) => return Err(head.fail(kind)),
        };
        self.state = State::Body {
            head: Box::new(head),
            length,
        };
        Ok(true)
    }

    fn is_idle(&self) -> bool {
        matches!(self.state, State::Head { scanned: 0 })
    }
}

/// A start line begins with a letter or another token character; TLS and noise mostly do not.
const fn starts_message(byte: u8) -> bool {
    super::scan::is_token_byte(byte)
}

enum Between {
    Ping,
    Wait,
    Message,
}

/// Takes line ends off the front: CRLF CRLF is a ping, anything less is padding that servers ignore (RFC 3261
/// section 7.5).
fn take_line_ends(buffer: &mut BytesMut) -> Between {
    loop {
        let padding = match buffer.as_ref() {
            [b'\r', b'\n', b'\r', b'\n', ..] => {
                buffer.advance(4);
                return Between::Ping;
            }
            [] | [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return Between::Wait,
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return Between::Message,
        };
        buffer.advance(padding);
    }
}

impl Decoder for Framer {
    type Item = Frame;
    type Error = FrameError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        Ok(self.next_frame(buffer)?)
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        if let Some(frame) = self.next_frame(buffer)? {
            return Ok(Some(frame));
        }
        let rest_is_padding = buffer.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
        buffer.clear();
        if rest_is_padding && self.is_idle() {
            return Ok(None);
        }
        self.state = State::default();
        Err(ParseError::bare(ParseErrorKind::Truncated).into())
    }
}

impl Encoder<Message> for Framer {
    type Error = io::Error;

    fn encode(&mut self, message: Message, buffer: &mut BytesMut) -> io::Result<()> {
        buffer.extend_from_slice(&message.to_bytes());
        Ok(())
    }
}
