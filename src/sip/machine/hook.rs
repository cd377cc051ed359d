//! Hook state: phones tell it in a NOTIFY of the dialog package (RFC 4235),
//! `<state>trying</state>` off-hook and `<state>terminated</state>` on-hook.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Events that are read of one body; the bodies of phones have about ten.
const MAX_EVENTS: usize = 512;
/// Longer names of lines are none.
const MAX_ENTITY: usize = 256;

/// What a body says about one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookState {
    /// Which line. Only the attribute is reliable: the user part of the URIs
    /// inside may be cut to one character.
    pub entity: String,
    /// Whether any dialog on it lives.
    pub busy: bool,
}

/// Reads a `dialog-info` body; `None` when it is none.
pub fn read(body: &[u8]) -> Option<HookState> {
    let text = String::from_utf8_lossy(body);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim());
    let mut path: Vec<String> = Vec::new();
    let mut entity = None;
    let mut busy = false;
    for _ in 0..MAX_EVENTS {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                if path.is_empty() {
                    entity = Some(entity_of(&start)?);
                }
                path.push(start.local_name().as_ref().to_owned());
            }
            Event::Empty(start) if path.is_empty() => {
                // No dialogs at all.
                entity = Some(entity_of(&start)?);
            }
            Event::End(_) => {
                path.pop();
            }
            Event::Text(text) => {
                let in_state = path.iter().map(String::as_str).eq(DIALOG_STATE);
                let state = text.xml10_content();
                let state = state.trim();
                if in_state && !state.is_empty() {
                    busy |= !state.eq_ignore_ascii_case("terminated");
                }
            }
            Event::DocType(_) => return None,
            Event::Eof => break,
            _ => {}
        }
    }
    entity.map(|entity| HookState { entity, busy })
}

/// Where the state of a dialog stands.
const DIALOG_STATE: [&str; 3] = ["dialog-info", "dialog", "state"];

/// The line that a root element is about.
fn entity_of(root: &BytesStart<'_>) -> Option<String> {
    if root.local_name().as_ref() != "dialog-info" {
        return None;
    }
    root.attributes()
        .filter_map(Result::ok)
        .find(|attribute| attribute.key.local_name().as_ref() == "entity")
        .map(|attribute| attribute.value.into_owned())
        .filter(|entity| entity.len() <= MAX_ENTITY)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn body(state: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<dialog-info xmlns:call=\"urn:x-cisco:params:xml:ns:dialog-info:dialog:callinfo-dialog\" version=\"15\" state=\"partial\" entity=\"sip:1001@192.0.2.9\">\n<dialog id=\"12\" call-id=\"x@y\" local-tag=\"a\"><state>{state}</state></dialog>\n</dialog-info>\n"
        )
    }

    #[test]
    fn trying_is_off_hook_and_terminated_is_on_hook() {
        for (state, busy) in [
            ("trying", true),
            ("confirmed", true),
            ("terminated", false),
            ("\nTerminated ", false),
        ] {
            let read = read(body(state).as_bytes()).unwrap();
            assert_eq!(read.entity, "sip:1001@192.0.2.9");
            assert_eq!(read.busy, busy, "{state}");
        }
        let none = read(b"<dialog-info entity=\"sip:1@a\" state=\"full\"/>").unwrap();
        assert!(!none.busy, "a line without dialogs is idle");
    }

    #[test]
    fn other_bodies_say_nothing() {
        for other in [
            &b""[..],
            b"<presence entity=\"x\"/>",
            b"<dialog-info/>",
            b"<!DOCTYPE a [<!ENTITY e 'x'>]><dialog-info entity=\"x\"/>",
            b"<dialog-info entity=\"x\"><dialog><state>trying</wrong>",
            b"\xff\xfe",
        ] {
            assert_eq!(read(other), None, "{}", other.escape_ascii());
        }
    }
}
