//! The little XML that SIP bodies hold: a bounded reader and escaping. Nothing here knows what the elements mean.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::scan;

/// Elements of a document. What phones send has about thirty.
const MAX_ELEMENTS: usize = 1024;
/// Elements inside one another.
const MAX_DEPTH: usize = 16;

/// Why a body is not the XML that may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Not well-formed, or not one element with nothing after it.
    #[error("the XML is not well-formed")]
    Malformed,
    /// A document type, which could declare entities.
    #[error("the XML has a document type")]
    DocType,
    /// Too many elements, or too deep.
    #[error("the XML is too large")]
    TooLarge,
}

/// An element with what it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

impl Element {
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    fn open(start: &BytesStart<'_>) -> Result<Self, XmlError> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| XmlError::Malformed)?;
            if attributes.len() >= MAX_ELEMENTS {
                return Err(XmlError::TooLarge);
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| XmlError::Malformed)?;
            attributes.push((
                attribute.key.local_name().as_ref().to_owned(),
                value.into_owned(),
            ));
        }
        Ok(Self {
            name: start.local_name().as_ref().to_owned(),
            attributes,
            ..Self::default()
        })
    }
}

/// Reads a document: one root, no document type, no entity but the five of XML, nothing after the root. Bytes that
/// are not UTF-8 are replaced, since old firmware writes Latin-1 names.
pub(super) fn parse(body: &[u8]) -> Result<Element, XmlError> {
    let body = scan::trim(body);
    let text = String::from_utf8_lossy(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut count = 0;
    loop {
        let event = reader.read_event().map_err(|_| XmlError::Malformed)?;
        let mut closed = None;
        match event {
            Event::Start(start) => {
                open.push(Element::open(&start)?);
                count += 1;
            }
            Event::Empty(start) => {
                closed = Some(Element::open(&start)?);
                count += 1;
            }
            Event::End(_) => closed = Some(open.pop().ok_or(XmlError::Malformed)?),
            Event::Text(text) => push_text(&mut open, &text.xml10_content())?,
            Event::CData(text) => push_text(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let c = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c,
                    Ok(None) => named(&reference).ok_or(XmlError::Malformed)?,
                    Err(_) => return Err(XmlError::Malformed),
                };
                push_text(&mut open, c.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(XmlError::DocType),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
        if count > MAX_ELEMENTS || open.len() > MAX_DEPTH {
            return Err(XmlError::TooLarge);
        }
        if let Some(element) = closed {
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None if root.is_none() => root = Some(element),
                None => return Err(XmlError::Malformed),
            }
        }
    }
    if open.is_empty() {
        root.ok_or(XmlError::Malformed)
    } else {
        Err(XmlError::Malformed)
    }
}

fn push_text(open: &mut [Element], text: &str) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(XmlError::Malformed),
    }
    Ok(())
}

fn named(reference: &str) -> Option<char> {
    Some(match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// Text for an element or a quoted attribute. Characters that XML 1.0 cannot hold are left out.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c < ' ' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let root = parse(b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<a x='1 &amp; 2'><b/>t&lt;<![CDATA[&]]>&#65;<b>u</b></a>\r\n\r\n").unwrap();
        assert_eq!(root.attribute("x"), Some("1 & 2"));
        assert_eq!(root.text, "t<&A");
        assert_eq!(root.children.len(), 2);
        assert_eq!(root.child_text("b"), Some(""));
    }

    #[test]
    fn what_could_hurt_is_refused() {
        assert_eq!(
            parse(b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"),
            Err(XmlError::DocType)
        );
        assert_eq!(parse(b"<a>&e;</a>"), Err(XmlError::Malformed));
        for bad in [
            &b""[..],
            b"<a>",
            b"<a></b>",
            b"<a/><b/>",
            b"<a/>x",
            b"x<a/>",
            b"<a x=1/>",
            b"</a>",
        ] {
            assert_eq!(parse(bad), Err(XmlError::Malformed), "{bad:?}");
        }
        assert_eq!(parse("<a>".repeat(17).as_bytes()), Err(XmlError::TooLarge));
        let wide = format!("<a>{}</a>", "<b/>".repeat(1024));
        assert_eq!(parse(wide.as_bytes()), Err(XmlError::TooLarge));
    }

    #[test]
    fn text_is_escaped_and_reads_back() {
        let text = "<Müller & \"Söhne\">\u{1}'";
        let document = format!("<a t=\"{0}\">{0}</a>", escape(text));
        let root = parse(document.as_bytes()).unwrap();
        assert_eq!(root.text, "<Müller & \"Söhne\">'");
        assert_eq!(root.attribute("t"), Some("<Müller & \"Söhne\">'"));
    }
}
