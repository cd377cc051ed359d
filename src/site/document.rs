//! The shape of the site file, and how its text is read.

use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize};
use toml::Spanned;

use super::check::Settings;
use crate::model::{
    ButtonTemplate, CredentialHash, DeviceName, DevicePool, DirectoryNumber, Line, LoadName,
    LogoutProfile, Mlpp, ModelName, MultipleLogin, NumberRecord, ObjectName, Parameters, Password,
    Pin, ProfileName, Protocol, Service, ServiceSubscription, SpeedDial, UserId, VendorConfig,
};

/// The version of the format that is read and written.
pub(super) const VERSION: i64 = 1;

/// The longest file that is read: 10,000 phones, profiles and users make about
/// 8 MB.
const MAX_BYTES: usize = 32 << 20;

/// Why a text is no site file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SiteError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, without any secret of the file.
    pub message: String,
}

/// An object and the line it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The line, from 1.
    pub line: usize,
    /// The object.
    pub value: T,
}

/// A site file.
#[derive(Clone, Debug, Default)]
pub struct SiteDocument {
    /// Service parameters.
    pub parameters: Parameters,
    /// The line on which they begin, from 1.
    pub parameters_line: Option<usize>,
    /// Device pools.
    pub device_pools: Vec<Placed<DevicePool>>,
    /// Phones.
    pub phones: Vec<Placed<PhoneEntry>>,
    /// User device profiles.
    pub profiles: Vec<Placed<ProfileEntry>>,
    /// Device profile defaults.
    pub profile_defaults: Vec<Placed<ProfileDefaultEntry>>,
    /// Phone button templates.
    pub button_templates: Vec<Placed<ButtonTemplate>>,
    /// Users.
    pub users: Vec<Placed<UserEntry>>,
    /// Application users.
    pub application_users: Vec<Placed<ApplicationUserEntry>>,
    /// Services.
    pub services: Vec<Placed<Service>>,
    /// Numbers.
    pub directory_numbers: Vec<Placed<NumberRecord>>,
}

impl SiteDocument {
    /// What phones, profiles and defaults have in common, of each.
    pub(super) fn settings(&self) -> impl Iterator<Item = Settings<'_>> {
        let phones = self.phones.iter().map(|placed| Settings {
            line: Some(placed.line),
            ..placed.value.settings()
        });
        let profiles = self.profiles.iter().map(|placed| Settings {
            line: Some(placed.line),
            ..placed.value.settings()
        });
        let defaults = self.profile_defaults.iter().map(|placed| Settings {
            line: Some(placed.line),
            ..placed.value.settings()
        });
        phones.chain(profiles).chain(defaults)
    }
}

/// `[[phone]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneEntry {
    /// The device name.
    pub name: DeviceName,
    /// Its model.
    pub model: ModelName,
    /// Its protocol; found out when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// Whether people may sign in here; off unless ticked, as with Cisco.
    #[serde(default)]
    pub extension_mobility: bool,
    /// What it is while nobody is signed in.
    #[serde(default)]
    pub logout_profile: LogoutProfile,
    /// Its device pool.
    #[serde(default = "default_pool")]
    pub device_pool: ObjectName,
    /// Its user locale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Whose desk it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The load it should run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<LoadName>,
    /// What its keys are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_button_template: Option<ObjectName>,
    /// Its add-on modules, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expansion_modules: Vec<String>,
    /// Its soft key template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub softkey_template: Option<String>,
    /// What callers on hold hear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_hold_audio_source: Option<u8>,
    /// Whether restrictions of internal callers are ignored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_presentation_indicators: bool,
    /// Precedence and preemption.
    #[serde(default, skip_serializing_if = "Mlpp::is_default")]
    pub mlpp: Mlpp,
    /// Whether a logout is confirmed first here; else the service parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm_logout: Option<bool>,
    /// Switches of the phone itself.
    #[serde(default, skip_serializing_if = "VendorConfig::is_empty")]
    pub vendor_config: VendorConfig,
    /// Its own lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub line: Vec<Line>,
    /// Its own speed dials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speed_dial: Vec<SpeedDial>,
    /// Its own services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<ServiceSubscription>,
}

fn default_pool() -> ObjectName {
    DevicePool::default_pool().name
}

