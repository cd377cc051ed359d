//! What of phone, profile and device profile default is in force.
//!
//! Where the profile was made for the family of the phone, it is the profile.
//! Else what does not depend on the device comes from the profile, and the
//! rest from the device profile default of the phone's model (Cisco, *Extension
//! Mobility 4.1*, Overview). Without such a default the phone's own settings
//! stand in for it: its soft keys, its modules, its precedence; lines and then
//! speed dials take the keys there are, the user's first line the first.

use super::{Bare, ResolveInput};
use crate::model::{
    DeviceProfile, Features, Line, Mlpp, ModelName, ObjectName, PhoneModel, ProfileDefault,
    SpeedDial,
};

/// Where the settings of a phone come from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// The phone itself.
    Phone,
    /// The snapshot of the phone.
    Snapshot(&'a DeviceProfile),
    /// A profile that was made for the family of the phone.
    Profile(&'a DeviceProfile),
    /// A profile that was made for another, and the default of the model.
    Mismatch(&'a DeviceProfile, Option<&'a ProfileDefault>),
}

impl<'a> Source<'a> {
    pub(super) fn of(input: &ResolveInput<'a>) -> Self {
        let profile = match (input.session, input.bare) {
            (Some((_, profile)), _) | (None, Bare::Profile(profile)) => profile,
            (None, Bare::Snapshot(snapshot)) => return Self::Snapshot(snapshot),
            (None, Bare::Phone) => return Self::Phone,
        };
        // The protocol never matters: one profile serves both.
        if input
            .catalogue
            .same_family(&profile.model, &input.model.name)
        {
            Self::Profile(profile)
        } else {
            Self::Mismatch(profile, input.profile_default)
        }
    }

    fn profile(self) -> Option<&'a DeviceProfile> {
        match self {
            Self::Phone => None,
            Self::Snapshot(profile) | Self::Profile(profile) | Self::Mismatch(profile, _) => {
                Some(profile)
            }
        }
    }

    /// The model that it was made for.
    pub(super) fn model(self, input: &ResolveInput<'a>) -> &'a ModelName {
        self.profile()
            .map_or(&input.model.name, |profile| &profile.model)
    }

    /// The add-on modules that it was made with.
    pub(super) fn made_with_modules(self) -> &'a [String] {
        self.profile()
            .map_or(&[], |profile| &profile.features.expansion_modules)
    }

    pub(super) fn lines(self, input: &ResolveInput<'a>) -> &'a [Line] {
        self.profile()
            .map_or(&input.phone.lines, |profile| &profile.lines)
    }

    /// Its speed dials. The phone's own emergency entries have keys of their
    /// own, also where the snapshot holds them; a user's profile has none: only
    /// the phone knows where it stands.
    pub(super) fn speed_dials(
        self,
        input: &ResolveInput<'a>,
    ) -> impl Iterator<Item = &'a SpeedDial> + use<'a> {
        let is_users = matches!(self, Self::Profile(_) | Self::Mismatch(..));
        self.profile()
            .map_or(&input.phone.speed_dials, |profile| &profile.speed_dials)
            .iter()
            .filter(move |dial| is_users || !dial.emergency)
    }
}

/// What is in force on a phone beside its keys and services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Whether the profile was made for another family than the phone's.
    pub is_mismatched: bool,
    /// Whether the phone's model has a device profile default.
    pub has_default: bool,
    /// The phone button template, where one is used.
    pub phone_button_template: Option<ObjectName>,
    /// The soft key template.
    pub softkey_template: Option<String>,
    /// The add-on modules in use, nearest first.
    pub expansion_modules: Vec<String>,
    /// The user locale; empty: the phone's built-in English.
    pub user_locale: String,
    /// The audio source that callers on hold hear; absent: the system's.
    pub user_hold_audio_source: Option<u8>,
    /// Whether restrictions on the presentation of callers are ignored.
    pub ignore_presentation_indicators: bool,
    /// Precedence and preemption, with what the device pool says.
    pub mlpp: Mlpp,
}

