//! What a SIP load reads beyond the rest: proxies, timers, lines and keys.

use std::collections::HashSet;

use crate::handset::event::{ButtonKind, ButtonSeen};
use crate::handset::profile::{Kind, Profile};
use crate::handset::xml::Element;
use crate::sip::wire::{Secret, Transport};

/// Characters of names, labels and passwords of a line.
const MAX_NAME: usize = 30;
/// Characters of `phoneLabel` on the 7900 series.
const MAX_PHONE_LABEL: usize = 12;
/// The proxy that puts a line into CCM mode.
const CALL_MANAGER: &str = "USECALLMANAGER";

/// `sipProfile`, as far as the phone acts on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipProfile {
    /// `transportLayerProtocol`: TCP or UDP.
    pub transport: Transport,
    /// The lines, first button first; never none.
    pub lines: Vec<SipLine>,
    /// All keys that the phone shows, lines included.
    pub buttons: Vec<ButtonSeen>,
    /// Seconds that the phone asks for in REGISTER.
    pub register_expires: u32,
    /// Seconds before the end at which it registers again.
    pub register_delta: u32,
    /// Name of the dial plan; empty for none.
    pub dial_template: String,
    /// Name of the soft key file; empty for none.
    pub soft_key_file: String,
    /// Name of the feature policy; empty for none.
    pub feature_policy: String,
    /// `sync` of a text file: what `syncinfo.xml` is compared with; empty in all
    /// others.
    pub sync: String,
}

/// One `line` of feature 9.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipLine {
    /// `lineIndex`, from 1.
    pub index: u32,
    /// `name`: the user part of its address of record.
    pub name: String,
    /// `contact`: the user part of its Contact; the name where there is none.
    pub contact: String,
    /// `featureLabel`.
    pub label: String,
    /// `displayName`.
    pub display_name: String,
    /// Whether its proxy is the call manager, not a plain SIP proxy.
    pub ccm_mode: bool,
    /// `authName` and `authPassword`, where both are given.
    pub credentials: Option<(String, Secret)>,
}

impl SipProfile {
    /// What a phone without a file of its own registers with.
    pub(super) fn unconfigured(profile: &Profile) -> Self {
        let name = profile.mac.to_string().to_lowercase();
        Self {
            transport: Transport::Tcp,
            lines: vec![SipLine {
                index: 1,
                name: name.clone(),
                contact: name,
                label: String::new(),
                display_name: String::new(),
                ccm_mode: true,
                credentials: None,
            }],
            buttons: Vec::new(),
            register_expires: 3600,
            register_delta: 5,
            dial_template: String::new(),
            soft_key_file: String::new(),
            feature_policy: String::new(),
            sync: String::new(),
        }
    }
}

pub(super) fn read(root: &Element, profile: &Profile) -> Result<SipProfile, String> {
    let transport = match root.text_at("transportLayerProtocol") {
        // 4 is the device's own choice, which is TCP here.
        "1" | "4" => Transport::Tcp,
        // Later models lose themselves in repetitions over UDP.
        "2" if profile.kind == Kind::Cisco7961Sip => Transport::Udp,
        "" => return Err("no transportLayerProtocol".into()),
        other => {
            return Err(format!(
                "transportLayerProtocol {other} is not for this load"
            ));
        }
    };
    let sip = root.find("sipProfile").ok_or("no sipProfile")?;
    if sip.text_at("sipProxies/registerWithProxy") != "true" {
        return Err("registerWithProxy is not true".into());
    }
    let label = sip.text_at("phoneLabel");
    if profile.model.number.starts_with("79") && label.chars().count() > MAX_PHONE_LABEL {
        return Err(format!("phoneLabel {label:?} is too long"));
    }
    let mut keys = Keys::default();
    let lines = sip.find("sipLines").ok_or("no sipLines")?;
    for line in lines.all("line") {
        keys.take(line, profile.model.keys)?;
    }
    keys.lines.sort_by_key(|line| line.index);
    let contiguous = (1..)
        .zip(&keys.lines)
        .all(|(index, line)| line.index == index);
    if keys.lines.is_empty() || !contiguous {
        return Err("lineIndex does not count the lines from 1".into());
    }
    keys.buttons.sort_by_key(|button| button.key);
    Ok(SipProfile {
        transport,
        lines: keys.lines,
        buttons: keys.buttons,
        register_expires: seconds(sip, "timerRegisterExpires", 3600)?,
        register_delta: seconds(sip, "timerRegisterDelta", 5)?,
        dial_template: sip.text_at("dialTemplate").to_owned(),
        soft_key_file: sip.text_at("softKeyFile").to_owned(),
        feature_policy: root.text_at("featurePolicyFile").to_owned(),
        sync: String::new(),
    })
}

