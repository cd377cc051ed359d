//! The two character sets that phones read, how one is chosen, and what
//! becomes of letters that ISO-8859-1 lacks.

mod nearest;

use std::borrow::Cow;

use nearest::{composed, fullwidth, nearest};

/// The character set of a page.
///
/// It is written both in the XML declaration and in the Content-Type, because a
/// phone that finds neither takes the set of its user locale, not UTF-8
/// (*Application Development Notes*, *HTTP Encoding Header Setting*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charset {
    /// UTF-8 (RFC 3629).
    Utf8,
    /// ISO-8859-1, which every phone reads.
    Latin1,
}

impl Charset {
    /// Chooses by the phone's `Accept-Charset` header.
    ///
    /// UTF-8 is taken when the header names it with a weight above zero and not
    /// below that of ISO-8859-1. In every other case, also without a header,
    /// it is ISO-8859-1, which the oldest loads know. Other sets say nothing
    /// about UTF-8 and are passed over; `*` allows ISO-8859-1.
    ///
    /// The header is read leniently: phones have been seen to send
    /// `utf-8,;q=0.8`. An entry without a name is ignored, a weight that is no
    /// number counts as 1, names are compared without case.
    pub fn negotiate(accept_charset: Option<&str>) -> Self {
        let (utf8, latin1) = weights(accept_charset);
        if utf8 > 0 && utf8 >= latin1 {
            Self::Utf8
        } else {
            Self::Latin1
        }
    }

    /// As [`negotiate`](Charset::negotiate), for a phone that is known to read
    /// ISO-8859-1 best: UTF-8 only when the header names that and not this.
    pub fn negotiate_latin1(accept_charset: Option<&str>) -> Self {
        match weights(accept_charset) {
            (utf8, 0) if utf8 > 0 => Self::Utf8,
            _ => Self::Latin1,
        }
    }

    /// The set with this name (IANA character sets, with the usual aliases), in
    /// any case.
    pub fn from_name(name: &str) -> Option<Self> {
        const UTF8: [&str; 2] = ["utf-8", "utf8"];
        const LATIN1: [&str; 5] = ["iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1"];
        let is = |known: &&str| known.eq_ignore_ascii_case(name);
        if UTF8.iter().any(is) {
            Some(Self::Utf8)
        } else if LATIN1.iter().any(is) {
            Some(Self::Latin1)
        } else {
            None
        }
    }

    /// The name as it stands in the XML declaration and in the Content-Type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Latin1 => "ISO-8859-1",
        }
    }

    /// The Content-Type of a page in this set. Phones take only `text/xml` as
    /// an object; anything else textual is shown as it is.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Utf8 => "text/xml; charset=UTF-8",
            Self::Latin1 => "text/xml; charset=ISO-8859-1",
        }
    }

    /// The bytes of `text`. For ISO-8859-1 letters that it lacks are written
    /// in the nearest way (*Ł* as *L*, *œ* as *oe*, *€* as *EUR*, Greek and
    /// Cyrillic as they sound), others as `?`.
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Latin1 => self
                .transliterate(text)
                .chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
                .collect(),
        }
    }

    /// `text` in letters that this set has. The result may be longer than
    /// `text`, so field limits are applied after it.
    pub fn transliterate(self, text: &str) -> Cow<'_, str> {
        if self == Self::Utf8 || text.chars().all(in_latin1) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut letters = text.chars().peekable();
        while let Some(c) = letters.next() {
            let mark = letters.peek().copied();
            if let Some(letter) = mark.and_then(|mark| composed(c, mark)) {
                out.push(letter);
                letters.next();
            } else if let Some(c) = Some(c).filter(|c| in_latin1(*c)).or_else(|| fullwidth(c)) {
                out.push(c);
            } else {
                out.push_str(nearest(c));
            }
        }
        Cow::Owned(out)
    }

    /// Whether [`transliterate`](Charset::transliterate) would leave `text` as
    /// it is.
    pub fn has(self, text: &str) -> bool {
        self == Self::Utf8 || text.chars().all(in_latin1)
    }

    /// The text of `bytes`; `None` when they are not in this set.
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Latin1 => Some(match std::str::from_utf8(bytes) {
                Ok(text) if bytes.is_ascii() => Cow::Borrowed(text),
                _ => Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect()),
            }),
        }
    }
}

/// The weights of UTF-8 and of ISO-8859-1 in an `Accept-Charset`, in
/// thousandths; 0 where it is not named. `*` alone stands for ISO-8859-1: no
/// phone that reads UTF-8 fails to say so.
fn weights(accept_charset: Option<&str>) -> (u32, u32) {
    let (mut utf8, mut latin1) = (0, 0);
    for entry in accept_charset.unwrap_or_default().split(',') {
        let mut parts = entry.split(';');
        let name = parts.next().unwrap_or_default().trim().trim_matches('"');
        let weight = parts.find_map(weight).unwrap_or(1000);
        match Charset::from_name(name) {
            Some(Charset::Utf8) => utf8 = utf8.max(weight),
            Some(Charset::Latin1) => latin1 = latin1.max(weight),
            None if name == "*" => latin1 = latin1.max(weight),
            None => {}
        }
    }
    (utf8, latin1)
}

