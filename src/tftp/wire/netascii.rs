//! The text mode of TFTP (RFC 1350 section 1, RFC 764 "The NVT printer").
//!
//! Files here have LF line ends; on the wire a line ends with CR LF and a bare
//! CR is CR NUL. The conversion is exact both ways.

/// A place in a text on its way: an octet of the file, and whether the first of
/// the two octets that it becomes has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    at: usize,
    is_halved: bool,
}

/// Local text to the wire, octet by octet from any place on: a block can be
/// made when it leaves, and again when it must leave again.
#[derive(Clone, Debug)]
pub struct Encoder<'a> {
    text: &'a [u8],
    place: Place,
}

impl<'a> Encoder<'a> {
    /// Goes on at a place where an encoder of the same text was.
    pub fn new(text: &'a [u8], place: Place) -> Self {
        Self { text, place }
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        self.place
    }
}

impl Iterator for Encoder<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let octet = *self.text.get(self.place.at)?;
        let (first, second) = match octet {
            b'\n' => (b'\r', Some(b'\n')),
            b'\r' => (b'\r', Some(0)),
            other => (other, None),
        };
        if self.place.is_halved || second.is_none() {
            self.place.at += 1;
            self.place.is_halved = false;
            return second.or(Some(first));
        }
        self.place.is_halved = true;
        Some(first)
    }
}

/// Octets that a text has on the wire.
pub fn encoded_length(text: &[u8]) -> usize {
    let doubled = |octet: &&u8| matches!(octet, b'\n' | b'\r');
    text.len()
        .saturating_add(text.iter().filter(doubled).count())
}

/// The wire to local text. A CR before anything but LF or NUL stands for
/// itself.
pub fn decode(wire: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(wire.len());
    let mut octets = wire.iter().copied().peekable();
    while let Some(octet) = octets.next() {
        let next = octets.peek().copied();
        match (octet, next) {
            (b'\r', Some(b'\n')) => {
                octets.next();
                out.push(b'\n');
            }
            (b'\r', Some(0)) => {
                octets.next();
                out.push(b'\r');
            }
            (other, _) => out.push(other),
        }
    }
    out
}
