//! Why a session ended.

use serde::{Deserialize, Serialize};

use super::{DeviceName, Origin, UserId};

/// Why somebody was signed out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum LogoutReason {
    /// Somebody chose it at the phone itself.
    Manual,
    /// He signed in on another phone (Cisco: *Multiple Login Behavior*, Auto
    /// Logout), or said there that he left this one.
    Elsewhere {
        /// On which.
        on: DeviceName,
    },
    /// The login time was over.
    Expired,
    /// The phone was not used for the idle limit.
    Idle,
    /// It was a time of day at which everybody is signed out.
    TimeOfDay,
    /// The operator did it.
    Operator,
    /// A program did it through the login service, or he himself by one.
    Application {
        /// The id that it called with.
        application: UserId,
    },
    /// The next user of the phone signed in with his own PIN.
    Evicted {
        /// Who.
        by: UserId,
    },
    /// His phone, his profile or he himself is no longer configured.
    Configuration,
}

impl LogoutReason {
    /// The reason of a logout that `origin` commanded.
    pub fn commanded_by(origin: &Origin) -> Self {
        match origin {
            Origin::Phone => Self::Manual,
            Origin::Application(id) | Origin::EndUser(id) => Self::Application {
                application: id.clone(),
            },
            Origin::Operator => Self::Operator,
            Origin::System => Self::Expired,
        }
    }
}
