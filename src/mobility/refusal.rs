//! Why a command was refused: one variant a reason, one sentence each for the
//! operator. What a phone or an application is told is worded elsewhere.

use crate::model::{DeviceName, ModelName, ProfileName, UserId};
use crate::ports::StoreError;

/// Why a login, logout or order was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such phone is configured.
    #[error("no phone {0} is configured")]
    DeviceUnknown(DeviceName),
    /// Nobody may sign in anywhere.
    #[error("signing in is switched off for the whole site (parameter login_service_enabled)")]
    ServiceDisabled,
    /// People may not sign in on this phone.
    #[error("extension mobility is not enabled on {0}")]
    MobilityDisabled(DeviceName),
    /// People may not sign in on this phone, so nobody signs out of it either.
    #[error("extension mobility is not enabled on {0}, so there is nobody to sign out")]
    LogoutDisabled(DeviceName),
    /// Somebody is signed in on the phone, this user or another.
    #[error("{user} is signed in on this phone")]
    AnotherUser {
        /// Who.
        user: UserId,
    },
    /// Nobody is signed in on the phone.
    #[error("nobody is signed in on {0}")]
    NobodySignedIn(DeviceName),
    /// The user is signed in nowhere, or not on the phone that was named.
    #[error("{0} is not signed in there")]
    NotSignedIn(UserId),
    /// Nobody has this user id.
    #[error("nobody has this user id")]
    UserUnknown,
    /// Several users fit what was typed.
    #[error("several users fit it; sign in by user id")]
    Ambiguous,
    /// An end user tried to act for somebody else.
    #[error("{0} has no proxy rights and acts for himself only")]
    NotHimself(UserId),
    /// The user is kept from signing in anywhere.
    #[error("{0} is excluded from signing in")]
    UserExcluded(UserId),
    /// The phone is somebody else's desk, and the site keeps desks for their
    /// owners.
    #[error("{device} is the phone of {owner}, who alone signs in there")]
    OwnedPhone {
        /// The phone.
        device: DeviceName,
        /// Whose it is.
        owner: UserId,
    },
    /// The credential changed after it was checked.
    #[error("the PIN or password of {0} changed after it was checked")]
    CredentialChanged(UserId),
    /// The profile that was named is not there, or not one of the user's.
    #[error("{user} cannot take profile {profile:?}: it is not there, or not one of his")]
    ProfileUnknown {
        /// Who.
        user: UserId,
        /// Which profile was named.
        profile: ProfileName,
    },
    /// The user has no profile at all.
    #[error("{0} has no device profile")]
    NoProfile(UserId),
    /// The user is signed in on other phones and may be on one only.
    #[error("{user} is signed in on {} and may be on one phone only", list(.devices))]
    LoggedInElsewhere {
        /// Who.
        user: UserId,
        /// Where.
        devices: Vec<DeviceName>,
    },
    /// The model of the phone is not in the catalogue: it is not served.
    #[error("model {model} of {device} is not in the model catalogue")]
    ModelUnknown {
        /// The phone.
        device: DeviceName,
        /// Its model.
        model: ModelName,
    },
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    /// The code of the login service for this refusal (Cisco, *Extension
    /// Mobility API*, Response Codes). The phone application has codes of its
    /// own for some (205 where a user has no profile).
    pub fn service_code(&self) -> u16 {
        match self {
            Self::DeviceUnknown(_) => 11,
            // The switch of the whole service has no code of its own: it is as
            // old as 3.1, whose codes are not published. To whoever signs in it
            // is what 22 says in every release that has it, *device logon
            // disabled*; 4 is for a policy that could not be evaluated, and 5
            // is about logouts in the API guide.
            Self::ServiceDisabled | Self::MobilityDisabled(_) => 22,
            Self::LogoutDisabled(_) => 5,
            Self::AnotherUser { .. } => 18,
            Self::NobodySignedIn(_) | Self::NotSignedIn(_) => 19,
            Self::UserUnknown => 23,
            Self::Ambiguous => 47,
            Self::NotHimself(_) => 10,
            // Policy refuses; no code says it more closely.
            Self::UserExcluded(_) | Self::OwnedPhone { .. } | Self::ModelUnknown { .. } => 4,
            // What was verified no longer counts: not authenticated.
            Self::CredentialChanged(_) => 3,
            Self::ProfileUnknown { .. } | Self::NoProfile(_) => 12,
            Self::LoggedInElsewhere { .. } => 25,
            Self::Store(_) => 6,
        }
    }
}

/// Orders for many phones that ended before all were given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{ordered} of {of} phones were ordered, then it failed: {why}")]
pub struct CutShort {
    /// How many phones were ordered; their orders stay.
    pub ordered: usize,
    /// How many were meant.
    pub of: usize,
    /// What ended it.
    pub why: Refusal,
}

fn list(devices: &[DeviceName]) -> String {
    let names: Vec<&str> = devices.iter().map(DeviceName::as_str).collect();
    names.join(", ")
}
