//! What is on the keys of a phone: `button`, `number .. dn`, `speed-dial`.

use std::collections::BTreeMap;

use super::Dn;
use super::blocks::Block;
use crate::model::{DirectoryNumber, Line, Ring, SpeedDial};
use crate::site::import::draft::Draft;
use crate::site::import::keys::{Keys, Wish};
use crate::site::import::report::Place;
use crate::site::import::values;

/// The highest tag of a speed dial that is kept.
const MOST_DIALS: u16 = 113;

/// What is on a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Button {
    /// Directory numbers by their tags.
    Line(Ring, Vec<u32>),
    /// Calls of the overlay key with this number that find it busy.
    Expansion(u16),
}

/// `1:1`, `2s3`, `4o6,7,8`, `5x4` (*Unified CME Command Reference*, `button`).
pub(super) fn button(text: &str) -> Option<(u16, Button)> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (key, rest) = text.split_at_checked(at)?;
    let key = key.parse().ok()?;
    if let Some(overlay) = rest.strip_prefix('x') {
        return Some((key, Button::Expansion(overlay.parse().ok()?)));
    }
    let split = rest.find(|c: char| c.is_ascii_digit())?;
    let (separator, tags) = rest.split_at_checked(split)?;
    let ring = match separator {
        ":" => Ring::Normal,
        "s" => Ring::Silent,
        "b" => Ring::Beep,
        "f" => Ring::Feature,
        "m" | "w" => Ring::Monitor,
        "o" => Ring::Overlay,
        "c" => Ring::CwOverlay,
        _ => return None,
    };
    let tags: Option<Vec<u32>> = tags.split(',').map(|tag| tag.trim().parse().ok()).collect();
    Some((key, Button::Line(ring, tags?)))
}

/// A speed dial: `2001 label "ephone2" blf`. It may be quoted.
pub(super) fn dial(
    tag: &str,
    rest: &str,
    blf: bool,
    line: usize,
    at: &Place,
    dials: &mut BTreeMap<u16, (usize, SpeedDial)>,
    draft: &mut Draft<'_>,
) {
    let Some((given, mut rest)) = values::word(rest) else {
        return;
    };
    let tag = tag
        .parse()
        .ok()
        .filter(|tag| (1..=MOST_DIALS).contains(tag));
    let Some((tag, number)) = tag.zip(values::number(&unlocked(given, at, draft))) else {
        draft.note(
            at,
            "a speed dial without a number",
            "a number has digits, *, #, + and A to D, at most 24",
            "write it with a number that reaches the same",
        );
        return;
    };
    let mut dial = SpeedDial {
        blf,
        ..SpeedDial::new(number)
    };
    while let Some((word, after)) = values::word(rest) {
        rest = after;
        match word {
            "label" => {
                if let Some((label, after)) = values::word(rest) {
                    dial.label = values::label(label, &dial.number);
                    rest = after;
                }
            }
            "blf" => dial.blf = true,
            _ => {}
        }
    }
    dials.insert(tag, (line, dial));
}

/// A plus before a short number locks the entry in CME; before a long one it
/// is the number's own.
fn unlocked(given: &str, at: &Place, draft: &mut Draft<'_>) -> String {
    match given.strip_prefix('+') {
        Some(number) if number.len() < 8 => {
            draft.note(
                at,
                "the + before a speed dial",
                "it locks the entry at the phone; entries are changed nowhere else here anyway",
                "nothing",
            );
            number.to_owned()
        }
        _ => given.to_owned(),
    }
}

/// Lines on their keys; speed dials on the keys that are left, by their tags
/// (*Unified CME Command Reference*, `speed-dial`).
pub(super) fn lay(
    block: &Block<'_>,
    buttons: Vec<(usize, u16, Button)>,
    dials: impl Iterator<Item = (usize, SpeedDial)>,
    numbers: &BTreeMap<u32, Dn>,
    draft: &mut Draft<'_>,
) -> Keys {
    let mut keys = Keys::default();
    for (line, key, button) in buttons {
        let at = block.place.line(line);
        let wish = match button {
            Button::Line(ring, tags) => {
                line_of(&tags, ring, numbers, &at, draft).map(|line| Wish::Line(Box::new(line)))
            }
            Button::Expansion(overlay) => {
                draft.note(
                    &at,
                    &format!("key {key}, which takes the calls that find key {overlay} busy"),
                    "no key expands an overlay key here, and the key stays empty",
                    "nothing, or write one of the numbers of the overlay key as a line on it",
                );
                Some(Wish::Free)
            }
        };
        if let Some(wish) = wish
            && !keys.put(key, line, wish)
        {
            draft.note(
                &at,
                "a second line on a key",
                "one key has one line, or numbers that are overlaid",
                "write the line by hand",
            );
        }
    }
    let mut free = 1;
    for (line, dial) in dials {
        while free < u16::MAX && !keys.put(free, line, Wish::Dial(dial.clone())) {
            free += 1;
            if free > 1000 {
                break;
            }
        }
    }
    keys
}

fn line_of(
    tags: &[u32],
    ring: Ring,
    numbers: &BTreeMap<u32, Dn>,
    at: &Place,
    draft: &mut Draft<'_>,
) -> Option<Line> {
    let mut known: Vec<(DirectoryNumber, &Dn)> = Vec::new();
    for tag in tags {
        let dn = numbers.get(tag);
        match dn.and_then(|dn| Some((DirectoryNumber::new(&dn.number).ok()?, dn))) {
            Some(found) => known.push(found),
            None => draft.note(
                at,
                &format!("dn {tag} of a button"),
                match dn {
                    None => "there is no such directory number",
                    Some(_) => "it has no number, or a pattern of numbers",
                },
                "write the line by hand",
            ),
        }
    }
    let overlay = matches!(ring, Ring::Overlay | Ring::CwOverlay);
    if known.len() > 1 && !overlay {
        draft.note(
            at,
            "several numbers on one key",
            "only overlay keys have them; the first was taken",
            "write ring = \"overlay\" and overlaid = [..] if it shall have all",
        );
        known.truncate(1);
    }
    let mut known = known.into_iter();
    let (number, dn) = known.next()?;
    Some(Line {
        overlaid: known.map(|(number, _)| number).collect(),
        ring,
        ..labelled(number, dn)
    })
}

/// A line with the label and the name of its directory number.
pub(super) fn labelled(number: DirectoryNumber, dn: &Dn) -> Line {
    let differs = |text: &String| text != number.as_str();
    Line {
        label: dn.label.clone().filter(differs),
        display_name: dn.name.clone().filter(differs),
        ..Line::new(number)
    }
}
