//! Who calls, and for whom he may act.
//!
//! Only application users with proxy rights act for others. An end user who
//! proves himself by his password acts for himself, whatever groups he is in;
//! an application user without these rights acts for nobody.

use super::Refused;
use crate::emapi::{Code, Credential, Envelope, Operation};
use crate::http::services::Services;
use crate::http::services::request::Asked;
use crate::mobility::query::{self, DeviceUser};
use crate::model::{DeviceName, Origin, Password, Secret, UserId, World};
use crate::ports::{Denied, Identity, Verified};

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) id: UserId,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An application that may act for others.
    Proxy,
    /// An application that may not.
    Application,
    /// An end user.
    EndUser,
}

impl Caller {
    pub(super) fn is_proxy(&self) -> bool {
        self.kind == Kind::Proxy
    }

    /// By whom it is commanded.
    pub(super) fn origin(&self) -> Origin {
        match self.kind {
            Kind::Proxy | Kind::Application => Origin::Application(self.id.clone()),
            Kind::EndUser => Origin::EndUser(self.id.clone()),
        }
    }

    /// Whether this user is the caller himself.
    fn is(&self, user: &UserId) -> bool {
        self.kind == Kind::EndUser && self.id == *user
    }

    /// Whether the caller may act for all whom the operation is about. `users`
    /// finds whom a `userID` means.
    pub(super) fn may(
        &self,
        world: &World,
        operation: &Operation,
        users: impl Fn(&str) -> Option<UserId>,
    ) -> Result<(), Refused> {
        let himself = |name: &String| users(name).is_some_and(|user| self.is(&user));
        let may = match operation {
            _ if self.kind == Kind::Proxy => true,
            _ if self.kind == Kind::Application => false,
            Operation::LogoutAll => false,
            Operation::Login { user, .. } => himself(user),
            Operation::Logout { device } => self.may_see(world, device),
            Operation::DeviceUserQuery { devices } => {
                devices.iter().all(|device| self.may_see(world, device))
            }
            Operation::UserDevicesQuery { users }
            | Operation::DeviceProfileQuery { users }
            | Operation::CheckUser { users } => users.iter().all(himself),
        };
        if may {
            return Ok(());
        }
        let why = match self.kind {
            Kind::EndUser => "an end user acts for himself only",
            Kind::Application | Kind::Proxy => "the application user has no proxy_rights",
        };
        Err(Refused::new(Code::NoProxyRights, why))
    }

    /// Whether nobody else is on this phone.
    fn may_see(&self, world: &World, device: &str) -> bool {
        let device = DeviceName::new(device).ok();
        match device.map(|device| query::device_user(world, &device)) {
            Some(DeviceUser::Known {
                current: Some(user),
                ..
            }) => self.is(&user),
            _ => true,
        }
    }
}

/// Proves the caller. Slow where the password is not remembered.
pub(super) async fn authenticate(
    services: &Services,
    asked: &Asked,
    envelope: &Envelope,
) -> Result<Caller, Refused> {
    let named = &envelope.app.id;
    let invalid = |why: String| Refused {
        text: Some(format!("Could not authenticate '{}'", super::shown(named))),
        ..Refused::new(Code::InvalidAppUser, why)
    };
    let id = UserId::new(named).map_err(|error| invalid(error.to_string()))?;
    let Credential::Certificate(certificate) = &envelope.app.credential else {
        let why = "appEncryptedCertificate is for the inside of Cisco's own product";
        return Err(invalid(why.to_owned()));
    };
    let secret = Secret::Password(Password::new(certificate.reveal()));
    let source = Some(asked.ends.peer.ip());
    let directory = &services.parts.directory;
    match directory
        .verify(Identity::Application(id.clone()), secret, source)
        .await
    {
        Ok(Verified::Application {
            user_id,
            proxy_rights,
            ..
        }) => Ok(Caller {
            id: user_id,
            kind: if proxy_rights {
                Kind::Proxy
            } else {
                Kind::Application
            },
        }),
        Ok(Verified::User { user_id, .. }) => Ok(Caller {
            id: user_id,
            kind: Kind::EndUser,
        }),
        Err(denied @ Denied::DirectoryDown(_)) => {
            Err(Refused::new(Code::UserInfo, denied.to_string()))
        }
        Err(denied @ Denied::Unavailable(_)) => {
            let world = services.parts.mobility.store().world();
            // A person's own entry could not be read, or an application could
            // not be checked.
            let is_person = !world.application_users.contains_key(&id) && world.user(&id).is_some();
            let code = if is_person {
                Code::UserInfo
            } else {
                Code::CannotAuthorize
            };
            Err(Refused::silent(code, denied.to_string()))
        }
        Err(denied) => Err(invalid(denied.to_string())),
    }
}
