//! `<load>.loads`: which files a load is made of.
//!
//! A text of one name a line, mostly behind the signature header that Cisco's
//! signed files have in common. Lines end in CR LF or LF, some have blanks at
//! the end; `#` begins a comment; `LA_VERSION=..` is a word to the phone.

/// The longest list read, in bytes; the longest known has some 2 kB.
pub(super) const LONGEST: usize = 64 * 1024;
/// Files that a load may name, at most; the largest known has about twenty.
const MOST_PARTS: usize = 256;
/// The longest name of a part, in bytes.
const LONGEST_NAME: usize = 128;

/// The names of a load's files, in the order in which phones fetch them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The names: never empty, none with a folder in it.
    pub parts: Vec<String>,
}

/// Why a list of files cannot be read. The text completes "its list of files ..".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorError {
    /// Longer than any known one.
    #[error("is longer than {LONGEST} bytes")]
    TooLong,
    /// The signature header says that it ends behind the end.
    #[error("is cut off: its signature header is longer than the file")]
    Header,
    /// Nothing is named.
    #[error("names no file")]
    Empty,
    /// More than any load has.
    #[error("names more than {MOST_PARTS} files")]
    TooMany,
    /// A line that no file can be named.
    #[error("has a line {line} that is no file name")]
    NoName {
        /// The line behind the header, from 1.
        line: usize,
    },
}

impl Descriptor {
    /// Reads a list of files.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, DescriptorError> {
        if bytes.len() > LONGEST {
            return Err(DescriptorError::TooLong);
        }
        let mut parts: Vec<String> = Vec::new();
        for (at, line) in text(bytes)?.split(|byte| *byte == b'\n').enumerate() {
            let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
            // Blanks, and the octets that some files are filled up with.
            let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
            let Some(begin) = line.iter().position(|byte| !blank(byte)) else {
                continue;
            };
            let end = line.iter().rposition(|byte| !blank(byte)).unwrap_or(begin);
            let name = line.get(begin..=end).unwrap_or_default();
            if name.contains(&b'=') {
                continue;
            }
            let name = part_name(name).ok_or(DescriptorError::NoName { line: at + 1 })?;
            if parts.len() == MOST_PARTS {
                return Err(DescriptorError::TooMany);
            }
            if !parts.iter().any(|part| part == name) {
                parts.push(name.to_owned());
            }
        }
        if parts.is_empty() {
            return Err(DescriptorError::Empty);
        }
        Ok(Self { parts })
    }
}

/// What follows the signature header; all of it, when there is no header. The
/// header begins with the tag of its version (1, two octets), then that of its
/// own length (2, two octets): where the text begins.
fn text(bytes: &[u8]) -> Result<&[u8], DescriptorError> {
    match bytes {
        [1, 0, 2, _, _, 2, 0, 2, high, low, ..] => bytes
            .get(usize::from(u16::from_be_bytes([*high, *low]))..)
            .ok_or(DescriptorError::Header),
        // A tag and no length: nothing that a text begins with.
        [1, ..] => Err(DescriptorError::Header),
        text => Ok(text),
    }
}

/// A name without any folder, of letters that file names have.
fn part_name(name: &[u8]) -> Option<&str> {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"/\\:*?\"<>|".contains(byte);
    if name.len() > LONGEST_NAME || name.first() == Some(&b'.') || !name.iter().all(plain) {
        return None;
    }
    std::str::from_utf8(name).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    /// A list behind a signature header, as Cisco's are: only version and
    /// length of the header are read.
    pub(crate) fn signed(text: &str) -> Vec<u8> {
        let mut bytes = vec![1, 0, 2, 1, 0, 2, 0, 2, 0, 32];
        bytes.resize(32, 0x0d);
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }

    fn parts(bytes: &[u8]) -> Result<Vec<String>, DescriptorError> {
        Descriptor::parse(bytes).map(|list| list.parts)
    }

    #[test]
    fn a_list_of_a_7961_is_read_with_and_without_its_header() {
        let text =
            "# comment\r\njar41sip.8-5-4.sbn   \r\ncnu41.8-5-4.sbn\r\n\r\n#HARDWARE_COMP_1 5\r\n";
        let expected = ["jar41sip.8-5-4.sbn", "cnu41.8-5-4.sbn"].map(str::to_owned);
        assert_eq!(parts(text.as_bytes()).unwrap(), expected);
        assert_eq!(parts(&signed(text)).unwrap(), expected);
    }

    #[test]
    fn a_list_of_a_7940_tells_its_version_and_names_a_file_twice() {
        let text =
            "P0030801SR02.sbn\nP0030801SR02.sb2\nP0030801SR02.sbn # again\nLA_VERSION=PAS30831\n";
        assert_eq!(
            parts(text.as_bytes()).unwrap(),
            ["P0030801SR02.sbn", "P0030801SR02.sb2"]
        );
    }

    #[test]
    fn what_is_no_list_is_refused_with_its_reason() {
        assert_eq!(parts(b""), Err(DescriptorError::Empty));
        assert_eq!(parts(b"# nothing\r\n"), Err(DescriptorError::Empty));
        assert_eq!(parts(&signed("x")[..20]), Err(DescriptorError::Header));
        assert_eq!(parts(&[1, 0]), Err(DescriptorError::Header));
        assert_eq!(
            parts(b"good.sbn\n../../etc/passwd\n"),
            Err(DescriptorError::NoName { line: 2 })
        );
        assert_eq!(
            parts("gr\u{fc}n.sbn".as_bytes()),
            Err(DescriptorError::NoName { line: 1 })
        );
        assert_eq!(
            parts(&vec![b'a'; LONGEST + 1]),
            Err(DescriptorError::TooLong)
        );
        let many: Vec<String> = (0..=MOST_PARTS).map(|at| format!("{at}.sbn")).collect();
        let many = many.join("\n");
        assert_eq!(parts(many.as_bytes()), Err(DescriptorError::TooMany));
    }

    proptest! {
        #[test]
        fn no_list_makes_a_panic_or_names_a_folder(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..400),
                "([a-z./\\\\# =\r\n\0]{0,80})".prop_map(String::into_bytes),
                "([a-z./ \r\n]{0,80})".prop_map(|text| signed(&text)),
            ],
        ) {
            for part in parts(&bytes).unwrap_or_default() {
                prop_assert!(!part.is_empty() && !part.contains(['/', '\\', ' ']));
                prop_assert!(!part.starts_with('.'));
            }
        }
    }
}
