//! Which phone it is that asks.

use std::sync::Arc;

use super::super::Services;
use super::super::pages::PhoneChoice;
use super::super::request::Asked;
use crate::model::{DeviceName, Phone};

/// The most phones of one address that are listed: a page has so many lines.
const LISTED: usize = 100;

/// What is known of who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// A phone.
    Phone(Arc<Phone>),
    /// One of these: they are registered from that address.
    Several(Vec<PhoneChoice>),
    /// A name that nobody configured.
    Unknown(DeviceName),
    /// It names no phone, and none is registered from there.
    Nobody,
}

/// The phone that the request names; without a name, the one that is
/// registered from the same address. The 3.1 triggers have no name in their
/// URL, and old loads leave `#DEVICENAME#` as it is.
pub(super) fn arrive(services: &Services, asked: &Asked) -> Arrival {
    let store = services.parts.mobility.store();
    match asked.device() {
        Some(Ok(device)) => match store.world().phone(&device) {
            Some(phone) => Arrival::Phone(Arc::clone(phone)),
            None => Arrival::Unknown(device),
        },
        Some(Err(_)) => Arrival::Nobody,
        None => {
            let there = services.parts.presence.at(asked.ends.peer.ip());
            let world = store.world();
            let there: Vec<&Arc<Phone>> = there
                .iter()
                .filter_map(|device| world.phone(device))
                .take(LISTED)
                .collect();
            match there.as_slice() {
                [] => Arrival::Nobody,
                [only] => Arrival::Phone(Arc::clone(only)),
                several => Arrival::Several(several.iter().map(|phone| choice(phone)).collect()),
            }
        }
    }
}

fn choice(phone: &Phone) -> PhoneChoice {
    PhoneChoice {
        device: phone.name.clone(),
        description: phone.description.clone(),
    }
}
