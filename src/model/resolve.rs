//! What a phone should hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::buttons::ButtonPlan;
use super::catalogue::ProtocolFacts;
use super::{
    Button, DeviceName, DevicePool, DeviceProfile, Dialect, Digest, DirectoryNumber, Line,
    ModelName, ObjectId, ObjectName, Parameters, Phone, PhoneModel, ProfileDefault, Protocol,
    Service, ServiceSubscription, ServicesDoor, SipSecret, SpeedDial, Stamps, User, UserId,
    button_plan, stamp_of,
};

/// Everything that [`resolve`] looks at.
#[derive(Clone, Copy)]
pub struct ResolveInput<'a> {
    /// The phone.
    pub phone: &'a Phone,
    /// The model it is served as.
    pub model: &'a PhoneModel,
    /// The protocol it is served over.
    pub protocol: Protocol,
    /// What that model does under that protocol.
    pub facts: &'a ProtocolFacts,
    /// Who is signed in, with which profile.
    pub session: Option<(&'a User, &'a DeviceProfile)>,
    /// The profile it takes while nobody is; `None`: its own settings.
    pub logout_profile: Option<&'a DeviceProfile>,
    /// Whether the profile in force was made for the family of this phone.
    pub same_family: bool,
    /// The device profile default of the model.
    pub profile_default: Option<&'a ProfileDefault>,
    /// Its device pool.
    pub pool: &'a DevicePool,
    /// The services there are.
    pub services: &'a BTreeMap<ObjectName, Service>,
    /// The service parameters.
    pub parameters: &'a Parameters,
    /// The digest of the template its file is made from.
    pub template: Option<Digest>,
}

/// One entry of the Services menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuEntry {
    /// Its name.
    pub name: String,
    /// Its URL, parameters included.
    pub url: String,
}

/// The *file* part: what goes into the boot file, before addresses and
/// contacts are filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FilePart {
    /// The form of the file.
    pub dialect: Dialect,
    /// The protocol it names.
    pub protocol: Protocol,
    /// Whose file it is.
    pub device: DeviceName,
    /// The model it is made for.
    pub model: ModelName,
    /// How the phone comes to its services.
    pub services_door: ServicesDoor,
    /// IANA time zone; the host's when absent.
    pub time_zone: Option<String>,
    /// Cisco's date template.
    pub date_template: String,
    /// NTP servers.
    pub ntp: Vec<String>,
    /// Call managers; empty: this node alone.
    pub call_managers: Vec<String>,
    /// The user locale; empty: the phone's built-in English.
    pub user_locale: String,
    /// The network locale.
    pub network_locale: String,
    /// Its soft key template, where soft keys come from a file (SIP).
    pub softkey_template: Option<String>,
    /// Its add-on modules.
    pub expansion_modules: Vec<String>,
    /// Who is signed in (SIP only: an SCCP file does not change by a login).
    pub user: Option<UserId>,
    /// Its keys (SIP only: SCCP asks for them).
    pub buttons: Vec<Button>,
    /// Its services, where they live in the file (provisioning 0).
    pub services: Vec<MenuEntry>,
    /// The digest secret (SIP only).
    pub sip_secret: Option<SipSecret>,
}

/// The *station* part: what SCCP tells after the file.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct StationPart {
    /// Its keys.
    pub buttons: Vec<Button>,
    /// Its soft key template.
    pub softkey_template: Option<String>,
    /// Cisco's date template, told in RegisterAck.
    pub date_template: String,
    /// The prompt while idle: who is signed in.
    pub prompt: Option<String>,
}

impl StationPart {
    /// Whether `other` differs from this in labels and prompt only.
    pub fn same_but_labels(&self, other: &Self) -> bool {
        let bare = |part: &Self| {
            part.buttons
                .iter()
                .map(|button| (button.key, button.kind.without_label()))
                .collect::<Vec<_>>()
        };
        self.softkey_template == other.softkey_template
            && self.date_template == other.date_template
            && bare(self) == bare(other)
    }
}

/// What a phone should hold, in its three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The phone.
    pub phone: ObjectId,
    /// The phone by name.
    pub device: DeviceName,
    /// The protocol it is served over.
    pub protocol: Protocol,
    /// The *file* part.
    pub file: FilePart,
    /// The *station* part; empty for SIP, whose keys are in the file.
    pub station: StationPart,
    /// The *pages* part: the services of its menu, without Extension Mobility.
    pub menu: Vec<MenuEntry>,
    /// Emergency entries that found no key: they head the menu.
    pub emergency: Vec<SpeedDial>,
    /// Who is signed in, and the name he goes by.
    pub signed_in: Option<(UserId, String)>,
    /// Lines and speed dials that found no key.
    pub left_out: Vec<DirectoryNumber>,
    /// The stamps of the first two parts.
    pub stamps: Stamps,
}

impl Wanted {
    /// All keys, wherever they are told.
    pub fn buttons(&self) -> &[Button] {
        match self.protocol {
            Protocol::Sccp => &self.station.buttons,
            Protocol::Sip => &self.file.buttons,
        }
    }
}

