//! What only `SIP<MAC>.cnf` says, the file of 7940 and 7960 SIP loads: lines
//! that are not used, speed dials apart from lines, and the time zone as a
//! rule (*Cisco SIP IP Phone 7960 Administrator Guide*, Setting the Date, Time,
//! and Daylight Savings Time).

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::{Offset, TimeZone};
use serde::Serialize;

use crate::model::{ButtonKind, Wanted};

/// The lines that the load knows; a 7940 ignores those that it has no key for.
const LINES: u8 = 6;
/// The speed dials that it knows.
const SPEED_DIALS: usize = 5;
/// Names and labels: 31 characters.
const LABEL: usize = 31;
/// Years whose changes tell which rule a zone follows; all of them lie in the
/// part that zones define by rule and not by date.
const YEARS: std::ops::RangeInclusive<i16> = 2040..=2046;

#[derive(Clone, Debug, Serialize)]
pub(super) struct TextView {
    /// Lines that nobody registers.
    unused: Vec<u8>,
    speed_dials: Vec<SpeedDialView>,
    /// Day, month and year with slashes.
    date_format: String,
    /// Whether hours count to 24.
    full_hours: bool,
    /// The abbreviation that the load knows; nothing where it knows none.
    time_zone: Option<&'static str>,
    /// When summer time begins and ends; nothing where there is none.
    summer: Option<SummerView>,
}

#[derive(Clone, Debug, Serialize)]
struct SpeedDialView {
    index: usize,
    label: String,
    number: String,
}

/// Summer time by rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct SummerView {
    /// Hours.
    offset: i32,
    start: ChangeView,
    stop: ChangeView,
}

/// A day of the week in a week of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ChangeView {
    month: &'static str,
    day_of_week: &'static str,
    /// 1 to 5, or 8 for the last.
    week: i8,
    /// Hour of the local time before the change.
    hour: String,
}

impl TextView {
    pub(super) fn of(wanted: &Wanted, zone: &str) -> Self {
        let buttons = &wanted.file.buttons;
        let lines: Vec<u8> = buttons
            .iter()
            .filter_map(|button| match button.kind {
                ButtonKind::Line { index, .. } => Some(index),
                ButtonKind::SpeedDial { .. } => None,
            })
            .collect();
        let dials = buttons.iter().filter_map(|button| match &button.kind {
            ButtonKind::SpeedDial { number, label, .. } => Some((number, label)),
            ButtonKind::Line { .. } => None,
        });
        let template = &wanted.file.date_template;
        let zone = TimeZone::get(zone).ok();
        Self {
            unused: (1..=LINES).filter(|line| !lines.contains(line)).collect(),
            speed_dials: dials
                .take(SPEED_DIALS)
                .enumerate()
                .map(|(at, (number, label))| SpeedDialView {
                    index: at + 1,
                    label: label.chars().take(LABEL).collect(),
                    number: number.to_string(),
                })
                .collect(),
            date_format: date_format(template),
            full_hours: !template.ends_with('A'),
            time_zone: zone.as_ref().and_then(abbreviation),
            summer: zone.as_ref().and_then(summer),
        }
    }

    /// Made-up values.
    pub(super) fn sample(full: bool) -> Self {
        let dial = SpeedDialView {
            index: 1,
            label: "Label".to_owned(),
            number: "2002".to_owned(),
        };
        let berlin = TimeZone::get("Europe/Berlin").ok();
        Self {
            unused: vec![2, 3, 4, 5, 6],
            speed_dials: if full { vec![dial] } else { Vec::new() },
            date_format: "D/M/Y".to_owned(),
            full_hours: full,
            time_zone: full.then_some("CET"),
            summer: berlin.filter(|_| full).as_ref().and_then(summer),
        }
    }
}

/// Cisco's date template as the load has it: slashes alone.
fn date_format(template: &str) -> String {
    let letters = template.strip_suffix('A').unwrap_or(template);
    letters.replace(['.', '-'], "/")
}

/// The names that are documented alike everywhere, by the offset in winter.
fn abbreviation(zone: &TimeZone) -> Option<&'static str> {
    let minutes = winter(zone)?.seconds() / 60;
    let name = match minutes {
        -480 => "PST",
        -420 => "MST",
        -360 => "CST",
        -300 => "EST",
        -240 => "AST",
        -210 => "NST",
        0 => "GMT",
        60 => "CET",
        120 => "EET",
        _ => return None,
    };
    Some(name)
}

/// The offset outside summer time.
fn winter(zone: &TimeZone) -> Option<Offset> {
    let at = new_year(zone, *YEARS.start())?;
    let half_a_year = jiff::SignedDuration::from_hours(24 * 182);
    let later = at.checked_add(half_a_year).ok()?;
    Some(zone.to_offset(at).min(zone.to_offset(later)))
}

