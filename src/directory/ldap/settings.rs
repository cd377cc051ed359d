//! `[ldap]` of `embody.toml`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::filter::{self, Filter};
use super::tls::Trust;
use crate::model::Password;

/// Where the directory server is and how users are found in it. Read from
/// `[ldap]`; contradictions are refused there.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Raw")]
pub struct LdapSettings {
    pub(super) url: Url,
    pub(super) security: Security,
    pub(super) verify_certificate: bool,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) service: Service,
    pub(super) base: String,
    pub(super) scope: SearchScope,
    pub(super) filter: Filter,
    pub(super) attributes: Attributes,
    pub(super) timeout: Duration,
    pub(super) connections: usize,
    pub(super) remember: Duration,
}

/// The names of what is read of an entry.
#[derive(Clone, Debug)]
pub(super) struct Attributes {
    pub(super) id: String,
    pub(super) pin: Option<String>,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) locale: Option<String>,
    pub(super) extension: Option<String>,
}

impl Attributes {
    /// What a check reads.
    pub(super) fn of_check(&self) -> Vec<&str> {
        let pin = self.pin.as_deref();
        std::iter::once(self.id.as_str()).chain(pin).collect()
    }

    /// What a look at a person reads: no PIN.
    pub(super) fn of_person(&self) -> Vec<&str> {
        [
            Some(self.id.as_str()),
            Some(self.first_name.as_str()),
            Some(self.last_name.as_str()),
            self.locale.as_deref(),
            self.extension.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// As whom entries are looked for.
#[derive(Clone, Debug)]
pub(super) enum Service {
    /// As nobody.
    Anonymous,
    /// With a password written in the configuration.
    Password(String, Password),
    /// With the password in a file.
    File(String, PathBuf),
}

/// What protects the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// Nothing.
    None,
    /// TLS after a request in clear.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// How far below the base entries are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SearchScope {
    /// Directly below it.
    OneLevel,
    /// Anywhere below it.
    #[default]
    Subtree,
}

/// `ldap://host:port` or `ldaps://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    text: String,
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
}

impl Url {
    fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("[ldap] url: {text:?} is not like \"ldaps://directory.example.com\"");
        let (tls, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ldap") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ldaps") => (true, rest),
            _ => return Err(bad()),
        };
        let place = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match place.strip_prefix('[') {
            Some(bracketed) => {
                let (host, port) = bracketed.split_once(']').ok_or_else(bad)?;
                host.parse::<std::net::Ipv6Addr>().map_err(|_| bad())?;
                (
                    host,
                    port.strip_prefix(':').or(port.is_empty().then_some("")),
                )
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, Some("")),
            },
        };
        let port = match port.ok_or_else(bad)? {
            "" if place.ends_with(':') => return Err(bad()),
            "" if tls => 636,
            "" => 389,
            port => port.parse().ok().filter(|port| *port > 0).ok_or_else(bad)?,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || host.len() > 253 || !host.chars().all(plain) {
            return Err(bad());
        }
        Ok(Self {
            text: text.to_owned(),
            tls,
            host: host.to_owned(),
            port,
        })
    }

    /// Whether it is this very host.
    fn is_local(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The keys as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    url: String,
    #[serde(default)]
    start_tls: bool,
    #[serde(default = "yes")]
    verify_certificate: bool,
    ca_file: Option<PathBuf>,
    bind_dn: Option<String>,
    bind_password: Option<Password>,
    bind_password_file: Option<PathBuf>,
    base: String,
    #[serde(default)]
    scope: SearchScope,
    filter: Option<Filter>,
    id_attribute: Option<String>,
    pin_attribute: Option<String>,
    first_name_attribute: Option<String>,
    last_name_attribute: Option<String>,
    locale_attribute: Option<String>,
    extension_attribute: Option<String>,
    timeout: Option<u64>,
    connections: Option<usize>,
    remember_applications: Option<u64>,
}

fn yes() -> bool {
    true
}

