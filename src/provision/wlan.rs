//! `WLANDefault.xml`: the profile of the wireless network that 7920, 7921, 7925
//! and 7926 take behind their boot file.

use serde::{Deserialize, Serialize};

use crate::model::Password;

/// The wireless network of the house, as the phones spell its settings (Cisco
/// Unified Wireless IP Phone 7921G Administration Guide, *Configuring Network
/// Profiles*).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Wanted")]
pub struct Wlan {
    ssid: String,
    mode: String,
    authentication: String,
    user: String,
    password: Option<Password>,
    pre_shared_key: Option<Password>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    ssid: String,
    mode: Option<String>,
    authentication: Option<String>,
    #[serde(default)]
    user: String,
    password: Option<Password>,
    pre_shared_key: Option<Password>,
}

/// What a template sees.
#[derive(Serialize)]
pub(super) struct WlanView<'a> {
    ssid: &'a str,
    mode: &'a str,
    authentication: &'a str,
    user: &'a str,
    password: &'a str,
    key_type: &'static str,
    key: &'a str,
}

impl TryFrom<Wanted> for Wlan {
    type Error = &'static str;

    fn try_from(wanted: Wanted) -> Result<Self, Self::Error> {
        let said = |secret: &Password| !secret.is_empty();
        let wlan = Self {
            ssid: wanted.ssid,
            mode: wanted.mode.unwrap_or_else(|| "802.11a".to_owned()),
            authentication: wanted.authentication.unwrap_or_else(|| OPEN.to_owned()),
            user: wanted.user,
            password: wanted.password.filter(said),
            pre_shared_key: wanted.pre_shared_key.filter(said),
        };
        if !(1..=32).contains(&wlan.ssid.len()) {
            return Err("ssid has 1 to 32 octets");
        }
        if let Some(key) = &wlan.pre_shared_key {
            if !is_hex(key) && !is_phrase(key) {
                return Err(
                    "pre_shared_key is 8 to 63 characters of ASCII, or 64 hexadecimal digits",
                );
            }
            if wlan.authentication.eq_ignore_ascii_case(OPEN) {
                return Err(
                    "pre_shared_key needs an authentication that is not Open: the phones \
                            would not use it",
                );
            }
        }
        let password = wlan.password.as_ref().map_or("", Password::expose);
        let words = [
            &wlan.ssid,
            &wlan.mode,
            &wlan.authentication,
            &wlan.user,
            password,
        ];
        let unfit = |word: &&str| word.chars().any(char::is_control) || word.len() > LONGEST;
        if words.iter().any(unfit) {
            return Err("a word has a control character, or more than 128 octets");
        }
        Ok(wlan)
    }
}

/// No key, and no user.
const OPEN: &str = "Open";
/// Octets of a word.
const LONGEST: usize = 128;

fn is_hex(key: &Password) -> bool {
    let key = key.expose();
    key.len() == 64 && key.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn is_phrase(key: &Password) -> bool {
    let key = key.expose();
    (8..=63).contains(&key.len()) && key.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

impl Wlan {
    pub(super) fn view(&self) -> WlanView<'_> {
        WlanView {
            ssid: &self.ssid,
            mode: &self.mode,
            authentication: &self.authentication,
            user: &self.user,
            password: self.password.as_ref().map_or("", Password::expose),
            key_type: match &self.pre_shared_key {
                Some(key) if is_hex(key) => "Hex",
                _ => "ASCII",
            },
            key: self.pre_shared_key.as_ref().map_or("", Password::expose),
        }
    }

    /// To try templates with.
    pub(super) fn sample() -> Self {
        Self {
            ssid: "voice".to_owned(),
            mode: "802.11a".to_owned(),
            authentication: "AKM".to_owned(),
            user: String::new(),
            password: None,
            pre_shared_key: Some(Password::new("12345678")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Result<Wlan, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_network_needs_a_name_and_the_rest_is_as_phones_have_it() {
        let wlan = read("ssid = \"voice\"").unwrap();
        assert_eq!(
            (wlan.view().mode, wlan.view().authentication),
            ("802.11a", "Open")
        );
        assert_eq!((wlan.view().key_type, wlan.view().key), ("ASCII", ""));
        let hex = "0123456789abcdef".repeat(4);
        let wlan = read(&format!(
            "ssid = \"voice\"\nauthentication = \"AKM\"\npre_shared_key = \"{hex}\""
        ))
        .unwrap();
        assert_eq!(
            (wlan.view().key_type, wlan.view().key),
            ("Hex", hex.as_str())
        );
    }

    #[test]
    fn what_no_network_can_have_is_refused_without_the_key() {
        for (text, why) in [
            ("", "missing field"),
            ("ssid = \"\"", "1 to 32 octets"),
            (
                "ssid = \"0123456789abcdef0123456789abcdefg\"",
                "1 to 32 octets",
            ),
            ("ssid = \"v\"\npre_shared_key = \"sesame7\"", "8 to 63"),
            (
                "ssid = \"v\"\npre_shared_key = \"sesame\\u00e47\"",
                "8 to 63",
            ),
            ("ssid = \"v\"\npre_shared_key = \"sesame-open\"", "not Open"),
            ("ssid = \"v\\u0001\"", "control character"),
            (
                "ssid = \"v\"\npassword = \"sesame\\u0001\"",
                "control character",
            ),
            ("ssid = \"v\"\nchannel = 6", "unknown field"),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.contains(why) && !error.contains("sesame"),
                "{text}: {error}"
            );
        }
        let none = "ssid = \"v\"\nuser = \"\"\npassword = \"\"\npre_shared_key = \"\"";
        assert_eq!(read(none), read("ssid = \"v\""));
        let key = "ssid = \"v\"\nauthentication = \"AKM\"\npre_shared_key = \"sesame-open\"";
        let wlan = read(key).unwrap();
        assert!(!format!("{wlan:?}").contains("sesame"));
    }
}
