//! Who may sign in: the users' hashes, a directory server, the policy for
//! credentials and its lock-outs.
//!
//! [`UserDirectory`] checks against the hashes in the store's world, and for
//! those who have none with an [`LdapServer`]; it changes PINs. [`Argon2Hasher`]
//! makes and checks hashes. Checks run off the async threads, a few at a time,
//! the others wait in a bounded queue.
//!
//! What must not be here: sessions, phones, or what a caller is told. The
//! reasons in [`crate::ports::Denied`] are for the journal.

mod candidate;
mod check;
mod hasher;
mod hmac;
mod ldap;
mod lockout;
mod pins;
mod remembered;
mod remote;
mod settings;
mod sources;
mod user_directory;

#[cfg(test)]
mod tests;

pub use hasher::Argon2Hasher;
#[doc(hidden)]
pub use ldap::probe as ldap_probe;
pub use ldap::{LdapServer, LdapSettings, LookFault, Person};
pub use lockout::CredentialPolicy;
pub use pins::date_pins;
pub use settings::DirectorySettings;
pub use sources::SourcePolicy;
pub use user_directory::UserDirectory;
