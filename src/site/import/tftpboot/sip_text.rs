//! `SIPDefault.cnf` and `SIP<MAC>.cnf`, the text files of SIP loads of the
//! 7940 and 7960 (*Cisco SIP IP Phone Administrator Guide*, Configuration file
//! parameters): `name: value`, values may be quoted.

use std::collections::BTreeMap;

use super::Defaults;
use crate::model::{Line, Protocol};
use crate::site::check::is_date_template;
use crate::site::import::draft::{Draft, PoolWish, bare_phone};
use crate::site::import::keys::{Keys, Wish};
use crate::site::import::report::Place;
use crate::site::import::source::{self, Source};
use crate::site::import::{models, values, zones};

/// The lines of a 7960.
const LINES: u16 = 6;

/// The settings of a file by their names in lower case, with their lines. It
/// has no `Debug`: passwords are there.
#[derive(Clone, Default)]
pub(super) struct Settings(BTreeMap<String, (usize, String)>);

impl Settings {
    pub(super) fn read(source: &Source, draft: &mut Draft<'_>) -> Self {
        let text = source.text();
        let place = source.place();
        let mut settings = BTreeMap::new();
        for (number, line) in source::lines(&text, &place, draft) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
                continue;
            }
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            let value = match value.strip_prefix('"') {
                Some(rest) => rest.split('"').next().unwrap_or_default(),
                None => value.split(" #").next().unwrap_or_default().trim(),
            };
            let name = name.trim().to_ascii_lowercase();
            settings.insert(name, (number, value.to_owned()));
        }
        Self(settings)
    }

    /// A setting that is not empty.
    fn get(&self, name: &str) -> Option<(usize, &str)> {
        let (line, value) = self.0.get(name)?;
        (!value.is_empty()).then_some((*line, value.as_str()))
    }
}

/// Reads the file of a phone.
pub(super) fn read(source: &Source, draft: &mut Draft<'_>, defaults: &Defaults) {
    let place = source.place();
    let stem = source.base().split('.').next().unwrap_or_default();
    let Some(device) = stem.get(3..).and_then(values::mac) else {
        return;
    };
    if draft.is_twin(&place, &device) {
        return;
    }
    let own = Settings::read(source, draft);
    let value = |name: &str| {
        own.get(name)
            .or_else(|| defaults.sip.get(name))
            .map(|(_, value)| value)
    };
    let keys = keys(&own, &place, draft);
    let hints = models::Hints {
        // Only these two models read such files.
        load: Some(value("image_version").unwrap_or("P0S3")),
        keys: usize::from(keys.last()),
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
            "Embody serves this model with SCCP",
            "put an SCCP load on the phone",
        );
    }
    phone.description = value("phone_label")
        .and_then(values::text)
        .unwrap_or_default();
    let who = format!("phone {device}");
    let room = usize::from(model.keys);
    let settled = keys.settle(draft, &place, &who, Some((model, room)));
    phone.line = settled.lines;
    phone.phone_button_template = settled.template;
    let pool = PoolWish {
        time_zone: value("time_zone")
            .and_then(zones::by_short_name)
            .map(ToOwned::to_owned),
        date_template: value("date_format")
            .filter(|template| is_date_template(template))
            .map(ToOwned::to_owned),
        ntp: value("sntp_server")
            .and_then(values::host)
            .into_iter()
            .collect(),
        ..PoolWish::default()
    };
    not_carried(&own, &place, draft);
    draft.phone(place, phone, pool);
}

fn keys(own: &Settings, place: &Place, draft: &mut Draft<'_>) -> Keys {
    let mut keys = Keys::default();
    for key in 1..=LINES {
        let part = |part: &str| own.get(&format!("line{key}_{part}"));
        let Some((line, name)) = part("name") else {
            continue;
        };
        if name.eq_ignore_ascii_case("UNPROVISIONED") {
            continue;
        }
        let at = place.line(line);
        let Some(number) = values::number(name) else {
            draft.note(
                &at,
                "a line without a number",
                "a number has digits, *, #, + and A to D, at most 24",
                "write it with a number that reaches the same",
            );
            continue;
        };
        if let Some((line, _)) = part("password") {
            draft.note(
                &place.line(line),
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
        keys.put(key, line, wish);
    }
    keys
}

fn not_carried(own: &Settings, place: &Place, draft: &mut Draft<'_>) {
    for (name, why, remedy) in [
        (
            "proxy1_address",
            "phones are told to register with this Embody alone",
            "nothing",
        ),
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
            "phone_password",
            "Embody sets no password of the phone's own settings",
            "nothing",
        ),
        (
            "messages_uri",
            "Embody names no voicemail number to phones",
            "make it a speed dial",
        ),
    ] {
        if let Some((line, _)) = own.get(name) {
            draft.note(&place.line(line), name, why, remedy);
        }
    }
}
