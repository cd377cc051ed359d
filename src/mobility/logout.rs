//! Signing out, one or all.

use super::{Channel, Planned, Refusal, actor, planned_in, user_id};
use crate::model::{
    Audit, Catalogue, Cause, Change, DeviceName, ObjectId, Origin, Phone, Session, Timestamp,
    UserId, World,
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

/// A session as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The phone by name.
    pub device: DeviceName,
    phone: ObjectId,
    user: ObjectId,
    since: Timestamp,
}

/// All sessions as they are now.
pub fn everybody(world: &World) -> Vec<Seen> {
    let sessions = world.sessions.values();
    sessions
        .filter_map(|session| {
            Some(Seen {
                device: world.phones.get(&session.phone)?.name.clone(),
                phone: session.phone,
                user: session.user,
                since: session.since,
            })
        })
        .collect()
}

/// Decides the end of these sessions, as far as they are still the same.
pub fn decide_some(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    some: &[Seen],
    origin: &Origin,
) -> Decision<Vec<SignedOut>> {
    let mut everybody = Vec::new();
    let mut changes = Vec::new();
    let on_phones = some.iter().filter_map(|seen| {
        let session = world.sessions.get(&seen.phone)?;
        let same = session.user == seen.user && session.since == seen.since;
        same.then_some((world.phones.get(&seen.phone)?, session))
    });
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
    let gone = SignedOut {
        device: phone.name.clone(),
        user,
        planned: planned_in(world, &changes),
    };
    (gone, changes)
}

pub(super) fn audit(gone: &SignedOut, origin: &Origin) -> Change {
    let who = gone.user.as_ref().map_or("somebody", UserId::as_str);
    let what = format!("signed {who} out of {}", gone.device);
    let mut audit = Audit::new(actor(origin, &gone.device), what).on(gone.device.clone());
    audit.user.clone_from(&gone.user);
    Change::Audit(Box::new(audit))
}
