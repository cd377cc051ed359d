//! The steps of a pending row, pure: what each piece of news does to it.

use std::time::Duration;

use super::rows::Rows;
use crate::model::{
    Aim, DeviceName, Held, ObjectId, OrderKind, Pending, Plan, Progress, Protocol, Stamp, Timestamp,
};
use crate::ports::{CameBack, EventKind, Shown, Sighting};

/// After this long without a sign that the phone took an order, it is sent
/// again: SCCP phones unregister within two seconds, SIP phones answer at once.
pub(super) const UNACCEPTED: Duration = Duration::from_secs(20);

/// News about phones, in the order in which it came.
#[derive(Clone, Debug)]
pub(super) enum News {
    Registered(Sighting),
    Refreshed { device: DeviceName, shown: Shown },
    Accepted { device: DeviceName },
    OrderRefused { device: DeviceName, why: String },
    FileTaken { device: DeviceName, file: Stamp },
}

/// Something for the journal.
pub(super) type Told = Vec<(DeviceName, EventKind)>;

/// Works one piece of news into the rows.
pub(super) fn work_in(
    rows: &mut Rows<'_>,
    news: &News,
    node: &str,
    now: Timestamp,
    told: &mut Told,
) {
    match news {
        News::Registered(sighting) => registered(rows, sighting, node, now, told),
        News::Refreshed { device, shown } => {
            let Some(phone) = rows.world().phone(device).map(|phone| phone.id) else {
                return;
            };
            let file = shown
                .file
                .or_else(|| rows.held(phone).and_then(|held| held.file));
            let held = Held {
                phone,
                file,
                station: shown.station,
                node: node.into(),
                seen: now,
            };
            rows.put_held(held.clone());
            if let Some(row) = rows.pending(phone)
                && row.plan == Plan::Refresh
                && row.satisfied_by(&held)
            {
                rows.drop_pending(phone);
                told.push((device.clone(), EventKind::Converged));
            }
        }
        News::Accepted { device } => {
            told.push((device.clone(), EventKind::OrderAccepted));
            if let Some(mut row) = row_of(rows, device)
                && let Progress::Ordered {
                    accepted: accepted @ false,
                    ..
                } = &mut row.progress
            {
                *accepted = true;
                rows.put_pending(row);
            }
        }
        News::OrderRefused { device, why } => {
            told.push((device.clone(), EventKind::OrderRefused { why: why.clone() }));
            if let Some(mut row) = row_of(rows, device)
                && row.attempts >= Pending::MAX_ATTEMPTS
            {
                let why = format!("the phone refused the order: {why}");
                give_up(rows, &mut row, device, now, why, told);
            }
        }
        News::FileTaken { device, file } => file_taken(rows, device, *file, node, now),
    }
}

fn row_of(rows: &Rows<'_>, device: &DeviceName) -> Option<Pending> {
    rows.pending(rows.world().phone(device)?.id)
}

fn registered(
    rows: &mut Rows<'_>,
    sighting: &Sighting,
    node: &str,
    now: Timestamp,
    told: &mut Told,
) {
    let phone = sighting.phone;
    if !rows.world().phones.contains_key(&phone) {
        return;
    }
    // A registration that cannot tell its file holds the one it held before:
    // every fetch of another one has made the mark unknown.
    let file = sighting
        .shown
        .file
        .or_else(|| rows.held(phone).and_then(|held| held.file));
    let held = Held {
        phone,
        file,
        station: sighting.shown.station,
        node: node.into(),
        seen: now,
    };
    rows.put_held(held.clone());
    let Some(mut row) = rows.pending(phone) else {
        return;
    };

    let obeyed = match row.aim {
        Aim::Holds => row.satisfied_by(&held),
        Aim::CameBack => row.order_left(),
    };
    if obeyed {
        if row.plan == Plan::RestartThenReset && !row.second_step && row.order_left() {
            // Seed of the rule: a locale that differs takes a restart followed
            // by a reset. The second is closed by the next registration.
            row.second_step = true;
            row.aim = Aim::CameBack;
            row.attempts = 0;
            row.not_before = now;
            row.progress = Progress::Waiting;
            rows.put_pending(row);
        } else {
            rows.drop_pending(phone);
            told.push((sighting.device.clone(), EventKind::Converged));
        }
        return;
    }
    let came_back = matches!(sighting.came_back, CameBack::Restarted | CameBack::WasReset);
    let shows_old = sighting
        .shown
        .file
        .is_some_and(|file| file != row.wanted.file);
    if row.order_left() && came_back && shows_old {
        let why = format!(
            "it obeyed, but came back with file {} instead of {}",
            sighting
                .shown
                .file
                .map(|file| file.to_string())
                .unwrap_or_default(),
            row.wanted.file
        );
        give_up(rows, &mut row, &sighting.device, now, why, told);
    } else if row.attempts < Pending::MAX_ATTEMPTS && row.progress != Progress::Waiting {
        // It booted by itself, or lost the connection on the way: try again.
        row.progress = Progress::Waiting;
        rows.put_pending(row);
    }
}

