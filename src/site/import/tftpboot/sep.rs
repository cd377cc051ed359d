//! `SEP<MAC>.cnf.xml`, of SCCP and of SIP loads.

use super::xml::{self, Element};
use super::{Defaults, rest, switches};
use crate::model::{
    DeviceName, ForwardedCallDisplay, Line, LoadName, PhoneModel, Protocol, RingSetting, SpeedDial,
};
use crate::site::check::is_date_template;
use crate::site::document::PhoneEntry;
use crate::site::import::draft::{Draft, PoolWish, bare_phone, subscription};
use crate::site::import::keys::{Keys, Wish};
use crate::site::import::report::Place;
use crate::site::import::source::Source;
use crate::site::import::{locales, models, values, zones};

/// A file whose name is not one of a phone, and that was named by itself.
pub(super) fn read_unnamed(source: &Source, draft: &mut Draft<'_>) {
    draft.note(
        &source.place(),
        "the file",
        "its name is not one of a boot file, so it is unknown which phone it is for",
        "call it SEP and the MAC address, then .cnf.xml, and import again",
    );
}

/// The phone that a file is for, by its name.
pub(super) fn device(source: &Source) -> Option<DeviceName> {
    values::desk_phone(source.base().split('.').next()?)
}

/// Whether a file names a SIP load of a 7940 or 7960, which asks for the text
/// file then.
pub(super) fn has_text_load(source: &Source) -> bool {
    let root = xml::parse(&source.text());
    root.is_ok_and(|root| models::is_text_load(root.text_at("loadInformation")))
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
    let root = match xml::parse(&source.text()) {
        Ok(root) if root.name == "device" => root,
        Ok(_) => {
            draft.note(
                &place,
                "the file",
                "its root is not <device>, so it is no boot file of a phone",
                "look at it",
            );
            return;
        }
        Err(fault) => return xml::note(&place, &fault, draft),
    };
    let reading = Reading {
        root: &root,
        place,
        device,
    };
    if let Some((phone, pool)) = reading.phone(draft, defaults) {
        rest::not_carried(&root, &reading.place, draft);
        draft.phone(reading.place, phone, pool);
    }
}

struct Reading<'a> {
    root: &'a Element,
    place: Place,
    device: DeviceName,
}

