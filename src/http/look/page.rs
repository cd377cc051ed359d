//! The XML pages of a phone's web server: one root, and below it names with
//! values. Read leniently, since every generation has its own children, but
//! never without bounds.

use std::borrow::Cow;
use std::fmt;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use serde::Serialize;

/// The longest page, bytes; those of real phones have some 3 kB.
pub const LONGEST: usize = 64 * 1024;

/// The most lines of a page; the longest real one has some 120.
pub const MOST: usize = 512;

/// The most characters of a value.
pub const VALUE: usize = 512;

/// The most characters of a name.
pub const NAME: usize = 64;

/// The deepest nesting; lists of a page may have a level of their own.
const DEEPEST: usize = 4;

/// A line of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The element, as the phone spells it.
    pub name: String,
    /// Its text, without blanks at its ends; empty where there is none.
    pub value: String,
}

impl Entry {
    /// Whether it is called that; generations differ in case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Why a page cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// More than [`LONGEST`].
    TooLong,
    /// Nothing came: 7905 and 7912 phones answer so.
    Empty,
    /// Not XML, or cut off.
    NotXml,
    /// A web page, as phones have them under the same names without an X.
    Html,
    /// A document type could define anything.
    DocumentType,
    /// Elements inside elements beyond reason.
    TooDeep,
    /// More than [`MOST`].
    TooMany,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "it is longer than any phone's",
            Self::Empty => "it is empty",
            Self::NotXml => "it is not XML",
            Self::Html => "it is a web page and not XML",
            Self::DocumentType => "it defines a document type",
            Self::TooDeep => "its elements lie too deep in one another",
            Self::TooMany => "it has too many lines",
        })
    }
}

impl std::error::Error for Unreadable {}

/// Reads a page: the elements that hold no other, in their order.
///
/// # Errors
/// Why it cannot be read.
pub fn read_page(bytes: &[u8]) -> Result<Vec<Entry>, Unreadable> {
    if bytes.len() > LONGEST {
        return Err(Unreadable::TooLong);
    }
    let text = decode(bytes);
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    let mut reader = Reader::from_str(&text);
    let mut page = Reading::default();
    loop {
        match reader.read_event().map_err(|_| Unreadable::NotXml)? {
            Event::Eof => return page.finish(),
            Event::DocType(_) => {
                let html = text.to_ascii_lowercase().contains("<html");
                return Err(if html {
                    Unreadable::Html
                } else {
                    Unreadable::DocumentType
                });
            }
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Start(start) => page.open(start.local_name().as_ref())?,
            Event::Empty(start) => {
                page.open(start.local_name().as_ref())?;
                page.close()?;
            }
            Event::End(_) => page.close()?,
            Event::Text(text) => page.text(&text),
            Event::CData(data) => page.text(&data),
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().ok().flatten();
                match letter.filter(|letter| !letter.is_control()) {
                    Some(letter) => page.text(letter.encode_utf8(&mut [0; 4])),
                    // An entity that nobody declared says nothing.
                    None => page.text(resolve_predefined_entity(&reference).unwrap_or_default()),
                }
            }
        }
    }
}

/// UTF-8 where it is that, else ISO-8859-1, whatever is declared: phones
/// declare the one and send the other.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}

#[derive(Default)]
struct Reading {
    /// The elements that are open, the root first.
    open: Vec<Open>,
    /// A root was closed.
    over: bool,
    entries: Vec<Entry>,
}

struct Open {
    name: String,
    value: String,
    /// It holds others.
    is_list: bool,
}