/// `[[profile]]`: a user device profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileEntry {
    /// Its name.
    pub name: ProfileName,
    /// The model it is made for.
    pub model: ModelName,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its user locale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What its keys are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_button_template: Option<ObjectName>,
    /// The add-on modules whose keys it uses; empty: those that the phone has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expansion_modules: Vec<String>,
    /// Its soft key template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub softkey_template: Option<String>,
    /// What callers on hold hear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_hold_audio_source: Option<u8>,
    /// Whether restrictions of internal callers are ignored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_presentation_indicators: bool,
    /// Precedence and preemption.
    #[serde(default, skip_serializing_if = "Mlpp::is_default")]
    pub mlpp: Mlpp,
    /// Minutes without use after which a login with it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_idle_time: Option<u16>,
    /// Its lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub line: Vec<Line>,
    /// Its speed dials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speed_dial: Vec<SpeedDial>,
    /// Its services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<ServiceSubscription>,
}

/// `[[profile_default]]`: the device profile default of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileDefaultEntry {
    /// The model.
    pub model: ModelName,
    /// Its user locale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What its keys are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_button_template: Option<ObjectName>,
    /// The add-on modules whose keys it uses; empty: those that the phone has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expansion_modules: Vec<String>,
    /// Its soft key template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub softkey_template: Option<String>,
    /// What callers on hold hear, for users whose profile says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_hold_audio_source: Option<u8>,
    /// Whether restrictions of internal callers are ignored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_presentation_indicators: bool,
    /// Precedence and preemption.
    #[serde(default, skip_serializing_if = "Mlpp::is_default")]
    pub mlpp: Mlpp,
    /// Its services, for users who have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<ServiceSubscription>,
}

/// `[[user]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserEntry {
    /// The user id.
    pub id: UserId,
    /// A numeric second name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<UserId>,
    /// First name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    /// Last name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    /// His first PIN. Never written out again.
    #[serde(default, deserialize_with = "pin", skip_serializing)]
    pub pin: Option<Pin>,
    /// The hash of his PIN, as an export prints it.
    #[serde(
        default,
        deserialize_with = "hash",
        skip_serializing_if = "Option::is_none"
    )]
    pub pin_hash: Option<CredentialHash>,
    /// His first password. Never written out again.
    #[serde(default, deserialize_with = "password", skip_serializing)]
    pub password: Option<Password>,
    /// The hash of his password, as an export prints it.
    #[serde(
        default,
        deserialize_with = "hash",
        skip_serializing_if = "Option::is_none"
    )]
    pub password_hash: Option<CredentialHash>,
    /// The profiles he may take, the default first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<ProfileName>,
    /// His user locale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// His primary extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_extension: Option<DirectoryNumber>,
    /// His self-service user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_service_id: Option<UserId>,
    /// Phones he may push to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controlled_phones: Vec<DeviceName>,
    /// His own multiple-login behaviour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple_login_behavior: Option<MultipleLogin>,
    /// Whether he is kept from signing in anywhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excluded: bool,
    /// Whether he may say at a phone which configured phone it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub extension_assigner: bool,
    /// Whether he must change his PIN at the next login; an initial value, as
    /// the PIN itself is, and written anew with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pin_must_change: bool,
}

/// `[[application_user]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationUserEntry {
    /// Its id.
    pub id: UserId,
    /// Its first password. Never written out again.
    #[serde(default, deserialize_with = "password", skip_serializing)]
    pub password: Option<Password>,
    /// The hash of its password, as an export prints it.
    #[serde(
        default,
        deserialize_with = "hash",
        skip_serializing_if = "Option::is_none"
    )]
    pub password_hash: Option<CredentialHash>,
    /// Whether it may act for others.
    #[serde(default)]
    pub proxy_rights: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    version: Spanned<i64>,
    #[serde(default)]
    parameters: Option<Spanned<Parameters>>,
    #[serde(default)]
    device_pool: Vec<Spanned<DevicePool>>,
    #[serde(default)]
    phone: Vec<Spanned<PhoneEntry>>,
    #[serde(default)]
    profile: Vec<Spanned<ProfileEntry>>,
    #[serde(default)]
    profile_default: Vec<Spanned<ProfileDefaultEntry>>,
    #[serde(default)]
    phone_button_template: Vec<Spanned<ButtonTemplate>>,
    #[serde(default)]
    user: Vec<Spanned<UserEntry>>,
    #[serde(default)]
    application_user: Vec<Spanned<ApplicationUserEntry>>,
    #[serde(default)]
    service: Vec<Spanned<Service>>,
    #[serde(default)]
    directory_number: Vec<Spanned<NumberRecord>>,
}

