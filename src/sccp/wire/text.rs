//! Text on the phone's display: character sets, truncation, embedded labels.
//!
//! Strings on the wire end at the first NUL; Cisco's own servers leave garbage behind
//! it. Fixed fields are filled with zeros, and one byte is kept for the NUL.

use bytes::{BufMut, BytesMut};

use super::transliterate::stand_in;

/// The character set of a phone's strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextEncoding {
    /// ISO-8859-1: phones up to protocol version 11, or without the UTF-8 feature.
    Latin1,
    /// UTF-8.
    Utf8,
}

impl TextEncoding {
    /// Reads a string up to the first NUL. Total: what is no character, or a control
    /// character other than tab and line ends, reads as U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> String {
        let mut rest = until_nul(bytes);
        let mut string = String::with_capacity(rest.len());
        while let Some((c, after)) = self.next_char(rest) {
            string.push(c);
            rest = after;
        }
        string
    }

    /// Appends as many characters of `string` as fit into `room` bytes and returns the
    /// room left. Never splits a character. Control characters become spaces.
    fn put(self, string: &str, mut room: usize, out: &mut BytesMut) -> usize {
        for c in string.chars() {
            let mut utf8 = [0; 4];
            let latin1;
            let bytes = match self {
                _ if c.is_control() && !is_layout(c) => b" ".as_slice(),
                Self::Utf8 => c.encode_utf8(&mut utf8).as_bytes(),
                Self::Latin1 => match u8::try_from(c) {
                    Ok(byte) => {
                        latin1 = [byte];
                        &latin1
                    }
                    Err(_) => stand_in(c).as_bytes(),
                },
            };
            if bytes.len() > room {
                return 0;
            }
            room -= bytes.len();
            out.put_slice(bytes);
        }
        room
    }

    fn next_char(self, bytes: &[u8]) -> Option<(char, &[u8])> {
        let (first, after) = bytes.split_first()?;
        let (c, after) = match self {
            Self::Latin1 => (char::from(*first), after),
            Self::Utf8 => first_utf8(bytes).unwrap_or((char::REPLACEMENT_CHARACTER, after)),
        };
        if c.is_control() && !is_layout(c) {
            return Some((char::REPLACEMENT_CHARACTER, after));
        }
        Some((c, after))
    }
}

fn is_layout(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r')
}

fn first_utf8(bytes: &[u8]) -> Option<(char, &[u8])> {
    (1..=bytes.len().min(4)).find_map(|length| {
        let (head, after) = bytes.split_at(length);
        let c = std::str::from_utf8(head).ok()?.chars().next()?;
        Some((c, after))
    })
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Which of the phone's two tables of phrases a label is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelTable {
    /// Introduced by byte 80.
    First,
    /// Introduced by byte 1E.
    Second,
}

impl LabelTable {
    const fn introducer(self) -> u8 {
        match self {
            Self::First => 0x80,
            Self::Second => 0x1E,
        }
    }

    fn introduced_by(byte: u8) -> Option<Self> {
        match byte {
            0x80 => Some(Self::First),
            0x1E => Some(Self::Second),
            _ => None,
        }
    }
}

/// A phrase that the phone holds in its own language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Label {
    /// Its table.
    pub table: LabelTable,
    /// Its number there; 0 cannot be sent.
    pub code: u8,
}

macro_rules! labels {
    ($($constant:ident = $code:literal $english:literal)*) => {
        impl Label {
            $(#[doc = concat!("\"", $english, "\"")]
              pub const $constant: Self = Self { table: LabelTable::First, code: $code };)*

            /// What an English phone shows, where known.
            pub const fn english(self) -> Option<&'static str> {
                match (self.table, self.code) {
                    $((LabelTable::First, $code) => Some($english),)*
                    _ => None,
                }
            }
        }
    };
}

