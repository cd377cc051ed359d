//! The form control `xml`, in which messages travel: as a POST body of type
//! `application/x-www-form-urlencoded`, or in the query of a GET.
//!
//! Cisco's own samples and the applications in use differ in how well they
//! encode it, so this reads liberally: hex digits of either case, `+` as a
//! space, a `%` that begins nothing as itself, bare line breaks, and XML that
//! was not encoded at all.

use zeroize::Zeroizing;

use super::user_id::hex;
use super::{Code, DOCUMENT_LIMIT};

/// Bytes of the longest form that is read: every byte of the largest document
/// encoded, and room for other controls.
pub const FORM_LIMIT: usize = 3 * DOCUMENT_LIMIT + 4096;

/// Why a form holds no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The form exceeds [`FORM_LIMIT`], or its XML [`DOCUMENT_LIMIT`].
    #[error("the form is too large")]
    TooLarge,
    /// There is no control named `xml`.
    #[error("the form has no control named \"xml\"")]
    Missing,
    /// There is more than one.
    #[error("the form has more than one control named \"xml\"")]
    Duplicate,
}

impl FormError {
    /// What to answer.
    pub fn code(self) -> Code {
        Code::Parsing
    }
}

/// The XML in the body of a POST. A body that *is* XML, by its type or by its
/// first character, is taken whole.
pub fn from_body(content_type: Option<&str>, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, FormError> {
    if body.len() > FORM_LIMIT {
        return Err(FormError::TooLarge);
    }
    let media_type = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    let is_xml = ["text/xml", "application/xml"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(media_type));
    let trimmed = body.trim_ascii();
    let unmarked = trimmed.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(trimmed);
    if unmarked.starts_with(b"<") || (is_xml && !unmarked.starts_with(b"xml=")) {
        return bounded(Zeroizing::new(unmarked.to_vec()));
    }
    control(trimmed)
}

/// The XML in the query of a GET (without the `?`).
pub fn from_query(query: &str) -> Result<Zeroizing<Vec<u8>>, FormError> {
    if query.len() > FORM_LIMIT {
        return Err(FormError::TooLarge);
    }
    control(query.as_bytes())
}

/// The XML of a POST, wherever it travels. A servlet looks for its controls in
/// the query before the body, and there are programs that rely on it.
pub fn from_post(
    query: &str,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, FormError> {
    match from_query(query) {
        Err(FormError::Missing) => from_body(content_type, body),
        found => found,
    }
}

/// The body that a login application posts for `xml`, encoded as in Cisco's
/// samples (lower-case hex digits).
pub fn encode(xml: &str) -> Zeroizing<String> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut out = Zeroizing::new(String::with_capacity(4 + 3 * xml.len()));
    out.push_str("xml=");
    for byte in xml.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

/// The one control named `xml` (in any case) among `pairs`.
fn control(pairs: &[u8]) -> Result<Zeroizing<Vec<u8>>, FormError> {
    let mut rest = pairs;
    let mut found = None;
    while !rest.is_empty() {
        let (pair, after) = split_once(rest, b'&').unwrap_or((rest, &[]));
        let (name, value) = split_once(pair, b'=').unwrap_or((pair, &[]));
        if !name.trim_ascii().eq_ignore_ascii_case(b"xml") {
            rest = after;
            continue;
        }
        if found.is_some() {
            return Err(FormError::Duplicate);
        }
        // Unencoded XML has ampersands of its own: it ends at its last tag.
        let value = if value.trim_ascii_start().starts_with(b"<") {
            let whole = &rest[name.len() + 1..];
            let end = whole.iter().rposition(|&b| b == b'>').map_or(0, |i| i + 1);
            rest = split_once(&whole[end..], b'&').map_or(&[], |(_, after)| after);
            &whole[..end]
        } else {
            rest = after;
            value
        };
        found = Some(decode(value));
    }
    bounded(found.ok_or(FormError::Missing)?)
}

fn bounded(xml: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, FormError> {
    if xml.len() > DOCUMENT_LIMIT {
        Err(FormError::TooLarge)
    } else {
        Ok(xml)
    }
}

fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let index = bytes.iter().position(|&b| b == at)?;
    Some((&bytes[..index], &bytes[index + 1..]))
}

fn decode(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(value.len()));
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        out.push(match (byte, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, tail @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = tail;
                    high << 4 | low
                }
                _ => byte,
            },
            _ => byte,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

    fn body(body: &str) -> String {
        String::from_utf8(from_body(FORM, body.as_bytes()).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn either_case_of_hex_plus_and_bare_line_breaks_are_read() {
        assert_eq!(body("xml=%3cquery%3E%0A<a>"), "<query>\n<a>");
        assert_eq!(body("xml=%3Ca+b%2Bc%3E\r\n%3C/a%3E"), "<a b+c>\r\n</a>");
        assert_eq!(body("xml=%3Ca%3E100%%zz%3C/a%3E%4"), "<a>100%%zz</a>%4");
    }

    #[test]
    fn the_control_is_found_among_others_and_must_be_one() {
        assert_eq!(body("a=1&XML=%3Ca/%3E&b=2"), "<a/>");
        assert_eq!(from_body(FORM, b"a=1&b"), Err(FormError::Missing));
        assert_eq!(from_body(FORM, b""), Err(FormError::Missing));
        assert_eq!(
            from_body(FORM, b"xml=%3Ca/%3E&xml=%3Cb/%3E"),
            Err(FormError::Duplicate)
        );
    }

    #[test]
    fn unencoded_xml_keeps_its_ampersands() {
        assert_eq!(body("xml=<a>x &amp; y</a>"), "<a>x &amp; y</a>");
        assert_eq!(body("xml=<a>x &amp; y</a>&b=2"), "<a>x &amp; y</a>");
        assert_eq!(
            from_body(FORM, b"xml=<a/>&xml=%3Cb/%3E"),
            Err(FormError::Duplicate)
        );
        let query = from_query("xml=<query><appInfo/></query>").unwrap();
        assert_eq!(query.as_slice(), b"<query><appInfo/></query>");
    }

    #[test]
    fn a_body_of_xml_is_taken_whole() {
        for content_type in [
            Some("text/xml; charset=utf-8"),
            Some("Application/XML"),
            FORM,
            None,
        ] {
            let xml = from_body(content_type, b"\r\n<a>b+c%41</a>\n").unwrap();
            assert_eq!(xml.as_slice(), b"<a>b+c%41</a>");
        }
        let form = from_body(Some("text/xml"), b"xml=%3Ca/%3E").unwrap();
        assert_eq!(form.as_slice(), b"<a/>");
    }

    #[test]
    fn a_post_may_carry_it_in_its_query() {
        let post = |query: &str, body: &str| {
            let xml = from_post(query, Some("text/xml"), body.as_bytes());
            xml.map(|xml| String::from_utf8(xml.to_vec()).unwrap())
        };
        // As one program in .NET does: its body is its own address.
        let body = "http://192.0.2.1/emservice/EMServiceServlet?xml=%3Ca/%3E";
        assert_eq!(post("xml=%3Ca/%3E", body).as_deref(), Ok("<a/>"));
        assert_eq!(post("", "<b/>").as_deref(), Ok("<b/>"));
        assert_eq!(post("x=y", "xml=%3Cb/%3E").as_deref(), Ok("<b/>"));
        let twice = post("xml=%3Ca/%3E&xml=%3Ca/%3E", "<b/>");
        assert_eq!(twice, Err(FormError::Duplicate));
    }

    #[test]
    fn forms_are_bounded() {
        let fits = format!("xml={}", "%3C".repeat(DOCUMENT_LIMIT));
        assert!(from_body(FORM, fits.as_bytes()).is_ok());
        let document = format!("xml={}", "%3C".repeat(DOCUMENT_LIMIT + 1));
        assert_eq!(
            from_body(FORM, document.as_bytes()),
            Err(FormError::TooLarge)
        );
        let form = vec![b'a'; FORM_LIMIT + 1];
        assert_eq!(from_body(FORM, &form), Err(FormError::TooLarge));
    }
}
