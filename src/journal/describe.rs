//! One readable sentence for each event.

use std::net::IpAddr;

use super::words::{add, address, clean, short};
use crate::model::{DeviceName, DirectoryNumber, LogoutReason, Origin, UserId};
use crate::ports::{Event, EventKind, FileServiceName, Sign};

/// The event as one line: the phone, a colon, what happened. Holds no line
/// break and no secret.
pub fn describe(event: &Event) -> String {
    let subject = match (&event.device, &event.kind) {
        (Some(device), _) => device.as_str(),
        (None, EventKind::Note { .. } | EventKind::Refused { .. }) => "Embody",
        (None, _) => "a phone without a name",
    };
    format!("{subject}: {}", clause(&event.kind))
}

/// What happened, without saying to whom: for lists about one phone.
pub fn clause(kind: &EventKind) -> String {
    match kind {
        EventKind::File {
            name,
            service,
            peer,
            outcome,
            stamp,
        } => {
            let service = match service {
                FileServiceName::Tftp => "TFTP",
                FileServiceName::Http => "HTTP",
                FileServiceName::Https => "HTTPS",
            };
            let stamp = stamp.map_or_else(String::new, |stamp| format!(" (file {})", short(stamp)));
            format!(
                "asked for {} over {service} from {}: {}{stamp}",
                clean(name),
                address(*peer),
                clean(outcome)
            )
        }
        EventKind::FileDelivered { peer, stamp } => format!(
            "took its file {} to the last byte, at {}",
            short(*stamp),
            address(*peer)
        ),
        EventKind::Registered {
            protocol,
            peer,
            load,
            file,
            reason,
        } => {
            let mut line = format!("registered over {protocol} from {}", address(*peer));
            if let Some(load) = load {
                add(&mut line, format_args!(", load {}", clean(load)));
            }
            if let Some(file) = file {
                add(&mut line, format_args!(", shows file {}", short(*file)));
            }
            if let Some(reason) = reason {
                add(&mut line, format_args!(" ({})", clean(reason)));
            }
            line
        }
        EventKind::Unregistered { why } => format!("is no longer registered: {}", clean(why)),
        EventKind::RegistrationRefused {
            protocol,
            peer,
            why,
        } => format!(
            "its registration over {protocol} from {} was refused: {}",
            address(*peer),
            clean(why)
        ),
        EventKind::UnknownPhone {
            protocol,
            peer,
            type_id,
            load,
            turned_away,
        } => {
            let mut line = format!(
                "is not configured and tried to register over {protocol} from {}",
                address(*peer)
            );
            if let Some(type_id) = type_id {
                add(&mut line, format_args!(", type {type_id}"));
            }
            if let Some(load) = load {
                add(&mut line, format_args!(", load {}", clean(load)));
            }
            if let Some(turned_away) = turned_away {
                add(&mut line, format_args!("; {}", turned_away.why()));
            }
            line
        }
        EventKind::Alarm { text } => format!("sent an alarm: {}", clean(text)),
        EventKind::ServedAs { what } => clean(what),
        EventKind::Contested { holder, other } => format!(
            "two phones claim this name: the one at {} stays, the one at {} is refused",
            address(*holder),
            address(*other)
        ),
        EventKind::Page { page } => format!("was shown the page {}", clean(page)),
        EventKind::SignedIn {
            user,
            origin,
            profile,
        } => {
            let how = match origin {
                Origin::Phone => "signed in at the phone".to_owned(),
                Origin::Application(id) => format!("was signed in by application {id}"),
                Origin::EndUser(_) => "signed in through the login service".to_owned(),
                Origin::Operator => "was signed in by the operator".to_owned(),
                Origin::System => "was signed in by Embody".to_owned(),
            };
            format!("{user} {how}, with profile {}", clean(profile.as_str()))
        }
        EventKind::SignedOut { user, reason } => format!("{user} {}", left(reason, user)),
        EventKind::LinesChanged { change } => format!(
            "its numbers changed from {} to {}",
            numbers(&change.old),
            numbers(&change.new)
        ),
        EventKind::ControlListChanged { user, controls } => {
            let way = if *controls { "came to" } else { "left" };
            format!("{way} what applications of {user} control")
        }
        EventKind::CallBacksEnded { user } => format!("call backs of {user} are cancelled"),
        EventKind::DeskOfAnother { user, owner } => {
            format!("{user} signed in at the desk of {owner}")
        }
        EventKind::Refused { code, why } => {
            format!("refused a login or logout with code {code}: {}", clean(why))
        }
        EventKind::Planned { what } => format!("is to change: {}", clean(what)),
        EventKind::Ordered { order, attempt } => {
            format!(
                "was sent a {}, order {attempt} for this change",
                clean(order)
            )
        }
        EventKind::OrderAccepted => "accepted the order".to_owned(),
        EventKind::OrderRefused { why } => format!("did not take the order: {}", clean(why)),
        EventKind::Converged => "holds what it should".to_owned(),
        EventKind::GaveUp { why } => {
            format!("is left alone until something changes: {}", clean(why))
        }
        EventKind::Sign { sign, peer, detail } => sign_clause(*sign, address(*peer), detail),
        EventKind::Note { text } => clean(text),
    }
}

