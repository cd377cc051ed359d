//! Signing out, one or all.

use super::{Channel, Planned, Refusal, actor, planned_in, user_id};
use crate::model::{
    Audit, CallLogs, Catalogue, Cause, Change, DeviceName, ObjectId, Origin, Phone, Session,
    Timestamp, UserId, World,
};
use crate::ports::{Decision, Scope};

/// A logout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutCommand {
    /// The phone.
    pub device: DeviceName,
    /// Who commands it.
    pub origin: Origin,
    /// The way it came in.
    pub channel: Channel,
}

/// A logout that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// The phone.
    pub device: DeviceName,
    /// Who was on it; `None` when that user is no longer configured.
    pub user: Option<UserId>,
    /// What was set going on the phone.
    pub planned: Vec<Planned>,
}

/// Whose rows a decision about one phone reads.
pub(super) fn scope(world: &World, device: &DeviceName) -> Scope {
    let user = world
        .phone(device)
        .and_then(|phone| world.sessions.get(&phone.id))
        .and_then(|session| user_id(world, session.user));
    Scope::Of {
        phones: vec![device.clone()],
        users: user.into_iter().collect(),
    }
}

/// Decides a logout. A phone on which Extension Mobility was switched off in
/// the meantime can still be left: nobody shall be shut in.
///
/// # Errors
/// [`Refusal::DeviceUnknown`] or [`Refusal::NobodySignedIn`].
pub fn decide(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    command: &LogoutCommand,
) -> Result<Decision<SignedOut>, Refusal> {
    let phone = world
        .phone(&command.device)
        .ok_or_else(|| Refusal::DeviceUnknown(command.device.clone()))?;
    let session = world
        .sessions
        .get(&phone.id)
        .ok_or_else(|| Refusal::NobodySignedIn(command.device.clone()))?;
    let not_before = command.channel.not_before(now);
    let (gone, mut changes) = sign_out(world, catalogue, phone, session, now, not_before);
    changes.push(audit(&gone, &command.origin));
    Ok(Decision {
        value: gone,
        changes,
    })
}

/// Decides the logout of everybody.
pub fn decide_all(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    origin: &Origin,
) -> Decision<Vec<SignedOut>> {
    let mut everybody = Vec::new();
    let mut changes = Vec::new();
    let on_phones = world
        .sessions
        .values()
        .filter_map(|session| Some((world.phones.get(&session.phone)?, session)));
    for (phone, session) in on_phones {
        let (gone, steps) = sign_out(world, catalogue, phone, session, now, now);
        changes.extend(steps);
        changes.push(audit(&gone, origin));
        everybody.push(gone);
    }
    Decision {
        value: everybody,
        changes,
    }
}

/// The end of the session on `phone` and what it sets going there.
pub(super) fn sign_out(
    world: &World,
    catalogue: &Catalogue,
    phone: &Phone,
    session: &Session,
    now: Timestamp,
    not_before: Timestamp,
) -> (SignedOut, Vec<Change>) {
    let mut changes = vec![Change::DropSession(phone.id)];
    let user = user_id(world, session.user);
    let cause = user.clone().map_or(Cause::Configuration, Cause::Logout);
    changes.extend(world.pending_for(catalogue, &changes, &cause, now, not_before));
    changes.extend(forget_calls(world, phone.id, now));
    let gone = SignedOut {
        device: phone.name.clone(),
        user,
        planned: planned_in(world, &changes),
    };
    (gone, changes)
}

/// The calls of one user are nothing for the next: at every login and every
/// kind of logout, where Cisco's parameter covers those at the phone alone.
pub(super) fn forget_calls(world: &World, phone: ObjectId, now: Timestamp) -> Option<Change> {
    let wanted = world.parameters.clear_call_logs;
    wanted.then(|| Change::PutCallLogs(CallLogs::to_clear(phone, now)))
}

pub(super) fn audit(gone: &SignedOut, origin: &Origin) -> Change {
    let who = gone.user.as_ref().map_or("somebody", UserId::as_str);
    let what = format!("signed {who} out of {}", gone.device);
    let mut audit = Audit::new(actor(origin, &gone.device), what).on(gone.device.clone());
    audit.user.clone_from(&gone.user);
    Change::Audit(Box::new(audit))
}
