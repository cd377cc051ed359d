//! Who is where: answers from the world as committed. Nothing here changes
//! anything.

use std::net::SocketAddr;

use serde::Serialize;

use super::expiry::{NextEnd, next_end};
use super::user_id;
use crate::model::{
    Catalogue, Cause, DeviceName, ModelName, ObjectId, Pending, Phone, Plan, ProfileName, Progress,
    Protocol, Timestamp, UserId, World,
};
use crate::ports::Presence;

/// Who is on a phone (*deviceUserQuery* of the login service).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceUser {
    /// No such phone.
    DoesNotExist,
    /// A phone.
    Known {
        /// Who is signed in.
        current: Option<UserId>,
        /// Who signed in last, also when he has left.
        last: Option<UserId>,
    },
}

/// Who is on a phone, and who was last.
pub fn device_user(world: &World, device: &DeviceName) -> DeviceUser {
    let Some(phone) = world.phone(device) else {
        return DeviceUser::DoesNotExist;
    };
    let session = world.sessions.get(&phone.id);
    let last = world.last_user(phone.id);
    DeviceUser::Known {
        current: session.and_then(|session| user_id(world, session.user)),
        last: last.and_then(|user| user_id(world, user)),
    }
}

/// The phones a user is on, by name (*userDevicesQuery*); `None`: no such
/// user.
pub fn user_devices(world: &World, user: &UserId) -> Option<Vec<DeviceName>> {
    let user = world.user(user)?;
    let mut devices: Vec<DeviceName> = world
        .sessions_of(user.id)
        .filter_map(|session| world.phones.get(&session.phone))
        .map(|phone| phone.name.clone())
        .collect();
    devices.sort();
    Some(devices)
}

/// A profile that a user may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileChoice {
    /// Its name.
    pub name: ProfileName,
    /// The model it was made for.
    pub model: ModelName,
    /// Free text.
    pub description: String,
    /// Whether a login that names none takes it.
    pub is_default: bool,
}

/// The profiles a user may take, his default first (*deviceProfileQuery*);
/// `None`: no such user. Names that are no profile are left out.
pub fn profiles_of(world: &World, user: &UserId) -> Option<Vec<ProfileChoice>> {
    world.user(user).map(|user| profiles_of_id(world, user.id))
}

/// The same by internal id; empty when there is no such user.
pub fn profiles_of_id(world: &World, user: ObjectId) -> Vec<ProfileChoice> {
    let names = world.users.get(&user).map(|user| &user.profiles);
    names
        .into_iter()
        .flatten()
        .filter_map(|name| world.profile(name))
        .enumerate()
        .map(|(at, profile)| ProfileChoice {
            name: profile.name.clone(),
            model: profile.model.clone(),
            description: profile.description.clone(),
            is_default: at == 0,
        })
        .collect()
}

