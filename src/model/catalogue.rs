//! The model catalogue: what each phone model is and can do. The data is in
//! `phone-configs/catalogue.toml`; here are its shape and its look-ups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Digest, Key, ModelName, Protocol, VendorConfig};

/// The form of a boot file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// The short `<device>` of 7940 and 7960 SCCP loads.
    SccpShort,
    /// The long `<device>` of 79x1 and later SCCP loads.
    SccpLong,
    /// The long `<device>` with `<sipProfile>` of SIP loads.
    SipLong,
    /// The lines `name: value` of `SIP<MAC>.cnf`, for SIP loads of 7940 and
    /// 7960.
    SipText,
    /// The records of `SEP<MAC>.cnf`, for phones of the first generation.
    SccpLegacy,
    /// The profile of `ata<mac>`, for analogue adapters with SCCP loads.
    AtaProfile,
    /// The profile of `ld<mac>` and `gk<mac>`, for SIP loads of 7905 and 7912.
    SipProfile,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SccpShort,
        Self::SccpLong,
        Self::SipLong,
        Self::SipText,
        Self::SccpLegacy,
        Self::AtaProfile,
        Self::SipProfile,
    ];

    /// Whether the file is called `SIP<MAC>.cnf`, and `SEP<MAC>.cnf.xml` must
    /// not be found: the first of the two that a 7940 or 7960 finds picks its
    /// protocol.
    pub fn is_text(self) -> bool {
        self == Self::SipText
    }

    /// Whether it has lines and speed dials, and no keys that they are on: the
    /// phone puts the dials on the keys behind its lines.
    pub fn names_no_keys(self) -> bool {
        matches!(self, Self::SipText | Self::SipProfile)
    }

    /// The form of `.cnf.xml` that such a device is given when it asks for one:
    /// later loads of those with a compiled file do.
    #[must_use]
    pub fn xml(self) -> Self {
        if self.is_compiled() {
            Self::SccpShort
        } else {
            self
        }
    }

    /// Whether the file is compiled, and goes under a name of its own.
    pub fn is_compiled(self) -> bool {
        matches!(self, Self::SccpLegacy | Self::AtaProfile | Self::SipProfile)
    }
}

/// Which service a family fetches its files over, in its own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fetch {
    /// HTTP, port 6970.
    Http,
    /// TFTP.
    Tftp,
}

/// How a family comes to its services (`<phoneServices><provisioning>`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServicesDoor {
    /// `servicesURL` alone; the family knows no `phoneServices`.
    ServicesUrl,
    /// Provisioning 2: built-in entries plus what `servicesURL` lists.
    Both,
    /// Provisioning 0: `phoneService` entries of the boot file.
    Internal,
    /// The family has no services at all: nobody can sign in at such a phone
    /// himself.
    None,
}

/// The order that makes a family read a changed boot file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileOrder {
    /// A restart is enough.
    Restart,
    /// Only a reset makes it read its file again.
    Reset,
}

/// Where the soft keys of a page sit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SoftKeyLayout {
    /// 79xx: the acting key first, Exit third.
    Old,
    /// 78xx, 88xx, 89xx, 99xx: Exit first.
    New,
}

/// The characters a family reads on its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charset {
    /// ISO-8859-1 only.
    Latin1,
    /// UTF-8 when the phone offers it.
    Utf8,
}

/// What a model does under one protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtocolFacts {
    /// The form of its boot file.
    pub dialect: Dialect,
    /// Where it asks for files, first choice first.
    pub fetch: Vec<Fetch>,
    /// How it comes to its services.
    pub services_door: ServicesDoor,
    /// What makes it read a changed file.
    pub file_order: FileOrder,
    /// Seconds after an accepted order before the next may leave.
    #[serde(default = "default_pause")]
    pub order_pause: u32,
    /// The name of its user locale archive inside the locale's folder.
    #[serde(default)]
    pub locale_jar: Option<String>,
    /// An example of the name of a load, for people; no phone is told to load
    /// it.
    #[serde(default)]
    pub load: Option<String>,
    /// Its own switches, over those of its dialect.
    #[serde(default)]
    pub vendor_config: VendorConfig,
    /// Whether its file names a feature policy.
    #[serde(default)]
    pub feature_policy: bool,
}

