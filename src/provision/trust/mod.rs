//! Trust lists and signed files, for sites that want them.
//!
//! A phone that holds a trust list takes its configuration only with the
//! signature of somebody in that list. Here are the layout of such files
//! ([`SignedFile`], [`Header`], [`Record`]), the site key and its folder
//! ([`TrustFolder`]), what the resolver answers with when signing is on
//! ([`Signing`]), and what the command line prints of any such file
//! ([`describe`], [`verify`]).
//!
//! Firmware is never signed here: phones check it against a key of their
//! maker. Neither are files encrypted, nor certificates made for phones.

mod asked;
mod certificate;
mod describe;
mod folder;
mod header;
mod key;
mod record;
mod signing;
#[cfg(test)]
mod tests;
mod tlv;
mod verify;

pub(super) use asked::{Asked, asked};
pub use certificate::{Certificate, CertificateError, Owner};
pub use describe::describe;
pub use folder::{Created, FolderError, Site, TrustFolder, WebIdentity};
pub use header::{
    HashAlgorithm, Header, Modulus, SignedFile, Signer, Text, Unreadable, Unwritable, Version,
};
pub use key::{KeyError, SiteKey};
pub use record::{Record, Role, read_records, write_records};
pub use signing::{SealError, Signing, SigningSettings};
pub use verify::{Verdict, verify};
