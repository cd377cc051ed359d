//! The keys under the display while calls are not built: enough to pick up and
//! to hang up, in the order CallManager numbers them.

use crate::sccp::wire::{
    KeyPlace, Label, SoftKey, SoftKeyEvent, SoftKeySet, SoftKeySets, SoftKeyTemplate, Text,
};

/// Keys in template order; the event numbers are ours to choose and the phone
/// echoes them, so they are CallManager's.
const KEYS: [(Label, SoftKeyEvent); 4] = [
    (Label::NEW_CALL, SoftKeyEvent::NEW_CALL),
    (Label::END_CALL, SoftKeyEvent::END_CALL),
    (Label::BACKSPACE, SoftKeyEvent::BACKSPACE),
    (Label::ANSWER, SoftKeyEvent::ANSWER),
];

/// Which keys each set shows, sets in the order of their index.
const SETS: [&[SoftKeyEvent]; 12] = [
    &[SoftKeyEvent::NEW_CALL],                          // on hook
    &[SoftKeyEvent::END_CALL],                          // connected
    &[SoftKeyEvent::NEW_CALL],                          // on hold
    &[SoftKeyEvent::ANSWER],                            // ring in
    &[SoftKeyEvent::END_CALL],                          // off hook
    &[SoftKeyEvent::END_CALL],                          // connected transfer
    &[SoftKeyEvent::BACKSPACE, SoftKeyEvent::END_CALL], // digits follow
    &[SoftKeyEvent::END_CALL],                          // connected conference
    &[SoftKeyEvent::END_CALL],                          // ring out
    &[SoftKeyEvent::END_CALL],                          // off hook with feature
    &[SoftKeyEvent::NEW_CALL],                          // in use hint
    &[SoftKeyEvent::NEW_CALL],                          // on hook, stealable
];

/// The keys there are.
pub(super) fn template() -> SoftKeyTemplate {
    SoftKeyTemplate {
        keys: KEYS
            .iter()
            .map(|(label, event)| SoftKey {
                label: Text::from(*label),
                event: *event,
            })
            .collect(),
    }
}

/// The keys each state shows, by their place in the template.
pub(super) fn sets() -> SoftKeySets {
    let place = |event: &SoftKeyEvent| {
        let position = KEYS
            .iter()
            .position(|(_, known)| known == event)
            .map_or(0, |at| at + 1);
        KeyPlace {
            position: u8::try_from(position).unwrap_or(0),
            event: *event,
        }
    };
    SoftKeySets {
        sets: SETS
            .iter()
            .map(|events| SoftKeySet {
                places: events.iter().map(place).collect(),
            })
            .collect(),
    }
}
