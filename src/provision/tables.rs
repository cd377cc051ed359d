//! The tables of `phone-configs/` that operators may change: the model
//! catalogue, add-on modules, Cisco's time zone names, user locales.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::model::{
    Catalogue, CatalogueError, Dialect, Digest, ModelName, PhoneModel, VendorConfig,
};

/// Why a table was refused.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not TOML, an unknown key, a wrong type.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A contradiction among the models.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// No model at all.
    #[error("it lists no model")]
    Empty,
    /// A switch that no file can hold.
    #[error("{0}")]
    VendorConfig(String),
    /// Two models register with the same type.
    #[error("type id {0} belongs to two models")]
    TypeTwice(u32),
}

/// An add-on module, as the file of its host phone names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Module {
    /// The name used in the site file.
    name: String,
    /// `deviceType`.
    #[serde(rename = "type")]
    pub(super) device_type: String,
    /// `deviceLine`: how many keys it has.
    pub(super) lines: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    model: Vec<PhoneModel>,
    #[serde(default)]
    module: Vec<Module>,
    /// By the form of the file, in the order in which they are written.
    #[serde(default)]
    vendor_config: BTreeMap<Dialect, Vec<(String, String)>>,
    /// By the form of the file, what a phone that nobody configured is taken
    /// for.
    #[serde(default)]
    newcomer: BTreeMap<Dialect, ModelName>,
}

/// Reads `catalogue.toml`; `templates` are the digests that feed the stamps of
/// boot files.
///
/// # Errors
/// [`TableError`] with line and column, or the contradiction found.
pub fn load_catalogue(
    text: &str,
    templates: BTreeMap<Dialect, Digest>,
) -> Result<Catalogue, TableError> {
    let file: CatalogueFile = toml::from_str(text)?;
    if file.model.is_empty() {
        return Err(TableError::Empty);
    }
    let mut types: Vec<u32> = file
        .model
        .iter()
        .flat_map(|model| model.type_ids.iter().copied())
        .collect();
    types.sort_unstable();
    if let Some(pair) = types.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(TableError::TypeTwice(pair[0]));
    }
    let keys = |module: Module| (module.name, module.lines);
    let modules = file.module.into_iter().map(keys).collect();
    for settings in file.vendor_config.values() {
        // The same rules as for what a site says.
        let settings: BTreeMap<String, String> = settings.iter().cloned().collect();
        VendorConfig::try_from(settings).map_err(TableError::VendorConfig)?;
    }
    Ok(Catalogue::new(file.model, templates)?
        .with_modules(modules)?
        .with_stand_ins(file.newcomer)?
        .with_vendor_config(file.vendor_config))
}

/// The add-on modules of `catalogue.toml`, by name.
pub(super) fn load_modules(text: &str) -> Result<HashMap<String, Module>, TableError> {
    let file: CatalogueFile = toml::from_str(text)?;
    Ok(file
        .module
        .into_iter()
        .map(|module| (module.name.clone(), module))
        .collect())
}

/// How well a name of Cisco's list fits a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneName<'a> {
    /// Offset and daylight saving are right.
    Exact(&'a str),
    /// The nearest there is; off for part of the year.
    Nearest(&'a str),
    /// The zone is not listed; this is the default.
    Unlisted(&'a str),
}

impl<'a> ZoneName<'a> {
    /// The name to write, however well it fits.
    pub fn name(&self) -> &'a str {
        match self {
            Self::Exact(name) | Self::Nearest(name) | Self::Unlisted(name) => name,
        }
    }
}

/// Cisco's names for IANA time zones (`timeZone` in boot files; the list is
/// in the *Unified CME System Administrator Guide*, command `timezone`).
#[derive(Clone, Debug)]
pub struct TimeZones {
    default: String,
    by_iana: HashMap<String, (String, bool)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ZonesFile {
    default: String,
    exact: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    nearest: BTreeMap<String, Vec<String>>,
}

impl TimeZones {
    /// Reads `timezones.toml`.
    ///
    /// # Errors
    /// [`TableError::Toml`] with line and column.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let file: ZonesFile = toml::from_str(text)?;
        let mut by_iana = HashMap::new();
        for (names, exact) in [(file.nearest, false), (file.exact, true)] {
            for (cisco, zones) in names {
                for zone in zones {
                    by_iana.insert(zone.to_lowercase(), (cisco.clone(), exact));
                }
            }
        }
        Ok(Self {
            default: file.default,
            by_iana,
        })
    }

    /// Cisco's name for an IANA zone.
    pub fn cisco(&self, iana: &str) -> ZoneName<'_> {
        match self.by_iana.get(&iana.to_lowercase()) {
            Some((name, true)) => ZoneName::Exact(name),
            Some((name, false)) => ZoneName::Nearest(name),
            None => ZoneName::Unlisted(&self.default),
        }
    }
}

/// What a boot file says of a user locale beside its name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Locale {
    /// `langCode`.
    pub(super) lang_code: String,
    /// `winCharSet`.
    pub(super) charset: String,
}

/// User locales by the name of their folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Locales {
    /// Phones fetch locale files again when this changes.
    pub(super) version: String,
    default: Locale,
    locale: BTreeMap<String, Locale>,
}

impl Locales {
    /// Reads `locales.toml`.
    pub(super) fn parse(text: &str) -> Result<Self, TableError> {
        Ok(toml::from_str(text)?)
    }

