//! Applying a site file: read, check, hash, then merge and commit in one
//! transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::{Finding, Severity, check_with};
use super::credentials;
use super::document::{SiteDocument, SiteError, parse};
use super::merge::{Merged, merge};
use super::normal::Normal;
use super::plan::{self, ApplyPlan, Leaving, Restart, Verb};
use super::{together, translate};
use crate::model::{
    Audit, CallLogs, Catalogue, Cause, Change, LinesChange, SipSecret, Timestamp, UserId, World,
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
    let mut changes =
        translate::changes(world, &merged.fates, &prepared.secrets, now).ok_or(Stop::Moved)?;
    changes.extend(world.entailed(catalogue, &changes, now));
    let after = world.after(&changes);
    let broken: Vec<String> = together::errors(&after, catalogue)
        .difference(&together::errors(world, catalogue))
        .map(|misfit| misfit.message.clone())
        .collect();
    if !broken.is_empty() {
        return Err(Stop::Broken(broken));
    }
    let signed_out = plan::signed_out(world, &changes);
    let keeping = plan::keeping(world, &after, &changes);
    let rows = world.pending_for(catalogue, &changes, &Cause::Configuration, now, now);
    let restarts = restarts(world, &after, catalogue, &rows);
    changes.extend(rows);
    changes.extend(forgotten(&after, &changes, now));
    changes.extend(records(world, prepared, &merged));
    changes.extend(signed_out.iter().map(|leaving| left(leaving, options)));
    Ok(Decision {
        value: ApplyPlan {
            dry_run: options.dry_run,
            actions: plan::actions(&merged.fates),
            signed_out,
            keeping,
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
                lines: LinesChange::between(&old, &new),
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
        let actor = actor(&prepared.options);
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

/// Phones on which somebody was signed out forget his calls, as after any other
/// logout.
fn forgotten(after: &World, changes: &[Change], now: Timestamp) -> Vec<Change> {
    if !after.parameters.clear_call_logs {
        return Vec::new();
    }
    let left = changes.iter().filter_map(|change| match change {
        Change::DropSession(phone) => Some(*phone),
        _ => None,
    });
    left.filter(|phone| after.phones.contains_key(phone))
        .map(|phone| Change::PutCallLogs(CallLogs::to_clear(phone, now)))
        .collect()
}

/// The line for the audit of somebody whose phone, profile or self is no longer
/// configured.
fn left(leaving: &Leaving, options: &Options) -> Change {
    let who = leaving.user.as_ref().map_or("somebody", UserId::as_str);
    let what = format!("signed {who} out of {}", leaving.device);
    let mut audit = Audit::new(actor(options), what)
        .on(leaving.device.clone())
        .by("the configuration");
    audit.user.clone_from(&leaving.user);
    Change::Audit(Box::new(audit))
}

fn actor(options: &Options) -> &str {
    if options.actor.is_empty() {
        "operator"
    } else {
        &options.actor
    }
}
