//! From a template and what is wanted to the bytes of a file.
//!
//! Templates are Jinja (minijinja) with two rules of this house: a name that
//! does not exist is an error, and every value is escaped for XML. What comes
//! out is checked to be well-formed before it may leave.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

use super::configs::{ConfigError, ConfigFile, Form, Texts};
use super::tables::{self, Locales, Module, TimeZones, ZoneName};
use super::view::{AdvertisedPorts, BootView, DefaultView, SoftKeysView, Tables};
use super::wlan::Wlan;
use super::{compiled, text, xml};
use crate::model::{Catalogue, Dialect, Protocol, Timestamp, Wanted, stamp_of};

/// The longest file that 7940 and 7960 are known to read, in bytes.
const SHORT_LIMIT: usize = 8 * 1024;

/// How values are escaped in files that are lines of text.
const TEXT: &str = "text";

/// Zones told about in the log, at most.
const MOST_WARNINGS: usize = 64;

const TEMPLATES: [ConfigFile; 12] = [
    ConfigFile::SccpShort,
    ConfigFile::SccpLong,
    ConfigFile::SipLong,
    ConfigFile::SipText,
    ConfigFile::SipTextDefault,
    ConfigFile::SccpLegacy,
    ConfigFile::AtaProfile,
    ConfigFile::SipProfile,
    ConfigFile::XmlDefault,
    ConfigFile::Newcomer,
    ConfigFile::SoftKeys,
    ConfigFile::WlanDefault,
];

/// What a file says beside what is wanted: how this phone reaches us. None of
/// it changes the stamp.
#[derive(Clone, Copy, Debug)]
pub struct RenderContext<'a> {
    /// Host name or address of this node, as this phone reaches it.
    pub host: &'a str,
    /// The ports to tell.
    pub ports: AdvertisedPorts,
    /// IANA zone of device pools that name none.
    pub host_time_zone: &'a str,
    /// Now: some phones are told how far their clock is off, and no zone.
    pub now: Timestamp,
}

impl RenderContext<'_> {
    pub(super) fn sip_port(&self) -> u16 {
        self.ports.sip.unwrap_or(5060)
    }
}

/// Why a file could not be made. Says where, never what: files hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The template failed.
    #[error("{file}, line {line}: {kind}")]
    Template {
        /// Which template.
        file: &'static str,
        /// Which line of it.
        line: usize,
        /// What kind of failure.
        kind: String,
    },
    /// It rendered to something that phones cannot read.
    #[error("{file} does not make a file that phones can read: {why}")]
    Unreadable {
        /// Which template.
        file: &'static str,
        /// What is wrong, and where.
        why: String,
    },
    /// It rendered to more than the family reads.
    #[error("{file} makes a file of {size} bytes; these phones read at most {limit}")]
    TooLong {
        /// Which template.
        file: &'static str,
        /// How long it came out.
        size: usize,
        /// What the family reads.
        limit: usize,
    },
}

/// Makes the files that are not static.
pub struct Renderer {
    active: Environment<'static>,
    /// The templates of the binary, when any of the active ones is not.
    embedded: Option<Environment<'static>>,
    zones: TimeZones,
    locales: Locales,
    modules: HashMap<String, Module>,
    softkeys: Bytes,
    dialplan: Bytes,
    feature_policy: Bytes,
    warned: Mutex<HashSet<String>>,
}

impl Renderer {
    pub(super) fn new(texts: &Texts) -> Result<Self, ConfigError> {
        let table = |file| move |error| ConfigError::new(file, error);
        let active = environment(|file| texts.get(file))?;
        let softkeys = softkeys(&active, texts.get(ConfigFile::SoftKeys))
            .map_err(|error| ConfigError::new(ConfigFile::SoftKeys, error))?;
        Ok(Self {
            active,
            embedded: texts
                .any_override()
                .then(|| environment(ConfigFile::embedded))
                .transpose()?,
            zones: TimeZones::parse(texts.get(ConfigFile::TimeZones))
                .map_err(table(ConfigFile::TimeZones))?,
            locales: Locales::parse(texts.get(ConfigFile::Locales))
                .map_err(table(ConfigFile::Locales))?,
            modules: tables::load_modules(texts.get(ConfigFile::Catalogue))
                .map_err(table(ConfigFile::Catalogue))?,
            softkeys,
            dialplan: Bytes::copy_from_slice(texts.get(ConfigFile::DialPlan).as_bytes()),
            feature_policy: Bytes::copy_from_slice(texts.get(ConfigFile::FeaturePolicy).as_bytes()),
            warned: Mutex::default(),
        })
    }

