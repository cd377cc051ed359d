//! Who may sign in: local hashes, the credential policy and its lock-out.
//!
//! [`LocalDirectory`] checks against the hashes in the store's world,
//! [`Argon2Hasher`] makes and checks such hashes. Checks run off the async
//! threads, a few at a time, the others wait in a bounded queue.
//!
//! What must not be here: sessions, phones, or what a caller is told. The
//! reasons in [`crate::ports::Denied`] are for the journal.

mod check;
mod hasher;
mod hmac;
mod local;
mod lockout;
mod remembered;

#[cfg(test)]
mod tests;

pub use hasher::Argon2Hasher;
pub use local::{DirectorySettings, LocalDirectory};
pub use lockout::CredentialPolicy;
