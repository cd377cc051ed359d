//! A directory server over LDAP (RFC 4511), as far as a check needs it: one
//! search for the entry of a user, one simple bind with his password, or a look
//! at the attribute that holds his PIN.
//!
//! [`wire`] knows the bytes, [`filter`] the search filter, [`connection`] one
//! connection, [`server`] the pool, the time limit and the circuit breaker
//! ([`breaker`]); [`stored`] compares stored PINs, [`settings`] is `[ldap]` of
//! `embody.toml`.
//!
//! What must not be here: users of the store, counts of wrong answers. Nothing
//! is ever written to the directory, and no referral is followed.
//!
//! Why not a ready client: a program on which phones depend must not die of a
//! message from outside. The LDAP crates that were looked at read nested
//! elements by recursion without a limit, bound no message, and panic on what
//! is malformed; what is needed of the protocol is small, and here it is read
//! without recursion, bounded, and every error is a value.

mod breaker;
mod connection;
mod filter;
#[doc(hidden)]
pub mod probe;
mod server;
mod settings;
mod stored;
mod tls;
mod wire;

#[cfg(test)]
mod tests;

pub use server::{LdapServer, LookFault, Person};
pub use settings::LdapSettings;
