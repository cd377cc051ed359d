//! PINs and passwords of the file, turned into hashes before anything is
//! decided: a hash takes tens of milliseconds and has no place in a
//! transaction.
//!
//! A value that is what was applied last keeps the hash it had then, so that
//! *changed in the file* is a comparison of two hashes; so does one that is
//! stored now.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::document::SiteDocument;
use super::normal::{Kind, Normal, PASSWORD, PIN};
use crate::model::{CredentialHash, Password, Pin, Secret};
use crate::ports::Hasher;

/// The hash of each credential of the file: by kind, name and field.
pub(super) type Credentials = BTreeMap<(Kind, String, &'static str), CredentialHash>;

/// One credential of the file.
struct Job {
    key: (Kind, String, &'static str),
    secret: Secret,
    /// Hashes that may be its own.
    candidates: Vec<CredentialHash>,
}

impl Job {
    fn run(self, hasher: &dyn Hasher, dry: bool) -> Result<Hashed, String> {
        let known = self
            .candidates
            .into_iter()
            .find(|hash| hasher.matches(self.secret.expose(), hash));
        let hash = match known {
            Some(hash) => hash,
            // Nobody will see it: a dry run only tells that there is a new one.
            None if dry => CredentialHash::new("new"),
            None => hasher.hash(self.secret.expose())?,
        };
        Ok((self.key, hash))
    }
}

type Hashed = ((Kind, String, &'static str), CredentialHash);

/// Hashes what is new, on the blocking threads, on at most half the cores.
///
/// # Errors
/// A sentence, when the system has no randomness or memory.
pub(super) async fn hash_all(
    file: &SiteDocument,
    applied: &Normal,
    stored: &Normal,
    hasher: &Arc<dyn Hasher>,
    dry: bool,
) -> Result<Credentials, String> {
    let jobs = jobs(file, applied, stored);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = jobs.len().div_ceil(cores.div_ceil(2)).max(1);
    let mut workers = Vec::new();
    let mut jobs = jobs.into_iter().peekable();
    while jobs.peek().is_some() {
        let part: Vec<Job> = jobs.by_ref().take(share).collect();
        let hasher = Arc::clone(hasher);
        workers.push(tokio::task::spawn_blocking(move || {
            part.into_iter()
                .map(|job| job.run(&*hasher, dry))
                .collect::<Result<Vec<_>, _>>()
        }));
    }
    let mut hashes = Credentials::new();
    for worker in workers {
        let part = worker
            .await
            .map_err(|_| "a hash could not be made".to_owned())??;
        hashes.extend(part);
    }
    Ok(hashes)
}

fn jobs(file: &SiteDocument, applied: &Normal, stored: &Normal) -> Vec<Job> {
    let job = |kind: Kind, name: &str, field: &'static str, secret: Secret| {
        let mut candidates: Vec<CredentialHash> = [applied, stored]
            .into_iter()
            .filter_map(|site| site.get(kind, name)?.get(field)?.as_str())
            .map(CredentialHash::new)
            .collect();
        candidates.dedup();
        Job {
            key: (kind, name.to_owned(), field),
            secret,
            candidates,
        }
    };
    let pin = |pin: &Pin| Secret::Pin(pin.clone());
    let password = |password: &Password| Secret::Password(password.clone());
    let mut jobs = Vec::new();
    for user in file.users.iter().map(|user| &user.value) {
        let id = user.id.as_str();
        let pin = user.pin.as_ref().map(pin);
        let password = user.password.as_ref().map(password);
        jobs.extend(pin.map(|secret| job(Kind::User, id, PIN, secret)));
        jobs.extend(password.map(|secret| job(Kind::User, id, PASSWORD, secret)));
    }
    for user in file.application_users.iter().map(|user| &user.value) {
        let id = user.id.as_str();
        let password = user.password.as_ref().map(password);
        jobs.extend(password.map(|secret| job(Kind::ApplicationUser, id, PASSWORD, secret)));
    }
    jobs
}
