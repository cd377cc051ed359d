//! Who may register, and what he is welcomed with.

use std::net::SocketAddr;
use std::sync::Arc;

use super::Parts;
use crate::model::{ButtonKind, DeviceName, Phone, Protocol, Stamp, Wanted};
use crate::ports::{CameBack, Event, EventKind, PhoneLink, Shown, Sighting, TurnedAway};
use crate::registry::{Admission, Candidate, Contested, serve_as_it_is, shown_anew};
use crate::sip::machine::{Refusal, Register, Welcome};
use crate::sip::wire::CiscoAlarm;

/// A phone that was let in.
pub(super) struct Admitted {
    pub(super) generation: u64,
    pub(super) welcome: Welcome,
    pub(super) sighting: Sighting,
}

/// What the contact of a phone shows of the file that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holds {
    pub(super) file: Option<Stamp>,
    /// The contact is none of ours: another server configured the phone.
    pub(super) configured_elsewhere: bool,
}

/// Reads what a REGISTER shows. Plain firmware has no contact of ours: it holds the last file that its address got whole.
pub(super) fn holds(
    parts: &Parts,
    register: &Register,
    device: &DeviceName,
    peer: SocketAddr,
) -> Holds {
    let file = register.file_of(device).or_else(|| {
        parts
            .deliveries
            .last(device)
            .filter(|delivery| register.is_plain_firmware() && delivery.peer == peer.ip())
            .map(|delivery| delivery.file)
    });
    Holds {
        file,
        configured_elsewhere: file.is_none(),
    }
}

/// Whether a phone shows something of itself that is not stored yet.
pub(super) fn shows_more(parts: &Parts, register: &Register, phone: &Phone) -> bool {
    shown_anew(&parts.catalogue, phone, Protocol::Sip, register.type_id()).is_some()
}

/// Stores what a phone shows of itself, before it is registered. A clone whose
/// claim to the name is refused changes nothing.
pub(super) async fn serve_as_shown(
    parts: &Parts,
    register: &Register,
    phone: &Phone,
    peer: SocketAddr,
) -> Result<(), Refusal> {
    parts
        .registry
        .may_claim(&phone.name, peer, parts.clock.now())
        .map_err(|contested| refused(parts, &phone.name, peer, contested))?;
    let (site, notes) = (
        (&*parts.store, &*parts.catalogue),
        (&*parts.journal, &*parts.clock),
    );
    serve_as_it_is(site, notes, phone, Protocol::Sip, register.type_id(), peer)
        .await
        .map_err(|_| Refusal::Busy)
}

/// What a phone that was turned away is told.
pub(super) fn told(turned_away: TurnedAway) -> Refusal {
    match turned_away {
        TurnedAway::NotConfigured | TurnedAway::Refused | TurnedAway::NotBootedHere => {
            Refusal::NotConfigured
        }
        TurnedAway::ModelUnknown | TurnedAway::NoNumber => {
            Refusal::Forbidden(turned_away.on_display())
        }
        TurnedAway::TooMany | TurnedAway::Busy => Refusal::Busy,
    }
}

/// Admits a phone that said the truth about itself.
pub(super) fn admit(
    parts: &Parts,
    register: &Register,
    phone: &Phone,
    holds: Holds,
    (peer, local): (SocketAddr, SocketAddr),
    link: Arc<dyn PhoneLink>,
) -> Result<Admitted, Refusal> {
    let wanted = {
        let world = parts.store.world();
        world.wanted(&parts.catalogue, phone.id)
    };
    let Some(wanted) = wanted else {
        tracing::warn!(device = %phone.name, "the catalogue does not know its model");
        return Err(Refusal::Busy);
    };
    let device = phone.name.clone();
    let load = register.load().map(str::to_owned);
    let candidate = Candidate {
        device: device.clone(),
        protocol: Protocol::Sip,
        peer,
        local,
        load: load.clone(),
        type_id: register.type_id(),
        configured_elsewhere: holds.configured_elsewhere,
        takes_objects: !register.is_plain_firmware(),
    };
    let generation = match parts.registry.admit(candidate, link, parts.clock.now()) {
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
    let kind = EventKind::Registered {
        protocol: Protocol::Sip,
        peer,
        load,
        file: holds.file,
        reason: register.alarm().and_then(|alarm| alarm.last.clone()),
    };
    record(parts, Some(&device), kind);
    let shown = if holds.configured_elsewhere {
        Shown::default()
    } else {
        Shown {
            file: holds.file,
            // There is nothing that SIP tells beside the file.
            station: Some(wanted.stamps.station),
        }
    };
    let sighting = Sighting {
        phone: phone.id,
        device: device.clone(),
        generation,
        protocol: Protocol::Sip,
        shown,
        came_back: came_back(register.alarm()),
    };
    Ok(Admitted {
        generation,
        welcome: welcome(device, holds.file, &wanted),
        sighting,
    })
}

/// Tells of the first refusal of a phone whose name is contested.
fn refused(
    parts: &Parts,
    device: &DeviceName,
    other: SocketAddr,
    Contested { holder, first }: Contested,
) -> Refusal {
    if first {
        record(parts, Some(device), EventKind::Contested { holder, other });
    }
    Refusal::Contested
}

/// What the phone is told once it is registered.
fn welcome(device: DeviceName, file: Option<Stamp>, wanted: &Wanted) -> Welcome {
    let lines = wanted.buttons().iter().filter_map(|button| {
        if let ButtonKind::Line { index, .. } = &button.kind {
            Some(*index)
        } else {
            None
        }
    });
    Welcome {
        device,
        file,
        lines: lines.collect(),
        signed_in: wanted.signed_in.as_ref().map(|(_, name)| name.clone()),
    }
}

fn came_back(alarm: Option<&CiscoAlarm>) -> CameBack {
    match alarm.map(|alarm| alarm.reason) {
        Some(CiscoAlarm::SERVER_RESTART) => CameBack::Restarted,
        Some(CiscoAlarm::SERVER_RESET) => CameBack::WasReset,
        Some(_) | None => CameBack::Other,
    }
}

/// Tells the journal.
pub(super) fn record(parts: &Parts, device: Option<&DeviceName>, kind: EventKind) {
    let at = parts.clock.now();
    let device = device.cloned();
    parts.journal.record(Event { at, device, kind });
}
