//! `SIP<MAC>.cnf` and `SIPDefault.cnf`, which the SIP loads of 7940 and 7960
//! read (*Cisco SIP IP Phone 7960 Administrator Guide*, Configuration
//! Parameters): one setting a line, `name: value` or `name=value`, and those of
//! the phone's own file before those of the common one.

use std::collections::{BTreeSet, HashMap};

use super::{BootFile, CallManager, SipLine, SipProfile, check_url};
use crate::handset::event::{ButtonKind, ButtonSeen};
use crate::handset::profile::Profile;
use crate::sip::wire::{Secret, Transport};

/// Bytes of both files together.
const MAX_BYTES: usize = 64 * 1024;
/// Characters of a name, label or password.
const MAX_NAME: usize = 31;
/// Lines that the load knows, whatever the phone has keys for.
const LINES: u16 = 6;
/// Speed dials that the load knows.
const SPEED_DIALS: u16 = 5;
/// What stands for nothing.
const UNPROVISIONED: &str = "UNPROVISIONED";

/// Reads a phone's own file over the common one. The error is what is wrong.
pub(super) fn read(own: &[u8], common: &[u8], profile: &Profile) -> Result<BootFile, String> {
    if own.len() + common.len() > MAX_BYTES {
        return Err(format!("more than {MAX_BYTES} bytes"));
    }
    let mut settings = Settings::default();
    settings.take(common)?;
    settings.take(own)?;
    if settings.get("proxy_register") != "1" {
        return Err("proxy_register is not 1".into());
    }
    let lines = lines(&settings, profile)?;
    let manager = proxy(&settings, &lines)?;
    let services = settings.get("services_url");
    check_url("services_url", services)?;
    Ok(BootFile {
        managers: vec![manager],
        load: settings.get("image_version").to_owned(),
        services_url: Some(services.to_owned()).filter(|url| !url.is_empty()),
        date_template: settings.get("date_format").to_owned(),
        sip: Some(SipProfile {
            transport: Transport::Udp,
            buttons: buttons(&settings, &lines, profile),
            lines,
            register_expires: settings.number("timer_register_expires", 3600)?,
            register_delta: settings.number("timer_register_delta", 5)?,
            dial_template: match settings.get("dial_template") {
                "" => String::new(),
                name => format!("{name}.xml"),
            },
            soft_key_file: String::new(),
            feature_policy: String::new(),
            sync: settings.get("sync").to_owned(),
        }),
        ..BootFile::unread()
    })
}

#[derive(Default)]
struct Settings(HashMap<String, String>);

impl Settings {
    /// Takes the settings of a file, over what there was.
    fn take(&mut self, file: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(file).map_err(|_| "not a text")?;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            let at = line.find([':', '=']);
            let (name, value) = at
                .and_then(|at| Some((line.get(..at)?.trim(), line.get(at + 1..)?.trim())))
                .filter(|(name, _)| !name.is_empty())
                .ok_or_else(|| format!("line {number} is no setting"))?;
            let value = value_of(value).ok_or_else(|| format!("line {number} ends in a quote"))?;
            self.0.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        Ok(())
    }

    /// Empty where nothing is said, or that there is nothing.
    fn get(&self, name: &str) -> &str {
        let value = self.0.get(name).map_or("", String::as_str);
        if value == UNPROVISIONED { "" } else { value }
    }

    fn name(&self, name: &str) -> Result<&str, String> {
        let value = self.get(name);
        if value.chars().count() > MAX_NAME {
            return Err(format!("{name} has more than {MAX_NAME} characters"));
        }
        Ok(value)
    }

    fn number(&self, name: &str, usual: u32) -> Result<u32, String> {
        match self.get(name) {
            "" => Ok(usual),
            text => text.parse().map_err(|_| format!("{name} is {text:?}")),
        }
    }
}

/// Without its quotes and what is remarked behind it.
fn value_of(text: &str) -> Option<&str> {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map(|(value, _)| value),
        None => Some(text.split(';').next().unwrap_or_default().trim()),
    }
}

fn lines(settings: &Settings, profile: &Profile) -> Result<Vec<SipLine>, String> {
    let mut lines = Vec::new();
    for number in 1..=LINES {
        let of = |what: &str| settings.name(&format!("line{number}_{what}"));
        let name = of("name")?;
        if name.is_empty() || usize::from(number) > profile.model.keys {
            continue;
        }
        let (user, password) = (of("authname")?, of("password")?);
        lines.push(SipLine {
            index: number.into(),
            name: name.to_owned(),
            contact: name.to_owned(),
            label: match of("shortname")? {
                "" => name,
                label => label,
            }
            .to_owned(),
            display_name: of("displayname")?.to_owned(),
            ccm_mode: false,
            credentials: (!user.is_empty() && !password.is_empty())
                .then(|| (user.to_owned(), Secret::new(password))),
        });
    }
    if lines.is_empty() {
        return Err("no line has a name".into());
    }
    Ok(lines)
}

