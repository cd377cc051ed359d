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
    /// People may not sign in on this phone.
    #[error("extension mobility is not enabled on {0}")]
    MobilityDisabled(DeviceName),
    /// Somebody is signed in on the phone, this user or another.
    #[error("{user} is signed in on this phone")]
    AnotherUser {
        /// Who.
        user: UserId,
    },
    /// Nobody is signed in on the phone.
    #[error("nobody is signed in on {0}")]
    NobodySignedIn(DeviceName),
    /// Nobody has this user id.
    #[error("nobody has this user id")]
    UserUnknown,
    /// The user is kept from signing in anywhere.
    #[error("{0} is excluded from signing in")]
    UserExcluded(UserId),
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
            Self::MobilityDisabled(_) => 22,
            Self::AnotherUser { .. } => 18,
            Self::NobodySignedIn(_) => 19,
            Self::UserUnknown => 23,
            // Policy refuses; no code says it more closely.
            Self::UserExcluded(_) | Self::ModelUnknown { .. } => 4,
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
