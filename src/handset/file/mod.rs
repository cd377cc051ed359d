//! The phone's own file, `SEP<MAC>.cnf.xml` or `SIP<MAC>.cnf`, and the default
//! file.
//!
//! What is read is what the phone acts on; all other elements are passed over,
//! as phones do. What a phone needs and does not find, or would choke on, makes
//! the whole file useless: phones have no recovery.

mod compiled;
mod sip;
#[cfg(test)]
mod tests;
mod text;

pub use sip::{SipLine, SipProfile};

use super::profile::{Kind, Profile, Protocol};
use super::xml::{self, Element};

/// Characters of a URL in a file.
const MAX_URL: usize = 255;
/// Bytes of a file that a 7940 or 7960 is trusted with.
const MAX_SHORT_FILE: usize = 8 * 1024;
/// Call managers of a group.
const MAX_MANAGERS: usize = 5;

/// A configuration file, as far as the phone acts on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootFile {
    /// `versionStamp`; empty in the default file.
    pub version_stamp: String,
    /// The call managers, best first; never none.
    pub managers: Vec<CallManager>,
    /// `loadInformation`: the load that the phone should run; empty for any.
    pub load: String,
    /// `servicesURL`.
    pub services_url: Option<String>,
    /// `authenticationURL`: who is asked whether a push may be obeyed; `None`:
    /// nobody, and it may.
    pub authentication_url: Option<String>,
    /// Which of the two doors to services is open.
    pub provisioning: Provisioning,
    /// How dates are written (`dateTemplate`); empty where nothing is said.
    pub date_template: String,
    /// Entries of `phoneServices`, in their order.
    pub services: Vec<ServiceEntry>,
    /// Folder of the user locale; empty for the built-in one.
    pub user_locale: String,
    /// Language of the user locale, such as `de`; `en` where none is given.
    pub language: String,
    /// Folder of the network locale; empty for the built-in one.
    pub network_locale: String,
    /// What SIP loads need; `None` in a Skinny file.
    pub sip: Option<SipProfile>,
}

impl BootFile {
    /// What a phone holds that could not read its file.
    pub(super) fn unread() -> Self {
        Self {
            version_stamp: String::new(),
            managers: Vec::new(),
            load: String::new(),
            services_url: None,
            authentication_url: None,
            provisioning: Provisioning::default(),
            date_template: String::new(),
            services: Vec::new(),
            user_locale: String::new(),
            language: "en".to_owned(),
            network_locale: String::new(),
            sip: None,
        }
    }
}

/// Where to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallManager {
    /// The lowest number first.
    pub priority: u32,
    /// Name or address.
    pub host: String,
    /// `ethernetPhonePort`.
    pub sccp_port: u16,
    /// `sipPort`.
    pub sip_port: u16,
}

/// `phoneServices/provisioning` (Cisco Unified CM System Guide, *Cisco Unified
/// IP Phone Services*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Provisioning {
    /// 0: the entries of the file alone.
    Internal,
    /// 1: the services URL alone; also what phones do that know nothing else.
    #[default]
    ExternalUrl,
    /// 2: both, in one list.
    Both,
}

/// One `phoneService`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEntry {
    /// 0 services, 1 directories, 2 messages.
    pub kind: u8,
    /// What the list shows.
    pub name: String,
    /// Where it leads; a page, or something built in (`Application:..`).
    pub url: String,
}

impl BootFile {
    /// Reads the phone's own file. The error is what is wrong with it.
    pub fn read(bytes: &[u8], profile: &Profile) -> Result<Self, String> {
        Self::read_with(bytes, b"", profile)
    }

    /// As [`read`](Self::read), with the common settings of all phones
    /// (`SIPDefault.cnf`), which stand behind the phone's own; other families
    /// than those with text files have none.
    pub fn read_with(bytes: &[u8], common: &[u8], profile: &Profile) -> Result<Self, String> {
        if let Some(form) = profile.family.compiled {
            return compiled::read(bytes, form);
        }
        if profile.kind == Kind::Cisco7960Sip {
            return text::read(bytes, common, profile);
        }
        if profile.kind == Kind::Cisco7960 && bytes.len() > MAX_SHORT_FILE {
            return Err(format!("{} bytes are too many for a 7960", bytes.len()));
        }
        let root = xml::parse(bytes)?;
        match root.name.as_str() {
            "device" => device(&root, profile),
            // A file made for all phones serves as a phone's own, too.
            "Default" => default(&root, profile),
            other => Err(format!("<{other}> is no configuration")),
        }
    }
}

