//! What families of phones need beyond what their protocol version tells.
//!
//! Sources: the `DeviceType` table of Wireshark's `SkinnyProtocolOptimized.xml`,
//! and the display, key and timing chapters of Cisco's administration guides
//! for each family.

use crate::sccp::wire::DeviceType;

/// What a phone can show words on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Screen {
    /// A prompt line and passing notices.
    Prompt,
    /// One line of plain text (30VIP, 12SP, 7910).
    Line,
    /// None: gateways, and phones without a display.
    None,
}

/// The manners of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Family {
    pub(super) screen: Screen,
    /// Whether there are soft keys under the display.
    pub(super) soft_keys: bool,
    /// Whether its keepalives come late: radio, or a busy screen.
    pub(super) is_late: bool,
    /// The fewest buttons that its template may have.
    pub(super) least_buttons: usize,
}

impl Family {
    /// A desk phone like most.
    pub(super) const USUAL: Self = Self {
        screen: Screen::Prompt,
        soft_keys: true,
        is_late: false,
        least_buttons: 0,
    };

    pub(super) fn of(device: DeviceType) -> Self {
        use DeviceType as D;
        let screen = match device {
            D::CISCO_30SP_PLUS
            | D::CISCO_12SP_PLUS
            | D::CISCO_12SP
            | D::CISCO_30VIP
            | D::VIRTUAL_30SP_PLUS
            | D::CISCO_7910 => Screen::Line,
            D::ATA_186
            | D::ATA_188
            | D::ANALOG_GATEWAY
            | D::BRI_GATEWAY
            | D::CISCO_7902
            | D::CISCO_6901 => Screen::None,
            _ => Screen::Prompt,
        };
        Self {
            screen,
            soft_keys: screen == Screen::Prompt,
            is_late: matches!(
                device,
                D::CISCO_7920
                    | D::CISCO_7921
                    | D::CISCO_7925
                    | D::CISCO_7926
                    | D::CISCO_7970
                    | D::CISCO_7975
                    | D::CISCO_6911
            ),
            least_buttons: match device {
                D::CISCO_8941 | D::CISCO_8945 => 12,
                _ => 0,
            },
        }
    }
}
