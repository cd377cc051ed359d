//! The running-config of an IOS router with Unified CME (*Unified CME Command
//! Reference*; *Unified CME System Administrator Guide*, Extension Mobility):
//! `telephony-service`, `ephone-dn`, `ephone` and its template, `voice register
//! global`, `dn`, `pool` and `template`, `voice logout-profile` and `voice
//! user-profile`.

mod blocks;
mod flat;
mod keys;
mod phones;
mod profiles;
mod terminal;

use std::collections::BTreeMap;

use self::blocks::{Block, Mode};
use super::draft::{Draft, PoolWish};
use super::report::Place;
use super::source::Source;
use super::{locales, models, values, zones};
use crate::model::{ButtonOrder, MultipleLogin, ObjectName, Protocol};
use crate::site::check::is_date_template;

/// A directory number.
#[derive(Clone, Default)]
struct Dn {
    number: String,
    label: Option<String>,
    name: Option<String>,
}

/// What phones and profiles refer to.
#[derive(Default)]
struct Router {
    /// `ephone-dn`, by tag.
    sccp_numbers: BTreeMap<u32, Dn>,
    /// `voice register dn`, by tag.
    sip_numbers: BTreeMap<u32, Dn>,
    /// All of them, by their number: the first of each.
    by_number: BTreeMap<String, Dn>,
    /// What all SCCP phones have.
    sccp: Common,
    /// What all SIP phones have.
    sip: Common,
    /// Services of all phones and profiles.
    services: Vec<ObjectName>,
}

/// What all phones of a protocol have.
#[derive(Default)]
struct Common {
    pool: PoolWish,
    locale: Option<String>,
}

/// Reads the files.
pub(super) fn read(sources: &[&Source], draft: &mut Draft<'_>) {
    let texts: Vec<_> = sources
        .iter()
        .filter(|source| source.bytes.is_some())
        .map(|source| (terminal::as_printed(source.text()), source.place()))
        .collect();
    let mut blocks = Vec::new();
    for (text, place) in &texts {
        blocks::read(text, place, &mut blocks, draft);
    }
    let mut router = Router::default();
    let profiles =
        |block: &Block<'_>| matches!(block.mode, Mode::LogoutProfile | Mode::UserProfile);
    if blocks.iter().any(profiles) {
        as_cme_behaves(draft);
    }
    for block in &blocks {
        match block.mode {
            Mode::EphoneDn | Mode::RegisterDn => number(block, &mut router, draft),
            Mode::TelephonyService => global(block, &mut router, false, draft),
            Mode::RegisterGlobal => global(block, &mut router, true, draft),
            Mode::Other => other(block, draft),
            _ => {}
        }
    }
    let models = phones::read(&blocks, &router, draft);
    profiles::read(&blocks, &router, &models, draft);
}

/// What CME does without being told (*Unified CME System Administrator Guide*,
/// Extension Mobility): a second login ends the first, keys go by the ring of
/// their line, a profile is the same on every phone.
fn as_cme_behaves(draft: &mut Draft<'_>) {
    let parameters = &mut draft.parameters;
    parameters.multiple_login_behavior = MultipleLogin::AutoLogout;
    parameters.button_order = ButtonOrder::Cme;
    parameters.mismatch_keeps_user_settings = true;
    parameters.mismatch_reflows_buttons = true;
    parameters.clear_call_logs = true;
}

fn number(block: &Block<'_>, router: &mut Router, draft: &mut Draft<'_>) {
    let mut dn = Dn::default();
    for (line, command) in &block.commands {
        let (word, rest) = command.split_once(' ').unwrap_or((command, ""));
        match word {
            "number" => {
                let mut words = rest.split_whitespace();
                words.next().unwrap_or_default().clone_into(&mut dn.number);
                if rest.split_whitespace().any(|word| word == "secondary") {
                    draft.note(
                        &block.place.line(*line),
                        "secondary numbers",
                        "a line has one number here; calls to the other are the PBX's matter",
                        "send calls to that number to the first one",
                    );
                }
            }
            "label" => dn.label = values::text(unquoted(rest)),
            "name" => dn.name = values::text(unquoted(rest)),
            "description" => draft.note(
                &block.place.line(*line),
                "descriptions of directory numbers",
                "numbers have none here; a phone shows the label of its first line instead",
                "write label = \"..\" into the line, or description = \"..\" into its [[phone]]",
            ),
            _ => blocks::not_carried(block, *line, word, draft),
        }
    }
    let known = router.by_number.entry(dn.number.clone());
    known.or_insert_with(|| dn.clone());
    let numbers = match block.mode {
        Mode::RegisterDn => &mut router.sip_numbers,
        _ => &mut router.sccp_numbers,
    };
    if let Some(tag) = block.tag {
        numbers.insert(tag, dn);
    }
}

