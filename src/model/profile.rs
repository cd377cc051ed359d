//! Device profiles: what a phone becomes.

use serde::{Deserialize, Serialize};

use super::{Line, ModelName, ObjectId, ProfileName, ServiceSubscription, SpeedDial};

/// A user device profile: a virtual device with everything but the physical
/// (Cisco: *Understanding Extension Mobility*, Device Profiles).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceProfile {
    /// Internal id; a rename keeps it.
    pub id: ObjectId,
    /// Its name.
    pub name: ProfileName,
    /// The model it was made for.
    pub model: ModelName,
    /// Free text.
    pub description: String,
    /// Its user locale.
    pub locale: Option<String>,
    /// Its soft key template.
    pub softkey_template: Option<String>,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its speed dials.
    pub speed_dials: Vec<SpeedDial>,
    /// Its services.
    pub services: Vec<ServiceSubscription>,
}

/// The device profile default of a model: what a login takes from it when the
/// user's profile was made for another model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileDefault {
    /// The model.
    pub model: ModelName,
    /// Its user locale.
    pub locale: Option<String>,
    /// Its soft key template.
    pub softkey_template: Option<String>,
    /// Its services, for users who have none.
    pub services: Vec<ServiceSubscription>,
}
