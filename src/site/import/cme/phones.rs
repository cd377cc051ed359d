//! `ephone` and `voice register pool`, with their templates.

use std::collections::BTreeMap;

use super::blocks::{self, Block, Mode};
use super::keys::{self, Button, button, dial};
use super::{Common, Router, strange_locale, unquoted};
use crate::model::{LogoutProfile, ModelName, Protocol, Ring, SpeedDial, VendorConfig};
use crate::site::import::draft::{Draft, bare_phone, subscription};
use crate::site::import::{locales, models, values};

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
    /// Keys by their number.
    buttons: Vec<(usize, u16, Button)>,
    dials: BTreeMap<u16, (usize, SpeedDial)>,
    lamps: BTreeMap<u16, (usize, SpeedDial)>,
    /// The tag of another locale than the first.
    locale: Option<String>,
    template: Option<u32>,
    logout_profile: Option<u32>,
    switches: VendorConfig,
}

/// Locales by the protocol of their phones (whether it is SIP) and their tags.
type Locales = BTreeMap<(bool, String), &'static str>;

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
            templates.insert((sip, tag), settings(block, sip, &locales, draft));
        }
    }
    let mut models = Models::default();
    for block in blocks {
        let sip = match block.mode {
            Mode::Ephone => false,
            Mode::RegisterPool => true,
            _ => continue,
        };
        let mut own = settings(block, sip, &locales, draft);
        if let Some(template) = own.template.and_then(|tag| templates.get(&(sip, tag))) {
            own.inherit(template);
        }
        phone(block, sip, own, router, &mut models, draft);
    }
    models
}

/// `user-locale 1 DE`: locales that templates refer to by their number. SCCP
/// and SIP phones have each their own.
fn tagged_locales(blocks: &[Block<'_>]) -> Locales {
    let mut found = Locales::new();
    for block in blocks {
        let sip = match block.mode {
            Mode::TelephonyService => false,
            Mode::RegisterGlobal => true,
            _ => continue,
        };
        for (_, command) in &block.commands {
            let words: Vec<&str> = command.split_whitespace().collect();
            if let ["user-locale", tag, code, ..] = words.as_slice()
                && let Some(locale) = locales::of_country(code)
            {
                found.insert((sip, (*tag).to_owned()), locale);
            }
        }
    }
    found
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
            switches,
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
        if self.switches.is_empty() {
            self.switches.clone_from(switches);
        }
        for (tag, dial) in dials {
            self.dials.entry(*tag).or_insert_with(|| dial.clone());
        }
        for (tag, dial) in lamps {
            self.lamps.entry(*tag).or_insert_with(|| dial.clone());
        }
    }
}

fn settings(block: &Block<'_>, sip: bool, locales: &Locales, draft: &mut Draft<'_>) -> Settings {
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
                        Some((key, on_it)) => settings.buttons.push((*line, key, on_it)),
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
                    let on_it = Button::Line(Ring::Normal, vec![tag]);
                    settings.buttons.push((*line, key, on_it));
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
                let known = locales.get(&(sip, (*tag).to_owned()));
                settings.locale = known.map(|locale| (*locale).to_owned());
                // Without a locale 0 phones speak the router's own English.
                if known.is_none() && *tag != "0" {
                    strange_locale(&at, draft);
                }
            }
            ["service", ..] if blocks::phone_service(command, &mut settings.switches) => {}
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
pub(super) fn after(command: &str, words: usize) -> &str {
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
    phone.vendor_config = own.switches.clone();
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
    let dials = own.dials.into_values().chain(own.lamps.into_values());
    let keys = keys::lay(block, own.buttons, dials, numbers, draft);
    let settled = keys.settle(draft, &at, &format!("phone {device}"), Some((model, room)));
    phone.line = settled.lines;
    phone.speed_dial = settled.dials;
    phone.phone_button_template = settled.template;
    draft.phone(at, phone, common.pool.clone());
}
