//! The records of `SEP<MAC>.cnf` and `SEPDefault.cnf`.

use std::net::Ipv4Addr;

use super::{lines, on};

/// A text with its NUL, at most.
const LONGEST: usize = 256;

/// Compiles lines `NN NN kind value` to records.
///
/// # Errors
/// Which line is none.
pub(in super::super) fn compile(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut ended = false;
    for (number, line) in lines(text) {
        if ended {
            return Err(on(number, "stands behind the end"));
        }
        let record = record(line).ok_or_else(|| on(number, "is no record"))?;
        ended = record.is_end;
        out.extend(record.octets);
    }
    if ended {
        Ok(out)
    } else {
        Err("it has no end".to_owned())
    }
}

struct Record {
    octets: Vec<u8>,
    is_end: bool,
}

fn record(line: &str) -> Option<Record> {
    let (class, rest) = line.split_once(' ')?;
    let (tag, rest) = rest.split_once(' ')?;
    let (kind, value) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut octets = vec![octet(class)?, octet(tag)?];
    match kind {
        "text" => octets.extend(text(unquoted(value)?)?),
        "address" => octets.extend(unquoted(value)?.parse::<Ipv4Addr>().ok()?.octets()),
        "number" => octets.extend(value.parse::<u32>().ok()?.to_le_bytes()),
        // As the one known file has it: an octet before it, and behind it as
        // many as fill the last four.
        "url" => {
            let mut url = text(unquoted(value)?)?;
            url.resize(url.len().next_multiple_of(4), 0);
            octets.push(0);
            octets.extend(url);
        }
        "end" if value.is_empty() => {}
        _ => return None,
    }
    let is_end = kind == "end";
    Some(Record { octets, is_end })
}

fn octet(digits: &str) -> Option<u8> {
    let hex = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hex.then(|| u8::from_str_radix(digits, 16).ok())?
}

fn unquoted(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('"')).then_some(inner)
}

/// With its NUL.
fn text(value: &str) -> Option<Vec<u8>> {
    let plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (plain && value.len() < LONGEST).then(|| [value.as_bytes(), b"\0"].concat())
}
