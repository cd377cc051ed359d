//! Header fields: the bytes as received, found by canonical name whatever spelling came.

use std::fmt;

use bytes::Bytes;

use super::scan;

/// A header that this codec knows, with its compact form.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HeaderName {
    long: &'static str,
    compact: Option<char>,
}

macro_rules! names {
    ($($constant:ident $long:literal $($compact:literal)?;)*) => {
        impl HeaderName {
            $(#[doc = concat!("`", $long, "`", $(", compact form `", $compact, "`")?)]
            pub const $constant: Self = Self { long: $long, compact: names!(@ $($compact)?) };)*
        }
    };
    (@ $compact:literal) => { Some($compact) };
    (@) => { None };
}

names! {
    ACCEPT "Accept";
    ACCEPT_CONTACT "Accept-Contact" 'a';
    ALLOW "Allow";
    ALLOW_EVENTS "Allow-Events" 'u';
    AUTHORIZATION "Authorization";
    CALL_ID "Call-ID" 'i';
    CALL_INFO "Call-Info";
    CONTACT "Contact" 'm';
    CONTENT_DISPOSITION "Content-Disposition";
    CONTENT_ENCODING "Content-Encoding" 'e';
    CONTENT_ID "Content-Id";
    CONTENT_LENGTH "Content-Length" 'l';
    CONTENT_TYPE "Content-Type" 'c';
    CSEQ "CSeq";
    DATE "Date";
    EVENT "Event" 'o';
    EXPIRES "Expires";
    FROM "From" 'f';
    MAX_FORWARDS "Max-Forwards";
    MIME_VERSION "Mime-Version";
    MIN_EXPIRES "Min-Expires";
    PROXY_AUTHENTICATE "Proxy-Authenticate";
    PROXY_AUTHORIZATION "Proxy-Authorization";
    PROXY_REQUIRE "Proxy-Require";
    REASON "Reason";
    RECORD_ROUTE "Record-Route";
    REFER_TO "Refer-To" 'r';
    REFERRED_BY "Referred-By" 'b';
    REJECT_CONTACT "Reject-Contact" 'j';
    REMOTE_PARTY_ID "Remote-Party-ID";
    REQUEST_DISPOSITION "Request-Disposition" 'd';
    REQUIRE "Require";
    RETRY_AFTER "Retry-After";
    ROUTE "Route";
    SERVER "Server";
    SESSION_EXPIRES "Session-Expires" 'x';
    SESSION_ID "Session-ID";
    SIP_ETAG "SIP-ETag";
    SIP_IF_MATCH "SIP-If-Match";
    SUBJECT "Subject" 's';
    SUBSCRIPTION_STATE "Subscription-State";
    SUPPORTED "Supported" 'k';
    TIMESTAMP "Timestamp";
    TO "To" 't';
    UNSUPPORTED "Unsupported";
    USER_AGENT "User-Agent";
    VIA "Via" 'v';
    WARNING "Warning";
    WWW_AUTHENTICATE "WWW-Authenticate";
}

impl HeaderName {
    /// The name as it is written.
    pub const fn as_str(self) -> &'static str {
        self.long
    }

    /// Whether a received name means this header, in long or compact form and any case.
    pub fn matches(self, name: &str) -> bool {
        self.matches_bytes(name.as_bytes())
    }

    fn matches_bytes(self, name: &[u8]) -> bool {
        match (self.compact, name) {
            (Some(compact), [only]) => char::from(only.to_ascii_lowercase()) == compact,
            _ => name.eq_ignore_ascii_case(self.long.as_bytes()),
        }
    }

    /// Values that nobody may print.
    fn is_secret(name: &str) -> bool {
        Self::AUTHORIZATION.matches(name) || Self::PROXY_AUTHORIZATION.matches(name)
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.long)
    }
}

impl fmt::Debug for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.long)
    }
}

/// One header line. It holds no line end: folding is undone when it is read, and whatever is put in has its line
/// ends replaced by blanks, so no value can smuggle another header in.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// The whole line as it goes out again: name, blanks, colon, blanks, value.
    line: Bytes,
    name_len: usize,
    value: Bytes,
}

