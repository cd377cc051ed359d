//! The site file: phones, profiles, people and services as one TOML text, in
//! and out.
//!
//! [`parse`] reads it, [`check`] says what is wrong with it before a phone
//! does, [`apply`] leads the stored site to it, [`export`] prints the stored
//! site as such a file. `apply` is a three-way merge between what was applied
//! last, the file, and what is stored now; its table of cases is in `merge`.
//!
//! What must not live here: who is signed in (the heart decides that; a
//! session ends here only with the object it stands on), and what a phone
//! shows, which follows from the stored site by itself.

mod apply;
mod auto;
mod check;
mod convert;
mod credentials;
mod document;
mod export;
pub mod import;
mod merge;
mod normal;
mod plan;
mod together;
mod translate;

#[cfg(test)]
mod tests;

pub use apply::{ApplyError, Options, apply};
pub use auto::{auto_profile, profile_as_text, profile_as_value};
pub use check::{Finding, Severity, check, check_with};
pub use document::{
    ApplicationUserEntry, PhoneEntry, Placed, ProfileDefaultEntry, ProfileEntry, SiteDocument,
    SiteError, UserEntry, parse,
};
pub use export::export;
pub use merge::Drift;
pub use normal::Kind;
pub use plan::{Action, ApplyPlan, Keeping, Leaving, Restart, Verb};

use crate::model::World;

/// The site that a file alone makes: no secrets, nobody signed in.
pub fn world_of(file: &SiteDocument) -> World {
    together::site_of(file, None)
}

/// Whether nothing is configured yet, so that a first site file may fill it.
pub fn is_empty(world: &World) -> bool {
    world.applied.is_none()
        && world.phones.is_empty()
        && world.profiles.is_empty()
        && world.users.is_empty()
        && world.application_users.is_empty()
}
