//! XML as phones read their files: one root, well-formed, without namespaces.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Largest document, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// Deepest nesting; a configuration file has eight.
const MAX_DEPTH: usize = 24;
/// Most elements of a document.
const MAX_ELEMENTS: usize = 20_000;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The text without blanks at its ends.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    /// The children of that name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element at the end of `path`, such as `devicePool/name`.
    pub(super) fn find(&self, path: &str) -> Option<&Element> {
        path.split('/')
            .try_fold(self, |element, name| element.all(name).next())
    }

    /// The text at the end of `path`; empty where there is none, since phones
    /// make no difference.
    pub(super) fn text_at(&self, path: &str) -> &str {
        self.find(path).map(Element::text).unwrap_or_default()
    }
}

/// Reads a document.
pub(super) fn parse(bytes: &[u8]) -> Result<Element, String> {
    if bytes.len() > MAX_BYTES {
        return Err("too large".to_owned());
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let at = reader.buffer_position();
        let event = reader
            .read_event()
            .map_err(|error| format!("not well-formed: {error}"))?;
        match event {
            Event::Eof => return tree.finish(),
            Event::Decl(_) if at > 0 => return Err("the declaration is not at the start".into()),
            Event::DocType(_) => return Err("a document type".into()),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Start(start) => tree.open(&start)?,
            Event::Empty(start) => {
                tree.open(&start)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text)?,
            Event::CData(data) => tree.text(&data)?,
            Event::GeneralRef(reference) => {
                let number = reference
                    .resolve_char_ref()
                    .map_err(|_| "an impossible character reference".to_owned())?;
                match number {
                    Some(c) => tree.text(c.encode_utf8(&mut [0; 4]))?,
                    None => tree.text(
                        quick_xml::escape::resolve_predefined_entity(&reference)
                            .ok_or("an entity that is not declared")?,
                    )?,
                }
            }
        }
    }
}

#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.root.is_some() {
            return Err("something follows the root".into());
        }
        self.count += 1;
        if self.count > MAX_ELEMENTS || self.open.len() >= MAX_DEPTH {
            return Err("too many or too deep elements".into());
        }
        let mut element = Element {
            name: start.name().as_ref().to_owned(),
            ..Element::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| format!("not well-formed: {error}"))?;
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_err(|error| format!("not well-formed: {error}"))?;
            element
                .attributes
                .push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let element = self.open.pop().ok_or("an end without a beginning")?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        let control = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
        if text.contains(control) {
            return Err("a control character".into());
        }
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err("text beside the root".into()),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, String> {
        if let Some(open) = self.open.last() {
            return Err(format!("<{}> is never closed", open.name));
        }
        self.root.ok_or_else(|| "it is empty".into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn elements_are_found_by_their_path() {
        let root =
            parse(b"<?xml version=\"1.0\"?><a x='1'><b><c> 7 &amp; 8 </c></b><b/></a>").unwrap();
        assert_eq!(root.text_at("b/c"), "7 & 8");
        assert_eq!(root.text_at("b/d"), "");
        assert_eq!(root.attribute("x"), Some("1"));
        assert_eq!(root.all("b").count(), 2);
    }

    #[test]
    fn what_phones_cannot_read_is_refused() {
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&nbsp;</a>",
            "<a>?x=1&y=2</a>",
            "<a x=1/>",
            "<a x='1' x='2'/>",
            "<!DOCTYPE a><a/>",
            " <?xml version='1.0'?><a/>",
            "<a/>tail",
            "<a>\u{1}</a>",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?} was read");
        }
        assert!(parse(b"<a>\xFF</a>").is_err());
        let deep = "<a>".repeat(100) + &"</a>".repeat(100);
        assert!(parse(deep.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[<>a-c/&;='\" !\\[\\]?#x-]{0,40}") {
            let _ = parse(text.as_bytes());
        }
    }
}
