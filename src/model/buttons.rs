//! Lines, speed dials, services, and how they come onto the keys of a phone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DirectoryNumber, ObjectName};

/// How a line rings; CME's words (CME: *number .. type*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ring {
    /// Rings.
    #[default]
    Normal,
    /// Lamp only.
    Silent,
    /// One beep.
    Beep,
    /// A triple ring that tells the line apart.
    Feature,
    /// Shows the state of a line; does not ring.
    Monitor,
    /// One of several numbers on one key.
    Overlay,
}

/// A line appearance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The number of the line.
    pub number: DirectoryNumber,
    /// What the key shows; the number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The caller's name that the called party sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// How it rings.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ring: Ring,
    /// The partition of the number, where the site uses them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<ObjectName>,
}

/// A speed dial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeedDial {
    /// The number to dial.
    pub number: DirectoryNumber,
    /// What the key shows; the number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// An entry of the phone itself that survives any login.
    #[serde(default, skip_serializing_if = "is_default")]
    pub emergency: bool,
}

/// A service a phone or profile is subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSubscription {
    /// Which service.
    pub name: ObjectName,
    /// The subscriber's values, appended to the URL.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A physical key, counted from 1.
pub type Key = u8;

/// One key of a phone and what is on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The physical key, from 1.
    pub key: Key,
    /// What is on it.
    pub kind: ButtonKind,
}

/// What a key does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ButtonKind {
    /// A line.
    Line {
        /// Counts the lines of the phone from 1, whatever keys they sit on.
        index: u8,
        /// The number; `None` is the placeholder line of a phone without
        /// lines: it registers and cannot be dialled.
        number: Option<DirectoryNumber>,
        /// What the key shows.
        label: String,
        /// The caller's name, or the number.
        display_name: String,
        /// How it rings.
        ring: Ring,
    },
    /// A speed dial.
    SpeedDial {
        /// Counts the speed dials of the phone from 1.
        index: u8,
        /// The number to dial.
        number: DirectoryNumber,
        /// What the key shows.
        label: String,
        /// Whether it is one of the phone's own emergency entries.
        emergency: bool,
    },
}

impl ButtonKind {
    /// What the key shows.
    pub fn label(&self) -> &str {
        match self {
            Self::Line { label, .. } | Self::SpeedDial { label, .. } => label,
        }
    }

    /// The same key with its label taken away, for telling label-only changes.
    #[must_use]
    pub fn without_label(&self) -> Self {
        let mut bare = self.clone();
        match &mut bare {
            Self::Line { label, .. } | Self::SpeedDial { label, .. } => label.clear(),
        }
        bare
    }
}

/// The keys of a phone, and what found no key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ButtonPlan {
    /// The keys in use, in order of key.
    pub buttons: Vec<Button>,
    /// Emergency entries without a key: they live in the Services page.
    pub emergency_in_services: Vec<SpeedDial>,
    /// Lines and speed dials that did not fit.
    pub left_out: Vec<DirectoryNumber>,
}

