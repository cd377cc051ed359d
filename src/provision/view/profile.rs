//! What only the profile of 7905 and 7912 SIP loads says, `ld<mac>` and
//! `gk<mac>`: one line, plain ASCII, and how far its clock is off instead of a
//! time zone (the sample `sipexample.txt` of release 8.0.0).

use std::net::Ipv4Addr;

use deunicode::deunicode;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::model::{ButtonKind, Timestamp, Wanted};

/// What stands for nothing.
const NONE: &str = "0";
/// Characters of names.
const NAME: usize = 31;
/// Characters of the address of the Services menu.
const URL: usize = 63;
/// Minutes that the load can be told to be off.
const OFF: std::ops::RangeInclusive<i32> = -720..=780;

#[derive(Clone, Debug, Serialize)]
pub(super) struct ProfileView {
    /// The user part of its address: its number, or its own name.
    user: String,
    display_name: String,
    /// What stands on its display.
    short_name: String,
    /// Hours from 0 to 12 and back from 24 to 13, or minutes.
    time_zone: i32,
    /// Addresses alone.
    ntp: Vec<Ipv4Addr>,
    time_format: &'static str,
    date_format: String,
    services: String,
}

impl ProfileView {
    pub(super) fn of(wanted: &Wanted, zone: &str, now: Timestamp, menu: &str) -> Self {
        let file = &wanted.file;
        let first = file.buttons.iter().find_map(|button| match &button.kind {
            ButtonKind::Line {
                number,
                label,
                display_name,
                ..
            } => Some((number, label, display_name)),
            ButtonKind::SpeedDial { .. } => None,
        });
        let user = first
            .and_then(|(number, ..)| number.as_ref())
            .map_or(wanted.device.as_str(), |number| number.as_str());
        if menu.len() > URL {
            tracing::warn!(device = %wanted.device, "its Services key is left without a menu: \
                the address is longer than {URL} characters (services_host)");
        }
        Self {
            user: name(user),
            display_name: name(first.map_or("", |(.., display_name)| display_name)),
            short_name: name(first.map_or("", |(_, label, _)| label)),
            time_zone: time_zone(zone, now),
            ntp: file.ntp.iter().filter_map(|it| it.parse().ok()).collect(),
            time_format: if file.date_template.ends_with('A') {
                "h:ia"
            } else {
                "H:i"
            },
            date_format: date_format(&file.date_template),
            services: some(menu)
                .filter(|it| it.len() <= URL)
                .unwrap_or(NONE)
                .to_owned(),
        }
    }

    /// Made-up values.
    pub(super) fn sample(full: bool) -> Self {
        let text = |text: &str| if full { text } else { NONE }.to_owned();
        Self {
            user: "2001".to_owned(),
            display_name: text("Name"),
            short_name: text("Label"),
            time_zone: if full { 345 } else { 0 },
            ntp: if full {
                vec![Ipv4Addr::LOCALHOST; 2]
            } else {
                Vec::new()
            },
            time_format: "H:i",
            date_format: "d.m.y".to_owned(),
            services: text("http://192.0.2.1:8080/ccmcip/menu?name=SEP001122334455"),
        }
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// A name as it goes into the headers of SIP: in ASCII, for the load knows no
/// UTF-8.
fn name(text: &str) -> String {
    let plain: String = deunicode(text)
        .chars()
        .filter(|c| matches!(c, ' '..='~'))
        .take(NAME)
        .collect();
    some(plain.trim()).unwrap_or(NONE).to_owned()
}

/// How far the clock of a zone is off now: the load knows no summer time, and
/// reads its profile whenever it starts.
fn time_zone(zone: &str, now: Timestamp) -> i32 {
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    let seconds = TimeZone::get(zone).map_or(0, |zone| zone.to_offset(at).seconds());
    let minutes = (seconds / 60).clamp(*OFF.start(), *OFF.end());
    match (minutes % 60, minutes / 60) {
        (0, hours @ 0..=12) => hours,
        (0, hours @ -12..0) => 25 + hours,
        _ => minutes,
    }
}

/// Cisco's date template in the letters of the load: a capital `M` would be the
/// name of the month, a capital `Y` four digits.
fn date_format(template: &str) -> String {
    let letters = template.strip_suffix('A').unwrap_or(template);
    let year = if letters.contains("YY") { "Y" } else { "y" };
    letters
        .replace("YYYY", "Y")
        .replace("YY", "Y")
        .replace('Y', year)
        .replace('M', "m")
        .replace('D', "d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_told_in_hours_or_minutes_as_it_is_off_now() {
        let (january, july) = (Timestamp(1_768_500_000_000), Timestamp(1_784_000_000_000));
        for (zone, winter, summer) in [
            ("Europe/London", 0, 1),
            ("America/New_York", 20, 21),
            ("Pacific/Pago_Pago", 14, 14),
            ("Asia/Kathmandu", 345, 345),
            ("America/St_Johns", -210, -150),
            ("Pacific/Auckland", 780, 12),
            // Later than the load can be told.
            ("Pacific/Kiritimati", 780, 780),
            ("No/Where", 0, 0),
        ] {
            assert_eq!(time_zone(zone, january), winter, "{zone}");
            assert_eq!(time_zone(zone, july), summer, "{zone}");
        }
    }

    #[test]
    fn names_are_plain_and_an_empty_one_is_none() {
        assert_eq!(name("Zo\u{eb} \u{17b}ak\n"), "Zoe Zak");
        assert_eq!(name("  "), "0");
        assert_eq!(name(&"a".repeat(40)).len(), NAME);
    }

    #[test]
    fn dates_are_numbers() {
        for (template, letters) in [
            ("D.M.Y", "d.m.y"),
            ("M/D/YA", "m/d/y"),
            ("Y-M-D", "y-m-d"),
            ("D/M/YY", "d/m/Y"),
            ("D/M/YYYYA", "d/m/Y"),
        ] {
            assert_eq!(date_format(template), letters);
        }
    }
}
