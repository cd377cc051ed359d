//! The phone is not registered: what it tried last, and what it will find.

use super::clues::{FileAnswered, LastTried, last_heard, last_tried};
use super::finding::{Gravity, Rule};
use super::judge::{Case, file, look_alikes, overdue};
use super::portrait::protocol;
use super::rules::BOOT;
use super::{Evidence, Verdict};
use crate::journal::words::{add, address, ago, clean, verb};
use crate::model::{Pending, Progress, Timestamp};

/// It is not there.
pub(super) fn not_registered(evidence: &Evidence, row: Option<&Pending>) -> Case {
    let mut finding = match last_tried(&evidence.timeline, &evidence.device) {
        Some((
            LastTried::Refused {
                protocol,
                peer,
                why,
            },
            at,
        )) => Case::new(
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
) -> Case {
    let device = &evidence.device;
    let when = ago(evidence.now, at);
    match answered {
        FileAnswered::Sent(stamp) if evidence.now.since(at) < BOOT => Case::new(
            Verdict::Away,
            format!("{device} took its {} {when} and is starting", file(stamp)),
            "Its registration, any moment now.",
        ),
        FileAnswered::Sent(stamp) => Case::new(
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
        ))
        .trap(
            Rule::TookFileNeverRegistered,
            Gravity::Stops,
            "The file reached it and nothing came after: it does not reach the port that the file \
             names, does not like the file, or its load speaks another protocol.",
        ),
        FileAnswered::Denied(outcome) => Case::new(
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
        FileAnswered::Busy => Case::new(
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

fn away(evidence: &Evidence) -> Case {
    let device = &evidence.device;
    let events = last_heard(&evidence.timeline);
    let heard = [
        events.map(|(at, _)| at),
        evidence.held.as_ref().map(|held| held.seen),
        evidence.last_delivery.map(|delivery| delivery.at),
        evidence.trail.heard(),
    ];
    let Some(heard) = heard.into_iter().flatten().max() else {
        return Case::new(
            Verdict::Away,
            format!("{device} is configured, but nothing was ever heard of it"),
            "Its first boot: it then takes what it should hold.",
        )
        .advise(format!(
            "Check its name (the MAC address on its label), power and network, and that DHCP \
             option 150 or 66 names Embody.{}",
            look_alikes(evidence)
        ))
        .trap(
            Rule::NeverHeard,
            Gravity::Stops,
            "It never asked Embody for anything: it has no power or network, no address, or DHCP \
             names another TFTP server.",
        );
    };
    let why = events
        .and_then(|(_, why)| why)
        .map_or_else(String::new, |why| format!(" ({})", clean(why)));
    Case::new(
        Verdict::Away,
        format!(
            "{device} is not registered; it was heard of last {}{why}",
            ago(evidence.now, heard)
        ),
        "The phone to boot: it then takes what it should hold by itself.",
    )
    .advise("If it should be there: check its power and network.")
}
