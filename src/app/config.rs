//! `embody.toml`: where to listen and with which bounds. Unknown keys are
//! refused with line and column.

mod ports;

pub use ports::{Listen, Port, Ports};

use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::emapi::{
    ChildOrder, DeviceResults, Generation, LoginTypeElement, ProfileResults, QueryFailure, Reading,
    RootElement, UnknownElements, Wording,
};
use crate::http::services::{CheckUser, LoginServiceSettings};
use serde::Deserialize;

use crate::directory::{DirectorySettings, LdapSettings};
use crate::provision::Wlan;
use crate::provision::trust::HashAlgorithm;

/// The whole of `embody.toml`; every key may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses and ports.
    pub listen: Listen,
    /// SIP.
    pub sip: Sip,
    /// Files.
    pub files: Files,
    /// TFTP.
    pub tftp: Tftp,
    /// SCCP.
    pub sccp: Sccp,
    /// The wireless network that phones are told; absent: none.
    pub wlan: Option<Wlan>,
    /// Pushing to phones.
    pub push: Push,
    /// The login service.
    pub login_service: LoginService,
    /// How credentials are checked and wrong answers counted.
    pub directory: DirectorySettings,
    /// The directory server; absent: everybody has his hash here.
    pub ldap: Option<LdapSettings>,
    /// This node's name, for what it writes into a shared store.
    pub node: Option<String>,
}

/// `[sip]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sip {
    /// Whether REGISTERs are challenged. `false`, as CallManager.
    pub digest: bool,
    /// The digest realm.
    pub realm: String,
    /// What carries messages, on the one port of `[listen] sip`; both.
    pub transports: Vec<SipTransport>,
    /// Where answers go over UDP when Via does not ask for the port that the
    /// request came from.
    pub answers: SipAnswers,
}

/// What carries SIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SipTransport {
    /// Datagrams.
    Udp,
    /// Connections.
    Tcp,
}

/// See [`Sip::answers`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SipAnswers {
    /// To the port that the request came from.
    #[default]
    Source,
    /// To the port in Via.
    Via,
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            digest: false,
            realm: "embody".into(),
            transports: vec![SipTransport::Udp, SipTransport::Tcp],
            answers: SipAnswers::default(),
        }
    }
}

/// `[sccp]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sccp {
    /// Keepalive interval told to phones, seconds.
    pub keepalive: u32,
    /// Keepalive interval on standby connections, seconds.
    pub secondary_keepalive: u32,
}

impl Default for Sccp {
    fn default() -> Self {
        Self {
            keepalive: 30,
            secondary_keepalive: 60,
        }
    }
}

/// `[push]`: what is asked of the web server of a phone.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Push {
    /// The port of that web server.
    pub phone_port: u16,
}

impl Default for Push {
    fn default() -> Self {
        Self {
            phone_port: crate::http::execute::PHONE_PORT,
        }
    }
}

/// `[files]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// The folder of static files (firmware, rings, locales).
    pub folder: Option<PathBuf>,
    /// A folder that overrides `phone-configs/`.
    pub phone_configs: Option<PathBuf>,
    /// Whether a phone's own file goes only to the address it registered from.
    pub restrict_files: bool,
    /// Whether trust lists and signed files are answered, with the site key
    /// that `embody trust init` makes.
    pub sign: bool,
    /// The hash that is signed; 79xx know SHA-1 alone.
    pub sign_hash: HashAlgorithm,
}

/// `[tftp]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tftp {
    /// Transfers at one time.
    pub transfers: usize,
    /// Transfers at one time to one address; absent: a quarter of all.
    pub transfers_per_address: Option<usize>,
    /// The largest block that is granted, bytes.
    pub max_block_size: u16,
    /// First and last port that answers leave from; absent: any free one.
    pub ports: Option<(u16, u16)>,
}

