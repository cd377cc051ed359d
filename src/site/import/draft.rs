//! A site that is being made: objects and the places that they come from.

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
use super::report::{Note, Place, Report};
use super::{models, values};
use crate::model::{
    ButtonOrder, ButtonTemplate, Catalogue, DeviceName, DevicePool, DirectoryNumber, LoadName,
    ModelName, NumberRecord, ObjectName, Parameters, PhoneModel, ProfileName, Protocol, Service,
    ServiceSubscription, TemplateKey, VendorConfig,
};
use crate::site::document::{PhoneEntry, ProfileDefaultEntry, ProfileEntry, UserEntry};

/// Numbers that call for help somewhere.
const EMERGENCY: [&str; 9] = [
    "112", "911", "999", "000", "110", "119", "111", "9911", "0112",
];

/// The most services of a site: every phone shows those it has in one list.
const MOST_SERVICES: usize = 1000;
/// The most phone button templates that are made.
const MOST_TEMPLATES: usize = 1000;

/// An object and where it comes from.
pub(super) struct Drafted<T> {
    pub(super) at: Place,
    pub(super) value: T,
}

/// What the phone's device pool shall say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PoolWish {
    /// Its name, where the other system has named pools.
    pub(super) name: Option<ObjectName>,
    /// IANA time zone.
    pub(super) time_zone: Option<String>,
    /// Cisco's date template.
    pub(super) date_template: Option<String>,
    /// NTP servers.
    pub(super) ntp: Vec<String>,
    /// Network locale.
    pub(super) network_locale: String,
    /// Loads by model.
    pub(super) loads: BTreeMap<ModelName, LoadName>,
    /// Switches of its phones.
    pub(super) vendor_config: VendorConfig,
}

/// The site so far.
pub(super) struct Draft<'c> {
    pub(super) catalogue: &'c Catalogue,
    pub(super) options: &'c Options,
    pub(super) parameters: Parameters,
    pub(super) phones: Vec<Drafted<(PhoneEntry, PoolWish)>>,
    pub(super) profiles: Vec<Drafted<ProfileEntry>>,
    pub(super) defaults: Vec<Drafted<ProfileDefaultEntry>>,
    pub(super) users: Vec<Drafted<UserEntry>>,
    pub(super) numbers: Vec<Drafted<NumberRecord>>,
    pub(super) pools: Vec<DevicePool>,
    services: Vec<Drafted<Service>>,
    templates: Vec<ButtonTemplate>,
    devices: BTreeSet<DeviceName>,
    asked_for: BTreeSet<DeviceName>,
    known_numbers: BTreeSet<DirectoryNumber>,
    report: Report,
}

impl<'c> Draft<'c> {
    /// Nothing yet.
    pub(super) fn new(catalogue: &'c Catalogue, options: &'c Options) -> Self {
        Self {
            catalogue,
            options,
            parameters: Parameters::default(),
            phones: Vec::new(),
            profiles: Vec::new(),
            defaults: Vec::new(),
            users: Vec::new(),
            numbers: Vec::new(),
            pools: Vec::new(),
            services: Vec::new(),
            templates: Vec::new(),
            devices: BTreeSet::new(),
            asked_for: BTreeSet::new(),
            known_numbers: BTreeSet::new(),
            report: Report::default(),
        }
    }

    /// Notes what is not carried over.
    pub(super) fn note(&mut self, at: &Place, what: &str, why: &str, remedy: &str) {
        self.report.add(at, what, why, remedy);
    }

    /// How lines and speed dials come onto keys in this site.
    pub(super) fn order(&self) -> ButtonOrder {
        self.parameters.button_order
    }

    /// Notes that a model which the operator said of this phone was looked up.
    pub(super) fn model_was_said(&mut self, device: &DeviceName) {
        self.asked_for.insert(device.clone());
    }

    /// Whether it was.
    pub(super) fn was_asked_for(&self, device: &DeviceName) -> bool {
        self.asked_for.contains(device)
    }

    /// Whether a phone of this name was put in.
    pub(super) fn has_phone(&self, device: &DeviceName) -> bool {
        self.devices.contains(device)
    }

    /// Whether a phone of this name was put in; the second is noted. What could
    /// not be read is no phone: a copy of it that can be takes its place.
    pub(super) fn is_twin(&mut self, at: &Place, device: &DeviceName) -> bool {
        let twin = self.has_phone(device);
        if twin {
            self.note(
                at,
                &format!("phone {device}"),
                "it was there before, and the first stands",
                "leave out one of the two, and import again",
            );
        }
        twin
    }

