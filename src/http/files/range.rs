//! The `Range` field: one range of bytes (RFC 9110, section 14.1.2). Several
//! ranges at once, other units and what is malformed count as if nothing had
//! been asked (section 14.2).

use std::ops::Range;

/// What of a file is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    All,
    /// These bytes: never none.
    Part(Range<usize>),
    /// Bytes that it does not have.
    Nothing,
}

impl Wanted {
    /// Reads the field for a file of `length` bytes.
    pub(super) fn of(field: &[u8], length: usize) -> Self {
        Self::read(field, length).unwrap_or(Self::All)
    }

    /// `None`: it counts as if it were not there.
    fn read(field: &[u8], length: usize) -> Option<Self> {
        let field = std::str::from_utf8(field).ok()?;
        let (unit, range) = field.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let range = match (first, last) {
            ("", last) => {
                let last = number(last)?;
                length.saturating_sub(last)..length
            }
            (first, "") => number(first)?..length,
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                if last < first {
                    return None;
                }
                first..last.saturating_add(1).min(length)
            }
        };
        Some(if range.start < range.end {
            Self::Part(range)
        } else {
            Self::Nothing
        })
    }
}

/// Digits alone; a number that does not fit is larger than any file.
fn number(text: &str) -> Option<usize> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(field: &str) -> Wanted {
        Wanted::of(field.as_bytes(), 1000)
    }

    /// The examples of RFC 9110, section 14.1.2, of a file a tenth as long.
    #[test]
    fn the_examples_of_the_standard() {
        assert_eq!(of("bytes=0-499"), Wanted::Part(0..500));
        assert_eq!(of("bytes=500-999"), Wanted::Part(500..1000));
        assert_eq!(of("bytes=-500"), Wanted::Part(500..1000));
        assert_eq!(of("bytes=950-"), Wanted::Part(950..1000));
        assert_eq!(of("bytes=0-0"), Wanted::Part(0..1));
        assert_eq!(of("bytes=-1"), Wanted::Part(999..1000));
    }

    #[test]
    fn what_lies_behind_the_end_is_cut_or_not_there() {
        assert_eq!(
            of("bytes=990-99999999999999999999999"),
            Wanted::Part(990..1000)
        );
        assert_eq!(of("bytes=-99999"), Wanted::Part(0..1000));
        for nothing in ["bytes=1000-", "bytes=1000-1001", "bytes=-0"] {
            assert_eq!(of(nothing), Wanted::Nothing, "{nothing}");
        }
        assert_eq!(Wanted::of(b"bytes=0-", 0), Wanted::Nothing);
    }

    #[test]
    fn several_ranges_and_nonsense_ask_for_nothing_special() {
        for odd in [
            "bytes=0-0,5-9",
            "bytes=5-3",
            "bytes=-",
            "bytes=a-b",
            "bytes=+1-2",
            "lines=0-1",
            "bytes",
            "",
        ] {
            assert_eq!(of(odd), Wanted::All, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn a_part_lies_in_the_file_whatever_is_asked(
            field in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                "bytes=[0-9]{0,22}-[0-9]{0,22}".prop_map(String::into_bytes),
            ],
            length in 0_usize..5000,
        ) {
            if let Wanted::Part(part) = Wanted::of(&field, length) {
                prop_assert!(part.start < part.end && part.end <= length);
            }
        }
    }
}
