//! The virtual phone: it boots, registers, browses its Services menu, and obeys.
//!
//! What lives here: five phones of three generations, as far as Extension
//! Mobility touches them, and the models that are like one of them, with the
//! display of each and the way in which each [`Family`] of loads boots. They read files, pages and messages for themselves,
//! by what Cisco's firmware does, and where firmware is hard to please they
//! are, too: what a real phone would stumble over is reported as a [`Fault`].
//! The demonstration, the tests and the load generator drive them through
//! [`Handset`]. Its own web server is on when [`Handset::serve_web`] says so.
//!
//! What must not live here: anything of the server. Of the rest of the crate
//! only the codecs are used (`wire` of each protocol, `phonexml`), so that the
//! phone and the server cannot share a mistake beyond those.
//!
//! Not imitated: calls, secure signalling, signed files, a second call
//! manager's keepalive, running a firmware that was downloaded, cookies.
//!
//! ```no_run
//! use embody::handset::{Handset, Kind, Mac, Pace, Profile, Servers};
//!
//! # async fn story(tftp: std::net::SocketAddr) -> Result<(), Box<dyn std::error::Error>> {
//! let mac = Mac::from_hex("001122334455").ok_or("no MAC address")?;
//! let phone = Handset::spawn(
//!     Profile::new(Kind::Cisco7961, mac),
//!     Servers::new(tftp),
//!     Pace::default(),
//! );
//! phone.wait_registered().await?;
//! phone.press_services().await?;
//! let form = phone.choose("Extension Mobility").await?;
//! println!("{}", form.map(|page| page.draw()).unwrap_or_default());
//! phone.fill(&[("userid", "alice"), ("seq", "58213")]).await?;
//! phone.soft_key("Submit").await?;
//! phone.wait_registrations(2).await?;
//! # Ok(()) }
//! ```

mod boot;
mod browser;
mod cause;
mod chance;
mod display;
mod event;
mod family;
mod fault;
mod file;
mod firmware;
mod fleet;
mod handle;
mod hook;
mod http;
mod life;
mod model;
mod net;
mod page;
mod phone;
mod profile;
mod sccp;
mod seen;
mod sip;
#[cfg(test)]
mod testing;
mod tftp;
mod uri;
mod web;
mod xml;

pub use crate::sip::wire::Mac;

pub use browser::BrowseError;
pub use display::{Clock, Display, Labels, Letters, MainScreen, Panel};
pub use event::{
    ButtonKind, ButtonSeen, FileOutcome, FileService, HandsetEvent, Order, Orders, Pushed, Traffic,
};
pub use family::{Family, Fetch};
pub use fault::{Fault, PageFault};
pub use file::{BootFile, CallManager, Provisioning, ServiceEntry, SipLine, SipProfile};
pub use firmware::{LoadPart, NotWhole};
pub use fleet::{Fleet, FleetPlan, Member, Tally};
pub use handle::{Gone, Handset};
pub use hook::{HookPoint, Pause, Pull};
pub use model::{Client, Model};
pub use page::{Page, PageField, PageKey, PageKind, Refresh};
pub use profile::{Kind, Pace, Profile, Protocol, Servers};
