//! The files of `phone-configs/`: embedded in the binary, each replaceable by
//! an operator's file of the same name. An override that does not work is
//! replaced by the embedded one, loudly; it never takes the phones down.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::compiled::Profiled;
use super::render::{Renderer, trial};
use super::tables::{self, Locales, TableError, TimeZones};
use super::wording::{self, Language, Wording};
use super::xml;
use crate::model::{Catalogue, Dialect, Digest};

/// Overrides longer than this are refused, in bytes.
const LONGEST_OVERRIDE: u64 = 1 << 20;

/// Counts the changes of this room that make the same templates render
/// otherwise. It feeds the stamps of boot files.
const RENDERING_REVISION: u8 = 3;

/// What becomes of the text that a template renders to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// It is sent as it is: one element of XML.
    Xml,
    /// It is sent as it is: lines `name: value`.
    Lines,
    /// It is compiled to records.
    Records,
    /// It is compiled to a profile of parameters that this kind of device has.
    Profile(Profiled),
}

/// One file of `phone-configs/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigFile {
    /// The phone models.
    Catalogue,
    /// Cisco's time zone names.
    TimeZones,
    /// User locales.
    Locales,
    /// Boot file of 7940 and 7960 SCCP loads.
    SccpShort,
    /// Boot file of later SCCP loads.
    SccpLong,
    /// Boot file of SIP loads.
    SipLong,
    /// Boot file of 7940 and 7960 SIP loads.
    SipText,
    /// `SIPDefault.cnf`, what all of those have in common.
    SipTextDefault,
    /// Boot file of phones of the first generation, and `SEPDefault.cnf`.
    SccpLegacy,
    /// Profile of analogue adapters with SCCP loads.
    AtaProfile,
    /// Profile of 7905 and 7912 with SIP loads.
    SipProfile,
    /// `XMLDefault.cnf.xml`, for phones that are not configured.
    XmlDefault,
    /// Boot file of a phone that nobody configured and that may register by
    /// itself.
    Newcomer,
    /// `WLANDefault.xml`, the wireless network of 7920, 7921, 7925 and 7926.
    WlanDefault,
    /// Soft keys of SIP loads.
    SoftKeys,
    /// Dial template of SIP loads.
    DialPlan,
    /// Feature policy of 8961, 9951 and 9971.
    FeaturePolicy,
    /// The words of the phone's pages in English.
    TextsEnglish,
    /// The same in German.
    TextsGerman,
    /// The same in French.
    TextsFrench,
    /// The same in Spanish.
    TextsSpanish,
}