impl Field {
    /// A field to send.
    pub fn new(name: HeaderName, value: impl AsRef<[u8]>) -> Self {
        Self::assemble(name.long, value.as_ref())
    }

    /// A field whose name is not among [`HeaderName`]; `None` when the name is not a token.
    pub fn extension(name: &str, value: impl AsRef<[u8]>) -> Option<Self> {
        scan::is_token(name.as_bytes()).then(|| Self::assemble(name, value.as_ref()))
    }

    fn assemble(name: &str, value: &[u8]) -> Self {
        let value = scan::trim(value);
        let mut line = Vec::with_capacity(name.len() + 2 + value.len());
        line.extend_from_slice(name.as_bytes());
        line.extend_from_slice(b": ");
        let start = line.len();
        line.extend(value.iter().map(|byte| match byte {
            b'\r' | b'\n' => b' ',
            other => *other,
        }));
        let line = Bytes::from(line);
        let value = line.slice(start..);
        Self {
            line,
            name_len: name.len(),
            value,
        }
    }

    /// Reads one unfolded line; `None` when it has no colon or an impossible name. A bare CR inside becomes a blank.
    pub(super) fn from_line(line: Bytes) -> Option<Self> {
        let line = if line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            line.iter()
                .map(|byte| if scan::is_lws(*byte) { b' ' } else { *byte })
                .collect()
        } else {
            line
        };
        let (name, value) = scan::cut(&line, b':')?;
        let mut name_len = name.len();
        while name_len > 0 && name.get(name_len - 1).copied().is_some_and(scan::is_lws) {
            name_len -= 1;
        }
        if !scan::is_token(name.get(..name_len)?) {
            return None;
        }
        let value = line.slice_ref(scan::trim(value));
        Some(Self {
            line,
            name_len,
            value,
        })
    }

    /// The name as received or written.
    pub fn name(&self) -> &str {
        // A name is a token, hence ASCII.
        std::str::from_utf8(self.line.get(..self.name_len).unwrap_or_default()).unwrap_or_default()
    }

    /// Whether this is the header of that name, in any spelling.
    pub fn is(&self, name: HeaderName) -> bool {
        // Every header of a message is asked this several times: no look at UTF-8.
        name.matches_bytes(self.line.get(..self.name_len).unwrap_or_default())
    }

    /// The value bytes: unfolded, without blanks at the ends, otherwise as received.
    pub const fn value(&self) -> &Bytes {
        &self.value
    }

    /// The value, when it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.value).ok()
    }

    /// The line as it goes out, without line end.
    pub(super) const fn line(&self) -> &Bytes {
        &self.line
    }

    /// The same header, in the same spelling, with another value.
    pub(super) fn with_value(&self, value: &[u8]) -> Self {
        Self::assemble(self.name(), value)
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if HeaderName::is_secret(self.name()) {
            write!(f, "{}: (hidden)", self.name())
        } else {
            write!(f, "{}: {}", self.name(), self.value.escape_ascii())
        }
    }
}

