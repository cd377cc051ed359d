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
    /// The same with call waiting; CME's samples spell it `cw-overly`.
    #[serde(alias = "cw-overly")]
    CwOverlay,
}

/// What the lamp of the handset tells about a line (Cisco: *Message Waiting
/// Lamp Policy*, a line setting for this device).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LampPolicy {
    /// As the system does: lamp and prompt.
    #[default]
    SystemPolicy,
    /// Lamp and prompt.
    LightAndPrompt,
    /// The prompt alone.
    PromptOnly,
    /// The lamp alone.
    LightOnly,
    /// Neither.
    None,
}

/// How the phone itself tells a call on a line (Cisco: *Ring Setting*, a line
/// setting for this device).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RingSetting {
    /// As the system does, and as the line's [`Ring`] says.
    #[default]
    SystemDefault,
    /// Not at all.
    Disable,
    /// By the lamp.
    FlashOnly,
    /// Once.
    RingOnce,
    /// It rings.
    Ring,
    /// By a beep; only while another call is up.
    BeepOnly,
}

/// What is shown of a forwarded call (a line setting for this device).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // Cisco's four check boxes
pub struct ForwardedCallDisplay {
    /// The caller's name.
    pub caller_name: bool,
    /// The caller's number.
    pub caller_number: bool,
    /// The number that forwarded it.
    pub redirected_number: bool,
    /// The number that was dialled.
    pub dialed_number: bool,
}

impl Default for ForwardedCallDisplay {
    fn default() -> Self {
        Self {
            caller_name: true,
            caller_number: false,
            redirected_number: false,
            dialed_number: true,
        }
    }
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
    /// Further numbers on the same key, for overlay lines; the first number
    /// comes before them (CME: *number* a,b *type overlay*, at most 25).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlaid: Vec<DirectoryNumber>,
    /// The mask that makes the number a full one (`X` is a digit of the
    /// number).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_number_mask: Option<String>,
    /// What the lamp tells.
    #[serde(default, skip_serializing_if = "is_default")]
    pub message_waiting_lamp: LampPolicy,
    /// How the phone tells a call while it is idle.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ring_idle: RingSetting,
    /// How the phone tells a call while another is up.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ring_active: RingSetting,
    /// The most calls at one time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_calls: Option<u8>,
    /// Calls from which on the line is busy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_trigger: Option<u8>,
    /// What is shown of a forwarded call.
    #[serde(default, skip_serializing_if = "is_default")]
    pub forwarded_call_display: ForwardedCallDisplay,
}

impl Line {
    /// A line of this number, everything else as usual.
    pub fn new(number: DirectoryNumber) -> Self {
        Self {
            number,
            label: None,
            display_name: None,
            ring: Ring::Normal,
            partition: None,
            overlaid: Vec::new(),
            external_number_mask: None,
            message_waiting_lamp: LampPolicy::default(),
            ring_idle: RingSetting::default(),
            ring_active: RingSetting::default(),
            maximum_calls: None,
            busy_trigger: None,
            forwarded_call_display: ForwardedCallDisplay::default(),
        }
    }

    /// The line without its *line settings for this device*: what a login on a
    /// phone of another family takes of it (Cisco, *Extension Mobility 4.1*,
    /// Overview).
    #[must_use]
    pub fn without_device_settings(&self) -> Self {
        Self {
            partition: self.partition.clone(),
            overlaid: self.overlaid.clone(),
            ..Self::new(self.number.clone())
        }
    }
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
    /// Whether its lamp shows whether the number is in a call.
    #[serde(default, skip_serializing_if = "is_default")]
    pub blf: bool,
}

impl SpeedDial {
    /// A speed dial of this number, everything else as usual.
    pub fn new(number: DirectoryNumber) -> Self {
        Self {
            number,
            label: None,
            emergency: false,
            blf: false,
        }
    }
}

/// What a key of a phone button template is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateKey {
    /// A line.
    Line,
    /// A speed dial, with or without a busy lamp.
    SpeedDial,
    /// Nothing.
    None,
}

/// A phone button template: what each key is for, from the first (Cisco:
/// *Phone Button Template*). Keys beyond its end are unused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonTemplate {
    /// Its name.
    pub name: ObjectName,
    /// The model whose keys it settles; its family may use it too.
    pub model: super::ModelName,
    /// Its keys, those of add-on modules after those of the phone.
    pub buttons: Vec<TemplateKey>,
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
        Line::new(DirectoryNumber::new(number).unwrap())
    }

    fn dial(number: &str) -> SpeedDial {
        SpeedDial::new(DirectoryNumber::new(number).unwrap())
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