    /// A locale by its name; folders in front of it do not matter.
    pub(super) fn get(&self, name: &str) -> &Locale {
        let last = name.rsplit('/').next().unwrap_or(name);
        self.locale.get(last).unwrap_or(&self.default)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::configs::ConfigFile;
    use super::*;
    use crate::model::{FileOrder, ModelName, Protocol, ServicesDoor, SoftKeyLayout};

    #[test]
    fn the_catalogue_knows_its_models() {
        let catalogue = load_catalogue(ConfigFile::Catalogue.embedded(), BTreeMap::new()).unwrap();
        let model = |name: &str| catalogue.model(&ModelName::new(name).unwrap()).unwrap();
        assert_eq!(catalogue.models().count(), 91);
        let old = model("7960");
        assert_eq!(old.type_ids, [7]);
        assert_eq!(old.sccp.as_ref().unwrap().file_order, FileOrder::Reset);
        assert!(old.sip.as_ref().unwrap().dialect.is_text());

        let middle = model("7961");
        assert_eq!(catalogue.by_type(30018), Some(middle));
        assert_eq!(middle.first_protocol(), Protocol::Sccp);
        for protocol in [Protocol::Sccp, Protocol::Sip] {
            let facts = middle.facts(protocol).unwrap();
            assert_eq!(facts.services_door, ServicesDoor::Both);
        }

        let new = catalogue.by_product_name("CP-8841-K9").unwrap();
        assert_eq!(new.name.as_str(), "8841");
        assert_eq!(new.keys, 5);
        assert_eq!(new.softkey_layout, SoftKeyLayout::New);
        assert_eq!(
            new.facts(Protocol::Sip).unwrap().services_door,
            ServicesDoor::Internal
        );
    }

    #[test]
    fn a_type_cannot_belong_to_two_models() {
        let twice = format!(
            "{}\n{}",
            ConfigFile::Catalogue.embedded(),
            "[[model]]\nname = \"7961G-GE\"\ntitle = \"x\"\ntype_ids = [30018]\nfamily = \"x\"\nkeys = 6\n\
             product_names = []\nsoftkey_layout = \"old\"\ncharset = \"utf8\"\n[model.sccp]\n\
             dialect = \"sccp-long\"\nfetch = [\"tftp\"]\nservices_door = \"both\"\nfile_order = \"restart\"\n"
        );
        assert!(matches!(
            load_catalogue(&twice, BTreeMap::new()),
            Err(TableError::TypeTwice(30018))
        ));
    }

    #[test]
    fn a_model_takes_modules_that_are_listed() {
        let strange = ConfigFile::Catalogue
            .embedded()
            .replace("name = \"CKEM\"", "name = \"KEM\"");
        let error = load_catalogue(&strange, BTreeMap::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "model 8961 takes add-on module CKEM, which is not listed as a [[module]]"
        );
    }

    #[test]
    fn zones_get_a_name_of_ciscos_list() {
        let zones = TimeZones::parse(ConfigFile::TimeZones.embedded()).unwrap();
        assert_eq!(
            zones.cisco("Europe/Berlin"),
            ZoneName::Exact("W. Europe Standard/Daylight Time")
        );
        assert_eq!(
            zones.cisco("america/new_york"),
            ZoneName::Exact("Eastern Standard/Daylight Time")
        );
        assert_eq!(
            zones.cisco("Africa/Lagos"),
            ZoneName::Nearest("W. Europe Standard/Daylight Time")
        );
        assert_eq!(
            zones.cisco("Mars/Olympus_Mons"),
            ZoneName::Unlisted("GMT Standard/Daylight Time")
        );
    }

    #[test]
    fn every_name_in_the_zone_table_is_one_that_phones_know() {
        // Unified CME System Administrator Guide, command `timezone`.
        const KNOWN: &str = "Dateline,Samoa,Hawaiian,Alaskan/,Pacific/,Mountain/,US Mountain,Central/,\
            Mexico/,Canada Central,SA Pacific,Eastern/,US Eastern,Atlantic/,SA Western,Pacific SA,\
            Newfoundland/,SA Eastern,Mid-Atlantic/,Azores/,GMT/,Greenwich,W. Europe/,GTB/,Egypt/,\
            E. Europe/,Romance/,Central Europe/,South Africa,Jerusalem/,Saudi Arabia,Russian/,Iran/,\
            Caucasus/,Arabian,Afghanistan,West Asia,Ekaterinburg,India,Central Asia,SE Asia,China/,\
            Taipei,Tokyo,Cen. Australia/,AUS Central,E. Australia,AUS Eastern/,West Pacific,\
            Tasmania/,Central Pacific,Fiji,New Zealand/";
        let known: Vec<String> = KNOWN
            .split(',')
            .map(|short| {
                let short = short.trim();
                short.strip_suffix('/').map_or_else(
                    || format!("{short} Standard Time"),
                    |place| format!("{place} Standard/Daylight Time"),
                )
            })
            .collect();
        let zones = TimeZones::parse(ConfigFile::TimeZones.embedded()).unwrap();
        assert!(known.contains(&zones.default));
        assert!(zones.by_iana.len() > 400);
        for (name, _) in zones.by_iana.values() {
            assert!(known.contains(name), "{name}");
        }
    }

    #[test]
    fn locales_are_found_by_their_folder() {
        let locales = Locales::parse(ConfigFile::Locales.embedded()).unwrap();
        assert_eq!(locales.get("German_Germany").lang_code, "de_DE");
        assert_eq!(locales.get("i18n/French_France").lang_code, "fr_FR");
        assert_eq!(locales.get("Klingon_Empire").charset, "utf-8");
    }
}