impl TryFrom<Raw> for LdapSettings {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let url = Url::parse(raw.url.trim())?;
        let security = match (url.tls, raw.start_tls) {
            (true, true) => {
                return Err("[ldap] start_tls: an ldaps:// url is TLS already".to_owned());
            }
            (true, false) => Security::Tls,
            (false, true) => Security::StartTls,
            (false, false) => Security::None,
        };
        if security == Security::None && raw.ca_file.is_some() {
            return Err(
                "[ldap] ca_file: without TLS nothing is verified; set start_tls = true \
                        or an ldaps:// url"
                    .to_owned(),
            );
        }
        let service = service(raw.bind_dn, raw.bind_password, raw.bind_password_file)?;
        let attributes = Attributes {
            id: name("id_attribute", raw.id_attribute, "uid")?,
            pin: optional("pin_attribute", raw.pin_attribute)?,
            first_name: name(
                "first_name_attribute",
                raw.first_name_attribute,
                "givenName",
            )?,
            last_name: name("last_name_attribute", raw.last_name_attribute, "sn")?,
            locale: optional("locale_attribute", raw.locale_attribute)?,
            extension: optional("extension_attribute", raw.extension_attribute)?,
        };
        Ok(Self {
            url,
            security,
            verify_certificate: raw.verify_certificate,
            ca_file: raw.ca_file,
            service,
            base: raw.base,
            scope: raw.scope,
            filter: raw.filter.unwrap_or_else(|| Filter::by(&attributes.id)),
            attributes,
            timeout: Duration::from_secs(within("timeout", raw.timeout, 3, 1..=30)?),
            connections: within("connections", raw.connections, 4, 1..=64)?,
            remember: Duration::from_secs(within(
                "remember_applications",
                raw.remember_applications,
                60,
                0..=3600,
            )?),
        })
    }
}

fn service(
    dn: Option<String>,
    password: Option<Password>,
    file: Option<PathBuf>,
) -> Result<Service, String> {
    let dn = dn.filter(|dn| !dn.trim().is_empty());
    match (dn, password, file) {
        (None, None, None) => Ok(Service::Anonymous),
        (None, _, _) => Err("[ldap] bind_password: whose is it? Set bind_dn as well".to_owned()),
        (Some(_), Some(_), Some(_)) => {
            Err("[ldap]: set bind_password or bind_password_file, not both".to_owned())
        }
        (Some(dn), Some(password), None) if !password.is_empty() => {
            Ok(Service::Password(dn, password))
        }
        (Some(dn), None, Some(file)) => Ok(Service::File(dn, file)),
        (Some(_), _, None) => Err(
            "[ldap] bind_dn: without a password a server lets anybody in \
                                   by that name; set bind_password or bind_password_file"
                .to_owned(),
        ),
    }
}

fn optional(key: &str, given: Option<String>) -> Result<Option<String>, String> {
    given
        .map(|name| filter::attribute(&name).map_err(|why| format!("[ldap] {key}: {why}")))
        .transpose()
}

fn name(key: &str, given: Option<String>, default: &str) -> Result<String, String> {
    optional(key, given).map(|name| name.unwrap_or_else(|| default.to_owned()))
}

fn within<T: PartialOrd + fmt::Display + Copy>(
    key: &str,
    given: Option<T>,
    default: T,
    range: std::ops::RangeInclusive<T>,
) -> Result<T, String> {
    let value = given.unwrap_or(default);
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(format!(
            "[ldap] {key}: {value} is not in {} to {}",
            range.start(),
            range.end()
        ))
    }
}