impl ConfigFile {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Catalogue,
        Self::TimeZones,
        Self::Locales,
        Self::SccpShort,
        Self::SccpLong,
        Self::SipLong,
        Self::SipText,
        Self::SipTextDefault,
        Self::SccpLegacy,
        Self::AtaProfile,
        Self::SipProfile,
        Self::XmlDefault,
        Self::Newcomer,
        Self::WlanDefault,
        Self::SoftKeys,
        Self::DialPlan,
        Self::FeaturePolicy,
        Self::TextsEnglish,
        Self::TextsGerman,
        Self::TextsFrench,
        Self::TextsSpanish,
    ];

    /// Its name inside the folder.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// The one in the binary.
    pub fn embedded(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static str) {
        macro_rules! file {
            ($name:literal) => {
                ($name, include_str!(concat!("../../phone-configs/", $name)))
            };
        }
        match self {
            Self::Catalogue => file!("catalogue.toml"),
            Self::TimeZones => file!("timezones.toml"),
            Self::Locales => file!("locales.toml"),
            Self::SccpShort => file!("templates/sccp-short.xml.j2"),
            Self::SccpLong => file!("templates/sccp-long.xml.j2"),
            Self::SipLong => file!("templates/sip-long.xml.j2"),
            Self::SipText => file!("templates/sip-text.cnf.j2"),
            Self::SipTextDefault => file!("templates/sipdefault.cnf.j2"),
            Self::SccpLegacy => file!("templates/sccp-legacy.cnf.j2"),
            Self::AtaProfile => file!("templates/ata-profile.txt.j2"),
            Self::SipProfile => file!("templates/sip-profile.txt.j2"),
            Self::XmlDefault => file!("templates/xmldefault.xml.j2"),
            Self::Newcomer => file!("templates/newcomer.xml.j2"),
            Self::WlanDefault => file!("templates/wlandefault.xml.j2"),
            Self::SoftKeys => file!("templates/softkeys.xml.j2"),
            Self::DialPlan => file!("dialplan.xml"),
            Self::FeaturePolicy => file!("featurepolicy.xml"),
            Self::TextsEnglish => file!("texts/en.toml"),
            Self::TextsGerman => file!("texts/de.toml"),
            Self::TextsFrench => file!("texts/fr.toml"),
            Self::TextsSpanish => file!("texts/es.toml"),
        }
    }

    /// The words of a language.
    pub fn texts(language: Language) -> Self {
        match language {
            Language::English => Self::TextsEnglish,
            Language::German => Self::TextsGerman,
            Language::French => Self::TextsFrench,
            Language::Spanish => Self::TextsSpanish,
        }
    }

    /// The template of a dialect.
    pub fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::SccpShort => Self::SccpShort,
            Dialect::SccpLong => Self::SccpLong,
            Dialect::SipLong => Self::SipLong,
            Dialect::SipText => Self::SipText,
            Dialect::SccpLegacy => Self::SccpLegacy,
            Dialect::AtaProfile => Self::AtaProfile,
            Dialect::SipProfile => Self::SipProfile,
        }
    }

    /// What becomes of the text that it renders to.
    pub(super) fn form(self) -> Form {
        match self {
            Self::SipText | Self::SipTextDefault => Form::Lines,
            Self::SccpLegacy => Form::Records,
            Self::AtaProfile => Form::Profile(Profiled::Adapter),
            Self::SipProfile => Form::Profile(Profiled::SipPhone),
            _ => Form::Xml,
        }
    }

    /// The roots that the file made from it may have.
    pub(super) fn roots(self) -> &'static [&'static str] {
        match self {
            Self::SccpShort | Self::SccpLong | Self::SipLong | Self::Newcomer => &["device"],
            Self::XmlDefault => &["Default"],
            Self::WlanDefault => &["Cisco7921PhoneConfig"],
            Self::SoftKeys => &["softKeyCfg"],
            Self::DialPlan => &["DIALTEMPLATE", "dialTemplate"],
            Self::FeaturePolicy => &["featurePolicy"],
            Self::SipText
            | Self::SipTextDefault
            | Self::SccpLegacy
            | Self::AtaProfile
            | Self::SipProfile
            | Self::Catalogue
            | Self::TimeZones
            | Self::Locales
            | Self::TextsEnglish
            | Self::TextsGerman
            | Self::TextsFrench
            | Self::TextsSpanish => &[],
        }
    }

    /// Why `text` cannot stand for this file.
    fn check(self, text: &str) -> Result<(), String> {
        let table = |result: Result<(), TableError>| result.map_err(|error| error.to_string());
        match self {
            Self::Catalogue => table(tables::load_catalogue(text, BTreeMap::new()).map(drop)),
            Self::TimeZones => table(TimeZones::parse(text).map(drop)),
            Self::Locales => table(Locales::parse(text).map(drop)),
            Self::DialPlan | Self::FeaturePolicy => xml::well_formed(text, self.roots()),
            Self::TextsEnglish | Self::TextsGerman | Self::TextsFrench | Self::TextsSpanish => {
                wording::read(text).map(drop)
            }
            Self::SccpShort
            | Self::SccpLong
            | Self::SipLong
            | Self::SipText
            | Self::SipTextDefault
            | Self::SccpLegacy
            | Self::AtaProfile
            | Self::SipProfile
            | Self::XmlDefault
            | Self::Newcomer
            | Self::WlanDefault
            | Self::SoftKeys => trial(self, text).map_err(|error| error.to_string()),
        }
    }
}

/// The text of every file, and which of them are an operator's.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts(BTreeMap<ConfigFile, Cow<'static, str>>);

impl Texts {
    /// The text of a file.
    pub(super) fn get(&self, file: ConfigFile) -> &str {
        self.0.get(&file).map_or(file.embedded(), |text| text)
    }

    /// Whether any template is an operator's.
    pub(super) fn any_override(&self) -> bool {
        !self.0.is_empty()
    }

