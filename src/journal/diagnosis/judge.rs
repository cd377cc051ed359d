//! The cases, from the one that explains most to the one that explains least.

use super::absent::not_registered;
use super::clues::contested;
use super::present::{at_rest, on_its_way};
use super::{Evidence, Verdict};
use crate::journal::words::{address, ago, clean, short, span};
use crate::model::{Pending, Progress, Stamp, Timestamp};
use crate::ports::{EventKind, Registration};

/// What the case says; the rest of a diagnosis is the same for all cases.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    pub(super) summary: String,
    pub(super) waits_for: String,
    pub(super) what_to_do: Option<String>,
}

impl Finding {
    pub(super) fn new(verdict: Verdict, summary: String, waits_for: &str) -> Self {
        Self {
            verdict,
            summary,
            waits_for: waits_for.to_owned(),
            what_to_do: None,
        }
    }

    pub(super) fn advise(mut self, what_to_do: impl Into<String>) -> Self {
        self.what_to_do = Some(what_to_do.into());
        self
    }
}

/// Finds the case.
pub(super) fn judge(evidence: &Evidence) -> Finding {
    let Some(phone) = &evidence.phone else {
        return not_configured(evidence);
    };
    if let Some(finding) = two_phones(evidence) {
        return finding;
    }
    let Some(wanted) = &evidence.wanted else {
        return no_model(evidence, phone.served_model().as_str());
    };
    if let Some(registration) = &evidence.registration
        && registration.configured_elsewhere
    {
        return configured_elsewhere(evidence, registration);
    }
    if let Some(row) = &evidence.pending
        && let Progress::Refuses { at, why, .. } = &row.progress
    {
        return refused(evidence, row, *at, why);
    }
    match (&evidence.registration, &evidence.pending) {
        (Some(registration), Some(row)) => on_its_way(evidence, wanted, registration, row),
        (Some(registration), None) => at_rest(evidence, wanted, registration),
        (None, row) => not_registered(evidence, row.as_ref()),
    }
}

fn not_configured(evidence: &Evidence) -> Finding {
    let device = &evidence.device;
    let heard = evidence.timeline.iter().rev().find_map(|event| {
        let ago = ago(evidence.now, event.at);
        match &event.kind {
            EventKind::UnknownPhone { protocol, peer, .. } => Some(format!(
                "it tried to register over {protocol} from {} {ago}",
                address(*peer)
            )),
            EventKind::File { name, peer, .. } => Some(format!(
                "it asked for {} from {} {ago}",
                clean(name),
                address(*peer)
            )),
            _ => None,
        }
    });
    match heard {
        Some(heard) => Finding::new(
            Verdict::Unknown,
            format!("{device} is not configured; {heard}."),
            "Someone to configure it.",
        )
        .advise("Add a [[phone]] block for it: `embody status` shows one to paste."),
        None => Finding::new(
            Verdict::Unknown,
            format!("{device} is not configured, and nothing was heard of it."),
            "Nothing.",
        )
        .advise("Check the name: SEP and the twelve digits of the MAC address on its label."),
    }
}

fn two_phones(evidence: &Evidence) -> Option<Finding> {
    let (holder, other, at) = contested(&evidence.timeline, evidence.now)?;
    let (device, other) = (&evidence.device, address(other));
    Some(
        Finding::new(
            Verdict::Contested,
            format!(
                "{device} is claimed by two phones: the one at {} stays registered, the one at \
                 {other} was refused {}.",
                address(holder),
                ago(evidence.now, at)
            ),
            "One of the two to stop.",
        )
        .advise(format!(
            "Look at {other}: a phone or soft phone there has the same device name."
        )),
    )
}

fn no_model(evidence: &Evidence, model: &str) -> Finding {
    Finding::new(
        Verdict::Unknown,
        format!(
            "{} is configured as model {model}, which the catalogue does not know, so no file \
             can be made for it.",
            evidence.device
        ),
        "A model that it knows.",
    )
    .advise("Correct `model` in its [[phone]] block, or add the model to the catalogue.")
}

fn configured_elsewhere(evidence: &Evidence, registration: &Registration) -> Finding {
    Finding::new(
        Verdict::ConfiguredElsewhere,
        format!(
            "{} is registered ({}), but with lines that are not from Embody's file.",
            evidence.device,
            whence(registration)
        ),
        "A registration with lines from its own file.",
    )
    .advise(
        "It got its file from another server, or is configured by hand: let DHCP option 150 name \
         Embody alone, erase the configuration on the phone, and restart it there.",
    )
}

fn refused(evidence: &Evidence, row: &Pending, at: Timestamp, why: &str) -> Finding {
    let device = &evidence.device;
    let gone = match evidence.registration {
        Some(_) => "",
        None => ", and is not registered",
    };
    Finding::new(
        Verdict::Refuses,
        format!(
            "{device} did not take the change ({}){gone}: {}, {}. Embody leaves it alone.",
            row.cause,
            clean(why),
            ago(evidence.now, at)
        ),
        "Another change, an operator's command, or a boot of its own.",
    )
    .advise(format!(
        "Try `embody reset {device}`. If it comes back unchanged, see which file it asks for, and \
         from which server."
    ))
}

pub(super) fn overdue(evidence: &Evidence, row: &Pending) -> String {
    format!(
        "That is overdue: the change is {} old.",
        span(evidence.now.since(row.since))
    )
}

pub(super) fn whence(registration: &Registration) -> String {
    format!("{}, {}", registration.protocol, address(registration.peer))
}

pub(super) fn file(stamp: Option<Stamp>) -> String {
    stamp.map_or_else(
        || "file".to_owned(),
        |stamp| format!("file {}", short(stamp)),
    )
}
