//! The XML objects of Cisco's IP Phone Services: the pages that a phone shows
//! behind its Services key.
//!
//! What lives here: the objects with their limits ([`Menu`], [`Text`],
//! [`Input`], [`Directory`], [`Execute`], and what a phone answers,
//! [`Response`] and [`ErrorReport`]), the soft key layouts of the phone
//! generations, the two character sets that phones read, the writer of pages
//! and a reader that is as strict, or as forgiving, as the firmware is.
//!
//! What does not: HTTP (headers, routes), the wording of pages, and any
//! knowledge of Extension Mobility. This room imports nothing from the crate.
//!
//! Source throughout: Cisco, *Unified IP Phone Services Application
//! Development Notes*, chapters *XML Object Definitions*, *Internal URI
//! Features* and *Troubleshooting*, and the XML schema published with it.
//!
//! ```
//! use embody::phonexml::{Charset, Input, InputFlags, InputItem, SoftKeyLayout, Url};
//!
//! let url = Url::new("http://192.0.2.1:8080/emapp/EMAppServlet?device=SEP001122334455")?;
//! let page = Input::new(url)
//!     .title("Extension Mobility")
//!     .prompt("Please sign on")
//!     .item(InputItem::new("userid", InputFlags::ASCII)?.named("UserID"))
//!     .item(InputItem::new("seq", InputFlags::NUMERIC.masked())?.named("PIN"))
//!     .with_keys(SoftKeyLayout::for_model("CP-7961G"));
//! let body = page.to_bytes(Charset::Utf8);
//! assert!(body.starts_with(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
//! # Ok::<(), embody::phonexml::FieldError>(())
//! ```

mod charset;
mod check;
mod execute;
mod field;
mod input;
pub mod limits;
mod model;
mod object;
mod read;
mod rules;
mod softkey;
mod submit;
mod tree;
mod write;

pub use charset::Charset;
pub use execute::{ErrorReport, Execute, ExecuteItem, Priority, Response, ResponseItem};
pub use field::{FieldError, Label, Limited, Url};
pub use input::{Input, InputFlags, InputItem, InputMode, SubmitMethod};
pub use object::{Directory, DirectoryEntry, Frame, Menu, MenuItem, Object, Text};
pub use read::{PhoneFault, Strictness, parse, parse_with_charset};
pub use softkey::{KeyLabels, KeyRole, Position, SoftKey, SoftKeyItem, SoftKeyLayout};
pub use submit::{Submission, SubmitError};

#[cfg(test)]
mod tests;
