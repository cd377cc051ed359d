//! TFTP packets: bytes to values and back (RFC 1350, RFC 2347, 2348, 2349).
//!
//! Parsing is total and bounded, and kinder than the RFCs where old phones
//! are: see [`Request`] for the packets it forgives. Both directions are here,
//! because the virtual phone is a client of the same codec. No state, no
//! negotiation, no sockets: those are `machine` and `server`.

mod error_code;
pub mod netascii;
mod options;
mod request;
#[cfg(test)]
mod tests;

pub use error_code::ErrorCode;
pub use options::{MAX_OPTIONS, OptionKind, Options, TransferOption};
pub use request::{MAX_REQUEST, Mode, Request};

/// Block size when none was negotiated (RFC 1350 section 2), in octets.
pub const DEFAULT_BLOCK_SIZE: u16 = 512;
/// Smallest block size that may be negotiated (RFC 2348), in octets.
pub const MIN_BLOCK_SIZE: u16 = 8;
/// Largest block size that may be negotiated (RFC 2348), in octets.
pub const MAX_BLOCK_SIZE: u16 = 65464;
/// Octets before the payload of a DATA packet: opcode and block number.
pub const DATA_HEADER: usize = 4;

const OP_READ: u16 = 1;
const OP_WRITE: u16 = 2;
const OP_DATA: u16 = 3;
const OP_ACK: u16 = 4;
const OP_ERROR: u16 = 5;
const OP_OPTION_ACK: u16 = 6;

/// One TFTP packet (RFC 1350 section 5, RFC 2347 for the last).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// RRQ: a file is asked for.
    Read(Request),
    /// WRQ: a file is offered.
    Write(Request),
    /// DATA: one block of the file.
    Data {
        /// Number of the block, from 1, wrapping after 65535.
        block: u16,
        /// Its octets; fewer than the block size end the file.
        bytes: &'a [u8],
    },
    /// ACK: the block arrived (0: the option acknowledgement did).
    Ack {
        /// Number of the acknowledged block.
        block: u16,
    },
    /// ERROR: ends the transfer, never answered.
    Error {
        /// What went wrong.
        code: ErrorCode,
        /// Words for people, as they came (without the NUL).
        text: &'a [u8],
    },
    /// OACK: the options that the server accepts.
    OptionAck(Options),
}

/// Why a datagram is no TFTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It ends inside its fixed part.
    #[error("datagram too short for its opcode")]
    TooShort,
    /// The opcode is none of 1 to 6.
    #[error("unknown opcode {0}")]
    UnknownOpcode(u16),
    /// A request without a mode.
    #[error("request without a transfer mode")]
    NoMode,
    /// A request longer than [`MAX_REQUEST`].
    #[error("request longer than {MAX_REQUEST} octets")]
    RequestTooLong,
}

impl<'a> Packet<'a> {
    /// Reads one datagram.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, WireError> {
        let (opcode, rest) = take_u16(datagram)?;
        match opcode {
            OP_READ => Request::parse(rest).map(Self::Read),
            OP_WRITE => Request::parse(rest).map(Self::Write),
            OP_DATA => take_u16(rest).map(|(block, bytes)| Self::Data { block, bytes }),
            OP_ACK => take_u16(rest).map(|(block, _)| Self::Ack { block }),
            OP_ERROR => take_u16(rest).map(|(code, text)| Self::Error {
                code: ErrorCode::from(code),
                text: text.split(|&octet| octet == 0).next().unwrap_or_default(),
            }),
            OP_OPTION_ACK => Ok(Self::OptionAck(Options::parse(fields(rest)))),
            other => Err(WireError::UnknownOpcode(other)),
        }
    }

    /// Writes the packet. A NUL inside a name, mode, option or error text
    /// would end it early on the wire; it is left out.
    pub fn encode(&self) -> Vec<u8> {
        let octets = match self {
            Self::Data { bytes, .. } => bytes.len() + DATA_HEADER,
            _ => 64,
        };
        let mut out = Vec::with_capacity(octets);
        match self {
            Self::Read(request) => {
                put_u16(&mut out, OP_READ);
                request.encode(&mut out);
            }
            Self::Write(request) => {
                put_u16(&mut out, OP_WRITE);
                request.encode(&mut out);
            }
            Self::Data { block, bytes } => {
                put_u16(&mut out, OP_DATA);
                put_u16(&mut out, *block);
                out.extend_from_slice(bytes);
            }
            Self::Ack { block } => {
                put_u16(&mut out, OP_ACK);
                put_u16(&mut out, *block);
            }
            Self::Error { code, text } => {
                put_u16(&mut out, OP_ERROR);
                put_u16(&mut out, u16::from(*code));
                put_field(&mut out, text);
            }
            Self::OptionAck(options) => {
                put_u16(&mut out, OP_OPTION_ACK);
                options.encode(&mut out);
            }
        }
        out
    }

    /// An ERROR packet with our own words.
    pub const fn error(code: ErrorCode, text: &'a str) -> Self {
        Self::Error {
            code,
            text: text.as_bytes(),
        }
    }
}

fn take_u16(bytes: &[u8]) -> Result<(u16, &[u8]), WireError> {
    let (head, rest) = bytes.split_first_chunk().ok_or(WireError::TooShort)?;
    Ok((u16::from_be_bytes(*head), rest))
}

fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// The NUL-terminated fields of a request or OACK; the last NUL may be missing.
fn fields(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let empty = bytes.is_empty();
    bytes
        .strip_suffix(&[0])
        .unwrap_or(bytes)
        .split(|&octet| octet == 0)
        .filter(move |_| !empty)
}

/// Writes a NUL-terminated field.
fn put_field(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(bytes.iter().copied().filter(|&octet| octet != 0));
    out.push(0);
}
