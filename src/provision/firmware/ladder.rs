//! Which loads a phone must run on its way from one to another.
//!
//! Cisco's release notes of 8.5(2) and 9.x for 79x1, 79x2, 79x5, 797x, 7906,
//! 7911 and 7931: phones below 8.3(3) take 8.5(2) first, or they start over and
//! over. And the rule of the 7940 and 7960: the first four characters of a load
//! name its protocol, and a load of another protocol changes that of the phone.

use crate::model::{LoadName, Protocol};

/// The first load that may be followed by a load of version 9.
const DIRECT: (u32, u32, u32) = (8, 3, 3);
/// The load between, for older ones.
const BETWEEN: (u32, u32, u32) = (8, 5, 2);

/// The hardware numbers of the loads that the rule is about.
const LADDERED: [u32; 7] = [11, 31, 41, 42, 45, 70, 75];

/// What the name of a load tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadVersion {
    /// The protocol.
    pub protocol: Protocol,
    /// The number of the hardware, for example 41 of a 7941 and 7961.
    pub hardware: u32,
    /// Major, minor and maintenance version.
    pub version: (u32, u32, u32),
}

impl LoadVersion {
    /// Reads a name like `SCCP41.8-5-4S` or `SIP41.9-4-2SR3-1S`; `None` for the
    /// names of other generations.
    pub fn of(load: &str) -> Option<Self> {
        let (platform, version) = load.split_once('.')?;
        let upper = platform.to_ascii_uppercase();
        let (protocol, hardware) = match (upper.strip_prefix("SCCP"), upper.strip_prefix("SIP")) {
            (Some(hardware), _) => (Protocol::Sccp, hardware),
            (_, Some(hardware)) => (Protocol::Sip, hardware),
            _ => return None,
        };
        let mut numbers = version.split('-').map(leading_number);
        let mut next = || numbers.next().flatten();
        Some(Self {
            protocol,
            hardware: hardware.parse().ok()?,
            version: (next()?, next()?, next()?),
        })
    }
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// The protocol of a load, where its name tells it. The third letter of the
/// loads of 7940 and 7960 does (`P003` SCCP, `P0S3` SIP).
pub(super) fn protocol(load: &str) -> Option<Protocol> {
    let begins = |prefix: &str| {
        load.get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if begins("P0S3") || begins("SIP") {
        Some(Protocol::Sip)
    } else if begins("P003") || begins("SCCP") {
        Some(Protocol::Sccp)
    } else {
        None
    }
}

/// What to know before a phone is given a load.
pub struct Ladder;

impl Ladder {
    /// The sentence about a phone that runs `running` and is to run `wanted`.
    pub fn between(running: &str, wanted: &LoadName) -> Option<String> {
        let (from, to) = (LoadVersion::of(running)?, LoadVersion::of(wanted.as_str())?);
        let barred = LADDERED.contains(&to.hardware) && from.version < DIRECT && to.version.0 >= 9;
        barred.then(|| {
            format!(
                "it runs {running}: below 8.3(3) the way to {wanted} leads over 8.5(2), or the \
                 phone starts over and over; give it that load first"
            )
        })
    }

    /// The sentence about a load that is staged: a newer one without the load
    /// between beside it.
    pub fn of_staged<'a>(load: &str, mut staged: impl Iterator<Item = &'a str>) -> Option<String> {
        let to = LoadVersion::of(load)
            .filter(|to| LADDERED.contains(&to.hardware) && to.version.0 >= 9)?;
        let is_between = |other: &str| {
            LoadVersion::of(other)
                .is_some_and(|other| other.hardware == to.hardware && other.version == BETWEEN)
        };
        (!staged.any(is_between)).then(|| {
            format!(
                "{load}: phones that run a load below 8.3(3) need 8.5(2) first, or they start \
                 over and over; none of 8.5(2) for them is staged"
            )
        })
    }

    /// The sentence about a load for a phone that is set to a protocol.
    pub fn other_protocol(load: &LoadName, set: Protocol) -> Option<String> {
        let speaks = protocol(load.as_str()).filter(|speaks| *speaks != set)?;
        Some(format!(
            "load {load} speaks {speaks}, and protocol {set} is set: once it runs that load, it \
             is a {speaks} phone"
        ))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn load(name: &str) -> LoadName {
        LoadName::new(name).unwrap()
    }

    #[test]
    fn names_tell_hardware_and_version() {
        let read = |name| LoadVersion::of(name).map(|load| (load.hardware, load.version));
        assert_eq!(read("SCCP41.8-5-4S"), Some((41, (8, 5, 4))));
        assert_eq!(read("sip70.9-4-2SR3-1S"), Some((70, (9, 4, 2))));
        for other in [
            "P0030801SR02",
            "sip88xx.12-5-1SR2-2",
            "SCCP41",
            "SIP41.9",
            "",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn an_old_7961_is_told_the_way_over_8_5_2() {
        let nine = load("SCCP41.9-4-2SR3-1S");
        let told = Ladder::between("SCCP41.8-2-2SR1S", &nine).unwrap();
        assert!(
            told.contains("8.5(2)") && told.contains("SCCP41.8-2-2SR1S"),
            "{told}"
        );
        assert_eq!(Ladder::between("SCCP41.8-3-3S", &nine), None);
        assert_eq!(Ladder::between("SCCP41.8-5-2S", &nine), None);
        assert_eq!(
            Ladder::between("SCCP41.8-0-4SR1S", &load("SCCP41.8-5-2S")),
            None
        );
        assert_eq!(
            Ladder::between("SCCP69xx.8-5-3", &load("SCCP69xx.9-4-1-3SR3")),
            None
        );
    }

    #[test]
    fn a_new_load_alone_is_told_once_the_one_between_is_there_not() {
        let staged = ["SIP41.9-4-2SR3-1S", "SCCP42.8-5-2S"];
        assert!(Ladder::of_staged(staged[0], staged.into_iter()).is_some());
        let staged = ["SIP41.9-4-2SR3-1S", "SCCP41.8-5-2S"];
        assert_eq!(Ladder::of_staged(staged[0], staged.into_iter()), None);
        assert_eq!(Ladder::of_staged("SIP41.8-5-4S", [].into_iter()), None);
    }

    #[test]
    fn the_first_letters_tell_the_protocol() {
        let told = Ladder::other_protocol(&load("P0S3-8-12-00"), Protocol::Sccp).unwrap();
        assert!(told.contains("SIP phone"), "{told}");
        for (name, set) in [
            ("P0030801SR02", Protocol::Sccp),
            ("SIP41.9-4-2SR3-1S", Protocol::Sip),
            ("cmterm_7936.3-3-21-0", Protocol::Sccp),
        ] {
            assert_eq!(Ladder::other_protocol(&load(name), set), None, "{name}");
        }
    }
}
