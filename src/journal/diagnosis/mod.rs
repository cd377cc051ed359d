//! Why a phone is as it is, in plain words: what it holds, what it should
//! hold, and what Embody waits for.
//!
//! Pure over an [`Evidence`]: whoever asks gathers it, nothing here looks
//! anywhere else, and nothing here decides what is done.

mod absent;
mod clues;
mod judge;
mod portrait;
mod present;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{Catalogue, DeviceName, Held, Pending, Phone, Timestamp, UserId, Wanted, World};
use crate::ports::{Delivery, Event, Registration};

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
}

impl Evidence {
    /// What is stored about a phone. What is live, and what happened
    /// (`registration`, `timeline`, `last_delivery`), the caller fills in.
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
        Self {
            now,
            device: device.clone(),
            model_title: phone
                .as_ref()
                .and_then(|phone| catalogue.model(phone.served_model()))
                .map(|model| model.title.clone()),
            wanted: id.and_then(|id| world.wanted(catalogue, id)),
            held: id.and_then(|id| world.held.get(&id).cloned()),
            pending: id.and_then(|id| world.pending.get(&id).cloned()),
            session,
            phone,
            registration: None,
            timeline: Vec::new(),
            last_delivery: None,
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
}

/// Says why a phone is as it is.
pub fn diagnose(evidence: &Evidence) -> Diagnosis {
    let finding = judge::judge(evidence);
    Diagnosis {
        verdict: finding.verdict,
        summary: finding.summary,
        holds: portrait::holds(evidence),
        should_hold: portrait::should_hold(evidence),
        waits_for: finding.waits_for,
        what_to_do: finding.what_to_do,
    }
}