impl Reading<'_> {
    fn at(&self, element: &Element) -> Place {
        self.place.line(element.line)
    }

    fn phone(&self, draft: &mut Draft<'_>, defaults: &Defaults) -> Option<(PhoneEntry, PoolWish)> {
        let root = self.root;
        let load = root.text_at("loadInformation");
        let protocol = self.protocol(load);
        let mut services = Vec::new();
        let keys = self.keys(draft, &mut services);
        let modules = self.modules();
        let none = Vec::new();
        let by_default = defaults.loads.get(&load.to_ascii_lowercase());
        let hints = models::Hints {
            name: None,
            load: Some(load),
            by_default: by_default.unwrap_or(&none),
            keys: usize::from(keys.last()),
            modules: !modules.is_empty(),
            protocol,
        };
        let model = models::choose(draft, &self.place, &self.device, hints)?;
        let mut phone = bare_phone(self.device.clone(), model.name.clone());
        phone.protocol = protocol.filter(|protocol| model.facts(*protocol).is_some());
        if let Some(protocol) = protocol.filter(|_| phone.protocol.is_none()) {
            draft.note(
                &self.place,
                &format!("{protocol} on a {}", model.name),
                "Embody does not serve this model with it",
                "put the other load on the phone",
            );
        }
        for given in modules {
            match models::module(draft.catalogue, model, &given) {
                Some(module)
                    if phone.expansion_modules.len() < usize::from(model.maximum_modules) =>
                {
                    phone.expansion_modules.push(module);
                }
                _ => draft.note(
                    &self.place,
                    &format!("add-on module {given:?} of phone {}", self.device),
                    &format!("a {} takes no such one, or no further one", model.name),
                    "look at the phone",
                ),
            }
        }
        if let Some(label) = root.filled("sipProfile/phoneLabel") {
            phone.description = values::text(label.text()).unwrap_or_default();
        }
        let has_lines = keys.lines().next().is_some();
        if protocol != Some(Protocol::Sip) && !has_lines {
            draft.note(
                &self.place,
                "lines and speed dials of SCCP phones",
                "their boot files hold none: the call manager tells the phone when it registers",
                "import the call manager's own configuration (chan-sccp, cme, bat), or write them",
            );
        }
        let room = usize::from(model.keys)
            + usize::from(draft.catalogue.module_keys(&phone.expansion_modules));
        let who = format!("phone {}", self.device);
        let settled = keys.settle(draft, &self.place, &who, Some((model, room)));
        phone.line = settled.lines;
        phone.speed_dial = settled.dials;
        phone.phone_button_template = settled.template;
        if let Some(mask) = root.filled("sipProfile/externalNumberMask")
            && let Some(first) = phone.line.first_mut()
        {
            first.external_number_mask = mask_of(mask.text());
        }
        let speaks = phone.protocol.or(protocol);
        phone.load = self.load(draft, model, speaks);
        if let Some(element) = root.find("vendorConfig") {
            phone.vendor_config = switches::read(element, &self.place, draft, model, speaks);
        }
        self.services(draft, &mut phone, &mut services);
        for name in services {
            if phone.service.iter().all(|known| known.name != name) {
                phone.service.push(subscription(name));
            }
        }
        phone.locale = self.locale(draft);
        phone.softkey_template = self.soft_keys(draft);
        Some((phone, self.pool(draft)))
    }

    fn load(
        &self,
        draft: &mut Draft<'_>,
        model: &PhoneModel,
        protocol: Option<Protocol>,
    ) -> Option<LoadName> {
        let load = self.root.filled("loadInformation")?;
        draft.load(&self.at(load), model, protocol, load.text())
    }

    fn protocol(&self, load: &str) -> Option<Protocol> {
        match self
            .root
            .text_at("deviceProtocol")
            .to_ascii_uppercase()
            .as_str()
        {
            "SIP" => Some(Protocol::Sip),
            "SCCP" => Some(Protocol::Sccp),
            _ if self.root.find("sipProfile/sipLines").is_some() => Some(Protocol::Sip),
            _ => models::protocol_of_load(load),
        }
    }

    /// `7915 24`, for each module, nearest first.
    fn modules(&self) -> Vec<String> {
        let Some(list) = self.root.find("addOnModules") else {
            return Vec::new();
        };
        let mut modules: Vec<(u8, String)> = list
            .all("addOnModule")
            .filter(|module| !module.text_at("deviceType").is_empty())
            .take(8)
            .map(|module| {
                let index = module.attribute("idx").and_then(values::small);
                let given = format!(
                    "{} {}",
                    module.text_at("deviceType"),
                    module.text_at("deviceLine")
                );
                (index.unwrap_or(u8::MAX), given.trim().to_owned())
            })
            .collect();
        modules.sort_by_key(|(index, _)| *index);
        modules.into_iter().map(|(_, given)| given).collect()
    }

    /// The keys of a SIP load: each is a `<line>`, whatever it does.
    fn keys(&self, draft: &mut Draft<'_>, services: &mut Vec<crate::model::ObjectName>) -> Keys {
        let mut keys = Keys::default();
        let Some(lines) = self.root.find("sipProfile/sipLines") else {
            return keys;
        };
        for element in lines.all("line") {
            let wish = self.key(element, draft, services);
            let key = element
                .attribute("button")
                .and_then(|key| key.parse().ok())
                .unwrap_or_else(|| keys.last().saturating_add(1));
            if !keys.put(key, element.line, wish) {
                draft.note(
                    &self.at(element),
                    &format!("key {key} of phone {}", self.device),
                    "there are two such keys, or there is no such key",
                    "look at the phone, and write it by hand",
                );
            }
        }
        keys
    }

    fn key(
        &self,
        element: &Element,
        draft: &mut Draft<'_>,
        services: &mut Vec<crate::model::ObjectName>,
    ) -> Wish {
        let label = element.text_at("featureLabel");
        match element.text_at("featureID") {
            "" | "9" => self.line(element, draft),
            feature @ ("2" | "21") => {
                let number = element.text_at("speedDialNumber");
                let Some(number) = values::number(number) else {
                    if !number.is_empty() {
                        not_a_number(&self.at(element), "a speed dial", draft);
                    }
                    return Wish::Free;
                };
                Wish::Dial(SpeedDial {
                    label: values::label(label, &number),
                    blf: feature == "21",
                    ..SpeedDial::new(number)
                })
            }
            "20" => {
                let url = element.text_at("serviceURI");
                match draft.service(&self.at(element), label, url) {
                    Some(name) => {
                        services.push(name);
                        draft.note(
                            &self.at(element),
                            "a key that opens a service",
                            "there are no such keys; the service is behind the Services key",
                            "nothing",
                        );
                    }
                    None => not_a_url(&self.at(element), "a service key", draft),
                }
                Wish::Free
            }
            other => {
                let other: String = other.chars().take(8).collect();
                draft.note(
                    &self.at(element),
                    &format!("a key with feature {other}"),
                    "keys are lines and speed dials here",
                    "nothing: most such features are soft keys too",
                );
                Wish::Free
            }
        }
    }

    fn line(&self, element: &Element, draft: &mut Draft<'_>) -> Wish {
        let name = element.text_at("name");
        let Some(number) = values::number(name) else {
            if !name.is_empty() {
                not_a_number(&self.at(element), "a line", draft);
            }
            return Wish::Free;
        };
        if let Some(secret) = element.filled("authPassword") {
            draft.note(
                &self.at(secret),
                "digest secrets",
                "Embody makes a secret for each phone itself, and writes it into its file",
                "nothing",
            );
        }
        let ring = |path: &str, usual: &str| match element.text_at(path) {
            text if text == usual => RingSetting::SystemDefault,
            "1" => RingSetting::Disable,
            "2" => RingSetting::FlashOnly,
            "3" => RingSetting::RingOnce,
            "4" => RingSetting::Ring,
            _ => RingSetting::SystemDefault,
        };
        let maximum_calls = values::small(element.text_at("maxNumCalls"));
        let busy_trigger = values::small(element.text_at("busyTrigger"));
        Wish::Line(Box::new(Line {
            label: values::label(element.text_at("featureLabel"), &number),
            display_name: values::label(element.text_at("displayName"), &number),
            ring_idle: ring("ringSettingIdle", "4"),
            ring_active: ring("ringSettingActive", "5"),
            maximum_calls,
            busy_trigger: busy_trigger
                .filter(|trigger| maximum_calls.is_none_or(|calls| *trigger <= calls)),
            forwarded_call_display: forwarded(element),
            ..Line::new(number)
        }))
    }

    /// Entries of the Services menu, and the door to Extension Mobility.
    fn services(
        &self,
        draft: &mut Draft<'_>,
        phone: &mut PhoneEntry,
        services: &mut Vec<crate::model::ObjectName>,
    ) {
        let listed = self.root.find("phoneServices");
        for entry in listed.iter().flat_map(|list| list.all("phoneService")) {
            let url = entry.text_at("url");
            if url.is_empty() || url.starts_with("Application:") {
                continue;
            }
            if values::is_extension_mobility(url) {
                phone.extension_mobility = true;
                continue;
            }
            match draft.service(&self.at(entry), entry.text_at("name"), url) {
                Some(name) => services.push(name),
                None => not_a_url(&self.at(entry), "a service", draft),
            }
        }
        let Some(url) = self.root.filled("servicesURL") else {
            return;
        };
        let text = url.text();
        let lower = text.to_ascii_lowercase();
        if lower.contains("getservicesmenu") || values::is_extension_mobility(text) {
            return; // a call manager's own menu, which is Embody's now
        }
        let host = values::host_of(text).unwrap_or_default();
        match draft.service(&self.at(url), &format!("Services on {host}"), text) {
            Some(name) => {
                services.push(name);
                draft.note(
                    &self.at(url),
                    "servicesURL",
                    "the Services key opens Embody's menu; the old page is an entry of it",
                    "take the entry out if the old server goes",
                );
            }
            None => not_a_url(&self.at(url), "servicesURL", draft),
        }
    }

    fn locale(&self, draft: &mut Draft<'_>) -> Option<String> {
        let element = self.root.filled("userLocale/name")?;
        let folder = element.text();
        let name = locales::of_name(folder.rsplit('/').next().unwrap_or(folder));
        if name.is_none() || folder.contains('/') {
            draft.note(
                &self.at(element),
                "the folder of the user locale",
                "locales lie in a folder of their own name here",
                "put the locale's files into such a folder of the static files",
            );
        }
        name
    }

    /// A file of soft keys that is the phone's own.
    fn soft_keys(&self, draft: &mut Draft<'_>) -> Option<String> {
        let element = self.root.filled("sipProfile/softKeyFile")?;
        let stem = element.text().strip_suffix(".xml")?;
        if stem.eq_ignore_ascii_case("softkeys") {
            return None;
        }
        let name = stem.strip_prefix("SK").unwrap_or(stem);
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        draft.note(
            &self.at(element),
            &format!("soft key file {stem}.xml"),
            "the file itself is no part of a site file",
            "put it into the folder of static files as SK and the name of the template, .xml",
        );
        (plain && name.len() <= 60).then(|| name.to_owned())
    }

    fn pool(&self, draft: &mut Draft<'_>) -> PoolWish {
        let mut pool = PoolWish::default();
        let base = "devicePool/dateTimeSetting";
        if let Some(setting) = self.root.find(base) {
            let olson = setting.text_at("olsonTimeZone");
            let named = setting.text_at("timeZone");
            pool.time_zone = Some(olson)
                .filter(|zone| !zone.is_empty() && zones::is_iana(zone))
                .or_else(|| zones::by_name(named))
                .map(ToOwned::to_owned);
            if pool.time_zone.is_none() && !(olson.is_empty() && named.is_empty()) {
                draft.note(
                    &self.at(setting),
                    "the time zone",
                    "its name is not one that is known",
                    "write time_zone into the [[device_pool]]",
                );
            }
            let template = setting.text_at("dateTemplate");
            pool.date_template = is_date_template(template).then(|| template.to_owned());
            let servers = setting.find("ntps");
            pool.ntp = servers
                .iter()
                .flat_map(|ntps| ntps.all("ntp"))
                .filter_map(|ntp| values::host(ntp.text_at("name")))
                .take(8)
                .collect();
        }
        let network = match self.root.text_at("networkLocaleInfo/name") {
            "" => self.root.text_at("networkLocale"),
            name => name,
        };
        pool.network_locale = locales::of_name(network).unwrap_or_default();
        pool
    }
}

