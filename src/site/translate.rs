//! From the fates of a merge to changes of the stored site.
//!
//! The order matters to a store that checks: sessions end first, then users
//! and phones go before what they refer to, and new objects come after what
//! they refer to.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::convert;
use super::document::{
    ApplicationUserEntry, PhoneEntry, ProfileDefaultEntry, ProfileEntry, UserEntry,
};
use super::merge::Fate;
use super::normal::{Fields, Kind};
use crate::model::{
    Change, DeviceName, DirectoryNumber, ModelName, ObjectId, ObjectName, ProfileName, SipSecret,
    Timestamp, UserId, World,
};

/// In this order objects go.
const GOING: [Kind; 9] = [
    Kind::Phone,
    Kind::User,
    Kind::ApplicationUser,
    Kind::ProfileDefault,
    Kind::Profile,
    Kind::ButtonTemplate,
    Kind::Service,
    Kind::DirectoryNumber,
    Kind::DevicePool,
];

/// In this order objects come.
const COMING: [Kind; 10] = [
    Kind::Parameters,
    Kind::DevicePool,
    Kind::Service,
    Kind::DirectoryNumber,
    Kind::ButtonTemplate,
    Kind::Profile,
    Kind::ProfileDefault,
    Kind::Phone,
    Kind::User,
    Kind::ApplicationUser,
];

/// The fates as changes. `None` only for fields that make no object, which a
/// merge of two that do cannot bring about.
pub(super) fn changes(
    world: &World,
    fates: &[(Kind, String, Fate)],
    secrets: &BTreeMap<String, SipSecret>,
    now: Timestamp,
) -> Option<Vec<Change>> {
    let mut builder = Builder {
        world,
        secrets,
        now,
        ids_taken: 0,
    };
    let mut all = leaving(world, fates);
    for kind in GOING {
        for (_, name, fate) in fates.iter().filter(|(of, _, _)| *of == kind) {
            if *fate == Fate::Delete {
                all.push(gone(world, kind, name)?);
            }
        }
    }
    for kind in COMING {
        for (_, name, fate) in fates.iter().filter(|(of, _, _)| *of == kind) {
            if let Fate::Add(fields) | Fate::Change { fields, .. } = fate {
                all.push(builder.put(kind, name, fields)?);
            }
        }
    }
    Some(all)
}

/// Sessions that cannot go on: of users, phones and profiles that go, and on
/// phones where Extension Mobility is switched off.
fn leaving(world: &World, fates: &[(Kind, String, Fate)]) -> Vec<Change> {
    let mut gone: BTreeSet<ObjectId> = BTreeSet::new();
    for (kind, name, fate) in fates {
        let closed = match fate {
            Fate::Delete => true,
            Fate::Change { fields, .. } => {
                *kind == Kind::Phone
                    && fields.get("extension_mobility") == Some(&Value::Bool(false))
            }
            Fate::Add(_) => false,
        };
        if closed {
            gone.extend(id_of(world, *kind, name));
        }
    }
    world
        .sessions
        .values()
        .filter(|session| {
            [session.phone, session.user, session.profile]
                .iter()
                .any(|id| gone.contains(id))
        })
        .map(|session| Change::DropSession(session.phone))
        .collect()
}

fn id_of(world: &World, kind: Kind, name: &str) -> Option<ObjectId> {
    match kind {
        Kind::Phone => Some(world.phone(&DeviceName::new(name).ok()?)?.id),
        Kind::Profile => Some(world.profile(&ProfileName::new(name).ok()?)?.id),
        Kind::User => Some(world.user(&UserId::new(name).ok()?)?.id),
        _ => None,
    }
}

fn gone(world: &World, kind: Kind, name: &str) -> Option<Change> {
    let id = || id_of(world, kind, name);
    Some(match kind {
        Kind::Phone => Change::DropPhone(id()?),
        Kind::Profile => Change::DropProfile(id()?),
        Kind::User => Change::DropUser(id()?),
        Kind::ApplicationUser => Change::DropApplicationUser(UserId::new(name).ok()?),
        Kind::ProfileDefault => Change::DropProfileDefault(ModelName::new(name).ok()?),
        Kind::ButtonTemplate => Change::DropButtonTemplate(ObjectName::new(name).ok()?),
        Kind::Service => Change::DropService(ObjectName::new(name).ok()?),
        Kind::DirectoryNumber => Change::DropNumber(DirectoryNumber::new(name).ok()?),
        Kind::DevicePool => Change::DropPool(ObjectName::new(name).ok()?),
        Kind::Parameters => return None,
    })
}

struct Builder<'a> {
    world: &'a World,
    secrets: &'a BTreeMap<String, SipSecret>,
    now: Timestamp,
    ids_taken: i64,
}

impl Builder<'_> {
    fn id(&mut self, kind: Kind, name: &str) -> ObjectId {
        id_of(self.world, kind, name).unwrap_or_else(|| {
            self.ids_taken += 1;
            self.world.free_id(self.ids_taken - 1)
        })
    }

    fn put(&mut self, kind: Kind, name: &str, fields: &Fields) -> Option<Change> {
        Some(match kind {
            Kind::Parameters => Change::Parameters(read(fields)?),
            Kind::DevicePool => Change::PutPool(read(fields)?),
            Kind::Service => Change::PutService(read(fields)?),
            Kind::ButtonTemplate => Change::PutButtonTemplate(read(fields)?),
            Kind::DirectoryNumber => Change::PutNumber(read(fields)?),
            Kind::Profile => {
                let entry: ProfileEntry = read(fields)?;
                let id = self.id(kind, name);
                Change::PutProfile(Box::new(convert::profile(entry, id)))
            }
            Kind::ProfileDefault => {
                let entry: ProfileDefaultEntry = read(fields)?;
                Change::PutProfileDefault(Box::new(convert::profile_default(entry)))
            }
            Kind::Phone => {
                let entry: PhoneEntry = read(fields)?;
                let id = self.id(kind, name);
                let present = self.world.phones.get(&id).map(|phone| &**phone);
                let secret = match present {
                    Some(phone) => phone.sip_secret.clone(),
                    None => self.secrets.get(name)?.clone(),
                };
                let phone = convert::phone(entry, id, present, secret);
                Change::PutPhone(Box::new(phone))
            }
            Kind::User => {
                let entry: UserEntry = read(fields)?;
                let id = self.id(kind, name);
                let present = self.world.users.get(&id).map(|user| &**user);
                Change::PutUser(Box::new(convert::user(entry, id, present, self.now)))
            }
            Kind::ApplicationUser => {
                let entry: ApplicationUserEntry = read(fields)?;
                let present = self.world.application_users.get(&entry.id);
                let user = convert::application_user(entry, present.map(|user| &**user));
                Change::PutApplicationUser(user)
            }
        })
    }
}

fn read<T: DeserializeOwned>(fields: &Fields) -> Option<T> {
    serde_json::from_value(Value::Object(fields.clone())).ok()
}
