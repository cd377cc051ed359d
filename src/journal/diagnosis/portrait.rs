//! What the phone holds and what it should hold, each in a sentence or two.

use super::Evidence;
use crate::journal::words::{add, address, ago, ahead, clean, count, lasting, short};
use crate::model::{ButtonKind, Held, Protocol, Stamps, Wanted};

/// Numbers named one by one.
const NUMBERS: usize = 4;
/// Remarks that are told in full.
const REMARKS: usize = 4;

/// How what is held compares with what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// All parts are known and as wanted.
    Same,
    /// A part is known to be another.
    Differs,
    /// No part is known to be another, and not all are known.
    Unknown,
}

/// Compares the parts that count under the protocol: a SIP phone has no
/// station part, its keys are in the file.
pub(super) fn compare(held: Option<&Held>, wanted: Stamps, protocol: Protocol) -> Match {
    let Some(held) = held else {
        return Match::Unknown;
    };
    let mut parts = vec![held.file.map(|file| file == wanted.file)];
    if protocol == Protocol::Sccp {
        parts.push(held.station.map(|station| station == wanted.station));
    }
    if parts.contains(&Some(false)) {
        Match::Differs
    } else if parts.contains(&None) {
        Match::Unknown
    } else {
        Match::Same
    }
}

/// The protocol the phone is registered over, or is served over.
pub(super) fn protocol(evidence: &Evidence) -> Protocol {
    evidence
        .registration
        .as_ref()
        .map(|registration| registration.protocol)
        .or(evidence.wanted.as_ref().map(|wanted| wanted.protocol))
        .unwrap_or(Protocol::Sccp)
}

/// Who should be signed in: `signed in as alice`, `nobody signed in`.
pub(super) fn who(evidence: &Evidence) -> String {
    let user = match &evidence.wanted {
        Some(wanted) => wanted.signed_in.as_ref().map(|(user, _)| user),
        None => evidence.session.as_ref().map(|session| &session.user),
    };
    user.map_or_else(
        || "nobody signed in".to_owned(),
        |user| format!("signed in as {user}"),
    )
}

pub(super) fn holds(evidence: &Evidence) -> String {
    let now = evidence.now;
    let mut sentences = Vec::new();
    sentences.push(match &evidence.registration {
        Some(registration) => {
            let load = registration
                .load
                .as_deref()
                .map_or_else(String::new, |load| format!(", load {}", clean(load)));
            let call = if registration.in_call {
                ", in a call"
            } else {
                ""
            };
            format!(
                "Registered over {} from {} ({}{load}{call}).",
                registration.protocol,
                address(registration.peer),
                lasting(now, registration.since),
            )
        }
        None => "Not registered.".to_owned(),
    });
    sentences.push(held(evidence));
    sentences.extend(delivery(evidence));
    sentences.join(" ")
}

fn held(evidence: &Evidence) -> String {
    let nothing = "What it holds is not known.".to_owned();
    let Some(held) = &evidence.held else {
        return nothing;
    };
    let part = |name: &str, stamp: Option<_>| match stamp {
        Some(stamp) => format!("{name} {}", short(stamp)),
        None => format!("an unknown {name}"),
    };
    let mut parts = vec![part("file", held.file)];
    let mut known = held.file.is_some();
    if protocol(evidence) == Protocol::Sccp {
        parts.push(part("station", held.station));
        known |= held.station.is_some();
    }
    if !known {
        return nothing;
    }
    format!(
        "It holds {}, seen {}.",
        parts.join(" and "),
        ago(evidence.now, held.seen)
    )
}

fn delivery(evidence: &Evidence) -> Option<String> {
    let delivery = evidence.last_delivery?;
    let to = delivery.peer.to_canonical();
    let elsewhere = evidence
        .registration
        .as_ref()
        .is_some_and(|registration| address(registration.peer) != to);
    let remark = if elsewhere {
        ", which is not where it is registered from"
    } else {
        ""
    };
    Some(format!(
        "Its file {} went out {} to {to}{remark}.",
        short(delivery.file),
        ago(evidence.now, delivery.at)
    ))
}

