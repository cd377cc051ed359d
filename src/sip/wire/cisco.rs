//! What Cisco phones say about themselves: instance, device, cause of the last restart.

use std::fmt;

use super::values::Reason;

/// A MAC address; `Display` writes twelve upper-case digits, as device names have them after `SEP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Reads exactly twelve hexadecimal digits.
    pub fn from_hex(digits: &str) -> Option<Self> {
        let mut octets = [0; 6];
        hex_octets(digits, &mut octets)?;
        Some(Self(octets))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

fn hex_octets(digits: &str, octets: &mut [u8]) -> Option<()> {
    if digits.len() != octets.len() * 2 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, octet) in octets.iter_mut().enumerate() {
        *octet = u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(())
}

/// `+sip.instance="<urn:uuid:...>"` (RFC 5626).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SipInstance(pub [u8; 16]);

impl SipInstance {
    /// Reads the parameter's text, with or without angle brackets.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .unwrap_or(text);
        let prefix = text.get(.."urn:uuid:".len())?;
        if !prefix.eq_ignore_ascii_case("urn:uuid:") {
            return None;
        }
        let digits = text.get(prefix.len()..)?.replace('-', "");
        let mut octets = [0; 16];
        hex_octets(&digits, &mut octets)?;
        Some(Self(octets))
    }

    /// The MAC address. Cisco phones write zeros and then the MAC; an instance that does not start with zeros is a
    /// random one and holds none.
    pub fn mac(&self) -> Option<Mac> {
        let (zeros, mac) = self.0.split_first_chunk::<10>()?;
        let mac = mac.first_chunk::<6>()?;
        (*zeros == [0; 10]).then_some(Mac(*mac))
    }
}

/// The MAC address that Cisco firmware writes at the start of its Call-IDs: `c80084aa-8743....-...@host`. Least
/// trusted of all hints, since any phone may write any Call-ID.
pub fn mac_in_call_id(call_id: &str) -> Option<Mac> {
    let mut groups = call_id.split('-');
    let (first, second) = (groups.next()?, groups.next()?);
    if first.len() != 8 || second.len() != 8 {
        return None;
    }
    Mac::from_hex(&format!("{first}{}", second.get(..4)?))
}

/// Why the phone last went out of service: the text of the Reason header in the first REGISTER after a boot and in
/// the unregister before a restart. The numbers are those of CUCM's out-of-service reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiscoAlarm {
    /// 10 TCP timeout, 12 to 14 TCP closed, 16 address lost, 17 registration timeout, 18 moved to a better server,
    /// 20 reset by the user, 22 reset by the server, 23 restart by the server, 24 registration rejected, 25 power-up.
    pub reason: u32,
    /// The device name.
    pub name: Option<String>,
    /// The running load without `.loads`.
    pub load: Option<String>,
    /// The other load in flash without `.loads`, from phones that have two.
    pub inactive_load: Option<String>,
    /// The phone's own word, such as `reset-restart` or `cm-closed-tcp`.
    pub last: Option<String>,
}

impl CiscoAlarm {
    /// The server ordered a reset.
    pub const SERVER_RESET: u32 = 22;
    /// The server ordered a restart.
    pub const SERVER_RESTART: u32 = 23;

    /// Reads the alarm out of a Reason; `None` when that holds none.
    pub fn from_reason(reason: &Reason) -> Option<Self> {
        Self::parse(reason.text()?)
    }

    /// Reads `cisco-alarm:23 Name=SEP... Load=... Last=...`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let (label, number) = words.next()?.split_once(':')?;
        if !label.eq_ignore_ascii_case("cisco-alarm") {
            return None;
        }
        let mut alarm = Self {
            reason: number.parse().ok()?,
            name: None,
            load: None,
            inactive_load: None,
            last: None,
        };
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            let place = match key.to_ascii_lowercase().as_str() {
                "name" => &mut alarm.name,
                "load" | "activeload" => &mut alarm.load,
                "inactiveload" => &mut alarm.inactive_load,
                "last" => &mut alarm.last,
                _ => continue,
            };
            let value = value.strip_suffix(".loads").unwrap_or(value);
            *place = (!value.is_empty()).then(|| value.to_owned());
        }
        Some(alarm)
    }

    /// Whether a server ordered this restart.
    pub const fn ordered_by_server(&self) -> bool {
        matches!(self.reason, Self::SERVER_RESET | Self::SERVER_RESTART)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn both_generations_of_alarms_are_read() {
        let old = CiscoAlarm::parse(
            "cisco-alarm:23 Name=SEP001122334455 Load=SIP70.8-4-2-30S Last=reset-restart",
        )
        .unwrap();
        assert!(old.ordered_by_server());
        assert_eq!(old.load.as_deref(), Some("SIP70.8-4-2-30S"));
        assert_eq!(old.inactive_load, None);
        assert_eq!(old.last.as_deref(), Some("reset-restart"));

        let new = CiscoAlarm::parse("cisco-alarm:14 Name=SEPC80084AA8743 ActiveLoad=sip78xx.12-1-1-12.loads InactiveLoad=sip78xx.10-3-1-12.loads Last=cm-closed-tcp").unwrap();
        assert!(!new.ordered_by_server());
        assert_eq!(new.name.as_deref(), Some("SEPC80084AA8743"));
        assert_eq!(new.load.as_deref(), Some("sip78xx.12-1-1-12"));
        assert_eq!(new.inactive_load.as_deref(), Some("sip78xx.10-3-1-12"));
    }

    #[test]
    fn other_reasons_are_no_alarm() {
        for text in [
            "",
            "Call completed elsewhere",
            "cisco-alarm:x Name=a",
            "alarm:23",
        ] {
            assert_eq!(CiscoAlarm::parse(text), None);
        }
    }

    #[test]
    fn the_mac_is_at_the_end_of_the_instance() {
        let text = "<urn:uuid:00000000-0000-0000-0000-c80084aa8743>";
        let mac = SipInstance::parse(text).unwrap().mac().unwrap();
        assert_eq!(mac.to_string(), "C80084AA8743");
        let random = "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";
        assert_eq!(SipInstance::parse(random).unwrap().mac(), None);
        for bad in [
            "",
            "urn:uuid:",
            "<urn:uuid:00>",
            "urn:uuid:\u{fc}",
            "<tel:1>",
        ] {
            assert_eq!(SipInstance::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_call_id_of_the_firmware_holds_the_mac() {
        let mac = mac_in_call_id("c80084aa-87430003-255b99f4-783a63d4@192.0.2.104").unwrap();
        assert_eq!(mac.to_string(), "C80084AA8743");
        assert_eq!(mac_in_call_id("HxTK.m6BH9qxjstVwexTbhVnUxNeuxle"), None);
    }
}
