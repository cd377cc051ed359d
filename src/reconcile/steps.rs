//! The steps of a pending row, pure: what each piece of news does to it, and
//! what marks its orders leave on it. When an order is due is told by `due`.

use std::time::Duration;

use super::rows::{Rows, Today};
use crate::model::{
    Aim, Basis, Cause, DeviceName, FileOrder, Held, ObjectId, OrderKind, Pending, Plan, Progress,
    Protocol, Stamp, Stamps, StationPart, World, stamp_of,
};
use crate::ports::{CameBack, EventKind, Shown, Sighting};

/// News about phones, in the order in which it came.
#[derive(Clone, Debug)]
pub(super) enum News {
    Registered(Sighting),
    Refreshed { device: DeviceName, shown: Shown },
    Accepted { device: DeviceName },
    OrderRefused { device: DeviceName, why: String },
    FileTaken { device: DeviceName, file: Stamp },
}

/// Works one piece of news into the rows.
pub(super) fn work_in(rows: &mut Rows<'_>, news: &News) {
    match news {
        News::Registered(sighting) => registered(rows, sighting),
        News::Refreshed { device, shown } => {
            if let Some(phone) = id_of(rows, device) {
                refreshed(rows, phone, device, *shown);
            }
        }
        News::Accepted { device } => {
            rows.tell(device, EventKind::OrderAccepted);
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
            rows.tell(device, EventKind::OrderRefused { why: why.clone() });
            if let Some(row) = row_of(rows, device)
                && row.attempts >= Pending::MAX_ATTEMPTS
                && matches!(
                    row.progress,
                    Progress::Ordered {
                        accepted: false,
                        ..
                    }
                )
            {
                let why = format!("the phone refused the order: {why}");
                give_up(rows, row, device, why, false);
            }
        }
        News::FileTaken { device, file } => {
            if let Some(phone) = id_of(rows, device) {
                file_taken(rows, phone, device, *file);
            }
        }
    }
}

fn id_of(rows: &Rows<'_>, device: &DeviceName) -> Option<ObjectId> {
    rows.world().phone(device).map(|phone| phone.id)
}

fn row_of(rows: &Rows<'_>, device: &DeviceName) -> Option<Pending> {
    rows.pending(id_of(rows, device)?)
}

/// What a registration shows of the station part: a SIP phone has none, its
/// keys are in its file.
fn station_shown(sighting: &Sighting) -> Option<Stamp> {
    match sighting.protocol {
        Protocol::Sccp => sighting.shown.station,
        Protocol::Sip => Some(stamp_of(&StationPart::default(), &[])),
    }
}

fn registered(rows: &mut Rows<'_>, sighting: &Sighting) {
    let phone = sighting.phone;
    if !rows.world().phones.contains_key(&phone) {
        return;
    }
    // A registration that cannot tell its file holds the one it held before:
    // whatever may have changed that has made the mark unknown.
    let before = rows.held(phone).and_then(|held| held.file);
    let shown = Shown {
        file: sighting.shown.file.or(before),
        station: station_shown(sighting),
    };
    rows.put_held(phone, shown.file, shown.station);
    let today = rows.today(phone);
    if let Some(row) = rows.pending(phone) {
        came(rows, row, shown, today.as_ref(), sighting);
    } else if let (Some(file), Some(_)) = (shown.file, before)
        && shown.file != before
        && rows.has_worked_for(BOOT)
    {
        // It took another file since it was here last. Not so in the first
        // minutes of this process: an earlier one may have had other templates.
        file_outdated(rows, &sighting.device, file, today.as_ref());
    }
    if sighting.protocol == Protocol::Sccp {
        station_outdated(rows, &sighting.device, shown.station, today.as_ref());
    }
}

