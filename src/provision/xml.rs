//! The little of XML that boot files need: escaping, and the check that what
//! was rendered is well-formed. Phones have no recovery: a broken file is
//! silently thrown away.

use std::fmt::{self, Write};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Writes text so that it stands for itself in an element or an attribute.
/// Characters that XML 1.0 cannot hold at all (section 2.2) are left out.
pub(super) fn escape(out: &mut dyn Write, text: &str) -> fmt::Result {
    for c in text.chars() {
        match c {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '"' => out.write_str("&quot;")?,
            '\'' => out.write_str("&apos;")?,
            '\t' | '\n' | '\r' => out.write_char(c)?,
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.write_char(c)?,
        }
    }
    Ok(())
}

/// Checks that `text` is one well-formed element named one of `roots`, with
/// nothing but the five predefined entities and without a document type.
///
/// The reason names a byte offset, never content: files hold secrets.
pub(super) fn well_formed(text: &str, roots: &[&str]) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    let mut seen_root = false;
    loop {
        let at = reader.buffer_position();
        let wrong = |what: &str| Err(format!("{what} near byte {at}"));
        let Ok(event) = reader.read_event() else {
            return wrong("broken markup");
        };
        match event {
            Event::Start(element) => {
                if depth == 0 && !begins_root(&element, roots, &mut seen_root) {
                    return wrong("not the root element expected");
                }
                if !attributes_are_sound(&element) {
                    return wrong("a broken attribute");
                }
                depth += 1;
            }
            Event::Empty(element) => {
                if depth == 0 && !begins_root(&element, roots, &mut seen_root) {
                    return wrong("not the root element expected");
                }
                if !attributes_are_sound(&element) {
                    return wrong("a broken attribute");
                }
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) => {
                if depth == 0 && !text.trim_ascii().is_empty() {
                    return wrong("text outside the root element");
                }
            }
            Event::CData(_) if depth == 0 => return wrong("text outside the root element"),
            Event::GeneralRef(entity) => {
                if depth == 0 || !is_predefined(&entity) {
                    return wrong("an unknown entity");
                }
            }
            Event::DocType(_) => return wrong("a document type"),
            Event::Decl(_) if at != 0 => return wrong("an XML declaration in the middle"),
            Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof if depth != 0 => return wrong("an element that is not closed"),
            Event::Eof if !seen_root => return wrong("no element at all"),
            Event::Eof => return Ok(()),
        }
    }
}

fn begins_root(element: &BytesStart<'_>, roots: &[&str], seen: &mut bool) -> bool {
    let first = !std::mem::replace(seen, true);
    first && roots.iter().any(|root| *root == element.name().as_ref())
}

fn attributes_are_sound(element: &BytesStart<'_>) -> bool {
    element.attributes().all(|attribute| {
        attribute.is_ok_and(|attribute| {
            !attribute.value.contains('<')
                && attribute.value.split('&').skip(1).all(|rest| {
                    rest.split_once(';')
                        .is_some_and(|(entity, _)| is_predefined(entity))
                })
        })
    })
}

fn is_predefined(entity: &str) -> bool {
    matches!(entity, "amp" | "lt" | "gt" | "quot" | "apos") || entity.starts_with('#')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(&mut out, text).unwrap();
        out
    }

    #[test]
    fn what_cannot_stand_in_xml_is_escaped_or_left_out() {
        assert_eq!(escaped("A & B <x>"), "A &amp; B &lt;x&gt;");
        assert_eq!(escaped("\"it's\""), "&quot;it&apos;s&quot;");
        assert_eq!(escaped("a\u{0}b\u{7}c"), "abc");
        assert_eq!(escaped("Büro/東"), "Büro/東");
    }

    #[test]
    fn broken_files_are_told_from_sound_ones() {
        let ok = |text: &str| well_formed(text, &["device"]).is_ok();
        assert!(ok(
            "<?xml version=\"1.0\"?>\n<device><a b=\"1 &amp; 2\"/>x</device>\n"
        ));
        assert!(ok("<device/>"));
        for bad in [
            "",
            "   ",
            "<device>",
            "<device></devices>",
            "<device/><device/>",
            "<device></device>x",
            "<other/>",
            "<device>&nbsp;</device>",
            "<device>a & b</device>",
            "<device><a b='1' b='2'/></device>",
            "<device><a b='x & y'/></device>",
            "<device><a b></a></device>",
            "<!DOCTYPE device><device/>",
            "<device><?xml version='1.0'?></device>",
        ] {
            assert!(!ok(bad), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_survives_as_text_and_as_attribute(text in any::<String>()) {
            let text = escaped(&text);
            let whole = format!("<device a=\"{text}\">{text}</device>");
            prop_assert_eq!(well_formed(&whole, &["device"]), Ok(()));
        }

        #[test]
        fn the_check_never_panics(text in any::<String>()) {
            let _ = well_formed(&text, &["device"]);
        }
    }
}