/// Only the version, whatever else the file holds.
#[derive(Deserialize)]
struct Version {
    version: Option<Spanned<i64>>,
}

/// Reads a site file: its form only, see [`check`](super::check) for its sense.
///
/// # Errors
/// [`SiteError`] with the place, for what is no TOML, for unknown keys, and
/// for values that cannot be.
pub fn parse(text: &str) -> Result<SiteDocument, SiteError> {
    let places = Places::of(text);
    if text.len() > MAX_BYTES {
        return Err(places.error(
            &(0..0),
            format!("the file is longer than {MAX_BYTES} bytes"),
        ));
    }
    let raw: Raw = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => return Err(places.why(text, &error)),
    };
    places.version(&raw.version)?;
    let parameters_line = raw
        .parameters
        .as_ref()
        .map(|parameters| places.line(parameters.span().start));
    Ok(SiteDocument {
        parameters: raw.parameters.map(Spanned::into_inner).unwrap_or_default(),
        parameters_line,
        device_pools: places.all(raw.device_pool),
        phones: places.all(raw.phone),
        profiles: places.all(raw.profile),
        profile_defaults: places.all(raw.profile_default),
        button_templates: places.all(raw.phone_button_template),
        users: places.all(raw.user),
        application_users: places.all(raw.application_user),
        services: places.all(raw.service),
        directory_numbers: places.all(raw.directory_number),
    })
}

/// From byte offsets to lines and columns.
struct Places<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            text,
            lines: std::iter::once(0)
                .chain(breaks.map(|(at, _)| at + 1))
                .collect(),
        }
    }

    fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|begin| *begin <= offset).max(1)
    }

    fn column(&self, offset: usize) -> usize {
        let begin = self.lines.get(self.line(offset) - 1).copied().unwrap_or(0);
        self.text
            .get(begin..offset)
            .map_or(1, |head| head.chars().count() + 1)
    }

    fn all<T>(&self, spanned: Vec<Spanned<T>>) -> Vec<Placed<T>> {
        spanned
            .into_iter()
            .map(|one| Placed {
                line: self.line(one.span().start),
                value: one.into_inner(),
            })
            .collect()
    }

    fn error(&self, span: &Range<usize>, message: String) -> SiteError {
        SiteError {
            line: self.line(span.start),
            column: self.column(span.start),
            message,
        }
    }

    /// The version is told first: a file of a later one has keys that we do
    /// not know, and that would be told instead.
    fn why(&self, text: &str, error: &toml::de::Error) -> SiteError {
        if let Ok(Version {
            version: Some(version),
        }) = toml::from_str(text)
            && let Err(error) = self.version(&version)
        {
            return error;
        }
        // Not the error's own display, which repeats the line: PINs are there.
        let span = error.span().unwrap_or(0..0);
        self.error(&span, error.message().to_owned())
    }

    fn version(&self, version: &Spanned<i64>) -> Result<(), SiteError> {
        if *version.get_ref() == VERSION {
            return Ok(());
        }
        let message = format!(
            "site file version {} is not known; this is version {VERSION}",
            version.get_ref()
        );
        Err(self.error(&version.span(), message))
    }
}

/// Reads a quoted text without ever repeating it in an error: the usual error
/// for a wrong type repeats the value.
struct Quoted;

impl serde::de::Visitor<'_> for Quoted {
    type Value = String;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text in quotes")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<String, E> {
        Err(E::custom("it must be written in quotes"))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<String, E> {
        Err(E::custom("it must be written in quotes"))
    }

    fn visit_i128<E: serde::de::Error>(self, _: i128) -> Result<String, E> {
        Err(E::custom("it must be written in quotes"))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<String, E> {
        Err(E::custom("it must be written in quotes"))
    }

    fn visit_u128<E: serde::de::Error>(self, _: u128) -> Result<String, E> {
        Err(E::custom("it must be written in quotes"))
    }
}

fn pin<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Pin>, D::Error> {
    from.deserialize_str(Quoted)
        .map(|text| Some(Pin::new(text)))
}

fn password<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Password>, D::Error> {
    from.deserialize_str(Quoted)
        .map(|text| Some(Password::new(text)))
}

fn hash<'de, D: Deserializer<'de>>(from: D) -> Result<Option<CredentialHash>, D::Error> {
    from.deserialize_str(Quoted)
        .map(|text| Some(CredentialHash::new(text)))
}
