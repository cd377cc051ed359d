//! What the timeline of a phone tells beside its stored state.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::Evidence;
use crate::journal::trail::{Mark, is_boot_file};
use crate::journal::words::address;
use crate::model::{DeviceName, Protocol, Stamp, Timestamp};
use crate::ports::{Event, EventKind};

/// How long a claim of a second phone counts: the loser is refused for 60 s
/// and then tries again.
const CONTEST: Duration = Duration::from_secs(120);

/// How the phone's question for its own file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileAnswered<'a> {
    /// It got it.
    Sent(Option<Stamp>),
    /// It was told that there is none, or that it may not have it.
    Denied(&'a str),
    /// It was not answered, or told to come again.
    Busy,
}

/// The last thing a phone tried since it registered last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastTried<'a> {
    /// It asked for its own file.
    File {
        name: &'a str,
        answered: FileAnswered<'a>,
    },
    /// It tried to register.
    Refused {
        protocol: Protocol,
        peer: SocketAddr,
        why: &'a str,
    },
}

/// The holder, the other and when that was refused last, when two phones claimed
/// the name of late. Each refusal counts: the timeline forgets the first of them
/// where the other tries again and again.
pub(super) fn contested(evidence: &Evidence) -> Option<(IpAddr, IpAddr, Timestamp)> {
    let refused = evidence.trail.of(Mark::NameInUse)?;
    let other = refused.peer?;
    let registered = evidence.registration.as_ref().map(|it| address(it.peer));
    let told = evidence
        .timeline
        .iter()
        .rev()
        .find_map(|event| match event.kind {
            EventKind::Contested { holder, .. } => Some(address(holder)),
            _ => None,
        });
    let holder = registered.or(told).filter(|holder| *holder != other)?;
    let is_late = evidence.now.since(refused.last) < CONTEST;
    is_late.then_some((holder, other, refused.last))
}

/// The last attempt after the last registration, and when.
pub(super) fn last_tried<'a>(
    events: &'a [Event],
    device: &'a DeviceName,
) -> Option<(LastTried<'a>, Timestamp)> {
    since_registered(events).iter().rev().find_map(|event| {
        let tried = match &event.kind {
            EventKind::File {
                name,
                outcome,
                stamp,
                ..
            } if is_boot_file(name, device) => LastTried::File {
                name,
                answered: answered(outcome, *stamp),
            },
            EventKind::FileDelivered { stamp, .. } => LastTried::File {
                name: device.as_str(),
                answered: FileAnswered::Sent(Some(*stamp)),
            },
            EventKind::RegistrationRefused {
                protocol,
                peer,
                why,
            } => LastTried::Refused {
                protocol: *protocol,
                peer: *peer,
                why,
            },
            _ => return None,
        };
        Some((tried, event.at))
    })
}

/// When it was heard of last, and the last word about why it left.
pub(super) fn last_heard(events: &[Event]) -> Option<(Timestamp, Option<&str>)> {
    let at = events
        .iter()
        .rev()
        .find(|event| comes_from_the_phone(&event.kind))?
        .at;
    let why = since_registered(events)
        .iter()
        .rev()
        .find_map(|event| match &event.kind {
            EventKind::Unregistered { why } => Some(why.as_str()),
            _ => None,
        });
    Some((at, why))
}

/// The last word of the phone about an order that it did not take, unless an
/// order left after it.
pub(super) fn order_refused(events: &[Event]) -> Option<&str> {
    events
        .iter()
        .rev()
        .find_map(|event| match &event.kind {
            EventKind::OrderRefused { why } => Some(Some(why.as_str())),
            EventKind::Ordered { .. } | EventKind::OrderAccepted => Some(None),
            _ => None,
        })
        .flatten()
}

fn since_registered(events: &[Event]) -> &[Event] {
    let after = events
        .iter()
        .rposition(|event| matches!(event.kind, EventKind::Registered { .. }))
        .map_or(0, |last| last + 1);
    events.get(after..).unwrap_or_default()
}

fn comes_from_the_phone(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::File { .. }
            | EventKind::FileDelivered { .. }
            | EventKind::Registered { .. }
            | EventKind::Unregistered { .. }
            | EventKind::RegistrationRefused { .. }
            | EventKind::UnknownPhone { .. }
            | EventKind::Alarm { .. }
            | EventKind::OrderAccepted
    )
}

fn answered(outcome: &str, stamp: Option<Stamp>) -> FileAnswered<'_> {
    let words = outcome.to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if stamp.is_some() {
        FileAnswered::Sent(stamp)
    } else if says(&["not found", "404", "refused", "403"]) {
        FileAnswered::Denied(outcome)
    } else if says(&["busy", "503", "no answer", "silence", "starting"]) {
        FileAnswered::Busy
    } else {
        FileAnswered::Sent(None)
    }
}
