//! What the login service answers.

use quick_xml::escape::escape;

use super::code::Code;
use super::request::Root;
use super::user_id::encode_user_id;

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

/// Whose answers an application expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// CallManager 3.x and 4.x: no `lastlogin`; a failed query has an
    /// `errorMessage` without a number.
    CallManager,
    /// 5.0 to 7.x: with `lastlogin`; every failure has a number.
    Five,
    /// 8.x to 15: also `emccDevice`.
    #[default]
    Eight,
}

impl Response {
    /// The answer to a `to`, as `generation` words it: bare XML without a
    /// declaration, to be served as `text/xml`.
    pub fn to_xml(&self, to: Root, generation: Generation) -> String {
        let mut out = String::with_capacity(256);
        element(&mut out, "response", |out| match self {
            Self::Success => out.push_str("<success/>"),
            Self::Failure(failure) => failure.write(out, to, generation),
            Self::DeviceUsers(devices) => element(out, "deviceUserResults", |out| {
                for device in devices {
                    device.write(out, generation);
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
            Self::DeviceProfiles(users) => element(out, "deviceProfileResults", |out| {
                for entry in users {
                    user(out, &entry.user, &entry.found, |out, profiles| {
                        for profile in profiles {
                            profile.write(out);
                        }
                    });
                }
            }),
        });
        out
    }
}

impl Failure {
    fn write(&self, out: &mut String, to: Root, generation: Generation) {
        element(out, "failure", |out| {
            if to == Root::Query && generation == Generation::CallManager {
                leaf(out, "errorMessage", &self.text);
            } else {
                out.push_str("<error code=\"");
                out.push_str(&self.code.number().to_string());
                out.push_str("\">");
                out.push_str(&clean(&self.text));
                out.push_str("</error>");
            }
        });
    }
}

impl DeviceEntry {
    fn write(&self, out: &mut String, generation: Generation) {
        out.push_str("<device name=\"");
        out.push_str(&clean(&self.device));
        out.push_str("\">");
        match &self.found {
            Lookup::DoesNotExist => out.push_str("<doesNotExist/>"),
            Lookup::Found(occupancy) => occupancy.write(out, generation),
        }
        out.push_str("</device>");
    }
}

impl Occupancy {
    /// `none` stands for nobody; beside a `userID` it says, since 5.0, that
    /// nobody was there before.
    fn write(&self, out: &mut String, generation: Generation) {
        let remembers = generation > Generation::CallManager;
        match &self.user {
            Some(user) => leaf(out, "userID", &encode_user_id(user)),
            None => out.push_str("<none/>"),
        }
        match &self.last_login {
            Some(last) if remembers => leaf(out, "lastlogin", &encode_user_id(last)),
            None if remembers && self.user.is_some() => out.push_str("<none/>"),
            _ => {}
        }
        if generation >= Generation::Eight {
            leaf(out, "emccDevice", "no");
        }
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
    element(out, name, |out| out.push_str(&clean(text)));
}

/// Escaped, and without the characters that XML does not have (names that are
/// answered come from whoever asked).
fn clean(text: &str) -> String {
    let sane: String = text
        .chars()
        .filter(|c| !(c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}')))
        .collect();
    escape(sane).into_owned()
}
