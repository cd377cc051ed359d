//! Who may register, and what he is answered from.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::connection::shortened;
use super::{Parts, Settings};
use crate::model::{DeviceName, LoadName, Phone, PhoneModel, Protocol, Stamp, address_for};
use crate::ports::{
    CameBack, Event, EventKind, Newcomer, Shown, Sighting, StagedLoads, TurnedAway, refusal,
};
use crate::registry::{Admission, Candidate, ConnectionLink, Contested, serve_as_it_is};
use crate::sccp::machine::{AlarmReport, Snapshot};
use crate::sccp::wire::{Dialect, Register};

/// A phone that was let in.
pub(super) struct Admitted {
    pub(super) device: DeviceName,
    pub(super) generation: u64,
    pub(super) snapshot: Snapshot,
    pub(super) dialect: Dialect,
    pub(super) sighting: Sighting,
}

/// What a phone tells before it is let in.
pub(super) struct Told {
    pub(super) register: Box<Register>,
    /// What its alarms say.
    pub(super) alarm: AlarmReport,
    /// Those alarms.
    pub(super) alarms: Vec<String>,
}

/// Texts of a refusal, at most 32 characters for the phone's display.
const NOT_CONFIGURED: &str = "Phone not configured";
const CONTESTED: &str = refusal::NAME_IN_USE;
/// Octets of the load in a Version message.
const VERSION_FIELD: usize = 16;
const BUSY: &str = "Busy, please wait";

/// Looks into a Register. The error is the text for the phone's display.
pub(super) async fn admit(
    parts: &Parts,
    settings: &Settings,
    told: &Told,
    (peer, local): (SocketAddr, SocketAddr),
    link: ConnectionLink,
) -> Result<Admitted, &'static str> {
    let Told {
        register,
        alarm,
        alarms,
    } = told;
    let load = register
        .firmware
        .clone()
        .filter(|load| !load.is_empty())
        .or(alarm.load.clone());
    let type_id = register.device_type.0;
    let Ok(device) = DeviceName::new(&register.device_name) else {
        tracing::debug!(%peer, "a Register without a usable device name");
        return Err(NOT_CONFIGURED);
    };
    let known = parts.store.world().phone(&device).cloned();
    let phone = match known {
        Some(phone) => phone,
        None => newcomer(parts, &device, type_id, load.clone(), peer).await?,
    };
    for text in alarms {
        let text = shortened(text);
        record(parts, &device, EventKind::Alarm { text });
    }
    // Before anything that it shows is stored: a clone that is refused must
    // not change how the phone is served that holds the name.
    parts
        .registry
        .may_claim(&device, peer, parts.clock.now())
        .map_err(|contested| refused(parts, &device, peer, contested))?;
    let (site, notes) = (
        (&*parts.store, &*parts.catalogue),
        (&*parts.journal, &*parts.clock),
    );
    serve_as_it_is(site, notes, &phone, Protocol::Sccp, Some(type_id), peer)
        .await
        .map_err(|_| BUSY)?;
    let candidate = Candidate {
        device: device.clone(),
        protocol: Protocol::Sccp,
        peer,
        local,
        load: load.clone(),
        type_id: Some(type_id),
        configured_elsewhere: false,
        takes_objects: true,
    };
    let snapshot = snapshot(parts, settings, &phone, load.clone(), (peer, local)).ok_or(BUSY)?;
    let generation = match parts
        .registry
        .admit(candidate, Arc::new(link), parts.clock.now())
    {
        Admission::Admitted {
            generation,
            replaced,
        } => {
            if let Some(replaced) = replaced {
                replaced.retire();
            }
            generation
        }
        Admission::Contested(contested) => {
            return Err(refused(parts, &device, peer, contested));
        }
    };
    let shown = Shown {
        file: file_shown(parts, register, &device, peer),
        station: Some(snapshot.stamp),
    };
    record(
        parts,
        &device,
        EventKind::Registered {
            protocol: Protocol::Sccp,
            peer,
            load,
            file: shown.file,
            reason: alarm.last.clone(),
        },
    );
    let came_back = if alarm.restarted() {
        CameBack::Restarted
    } else if alarm.was_reset() {
        CameBack::WasReset
    } else {
        CameBack::Other
    };
    let sighting = Sighting {
        phone: phone.id,
        device: device.clone(),
        generation,
        protocol: Protocol::Sccp,
        shown,
        came_back,
    };
    Ok(Admitted {
        device,
        generation,
        snapshot,
        dialect: register.dialect(),
        sighting,
    })
}