    /// The boot file of a phone, in the dialect wanted.
    ///
    /// # Errors
    /// [`RenderError`] when neither the operator's template nor the embedded
    /// one makes a file that the phone can read.
    pub fn boot_file(
        &self,
        wanted: &Wanted,
        ctx: &RenderContext<'_>,
    ) -> Result<Bytes, RenderError> {
        let dialect = wanted.file.dialect;
        let file = ConfigFile::of(dialect.xml());
        let mut view = self.view(wanted, ctx);
        if dialect == Dialect::SipProfile {
            // Its SIP loads ask for no XML: this is an SCCP load.
            view = view.told_as(Protocol::Sccp);
        }
        self.render(file, &Value::from(Serde(&view)))
    }

    /// The boot file of a phone in this dialect, which is compiled.
    ///
    /// # Errors
    /// As [`Renderer::boot_file`].
    pub fn compiled_file(
        &self,
        wanted: &Wanted,
        dialect: Dialect,
        ctx: &RenderContext<'_>,
    ) -> Result<Bytes, RenderError> {
        let view = self.view(wanted, ctx);
        self.render(ConfigFile::of(dialect), &Value::from(Serde(&view)))
    }

    /// The boot file of a phone that nobody configured: what every load reads,
    /// for `protocol` while nothing shows which it runs.
    ///
    /// # Errors
    /// As [`Renderer::boot_file`].
    pub fn newcomer(
        &self,
        wanted: &Wanted,
        protocol: Protocol,
        ctx: &RenderContext<'_>,
    ) -> Result<Bytes, RenderError> {
        let view = self.view(wanted, ctx).told_as(protocol);
        self.render(ConfigFile::Newcomer, &Value::from(Serde(&view)))
    }

    fn view(&self, wanted: &Wanted, ctx: &RenderContext<'_>) -> BootView {
        let olson = wanted.file.time_zone.as_deref();
        let olson = olson.unwrap_or(ctx.host_time_zone);
        let tables = Tables {
            zone: self.zone(olson),
            olson,
            locales: &self.locales,
            modules: wanted
                .file
                .expansion_modules
                .iter()
                .filter_map(|name| self.modules.get(name))
                .collect(),
        };
        BootView::of(wanted, ctx, &tables)
    }

    /// `XMLDefault.cnf.xml`: where a phone that is not configured registers;
    /// its URLs on `services_host` where the site names one.
    ///
    /// # Errors
    /// As [`Renderer::boot_file`].
    pub fn xml_default(
        &self,
        catalogue: &Catalogue,
        services_host: Option<&str>,
        ctx: &RenderContext<'_>,
    ) -> Result<Bytes, RenderError> {
        self.of_all(ConfigFile::XmlDefault, catalogue, services_host, ctx)
    }

    /// `SIPDefault.cnf`: what the SIP loads of all 7940 and 7960 have in common.
    ///
    /// # Errors
    /// As [`Renderer::boot_file`].
    pub fn sip_default(
        &self,
        catalogue: &Catalogue,
        services_host: Option<&str>,
        ctx: &RenderContext<'_>,
    ) -> Result<Bytes, RenderError> {
        self.of_all(ConfigFile::SipTextDefault, catalogue, services_host, ctx)
    }

    /// `SEPDefault.cnf`: where a phone of the first generation that is not
    /// configured registers.
    ///
    /// # Errors
    /// As [`Renderer::boot_file`].
    pub fn legacy_default(
        &self,
        catalogue: &Catalogue,
        services_host: Option<&str>,
        ctx: &RenderContext<'_>,
    ) -> Result<Bytes, RenderError> {
        self.of_all(ConfigFile::SccpLegacy, catalogue, services_host, ctx)
    }

