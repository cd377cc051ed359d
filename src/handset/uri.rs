//! URIs that a phone does for itself (*Unified IP Phone Services Application
//! Development Notes*, Internal URI Features).

/// What such a URI wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InternalUri<'a> {
    /// `Init:Services`: the Services window closes.
    CloseServices,
    /// `Init:CallHistory`: missed, received and placed calls are forgotten.
    ClearCallHistory,
    /// `Dial:` and `EditDial:`, with the number.
    Dial(&'a str),
    /// `Key:`.
    Key(KeyUri),
    /// `QueryStringParam:`.
    QueryStringParam,
    /// Something that changes nothing here: other windows, tones, the display.
    Harmless,
    /// Nothing that phones know.
    Unknown,
}

/// A key that is pressed for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyUri {
    /// `Key:Services`, and `Key:Applications` of later models.
    Services,
    /// `Key:Soft1` to `Key:Soft5`.
    Soft(i8),
    /// Any other; a key that is not there is passed over.
    Other,
}

impl<'a> InternalUri<'a> {
    /// Reads a URI. Scheme and action are spelt as the manual spells them.
    pub(super) fn read(uri: &'a str) -> Self {
        let (scheme, rest) = uri.split_once(':').unwrap_or((uri, ""));
        match (scheme, rest) {
            ("Init", "Services") => Self::CloseServices,
            ("Init", "CallHistory") => Self::ClearCallHistory,
            ("Dial" | "EditDial", rest) => {
                let number = rest.split(':').next().unwrap_or_default();
                if is_number(number) {
                    Self::Dial(number)
                } else {
                    Self::Unknown
                }
            }
            ("Key", "Services" | "Applications") => Self::Key(KeyUri::Services),
            ("Key", name) => Self::Key(soft_key(name)),
            ("QueryStringParam", _) => Self::QueryStringParam,
            ("Init", "Messages" | "Directories" | "AppStatus")
            | ("App" | "Display" | "Play", _) => Self::Harmless,
            _ => Self::Unknown,
        }
    }
}

fn soft_key(name: &str) -> KeyUri {
    match name.strip_prefix("Soft").map(str::as_bytes) {
        Some([place @ b'1'..=b'5']) => KeyUri::Soft(i8::try_from(place - b'0').unwrap_or_default()),
        _ => KeyUri::Other,
    }
}

/// Digits, `#`, `*`, `A` to `D`, and commas for pauses; at most 32.
fn is_number(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'#' | b'*' | b'A'..=b'D' | b','))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn uris_are_what_the_manual_says() {
        for (uri, wants) in [
            ("Init:Services", InternalUri::CloseServices),
            ("Init:CallHistory", InternalUri::ClearCallHistory),
            ("Init:Messages", InternalUri::Harmless),
            ("Dial:112", InternalUri::Dial("112")),
            ("Dial:112:1:Cisco/Services", InternalUri::Dial("112")),
            ("Dial:", InternalUri::Unknown),
            ("Dial:alice", InternalUri::Unknown),
            ("Key:Services", InternalUri::Key(KeyUri::Services)),
            ("Key:Soft3", InternalUri::Key(KeyUri::Soft(3))),
            ("Key:Soft9", InternalUri::Key(KeyUri::Other)),
            ("QueryStringParam:a=1", InternalUri::QueryStringParam),
            ("http://h/", InternalUri::Unknown),
            ("", InternalUri::Unknown),
        ] {
            assert_eq!(InternalUri::read(uri), wants, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn any_uri_is_read(uri in "(Init|Dial|Key|App)?:?\\PC{0,20}") {
            let _ = InternalUri::read(&uri);
        }
    }
}
