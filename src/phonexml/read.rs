//! Bytes to objects, as the firmware of a phone reads them.

use std::borrow::Cow;
use std::fmt;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::tree::{self, Fault};
use super::{Charset, Object, check, limits};

/// Whose parser reads the page; [`Strictness::of`] tells it by model and load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// The parser since firmware 8.3(2) on the 7906 to 7975, 9.1(1) on the
    /// 6900, and of every later series: what the schema does not allow is
    /// *XML Error\[4\]*. A menu item without a name is a blank line.
    Strict,
    /// The older one (7940, 7960, 7905, 7912, 7920): passes over what it does
    /// not know and cuts what is too long. A menu ends at an item without a
    /// name, and a form without a URL is shown.
    Lenient,
    /// 7921, 7925, 7926: as strict about elements and syntax, but what is too
    /// long is cut.
    Cutting,
    /// 7937: puts up with what is too long; a page that it cannot read may make
    /// it reboot without a word.
    Fragile,
}

impl Strictness {
    /// Whether what the schema does not know is an error.
    pub(super) fn refuses_unknown(self) -> bool {
        self != Self::Lenient
    }

    /// Whether a value or list beyond its limit is an error.
    pub(super) fn measures(self) -> bool {
        self == Self::Strict
    }
}

/// What a phone shows instead of a page that it cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneFault {
    /// The document is larger than [`limits::DOCUMENT`].
    TooLarge,
    /// Not XML, or not what the schema allows: *XML Error\[4\]*.
    Parse {
        /// The line of the document, from 1.
        line: usize,
        /// What is wrong; a phone does not say this.
        reason: String,
    },
    /// As [`Parse`](Self::Parse), on a phone that may reboot over it.
    Reboot {
        /// The line of the document, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// An object that this phone does not have: *XML Error\[5\]*.
    Unsupported {
        /// Its root element.
        object: String,
    },
}

impl PhoneFault {
    /// What stands on the phone's screen.
    pub fn screen_text(&self) -> &'static str {
        match self {
            Self::TooLarge => "Data too large!",
            Self::Parse { .. } => "XML Error[4]: Parse Error",
            Self::Reboot { .. } => "",
            Self::Unsupported { .. } => "XML Error[5]",
        }
    }
}

impl fmt::Display for PhoneFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = self.screen_text();
        match self {
            Self::TooLarge => write!(f, "{says} (over {} bytes)", limits::DOCUMENT),
            Self::Parse { line, reason } => write!(f, "{says} (line {line}: {reason})"),
            Self::Reboot { line, reason } => write!(f, "may reboot (line {line}: {reason})"),
            Self::Unsupported { object } => write!(f, "{says} ({object})"),
        }
    }
}

impl std::error::Error for PhoneFault {}

/// Reads the object in `bytes`. Elements may come in the manual's order, in the
/// schema's, or in any other.
pub fn parse(bytes: &[u8], strictness: Strictness) -> Result<Object, PhoneFault> {
    parse_with_charset(bytes, None, strictness)
}

/// As [`parse`], knowing the `charset` of the Content-Type: a strict reader
/// wants it to be the one that the document declares.
pub fn parse_with_charset(
    bytes: &[u8],
    served_as: Option<&str>,
    strictness: Strictness,
) -> Result<Object, PhoneFault> {
    if bytes.len() > limits::DOCUMENT {
        return Err(PhoneFault::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = if strictness.refuses_unknown() {
        decode_strictly(bytes, served_as).map_err(|reason| unreadable(strictness, 1, reason))?
    } else {
        decode_leniently(bytes, served_as)
    };
    let locate = |fault: Fault| {
        let before = text.get(..fault.at).unwrap_or(&text);
        let line = 1 + before.matches('\n').count();
        unreadable(strictness, line, fault.reason.into_owned())
    };
    let root = tree::read(&text, strictness).map_err(locate)?;
    if check::is_unsupported(&root.name) {
        return Err(PhoneFault::Unsupported { object: root.name });
    }
    check::object(&root, strictness).map_err(locate)
}

fn unreadable(strictness: Strictness, line: usize, reason: String) -> PhoneFault {
    match strictness {
        Strictness::Fragile => PhoneFault::Reboot { line, reason },
        _ => PhoneFault::Parse { line, reason },
    }
}

/// The declaration must name a set that phones have, and the bytes must be in
/// it. Only plain ASCII does without: a phone takes the set of its user locale
/// then, and all of those agree on ASCII.
fn decode_strictly<'a>(bytes: &'a [u8], served_as: Option<&str>) -> Result<Cow<'a, str>, String> {
    let declared = declared_encoding(bytes);
    let known = |name: &str| {
        Charset::from_name(name).ok_or_else(|| format!("character set {name:?} is not known"))
    };
    let declared = declared.as_deref().map(known).transpose()?;
    let served = served_as.map(known).transpose()?;
    let charset = match (declared, served) {
        (Some(declared), Some(served)) if declared != served => {
            return Err(format!(
                "the document declares {}, but is served as {}",
                declared.name(),
                served.name()
            ));
        }
        (Some(charset), _) | (None, Some(charset)) => charset,
        (None, None) if bytes.is_ascii() => Charset::Utf8,
        (None, None) => return Err("no encoding is declared, and the text is not ASCII".to_owned()),
    };
    charset
        .decode(bytes)
        .ok_or_else(|| format!("the bytes are not {}", charset.name()))
}

/// The declared set, else the served one, else whichever fits the bytes.
fn decode_leniently<'a>(bytes: &'a [u8], served_as: Option<&str>) -> Cow<'a, str> {
    declared_encoding(bytes)
        .as_deref()
        .or(served_as)
        .and_then(Charset::from_name)
        .and_then(|charset| charset.decode(bytes))
        .or_else(|| Charset::Utf8.decode(bytes))
        .or_else(|| Charset::Latin1.decode(bytes))
        .unwrap_or_default()
}

/// The `encoding` of the XML declaration, which is ASCII in both sets.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    const LONGEST: usize = 256;
    let head = &bytes[..bytes.len().min(LONGEST)];
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&head[..end + 2]).ok()?;
    match Reader::from_str(declaration).read_event() {
        Ok(Event::Decl(declaration)) => Some(declaration.encoding()?.ok()?.into_owned()),
        _ => None,
    }
}
