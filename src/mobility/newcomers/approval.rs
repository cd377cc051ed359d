//! The operator's word about a phone that registered by itself.

use super::super::{actor, planned_in};
use super::{NewcomerRefusal, Settled, waiting};
use crate::model::{
    Audit, AutoRegistration, Catalogue, Cause, Change, DeviceName, DirectoryNumber, Line, Origin,
    Phone, Timestamp, World,
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

/// It shall not come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refuse {
    /// The phone.
    pub device: DeviceName,
    /// Who commands it.
    pub origin: Origin,
}

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
        Err(NewcomerRefusal::DeviceUnknown(_)) if rules.excluded.contains(device) => {
            return Ok(readmit(world, command));
        }
        Err(refusal) => return Err(refusal),
    };
    let mut approved = Phone {
        awaits_approval: None,
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
    let what = format!(
        "approved {device} ({}){}",
        approved.served_model(),
        number.map_or_else(String::new, |number| format!(" with the number {number}")),
    );
    let mut changes = vec![Change::PutPhone(Box::new(approved))];
    changes.extend(world.entailed(catalogue, &changes, now));
    changes.extend(world.pending_for(catalogue, &changes, &Cause::Configuration, now, now));
    Ok(settled(world, device, &command.origin, what, changes))
}

/// One that was refused may register by itself again.
fn readmit(world: &World, command: &Approve) -> Decision<Settled> {
    let device = &command.device;
    let mut parameters = (*world.parameters).clone();
    let excluded = &mut parameters.auto_registration.excluded;
    excluded.retain(|name| name != device);
    let what = format!("{device} was refused, and may register by itself again");
    let changes = vec![Change::Parameters(parameters)];
    settled(world, device, &command.origin, what, changes)
}

/// Decides a refusal.
///
/// # Errors
/// [`NewcomerRefusal`].
pub fn refuse(world: &World, command: &Refuse) -> Result<Decision<Settled>, NewcomerRefusal> {
    let device = &command.device;
    let phone = waiting(world, device)?;
    let mut parameters = (*world.parameters).clone();
    let excluded = &mut parameters.auto_registration.excluded;
    if excluded.len() >= AutoRegistration::MOST_EXCLUDED {
        return Err(NewcomerRefusal::TooManyRefused);
    }
    excluded.retain(|name| name != device);
    excluded.push(device.clone());
    let changes = vec![Change::DropPhone(phone.id), Change::Parameters(parameters)];
    let what = format!("refused {device}: it is turned away from now on");
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