/// The phone of a row is registered anew.
fn came(
    rows: &mut Rows<'_>,
    mut row: Pending,
    shown: Shown,
    today: Option<&Today>,
    sighting: &Sighting,
) {
    let stamps = stamps_of(today, &row);
    let holds = is_satisfied(&row, shown, today);
    if is_restarted(&row, shown, today) {
        // Cisco CallManager Extension Mobility: a locale that differs takes a
        // restart followed by a reset. The row's orders are counted on.
        row.second_step = true;
        if holds {
            row.aim = Aim::CameBack;
        }
        // However many it took, they were obeyed: the reset has its order.
        row.attempts = row.attempts.min(Pending::MAX_ATTEMPTS - 1);
        row.not_before = rows.now();
        row.progress = Progress::Waiting;
        rows.put_pending(row);
        return;
    }
    let done = match row.aim {
        Aim::Holds => holds,
        // Of this step: the orders of the step before brought it here.
        Aim::CameBack => row.progress != Progress::Waiting,
    };
    if done {
        rows.drop_pending(row.phone);
        rows.tell(&sighting.device, EventKind::Converged);
        return;
    }
    let booted_by_itself = sighting.came_back == CameBack::Other;
    let old = sighting
        .shown
        .file
        .filter(|file| row.file_changed && !row.wants_file(*file, stamps));
    match (&row.progress, old) {
        // Accepted, and this very order, or it may have come back from one of
        // an earlier row with the file that was right then; and since this
        // process is at work, or it may have found nobody to ask for its file.
        (
            Progress::Ordered { at, accepted: true }
            | Progress::Refuses {
                at, put_off: true, ..
            },
            Some(old),
        ) if obeyed(&row, sighting) && rows.was_at_work(*at) => {
            let wanted = stamps.file;
            let why = format!("it obeyed, but came back with file {old} instead of {wanted}");
            give_up(rows, row, &sighting.device, why, false);
        }
        // It has put off what it accepted, and may have forgotten it since: it
        // registers anew, and not because of an order. One more, the more
        // seldom the longer this goes on.
        (
            Progress::Ordered { at, accepted: true }
            | Progress::Refuses {
                at, put_off: true, ..
            },
            _,
        ) if booted_by_itself
            && sighting.protocol == Protocol::Sip
            && row.attempts >= Pending::MAX_ATTEMPTS =>
        {
            row.attempts = Pending::MAX_ATTEMPTS - 1;
            row.not_before = at.plus(at.since(row.since) / PATIENCE);
            row.progress = Progress::Ordered {
                at: *at,
                accepted: true,
            };
            rows.put_pending(row);
        }
        // It booted by itself: another try, but not sooner after the last
        // order than if it had not refused.
        (Progress::Refuses { at, .. }, _)
            if booted_by_itself && row.attempts < Pending::MAX_ATTEMPTS =>
        {
            row.progress = Progress::Ordered {
                at: *at,
                accepted: true,
            };
            rows.put_pending(row);
        }
        // Whatever has left, its time runs on: a connection that comes and
        // goes does not use up the orders of the row.
        _ => {}
    }
}

/// A phone that forgets what it accepted is told again when this part of the
/// time since the change has gone by once more.
const PATIENCE: u32 = 4;

/// Whether a phone says that it came because of the order that is out.
fn obeyed(row: &Pending, sighting: &Sighting) -> bool {
    let order = next_order(row, sighting.protocol);
    match sighting.came_back {
        CameBack::Restarted => order == Some(OrderKind::Restart),
        CameBack::WasReset => order == Some(OrderKind::Reset),
        CameBack::Other => false,
    }
}

/// What is wanted by the templates of today; of a phone whose model is not in
/// the catalogue any more, what the row says.
fn stamps_of(today: Option<&Today>, row: &Pending) -> Stamps {
    today.map_or(row.wanted, |today| today.wanted.stamps)
}

