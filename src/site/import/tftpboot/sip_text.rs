//! `SIPDefault.cnf` and `SIP<MAC>.cnf`, the text files of SIP loads of the
//! 7940 and 7960 (*Cisco SIP IP Phone Administrator Guide*, Configuration file
//! parameters): `name: value` or `name=value`, values may be quoted, and a
//! semicolon begins a comment; CME ends every line with one.

use std::collections::BTreeMap;

use super::Defaults;
use crate::model::{DeviceName, Line, Protocol, SpeedDial};
use crate::site::check::is_date_template;
use crate::site::import::draft::{Draft, PoolWish, bare_phone};
use crate::site::import::keys::{Keys, Wish};
use crate::site::import::report::Place;
use crate::site::import::source::{self, Source};
use crate::site::import::{models, values, zones};

/// The lines of a 7960.
const LINES: u16 = 6;
/// The speed dials that such a load knows.
const SPEED_DIALS: u16 = 5;

/// What lines and servers that are not in use are called.
const UNPROVISIONED: &str = "UNPROVISIONED";

/// The settings of a file by their names in lower case, with their places. It
/// has no `Debug`: passwords are there.
#[derive(Clone, Default)]
pub(super) struct Settings(BTreeMap<String, (Place, String)>);

impl Settings {
    pub(super) fn read(source: &Source, draft: &mut Draft<'_>) -> Self {
        let text = source.text();
        let place = source.place();
        let mut settings = BTreeMap::new();
        for (number, line) in source::lines(&text, &place, draft) {
            if let Some((name, value)) = setting(line) {
                let name = name.to_ascii_lowercase();
                settings.insert(name, (place.line(number), value.to_owned()));
            }
        }
        Self(settings)
    }

    /// A setting that is in use.
    fn get(&self, name: &str) -> Option<(&Place, &str)> {
        let (place, value) = self.0.get(name)?;
        let used = !value.is_empty() && !value.eq_ignore_ascii_case(UNPROVISIONED);
        used.then_some((place, value.as_str()))
    }

    /// What stands in the file and in no site file.
    pub(super) fn not_carried(&self, draft: &mut Draft<'_>) {
        for (name, why, remedy) in NOT_CARRIED {
            // `dialplan` is the name that Embody gives it, too.
            let other = |(_, value): &(&Place, &str)| !value.eq_ignore_ascii_case("dialplan");
            if let Some((place, _)) = self.get(name).filter(other) {
                draft.note(place, name, why, remedy);
            }
        }
    }
}

/// The name and the value of a line.
fn setting(line: &str) -> Option<(&str, &str)> {
    let line = without_comment(line).trim();
    if line.starts_with('#') || line.starts_with("//") {
        return None;
    }
    let (name, value) = line.split_once([':', '='])?;
    let value = value.trim();
    let value = match value.strip_prefix('"') {
        Some(rest) => rest.split('"').next().unwrap_or_default(),
        None => value.split(" #").next().unwrap_or_default().trim(),
    };
    Some((name.trim(), value))
}

/// What stands before the first semicolon that is in no quotes.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let end = line.find(|c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    end.and_then(|end| line.get(..end)).unwrap_or(line)
}

/// Settings that are not carried over, why not, and what to do.
const NOT_CARRIED: [(&str, &str, &str); 12] = [
    (
        "image_version",
        "such phones are told no load here, and keep the one they have",
        "nothing, or put an OS79XX.TXT that names it into the folder of static files",
    ),
    ("proxy1_address", HERE, "nothing"),
    ("outbound_proxy", HERE, "nothing"),
    (
        "proxy_backup",
        HERE,
        "write call_managers into the [[device_pool]] if there are more nodes of it",
    ),
    ("proxy_emergency", HERE, "nothing"),
    (
        "services_url",
        "the Services key opens Embody's menu",
        "make the old page a [[service]]",
    ),
    (
        "directory_url",
        "Embody names no directory to phones",
        "make it a [[service]]",
    ),
    (
        "logo_url",
        "Embody names no picture to phones",
        "change the template of the text file if you need it",
    ),
    (
        "http_proxy_addr",
        "phones reach Embody without a proxy",
        "nothing",
    ),
    (
        "dial_template",
        "all SIP phones read dialplan.xml here",
        "bring its rules into phone-configs/dialplan.xml",
    ),
    (
        "phone_password",
        "Embody sets no password of the phone's own settings",
        "nothing",
    ),
    (
        "messages_uri",
        "Embody names no voicemail number to phones",
        "make it a speed dial",
    ),
];

/// Why a phone keeps no other server.
const HERE: &str = "phones are told to register with this Embody alone";

/// The phone that a file is for, by its name.
pub(super) fn device(source: &Source) -> Option<DeviceName> {
    let stem = source.base().split('.').next()?;
    values::mac(stem.get(3..)?)
}

