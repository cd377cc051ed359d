//! One check, from the world's rows to the verdict.
//!
//! Its steps are the same whoever is meant and whatever is wrong: one hash is
//! verified (that of the user, or one that nobody has), and where the site has
//! a directory server that keeps such credentials, it is asked for one entry.
//! Only then is it looked at who is unknown, locked or wrong.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::candidate::{Candidate, KeptThere, Where, find, has_twin, id_as_typed};
use super::lockout::Lockout;
use super::remembered::{Proven, Remembered};
use super::remote::{Answer, Outage, Proof, Question, Remote};
use super::settings::DirectorySettings;
use super::sources::{Asker, Sources};
use crate::model::{CredentialHash, Pin, Secret};
use crate::ports::{Clock, Denied, Hasher, Identity, Store, Verified};

/// What stands for a hash where the directory server took the password.
const TAKEN_THERE: &str = "directory";

/// What a check needs.
pub(super) struct Checker {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    hasher: Arc<dyn Hasher>,
    remote: Option<Arc<dyn Remote>>,
    /// What those are compared with who have no credential here.
    dummy: CredentialHash,
    lockout: Mutex<Lockout>,
    sources: Sources,
    remembered: Mutex<Remembered>,
    turns: Arc<Semaphore>,
    pub(super) places: Arc<Semaphore>,
}

/// What was found out in the order of the steps.
struct Seen {
    candidate: Result<Candidate, Denied>,
    locked: Option<Denied>,
    /// Whether the hash kept here matched.
    right_here: bool,
    there: Option<Result<Answer, Outage>>,
}

impl Checker {
    pub(super) fn new(
        store: Arc<dyn Store>,
        hasher: Arc<dyn Hasher>,
        clock: Arc<dyn Clock>,
        settings: DirectorySettings,
        remote: Option<Arc<dyn Remote>>,
    ) -> Result<Self, String> {
        let at_a_time = settings.at_a_time.max(1);
        let places = at_a_time.saturating_add(settings.waiting);
        Ok(Self {
            store,
            dummy: hasher.hash("nobody's credential")?,
            hasher,
            clock,
            remote,
            lockout: Mutex::new(Lockout::new(settings.policy)),
            sources: Sources::new(settings.sources),
            remembered: Mutex::new(Remembered::new()?),
            turns: Arc::new(Semaphore::new(at_a_time)),
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
        })
    }

    pub(super) fn remote(&self) -> Option<&Arc<dyn Remote>> {
        self.remote.as_ref()
    }

    /// Checks `secret` for `identity`.
    pub(super) async fn verify(
        self: &Arc<Self>,
        identity: Identity,
        secret: Secret,
        source: Option<IpAddr>,
    ) -> Result<Verified, Denied> {
        if let Some(verified) = self.recall(&identity, &secret) {
            return Ok(verified);
        }
        let asker = match identity {
            Identity::User { .. } => Asker::Person,
            Identity::Application(_) => Asker::Program,
        };
        self.sources.admit(source, asker, &*self.clock).await?;
        let checker = Arc::clone(self);
        // In a task of its own: a caller that hangs up frees nothing early, and
        // its wrong answer counts.
        let check = tokio::spawn(async move { checker.check(&identity, secret, source).await });
        check
            .await
            .unwrap_or_else(|_| Err(Denied::Unavailable("the check broke off".to_owned())))
    }

    /// Hashes a new PIN in its turn.
    pub(super) async fn hash(self: &Arc<Self>, pin: Pin) -> Result<CredentialHash, Denied> {
        let turn = self.turn().await?;
        let hasher = Arc::clone(&self.hasher);
        let hash = tokio::task::spawn_blocking(move || {
            let hash = hasher.hash(pin.expose());
            drop(turn);
            hash
        });
        match hash.await {
            Ok(hash) => hash.map_err(Denied::Unavailable),
            Err(_) => Err(Denied::Unavailable("the hash broke off".to_owned())),
        }
    }

