//! File names as phones write them, and what each stands for.
//!
//! Phones differ in leading slashes, backslashes and letter case; all of that
//! is forgiven. Nothing is trimmed: a name with a blank at its end is another
//! name. No name is ever joined to a path.

use crate::model::{DeviceName, Dialect, Protocol};
use crate::ports::FileService;

/// The longest name taken, in bytes. No phone comes near it.
const LONGEST: usize = 255;

/// A name that is safe to look at: UTF-8, bounded, without control characters,
/// leading slashes, backslashes or `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Artefact {
    /// `SEP<MAC>.cnf.xml`, or the same of a device with a free name.
    BootFile(DeviceName),
    /// `SEP<MAC>.cnf.xml.sgn`: asked by phones that hold a trust list.
    SignedBootFile(DeviceName),
    /// `XMLDefault.cnf.xml`.
    XmlDefault,
    /// `WLANDefault.xml`: the wireless network of 7920, 7921, 7925 and 7926.
    WlanDefault,
    /// `dialplan.xml`.
    DialPlan,
    /// `softkeys.xml`.
    SoftKeys,
    /// `featurepolicy.xml`.
    FeaturePolicy,
    /// `SK<name>.xml`: a soft key file with a name.
    NamedSoftKeys,
    /// `SIP<MAC>.cnf`: the boot file of 7940 and 7960 SIP loads.
    SipTextFile(DeviceName),
    /// `SIPDefault.cnf`: what all 7940 and 7960 with SIP loads have in common.
    SipTextDefault,
    /// `SEP<MAC>.cnf`, `ata<mac>`, `ld<mac>` or `gk<mac>`: a boot file that is
    /// compiled, in this dialect.
    CompiledFile(DeviceName, Dialect),
    /// `SEPDefault.cnf`: what phones of the first generation read that are not
    /// configured.
    LegacyDefault,
    /// `OS79XX.TXT`: the image that old 7940 and 7960 are to run.
    OldImage,
    /// `syncinfo.xml`: what 7940 and 7960 SIP loads look at when they are told
    /// to check whether their configuration changed.
    SyncInfo,
    /// A user locale archive, by the load that asks for it.
    LocaleArchive(Protocol),
    /// Everything else: a static file, or nothing.
    Other,
}

impl Artefact {
    /// Whether an operator's file in the folder of static files stands for it.
    pub(super) fn may_be_static(&self) -> bool {
        match self {
            Self::SignedBootFile(_)
            | Self::NamedSoftKeys
            | Self::SipTextDefault
            | Self::CompiledFile(..)
            | Self::LegacyDefault
            | Self::WlanDefault
            | Self::OldImage
            | Self::SyncInfo
            | Self::LocaleArchive(_)
            | Self::Other => true,
            Self::BootFile(_)
            | Self::XmlDefault
            | Self::DialPlan
            | Self::SoftKeys
            | Self::FeaturePolicy
            | Self::SipTextFile(_) => false,
        }
    }
}

