//! The operator's word about a phone that registered by itself.

use std::fmt::Write as _;

use super::super::{actor, planned_in};
use super::{NewcomerRefusal, Settled, waiting};
use crate::model::{
    Audit, AutoRegistered, Catalogue, Cause, Change, DeviceName, DirectoryNumber, Line, ObjectId,
    Origin, Phone, Timestamp, World,
};
use crate::ports::Decision;

/// It shall be a phone of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approve {
    /// The phone; one that was refused may come again.
    pub device: DeviceName,
    /// The number that it shall have instead of its own.
    pub number: Option<DirectoryNumber>,
    /// What people call it.
    pub description: Option<String>,
    /// Who commands it.
    pub origin: Origin,
}

/// It shall go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refuse {
    /// The phone.
    pub device: DeviceName,
    /// Whether it may come again.
    pub forget: bool,
    /// Who commands it.
    pub origin: Origin,
}

/// The most phones that are remembered as refused.
pub const MOST_REFUSED: usize = 1000;

/// Decides an approval.
///
/// # Errors
/// [`NewcomerRefusal`].
pub fn approve(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    command: &Approve,
) -> Result<Decision<Settled>, NewcomerRefusal> {
    let device = &command.device;
    let rules = &world.parameters.auto_registration;
    let phone = match waiting(world, device) {
        Ok(phone) => phone,
        Err(NewcomerRefusal::DeviceUnknown(_)) if world.refused.contains(device) => {
            return readmit(world, command);
        }
        Err(refusal) => return Err(refusal),
    };
    let auto_registered = phone.auto_registered.clone().map(|auto| AutoRegistered {
        approved: true,
        ..auto
    });
    let mut approved = Phone {
        auto_registered,
        extension_mobility: rules.extension_mobility,
        ..(**phone).clone()
    };
    if let Some(number) = &command.number {
        approved.lines = vec![Line::new(number.clone())];
    }
    if let Some(description) = &command.description {
        approved.description.clone_from(description);
    }
    let number = approved.lines.first().map(|line| line.number.clone());
    let mut what = format!("approved {device} ({})", approved.served_model());
    if let Some(number) = number {
        // Writing to a String cannot fail.
        let _ = write!(what, " with the number {number}");
        let others = others_with(world, phone.id, &number);
        if !others.is_empty() {
            let _ = write!(what, ", which {} has too", others.join(", "));
        }
    }
    let mut changes = vec![Change::PutPhone(Box::new(approved))];
    changes.extend(world.entailed(catalogue, &changes, now));
    changes.extend(world.pending_for(catalogue, &changes, &Cause::Configuration, now, now));
    Ok(settled(world, device, &command.origin, what, changes))
}

/// The other phones and profiles with a number.
fn others_with(world: &World, phone: ObjectId, number: &DirectoryNumber) -> Vec<String> {
    let has = |lines: &[Line]| lines.iter().any(|line| line.number == *number);
    let phones = world.phones.values();
    let phones = phones.filter(|other| other.id != phone && has(&other.lines));
    let profiles = world.profiles.values().filter(|it| has(&it.lines));
    phones
        .map(|other| other.name.to_string())
        .chain(profiles.map(|profile| format!("profile {}", profile.name)))
        .take(3)
        .collect()
}

/// One that was refused may register by itself again.
fn readmit(world: &World, command: &Approve) -> Result<Decision<Settled>, NewcomerRefusal> {
    let device = &command.device;
    if command.number.is_some() || command.description.is_some() {
        return Err(NewcomerRefusal::NotThere(device.clone()));
    }
    let mut refused = (*world.refused).clone();
    refused.remove(device);
    let what = format!("{device} was refused, and may register by itself again");
    let changes = vec![Change::RefusedPhones(refused)];
    Ok(settled(world, device, &command.origin, what, changes))
}

/// Decides a refusal: of a phone that waits, or of one that registered by
/// itself, was approved, and that no site file has named since.
///
/// # Errors
/// [`NewcomerRefusal`].
pub fn refuse(world: &World, command: &Refuse) -> Result<Decision<Settled>, NewcomerRefusal> {
    let device = &command.device;
    let phone = world
        .phone(device)
        .ok_or_else(|| NewcomerRefusal::DeviceUnknown(device.clone()))?;
    if phone.auto_registered.is_none() {
        return Err(NewcomerRefusal::Configured(device.clone()));
    }
    if let Some(session) = world.sessions.get(&phone.id)
        && let Some(user) = world.users.get(&session.user)
    {
        return Err(NewcomerRefusal::SignedIn {
            device: device.clone(),
            user: user.user_id.clone(),
        });
    }
    let mut changes = vec![Change::DropPhone(phone.id)];
    let what = if command.forget {
        format!("forgot {device}: its number is free, and it may register by itself again")
    } else {
        let mut refused = (*world.refused).clone();
        if refused.len() >= MOST_REFUSED {
            return Err(NewcomerRefusal::TooManyRefused);
        }
        refused.insert(device.clone());
        changes.push(Change::RefusedPhones(refused));
        format!("refused {device}: it is turned away from now on")
    };
    Ok(settled(world, device, &command.origin, what, changes))
}

fn settled(
    world: &World,
    device: &DeviceName,
    origin: &Origin,
    what: String,
    mut changes: Vec<Change>,
) -> Decision<Settled> {
    let audit = Audit::new(actor(origin, device), what.clone()).on(device.clone());
    changes.push(Change::Audit(Box::new(audit)));
    Decision {
        value: Settled {
            device: device.clone(),
            what,
            planned: planned_in(world, &changes),
        },
        changes,
    }
}
