//! When the next order of a row may leave, pure.

use std::time::Duration;

use super::steps::next_order;
use crate::model::{Pending, Progress, Protocol, Timestamp};

/// After this long without a sign that the phone took an order, it is sent
/// again: SCCP phones unregister within two seconds, SIP phones answer at once.
const UNACCEPTED: Duration = Duration::from_secs(20);

/// By then every protocol has noticed that a silent phone is gone: SIP by the
/// expiry of its registration, SCCP by three missed keepalives.
const GONE: Duration = Duration::from_secs(150);

/// How long after its page has left a phone may be told to restart.
const AFTER_PAGE: Duration = Duration::from_secs(1);

/// A registered phone, as far as orders go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reachable {
    pub(super) protocol: Protocol,
    pub(super) in_call: bool,
    /// When it was last heard of.
    pub(super) heard: Timestamp,
    /// When it last ended a call.
    pub(super) idle_since: Option<Timestamp>,
    /// When the last page left for it.
    pub(super) page_left: Option<Timestamp>,
    /// The last order that left for this very registration, for whatever row.
    pub(super) out: Option<Out>,
    /// How long its family is given to obey an order that it accepted.
    pub(super) pause: Duration,
}

/// An order that left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Out {
    pub(super) at: Timestamp,
    pub(super) accepted: bool,
}

/// When the row's next order may leave, if its phone stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// At this time.
    At(Timestamp),
    /// At this time it is to be given up: three orders did not help.
    GiveUpAt(Timestamp),
    /// Not while the phone stays as it is.
    Never,
}

/// When something is to be done for `row`.
pub(super) fn due(row: &Pending, phone: &Reachable) -> Due {
    if next_order(row, phone.protocol).is_none() {
        return Due::Never;
    }
    // A SIP phone defers a restart itself; an SCCP phone is waited for. A
    // reset that follows a restart waits for an idle phone on both.
    let waits = phone.protocol == Protocol::Sccp || row.second_step;
    if phone.in_call && waits {
        return Due::Never;
    }
    let last = row.attempts >= Pending::MAX_ATTEMPTS;
    let idle_after = |at: Timestamp| phone.idle_since.map_or(at, |idle| idle.max(at));
    let at = match row.progress {
        // It accepted an order for an earlier row, and obeys when its call ends.
        Progress::Waiting if phone.in_call && phone.out.is_some_and(|out| out.accepted) => {
            return Due::Never;
        }
        // An order for an earlier row is on its way: the phone will come back
        // with what is wanted now, and has no use for a second one.
        Progress::Waiting => {
            let soonest = not_before(row, phone.page_left);
            phone.out.map_or(soonest, |out| {
                soonest.max(idle_after(out.at).plus(UNACCEPTED))
            })
        }
        // It accepted, and obeys when its call ends.
        Progress::Ordered { accepted: true, .. } if phone.in_call => return Due::Never,
        Progress::Ordered { at, accepted: true } => {
            idle_after(at).plus(phone.pause).max(row.not_before)
        }
        // The last order is kept for a phone that shows a sign of life: one
        // that lost its power is registered for a while yet.
        Progress::Ordered {
            at,
            accepted: false,
        } if row.attempts + 1 == Pending::MAX_ATTEMPTS && phone.heard <= at => at.plus(GONE),
        Progress::Ordered {
            at,
            accepted: false,
        } => idle_after(at).plus(UNACCEPTED),
        Progress::Refuses { .. } => return Due::Never,
    };
    if last { Due::GiveUpAt(at) } else { Due::At(at) }
}

/// When the first order of `row` may leave: its `not_before`, or soon after
/// the page that answered the phone's own request has left. A page that left
/// before the change was another one.
fn not_before(row: &Pending, page_left: Option<Timestamp>) -> Timestamp {
    page_left
        .filter(|left| *left >= row.since)
        .map_or(row.not_before, |left| {
            left.plus(AFTER_PAGE).min(row.not_before)
        })
}