fn device(root: &Element, profile: &Profile) -> Result<BootFile, String> {
    let protocol = profile.kind.protocol();
    match root.text_at("deviceProtocol") {
        "" if protocol == Protocol::Sccp => {}
        "" => return Err("no deviceProtocol".into()),
        name if name == protocol.name() => {}
        other => {
            return Err(format!(
                "deviceProtocol {other} on a {} load",
                protocol.name()
            ));
        }
    }
    let version_stamp = root.text_at("versionStamp").to_owned();
    if version_stamp.is_empty() && profile.kind != Kind::Cisco7960 {
        return Err("no versionStamp".into());
    }
    if matches!(root.text_at("deviceSecurityMode"), "2" | "3") {
        return Err("secure mode without a trust list".into());
    }
    let pool = root.find("devicePool").ok_or("no devicePool")?;
    let sip = match protocol {
        Protocol::Sccp => None,
        Protocol::Sip => Some(sip::read(root, profile)?),
    };
    let mut file = common(root, pool, protocol)?;
    file.version_stamp = version_stamp;
    root.text_at("loadInformation").clone_into(&mut file.load);
    root.text_at("userLocale/name")
        .clone_into(&mut file.user_locale);
    let language = root.text_at("userLocale/langCode");
    if !language.is_empty() {
        language.clone_into(&mut file.language);
    }
    network_locale(root).clone_into(&mut file.network_locale);
    if profile.kind != Kind::Cisco7960 {
        phone_services(root, &mut file)?;
    }
    file.sip = sip;
    Ok(file)
}

/// The default file tells where to register, and nothing of the phone.
fn default(root: &Element, profile: &Profile) -> Result<BootFile, String> {
    let protocol = profile.kind.protocol();
    let mut file = common(root, root, protocol)?;
    if protocol == Protocol::Sip {
        // Without lines of its own the phone tries with its MAC address.
        file.sip = Some(SipProfile::unconfigured(profile));
    }
    let load = format!("loadInformation{}", profile.model.device_type.0);
    root.text_at(&load).clone_into(&mut file.load);
    if profile.kind != Kind::Cisco7960 {
        // Firmware of the 9 series passes over the URLs of this file.
        file.services_url = None;
    }
    Ok(file)
}

fn common(root: &Element, pool: &Element, protocol: Protocol) -> Result<BootFile, String> {
    for url in root
        .children
        .iter()
        .filter(|child| child.name.ends_with("URL"))
    {
        check_url(&url.name, url.text())?;
    }
    let url = |name: &str| Some(root.text_at(name).to_owned()).filter(|url| !url.is_empty());
    Ok(BootFile {
        date_template: pool.text_at("dateTimeSetting/dateTemplate").to_owned(),
        managers: managers(pool, protocol)?,
        services_url: url("servicesURL"),
        authentication_url: url("authenticationURL"),
        ..BootFile::unread()
    })
}

fn managers(pool: &Element, protocol: Protocol) -> Result<Vec<CallManager>, String> {
    let members = pool
        .find("callManagerGroup/members")
        .ok_or("no callManagerGroup/members")?;
    let mut managers = Vec::new();
    for member in members.all("member").take(MAX_MANAGERS) {
        let priority = member
            .attribute("priority")
            .and_then(|priority| priority.parse().ok())
            .ok_or("a member without priority")?;
        let manager = member
            .find("callManager")
            .ok_or("a member without callManager")?;
        let host = manager.text_at("processNodeName");
        if host.is_empty() {
            return Err("a callManager without processNodeName".into());
        }
        let port = |name: &str, usual: u16| match manager.text_at(&format!("ports/{name}")) {
            "" => Ok(usual),
            number => match number.parse::<u16>() {
                Ok(port) if port > 0 => Ok(port),
                _ => Err(format!("{name} is {number:?}")),
            },
        };
        if protocol == Protocol::Sccp && manager.find("ports/ethernetPhonePort").is_none() {
            return Err("a callManager without ethernetPhonePort".into());
        }
        managers.push(CallManager {
            priority,
            host: host.to_owned(),
            sccp_port: port("ethernetPhonePort", 2000)?,
            sip_port: port("sipPort", 5060)?,
        });
    }
    managers.sort_by_key(|manager| manager.priority);
    if managers.is_empty() {
        return Err("no call manager".into());
    }
    if managers
        .windows(2)
        .any(|two| two[0].priority == two[1].priority)
    {
        return Err("two members of the same priority".into());
    }
    Ok(managers)
}

/// Written as text by CallManager, as a name inside by others.
fn network_locale(root: &Element) -> &str {
    match root.text_at("networkLocaleInfo/name") {
        "" => root.text_at("networkLocale"),
        name => name,
    }
}

fn phone_services(root: &Element, file: &mut BootFile) -> Result<(), String> {
    let Some(services) = root.find("phoneServices") else {
        return Ok(());
    };
    file.provisioning = match services.text_at("provisioning") {
        "0" => Provisioning::Internal,
        "1" | "" => Provisioning::ExternalUrl,
        "2" => Provisioning::Both,
        other => return Err(format!("provisioning is {other:?}")),
    };
    if services.attribute("useHTTPS") == Some("true") {
        return Err("phoneServices by HTTPS".into());
    }
    for entry in services.all("phoneService") {
        let kind = entry.attribute("type").and_then(|kind| kind.parse().ok());
        let kind = kind.ok_or("a phoneService without type")?;
        let (name, url) = (entry.text_at("name"), entry.text_at("url"));
        if name.is_empty() || url.is_empty() {
            return Err("a phoneService without name or url".into());
        }
        check_url("phoneService", url)?;
        file.services.push(ServiceEntry {
            kind,
            name: name.to_owned(),
            url: url.to_owned(),
        });
    }
    Ok(())
}

fn check_url(what: &str, url: &str) -> Result<(), String> {
    let length = url.chars().count();
    if length > MAX_URL {
        return Err(format!("{what} has {length} characters"));
    }
    Ok(())
}
