//! What a template sees. The names here are the names that templates use;
//! `phone-configs/README.md` lists them for operators.
//!
//! Limits of the phones (characters of a label, entries of a list) are applied
//! here, so that no template can forget them.

mod profile;
mod sample;
mod sip;
mod text;

use std::net::{IpAddr, Ipv4Addr};

use profile::ProfileView;
use serde::Serialize;
use sip::SipView;
use text::TextView;

use super::render::RenderContext;
use super::tables::{Locales, Module};
use crate::model::{
    Catalogue, DeviceName, Dialect, Mlpp, MlppIndication, MlppPreemption, Protocol, ServicesDoor,
    Wanted,
};

/// The entry of the Extension Assigner in a boot file, where no page can put it
/// into the phone's language.
const EXTENSION_ASSIGNER: &str = "Extension Assigner";

/// A URL in a boot file: 255 characters. A longer one cannot be cut.
const URL: usize = 255;
/// The lists that phones make themselves: families that know `phoneServices` show
/// those that their file names, in the order of CallManager's own files. Not the
/// directories, which are asked for at a server that there is none of here.
const CALL_LISTS: [(&str, &str); 3] = [
    ("Missed Calls", "Application:Cisco/MissedCalls"),
    ("Received Calls", "Application:Cisco/ReceivedCalls"),
    ("Placed Calls", "Application:Cisco/PlacedCalls"),
];
/// The file name of the feature policy.
const FEATURE_POLICY: &str = "featurepolicy.xml";
/// Call managers of an SCCP and of a SIP file.
const SCCP_MEMBERS: usize = 3;
const SIP_MEMBERS: usize = 5;

/// Ports as phones are told them: where the services really listen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdvertisedPorts {
    /// Menus and forms; `None`: no services at all.
    pub services_http: Option<u16>,
    /// SCCP; 2000 when off.
    pub sccp: Option<u16>,
    /// SIP; 5060 when off.
    pub sip: Option<u16>,
}

/// A boot file.
#[derive(Clone, Debug, Serialize)]
pub(super) struct BootView {
    device: String,
    protocol: &'static str,
    stamp: String,
    /// The load to run; empty: the one it runs.
    load: String,
    date: DateView,
    call_managers: Vec<NodeView>,
    locale: Option<LocaleView>,
    network_locale: Option<NetworkLocaleView>,
    modules: Vec<ModuleView>,
    /// Nothing, where nothing is set.
    mlpp: Option<MlppView>,
    /// Name and value of each, in their order.
    vendor_config: Vec<SettingView>,
    /// The name of the feature policy; nothing, where the family has none.
    feature_policy: Option<&'static str>,
    urls: UrlsView,
    services: ServicesView,
    sip: Option<SipView>,
    /// What only the lines of text have.
    text: Option<TextView>,
    /// What only the profile of a SIP phone has.
    profile: Option<ProfileView>,
}

#[derive(Clone, Debug, Serialize)]
struct DateView {
    template: String,
    zone: String,
    olson: String,
    ntp: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct NodeView {
    priority: usize,
    host: String,
    /// The same, where it is an IPv4 address; else empty.
    address: String,
    sccp_port: u16,
    sip_port: u16,
}

#[derive(Clone, Debug, Serialize)]
struct LocaleView {
    name: String,
    lang_code: String,
    charset: String,
    version: String,
}

#[derive(Clone, Debug, Serialize)]
struct NetworkLocaleView {
    name: String,
    version: String,
}

#[derive(Clone, Debug, Serialize)]
struct ModuleView {
    index: usize,
    r#type: String,
    lines: u8,
}

/// Precedence as phones read it: nothing of it may be empty.
#[derive(Clone, Debug, Serialize)]
struct MlppView {
    domain: String,
    indication: &'static str,
    preemption: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct SettingView {
    name: String,
    value: String,
}

#[derive(Clone, Debug, Serialize)]
struct UrlsView {
    authentication: String,
    services: String,
    /// The same in few characters.
    menu: String,
    extension_mobility: String,
    extension_assigner: String,
}

#[derive(Clone, Debug, Serialize)]
struct ServicesView {
    /// Whether the family knows `phoneServices`.
    listed: bool,
    provisioning: u8,
    entries: Vec<EntryView>,
}

#[derive(Clone, Debug, Serialize)]
struct EntryView {
    r#type: u8,
    name: String,
    url: String,
}

/// `XMLDefault.cnf.xml`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct DefaultView {
    call_managers: Vec<NodeView>,
    models: Vec<ModelView>,
    urls: UrlsView,
}

#[derive(Clone, Debug, Serialize)]
struct ModelView {
    type_id: u32,
    title: String,
}

/// The soft keys of SIP loads.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SoftKeysView {
    pub(super) stamp: String,
}

