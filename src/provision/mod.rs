//! Provisioning: a file name becomes an artefact becomes bytes.
//!
//! The one resolver behind TFTP and HTTP ([`Resolver`]), the templates,
//! tables and words of `phone-configs/` ([`PhoneConfigs`], [`Renderer`],
//! [`Wording`]), and the folder of static files ([`StaticFiles`]: loads,
//! locales, ring tones, wallpapers; [`firmware`], [`media`]).
//!
//! What a phone should hold is decided in `model`; here it is only written
//! down. Trust lists and signed files are made in [`trust`]. No transfer protocol lives here, and no decision about sessions.

mod compiled;
mod configs;
mod deliveries;
pub mod firmware;
pub mod media;
mod names;
mod newcomers;
mod recent;
mod render;
mod report;

mod resolver;
mod settings;
mod statics;
mod tables;
#[cfg(test)]
mod tests;
mod text;
pub mod trust;
mod view;
mod wlan;
mod wording;
mod xml;

pub use configs::{ConfigError, ConfigFile, PhoneConfigs, Replaced};
pub use names::{Artefact, FileName};
pub use render::{RenderContext, RenderError, Renderer};
pub use report::{FolderReport, loads_of_site, locales_of_site};
pub use resolver::{ProtocolSeen, Resolver, ResolverParts};

pub use settings::{Settings, host_time_zone};
pub use statics::{StaticAnswer, StaticFiles};
pub use tables::{TableError, TimeZones, ZoneName, load_catalogue};
pub use view::AdvertisedPorts;
pub use wlan::Wlan;
pub use wording::{Language, Room, Word, Wording, Words, fill};
