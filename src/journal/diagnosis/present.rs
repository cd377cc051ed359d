//! The phone is registered: at rest, or with a change on its way.

use super::clues::{FileAnswered, LastTried, last_tried, order_refused};
use super::finding::{Gravity, Rule};
use super::judge::{Case, file, overdue, whence};
use super::portrait::{Match, compare, protocol, who};
use super::{Evidence, Verdict};
use crate::journal::words::{ago, ahead, clean, lasting, short, verb};
use crate::model::{Aim, Cause, OrderKind, Pending, Plan, Progress, Protocol, Timestamp, Wanted};
use crate::ports::Registration;

/// It is registered and nothing is pending.
pub(super) fn at_rest(evidence: &Evidence, wanted: &Wanted, registration: &Registration) -> Case {
    let device = &evidence.device;
    let whence = whence(registration);
    let held = evidence.held.as_ref();
    match compare(held, wanted.stamps, protocol(evidence)) {
        Match::Same => Case::new(
            Verdict::Right,
            format!(
                "{device} is registered ({whence}) and shows what it should: {}, file {}, {}.",
                who(evidence),
                short(wanted.stamps.file),
                lasting(evidence.now, registration.since)
            ),
            "Nothing.",
        ),
        Match::Differs => {
            let file = held.and_then(|held| held.file);
            let what = match file.filter(|file| *file != wanted.stamps.file) {
                Some(file) => format!("file {}", short(file)),
                None => "keys and labels".to_owned(),
            };
            Case::new(
                Verdict::Stale,
                format!(
                    "{device} is registered ({whence}), but holds {what} from before a template, \
                     a load or Embody itself changed; its configuration did not."
                ),
                "Its next boot: it takes the new by itself.",
            )
            .advise("`embody restart --stale` restarts all such phones, a few at a time.")
        }
        Match::Unknown => {
            let taken = match last_tried(&evidence.timeline, device) {
                Some((
                    LastTried::File {
                        answered: FileAnswered::Sent(_),
                        ..
                    },
                    at,
                )) => format!(
                    "it took its file {} and has not registered anew since",
                    ago(evidence.now, at)
                ),
                _ => "it does not show what it holds".to_owned(),
            };
            Case::new(
                Verdict::Unknown,
                format!(
                    "{device} is registered ({whence}), but {taken}. Nothing changed for it, so \
                     it is left in peace."
                ),
                "Nothing; its next registration will tell.",
            )
        }
    }
}

/// It is registered and a change is pending.
pub(super) fn on_its_way(
    evidence: &Evidence,
    wanted: &Wanted,
    registration: &Registration,
    row: &Pending,
) -> Case {
    let (summary, waits_for) = match (row.plan.order(row.second_step), &row.progress) {
        (None, _) => (
            format!("{} has nothing to be told ({})", evidence.device, row.cause),
            "Nothing: the next page is made anew.".to_owned(),
        ),
        (Some(order), Progress::Ordered { at, accepted }) => {
            if registration.since > *at {
                came_back(evidence, wanted, registration, row)
            } else {
                ordered(evidence, registration, row, order, *at, *accepted)
            }
        }
        (Some(order), _) => to_be_ordered(evidence, registration, row, order),
    };
    let finding = Case::new(Verdict::Waiting, format!("{summary}."), &waits_for);
    if evidence.now <= row.deadline {
        return finding;
    }
    let advice = if registration.in_call {
        "A call that long may be a handset beside its cradle: have a look at the phone.".to_owned()
    } else {
        format!(
            "`embody restart {0}` orders it anew, `embody reset {0}` reboots it.",
            evidence.device
        )
    };
    let means = "The order was lost, or the phone puts it off: in a call, in a menu, or it hangs.";
    Case {
        verdict: Verdict::Overdue,
        summary: format!("{summary}. {}", overdue(evidence, row)),
        ..finding
    }
    .advise(advice)
    .trap(Rule::OrderOverdue, Gravity::Disturbs, means)
}