impl Default for Tftp {
    fn default() -> Self {
        Self {
            transfers: 4096,
            transfers_per_address: None,
            max_block_size: 1428,
            ports: None,
        }
    }
}

impl Tftp {
    /// Transfers at one time to one address: what is set, or a quarter of all,
    /// so that one host does not hold every place.
    pub fn per_address(&self) -> usize {
        self.transfers_per_address
            .unwrap_or_else(|| self.transfers.div_ceil(4))
    }

    /// The port range, first to last.
    pub fn port_range(&self) -> Option<RangeInclusive<u16>> {
        self.ports.map(|(first, last)| first..=last)
    }
}

/// `[login_service]`: where Cisco's definitions, printed samples and releases
/// disagree.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoginService {
    /// Whose answers `/emservice/EMServiceServlet` gives.
    pub generation: Generation,
    /// Whose answers `/LoginService/login.asp` and `query.asp` give.
    pub asp_generation: Generation,
    /// Elements and attributes that no definition has.
    pub unknown_elements: UnknownElements,
    /// Whether `loginType` is known.
    pub login_type: LoginTypeElement,
    /// Whether the order of children counts.
    pub child_order: ChildOrder,
    /// Which root an operation needs.
    pub root_element: RootElement,
    /// What a failed query holds; absent: what the generation does.
    pub query_failure: Option<QueryFailure>,
    /// What a `device` holds.
    pub device_results: DeviceResults,
    /// What profiles are told in.
    pub profile_results: ProfileResults,
    /// What `checkUser` is answered.
    pub check_user: CheckUser,
}

impl Default for LoginService {
    fn default() -> Self {
        Self {
            generation: Generation::default(),
            asp_generation: Generation::CallManager,
            unknown_elements: UnknownElements::default(),
            login_type: LoginTypeElement::default(),
            child_order: ChildOrder::default(),
            root_element: RootElement::default(),
            query_failure: None,
            device_results: DeviceResults::default(),
            profile_results: ProfileResults::default(),
            check_user: CheckUser::default(),
        }
    }
}

impl LoginService {
    /// The same as the service takes it.
    pub fn settings(&self) -> LoginServiceSettings {
        let wording = |generation| Wording {
            generation,
            query_failure: self.query_failure,
            device_results: self.device_results,
            profile_results: self.profile_results,
        };
        LoginServiceSettings {
            servlet: wording(self.generation),
            asp: wording(self.asp_generation),
            reading: Reading {
                unknown_elements: self.unknown_elements,
                login_type: self.login_type,
                child_order: self.child_order,
                root_element: self.root_element,
            },
            check_user: self.check_user,
        }
    }
}

impl Config {
    /// Reads the text of `embody.toml`.
    ///
    /// # Errors
    /// One sentence with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or((1, 1), |span| place(text, span.start));
            format!("line {}, column {}: {}", at.0, at.1, error.message().trim())
        })?;
        config.check_numbers()?;
        config.check_signing()?;
        Ok(config)
    }
}

