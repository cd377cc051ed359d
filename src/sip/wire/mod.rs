//! The SIP codec: bytes to values and back, tolerant in what it reads, lossless in what it echoes.
//!
//! It is written for what Cisco enterprise firmware sends: compact and folded headers, blanks before the colon,
//! quoted Contact parameters with names such as `+u.sip!devicename.ccm.cisco.com`, several messages in one TCP
//! segment, bodies that lack their last line end. Every header keeps the bytes it came with; typed readers look
//! at those bytes on demand, so that a peculiar header harms only whoever asks for it, and Via, From, To,
//! Call-ID, CSeq and Contact go back exactly as they came.
//!
//! What must not live here: state, sockets, clocks, transactions, policy. Time and randomness are arguments.
//! Nothing here names another room of the crate.
//!
//! The grammar is RFC 3261; what a Cisco phone adds to it is marked where it is read.

mod cisco;
mod date;
pub mod digest;
mod error;
mod field;
mod framer;
mod message;
mod method;
pub mod multipart;
mod name_addr;
mod nonce;
pub mod outgoing;
mod params;
mod parse;
pub mod remotecc;
mod respond;
mod scan;
mod secret;
pub mod service_control;
mod status;
mod typed;
mod uri;
mod values;
mod via;
mod xml;

#[cfg(test)]
pub(crate) mod tests;

pub use cisco::{CiscoAlarm, Mac, SipInstance, mac_in_call_id};
pub use date::{date_text, parse_date};
pub use error::{Fault, ParseError, ParseErrorKind, Partial, ValueError, Violation};
pub use field::{Field, HeaderName, Headers};
pub use framer::{Frame, FrameError, Framer};
pub use message::{Message, StartLine};
pub use method::Method;
pub use name_addr::{Contact, Contacts, NameAddr};
pub use nonce::{NONCE_LIFETIME, NonceKey, NonceState};
pub use params::{Param, Params};
pub use parse::{Limits, parse_datagram};
pub use secret::Secret;
pub use status::StatusCode;
pub use uri::{Host, HostPort, SipUri, Uri};
pub use values::{CSeq, EventType, MediaType, Reason, SessionId};
pub use via::{Rport, Transport, Via};
pub use xml::XmlError;
