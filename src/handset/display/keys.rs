//! The soft keys under the display, and how one comes to those that have no
//! room there.

use super::Display;
use super::letters::cut;
use crate::handset::page::PageKey;
use crate::phonexml::SoftKeyLayout;

/// The rows of soft keys, the first one as it is shown and those behind it;
/// each with as many names as there are keys.
pub(super) fn rows(keys: &[PageKey], display: &Display, layout: SoftKeyLayout) -> Vec<Vec<String>> {
    if display.soft_keys == 2 {
        return handheld(keys, display);
    }
    let places = display.soft_keys;
    let last = keys.iter().map(|key| key.position).max().unwrap_or(0);
    if usize::try_from(last).unwrap_or(0) <= places {
        return vec![
            (1..=places)
                .map(|place| named(keys, place, display))
                .collect(),
        ];
    }
    // The last place leads to the next row, and from the last one back.
    let more = match layout {
        SoftKeyLayout::Old => "more",
        SoftKeyLayout::New => "More",
    };
    let width = places.saturating_sub(1).max(1);
    let last = usize::try_from(last).unwrap_or(0);
    let mut rows: Vec<Vec<String>> = (0..last.div_ceil(width))
        .map(|row| {
            let first = row * width + 1;
            (first..first + width)
                .map(|place| named(keys, place, display))
                .collect::<Vec<_>>()
        })
        .filter(|row| row.iter().any(|name| !name.is_empty()))
        .collect();
    if rows.len() > 1 {
        for row in &mut rows {
            row.push(cut(more, display.key_letters()));
        }
    }
    for row in &mut rows {
        row.resize(places, String::new());
    }
    rows
}

/// Two keys: the first position on the right, all others behind the left one
/// (*CiscoIPPhone XML Object Definitions*, SoftKeyItem, of the 8821; the older
/// handhelds are taken to be alike).
fn handheld(keys: &[PageKey], display: &Display) -> Vec<Vec<String>> {
    let right = named(keys, 1, display);
    let others: Vec<String> = keys
        .iter()
        .filter(|key| key.position > 1)
        .map(|key| name(key, display))
        .collect();
    match others.as_slice() {
        [] => vec![vec![String::new(), right]],
        [one] => vec![vec![one.clone(), right]],
        several => {
            let mut rows = vec![vec![cut("Options", display.key_letters()), right]];
            rows.extend(several.iter().map(|one| vec![one.clone(), String::new()]));
            rows
        }
    }
}

fn named(keys: &[PageKey], place: usize, display: &Display) -> String {
    keys.iter()
        .find(|key| usize::try_from(key.position) == Ok(place))
        .map(|key| name(key, display))
        .unwrap_or_default()
}

fn name(key: &PageKey, display: &Display) -> String {
    cut(
        display.letters.line(&key.name).trim(),
        display.key_letters(),
    )
}
