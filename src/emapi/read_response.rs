//! Answers out of XML, for login applications and for tests of the service.

use super::code::Code;
use super::parse::ParseError;
use super::response::{
    DeviceEntry, Failure, Lookup, Occupancy, Profile, ProfileEntry, Response, UserEntry,
};
use super::user_id::decode_user_id;
use super::xml::{self, Element, Fault, Reason};

/// Reads the answer of any generation; a failure without a number, or with one
/// that is not published, is [`Code::Unknown`] with the text kept.
pub fn parse_response(xml: &[u8]) -> Result<Response, ParseError> {
    let text = xml::decode(xml).map_err(ParseError::at_start)?;
    xml::read(&text, &["response"], "<response>")
        .and_then(|root| response(&root))
        .map_err(|fault| ParseError::locate(&text, fault))
}

fn response(root: &Element) -> Result<Response, Fault> {
    let [child] = root.parts()? else {
        return Err(root.fault(Reason::Missing {
            name: "one result",
            parent: root.shown(),
        }));
    };
    match child.name.as_str() {
        "success" => Ok(Response::Success),
        "failure" => failure(child).map(Response::Failure),
        "deviceUserResults" => each(child, "device", device).map(Response::DeviceUsers),
        "userDevicesResults" => each(child, "user", |user| {
            let found = lookup(user, "deviceName", |device| {
                device.leaf().map(str::to_owned)
            })?;
            Ok(UserEntry {
                user: user_id(user)?,
                found,
            })
        })
        .map(Response::UserDevices),
        "deviceProfileResults" => each(child, "user", |user| {
            Ok(ProfileEntry {
                user: user_id(user)?,
                found: lookup(user, "deviceProfile", profile)?,
            })
        })
        .map(Response::DeviceProfiles),
        _ => Err(unknown(child, root)),
    }
}

fn failure(element: &Element) -> Result<Failure, Fault> {
    match element.parts()? {
        [error] if error.name == "error" => {
            let number = error
                .attribute("code")
                .and_then(|code| code.trim().parse().ok());
            Ok(Failure {
                code: number.and_then(Code::from_number).unwrap_or(Code::Unknown),
                text: error.leaf()?.to_owned(),
            })
        }
        [message] if message.name == "errorMessage" => Ok(Failure {
            code: Code::Unknown,
            text: message.leaf()?.to_owned(),
        }),
        _ => Err(element.fault(Reason::Missing {
            name: "<error> or <errorMessage>",
            parent: element.shown(),
        })),
    }
}

fn each<T>(
    list: &Element,
    name: &str,
    read: impl Fn(&Element) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    list.parts()?
        .iter()
        .map(|child| {
            if child.name == name {
                read(child)
            } else {
                Err(unknown(child, list))
            }
        })
        .collect()
}

fn device(element: &Element) -> Result<DeviceEntry, Fault> {
    let mut occupancy = Occupancy::default();
    let mut found = true;
    for child in element.parts()? {
        match child.name.as_str() {
            "userID" => occupancy.user = Some(decode_user_id(child.leaf()?)),
            "lastlogin" => occupancy.last_login = Some(decode_user_id(child.leaf()?)),
            "none" | "emccDevice" => {}
            "doesNotExist" => found = false,
            _ => return Err(unknown(child, element)),
        }
    }
    Ok(DeviceEntry {
        device: attribute(element, "name")?.to_owned(),
        found: if found {
            Lookup::Found(occupancy)
        } else {
            Lookup::DoesNotExist
        },
    })
}

fn lookup<T>(
    element: &Element,
    name: &str,
    read: impl Fn(&Element) -> Result<T, Fault>,
) -> Result<Lookup<Vec<T>>, Fault> {
    match element.parts()? {
        [only] if only.name == "doesNotExist" => Ok(Lookup::DoesNotExist),
        [only] if only.name == "none" => Ok(Lookup::Found(Vec::new())),
        _ => each(element, name, read).map(Lookup::Found),
    }
}

fn profile(element: &Element) -> Result<Profile, Fault> {
    let mut name = None;
    let mut is_default = false;
    for child in element.parts()? {
        match child.name.as_str() {
            "deviceProfileName" => name = Some(child.leaf()?.to_owned()),
            "isDefaultDeviceProfile" => is_default = child.leaf()? == "t",
            _ => return Err(unknown(child, element)),
        }
    }
    Ok(Profile {
        name: name.ok_or_else(|| {
            element.fault(Reason::Missing {
                name: "<deviceProfileName>",
                parent: element.shown(),
            })
        })?,
        is_default,
    })
}

fn user_id(element: &Element) -> Result<String, Fault> {
    attribute(element, "id").map(decode_user_id)
}

fn attribute<'a>(element: &'a Element, name: &'static str) -> Result<&'a str, Fault> {
    element.attribute(name).ok_or_else(|| {
        element.fault(Reason::Missing {
            name,
            parent: element.shown(),
        })
    })
}

fn unknown(child: &Element, parent: &Element) -> Fault {
    child.fault(Reason::Unknown {
        name: child.shown(),
        parent: parent.shown(),
    })
}
