//! Between the objects of the file and the nouns of the model.

use super::document::{
    ApplicationUserEntry, PhoneEntry, ProfileDefaultEntry, ProfileEntry, UserEntry,
};
use crate::model::{
    ApplicationUser, DeviceProfile, Features, ObjectId, Phone, ProfileDefault, SipSecret,
    Timestamp, User,
};

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
            phone_button_template: phone.features.phone_button_template.clone(),
            expansion_modules: phone.features.expansion_modules.clone(),
            softkey_template: phone.features.softkey_template.clone(),
            user_hold_audio_source: phone.features.user_hold_audio_source,
            ignore_presentation_indicators: phone.features.ignore_presentation_indicators,
            mlpp: phone.features.mlpp.clone(),
            confirm_logout: phone.confirm_logout,
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
    Phone {
        id,
        observed_protocol: same(present_model && present_protocol)
            .and_then(|phone| phone.observed_protocol),
        observed_model: same(present_model).and_then(|phone| phone.observed_model.clone()),
        sip_secret,
        name: entry.name,
        model: entry.model,
        protocol: entry.protocol,
        extension_mobility: entry.extension_mobility,
        logout_profile: entry.logout_profile,
        locale: entry.locale,
        device_pool: entry.device_pool,
        owner: entry.owner,
        description: entry.description,
        features: Features {
            phone_button_template: entry.phone_button_template,
            softkey_template: entry.softkey_template,
            expansion_modules: entry.expansion_modules,
            user_hold_audio_source: entry.user_hold_audio_source,
            ignore_presentation_indicators: entry.ignore_presentation_indicators,
            mlpp: entry.mlpp,
        },
        confirm_logout: entry.confirm_logout,
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
    DeviceProfile {
        id,
        name: entry.name,
        model: entry.model,
        description: entry.description,
        locale: entry.locale,
        features: Features {
            phone_button_template: entry.phone_button_template,
            softkey_template: entry.softkey_template,
            expansion_modules: entry.expansion_modules,
            user_hold_audio_source: entry.user_hold_audio_source,
            ignore_presentation_indicators: entry.ignore_presentation_indicators,
            mlpp: entry.mlpp,
        },
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
    ProfileDefault {
        model: entry.model,
        locale: entry.locale,
        features: Features {
            phone_button_template: entry.phone_button_template,
            softkey_template: entry.softkey_template,
            expansion_modules: entry.expansion_modules,
            user_hold_audio_source: entry.user_hold_audio_source,
            ignore_presentation_indicators: entry.ignore_presentation_indicators,
            mlpp: entry.mlpp,
        },
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
            pin_must_change: false,
        }
    }
}

/// What is true of a PIN that is written now.
#[derive(Clone, Copy)]
pub(super) struct FreshPin {
    pub(super) now: Timestamp,
    pub(super) must_change: bool,
}

/// The user of an entry whose credentials are hashes. The version counts on
/// when either credential changed.
pub(super) fn user(
    entry: UserEntry,
    id: ObjectId,
    present: Option<&User>,
    fresh: FreshPin,
) -> User {
    let same = present
        .is_some_and(|user| user.pin == entry.pin_hash && user.password == entry.password_hash);
    let version = present.map_or(0, |user| user.credential_version);
    // A PIN that the file writes is as old as the write; one that stays is as
    // old as it was.
    let (pin_set, pin_must_change) = match present {
        Some(user) if user.pin == entry.pin_hash => (user.pin_set, user.pin_must_change),
        _ if entry.pin_hash.is_none() => (None, false),
        _ => (Some(fresh.now), fresh.must_change),
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
        pin_must_change,
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
