//! The files that are read: their bounds and their characters.

use std::borrow::Cow;

use super::draft::Draft;
use super::report::Place;

/// The most files that are looked at.
const MOST_FILES: usize = 20_000;
/// The longest file, in bytes: a BAT export of 10,000 phones with all details
/// is about 30 MB.
const LONGEST_FILE: usize = 48 << 20;
/// The most bytes of all files together.
const MOST_BYTES: usize = 256 << 20;
/// The longest line of a text that is read line by line, in bytes.
const LONGEST_LINE: usize = 64 << 10;
/// The most lines of such a text.
const MOST_LINES: usize = 1_000_000;

/// What an importer wants of a file in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Its text.
    Text,
    /// Its name alone: it is binary.
    Name,
    /// Nothing.
    Nothing,
}

/// Why something that lies in a folder was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// The file is too long, or too much was read before it.
    TooLong,
    /// A folder in so many folders that it was not looked into.
    TooDeep,
    /// A link to a file outside of the folder that was named.
    LinkOutside,
    /// A link to a folder.
    LinkToFolder,
    /// A link to what is not there, or cannot be reached.
    LinkToNothing,
    /// A link to what is neither a file nor a folder.
    LinkToDevice,
}

impl LeftOut {
    /// What it is, why it was not read, and what to do.
    fn words(self) -> (&'static str, String, &'static str) {
        let bounds = format!(
            "longer than {} MB, or more than {} MB in all",
            LONGEST_FILE >> 20,
            MOST_BYTES >> 20
        );
        let name_it = "name it too: embody import FORMAT FOLDER PATH";
        match self {
            Self::TooLong => (
                "the file",
                bounds,
                "split it, and import the parts together",
            ),
            Self::TooDeep => (
                "the folder",
                "it lies too deep in the one that was named".to_owned(),
                name_it,
            ),
            Self::LinkOutside => (
                "a link",
                "it leads out of the folder that was named, and was not followed".to_owned(),
                name_it,
            ),
            Self::LinkToFolder => (
                "a link",
                "it leads to a folder, and such links are not followed".to_owned(),
                "name that folder too, unless it lies in this one anyway",
            ),
            Self::LinkToNothing => (
                "a link",
                "it leads to nothing that could be read".to_owned(),
                "look at it: the file of a phone may be missing",
            ),
            Self::LinkToDevice => (
                "a link",
                "it leads to what is neither a file nor a folder".to_owned(),
                "look at it",
            ),
        }
    }
}

/// A file of the input.
#[derive(Clone)]
pub struct Source {
    /// Its name, as the notes tell it.
    pub name: String,
    /// Its bytes; absent when only its name counts.
    pub bytes: Option<Vec<u8>>,
    /// Why it was not read; absent when it was, or when only its name counts.
    pub left_out: Option<LeftOut>,
}

/// Without its content: PINs are there.
impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.bytes.as_ref().map(Vec::len);
        write!(f, "Source({:?}, {length:?} bytes)", self.name)
    }
}

impl Source {
    /// The longest file that is read, in bytes.
    pub const LONGEST: usize = LONGEST_FILE;
    /// The most files that are looked at.
    pub const MOST: usize = MOST_FILES;
    /// The most bytes of all files together.
    pub const MOST_BYTES: usize = MOST_BYTES;

    /// A file that was read.
    pub fn text_file(name: String, bytes: Vec<u8>) -> Self {
        Self {
            bytes: Some(bytes),
            ..Self::named(name)
        }
    }

    /// A file whose name alone counts.
    pub fn named(name: String) -> Self {
        Self {
            name,
            bytes: None,
            left_out: None,
        }
    }

    /// What was not read.
    pub fn left_out(name: String, why: LeftOut) -> Self {
        Self {
            left_out: Some(why),
            ..Self::named(name)
        }
    }

    /// Its name without folders.
    pub(super) fn base(&self) -> &str {
        let name = self.name.as_str();
        name.rsplit(['/', '\\']).next().unwrap_or(name)
    }

    /// Where it is.
    pub(super) fn place(&self) -> Place {
        Place::file(&self.name)
    }

    /// Its text, in whichever coding: UTF-8 with or without a byte order mark, UTF-16 with one (a
    /// spreadsheet's *Unicode text*), else ISO-8859-1.
    pub fn text(&self) -> Cow<'_, str> {
        let bytes = self.bytes.as_deref().unwrap_or_default();
        let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| -> String {
            let units = rest.chunks_exact(2).map(|pair| match pair {
                [one, two] => unit([*one, *two]),
                _ => 0,
            });
            char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        };
        match bytes {
            [0xFF, 0xFE, rest @ ..] => return wide(rest, u16::from_le_bytes).into(),
            [0xFE, 0xFF, rest @ ..] => return wide(rest, u16::from_be_bytes).into(),
            _ => {}
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => bytes
                .iter()
                .map(|byte| char::from(*byte))
                .collect::<String>()
                .into(),
        }
    }
}

/// The files that are not too many and not too long; for the others a note.
pub(super) fn within_bounds<'a>(sources: &'a [Source], draft: &mut Draft<'_>) -> Vec<&'a Source> {
    let mut total = 0usize;
    let mut taken = Vec::new();
    for source in sources {
        let length = source.bytes.as_ref().map_or(0, Vec::len);
        if taken.len() >= MOST_FILES {
            draft.note(
                &source.place(),
                "this and what follows",
                &format!("more than {MOST_FILES} files"),
                "import the folders one by one",
            );
            break;
        }
        let too_long = length > LONGEST_FILE || total.saturating_add(length) > MOST_BYTES;
        if let Some(why) = source
            .left_out
            .or_else(|| too_long.then_some(LeftOut::TooLong))
        {
            let (what, why, remedy) = why.words();
            draft.note(&source.place(), what, &why, remedy);
            continue;
        }
        total += length;
        taken.push(source);
    }
    taken
}

/// The lines of a text with their numbers, without their ends. Lines that are
/// too long, and lines after too many, are left out with a note.
pub(super) fn lines<'a>(
    text: &'a str,
    place: &Place,
    draft: &mut Draft<'_>,
) -> Vec<(usize, &'a str)> {
    let mut lines = Vec::new();
    for (at, line) in text.split('\n').enumerate() {
        let number = at + 1;
        if number > MOST_LINES {
            draft.note(
                &place.line(number),
                "this line and what follows",
                &format!("more than {MOST_LINES} lines"),
                "split the file",
            );
            break;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.len() > LONGEST_LINE {
            draft.note(
                &place.line(number),
                "the line",
                &format!("longer than {LONGEST_LINE} bytes"),
                "look at it: this is hardly such a file",
            );
            continue;
        }
        lines.push((number, line));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let source = Source::text_file(String::new(), bytes.to_vec());
        source.text().into_owned()
    }

    #[test]
    fn texts_come_in_every_coding_that_spreadsheets_write() {
        assert_eq!(text("Müller".as_bytes()), "Müller");
        assert_eq!(text(b"\xEF\xBB\xBFM\xC3\xBCller"), "Müller");
        assert_eq!(text(b"M\xFCller"), "Müller");
        assert_eq!(text(b"\xFF\xFEM\0\xFC\0"), "Mü");
        assert_eq!(text(b"\xFE\xFF\0M\0\xFC\0"), "Mü");
    }
}