impl Config {
    /// What of signing goes together.
    fn check_signing(&self) -> Result<(), String> {
        let https = self.listen.config_https != Port::Off;
        if https && !self.files.sign {
            return Err(
                "[listen] config_https: phones come to this port only because their trust list \
                 says so; set [files] sign = true, or remove it"
                    .to_owned(),
            );
        }
        if self.files.sign_hash == HashAlgorithm::Sha512 && !https {
            return Err(
                "[files] sign_hash: phones take SHA-512 only with a trust list that also sends \
                 them to HTTPS; set [listen] config_https = 6971, or another hash"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Numbers that would not stop the daemon, but every phone.
    fn check_numbers(&self) -> Result<(), String> {
        let Tftp {
            transfers,
            transfers_per_address,
            max_block_size,
            ports,
        } = &self.tftp;
        let Sccp {
            keepalive,
            secondary_keepalive,
        } = &self.sccp;
        if let Some((first, last)) = ports.filter(|(first, last)| *first == 0 || first > last) {
            return Err(format!(
                "[tftp] ports: {first} to {last} is not a range of ports"
            ));
        }
        if self.sip.transports.is_empty() {
            return Err(
                "[sip] transports: none is left; to serve no SIP, set [listen] sip = false"
                    .to_owned(),
            );
        }
        if *transfers == 0 || *transfers_per_address == Some(0) {
            return Err("[tftp] transfers: with 0 no phone could boot".to_owned());
        }
        if let Some(own) = transfers_per_address.filter(|own| own > transfers) {
            return Err(format!(
                "[tftp] transfers_per_address: {own} to one address are more than {transfers} in all"
            ));
        }
        if !(512..=65_464).contains(max_block_size) {
            return Err(format!(
                "[tftp] max_block_size: {max_block_size} is not in 512 to 65464"
            ));
        }
        for (key, seconds) in [
            ("keepalive", keepalive),
            ("secondary_keepalive", secondary_keepalive),
        ] {
            if !(5..=3600).contains(seconds) {
                return Err(format!(
                    "[sccp] {key}: {seconds} is not in 5 to 3600 seconds"
                ));
            }
        }
        Ok(())
    }
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn a_port_is_a_number_off_or_full() {
        let config = Config::parse(
            "[listen]\ntftp = 0\nsccp = false\nservices_http = [8080, 80]\nsip = { address = \"127.0.0.1\", port = 5070 }\n",
        )
        .unwrap();
        let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        assert_eq!(config.listen.tftp.socket(any).unwrap().port(), 0);
        assert_eq!(config.listen.sccp, Port::Off);
        assert_eq!(config.listen.services_http.0.len(), 2);
        assert_eq!(
            config.listen.sip.socket(any).unwrap().to_string(),
            "127.0.0.1:5070"
        );
        assert_eq!(config.listen.admin_http.socket(any).unwrap().port(), 8088);
        assert_eq!(
            config.sip.transports,
            [SipTransport::Udp, SipTransport::Tcp]
        );
        let one = Config::parse("[sip]\ntransports = [\"udp\"]\nanswers = \"via\"\n").unwrap();
        assert_eq!(one.sip.transports, [SipTransport::Udp]);
        assert_eq!(one.sip.answers, SipAnswers::Via);
    }

    /// A word behind `#` in the sample is to be used as it stands there.
    #[test]
    fn the_network_of_the_sample_can_be_taken_as_it_is() {
        let sample = include_str!("../../contrib/embody.toml");
        let from = sample.find("#[wlan]").unwrap();
        let block = sample[from..].split("\n\n").next().unwrap();
        let config = Config::parse(&block.replace("\n#", "\n").replacen('#', "", 1)).unwrap();
        assert!(config.wlan.is_some());
    }

    #[test]
    fn one_address_never_has_more_transfers_than_there_are() {
        let places = |text: &str| {
            let tftp = Config::parse(&format!("[tftp]\n{text}")).unwrap().tftp;
            (tftp.transfers, tftp.per_address())
        };
        assert_eq!(places(""), (4096, 1024));
        assert_eq!(places("transfers = 10\n"), (10, 3));
        assert_eq!(places("transfers = 1\n"), (1, 1));
        let same = "transfers = 16\ntransfers_per_address = 16\n";
        assert_eq!(places(same), (16, 16), "all phones behind one address");
        let more = Config::parse("[tftp]\ntransfers = 16\ntransfers_per_address = 17\n");
        assert_eq!(
            more.unwrap_err(),
            "[tftp] transfers_per_address: 17 to one address are more than 16 in all"
        );
        assert!(Config::parse("[tftp]\ntransfers_per_address = 0\n").is_err());
    }

    #[test]
    fn the_login_service_reads_and_answers_as_it_is_told() {
        let settings = |text: &str| {
            let config = Config::parse(&format!("[login_service]\n{text}"));
            config.unwrap().login_service.settings()
        };
        let usual = settings("");
        assert_eq!(usual.servlet, Generation::Eight.into());
        assert_eq!(usual.asp, Generation::CallManager.into());
        assert_eq!(usual.reading, Reading::default());
        let odd = settings(
            "generation = \"5.x\"\nasp_generation = \"8.x\"\nunknown_elements = \"ignore\"\n\
             login_type = \"refuse\"\nchild_order = \"definition\"\nroot_element = \"definition\"\n\
             query_failure = \"error-message\"\ndevice_results = \"single\"\n\
             profile_results = \"device-names\"\ncheck_user = \"answer\"\n",
        );
        assert_eq!(odd.servlet.generation, Generation::Five);
        assert_eq!(odd.asp.generation, Generation::Eight);
        assert_eq!(odd.asp.query_failure, Some(QueryFailure::ErrorMessage));
        assert_eq!(odd.servlet.device_results, DeviceResults::Single);
        assert_eq!(odd.servlet.profile_results, ProfileResults::DeviceNames);
        assert_eq!(odd.reading.unknown_elements, UnknownElements::Ignore);
        assert_eq!(odd.reading.login_type, LoginTypeElement::Refuse);
        assert_eq!(odd.reading.child_order, ChildOrder::Definition);
        assert_eq!(odd.reading.root_element, RootElement::Definition);
        assert_eq!(odd.check_user, CheckUser::Answer);
        let wrong = Config::parse("[login_service]\ngeneration = \"9.x\"\n").unwrap_err();
        assert!(wrong.starts_with("line 2, column 14"), "{wrong}");
    }

    #[test]
    fn signing_is_off_and_what_belongs_together_is_asked_for_together() {
        let usual = Config::parse("").unwrap();
        assert!(!usual.files.sign);
        assert_eq!(usual.files.sign_hash, HashAlgorithm::Sha1);
        assert_eq!(usual.listen.config_https, Port::Off);
        let all = "[listen]\nconfig_https = 6971\n[files]\nsign = true\nsign_hash = \"sha512\"\n";
        let all = Config::parse(all).unwrap();
        assert_eq!(all.files.sign_hash, HashAlgorithm::Sha512);
        let alone = Config::parse("[listen]\nconfig_https = 6971\n").unwrap_err();
        assert!(alone.contains("[files] sign = true"), "{alone}");
        let hash = Config::parse("[files]\nsign = true\nsign_hash = \"sha512\"\n").unwrap_err();
        assert!(hash.contains("config_https = 6971"), "{hash}");
        let none = Config::parse("[files]\nsign_hash = \"md5\"\n").unwrap_err();
        assert!(none.starts_with("line 2, column 13"), "{none}");
    }

    #[test]
    fn what_is_wrong_is_told_with_line_and_column() {
        let unknown = Config::parse("[listen]\ntfpt = 69\n").unwrap_err();
        assert!(
            unknown.starts_with("line 2, column 1: unknown field `tfpt`"),
            "{unknown}"
        );
        let port = Config::parse("[listen]\nsip = 70000\n").unwrap_err();
        assert!(port.starts_with("line 2, column 7"), "{port}");
        let dead = Config::parse("[sccp]\nkeepalive = 0\n").unwrap_err();
        assert!(dead.contains("[sccp] keepalive"), "{dead}");
        let none = Config::parse("[sip]\ntransports = []\n").unwrap_err();
        assert!(none.contains("[sip] transports"), "{none}");
        let sctp = Config::parse("[sip]\ntransports = [\"sctp\"]\n").unwrap_err();
        assert!(sctp.starts_with("line 2, column 15"), "{sctp}");
        let tls = Config::parse("[listen]\nsip_tls = 5061\n").unwrap_err();
        assert!(tls.contains("reserved for TLS"), "{tls}");
    }
}
