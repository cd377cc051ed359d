//! A file as it travels: one block after the other, text converted on the way.

use std::borrow::Cow;

use bytes::Bytes;

use crate::tftp::wire::Mode;
use crate::tftp::wire::netascii::{Encoder, Place};

/// A file, and the block of it that waits for its ACK.
///
/// The file stays the one that all transfers share: a request alone, which
/// anybody can forge, must not cost a copy of it. Of text every block is made
/// when it leaves.
#[derive(Debug)]
pub(super) struct Blocks {
    body: Bytes,
    size: usize,
    present: Present,
}

/// Where the present block begins, its octets on the wire, and where the next
/// one begins.
#[derive(Clone, Copy, Debug)]
enum Present {
    Octets {
        at: usize,
        length: usize,
    },
    Text {
        at: Place,
        length: usize,
        next: Place,
    },
}

impl Blocks {
    /// The first block of a file, in blocks of `size` octets. Mode netascii
    /// converts it; in every other mode it travels as it is.
    pub(super) fn new(body: Bytes, mode: &Mode, size: usize) -> Self {
        let present = match mode {
            Mode::Netascii => text(&body, Place::default(), size),
            Mode::Octet | Mode::Mail | Mode::Other(_) => octets(&body, 0, size),
        };
        Self {
            body,
            size,
            present,
        }
    }

    /// Octets of the file.
    pub(super) fn octets(&self) -> usize {
        self.body.len()
    }

    /// The present block, the same whenever it is asked for.
    pub(super) fn present(&self) -> Cow<'_, [u8]> {
        match self.present {
            Present::Octets { at, length } => {
                let to = at.saturating_add(length);
                Cow::Borrowed(self.body.get(at..to).unwrap_or_default())
            }
            Present::Text { at, length, .. } => {
                Cow::Owned(Encoder::new(&self.body, at).take(length).collect())
            }
        }
    }

    /// Whether the present block is the last: the one that is not full. A file
    /// of a whole number of blocks ends with an empty one.
    pub(super) fn is_last(&self) -> bool {
        let (Present::Octets { length, .. } | Present::Text { length, .. }) = self.present;
        length < self.size
    }

    /// Turns to the next block.
    pub(super) fn advance(&mut self) {
        self.present = match self.present {
            Present::Octets { at, length } => {
                octets(&self.body, at.saturating_add(length), self.size)
            }
            Present::Text { next, .. } => text(&self.body, next, self.size),
        };
    }
}

fn octets(body: &[u8], at: usize, size: usize) -> Present {
    let length = body.len().saturating_sub(at).min(size);
    Present::Octets { at, length }
}

fn text(body: &[u8], at: Place, size: usize) -> Present {
    let mut encoder = Encoder::new(body, at);
    let length = encoder.by_ref().take(size).count();
    let next = encoder.place();
    Present::Text { at, length, next }
}
