//! The numbers of the login service.

use std::fmt;

/// What was attempted: the phone says *Login* or *Logout is unavailable*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// Signing in.
    Login,
    /// Signing out.
    Logout,
}

impl Attempt {
    /// *Login is unavailable (22)*, as phones show most numbers since 8.x.
    pub(super) fn is_unavailable(self, number: u16) -> String {
        let what = match self {
            Self::Login => "Login",
            Self::Logout => "Logout",
        };
        format!("{what} is unavailable ({number})")
    }
}

/// Writes the enum, its list, and the two tables of words from one place.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal, $sentence:literal;)+) => {
        /// A code of the login service. The numbers have kept their meaning
        /// from 4.1 to 15; 0 to 30 are in the API guide's *Error Codes*, 31 to 47
        /// (all but 41 only between clusters) in the *Feature Configuration Guide*,
        /// *Extension Mobility*. Unpublished numbers are left out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Code {
            $($(#[$doc])* $name = $number,)+
        }

        impl Code {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Cisco's words, as the API guide of 8.x and later has them.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What it means and what helps, for logs and operators.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }
        }
    };
}

codes! {
    /// Anything else.
    Unknown = 0, "Unknown Error",
        "Something failed that has no code of its own; the log of this moment says what.";
    /// Not the XML that the service reads.
    Parsing = 1, "Error on Parsing",
        "The message is not the XML that the service reads; the log says the line and column.";
    /// The application's rights could not be checked.
    CannotAuthorize = 2, "Cannot authorize App user",
        "The application's password could not be checked just now.";
    /// `appID` or `appCertificate` is wrong.
    InvalidAppUser = 3, "Invalid App User",
        "There is no application user with this appID and password.";
    /// The login policy could not be evaluated.
    PolicyValidation = 4, "Policy Validation error",
        "Whether the login is allowed could not be decided.";
    /// Extension Mobility is not enabled on the device: asked for at logout.
    LogoutDisabled = 5, "Dev. logon disabled",
        "Extension Mobility is not enabled on this device, so there is nothing to sign out of.";
    /// The database failed.
    Database = 6, "Database Error",
        "The change could not be stored; nothing was changed.";
    /// The automatic logout could not be arranged or called off.
    LogoutRequest = 7, "Logout Request Error",
        "The automatic logout could not be arranged.";
    /// The query is of no known kind.
    QueryTypeUndetermined = 8, "Query type undetermined",
        "The query is of no known kind.";
    /// The user's entry could not be read.
    UserInfo = 9, "Dir. User Info Error",
        "The directory did not answer about this user.";
    /// The application may act for itself only.
    NoProxyRights = 10, "User lacks app proxy rights",
        "This application user has no right to act for other users.";
    /// There is no such device.
    NoSuchDevice = 11, "Device does not exist",
        "No device has this name.";
    /// The named profile does not exist, or the user has none.
    NoSuchProfile = 12, "Dev. Profile not found",
        "There is no such device profile, or none is assigned to the user.";
    /// Somebody is signed in on the device.
    AnotherUserLoggedIn = 18, "Another user logged in",
        "Somebody is signed in on this device already; sign out first.";
    /// Nobody is signed in on the device.
    NoUserLoggedIn = 19, "No user logged in",
        "Nobody is signed in on this device.";
    /// Whether Extension Mobility is enabled could not be read.
    HotelingFlag = 20, "Hoteling flag error",
        "Whether Extension Mobility is enabled on this device could not be read.";
    /// Who is signed in could not be read.
    HotelingStatus = 21, "Hoteling Status error",
        "Who is signed in on this device could not be read.";
    /// Extension Mobility is not enabled on the device.
    LogonDisabled = 22, "Dev. logon disabled",
        "Extension Mobility is not enabled on this device; enable it there.";
    /// There is no such user.
    UserNotFound = 23, "User does not exist",
        "No user has this id, self-service id or extension.";
    /// The user is signed in elsewhere, and may be only once.
    LoggedInElsewhere = 25, "User logged in elsewhere",
        "The user is signed in on another device; sign out there, or allow multiple logins or automatic logout.";
    /// Too many requests at once.
    Busy = 26, "Busy, please try again",
        "More requests are being worked on than the configured maximum.";
    /// The password must be changed first.
    ChangePassword = 27, "Change Password",
        "The password has expired or must be changed before it is used.";
    /// The phone's address is not trusted.
    UntrustedIp = 28, "Untrusted IP Error",
        "The request came from an address that is neither this phone's nor in the trusted list.";
    /// Where phones are registered is not known just now.
    RegistrationUnknown = 29, "RIS down-contact admin",
        "Where phones are registered is not known just now, so the address could not be checked.";
    /// The request came through a proxy.
    ProxyNotAllowed = 30, "Proxy not allowed",
        "The request came through an HTTP proxy, and the configuration does not allow that.";
    /// Between clusters: not activated for the user.
    EmccNotActivated = 31, "EMCC Not Activated for the user",
        "Extension Mobility between clusters is not activated for this user.";
    /// Between clusters: not for this device.
    EmccDeviceUnsupported = 32, "Device does not support EMCC",
        "This device does not support Extension Mobility between clusters.";
    /// Between clusters: no device to stand in.
    EmccNoFreeDevice = 33, "No free EMCC dummy device",
        "No stand-in device is free in the home cluster.";
    /// Between clusters: the visited one is not known at home.
    EmccVisitingUnknown = 35, "Visiting Cluster Information is not present in Home Cluster",
        "The home cluster does not know the visited one.";
    /// Between clusters: no other cluster.
    EmccNoRemoteCluster = 36, "No Remote Cluster",
        "No remote cluster is configured.";
    /// Between clusters: the device is known in both.
    DuplicateDevice = 37, "Duplicate Device Name",
        "The device exists in both clusters.";
    /// Between clusters: refused at home.
    EmccNotAllowed = 38, "EMCC Not Allowed",
        "The home cluster does not allow it.";
    /// Between clusters: incomplete configuration.
    EmccConfiguration = 39, "Configuration Issue",
        "The TFTP servers for logins between clusters are not set.";
    /// Between clusters: the other is silent.
    EmccNoResponse = 40, "No Response from Remote Host",
        "The remote cluster does not answer.";
    /// The PIN must be changed first.
    ChangePin = 41, "PIN change is required",
        "The PIN must be changed before it is used.";
    /// Between clusters: unknown cluster id in an update.
    EmccInvalidCluster = 42, "Invalid ClusterID",
        "The cluster id is not known.";
    /// Between clusters: the profile must be non-secure.
    EmccSecurityMode = 43, "Device Security mode error",
        "Logins between clusters need a non-secure device profile.";
    /// Between clusters: unknown cluster id at login.
    EmccInvalidClusterAtLogin = 44, "Invalid ClusterID",
        "The cluster id is not known.";
    /// Between clusters: the other's release.
    EmccVersion = 45, "Remote Cluster version not supported",
        "The release of the remote cluster is not supported.";
    /// Between clusters: the other's security mode.
    EmccClusterSecurity = 46, "Remote Cluster security mode not supported",
        "The security mode of the remote cluster is not supported.";
    /// Several users have this number as their primary extension.
    DnHasMultipleUsers = 47, "DN has multiple users",
        "Several users have this number as their primary extension; sign in by user id.";
}

impl Code {
    /// The number.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The code with this number.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.number() == number)
    }

    /// What the phone shows, in the words of 8.x to 15 (*Feature Configuration
    /// Guide*, *Extension Mobility error codes*); it fits a prompt.
    pub fn phone_text(self, attempt: Attempt) -> String {
        let number = self.number();
        match self {
            Self::LoggedInElsewhere => format!("Multi-Login Not Allowed ({number})"),
            Self::EmccConfiguration | Self::EmccInvalidClusterAtLogin => {
                "Please try to login again (201)".to_owned()
            }
            Self::EmccNoResponse => "Please try to login again (23)".to_owned(),
            Self::EmccVersion | Self::EmccClusterSecurity => {
                format!("Login is unsuccessful ({number})")
            }
            Self::ChangePassword | Self::ChangePin | Self::DnHasMultipleUsers => {
                format!("{} ({number})", self.text())
            }
            _ => attempt.is_unavailable(number),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.text())
    }
}
