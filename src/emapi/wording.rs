//! How answers are worded, where releases, definitions and printed samples
//! disagree.

use serde::Deserialize;

/// Whose answers an application expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Generation {
    /// CallManager 3.x and 4.x: no `lastlogin`; a failed query has an
    /// `errorMessage` without a number.
    #[serde(rename = "3.x")]
    CallManager,
    /// 5.0 to 7.x: with `lastlogin`; every failure has a number.
    #[serde(rename = "5.x")]
    Five,
    /// 8.x to 15: also `emccDevice`.
    #[default]
    #[serde(rename = "8.x")]
    Eight,
}

/// What a failed query holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueryFailure {
    /// `error` with its code, as in every printed sample since 5.0.
    Error,
    /// `errorMessage`, as in the definition.
    ErrorMessage,
}

/// What a `device` holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceResults {
    /// All that the generation knows, one after the other, as in the samples.
    #[default]
    Sequence,
    /// One element alone, as in the definition: who is there, else who was,
    /// else `none`.
    Single,
}

/// What the profiles of users are told in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileResults {
    /// `deviceProfile` with name and default flag, as the guide of 8.x to 15.
    #[default]
    Profiles,
    /// `deviceName` with the profile's name, in a root named `results`, as the
    /// older sample prints it.
    DeviceNames,
}

/// All of it together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// The release that is spoken for.
    pub generation: Generation,
    /// What a failed query holds, if not what the generation does.
    pub query_failure: Option<QueryFailure>,
    /// What a `device` holds.
    pub device_results: DeviceResults,
    /// What profiles are told in.
    pub profile_results: ProfileResults,
}

impl Wording {
    /// What a failed query holds.
    pub fn query_failure(self) -> QueryFailure {
        self.query_failure.unwrap_or(match self.generation {
            Generation::CallManager => QueryFailure::ErrorMessage,
            Generation::Five | Generation::Eight => QueryFailure::Error,
        })
    }
}

impl From<Generation> for Wording {
    fn from(generation: Generation) -> Self {
        Self {
            generation,
            ..Self::default()
        }
    }
}
