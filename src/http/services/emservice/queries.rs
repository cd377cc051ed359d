//! What changes nothing: who is where, and with which profiles.

use super::operations::{Meant, meant, several_users};
use super::{Caller, Refused};
use crate::emapi::{
    DeviceEntry, LoginType, Lookup, Occupancy, Profile, ProfileEntry, Response, UserEntry,
};
use crate::mobility::Mobility;
use crate::mobility::query::{self, DeviceUser};
use crate::model::{DeviceName, UserId, World};

/// `deviceUserQuery`. Who was on a phone last is told to those only who act for
/// everybody.
pub(super) fn device_users(mobility: &Mobility, caller: &Caller, devices: &[String]) -> Response {
    let world = mobility.store().world();
    let entries = devices.iter().map(|device| {
        let known = DeviceName::new(device).ok();
        let known = known.map(|name| query::device_user(&world, &name));
        DeviceEntry {
            device: device.clone(),
            found: match known {
                Some(DeviceUser::Known { current, last }) => Lookup::Found(Occupancy {
                    user: current.map(String::from),
                    last_login: last.map(String::from).filter(|_| caller.is_proxy()),
                }),
                Some(DeviceUser::DoesNotExist) | None => Lookup::DoesNotExist,
            },
        }
    });
    Response::DeviceUsers(entries.collect())
}

/// `userDevicesQuery`.
pub(super) fn user_devices(
    mobility: &Mobility,
    users: &[String],
    login_type: Option<LoginType>,
) -> Result<Response, Refused> {
    let world = mobility.store().world();
    let entries = users.iter().map(|typed| {
        let user = one(&world, typed, login_type)?;
        let devices = user.and_then(|id| query::user_devices(&world, &id));
        Ok(UserEntry {
            user: typed.clone(),
            found: devices.map_or(Lookup::DoesNotExist, |devices| {
                Lookup::Found(devices.into_iter().map(String::from).collect())
            }),
        })
    });
    entries.collect::<Result<_, _>>().map(Response::UserDevices)
}

/// `deviceProfileQuery`, and what `checkUser` tells besides.
pub(super) fn profiles(
    mobility: &Mobility,
    users: &[String],
    login_type: Option<LoginType>,
) -> Result<Vec<ProfileEntry>, Refused> {
    let world = mobility.store().world();
    let entries = users.iter().map(|typed| {
        let user = one(&world, typed, login_type)?;
        let profiles = user.and_then(|id| query::profiles_of(&world, &id));
        let profile = |choice: query::ProfileChoice| Profile {
            name: choice.name.to_string(),
            is_default: choice.is_default,
        };
        Ok(ProfileEntry {
            user: typed.clone(),
            found: profiles.map_or(Lookup::DoesNotExist, |profiles| {
                Lookup::Found(profiles.into_iter().map(profile).collect())
            }),
        })
    });
    entries.collect()
}

/// Whom a `userID` means, if anybody.
fn one(
    world: &World,
    typed: &str,
    login_type: Option<LoginType>,
) -> Result<Option<UserId>, Refused> {
    match meant(world, typed, login_type) {
        Meant::Several => Err(several_users(typed)),
        meant => Ok(meant.user_id()),
    }
}