pub(super) fn should_hold(evidence: &Evidence) -> String {
    let Some(phone) = &evidence.phone else {
        return "Nothing: it is not configured.".to_owned();
    };
    let Some(wanted) = &evidence.wanted else {
        return format!(
            "Nothing can be said: the catalogue has no model {}.",
            phone.served_model()
        );
    };
    let title = evidence
        .model_title
        .clone()
        .unwrap_or_else(|| phone.served_model().to_string());
    let mut text = format!("{title} over {}, {}", wanted.protocol, who(evidence));
    match &evidence.session {
        Some(session) => {
            add(
                &mut text,
                format_args!(" (since {}", ago(evidence.now, session.since)),
            );
            if let Some(expires) = session.expires {
                add(
                    &mut text,
                    format_args!(", until {}", end(evidence, expires)),
                );
            }
            text += ")";
        }
        None if !phone.extension_mobility => text += " (nobody may sign in here)",
        None => {}
    }
    add(
        &mut text,
        format_args!(": {}; file {}", keys(wanted), short(wanted.stamps.file)),
    );
    if wanted.protocol == Protocol::Sccp {
        add(
            &mut text,
            format_args!(", station {}", short(wanted.stamps.station)),
        );
    }
    text += ".";
    text += &surprises(evidence, wanted);
    text
}

fn end(evidence: &Evidence, expires: crate::model::Timestamp) -> String {
    match ahead(evidence.now, expires).strip_prefix("in ") {
        Some(span) => format!("{span} from now"),
        None => "now".to_owned(),
    }
}

fn keys(wanted: &Wanted) -> String {
    let mut numbers = Vec::new();
    let mut dials = 0;
    for button in wanted.buttons() {
        match &button.kind {
            ButtonKind::Line { number, label, .. } => numbers.push(match number {
                Some(number) => number.to_string(),
                None => format!("\"{}\" (not diallable)", clean(label)),
            }),
            ButtonKind::SpeedDial { .. } => dials += 1,
        }
    }
    let noun = if numbers.len() == 1 { "line" } else { "lines" };
    let more = match numbers.len().saturating_sub(NUMBERS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    numbers.truncate(NUMBERS);
    let mut text = format!("{noun} {}{more}", numbers.join(", "));
    if dials > 0 {
        add(&mut text, format_args!(", {}", count(dials, "speed dial")));
    }
    text
}

/// What an operator may not expect.
fn surprises(evidence: &Evidence, wanted: &Wanted) -> String {
    let mut text = String::new();
    let remarks = wanted.remarks();
    for remark in remarks.iter().take(REMARKS) {
        let (first, rest) = remark.split_at(remark.chars().next().map_or(0, char::len_utf8));
        let first = first.to_uppercase();
        add(&mut text, format_args!(" {first}{}.", clean(rest)));
    }
    if let more @ 1.. = remarks.len().saturating_sub(REMARKS) {
        add(&mut text, format_args!(" And {more} more."));
    }
    if !wanted.emergency.is_empty() {
        add(
            &mut text,
            format_args!(
                " {} without a key of its own: see the Services page.",
                count(wanted.emergency.len() as u64, "emergency number")
            ),
        );
    }
    let Some(phone) = &evidence.phone else {
        return text;
    };
    if phone
        .protocol
        .is_some_and(|configured| configured != wanted.protocol)
    {
        add(
            &mut text,
            format_args!(
                " It is configured otherwise, but it showed that it speaks {}.",
                wanted.protocol
            ),
        );
    }
    if *phone.served_model() != phone.model {
        add(
            &mut text,
            format_args!(
                " It is configured as a {}, but it showed that it is a {}.",
                phone.model,
                phone.served_model()
            ),
        );
    }
    text
}
