//! Profiles, `ata<mac>` of analogue adapters, `ld<mac>` and `gk<mac>` of 7905 and
//! 7912 with SIP loads: what Cisco's `cfgfmt` makes of a text that begins with
//! `#txt`.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::parameters::{Kind, Profiled, find};
use super::{lines, on};

const MAGIC: &[u8] = b"#ata";
/// The tag of what stands before the parameters: their sum and length.
const HEADER: u16 = 0x7FFE;
/// Longer ones are split into two files; this one never is.
const LONGEST: usize = 2000;

/// Compiles lines `Name:value`, the first of which is `#txt`, to a profile.
/// What stands twice counts as it stands last.
///
/// # Errors
/// Which line is no parameter, or that the whole is too long.
pub(in super::super) fn compile(text: &str, of: Profiled) -> Result<Vec<u8>, String> {
    if text.lines().next().map(str::trim_end) != Some("#txt") {
        return Err("it does not begin with #txt".to_owned());
    }
    // The tool writes them in the order of their tags.
    let mut values = BTreeMap::new();
    for (number, line) in lines(text) {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| on(number, "is no parameter"))?;
        let parameter = find(of, name.trim()).ok_or_else(|| on(number, "has an unknown name"))?;
        let value = written(parameter.kind, value.trim())
            .ok_or_else(|| on(number, "has a value that its parameter cannot have"))?;
        values.insert(parameter.tag, value);
    }
    let mut body = Vec::new();
    for (tag, value) in values {
        body.extend(number(tag));
        body.extend(number(u16::try_from(value.len()).unwrap_or(u16::MAX)));
        body.extend(value);
    }
    let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
    if body.len() > LONGEST {
        return Err(format!("it makes more than {LONGEST} octets"));
    }
    let sum = body
        .iter()
        .fold(0_u16, |sum, byte| sum.wrapping_add((*byte).into()));
    let header = [number(HEADER), number(4)].concat();
    Ok([
        MAGIC,
        &header,
        &sum.to_be_bytes(),
        &length.to_be_bytes(),
        &body,
    ]
    .concat())
}

/// A tag or a length: one octet below 128, else two with the highest bit set.
fn number(value: u16) -> Vec<u8> {
    match u8::try_from(value) {
        Ok(value @ ..0x80) => vec![value],
        _ => (value | 0x8000).to_be_bytes().to_vec(),
    }
}

fn written(kind: Kind, value: &str) -> Option<Vec<u8>> {
    match kind {
        Kind::Flag => match value {
            "0" => Some(vec![0]),
            "1" => Some(vec![1]),
            _ => None,
        },
        Kind::Number => Some(whole(value)?.to_be_bytes().to_vec()),
        Kind::Address if value == "0" => Some(vec![0; 4]),
        Kind::Address => Some(value.parse::<Ipv4Addr>().ok()?.octets().to_vec()),
        Kind::Socket if value == "0" => Some(vec![0; 6]),
        Kind::Socket => {
            let (address, port) = value.rsplit_once('.')?;
            let address = address.parse::<Ipv4Addr>().ok()?.octets();
            Some([&address[..], &port.parse::<u16>().ok()?.to_be_bytes()].concat())
        }
        Kind::Text(most) => {
            let plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            let sound = plain && !value.is_empty() && value.len() <= most;
            sound.then(|| value.as_bytes().to_vec())
        }
        Kind::Shorts(most) => {
            let mut all = Vec::new();
            for part in value.split(',') {
                all.extend(part.trim().parse::<u16>().ok()?.to_be_bytes());
            }
            (all.len() <= most * 2).then(|| {
                all.resize(most * 2, 0);
                all
            })
        }
    }
}

/// Levels may be negative.
fn whole(value: &str) -> Option<u32> {
    if let Some(digits) = value.strip_prefix("0x") {
        let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        return hex.then(|| u32::from_str_radix(digits, 16).ok())?;
    }
    let value: i64 = value.parse().ok()?;
    u32::try_from(value)
        .ok()
        .or_else(|| i32::try_from(value).ok().map(i32::cast_unsigned))
}
