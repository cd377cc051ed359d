//! When a session ends by itself next, and by which rule.

use serde::Serialize;

use super::{idle, time_of_day};
use crate::model::{EndReason, ObjectId, Session, Timestamp, World};
use crate::ports::Presence;

/// The end of a session that comes by itself, if nobody touches anything until
/// then. A call puts it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NextEnd {
    /// When.
    pub at: Timestamp,
    /// By which rule.
    pub why: EndReason,
}

/// What is known of a session beside what is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// When it began, by the wall clock as it is set now.
    pub(super) began: Timestamp,
    /// When its time is up, by the same.
    pub(super) expires: Option<Timestamp>,
    /// Since when its phone is not used; `None`: nobody can tell, or it is
    /// being used.
    pub(super) unused_since: Option<Timestamp>,
}

/// The first end of a session.
pub(super) fn first_end(world: &World, session: &Session, known: &Known) -> Option<NextEnd> {
    let because = |why| move |at| NextEnd { at, why };
    let by_length = known.expires.map(because(EndReason::Expired));
    let by_day = day_end(world, session, known.began).map(because(EndReason::TimeOfDay));
    let by_idleness = known
        .unused_since
        .and_then(|since| Some(since.plus(idle::limit(world, session)?)))
        .map(because(EndReason::Idle));
    [by_length, by_day, by_idleness]
        .into_iter()
        .flatten()
        .min_by_key(|end| end.at)
}

fn day_end(world: &World, session: &Session, began: Timestamp) -> Option<Timestamp> {
    let schedule = world.logout_schedule.as_ref()?;
    if schedule.times.is_empty() {
        return None;
    }
    let phone = world.phones.get(&session.phone)?;
    let zone = time_of_day::zone_of(world, &phone.device_pool);
    time_of_day::first_after(&zone, &schedule.times, began.max(schedule.since))
}

/// When the session on a phone ends by itself, as far as can be told: the idle
/// limit counts while the phone is known to be unused.
pub fn next_end(world: &World, presence: &dyn Presence, phone: ObjectId) -> Option<NextEnd> {
    let session = world.sessions.get(&phone)?;
    let device = &world.phones.get(&phone)?.name;
    let in_call = presence
        .registration(device)
        .is_some_and(|there| there.in_call);
    let known = Known {
        began: session.since,
        expires: session.expires,
        unused_since: presence
            .last_use(device)
            .filter(|_| !in_call)
            .map(|used| used.max(session.since)),
    };
    first_end(world, session, &known)
}