/// A session for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionView {
    /// The phone.
    pub device: DeviceName,
    /// The user.
    pub user: UserId,
    /// The name he goes by.
    pub display_name: String,
    /// The profile in force.
    pub profile: Option<ProfileName>,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` is without end.
    pub expires: Option<Timestamp>,
    /// When it ends by itself, and by which rule, where that was asked for with
    /// the phones that are there: the time of day and the limit of a phone that
    /// nobody uses count as well. A call puts it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<NextEnd>,
}

/// The session on a phone.
pub fn session_on(world: &World, phone: ObjectId) -> Option<SessionView> {
    let session = world.sessions.get(&phone)?;
    let user = world.users.get(&session.user)?;
    Some(SessionView {
        device: world.phones.get(&phone)?.name.clone(),
        user: user.user_id.clone(),
        display_name: user.display_name(),
        profile: world
            .profiles
            .get(&session.profile)
            .map(|profile| profile.name.clone()),
        since: session.since,
        expires: session.expires,
        ends: None,
    })
}

/// The session on a phone, with its end.
fn session_with_end(
    world: &World,
    presence: &dyn Presence,
    phone: ObjectId,
) -> Option<SessionView> {
    let session = session_on(world, phone)?;
    let ends = next_end(world, presence, phone);
    Some(SessionView { ends, ..session })
}

/// All sessions, by phone.
pub fn sessions(world: &World, presence: &dyn Presence) -> Vec<SessionView> {
    world
        .sessions
        .keys()
        .filter_map(|phone| session_with_end(world, presence, *phone))
        .collect()
}

/// Whether the phone is off-hook or in a call now, as far as it tells: what is
/// ordered of it waits for the handset to be put back.
pub fn is_in_use(presence: &dyn Presence, device: &DeviceName) -> bool {
    presence
        .registration(device)
        .is_some_and(|there| there.in_call)
}

/// How far a phone is from what is wanted on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum PhoneState {
    /// It holds what is wanted.
    Right,
    /// What it holds is not known, and nothing is to be done about it.
    Unknown,
    /// It holds something older that no change of the site brought about (a
    /// new template, load or version): it takes the new at its next own boot.
    Stale,
    /// It is on its way.
    Changing {
        /// What will be done.
        plan: Plan,
        /// Why.
        cause: Cause,
        /// Since when.
        since: Timestamp,
        /// No order before this.
        not_before: Timestamp,
        /// Orders that left.
        attempts: u8,
        /// Whether it takes longer than it should.
        overdue: bool,
        /// Whether it waits for the phone to be put on hook.
        waits_for_handset: bool,
    },
    /// It was told and did not come to hold what is wanted; left alone.
    Refuses {
        /// What was wanted of it, and why.
        cause: Cause,
        /// Since when.
        at: Timestamp,
        /// What was seen.
        why: String,
    },
    /// Its model is not in the catalogue.
    NotServed,
}

/// A phone for `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhoneStatus {
    /// The phone.
    pub device: DeviceName,
    /// Free text.
    pub description: String,
    /// The model it is served as.
    pub model: ModelName,
    /// The protocol it is served over; `None` when its model is not known.
    pub protocol: Option<Protocol>,
    /// Whether people may sign in here.
    pub extension_mobility: bool,
    /// Who is signed in.
    pub session: Option<SessionView>,
    /// Where it is registered from.
    pub peer: Option<SocketAddr>,
    /// Whether it is in a call.
    pub in_call: bool,
    /// How far it is from what is wanted.
    pub state: PhoneState,
}

/// The status of one phone. Works out what is wanted on it: for many phones,
/// clone the world first (cheap) rather than hold the store's guard.
pub fn phone_status(
    world: &World,
    catalogue: &Catalogue,
    presence: &dyn Presence,
    phone: &Phone,
    now: Timestamp,
) -> PhoneStatus {
    let there = presence.registration(&phone.name);
    let wanted = world.wanted(catalogue, phone.id);
    let in_call = there.as_ref().is_some_and(|there| there.in_call);
    PhoneStatus {
        device: phone.name.clone(),
        description: phone.description.clone(),
        model: phone.served_model().clone(),
        protocol: wanted.as_ref().map(|wanted| wanted.protocol),
        extension_mobility: phone.extension_mobility,
        session: session_with_end(world, presence, phone.id),
        peer: there.as_ref().map(|there| there.peer),
        in_call,
        state: match (world.pending.get(&phone.id), &wanted) {
            (_, None) => PhoneState::NotServed,
            (Some(row), Some(_)) => state_of_row(row, now, in_call),
            (None, Some(wanted)) => match world.held.get(&phone.id) {
                Some(held) if held.shows(wanted.stamps) => PhoneState::Right,
                Some(held)
                    if held.file.is_some_and(|file| file != wanted.stamps.file)
                        || held.station.is_some_and(|s| s != wanted.stamps.station) =>
                {
                    PhoneState::Stale
                }
                Some(_) | None => PhoneState::Unknown,
            },
        },
    }
}

/// The status of all phones, by internal id.
pub fn status(
    world: &World,
    catalogue: &Catalogue,
    presence: &dyn Presence,
    now: Timestamp,
) -> Vec<PhoneStatus> {
    world
        .phones
        .values()
        .map(|phone| phone_status(world, catalogue, presence, phone, now))
        .collect()
}

fn state_of_row(row: &Pending, now: Timestamp, in_call: bool) -> PhoneState {
    match &row.progress {
        Progress::Refuses { at, why, .. } => PhoneState::Refuses {
            cause: row.cause.clone(),
            at: *at,
            why: why.clone(),
        },
        Progress::Waiting | Progress::Ordered { .. } => PhoneState::Changing {
            plan: row.plan,
            cause: row.cause.clone(),
            since: row.since,
            not_before: row.not_before,
            attempts: row.attempts,
            overdue: now > row.deadline,
            // A SIP phone was told, and waits by itself.
            waits_for_handset: in_call,
        },
    }
}
