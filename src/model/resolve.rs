//! What a phone should hold.
//!
//! `in_force` says what of phone, profile and device profile default counts,
//! also where the profile was made for another family; `services` makes the
//! menu. Keys are laid out by [`button_plan`](super::button_plan).

mod in_force;
mod services;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::buttons::{ButtonPlan, KeyRoom, KeyWishes};
use super::catalogue::ProtocolFacts;
use super::{
    Button, ButtonKind, ButtonTemplate, Catalogue, DeviceName, DevicePool, DeviceProfile, Dialect,
    Digest, DirectoryNumber, LeftOut, Line, LoadName, Mlpp, ModelName, ObjectId, ObjectName,
    Parameters, Phone, PhoneModel, ProfileDefault, Protocol, Service, ServicesDoor, SipSecret,
    SpeedDial, Stamps, User, UserId, button_plan, stamp_of,
};
pub use in_force::InForce;
use in_force::Source;
use services::Menu;

/// What a phone is while nobody is signed in.
#[derive(Clone, Copy)]
pub enum Bare<'a> {
    /// Its own settings, as they are.
    Phone,
    /// The snapshot that was taken of its settings.
    Snapshot(&'a DeviceProfile),
    /// A user device profile.
    Profile(&'a DeviceProfile),
}

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
    /// What it is while nobody is.
    pub bare: Bare<'a>,
    /// The device profile default of the model.
    pub profile_default: Option<&'a ProfileDefault>,
    /// The phone button templates there are.
    pub button_templates: &'a BTreeMap<ObjectName, Arc<ButtonTemplate>>,
    /// Its device pool.
    pub pool: &'a DevicePool,
    /// The services there are.
    pub services: &'a BTreeMap<ObjectName, Service>,
    /// The service parameters.
    pub parameters: &'a Parameters,
    /// The models there are.
    pub catalogue: &'a Catalogue,
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
    /// The load that it should run; absent: the one that it runs. A phone is
    /// told it only while all of its files are there to be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<LoadName>,
    /// Precedence and preemption, where any is set and the form of the file has
    /// a place for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mlpp: Option<Mlpp>,
    /// Switches of the phone itself: of the dialect, the model, the device pool
    /// and the phone.
    pub vendor_config: Vec<(String, String)>,
    /// Whether it names a feature policy.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub feature_policy: bool,
    /// Who is signed in (SIP only: an SCCP file does not change by a login).
    pub user: Option<UserId>,
    /// Its keys (SIP only: SCCP asks for them).
    pub buttons: Vec<Button>,
    /// Its services, where they live in the file (provisioning 0).
    pub services: Vec<MenuEntry>,
    /// The entry that signs in and out, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub door: Option<String>,
    /// Whether the Extension Assigner is among them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub assigner: bool,
    /// The host name in its URLs; absent: the address that the phone reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_host: Option<String>,
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
        let alike = |(a, b): (&Button, &Button)| a.key == b.key && a.kind.same_but_labels(&b.kind);
        self.softkey_template == other.softkey_template
            && self.date_template == other.date_template
            && self.buttons.len() == other.buttons.len()
            && self.buttons.iter().zip(&other.buttons).all(alike)
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
    /// The name of the menu's entry that signs in and out; `None` on a phone
    /// where nobody is signed in nor may.
    pub door: Option<String>,
    /// Whether the Extension Assigner is among them: the phone registered by
    /// itself and waits for approval.
    pub assigner: bool,
    /// Emergency entries that found no key: they head the menu.
    pub emergency: Vec<SpeedDial>,
    /// Who is signed in, and the name he goes by.
    pub signed_in: Option<(UserId, String)>,
    /// What is in force beside keys and services.
    pub in_force: InForce,
    /// Lines and speed dials that found no key.
    pub left_out: Vec<LeftOut>,
    /// The first line, where it only shows the state of another phone.
    pub monitored_first: Option<DirectoryNumber>,
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

    /// What a plan and the journal should say about it: numbers that found no
    /// key, a first line that nobody can call from, a device profile default
    /// that is missing. Sentences without a capital and a full stop.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = Vec::new();
        if self.in_force.is_mismatched && !self.in_force.has_default {
            let model = &self.file.model;
            remarks.push(format!(
                "the profile was made for another model, and model {model} has no device profile \
                 default: numbers and speed dials alone come along"
            ));
        }
        if let Some(number) = &self.monitored_first {
            remarks.push(format!(
                "the first line, {number}, is only monitored: put a line that rings before it"
            ));
        }
        if self.file.services_door == ServicesDoor::None {
            remarks.extend(self.emergency.iter().map(|dial| {
                let number = &dial.number;
                format!(
                    "emergency number {number} has no key, and there is no Services page for it"
                )
            }));
        }
        remarks.extend(self.left_out.iter().map(ToString::to_string));
        remarks
    }
}

