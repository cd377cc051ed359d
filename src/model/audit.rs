//! The audit: who did what to whom, where, by whose authority, and how it
//! ended.

use serde::{Deserialize, Serialize};

use super::{DeviceName, UserId};

/// One line of the audit. When and on which node is added when it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Who acted: a phone, an application, the operator, the daemon itself.
    pub actor: String,
    /// By whose authority, where that is not the actor's own: the user whose
    /// PIN was right, the rule that ended a login.
    pub authority: Option<String>,
    /// The phone that it is about.
    pub device: Option<DeviceName>,
    /// The user whom it is about.
    pub user: Option<UserId>,
    /// What was done, or tried, without secrets.
    pub what: String,
    /// Why it failed; `None`: it did not.
    pub failed: Option<String>,
}

impl Audit {
    /// Something that was done.
    pub fn new(actor: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
            authority: None,
            device: None,
            user: None,
            what: what.into(),
            failed: None,
        }
    }

    /// About this phone.
    #[must_use]
    pub fn on(mut self, device: DeviceName) -> Self {
        self.device = Some(device);
        self
    }

    /// About this user.
    #[must_use]
    pub fn of(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// By this authority.
    #[must_use]
    pub fn by(mut self, authority: impl Into<String>) -> Self {
        self.authority = Some(authority.into());
        self
    }

    /// It failed, and why.
    #[must_use]
    pub fn failed(mut self, why: impl Into<String>) -> Self {
        self.failed = Some(why.into());
        self
    }
}
