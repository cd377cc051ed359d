//! Files that phones ask for, whichever service carries them.

use std::net::SocketAddr;

use bytes::Bytes;

use crate::model::{DeviceName, LoadName, Stamp, Timestamp};

/// The service a file was asked over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileService {
    /// TFTP, port 69 by default (RFC 1350).
    Tftp,
    /// Configuration over HTTP, port 6970 by default.
    Http,
    /// Configuration over HTTPS, port 6971: a phone asks for a signed file and
    /// takes the unsigned one, because the connection shows who sends it.
    Https,
}

/// One request for a file.
#[derive(Clone, Debug)]
pub struct FileRequest {
    /// The name exactly as it came over the wire; the resolver normalises it.
    pub name: Vec<u8>,
    /// Who asked (address and source port).
    pub peer: SocketAddr,
    /// The local address the request came in on: what this phone can reach.
    pub local: SocketAddr,
    /// Which service carried it.
    pub service: FileService,
}

/// The ticket of files that are no phone's own: that one of them was
/// delivered tells nothing.
pub const NO_TICKET: u64 = 0;

/// What the resolver says to a [`FileRequest`].
#[derive(Clone, Debug)]
pub enum FileAnswer {
    /// The file, whole. `ticket` is handed back with [`FileSource::delivered`].
    Found {
        /// The bytes to send.
        body: Bytes,
        /// Identifies this rendering when its transfer completes;
        /// [`NO_TICKET`] for a file that nobody asks about again.
        ticket: u64,
    },
    /// No such file: TFTP ERROR 1, HTTP 404, at once.
    NotFound,
    /// The name is refused (`..`, NUL, control characters): TFTP ERROR 2, HTTP 403.
    Refused(&'static str),
    /// It exists but cannot be made now (starting, store away): HTTP 503, on
    /// TFTP silence, because phones repeat, and a wrong *not found* brings up
    /// the previous user's lines from flash.
    Busy,
}

/// The one resolver behind TFTP and HTTP.
pub trait FileSource: Send + Sync + 'static {
    /// Finds or renders a file. Must be quick (no disk for generated files).
    fn fetch(&self, request: &FileRequest) -> FileAnswer;

    /// The last byte of `ticket` was acknowledged by (TFTP) or written to
    /// (HTTP) the peer: the phone at that address now has this file.
    fn delivered(&self, request: &FileRequest, ticket: u64);

    /// A file that was found did not reach the peer. Told over TFTP alone: a
    /// connection of HTTP that breaks says little about why.
    fn undelivered(&self, _request: &FileRequest, _why: &Undelivered) {}
}

/// How a transfer that began came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// Nothing that was sent was ever acknowledged.
    NotAcknowledged,
    /// The peer sent an ERROR (RFC 1350 section 7): its words, escaped.
    TurnedAway(String),
}

/// A complete transfer of a phone's own boot file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where it went.
    pub peer: std::net::IpAddr,
    /// Which file it was.
    pub file: Stamp,
    /// When its last byte was acknowledged.
    pub at: Timestamp,
}

/// The last complete transfer of each phone's own file.
pub trait Deliveries: Send + Sync + 'static {
    /// The last delivery of this phone's boot file, wherever it went.
    fn last(&self, device: &DeviceName) -> Option<Delivery>;
}

/// Which loads can be fetched from us.
pub trait StagedLoads: Send + Sync + 'static {
    /// Whether a phone that is told this load finds all of it.
    fn is_whole(&self, load: &LoadName) -> bool;
}
