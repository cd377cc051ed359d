//! The operator's restart or reset of a phone.

use super::{Planned, Refusal, actor};
use crate::model::{
    Aim, Catalogue, Cause, Change, DeviceName, Origin, Pending, Plan, Timestamp, World,
};
use crate::ports::Decision;

/// What an operator can order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneOrder {
    /// Unregister, read the file, register.
    Restart,
    /// A full reboot.
    Reset,
}

impl PhoneOrder {
    fn plan(self) -> Plan {
        match self {
            Self::Restart => Plan::Restart,
            Self::Reset => Plan::Reset,
        }
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderCommand {
    /// The phone.
    pub device: DeviceName,
    /// What it shall do.
    pub order: PhoneOrder,
    /// Who commands it.
    pub origin: Origin,
}

/// Decides an order: a pending row that closes with the first new registration
/// after it. A row that waits for the phone to hold what is wanted keeps that
/// aim and the rougher of the two plans, and starts afresh: its orders are
/// counted anew, and a phone that refused is told again.
///
/// # Errors
/// [`Refusal::DeviceUnknown`] or [`Refusal::ModelUnknown`].
pub fn decide(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    command: &OrderCommand,
) -> Result<Decision<Planned>, Refusal> {
    let phone = world
        .phone(&command.device)
        .ok_or_else(|| Refusal::DeviceUnknown(command.device.clone()))?;
    let wanted = world
        .wanted(catalogue, phone.id)
        .ok_or_else(|| Refusal::ModelUnknown {
            device: phone.name.clone(),
            model: phone.served_model().clone(),
        })?;
    let row = world.pending.get(&phone.id);
    let ordered = command.order.plan();
    let plan = row.map_or(ordered, |row| row.plan.max(ordered));
    let (aim, cause) = match row {
        Some(row) if row.aim == Aim::Holds => (Aim::Holds, row.cause.clone()),
        _ => (Aim::CameBack, Cause::Operator),
    };
    let row = Pending::new(&wanted, plan, aim, cause, now, now);
    let planned = Planned {
        device: phone.name.clone(),
        plan,
        cause: Cause::Operator,
    };
    let word = match command.order {
        PhoneOrder::Restart => "restart",
        PhoneOrder::Reset => "reset",
    };
    Ok(Decision {
        changes: vec![
            Change::PutPending(Box::new(row)),
            Change::Audit {
                actor: actor(&command.origin, &phone.name),
                what: format!("ordered a {word} of {}", phone.name),
            },
        ],
        value: planned,
    })
}

/// Decides orders for many phones, each as if it were alone; those that would
/// be refused are left out.
pub fn decide_many(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    commands: &[OrderCommand],
) -> Decision<Vec<Planned>> {
    let mut all = Decision {
        value: Vec::with_capacity(commands.len()),
        changes: Vec::with_capacity(commands.len() * 2),
    };
    for command in commands {
        if let Ok(Decision { value, changes }) = decide(world, catalogue, now, command) {
            all.value.push(value);
            all.changes.extend(changes);
        }
    }
    all
}