labels! {
    REDIAL = 0x01 "Redial"
    NEW_CALL = 0x02 "NewCall"
    HOLD = 0x03 "Hold"
    TRANSFER = 0x04 "Transfer"
    FORWARD_ALL = 0x05 "CFwdAll"
    FORWARD_BUSY = 0x06 "CFwdBusy"
    FORWARD_NO_ANSWER = 0x07 "CFwdNoAns"
    BACKSPACE = 0x08 "<<"
    END_CALL = 0x09 "EndCall"
    RESUME = 0x0A "Resume"
    ANSWER = 0x0B "Answer"
    INFO = 0x0C "Info"
    CONFERENCE_KEY = 0x0D "Confrn"
    PARK = 0x0E "Park"
    JOIN = 0x0F "Join"
    MEET_ME = 0x10 "MeetMe"
    PICKUP = 0x11 "PickUp"
    GROUP_PICKUP = 0x12 "GPickUp"
    YOUR_CURRENT_OPTIONS = 0x13 "Your current options"
    OFF_HOOK = 0x14 "Off Hook"
    ON_HOOK = 0x15 "On Hook"
    RING_OUT = 0x16 "Ring out"
    FROM = 0x17 "From "
    CONNECTED = 0x18 "Connected"
    BUSY = 0x19 "Busy"
    LINE_IN_USE = 0x1A "Line In Use"
    CALL_WAITING = 0x1B "Call Waiting"
    CALL_TRANSFER = 0x1C "Call Transfer"
    CALL_PARK = 0x1D "Call Park"
    CALL_PROCEED = 0x1E "Call Proceed"
    IN_USE_REMOTE = 0x1F "In Use Remote"
    ENTER_NUMBER = 0x20 "Enter number"
    CALL_PARK_AT = 0x21 "Call park At"
    PRIMARY_ONLY = 0x22 "Primary Only"
    TEMP_FAIL = 0x23 "Temp Fail"
    YOU_HAVE_VOICE_MAIL = 0x24 "You Have VoiceMail"
    FORWARDED_TO = 0x25 "Forwarded to"
    CONFERENCE = 0x34 "Conference"
    PRIVATE = 0x36 "Private"
    UNKNOWN_NUMBER = 0x38 "Unknown Number"
    REMOVE_LAST = 0x39 "RmLstC"
    VOICE_MAIL = 0x3A "Voicemail"
    IMMEDIATE_DIVERT = 0x3B "ImmDiv"
    INTERCEPT = 0x3C "Intrcpt"
    SET_WATCH = 0x3D "SetWtch"
    TRANSFER_TO_VOICE_MAIL = 0x3E "TrnsfVM"
    DO_NOT_DISTURB = 0x3F "DND"
    DIVERT_ALL = 0x40 "DivAll"
    CALL_BACK = 0x41 "CallBack"
    BARGE = 0x43 "Barge"
    SERVICE_IS_NOT_ACTIVE = 0x49 "Service is not Active"
    QUALITY_REPORT = 0x4B "QRT"
    MALICIOUS_CALL = 0x4C "MCID"
    DIRECT_TRANSFER = 0x4D "DirTrfr"
    SELECT = 0x4E "Select"
    CONFERENCE_LIST = 0x4F "ConfList"
    I_DIVERT = 0x50 "iDivert"
    C_BARGE = 0x51 "cBarge"
    VIDEO_MODE = 0x58 "VidMode"
    OTHER_PICKUP = 0x5B "OPickUp"
    HUNT_LOG = 0x5C "HLog"
    LOGGED_OUT_OF_HUNT_GROUP = 0x5D "Logged Out of Hunt Group"
}

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Letter by letter.
    Words(String),
    /// A phrase of the phone's own.
    Label(Label),
}

/// Text for the display, with the phone's own phrases in it where wanted: "From 1003"
/// is `Text::from(Label::FROM).words("1003")`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(Vec<Piece>);

impl Text {
    /// Goes on with words.
    #[must_use]
    pub fn words(mut self, words: &str) -> Self {
        if words.is_empty() {
            return self;
        }
        if let Some(Piece::Words(last)) = self.0.last_mut() {
            last.push_str(words);
        } else {
            self.0.push(Piece::Words(words.to_owned()));
        }
        self
    }

    /// Goes on with a phrase of the phone's own.
    #[must_use]
    pub fn label(mut self, label: Label) -> Self {
        self.0.push(Piece::Label(label));
        self
    }

    /// Its parts; no two neighbours are words, and none is empty.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn decode(encoding: TextEncoding, bytes: &[u8]) -> Self {
        let mut rest = until_nul(bytes);
        let mut text = Self::default();
        let mut words = String::new();
        loop {
            // Looked for where a character would begin, so the inside of a UTF-8
            // sequence cannot be mistaken for a label.
            if let [introducer, code, after @ ..] = rest
                && let Some(table) = LabelTable::introduced_by(*introducer)
            {
                let label = Label { table, code: *code };
                text = text.words(&std::mem::take(&mut words)).label(label);
                rest = after;
            } else if let Some((c, after)) = encoding.next_char(rest) {
                words.push(c);
                rest = after;
            } else {
                return text.words(&words);
            }
        }
    }

    fn put(&self, encoding: TextEncoding, mut room: usize, out: &mut BytesMut) {
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => room = encoding.put(words, room, out),
                Piece::Label(label) if label.code != 0 => {
                    if room < 2 {
                        return;
                    }
                    out.put_slice(&[label.table.introducer(), label.code]);
                    room -= 2;
                }
                Piece::Label(_) => {}
            }
        }
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        Self::default().words(words)
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self::from(words.as_str())
    }
}

impl From<Label> for Text {
    fn from(label: Label) -> Self {
        Self::default().label(label)
    }
}