/// Whether this registration ends the first step of a restart that is to be
/// followed by a reset. Models that read their file at a reset only cannot
/// show it before the second step.
fn is_restarted(row: &Pending, shown: Shown, today: Option<&Today>) -> bool {
    let stamps = stamps_of(today, row);
    let reads_later = today.is_some_and(|today| today.file_order == FileOrder::Reset)
        && shown
            .station
            .is_some_and(|station| row.wants_station(station, stamps));
    row.plan == Plan::RestartThenReset
        && !row.second_step
        && matches!(
            row.progress,
            Progress::Ordered { .. } | Progress::Refuses { put_off: true, .. }
        )
        && (row.aim == Aim::CameBack || reads_later || is_satisfied(row, shown, today))
}

/// Whether a phone that shows this has what its row wants. Where a file is read
/// at a reset only, a row of a gentler plan is not about the file.
fn is_satisfied(row: &Pending, shown: Shown, today: Option<&Today>) -> bool {
    let stamps = stamps_of(today, row);
    let about_keys = row.plan < Plan::Reset
        && today.is_some_and(|today| today.file_order == FileOrder::Reset)
        && shown
            .station
            .is_some_and(|station| row.wants_station(station, stamps));
    about_keys || row.satisfied_by(shown.file, shown.station, stamps)
}

fn refreshed(rows: &mut Rows<'_>, phone: ObjectId, device: &DeviceName, shown: Shown) {
    let file = shown
        .file
        .or_else(|| rows.held(phone).and_then(|held| held.file));
    let shown = Shown { file, ..shown };
    rows.put_held(phone, file, shown.station);
    let today = rows.today(phone);
    if let Some(row) = rows.pending(phone)
        && row.plan == Plan::Refresh
        && is_satisfied(&row, shown, today.as_ref())
    {
        rows.drop_pending(phone);
        rows.tell(device, EventKind::Converged);
    }
    station_outdated(rows, device, shown.station, today.as_ref());
}

/// Whether it changes no row that a phone took this file, made when its wanted
/// rested on `basis`: another file is not known to be held, and this one is
/// still wanted.
pub(super) fn is_no_news(world: &World, device: &DeviceName, file: Stamp, basis: Basis) -> bool {
    world.phone(device).is_none_or(|phone| {
        let held = world.held.get(&phone.id).and_then(|held| held.file);
        held.is_none_or(|held| held == file) && world.basis(phone.id) == basis
    })
}

fn file_taken(rows: &mut Rows<'_>, phone: ObjectId, device: &DeviceName, file: Stamp) {
    let held = rows.held(phone).and_then(|held| held.file);
    if held.is_some_and(|old| old != file) {
        forget_file(rows, phone);
    }
    let today = rows.today(phone);
    file_outdated(rows, device, file, today.as_ref());
}

/// How long a phone may take from its file to its registration.
const BOOT: Duration = Duration::from_secs(150);

/// The file that a phone took is one that was wanted a moment ago.
fn file_outdated(rows: &mut Rows<'_>, device: &DeviceName, file: Stamp, today: Option<&Today>) {
    if let Some(today) = today
        && today.wanted.stamps.file != file
    {
        let plan = match today.file_order {
            FileOrder::Restart => Plan::Restart,
            FileOrder::Reset => Plan::Reset,
        };
        outdated(rows, device, today, plan, true);
    }
}

/// What a phone is told over SCCP is what was wanted a moment ago.
fn station_outdated(
    rows: &mut Rows<'_>,
    device: &DeviceName,
    station: Option<Stamp>,
    today: Option<&Today>,
) {
    if let Some(today) = today
        && station.is_some_and(|station| station != today.wanted.stamps.station)
    {
        outdated(rows, device, today, Plan::Restart, false);
    }
}

