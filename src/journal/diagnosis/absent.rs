//! The phone is not registered: what it tried last, and what it will find.

use std::time::Duration;

use super::clues::{FileAnswered, LastTried, last_heard, last_tried};
use super::judge::{Finding, file, overdue};
use super::portrait::protocol;
use super::{Evidence, Verdict};
use crate::journal::words::{add, address, ago, clean, verb};
use crate::model::{Pending, Progress, Timestamp};

/// From the last byte of its file to its registration a phone needs seconds;
/// after so long something is in its way.
const BOOT: Duration = Duration::from_secs(60);

/// It is not there.
pub(super) fn not_registered(evidence: &Evidence, row: Option<&Pending>) -> Finding {
    let mut finding = match last_tried(&evidence.timeline, &evidence.device) {
        Some((
            LastTried::Refused {
                protocol,
                peer,
                why,
            },
            at,
        )) => Finding::new(
            Verdict::Away,
            format!(
                "{} is not registered: its registration over {protocol} from {} was refused {}: {}",
                evidence.device,
                address(peer),
                ago(evidence.now, at),
                clean(why)
            ),
            "A registration that can be accepted.",
        )
        .advise("The reason says what does not fit: correct the phone or its [[phone]] block."),
        Some((LastTried::File { name, answered }, at)) => {
            asked_for_its_file(evidence, name, answered, at)
        }
        None => away(evidence),
    };
    let order = row.and_then(|row| row.plan.order(row.second_step));
    if let (Some(row), Some(order)) = (row, order) {
        match row.progress {
            Progress::Ordered { at, .. } => {
                finding.verdict = Verdict::Waiting;
                add(
                    &mut finding.summary,
                    format_args!(
                        "; it was told to {} {} because {}",
                        verb(order),
                        ago(evidence.now, at),
                        row.cause
                    ),
                );
            }
            Progress::Waiting | Progress::Refuses { .. } => {
                add(
                    &mut finding.summary,
                    format_args!("; it takes the change ({}) at its next boot", row.cause),
                );
            }
        }
    }
    finding.summary.push('.');
    if let Some(row) = row.filter(|row| evidence.now > row.deadline)
        && finding.verdict == Verdict::Waiting
    {
        finding.verdict = Verdict::Overdue;
        add(
            &mut finding.summary,
            format_args!(" {}", overdue(evidence, row)),
        );
    }
    finding
}

fn asked_for_its_file(
    evidence: &Evidence,
    name: &str,
    answered: FileAnswered<'_>,
    at: Timestamp,
) -> Finding {
    let device = &evidence.device;
    let when = ago(evidence.now, at);
    match answered {
        FileAnswered::Sent(stamp) if evidence.now.since(at) < BOOT => Finding::new(
            Verdict::Away,
            format!("{device} took its {} {when} and is starting", file(stamp)),
            "Its registration, any moment now.",
        ),
        FileAnswered::Sent(stamp) => Finding::new(
            Verdict::Away,
            format!(
                "{device} took its {} {when}, but has not registered since",
                file(stamp)
            ),
            "Its registration.",
        )
        .advise(format!(
            "Its file names Embody's {0} port: check that the phone reaches it (firewall, VLAN, \
             `advertised_address`), and that its load speaks {0}.",
            protocol(evidence)
        )),
        FileAnswered::Denied(outcome) => Finding::new(
            Verdict::Away,
            format!(
                "{device} is not registered: it asked for {} {when}, and the answer was: {}",
                clean(name),
                clean(outcome)
            ),
            "The phone to ask again.",
        )
        .advise(
            "Run `embody check`: the file of this phone cannot be made for the protocol it asks \
             for, or is not given to that address.",
        ),
        FileAnswered::Busy => Finding::new(
            Verdict::Away,
            format!(
                "{device} is not registered: it asked for {} {when}, when Embody was busy or \
                 starting",
                clean(name)
            ),
            "The phone to ask again; it does so by itself.",
        ),
    }
}

fn away(evidence: &Evidence) -> Finding {
    let device = &evidence.device;
    let events = last_heard(&evidence.timeline);
    let heard = [
        events.map(|(at, _)| at),
        evidence.held.as_ref().map(|held| held.seen),
        evidence.last_delivery.map(|delivery| delivery.at),
    ];
    let Some(heard) = heard.into_iter().flatten().max() else {
        return Finding::new(
            Verdict::Away,
            format!("{device} is configured, but nothing was ever heard of it"),
            "Its first boot: it then takes what it should hold.",
        )
        .advise(
            "Check its name (the MAC address on its label), power and network, and that DHCP \
             option 150 or 66 names Embody.",
        );
    };
    let why = events
        .and_then(|(_, why)| why)
        .map_or_else(String::new, |why| format!(" ({})", clean(why)));
    Finding::new(
        Verdict::Away,
        format!(
            "{device} is not registered; it was heard of last {}{why}",
            ago(evidence.now, heard)
        ),
        "The phone to boot: it then takes what it should hold by itself.",
    )
    .advise("If it should be there: check its power and network.")
}
