//! The messages of RFC 4475, "Session Initiation Protocol (SIP) Torture Test Messages", in the notation of its
//! section 2: `<allOneLine>` joins the lines that it holds, `<repeat>` repeats, `<hex>` stands for octets that no
//! page can show, and every line ends with CRLF.

mod invalid;
mod outcomes;
mod semantics;
mod valid;

/// One message of the RFC.
pub(in crate::sip) struct Torture {
    /// The section that it stands in.
    pub(in crate::sip) section: &'static str,
    /// What the RFC calls it.
    pub(in crate::sip) name: &'static str,
    text: &'static str,
}

impl Torture {
    /// The message as it is on the wire.
    pub(in crate::sip) fn bytes(&self) -> Vec<u8> {
        written_out(self.text)
    }
}

/// All 49.
pub(in crate::sip) fn all() -> impl Iterator<Item = &'static Torture> {
    valid::MESSAGES
        .iter()
        .chain(invalid::MESSAGES)
        .chain(semantics::MESSAGES)
}

/// The bytes of the message of that name.
pub(in crate::sip) fn message(name: &str) -> Vec<u8> {
    all()
        .find(|torture| torture.name == name)
        .unwrap_or_else(|| panic!("the RFC has no {name}"))
        .bytes()
}

/// Undoes the notation of RFC 4475 section 2.
fn written_out(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut joined = false;
    for line in text.split_inclusive('\n') {
        match line.trim_end_matches('\n') {
            "<allOneLine>" => joined = true,
            "</allOneLine>" => {
                joined = false;
                out.extend_from_slice(b"\r\n");
            }
            plain => {
                write_line(plain, &mut out);
                if !joined && line.ends_with('\n') {
                    out.extend_from_slice(b"\r\n");
                }
            }
        }
    }
    out
}

fn write_line(mut line: &str, out: &mut Vec<u8>) {
    while let Some((before, rest)) = line.split_once('<') {
        out.extend_from_slice(before.as_bytes());
        if let Some((digits, after)) = element(rest, "hex>", "</hex>") {
            for at in (0..digits.len()).step_by(2) {
                out.push(u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
            }
            line = after;
        } else if let Some((counted, after)) = element(rest, "repeat count=", "</repeat>") {
            let (count, what) = counted.split_once('>').unwrap();
            out.extend(what.repeat(count.parse().unwrap()).into_bytes());
            line = after;
        } else {
            out.push(b'<');
            line = rest;
        }
    }
    out.extend_from_slice(line.as_bytes());
}

fn element<'a>(rest: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    rest.strip_prefix(open)?.split_once(close)
}

#[test]
fn there_are_all_of_them() {
    let names: std::collections::BTreeSet<_> = all().map(|torture| torture.name).collect();
    assert_eq!((all().count(), names.len()), (49, 49));
    for torture in all() {
        assert!(torture.section.starts_with("3."), "{}", torture.name);
    }
}

#[test]
fn the_notation_is_undone() {
    let text = "a<b>\n<allOneLine>\nx=<repeat count=3>ab</repeat>;\n y<hex>00FF</hex>z\n</allOneLine>\n\nend";
    assert_eq!(
        written_out(text),
        b"a<b>\r\nx=ababab; y\x00\xffz\r\n\r\nend"
    );
}