impl InForce {
    pub(super) fn of(input: &ResolveInput<'_>, source: Source<'_>) -> Self {
        let own = &input.phone.features;
        // Templates, modules and precedence come from here.
        let device: &Features = match source {
            Source::Phone | Source::Mismatch(_, None) => own,
            Source::Snapshot(profile) | Source::Profile(profile) => &profile.features,
            Source::Mismatch(_, Some(default)) => &default.features,
        };
        // Hold audio and presentation are the user's, wherever he sits.
        let users = source.profile().map_or(own, |profile| &profile.features);
        let is_mismatched = matches!(source, Source::Mismatch(..));
        Self {
            is_mismatched,
            has_default: input.profile_default.is_some(),
            phone_button_template: template(input, source, device),
            softkey_template: device
                .softkey_template
                .as_ref()
                .or(own.softkey_template.as_ref())
                .cloned(),
            expansion_modules: modules(
                input.model,
                &own.expansion_modules,
                &device.expansion_modules,
            ),
            user_locale: user_locale(input, source).to_owned(),
            user_hold_audio_source: users.user_hold_audio_source.or(match source {
                Source::Mismatch(_, Some(default)) => default.features.user_hold_audio_source,
                _ => None,
            }),
            ignore_presentation_indicators: users.ignore_presentation_indicators,
            mlpp: device.mlpp.or_pool(&input.pool.mlpp),
        }
    }
}

/// The phone button template: one that exists and was made for the family.
fn template(input: &ResolveInput<'_>, source: Source<'_>, device: &Features) -> Option<ObjectName> {
    let follows = match source {
        Source::Phone | Source::Snapshot(_) | Source::Profile(_) => true,
        // The phone's own template says where the phone's own lines are.
        Source::Mismatch(_, None) => false,
        Source::Mismatch(_, Some(_)) => !input.parameters.mismatch_reflows_buttons,
    };
    let name = device.phone_button_template.as_ref().filter(|_| follows)?;
    let template = input.button_templates.get(name)?;
    input
        .catalogue
        .same_family(&template.model, &input.model.name)
        .then(|| name.clone())
}

/// The add-on modules in use: those that the phone has and its model takes,
/// and of those the ones that are named, where any are.
fn modules(model: &PhoneModel, has: &[String], named: &[String]) -> Vec<String> {
    let mut named = named.to_vec();
    let takes_all = named.is_empty();
    has.iter()
        .filter(|module| model.expansion_modules.contains(module))
        .filter(|module| {
            takes_all
                || named
                    .iter()
                    .position(|name| name == *module)
                    .map(|at| named.swap_remove(at))
                    .is_some()
        })
        .take(usize::from(model.maximum_modules))
        .cloned()
        .collect()
}

/// The user locale (Cisco, *Extension Mobility 4.1*, Associating a User Device
/// Profile to a User, step 7): while somebody is signed in his own, then his
/// profile's; while nobody is, that of the profile that the phone takes then.
/// After those the default's on a phone of another family, the phone's, the
/// device pool's, and the service parameter's.
fn user_locale<'a>(input: &ResolveInput<'a>, source: Source<'a>) -> &'a str {
    let default = match source {
        Source::Mismatch(_, default) => default.and_then(|default| default.locale.as_deref()),
        Source::Phone | Source::Snapshot(_) | Source::Profile(_) => None,
    };
    [
        input.session.and_then(|(user, _)| user.locale.as_deref()),
        source
            .profile()
            .and_then(|profile| profile.locale.as_deref()),
        default,
        input.phone.locale.as_deref(),
        Some(input.pool.user_locale.as_str()),
    ]
    .into_iter()
    .flatten()
    .find(|locale| !locale.is_empty())
    .unwrap_or(&input.parameters.default_user_locale)
}
