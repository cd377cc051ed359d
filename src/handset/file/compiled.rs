//! Files that are compiled: the records of `SEP<MAC>.cnf`, the profile of an
//! adapter, and that of a 7905 or 7912 with a SIP load.

use std::net::Ipv4Addr;

use super::{BootFile, CallManager, SipLine, SipProfile, check_url};
use crate::handset::event::{ButtonKind, ButtonSeen};
use crate::handset::family::Compiled;
use crate::sip::wire::{Secret, Transport};

/// The port where nothing is said.
const SCCP: u16 = 2000;
/// Call managers in a profile: the parameters `CA0orCM0` and `CA1orCM1`.
const MANAGERS: [u16; 2] = [29, 67];
/// `EPID0orSID0`: whether the first port registers.
const FIRST_PORT: u16 = 44;
/// Of a SIP load: whether it registers.
const REGISTERS: u16 = 19;
const USES_LOGIN_ID: u16 = 21;
const USER: u16 = 25;
const PASSWORD: u16 = 26;
const PROXY: u16 = 29;
const LOGIN_ID: u16 = 44;
const REGISTER_INTERVAL: u16 = 13;
const OUTBOUND_PROXY: u16 = 75;
const SERVICES: u16 = 1001;
const DISPLAY_NAME: u16 = 1006;
const DATE_FORMAT: u16 = 1009;
const SHORT_NAME: u16 = 1019;
/// What stands before the parameters.
const HEADER: u16 = 0x7FFE;

/// Reads a file of this form. The error is what is wrong.
pub(super) fn read(bytes: &[u8], form: Compiled) -> Result<BootFile, String> {
    let managers = match form {
        Compiled::Profile => profile_managers(&Parameters::read(bytes)?)?,
        Compiled::SipProfile => return sip_phone(&Parameters::read(bytes)?),
        Compiled::Records => vec![record_manager(bytes).ok_or("a record that is none")??],
    };
    Ok(BootFile {
        managers,
        ..BootFile::unread()
    })
}

fn manager(priority: u32, host: String, sccp_port: u16) -> CallManager {
    CallManager {
        priority,
        host,
        sccp_port,
        sip_port: 5060,
    }
}

/// `None`: a record that is cut short, or of no kind that is known.
fn record_manager(bytes: &[u8]) -> Option<Result<CallManager, String>> {
    let (mut name, mut address, mut port) = (String::new(), None, SCCP);
    let mut rest = bytes;
    loop {
        let ([class, tag], behind) = rest.split_first_chunk::<2>()?;
        rest = match (class, tag) {
            (1, 1) => {
                let (text, behind) = text(behind)?;
                name = text;
                behind
            }
            (1, 2) => {
                let (octets, behind) = behind.split_first_chunk::<4>()?;
                address = Some(Ipv4Addr::from(*octets));
                behind
            }
            (1, 3) => {
                let (octets, behind) = behind.split_first_chunk::<4>()?;
                port = u16::try_from(u32::from_le_bytes(*octets)).ok()?;
                behind
            }
            (4 | 5, 7) => {
                let behind = behind.strip_prefix(&[0])?;
                let (url, _) = text(behind)?;
                behind.get((url.len() + 1).next_multiple_of(4)..)?
            }
            (1, 0xFF) if behind.is_empty() => break,
            _ => return None,
        };
    }
    let address = address.filter(|address| !address.is_unspecified());
    let host = match (address, name.is_empty()) {
        (Some(address), _) => address.to_string(),
        (None, false) => name,
        (None, true) => return Some(Err("no call manager".to_owned())),
    };
    Some(Ok(manager(0, host, port)))
}

/// What stands before a NUL, and what behind it.
fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let (text, behind) = bytes.split_at_checked(end)?;
    Some((String::from_utf8(text.to_vec()).ok()?, behind.get(1..)?))
}

/// The parameters of a profile: tags and values, in their order.
struct Parameters<'a>(Vec<(u16, &'a [u8])>);

impl<'a> Parameters<'a> {
    fn read(profile: &'a [u8]) -> Result<Self, String> {
        let profile = profile.strip_prefix(b"#ata").ok_or("it is no profile")?;
        let (tag, head, body) = parameter(profile).ok_or("no header")?;
        let Ok([high, low, long, short]) = <[u8; 4]>::try_from(head) else {
            return Err("no header".to_owned());
        };
        let sum = body
            .iter()
            .fold(0_u16, |sum, byte| sum.wrapping_add((*byte).into()));
        if tag != HEADER || usize::from(u16::from_be_bytes([long, short])) != body.len() {
            return Err("a header that tells another length".to_owned());
        }
        if sum != u16::from_be_bytes([high, low]) {
            return Err("octets that do not make the sum".to_owned());
        }
        let mut parameters = Vec::new();
        let mut rest = body;
        while !rest.is_empty() {
            let (tag, value, behind) = parameter(rest).ok_or("a parameter that is cut short")?;
            parameters.push((tag, value));
            rest = behind;
        }
        Ok(Self(parameters))
    }