fn default_pause() -> u32 {
    180
}

/// The lowest ceiling of all SIP loads.
fn default_maximum_calls() -> u8 {
    6
}

/// One phone model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneModel {
    /// The model by its number.
    pub name: ModelName,
    /// Cisco's name, as in `XMLDefault.cnf.xml`.
    pub title: String,
    /// The types it registers with (Skinny device type, SIP model parameter).
    pub type_ids: Vec<u32>,
    /// Models of one family share profiles.
    pub family: String,
    /// Line and feature keys on the phone itself.
    pub keys: u8,
    /// Names it gives itself in HTTP headers.
    pub product_names: Vec<String>,
    /// Add-on modules it takes, and how many.
    #[serde(default)]
    pub expansion_modules: Vec<String>,
    /// How many add-on modules at most.
    #[serde(default)]
    pub maximum_modules: u8,
    /// Width, height and bits of its wallpapers, as the folder below `Desktops`
    /// is called; absent where it has none.
    #[serde(default)]
    pub display: Option<String>,
    /// Where soft keys of pages sit.
    pub softkey_layout: SoftKeyLayout,
    /// What it reads on pages.
    pub charset: Charset,
    /// Whether it redraws labels that are sent while registered.
    #[serde(default)]
    pub redraws_labels: bool,
    /// Whether its keys have lamps that show whether a number is in a call; on
    /// others such a speed dial is a plain one.
    #[serde(default)]
    pub busy_lamps: bool,
    /// The most calls that one of its lines can have at one time (Cisco's
    /// phone guides; `maxNumCalls` of SIP loads).
    #[serde(default = "default_maximum_calls")]
    pub maximum_calls: u8,
    /// What it does with an SCCP load.
    #[serde(default)]
    pub sccp: Option<ProtocolFacts>,
    /// What it does with a SIP load.
    #[serde(default)]
    pub sip: Option<ProtocolFacts>,
}

impl PhoneModel {
    /// What the model does under a protocol; `None` when it cannot speak it.
    pub fn facts(&self, protocol: Protocol) -> Option<&ProtocolFacts> {
        match protocol {
            Protocol::Sccp => self.sccp.as_ref(),
            Protocol::Sip => self.sip.as_ref(),
        }
    }

    /// The protocol a phone of this model starts with when none is known:
    /// its only one, else SCCP.
    pub fn first_protocol(&self) -> Protocol {
        if self.sccp.is_some() {
            Protocol::Sccp
        } else {
            Protocol::Sip
        }
    }
}

/// What is wrong with a catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A model without any protocol.
    #[error("model {0} has neither an [model.sccp] nor an [model.sip] part")]
    NoProtocol(ModelName),
    /// The same model twice.
    #[error("model {0} is listed twice")]
    Twice(ModelName),
    /// A stand-in for phones that nobody configured that cannot be one.
    #[error("model {0} of [newcomer] has no [model.sip] part of that dialect")]
    NoStandIn(ModelName),
    /// A model that takes a module which is not listed.
    #[error("model {model} takes add-on module {module}, which is not listed as a [[module]]")]
    NoModule {
        /// The model.
        model: ModelName,
        /// The module.
        module: String,
    },
}

/// All models, their add-on modules, and the digests of the templates their
/// files are made from.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    models: BTreeMap<ModelName, PhoneModel>,
    templates: BTreeMap<Dialect, Digest>,
    /// Add-on modules, and how many keys each has.
    modules: BTreeMap<String, Key>,
    vendor_config: BTreeMap<Dialect, Vec<(String, String)>>,
    stand_ins: BTreeMap<Dialect, ModelName>,
}

impl Catalogue {
    /// Puts a catalogue together.
    ///
    /// # Errors
    /// [`CatalogueError`] for a model listed twice or without a protocol.
    pub fn new(
        models: Vec<PhoneModel>,
        templates: BTreeMap<Dialect, Digest>,
    ) -> Result<Self, CatalogueError> {
        let mut catalogue = Self {
            models: BTreeMap::new(),
            templates,
            modules: BTreeMap::new(),
            vendor_config: BTreeMap::new(),
            stand_ins: BTreeMap::new(),
        };
        for model in models {
            if model.sccp.is_none() && model.sip.is_none() {
                return Err(CatalogueError::NoProtocol(model.name));
            }
            let name = model.name.clone();
            if catalogue.models.insert(name.clone(), model).is_some() {
                return Err(CatalogueError::Twice(name));
            }
        }
        Ok(catalogue)
    }

