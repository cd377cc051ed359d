//! Looking at a real phone through its own web server: what it says of itself
//! and of its network, the picture on its display, and a key pressed for its
//! user.
//!
//! [`page`] reads the two XML pages, [`picture`] judges what came as a
//! screenshot; here is how they are asked for. As with every question to a
//! phone, the caller gives the address of its live registration and no other.
//!
//! Sources: Cisco Unified IP Phone Services Application Development Notes,
//! *Device Information XML* and *Internal URI Features* (Key); administration
//! guides of the 7800 and 8800 series, *Remote Monitoring*, Screenshot.

pub mod page;
pub mod picture;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header;

use super::execute::{Call, PhoneBrowser, Reply, verdict};
use crate::model::DeviceName;
use crate::ports::BoxFuture;
use page::{Entry, read_page};
use picture::{Picture, PictureKind};

/// The most that a page may hold, bytes.
const PAGE: usize = page::LONGEST;

/// The most that a picture may hold, bytes: 800 x 480 points of 32 bits are
/// 1.5 MB.
const PICTURE: usize = 4 * 1024 * 1024;

/// How long a phone may take to say who it is, before a page is given to it.
const IDENTITY_PATIENCE: Duration = Duration::from_secs(3);

const DEVICE_INFORMATION: &str = "/DeviceInformationX";
const NETWORK_CONFIGURATION: &str = "/NetworkConfigurationX";
const SCREENSHOT: &str = "/CGI/Screenshot";

/// Asks who has the web server at an address.
pub type AskIdentity =
    Arc<dyn Fn(IpAddr) -> BoxFuture<'static, Result<PhoneIdentity, String>> + Send + Sync>;

/// Who a phone says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneIdentity(DeviceName);

impl PhoneIdentity {
    /// What stands on its page: the host name, or where there is none that is a
    /// device name, `SEP` and the hardware address.
    pub fn of(entries: &[Entry]) -> Option<Self> {
        let value = |name: &str| {
            let mut found = entries.iter().filter(|entry| entry.is(name));
            found.next().map(|entry| entry.value.as_str())
        };
        let by_name = value("HostName").and_then(|name| DeviceName::new(name).ok());
        let by_address = || {
            let digits: String = value("MACAddress")?
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect();
            let whole = digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            whole.then(|| DeviceName::new(&format!("SEP{digits}")).ok())?
        };
        // A phone may have been given a host name that says nothing.
        by_name
            .filter(|name| name.mac().is_some())
            .or_else(by_address)
            .map(Self)
    }

    /// Whether it is that phone.
    pub fn is(&self, device: &DeviceName) -> bool {
        self.0 == *device
    }
}

