//! Speed dials, and subscriptions to services.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::is_default;
use crate::model::{DirectoryNumber, ObjectName};

/// A speed dial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeedDial {
    /// The number to dial.
    pub number: DirectoryNumber,
    /// What the key shows; the number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// An entry of the phone itself that survives any login.
    #[serde(default, skip_serializing_if = "is_default")]
    pub emergency: bool,
    /// Whether its lamp shows whether the number is in a call.
    #[serde(default, skip_serializing_if = "is_default")]
    pub blf: bool,
}

impl SpeedDial {
    /// A speed dial of this number, everything else as usual.
    pub fn new(number: DirectoryNumber) -> Self {
        Self {
            number,
            label: None,
            emergency: false,
            blf: false,
        }
    }
}

/// A service a phone or profile is subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSubscription {
    /// Which service.
    pub name: ObjectName,
    /// The subscriber's values, appended to the URL.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}
