//! User ids inside the XML: percent-encoded UTF-8, the only values so encoded
//! (guide, *Messages*, note on the encoding of user ids).

use std::fmt::Write as _;

/// Encodes as `java.net.URLEncoder` does, which Cisco's service is written
/// with: letters, digits and `-_.*` stay, so that `em@cisco.com` becomes
/// `em%40cisco.com`. A space becomes `%20` rather than Java's `+`, because a
/// reader that undoes only `%XX` would take `+` for itself.
pub fn encode_user_id(user: &str) -> String {
    let mut out = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Undoes [`encode_user_id`]. Applications also send ids as they are, so what
/// is not a whole sequence of `%XX` in UTF-8 is taken literally, and so is one
/// that would hide a control character.
pub fn decode_user_id(text: &str) -> String {
    percent_decode(text)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|user| !user.chars().any(char::is_control))
        .unwrap_or_else(|| text.to_owned())
}

fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = hex(bytes.next()?)?;
            let low = hex(bytes.next()?)?;
            out.push(high << 4 | low);
        } else {
            out.push(byte);
        }
    }
    Some(out)
}

/// The value of a hexadecimal digit of either case.
pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ciscos_own_example() {
        assert_eq!(encode_user_id("em@cisco.com"), "em%40cisco.com");
        assert_eq!(decode_user_id("em%40cisco.com"), "em@cisco.com");
    }

    #[test]
    fn spaces_and_umlauts_survive() {
        assert_eq!(
            encode_user_id("jürgen o'neill+1"),
            "j%C3%BCrgen%20o%27neill%2B1"
        );
        assert_eq!(
            decode_user_id("j%c3%bcrgen%20o%27neill%2B1"),
            "jürgen o'neill+1"
        );
    }

    #[test]
    fn ids_that_are_sent_as_they_are_stay_so() {
        for raw in [
            "em@cisco.com",
            "jürgen",
            "100%",
            "50%zz",
            "a+b",
            "%FF",
            "a%00b",
            "%e2%8",
        ] {
            assert_eq!(decode_user_id(raw), raw);
        }
    }
}