/// What a sign says; it may stand for many.
fn sign_clause(sign: Sign, peer: IpAddr, detail: &str) -> String {
    let what = clean(detail);
    match sign {
        Sign::TrustListAsked => format!("asked for the trust list {what} from {peer}"),
        Sign::BootFileAsked => format!("asked for its boot file at {what} from {peer}"),
        Sign::SignedMissing => {
            format!("asked for {what}, a signed file that is not there, from {peer}")
        }
        Sign::SignedSent => format!("was sent {what}, a signed file, at {peer}"),
        Sign::LoadMissing => format!("asked for {what}, firmware that is not there, from {peer}"),
        Sign::FactoryLoadMissing => {
            format!("has no firmware: it asked for {what}, which is not there, from {peer}")
        }
        Sign::FactoryLoadSent => format!("has no firmware: it was sent {what} at {peer}"),
        Sign::TextFileMissing => {
            format!("asked for {what}, a text file that is not there, from {peer}")
        }
        Sign::OtherFormMissing => {
            format!("asked for {what}, a compiled boot file that is not there, from {peer}")
        }
        Sign::LocaleMissing => {
            format!("asked for {what}, a locale file that is not there, from {peer}")
        }
        Sign::LocaleOfSip => format!("asked for {what} as SIP loads do, from {peer}"),
        Sign::LocaleOfSccp => format!("asked for {what} as SCCP loads do, from {peer}"),
        Sign::BlankInName => {
            format!("asked for {what}, a name with a blank at its end, from {peer}")
        }
        Sign::NotAcknowledged => format!("acknowledged nothing of {what} that was sent to {peer}"),
        Sign::TurnedAway => format!("ended a transfer at {peer} with an error: {what}"),
        Sign::NoSccpRegister => {
            format!("connected over SCCP from {peer} and did not register: {what}")
        }
        Sign::NoSipRegister => {
            format!("connected over SIP from {peer} and did not register: {what}")
        }
        Sign::NotSccp => format!("said something on the SCCP port that is not SCCP: {what}"),
        Sign::NeverInService => {
            format!("registered from {peer} and left before it was in service: {what}")
        }
        Sign::SipOverUdp => format!("registers over UDP from {peer}"),
        Sign::PageElsewhere => format!("a page of it was asked for from {peer}: {what}"),
        Sign::FormShown => format!("was shown the login form at {peer}"),
        Sign::FormSent => format!("sent the login form from {peer}"),
        Sign::ClockOff => format!("its clock is {what}"),
    }
}

/// Why somebody is not signed in any more, as the end of a sentence that begins
/// with his id.
fn left(reason: &LogoutReason, user: &UserId) -> String {
    match reason {
        LogoutReason::Manual => "signed out at the phone".to_owned(),
        LogoutReason::Elsewhere { on } => format!("was signed out by his own login on {on}"),
        LogoutReason::Expired => "was signed out: the login time was over".to_owned(),
        LogoutReason::Idle => "was signed out: the phone was not used".to_owned(),
        LogoutReason::TimeOfDay => "was signed out: it was the time of day for it".to_owned(),
        LogoutReason::Operator => "was signed out by the operator".to_owned(),
        LogoutReason::Application { application } if application == user => {
            "signed out through the login service".to_owned()
        }
        LogoutReason::Application { application } => {
            format!("was signed out by application {application}")
        }
        LogoutReason::Evicted { by } => format!("was signed out by the PIN of {by}"),
        LogoutReason::Configuration => "was signed out by a change of the configuration".to_owned(),
    }
}

