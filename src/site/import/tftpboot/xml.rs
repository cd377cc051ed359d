//! XML as phones read it: one root, well-formed, without namespaces, no
//! document type, bounded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::site::import::draft::Draft;
use crate::site::import::report::Place;

/// The longest document, in bytes.
const LONGEST: usize = 1 << 20;
/// The deepest nesting; a boot file has about eight.
const DEEPEST: usize = 32;
/// The most elements.
const MOST: usize = 20_000;

/// An element, and the line that it begins on.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) line: usize,
    attributes: Vec<(String, String)>,
    text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// Its text without blanks at its ends.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Its children of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element at the end of a path such as `devicePool/name`.
    pub(super) fn find(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |element, name| {
            element.children.iter().find(|child| child.name == name)
        })
    }

    /// The element at the end of a path, unless it has no text.
    pub(super) fn filled(&self, path: &str) -> Option<&Element> {
        self.find(path).filter(|element| !element.text().is_empty())
    }

    /// The text at the end of a path; empty where there is none.
    pub(super) fn text_at(&self, path: &str) -> &str {
        self.find(path).map(Element::text).unwrap_or_default()
    }
}

/// Why a text is no such document. It never repeats the text.
#[derive(Debug)]
pub(super) struct Fault {
    line: usize,
    why: &'static str,
}

/// Notes that a file cannot be read.
pub(super) fn note(place: &Place, fault: &Fault, draft: &mut Draft<'_>) {
    draft.note(
        &place.line(fault.line),
        "the file",
        &format!("it cannot be read: {}; phones refuse it too", fault.why),
        "mend it (xmllint tells where), and import again",
    );
}

/// Reads a document.
pub(super) fn parse(text: &str) -> Result<Element, Fault> {
    let mut tree = Tree::new(text);
    if text.len() > LONGEST {
        return Err(tree.fault("it is longer than 1 MB"));
    }
    let mut reader = Reader::from_str(text);
    loop {
        tree.seek(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
        let Ok(event) = reader.read_event() else {
            return Err(tree.fault("it is not well-formed XML"));
        };
        match event {
            Event::Eof => return tree.finish(),
            Event::DocType(_) => return Err(tree.fault("it has a document type")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Start(start) => tree.open(&start)?,
            Event::Empty(start) => {
                tree.open(&start)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text),
            Event::CData(data) => tree.text(&data),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => tree.text(c.encode_utf8(&mut [0; 4])),
                Ok(None) => match quick_xml::escape::resolve_predefined_entity(&reference) {
                    Some(text) => tree.text(text),
                    None => return Err(tree.fault("it has an entity that is not declared")),
                },
                Err(_) => return Err(tree.fault("it has an impossible character reference")),
            },
        }
    }
}

struct Tree<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl<'a> Tree<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            at: 0,
            line: 1,
            open: Vec::new(),
            root: None,
            count: 0,
        }
    }

    /// Counts lines up to this byte.
    fn seek(&mut self, to: usize) {
        let passed = self.source.get(self.at..to).unwrap_or_default();
        self.line += passed.matches('\n').count();
        self.at = to.max(self.at);
    }

    fn fault(&self, why: &'static str) -> Fault {
        Fault {
            line: self.line,
            why,
        }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Fault> {
        if self.root.is_some() {
            return Err(self.fault("something follows its root"));
        }
        self.count += 1;
        if self.count > MOST || self.open.len() >= DEEPEST {
            return Err(self.fault("it has too many or too deep elements"));
        }
        let mut element = Element {
            name: start.name().as_ref().to_owned(),
            line: self.line,
            ..Element::default()
        };
        for attribute in start.attributes() {
            let Ok(attribute) = attribute else {
                return Err(self.fault("it has a malformed attribute"));
            };
            let Ok(value) = quick_xml::escape::unescape(&attribute.value) else {
                return Err(self.fault("it has a malformed attribute"));
            };
            let key = attribute.key.as_ref().to_owned();
            element.attributes.push((key, value.into_owned()));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        let Some(element) = self.open.pop() else {
            return Err(self.fault("it closes what is not open"));
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn finish(mut self) -> Result<Element, Fault> {
        if !self.open.is_empty() {
            return Err(self.fault("it does not close all its elements"));
        }
        match self.root.take() {
            Some(root) => Ok(root),
            None => Err(self.fault("it is empty")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn elements_know_their_line() {
        let root = parse("<?xml version=\"1.0\"?>\n<a>\n <b i='1'>x &amp; y</b>\n</a>\n").unwrap();
        let b = root.find("b").unwrap();
        assert_eq!(
            (b.text(), b.line, b.attribute("i")),
            ("x & y", 3, Some("1"))
        );
    }

    #[test]
    fn what_phones_refuse_is_refused_with_its_line() {
        for (text, line) in [
            ("", 1),
            ("<a>\n<b>\n</a>", 3),
            ("<a/>\n<b/>", 2),
            ("<!DOCTYPE a><a/>", 1),
            ("<a>\n&nbsp;</a>", 2),
        ] {
            assert_eq!(parse(text).unwrap_err().line, line, "{text:?}");
        }
        let deep = "<a>".repeat(99) + &"</a>".repeat(99);
        assert!(parse(&deep).is_err());
    }
}