impl Reading {
    fn open(&mut self, name: &str) -> Result<(), Unreadable> {
        if self.over {
            return Err(Unreadable::NotXml);
        }
        if self.open.len() >= DEEPEST {
            return Err(Unreadable::TooDeep);
        }
        // No name of XML has one (Extensible Markup Language 1.0, section 2.3),
        // and an operator's terminal would obey it.
        if name.contains(char::is_control) {
            return Err(Unreadable::NotXml);
        }
        if self.open.is_empty() && name.eq_ignore_ascii_case("html") {
            return Err(Unreadable::Html);
        }
        if let Some(outer) = self.open.last_mut() {
            outer.is_list = true;
        }
        self.open.push(Open {
            name: name.chars().take(NAME).collect(),
            value: String::new(),
            is_list: false,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unreadable> {
        let Some(closed) = self.open.pop() else {
            return Err(Unreadable::NotXml);
        };
        self.over = self.open.is_empty();
        if closed.is_list || self.over {
            return Ok(());
        }
        if self.entries.len() >= MOST {
            return Err(Unreadable::TooMany);
        }
        self.entries.push(Entry {
            name: closed.name,
            value: closed.value.trim().to_owned(),
        });
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            let room = VALUE.saturating_sub(open.value.chars().count());
            // What ends a line would end one of the operator's table.
            let shown = text
                .chars()
                .map(|letter| if letter.is_control() { ' ' } else { letter });
            open.value.extend(shown.take(room));
        }
    }

    fn finish(self) -> Result<Vec<Entry>, Unreadable> {
        if self.over {
            Ok(self.entries)
        } else {
            Err(Unreadable::NotXml)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, Unreadable> {
        let entries = read_page(text.as_bytes())?;
        let pairs = entries.into_iter().map(|entry| (entry.name, entry.value));
        Ok(pairs.collect())
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |text: &str| text.to_owned();
        list.iter().map(|(a, b)| (owned(a), owned(b))).collect()
    }

    #[test]
    fn a_page_is_its_names_and_values() {
        let text = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\r\n<DeviceInformation>\r\n\
                    <MACAddress>001122334455</MACAddress>\r\n<HostName>SEP001122334455</HostName>\
                    <phoneDN> 1001 </phoneDN><addonModule1></addonModule1><Amps/>\
                    <note>a &lt; b &amp;&#32;c &nbsp;</note></DeviceInformation>";
        assert_eq!(
            read(text).unwrap(),
            pairs(&[
                ("MACAddress", "001122334455"),
                ("HostName", "SEP001122334455"),
                ("phoneDN", "1001"),
                ("addonModule1", ""),
                ("Amps", ""),
                ("note", "a < b & c"),
            ])
        );
    }

    #[test]
    fn lists_of_a_page_are_flattened_and_line_ends_are_blanks() {
        let text = "<N><servers><one>a\r\nb</one><two>c</two></servers><x>d</x></N>";
        let expected = pairs(&[("one", "a  b"), ("two", "c"), ("x", "d")]);
        assert_eq!(read(text).unwrap(), expected);
        let latin = read_page(b"<N><v>Z\xFCrich</v></N>").unwrap();
        assert_eq!(latin[0].value, "Z\u{fc}rich");
    }

    #[test]
    fn what_is_no_such_page_is_told_apart() {
        assert_eq!(read(""), Err(Unreadable::Empty));
        assert_eq!(read("nothing"), Err(Unreadable::NotXml));
        assert_eq!(read("<N><a>1</a>"), Err(Unreadable::NotXml));
        assert_eq!(read("<N><a>1</b></N>"), Err(Unreadable::NotXml));
        assert_eq!(read("<N/><N/>"), Err(Unreadable::NotXml));
        assert_eq!(read("<N><a\x1b[2J/></N>"), Err(Unreadable::NotXml));
        let latin = read_page(b"<N><a\x9b2J/></N>");
        assert_eq!(latin, Err(Unreadable::NotXml), "the same in one octet");
        assert_eq!(read("<html><body/></html>"), Err(Unreadable::Html));
        assert_eq!(read("<!DOCTYPE html><HTML></HTML>"), Err(Unreadable::Html));
        let bomb = "<!DOCTYPE N [<!ENTITY a \"b\">]><N>&a;</N>";
        assert_eq!(read(bomb), Err(Unreadable::DocumentType));
        assert_eq!(
            read("<N><a><b><c><d/></c></b></a></N>"),
            Err(Unreadable::TooDeep)
        );
        let many = format!("<N>{}</N>", "<a/>".repeat(MOST + 1));
        assert_eq!(read(&many), Err(Unreadable::TooMany));
        let long = format!("<N>{}</N>", " ".repeat(LONGEST));
        assert_eq!(read(&long), Err(Unreadable::TooLong));
        let value = format!("<N><a>{}</a></N>", "x".repeat(VALUE + 1));
        assert_eq!(read(&value).unwrap()[0].1.len(), VALUE);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_page_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_page(&bytes);
        }

        #[test]
        fn any_tags_are_a_page_or_none(tags in "(<[/!?]?[a-zH]{0,4}[ =\"/]{0,3}>|&[a-z#0-9]{0,6};|[a-z ]){0,40}") {
            if let Ok(entries) = read_page(tags.as_bytes()) {
                prop_assert!(entries.len() <= MOST);
            }
        }

        /// Nothing that a phone says can steer the operator's terminal.
        #[test]
        fn no_name_or_value_steers_a_terminal(
            name in "[a-z][a-z\\x00-\\x1f\\x7f-\u{9f}]{0,4}",
            value in "[a-z\\x00-\\x1f\\x7f-\u{9f}]{0,8}|&#x(1b|9b|7);",
        ) {
            let page = format!("<N><{name}>{value}</{name}></N>");
            let entries = read_page(page.as_bytes()).unwrap_or_default();
            for text in entries.iter().flat_map(|e| [&e.name, &e.value]) {
                prop_assert!(!text.contains(char::is_control), "{text:?}");
            }
        }
    }
}
