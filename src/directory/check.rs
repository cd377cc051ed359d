//! One check, from the world's rows to the verdict. Blocks for as long as a
//! hash takes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::lockout::{Account, CredentialPolicy, Lockout};
use super::remembered::Remembered;
use crate::model::{ApplicationUser, CredentialHash, Secret, User, World};
use crate::ports::{Clock, Denied, Hasher, Identity, Store, Verified};

/// What a check needs.
pub(super) struct Checker {
    store: Arc<dyn Store>,
    hasher: Arc<dyn Hasher>,
    clock: Arc<dyn Clock>,
    /// What those are compared with who have no credential.
    dummy: CredentialHash,
    lockout: Mutex<Lockout>,
    remembered: Mutex<Remembered>,
}

/// Who the identity turned out to be, and what would prove it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    verified: Verified,
    hash: Option<CredentialHash>,
}

impl Candidate {
    fn user(user: &User, secret: &Secret) -> Self {
        Self {
            verified: Verified::User {
                id: user.id,
                user_id: user.user_id.clone(),
                version: user.credential_version,
                pin_must_change: user.pin_must_change && matches!(secret, Secret::Pin(_)),
            },
            hash: match secret {
                Secret::Pin(_) => user.pin.clone(),
                Secret::Password(_) => user.password.clone(),
            },
        }
    }

    fn application(user: &ApplicationUser, secret: &Secret) -> Self {
        Self {
            verified: Verified::Application {
                user_id: user.user_id.clone(),
                proxy_rights: user.proxy_rights,
                version: user.credential_version,
            },
            hash: match secret {
                Secret::Pin(_) => None,
                Secret::Password(_) => user.password.clone(),
            },
        }
    }

    fn account(&self) -> Account {
        match &self.verified {
            Verified::User { id, .. } => Account::User(*id),
            Verified::Application { user_id, .. } => Account::Application(user_id.clone()),
        }
    }

    fn version(&self) -> u64 {
        match &self.verified {
            Verified::User { version, .. } | Verified::Application { version, .. } => *version,
        }
    }
}

/// Finds who is meant.
pub(super) fn candidate(
    world: &World,
    identity: &Identity,
    secret: &Secret,
) -> Result<Candidate, Denied> {
    match identity {
        Identity::User {
            typed,
            login_type,
            ignore_case,
        } => match world.users_for(typed, *login_type, *ignore_case).as_slice() {
            [] => Err(Denied::Unknown),
            [user] => Ok(Candidate::user(user, secret)),
            _ => Err(Denied::Ambiguous),
        },
        Identity::Application(id) => {
            if let Some(user) = world.application_users.get(id) {
                return Ok(Candidate::application(user, secret));
            }
            // An end user acts through the login service by password, never
            // by PIN.
            match (world.user(id), secret) {
                (Some(user), Secret::Password(_)) => Ok(Candidate::user(user, secret)),
                (Some(_), Secret::Pin(_)) => Err(Denied::NotSet),
                (None, _) => Err(Denied::Unknown),
            }
        }
    }
}

impl Checker {
    pub(super) fn new(
        store: Arc<dyn Store>,
        hasher: Arc<dyn Hasher>,
        clock: Arc<dyn Clock>,
        policy: CredentialPolicy,
    ) -> Result<Self, String> {
        Ok(Self {
            store,
            dummy: hasher.hash("nobody's credential")?,
            hasher,
            clock,
            lockout: Mutex::new(Lockout::new(policy)),
            remembered: Mutex::new(Remembered::new()?),
        })
    }

    /// A remembered application password: no hash, no waiting.
    pub(super) fn recall(&self, identity: &Identity, secret: &Secret) -> Option<Verified> {
        let (Identity::Application(id), Secret::Password(password)) = (identity, secret) else {
            return None;
        };
        let found = candidate(&self.store.world(), identity, secret).ok();
        let (candidate, hash) = found
            .filter(|found| matches!(found.verified, Verified::Application { .. }))
            .and_then(|found| found.hash.clone().map(|hash| (found, hash)))
            .or_else(|| {
                self.remembered().forget(id);
                None
            })?;
        let version = candidate.version();
        let known = self.remembered().knows(id, &hash, version, password);
        // A lock holds for a remembered password too, or it could be guessed
        // at the speed of the memory.
        (known && self.settle(&candidate, true).is_ok()).then_some(candidate.verified)
    }