/// The phone was given something that a commit replaced while it was on its
/// way, and no row is left to correct that: the commit saw that what is wanted
/// was held again, and it was right until now. We gave it ourselves, a moment
/// ago, so this is not a phone that is merely *stale*.
fn outdated(
    rows: &mut Rows<'_>,
    device: &DeviceName,
    today: &Today,
    plan: Plan,
    file_changed: bool,
) {
    if rows.pending(today.wanted.phone).is_some() {
        return;
    }
    let (cause, now) = (Cause::Configuration, rows.now());
    let mut row = Pending::new(&today.wanted, plan, Aim::Holds, cause, now, now);
    row.file_changed = file_changed;
    rows.put_pending(row);
    let what = "another restart: what it was given was replaced on the way".to_owned();
    rows.tell(device, EventKind::Planned { what });
}

fn give_up(rows: &mut Rows<'_>, mut row: Pending, device: &DeviceName, why: String, put_off: bool) {
    row.progress = Progress::Refuses {
        at: rows.now(),
        why: why.clone(),
        put_off,
    };
    rows.put_pending(row);
    rows.tell(device, EventKind::GaveUp { why });
}

/// The order that is next for a row, over the protocol the phone speaks now.
pub(super) fn next_order(row: &Pending, protocol: Protocol) -> Option<OrderKind> {
    match row.plan.order(row.second_step) {
        // Keys of a SIP phone are in its file: nothing can be refreshed live.
        Some(OrderKind::Refresh) if protocol == Protocol::Sip => Some(OrderKind::Restart),
        order => order,
    }
}

/// Marks the row's next order as left, before it leaves: a crash between the
/// two costs an attempt, never a fourth order.
pub(super) fn mark_ordered(
    rows: &mut Rows<'_>,
    mut row: Pending,
    protocol: Protocol,
) -> Option<(OrderKind, u8)> {
    let order = next_order(&row, protocol)?;
    row.attempts += 1;
    row.progress = Progress::Ordered {
        at: rows.now(),
        accepted: false,
    };
    let (phone, attempt) = (row.phone, row.attempts);
    let stamps = stamps_of(rows.today(phone).as_ref(), &row);
    // From here on what it holds is unknown, but for a file that is the wanted
    // one (reading it again gives the same) or is not read again.
    let file = rows
        .held(phone)
        .and_then(|held| held.file)
        .filter(|file| order == OrderKind::Refresh || row.wants_file(*file, stamps));
    rows.put_held(phone, file, None);
    rows.put_pending(row);
    Some((order, attempt))
}

/// Gives up on a row whose orders did not help. Over SIP an accepted one may
/// be put off; an SCCP phone accepts by leaving.
pub(super) fn exhausted(rows: &mut Rows<'_>, row: Pending, protocol: Protocol) {
    let Some(phone) = rows.world().phones.get(&row.phone) else {
        return;
    };
    let device = phone.name.clone();
    let orders = row.attempts;
    let put_off = protocol == Protocol::Sip
        && matches!(row.progress, Progress::Ordered { accepted: true, .. });
    let why = if put_off {
        format!(
            "{orders} orders were sent, it accepted the last and did not come back with the \
             wanted configuration; if it is in a call it does when the call ends"
        )
    } else {
        format!("{orders} orders were sent and it still does not show the wanted configuration")
    };
    give_up(rows, row, &device, why, put_off);
}

/// A phone that is away may fetch whatever is wanted by then: while its file is
/// to change, what it holds is unknown until it registers.
pub(super) fn may_change_away(row: &Pending, held: Option<&Held>) -> bool {
    let file = held.and_then(|held| held.file);
    row.aim == Aim::Holds && row.file_changed && file.is_some_and(|file| file != row.wanted.file)
}

/// Marks the file of a phone that is away as unknown.
pub(super) fn away(rows: &mut Rows<'_>, phone: ObjectId) {
    let changes = rows
        .pending(phone)
        .is_some_and(|row| may_change_away(&row, rows.held(phone)));
    if changes {
        forget_file(rows, phone);
    }
}

fn forget_file(rows: &mut Rows<'_>, phone: ObjectId) {
    let station = rows.held(phone).and_then(|held| held.station);
    rows.put_held(phone, None, station);
}