    fn digest(&self, dialect: Dialect) -> Digest {
        let mut whole = vec![RENDERING_REVISION];
        let mut add = |file: ConfigFile| {
            whole.extend_from_slice(self.get(file).as_bytes());
            whole.push(0);
        };
        add(ConfigFile::of(dialect));
        add(ConfigFile::TimeZones);
        add(ConfigFile::Locales);
        // Fetched with the boot file and at no other time.
        match dialect {
            Dialect::SccpShort | Dialect::SccpLong | Dialect::SipProfile => {}
            Dialect::SipLong => {
                add(ConfigFile::SoftKeys);
                add(ConfigFile::DialPlan);
                add(ConfigFile::FeaturePolicy);
            }
            Dialect::SipText => {
                add(ConfigFile::SipTextDefault);
                add(ConfigFile::DialPlan);
            }
            Dialect::SccpLegacy | Dialect::AtaProfile => add(ConfigFile::SccpShort),
        }
        Digest::of(&whole)
    }
}

/// A file of the operator's folder that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Its name inside the folder.
    pub file: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not used: {}", self.file, self.why)
    }
}

/// The embedded files do not work: a mistake in the build.
#[derive(Debug, thiserror::Error)]
#[error("the built-in {file} does not work: {why}")]
pub struct ConfigError {
    file: &'static str,
    why: String,
}

impl ConfigError {
    pub(super) fn new(file: ConfigFile, why: impl fmt::Display) -> Self {
        Self {
            file: file.name(),
            why: why.to_string(),
        }
    }
}

/// All of `phone-configs/`, read and checked.
#[derive(Clone)]
pub struct PhoneConfigs {
    /// The phone models.
    pub catalogue: Arc<Catalogue>,
    /// Makes the files.
    pub renderer: Arc<Renderer>,
    /// The words of the phone's pages.
    pub wording: Arc<Wording>,
    /// The overrides that are not used; already logged as errors.
    pub replaced: Vec<Replaced>,
}

impl PhoneConfigs {
    /// Reads the embedded files and the overrides in `folder`.
    ///
    /// # Errors
    /// [`ConfigError`] only when an embedded file is broken.
    pub fn load(folder: Option<&Path>) -> Result<Self, ConfigError> {
        let (texts, replaced) = folder.map_or_else(Default::default, overrides);
        for file in &replaced {
            tracing::error!(file = %file.file, "phone configs: {file}; the built-in one stands in");
        }
        let templates = Dialect::ALL
            .into_iter()
            .map(|dialect| (dialect, texts.digest(dialect)))
            .collect();
        let catalogue = tables::load_catalogue(texts.get(ConfigFile::Catalogue), templates)
            .map_err(|error| ConfigError::new(ConfigFile::Catalogue, error))?;
        let renderer = Renderer::new(&texts)?;
        let wording = Wording::new(|language| {
            let file = ConfigFile::texts(language);
            [file.embedded(), texts.get(file)]
        })
        .map_err(|(language, why)| ConfigError::new(ConfigFile::texts(language), why))?;
        Ok(Self {
            catalogue: Arc::new(catalogue),
            renderer: Arc::new(renderer),
            wording: Arc::new(wording),
            replaced,
        })
    }
}

fn overrides(folder: &Path) -> (Texts, Vec<Replaced>) {
    let mut texts = Texts::default();
    let mut replaced = strangers(folder);
    for file in ConfigFile::ALL {
        let checked = match read_override(&folder.join(file.name())) {
            Ok(None) => continue,
            Ok(Some(text)) => file.check(&text).map(|()| text),
            Err(why) => Err(why),
        };
        match checked {
            Ok(text) => {
                tracing::info!(
                    file = file.name(),
                    "phone configs: the operator's file is used"
                );
                texts.0.insert(file, Cow::Owned(text));
            }
            Err(why) => replaced.push(Replaced {
                file: file.name().to_owned(),
                why,
            }),
        }
    }
    (texts, replaced)
}

fn read_override(path: &Path) -> Result<Option<String>, String> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
        Ok(data) if !data.is_file() => return Err("it is not a file".to_owned()),
        Ok(_) => {}
    }
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LONGEST_OVERRIDE + 1).read_to_string(&mut text))
        .map_err(|error| error.to_string())?;
    if text.len() as u64 > LONGEST_OVERRIDE {
        return Err(format!("it is longer than {LONGEST_OVERRIDE} bytes"));
    }
    Ok(Some(text))
}

