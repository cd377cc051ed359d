//! From the button template to what is asked about each button.

use std::collections::HashMap;

use crate::handset::event::{ButtonKind, ButtonSeen};
use crate::handset::fault::Fault;
use crate::sccp::wire::{Button, ButtonType, ServerMessage};

/// A button that something is asked about, or that explains itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) kind: ButtonType,
    pub(super) instance: u32,
    pub(super) seen: ButtonSeen,
}

/// The buttons of the template, not yet labelled.
///
/// Instances count from 1 for each type, in the order of the keys: a phone asks
/// for line 1, 2, .. and would not find a line that is called otherwise.
pub(super) fn plan(template: &[Button]) -> Result<Vec<Known>, Fault> {
    let mut counts: HashMap<ButtonType, u32> = HashMap::new();
    let mut known = Vec::new();
    for (key, button) in (1..).zip(template) {
        if button.kind == ButtonType::UNDEFINED {
            continue;
        }
        let kind = shown_as(button.kind);
        let instance = u32::from(button.instance);
        let count = counts.entry(button.kind).or_default();
        *count += 1;
        if is_asked(button.kind) && instance != *count {
            return Err(Fault::Template(format!(
                "key {key} is {} {instance}, not {count}",
                button.kind
            )));
        }
        known.push(Known {
            kind: button.kind,
            instance,
            seen: ButtonSeen {
                key,
                kind,
                label: String::new(),
                number: String::new(),
            },
        });
    }
    if counts.contains_key(&ButtonType::LINE) {
        Ok(known)
    } else {
        Err(Fault::NoLine)
    }
}

fn is_asked(kind: ButtonType) -> bool {
    shown_as(kind) != ButtonKind::Feature || is_feature(kind)
}

/// Features whose state the phone asks for; all others (redial, hold) it knows.
pub(super) fn is_feature(kind: ButtonType) -> bool {
    matches!(
        kind,
        ButtonType::FEATURE | ButtonType::BLF_SPEED_DIAL | ButtonType::MULTI_BLINK
    )
}

const fn shown_as(kind: ButtonType) -> ButtonKind {
    match kind {
        ButtonType::LINE => ButtonKind::Line,
        ButtonType::SPEED_DIAL => ButtonKind::SpeedDial,
        ButtonType::BLF_SPEED_DIAL => ButtonKind::BusyLamp,
        ButtonType::SERVICE_URL => ButtonKind::Service,
        _ => ButtonKind::Feature,
    }
}

impl Known {
    /// Takes what a message says about this button; false when it says nothing
    /// about it.
    pub(super) fn take(&mut self, message: &ServerMessage) -> bool {
        let (label, number) = match message {
            ServerMessage::LineStat(stat)
                if self.kind == ButtonType::LINE && stat.line.0 == self.instance =>
            {
                let label = if stat.label.is_empty() {
                    &stat.number
                } else {
                    &stat.label
                };
                (label.clone(), stat.number.clone())
            }
            ServerMessage::SpeedDialStat(stat)
                if self.kind == ButtonType::SPEED_DIAL && stat.index.0 == self.instance =>
            {
                (stat.label.clone(), stat.number.clone())
            }
            ServerMessage::ServiceUrlStat(stat)
                if self.kind == ButtonType::SERVICE_URL && stat.index.0 == self.instance =>
            {
                (stat.label.clone(), stat.url.clone())
            }
            ServerMessage::FeatureStat(stat)
                if is_feature(self.kind) && stat.index.0 == self.instance =>
            {
                (stat.label.to_string(), String::new())
            }
            _ => return false,
        };
        self.seen.label = label;
        self.seen.number = number;
        true
    }

    /// Whether there is nothing that the user could see or use.
    pub(super) fn is_empty(&self) -> bool {
        self.seen.label.is_empty() && self.seen.number.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn button(instance: u8, kind: ButtonType) -> Button {
        Button { instance, kind }
    }

    #[test]
    fn each_type_counts_for_itself_and_unused_keys_keep_their_place() {
        let known = plan(&[
            button(1, ButtonType::LINE),
            button(1, ButtonType::SPEED_DIAL),
            Button::UNUSED,
            button(2, ButtonType::LINE),
        ])
        .unwrap();
        let keys: Vec<_> = known
            .iter()
            .map(|known| (known.seen.key, known.instance))
            .collect();
        assert_eq!(keys, [(1, 1), (2, 1), (4, 2)]);
    }

    #[test]
    fn a_phone_needs_a_line_and_instances_in_order() {
        assert_eq!(plan(&[]), Err(Fault::NoLine));
        assert_eq!(
            plan(&[button(1, ButtonType::SPEED_DIAL)]),
            Err(Fault::NoLine)
        );
        let skipped = plan(&[button(2, ButtonType::LINE)]);
        assert!(matches!(skipped, Err(Fault::Template(_))));
    }
}