/// As an English phone shows it; a phrase that is not known here as its code.
impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => f.write_str(words)?,
                Piece::Label(label) => match label.english() {
                    Some(english) => f.write_str(english)?,
                    None => write!(f, "{{{:02X} {:02X}}}", label.table.introducer(), label.code)?,
                },
            }
        }
        Ok(())
    }
}

/// What can stand in a string field.
pub(super) trait Writable {
    /// Appends what fits into `room` bytes, without the NUL.
    fn put_into(&self, encoding: TextEncoding, room: usize, out: &mut BytesMut);
}

impl Writable for str {
    fn put_into(&self, encoding: TextEncoding, room: usize, out: &mut BytesMut) {
        encoding.put(self, room, out);
    }
}

impl Writable for String {
    fn put_into(&self, encoding: TextEncoding, room: usize, out: &mut BytesMut) {
        encoding.put(self, room, out);
    }
}

impl Writable for Text {
    fn put_into(&self, encoding: TextEncoding, room: usize, out: &mut BytesMut) {
        self.put(encoding, room, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(encoding: TextEncoding, what: &(impl Writable + ?Sized), room: usize) -> Vec<u8> {
        let mut out = BytesMut::new();
        what.put_into(encoding, room, &mut out);
        out.to_vec()
    }

    #[test]
    fn strings_end_at_the_first_nul_whatever_follows() {
        assert_eq!(TextEncoding::Latin1.decode(b"1001\0garbage"), "1001");
        assert_eq!(TextEncoding::Utf8.decode(b"\0garbage"), "");
        assert_eq!(TextEncoding::Utf8.decode(b"no end"), "no end");
    }

    #[test]
    fn an_old_phone_gets_one_byte_a_letter() {
        let latin1 = encoded(TextEncoding::Latin1, "Jürgen Łoś", 40);
        assert_eq!(latin1, b"J\xFCrgen Los");
        assert_eq!(TextEncoding::Latin1.decode(&latin1), "Jürgen Los");
    }

    #[test]
    fn truncation_never_splits_a_character() {
        assert_eq!(encoded(TextEncoding::Utf8, "aü", 2), b"a");
        assert_eq!(encoded(TextEncoding::Utf8, "aüb", 3), "aü".as_bytes());
        assert_eq!(encoded(TextEncoding::Latin1, "10€", 4), b"10");
    }

    #[test]
    fn nothing_follows_a_character_that_did_not_fit() {
        let text = Text::from("aü").label(Label::FROM).words("b");
        assert_eq!(encoded(TextEncoding::Utf8, &text, 2), b"a");
    }

    #[test]
    fn a_label_is_never_cut_in_half() {
        let text = Text::from("From").label(Label::FROM);
        assert_eq!(encoded(TextEncoding::Utf8, &text, 5), b"From");
    }

    #[test]
    fn control_characters_do_not_reach_the_phone() {
        assert_eq!(
            encoded(TextEncoding::Utf8, "a\0b\u{80}c\u{1E}d", 20),
            b"a b c d"
        );
        assert_eq!(
            encoded(TextEncoding::Latin1, "a\0b\u{80}c\u{1E}d", 20),
            b"a b c d"
        );
    }

    #[test]
    fn labels_and_words_mix() {
        let text = Text::from(Label::FROM).words("1003");
        for encoding in [TextEncoding::Latin1, TextEncoding::Utf8] {
            let wire = encoded(encoding, &text, 31);
            assert_eq!(wire, b"\x80\x171003");
            assert_eq!(Text::decode(encoding, &wire), text);
        }
        assert_eq!(text.to_string(), "From 1003");
    }

    #[test]
    fn a_utf8_letter_with_80_inside_is_no_label() {
        // U+00C0 is C3 80, U+2013 is E2 80 93.
        let text = Text::from("À\u{2013}x");
        let wire = encoded(TextEncoding::Utf8, &text, 31);
        assert_eq!(Text::decode(TextEncoding::Utf8, &wire), text);
    }

    fn encoding() -> impl Strategy<Value = TextEncoding> {
        prop_oneof![Just(TextEncoding::Latin1), Just(TextEncoding::Utf8)]
    }

    proptest! {
        #[test]
        fn any_bytes_read_as_text(bytes: Vec<u8>, encoding in encoding()) {
            let text = Text::decode(encoding, &bytes);
            prop_assert!(text.pieces().len() <= bytes.len());
            prop_assert!(!encoding.decode(&bytes).contains('\0'));
        }

        #[test]
        fn any_string_fits_its_room_and_reads_back_the_same_twice(
            string: String, room in 0usize..50, encoding in encoding(),
        ) {
            let wire = encoded(encoding, string.as_str(), room);
            prop_assert!(wire.len() <= room);
            prop_assert!(!wire.contains(&0));
            let read = encoding.decode(&wire);
            prop_assert_eq!(encoded(encoding, read.as_str(), room), wire);
        }
    }
}
