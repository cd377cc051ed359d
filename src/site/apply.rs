//! Applying a site file: read, check, hash, then merge and commit in one
//! transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::check::{Finding, Severity, check_with};
use super::credentials;
use super::document::{SiteDocument, SiteError, parse};
use super::merge::{Merged, merge};
use super::normal::{Kind, Normal};
use super::plan::{self, ApplyPlan, Restart, Verb};
use super::translate;
use crate::model::{
    Audit, Catalogue, Cause, Change, DevicePool, LogoutProfile, ServiceSubscription, SipSecret,
    Timestamp, World,
};
use crate::ports::{Clock, Decision, Hasher, Scope, Store, StoreError, TransactError, transact};

/// How often an apply begins anew because another one came in between.
const ATTEMPTS: usize = 5;

/// How a file is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Delete what left the file.
    pub prune: bool,
    /// Overwrite what was changed elsewhere.
    pub force: bool,
    /// Only tell the plan.
    pub dry_run: bool,
    /// Who applies it, for the audit; empty: the operator.
    pub actor: String,
}

/// Why a file was not applied. Nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// It is no site file.
    #[error(transparent)]
    File(#[from] SiteError),
    /// It makes no sense; the findings hold at least one error.
    #[error("the site file has errors:\n{}", lines(.0))]
    Invalid(Vec<Finding>),
    /// Together with what is stored it makes no sense.
    #[error("the site would not fit together:\n{}", .0.join("\n"))]
    Broken(Vec<String>),
    /// A credential could not be hashed, or no secret could be made.
    #[error("no hash or secret could be made: {0}")]
    Secrets(String),
    /// Others kept applying files at the same time.
    #[error("another site file is being applied; try again")]
    Busy,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn lines(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Leads the stored site to the file: the merge of `site::merge`,
/// in one transaction. Answers when it is durable, with what was done.
///
/// # Errors
/// [`ApplyError`]; nothing was applied then.
pub async fn apply(
    store: &dyn Store,
    hasher: Arc<dyn Hasher>,
    catalogue: Arc<Catalogue>,
    clock: &dyn Clock,
    text: &str,
    options: &Options,
) -> Result<ApplyPlan, ApplyError> {
    let file = parse(text)?;
    let seen = store.world().clone();
    let (errors, warnings): (Vec<_>, Vec<_>) = check_with(&file, &catalogue, Some(&seen))
        .into_iter()
        .partition(|finding| finding.severity == Severity::Error);
    if !errors.is_empty() {
        return Err(ApplyError::Invalid(errors));
    }
    for _ in 0..ATTEMPTS {
        let now = clock.now();
        let prepared = prepare(&file, store, &hasher, &warnings, options).await?;
        let outcome = if options.dry_run {
            let world = store.world().clone();
            decide(&world, &prepared, &catalogue, now).map(|decision| decision.value)
        } else {
            let catalogue = Arc::clone(&catalogue);
            let decide = move |world: &World| decide(world, &prepared, &catalogue, now);
            match transact(store, Scope::Site, decide).await {
                Ok(plan) => Ok(plan),
                Err(TransactError::Refused(stop)) => Err(stop),
                Err(TransactError::Store(error)) => return Err(error.into()),
            }
        };
        match outcome {
            Ok(plan) => return Ok(plan),
            Err(Stop::Moved) => {}
            Err(Stop::Broken(why)) => return Err(ApplyError::Broken(why)),
        }
    }
    Err(ApplyError::Busy)
}

/// All that is slow or random, made before the transaction.
struct Prepared {
    file: Normal,
    /// What was applied last when the hashes were made.
    applied: Option<Arc<str>>,
    /// A digest secret for each phone of the file, in case it is new.
    secrets: BTreeMap<String, SipSecret>,
    /// The users of the file whose new PIN is for one login only.
    must_change_pin: BTreeSet<String>,
    warnings: Vec<Finding>,
    options: Options,
}

async fn prepare(
    file: &SiteDocument,
    store: &dyn Store,
    hasher: &Arc<dyn Hasher>,
    warnings: &[Finding],
    options: &Options,
) -> Result<Prepared, ApplyError> {
    let world = store.world().clone();
    let applied = Normal::of_applied(world.applied.as_deref());
    let stored = Normal::of_world(&world);
    let hashes = credentials::hash_all(file, &applied, &stored, hasher, options.dry_run)
        .await
        .map_err(ApplyError::Secrets)?;
    Ok(Prepared {
        file: Normal::of_file(file, &hashes),
        applied: world.applied.clone(),
        secrets: sip_secrets(file).map_err(ApplyError::Secrets)?,
        must_change_pin: file
            .users
            .iter()
            .filter(|user| user.value.pin_must_change)
            .map(|user| user.value.id.to_string())
            .collect(),
        warnings: warnings.to_vec(),
        options: options.clone(),
    })
}

fn sip_secrets(file: &SiteDocument) -> Result<BTreeMap<String, SipSecret>, String> {
    let mut secrets = BTreeMap::new();
    for phone in &file.phones {
        // 64 bytes: some are skipped, so that no letter is likelier.
        let mut bytes = [0u8; 64];
        getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
        let secret = SipSecret::from_random(&bytes)
            .ok_or_else(|| "the system gave poor randomness".to_owned())?;
        secrets.insert(phone.value.name.to_string(), secret);
    }
    Ok(secrets)
}

/// Why a decision did not come about.
enum Stop {
    /// Another apply came in between: the hashes were made against an older
    /// base.
    Moved,
    /// The result would not fit together.
    Broken(Vec<String>),
}

fn decide(
    world: &World,
    prepared: &Prepared,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<Decision<ApplyPlan>, Stop> {
    if world.applied != prepared.applied {
        return Err(Stop::Moved);
    }
    let options = &prepared.options;
    let base = Normal::of_applied(world.applied.as_deref());
    let merged = merge(
        &base,
        &prepared.file,
        &Normal::of_world(world),
        options.prune,
        options.force,
    );
    let fresh = translate::Fresh {
        secrets: &prepared.secrets,
        must_change_pin: &prepared.must_change_pin,
        now,
    };
    let mut changes = translate::changes(world, &merged.fates, fresh).ok_or(Stop::Moved)?;
    let mut after = world.clone();
    for change in &changes {
        after.apply(change);
    }
    let broken: Vec<String> = misfits(&after)
        .difference(&misfits(world))
        .cloned()
        .collect();
    if !broken.is_empty() {
        return Err(Stop::Broken(broken));
    }
    let signed_out = plan::signed_out(world, &changes);
    let rows = world.pending_for(catalogue, &changes, &Cause::Configuration, now, now);
    let restarts = restarts(world, &after, catalogue, &rows);
    changes.extend(rows);
    changes.extend(records(world, prepared, &merged));
    Ok(Decision {
        value: ApplyPlan {
            dry_run: options.dry_run,
            actions: plan::actions(&merged.fates),
            signed_out,
            restarts,
            drift: merged.drift,
            would_delete: merged.would_delete,
            warnings: prepared.warnings.clone(),
        },
        changes,
    })
}

fn restarts(before: &World, after: &World, catalogue: &Catalogue, rows: &[Change]) -> Vec<Restart> {
    rows.iter()
        .filter_map(|change| {
            let Change::PutPending(row) = change else {
                return None;
            };
            let phone = after.phones.get(&row.phone)?;
            let old = before.wanted(catalogue, row.phone)?;
            let new = after.wanted(catalogue, row.phone)?;
            Some(Restart {
                device: phone.name.clone(),
                plan: row.plan,
                why: plan::differences(&old, &new),
            })
        })
        .collect()
}

/// The base of the next merge and the line for the audit, where they tell
/// something new: the same file again writes nothing at all.
fn records(world: &World, prepared: &Prepared, merged: &Merged) -> Vec<Change> {
    let mut records = Vec::new();
    let base = merged.base.to_json();
    if world.applied.as_deref() != Some(base.as_str()) {
        records.push(Change::Applied(base));
    }
    if !merged.fates.is_empty() {
        let actions = plan::actions(&merged.fates);
        let count = |verb| actions.iter().filter(|action| action.verb == verb).count();
        let actor = &prepared.options.actor;
        let actor = if actor.is_empty() { "operator" } else { actor };
        let what = format!(
            "applied a site file: {} added, {} changed, {} deleted",
            count(Verb::Add),
            count(Verb::Change),
            count(Verb::Delete)
        );
        records.push(Change::Audit(Box::new(Audit::new(actor, what))));
    }
    records
}

/// What does not fit together in a site: names that two users claim, and
/// references to what is not there.
fn misfits(world: &World) -> BTreeSet<String> {
    let mut misfits = BTreeSet::new();
    let mut aliases = BTreeSet::new();
    for user in world.users.values() {
        let id = &user.user_id;
        if let Some(alias) = &user.alias
            && (!aliases.insert(alias.clone())
                || world.user(alias).is_some_and(|u| u.id != user.id))
        {
            misfits.insert(format!(
                "alias {alias} of user {id} belongs to another user too"
            ));
        }
        if world.application_users.contains_key(id) {
            misfits.insert(format!("{id} is both a user and an application user"));
        }
        for profile in &user.profiles {
            if world.profile(profile).is_none() {
                misfits.insert(format!(
                    "user {id} would have profile {profile}, which is not there"
                ));
            }
        }
    }
    for phone in world.phones.values() {
        let name = &phone.name;
        let pool = &phone.device_pool;
        if pool.as_str() != DevicePool::DEFAULT && !world.pools.contains_key(pool) {
            misfits.insert(format!(
                "phone {name} would have {} {pool}, which is not there",
                Kind::DevicePool
            ));
        }
        if let LogoutProfile::Profile(profile) = &phone.logout_profile
            && world.profile(profile).is_none()
        {
            misfits.insert(format!(
                "phone {name} would have logout profile {profile}, which is not there"
            ));
        }
        services(
            world,
            &mut misfits,
            &format!("phone {name}"),
            &phone.services,
        );
    }
    for profile in world.profiles.values() {
        services(
            world,
            &mut misfits,
            &format!("profile {}", profile.name),
            &profile.services,
        );
    }
    for default in world.profile_defaults.values() {
        services(
            world,
            &mut misfits,
            &format!("profile default {}", default.model),
            &default.services,
        );
    }
    misfits
}

fn services(
    world: &World,
    misfits: &mut BTreeSet<String>,
    who: &str,
    subscriptions: &[ServiceSubscription],
) {
    for subscription in subscriptions {
        let service = &subscription.name;
        if !world.services.contains_key(service) {
            misfits.insert(format!(
                "{who} would have service {service}, which is not there"
            ));
        }
    }
}