fn global(block: &Block<'_>, router: &mut Router, sip: bool, draft: &mut Draft<'_>) {
    let common = if sip {
        &mut router.sip
    } else {
        &mut router.sccp
    };
    let mut clock = Clock::default();
    for (line, command) in &block.commands {
        let at = block.place.line(*line);
        let words: Vec<&str> = command.split_whitespace().collect();
        match words.as_slice() {
            ["time-zone" | "timezone", zone, ..] => {
                common.pool.time_zone = zones::by_number(zone).map(ToOwned::to_owned);
                if common.pool.time_zone.is_none() {
                    draft.note(
                        &at,
                        "the time zone",
                        "its number is not one of CME's",
                        "write time_zone into the [[device_pool]]",
                    );
                }
            }
            ["date-format", format, ..] => clock.date = Some((*line, (*format).to_owned())),
            ["time-format", format, ..] => clock.hours_24 = *format == "24",
            ["user-locale", rest @ ..] => {
                if let Some(code) = default_locale(rest) {
                    common.locale = locales::of_country(code).map(ToOwned::to_owned);
                    if common.locale.is_none() {
                        strange_locale(&at, draft);
                    }
                }
            }
            ["network-locale", rest @ ..] => {
                if let Some(code) = default_locale(rest) {
                    let locale = locales::network_of_country(code);
                    locale
                        .unwrap_or_default()
                        .clone_into(&mut common.pool.network_locale);
                }
            }
            ["ntp-server", host, ..] => common.pool.ntp.extend(values::host(host)),
            ["em", rest @ ..] => extension_mobility(rest, &at, draft),
            ["url", "services" | "service", url, rest @ ..] => {
                let name = rest.first().copied().filter(|word| *word != "root");
                match draft.service(&at, name.unwrap_or("Services of the router"), url) {
                    Some(name) => router.services.push(name),
                    None => draft.note(
                        &at,
                        "url services",
                        "it is no URL that phones take",
                        "write it as [[service]] by hand",
                    ),
                }
            }
            ["url", what, ..] => draft.note(
                &at,
                &format!("url {}", blocks::plain(what)),
                "phones ask Embody itself, or nobody",
                "make it a [[service]] if people used it",
            ),
            ["load", models, load, ..] => {
                loads(models, load, sip, &at, &mut common.pool, draft);
            }
            ["service", ..] if blocks::phone_service(command, &mut common.pool.vendor_config) => {}
            ["xml" | "authentication", ..] => draft.note(
                &at,
                "credentials of programs",
                "they are CME's own",
                "make an [[application_user]] for each program that signs people in",
            ),
            [word, ..] => blocks::not_carried(block, *line, word, draft),
            [] => {}
        }
    }
    common.pool.date_template = clock.template();
    if let Some((line, _)) = clock.date.filter(|_| common.pool.date_template.is_none()) {
        draft.note(
            &block.place.line(line),
            "date-format",
            "it is none of D, M and Y with one separator",
            "write date_template into the [[device_pool]]",
        );
    }
}

/// `load 7960-7940 P00308010200`: what the phones of a model run.
fn loads(
    given: &str,
    load: &str,
    sip: bool,
    at: &Place,
    pool: &mut PoolWish,
    draft: &mut Draft<'_>,
) {
    let models = models::several(draft.catalogue, given);
    if models.is_empty() {
        draft.note(
            at,
            &format!("load of {}", blocks::plain(given)),
            "it is for no phone that Embody serves",
            "nothing, or put its files into the folder of static files",
        );
    }
    let protocol = if sip { Protocol::Sip } else { Protocol::Sccp };
    for model in models {
        if let Some(load) = draft.load(at, model, Some(protocol), load) {
            pool.loads.insert(model.name.clone(), load);
        }
    }
}

fn strange_locale(at: &Place, draft: &mut Draft<'_>) {
    draft.note(
        at,
        "user-locale",
        "it is a locale of the operator's own, or none that CME's documents list",
        "write locale = \"..\" into phones and profiles",
    );
}

/// The code of locale 0, which phones without a template have: `DE`, `0 DE`.
fn default_locale<'a>(words: &[&'a str]) -> Option<&'a str> {
    match words {
        ["0", code, ..] => Some(code),
        [code, ..] if code.parse::<u8>().is_err() => Some(code),
        _ => None,
    }
}

/// How CME writes dates: month first and 12 hours unless told otherwise.
#[derive(Default)]
struct Clock {
    date: Option<(usize, String)>,
    hours_24: bool,
}

impl Clock {
    fn template(&self) -> Option<String> {
        let given = self.date.as_ref().map_or("mm/dd/yy", |(_, date)| date);
        // SIP phones are given theirs in capital letters, as it is in their file.
        let format = given.to_ascii_lowercase();
        let separator = if format.contains('/') { "/" } else { "-" };
        let letters: Option<Vec<&str>> = format
            .split(['-', '/'])
            .map(|part| match part.get(..1) {
                Some("d") => Some("D"),
                Some("m") => Some("M"),
                Some("y") => Some("Y"),
                _ => None,
            })
            .collect();
        let mut template = letters?.join(separator);
        if !self.hours_24 {
            template.push('A');
        }
        is_date_template(&template).then_some(template)
    }
}

/// `em logout`, `em keep-history`, `em external`.
fn extension_mobility(words: &[&str], at: &Place, draft: &mut Draft<'_>) {
    match words {
        ["logout", times @ ..] => {
            let read = |time: &&str| (*time).to_owned().try_into().ok();
            let mut known: Vec<crate::model::TimeOfDay> = times.iter().filter_map(read).collect();
            if known.len() < times.len() {
                draft.note(
                    at,
                    "em logout",
                    "not all of it are times of day",
                    "write logout_times into [parameters]",
                );
            }
            known.dedup();
            known.truncate(crate::model::Parameters::MOST_LOGOUT_TIMES);
            draft.parameters.logout_times = known;
        }
        ["keep-history"] => draft.parameters.clear_call_logs = false,
        ["external"] => draft.note(
            at,
            "em external",
            "the entry in the Services menu is always there",
            "nothing; programs may sign people in besides",
        ),
        _ => {}
    }
}

/// Parts of the configuration that are not phones, and are told.
fn other(block: &Block<'_>, draft: &mut Draft<'_>) {
    let why = "it is about calls, and Embody sets up none";
    let remedy = "keep it in the system that sets up the calls";
    draft.note(&block.place.line(block.line), block.title, why, remedy);
}

/// A text without the quotes around it.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"')
        .map_or(text, |rest| rest.split('"').next().unwrap_or(rest))
}
