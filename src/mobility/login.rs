//! Signing in.

mod policy;

use std::time::Duration;

use super::{Channel, Planned, Refusal, SignedOut, audit, lines_change, logout, planned_in};
use crate::model::{
    Catalogue, Cause, Change, DeviceName, LinesChange, LoginType, LogoutReason, ObjectId, Origin,
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
    /// Whoever this means at a phone's form (parameter `loginType`): an id or
    /// alias, a primary extension, a self-service id.
    Typed {
        /// As typed.
        typed: UserId,
        /// What it is meant to be.
        login_type: LoginType,
        /// Whether case may differ when exactly one user fits.
        ignore_case: bool,
    },
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

impl Who {
    /// The user that is meant.
    ///
    /// # Errors
    /// [`Refusal::UserUnknown`]; [`Refusal::Ambiguous`] when it may mean
    /// several.
    pub fn find<'a>(&self, world: &'a World) -> Result<&'a User, Refusal> {
        match self {
            Self::Id(id) => world.users.get(id).map(|user| &**user),
            Self::Name(name) => world.user(name).map(|user| &**user),
            Self::Typed {
                typed,
                login_type,
                ignore_case,
            } => match world.users_for(typed, *login_type, *ignore_case).as_slice() {
                [] => None,
                [user] => Some(&***user),
                _ => return Err(Refusal::Ambiguous),
            },
        }
        .ok_or(Refusal::UserUnknown)
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

/// What becomes of who is on the phone already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Occupied {
    /// He stays, and the login is refused with code 18.
    #[default]
    Refuse,
    /// The newcomer's own PIN signs him out, where the service parameter
    /// `evict_previous_user` allows it and the PIN was verified; else as
    /// [`Self::Refuse`].
    Evict,
    /// Whoever commands it answers for it (*force login* of provisioning
    /// tools): applications with proxy rights and the operator.
    Force,
}

/// What becomes of the user's other phones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Elsewhere {
    /// What the multiple-login behaviour says, his own or the site's.
    #[default]
    ByBehavior,
    /// He leaves them all: he said so.
    SignOut,
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
    /// What becomes of who is on the phone already.
    pub occupied: Occupied,
    /// What becomes of the user's other phones.
    pub elsewhere: Elsewhere,
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
    /// Who was on this phone and had to leave for it.
    pub replaced: Option<SignedOut>,
    /// Where he himself was signed out for it.
    pub displaced: Vec<SignedOut>,
    /// Whose desk it is, where it is somebody else's and that matters
    /// (service parameter `owned_phones`).
    pub desk_of: Option<UserId>,
    /// How the numbers of the phone changed.
    pub lines: Option<LinesChange>,
    /// What was set going on the phone itself and on the displaced ones.
    pub planned: Vec<Planned>,
}

/// Whose rows the decision reads.
pub(super) fn scope(world: &World, command: &LoginCommand) -> Scope {
    let mut phones = vec![command.device.clone()];
    let user = command.user.find(world).ok();
    if let Some(user) = user {
        let others = world
            .sessions_of(user.id)
            .filter_map(|session| world.phones.get(&session.phone))
            .map(|phone| phone.name.clone())
            .filter(|name| *name != command.device);
        phones.extend(others);
    }
    let named = match (&command.user, user) {
        (_, Some(user)) => Some(user.user_id.clone()),
        (Who::Name(name), None) => Some(name.clone()),
        (Who::Id(_) | Who::Typed { .. }, None) => None,
    };
    Scope::Of {
        phones,
        users: named.into_iter().collect(),
    }
}

/// Decides a login. The checks come in the order of the login service: phone,
/// its permission, who is on it; then user, profile, other phones. Whoever has
/// to leave for it leaves in the same commit, and the phone goes from the one
/// to the other with one order.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn decide(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    command: &LoginCommand,
) -> Result<Decision<SignedIn>, Refusal> {
    policy::acts_for_himself(world, command)?;
    let phone = policy::open_phone(world, &command.device)?;
    let present = policy::present(world, phone, command)?;
    let user = policy::admitted_user(world, command)?;
    let desk_of = policy::desk(world, phone, user)?;
    let profile = policy::profile(world, user, command)?;
    let others = policy::other_phones(world, user, phone, command.elsewhere)?;

    let mut changes: Vec<Change> = Vec::new();
    let mut displaced = Vec::new();
    let mut planned = Vec::new();
    for (other, session) in others {
        let reason = LogoutReason::Elsewhere {
            on: phone.name.clone(),
        };
        // Only the phone whose own request this is waits for its page.
        let (gone, steps) = logout::sign_out(world, catalogue, other, session, reason, now, now);
        planned.extend(gone.planned.iter().cloned());
        changes.extend(steps);
        changes.push(logout::audit(&gone, &command.origin));
        displaced.push(gone);
    }
    let replaced = present.map(|session| replaced(world, phone, session, user, command));
    changes.extend(
        replaced
            .as_ref()
            .map(|gone| logout::audit(gone, &command.origin)),
    );
    let expires = command
        .duration
        .effective(&world.parameters)
        .map(|minutes| now.plus(Duration::from_secs(u64::from(minutes) * 60)));
    let session = Session {
        phone: phone.id,
        user: user.id,
        profile: profile.id,
        since: now,
        expires,
        origin: command.origin.clone(),
        frozen: None,
        mismatched: !catalogue.same_family(&profile.model, phone.served_model()),
    };
    let lines = lines_change(world, catalogue, phone, Some(&session));
    let session = [Change::PutSession(session)];
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
    let value = SignedIn {
        device: phone.name.clone(),
        user: user.user_id.clone(),
        display_name: user.display_name(),
        profile: profile.name.clone(),
        since: now,
        expires,
        replaced,
        displaced,
        desk_of,
        lines,
        planned,
    };
    changes.push(audit::signed_in(&value, command));
    Ok(Decision { value, changes })
}

/// The one who makes room on the phone. His session is overwritten by the
/// newcomer's, so that the phone has one way to go and takes one restart.
fn replaced(
    world: &World,
    phone: &Phone,
    session: &Session,
    newcomer: &User,
    command: &LoginCommand,
) -> SignedOut {
    let reason = match command.occupied {
        Occupied::Evict => LogoutReason::Evicted {
            by: newcomer.user_id.clone(),
        },
        Occupied::Refuse | Occupied::Force => LogoutReason::commanded_by(&command.origin),
    };
    SignedOut {
        device: phone.name.clone(),
        user: super::user_id(world, session.user),
        reason,
        // The newcomer's login tells what becomes of the phone.
        lines: None,
        planned: Vec::new(),
    }
}
