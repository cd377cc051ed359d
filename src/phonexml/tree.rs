//! A document as a small tree of elements, bounded in size, depth and count.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::field::is_displayable;
use super::{Strictness, limits};

/// One element. Text is as it stood, entities resolved.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
    /// Byte offset of the start tag.
    pub(super) at: usize,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// What is wrong, and where.
#[derive(Debug)]
pub(super) struct Fault {
    /// Byte offset in the decoded text.
    pub(super) at: usize,
    pub(super) reason: Cow<'static, str>,
}

impl Fault {
    pub(super) fn new(at: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            at,
            reason: reason.into(),
        }
    }
}

/// Reads the root element of `text`.
///
/// Strict: nothing but comments and white space around it, no DOCTYPE, no
/// processing instructions, no control characters. Lenient: what is beside the
/// root is passed over. Neither expands entities other than the five predefined
/// ones and character references.
pub(super) fn read(text: &str, strictness: Strictness) -> Result<Element, Fault> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut builder = Builder {
        strict: strictness.refuses_unknown(),
        open: Vec::new(),
        root: None,
        elements: 0,
    };
    loop {
        let at = offset(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            let at = at.max(offset(reader.error_position()));
            Fault::new(at, error.to_string())
        });
        match event {
            Err(_) if builder.is_done() => break,
            Err(fault) => return Err(fault),
            Ok(Event::Eof) => break,
            Ok(event) => builder.take(at, &event)?,
        }
    }
    if let Some(unclosed) = builder.open.last() {
        let reason = format!("<{}> is never closed", unclosed.name);
        return Err(Fault::new(unclosed.at, reason));
    }
    builder
        .root
        .ok_or_else(|| Fault::new(0, "there is no element"))
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

struct Builder {
    strict: bool,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Builder {
    /// Whether a lenient reader has all it wants.
    fn is_done(&self) -> bool {
        !self.strict && self.root.is_some()
    }

    fn take(&mut self, at: usize, event: &Event<'_>) -> Result<(), Fault> {
        if self.is_done() {
            return Ok(());
        }
        match event {
            Event::Start(start) | Event::Empty(start) => self.start(at, start),
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.text(at, text),
            Event::CData(data) => self.text(at, data),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    Ok(None) => {
                        quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned)
                    }
                    Err(_) => None,
                };
                let resolved = resolved
                    .ok_or_else(|| Fault::new(at, "a reference that phones do not know"))?;
                self.text(at, &resolved)
            }
            Event::Decl(_) if at > 0 => self.complain(at, "XML declaration not at the start"),
            Event::DocType(_) => self.complain(at, "DOCTYPE"),
            Event::PI(_) => self.complain(at, "processing instruction"),
            Event::Decl(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn complain(&self, at: usize, reason: &'static str) -> Result<(), Fault> {
        if self.strict {
            Err(Fault::new(at, reason))
        } else {
            Ok(())
        }
    }

    fn start(&mut self, at: usize, start: &BytesStart<'_>) -> Result<(), Fault> {
        if self.root.is_some() {
            return Err(Fault::new(at, "something follows the object"));
        }
        self.elements += 1;
        if self.elements > limits::ELEMENTS {
            return Err(Fault::new(at, "too many elements"));
        }
        if self.open.len() >= limits::DEPTH {
            return Err(Fault::new(at, "elements nested too deeply"));
        }
        let attributes = attributes(at, start)?;
        for (_, value) in &attributes {
            self.characters(at, value)?;
        }
        self.open.push(Element {
            name: start.name().as_ref().to_owned(),
            attributes,
            at,
            ..Element::default()
        });
        Ok(())
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    /// What no XML document may hold (XML 1.0, 2.2 *Characters*).
    fn characters(&self, at: usize, text: &str) -> Result<(), Fault> {
        match text.chars().find(|c| !is_displayable(*c)) {
            Some(c) if self.strict => {
                let reason = format!("control character U+{:04X}", u32::from(c));
                Err(Fault::new(at, reason))
            }
            _ => Ok(()),
        }
    }

    fn text(&mut self, at: usize, text: &str) -> Result<(), Fault> {
        self.characters(at, text)?;
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => self.complain(at, "text outside the object")?,
        }
        Ok(())
    }
}

fn attributes(at: usize, start: &BytesStart<'_>) -> Result<Vec<(String, String)>, Fault> {
    let mut list = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| Fault::new(at, error.to_string()))?;
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_err(|error| Fault::new(at, error.to_string()))?;
        list.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(list)
}