impl LdapSettings {
    /// What is allowed, but probably not meant.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.security == Security::None && !self.url.is_local() {
            warnings.push(format!(
                "[ldap] url {}: passwords travel to the directory in clear; use ldaps:// or \
                 start_tls = true",
                self.url
            ));
        }
        if self.security != Security::None && !self.verify_certificate {
            warnings.push(
                "[ldap] verify_certificate is false: anybody between here and the directory can \
                 read every password; name its authority with ca_file instead"
                    .to_owned(),
            );
        }
        if let Some(pin) = &self.attributes.pin {
            warnings.push(format!(
                "[ldap] pin_attribute {pin}: whoever may read that attribute knows the PINs; let \
                 bind_dn alone read it"
            ));
        }
        warnings
    }

    pub(super) fn trust(&self) -> Trust<'_> {
        match &self.ca_file {
            _ if !self.verify_certificate => Trust::Anybody,
            Some(file) => Trust::File(file),
            None => Trust::System,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(more: &str) -> Result<LdapSettings, String> {
        let text = format!("base = \"dc=example\"\n{more}");
        toml::from_str(&text).map_err(|error| error.message().to_owned())
    }

    fn told(more: &str) -> String {
        read(more).unwrap_err()
    }

    #[test]
    fn little_must_be_said() {
        let settings = read("url = \"ldaps://dc.example.com\"\n").unwrap();
        assert_eq!(settings.url.port, 636);
        assert_eq!(settings.security, Security::Tls);
        assert!(settings.verify_certificate);
        assert_eq!(settings.filter, Filter::by("uid"));
        assert_eq!(settings.attributes.of_check(), ["uid"]);
        assert_eq!(settings.timeout, Duration::from_secs(3));
        assert_eq!(settings.remember, Duration::from_secs(60));
        assert_eq!(settings.warnings(), Vec::<String>::new());
        assert!(matches!(settings.service, Service::Anonymous));
        assert!(matches!(settings.trust(), Trust::System));
    }

    #[test]
    fn a_url_is_a_scheme_a_host_and_a_port() {
        for (text, host, port) in [
            ("ldap://dc1", "dc1", 389),
            ("ldap://dc1.example.com:1389/", "dc1.example.com", 1389),
            ("LDAPS://192.0.2.1", "192.0.2.1", 636),
            ("ldap://[::1]:3389", "::1", 3389),
            ("ldap://[::1]", "::1", 389),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.host.as_str(), url.port), (host, port), "{text}");
        }
        for bad in [
            "",
            "ldap://",
            "dc1",
            "http://dc1",
            "ldap://dc1:0",
            "ldap://dc1:70000",
            "ldap://dc1:",
            "ldap://dc1/dc=x",
            "ldap://u@dc1",
            "ldap://[::1",
            "ldap://[dc1]",
            "ldap://[::1]x",
            "ldapi:///run/slapd",
            "ldap://dc1?x",
        ] {
            assert!(Url::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn contradictions_are_told_in_a_sentence() {
        let url = "url = \"ldap://dc\"\n";
        for (more, why) in [
            (
                "start_tls = true\nurl = \"ldaps://dc\"\n".to_owned(),
                "TLS already",
            ),
            (format!("{url}ca_file = \"x\"\n"), "without TLS"),
            (format!("{url}bind_dn = \"cn=x\"\n"), "without a password"),
            (
                format!("{url}bind_dn = \"cn=x\"\nbind_password = \"\"\n"),
                "without a password",
            ),
            (format!("{url}bind_password = \"x\"\n"), "bind_dn"),
            (
                format!(
                    "{url}bind_dn = \"cn=x\"\nbind_password = \"x\"\nbind_password_file = \"x\"\n"
                ),
                "not both",
            ),
            (format!("{url}timeout = 0\n"), "1 to 30"),
            (format!("{url}connections = 1000\n"), "1 to 64"),
            (format!("{url}id_attribute = \"u id\"\n"), "id_attribute"),
            (format!("{url}filter = \"(uid=x)\"\n"), "no {id}"),
            (format!("{url}filtre = \"x\"\n"), "unknown field"),
            ("url = \"dc\"\n".to_owned(), "ldaps://"),
        ] {
            assert!(told(&more).contains(why), "{more}: {}", told(&more));
        }
    }

    #[test]
    fn what_is_risky_is_warned_of_and_nothing_prints_the_password() {
        let risky = read(
            "url = \"ldap://dc.example.com\"\nstart_tls = true\nverify_certificate = false\n\
             pin_attribute = \"pin\"\nbind_dn = \"cn=x\"\nbind_password = \"swordfish\"\n",
        )
        .unwrap();
        assert_eq!(risky.warnings().len(), 2);
        assert!(!format!("{risky:?}").contains("swordfish"));
        let clear = read("url = \"ldap://dc.example.com\"\n").unwrap();
        assert!(clear.warnings()[0].contains("in clear"));
        let local = read("url = \"ldap://127.0.0.1\"\n").unwrap();
        assert_eq!(local.warnings(), Vec::<String>::new());
    }
}