/// The header lines of a message or of a body part, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<Field>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// All lines in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.0.iter()
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first line of that name.
    pub fn get(&self, name: HeaderName) -> Option<&Field> {
        self.all(name).next()
    }

    /// Every line of that name.
    pub fn all(&self, name: HeaderName) -> impl Iterator<Item = &Field> {
        self.0.iter().filter(move |field| field.is(name))
    }

    /// The first line of a header that is not among [`HeaderName`], found by long name in any case.
    pub fn extension(&self, name: &str) -> Option<&Field> {
        self.0
            .iter()
            .find(|field| field.name().eq_ignore_ascii_case(name))
    }

    /// The value of the first line of that name.
    pub fn value(&self, name: HeaderName) -> Option<&Bytes> {
        self.get(name).map(Field::value)
    }

    /// The value of the first line of that name, when it is UTF-8.
    pub fn text(&self, name: HeaderName) -> Option<&str> {
        self.get(name).and_then(Field::text)
    }

    /// Whether a comma-separated list of tokens, such as Supported, holds `token` in any case.
    pub fn has_token(&self, name: HeaderName, token: &str) -> bool {
        self.tokens(name)
            .any(|found| found.eq_ignore_ascii_case(token))
    }

    /// The elements of a comma-separated list of tokens over all lines of that name; empty ones are left out.
    pub fn tokens(&self, name: HeaderName) -> impl Iterator<Item = &str> {
        self.all(name)
            .filter_map(Field::text)
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .filter(|token| !token.is_empty())
    }

    /// Adds a line at the end.
    pub fn append(&mut self, field: Field) {
        self.0.push(field);
    }

    /// Adds a line of a known header at the end.
    pub fn push(&mut self, name: HeaderName, value: impl AsRef<[u8]>) {
        self.0.push(Field::new(name, value));
    }

    /// Adds a line before all others, as a proxy does with its Via.
    pub fn push_front(&mut self, field: Field) {
        self.0.insert(0, field);
    }

    /// Puts one line in the place of the first of that name and drops the others; at the end when there was none.
    pub fn set(&mut self, name: HeaderName, value: impl AsRef<[u8]>) {
        let field = Field::new(name, value);
        match self.0.iter().position(|old| old.is(name)) {
            Some(at) => {
                self.remove(name);
                self.0.insert(at.min(self.0.len()), field);
            }
            None => self.0.push(field),
        }
    }

    /// Drops every line of that name.
    pub fn remove(&mut self, name: HeaderName) {
        self.0.retain(|field| !field.is(name));
    }

    /// Exchanges the first line of that name, keeping its place and its spelling.
    pub(super) fn replace_first(&mut self, name: HeaderName, value: &[u8]) {
        if let Some(field) = self.0.iter_mut().find(|field| field.is(name)) {
            *field = field.with_value(value);
        }
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Field;
    type IntoIter = std::slice::Iter<'a, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_found_in_every_spelling() {
        for spelling in ["Via", "via", "vIA", "v", "V"] {
            assert!(HeaderName::VIA.matches(spelling), "{spelling}");
        }
        assert!(!HeaderName::VIA.matches("Vi"));
        assert!(!HeaderName::CSEQ.matches("c"), "c is Content-Type");
        assert!(HeaderName::CONTENT_TYPE.matches("c"));
    }

    #[test]
    fn every_compact_form_means_one_header() {
        for (compact, name) in [
            ("a", HeaderName::ACCEPT_CONTACT),
            ("b", HeaderName::REFERRED_BY),
            ("c", HeaderName::CONTENT_TYPE),
            ("d", HeaderName::REQUEST_DISPOSITION),
            ("e", HeaderName::CONTENT_ENCODING),
            ("f", HeaderName::FROM),
            ("i", HeaderName::CALL_ID),
            ("j", HeaderName::REJECT_CONTACT),
            ("k", HeaderName::SUPPORTED),
            ("l", HeaderName::CONTENT_LENGTH),
            ("m", HeaderName::CONTACT),
            ("o", HeaderName::EVENT),
            ("r", HeaderName::REFER_TO),
            ("s", HeaderName::SUBJECT),
            ("t", HeaderName::TO),
            ("u", HeaderName::ALLOW_EVENTS),
            ("v", HeaderName::VIA),
            ("x", HeaderName::SESSION_EXPIRES),
        ] {
            assert!(name.matches(compact), "{compact}");
        }
    }

    #[test]
    fn a_value_cannot_smuggle_a_header_in() {
        let field = Field::new(HeaderName::REASON, "SIP\r\nContact: *");
        assert_eq!(field.line().as_ref(), b"Reason: SIP  Contact: *");
        assert!(Field::extension("X-A: b", "c").is_none());
    }

    #[test]
    fn credentials_do_not_show() {
        let field = Field::new(
            HeaderName::AUTHORIZATION,
            "Digest response=\"0123456789abcdef\"",
        );
        assert_eq!(format!("{field:?}"), "Authorization: (hidden)");
    }

    #[test]
    fn setting_keeps_the_place_of_the_first() {
        let mut headers = Headers::new();
        headers.push(HeaderName::EXPIRES, "1");
        headers.push(HeaderName::TO, "<sip:a@b>");
        headers.push(HeaderName::EXPIRES, "2");
        headers.set(HeaderName::EXPIRES, "120");
        let lines: Vec<_> = headers.iter().map(|field| field.line().clone()).collect();
        assert_eq!(lines, ["Expires: 120", "To: <sip:a@b>"]);
    }
}