/// Files in the folder that nobody reads: mostly a name typed wrongly.
fn strangers(folder: &Path) -> Vec<Replaced> {
    let known = |name: &str| {
        matches!(name, "README.md" | "site.toml")
            || ConfigFile::ALL.iter().any(|file| file.name() == name)
    };
    let mut found = Vec::new();
    for (dir, prefix) in [
        (folder.to_owned(), ""),
        (folder.join("templates"), "templates/"),
        (folder.join("texts"), "texts/"),
    ] {
        let Ok(entries) = std::fs::read_dir(&dir) else {
            if prefix.is_empty() {
                found.push(Replaced {
                    file: dir.display().to_string(),
                    why: "the folder cannot be read".to_owned(),
                });
            }
            continue;
        };
        for entry in entries.flatten().take(1000) {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if !is_dir && !known(&name) {
                found.push(Replaced {
                    file: name,
                    why: "no file of this name is read".to_owned(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.file.cmp(&b.file));
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("templates")).unwrap();
        std::fs::create_dir(folder.path().join("texts")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn every_embedded_file_works() {
        for file in ConfigFile::ALL {
            assert_eq!(file.check(file.embedded()), Ok(()), "{}", file.name());
        }
        assert!(PhoneConfigs::load(None).unwrap().replaced.is_empty());
    }

    #[test]
    fn a_good_override_changes_the_stamp_of_its_dialect_alone() {
        let template = ConfigFile::SccpLong
            .embedded()
            .replace("<idleTimeout>0</", "<idleTimeout>9</");
        let folder = folder_with(&[("templates/sccp-long.xml.j2", &template)]);
        let plain = PhoneConfigs::load(None).unwrap().catalogue;
        let changed = PhoneConfigs::load(Some(folder.path())).unwrap();
        assert_eq!(changed.replaced, []);
        let same = |dialect| plain.template(dialect) == changed.catalogue.template(dialect);
        assert!(!same(Dialect::SccpLong));
        assert!(same(Dialect::SccpShort));
        assert!(same(Dialect::SipLong));
    }

    #[test]
    fn a_broken_override_is_replaced_and_told() {
        for (name, text, why) in [
            (
                "templates/sip-long.xml.j2",
                "<device>{{ nobody }}</device>",
                "undefined",
            ),
            ("templates/sccp-short.xml.j2", "<device>", "not closed"),
            ("templates/sccp-long.xml.j2", "", "no element"),
            (
                "templates/xmldefault.xml.j2",
                "<Default>{% if %}</Default>",
                "line 1",
            ),
            ("templates/softkeys.xml.j2", "<softKeys/>", "root"),
            (
                "dialplan.xml",
                "<DIALTEMPLATE><TEMPLATE></DIALTEMPLATE>",
                "markup",
            ),
            ("catalogue.toml", "[[model]]\nname = 1", "line 2"),
            ("timezones.toml", "x = 1", "line 1"),
            ("locales.toml", "", "version"),
            ("dialpan.xml", "<DIALTEMPLATE/>", "no file of this name"),
            (
                "texts/de.toml",
                "[key]\nsubmitt = \"Los\"",
                "nobody reads key.submitt",
            ),
            (
                "texts/fr.toml",
                "[key]\nsubmit = \"Envoyer tout\"",
                "12 characters",
            ),
            ("texts/it.toml", "[key]", "no file of this name"),
        ] {
            let folder = folder_with(&[(name, text)]);
            let configs = PhoneConfigs::load(Some(folder.path())).unwrap();
            assert_eq!(configs.replaced.len(), 1, "{name}");
            let told = configs.replaced[0].to_string();
            assert!(told.contains(why), "{name}: {told}");
            assert!(configs.catalogue.models().count() > 3);
        }
    }

    /// A broken file of one language leaves its phones the built-in words.
    #[test]
    fn an_override_of_words_is_used_or_the_built_in_ones_are() {
        let said = |text: &str| {
            let folder = folder_with(&[("texts/de.toml", text)]);
            let configs = PhoneConfigs::load(Some(folder.path())).unwrap();
            let words = configs.wording.words(Language::German);
            (
                words.text(wording::Word::Submit).to_owned(),
                configs.replaced.len(),
            )
        };
        assert_eq!(said("[key]\nsubmit = \"Los\"\n"), ("Los".to_owned(), 0));
        assert_eq!(said("[key]\nsubmit = \"Los\n"), ("Senden".to_owned(), 1));
    }

    #[test]
    fn a_missing_folder_is_told_and_does_no_harm() {
        let configs = PhoneConfigs::load(Some(Path::new("/nonexistent/configs"))).unwrap();
        assert_eq!(configs.replaced.len(), 1);
    }
}