/// Reads the file of a phone.
pub(super) fn read(source: &Source, draft: &mut Draft<'_>, defaults: &Defaults) {
    let place = source.place();
    let Some(device) = device(source) else {
        return;
    };
    if draft.is_twin(&place, &device) {
        return;
    }
    let own = Settings::read(source, draft);
    let setting = |name: &str| own.get(name).or_else(|| defaults.sip.get(name));
    let value = |name: &str| setting(name).map(|(_, value)| value);
    let mut keys = keys(&own, draft);
    let hints = models::Hints {
        // Only these two models read such files.
        load: Some(value("image_version").unwrap_or("P0S3")),
        keys: usize::from(keys.last()),
        protocol: Some(Protocol::Sip),
        ..models::Hints::default()
    };
    let Some(model) = models::choose(draft, &place, &device, hints) else {
        return;
    };
    let mut phone = bare_phone(device.clone(), model.name.clone());
    phone.protocol = Some(Protocol::Sip).filter(|protocol| model.facts(*protocol).is_some());
    if phone.protocol.is_none() {
        draft.note(
            &place,
            &format!("SIP on a {}", model.name),
            "Embody does not serve this model with it, and such files are read by a 7940 or 7960",
            "look at the phone, and say which model it is with --model",
        );
    }
    phone.description = value("phone_label")
        .and_then(values::text)
        .unwrap_or_default();
    speed_dials(&mut keys, setting, draft);
    let who = format!("phone {device}");
    let room = usize::from(model.keys);
    let settled = keys.settle(draft, &place, &who, Some((model, room)));
    phone.line = settled.lines;
    phone.speed_dial = settled.dials;
    phone.phone_button_template = settled.template;
    let pool = pool(setting, draft);
    own.not_carried(draft);
    draft.phone(place, phone, pool);
}

/// Time, date and NTP, whichever of the two files says them.
fn pool<'s>(
    setting: impl Fn(&str) -> Option<(&'s Place, &'s str)>,
    draft: &mut Draft<'_>,
) -> PoolWish {
    let zone = setting("time_zone");
    let time_zone = zone.and_then(|(_, zone)| zones::by_short_name(zone));
    if let Some((at, _)) = zone.filter(|_| time_zone.is_none()) {
        draft.note(
            at,
            "the time zone",
            "its name is not one that is known",
            "write time_zone into the [[device_pool]]",
        );
    }
    let halves = setting("time_format_24hr").is_some_and(|(_, full)| full == "0");
    let date = setting("date_format");
    let date_template = date
        .map(|(_, date)| format!("{date}{}", if halves { "A" } else { "" }))
        .filter(|template| is_date_template(template));
    if let Some((at, _)) = date.filter(|_| date_template.is_none()) {
        draft.note(
            at,
            "date_format",
            "it is none of D, M and Y with one separator",
            "write date_template into the [[device_pool]]",
        );
    }
    PoolWish {
        time_zone: time_zone.map(ToOwned::to_owned),
        date_template,
        ntp: setting("sntp_server")
            .and_then(|(_, server)| values::host(server))
            .into_iter()
            .collect(),
        ..PoolWish::default()
    }
}

fn keys(own: &Settings, draft: &mut Draft<'_>) -> Keys {
    let mut keys = Keys::default();
    for key in 1..=LINES {
        let part = |part: &str| own.get(&format!("line{key}_{part}"));
        let Some((at, name)) = part("name") else {
            continue;
        };
        let Some(number) = values::number(name) else {
            not_a_number(at, "a line", draft);
            continue;
        };
        if let Some((at, _)) = part("password") {
            draft.note(
                at,
                "digest secrets",
                "Embody makes a secret for each phone itself, and writes it into its file",
                "nothing",
            );
        }
        let text = |name: &str| part(name).and_then(|(_, text)| values::label(text, &number));
        let wish = Wish::Line(Box::new(Line {
            label: text("shortname"),
            display_name: text("displayname"),
            ..Line::new(number.clone())
        }));
        keys.put(key, at.number(), wish);
    }
    keys
}

/// Speed dials, in their order on the keys that no line is on.
fn speed_dials<'s>(
    keys: &mut Keys,
    setting: impl Fn(&str) -> Option<(&'s Place, &'s str)>,
    draft: &mut Draft<'_>,
) {
    let mut free = 1;
    for index in 1..=SPEED_DIALS {
        let Some((at, given)) = setting(&format!("speed_line{index}")) else {
            continue;
        };
        let Some(number) = values::number(given) else {
            not_a_number(at, "a speed dial", draft);
            continue;
        };
        let label = setting(&format!("speed_label{index}"));
        let dial = SpeedDial {
            label: label.and_then(|(_, label)| values::label(label, &number)),
            ..SpeedDial::new(number)
        };
        while free <= LINES + SPEED_DIALS && !keys.put(free, 0, Wish::Dial(dial.clone())) {
            free += 1;
        }
    }
}

fn not_a_number(at: &Place, what: &str, draft: &mut Draft<'_>) {
    draft.note(
        at,
        &format!("{what} without a number"),
        "a number has digits, *, #, + and A to D, at most 24",
        "write it with a number that reaches the same",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_the_phone_does() {
        for (line, read) in [
            ("line1_name: \"4010\"", Some(("line1_name", "4010"))),
            (" line1_name=4010", Some(("line1_name", "4010"))),
            ("user_info: none ;", Some(("user_info", "none"))),
            (
                "phone_label: \"a; b # c\" ; at the door",
                Some(("phone_label", "a; b # c")),
            ),
            (
                "services_url: http://192.0.2.1/x?a=b ; c",
                Some(("services_url", "http://192.0.2.1/x?a=b")),
            ),
            ("sip_uri=sip:4010", Some(("sip_uri", "sip:4010"))),
            ("a: b # c", Some(("a", "b"))),
            ("a: ;", Some(("a", ""))),
            ("; a: b", None),
            ("# a: b", None),
            ("// a: b", None),
            ("word", None),
            ("", None),
        ] {
            assert_eq!(setting(line), read, "{line}");
        }
    }
}
