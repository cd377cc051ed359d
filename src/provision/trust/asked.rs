//! Names of trust lists and of signed files.

use crate::model::DeviceName;

/// Endings of firmware and of its parts, which only its maker signs. Some
/// parts are called `.zz.sgn` and are whole as they are.
const FIRMWARE: [&str; 11] = [
    ".loads", ".sbn", ".sb2", ".sbin", ".bin", ".zup", ".zz", ".hex", ".ebn", ".sebn", ".sgn",
];

/// What a name asks for, where signing is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provision) enum Asked {
    /// `ITLSEP<MAC>.tlv`, or `ITLFile.tlv` of no device.
    TrustList(Option<DeviceName>),
    /// The signed form of the file with this name.
    Signed(String),
    /// Anything else.
    Plain,
}

/// What the normalised `name` asks for.
pub(in crate::provision) fn asked(name: &str) -> Asked {
    let lower = name.to_ascii_lowercase();
    if lower == "itlfile.tlv" {
        return Asked::TrustList(None);
    }
    let list = lower
        .strip_prefix("itl")
        .and_then(|n| n.strip_suffix(".tlv"));
    if let Some(device) = list.and_then(|device| DeviceName::new(device).ok()) {
        return Asked::TrustList(Some(device));
    }
    let firmware = |plain: &str| FIRMWARE.iter().any(|ending| plain.ends_with(ending));
    let signed = lower
        .strip_suffix(".sgn")
        .filter(|plain| !plain.is_empty() && !firmware(plain));
    // In the letters that the phone used.
    match signed.and_then(|plain| name.get(..plain.len())) {
        Some(plain) => Asked::Signed(plain.to_owned()),
        None => Asked::Plain,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lists_and_signed_files_are_told_from_firmware_and_the_rest() {
        let device = DeviceName::new("SEP001122334455").unwrap();
        for name in ["ITLSEP001122334455.tlv", "itlsep001122334455.TLV"] {
            assert_eq!(asked(name), Asked::TrustList(Some(device.clone())));
        }
        assert_eq!(asked("ITLFile.tlv"), Asked::TrustList(None));
        for plain in [
            "SEP001122334455.cnf.xml",
            "Desktops/320x196x4/List.xml",
            "English_United_States/gh-sip.jar",
            "Ringlist-wb.xml",
        ] {
            let name = format!("{plain}.sgn");
            assert_eq!(asked(&name), Asked::Signed(plain.to_owned()));
            assert_eq!(asked(plain), Asked::Plain);
        }
        for name in [
            "CTLSEP001122334455.tlv",
            "CTLFile.tlv",
            "sip88xx.12-8-1.loads",
            "sip88xx.12-8-1.loads.sgn",
            "BOOT69xx.0-0-0-14.zz.sgn",
            "dsp41.sbn.sgn",
            "cmterm.sbin.sgn",
            "rootfs9951.sebn.sgn",
            "a.sgn.sgn",
            ".sgn",
            "sgn",
            "ü.sgn.tlv",
            "",
        ] {
            assert_eq!(asked(name), Asked::Plain, "{name}");
        }
        assert_eq!(asked("ü.SGN"), Asked::Signed("ü".to_owned()));
    }
}