fn new_year(zone: &TimeZone, year: i16) -> Option<Timestamp> {
    let midnight = jiff::civil::date(year, 1, 1).at(0, 0, 0, 0);
    zone.to_timestamp(midnight).ok()
}

/// The rule by which clocks change, when the load can be told it: twice a
/// year, by whole hours, on a day of the week.
fn summer(zone: &TimeZone) -> Option<SummerView> {
    let years: Option<Vec<(Change, Change)>> = YEARS.map(|year| changes(zone, year)).collect();
    let years = years?;
    let (first, _) = years.first()?;
    let offset = first.seconds;
    if offset % 3600 != 0 {
        return None;
    }
    let starts: Vec<Change> = years.iter().map(|(start, _)| *start).collect();
    let stops: Vec<Change> = years.iter().map(|(_, stop)| *stop).collect();
    Some(SummerView {
        offset: offset / 3600,
        start: rule(&starts)?,
        stop: rule(&stops)?,
    })
}

/// A change of the clocks, as the clock shows before it.
#[derive(Clone, Copy)]
struct Change {
    before: jiff::civil::DateTime,
    /// By how much, seconds.
    seconds: i32,
}

/// The changes of a year: forward, then back (which of them is earlier depends
/// on the hemisphere).
fn changes(zone: &TimeZone, year: i16) -> Option<(Change, Change)> {
    let (from, to) = (new_year(zone, year)?, new_year(zone, year + 1)?);
    let mut offset = zone.to_offset(from);
    let (mut start, mut stop) = (None, None);
    for transition in zone.following(from).take(4) {
        if transition.timestamp() >= to {
            break;
        }
        let change = Change {
            before: offset.to_datetime(transition.timestamp()),
            seconds: transition.offset().seconds() - offset.seconds(),
        };
        let place = if change.seconds > 0 {
            &mut start
        } else {
            &mut stop
        };
        if place.replace(change).is_some() {
            return None;
        }
        offset = transition.offset();
    }
    Some((start?, stop?))
}

/// What the changes of several years have in common.
fn rule(changes: &[Change]) -> Option<ChangeView> {
    let first = changes.first()?.before;
    let nth = |change: &Change| (change.before.day() - 1) / 7 + 1;
    let is_last = |change: &Change| change.before.day() + 7 > change.before.days_in_month();
    let same = |change: &Change| {
        change.before.month() == first.month()
            && change.before.weekday() == first.weekday()
            && change.before.time() == first.time()
    };
    if !changes.iter().all(same) || first.minute() != 0 {
        return None;
    }
    let week = if changes.iter().all(is_last) {
        8
    } else {
        let week = nth(changes.first()?);
        changes
            .iter()
            .all(|change| nth(change) == week)
            .then_some(week)?
    };
    Some(ChangeView {
        month: month(first.month()),
        day_of_week: day(first.weekday()),
        week,
        hour: format!("{:02}", first.hour()),
    })
}

fn month(number: i8) -> &'static str {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let at = usize::try_from(number - 1).unwrap_or_default();
    MONTHS.get(at).copied().unwrap_or("Jan")
}

fn day(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Sunday => "Sun",
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(zone: &str) -> (Option<&'static str>, Option<String>) {
        let zone = TimeZone::get(zone).unwrap();
        let one = |change: &ChangeView| {
            format!(
                "{} {} {} {}",
                change.month, change.week, change.day_of_week, change.hour
            )
        };
        let summer = summer(&zone).map(|summer| {
            let (start, stop) = (one(&summer.start), one(&summer.stop));
            format!("+{}: {start} to {stop}", summer.offset)
        });
        (abbreviation(&zone), summer)
    }

    #[test]
    fn zones_are_told_as_a_name_and_a_rule() {
        let rule = |text: &str| Some(text.to_owned());
        for (zone, name, summer) in [
            (
                "Europe/Berlin",
                Some("CET"),
                rule("+1: Mar 8 Sun 02 to Oct 8 Sun 03"),
            ),
            (
                "Europe/London",
                Some("GMT"),
                rule("+1: Mar 8 Sun 01 to Oct 8 Sun 02"),
            ),
            (
                "America/New_York",
                Some("EST"),
                rule("+1: Mar 2 Sun 02 to Nov 1 Sun 02"),
            ),
            ("America/Phoenix", Some("MST"), None),
            ("Etc/UTC", Some("GMT"), None),
            // No name that all documents agree about: the phone stays at GMT.
            (
                "Australia/Sydney",
                None,
                rule("+1: Oct 1 Sun 02 to Apr 1 Sun 03"),
            ),
            ("Asia/Kolkata", None, None),
            // Half an hour of summer cannot be told.
            ("Australia/Lord_Howe", None, None),
        ] {
            assert_eq!(told(zone), (name, summer), "{zone}");
        }
    }

    #[test]
    fn dates_have_slashes() {
        assert_eq!(date_format("D.M.Y"), "D/M/Y");
        assert_eq!(date_format("M-D-YYA"), "M/D/YY");
    }
}
