//! The XML of Cisco's Extension Mobility login service, as login applications
//! speak it to `/emservice/EMServiceServlet` and, before CallManager 4.0, to
//! `/LoginService/login.asp`.
//!
//! What lives here: requests and queries ([`parse`], [`Envelope`]), the form
//! control that carries them ([`form`]), answers ([`Response`],
//! [`parse_response`]), and the two tables of numbers that the service
//! ([`Code`]) and the phone application ([`AppCode`]) answer with.
//!
//! What does not: who may do what, and whether it succeeds. Nothing here knows
//! a phone or a user, and this room imports nothing from the crate.
//!
//! Source throughout: Cisco, *Extension Mobility API Developer Guide*, chapters
//! *Message Document Type Definitions*, *Messages* and *Error Codes*, of release
//! 3.1 to 15.

mod app_code;
mod code;
pub mod form;
mod parse;
mod read_response;
mod reading;
mod request;
mod response;
mod user_id;
mod wording;
mod xml;

pub use app_code::AppCode;
pub use code::{Attempt, Code};
pub use parse::{ParseError, parse, parse_with};
pub use read_response::parse_response;
pub use reading::{ChildOrder, LoginTypeElement, Reading, RootElement, UnknownElements};
pub use request::{
    AppInfo, Certificate, Credential, Envelope, ExclusiveDuration, LoginType, Operation, Origin,
    Root,
};
pub use response::{
    DeviceEntry, Failure, Lookup, Occupancy, Profile, ProfileEntry, Response, UserEntry,
};
pub use user_id::{decode_user_id, encode_user_id};
pub use wording::{DeviceResults, Generation, ProfileResults, QueryFailure, Wording};
pub use xml::{Reason, Shown};

/// Bytes of the largest document that is read. Our own bound: a query for a
/// thousand devices needs about 40,000.
pub const DOCUMENT_LIMIT: usize = 64 * 1024;

#[cfg(test)]
mod tests;
