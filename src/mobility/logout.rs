//! Signing out: one phone, one user, everybody.

use super::{Channel, Planned, Refusal, audit as records, lines_change, planned_in, user_id};
use crate::model::{
    Catalogue, Cause, Change, DeviceName, DisabledPhoneLogout, LinesChange, LogoutReason, ObjectId,
    Origin, Phone, Session, Timestamp, UserId, World,
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

/// The logout of a user, wherever he is (CME: `emadmin logout`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLogout {
    /// Who.
    pub user: UserId,
    /// From this phone alone, and only if it is he who is on it.
    pub device: Option<DeviceName>,
    /// Who commands it.
    pub origin: Origin,
}

/// A logout that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// The phone.
    pub device: DeviceName,
    /// Who was on it; `None` when that user is no longer configured.
    pub user: Option<UserId>,
    /// Why.
    pub reason: LogoutReason,
    /// How the numbers of the phone changed.
    pub lines: Option<LinesChange>,
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

/// Whose rows a decision about one user reads.
pub(super) fn user_scope(world: &World, command: &UserLogout) -> Scope {
    let user = world.user(&command.user).map(|user| user.id);
    let sessions = world.sessions.values();
    let phones = sessions
        .filter(|session| Some(session.user) == user)
        .filter_map(|session| world.phones.get(&session.phone))
        .map(|phone| phone.name.clone());
    Scope::Of {
        phones: phones.chain(command.device.clone()).collect(),
        users: vec![command.user.clone()],
    }
}

/// Decides a logout. A phone on which Extension Mobility was switched off in
/// the meantime can still be left: nobody shall be shut in, unless the site
/// wants it as the API guide has it (parameter `disabled_phone_logout`).
///
/// # Errors
/// [`Refusal::DeviceUnknown`], [`Refusal::LogoutDisabled`],
/// [`Refusal::NobodySignedIn`] or [`Refusal::NotHimself`].
pub fn decide(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    command: &LogoutCommand,
) -> Result<Decision<SignedOut>, Refusal> {
    let phone = world
        .phone(&command.device)
        .ok_or_else(|| Refusal::DeviceUnknown(command.device.clone()))?;
    let session = world.sessions.get(&phone.id);
    may_leave(world, phone, session, &command.origin)?;
    let session = session.ok_or_else(|| Refusal::NobodySignedIn(command.device.clone()))?;
    is_himself(world, session.user, &command.origin)?;
    let not_before = command.channel.not_before(now);
    let reason = LogoutReason::commanded_by(&command.origin);
    let (gone, mut changes) = sign_out(world, catalogue, phone, session, reason, now, not_before);
    changes.push(audit(&gone, &command.origin));
    Ok(Decision {
        value: gone,
        changes,
    })
}

/// The flag of the phone comes before who is on it, as at login. The operator
/// and the daemon itself can always make room.
fn may_leave(
    world: &World,
    phone: &Phone,
    session: Option<&Session>,
    origin: &Origin,
) -> Result<(), Refusal> {
    let stays = match world.parameters.disabled_phone_logout {
        DisabledPhoneLogout::Allow => session.is_none(),
        DisabledPhoneLogout::Refuse => true,
    };
    let commanded = !matches!(origin, Origin::Operator | Origin::System);
    if commanded && stays && !phone.extension_mobility {
        return Err(Refusal::LogoutDisabled(phone.name.clone()));
    }
    Ok(())
}

fn is_himself(world: &World, user: ObjectId, origin: &Origin) -> Result<(), Refusal> {
    match origin {
        Origin::EndUser(caller) if user_id(world, user).as_ref() != Some(caller) => {
            Err(Refusal::NotHimself(caller.clone()))
        }
        _ => Ok(()),
    }
}

/// Decides the logout of a user from every phone that he is on, or from one.
///
/// # Errors
/// [`Refusal::UserUnknown`], [`Refusal::DeviceUnknown`],
/// [`Refusal::NotSignedIn`] or [`Refusal::NotHimself`].
pub fn decide_user(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    command: &UserLogout,
) -> Result<Decision<Vec<SignedOut>>, Refusal> {
    let user = world.user(&command.user).ok_or(Refusal::UserUnknown)?;
    is_himself(world, user.id, &command.origin)?;
    let only = match &command.device {
        None => None,
        Some(device) => Some(
            world
                .phone(device)
                .ok_or_else(|| Refusal::DeviceUnknown(device.clone()))?
                .id,
        ),
    };
    let phones: Vec<ObjectId> = world
        .sessions_of(user.id)
        .map(|session| session.phone)
        .filter(|phone| only.is_none_or(|only| only == *phone))
        .collect();
    if phones.is_empty() {
        return Err(Refusal::NotSignedIn(command.user.clone()));
    }
    Ok(decide_these(
        world,
        catalogue,
        now,
        &phones,
        &command.origin,
    ))
}

/// Decides the logout of whoever is on these phones; empty ones are passed
/// over.
pub fn decide_these(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    phones: &[ObjectId],
    origin: &Origin,
) -> Decision<Vec<SignedOut>> {
    let mut gone = Vec::with_capacity(phones.len());
    let mut changes = Vec::new();
    let taken = phones
        .iter()
        .filter_map(|id| Some((world.phones.get(id)?, world.sessions.get(id)?)));
    for (phone, session) in taken {
        let reason = LogoutReason::commanded_by(origin);
        let (one, steps) = sign_out(world, catalogue, phone, session, reason, now, now);
        changes.extend(steps);
        changes.push(audit(&one, origin));
        gone.push(one);
    }
    Decision {
        value: gone,
        changes,
    }
}

/// The end of the session on `phone` and what it sets going there.
pub(super) fn sign_out(
    world: &World,
    catalogue: &Catalogue,
    phone: &Phone,
    session: &Session,
    reason: LogoutReason,
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
        reason,
        lines: lines_change(world, catalogue, phone, None),
        planned: planned_in(world, &changes),
    };
    (gone, changes)
}

/// The line for the audit, in the same commit.
pub(super) fn audit(gone: &SignedOut, origin: &Origin) -> Change {
    records::signed_out(gone, origin)
}
