//! Reading and writing the fields of a message body: little-endian words, addresses
//! in network order, fixed and dynamic strings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bytes::{BufMut, Bytes, BytesMut};

use super::text::{Text, TextEncoding, Writable};
use super::version::Dialect;
use super::{DecodeError, Frame, MessageId, Opaque};

/// Longest label of a feature as a dynamic string, NUL included.
pub(super) const DYNAMIC_LABEL: usize = 121;
/// Longest prompt or notification as a dynamic string, NUL included.
pub(super) const DYNAMIC_PROMPT: usize = 97;
/// Longest service URL in either form, NUL included.
pub(super) const URL: usize = 256;
/// A name, NUL included: the size of its field, or its longest dynamic string.
pub(super) const NAME: usize = 40;
/// A prompt or notification in a field of fixed size, NUL included.
pub(super) const PROMPT: usize = 32;
/// A directory number in stat responses of fixed form, NUL included.
pub(super) const NUMBER: usize = 24;
/// Longest directory number of a line as a dynamic string, NUL included.
pub(super) const DYNAMIC_NUMBER: usize = 25;
/// A device name.
pub(super) const DEVICE_NAME: usize = 16;

/// Whether three bytes of nothing and then a line follow. Lines are small numbers.
pub(super) fn gap_before_line(rest: &[u8]) -> bool {
    matches!(rest, [0, 0, 0, _, 0, 0, 0, ..])
}

/// Whether three bytes of nothing and then a call follow. The low bytes of a call are
/// hardly ever all zero.
pub(super) fn gap_before_call(rest: &[u8]) -> bool {
    matches!(rest, [0, 0, 0, _, _, _, _, ..])
}

/// Reads a body front to back. A field that is not there, or not all of it, reads as
/// absent, and so does everything behind it: `at` counts on past the end.
pub(super) struct Reader<'a> {
    id: MessageId,
    body: &'a Bytes,
    at: usize,
    /// Whether addresses take 20 bytes.
    wide: bool,
    pub(super) dialect: Dialect,
}

impl<'a> Reader<'a> {
    pub(super) fn new(frame: &'a Frame, dialect: Dialect) -> Self {
        Self {
            id: frame.id,
            body: &frame.body,
            at: 0,
            wide: dialect.version.has_wide_addresses(),
            dialect,
        }
    }

    /// Refuses a body of less than `needed` bytes.
    pub(super) fn needs(&self, needed: usize) -> Result<(), DecodeError> {
        let have = self.body.len();
        if have < needed {
            let id = self.id;
            return Err(DecodeError::Truncated { id, needed, have });
        }
        Ok(())
    }

    /// Addresses of this message take 20 bytes if it has at least `length` bytes,
    /// whatever was agreed.
    pub(super) fn wide_from(&mut self, length: usize) {
        self.wide = self.body.len() >= length;
    }

    /// Bytes not yet read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.body.get(self.at..).unwrap_or_default()
    }

    /// Up to `count` bytes.
    pub(super) fn bytes(&mut self, count: usize) -> &'a [u8] {
        let rest = self.rest();
        self.at = self.at.saturating_add(count);
        rest.get(..count).unwrap_or(rest)
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.bytes(count);
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N).try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn word(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// A word without which the message says nothing.
    pub(super) fn required(&mut self) -> Result<u32, DecodeError> {
        let needed = self.at.saturating_add(4);
        self.word().ok_or(DecodeError::Truncated {
            id: self.id,
            needed,
            have: self.body.len(),
        })
    }

    /// A word that reads as zero where the sender left it off.
    pub(super) fn or_zero(&mut self) -> u32 {
        self.word().unwrap_or_default()
    }

    /// The same, as one of the numbers of the protocol.
    pub(super) fn number<T: From<u32>>(&mut self) -> T {
        T::from(self.or_zero())
    }

    pub(super) fn ipv4(&mut self) -> Ipv4Addr {
        self.array::<4>()
            .map_or(Ipv4Addr::UNSPECIFIED, Ipv4Addr::from)
    }

    pub(super) fn ipv6(&mut self) -> Option<Ipv6Addr> {
        self.array::<16>().map(Ipv6Addr::from)
    }

    /// An address whose size depends on the version: 4 bytes, or a type and 16 bytes.
    pub(super) fn address(&mut self) -> IpAddr {
        if !self.wide {
            return self.ipv4().into();
        }
        if self.or_zero() == 1 {
            return self.ipv6().unwrap_or(Ipv6Addr::UNSPECIFIED).into();
        }
        let v4 = self.ipv4();
        self.skip(12);
        v4.into()
    }

    /// A string in a field of fixed size.
    pub(super) fn string(&mut self, size: usize) -> String {
        self.dialect.text.decode(self.bytes(size))
    }

    /// A string that ends with its NUL.
    pub(super) fn dynamic(&mut self) -> String {
        self.dialect.text.decode(self.up_to_nul())
    }

    /// Display text in a field of fixed size.
    pub(super) fn text(&mut self, size: usize) -> Text {
        Text::decode(self.dialect.text, self.bytes(size))
    }

    /// Display text that ends with its NUL.
    pub(super) fn dynamic_text(&mut self) -> Text {
        Text::decode(self.dialect.text, self.up_to_nul())
    }

    /// A directory number with `words` words behind it. From version 18 on it takes 25
    /// bytes: some senders go on at once, others at the next multiple of four, which
    /// `is_aligned` tells from what follows; and some send the old form of 24 bytes,
    /// which shows in the length.
    pub(super) fn leading_number(&mut self, words: usize, is_aligned: fn(&[u8]) -> bool) -> String {
        let long = self.dialect.version.number_size();
        if long == NUMBER || self.rest().len() < long + 4 * words {
            return self.string(NUMBER);
        }
        let number = self.string(long);
        if is_aligned(self.rest()) {
            self.skip(3);
        }
        number
    }

    /// XML at the end of a message. It is UTF-8 whatever was agreed; what is not is
    /// read as the agreed character set.
    pub(super) fn xml(&mut self, size: usize) -> String {
        let bytes = self.bytes(size);
        match std::str::from_utf8(bytes) {
            Ok(_) => TextEncoding::Utf8.decode(bytes),
            Err(_) => self.dialect.text.decode(bytes),
        }
    }

    /// Data of a length given before it; as much as is there.
    pub(super) fn data(&mut self, length: u32) -> Opaque {
        let data = self.bytes(length as usize);
        Opaque(self.body.slice_ref(data))
    }

    fn up_to_nul(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(rest.len());
        let string = self.bytes(length);
        self.skip(1);
        string
    }
}