    /// `WLANDefault.xml`: the wireless network of the house.
    ///
    /// # Errors
    /// As [`Renderer::boot_file`].
    pub fn wlan_default(&self, wlan: &Wlan) -> Result<Bytes, RenderError> {
        self.render(ConfigFile::WlanDefault, &Value::from(Serde(wlan.view())))
    }

    /// A file that is not one phone's.
    fn of_all(
        &self,
        file: ConfigFile,
        catalogue: &Catalogue,
        services_host: Option<&str>,
        ctx: &RenderContext<'_>,
    ) -> Result<Bytes, RenderError> {
        let view = DefaultView::of(catalogue, services_host, ctx);
        self.render(file, &Value::from(Serde(&view)))
    }

    /// The soft keys of SIP loads.
    pub fn softkeys(&self) -> Bytes {
        self.softkeys.clone()
    }

    /// The dial template of SIP loads.
    pub fn dialplan(&self) -> Bytes {
        self.dialplan.clone()
    }

    /// The feature policy of 8961, 9951 and 9971.
    pub fn feature_policy(&self) -> Bytes {
        self.feature_policy.clone()
    }

    /// Cisco's names for time zones.
    pub fn zones(&self) -> &TimeZones {
        &self.zones
    }

    fn render(&self, file: ConfigFile, view: &Value) -> Result<Bytes, RenderError> {
        match (render(&self.active, file, view), &self.embedded) {
            (Err(error), Some(embedded)) => {
                tracing::error!(%error, "the built-in template stands in for the operator's");
                render(embedded, file, view)
            }
            (result, _) => result,
        }
    }

    /// Cisco's name of a zone; a poor fit is told once.
    fn zone(&self, iana: &str) -> &str {
        let zone = self.zones.cisco(iana);
        if !matches!(zone, ZoneName::Exact(_)) {
            let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
            if warned.len() < MOST_WARNINGS && warned.insert(iana.to_owned()) {
                tracing::warn!(
                    zone = iana,
                    told = zone.name(),
                    "no name of Cisco's fits this time zone: SIP phones may show a wrong time"
                );
            }
        }
        zone.name()
    }
}

/// Tries a template of an operator with everything it may meet.
pub(super) fn trial(file: ConfigFile, text: &str) -> Result<(), RenderError> {
    let env = environment_with(&BTreeMap::from([(file, text)]))
        .map_err(|(_, error)| failure(file, &error, true))?;
    let mut views = match file {
        ConfigFile::SccpShort => samples(Dialect::SccpShort),
        ConfigFile::SccpLong => samples(Dialect::SccpLong),
        ConfigFile::SipLong | ConfigFile::Newcomer => samples(Dialect::SipLong),
        ConfigFile::SipText => samples(Dialect::SipText),
        ConfigFile::SccpLegacy => samples(Dialect::SccpLegacy),
        ConfigFile::AtaProfile => samples(Dialect::AtaProfile),
        ConfigFile::SipProfile => samples(Dialect::SipProfile),
        ConfigFile::XmlDefault | ConfigFile::SipTextDefault => {
            vec![Value::from(Serde(DefaultView::sample()))]
        }
        ConfigFile::WlanDefault => vec![Value::from(Serde(Wlan::sample().view()))],
        _ => vec![Value::from(Serde(SoftKeysView {
            stamp: String::new(),
        }))],
    };
    if file == ConfigFile::SccpLegacy {
        // It makes the default file too.
        views.push(Value::from(Serde(DefaultView::sample())));
    }
    views
        .iter()
        .try_for_each(|view| finish(file, rendered(&env, file, view, true)?).map(drop))
}

fn samples(dialect: Dialect) -> Vec<Value> {
    [false, true]
        .map(|full| Value::from(Serde(BootView::sample(dialect, full))))
        .into()
}