    /// A remembered application password: no hash, no waiting.
    fn recall(&self, identity: &Identity, secret: &Secret) -> Option<Verified> {
        let (Identity::Application(id), Secret::Password(password)) = (identity, secret) else {
            return None;
        };
        let candidate = self
            .find(identity, secret)
            .ok()
            .filter(|found| matches!(found.verified, Verified::Application { .. }));
        let Some((candidate, proven)) = candidate
            .as_ref()
            .and_then(|candidate| Some((candidate, proven(candidate)?)))
        else {
            self.remembered().forget(id);
            return None;
        };
        let now = self.clock.monotonic();
        let known = self.remembered().knows(proven, password, now);
        // A lock holds for a remembered password too, or it could be guessed
        // at the speed of the memory.
        (known && self.settle(candidate, true).is_ok()).then(|| candidate.verified.clone())
    }

    /// The whole check.
    async fn check(
        &self,
        identity: &Identity,
        secret: Secret,
        source: Option<IpAddr>,
    ) -> Result<Verified, Denied> {
        let candidate = self.find(identity, &secret);
        let locked = candidate
            .as_ref()
            .ok()
            .and_then(|candidate| self.locked(candidate, &self.lockout()));
        let right_here = self
            .verify_hash(&candidate, locked.as_ref(), &secret)
            .await?;
        let mut seen = Seen {
            candidate,
            locked,
            right_here,
            there: None,
        };
        seen.there = self.ask(&seen, identity, &secret).await;
        match self.judge(seen) {
            Ok(candidate) => {
                self.sources.right(source);
                self.keep(&candidate, &secret);
                Ok(candidate.verified)
            }
            Err(denied) => {
                if counts_against_source(&denied) {
                    self.sources.wrong(source, self.clock.monotonic());
                }
                Err(denied)
            }
        }
    }

    /// Exactly one hash is verified, whoever is meant.
    async fn verify_hash(
        &self,
        candidate: &Result<Candidate, Denied>,
        locked: Option<&Denied>,
        secret: &Secret,
    ) -> Result<bool, Denied> {
        let own = match candidate {
            Ok(Candidate {
                proof: Where::Here(hash),
                ..
            }) if locked.is_none() => Some(hash.clone()),
            _ => None,
        };
        let real = own.is_some();
        let hash = own.unwrap_or_else(|| self.dummy.clone());
        let turn = self.turn().await?;
        let (hasher, secret) = (Arc::clone(&self.hasher), secret.clone());
        let matched = tokio::task::spawn_blocking(move || {
            let matched = hasher.matches(secret.expose(), &hash);
            drop(turn);
            matched
        });
        match matched.await {
            Ok(matched) => Ok(matched && real),
            Err(_) => Err(Denied::Unavailable("the check broke off".to_owned())),
        }
    }

    /// Asks the directory server, where it keeps such credentials and the one
    /// kept here did not match: also for those whom the answer cannot let in.
    async fn ask(
        &self,
        seen: &Seen,
        identity: &Identity,
        secret: &Secret,
    ) -> Option<Result<Answer, Outage>> {
        let remote = self.remote.as_ref()?;
        if seen.right_here || !self.kept_there().kind_of(secret) {
            return None;
        }
        let question = match &seen.candidate {
            Ok(candidate) => Question {
                id: candidate.user_id().clone(),
                exact_case: has_twin(&self.store.world(), candidate.user_id()),
                proof: match secret {
                    // An empty password binds as nobody in particular, and
                    // succeeds (RFC 4513 5.1.2).
                    _ if candidate.proof != Where::There
                        || seen.locked.is_some()
                        || secret.expose().is_empty() =>
                    {
                        Proof::Nothing
                    }
                    Secret::Pin(pin) => Proof::Pin(pin.clone()),
                    Secret::Password(password) => Proof::Password(password.clone()),
                },
            },
            Err(_) => Question {
                id: id_as_typed(identity).clone(),
                exact_case: false,
                proof: Proof::Nothing,
            },
        };
        Some(remote.ask(question).await)
    }

