//! A strict, bounded reader: a document as a tree of elements, or the reason and
//! place where it stops being one.
//!
//! Application passwords pass through here. Text is wiped when dropped, and no
//! error repeats text, attribute values, or anything nested so deep that it may
//! be a password with a stray `<` in it.

use std::fmt;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, Reader};
use zeroize::Zeroizing;

/// Deepest element read; the service's own documents nest five.
const DEPTH: usize = 8;
/// Elements of one document.
const ELEMENTS: usize = 1536;
/// Attributes of one element.
const ATTRIBUTES: usize = 16;
/// Elements nested deeper than this are not named in errors: `request` 1,
/// `appInfo` 2, `appCertificate` 3, and below that only what was typed into a
/// password.
const NAMED_DEPTH: usize = 3;
/// Characters of a foreign name that an error repeats.
const NAME_SHOWN: usize = 40;

/// One element; its text with entities resolved, not trimmed.
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    pub(super) text: Zeroizing<String>,
    /// Byte offset of the start tag.
    pub(super) at: usize,
    depth: usize,
}

impl Element {
    /// The name as an error may show it.
    pub(super) fn shown(&self) -> Shown {
        Shown::new(&self.name, self.depth)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The text without surrounding white space; an element inside is an error.
    pub(super) fn leaf(&self) -> Result<&str, Fault> {
        self.leaf_untrimmed().map(str::trim)
    }

    pub(super) fn leaf_untrimmed(&self) -> Result<&str, Fault> {
        match self.children.first() {
            Some(child) => Err(child.fault(Reason::Unknown {
                name: child.shown(),
                parent: self.shown(),
            })),
            None => Ok(&self.text),
        }
    }

    /// The children of an element that holds no text.
    pub(super) fn parts(&self) -> Result<&[Element], Fault> {
        if self.text.trim().is_empty() {
            Ok(&self.children)
        } else {
            Err(self.fault(Reason::StrayText {
                parent: self.shown(),
            }))
        }
    }

    pub(super) fn fault(&self, reason: Reason) -> Fault {
        Fault::new(self.at, reason)
    }
}

/// The name of an element as far as an error may repeat it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(Option<String>);

impl Shown {
    fn new(name: &str, depth: usize) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        let sane = !name.is_empty() && name.chars().all(plain);
        Self((sane && depth <= NAMED_DEPTH).then(|| name.chars().take(NAME_SHOWN).collect()))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, "<{name}>"),
            None => f.write_str("an element"),
        }
    }
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// More than [`DOCUMENT_LIMIT`](super::DOCUMENT_LIMIT) bytes.
    #[error("the document is larger than {} bytes", super::DOCUMENT_LIMIT)]
    TooLarge,
    /// Neither UTF-8 nor, as declared, ISO-8859-1.
    #[error("the text is neither UTF-8 nor declared as ISO-8859-1")]
    Encoding,
    /// Nothing is there.
    #[error("there is no element")]
    Empty,
    /// Not well-formed.
    #[error("not well-formed: {0}")]
    Malformed(String),
    /// An end tag that closes another element than the open one.
    #[error("the end tag does not close {open}")]
    Mismatch {
        /// The element that is open.
        open: Shown,
    },
    /// The document ends inside an element.
    #[error("{open} is never closed")]
    Unclosed {
        /// The innermost open element.
        open: Shown,
    },
    /// DOCTYPE declarations are refused.
    #[error("a DOCTYPE is not accepted")]
    Doctype,
    /// Processing instructions are refused.
    #[error("a processing instruction is not accepted")]
    ProcessingInstruction,
    /// Something follows the root element, or stands before it.
    #[error("something stands outside the root element")]
    Trailing,
    /// Nested too deeply.
    #[error("elements are nested too deeply")]
    TooDeep,
    /// Too many elements or attributes.
    #[error("too many elements or attributes")]
    TooMany,
    /// The root element has another name. Names count by case.
    #[error("the root element is {found}, not {expected}")]
    Root {
        /// What stands there.
        found: Shown,
        /// What may stand there.
        expected: &'static str,
    },
    /// An element that may not stand here. Names count by case.
    #[error("{name} may not stand in {parent}")]
    Unknown {
        /// The element.
        name: Shown,
        /// Where it stands.
        parent: Shown,
    },
    /// An attribute, where none is known.
    #[error("{element} has an attribute that is not known")]
    Attribute {
        /// Where it stands.
        element: Shown,
    },
    /// An element that must be there is not.
    #[error("{parent} needs {name}")]
    Missing {
        /// The element, or those to choose from.
        name: &'static str,
        /// Where it should stand.
        parent: Shown,
    },
    /// An element stands more than once, or beside one that it excludes.
    #[error("{name} may stand only once in {parent}")]
    Duplicate {
        /// The element.
        name: Shown,
        /// Where it stands.
        parent: Shown,
    },
    /// An element stands behind one that it should precede (only where the
    /// order of the definition is insisted on).
    #[error("{name} stands too late in {parent}")]
    Order {
        /// The element.
        name: Shown,
        /// Where it stands.
        parent: Shown,
    },
    /// Text, where only elements may stand.
    #[error("text directly in {parent}")]
    StrayText {
        /// Where it stands.
        parent: Shown,
    },
    /// A value that cannot be meant.
    #[error("the value of <{element}> is not {expected}")]
    Value {
        /// The element.
        element: &'static str,
        /// What is expected.
        expected: &'static str,
    },
    /// A query whose kind is not known.
    #[error("the query is of no known kind")]
    QueryKind,
}

