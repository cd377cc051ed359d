//! Lines, and how they ring, light and are shown.

use serde::{Deserialize, Serialize};

use super::is_default;
use crate::model::{DirectoryNumber, ObjectName};

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

impl Ring {
    /// The class in which CME gives keys to lines, the lowest first: normal,
    /// silent, beep, feature, monitor, overlay with and without call waiting
    /// (CME: *Extension Mobility*, button appearance).
    pub(super) fn key_class(self) -> u8 {
        match self {
            Self::Normal => 0,
            Self::Silent => 1,
            Self::Beep => 2,
            Self::Feature => 3,
            Self::Monitor => 4,
            Self::Overlay | Self::CwOverlay => 5,
        }
    }
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
    /// Overview). That a line is overlaid or only monitored is the line's own.
    #[must_use]
    pub fn without_device_settings(&self) -> Self {
        Self {
            partition: self.partition.clone(),
            overlaid: self.overlaid.clone(),
            ring: match self.ring {
                Ring::Normal | Ring::Silent | Ring::Beep | Ring::Feature => Ring::Normal,
                kind @ (Ring::Monitor | Ring::Overlay | Ring::CwOverlay) => kind,
            },
            ..Self::new(self.number.clone())
        }
    }

    /// The number as it is known outside: the digits of the number in the
    /// places of the `X` of its mask, from the right (Cisco: *External Phone
    /// Number Mask*). `None` without a mask.
    pub(super) fn full_number(&self) -> Option<String> {
        let mask = self.external_number_mask.as_deref()?;
        let mut digits = self.number.as_str().chars().rev();
        let whole: Vec<char> = mask
            .chars()
            .rev()
            .filter_map(|place| match place {
                'X' | 'x' => digits.next(),
                other => Some(other),
            })
            .collect();
        Some(whole.into_iter().rev().collect())
    }
}