/// Which form of a message that has two is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Strings in fields of fixed size.
    Fixed,
    /// Strings that end with their NUL (`…V2`).
    Dynamic,
}

/// Writes a body front to back.
pub(super) struct Writer {
    out: BytesMut,
    form: Option<Form>,
    pub(super) dialect: Dialect,
}

impl Writer {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            out: BytesMut::new(),
            form: None,
            dialect,
        }
    }

    /// Writes this form, whatever the version says.
    pub(super) fn in_form(dialect: Dialect, form: Form) -> Self {
        Self {
            form: Some(form),
            ..Self::new(dialect)
        }
    }

    /// Whether to write the dynamic form, which the version has or not.
    pub(super) fn is_dynamic(&self, by_version: bool) -> bool {
        self.form.map_or(by_version, |form| form == Form::Dynamic)
    }

    /// The finished frame, its body padded to a multiple of four.
    pub(super) fn frame(mut self, id: MessageId, header_version: u32) -> Frame {
        self.align();
        Frame {
            header_version,
            id,
            body: self.out.freeze(),
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.put_slice(bytes);
    }

    pub(super) fn zeros(&mut self, count: usize) {
        self.out.put_bytes(0, count);
    }

    pub(super) fn u8(&mut self, byte: u8) {
        self.out.put_u8(byte);
    }

    pub(super) fn u16(&mut self, half: u16) {
        self.out.put_u16_le(half);
    }

    pub(super) fn word(&mut self, word: u32) {
        self.out.put_u32_le(word);
    }

    pub(super) fn words<const N: usize>(&mut self, words: [u32; N]) {
        for word in words {
            self.word(word);
        }
    }

    pub(super) fn ipv4(&mut self, address: Ipv4Addr) {
        self.bytes(&address.octets());
    }

    pub(super) fn ipv6(&mut self, address: Ipv6Addr) {
        self.bytes(&address.octets());
    }

    /// Counterpart of [`Reader::address`]. An IPv6 address has no place before version
    /// 17 and goes out as 0.0.0.0.
    pub(super) fn address(&mut self, address: IpAddr) {
        let wide = self.dialect.version.has_wide_addresses();
        match address {
            IpAddr::V4(v4) if wide => {
                self.word(0);
                self.ipv4(v4);
                self.zeros(12);
            }
            IpAddr::V6(v6) if wide => {
                self.word(1);
                self.ipv6(v6);
            }
            IpAddr::V4(v4) => self.ipv4(v4),
            IpAddr::V6(_) => self.ipv4(Ipv4Addr::UNSPECIFIED),
        }
    }

    /// A string or text in a field of fixed size, its NUL included.
    pub(super) fn string(&mut self, string: &(impl Writable + ?Sized), size: usize) {
        let end = self.out.len() + size;
        string.put_into(self.dialect.text, size.saturating_sub(1), &mut self.out);
        self.out.resize(end, 0);
    }

    /// Goes on at the next multiple of four.
    pub(super) fn align(&mut self) {
        self.out.resize(self.out.len().next_multiple_of(4), 0);
    }

    /// XML of `size` bytes at most, NUL included, in UTF-8 whatever was agreed.
    pub(super) fn xml(&mut self, xml: &str, size: usize) {
        xml.put_into(TextEncoding::Utf8, size.saturating_sub(1), &mut self.out);
        self.u8(0);
    }

    /// The same in a field of fixed size.
    pub(super) fn fixed_xml(&mut self, xml: &str, size: usize) {
        let end = self.out.len() + size;
        self.xml(xml, size);
        self.out.resize(end, 0);
    }

    /// A string of up to `room` bytes with its length before it and no NUL.
    pub(super) fn counted(&mut self, string: &str, room: usize) {
        let mut encoded = BytesMut::new();
        string.put_into(self.dialect.text, room, &mut encoded);
        self.word(encoded.len() as u32);
        self.bytes(&encoded);
    }

    /// A string or text that ends with its NUL, of `size` bytes at most.
    pub(super) fn dynamic(&mut self, string: &(impl Writable + ?Sized), size: usize) {
        string.put_into(self.dialect.text, size.saturating_sub(1), &mut self.out);
        self.u8(0);
    }
}
