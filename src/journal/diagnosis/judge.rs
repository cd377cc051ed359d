//! The cases, from the one that explains most to the one that explains least.

use super::absent::not_registered;
use super::clues::contested;
use super::finding::{Finding, Gravity, Rule};
use super::present::{at_rest, on_its_way};
use super::{Evidence, Verdict};
use crate::journal::words::{address, ago, clean, short, span};
use crate::model::{DeviceName, Pending, Progress, Stamp, Timestamp};
use crate::ports::{EventKind, Registration, TurnedAway};

/// What the case says; the rest of a diagnosis is the same for all cases.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) verdict: Verdict,
    pub(super) summary: String,
    pub(super) waits_for: String,
    pub(super) what_to_do: Option<String>,
    /// The trap that the case is, and what it means.
    pub(super) trap: Option<(Rule, Gravity, &'static str)>,
}

impl Case {
    pub(super) fn new(verdict: Verdict, summary: String, waits_for: &str) -> Self {
        Self {
            verdict,
            summary,
            waits_for: waits_for.to_owned(),
            what_to_do: None,
            trap: None,
        }
    }

    /// The case is a trap.
    pub(super) fn trap(mut self, rule: Rule, gravity: Gravity, means: &'static str) -> Self {
        self.trap = Some((rule, gravity, means));
        self
    }

    /// The case as one of the findings.
    pub(super) fn finding(&self) -> Option<Finding> {
        let (rule, gravity, means) = self.trap?;
        let remedy = self.what_to_do.as_deref().unwrap_or("Nothing.");
        Some(Finding::new((rule, gravity), &*self.summary, means, remedy))
    }

    pub(super) fn advise(mut self, what_to_do: impl Into<String>) -> Self {
        self.what_to_do = Some(what_to_do.into());
        self
    }
}

/// Finds the case.
pub(super) fn judge(evidence: &Evidence) -> Case {
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

fn not_configured(evidence: &Evidence) -> Case {
    let device = &evidence.device;
    if let Some(case) = turned_away(evidence) {
        return case;
    }
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
        Some(heard) => Case::new(
            Verdict::Unknown,
            format!("{device} is not configured; {heard}."),
            "Someone to configure it.",
        )
        .advise(format!(
            "Add a [[phone]] block for it: `embody status` shows one to paste once it tried to \
             register.{}",
            look_alikes(evidence)
        ))
        .trap(
            Rule::NotConfigured,
            Gravity::Stops,
            "Phones that nobody configured are told so, and ask again for ever.",
        ),
        None => Case::new(
            Verdict::Unknown,
            format!("{device} is not configured, and nothing was heard of it."),
            "Nothing.",
        )
        .advise(format!(
            "Check the name: SEP and the twelve digits of the MAC address on its label.{}",
            look_alikes(evidence)
        ))
        .trap(
            Rule::NotConfigured,
            Gravity::Stops,
            "There is no such phone here.",
        ),
    }
}

/// It may not register by itself, though phones may.
fn turned_away(evidence: &Evidence) -> Option<Case> {
    let device = &evidence.device;
    let (why, heard) = evidence.timeline.iter().rev().find_map(|event| {
        let EventKind::UnknownPhone {
            protocol,
            peer,
            type_id,
            turned_away,
            ..
        } = &event.kind
        else {
            return None;
        };
        let (from, ago) = (address(*peer), ago(evidence.now, event.at));
        let kind = type_id.map_or_else(String::new, |id| format!(" as type {id}"));
        let heard = format!("it tried to register over {protocol}{kind} from {from} {ago}");
        Some((*turned_away, heard))
    })?;
    let why = why?;
    let remedy = match why {
        TurnedAway::NotConfigured => return None,
        TurnedAway::Refused => {
            format!("If it may come after all: `embody approve {device}`, then restart it.")
        }
        TurnedAway::ModelUnknown => "Add its model to catalogue.toml (phone-configs/README.md \
             tells how), or configure it as a model that is much the same."
            .to_owned(),
        TurnedAway::NoNumber => "Make ending_directory_number of [parameters.auto_registration] \
             larger, or approve with other numbers, refuse or forget who waits: `embody waiting`. \
             Where that is done: it comes again by itself."
            .to_owned(),
        TurnedAway::TooMany => "Wait: it comes again by itself, and 24 phones of one address are \
             let in at once, then one in 10 s. If nobody plugs phones in: somebody makes names up."
            .to_owned(),
        TurnedAway::NotBootedHere => "Restart it, so that it asks for its file. Over UDP anybody \
             can write any address."
            .to_owned(),
        TurnedAway::Busy => "See the log for what the database says.".to_owned(),
    };
    let case = Case::new(
        Verdict::Unknown,
        format!(
            "{device} is not configured and was turned away: {}; {heard}.",
            why.why()
        ),
        "The phone to try again.",
    );
    Some(case.advise(remedy).trap(
        Rule::TurnedAway,
        Gravity::Stops,
        "Phones register by themselves here, and this one could not.",
    ))
}

fn two_phones(evidence: &Evidence) -> Option<Case> {
    let (holder, other, at) = contested(evidence)?;
    let device = &evidence.device;
    Some(
        Case::new(
            Verdict::Contested,
            format!(
                "{device} is claimed by two phones: the one at {} stays registered, the one at \
                 {other} was refused {}.",
                holder,
                ago(evidence.now, at)
            ),
            "One of the two to stop.",
        )
        .advise(format!(
            "Look at {other}: a phone or soft phone there has the same device name."
        ))
        .trap(
            Rule::NameContested,
            Gravity::Stops,
            "Two phones, or a phone and a soft phone, have one device name.",
        ),
    )
}

fn no_model(evidence: &Evidence, model: &str) -> Case {
    Case::new(
        Verdict::Unknown,
        format!(
            "{} is configured as model {model}, which the catalogue does not know, so no file \
             can be made for it.",
            evidence.device
        ),
        "A model that it knows.",
    )
    .advise("Correct `model` in its [[phone]] block, or add the model to the catalogue.")
    .trap(
        Rule::ModelUnknown,
        Gravity::Stops,
        "Without its model neither the form of its file nor its keys are known.",
    )
}

fn configured_elsewhere(evidence: &Evidence, registration: &Registration) -> Case {
    Case::new(
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
    .trap(
        Rule::ConfiguredElsewhere,
        Gravity::Stops,
        "What is wanted of it here does not reach it, and no login shows on it.",
    )
}

fn refused(evidence: &Evidence, row: &Pending, at: Timestamp, why: &str) -> Case {
    let device = &evidence.device;
    let gone = match evidence.registration {
        Some(_) => "",
        None => ", and is not registered",
    };
    Case::new(
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
    .trap(
        Rule::RestartNotObeyed,
        Gravity::Stops,
        "It restarted and took another file than ours, or its load does not read its file at a \
         restart.",
    )
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

/// Phones whose names differ from this one's by a slip of the finger.
pub(super) fn look_alikes(evidence: &Evidence) -> String {
    let names: Vec<&str> = evidence
        .look_alikes
        .iter()
        .map(DeviceName::as_str)
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        " It may be written wrong: {} has nearly the same name.",
        names.join(" or ")
    )
}