    /// The whole check.
    pub(super) fn check(&self, identity: &Identity, secret: &Secret) -> Result<Verified, Denied> {
        let found = candidate(&self.store.world(), identity, secret);
        let found = found.and_then(|candidate| match candidate.hash.clone() {
            None => Err(Denied::NotSet),
            Some(hash) => self
                .locked(&candidate, &self.lockout())
                .map_or(Ok((candidate, hash)), Err),
        });
        let (candidate, hash) = match found {
            Ok(found) => found,
            Err(denied) => {
                // Takes as long as a wrong answer to someone who is there.
                let _ = self.hasher.matches(secret.expose(), &self.dummy);
                return Err(denied);
            }
        };
        let right = self.hasher.matches(secret.expose(), &hash);
        self.settle(&candidate, right)?;
        if let (Verified::Application { user_id, .. }, Secret::Password(password)) =
            (&candidate.verified, secret)
        {
            let version = candidate.version();
            self.remembered().keep(user_id, &hash, version, password);
        }
        Ok(candidate.verified)
    }

    fn locked(&self, candidate: &Candidate, lockout: &Lockout) -> Option<Denied> {
        let now = self.clock.monotonic();
        let left = lockout.left(&candidate.account(), candidate.version(), now)?;
        Some(Denied::LockedOut {
            until: self.clock.now().plus(left),
        })
    }

    /// Counts the answer, unless others locked the account meanwhile.
    fn settle(&self, candidate: &Candidate, right: bool) -> Result<(), Denied> {
        let mut lockout = self.lockout();
        if let Some(locked) = self.locked(candidate, &lockout) {
            return Err(locked);
        }
        if right {
            lockout.right(&candidate.account());
            return Ok(());
        }
        let now = self.clock.monotonic();
        lockout.wrong(candidate.account(), candidate.version(), now);
        Err(Denied::Wrong)
    }

    fn lockout(&self) -> MutexGuard<'_, Lockout> {
        self.lockout.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::world;
    use super::*;
    use crate::model::{LoginType, ObjectId, Password, Pin, UserId};

    fn found(identity: &Identity, secret: &Secret) -> Result<(Option<ObjectId>, bool), Denied> {
        candidate(&world(), identity, secret).map(|found| {
            let id = match found.verified {
                Verified::User { id, .. } => Some(id),
                Verified::Application { .. } => None,
            };
            (id, found.hash.is_some())
        })
    }

    fn typed(text: &str, ignore_case: bool) -> Identity {
        Identity::User {
            typed: UserId::new(text).unwrap(),
            login_type: LoginType::UserId,
            ignore_case,
        }
    }

    #[test]
    fn a_user_is_found_by_id_alias_and_case() {
        let pin = Secret::Pin(Pin::new("1"));
        let alice = Ok((Some(ObjectId(11)), true));
        assert_eq!(found(&typed("alice", false), &pin), alice);
        assert_eq!(found(&typed("2001", false), &pin), alice);
        assert_eq!(found(&typed("ALICE", true), &pin), alice);
        assert_eq!(found(&typed("ALICE", false), &pin), Err(Denied::Unknown));
        assert_eq!(found(&typed("twin", true), &pin), Err(Denied::Ambiguous));
        let exact = Ok((Some(ObjectId(13)), false));
        assert_eq!(found(&typed("Twin", true), &pin), exact);
    }

    #[test]
    fn the_kind_of_secret_chooses_the_credential() {
        let (pin, password) = (
            Secret::Pin(Pin::new("1")),
            Secret::Password(Password::new("1")),
        );
        let app = |id: &str| Identity::Application(UserId::new(id).unwrap());
        assert_eq!(found(&app("emapp"), &password), Ok((None, true)));
        assert_eq!(found(&app("emapp"), &pin), Ok((None, false)));
        assert_eq!(
            found(&app("alice"), &password),
            Ok((Some(ObjectId(11)), true))
        );
        assert_eq!(found(&app("alice"), &pin), Err(Denied::NotSet));
        assert_eq!(found(&app("2001"), &password), Err(Denied::Unknown));
        assert_eq!(
            found(&typed("Twin", false), &password),
            Ok((Some(ObjectId(13)), false))
        );
    }
}