fn to_be_ordered(
    evidence: &Evidence,
    registration: &Registration,
    row: &Pending,
    order: OrderKind,
) -> (String, String) {
    let device = &evidence.device;
    let is_to = format!("{device} is to {} because {}", verb(order), row.cause);
    let waits_for_idle = registration.protocol == Protocol::Sccp || row.second_step;
    if evidence.now < row.not_before {
        let leaves = ahead(evidence.now, row.not_before);
        return match row.cause {
            Cause::Login(_) | Cause::Logout(_) => (
                format!("{is_to}; the order leaves {leaves}, once the phone has its page"),
                "The page to reach the phone: first the answer, then the order.".to_owned(),
            ),
            Cause::Configuration | Cause::Operator => (
                format!("{is_to}; the order leaves {leaves}"),
                "Its turn: phones are not all restarted at once.".to_owned(),
            ),
        };
    }
    if registration.in_call && waits_for_idle {
        return (
            format!("{is_to}; it is in a call, and calls are not cut off"),
            "The end of the call.".to_owned(),
        );
    }
    if row.second_step {
        return (
            format!("{is_to}; the restart before it is done, the reset is about to leave"),
            "The phone to be idle.".to_owned(),
        );
    }
    let (tail, waits_for) = match order_refused(&evidence.timeline) {
        Some(why) => (
            format!("it did not take the last order: {}", clean(why)),
            "The time for another attempt.",
        ),
        None => (
            "the order is about to leave".to_owned(),
            "Its turn: phones are not all restarted at once.",
        ),
    };
    (format!("{is_to}; {tail}"), waits_for.to_owned())
}

fn ordered(
    evidence: &Evidence,
    registration: &Registration,
    row: &Pending,
    order: OrderKind,
    at: Timestamp,
    accepted: bool,
) -> (String, String) {
    let device = &evidence.device;
    let cause = &row.cause;
    let ago = ago(evidence.now, at);
    let verb = verb(order);
    if !accepted {
        let said = order_refused(&evidence.timeline).map_or_else(
            || "it has not accepted yet".to_owned(),
            |why| format!("it did not take the order: {}", clean(why)),
        );
        return (
            format!("{device} was told to {verb} {ago} because {cause}; {said}"),
            format!(
                "The phone to accept order {} of at most {}.",
                row.attempts,
                Pending::MAX_ATTEMPTS
            ),
        );
    }
    let accepted = format!("{device} accepted {ago} to {verb} because {cause}");
    if registration.in_call {
        return (
            format!("{accepted}; it is in a call and obeys when that ends"),
            "The end of the call.".to_owned(),
        );
    }
    (
        format!("{accepted}, and has not come back yet"),
        "The phone to read its file and register again.".to_owned(),
    )
}

fn came_back(
    evidence: &Evidence,
    wanted: &Wanted,
    registration: &Registration,
    row: &Pending,
) -> (String, String) {
    let back = format!(
        "{} came back {} ({})",
        evidence.device,
        ago(evidence.now, registration.since),
        row.cause
    );
    if row.plan == Plan::RestartThenReset && !row.second_step {
        return (
            format!("{back} from its restart; the reset follows"),
            "The phone to be idle.".to_owned(),
        );
    }
    let held = evidence.held.as_ref();
    match (row.aim, compare(held, wanted.stamps, protocol(evidence))) {
        (Aim::CameBack, _) | (Aim::Holds, Match::Same) => (
            format!("{back} as it should"),
            "Nothing more: the change is about to be closed.".to_owned(),
        ),
        (Aim::Holds, Match::Differs) => (
            format!(
                "{back} with {}, where {} is wanted",
                file(held.and_then(|held| held.file)),
                file(Some(wanted.stamps.file))
            ),
            "A registration that shows what is wanted.".to_owned(),
        ),
        (Aim::Holds, Match::Unknown) => (
            format!("{back}, but does not show what it holds"),
            "A registration that shows what is wanted.".to_owned(),
        ),
    }
}
