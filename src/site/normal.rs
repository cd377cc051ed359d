//! The one form in which the file, the stored site and the last applied file
//! are compared: objects by kind and name, each a set of fields. Fields at
//! their default are absent wherever absence means the default; credentials
//! are hashes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::credentials::Credentials;
use super::document::{
    ApplicationUserEntry, PhoneEntry, Placed, ProfileDefaultEntry, ProfileEntry, SiteDocument,
    UserEntry,
};
use crate::model::{ButtonTemplate, DevicePool, NumberRecord, Parameters, Phone, Service, World};

/// The kinds of object, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Service parameters; one object without a name.
    Parameters,
    /// A device pool.
    DevicePool,
    /// A phone.
    Phone,
    /// A user device profile.
    Profile,
    /// A device profile default, named by its model.
    ProfileDefault,
    /// A phone button template.
    ButtonTemplate,
    /// A user.
    User,
    /// An application user.
    ApplicationUser,
    /// A service.
    Service,
    /// A number.
    DirectoryNumber,
}

impl Kind {
    /// The key of its table in the file.
    pub fn table(self) -> &'static str {
        match self {
            Self::Parameters => "parameters",
            Self::DevicePool => "device_pool",
            Self::Phone => "phone",
            Self::Profile => "profile",
            Self::ProfileDefault => "profile_default",
            Self::ButtonTemplate => "phone_button_template",
            Self::User => "user",
            Self::ApplicationUser => "application_user",
            Self::Service => "service",
            Self::DirectoryNumber => "directory_number",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parameters => "parameters",
            Self::DevicePool => "device pool",
            Self::Phone => "phone",
            Self::Profile => "profile",
            Self::ProfileDefault => "profile default",
            Self::ButtonTemplate => "phone button template",
            Self::User => "user",
            Self::ApplicationUser => "application user",
            Self::Service => "service",
            Self::DirectoryNumber => "number",
        })
    }
}

/// The fields of an object.
pub(super) type Fields = Map<String, Value>;

/// The field that holds the hash of a PIN.
pub(super) const PIN: &str = "pin_hash";
/// The field that holds the hash of a password.
pub(super) const PASSWORD: &str = "password_hash";

/// The field that says whether a PIN must be changed first.
pub(super) const MUST_CHANGE: &str = "pin_must_change";

/// Whether a field is an initial value: the users' own word counts after it.
pub(super) fn is_initial(field: &str) -> bool {
    is_credential(field) || field == MUST_CHANGE
}

/// Whether a field is a credential: an initial value, and a secret.
pub(super) fn is_credential(field: &str) -> bool {
    matches!(field, PIN | PASSWORD)
}

/// An object of the file.
pub(super) trait Entry: Serialize {
    /// Its kind.
    const KIND: Kind;
    /// Its name among its kind.
    fn name(&self) -> &str;
}

macro_rules! entry {
    ($type:ty, $kind:ident, $field:ident) => {
        impl Entry for $type {
            const KIND: Kind = Kind::$kind;
            fn name(&self) -> &str {
                self.$field.as_str()
            }
        }
    };
}

entry!(DevicePool, DevicePool, name);
entry!(PhoneEntry, Phone, name);
entry!(ProfileEntry, Profile, name);
entry!(ProfileDefaultEntry, ProfileDefault, model);
entry!(ButtonTemplate, ButtonTemplate, name);
entry!(UserEntry, User, id);
entry!(ApplicationUserEntry, ApplicationUser, id);
entry!(Service, Service, name);
entry!(NumberRecord, DirectoryNumber, number);

/// A site in the form for comparing. It holds hashes: it is never printed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Normal {
    version: u32,
    objects: BTreeMap<Kind, BTreeMap<String, Fields>>,
}

impl Normal {
    /// The version of this form in the store.
    const VERSION: u32 = 1;

    fn with_parameters(parameters: &Parameters) -> Self {
        let mut normal = Self {
            version: Self::VERSION,
            objects: BTreeMap::new(),
        };
        normal.put(Kind::Parameters, "", fields(parameters));
        normal
    }