/// What the phone of `input` should hold: a pure function of what is stored.
/// It never yields a phone without a line.
pub fn resolve(input: &ResolveInput<'_>) -> Wanted {
    let phone = input.phone;
    let source = Source::of(input);
    let in_force = InForce::of(input, source);
    let plan = keys(input, source, &in_force);
    let user = input.session.map(|(user, _)| user);
    let Menu {
        entries,
        door,
        assigner,
    } = Menu::of(input, source);
    let signed_in = user.map(|user| (user.user_id.clone(), user.display_name()));
    let (for_sip, for_sccp) = match input.protocol {
        Protocol::Sip => (plan.buttons, Vec::new()),
        Protocol::Sccp => (Vec::new(), told_over_sccp(plan.buttons)),
    };
    let file = file(
        input,
        &in_force,
        for_sip,
        &entries,
        (door.as_ref(), assigner),
        &plan.emergency_in_services,
    );
    let station = match input.protocol {
        Protocol::Sip => StationPart::default(),
        Protocol::Sccp => StationPart {
            buttons: for_sccp,
            softkey_template: in_force.softkey_template.clone(),
            date_template: input.pool.date_template.clone(),
            prompt: signed_in
                .as_ref()
                .map(|(_, name)| format!("Signed in as {name}")),
        },
    };
    let template: Option<Digest> = input.catalogue.template(input.facts.dialect);
    Wanted {
        phone: phone.id,
        device: phone.name.clone(),
        protocol: input.protocol,
        stamps: Stamps {
            file: stamp_of(&file, template.as_slice()),
            station: stamp_of(&station, &[]),
        },
        file,
        station,
        menu: entries,
        door,
        assigner,
        emergency: plan.emergency_in_services,
        signed_in,
        in_force,
        left_out: plan.left_out,
        monitored_first: plan.monitored_first,
    }
}

fn file(
    input: &ResolveInput<'_>,
    in_force: &InForce,
    buttons: Vec<Button>,
    entries: &[MenuEntry],
    (door, assigner): (Option<&String>, bool),
    emergency: &[SpeedDial],
) -> FilePart {
    let ResolveInput {
        phone, pool, facts, ..
    } = input;
    let sip = input.protocol == Protocol::Sip;
    // Such a phone shows its file and never asks for a menu.
    let in_file = facts.services_door == ServicesDoor::Internal;
    FilePart {
        dialect: facts.dialect,
        protocol: input.protocol,
        device: phone.name.clone(),
        model: input.model.name.clone(),
        services_door: facts.services_door,
        time_zone: pool.time_zone.clone(),
        date_template: pool.date_template.clone(),
        ntp: pool.ntp.clone(),
        call_managers: pool.call_managers.clone(),
        user_locale: in_force.user_locale.clone(),
        network_locale: pool.network_locale.clone(),
        softkey_template: in_force.softkey_template.clone().filter(|_| sip),
        expansion_modules: in_force.expansion_modules.clone(),
        load: phone
            .load
            .as_ref()
            .or_else(|| pool.loads.get(&input.model.name))
            .cloned(),
        mlpp: (facts.dialect.xml() != Dialect::SccpShort && !in_force.mlpp.is_default())
            .then(|| in_force.mlpp.clone()),
        vendor_config: vendor_config(input),
        feature_policy: facts.feature_policy,
        user: input
            .session
            .filter(|_| sip)
            .map(|(user, _)| user.user_id.clone()),
        buttons,
        services: if in_file {
            emergency_entries(emergency)
                .chain(entries.iter().cloned())
                .collect()
        } else {
            Vec::new()
        },
        door: door.cloned().filter(|_| in_file),
        assigner: assigner && in_file,
        services_host: input.parameters.services_host.clone(),
        sip_secret: sip.then(|| phone.sip_secret.clone()),
    }
}

/// What each says over what stands before it.
fn vendor_config(input: &ResolveInput<'_>) -> Vec<(String, String)> {
    let mut settings = input.catalogue.vendor_config(input.facts.dialect).to_vec();
    for said in [
        &input.facts.vendor_config,
        &input.pool.vendor_config,
        &input.phone.vendor_config,
    ] {
        said.over(&mut settings);
    }
    settings
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

fn keys(input: &ResolveInput<'_>, source: Source<'_>, in_force: &InForce) -> ButtonPlan {
    let template = in_force
        .phone_button_template
        .as_ref()
        .and_then(|name| input.button_templates.get(name));
    let made_for = match template {
        Some(template) => &template.model,
        None => source.model(input),
    };
    let expected_own = input
        .catalogue
        .model(made_for)
        .map_or(input.model.keys, |model| model.keys);
    // What such a load reads has no place for keys, nor for those of modules.
    let packed = input.facts.dialect.names_no_keys();
    let template = template.filter(|_| !packed);
    let modules = input.catalogue.module_keys(&in_force.expansion_modules);
    let room = KeyRoom {
        own: input.model.keys,
        modules: if packed { 0 } else { modules },
        expected: (
            expected_own,
            if packed {
                0
            } else {
                input.catalogue.module_keys(source.made_with_modules())
            },
        ),
        template: template.map(|template| template.buttons.as_slice()),
        order: input.parameters.button_order,
        one_number_a_key: input.protocol == Protocol::Sip,
        busy_lamps: input.model.busy_lamps,
        most_calls: input.model.maximum_calls,
        packed,
    };
    let keeps_labels = input.parameters.mismatch_keeps_user_settings;
    let line = |line| -> Cow<'_, Line> {
        if !in_force.is_mismatched {
            return Cow::Borrowed(line);
        }
        let bare = line.without_device_settings();
        Cow::Owned(if keeps_labels {
            Line {
                label: line.label.clone(),
                display_name: line.display_name.clone(),
                ..bare
            }
        } else {
            bare
        })
    };
    let wishes = KeyWishes {
        lines: source.lines(input).iter().map(line).collect(),
        speed_dials: source.speed_dials(input).collect(),
        emergency: input
            .phone
            .speed_dials
            .iter()
            .filter(|dial| dial.emergency)
            .collect(),
        placeholder: &input.parameters.placeholder_label,
    };
    button_plan(&room, wishes)
}

/// The keys without what is not told to a station, so that a change of it does
/// not restart the phone.
fn told_over_sccp(buttons: Vec<Button>) -> Vec<Button> {
    let told = |mut button: Button| {
        if let ButtonKind::Line { settings, .. } = &mut button.kind {
            *settings = std::mem::take(settings).told_over_sccp();
        }
        button
    };
    buttons.into_iter().map(told).collect()
}