/// A [`Reason`] with its place.
#[derive(Debug)]
pub(super) struct Fault {
    /// Byte offset in the decoded text.
    pub(super) at: usize,
    pub(super) reason: Reason,
    /// The root element, once it was recognised.
    pub(super) root: Option<&'static str>,
}

impl Fault {
    pub(super) fn new(at: usize, reason: Reason) -> Self {
        Self {
            at,
            reason,
            root: None,
        }
    }
}

/// The text of a document: UTF-8, whatever it declares (.NET clients declare
/// UTF-16 and send UTF-8), else ISO-8859-1 if it declares that. Programs in C
/// send the zero behind a string along.
pub(super) fn decode(bytes: &[u8]) -> Result<Zeroizing<String>, Reason> {
    if bytes.len() > super::DOCUMENT_LIMIT {
        return Err(Reason::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[..bytes.len() - zeros];
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Zeroizing::new(text.to_owned()));
    }
    let end = bytes.windows(2).position(|pair| pair == b"?>").unwrap_or(0);
    let declaration = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    if declaration.trim_start().starts_with("<?xml") && declaration.contains("iso-8859-1") {
        Ok(Zeroizing::new(
            bytes.iter().map(|&b| char::from(b)).collect(),
        ))
    } else {
        Err(Reason::Encoding)
    }
}

/// Reads the one root element of `text`, which must be one of `roots`;
/// `expected` names them for the error.
pub(super) fn read(
    text: &str,
    roots: &'static [&'static str],
    expected: &'static str,
) -> Result<Element, Fault> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().enable_all_checks(true);
    let mut builder = Builder {
        text,
        roots,
        expected,
        kind: None,
        open: Vec::new(),
        root: None,
        elements: 0,
    };
    let read = builder.read(&mut reader);
    let kind = builder.kind;
    read.and_then(|()| builder.finish(text.len()))
        .map_err(|fault| Fault {
            root: kind,
            ..fault
        })
}