    /// Puts a phone in.
    pub(super) fn phone(&mut self, at: Place, mut phone: PhoneEntry, pool: PoolWish) {
        if self.options.extension_mobility {
            phone.extension_mobility = true;
        }
        if let Some(dial) = phone
            .speed_dial
            .iter()
            .find(|dial| EMERGENCY.contains(&dial.number.as_str()))
        {
            self.note(
                &at,
                &format!("speed dial {}", dial.number),
                "it looks like an emergency number, and goes with the next login as any other",
                "write emergency = true behind it to keep it on its key",
            );
        }
        self.devices.insert(phone.name.clone());
        self.phones.push(Drafted {
            at,
            value: (phone, pool),
        });
    }

    /// A load that a phone of this model shall run; `None` with a note where it
    /// can be none.
    pub(super) fn load(
        &mut self,
        at: &Place,
        model: &PhoneModel,
        protocol: Option<Protocol>,
        given: &str,
    ) -> Option<LoadName> {
        let protocol = protocol.unwrap_or(model.first_protocol());
        let name = &model.name;
        let shown: String = given.chars().take(64).collect();
        let what = format!("load {shown:?} of a {name}");
        let in_words = model
            .facts(protocol)
            .is_some_and(|facts| facts.dialect.is_text());
        if in_words {
            self.note(
                at,
                &what,
                "the SIP loads of this model are told none here, and stay as they are",
                "nothing, or put an OS79XX.TXT that names it into the folder of static files",
            );
            return None;
        }
        match LoadName::new(given) {
            Ok(load) if models::may_run(model, protocol, given) => Some(load),
            _ => {
                self.note(
                    at,
                    &what,
                    "it is no load of that model with that protocol",
                    "write load = \"..\" into its [[phone]] if it shall have another, then embody \
                     stage the files",
                );
                None
            }
        }
    }

    /// The service of this name and URL; the URL is one that phones take.
    /// Another service of the same name gets a number.
    pub(super) fn service(&mut self, at: &Place, name: &str, url: &str) -> Option<ObjectName> {
        if !values::is_service_url(url) {
            return None;
        }
        if let Some(known) = self.services.iter().find(|known| known.value.url == url) {
            return Some(known.value.name.clone());
        }
        if self.services.len() >= MOST_SERVICES {
            return None;
        }
        let wanted = values::object_name(name).or_else(|| ObjectName::new("Service").ok())?;
        let name = self.free_service_name(&wanted)?;
        self.services.push(Drafted {
            at: at.clone(),
            value: Service {
                name: name.clone(),
                url: url.to_owned(),
                description: String::new(),
                parameter: Vec::new(),
            },
        });
        Some(name)
    }

    fn free_service_name(&self, wanted: &ObjectName) -> Option<ObjectName> {
        let taken = |name: &ObjectName| self.services.iter().any(|known| known.value.name == *name);
        if !taken(wanted) {
            return Some(wanted.clone());
        }
        let short: String = wanted.as_str().chars().take(56).collect();
        (2..10_000)
            .filter_map(|number| ObjectName::new(&format!("{short} {number}")).ok())
            .find(|name| !taken(name))
    }

    /// Puts what is known of a number in; the first word counts.
    pub(super) fn number(&mut self, at: Place, value: NumberRecord) {
        if self.known_numbers.insert(value.number.clone()) {
            self.numbers.push(Drafted { at, value });
        }
    }

    /// The service that is called so already.
    pub(super) fn service_named(&self, name: &ObjectName) -> bool {
        self.services.iter().any(|known| known.value.name == *name)
    }

    /// The phone button template of a model with these keys; none when there
    /// are too many already.
    pub(super) fn button_template(
        &mut self,
        model: &ModelName,
        buttons: &[TemplateKey],
    ) -> Option<ObjectName> {
        let known = self
            .templates
            .iter()
            .find(|known| known.model == *model && known.buttons == buttons);
        if let Some(known) = known {
            return Some(known.name.clone());
        }
        if self.templates.len() >= MOST_TEMPLATES {
            return None;
        }
        let number = 1 + self
            .templates
            .iter()
            .filter(|known| known.model == *model)
            .count();
        let name = ObjectName::new(&format!("{model} as before {number}")).ok()?;
        self.templates.push(ButtonTemplate {
            name: name.clone(),
            model: model.clone(),
            buttons: buttons.to_vec(),
        });
        Some(name)
    }

    pub(super) fn services(&self) -> &[Drafted<Service>] {
        &self.services
    }

    pub(super) fn templates(&self) -> &[ButtonTemplate] {
        &self.templates
    }

