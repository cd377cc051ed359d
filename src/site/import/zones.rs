//! Time zones by Cisco's names and numbers, as IANA zones.

/// The zones that CME numbers from 1 (*Unified CME Command Reference*,
/// `time-zone`): Cisco's name without `Standard..Time`, and a zone that has
/// the same rules today.
const ZONES: [(&str, &str); 53] = [
    ("Dateline", "Etc/GMT+12"),
    ("Samoa", "Pacific/Pago_Pago"),
    ("Hawaiian", "Pacific/Honolulu"),
    ("Alaskan", "America/Anchorage"),
    ("Pacific", "America/Los_Angeles"),
    ("Mountain", "America/Denver"),
    ("US Mountain", "America/Phoenix"),
    ("Central", "America/Chicago"),
    ("Mexico", "America/Mexico_City"),
    ("Canada Central", "America/Regina"),
    ("SA Pacific", "America/Bogota"),
    ("Eastern", "America/New_York"),
    ("US Eastern", "America/Panama"),
    ("Atlantic", "America/Halifax"),
    ("SA Western", "America/La_Paz"),
    ("Newfoundland", "America/St_Johns"),
    ("South America", "America/Sao_Paulo"),
    ("SA Eastern", "America/Argentina/Buenos_Aires"),
    ("Mid-Atlantic", "Atlantic/South_Georgia"),
    ("Azores", "Atlantic/Azores"),
    ("GMT", "Europe/London"),
    ("Greenwich", "Africa/Abidjan"),
    ("W. Europe", "Europe/Berlin"),
    ("GTB", "Europe/Athens"),
    ("Egypt", "Africa/Cairo"),
    ("E. Europe", "Europe/Bucharest"),
    ("Romance", "Europe/Paris"),
    ("Central Europe", "Europe/Berlin"),
    ("South Africa", "Africa/Johannesburg"),
    ("Jerusalem", "Asia/Jerusalem"),
    ("Saudi Arabia", "Asia/Riyadh"),
    ("Russian", "Europe/Moscow"),
    ("Iran", "Asia/Tehran"),
    ("Caucasus", "Asia/Yerevan"),
    ("Arabian", "Asia/Dubai"),
    ("Afghanistan", "Asia/Kabul"),
    ("West Asia", "Asia/Karachi"),
    ("Ekaterinburg", "Asia/Yekaterinburg"),
    ("India", "Asia/Kolkata"),
    ("Central Asia", "Asia/Dhaka"),
    ("SE Asia", "Asia/Bangkok"),
    ("China", "Asia/Shanghai"),
    ("Taipei", "Asia/Taipei"),
    ("Tokyo", "Asia/Tokyo"),
    ("Cen. Australia", "Australia/Adelaide"),
    ("AUS Central", "Australia/Darwin"),
    ("E. Australia", "Australia/Brisbane"),
    ("AUS Eastern", "Australia/Sydney"),
    ("West Pacific", "Pacific/Guam"),
    ("Tasmania", "Australia/Hobart"),
    ("Central Pacific", "Pacific/Guadalcanal"),
    ("Fiji", "Pacific/Fiji"),
    ("New Zealand", "Pacific/Auckland"),
];

/// The zones of SIP loads of the 7940 and 7960 (*SIP administration guide for
/// the 7940 and 7960*, `time_zone`), those that are in use.
const SHORT: [(&str, &str); 14] = [
    ("HST", "Pacific/Honolulu"),
    ("YST", "America/Anchorage"),
    ("PST", "America/Los_Angeles"),
    ("MST", "America/Denver"),
    ("CST", "America/Chicago"),
    ("EST", "America/New_York"),
    ("AST", "America/Halifax"),
    ("NST", "America/St_Johns"),
    ("GMT", "Europe/London"),
    ("CET", "Europe/Berlin"),
    ("EET", "Europe/Athens"),
    ("JST", "Asia/Tokyo"),
    ("EAST", "Australia/Sydney"),
    ("NZST", "Pacific/Auckland"),
];

/// The zone with this number in CME.
pub(super) fn by_number(number: &str) -> Option<&'static str> {
    let number: usize = number.trim().parse().ok()?;
    let (_, zone) = ZONES.get(number.checked_sub(1)?)?;
    Some(zone)
}

/// The zone that Cisco's boot files call so, with or without its daylight
/// saving time.
pub(super) fn by_name(name: &str) -> Option<&'static str> {
    let (place, _) = name.trim().split_once(" Standard")?;
    let found = ZONES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(place));
    found.map(|(_, zone)| *zone)
}

/// The zone that text files of the 7940 and 7960 call so.
pub(super) fn by_short_name(name: &str) -> Option<&'static str> {
    let found = SHORT
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
    found.map(|(_, zone)| *zone)
}

/// Whether there is such an IANA zone.
pub(super) fn is_iana(name: &str) -> bool {
    crate::site::check::is_zone(name)
}
