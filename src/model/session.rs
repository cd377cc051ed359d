//! Sessions: who is signed in where.

use serde::{Deserialize, Serialize};

use super::{DeviceProfile, ObjectId, Timestamp, UserId};

/// Where a login or logout came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The Services menu of the phone itself.
    Phone,
    /// An application through the login service.
    Application(UserId),
    /// An end user who acts for himself through the login service, by his own
    /// password.
    EndUser(UserId),
    /// The operator.
    Operator,
    /// The daemon itself: expiry, or a login elsewhere.
    System,
}

/// What a user types at a phone to name himself (parameter `loginType` of the
/// login application).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginType {
    /// `UID`: his user id or alias.
    #[default]
    UserId,
    /// `DN`: his primary extension.
    DirectoryNumber,
    /// `SP`: his self-service user id.
    SelfService,
}

/// A `loginType` that is none (code 215 of the phone application).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no login type: UID, DN or SP")]
pub struct UnknownLoginType(pub String);

impl std::str::FromStr for LoginType {
    type Err = UnknownLoginType;

    /// The value of `loginType`; case does not matter, nor does space around
    /// it.
    fn from_str(text: &str) -> Result<Self, UnknownLoginType> {
        match text.trim().to_ascii_uppercase().as_str() {
            "UID" => Ok(Self::UserId),
            "DN" => Ok(Self::DirectoryNumber),
            "SP" => Ok(Self::SelfService),
            _ => Err(UnknownLoginType(text.chars().take(16).collect())),
        }
    }
}

/// One user on one phone. There is at most one session a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The phone.
    pub phone: ObjectId,
    /// The user.
    pub user: ObjectId,
    /// The profile the phone took.
    pub profile: ObjectId,
    /// When the login was committed.
    pub since: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// Who signed him in.
    pub origin: Origin,
    /// The profile as it was at the login, once it was changed meanwhile and
    /// changes wait for the next login (service parameter
    /// `profile_changes_apply`); absent: it is as at the login.
    pub frozen: Option<Box<DeviceProfile>>,
    /// Whether the profile was made for another family than the phone's
    /// (Cisco: *mismatchedlogin*).
    pub mismatched: bool,
}
