//! Between the objects of the file and the nouns of the model.

use super::check::Settings;
use super::document::{
    ApplicationUserEntry, PhoneEntry, ProfileDefaultEntry, ProfileEntry, UserEntry,
};
use crate::model::{
    ApplicationUser, DeviceProfile, Features, Line, ObjectId, Phone, ProfileDefault, SipSecret,
    SpeedDial, Timestamp, User,
};

/// What an entry has of what phones, profiles and defaults have in common.
macro_rules! common {
    ($entry:ty, $who:literal, $name:ident, $lines:expr, $dials:expr) => {
        impl $entry {
            /// Templates, add-on modules, audio, precedence.
            fn features(&self) -> Features {
                Features {
                    phone_button_template: self.phone_button_template.clone(),
                    softkey_template: self.softkey_template.clone(),
                    expansion_modules: self.expansion_modules.clone(),
                    user_hold_audio_source: self.user_hold_audio_source,
                    ignore_presentation_indicators: self.ignore_presentation_indicators,
                    mlpp: self.mlpp.clone(),
                }
            }

            /// All that it has in common, for checks.
            pub(super) fn settings(&self) -> Settings<'_> {
                let lines: fn(&Self) -> &[Line] = $lines;
                let dials: fn(&Self) -> &[SpeedDial] = $dials;
                Settings {
                    line: None,
                    who: format!("{} {}", $who, self.$name),
                    model: &self.model,
                    locale: self.locale.as_deref(),
                    features: self.features(),
                    lines: lines(self),
                    dials: dials(self),
                    services: &self.service,
                }
            }
        }
    };
}

common!(PhoneEntry, "phone", name, |e| &e.line, |e| &e.speed_dial);
common!(ProfileEntry, "profile", name, |e| &e.line, |e| &e
    .speed_dial);
common!(
    ProfileDefaultEntry,
    "profile default",
    model,
    |_| &[],
    |_| &[]
);

impl From<&Phone> for PhoneEntry {
    fn from(phone: &Phone) -> Self {
        Self {
            name: phone.name.clone(),
            model: phone.model.clone(),
            protocol: phone.protocol,
            extension_mobility: phone.extension_mobility,
            logout_profile: phone.logout_profile.clone(),
            device_pool: phone.device_pool.clone(),
            locale: phone.locale.clone(),
            owner: phone.owner.clone(),
            description: phone.description.clone(),
            load: phone.load.clone(),
            phone_button_template: phone.features.phone_button_template.clone(),
            expansion_modules: phone.features.expansion_modules.clone(),
            softkey_template: phone.features.softkey_template.clone(),
            user_hold_audio_source: phone.features.user_hold_audio_source,
            ignore_presentation_indicators: phone.features.ignore_presentation_indicators,
            mlpp: phone.features.mlpp.clone(),
            confirm_logout: phone.confirm_logout,
            vendor_config: phone.vendor_config.clone(),
            line: phone.lines.clone(),
            speed_dial: phone.speed_dials.clone(),
            service: phone.services.clone(),
        }
    }
}

/// The phone of an entry. What the phone itself showed is kept as long as the
/// configured model and protocol stay: a new word of the operator wins.
pub(super) fn phone(
    entry: PhoneEntry,
    id: ObjectId,
    present: Option<&Phone>,
    sip_secret: SipSecret,
) -> Phone {
    let same = |same: bool| present.filter(|_| same);
    let present_model = present.is_some_and(|phone| phone.model == entry.model);
    let present_protocol = present.is_some_and(|phone| phone.protocol == entry.protocol);
    let features = entry.features();
    Phone {
        id,
        observed_protocol: same(present_model && present_protocol)
            .and_then(|phone| phone.observed_protocol),
        observed_model: same(present_model).and_then(|phone| phone.observed_model.clone()),
        sip_secret,
        // Whoever writes it into the file has approved it.
        auto_registered: None,
        name: entry.name,
        model: entry.model,
        protocol: entry.protocol,
        extension_mobility: entry.extension_mobility,
        logout_profile: entry.logout_profile,
        locale: entry.locale,
        device_pool: entry.device_pool,
        owner: entry.owner,
        description: entry.description,
        load: entry.load,
        features,
        confirm_logout: entry.confirm_logout,
        vendor_config: entry.vendor_config,
        lines: entry.line,
        speed_dials: entry.speed_dial,
        services: entry.service,
    }
}