/// A phone that nobody configured: it registers by itself, where the site wants
/// that. The error is the text for its display, and told to the operator.
async fn newcomer(
    parts: &Parts,
    device: &DeviceName,
    type_id: u32,
    load: Option<String>,
    peer: SocketAddr,
) -> Result<Arc<Phone>, &'static str> {
    let newcomer = Newcomer {
        device: device.clone(),
        protocol: Protocol::Sccp,
        type_id: Some(type_id),
        product: None,
        file: None,
        load: load.clone(),
        address: peer.ip().to_canonical(),
    };
    let arrived = match parts.newcomers.takes(device) {
        Ok(()) => parts.newcomers.arrived(newcomer.cleaned()).await,
        Err(turned_away) => Err(turned_away),
    };
    if let Err(turned_away) = arrived {
        let kind = EventKind::UnknownPhone {
            protocol: Protocol::Sccp,
            peer,
            type_id: Some(type_id),
            load,
            turned_away: Some(turned_away).filter(|why| *why != TurnedAway::NotConfigured),
        };
        record(parts, device, kind);
        return Err(turned_away.on_display());
    }
    let world = parts.store.world();
    world.phone(device).cloned().ok_or(BUSY)
}

/// Tells of the first refusal; the text is for the phone's display.
fn refused(
    parts: &Parts,
    device: &DeviceName,
    other: SocketAddr,
    Contested { holder, first }: Contested,
) -> &'static str {
    if first {
        record(parts, device, EventKind::Contested { holder, other });
    }
    CONTESTED
}

fn record(parts: &Parts, device: &DeviceName, kind: EventKind) {
    let at = parts.clock.now();
    parts.journal.record(Event {
        at,
        device: Some(device.clone()),
        kind,
    });
}

/// The file that the phone holds: the stamp it reports, else the last complete
/// transfer to the address it registers from.
fn file_shown(
    parts: &Parts,
    register: &Register,
    device: &DeviceName,
    peer: SocketAddr,
) -> Option<Stamp> {
    let reported = register
        .config_version_stamp
        .as_deref()
        .map(|text| text.trim_matches(|c: char| c == '{' || c == '}' || c.is_whitespace()));
    match reported.filter(|text| !text.is_empty()) {
        // A stamp that is not ours: it booted from another server's file.
        Some(text) => text.parse().ok(),
        None => parts
            .deliveries
            .last(device)
            .filter(|delivery| delivery.peer == peer.ip())
            .map(|delivery| delivery.file),
    }
}

/// What the phone is answered from, of what is wanted now.
fn snapshot(
    parts: &Parts,
    settings: &Settings,
    phone: &Phone,
    load: Option<String>,
    (peer, local): (SocketAddr, SocketAddr),
) -> Option<Snapshot> {
    let world = parts.store.world();
    let phone = world.phones.get(&phone.id)?;
    let (wanted, model): (_, &PhoneModel) =
        world.wanted_with(&parts.catalogue, phone, world.sessions.get(&phone.id))?;
    let pool = world.pool(&phone.device_pool);
    let zone = match &pool.time_zone {
        Some(name) => TimeZone::get(name).unwrap_or_else(|_| TimeZone::system()),
        None => TimeZone::system(),
    };
    Some(Snapshot {
        device: phone.name.clone(),
        stamp: wanted.stamps.station,
        user: wanted
            .signed_in
            .as_ref()
            .map(|(id, _)| id.to_string())
            .unwrap_or_default(),
        station: wanted.station,
        keys: model.keys,
        load: told_load(wanted.file.load.as_ref(), &*parts.loads).or(load),
        zone,
        server: (
            address_for(settings.advertised, peer.ip(), local.ip()),
            local.port(),
        ),
    })
}

/// The load to answer a version request with, instead of the one that the
/// phone runs: a 7940 or 7960 fetches what differs at once. One that is not
/// there whole it would fetch for ever, and so it would one whose name is cut
/// to the field (16 octets with its end).
fn told_load(wanted: Option<&LoadName>, loads: &dyn StagedLoads) -> Option<String> {
    wanted
        .filter(|load| load.as_str().len() < VERSION_FIELD && loads.is_whole(load))
        .map(ToString::to_string)
}
