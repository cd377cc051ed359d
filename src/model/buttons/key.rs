//! What is on a key of a phone in the end.

use serde::{Deserialize, Serialize};

use super::{ForwardedCallDisplay, LampPolicy, Line, Ring, RingSetting, is_default};
use crate::model::DirectoryNumber;

/// A physical key, counted from 1.
pub type Key = u8;

/// One key of a phone and what is on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The physical key, from 1; those of add-on modules follow those of the
    /// phone.
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
        /// Further numbers on the same key.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        overlaid: Vec<DirectoryNumber>,
        /// What the key shows.
        label: String,
        /// The caller's name, or the number.
        display_name: String,
        /// How it rings.
        ring: Ring,
        /// What else is set for this line on this phone.
        #[serde(default, skip_serializing_if = "is_default")]
        settings: LineSettings,
    },
    /// A speed dial.
    SpeedDial {
        /// Counts the speed dials of the phone from 1; those with a busy lamp
        /// for themselves.
        index: u8,
        /// The number to dial.
        number: DirectoryNumber,
        /// What the key shows.
        label: String,
        /// Whether it is one of the phone's own emergency entries.
        emergency: bool,
        /// Whether its lamp shows whether the number is in a call.
        #[serde(default, skip_serializing_if = "is_default")]
        blf: bool,
    },
}

impl ButtonKind {
    /// What the key shows.
    pub fn label(&self) -> &str {
        match self {
            Self::Line { label, .. } | Self::SpeedDial { label, .. } => label,
        }
    }

    /// Whether this and `other` differ in what they show only: in the label of
    /// the key, or in the name in the top bar.
    pub fn same_but_labels(&self, other: &Self) -> bool {
        let blank = |kind: &Self| {
            let mut bare = kind.clone();
            match &mut bare {
                Self::Line {
                    label,
                    display_name,
                    settings,
                    ..
                } => {
                    label.clear();
                    display_name.clear();
                    settings.full_number = None;
                    settings.external_number_mask = None;
                }
                Self::SpeedDial { label, .. } => label.clear(),
            }
            bare
        };
        blank(self) == blank(other)
    }

    /// Its place among its kind.
    pub(super) fn set_index(&mut self, to: u8) {
        match self {
            Self::Line { index, .. } | Self::SpeedDial { index, .. } => *index = to,
        }
    }
}

/// What is set for a line on one phone beside its label and ring (Cisco: *line
/// setting for this device*), within what the phone can do.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LineSettings {
    /// The mask that makes the number a full one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_number_mask: Option<String>,
    /// The number by that mask: SCCP phones show it in their top bar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_number: Option<String>,
    /// What the lamp tells.
    #[serde(skip_serializing_if = "is_default")]
    pub message_waiting_lamp: LampPolicy,
    /// How the phone tells a call while it is idle.
    #[serde(skip_serializing_if = "is_default")]
    pub ring_idle: RingSetting,
    /// How the phone tells a call while another is up.
    #[serde(skip_serializing_if = "is_default")]
    pub ring_active: RingSetting,
    /// The most calls at one time; absent: as usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_calls: Option<u8>,
    /// Calls from which on the line is busy; absent: as usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busy_trigger: Option<u8>,
    /// What is shown of a forwarded call.
    #[serde(skip_serializing_if = "is_default")]
    pub forwarded_call_display: ForwardedCallDisplay,
}

impl LineSettings {
    /// The settings of a line on a phone whose lines take at most `most_calls`.
    pub(super) fn of(line: &Line, most_calls: u8) -> Self {
        let within = |calls: u8| calls.clamp(1, most_calls.max(1));
        Self {
            external_number_mask: line.external_number_mask.clone(),
            full_number: line.full_number(),
            message_waiting_lamp: line.message_waiting_lamp,
            ring_idle: line.ring_idle,
            ring_active: line.ring_active,
            maximum_calls: line.maximum_calls.map(within),
            busy_trigger: line.busy_trigger.map(within),
            forwarded_call_display: line.forwarded_call_display,
        }
    }

    /// Those that an SCCP phone is told; the others are the call manager's.
    #[must_use]
    pub fn told_over_sccp(self) -> Self {
        Self {
            full_number: self.full_number,
            forwarded_call_display: self.forwarded_call_display,
            ..Self::default()
        }
    }
}
