//! Phones: the devices themselves.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    AutoRegistered, DeviceName, Features, Line, LoadName, ModelName, ObjectId, ObjectName,
    ProfileName, ServiceSubscription, SipSecret, SpeedDial, UserId, VendorConfig,
};

/// The signalling protocol of a phone's load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Skinny.
    Sccp,
    /// SIP.
    Sip,
}

impl Protocol {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Sccp => Self::Sip,
            Self::Sip => Self::Sccp,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sccp => "SCCP",
            Self::Sip => "SIP",
        })
    }
}

/// What a phone is while nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LogoutProfile {
    /// Its own settings.
    #[default]
    UseCurrentSettings,
    /// A user device profile.
    Profile(ProfileName),
}

impl LogoutProfile {
    /// The word for [`LogoutProfile::UseCurrentSettings`] in the site file.
    pub const USE_CURRENT_SETTINGS: &'static str = "use-current-settings";
}

impl TryFrom<String> for LogoutProfile {
    type Error = super::NameError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == Self::USE_CURRENT_SETTINGS {
            Ok(Self::UseCurrentSettings)
        } else {
            ProfileName::new(&text).map(Self::Profile)
        }
    }
}

impl From<LogoutProfile> for String {
    fn from(profile: LogoutProfile) -> String {
        match profile {
            LogoutProfile::UseCurrentSettings => LogoutProfile::USE_CURRENT_SETTINGS.to_owned(),
            LogoutProfile::Profile(name) => name.to_string(),
        }
    }
}

/// A phone as configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// Internal id; a rename keeps it.
    pub id: ObjectId,
    /// The device name, `SEP` and its MAC address.
    pub name: DeviceName,
    /// Its model.
    pub model: ModelName,
    /// The protocol as configured.
    pub protocol: Option<Protocol>,
    /// The protocol that the phone itself showed; wins over the configured
    /// one, because a phone is served by what it is.
    pub observed_protocol: Option<Protocol>,
    /// The model that the phone itself showed, where it is not the configured.
    pub observed_model: Option<ModelName>,
    /// Whether people may sign in here.
    pub extension_mobility: bool,
    /// What it is while nobody is signed in.
    pub logout_profile: LogoutProfile,
    /// Its own user locale; else the device pool's.
    pub locale: Option<String>,
    /// Its device pool.
    pub device_pool: ObjectName,
    /// Whose desk it is.
    pub owner: Option<UserId>,
    /// Free text.
    pub description: String,
    /// The load it should run; else its device pool's for its model, else
    /// whatever it runs.
    #[serde(default)]
    pub load: Option<LoadName>,
    /// Templates, add-on modules, audio, precedence.
    #[serde(flatten)]
    pub features: Features,
    /// Whether a logout is confirmed first here; absent: the service parameter.
    #[serde(default)]
    pub confirm_logout: Option<bool>,
    /// Switches of the phone itself, over those of its device pool.
    #[serde(default, skip_serializing_if = "VendorConfig::is_empty")]
    pub vendor_config: VendorConfig,
    /// Its own lines.
    pub lines: Vec<Line>,
    /// Its own speed dials, emergency entries among them.
    pub speed_dials: Vec<SpeedDial>,
    /// Its own services.
    pub services: Vec<ServiceSubscription>,
    /// Its digest secret.
    pub sip_secret: SipSecret,
    /// It registered by itself, and no site file has named it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_registered: Option<AutoRegistered>,
}

impl Phone {
    /// The protocol to serve: what the phone showed, else what is configured,
    /// else `first`.
    pub fn protocol_or(&self, first: Protocol) -> Protocol {
        self.observed_protocol.or(self.protocol).unwrap_or(first)
    }

    /// Whether it registered by itself and nobody has approved it yet.
    pub fn awaits_approval(&self) -> bool {
        let auto = self.auto_registered.as_ref();
        auto.is_some_and(|auto| !auto.approved)
    }

    /// The model to serve: what the phone showed, else what is configured.
    pub fn served_model(&self) -> &ModelName {
        self.observed_model.as_ref().unwrap_or(&self.model)
    }

    /// This phone as it showed itself to be, when that differs from what is
    /// stored: what equals the configuration is not kept apart.
    pub fn shown_as(&self, protocol: Protocol, model: Option<&ModelName>) -> Option<Self> {
        let mut shown = self.clone();
        shown.observed_protocol = Some(protocol).filter(|seen| self.protocol != Some(*seen));
        if let Some(model) = model {
            shown.observed_model = Some(model.clone()).filter(|seen| *seen != self.model);
        }
        (shown != *self).then_some(shown)
    }

    /// The phone's own emergency entries: they survive any login.
    pub fn emergency(&self) -> Vec<SpeedDial> {
        self.speed_dials
            .iter()
            .filter(|dial| dial.emergency)
            .cloned()
            .collect()
    }
}
