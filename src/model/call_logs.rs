//! Call logs that a phone shall forget.

use serde::{Deserialize, Serialize};

use super::{ObjectId, Timestamp};

/// The lists of placed, received and missed calls of a phone are to be
/// cleared, because somebody signed in or out there (Cisco: *Clear Call Log(s)
/// on Intra-cluster EM*; CME clears them at every logout).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallLogs {
    /// The phone.
    pub phone: ObjectId,
    /// Since when.
    pub since: Timestamp,
    /// How often it was told in vain.
    pub attempts: u8,
    /// Not to be told again before this.
    pub not_before: Timestamp,
}

impl CallLogs {
    /// A phone is told at most so often.
    pub const MAX_ATTEMPTS: u8 = 3;

    /// To be cleared as soon as the phone is there.
    pub fn to_clear(phone: ObjectId, now: Timestamp) -> Self {
        Self {
            phone,
            since: now,
            attempts: 0,
            not_before: now,
        }
    }
}
