//! What a login application asks: requests, which change something, and
//! queries, which do not.

use std::fmt;
use std::net::IpAddr;

use quick_xml::escape::escape;
use zeroize::Zeroizing;

use super::user_id::encode_user_id;

/// The root element: its kind decides how a failure is worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// `request`: login, logout, logoutAll.
    Request,
    /// `query`.
    Query,
}

impl Root {
    /// The element's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Query => "query",
        }
    }
}

/// One whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The application, and how it proves itself.
    pub app: AppInfo,
    /// What it wants.
    pub operation: Operation,
    /// What it says about the phone or browser that asked it.
    pub origin: Origin,
    /// How `userID` is to be understood, if it says (since release 12.0).
    pub login_type: Option<LoginType>,
}

/// `appInfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppInfo {
    /// `appID`: the name of an application user.
    pub id: String,
    /// The proof.
    pub credential: Credential,
}

/// How an application proves itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// `appCertificate`: the user's password.
    Certificate(Certificate),
    /// `appEncryptedCertificate`, used inside Cisco's own product only; its
    /// value is not kept.
    Encrypted,
}

/// A password. It is never printed, and wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate(Zeroizing<String>);

impl Certificate {
    /// Takes a password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(Zeroizing::new(password.into()))
    }

    /// The password itself, for checking it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate(..)")
    }
}

/// What the application says about its own client. Since 7.x; without it the
/// connection's own peer is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `remoteIPAddr`.
    pub remote_ip: Option<IpAddr>,
    /// `isViaHeaderSet`: whether that client came through an HTTP proxy.
    pub via_header: Option<bool>,
}

/// `loginType`, also a parameter of the phone application's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoginType {
    /// `UID`: the user id.
    UserId,
    /// `DN`: the number of the user's primary extension.
    PrimaryExtension,
    /// `SP`: the self-service user id.
    SelfService,
}

impl LoginType {
    /// The two or three letters.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserId => "UID",
            Self::PrimaryExtension => "DN",
            Self::SelfService => "SP",
        }
    }

    /// Reads the letters, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::UserId, Self::PrimaryExtension, Self::SelfService]
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(name))
    }
}

/// What is wanted. Names are as sent; the element of each field is in the
/// guide's *Message Document Type Definitions*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Sign a user in on a device.
    Login {
        /// `deviceName`.
        device: String,
        /// `userID`, decoded.
        user: String,
        /// `deviceProfile`; without it the user's default.
        profile: Option<String>,
        /// `exclusiveDuration`; without it the system's maximum, if enforced.
        duration: Option<ExclusiveDuration>,
    },
    /// Sign out whoever is on a device.
    Logout {
        /// `deviceName`.
        device: String,
    },
    /// Sign out everybody (since 8.x).
    LogoutAll,
    /// Who is on these devices?
    DeviceUserQuery {
        /// `deviceName`, at least one.
        devices: Vec<String>,
    },
    /// On which devices are these users?
    UserDevicesQuery {
        /// `userID`, at least one, decoded.
        users: Vec<String>,
    },
    /// Which profiles have these users (since 8.x)? Cisco's samples call it
    /// `userDeviceProfileQuery`, the definition `deviceProfileQuery`.
    DeviceProfileQuery {
        /// `userID`, at least one, decoded.
        users: Vec<String>,
    },
    /// Are these users known? Asked between clusters only.
    CheckUser {
        /// `userID`, at least one, decoded.
        users: Vec<String>,
    },
}

impl Operation {
    /// Whether it changes something.
    pub fn root(&self) -> Root {
        match self {
            Self::Login { .. } | Self::Logout { .. } | Self::LogoutAll => Root::Request,
            Self::DeviceUserQuery { .. }
            | Self::UserDevicesQuery { .. }
            | Self::DeviceProfileQuery { .. }
            | Self::CheckUser { .. } => Root::Query,
        }
    }

    /// The element's name, by the definition.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Login { .. } => "login",
            Self::Logout { .. } => "logout",
            Self::LogoutAll => "logoutAll",
            Self::DeviceUserQuery { .. } => "deviceUserQuery",
            Self::UserDevicesQuery { .. } => "userDevicesQuery",
            Self::DeviceProfileQuery { .. } => "deviceProfileQuery",
            Self::CheckUser { .. } => "checkUser",
        }
    }
}

/// How long a login lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExclusiveDuration {
    /// `time`, in minutes.
    Minutes(u32),
    /// `indefinite`: until somebody logs out.
    Indefinite,
}

impl Envelope {
    /// The message as a login application sends it, in the order of Cisco's
    /// definition. It holds the password, so it is wiped when dropped. An
    /// encrypted certificate is written empty.
    pub fn to_xml(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(512));
        let root = self.operation.root().name();
        push(&mut out, &["<", root, "><appInfo>"]);
        leaf(&mut out, "appID", &self.app.id);
        match &self.app.credential {
            Credential::Certificate(password) => {
                leaf(&mut out, "appCertificate", password.reveal());
            }
            Credential::Encrypted => leaf(&mut out, "appEncryptedCertificate", ""),
        }
        let operation = self.operation.name();
        push(&mut out, &["</appInfo><", operation, ">"]);
        self.operation.write_fields(&mut out);
        if let Some(login_type) = self.login_type {
            leaf(&mut out, "loginType", login_type.name());
        }
        if let Some(address) = self.origin.remote_ip {
            leaf(&mut out, "remoteIPAddr", &address.to_string());
        }
        if let Some(via) = self.origin.via_header {
            leaf(
                &mut out,
                "isViaHeaderSet",
                if via { "true" } else { "false" },
            );
        }
        push(&mut out, &["</", operation, "></", root, ">"]);
        out
    }
}

impl Operation {
    fn write_fields(&self, out: &mut String) {
        match self {
            Self::Login {
                device,
                user,
                profile,
                duration,
            } => {
                leaf(out, "deviceName", device);
                leaf(out, "userID", &encode_user_id(user));
                if let Some(profile) = profile {
                    leaf(out, "deviceProfile", profile);
                }
                if let Some(duration) = duration {
                    out.push_str("<exclusiveDuration>");
                    match duration {
                        ExclusiveDuration::Minutes(minutes) => {
                            leaf(out, "time", &minutes.to_string());
                        }
                        ExclusiveDuration::Indefinite => out.push_str("<indefinite/>"),
                    }
                    out.push_str("</exclusiveDuration>");
                }
            }
            Self::Logout { device } => leaf(out, "deviceName", device),
            Self::LogoutAll => {}
            Self::DeviceUserQuery { devices } => {
                for device in devices {
                    leaf(out, "deviceName", device);
                }
            }
            Self::UserDevicesQuery { users }
            | Self::DeviceProfileQuery { users }
            | Self::CheckUser { users } => {
                for user in users {
                    leaf(out, "userID", &encode_user_id(user));
                }
            }
        }
    }
}

fn leaf(out: &mut String, name: &str, text: &str) {
    let text = Zeroizing::new(escape(text).into_owned());
    push(out, &["<", name, ">", &text, "</", name, ">"]);
}

fn push(out: &mut String, pieces: &[&str]) {
    for piece in pieces {
        out.push_str(piece);
    }
}
