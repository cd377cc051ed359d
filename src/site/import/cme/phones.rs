//! `ephone` and `voice register pool`, with their templates.

use std::collections::BTreeMap;

use super::blocks::{self, Block, Mode};
use super::{Common, Dn, Router, unquoted};
use crate::model::{DirectoryNumber, Line, LogoutProfile, ModelName, Protocol, Ring, SpeedDial};
use crate::site::import::draft::{Draft, bare_phone, subscription};
use crate::site::import::keys::{Keys, Wish};
use crate::site::import::report::Place;
use crate::site::import::{locales, models, values};

/// The highest tag of a speed dial that is kept.
const MOST_DIALS: u16 = 113;

/// The models on which people sign in, and how many phones are of each; and
/// for each logout profile the model of its first phone.
#[derive(Default)]
pub(super) struct Models {
    pub(super) open: BTreeMap<ModelName, usize>,
    pub(super) of_logout_profile: BTreeMap<u32, ModelName>,
}

impl Models {
    /// The model that most phones are of.
    pub(super) fn most(&self) -> Option<&ModelName> {
        let most = self
            .open
            .iter()
            .max_by_key(|(name, count)| (**count, std::cmp::Reverse((*name).clone())));
        most.map(|(name, _)| name)
    }
}

/// What a phone or a template says.
#[derive(Clone, Default)]
struct Settings {
    mac: Option<String>,
    model: Option<(usize, String)>,
    modules: Vec<String>,
    description: Option<String>,
    /// Line keys: number of the key, separator, tags.
    buttons: Vec<(usize, u16, Ring, Vec<u32>)>,
    dials: BTreeMap<u16, (usize, SpeedDial)>,
    lamps: BTreeMap<u16, (usize, SpeedDial)>,
    /// The tag of another locale than the first.
    locale: Option<String>,
    template: Option<u32>,
    logout_profile: Option<u32>,
}

