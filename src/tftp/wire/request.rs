//! RRQ and WRQ: name, mode, options.

use super::{Options, WireError, fields, put_field};

/// Longest request we read, opcode not counted, in octets. RFC 2347 allows
/// 512 for the packet; the rest is kindness, and a bound on what we keep.
pub const MAX_REQUEST: usize = 2048;

/// What an RRQ or WRQ asks (RFC 1350 section 5, RFC 2347).
///
/// Reading forgives what clients in the field send:
/// - a stray NUL behind the mode (Cisco 7960 of 2000: `OS79XX.TXT` NUL `octet`
///   NUL NUL), or anywhere an option name should begin;
/// - a missing last NUL;
/// - mode and option names in any case;
/// - an option without a value at the end (dropped);
/// - names in any charset: they stay raw octets, without the NUL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The file name as it came.
    pub name: Vec<u8>,
    /// The transfer mode.
    pub mode: Mode,
    /// What else is wished for, in the order of the packet.
    pub options: Options,
}

impl Request {
    /// A plain request for a file, `octet` and without options: what Cisco
    /// phones send.
    pub fn octet(name: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            mode: Mode::Octet,
            options: Options::default(),
        }
    }

    pub(super) fn parse(rest: &[u8]) -> Result<Self, WireError> {
        if rest.len() > MAX_REQUEST {
            return Err(WireError::RequestTooLong);
        }
        let mut fields = fields(rest);
        let name = fields.next().ok_or(WireError::TooShort)?;
        let mode = fields.next().ok_or(WireError::NoMode)?;
        Ok(Self {
            name: name.to_vec(),
            mode: Mode::parse(mode),
            options: Options::parse(fields),
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_field(out, &self.name);
        put_field(out, self.mode.as_bytes());
        self.options.encode(out);
    }
}

/// Transfer mode (RFC 1350 section 1). Cisco phones use `octet` everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Bytes as they are.
    Octet,
    /// Text with CR LF line ends, see [`netascii`](super::netascii).
    Netascii,
    /// To a user instead of a file; obsolete.
    Mail,
    /// Anything else, as it came.
    Other(Vec<u8>),
}

impl Mode {
    fn parse(word: &[u8]) -> Self {
        if word.eq_ignore_ascii_case(b"octet") {
            Self::Octet
        } else if word.eq_ignore_ascii_case(b"netascii") {
            Self::Netascii
        } else if word.eq_ignore_ascii_case(b"mail") {
            Self::Mail
        } else {
            Self::Other(word.to_vec())
        }
    }

    /// The word on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Octet => b"octet",
            Self::Netascii => b"netascii",
            Self::Mail => b"mail",
            Self::Other(word) => word,
        }
    }
}
