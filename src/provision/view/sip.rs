//! The part of a boot file that only SIP loads read: lines, keys, credentials.

use serde::Serialize;

use super::super::render::RenderContext;
use crate::model::{
    Button, ButtonKind, ContactId, ForwardedCallDisplay, LampPolicy, LineSettings, Ring,
    RingSetting, Wanted,
};

/// Labels, names and credentials of a line: 30 characters.
const LABEL: usize = 30;
/// The label in the status line of a 79xx: 12 characters.
const PHONE_LABEL: usize = 12;

#[derive(Clone, Serialize)]
pub(super) struct SipView {
    pub(super) port: u16,
    pub(super) auth_name: String,
    pub(super) auth_password: String,
    pub(super) user: String,
    pub(super) phone_label: String,
    pub(super) missed_calls: String,
    /// The mask of the first line: a phone has one.
    pub(super) external_number_mask: Option<String>,
    pub(super) softkey_file: String,
    pub(super) dial_template: &'static str,
    pub(super) keys: Vec<KeyView>,
}

impl std::fmt::Debug for SipView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SipView").finish_non_exhaustive()
    }
}

/// A key; the fields that its feature does not need are empty.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct KeyView {
    pub(super) feature: u8,
    pub(super) button: u8,
    /// `lineIndex` of a line, `speedDialIndex` of a speed dial.
    pub(super) index: u8,
    pub(super) label: String,
    /// The line's name, or the number to dial.
    pub(super) name: String,
    pub(super) display_name: String,
    pub(super) contact: String,
    pub(super) ring_idle: u8,
    pub(super) ring_active: u8,
    /// `messageWaitingLampPolicy`.
    pub(super) lamp: u8,
    pub(super) maximum_calls: u8,
    pub(super) busy_trigger: u8,
    pub(super) forwarded: ForwardedCallDisplay,
}

/// Calls on a line that says nothing: at one time, and until it is busy.
const USUAL_CALLS: (u8, u8) = (4, 2);

/// The file name of the soft keys that every SIP phone may take.
pub(super) const SOFTKEYS: &str = "softkeys.xml";
/// The file name of the dial template.
pub(super) const DIALPLAN: &str = "dialplan.xml";

/// The soft key file of a template: `SK`, the letters and digits of its name.
pub(super) fn softkey_file(template: Option<&str>) -> String {
    let letters: String = template
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(40)
        .collect();
    if letters.is_empty() {
        SOFTKEYS.to_owned()
    } else {
        format!("SK{letters}.xml")
    }
}

impl SipView {
    pub(super) fn of(wanted: &Wanted, ctx: &RenderContext<'_>) -> Self {
        let file = &wanted.file;
        let keys: Vec<KeyView> = file
            .buttons
            .iter()
            .map(|button| key(wanted, button))
            .collect();
        let lines = || {
            file.buttons.iter().filter_map(|button| match &button.kind {
                ButtonKind::Line {
                    number, settings, ..
                } => Some((number, settings)),
                ButtonKind::SpeedDial { .. } => None,
            })
        };
        let first = lines().next();
        Self {
            port: ctx.sip_port(),
            auth_name: cut(wanted.device.as_str(), LABEL),
            auth_password: file
                .sip_secret
                .as_ref()
                .map_or_else(String::new, |secret| cut(secret.expose(), LABEL)),
            user: file
                .user
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            phone_label: first
                .and_then(|(number, _)| number.as_ref())
                .map_or_else(String::new, |number| cut(number.as_str(), PHONE_LABEL)),
            missed_calls: "1".repeat(lines().count()),
            external_number_mask: first
                .and_then(|(_, settings)| settings.external_number_mask.clone()),
            softkey_file: softkey_file(file.softkey_template.as_deref()),
            dial_template: DIALPLAN,
            keys,
        }
    }
}

fn key(wanted: &Wanted, button: &Button) -> KeyView {
    match &button.kind {
        ButtonKind::Line {
            index,
            number,
            label,
            display_name,
            ring,
            settings,
            ..
        } => {
            let (ring_idle, ring_active) = ring_settings(*ring, settings);
            let (usual_maximum, usual_trigger) = USUAL_CALLS;
            let maximum_calls = settings.maximum_calls.unwrap_or(usual_maximum);
            KeyView {
                feature: 9,
                button: button.key,
                index: *index,
                label: cut(label, LABEL),
                // The placeholder line registers under the device's own name.
                name: cut(
                    number
                        .as_ref()
                        .map_or(wanted.device.as_str(), |number| number.as_str()),
                    LABEL,
                ),
                display_name: cut(display_name, LABEL),
                contact: ContactId::mint(&wanted.device, button.key, wanted.stamps.file)
                    .to_string(),
                ring_idle,
                ring_active,
                lamp: lamp(settings.message_waiting_lamp),
                maximum_calls,
                busy_trigger: settings
                    .busy_trigger
                    .unwrap_or(usual_trigger)
                    .min(maximum_calls),
                forwarded: settings.forwarded_call_display,
            }
        }
        ButtonKind::SpeedDial {
            index,
            number,
            label,
            blf,
            ..
        } => KeyView {
            feature: if *blf { 21 } else { 2 },
            button: button.key,
            index: *index,
            label: cut(label, LABEL),
            name: number.to_string(),
            ..KeyView::default()
        },
    }
}

/// `ringSettingIdle` and `ringSettingActive`: 1 off, 2 flash only, 3 once,
/// 4 ring, 5 beep. What is set for the line on this phone wins over how the
/// line rings.
fn ring_settings(ring: Ring, settings: &LineSettings) -> (u8, u8) {
    let (idle, active) = match ring {
        Ring::Normal | Ring::Feature | Ring::Overlay | Ring::CwOverlay => (4, 5),
        Ring::Silent => (2, 2),
        Ring::Beep => (3, 5),
        Ring::Monitor => (1, 1),
    };
    let set = |setting| match setting {
        RingSetting::SystemDefault => None,
        RingSetting::Disable => Some(1),
        RingSetting::FlashOnly => Some(2),
        RingSetting::RingOnce => Some(3),
        RingSetting::Ring => Some(4),
        RingSetting::BeepOnly => Some(5),
    };
    (
        // An idle phone knows no beep; once is the nearest.
        set(settings.ring_idle).map_or(idle, |value| if value == 5 { 3 } else { value }),
        set(settings.ring_active).unwrap_or(active),
    )
}

/// `messageWaitingLampPolicy`, for any line: 0 to 2 are the same for the first
/// line alone.
fn lamp(policy: LampPolicy) -> u8 {
    match policy {
        LampPolicy::SystemPolicy | LampPolicy::LightAndPrompt => 3,
        LampPolicy::PromptOnly => 4,
        LampPolicy::LightOnly => 5,
        LampPolicy::None => 6,
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_cut_by_character() {
        assert_eq!(cut("Ünïcödé", 3), "Ünï");
        assert_eq!(cut("short", 30), "short");
    }

    #[test]
    fn a_soft_key_template_names_a_file_that_any_phone_can_ask_for() {
        assert_eq!(softkey_file(None), "softkeys.xml");
        assert_eq!(softkey_file(Some("Front Desk (2)")), "SKFrontDesk2.xml");
        assert_eq!(softkey_file(Some("../…")), "softkeys.xml");
    }
}
