//! The directory over the users of the store, with or without a directory
//! server beside it.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::check::Checker;
use super::ldap::LdapServer;
use super::pins;
use super::remote::Remote;
use super::settings::DirectorySettings;
use crate::model::{Pin, Secret};
use crate::ports::{
    BoxFuture, Clock, Denied, Directory, DirectoryHealth, Hasher, Identity, PinRefused, Store,
    Verified,
};

/// Checks the credentials of the users in the store's world: against the
/// hashes there, and for those who have none with the directory server.
pub struct UserDirectory {
    pub(super) checker: Arc<Checker>,
}

impl UserDirectory {
    /// Over the users of `store`. Makes one hash: takes tens of milliseconds.
    ///
    /// # Errors
    /// A sentence when the system has no randomness or memory.
    pub fn new(
        store: Arc<dyn Store>,
        hasher: Arc<dyn Hasher>,
        clock: Arc<dyn Clock>,
        settings: DirectorySettings,
        server: Option<LdapServer>,
    ) -> Result<Self, String> {
        let remote = server.map(|server| Arc::new(server) as Arc<dyn Remote>);
        Self::with_remote(store, hasher, clock, settings, remote)
    }

    pub(super) fn with_remote(
        store: Arc<dyn Store>,
        hasher: Arc<dyn Hasher>,
        clock: Arc<dyn Clock>,
        settings: DirectorySettings,
        remote: Option<Arc<dyn Remote>>,
    ) -> Result<Self, String> {
        let checker = Checker::new(store, hasher, clock, settings, remote)?;
        Ok(Self {
            checker: Arc::new(checker),
        })
    }
}

impl Directory for UserDirectory {
    fn verify(
        &self,
        identity: Identity,
        secret: Secret,
        source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<Verified, Denied>> {
        Box::pin(self.checker.verify(identity, secret, source))
    }

    fn change_pin(
        &self,
        identity: Identity,
        present: Pin,
        new: Pin,
        source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<(), PinRefused>> {
        Box::pin(pins::change(&self.checker, identity, present, new, source))
    }

    fn health(&self) -> Option<DirectoryHealth> {
        self.checker.remote().map(|remote| remote.health())
    }
}

impl fmt::Debug for UserDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserDirectory").finish_non_exhaustive()
    }
}
