//! Signing in.

use std::time::Duration;

use super::{Channel, Planned, Refusal, SignedOut, actor, logout, planned_in};
use crate::model::{
    Audit, Catalogue, Cause, Change, DeviceName, DeviceProfile, MultipleLogin, ObjectId, Origin,
    Parameters, Phone, ProfileName, Session, Timestamp, User, UserId, World,
};
use crate::ports::{Decision, Scope};

/// The longest login that can be asked for: a year. Beyond it the end of the
/// login would leave the calendar, and nobody means it.
const LONGEST_MINUTES: u32 = 366 * 24 * 60;

/// Whose login it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The user whose credential was verified.
    Id(ObjectId),
    /// The user with this very id (case counts).
    Name(UserId),
}

impl From<ObjectId> for Who {
    fn from(id: ObjectId) -> Self {
        Self::Id(id)
    }
}

impl From<UserId> for Who {
    fn from(name: UserId) -> Self {
        Self::Name(name)
    }
}

/// How long a login shall last (*exclusiveDuration* of the login service).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requested {
    /// Nothing was asked: the system maximum where it is enforced, else
    /// without end.
    Default,
    /// This many minutes, no longer than an enforced maximum; 0 is without
    /// end, as with Cisco's provisioning tools; never longer than a year.
    Minutes(u32),
    /// Without end, unless a maximum is enforced.
    Indefinite,
}

impl Requested {
    /// The length that results, in minutes; `None` is without end.
    pub fn effective(self, parameters: &Parameters) -> Option<u32> {
        let asked = match self {
            Self::Default | Self::Indefinite | Self::Minutes(0) => None,
            Self::Minutes(minutes) => Some(minutes.min(LONGEST_MINUTES)),
        };
        let most = parameters
            .enforce_maximum_login_time
            .then(|| parameters.maximum_login_time.minutes());
        match (asked, most) {
            (Some(asked), Some(most)) => Some(asked.min(most)),
            (asked, most) => asked.or(most),
        }
    }
}

/// A login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginCommand {
    /// The phone.
    pub device: DeviceName,
    /// The user.
    pub user: Who,
    /// The version of the user's credential that was verified; `None` when
    /// somebody else answers for him (an application, the operator).
    pub checked_version: Option<u64>,
    /// The profile to take; his default when absent.
    pub profile: Option<ProfileName>,
    /// Whether a profile that is not one of his may be named (applications
    /// with proxy rights).
    pub any_profile: bool,
    /// How long.
    pub duration: Requested,
    /// Who commands it.
    pub origin: Origin,
    /// The way it came in.
    pub channel: Channel,
}