fn seconds(sip: &Element, name: &str, usual: u32) -> Result<u32, String> {
    match sip.text_at(&format!("sipStack/{name}")) {
        "" => Ok(usual),
        text => text.parse().map_err(|_| format!("{name} is {text:?}")),
    }
}

#[derive(Default)]
struct Keys {
    lines: Vec<SipLine>,
    buttons: Vec<ButtonSeen>,
    taken: HashSet<u16>,
    contacts: HashSet<String>,
}

impl Keys {
    /// One `line`; keys beyond those of the phone are passed over, but read.
    fn take(&mut self, line: &Element, keys: usize) -> Result<(), String> {
        let key = number(line, "button").ok_or("a line without button")?;
        if !self.taken.insert(key) {
            return Err(format!("button {key} stands twice"));
        }
        let label = limited(line, "featureLabel")?;
        let (kind, number) = match line.text_at("featureID") {
            "9" => {
                let read = self.line(line, label)?;
                let number = read.name.clone();
                if usize::from(key) <= keys {
                    self.lines.push(read);
                }
                (ButtonKind::Line, number)
            }
            "2" => (
                ButtonKind::SpeedDial,
                line.text_at("speedDialNumber").to_owned(),
            ),
            "21" => (
                ButtonKind::BusyLamp,
                line.text_at("speedDialNumber").to_owned(),
            ),
            "20" => (ButtonKind::Service, line.text_at("serviceURI").to_owned()),
            "" => return Err(format!("button {key} without featureID")),
            _ => (ButtonKind::Feature, String::new()),
        };
        if usize::from(key) <= keys {
            self.buttons.push(ButtonSeen {
                key,
                kind,
                label: label.to_owned(),
                number,
            });
        }
        Ok(())
    }

    fn line(&mut self, line: &Element, label: &str) -> Result<SipLine, String> {
        let index = line
            .attribute("lineIndex")
            .and_then(|index| index.parse().ok())
            .ok_or("a line without lineIndex")?;
        let name = limited(line, "name")?;
        let display_name = limited(line, "displayName")?;
        let (user, password) = (limited(line, "authName")?, limited(line, "authPassword")?);
        let proxy = line.text_at("proxy");
        if name.is_empty() || proxy.is_empty() {
            return Err("a line without name or proxy".into());
        }
        let contact = match line.text_at("contact") {
            "" => name,
            contact => contact,
        };
        if !self.contacts.insert(contact.to_owned()) {
            return Err("two lines with the same contact".into());
        }
        Ok(SipLine {
            index,
            name: name.to_owned(),
            contact: contact.to_owned(),
            label: label.to_owned(),
            display_name: display_name.to_owned(),
            ccm_mode: proxy == CALL_MANAGER,
            credentials: (!user.is_empty() && !password.is_empty())
                .then(|| (user.to_owned(), Secret::new(password))),
        })
    }
}

fn number(line: &Element, attribute: &str) -> Option<u16> {
    line.attribute(attribute)?.parse().ok()
}

fn limited<'a>(line: &'a Element, name: &str) -> Result<&'a str, String> {
    let text = line.text_at(name);
    if text.chars().count() > MAX_NAME {
        return Err(format!("{name} has more than {MAX_NAME} characters"));
    }
    Ok(text)
}