/// What the phone of `input` should hold: a pure function of what is stored.
/// It never yields a phone without a line.
pub fn resolve(input: &ResolveInput<'_>) -> Wanted {
    let phone = input.phone;
    let profile = input
        .session
        .map(|(_, profile)| profile)
        .or(input.logout_profile);
    let user = input.session.map(|(user, _)| user);
    let plan = keys(input, profile);
    let menu = menu(input, profile);
    let user_locale = user
        .and_then(|user| user.locale.clone())
        .or_else(|| profile.and_then(|profile| profile.locale.clone()))
        .or_else(|| phone.locale.clone())
        .unwrap_or_else(|| input.pool.user_locale.clone());
    let softkey_template = match profile {
        Some(profile) if input.same_family => profile.features.softkey_template.clone(),
        Some(_) => input
            .profile_default
            .and_then(|d| d.features.softkey_template.clone()),
        None => None,
    }
    .or_else(|| phone.features.softkey_template.clone());
    let signed_in = user.map(|user| (user.user_id.clone(), user.display_name()));

    let sip = input.protocol == Protocol::Sip;
    let file = FilePart {
        dialect: input.facts.dialect,
        protocol: input.protocol,
        device: phone.name.clone(),
        model: input.model.name.clone(),
        services_door: input.facts.services_door,
        time_zone: input.pool.time_zone.clone(),
        date_template: input.pool.date_template.clone(),
        ntp: input.pool.ntp.clone(),
        call_managers: input.pool.call_managers.clone(),
        user_locale,
        network_locale: input.pool.network_locale.clone(),
        softkey_template: softkey_template.clone().filter(|_| sip),
        expansion_modules: phone.features.expansion_modules.clone(),
        user: user.map(|user| user.user_id.clone()).filter(|_| sip),
        buttons: if sip {
            plan.buttons.clone()
        } else {
            Vec::new()
        },
        services: match input.facts.services_door {
            // Such a phone shows its file and never asks for a menu.
            ServicesDoor::Internal => emergency_entries(&plan.emergency_in_services)
                .chain(menu.iter().cloned())
                .collect(),
            ServicesDoor::ServicesUrl | ServicesDoor::Both => Vec::new(),
        },
        sip_secret: sip.then(|| phone.sip_secret.clone()),
    };
    let station = if sip {
        StationPart::default()
    } else {
        StationPart {
            buttons: plan.buttons,
            softkey_template,
            date_template: input.pool.date_template.clone(),
            prompt: signed_in
                .as_ref()
                .map(|(_, name)| format!("Signed in as {name}")),
        }
    };
    let digests: Vec<Digest> = input.template.into_iter().collect();
    Wanted {
        phone: phone.id,
        device: phone.name.clone(),
        protocol: input.protocol,
        stamps: Stamps {
            file: stamp_of(&file, &digests),
            station: stamp_of(&station, &[]),
        },
        file,
        station,
        menu,
        emergency: plan.emergency_in_services,
        signed_in,
        left_out: plan.left_out,
    }
}

/// Emergency entries without a key, as entries of the Services menu.
pub fn emergency_entries(dials: &[SpeedDial]) -> impl Iterator<Item = MenuEntry> {
    dials.iter().map(|dial| MenuEntry {
        name: dial
            .label
            .clone()
            .unwrap_or_else(|| dial.number.to_string()),
        url: format!("Dial:{}", dial.number),
    })
}

fn keys(input: &ResolveInput<'_>, profile: Option<&DeviceProfile>) -> ButtonPlan {
    let phone = input.phone;
    let (lines, speed_dials) = match profile {
        Some(profile) if input.same_family => (profile.lines.clone(), &profile.speed_dials),
        // Cisco, Extension Mobility 4.1, device profile default: the numbers
        // come along, the line settings for the device do not.
        Some(profile) => (
            profile
                .lines
                .iter()
                .map(Line::without_device_settings)
                .collect(),
            &profile.speed_dials,
        ),
        None => (phone.lines.clone(), &phone.speed_dials),
    };
    // A profile's own emergency mark has no meaning: only the phone knows
    // where it stands.
    let own: Vec<SpeedDial> = speed_dials
        .iter()
        .filter(|dial| profile.is_some() || !dial.emergency)
        .cloned()
        .collect();
    button_plan(
        input.model.keys,
        &lines,
        &own,
        &phone.emergency(),
        &input.parameters.placeholder_label,
    )
}

fn menu(input: &ResolveInput<'_>, profile: Option<&DeviceProfile>) -> Vec<MenuEntry> {
    let subscriptions: &[ServiceSubscription] = match profile {
        None => &input.phone.services,
        Some(profile) if input.same_family || !profile.services.is_empty() => &profile.services,
        Some(_) => input
            .profile_default
            .map_or(&[], |default| &default.services),
    };
    subscriptions
        .iter()
        .filter_map(|subscription| {
            let service = input.services.get(&subscription.name)?;
            Some(MenuEntry {
                name: service.name.to_string(),
                url: with_parameters(&service.url, &subscription.parameters),
            })
        })
        .collect()
}

/// The URL with the subscriber's parameters appended, percent-encoded.
fn with_parameters(url: &str, parameters: &BTreeMap<String, String>) -> String {
    let mut whole = url.to_owned();
    for (name, value) in parameters {
        whole.push(if whole.contains('?') { '&' } else { '?' });
        whole.push_str(&percent_encode(name));
        whole.push('=');
        whole.push_str(&percent_encode(value));
    }
    whole
}

fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    out
}
