//! What the login service answers.

use std::fmt::Write as _;

use super::code::Code;
use super::request::Root;
use super::user_id::encode_user_id;
use super::wording::{DeviceResults, Generation, ProfileResults, QueryFailure, Wording};

/// An answer. HTTP says 200 for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// The request was carried out (the phone may not have restarted yet).
    Success,
    /// The request or query failed.
    Failure(Failure),
    /// To a `deviceUserQuery`: one entry a device, in the order asked.
    DeviceUsers(Vec<DeviceEntry>),
    /// To a `userDevicesQuery`: one entry a user, in the order asked.
    UserDevices(Vec<UserEntry>),
    /// To a `deviceProfileQuery`: one entry a user, in the order asked.
    DeviceProfiles(Vec<ProfileEntry>),
    /// To a `checkUser`, in the one form that was ever seen, between clusters:
    /// one entry a user, in the order asked.
    CheckedUsers(Vec<ProfileEntry>),
}

/// Why it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The number.
    pub code: Code,
    /// The words; applications go by the number.
    pub text: String,
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self {
            code,
            text: code.text().to_owned(),
        }
    }
}

impl From<Code> for Response {
    fn from(code: Code) -> Self {
        Self::Failure(code.into())
    }
}

/// What is known about a name that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// `doesNotExist`: nothing has this name.
    DoesNotExist,
    /// It exists.
    Found(T),
}

/// `device`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceEntry {
    /// The name as asked.
    pub device: String,
    /// Who is there.
    pub found: Lookup<Occupancy>,
}

/// Who is, and who was, on a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    /// `userID`: who is signed in.
    pub user: Option<String>,
    /// `lastlogin`: who was signed in last, if that is remembered (since 5.0).
    pub last_login: Option<String>,
}

/// `user` in `userDevicesResults`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserEntry {
    /// The user as asked, decoded.
    pub user: String,
    /// The devices the user is signed in on.
    pub found: Lookup<Vec<String>>,
}

/// `user` in `deviceProfileResults`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileEntry {
    /// The user as asked, decoded.
    pub user: String,
    /// The user's device profiles.
    pub found: Lookup<Vec<Profile>>,
}

/// `deviceProfile`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// `deviceProfileName`.
    pub name: String,
    /// `isDefaultDeviceProfile`, written `t` or `f`.
    pub is_default: bool,
}

impl Response {
    /// The answer to a `to`, as `wording` has it: bare XML without a
    /// declaration, to be served as `text/xml`. It is ASCII, whatever it holds,
    /// because that type names no charset.
    pub fn to_xml(&self, to: Root, wording: impl Into<Wording>) -> String {
        let wording = wording.into();
        let mut out = String::with_capacity(256);
        let root = match (self, wording.profile_results) {
            (Self::CheckedUsers(_), _) => "emccResponse",
            (Self::DeviceProfiles(_), ProfileResults::DeviceNames) => "results",
            _ => "response",
        };
        element(&mut out, root, |out| self.write(out, to, wording));
        out
    }

    fn write(&self, out: &mut String, to: Root, wording: Wording) {
        match self {
            Self::Success => out.push_str("<success/>"),
            Self::Failure(failure) => failure.write(out, to, wording),
            Self::DeviceUsers(devices) => element(out, "deviceUserResults", |out| {
                for device in devices {
                    device.write(out, wording);
                }
            }),
            Self::UserDevices(users) => element(out, "userDevicesResults", |out| {
                for entry in users {
                    user(out, &entry.user, &entry.found, |out, devices| {
                        for device in devices {
                            leaf(out, "deviceName", device);
                        }
                    });
                }
            }),
            Self::DeviceProfiles(users) => match wording.profile_results {
                ProfileResults::Profiles => element(out, "deviceProfileResults", |out| {
                    profiles(out, users, Profile::write);
                }),
                ProfileResults::DeviceNames => profiles(out, users, |profile, out| {
                    leaf(out, "deviceName", &profile.name);
                }),
            },
            Self::CheckedUsers(users) => element(out, "checkUser", |out| {
                for entry in users {
                    entry.write_checked(out);
                }
            }),
        }
    }
}