/// Where the lines register. A real phone takes a proxy for each of them; this
/// one has a single connection.
fn proxy(settings: &Settings, lines: &[SipLine]) -> Result<CallManager, String> {
    let mut proxies = BTreeSet::new();
    for line in lines {
        let host = settings.get(&format!("proxy{}_address", line.index));
        let port = settings.number(&format!("proxy{}_port", line.index), 5060)?;
        proxies.insert((host, port));
    }
    match proxies.into_iter().collect::<Vec<_>>().as_slice() {
        [("", _)] => Err("a line without proxy".into()),
        [(host, port)] => Ok(CallManager {
            priority: 0,
            host: (*host).to_owned(),
            sccp_port: 2000,
            sip_port: u16::try_from(*port)
                .ok()
                .filter(|port| *port > 0)
                .ok_or_else(|| format!("a proxy with port {port}"))?,
        }),
        _ => Err("lines with several proxies".into()),
    }
}

/// Lines on their keys, and speed dials on those that are left.
fn buttons(settings: &Settings, lines: &[SipLine], profile: &Profile) -> Vec<ButtonSeen> {
    let keys = u16::try_from(profile.model.keys).unwrap_or(LINES);
    let mut free: Vec<u16> = (1..=keys).rev().collect();
    let mut buttons = Vec::new();
    for line in lines {
        let key = u16::try_from(line.index).unwrap_or_default();
        free.retain(|left| *left != key);
        buttons.push(ButtonSeen {
            key,
            kind: ButtonKind::Line,
            label: line.label.clone(),
            number: line.name.clone(),
        });
    }
    for number in 1..=SPEED_DIALS {
        let dials = settings.get(&format!("speed_line{number}"));
        if dials.is_empty() {
            continue;
        }
        let Some(key) = free.pop() else { break };
        buttons.push(ButtonSeen {
            key,
            kind: ButtonKind::SpeedDial,
            label: settings.get(&format!("speed_label{number}")).to_owned(),
            number: dials.to_owned(),
        });
    }
    buttons.sort_by_key(|button| button.key);
    buttons
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::handset::Kind;
    use crate::handset::testing::mac;

    const COMMON: &str = "# all\nproxy_register: 1\nsync: 0 ; a remark\ndial_template: dialplan\n\
        services_url: \"http://10.0.0.1/common\"\n";
    const OWN: &str = "proxy1_address: \"10.0.0.1\"\nproxy1_port=5062\nline1_name: \"2001\"\n\
        line1_shortname: \"Alice\"\nline1_authname: \"2001\"\nline1_password: \"geheim\"\n\
        line2_name: \"UNPROVISIONED\"\nline2_password: \"UNPROVISIONED\"\n\
        speed_line1: \"911\"\nspeed_label1: \"Help; now\"\n\
        services_url: \"http://10.0.0.1/menu?name=x\"\n";

    fn profile() -> Profile {
        Profile::new(Kind::Cisco7960Sip, mac(1))
    }

    fn file(own: &str) -> Result<BootFile, String> {
        read(own.as_bytes(), COMMON.as_bytes(), &profile())
    }

    #[test]
    fn a_phone_s_own_settings_stand_before_the_common_ones() {
        let file = file(OWN).unwrap();
        let url = "http://10.0.0.1/menu?name=x".to_owned();
        assert_eq!(file.services_url, Some(url));
        assert_eq!(file.managers[0].sip_port, 5062);
        let sip = file.sip.unwrap();
        assert_eq!((sip.sync.as_str(), sip.lines.len()), ("0", 1));
        assert_eq!(sip.dial_template, "dialplan.xml");
        let keys: Vec<_> = sip.buttons.iter().map(|b| b.label.as_str()).collect();
        assert_eq!(keys, ["Alice", "Help; now"]);
        assert_eq!(sip.buttons[1].key, 2);
        assert!(!format!("{:?}", sip.lines).contains("geheim"));
    }

    #[test]
    fn one_fault_makes_the_whole_file_useless() {
        for (from, to, reason) in [
            ("line1_name: \"2001\"", "line1_name: \"\"", "no line"),
            ("proxy1_address", "proxy9_address", "without proxy"),
            ("5062", "99999", "port"),
            ("\"2001\"", "\"2001", "quote"),
            ("\"UNPROVISIONED\"\n", "\"2002\"\n", "several proxies"),
            ("proxy1_port=", "proxy1_port ", "no setting"),
            ("Alice", "A label of more than thirty-one letters", "31"),
        ] {
            assert!(OWN.contains(from), "{from} is not in the sample");
            let fault = file(&OWN.replacen(from, to, 1)).unwrap_err();
            assert!(fault.contains(reason), "{from} -> {to}: {fault}");
        }
        let alone = read(OWN.as_bytes(), b"", &profile()).unwrap_err();
        assert!(alone.contains("proxy_register"), "{alone}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(own in "[a-z0-9_:=\"; \n]{0,200}", junk: Vec<u8>) {
            let _ = file(&own);
            let _ = file(&format!("{OWN}{own}"));
            let _ = read(&junk, &junk, &profile());
        }
    }
}