/// What [`BootView::of`] looks things up in.
pub(super) struct Tables<'a> {
    /// Cisco's name of the time zone.
    pub(super) zone: &'a str,
    /// The IANA name.
    pub(super) olson: &'a str,
    pub(super) locales: &'a Locales,
    pub(super) modules: Vec<&'a Module>,
}

/// `deviceProtocol`.
fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Sccp => "SCCP",
        Protocol::Sip => "SIP",
    }
}

impl BootView {
    /// The same for a load of this protocol.
    pub(super) fn told_as(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol_name(protocol);
        self
    }

    /// The view of what is wanted on a phone, for one that reaches us as `ctx`
    /// says.
    pub(super) fn of(wanted: &Wanted, ctx: &RenderContext<'_>, tables: &Tables<'_>) -> Self {
        let file = &wanted.file;
        let host = file.services_host.as_deref();
        let urls = UrlsView::of(ctx, host, Some(&wanted.device));
        Self {
            device: wanted.device.to_string(),
            protocol: protocol_name(wanted.protocol),
            stamp: wanted.stamps.file.to_string(),
            load: file
                .load
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            date: DateView {
                template: file.date_template.clone(),
                zone: tables.zone.to_owned(),
                olson: tables.olson.to_owned(),
                ntp: file.ntp.clone(),
            },
            call_managers: nodes(&file.call_managers, file.dialect, ctx),
            locale: (!file.user_locale.is_empty()).then(|| {
                let locale = tables.locales.get(&file.user_locale);
                LocaleView {
                    name: file.user_locale.clone(),
                    lang_code: locale.lang_code.clone(),
                    charset: locale.charset.clone(),
                    version: tables.locales.version.clone(),
                }
            }),
            network_locale: (!file.network_locale.is_empty()).then(|| NetworkLocaleView {
                name: file.network_locale.clone(),
                version: tables.locales.version.clone(),
            }),
            modules: tables
                .modules
                .iter()
                .enumerate()
                .map(|(at, module)| ModuleView {
                    index: at + 1,
                    r#type: module.device_type.clone(),
                    lines: module.lines,
                })
                .collect(),
            mlpp: file.mlpp.as_ref().map(MlppView::of),
            vendor_config: file
                .vendor_config
                .iter()
                .map(|(name, value)| SettingView {
                    name: name.clone(),
                    value: value.clone(),
                })
                .collect(),
            feature_policy: file.feature_policy.then_some(FEATURE_POLICY),
            services: ServicesView::of(wanted, &urls),
            profile: (file.dialect == Dialect::SipProfile)
                .then(|| ProfileView::of(wanted, tables.olson, ctx.now, &urls.menu)),
            urls,
            sip: (wanted.protocol == Protocol::Sip).then(|| SipView::of(wanted, ctx)),
            text: (file.dialect == Dialect::SipText).then(|| TextView::of(wanted, tables.olson)),
        }
    }
}

impl DefaultView {
    pub(super) fn of(
        catalogue: &Catalogue,
        services_host: Option<&str>,
        ctx: &RenderContext<'_>,
    ) -> Self {
        Self {
            call_managers: nodes(&[], Dialect::SccpShort, ctx),
            models: catalogue
                .models()
                .flat_map(|model| {
                    model.type_ids.iter().map(|type_id| ModelView {
                        type_id: *type_id,
                        title: model.title.clone(),
                    })
                })
                .collect(),
            urls: UrlsView::of(ctx, services_host, None),
        }
    }
}