impl FileName {
    /// Normalises a name as it came over the wire. HTTP names lose their query
    /// and their percent-encoding first.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn parse(wire: &[u8], service: FileService) -> Result<Self, &'static str> {
        if wire.len() > LONGEST {
            return Err("a file name longer than 255 bytes");
        }
        let bytes = match service {
            FileService::Tftp => wire.to_vec(),
            FileService::Http | FileService::Https => percent_decode(wire),
        };
        let text = String::from_utf8(bytes).map_err(|_| "a file name that is not UTF-8")?;
        if text.chars().any(char::is_control) {
            return Err("a file name with a control character");
        }
        let text = text.replace('\\', "/");
        if text.split('/').any(|segment| segment == "..") {
            return Err("a file name that leads out of its folder");
        }
        Ok(Self(text.trim_start_matches('/').to_owned()))
    }

    /// The normalised name, in the letter case that it came in.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it stands for.
    pub fn artefact(&self) -> Artefact {
        let lower = self.0.to_ascii_lowercase();
        match lower.as_str() {
            "xmldefault.cnf.xml" => return Artefact::XmlDefault,
            "dialplan.xml" => return Artefact::DialPlan,
            "softkeys.xml" => return Artefact::SoftKeys,
            "featurepolicy.xml" => return Artefact::FeaturePolicy,
            "syncinfo.xml" => return Artefact::SyncInfo,
            "sipdefault.cnf" => return Artefact::SipTextDefault,
            "wlandefault.xml" => return Artefact::WlanDefault,
            "sepdefault.cnf" => return Artefact::LegacyDefault,
            "os79xx.txt" => return Artefact::OldImage,
            _ => {}
        }
        if let Some(device) = lower.strip_suffix(".cnf.xml").and_then(device_name) {
            return Artefact::BootFile(device);
        }
        if let Some(device) = lower.strip_suffix(".cnf.xml.sgn").and_then(device_name) {
            return Artefact::SignedBootFile(device);
        }
        if let Some(device) = sip_text_file(&lower) {
            return Artefact::SipTextFile(device);
        }
        if let Some((device, dialect)) = compiled_file(&lower) {
            return Artefact::CompiledFile(device, dialect);
        }
        if let Some(name) = lower
            .strip_prefix("sk")
            .and_then(|n| n.strip_suffix(".xml"))
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        {
            return Artefact::NamedSoftKeys;
        }
        locale_archive(&lower).map_or(Artefact::Other, Artefact::LocaleArchive)
    }
}

/// How the names of profiles begin, and those of their devices.
const PROFILES: [(&str, &str, Dialect); 3] = [
    ("ata", "ATA", Dialect::AtaProfile),
    // A 7905, and a 7912.
    ("ld", "SEP", Dialect::SipProfile),
    ("gk", "SEP", Dialect::SipProfile),
];

/// The device of `<name>.cnf.xml`, when the name can be one.
fn device_name(stem: &str) -> Option<DeviceName> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let default = stem.starts_with("xmldefault") || stem == "atadefault" || stem == "spdefault";
    if default || !stem.bytes().all(plain) {
        return None;
    }
    DeviceName::new(stem).ok()
}

/// The device of `sip<mac>.cnf`.
fn sip_text_file(lower: &str) -> Option<DeviceName> {
    with_mac("SEP", lower.strip_prefix("sip")?.strip_suffix(".cnf")?)
}

/// The device of `sep<mac>.cnf`, `ata<mac>`, `ld<mac>` or `gk<mac>`.
fn compiled_file(lower: &str) -> Option<(DeviceName, Dialect)> {
    for (prefix, kind, dialect) in PROFILES {
        if let Some(mac) = lower.strip_prefix(prefix) {
            return with_mac(kind, mac).map(|device| (device, dialect));
        }
    }
    let mac = lower.strip_prefix("sep")?.strip_suffix(".cnf")?;
    with_mac("SEP", mac).map(|device| (device, Dialect::SccpLegacy))
}

fn with_mac(kind: &str, mac: &str) -> Option<DeviceName> {
    let hex = mac.len() == 12 && mac.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| DeviceName::new(&format!("{kind}{mac}")).ok())?
}

/// The load that asks for a `*-sip.jar` or `*-sccp.jar`. An archive for both
/// (`*-sccp-sip.jar`) tells nothing.
fn locale_archive(lower: &str) -> Option<Protocol> {
    let stem = lower.strip_suffix(".jar")?;
    match stem.strip_suffix("-sip") {
        Some(rest) if rest.ends_with("-sccp") => None,
        Some(_) => Some(Protocol::Sip),
        None => stem.ends_with("-sccp").then_some(Protocol::Sccp),
    }
}

fn percent_decode(wire: &[u8]) -> Vec<u8> {
    let path = wire.split(|b| *b == b'?').next().unwrap_or_default();
    let hex = |at: usize| {
        path.get(at)
            .and_then(|b| char::from(*b).to_digit(16))
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut out = Vec::with_capacity(path.len());
    let mut at = 0;
    while let Some(byte) = path.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, hex(at + 1), hex(at + 2)) {
            out.push(high << 4 | low);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    out
}
