//! Sessions: who is signed in where.

use serde::{Deserialize, Serialize};

use super::{ObjectId, Timestamp, UserId};

/// Where a login or logout came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The Services menu of the phone itself.
    Phone,
    /// An application through the login service.
    Application(UserId),
    /// The operator.
    Operator,
    /// The daemon itself: expiry, or a login elsewhere.
    System,
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
}
