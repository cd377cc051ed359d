//! The operator's restart or reset of a phone.

use super::{Planned, Refusal, actor};
use crate::model::{
    Aim, Audit, Catalogue, Cause, Change, DeviceName, OrderKind, Origin, Pending, Plan, Progress,
    Timestamp, World,
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
/// counted anew, and a phone that refused is told again. A page that was to go
/// first still does. When a restart is under way for it and a reset is wanted
/// too, that restart is the first step of the two: the registration that it
/// brings does not close the row.
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
    let mut next = Pending::new(&wanted, plan, aim, cause, now, now);
    if let Some(row) = row.filter(|row| row.aim == Aim::Holds) {
        next.not_before = row.not_before.max(now);
        next.file_changed = row.file_changed;
        if plan >= Plan::Reset && is_restarting(row) {
            next.plan = Plan::RestartThenReset;
            next.attempts = 1;
            next.progress = row.progress.clone();
        }
    }
    let planned = Planned {
        device: phone.name.clone(),
        plan: next.plan,
        cause: Cause::Operator,
    };
    let word = match command.order {
        PhoneOrder::Restart => "restart",
        PhoneOrder::Reset => "reset",
    };
    Ok(Decision {
        changes: vec![
            Change::PutPending(Box::new(next)),
            Change::Audit(Box::new(
                Audit::new(
                    actor(&command.origin, &phone.name),
                    format!("ordered a {word} of {}", phone.name),
                )
                .on(phone.name.clone()),
            )),
        ],
        value: planned,
    })
}

/// Whether a restart has left for a row, and its phone is not back yet.
fn is_restarting(row: &Pending) -> bool {
    matches!(row.progress, Progress::Ordered { .. })
        && row.plan.order(row.second_step) == Some(OrderKind::Restart)
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