    /// The same with add-on modules, and how many keys each has.
    ///
    /// # Errors
    /// [`CatalogueError::NoModule`] when a model takes a module that is not
    /// among them.
    pub fn with_modules(mut self, modules: BTreeMap<String, Key>) -> Result<Self, CatalogueError> {
        self.modules = modules;
        for model in self.models.values() {
            let strange = |module: &&String| !self.modules.contains_key(module.as_str());
            if let Some(module) = model.expansion_modules.iter().find(strange) {
                return Err(CatalogueError::NoModule {
                    model: model.name.clone(),
                    module: module.clone(),
                });
            }
        }
        Ok(self)
    }

    /// The same with the switches of phones by the form of their file, in the
    /// order in which they are written.
    #[must_use]
    pub fn with_vendor_config(
        mut self,
        vendor_config: BTreeMap<Dialect, Vec<(String, String)>>,
    ) -> Self {
        self.vendor_config = vendor_config;
        self
    }

    /// The same with the models that phones of which only the name is known are
    /// taken for, by the form of the file.
    ///
    /// # Errors
    /// [`CatalogueError::NoStandIn`] when such a model has no SIP loads that
    /// read this form.
    pub fn with_stand_ins(
        mut self,
        stand_ins: BTreeMap<Dialect, ModelName>,
    ) -> Result<Self, CatalogueError> {
        for (dialect, name) in &stand_ins {
            let facts = self.model(name).and_then(|model| model.sip.as_ref());
            if facts.is_none_or(|facts| facts.dialect != *dialect) {
                return Err(CatalogueError::NoStandIn(name.clone()));
            }
        }
        self.stand_ins = stand_ins;
        Ok(self)
    }

    /// What a phone that nobody configured is taken for, until it says what it
    /// is.
    pub fn stand_in(&self, dialect: Dialect) -> Option<&PhoneModel> {
        self.model(self.stand_ins.get(&dialect)?)
    }

    /// The switches that a file of this form has when nobody says others.
    pub fn vendor_config(&self, dialect: Dialect) -> &[(String, String)] {
        self.vendor_config
            .get(&dialect.xml())
            .map_or(&[], Vec::as_slice)
    }

    /// How many keys these add-on modules have together; one that is not
    /// listed has none.
    pub fn module_keys(&self, modules: &[String]) -> Key {
        let keys = modules.iter().filter_map(|name| self.modules.get(name));
        keys.fold(0, |sum, keys| sum.saturating_add(*keys))
    }

    /// A model by its name.
    pub fn model(&self, name: &ModelName) -> Option<&PhoneModel> {
        self.models.get(name)
    }

    /// The model that registers with this type.
    pub fn by_type(&self, type_id: u32) -> Option<&PhoneModel> {
        self.models
            .values()
            .find(|model| model.type_ids.contains(&type_id))
    }

    /// The model that calls itself so in an HTTP header, for example
    /// `CP-7961G` (the longest product name that it begins with).
    pub fn by_product_name(&self, product: &str) -> Option<&PhoneModel> {
        self.models
            .values()
            .flat_map(|model| model.product_names.iter().map(move |name| (name, model)))
            .filter(|(name, _)| {
                product
                    .get(..name.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(name))
            })
            .max_by_key(|(name, _)| name.len())
            .map(|(_, model)| model)
    }

    /// All models, by name.
    pub fn models(&self) -> impl Iterator<Item = &PhoneModel> {
        self.models.values()
    }

    /// The digest of the template of a dialect.
    pub fn template(&self, dialect: Dialect) -> Option<Digest> {
        self.templates.get(&dialect).copied()
    }

    /// Whether a profile made for `profile` fits a phone of model `phone`.
    pub fn same_family(&self, profile: &ModelName, phone: &ModelName) -> bool {
        profile == phone
            || match (self.model(profile), self.model(phone)) {
                (Some(a), Some(b)) => a.family == b.family,
                _ => false,
            }
    }
}
