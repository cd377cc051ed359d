//! Moments of days, in zones whose clocks are changed.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::at;
use crate::mobility::expiry::time_of_day::{first_after, last_until};
use crate::model::{TimeOfDay, Timestamp};

fn times(texts: &[&str]) -> Vec<TimeOfDay> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// The moments after `from`, in UTC.
fn moments(zone: &str, texts: &[&str], from: &str, count: usize) -> Vec<String> {
    let zone = TimeZone::get(zone).unwrap();
    let times = times(texts);
    let next = |moment: &Timestamp| first_after(&zone, &times, *moment);
    std::iter::successors(next(&at(from)), next)
        .take(count)
        .map(|at| jiff::Timestamp::from_millisecond(at.0).unwrap().to_string())
        .collect()
}

/// CME, *em logout*: up to three times of day, 0:00 to 24:00.
#[test]
fn three_times_a_day_on_the_clock_beside_the_phone() {
    assert_eq!(
        moments(
            "Europe/Berlin",
            &["12:00", "17:30", "24:00"],
            "2026-07-01T09:59:59Z",
            4
        ),
        [
            "2026-07-01T10:00:00Z",
            "2026-07-01T15:30:00Z",
            "2026-07-01T22:00:00Z",
            "2026-07-02T10:00:00Z",
        ]
    );
    let same = ["2026-01-10T05:00:00Z", "2026-01-11T05:00:00Z"];
    for both in [&["0:00"][..], &["24:00"], &["0:00", "24:00"]] {
        let found = moments("America/New_York", both, "2026-01-09T05:00:00Z", 2);
        assert_eq!(found, same, "midnight is midnight: {both:?}");
    }
}

#[test]
fn a_time_that_a_day_does_not_have_fires_once() {
    // Clocks went from 2:00 to 3:00 on 29 March 2026.
    assert_eq!(
        moments("Europe/Berlin", &["2:30"], "2026-03-28T00:00:00Z", 3),
        [
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:30:00Z",
            "2026-03-30T00:30:00Z",
        ]
    );
}

#[test]
fn a_time_that_a_day_has_twice_fires_once() {
    // Clocks went from 3:00 back to 2:00 on 25 October 2026.
    assert_eq!(
        moments("Europe/Berlin", &["2:30"], "2026-10-24T00:00:00Z", 3),
        [
            "2026-10-24T00:30:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-26T01:30:00Z",
        ]
    );
}

#[test]
fn a_day_that_a_zone_left_out_is_no_second_logout() {
    // Samoa went over the date line: there was no 30 December 2011.
    assert_eq!(
        moments("Pacific/Apia", &["18:00"], "2011-12-29T00:00:00Z", 3),
        [
            "2011-12-29T04:00:00Z",
            "2011-12-30T04:00:00Z",
            "2011-12-31T04:00:00Z",
        ]
    );
}

const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Kathmandu",
    "Africa/Casablanca",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the zone: each time of day comes once a day, and the last one
    /// that was seen is the one before the next.
    #[test]
    fn every_day_has_each_time_once(
        zone in 0..ZONES.len(),
        minutes in proptest::collection::btree_set(0..1440u16, 1..4),
        from in 1_500_000_000_000..1_900_000_000_000i64,
    ) {
        let zone = TimeZone::get(ZONES[zone]).unwrap();
        let times: Vec<TimeOfDay> = minutes
            .iter()
            .map(|minutes| format!("{}:{:02}", minutes / 60, minutes % 60).parse().unwrap())
            .collect();
        let mut moment = Timestamp(from);
        let mut count = 0;
        // A year of 366 days, and half an hour to spare for its ends.
        let end = Timestamp(from).plus(std::time::Duration::from_secs(366 * 86_400));
        while let Some(next) = first_after(&zone, &times, moment).filter(|next| *next <= end) {
            prop_assert!(next > moment);
            prop_assert_eq!(last_until(&zone, &times, next), Some(next));
            let just_before = Timestamp(next.0 - 1);
            prop_assert!(last_until(&zone, &times, just_before).is_some_and(|last| last < next));
            moment = next;
            count += 1;
        }
        let usual = 366 * times.len();
        // The ends of the year cut one off or let one more in; two times may
        // fall together when clocks go forward over one of them.
        prop_assert!(count + 2 * times.len() >= usual && count <= usual + times.len(), "{count}");
    }
}