impl Failure {
    fn write(&self, out: &mut String, to: Root, wording: Wording) {
        element(out, "failure", |out| {
            if to == Root::Query && wording.query_failure() == QueryFailure::ErrorMessage {
                leaf(out, "errorMessage", &self.text);
            } else {
                out.push_str("<error code=\"");
                out.push_str(&self.code.number().to_string());
                out.push_str("\">");
                put(out, &self.text);
                out.push_str("</error>");
            }
        });
    }
}

impl DeviceEntry {
    fn write(&self, out: &mut String, wording: Wording) {
        out.push_str("<device name=\"");
        put(out, &self.device);
        out.push_str("\">");
        match &self.found {
            Lookup::DoesNotExist => out.push_str("<doesNotExist/>"),
            Lookup::Found(occupancy) => occupancy.write(out, wording),
        }
        out.push_str("</device>");
    }
}

impl Occupancy {
    /// `none` stands for nobody; beside a `userID` it says, since 5.0, that
    /// nobody was there before.
    fn write(&self, out: &mut String, wording: Wording) {
        let remembers = wording.generation > Generation::CallManager;
        let last = self.last_login.as_deref().filter(|_| remembers);
        if wording.device_results == DeviceResults::Single {
            match (&self.user, last) {
                (Some(user), _) => leaf(out, "userID", &encode_user_id(user)),
                (None, Some(last)) => leaf(out, "lastlogin", &encode_user_id(last)),
                (None, None) => out.push_str("<none/>"),
            }
            return;
        }
        match &self.user {
            Some(user) => leaf(out, "userID", &encode_user_id(user)),
            None => out.push_str("<none/>"),
        }
        match last {
            Some(last) => leaf(out, "lastlogin", &encode_user_id(last)),
            None if remembers && self.user.is_some() => out.push_str("<none/>"),
            None => {}
        }
        if wording.generation >= Generation::Eight {
            leaf(out, "emccDevice", "no");
        }
    }
}

impl ProfileEntry {
    /// As a home cluster answers a visited one: how many profiles, that the
    /// user exists, and the profiles by number.
    fn write_checked(&self, out: &mut String) {
        out.push_str("<user id=\"");
        out.push_str(&encode_user_id(&self.user));
        out.push_str("\">");
        match &self.found {
            Lookup::DoesNotExist => out.push_str("<doesNotExist/>"),
            Lookup::Found(profiles) => {
                leaf(out, "numProfiles", &profiles.len().to_string());
                out.push_str("<exists/>");
                for (number, profile) in (1..).zip(profiles) {
                    leaf(out, &format!("deviceProfile{number}"), &profile.name);
                }
            }
        }
        out.push_str("</user>");
    }
}

fn profiles(out: &mut String, users: &[ProfileEntry], write: impl Fn(&Profile, &mut String)) {
    for entry in users {
        user(out, &entry.user, &entry.found, |out, profiles| {
            for profile in profiles {
                write(profile, out);
            }
        });
    }
}

impl Profile {
    fn write(&self, out: &mut String) {
        element(out, "deviceProfile", |out| {
            leaf(out, "deviceProfileName", &self.name);
            let flag = if self.is_default { "t" } else { "f" };
            leaf(out, "isDefaultDeviceProfile", flag);
        });
    }
}

fn user<T>(
    out: &mut String,
    id: &str,
    found: &Lookup<Vec<T>>,
    content: impl FnOnce(&mut String, &[T]),
) {
    out.push_str("<user id=\"");
    out.push_str(&encode_user_id(id));
    out.push_str("\">");
    match found {
        Lookup::DoesNotExist => out.push_str("<doesNotExist/>"),
        Lookup::Found(list) if list.is_empty() => out.push_str("<none/>"),
        Lookup::Found(list) => content(out, list),
    }
    out.push_str("</user>");
}

fn element(out: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    for piece in ["<", name, ">"] {
        out.push_str(piece);
    }
    content(out);
    for piece in ["</", name, ">"] {
        out.push_str(piece);
    }
}

fn leaf(out: &mut String, name: &str, text: &str) {
    element(out, name, |out| put(out, text));
}

/// Text or a value between double quotes: escaped, in ASCII, and without the
/// characters that XML does not have (names that are answered come from whoever
/// asked).
fn put(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c if c.is_ascii() => out.push(c),
            c => {
                // Writing to a String does not fail.
                let _ = write!(out, "&#{};", u32::from(c));
            }
        }
    }
}
