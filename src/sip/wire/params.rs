//! Parameter lists: `;name`, `;name=value`, `;name="quoted value"`.

use std::fmt;

use super::error::Fault;
use super::scan;

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// The name and right after it the value, without quotes and escapes.
    text: String,
    name_len: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Only a name.
    Flag,
    /// The value stands without quotes.
    Plain,
    /// The value stands in quotes.
    Quoted,
}

impl Param {
    fn new(name: &str, value: &str, kind: Kind) -> Self {
        Self {
            text: [name, value].concat(),
            name_len: name.len(),
            kind,
        }
    }

    /// The name as received. Names compare without case; `!` and `+` may be part of them.
    pub fn name(&self) -> &str {
        self.text.get(..self.name_len).unwrap_or_default()
    }

    /// The value without quotes and escapes, or `None` for a bare flag.
    pub fn value(&self) -> Option<&str> {
        match self.kind {
            Kind::Flag => None,
            Kind::Plain | Kind::Quoted => self.text.get(self.name_len..),
        }
    }
}

/// The parameters of a header value or of a URI, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<Param>);

/// How the value of a parameter is delimited.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// After a header value: quoted strings are possible, white space around `;` and `=` is not part of anything.
    Header,
    /// Inside a URI: no quotes, no white space, escapes are kept as they are.
    Uri,
}

impl Params {
    /// No parameters.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Reads what follows the first `;`. One empty element at the very end is forgiven.
    pub(super) fn parse(text: &[u8], style: Style) -> Result<Self, Fault> {
        match style {
            Style::Header => Self::collect(scan::split(text, b';'), style),
            Style::Uri => {
                let elements = text.split(|byte| *byte == b';');
                Self::collect(elements.take(scan::MAX_ELEMENTS + 1).map(Ok), style)
            }
        }
    }

    /// Reads a list divided by commas, as digest credentials have it. Empty elements are forgiven.
    pub(super) fn parse_commas(text: &[u8]) -> Result<Self, Fault> {
        let mut params = Vec::new();
        for element in scan::split(text, b',') {
            let element = element?;
            if !element.is_empty() {
                params.push(parse_one(element, Style::Header)?);
            }
        }
        Ok(Self(params))
    }

    fn collect<'a>(
        elements: impl Iterator<Item = Result<&'a [u8], Fault>>,
        style: Style,
    ) -> Result<Self, Fault> {
        let mut params = Vec::new();
        let mut elements = elements.peekable();
        while let Some(element) = elements.next() {
            let element = element?;
            if element.is_empty() && elements.peek().is_none() {
                break;
            }
            if params.len() >= scan::MAX_ELEMENTS {
                return Err(Fault::TooMany);
            }
            params.push(parse_one(element, style)?);
        }
        Ok(Self(params))
    }

    /// The first parameter of that name.
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.0
            .iter()
            .find(|param| param.name().eq_ignore_ascii_case(name))
    }

    /// Whether there is one of that name, with or without value.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The value of the first parameter of that name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Param::value)
    }

    /// All of them in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Param> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a bare flag. A name that is not a token is left out, for it would break the header.
    pub fn push_flag(&mut self, name: &str) {
        self.push_value(name, "", Kind::Flag);
    }

    /// Adds a value, in quotes where it needs them.
    pub fn push(&mut self, name: &str, value: &str) {
        if !value.is_empty() && value.bytes().all(is_plain_byte) {
            self.push_value(name, value, Kind::Plain);
        } else {
            self.push_quoted(name, value);
        }
    }

    /// Adds a value in quotes.
    pub fn push_quoted(&mut self, name: &str, value: &str) {
        let value = value.replace(['\r', '\n'], " ");
        self.push_value(name, &value, Kind::Quoted);
    }

    /// Drops every parameter of that name.
    pub fn remove(&mut self, name: &str) {
        self.0
            .retain(|param| !param.name().eq_ignore_ascii_case(name));
    }

    fn push_value(&mut self, name: &str, value: &str, kind: Kind) {
        if scan::is_token(name.as_bytes()) {
            self.0.push(Param::new(name, value, kind));
        }
    }
}

/// What may stand in a value without quotes: tokens, hosts, and whatever else delimits nothing.
const fn is_plain_byte(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f && !matches!(byte, b';' | b',' | b'"' | b'<' | b'>' | b'\\')
}

