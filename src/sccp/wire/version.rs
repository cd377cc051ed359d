//! Protocol versions 3 to 22, and everything that depends on them.
//!
//! | from | what changes |
//! |---|---|
//! | 5 | data pushed to the phone has the longer `V1` envelope |
//! | 6 | orders about media have what RFC 2833 needs |
//! | 7 | parties and service URLs as dynamic strings (`CallInfoV2`, `ServiceUrlStatV2`) |
//! | 8 | prompts and notifications as dynamic strings (`Display…V2`) |
//! | 10 | the header carries the version; below it carries 0 |
//! | 11 | `StopTone` names the tone |
//! | 12 | UTF-8, on phones whose features say so |
//! | 12 | `OpenReceiveChannel` names the source |
//! | 15 | features as dynamic strings (`FeatureStatV2`) |
//! | 16 | parties have three more strings |
//! | 17 | addresses take 20 bytes, not 4; lines and speed dials as dynamic strings |
//! | 18 | directory numbers take 25 bytes, not 24, and push later words off alignment |
//! | 19 | `PortRes` says what the port is for |
//! | 21 | orders about media have latent capabilities |
//! | 22 | `ConnectionStatisticsRes` has a byte where there was a word |
//!
//! Phones read the dynamic form of speed dials from 8 on already; below 17 they get
//! the fixed one with their lines, as that is the proven one. `ConfigStat` is sent in
//! its fixed form throughout. Decoding goes by message number and takes either form at
//! any version.

use super::number::DeviceType;
use super::text::TextEncoding;

/// A protocol version: that of a phone's load, or the one agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolVersion(pub u8);

impl ProtocolVersion {
    /// The lowest version worth speaking; phones that name none speak this.
    pub const LOWEST: Self = Self(3);
    /// The highest version that this codec knows.
    pub const HIGHEST: Self = Self(22);

    /// What to speak with a phone that announced `announced` when it registered: never
    /// above either side.
    ///
    /// The first generation of phones and the ATA gateways know version 3 at most, and
    /// have anything at all where later phones announce theirs (an ATA says 33).
    pub fn negotiate(announced: Option<u8>, device: DeviceType) -> Self {
        if device.is_first_generation() {
            return Self::LOWEST;
        }
        Self(announced.unwrap_or_default()).clamp(Self::LOWEST, Self::HIGHEST)
    }

    /// The header's second word in frames of an agreed version: 0 below 10.
    pub fn header_version(self) -> u32 {
        if self.0 < 10 { 0 } else { u32::from(self.0) }
    }

    pub(super) fn has_long_user_data(self) -> bool {
        self.0 >= 5
    }

    pub(super) fn has_dynamic_services(self) -> bool {
        self.0 >= 7
    }

    pub(super) fn has_dynamic_call_info(self) -> bool {
        self.0 >= 7
    }

    /// `CallInfo` has three more strings.
    pub(super) fn has_hunt_pilots(self) -> bool {
        self.0 >= 16
    }

    pub(super) fn has_dynamic_display(self) -> bool {
        self.0 >= 8
    }

    pub(super) fn stop_tone_names_the_tone(self) -> bool {
        self.0 >= 11
    }

    pub(super) fn has_dynamic_features(self) -> bool {
        self.0 >= 15
    }

    pub(super) fn has_dynamic_lines(self) -> bool {
        self.0 >= 17
    }

    pub(super) fn has_wide_addresses(self) -> bool {
        self.0 >= 17
    }

    /// Bytes of a directory number field of fixed size.
    pub(super) fn number_size(self) -> usize {
        if self.0 >= 18 { 25 } else { 24 }
    }

    /// In `ForwardStat`, the word for a forward that is on.
    pub(super) fn forward_active(self) -> u32 {
        if self.0 >= 18 { 2 } else { 1 }
    }

    /// The three bytes after the version in `RegisterAck`.
    pub(super) fn ack_features(self) -> [u8; 3] {
        match self.0 {
            0..=3 => [0, 0, 0],
            4..=10 => [0x20, 0xF1, 0xFE],
            _ => [0x20, 0xF1, 0xFF],
        }
    }
}

/// What a phone says it can do when it registers (a bit set).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PhoneFeatures(pub u16);

impl PhoneFeatures {
    /// The phone reads UTF-8.
    pub const UTF8: Self = Self(0x0010);
    /// The phone reads dynamic messages.
    pub const DYNAMIC_MESSAGES: Self = Self(0x0080);
    /// The phone sends digits in the media stream as in RFC 2833.
    pub const RFC2833: Self = Self(0x0200);
    /// The phone has abbreviated dialling.
    pub const ABBREVIATED_DIAL: Self = Self(0x8000);

    /// Whether all bits of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What both sides of a connection agreed on at registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// Decides the layout of messages.
    pub version: ProtocolVersion,
    /// Decides the character set of strings.
    pub text: TextEncoding,
}

impl Dialect {
    /// What is spoken before anything is agreed. `Register`, the tokens and alarms read
    /// the same in every version.
    pub const BASIC: Self = Self {
        version: ProtocolVersion::LOWEST,
        text: TextEncoding::Latin1,
    };

    /// The dialect of a phone with these features at an agreed version. Up to version
    /// 11 phones show ISO-8859-1 whatever their features say.
    pub fn agreed(version: ProtocolVersion, features: PhoneFeatures) -> Self {
        let text = if version.0 > 11 && features.contains(PhoneFeatures::UTF8) {
            TextEncoding::Utf8
        } else {
            TextEncoding::Latin1
        };
        Self { version, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_version_of_both_sides_is_spoken() {
        let agreed = |announced| ProtocolVersion::negotiate(announced, DeviceType::CISCO_7961).0;
        assert_eq!(agreed(Some(17)), 17);
        assert_eq!(agreed(Some(22)), 22);
        assert_eq!(agreed(Some(30)), 22);
        assert_eq!(agreed(Some(0)), 3);
        assert_eq!(agreed(None), 3);
    }

    #[test]
    fn an_ata_that_announces_33_gets_3() {
        for device in [DeviceType::ATA_186, DeviceType::ATA_188] {
            assert_eq!(ProtocolVersion::negotiate(Some(33), device).0, 3);
        }
    }

    #[test]
    fn the_header_names_the_version_from_ten_on() {
        let header = |version| ProtocolVersion(version).header_version();
        assert_eq!([3, 9, 10, 11, 22].map(header), [0, 0, 10, 11, 22]);
    }

    #[test]
    fn utf8_needs_both_the_feature_and_the_version() {
        let text = |version, features| {
            Dialect::agreed(ProtocolVersion(version), PhoneFeatures(features)).text
        };
        // 7941 and 6961 say 8572 and 8570, a 7960 says 8560.
        assert_eq!(text(17, 0x8572), TextEncoding::Utf8);
        assert_eq!(text(15, 0x8570), TextEncoding::Utf8);
        assert_eq!(text(11, 0x8572), TextEncoding::Latin1);
        assert_eq!(text(17, 0x8560), TextEncoding::Latin1);
    }
}