    /// What it comes to. Nothing is counted that the server could not say.
    fn judge(&self, seen: Seen) -> Result<Candidate, Denied> {
        let candidate = match seen.candidate {
            Ok(candidate) => candidate,
            // While the server is away, who is unknown here is answered as
            // those are whom it keeps.
            Err(denied) => {
                return Err(match seen.there {
                    Some(Err(outage)) => Denied::DirectoryDown(outage.to_string()),
                    _ => denied,
                });
            }
        };
        let right = match (&candidate.proof, seen.there) {
            (Where::There, Some(Err(outage))) => {
                return Err(Denied::DirectoryDown(outage.to_string()));
            }
            _ if seen.locked.is_some() => return Err(seen.locked.unwrap_or(Denied::Wrong)),
            (Where::Here(_), _) => Ok(seen.right_here),
            (Where::There, Some(Ok(answer))) => match answer {
                Answer::Right => Ok(true),
                Answer::Wrong => Ok(false),
                Answer::Refused(why) => Err(why),
                Answer::NoEntry => return Err(Denied::NoEntry),
                Answer::SeveralEntries => return Err(Denied::SeveralEntries),
                Answer::NoPin => return Err(Denied::NotSet),
            },
            (Where::There, None) | (Where::Nowhere, _) => return Err(Denied::NotSet),
        };
        match right {
            Ok(right) => self.settle(&candidate, right)?,
            Err(why) => match self.settle(&candidate, false) {
                Err(Denied::Wrong) => return Err(Denied::RefusedThere(why)),
                other => other?,
            },
        }
        Ok(candidate)
    }

    /// Remembers a right application password.
    fn keep(&self, candidate: &Candidate, secret: &Secret) {
        let (Verified::Application { .. }, Secret::Password(password), Some(proven)) =
            (&candidate.verified, secret, proven(candidate))
        else {
            return;
        };
        let until = match (&candidate.proof, &self.remote) {
            (Where::There, Some(remote)) => {
                Some(self.clock.monotonic().saturating_add(remote.remembers()))
            }
            _ => None,
        };
        self.remembered().keep(proven, password, until);
    }

    fn find(&self, identity: &Identity, secret: &Secret) -> Result<Candidate, Denied> {
        let (there, now) = (self.kept_there(), self.clock.now());
        find(&self.store.world(), identity, secret, there, now)
    }

    fn kept_there(&self) -> KeptThere {
        KeptThere {
            passwords: self.remote.is_some(),
            pins: self
                .remote
                .as_ref()
                .is_some_and(|remote| remote.keeps_pins()),
        }
    }

    /// Waits for a turn; refuses when too many wait already.
    async fn turn(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), Denied> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Denied::Unavailable("too many checks are waiting".to_owned()))?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| Denied::Unavailable("the directory has stopped".to_owned()))?;
        Ok((place, turn))
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

/// What a remembered password of this candidate was right for.
fn proven(candidate: &Candidate) -> Option<Proven<'_>> {
    let proof = match &candidate.proof {
        Where::Here(hash) => hash.expose(),
        Where::There => TAKEN_THERE,
        Where::Nowhere => return None,
    };
    Some(Proven {
        user: candidate.user_id(),
        proof,
        version: candidate.version(),
    })
}

/// Guesses count, and ids that lead nowhere. Attempts at what is locked do
/// not: they were not looked at.
fn counts_against_source(denied: &Denied) -> bool {
    match denied {
        Denied::Unknown
        | Denied::Ambiguous
        | Denied::NotSet
        | Denied::Wrong
        | Denied::RefusedThere(_)
        | Denied::NoEntry
        | Denied::SeveralEntries => true,
        Denied::LockedOut { .. }
        | Denied::SourceLocked { .. }
        | Denied::Unavailable(_)
        | Denied::DirectoryDown(_) => false,
    }
}