fn numbers(numbers: &[DirectoryNumber]) -> String {
    if numbers.is_empty() {
        return "none".to_owned();
    }
    let numbers: Vec<&str> = numbers.iter().map(DirectoryNumber::as_str).collect();
    clean(&numbers.join(", "))
}

/// The MAC address inside a device name, as it stands on the phone's label.
pub(super) fn mac(device: &DeviceName) -> Option<String> {
    let octets = device.mac()?.map(|octet| format!("{octet:02X}"));
    Some(octets.join(":"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::journal::samples::{at, device, every_kind, peer};
    use crate::model::{LinesChange, ProfileName, Protocol, Stamp};

    fn sentence(kind: EventKind) -> String {
        describe(&Event {
            at: at(0),
            device: Some(device()),
            kind,
        })
    }

    #[test]
    fn every_event_has_one_nonempty_line() {
        for kind in every_kind("a\nb\u{2028}c\0") {
            let line = clause(&kind);
            assert!(!line.trim().is_empty(), "{kind:?}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
            assert!(!line.contains('\u{2028}'), "{line:?}");
            for holder in [Some(device()), None] {
                let event = Event {
                    at: at(0),
                    device: holder,
                    kind: kind.clone(),
                };
                assert!(describe(&event).ends_with(&line));
            }
        }
    }

    #[test]
    fn a_login_reads_like_a_story() {
        assert_eq!(
            sentence(EventKind::SignedIn {
                user: UserId::new("alice").unwrap(),
                origin: Origin::Phone,
                profile: ProfileName::new("alice-desk").unwrap(),
            }),
            "SEP001122334455: alice signed in at the phone, with profile alice-desk"
        );
        assert_eq!(
            sentence(EventKind::SignedOut {
                user: UserId::new("alice").unwrap(),
                reason: LogoutReason::Evicted {
                    by: UserId::new("bob").unwrap()
                },
            }),
            "SEP001122334455: alice was signed out by the PIN of bob"
        );
        let change = LinesChange {
            old: vec![DirectoryNumber::new("2001").unwrap()],
            new: Vec::new(),
        };
        assert_eq!(
            sentence(EventKind::LinesChanged { change }),
            "SEP001122334455: its numbers changed from 2001 to none"
        );
        assert_eq!(
            sentence(EventKind::Ordered {
                order: "restart".into(),
                attempt: 1,
            }),
            "SEP001122334455: was sent a restart, order 1 for this change"
        );
        assert_eq!(
            sentence(EventKind::File {
                name: "SEP001122334455.cnf.xml".into(),
                service: FileServiceName::Tftp,
                peer: peer(),
                outcome: "sent".into(),
                stamp: Some(Stamp::from_bits(0x0a1_b2c3_d4e5_f607)),
            }),
            "SEP001122334455: asked for SEP001122334455.cnf.xml over TFTP from 192.0.2.7: \
             sent (file 0a1b2c3d)"
        );
        assert_eq!(
            sentence(EventKind::Registered {
                protocol: Protocol::Sccp,
                peer: peer(),
                load: Some("SCCP41.9-4-2SR3-1S".into()),
                file: None,
                reason: Some("Last=Reset-Restart".into()),
            }),
            "SEP001122334455: registered over SCCP from 192.0.2.7, \
             load SCCP41.9-4-2SR3-1S (Last=Reset-Restart)"
        );
    }

    #[test]
    fn the_house_speaks_for_itself() {
        let note = Event {
            at: at(0),
            device: None,
            kind: EventKind::Note {
                text: "the store answers again".into(),
            },
        };
        assert_eq!(describe(&note), "Embody: the store answers again");
    }

    #[test]
    fn the_mac_is_written_as_on_the_label() {
        assert_eq!(mac(&device()).as_deref(), Some("00:11:22:33:44:55"));
        assert_eq!(mac(&DeviceName::new("CIPC01").unwrap()), None);
    }

    proptest! {
        #[test]
        fn no_text_from_a_phone_breaks_the_line(text in any::<String>()) {
            for kind in every_kind(&text) {
                prop_assert!(!clause(&kind).chars().any(char::is_control));
            }
        }
    }
}
