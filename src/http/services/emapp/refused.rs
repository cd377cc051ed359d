//! Refusals in Cisco's numbers, with what can be done about them, and their
//! precise reasons for the operator.

use super::super::pages::{About, Failure, Next};
use super::Visit;
use crate::emapi::{AppCode, Code};
use crate::mobility::{Refusal, RefusedAttempt, Tried};
use crate::model::{Origin, UserId};

/// The number of a refusal. Some are the application's own, because it
/// authenticates the user itself.
pub(super) fn of_refusal(refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::NoProfile(_) => Failure::Application(AppCode::ProfileAbsent),
        Refusal::CredentialChanged(_) => Failure::Application(AppCode::Authentication),
        Refusal::Ambiguous => Failure::Application(AppCode::DnHasMultipleUsers),
        other => {
            let code = Code::from_number(other.service_code());
            Failure::Service(code.unwrap_or(Code::Unknown))
        }
    }
}

/// What it is about.
pub(super) fn about(refusal: &Refusal) -> About {
    match refusal {
        Refusal::AnotherUser { user } => About::User(user.clone()),
        Refusal::DeviceUnknown(device) => About::Device(device.clone()),
        Refusal::LoggedInElsewhere { devices, .. } => About::Devices(devices.clone()),
        _ => About::Nothing,
    }
}

/// What can be done about it at once.
pub(super) fn next(failure: Failure) -> Next {
    match failure {
        Failure::Service(Code::AnotherUserLoggedIn) => Next::SignOut,
        Failure::Service(
            Code::Database
            | Code::LogoutRequest
            | Code::UserInfo
            | Code::NoSuchProfile
            | Code::UserNotFound
            | Code::Busy
            | Code::RegistrationUnknown,
        )
        | Failure::Application(
            AppCode::Authentication
            | AppCode::DirectoryServer
            | AppCode::ServiceConnection
            | AppCode::InitFailed,
        ) => Next::Again,
        _ => Next::Leave,
    }
}

impl Visit<'_> {
    /// Tells journal and audit why the application itself refused.
    pub(super) fn tell_refused(&self, code: AppCode, user: Option<UserId>, why: &str) {
        self.record_refusal(code.number(), user, why);
    }

    /// The same with a number of the service.
    pub(super) fn tell_service_refused(&self, code: Code, user: Option<UserId>, why: &str) {
        self.record_refusal(code.number(), user, why);
    }

    fn record_refusal(&self, code: u16, user: Option<UserId>, why: &str) {
        self.services.parts.mobility.refused(RefusedAttempt {
            tried: if self.wants_out() {
                Tried::Logout
            } else {
                Tried::Login
            },
            origin: Some(Origin::Phone),
            device: Some(self.phone.name.clone()),
            user,
            from: Some(self.asked.ends.peer.ip()),
            code,
            why: why.to_owned(),
        });
    }
}
