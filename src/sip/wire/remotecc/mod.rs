//! Cisco's remote call control: XML bodies in REGISTER and REFER, both ways.
//!
//! `read` recognises what a phone says: which options it offers, that it registers all lines at once, which soft key
//! was pressed. `write` makes what a server says: the answer to the options, and the update after a registration
//! that leaves nothing of the last user on the phone.
//!
//! Sources: Cisco Unified CME System Administrator Guide, "Bulk Registration Support for SIP Phones"; traces of
//! CUCM 11.5 and 12.0.

mod read;
mod write;

pub use read::{
    Delivery, DeviceAlarm, DialogId, Item, OptionsOffer, RemoteccError, SoftkeyEvent, items,
};
pub use write::{
    DoNotDisturb, LineStatus, OptionsAnswer, RegistrationUpdate, StatusNotice, bulk_update,
    data_pass_through, dnd_update, hunt_update, status_notice,
};

/// The media type of requests.
pub const REQUEST_TYPE: &str = "application/x-cisco-remotecc-request+xml";
/// The media type of an object for the display.
pub const OBJECT_TYPE: &str = "application/x-cisco-remotecc-cm+xml";
/// The media type of responses.
pub const RESPONSE_TYPE: &str = "application/x-cisco-remotecc-response+xml";
/// The media type of the alarms that phones send before they register.
pub const ALARM_TYPE: &str = "application/x-cisco-alarm+xml";
/// Where a REFER points that asks for permission to come back to this server.
pub const TOKEN_REGISTRATION: &str = "urn:x-cisco-remotecc:token-registration";