impl fmt::Display for PhoneIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A key of a phone, by its name in a `Key:` URI, such as `Services`, `Line1`
/// or `KeyPad5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    /// The URI that presses it.
    pub fn uri(&self) -> String {
        format!("Key:{}", self.0)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Keys without a number (*Application Development Notes*, Key).
const KEYS: [&str; 34] = [
    "KeyPadStar",
    "KeyPadPound",
    "VolUp",
    "VolDwn",
    "Headset",
    "Speaker",
    "Mute",
    "Info",
    "Messages",
    "Services",
    "Directories",
    "Settings",
    "Applications",
    "Contacts",
    "NavUp",
    "NavDwn",
    "NavLeft",
    "NavRight",
    "NavSelect",
    "NavBack",
    "Hold",
    "Release",
    "PTT",
    "AppMenu",
    "KemPage",
    "Transfer",
    "Conference",
    "NavOffhook",
    "NavOnhook",
    "Offhook",
    "Onhook",
    "FixedFeature1",
    "FixedFeature2",
    "FixedFeature3",
];

/// Keys with a number, and the first and last of each.
const NUMBERED: [(&str, u8, u8); 5] = [
    ("Line", 1, 120),
    ("KeyPad", 0, 9),
    ("Soft", 1, 5),
    ("Session", 1, 6),
    ("Feature", 1, 120),
];

impl FromStr for KeyName {
    type Err = String;

    /// In any case; the phone is sent the manual's spelling.
    fn from_str(name: &str) -> Result<Self, String> {
        let known = KEYS.iter().find(|key| key.eq_ignore_ascii_case(name));
        if let Some(key) = known {
            return Ok(Self((*key).to_owned()));
        }
        for (begin, first, last) in NUMBERED {
            let Some((head, number)) = name.split_at_checked(begin.len()) else {
                continue;
            };
            let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            if let Ok(number) = number.parse::<u8>()
                && plain
                && head.eq_ignore_ascii_case(begin)
                && (first..=last).contains(&number)
            {
                return Ok(Self(format!("{begin}{number}")));
            }
        }
        Err(
            "no phone has such a key; there are for example Services, Messages, Directories, \
             Settings, Speaker, Mute, VolUp, NavUp, KeyPad0 to KeyPad9, Soft1 to Soft5, Line1"
                .to_owned(),
        )
    }
}

impl PhoneBrowser {
    /// What a phone says of itself.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn device_information(&self, phone: IpAddr) -> Result<Vec<Entry>, String> {
        self.page(phone, DEVICE_INFORMATION).await
    }

    /// What a phone says of its network.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn network_configuration(&self, phone: IpAddr) -> Result<Vec<Entry>, String> {
        self.page(phone, NETWORK_CONFIGURATION).await
    }

    /// Who the phone at an address says it is.
    ///
    /// # Errors
    /// A sentence for the operator: it did not answer, or said nothing of it.
    pub async fn identity(&self, phone: IpAddr) -> Result<PhoneIdentity, String> {
        let asking = self.device_information(phone);
        let entries = tokio::time::timeout(IDENTITY_PATIENCE, asking)
            .await
            .map_err(|_| format!("the web server at {phone} did not answer in time"))??;
        PhoneIdentity::of(&entries)
            .ok_or_else(|| format!("{DEVICE_INFORMATION} at {phone} names no phone"))
    }

    /// The same as a question that can be handed on.
    pub fn asks_identity(&self) -> AskIdentity {
        let browser = self.clone();
        Arc::new(move |phone| {
            let browser = browser.clone();
            Box::pin(async move { browser.identity(phone).await })
        })
    }

    /// What stands on the display of a phone.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn screenshot(&self, device: &DeviceName, phone: IpAddr) -> Result<Picture, String> {
        let call = Call::get(SCREENSHOT, PICTURE);
        let reply = self.with_password(device, phone, call).await?;
        well(SCREENSHOT, &reply)?;
        // A refusal may come as an object, too.
        verdict(reply.status, &reply.body)?;
        let Reply {
            content_type, body, ..
        } = reply;
        let kind = PictureKind::of(content_type.as_deref(), &body)?;
        Ok(Picture { kind, bytes: body })
    }

    async fn page(&self, phone: IpAddr, path: &'static str) -> Result<Vec<Entry>, String> {
        let reply = self.without_password(phone, Call::get(path, PAGE)).await?;
        well(path, &reply)?;
        read_page(&reply.body).map_err(|why| format!("its {path} cannot be read: {why}"))
    }
}

/// An answer that holds what was asked for.
fn well(path: &str, reply: &Reply) -> Result<(), String> {
    match reply.status {
        StatusCode::OK => Ok(()),
        StatusCode::UNAUTHORIZED => Err(format!(
            "it refuses {path}: does its authenticationURL lead here?"
        )),
        StatusCode::NOT_FOUND => Err(format!("it has no {path}: its load does not know that")),
        StatusCode::FORBIDDEN => Err(format!("it forbids {path}: is webAccess full?")),
        status if status.is_redirection() => Err(format!(
            "it sends {} elsewhere for {path}: its web server takes HTTPS alone",
            header::LOCATION
        )),
        status => Err(format!("it answered {path} with {status}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn identity(entries: &[(&str, &str)]) -> Option<String> {
        let entries: Vec<Entry> = entries
            .iter()
            .map(|(name, value)| Entry {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect();
        PhoneIdentity::of(&entries).map(|identity| identity.to_string())
    }

    #[test]
    fn a_phone_is_who_its_host_name_or_else_its_hardware_address_says() {
        let sep = Some("SEP001122334455".to_owned());
        assert_eq!(identity(&[("HostName", "SEP001122334455")]), sep);
        assert_eq!(identity(&[("hostname", "sep001122334455")]), sep);
        assert_eq!(identity(&[("MACAddress", "001122334455")]), sep);
        assert_eq!(identity(&[("MACAddress", "00:11:22:33:44:55")]), sep);
        let renamed = [("HostName", "lobby-phone"), ("MACAddress", "001122334455")];
        assert_eq!(identity(&renamed), sep);
        assert_eq!(identity(&[("HostName", ""), ("MACAddress", "0011")]), None);
        assert_eq!(identity(&[]), None);
    }

    #[test]
    fn keys_are_those_of_the_manual_in_its_spelling() {
        let key = |name: &str| name.parse::<KeyName>().map(|key| key.uri());
        assert_eq!(key("Services").unwrap(), "Key:Services");
        assert_eq!(key("voldwn").unwrap(), "Key:VolDwn");
        assert_eq!(key("keypad0").unwrap(), "Key:KeyPad0");
        assert_eq!(key("keypadstar").unwrap(), "Key:KeyPadStar");
        assert_eq!(key("Line120").unwrap(), "Key:Line120");
        for name in [
            "",
            "Line",
            "Line0",
            "Line121",
            "Line+1",
            "Soft6",
            "KeyPad10",
            "Line999",
            "Services:x",
            "\u{e4}",
            "Dial:911",
        ] {
            assert!(key(name).is_err(), "{name}");
        }
    }
}