/// Lays lines, then speed dials, onto the keys of a phone.
///
/// The phone's own `emergency` entries take its last keys, the same before and
/// after a login, but never the first key, which is the user's first line.
/// Surplus lines and speed dials are ignored (CME: *Extension Mobility*,
/// button appearance). A phone without any line gets a placeholder line.
pub fn button_plan(
    keys: Key,
    lines: &[Line],
    speed_dials: &[SpeedDial],
    emergency: &[SpeedDial],
    placeholder_label: &str,
) -> ButtonPlan {
    let keys = keys.max(1);
    let reserved = emergency.len().min(usize::from(keys) - 1);
    let free = usize::from(keys) - reserved;
    let mut plan = ButtonPlan {
        emergency_in_services: emergency[reserved..].to_vec(),
        ..ButtonPlan::default()
    };

    let mut kinds: Vec<ButtonKind> = Vec::new();
    if lines.is_empty() {
        kinds.push(ButtonKind::Line {
            index: 1,
            number: None,
            label: placeholder_label.to_owned(),
            display_name: placeholder_label.to_owned(),
            ring: Ring::Normal,
        });
    }
    for line in lines {
        if kinds.len() == free {
            plan.left_out.push(line.number.clone());
            continue;
        }
        let number = line.number.to_string();
        kinds.push(ButtonKind::Line {
            index: count(kinds.len() + 1),
            number: Some(line.number.clone()),
            label: line.label.clone().unwrap_or_else(|| number.clone()),
            display_name: line.display_name.clone().unwrap_or(number),
            ring: line.ring,
        });
    }
    let mut speed_dial_count = 0;
    for dial in speed_dials {
        if kinds.len() == free {
            plan.left_out.push(dial.number.clone());
            continue;
        }
        speed_dial_count += 1;
        kinds.push(speed_dial(speed_dial_count, dial, false));
    }
    plan.buttons = kinds
        .into_iter()
        .enumerate()
        .map(|(at, kind)| Button {
            key: count(at + 1),
            kind,
        })
        .collect();
    for (at, dial) in emergency[..reserved].iter().enumerate() {
        speed_dial_count += 1;
        plan.buttons.push(Button {
            key: count(free + at + 1),
            kind: speed_dial(speed_dial_count, dial, true),
        });
    }
    plan
}

fn speed_dial(index: usize, dial: &SpeedDial, emergency: bool) -> ButtonKind {
    ButtonKind::SpeedDial {
        index: count(index),
        number: dial.number.clone(),
        label: dial
            .label
            .clone()
            .unwrap_or_else(|| dial.number.to_string()),
        emergency,
    }
}

fn count(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(number: &str) -> Line {
        Line {
            number: DirectoryNumber::new(number).unwrap(),
            label: None,
            display_name: None,
            ring: Ring::Normal,
            partition: None,
        }
    }

    fn dial(number: &str) -> SpeedDial {
        SpeedDial {
            number: DirectoryNumber::new(number).unwrap(),
            label: None,
            emergency: false,
        }
    }

    fn shown(plan: &ButtonPlan) -> Vec<(u8, String)> {
        plan.buttons
            .iter()
            .map(|b| (b.key, b.kind.label().to_owned()))
            .collect()
    }

    #[test]
    fn emergency_entries_sit_on_the_last_keys_before_and_after_a_login() {
        let emergency = [dial("911")];
        let bare = button_plan(6, &[], &[], &emergency, "Sign in");
        let busy = button_plan(
            6,
            &[line("2001"), line("2002")],
            &[dial("1"), dial("2"), dial("3"), dial("4")],
            &emergency,
            "Sign in",
        );
        assert_eq!(shown(&bare), [(1, "Sign in".into()), (6, "911".into())]);
        assert_eq!(busy.buttons.last().unwrap().key, 6);
        assert_eq!(busy.buttons.last().unwrap().kind.label(), "911");
        assert_eq!(busy.left_out, [DirectoryNumber::new("4").unwrap()]);
    }

    #[test]
    fn on_one_key_the_first_line_wins_and_emergency_lives_in_services() {
        let plan = button_plan(1, &[line("2001")], &[], &[dial("911")], "Sign in");
        assert_eq!(shown(&plan), [(1, "2001".into())]);
        assert_eq!(plan.emergency_in_services, [dial("911")]);
    }

    #[test]
    fn two_keys_hold_one_line_and_one_emergency_entry() {
        let plan = button_plan(
            2,
            &[line("2001"), line("2002")],
            &[],
            &[dial("911"), dial("112")],
            "Sign in",
        );
        assert_eq!(shown(&plan), [(1, "2001".into()), (2, "911".into())]);
        assert_eq!(plan.emergency_in_services, [dial("112")]);
        assert_eq!(plan.left_out, [DirectoryNumber::new("2002").unwrap()]);
    }
}
