//! The grain of signed files: a tag of one octet, a length of two, a value.
//! All numbers are big-endian. Inside a header the tag 13 is an octet of
//! padding and has neither length nor value.

use std::ops::Range;

/// Padding inside a header.
pub(super) const PADDING: u8 = 13;

/// One of them, and where it stands in what was read, tag and length included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tlv<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    pub(super) span: Range<usize>,
}

/// A tag whose length or value is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CutShort {
    pub(super) at: usize,
}

/// Reads one after the other. Ends at the first that is cut short.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    data: &'a [u8],
    at: usize,
    padded: bool,
}

impl<'a> Reader<'a> {
    /// `data` from the offset `at` on, without padding.
    pub(super) fn new(data: &'a [u8], at: usize) -> Self {
        Self {
            data,
            at,
            padded: false,
        }
    }

    /// The same, where padding may stand.
    pub(super) fn padded(self) -> Self {
        Self {
            padded: true,
            ..self
        }
    }

    /// Where the next one begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn one(&mut self) -> Option<Tlv<'a>> {
        let start = self.at;
        let tag = *self.data.get(start)?;
        let first = start.checked_add(3)?;
        let length = self.data.get(start.checked_add(1)?..first)?;
        let end = first.checked_add(length.iter().fold(0, |sum, b| sum << 8 | usize::from(*b)))?;
        let value = self.data.get(first..end)?;
        self.at = end;
        Some(Tlv {
            tag,
            value,
            span: start..end,
        })
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Tlv<'a>, CutShort>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.padded && self.data.get(self.at) == Some(&PADDING) {
            self.at += 1;
        }
        if self.at >= self.data.len() {
            return None;
        }
        let at = self.at;
        let one = self.one();
        if one.is_none() {
            self.at = self.data.len();
        }
        Some(one.ok_or(CutShort { at }))
    }
}

/// A value longer than two octets can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Writes one.
pub(super) fn put(out: &mut Vec<u8>, tag: u8, value: &[u8]) -> Result<(), TooLong> {
    let length = u16::try_from(value.len()).map_err(|_| TooLong)?;
    out.push(tag);
    out.extend(length.to_be_bytes());
    out.extend(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_after_the_other_and_padding_only_where_it_may_be() {
        let mut data = Vec::new();
        put(&mut data, 4, b"abc").unwrap();
        data.extend([PADDING, PADDING]);
        put(&mut data, 5, b"").unwrap();
        let read: Vec<_> = Reader::new(&data, 0).padded().map(Result::unwrap).collect();
        let seen: Vec<_> = read.iter().map(|one| (one.tag, one.value)).collect();
        assert_eq!(seen, [(4, &b"abc"[..]), (5, b"")]);
        assert_eq!(read[1].span, 8..11);
        // Elsewhere the same octets are a tag, and its length is not all there.
        let mut plain = Reader::new(&data, 6);
        assert_eq!(plain.next(), Some(Err(CutShort { at: 6 })));
        assert_eq!(plain.next(), None);
    }

    #[test]
    fn what_is_cut_short_ends_the_reading() {
        for cut in [&[4][..], &[4, 0], &[4, 0, 2, 1], &[4, 0xff, 0xff]] {
            let read: Vec<_> = Reader::new(cut, 0).collect();
            assert_eq!(read, [Err(CutShort { at: 0 })], "{cut:?}");
        }
        assert_eq!(put(&mut Vec::new(), 1, &vec![0; 65_536]), Err(TooLong));
    }
}
