//! Field types: text that always fits, URLs that are never cut, lists that
//! never overflow.

use std::fmt;

use super::limits;

/// Text for a field of at most `MAX` characters.
///
/// What does not fit is cut off, because a page with a shortened title is
/// better than the *XML Error\[4\]* that strict firmware shows for a long one.
/// Characters that no phone accepts are removed (see [`Label::new`]).
///
/// The empty label means *not configured*: phones treat an empty, a
/// self-closed and a missing element alike, so it is not written at all.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Label<const MAX: usize>(String);

impl<const MAX: usize> Label<MAX> {
    /// Keeps the first `MAX` characters of `text`, after taking out control
    /// characters other than CR, LF and TAB.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(
            text.as_ref()
                .chars()
                .filter(|c| is_displayable(*c))
                .take(MAX)
                .collect(),
        )
    }

    /// As [`Label::new`], but a text that does not fit becomes empty. For values
    /// that the user would submit or dial: half a number is a wrong number.
    pub fn whole(text: impl AsRef<str>) -> Self {
        let clean: String = text
            .as_ref()
            .chars()
            .filter(|c| is_displayable(*c))
            .collect();
        if clean.chars().count() > MAX {
            Self::default()
        } else {
            Self(clean)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the field is not configured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const MAX: usize> fmt::Debug for Label<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MAX: usize> fmt::Display for Label<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> AsRef<str> for Label<MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> From<&str> for Label<MAX> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<const MAX: usize> From<String> for Label<MAX> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// Whether `c` may stand in a page: XML's characters (XML 1.0, 2.2) without the
/// control characters that phones refuse (*CiscoIPPhoneText*).
pub(super) fn is_displayable(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\t') || !(c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}'))
}

/// Why a value cannot stand in a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The URL is empty.
    #[error("a URL in a phone page may not be empty")]
    EmptyUrl,
    /// The URL is longer than [`limits::URL`]; cut off it would lead elsewhere.
    #[error("a URL in a phone page may have {max} characters, this one has {length}", max = limits::URL)]
    UrlTooLong {
        /// Characters found.
        length: usize,
    },
    /// The URL holds a character that must be percent-encoded first.
    #[error("character {0:?} must be percent-encoded in a URL")]
    UrlCharacter(char),
    /// A parameter name is empty, longer than [`limits::PARAMETER`], or holds
    /// characters that would change the query string: phones copy it verbatim.
    #[error("a query string parameter needs 1 to {max} letters, digits, '-', '_', '.', '~' or '*'", max = limits::PARAMETER)]
    Parameter,
}

/// A URL or one of the phone's internal URIs (`SoftKey:Exit`, `Init:Services`,
/// `Dial:1001`): 1 to 256 visible ASCII characters.
///
/// [`SoftKey::uri`](super::SoftKey::uri) and [`Url::new`] make them. The
/// lenient reader keeps URLs as they came, also longer ones.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Url(String);

impl Url {
    /// Takes a URL as it shall arrive at the phone (not XML-escaped; the writer
    /// does that).
    pub fn new(url: impl Into<String>) -> Result<Self, FieldError> {
        let url = url.into();
        if url.is_empty() {
            return Err(FieldError::EmptyUrl);
        }
        if let Some(bad) = url.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(FieldError::UrlCharacter(bad));
        }
        if url.len() > limits::URL {
            return Err(FieldError::UrlTooLong { length: url.len() });
        }
        Ok(Self(url))
    }

    /// A URL as a page held it: what [`Url::new`] refuses inside is
    /// percent-encoded as UTF-8, so that every `Url` is ASCII.
    pub(super) fn from_page(url: &str) -> Self {
        let mut out = String::with_capacity(url.len());
        for c in url.chars() {
            if c.is_ascii_graphic() {
                out.push(c);
            } else {
                super::submit::percent_encode_char(c, &mut out);
            }
        }
        Self(out)
    }

    /// One of this room's own constant URIs.
    pub(super) fn internal(uri: &'static str) -> Self {
        Self(uri.to_owned())
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a web server serves it, as opposed to the phone itself.
    pub fn is_http(&self) -> bool {
        let scheme = self.0.split(':').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A list of at most `MAX` items. What comes after is dropped and counted, so
/// that a page is always valid and the caller can still say what is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited<T, const MAX: usize> {
    items: Vec<T>,
    dropped: usize,
}

impl<T, const MAX: usize> Default for Limited<T, MAX> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            dropped: 0,
        }
    }
}

impl<T, const MAX: usize> Limited<T, MAX> {
    /// Appends `item`, or counts it as dropped when the list is full.
    pub fn push(&mut self, item: T) {
        if self.is_full() {
            self.dropped += 1;
        } else {
            self.items.push(item);
        }
    }

    /// Counts an item that may not stand here for another reason.
    pub(super) fn refuse(&mut self) {
        self.dropped += 1;
    }

    /// Whether the next [`push`](Limited::push) would drop.
    pub fn is_full(&self) -> bool {
        self.items.len() >= MAX
    }

    /// How many items did not fit.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The items kept.
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }

    /// The items kept, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// How many items were kept.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T, const MAX: usize> Extend<T> for Limited<T, MAX> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.push(item);
        }
    }
}

impl<T, const MAX: usize> FromIterator<T> for Limited<T, MAX> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::default();
        list.extend(items);
        list
    }
}

impl<'a, T, const MAX: usize> IntoIterator for &'a Limited<T, MAX> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn labels_are_cut_by_character_not_by_byte() {
        let long = "ü".repeat(40);
        let label = Label::<32>::new(&long);
        assert_eq!(label.as_str(), "ü".repeat(32));
        assert_eq!(Label::<32>::new("short").as_str(), "short");
    }

    #[test]
    fn labels_lose_control_characters_before_they_are_cut() {
        let label = Label::<4>::new("a\u{0}b\u{7f}\u{85}c\r\u{fffe}\nd");
        assert_eq!(label.as_str(), "abc\r");
        assert_eq!(Label::<9>::new("a\tb\r\nc").as_str(), "a\tb\r\nc");
    }

    #[test]
    fn a_number_that_does_not_fit_is_left_out_rather_than_cut() {
        assert!(Label::<4>::whole("12345").is_empty());
        assert_eq!(Label::<5>::whole("12345").as_str(), "12345");
    }

    #[test]
    fn urls_over_256_characters_are_an_error() {
        let fits = format!("http://h/{}", "a".repeat(247));
        assert_eq!(fits.len(), 256);
        assert!(Url::new(fits.clone()).is_ok());
        assert_eq!(
            Url::new(format!("{fits}a")),
            Err(FieldError::UrlTooLong { length: 257 })
        );
        assert_eq!(Url::new(""), Err(FieldError::EmptyUrl));
        assert_eq!(Url::new("http://h/a b"), Err(FieldError::UrlCharacter(' ')));
        assert_eq!(Url::new("http://h/ü"), Err(FieldError::UrlCharacter('ü')));
    }

    #[test]
    fn a_web_url_is_told_from_an_internal_uri() {
        assert!(Url::new("HTTP://h/x").unwrap().is_http());
        assert!(Url::new("https://h/x").unwrap().is_http());
        assert!(!Url::new("SoftKey:Exit").unwrap().is_http());
        assert!(!Url::new("Init:Services").unwrap().is_http());
    }

    #[test]
    fn lists_keep_what_fits_and_count_the_rest() {
        let list: Limited<u8, 3> = (0..5).collect();
        assert_eq!(list.as_slice(), [0, 1, 2]);
        assert_eq!(list.dropped(), 2);
    }
}
