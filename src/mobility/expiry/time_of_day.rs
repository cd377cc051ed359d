//! Times of day at which everybody is signed out, on the clock that hangs
//! beside the phone (CME, *em logout*: up to three, 0:00 to 24:00).
//!
//! A time that a day does not have, because clocks go forward over it, is as
//! much later as they go forward; one that a day has twice is the first of the
//! two: each fires once a day.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::model::{ObjectName, TimeOfDay, Timestamp, World};

/// How many days around a moment are looked at: 24:00 belongs to the day
/// before, and a zone that moves to the other side of the date line leaves a
/// day out.
const DAYS: i32 = 3;

/// The zone of the phones of a pool: the pool's, else the host's.
pub(super) fn zone_of(world: &World, pool: &ObjectName) -> TimeZone {
    let pool = world.pool(pool);
    pool.time_zone
        .as_deref()
        .and_then(|name| TimeZone::get(name).ok())
        .unwrap_or_else(TimeZone::system)
}

/// The first of `times` after `moment`.
pub(super) fn first_after(
    zone: &TimeZone,
    times: &[TimeOfDay],
    moment: Timestamp,
) -> Option<Timestamp> {
    around(zone, times, moment).filter(|at| *at > moment).min()
}

/// The last of `times` that `moment` has seen.
pub(super) fn last_until(
    zone: &TimeZone,
    times: &[TimeOfDay],
    moment: Timestamp,
) -> Option<Timestamp> {
    around(zone, times, moment).filter(|at| *at <= moment).max()
}

/// When these times are on the days around a moment.
fn around(
    zone: &TimeZone,
    times: &[TimeOfDay],
    moment: Timestamp,
) -> impl Iterator<Item = Timestamp> {
    let today = jiff::Timestamp::from_millisecond(moment.0)
        .ok()
        .map(|now| zone.to_datetime(now).date());
    let days = (-DAYS..=DAYS).filter_map(move |day| today?.checked_add(day.days()).ok());
    days.flat_map(move |day| times.iter().filter_map(move |time| on(zone, day, *time)))
}

/// When it is this time on this day.
fn on(zone: &TimeZone, day: Date, time: TimeOfDay) -> Option<Timestamp> {
    let minutes = time.minutes();
    let (day, hour) = match minutes / 60 {
        24 => (day.tomorrow().ok()?, 0),
        hour => (day, i8::try_from(hour).ok()?),
    };
    let minute = i8::try_from(minutes % 60).ok()?;
    let there = day.to_datetime(Time::new(hour, minute, 0, 0).ok()?);
    let at = zone.to_ambiguous_timestamp(there).compatible().ok()?;
    Some(Timestamp(at.as_millisecond()))
}