impl From<&DeviceProfile> for ProfileEntry {
    fn from(profile: &DeviceProfile) -> Self {
        Self {
            name: profile.name.clone(),
            model: profile.model.clone(),
            description: profile.description.clone(),
            locale: profile.locale.clone(),
            phone_button_template: profile.features.phone_button_template.clone(),
            expansion_modules: profile.features.expansion_modules.clone(),
            softkey_template: profile.features.softkey_template.clone(),
            user_hold_audio_source: profile.features.user_hold_audio_source,
            ignore_presentation_indicators: profile.features.ignore_presentation_indicators,
            mlpp: profile.features.mlpp.clone(),
            maximum_idle_time: profile.maximum_idle_time,
            line: profile.lines.clone(),
            speed_dial: profile.speed_dials.clone(),
            service: profile.services.clone(),
        }
    }
}

/// The profile of an entry.
pub(super) fn profile(entry: ProfileEntry, id: ObjectId) -> DeviceProfile {
    let features = entry.features();
    DeviceProfile {
        id,
        name: entry.name,
        model: entry.model,
        description: entry.description,
        locale: entry.locale,
        features,
        maximum_idle_time: entry.maximum_idle_time,
        lines: entry.line,
        speed_dials: entry.speed_dial,
        services: entry.service,
    }
}

impl From<&ProfileDefault> for ProfileDefaultEntry {
    fn from(default: &ProfileDefault) -> Self {
        Self {
            model: default.model.clone(),
            locale: default.locale.clone(),
            phone_button_template: default.features.phone_button_template.clone(),
            expansion_modules: default.features.expansion_modules.clone(),
            softkey_template: default.features.softkey_template.clone(),
            user_hold_audio_source: default.features.user_hold_audio_source,
            ignore_presentation_indicators: default.features.ignore_presentation_indicators,
            mlpp: default.features.mlpp.clone(),
            service: default.services.clone(),
        }
    }
}

/// The device profile default of an entry.
pub(super) fn profile_default(entry: ProfileDefaultEntry) -> ProfileDefault {
    let features = entry.features();
    ProfileDefault {
        model: entry.model,
        locale: entry.locale,
        features,
        services: entry.service,
    }
}

impl From<&User> for UserEntry {
    fn from(user: &User) -> Self {
        Self {
            id: user.user_id.clone(),
            alias: user.alias.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            pin: None,
            pin_hash: user.pin.clone(),
            password: None,
            password_hash: user.password.clone(),
            profiles: user.profiles.clone(),
            locale: user.locale.clone(),
            primary_extension: user.primary_extension.clone(),
            self_service_id: user.self_service_id.clone(),
            controlled_phones: user.controlled_phones.clone(),
            multiple_login_behavior: user.multiple_login_behavior,
            excluded: user.excluded,
            extension_assigner: user.extension_assigner,
            pin_must_change: user.pin_must_change,
        }
    }
}

/// The user of an entry whose credentials are hashes. The version counts on
/// when either credential changed; a PIN that changed is as old as that.
pub(super) fn user(entry: UserEntry, id: ObjectId, present: Option<&User>, now: Timestamp) -> User {
    let same = present
        .is_some_and(|user| user.pin == entry.pin_hash && user.password == entry.password_hash);
    let version = present.map_or(0, |user| user.credential_version);
    let same_pin = present.filter(|user| user.pin == entry.pin_hash);
    let pin_set = match same_pin {
        Some(user) => user.pin_set,
        None => entry.pin_hash.as_ref().map(|_| now),
    };
    User {
        id,
        credential_version: if same { version } else { version + 1 },
        user_id: entry.id,
        alias: entry.alias,
        first_name: entry.first_name,
        last_name: entry.last_name,
        pin: entry.pin_hash,
        password: entry.password_hash,
        profiles: entry.profiles,
        locale: entry.locale,
        primary_extension: entry.primary_extension,
        self_service_id: entry.self_service_id,
        controlled_phones: entry.controlled_phones,
        multiple_login_behavior: entry.multiple_login_behavior,
        excluded: entry.excluded,
        extension_assigner: entry.extension_assigner,
        pin_must_change: entry.pin_must_change,
        pin_set,
    }
}

impl From<&ApplicationUser> for ApplicationUserEntry {
    fn from(user: &ApplicationUser) -> Self {
        Self {
            id: user.user_id.clone(),
            password: None,
            password_hash: user.password.clone(),
            proxy_rights: user.proxy_rights,
        }
    }
}

/// The application user of an entry whose password is a hash.
pub(super) fn application_user(
    entry: ApplicationUserEntry,
    present: Option<&ApplicationUser>,
) -> ApplicationUser {
    let same = present.is_some_and(|user| user.password == entry.password_hash);
    let version = present.map_or(0, |user| user.credential_version);
    ApplicationUser {
        user_id: entry.id,
        password: entry.password_hash,
        credential_version: if same { version } else { version + 1 },
        proxy_rights: entry.proxy_rights,
    }
}
