//! What changes something: login, logout, logoutAll.

use super::{Caller, Refused};
use crate::emapi::{Code, ExclusiveDuration, LoginType, Response};
use crate::http::services::Services;
use crate::mobility::{
    Channel, Elsewhere, LoginCommand, LogoutCommand, Mobility, Occupied, Refusal, Requested, Who,
};
use crate::model::{DeviceName, LoginType as ModelLoginType, ObjectId, ProfileName, UserId, World};
use crate::ports::{Event, EventKind};

/// Stands for whom a `userID` does not mean: the check of the user comes after
/// those of the phone, and is to fail in its turn.
const NOBODY: ObjectId = ObjectId(i64::MIN);

/// Whom a `userID` means.
pub(super) enum Meant {
    /// The user with this id.
    Id(UserId),
    /// The only user with this extension or self-service id.
    User(ObjectId, UserId),
    /// Nobody can be meant.
    Nobody,
    /// Several have this extension or self-service id.
    Several,
}

impl Meant {
    /// The user's id, where one is meant.
    pub(super) fn user_id(self) -> Option<UserId> {
        match self {
            Self::Id(id) | Self::User(_, id) => Some(id),
            Self::Nobody | Self::Several => None,
        }
    }
}

/// Whom a `userID` means. An id counts by case, and no alias is one: programs
/// send what is configured.
pub(super) fn meant(world: &World, typed: &str, login_type: Option<LoginType>) -> Meant {
    let Ok(typed) = UserId::new(typed) else {
        return Meant::Nobody;
    };
    let login_type = match login_type {
        None | Some(LoginType::UserId) => return Meant::Id(typed),
        Some(LoginType::PrimaryExtension) => ModelLoginType::DirectoryNumber,
        Some(LoginType::SelfService) => ModelLoginType::SelfService,
    };
    match world.users_for(&typed, login_type, false).as_slice() {
        [] => Meant::Nobody,
        [user] => Meant::User(user.id, user.user_id.clone()),
        _ => Meant::Several,
    }
}

/// `login`.
pub(super) struct Login<'a> {
    pub(super) device: &'a str,
    pub(super) user: &'a str,
    /// What `user` is.
    pub(super) typed_as: Option<LoginType>,
    pub(super) profile: Option<&'a str>,
    pub(super) duration: Option<ExclusiveDuration>,
}

impl Login<'_> {
    pub(super) async fn carry_out(
        &self,
        mobility: &Mobility,
        caller: &Caller,
    ) -> Result<Response, Refused> {
        let device = device(self.device)?;
        let (who, several, profile) = {
            let world = mobility.store().world();
            let profile = self
                .profile
                .map(|name| ProfileName::new(name).unwrap_or_else(|_| nobodys_profile(&world)));
            match meant(&world, self.user, self.typed_as) {
                Meant::Id(id) => (Who::Name(id), false, profile),
                Meant::User(id, _) => (Who::Id(id), false, profile),
                Meant::Nobody => (Who::Id(NOBODY), false, profile),
                Meant::Several => (Who::Id(NOBODY), true, profile),
            }
        };
        let command = LoginCommand {
            device,
            user: who,
            checked_version: None,
            profile,
            any_profile: caller.is_proxy(),
            duration: match self.duration {
                None => Requested::Default,
                Some(ExclusiveDuration::Minutes(minutes)) => Requested::Minutes(minutes),
                Some(ExclusiveDuration::Indefinite) => Requested::Indefinite,
            },
            occupied: Occupied::Refuse,
            elsewhere: Elsewhere::ByBehavior,
            origin: caller.origin(),
            channel: Channel::Elsewhere,
        };
        match mobility.login(command).await {
            Ok(_) => Ok(Response::Success),
            Err(Refusal::UserUnknown) if several => Err(several_users(self.user)),
            Err(refusal) => Err(Refused::from(&refusal)),
        }
    }
}

/// Several users fit where one is meant.
pub(super) fn several_users(typed: &str) -> Refused {
    let why = format!("several users have {:?}", super::shown(typed));
    Refused::new(Code::DnHasMultipleUsers, why)
}

/// A name that no profile has, for one that none can have.
fn nobodys_profile(world: &World) -> ProfileName {
    let mut name = "no such profile".to_owned();
    loop {
        match ProfileName::new(&name) {
            Ok(free) if world.profile(&free).is_none() => return free,
            _ => name = format!("?{}", name.get(..name.len().min(20)).unwrap_or_default()),
        }
    }
}

fn device(name: &str) -> Result<DeviceName, Refused> {
    DeviceName::new(name).map_err(|error| Refused::new(Code::NoSuchDevice, error.to_string()))
}

/// `logout`: whoever is on the phone.
pub(super) async fn logout(
    mobility: &Mobility,
    caller: &Caller,
    name: &str,
) -> Result<Response, Refused> {
    let device = device(name)?;
    let command = LogoutCommand {
        device,
        origin: caller.origin(),
        channel: Channel::Elsewhere,
    };
    let done = mobility.logout(command).await;
    done.map(|_| Response::Success)
        .map_err(|refusal| Refused::from(&refusal))
}

/// `logoutAll`: answered once everybody is out for good.
pub(super) async fn logout_all(services: &Services, caller: &Caller) -> Result<Response, Refused> {
    let mobility = &services.parts.mobility;
    let origin = caller.origin();
    let gone = mobility.logout_all(origin).await;
    let gone = gone.map_err(|refusal| Refused::from(&refusal))?;
    services.parts.journal.record(Event {
        at: mobility.now(),
        device: None,
        kind: EventKind::Note {
            text: format!("{} users were signed out by {}", gone.len(), caller.id),
        },
    });
    Ok(Response::Success)
}