fn softkeys(env: &Environment<'_>, text: &str) -> Result<Bytes, RenderError> {
    let view = SoftKeysView {
        stamp: stamp_of(&text, &[]).to_string(),
    };
    render(env, ConfigFile::SoftKeys, &Value::from(Serde(view)))
}

fn environment<'a>(
    text: impl Fn(ConfigFile) -> &'a str,
) -> Result<Environment<'static>, ConfigError> {
    let texts = TEMPLATES.map(|file| (file, text(file))).into();
    environment_with(&texts).map_err(|(file, error)| ConfigError::new(file, error))
}

fn environment_with(
    texts: &BTreeMap<ConfigFile, &str>,
) -> Result<Environment<'static>, (ConfigFile, minijinja::Error)> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|name| {
        let text = name.ends_with(".cnf.j2") || name.ends_with(".txt.j2");
        AutoEscape::Custom(if text { TEXT } else { "xml" }.into())
    });
    env.set_formatter(|out, state, value| {
        let text = match value.kind() {
            // A list or nothing at all where text belongs is a mistake.
            ValueKind::None | ValueKind::Seq | ValueKind::Map => {
                return Err(minijinja::Error::new(
                    ErrorKind::InvalidOperation,
                    "this value is not text",
                ));
            }
            // As phones spell it, not as Jinja does.
            ValueKind::Bool if value.is_true() => Cow::Borrowed("true"),
            ValueKind::Bool => Cow::Borrowed("false"),
            _ => value
                .as_str()
                .map_or_else(|| Cow::Owned(value.to_string()), Cow::Borrowed),
        };
        if value.is_safe() || matches!(state.auto_escape(), AutoEscape::None) {
            out.write_str(&text)?;
        } else if matches!(state.auto_escape(), AutoEscape::Custom(how) if how == TEXT) {
            out.write_str(&text::quotable(&text))?;
        } else {
            xml::escape(out, &text)?;
        }
        Ok(())
    });
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    for (file, text) in texts {
        let file = *file;
        match &syntax {
            Ok(syntax) => env.set_syntax(syntax.clone()),
            Err(error) => {
                let error = minijinja::Error::new(ErrorKind::InvalidOperation, error.to_string());
                return Err((file, error));
            }
        }
        env.add_template_owned(file.name(), (*text).to_owned())
            .map_err(|error| (file, error))?;
    }
    Ok(env)
}

fn render(env: &Environment<'_>, file: ConfigFile, view: &Value) -> Result<Bytes, RenderError> {
    finish(file, rendered(env, file, view, false)?)
}

/// `tell` adds the template engine's own words: only for sample values.
fn rendered(
    env: &Environment<'_>,
    file: ConfigFile,
    view: &Value,
    tell: bool,
) -> Result<String, RenderError> {
    env.get_template(file.name())
        .and_then(|template| template.render(view.clone()))
        .map_err(|error| failure(file, &error, tell))
}

fn failure(file: ConfigFile, error: &minijinja::Error, tell: bool) -> RenderError {
    let mut kind = error.kind().to_string();
    if let Some(detail) = error.detail().filter(|_| tell) {
        kind = format!("{kind}: {detail}");
    }
    RenderError::Template {
        file: file.name(),
        line: error.line().unwrap_or(0),
        kind,
    }
}

fn finish(file: ConfigFile, text: String) -> Result<Bytes, RenderError> {
    let form = file.form();
    let made = match form {
        Form::Xml => xml::well_formed(&text, file.roots()).map(|()| text.into_bytes()),
        Form::Lines => text::well_formed(&text).map(|()| text.into_bytes()),
        Form::Records => compiled::records(&text),
        Form::Profile(of) => compiled::profile(&text, of),
    };
    let body = made.map_err(|why| RenderError::Unreadable {
        file: file.name(),
        why,
    })?;
    // A newcomer may be any phone.
    let short = matches!(file, ConfigFile::SccpShort | ConfigFile::Newcomer) || form != Form::Xml;
    if short && body.len() >= SHORT_LIMIT {
        return Err(RenderError::TooLong {
            file: file.name(),
            size: body.len(),
            limit: SHORT_LIMIT - 1,
        });
    }
    Ok(Bytes::from(body))
}