impl MlppView {
    fn of(mlpp: &Mlpp) -> Self {
        Self {
            domain: format!("{:06X}", mlpp.domain.map_or(0, |domain| domain.0)),
            // What the device pool leaves open is off.
            indication: match mlpp.indication {
                MlppIndication::Default | MlppIndication::Off => "Off",
                MlppIndication::On => "On",
            },
            preemption: match mlpp.preemption {
                MlppPreemption::Default | MlppPreemption::Disabled => "Disabled",
                MlppPreemption::Forceful => "Forceful",
            },
        }
    }
}

impl UrlsView {
    /// The URLs on `host`, which a site names for fail-over by name; absent: on
    /// the address that the phone reached.
    fn of(ctx: &RenderContext<'_>, host: Option<&str>, device: Option<&DeviceName>) -> Self {
        let Some(port) = ctx.ports.services_http else {
            return Self {
                authentication: String::new(),
                services: String::new(),
                menu: String::new(),
                extension_mobility: String::new(),
                extension_assigner: String::new(),
            };
        };
        let host = host.unwrap_or(ctx.host);
        let host = match host.parse() {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => host.to_owned(),
        };
        let base = format!("http://{host}:{port}");
        // The device name is written out: old loads do not expand a
        // #DEVICENAME#. Phones add `name=` once more; that does no harm.
        let (menu, door) = device.map_or_else(Default::default, |device| {
            (format!("?name={device}"), format!("?device={device}"))
        });
        Self {
            authentication: format!("{base}/ccmcip/authenticate.jsp"),
            services: format!("{base}/ccmcip/getservicesmenu.jsp{menu}"),
            menu: format!("{base}/ccmcip/menu{menu}"),
            extension_mobility: format!("{base}/emapp/EMAppServlet{door}"),
            extension_assigner: format!("{base}/assigner/ExtensionAssignerServlet{door}"),
        }
    }
}

impl ServicesView {
    fn of(wanted: &Wanted, urls: &UrlsView) -> Self {
        let door = wanted.file.services_door;
        let entry = |kind: u8, name: &str, url: &str| EntryView {
            r#type: kind,
            name: name.to_owned(),
            url: url.to_owned(),
        };
        let mut entries: Vec<EntryView> = CALL_LISTS
            .iter()
            .map(|(name, url)| entry(1, name, url))
            .collect();
        for service in &wanted.file.services {
            if service.url.chars().count() > URL {
                tracing::warn!(device = %wanted.device, service = %service.name,
                    "left out of the boot file: its URL is longer than {URL} characters");
                continue;
            }
            entries.push(entry(0, &service.name, &service.url));
        }
        // Last: the way in and out of a login.
        if let Some(door) = &wanted.file.door
            && !urls.extension_mobility.is_empty()
        {
            entries.push(entry(0, door, &urls.extension_mobility));
        }
        if wanted.file.assigner && !urls.extension_assigner.is_empty() {
            entries.push(entry(0, EXTENSION_ASSIGNER, &urls.extension_assigner));
        }
        Self {
            listed: matches!(door, ServicesDoor::Both | ServicesDoor::Internal),
            provisioning: match door {
                ServicesDoor::Internal => 0,
                ServicesDoor::ServicesUrl | ServicesDoor::None => 1,
                ServicesDoor::Both => 2,
            },
            entries,
        }
    }
}

fn nodes(configured: &[String], dialect: Dialect, ctx: &RenderContext<'_>) -> Vec<NodeView> {
    let most = match dialect {
        Dialect::SipLong | Dialect::SipText => SIP_MEMBERS,
        _ => SCCP_MEMBERS,
    };
    let here = [ctx.host.to_owned()];
    let hosts = if configured.is_empty() {
        &here[..]
    } else {
        configured
    };
    hosts
        .iter()
        .take(most)
        .enumerate()
        .map(|(priority, host)| NodeView {
            priority,
            host: host.clone(),
            address: host
                .parse()
                .map_or_else(|_| String::new(), |address: Ipv4Addr| address.to_string()),
            sccp_port: ctx.ports.sccp.unwrap_or(2000),
            sip_port: ctx.sip_port(),
        })
        .collect()
}