struct Builder<'a> {
    text: &'a str,
    roots: &'static [&'static str],
    expected: &'static str,
    kind: Option<&'static str>,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Builder<'_> {
    fn read(&mut self, reader: &mut Reader<&[u8]>) -> Result<(), Fault> {
        loop {
            let at = offset(reader.buffer_position());
            match reader.read_event() {
                Ok(Event::Eof) => return Ok(()),
                Ok(event) => self.take(at, &event)?,
                Err(error) => {
                    let at = at.max(offset(reader.error_position()));
                    return Err(Fault::new(at, self.malformed(&error)));
                }
            }
        }
    }

    fn finish(self, end: usize) -> Result<Element, Fault> {
        match (self.open.last(), self.root) {
            (Some(open), _) => Err(Fault::new(end, Reason::Unclosed { open: open.shown() })),
            (None, Some(root)) => Ok(root),
            (None, None) => Err(Fault::new(0, Reason::Empty)),
        }
    }

    fn take(&mut self, at: usize, event: &Event<'_>) -> Result<(), Fault> {
        let reason = match event {
            Event::Start(start) | Event::Empty(start) => return self.start(at, start),
            Event::Text(text) => return self.text(at, text),
            Event::CData(data) => return self.text(at, data),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().flatten();
                let named = quick_xml::escape::resolve_predefined_entity(reference);
                match (character, named) {
                    (Some(c), _) => return self.text(at, c.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) => return self.text(at, text),
                    (None, None) => Reason::Malformed("an unknown reference".to_owned()),
                }
            }
            Event::End(_) => {
                self.end();
                return Ok(());
            }
            // White space before it harms nobody; the samples are printed so.
            Event::Decl(_) if !self.text.get(..at).unwrap_or_default().trim().is_empty() => {
                Reason::Malformed("an XML declaration that is not at the start".to_owned())
            }
            Event::Decl(_) | Event::Comment(_) | Event::Eof => return Ok(()),
            Event::DocType(_) => Reason::Doctype,
            Event::PI(_) => Reason::ProcessingInstruction,
        };
        Err(Fault::new(at, reason))
    }

    fn start(&mut self, at: usize, start: &BytesStart<'_>) -> Result<(), Fault> {
        let name = start.name().as_ref().to_owned();
        let depth = self.open.len() + 1;
        self.elements += 1;
        let reason = if self.root.is_some() {
            Some(Reason::Trailing)
        } else if depth > DEPTH {
            Some(Reason::TooDeep)
        } else if self.elements > ELEMENTS {
            Some(Reason::TooMany)
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(Fault::new(at, reason));
        }
        if depth == 1 {
            self.kind = self.roots.iter().copied().find(|root| *root == name);
            if self.kind.is_none() {
                return Err(Fault::new(
                    at,
                    Reason::Root {
                        found: Shown::new(&name, depth),
                        expected: self.expected,
                    },
                ));
            }
        }
        self.open.push(Element {
            attributes: attributes(start).map_err(|reason| Fault::new(at, reason))?,
            name,
            children: Vec::new(),
            text: Zeroizing::default(),
            at,
            depth,
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

    fn text(&mut self, at: usize, text: &str) -> Result<(), Fault> {
        let allowed = |c: char| {
            matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}'))
        };
        if !text.chars().all(allowed) {
            let reason = Reason::Malformed("a control character".to_owned());
            return Err(Fault::new(at, reason));
        }
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(Fault::new(at, Reason::Trailing)),
        }
        Ok(())
    }

    /// An error of the parser, without the pieces of the document that the
    /// parser puts into it.
    fn malformed(&self, error: &Error) -> Reason {
        use quick_xml::errors::IllFormedError as Ill;
        match error {
            Error::IllFormed(Ill::MismatchedEndTag { .. }) => match self.open.last() {
                Some(open) => Reason::Mismatch { open: open.shown() },
                None => Reason::Trailing,
            },
            Error::IllFormed(Ill::UnmatchedEndTag(_)) => Reason::Trailing,
            Error::IllFormed(Ill::UnclosedReference) => {
                Reason::Malformed("an & that begins no reference".to_owned())
            }
            Error::IllFormed(_) => Reason::Malformed("markup that XML does not know".to_owned()),
            Error::Syntax(error) => Reason::Malformed(error.to_string()),
            _ => Reason::Malformed("the document cannot be read".to_owned()),
        }
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, Reason> {
    let mut list = Vec::new();
    for attribute in start.attributes() {
        if list.len() == ATTRIBUTES {
            return Err(Reason::TooMany);
        }
        let malformed = || Reason::Malformed("an attribute that cannot be read".to_owned());
        let attribute = attribute.map_err(|_| malformed())?;
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|_| malformed())?;
        list.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(list)
}

/// Line and column, both from 1, of a byte offset.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}