/// A `q=` parameter in thousandths (RFC 9110, 12.4.2).
fn weight(parameter: &str) -> Option<u32> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let value: f32 = value.trim().parse().unwrap_or(1.0);
    if value.is_nan() {
        return Some(1000);
    }
    #[allow(clippy::cast_sign_loss)] // clamped to 0..=1 before
    Some((value.clamp(0.0, 1.0) * 1000.0) as u32)
}

fn in_latin1(c: char) -> bool {
    u32::from(c) <= 0xFF
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_headers_that_phones_send_choose_as_documented() {
        let cases = [
            (Some("utf-8,iso-8859-1;q=0.8"), Charset::Utf8), // CP-7965G
            (Some("utf-8,;q=0.8"), Charset::Utf8),           // CP-7970G
            (Some("iso-8859-1"), Charset::Latin1),           // CP-7921G
            (Some("iso-8859-1,utf-8;q=0.8"), Charset::Latin1), // CP-7942G
            (None, Charset::Latin1),
            (Some(""), Charset::Latin1),
            (Some("*"), Charset::Latin1),
            (Some("UTF-8"), Charset::Utf8),
            (Some("utf-8;q=0"), Charset::Latin1),
            (Some("utf-8;q=0.5, latin1;q=0.5"), Charset::Utf8),
            (Some("utf-8 ; Q=0.4 , ISO-8859-1;q=0.5"), Charset::Latin1),
            (Some("utf-16, utf-8;q=0.1"), Charset::Utf8),
            (Some("utf-8;q=plenty,iso-8859-1"), Charset::Utf8),
            (Some(";;;,,q=,="), Charset::Latin1),
        ];
        for (header, charset) in cases {
            assert_eq!(Charset::negotiate(header), charset, "{header:?}");
        }
    }

    #[test]
    fn a_phone_known_for_latin1_gets_utf8_only_when_it_offers_nothing_else() {
        for (header, charset) in [
            (None, Charset::Latin1),
            (Some("iso-8859-1"), Charset::Latin1),
            (Some("utf-8,iso-8859-1;q=0.8"), Charset::Latin1),
            (Some("utf-8;q=0.5,*;q=0.1"), Charset::Latin1),
            (Some("utf-8"), Charset::Utf8),
            (Some("utf-8, iso-8859-1;q=0"), Charset::Utf8),
        ] {
            assert_eq!(Charset::negotiate_latin1(header), charset, "{header:?}");
        }
    }

    #[test]
    fn latin1_writes_what_it_has_and_respells_the_rest() {
        let bytes = Charset::Latin1.encode("Müller–Łukasz: 5 € „œuvre“ Ő 電");
        let text = Charset::Latin1.decode(&bytes).unwrap();
        assert_eq!(text, "Müller-Lukasz: 5 EUR \"oeuvre\" Ö ?");
        assert_eq!(bytes[1], 0xFC);
    }

    #[test]
    fn latin1_spells_names_of_other_scripts_as_they_sound() {
        for (name, spelt) in [
            ("Юлия Щербакова", "Yuliya Shcherbakova"),
            ("Жуков Объём", "Zhukov Obem"),
            ("Київ", "Kiiv"),
            ("Γιώργος Ψαράς", "Giorgos Psaras"),
            (
                "Zoe\u{308} Mu\u{308}ller, Franc\u{327}ois",
                "Zoë Müller, François",
            ),
            ("z\u{30C}", "z"),
            ("Ｐｈｏｎｅ　１", "Phone 1"),
            ("a\u{202E}b\u{2066}c\u{FE0F}", "abc"),
            ("電話", "??"),
        ] {
            assert_eq!(Charset::Latin1.transliterate(name), spelt, "{name}");
        }
    }

    #[test]
    fn utf8_is_left_alone() {
        assert_eq!(Charset::Utf8.encode("€"), "€".as_bytes());
        assert!(Charset::Utf8.has("電"));
        assert!(!Charset::Latin1.has("€"));
        assert_eq!(Charset::Utf8.decode(b"\xFC"), None);
    }

    proptest! {
        #[test]
        fn whatever_is_respelt_latin1_has(text in "\\PC{0,60}") {
            let respelt = Charset::Latin1.transliterate(&text).into_owned();
            prop_assert!(Charset::Latin1.has(&respelt));
            let bytes = Charset::Latin1.encode(&text);
            prop_assert_eq!(Charset::Latin1.decode(&bytes).unwrap(), respelt);
        }
    }
}