fn file_taken(rows: &mut Rows<'_>, device: &DeviceName, file: Stamp, node: &str, now: Timestamp) {
    let Some(phone) = rows.world().phone(device).map(|phone| phone.id) else {
        return;
    };
    let Some(held) = rows
        .held(phone)
        .filter(|held| held.file.is_some_and(|old| old != file))
    else {
        return;
    };
    let station = held.station;
    rows.put_held(Held {
        phone,
        file: None,
        station,
        node: node.into(),
        seen: now,
    });
}

fn give_up(
    rows: &mut Rows<'_>,
    row: &mut Pending,
    device: &DeviceName,
    now: Timestamp,
    why: String,
    told: &mut Told,
) {
    row.progress = Progress::Refuses {
        at: now,
        why: why.clone(),
    };
    rows.put_pending(row.clone());
    told.push((device.clone(), EventKind::GaveUp { why }));
}

/// What the phone of a row is, as far as orders go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reachable {
    pub(super) protocol: Protocol,
    pub(super) in_call: bool,
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

/// How long after its page has left a phone may be told to restart.
const AFTER_PAGE: Duration = Duration::from_secs(1);

/// When the first order of `row` may leave: its `not_before`, or soon after
/// the page that answered the phone's own request has left. A page that left
/// before the change was another one.
pub(super) fn not_before(row: &Pending, page_left: Option<Timestamp>) -> Timestamp {
    page_left
        .filter(|left| *left >= row.since)
        .map_or(row.not_before, |left| {
            left.plus(AFTER_PAGE).min(row.not_before)
        })
}

/// When something is to be done for `row`. `pause` is how long an accepted
/// order is given.
pub(super) fn due(
    row: &Pending,
    phone: Option<Reachable>,
    pause: Duration,
    page_left: Option<Timestamp>,
) -> Due {
    let Some(phone) = phone else {
        return Due::Never;
    };
    if row.plan.order(row.second_step).is_none() {
        return Due::Never;
    }
    // A SIP phone defers a restart itself; an SCCP phone is waited for.
    if phone.in_call && phone.protocol == Protocol::Sccp {
        return Due::Never;
    }
    let not_before = not_before(row, page_left);
    match row.progress {
        Progress::Waiting if row.attempts >= Pending::MAX_ATTEMPTS => Due::GiveUpAt(not_before),
        Progress::Waiting => Due::At(not_before),
        Progress::Ordered { at, accepted } => {
            let next = at.plus(if accepted { pause } else { UNACCEPTED });
            if row.attempts >= Pending::MAX_ATTEMPTS {
                Due::GiveUpAt(next)
            } else {
                Due::At(next)
            }
        }
        Progress::Refuses { .. } => Due::Never,
    }
}

/// Marks the row's next order as left, before it leaves: a crash between the
/// two costs an attempt, never a fourth order.
pub(super) fn mark_ordered(
    rows: &mut Rows<'_>,
    phone: ObjectId,
    node: &str,
    now: Timestamp,
) -> Option<(OrderKind, u8)> {
    let mut row = rows.pending(phone)?;
    let order = row.plan.order(row.second_step)?;
    row.attempts += 1;
    row.progress = Progress::Ordered {
        at: now,
        accepted: false,
    };
    let attempt = row.attempts;
    let wanted = row.wanted;
    rows.put_pending(row);
    if order != OrderKind::Refresh {
        // From here on what it holds is unknown, but for a file that is the
        // wanted one: reading it again gives the same.
        let file = rows
            .held(phone)
            .and_then(|held| held.file)
            .filter(|f| *f == wanted.file);
        rows.put_held(Held {
            phone,
            file,
            station: None,
            node: node.into(),
            seen: now,
        });
    }
    Some((order, attempt))
}

/// Gives up on a row whose three orders did not help.
pub(super) fn exhausted(rows: &mut Rows<'_>, phone: ObjectId, now: Timestamp, told: &mut Told) {
    let device = rows
        .world()
        .phones
        .get(&phone)
        .map(|phone| phone.name.clone());
    if let (Some(mut row), Some(device)) = (rows.pending(phone), device) {
        let why = format!(
            "{} orders were sent and it still does not show the wanted configuration",
            row.attempts
        );
        give_up(rows, &mut row, &device, now, why, told);
    }
}