fn forwarded(element: &Element) -> ForwardedCallDisplay {
    let usual = ForwardedCallDisplay::default();
    let flag = |name: &str, usual: bool| {
        let path = format!("forwardCallInfoDisplay/{name}");
        match element.text_at(&path) {
            "true" => true,
            "false" => false,
            _ => usual,
        }
    };
    ForwardedCallDisplay {
        caller_name: flag("callerName", usual.caller_name),
        caller_number: flag("callerNumber", usual.caller_number),
        redirected_number: flag("redirectedNumber", usual.redirected_number),
        dialed_number: flag("dialedNumber", usual.dialed_number),
    }
}

/// A mask that is one.
fn mask_of(text: &str) -> Option<String> {
    let of_mask = |c: char| c.is_ascii_digit() || matches!(c, 'X' | 'x' | '+' | '*' | '#');
    (!text.is_empty() && text.len() <= 24 && text.chars().all(of_mask)).then(|| text.to_owned())
}

fn not_a_number(at: &Place, what: &str, draft: &mut Draft<'_>) {
    draft.note(
        at,
        &format!("{what} without a number"),
        "a number has digits, *, #, + and A to D, at most 24",
        "write it with a number that reaches the same",
    );
}

fn not_a_url(at: &Place, what: &str, draft: &mut Draft<'_>) {
    draft.note(
        at,
        what,
        "its URL is none that phones take: http, no blanks, at most 256 characters",
        "write it as [[service]] by hand",
    );
}
