//! The other configured objects: users, pools, services, numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    CredentialHash, DirectoryNumber, LoadName, Mlpp, ModelName, MultipleLogin, ObjectId,
    ObjectName, ProfileName, Timestamp, UserId, VendorConfig,
};

/// Someone who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Internal id; a rename keeps it.
    pub id: ObjectId,
    /// The user id, case-sensitive.
    pub user_id: UserId,
    /// A numeric second name that a keypad types quickly.
    pub alias: Option<UserId>,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The hash of the PIN; absent: nobody signs in with a PIN.
    pub pin: Option<CredentialHash>,
    /// The hash of the password.
    pub password: Option<CredentialHash>,
    /// Counts the changes of either credential: a check made against an older
    /// version does not count.
    pub credential_version: u64,
    /// The profiles he may take, the default first.
    pub profiles: Vec<ProfileName>,
    /// His user locale; wins over the profile's.
    pub locale: Option<String>,
    /// His primary extension.
    pub primary_extension: Option<DirectoryNumber>,
    /// His self-service user id.
    pub self_service_id: Option<UserId>,
    /// Phones he may push to.
    pub controlled_phones: Vec<super::DeviceName>,
    /// His own multiple-login behaviour.
    pub multiple_login_behavior: Option<MultipleLogin>,
    /// Whether he is kept from signing in anywhere.
    pub excluded: bool,
    /// Whether he may say, at a phone that waits for approval, which configured
    /// phone it is (CME: *Extension Assigner*).
    #[serde(default)]
    pub extension_assigner: bool,
    /// Whether he must change his PIN at the next login (Cisco: *User Must
    /// Change at Next Login*, code 41).
    #[serde(default)]
    pub pin_must_change: bool,
    /// When his PIN was set; `None`: before that was written down.
    #[serde(default)]
    pub pin_set: Option<Timestamp>,
}

impl User {
    /// First and last name, or the user id.
    pub fn display_name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        let name = name.trim();
        if name.is_empty() {
            self.user_id.to_string()
        } else {
            name.to_owned()
        }
    }
}

/// A program that calls the login service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationUser {
    /// Its id (*appID*).
    pub user_id: UserId,
    /// The hash of its password.
    pub password: Option<CredentialHash>,
    /// Counts the changes of the password.
    pub credential_version: u64,
    /// Whether it may act for others (*Enable Authentication Proxy Rights*).
    pub proxy_rights: bool,
}

/// What phones at one place have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevicePool {
    /// Its name.
    pub name: ObjectName,
    /// IANA time zone; the host's when absent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Cisco's date template, for example `D.M.Y` or `M/D/YA`.
    #[serde(default = "default_date_template")]
    pub date_template: String,
    /// NTP servers.
    #[serde(default)]
    pub ntp: Vec<String>,
    /// Call managers in order; empty: this node alone.
    #[serde(default)]
    pub call_managers: Vec<String>,
    /// User locale of its phones, for example `English_United_States`.
    #[serde(default)]
    pub user_locale: String,
    /// Network locale of its phones.
    #[serde(default)]
    pub network_locale: String,
    /// Precedence and preemption, where a phone or profile says *Default*.
    #[serde(default, skip_serializing_if = "Mlpp::is_default")]
    pub mlpp: Mlpp,
    /// Switches of its phones, over those of their model.
    #[serde(default, skip_serializing_if = "VendorConfig::is_empty")]
    pub vendor_config: VendorConfig,
    /// The loads that its phones should run, by model.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub loads: BTreeMap<ModelName, LoadName>,
}

fn default_date_template() -> String {
    "D.M.Y".to_owned()
}

impl DevicePool {
    /// The name of the pool that is there without being configured.
    pub const DEFAULT: &'static str = "Default";

    /// That pool: the host's zone, this node alone.
    ///
    /// # Panics
    /// Never: its name is a constant.
    pub fn default_pool() -> Self {
        Self {
            #[allow(clippy::expect_used)] // a constant
            name: ObjectName::new(Self::DEFAULT).expect("a constant name"),
            time_zone: None,
            date_template: default_date_template(),
            ntp: Vec::new(),
            call_managers: Vec::new(),
            user_locale: String::new(),
            network_locale: String::new(),
            mlpp: Mlpp::default(),
            vendor_config: VendorConfig::default(),
            loads: BTreeMap::new(),
        }
    }
}

/// An XML service that phones and profiles may subscribe to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name in the menu.
    pub name: ObjectName,
    /// Its URL, at most 256 characters with its parameters. `#DEVICENAME#` in
    /// it is the phone's name.
    pub url: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The parameters that subscribers may or must give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameter: Vec<ServiceParameter>,
}

/// A parameter of a service (Cisco: *IP Phone Service Parameter*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceParameter {
    /// Its name in the URL.
    pub name: String,
    /// Its name for people; the name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Its value for subscribers who give none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether a subscription must give it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// What is known of a number beside the lines that use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberRecord {
    /// The number.
    pub number: DirectoryNumber,
    /// Its partition.
    #[serde(default)]
    pub partition: Option<ObjectName>,
    /// The name shown to the caller.
    #[serde(default)]
    pub alerting_name: Option<String>,
}