    /// The file, its PINs and passwords replaced by their hashes.
    pub(super) fn of_file(file: &SiteDocument, credentials: &Credentials) -> Self {
        let mut normal = Self::with_parameters(&file.parameters);
        normal.add_all(&file.device_pools);
        normal.add_all(&file.phones);
        normal.add_all(&file.profiles);
        normal.add_all(&file.profile_defaults);
        normal.add_all(&file.button_templates);
        normal.add_all(&file.users);
        normal.add_all(&file.application_users);
        normal.add_all(&file.services);
        normal.add_all(&file.directory_numbers);
        for ((kind, name, field), hash) in credentials {
            let object = normal.objects.get_mut(kind);
            if let Some(fields) = object.and_then(|objects| objects.get_mut(name)) {
                fields.insert((*field).to_owned(), Value::String(hash.expose().to_owned()));
            }
        }
        normal
    }

    /// The stored site.
    pub(super) fn of_world(world: &World) -> Self {
        let mut normal = Self::with_parameters(&world.parameters);
        for pool in world.pools.values() {
            normal.add(&**pool);
        }
        // One that waits for approval is no part of the site yet.
        let approved = |phone: &&Arc<Phone>| !phone.awaits_approval();
        for phone in world.phones.values().filter(approved) {
            normal.add(&PhoneEntry::from(&**phone));
        }
        for profile in world.profiles.values() {
            normal.add(&ProfileEntry::from(&**profile));
        }
        for default in world.profile_defaults.values() {
            normal.add(&ProfileDefaultEntry::from(&**default));
        }
        for template in world.button_templates.values() {
            normal.add(&**template);
        }
        for user in world.users.values() {
            normal.add(&UserEntry::from(&**user));
        }
        for user in world.application_users.values() {
            normal.add(&ApplicationUserEntry::from(&**user));
        }
        for service in world.services.values() {
            normal.add(service);
        }
        for number in world.numbers.values() {
            normal.add(number);
        }
        normal
    }

    /// What was applied last; nothing but the default parameters when nothing
    /// was, or when it was written in a form that is not known: then all that
    /// differs counts as made elsewhere, and nothing is lost. Parameters that
    /// it knew nothing of were at their defaults then.
    pub(super) fn of_applied(applied: Option<&str>) -> Self {
        let applied = applied
            .and_then(|json| serde_json::from_str::<Self>(json).ok())
            .filter(|normal| normal.version == Self::VERSION);
        let Some(mut normal) = applied else {
            return Self::with_parameters(&Parameters::default());
        };
        if let Some(present) = normal
            .objects
            .get_mut(&Kind::Parameters)
            .and_then(|objects| objects.get_mut(""))
        {
            for (name, value) in fields(&Parameters::default()) {
                present.entry(name).or_insert(value);
            }
        }
        normal
    }

    /// As it is stored.
    pub(super) fn to_json(&self) -> String {
        // Strings, maps and lists only: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// An object.
    pub(super) fn get(&self, kind: Kind, name: &str) -> Option<&Fields> {
        self.objects
            .get(&kind)
            .and_then(|objects| objects.get(name))
    }

    /// All objects in the order of the file, then by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Kind, &str, &Fields)> {
        self.objects.iter().flat_map(|(kind, objects)| {
            objects
                .iter()
                .map(|(name, fields)| (*kind, name.as_str(), fields))
        })
    }

    /// Puts an object in.
    pub(super) fn put(&mut self, kind: Kind, name: &str, fields: Fields) {
        self.objects
            .entry(kind)
            .or_default()
            .insert(name.to_owned(), fields);
    }

    /// An empty site of this form.
    pub(super) fn empty() -> Self {
        Self {
            version: Self::VERSION,
            objects: BTreeMap::new(),
        }
    }

    fn add<T: Entry>(&mut self, entry: &T) {
        self.put(T::KIND, entry.name(), fields(entry));
    }

    fn add_all<T: Entry>(&mut self, entries: &[Placed<T>]) {
        for entry in entries {
            self.add(&entry.value);
        }
    }
}

/// The fields of an entry.
pub(super) fn fields<T: Serialize>(value: &T) -> Fields {
    match serde_json::to_value(value) {
        Ok(Value::Object(mut fields)) => {
            fields.retain(|_, value| !value.is_null());
            fields
        }
        // An entry is a struct of strings, numbers and lists.
        Ok(_) | Err(_) => Fields::new(),
    }
}