/// A URI excludes the same, and `?`, which starts its headers. A comma divides nothing within brackets.
const fn is_uri_byte(byte: u8) -> bool {
    (is_plain_byte(byte) && byte != b'?') || byte == b','
}

/// Parameter names in URIs know brackets, slashes and the like (RFC 3261 section 25.1, `paramchar`).
const fn is_uri_name_byte(byte: u8) -> bool {
    scan::is_token_byte(byte)
        || matches!(byte, b'[' | b']' | b'/' | b':' | b'&' | b'$' | b'(' | b')')
}

fn parse_one(element: &[u8], style: Style) -> Result<Param, Fault> {
    let (name, value) = match scan::cut(element, b'=') {
        Some((name, value)) => (scan::trim(name), Some(scan::trim(value))),
        None => (element, None),
    };
    let good_name = match style {
        Style::Header => scan::is_token(name),
        Style::Uri => !name.is_empty() && name.iter().copied().all(is_uri_name_byte),
    };
    if !good_name {
        return Err(Fault::Parameter);
    }
    let mut text = Vec::with_capacity(element.len());
    text.extend_from_slice(name);
    let kind = match value {
        None => Kind::Flag,
        Some(quoted) if style == Style::Header && quoted.starts_with(b"\"") => {
            if !scan::unquote_into(quoted, &mut text) {
                return Err(Fault::Parameter);
            }
            Kind::Quoted
        }
        Some(plain) => {
            let allowed = match style {
                Style::Header => is_plain_byte,
                Style::Uri => is_uri_byte,
            };
            if !plain.iter().copied().all(allowed) {
                return Err(Fault::Parameter);
            }
            text.extend_from_slice(plain);
            Kind::Plain
        }
    };
    Ok(Param {
        // A name is ASCII: mending the value does not move it.
        text: scan::into_text(text),
        name_len: name.len(),
        kind,
    })
}

impl<'a> IntoIterator for &'a Params {
    type Item = &'a Param;
    type IntoIter = std::slice::Iter<'a, Param>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for param in &self.0 {
            write!(f, ";{}", param.name())?;
            let value = param.value().unwrap_or_default();
            match param.kind {
                Kind::Flag => {}
                Kind::Plain => write!(f, "={value}")?,
                Kind::Quoted => write!(f, "={}", scan::quote(value))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cisco_contact_parameters_are_read() {
        let text = br#"+sip.instance="<urn:uuid:00000000-0000-0000-0000-c80084aa8743>";+u.sip!devicename.ccm.cisco.com="SEPC80084AA8743";expires=0;cisco-keep-alive"#;
        let params = Params::parse(text, Style::Header).unwrap();
        assert_eq!(
            params.value("+u.sip!DEVICENAME.ccm.cisco.com"),
            Some("SEPC80084AA8743")
        );
        assert_eq!(
            params.value("+sip.instance"),
            Some("<urn:uuid:00000000-0000-0000-0000-c80084aa8743>")
        );
        assert!(params.has("cisco-keep-alive"));
        assert_eq!(params.value("cisco-keep-alive"), None);
        assert_eq!(params.to_string().as_bytes(), [b";", &text[..]].concat());
    }

    #[test]
    fn blanks_quotes_and_escapes_are_undone() {
        let params = Params::parse(br#" a = 1 ; b = "x \"y\"; z" ;c= "#, Style::Header).unwrap();
        assert_eq!(params.value("a"), Some("1"));
        assert_eq!(params.value("b"), Some("x \"y\"; z"));
        assert_eq!(params.value("c"), Some(""));
    }

    #[test]
    fn broken_parameters_are_refused() {
        for text in [&b"a;;b"[..], b"=1", b"a b", b"a=\"x", b"a=\"x\"y", b"a=b c"] {
            assert!(Params::parse(text, Style::Header).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_pushed_needs_no_trust() {
        let mut params = Params::new();
        params.push("text", "a \"b\"\r\nc");
        params.push("bad name", "x");
        params.push("received", "2001:db8::1");
        assert_eq!(
            params.to_string(),
            ";text=\"a \\\"b\\\"  c\";received=2001:db8::1"
        );
    }
}