    fn get(&self, tag: u16) -> Option<&'a [u8]> {
        let found = self.0.iter().find(|(known, _)| *known == tag);
        found.map(|(_, value)| *value)
    }

    /// Empty where nothing is said, or that there is nothing.
    fn text(&self, tag: u16) -> Result<&'a str, String> {
        let value = std::str::from_utf8(self.get(tag).unwrap_or_default());
        match value {
            Ok("0") => Ok(""),
            Ok(text) if text.is_ascii() => Ok(text),
            _ => Err(format!("parameter {tag} is no text")),
        }
    }

    fn flag(&self, tag: u16) -> bool {
        self.get(tag) == Some(&[1])
    }

    fn number(&self, tag: u16, usual: u32) -> Result<u32, String> {
        let Some(value) = self.get(tag) else {
            return Ok(usual);
        };
        let octets = <[u8; 4]>::try_from(value);
        octets
            .map(u32::from_be_bytes)
            .map_err(|_| format!("parameter {tag} is no number"))
    }
}

fn sip_phone(parameters: &Parameters<'_>) -> Result<BootFile, String> {
    if !parameters.flag(REGISTERS) {
        return Err("it is not to register".to_owned());
    }
    let (user, proxy) = (parameters.text(USER)?, parameters.text(PROXY)?);
    if user.is_empty() || proxy.is_empty() {
        return Err("no user, or no proxy".to_owned());
    }
    let outbound = match parameters.text(OUTBOUND_PROXY)? {
        "" => proxy,
        outbound => outbound,
    };
    let (host, port) = outbound.rsplit_once(':').unwrap_or((outbound, "5060"));
    if host.is_empty() {
        return Err("a proxy without a name".to_owned());
    }
    let login = if parameters.flag(USES_LOGIN_ID) {
        parameters.text(LOGIN_ID)?
    } else {
        user
    };
    let (name, short) = (parameters.text(DISPLAY_NAME)?, parameters.text(SHORT_NAME)?);
    let label = [short, name, user].into_iter().find(|it| !it.is_empty());
    let label = label.unwrap_or_default().to_owned();
    let password = parameters.text(PASSWORD)?;
    let line = SipLine {
        index: 1,
        name: user.to_owned(),
        contact: user.to_owned(),
        label: label.clone(),
        display_name: name.to_owned(),
        ccm_mode: false,
        credentials: (!password.is_empty()).then(|| (login.to_owned(), Secret::new(password))),
    };
    let services = parameters.text(SERVICES)?;
    check_url("ServicesUrl", services)?;
    Ok(BootFile {
        managers: vec![CallManager {
            priority: 0,
            host: host.to_owned(),
            sccp_port: SCCP,
            sip_port: port.parse().map_err(|_| "a port that is none")?,
        }],
        services_url: Some(services.to_owned()).filter(|url| !url.is_empty()),
        date_template: parameters.text(DATE_FORMAT)?.to_ascii_uppercase(),
        sip: Some(SipProfile {
            transport: Transport::Udp,
            buttons: vec![ButtonSeen {
                key: 1,
                kind: ButtonKind::Line,
                label,
                number: user.to_owned(),
            }],
            lines: vec![line],
            register_expires: parameters.number(REGISTER_INTERVAL, 3600)?,
            register_delta: 5,
            dial_template: String::new(),
            soft_key_file: String::new(),
            feature_policy: String::new(),
            sync: String::new(),
        }),
        ..BootFile::unread()
    })
}

fn profile_managers(parameters: &Parameters<'_>) -> Result<Vec<CallManager>, String> {
    let mut managers = Vec::new();
    for (tag, value) in &parameters.0 {
        let value = String::from_utf8_lossy(value).into_owned();
        let priority = MANAGERS.iter().position(|manager| manager == tag);
        match priority {
            Some(priority) if value != "0" => {
                let (host, port) = value.rsplit_once(':').unwrap_or((&value, ""));
                let port = if port.is_empty() {
                    SCCP
                } else {
                    port.parse().map_err(|_| "a port that is none")?
                };
                let priority = u32::try_from(priority).unwrap_or_default();
                let known = |one: &CallManager| one.priority == priority;
                if host.is_empty() || managers.iter().any(known) {
                    return Err("a call manager without a name, or told twice".to_owned());
                }
                managers.push(manager(priority, host.to_owned(), port));
            }
            None if *tag == FIRST_PORT && value == "0" => {
                return Err("the first port is off".to_owned());
            }
            _ => {}
        }
    }
    if managers.is_empty() {
        return Err("no call manager".to_owned());
    }
    Ok(managers)
}

/// Tag and value of the first parameter, and what stands behind it.
fn parameter(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (tag, bytes) = number(bytes)?;
    let (length, bytes) = number(bytes)?;
    let (value, behind) = bytes.split_at_checked(length.into())?;
    Some((tag, value, behind))
}

/// One octet below 128; else two, without the highest bit.
fn number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    match bytes {
        [one @ ..0x80, behind @ ..] => Some(((*one).into(), behind)),
        [high, low, behind @ ..] => Some((u16::from_be_bytes([high & 0x7F, *low]), behind)),
        _ => None,
    }
}
