//! Why a phone is as it is, in plain words: what it holds, what it should
//! hold, and what Embody waits for.
//!
//! Two looks at the same: `judge` finds the one case that the phone is in,
//! `rules` find every trap that it shows, a [`Finding`] each, of which several
//! may stand at once.
//!
//! Pure over an [`Evidence`]: whoever asks gathers it, nothing here looks
//! anywhere else, and nothing here decides what is done.

mod absent;
mod clues;
mod finding;
mod judge;
mod keys;
mod portrait;
mod present;
mod rules;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use rules::{RECENT, Scene};

use super::trail::Trail;
use crate::model::{Catalogue, DeviceName, Held, Pending, Phone, Timestamp, UserId, Wanted, World};
use crate::ports::{Delivery, Event, Registration};

pub use finding::{Finding, Gravity, Rule};

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
}

/// All that is known of one phone at one moment.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The moment.
    pub now: Timestamp,
    /// The phone that was asked about.
    pub device: DeviceName,
    /// As configured; `None`: it is not.
    pub phone: Option<Arc<Phone>>,
    /// Cisco's name of the model it is served as; `None`: not in the catalogue.
    pub model_title: Option<String>,
    /// What it should hold; `None` when that cannot be said.
    pub wanted: Option<Wanted>,
    /// What it holds, as far as known.
    pub held: Option<Held>,
    /// What is still to be done about it.
    pub pending: Option<Pending>,
    /// Who is signed in.
    pub session: Option<SignedIn>,
    /// Its registration.
    pub registration: Option<Registration>,
    /// Its last events, oldest first.
    pub timeline: Vec<Event>,
    /// Where its own file went last.
    pub last_delivery: Option<Delivery>,
    /// What was counted of it.
    pub trail: Trail,
    /// What every phone is told as our address, where that is configured.
    pub advertised: Option<IpAddr>,
    /// Since when this daemon runs.
    pub up_since: Timestamp,
    /// Names that differ from this one's by a slip of the finger: of phones
    /// that nobody configured, or, where this one is not, of those that are
    /// configured and were never heard of.
    pub look_alikes: Vec<DeviceName>,
}

impl Evidence {
    /// What is stored about a phone. What is live, and what happened
    /// (`registration` and all below it), the caller fills in.
    pub fn stored(
        world: &World,
        catalogue: &Catalogue,
        device: &DeviceName,
        now: Timestamp,
    ) -> Self {
        let phone = world.phone(device).cloned();
        let id = phone.as_ref().map(|phone| phone.id);
        let session = id
            .and_then(|id| world.sessions.get(&id))
            .and_then(|session| {
                Some(SignedIn {
                    user: world.users.get(&session.user)?.user_id.clone(),
                    since: session.since,
                    expires: session.expires,
                })
            });
        let model = phone
            .as_ref()
            .and_then(|phone| catalogue.model(phone.served_model()));
        let wanted = id.and_then(|id| world.wanted(catalogue, id));
        Self {
            now,
            device: device.clone(),
            model_title: model.map(|model| model.title.clone()),
            wanted,
            held: id.and_then(|id| world.held.get(&id).cloned()),
            pending: id.and_then(|id| world.pending.get(&id).cloned()),
            session,
            phone,
            registration: None,
            timeline: Vec::new(),
            last_delivery: None,
            trail: Trail::default(),
            advertised: None,
            up_since: now,
            look_alikes: Vec::new(),
        }
    }
}

/// What a diagnosis comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Registered, and it shows what it should.
    Right,
    /// A change is on its way.
    Waiting,
    /// A change is on its way for longer than it should be.
    Overdue,
    /// It does not take the change; it is left alone.
    Refuses,
    /// It holds what an earlier template, load or version of Embody made; it
    /// takes the new at its next boot.
    Stale,
    /// It is not registered.
    Away,
    /// Nothing certain can be said: not configured, or it does not show what
    /// it holds.
    Unknown,
    /// It registers with lines that are not from our file.
    ConfiguredElsewhere,
    /// Two phones claim its name.
    Contested,
    /// It is registered, and something goes wrong again and again.
    Troubled,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Right => "right",
            Self::Waiting => "waiting",
            Self::Overdue => "overdue",
            Self::Refuses => "refuses",
            Self::Stale => "stale",
            Self::Away => "away",
            Self::Unknown => "unknown",
            Self::ConfiguredElsewhere => "configured elsewhere",
            Self::Contested => "contested",
            Self::Troubled => "troubled",
        })
    }
}

/// The answer to *why is this phone not right yet?*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// What it comes to.
    pub verdict: Verdict,
    /// The answer in one sentence.
    pub summary: String,
    /// What the phone holds.
    pub holds: String,
    /// What it should hold.
    pub should_hold: String,
    /// What Embody waits for.
    pub waits_for: String,
    /// What the operator can do, where there is something.
    pub what_to_do: Option<String>,
    /// The traps that it is in, the gravest first.
    pub findings: Vec<Finding>,
}

/// Says why a phone is as it is.
pub fn diagnose(evidence: &Evidence) -> Diagnosis {
    let case = judge::judge(evidence);
    let mut findings = rules::find(&Scene::of(evidence));
    findings.extend(case.finding());
    Finding::sort(&mut findings);
    let trouble = findings
        .iter()
        .any(|finding| finding.gravity != Gravity::Hint);
    let verdict = match case.verdict {
        Verdict::Right | Verdict::Waiting | Verdict::Stale if trouble => {
            match evidence.registration {
                Some(_) => Verdict::Troubled,
                None => case.verdict,
            }
        }
        verdict => verdict,
    };
    // Where a trap explains why it is away, the general advice would mislead.
    let gravest = findings
        .first()
        .filter(|finding| finding.gravity == Gravity::Stops && case.verdict == Verdict::Away);
    Diagnosis {
        verdict,
        what_to_do: gravest
            .map(|finding| finding.remedy.clone())
            .or(case.what_to_do),
        summary: case.summary,
        holds: portrait::holds(evidence),
        should_hold: portrait::should_hold(evidence),
        waits_for: case.waits_for,
        findings,
    }
}

/// What can be said of an address that did something of late and named no phone.
pub fn diagnose_stranger(address: IpAddr, trail: &Trail, now: Timestamp) -> Vec<Finding> {
    // A phone in trouble tries again: what fell silent is gone, or has a name.
    if trail.heard().is_none_or(|at| now.since(at) >= RECENT) {
        return Vec::new();
    }
    let mut findings = rules::find(&Scene::at(address, trail, now));
    Finding::sort(&mut findings);
    findings
}
