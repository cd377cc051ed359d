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

/// `token` of RFC 3261 section 25.1.
pub(super) const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~'
        )
}

/// One or more token characters.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_token_byte)
}

/// Where a byte stands in respect of quotes and angle brackets.
#[derive(Default)]
struct Nesting {
    quoted: bool,
    escaped: bool,
    angled: bool,
}

impl Nesting {
    /// Takes one byte; true when it stands outside quotes and brackets and opens neither.
    fn outside(&mut self, byte: u8) -> Result<bool, Fault> {
        if self.quoted {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.quoted = false;
            }
            return Ok(false);
        }
        if self.angled {
            match byte {
                b'>' => self.angled = false,
                b'<' => return Err(Fault::UnbalancedBracket),
                _ => {}
            }
            return Ok(false);
        }
        match byte {
            b'"' => self.quoted = true,
            b'<' => self.angled = true,
            b'>' => return Err(Fault::UnbalancedBracket),
            _ => return Ok(true),
        }
        Ok(false)
    }

    fn finish(&self) -> Result<(), Fault> {
        if self.quoted {
            Err(Fault::UnbalancedQuote)
        } else if self.angled {
            Err(Fault::UnbalancedBracket)
        } else {
            Ok(())
        }
    }
}

/// Splits at every `separator` that stands outside quoted strings and angle brackets. Elements are trimmed and may
/// be empty.
pub(super) fn split(value: &[u8], separator: u8) -> Result<Vec<&[u8]>, Fault> {
    let mut elements = Vec::new();
    let mut nesting = Nesting::default();
    let mut start = 0;
    for (at, &byte) in value.iter().enumerate() {
        if nesting.outside(byte)? && byte == separator {
            if elements.len() >= MAX_ELEMENTS {
                return Err(Fault::TooMany);
            }
            elements.push(trim(value.get(start..at).unwrap_or_default()));
            start = at + 1;
        }
    }
    nesting.finish()?;
    elements.push(trim(value.get(start..).unwrap_or_default()));
    Ok(elements)
}

/// The first place of `wanted` outside quoted strings. Angle brackets do not hide it.
pub(super) fn find_unquoted(value: &[u8], wanted: u8) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, &byte) in value.iter().enumerate() {
        if quoted {
            if escaped {
                escaped = false;
            } else if byte == b'\\' {
                escaped = true;
            } else if byte == b'"' {
                quoted = false;
            }
        } else if byte == wanted {
            return Some(at);
        } else if byte == b'"' {
            quoted = true;
        }
    }
    None
}

/// Splits once at the first `wanted` byte, whatever surrounds it.
pub(super) fn cut(value: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let at = value.iter().position(|byte| *byte == wanted)?;
    Some((value.get(..at)?, value.get(at + 1..)?))
}

/// The text of a whole quoted string (`"..."`, escapes undone), or `None` when the bytes are not exactly one.
pub(super) fn unquote(value: &[u8]) -> Option<String> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let mut text = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => text.push(bytes.next()?),
            b'"' => return None,
            other => text.push(other),
        }
    }
    Some(lossy(&text))
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
