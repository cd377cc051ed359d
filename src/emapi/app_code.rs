//! The numbers of the phone application, which authenticates users before it
//! asks the login service.

use std::fmt;

use super::code::Attempt;

/// A code of the phone application (*Feature Configuration Guide*, *Extension
/// Mobility error codes*). 203, 206 and 214 are not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum AppCode {
    /// The user id or the PIN is wrong.
    Authentication = 201,
    /// The user id or the PIN is empty.
    Blank = 202,
    /// The directory cannot be asked.
    DirectoryServer = 204,
    /// No device profile is assigned to the user.
    ProfileAbsent = 205,
    /// The service's URL names no device.
    DeviceNameEmpty = 207,
    /// The login service cannot be reached.
    ServiceConnection = 208,
    /// The PIN must be changed.
    ChangePin = 209,
    /// The application could not start.
    InitFailed = 210,
    /// Between clusters: not activated.
    EmccNotActivated = 211,
    /// Between clusters: unknown cluster id.
    InvalidCluster = 212,
    /// Between clusters: not for this device.
    EmccDeviceUnsupported = 213,
    /// `loginType` is none of UID, DN, SP.
    LoginTypeInvalid = 215,
    /// Several users have this number as their primary extension.
    DnHasMultipleUsers = 216,
}

impl AppCode {
    /// All of them, in order.
    pub const ALL: &'static [Self] = &[
        Self::Authentication,
        Self::Blank,
        Self::DirectoryServer,
        Self::ProfileAbsent,
        Self::DeviceNameEmpty,
        Self::ServiceConnection,
        Self::ChangePin,
        Self::InitFailed,
        Self::EmccNotActivated,
        Self::InvalidCluster,
        Self::EmccDeviceUnsupported,
        Self::LoginTypeInvalid,
        Self::DnHasMultipleUsers,
    ];

    /// The number.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The code with this number.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.number() == number)
    }

    /// Cisco's words, as releases 4.x to 7.x showed them.
    pub fn text(self) -> &'static str {
        match self {
            Self::Authentication => "Authentication error",
            Self::Blank => "Blank userid or pin",
            Self::DirectoryServer => "Directory server error",
            Self::ProfileAbsent => "User Profile Absent",
            Self::DeviceNameEmpty => "Device Name Empty",
            Self::ServiceConnection => "EMService Conn. error",
            Self::ChangePin => "Change PIN",
            Self::InitFailed => "Init Fail-Contact Admin",
            Self::EmccNotActivated => "EMCC Not Activated",
            Self::InvalidCluster => "Cluster ID is invalid",
            Self::EmccDeviceUnsupported => "Device does not support EMCC",
            Self::LoginTypeInvalid => "LoginType invalid",
            Self::DnHasMultipleUsers => "DN has multiple users",
        }
    }

    /// What it means and what helps, for logs and operators.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Authentication => {
                "The user id or the PIN is wrong, or the account is locked; the log says which."
            }
            Self::Blank => "The user id or the PIN was left empty.",
            Self::DirectoryServer => "The directory cannot be asked just now.",
            Self::ProfileAbsent => "No device profile is assigned to this user.",
            Self::DeviceNameEmpty => {
                "The service's URL carries no device name; it must end in ?device=#DEVICENAME#."
            }
            Self::ServiceConnection => "The login service cannot be reached.",
            Self::ChangePin => "The PIN must be changed before it is used.",
            Self::InitFailed => "The application could not start; the log says why.",
            Self::EmccNotActivated => {
                "Extension Mobility between clusters is not activated for this user."
            }
            Self::InvalidCluster => "The cluster id is not known.",
            Self::EmccDeviceUnsupported => {
                "This device does not support Extension Mobility between clusters."
            }
            Self::LoginTypeInvalid => {
                "The service's URL has a loginType that is none of UID, DN and SP."
            }
            Self::DnHasMultipleUsers => {
                "Several users have this number as their primary extension; sign in by user id."
            }
        }
    }

    /// What the phone shows, in the words of 8.x to 15; it fits a prompt.
    pub fn phone_text(self, attempt: Attempt) -> String {
        let number = self.number();
        match self {
            Self::Authentication | Self::Blank => format!("Please try to login again ({number})"),
            Self::ChangePin | Self::LoginTypeInvalid | Self::DnHasMultipleUsers => {
                format!("{} ({number})", self.text())
            }
            _ => attempt.is_unavailable(number),
        }
    }
}

impl fmt::Display for AppCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.text())
    }
}