/// Reads all phones.
pub(super) fn read(blocks: &[Block<'_>], router: &Router, draft: &mut Draft<'_>) -> Models {
    let locales = tagged_locales(blocks);
    let mut templates: BTreeMap<(bool, u32), Settings> = BTreeMap::new();
    for block in blocks {
        let sip = match block.mode {
            Mode::EphoneTemplate => false,
            Mode::RegisterTemplate => true,
            _ => continue,
        };
        if let Some(tag) = block.tag {
            templates.insert((sip, tag), settings(block, &locales, draft));
        }
    }
    let mut models = Models::default();
    for block in blocks {
        let sip = match block.mode {
            Mode::Ephone => false,
            Mode::RegisterPool => true,
            _ => continue,
        };
        let mut own = settings(block, &locales, draft);
        if let Some(template) = own.template.and_then(|tag| templates.get(&(sip, tag))) {
            own.inherit(template);
        }
        phone(block, sip, own, router, &mut models, draft);
    }
    models
}

/// `user-locale 1 DE`: locales that templates refer to by their number.
fn tagged_locales(blocks: &[Block<'_>]) -> BTreeMap<String, &'static str> {
    let commands = blocks.iter().flat_map(|block| &block.commands);
    commands
        .filter_map(|(_, command)| {
            let words: Vec<&str> = command.split_whitespace().collect();
            match words.as_slice() {
                ["user-locale", tag, code, ..] => {
                    Some(((*tag).to_owned(), locales::of_country(code)?))
                }
                _ => None,
            }
        })
        .collect()
}

impl Settings {
    /// What the template says and the phone does not.
    fn inherit(&mut self, template: &Self) {
        let Self {
            model,
            modules,
            dials,
            lamps,
            locale,
            ..
        } = template;
        if self.model.is_none() {
            self.model.clone_from(model);
        }
        if self.modules.is_empty() {
            self.modules.clone_from(modules);
        }
        if self.locale.is_none() {
            self.locale.clone_from(locale);
        }
        for (tag, dial) in dials {
            self.dials.entry(*tag).or_insert_with(|| dial.clone());
        }
        for (tag, dial) in lamps {
            self.lamps.entry(*tag).or_insert_with(|| dial.clone());
        }
    }
}

fn settings(
    block: &Block<'_>,
    locales: &BTreeMap<String, &'static str>,
    draft: &mut Draft<'_>,
) -> Settings {
    let mut settings = Settings::default();
    for (line, command) in &block.commands {
        let at = block.place.line(*line);
        let words: Vec<&str> = command.split_whitespace().collect();
        match words.as_slice() {
            ["mac-address", mac, ..] | ["id", "mac", mac, ..] => {
                settings.mac = Some((*mac).to_owned());
            }
            ["type", model, rest @ ..] => {
                settings.model = Some((*line, (*model).to_owned()));
                settings.modules = modules(rest);
            }
            ["button", keys @ ..] => {
                for key in keys {
                    match button(key) {
                        Some((key, ring, tags)) => settings.buttons.push((*line, key, ring, tags)),
                        None => draft.note(
                            &at,
                            "a button",
                            "it is not a key, one of : s b f m o c x w, and numbers",
                            "write the line by hand",
                        ),
                    }
                }
            }
            ["number", key, "dn", tag, ..] => {
                if let (Ok(key), Ok(tag)) = (key.parse(), tag.parse()) {
                    settings.buttons.push((*line, key, Ring::Normal, vec![tag]));
                }
            }
            ["speed-dial", tag, ..] => {
                let rest = after(command, 2);
                dial(tag, rest, false, *line, &at, &mut settings.dials, draft);
            }
            ["blf-speed-dial", tag, ..] => {
                let rest = after(command, 2);
                dial(tag, rest, true, *line, &at, &mut settings.lamps, draft);
            }
            ["ephone-template" | "template", tag, ..] => settings.template = tag.parse().ok(),
            ["logout-profile", tag, ..] => settings.logout_profile = tag.parse().ok(),
            ["description", ..] => settings.description = values::text(unquoted(after(command, 1))),
            ["user-locale", tag, ..] => {
                settings.locale = locales.get(*tag).map(|locale| (*locale).to_owned());
            }
            ["username" | "user", ..] => draft.note(
                &at,
                "user name and password of phones",
                "they are the router's; SIP phones get secrets that Embody makes",
                "nothing, or make an [[application_user]] for a program that used them",
            ),
            ["pin", ..] => draft.note(
                &at,
                "PINs of phones",
                "they lift the router's block after hours, and nobody signs in with them",
                "nothing",
            ),
            [word, ..] => blocks::not_carried(block, *line, word, draft),
            [] => {}
        }
    }
    settings
}

/// What follows the first words of a command.
fn after(command: &str, words: usize) -> &str {
    (0..words).fold(command, |rest, _| {
        let rest = rest.trim_start();
        rest.split_once(char::is_whitespace)
            .map_or("", |(_, rest)| rest)
    })
}

/// `addon 1 7914 2 7914`, `addon 1 CKEM`.
fn modules(words: &[&str]) -> Vec<String> {
    let given = match words.split_first() {
        Some((first, rest)) if *first == "addon" => rest,
        _ => return Vec::new(),
    };
    let module = |word: &&&str| word.parse::<u8>().is_err();
    let modules = given.iter().filter(module);
    modules.take(8).map(|word| (*word).to_owned()).collect()
}

/// `1:1`, `2s3`, `4o6,7,8` (*Unified CME Command Reference*, `button`).
fn button(text: &str) -> Option<(u16, Ring, Vec<u32>)> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (key, rest) = text.split_at_checked(at)?;
    let split = rest.find(|c: char| c.is_ascii_digit())?;
    let (separator, tags) = rest.split_at_checked(split)?;
    let ring = match separator {
        ":" => Ring::Normal,
        "s" => Ring::Silent,
        "b" => Ring::Beep,
        "f" => Ring::Feature,
        "m" | "w" => Ring::Monitor,
        "o" | "x" => Ring::Overlay,
        "c" => Ring::CwOverlay,
        _ => return None,
    };
    let tags: Option<Vec<u32>> = tags.split(',').map(|tag| tag.trim().parse().ok()).collect();
    Some((key.parse().ok()?, ring, tags?))
}

/// A speed dial: `2001 label "ephone2" blf`. It may be quoted.
pub(super) fn dial(
    tag: &str,
    rest: &str,
    blf: bool,
    line: usize,
    at: &Place,
    dials: &mut BTreeMap<u16, (usize, SpeedDial)>,
    draft: &mut Draft<'_>,
) {
    let Some((given, mut rest)) = values::word(rest) else {
        return;
    };
    let tag = tag
        .parse()
        .ok()
        .filter(|tag| (1..=MOST_DIALS).contains(tag));
    let Some((tag, number)) = tag.zip(values::number(&unlocked(given, at, draft))) else {
        draft.note(
            at,
            "a speed dial without a number",
            "a number has digits, *, #, + and A to D, at most 24",
            "write it with a number that reaches the same",
        );
        return;
    };
    let mut dial = SpeedDial {
        blf,
        ..SpeedDial::new(number)
    };
    while let Some((word, after)) = values::word(rest) {
        rest = after;
        match word {
            "label" => {
                if let Some((label, after)) = values::word(rest) {
                    dial.label = values::label(label, &dial.number);
                    rest = after;
                }
            }
            "blf" => dial.blf = true,
            _ => {}
        }
    }
    dials.insert(tag, (line, dial));
}

/// A plus before a short number locks the entry in CME; before a long one it
/// is the number's own.
fn unlocked(given: &str, at: &Place, draft: &mut Draft<'_>) -> String {
    match given.strip_prefix('+') {
        Some(number) if number.len() < 8 => {
            draft.note(
                at,
                "the + before a speed dial",
                "it locks the entry at the phone; entries are changed nowhere else here anyway",
                "nothing",
            );
            number.to_owned()
        }
        _ => given.to_owned(),
    }
}

fn phone(
    block: &Block<'_>,
    sip: bool,
    own: Settings,
    router: &Router,
    models: &mut Models,
    draft: &mut Draft<'_>,
) {
    let at = block.place.line(block.line);
    let tag = block.tag.unwrap_or(0);
    let Some(device) = own.mac.as_deref().and_then(values::mac) else {
        draft.note(
            &at,
            &format!("{} {tag}", block.title),
            "it has no MAC address",
            "write its [[phone]] by hand once the phone is there",
        );
        return;
    };
    if draft.is_twin(&at, &device) {
        return;
    }
    let protocol = if sip { Protocol::Sip } else { Protocol::Sccp };
    let hints = models::Hints {
        name: own.model.as_ref().map(|(_, name)| name.as_str()),
        protocol: Some(protocol),
        ..models::Hints::default()
    };
    let place = own
        .model
        .as_ref()
        .map_or(at.clone(), |(line, _)| block.place.line(*line));
    let Some(model) = models::choose(draft, &place, &device, hints) else {
        return;
    };
    let mut phone = bare_phone(device.clone(), model.name.clone());
    phone.protocol = model.facts(protocol).is_some().then_some(protocol);
    if phone.protocol.is_none() {
        draft.note(
            &place,
            &format!("{protocol} on a {}", model.name),
            "Embody does not serve this model with it",
            "put the other load on the phone",
        );
    }
    phone.description = own.description.clone().unwrap_or_default();
    for given in &own.modules {
        match models::module(draft.catalogue, model, given) {
            Some(module) if phone.expansion_modules.len() < usize::from(model.maximum_modules) => {
                phone.expansion_modules.push(module);
            }
            _ => draft.note(
                &place,
                &format!("add-on module {}", blocks::plain(given)),
                &format!("a {} takes no such one, or no further one", model.name),
                "look at the phone",
            ),
        }
    }
    if let Some(profile) = own.logout_profile {
        phone.extension_mobility = true;
        if let Ok(name) = super::profiles::logout_name(profile).try_into() {
            phone.logout_profile = LogoutProfile::Profile(name);
        }
        *models.open.entry(model.name.clone()).or_default() += 1;
        let first = models.of_logout_profile.entry(profile);
        first.or_insert_with(|| model.name.clone());
    }
    let (numbers, common): (_, &Common) = if sip {
        (&router.sip_numbers, &router.sip)
    } else {
        (&router.sccp_numbers, &router.sccp)
    };
    phone.locale = own.locale.clone().or_else(|| common.locale.clone());
    phone.service = router.services.iter().cloned().map(subscription).collect();
    let room = usize::from(model.keys)
        + usize::from(draft.catalogue.module_keys(&phone.expansion_modules));
    let keys = keys(block, own, numbers, draft);
    let settled = keys.settle(draft, &at, &format!("phone {device}"), Some((model, room)));
    phone.line = settled.lines;
    phone.speed_dial = settled.dials;
    phone.phone_button_template = settled.template;
    draft.phone(at, phone, common.pool.clone());
}

/// Lines on their keys; speed dials on the keys that are left, by their tags
/// (*Unified CME Command Reference*, `speed-dial`).
fn keys(
    block: &Block<'_>,
    own: Settings,
    numbers: &BTreeMap<u32, Dn>,
    draft: &mut Draft<'_>,
) -> Keys {
    let mut keys = Keys::default();
    for (line, key, ring, tags) in own.buttons {
        let at = block.place.line(line);
        if let Some(line_of) = line_of(&tags, ring, numbers, &at, draft)
            && !keys.put(key, line, Wish::Line(Box::new(line_of)))
        {
            draft.note(
                &at,
                "a second line on a key",
                "one key has one line, or numbers that are overlaid",
                "write the line by hand",
            );
        }
    }
    let mut free = 1;
    for (line, dial) in own.dials.into_values().chain(own.lamps.into_values()) {
        while free < u16::MAX && !keys.put(free, line, Wish::Dial(dial.clone())) {
            free += 1;
            if free > 1000 {
                break;
            }
        }
    }
    keys
}

fn line_of(
    tags: &[u32],
    ring: Ring,
    numbers: &BTreeMap<u32, Dn>,
    at: &Place,
    draft: &mut Draft<'_>,
) -> Option<Line> {
    let mut known: Vec<(DirectoryNumber, &Dn)> = Vec::new();
    for tag in tags {
        let dn = numbers.get(tag);
        match dn.and_then(|dn| Some((DirectoryNumber::new(&dn.number).ok()?, dn))) {
            Some(found) => known.push(found),
            None => draft.note(
                at,
                &format!("number {tag} of a button"),
                match dn {
                    None => "there is no such directory number",
                    Some(_) => "it has no number, or a pattern of numbers",
                },
                "write the line by hand",
            ),
        }
    }
    let overlay = matches!(ring, Ring::Overlay | Ring::CwOverlay);
    if known.len() > 1 && !overlay {
        draft.note(
            at,
            "several numbers on one key",
            "only overlay keys have them; the first was taken",
            "write ring = \"overlay\" and overlaid = [..] if it shall have all",
        );
        known.truncate(1);
    }
    let mut known = known.into_iter();
    let (number, dn) = known.next()?;
    Some(Line {
        overlaid: known.map(|(number, _)| number).collect(),
        ring,
        ..labelled(number, dn)
    })
}

/// A line with the label and the name of its directory number.
pub(super) fn labelled(number: DirectoryNumber, dn: &Dn) -> Line {
    let differs = |text: &String| text != number.as_str();
    Line {
        label: dn.label.clone().filter(differs),
        display_name: dn.name.clone().filter(differs),
        ..Line::new(number)
    }
}
