//! Small scanners over header bytes, shared by the typed readers.

use super::error::Fault;

/// No list or parameter list in a message may have more elements; real ones have fewer than twenty.
pub(super) const MAX_ELEMENTS: usize = 256;

/// Linear white space once folding is undone; line ends are included for callers that hold raw lines.
pub(super) const fn is_lws(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Removes white space at both ends.
pub(super) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes {
        if !is_lws(*first) {
            break;
        }
        bytes = rest;
    }
    while let [rest @ .., last] = bytes {
        if !is_lws(*last) {
            break;
        }
        bytes = rest;
    }
    bytes
}

/// Which bytes may stand in a `token` (RFC 3261 section 25.1). A table, since every name and value is held against it.
static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 128 {
        let byte = at as u8;
        table[at] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~'
            );
        at += 1;
    }
    table
};

/// `token` of RFC 3261 section 25.1.
pub(super) const fn is_token_byte(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// One or more token characters.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_token_byte)
}

/// The elements of a list, divided by a separator that stands outside quoted strings and angle brackets. They are
/// trimmed and may be empty. After the first fault nothing more comes.
pub(super) struct Split<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
    left: usize,
}

/// See [`Split`].
pub(super) const fn split(value: &[u8], separator: u8) -> Split<'_> {
    Split {
        rest: Some(value),
        separator,
        left: MAX_ELEMENTS,
    }
}

impl<'a> Iterator for Split<'a> {
    type Item = Result<&'a [u8], Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.rest.take()?;
        if self.left == 0 {
            return Some(Err(Fault::TooMany));
        }
        self.left -= 1;
        Some(element_end(value, self.separator).map(|end| {
            let Some(end) = end else {
                return trim(value);
            };
            self.rest = value.get(end + 1..);
            trim(value.get(..end).unwrap_or_default())
        }))
    }
}

/// Where the first element ends: at a separator, or nowhere.
fn element_end(value: &[u8], separator: u8) -> Result<Option<usize>, Fault> {
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        at += match byte {
            _ if byte == separator => return Ok(Some(at)),
            b'"' => quoted_len(value.get(at..).unwrap_or_default())?,
            b'<' => bracketed_len(value.get(at..).unwrap_or_default())?,
            b'>' => return Err(Fault::UnbalancedBracket),
            _ => 1,
        };
    }
    Ok(None)
}

/// The length of the quoted string that the bytes begin with.
fn quoted_len(value: &[u8]) -> Result<usize, Fault> {
    let mut at = 1;
    loop {
        match value.get(at).ok_or(Fault::UnbalancedQuote)? {
            b'\\' => at += 2,
            b'"' => return Ok(at + 1),
            _ => at += 1,
        }
    }
}

/// The length of what stands in the angle brackets that the bytes begin with; quotes mean nothing there.
fn bracketed_len(value: &[u8]) -> Result<usize, Fault> {
    let inner = value
        .iter()
        .skip(1)
        .position(|byte| matches!(byte, b'<' | b'>'));
    let close = inner.ok_or(Fault::UnbalancedBracket)? + 1;
    if value.get(close) == Some(&b'>') {
        Ok(close + 1)
    } else {
        Err(Fault::UnbalancedBracket)
    }
}

/// The first place of `wanted` outside quoted strings. Angle brackets do not hide it.
pub(super) fn find_unquoted(value: &[u8], wanted: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        match value.get(at)? {
            byte if *byte == wanted => return Some(at),
            b'"' => at += quoted_len(value.get(at..)?).ok()?,
            _ => at += 1,
        }
    }
}

/// Splits once at the first `wanted` byte, whatever surrounds it.
pub(super) fn cut(value: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let at = value.iter().position(|byte| *byte == wanted)?;
    Some((value.get(..at)?, value.get(at + 1..)?))
}

/// Appends the text of a whole quoted string (`"..."`), escapes undone; false when the bytes are not exactly one.
pub(super) fn unquote_into(value: &[u8], text: &mut Vec<u8>) -> bool {
    let inner = value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    let Some(inner) = inner else {
        return false;
    };
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next() {
                Some(escaped) => text.push(escaped),
                None => return false,
            },
            b'"' => return false,
            other => text.push(other),
        }
    }
    true
}

/// The text of a whole quoted string, or `None` when the bytes are not exactly one.
pub(super) fn unquote(value: &[u8]) -> Option<String> {
    let mut text = Vec::with_capacity(value.len());
    unquote_into(value, &mut text).then(|| into_text(text))
}

/// Writes `text` as a quoted string. Line ends become blanks: a header never spans lines.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\r' | '\n' => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Text of bytes that ought to be UTF-8. Old firmware writes Latin-1; what cannot be read becomes U+FFFD.
pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// As [`lossy`], without a copy where nothing is to be mended.
pub(super) fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| lossy(error.as_bytes()))
}

/// Digits only, at most `u32::MAX`.
pub(super) fn number(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// `delta-seconds`: digits only; what exceeds 32 bits counts as the largest value (RFC 3261 section 20.19).
pub(super) fn delta_seconds(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(number(bytes).unwrap_or(u32::MAX))
}