/// A login that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The phone.
    pub device: DeviceName,
    /// The user.
    pub user: UserId,
    /// The name he goes by.
    pub display_name: String,
    /// The profile the phone took.
    pub profile: ProfileName,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` is without end.
    pub expires: Option<Timestamp>,
    /// Where he was signed out for it.
    pub displaced: Vec<SignedOut>,
    /// What was set going on the phone itself and on the displaced ones.
    pub planned: Vec<Planned>,
}

/// Whose rows the decision reads.
pub(super) fn scope(world: &World, command: &LoginCommand) -> Scope {
    let mut phones = vec![command.device.clone()];
    let user = find(world, &command.user);
    if let Some(user) = user {
        let others = world
            .sessions_of(user.id)
            .filter_map(|session| world.phones.get(&session.phone))
            .map(|phone| phone.name.clone())
            .filter(|name| *name != command.device);
        phones.extend(others);
    }
    let named = match &command.user {
        Who::Id(_) => user.map(|user| user.user_id.clone()),
        Who::Name(name) => Some(name.clone()),
    };
    Scope::Of {
        phones,
        users: named.into_iter().collect(),
    }
}

/// Decides a login. The checks come in the order of the login service: phone,
/// its permission, who is on it; then user, profile, other phones.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn decide(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    command: &LoginCommand,
) -> Result<Decision<SignedIn>, Refusal> {
    let phone = free_phone(world, &command.device)?;
    let user = admitted_user(world, command)?;
    let profile = profile_of(world, user, command)?;
    let elsewhere = other_phones(world, user, phone)?;

    let expires = command
        .duration
        .effective(&world.parameters)
        .map(|minutes| now.plus(Duration::from_secs(u64::from(minutes) * 60)));
    let mut changes: Vec<Change> = Vec::new();
    let mut displaced = Vec::new();
    let mut planned = Vec::new();
    for (other, session) in elsewhere {
        // Only the phone whose own request this is waits for its page.
        let (gone, steps) = logout::sign_out(world, catalogue, other, session, now, now);
        planned.extend(gone.planned.iter().cloned());
        displaced.push(gone);
        changes.extend(steps);
    }
    let session = [Change::PutSession(Session {
        phone: phone.id,
        user: user.id,
        profile: profile.id,
        since: now,
        expires,
        origin: command.origin.clone(),
        frozen: None,
        mismatched: !catalogue.same_family(&profile.model, phone.served_model()),
    })];
    let rows = world.pending_for(
        catalogue,
        &session,
        &Cause::Login(user.user_id.clone()),
        now,
        command.channel.not_before(now),
    );
    planned.extend(planned_in(world, &rows));
    changes.extend(session);
    changes.extend(rows);
    changes.extend(logout::forget_calls(world, phone.id, now));
    changes.push(audit(command, user, profile, &displaced));
    Ok(Decision {
        value: SignedIn {
            device: phone.name.clone(),
            user: user.user_id.clone(),
            display_name: user.display_name(),
            profile: profile.name.clone(),
            since: now,
            expires,
            displaced,
            planned,
        },
        changes,
    })
}

fn free_phone<'a>(world: &'a World, device: &DeviceName) -> Result<&'a Phone, Refusal> {
    let phone = world
        .phone(device)
        .ok_or_else(|| Refusal::DeviceUnknown(device.clone()))?;
    if !phone.extension_mobility {
        return Err(Refusal::MobilityDisabled(device.clone()));
    }
    match world
        .sessions
        .get(&phone.id)
        .and_then(|session| world.users.get(&session.user))
    {
        Some(present) => Err(Refusal::AnotherUser {
            user: present.user_id.clone(),
        }),
        None => Ok(phone),
    }
}

fn find<'a>(world: &'a World, who: &Who) -> Option<&'a User> {
    match who {
        Who::Id(id) => world.users.get(id).map(|user| &**user),
        Who::Name(name) => world.user(name).map(|user| &**user),
    }
}

fn admitted_user<'a>(world: &'a World, command: &LoginCommand) -> Result<&'a User, Refusal> {
    let user = find(world, &command.user).ok_or(Refusal::UserUnknown)?;
    if command
        .checked_version
        .is_some_and(|seen| seen != user.credential_version)
    {
        return Err(Refusal::CredentialChanged(user.user_id.clone()));
    }
    if user.excluded {
        return Err(Refusal::UserExcluded(user.user_id.clone()));
    }
    Ok(user)
}

fn profile_of<'a>(
    world: &'a World,
    user: &User,
    command: &LoginCommand,
) -> Result<&'a DeviceProfile, Refusal> {
    let Some(named) = &command.profile else {
        return user
            .profiles
            .iter()
            .find_map(|name| world.profile(name))
            .map(|profile| &**profile)
            .ok_or_else(|| Refusal::NoProfile(user.user_id.clone()));
    };
    let his = user.profiles.contains(named) || command.any_profile;
    world
        .profile(named)
        .filter(|_| his)
        .map(|profile| &**profile)
        .ok_or_else(|| Refusal::ProfileUnknown {
            user: user.user_id.clone(),
            profile: named.clone(),
        })
}

/// The sessions that this login ends, by the multiple-login behaviour.
fn other_phones<'a>(
    world: &'a World,
    user: &User,
    phone: &Phone,
) -> Result<Vec<(&'a Phone, &'a Session)>, Refusal> {
    let others: Vec<(&Phone, &Session)> = world
        .sessions_of(user.id)
        .filter(|session| session.phone != phone.id)
        .filter_map(|session| Some((&**world.phones.get(&session.phone)?, session)))
        .collect();
    let behavior = user
        .multiple_login_behavior
        .unwrap_or(world.parameters.multiple_login_behavior);
    match behavior {
        MultipleLogin::Allowed => Ok(Vec::new()),
        MultipleLogin::AutoLogout => Ok(others),
        MultipleLogin::NotAllowed if others.is_empty() => Ok(Vec::new()),
        MultipleLogin::NotAllowed => Err(Refusal::LoggedInElsewhere {
            user: user.user_id.clone(),
            devices: others.iter().map(|(other, _)| other.name.clone()).collect(),
        }),
    }
}

fn audit(
    command: &LoginCommand,
    user: &User,
    profile: &DeviceProfile,
    displaced: &[SignedOut],
) -> Change {
    let mut what = format!(
        "signed {} in on {} with profile {}",
        user.user_id, command.device, profile.name
    );
    for gone in displaced {
        what.push_str(", out of ");
        what.push_str(gone.device.as_str());
    }
    let audit = Audit::new(actor(&command.origin, &command.device), what)
        .on(command.device.clone())
        .of(user.user_id.clone());
    Change::Audit(Box::new(audit))
}