    /// All notes.
    pub(super) fn into_notes(self) -> Vec<Note> {
        self.report.finish()
    }

    /// Gives each phone its device pool: the named ones, and of the others the
    /// most frequent as `Default`.
    pub(super) fn settle_pools(&mut self) {
        let mut wishes: Vec<(PoolWish, usize)> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for phone in &self.phones {
            let wish = &phone.value.1;
            // Debug is exact, and cheaper than an order over all fields.
            let at = *known.entry(format!("{wish:?}")).or_insert_with(|| {
                wishes.push((wish.clone(), 0));
                wishes.len() - 1
            });
            if let Some((_, count)) = wishes.get_mut(at) {
                *count += 1;
            }
        }
        let most = wishes
            .iter()
            .enumerate()
            .filter(|(_, (wish, _))| wish.name.is_none())
            .max_by_key(|(at, (_, count))| (*count, std::cmp::Reverse(*at)))
            .map(|(at, _)| at);
        let mut names = BTreeMap::new();
        let mut numbered = 1;
        for (at, (wish, _)) in wishes.iter().enumerate() {
            let name = match &wish.name {
                Some(name) => name.clone(),
                None if Some(at) == most => DevicePool::default_pool().name,
                None => {
                    numbered += 1;
                    #[allow(clippy::expect_used)] // a short name
                    ObjectName::new(&format!("Pool {numbered}")).expect("a short name")
                }
            };
            names.insert(format!("{wish:?}"), name.clone());
            self.pool(name, wish);
        }
        for phone in &mut self.phones {
            if let Some(name) = names.get(&format!("{:?}", phone.value.1)) {
                phone.value.0.device_pool = name.clone();
            }
        }
    }

    /// Puts a pool in, unless it is there, or is there without being said.
    fn pool(&mut self, name: ObjectName, wish: &PoolWish) {
        let usual = DevicePool::default_pool();
        let pool = DevicePool {
            name,
            time_zone: wish.time_zone.clone(),
            date_template: wish
                .date_template
                .clone()
                .unwrap_or(usual.date_template.clone()),
            ntp: wish.ntp.clone(),
            network_locale: wish.network_locale.clone(),
            loads: wish.loads.clone(),
            vendor_config: wish.vendor_config.clone(),
            ..usual.clone()
        };
        if pool != usual && !self.pools.iter().any(|known| known.name == pool.name) {
            self.pools.push(pool);
        }
    }
}

/// A phone with nothing but its name and model.
pub(super) fn bare_phone(name: DeviceName, model: ModelName) -> PhoneEntry {
    PhoneEntry {
        name,
        model,
        protocol: None,
        extension_mobility: false,
        logout_profile: crate::model::LogoutProfile::default(),
        device_pool: DevicePool::default_pool().name,
        locale: None,
        owner: None,
        description: String::new(),
        load: None,
        phone_button_template: None,
        expansion_modules: Vec::new(),
        softkey_template: None,
        user_hold_audio_source: None,
        ignore_presentation_indicators: false,
        mlpp: crate::model::Mlpp::default(),
        confirm_logout: None,
        vendor_config: crate::model::VendorConfig::default(),
        line: Vec::new(),
        speed_dial: Vec::new(),
        service: Vec::new(),
    }
}

/// A profile with nothing but its name and model.
pub(super) fn bare_profile(name: ProfileName, model: ModelName) -> ProfileEntry {
    ProfileEntry {
        name,
        model,
        description: String::new(),
        locale: None,
        phone_button_template: None,
        expansion_modules: Vec::new(),
        softkey_template: None,
        user_hold_audio_source: None,
        ignore_presentation_indicators: false,
        mlpp: crate::model::Mlpp::default(),
        maximum_idle_time: None,
        line: Vec::new(),
        speed_dial: Vec::new(),
        service: Vec::new(),
    }
}

/// A user with nothing but his id.
pub(super) fn bare_user(id: crate::model::UserId) -> UserEntry {
    UserEntry {
        id,
        alias: None,
        first_name: String::new(),
        last_name: String::new(),
        pin: None,
        pin_hash: None,
        password: None,
        password_hash: None,
        profiles: Vec::new(),
        locale: None,
        primary_extension: None,
        self_service_id: None,
        controlled_phones: Vec::new(),
        multiple_login_behavior: None,
        excluded: false,
        extension_assigner: false,
        pin_must_change: false,
    }
}

/// A subscription without values of its own.
pub(super) fn subscription(name: ObjectName) -> ServiceSubscription {
    ServiceSubscription {
        name,
        parameters: BTreeMap::new(),
    }
}
