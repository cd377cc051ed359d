//! PINs over time: when one must be changed, and its change.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::check::Checker;
use crate::model::{Audit, Change, ObjectId, Parameters, Pin, PinRules, Secret, Timestamp, User};
use crate::ports::{
    Clock, Decision, Denied, Identity, PinFault, PinRefused, Scope, Store, StoreError,
    TransactError, Verified, transact,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How often a change begins anew because the credentials changed meanwhile.
const ATTEMPTS: usize = 3;

/// Whether a user must change the PIN that is kept here before anything else:
/// somebody said so, or it is too old. A PIN without a date is as old as
/// [`date_pins`] makes it.
pub(super) fn must_change(user: &User, parameters: &Parameters, now: Timestamp) -> bool {
    let days = u32::from(parameters.pin_expires_after_days);
    let expired = days > 0
        && user
            .pin_set
            .is_some_and(|set| now.since(set) >= DAY.saturating_mul(days));
    user.pin.is_some() && (user.pin_must_change || expired)
}

/// Gives every PIN without a date the present one, durably, and says how many
/// there were. PINs that were set before dates were kept so begin to age with
/// the first start that knows of dates.
///
/// # Errors
/// The store's.
pub async fn date_pins(store: &dyn Store, clock: &dyn Clock) -> Result<usize, StoreError> {
    let dateless = |user: &User| user.pin.is_some() && user.pin_set.is_none();
    if !store.world().users.values().any(|user| dateless(user)) {
        return Ok(0);
    }
    let now = clock.now();
    let dated = transact(store, Scope::Site, move |world| {
        let users = world.users.values().filter(|user| dateless(user));
        let changes: Vec<Change> = users
            .map(|user| {
                Change::PutUser(Box::new(User {
                    pin_set: Some(now),
                    ..(**user).clone()
                }))
            })
            .collect();
        Ok::<_, std::convert::Infallible>(Decision {
            value: changes.len(),
            changes,
        })
    });
    match dated.await {
        Ok(count) => Ok(count),
        Err(TransactError::Store(error)) => Err(error),
        Err(TransactError::Refused(never)) => match never {},
    }
}

/// Changes a PIN: the present one is checked as at any login, the new one
/// against the site's rules, and the change is committed only on top of the
/// very credentials that were checked. When this answers, the old PIN is void.
pub(super) async fn change(
    checker: &Arc<Checker>,
    identity: Identity,
    present: Pin,
    new: Pin,
    source: Option<IpAddr>,
) -> Result<(), PinRefused> {
    for _ in 0..ATTEMPTS {
        let secret = Secret::Pin(present.clone());
        let verified = checker.verify(identity.clone(), secret, source).await?;
        let Verified::User { id, version, .. } = verified else {
            return Err(Denied::NotSet.into());
        };
        is_possible(checker, id, &present, &new)?;
        let hash = checker.hash(new.clone()).await?;
        let now = checker.clock.now();
        let decide = move |world: &crate::model::World| {
            let user = world
                .users
                .get(&id)
                .filter(|user| user.credential_version == version)
                .ok_or(Moved)?;
            let from = source.map_or_else(String::new, |source| format!(" from {source}"));
            let actor = format!("user {}", user.user_id);
            let audit = Audit::new(actor, format!("changed the PIN{from}"))
                .of(user.user_id.clone())
                .by("the present PIN");
            let changed = User {
                pin: Some(hash.clone()),
                credential_version: user.credential_version.saturating_add(1),
                pin_must_change: false,
                pin_set: Some(now),
                ..(**user).clone()
            };
            Ok(Decision {
                value: (),
                changes: vec![
                    Change::PutUser(Box::new(changed)),
                    Change::Audit(Box::new(audit)),
                ],
            })
        };
        match transact(&*checker.store, scope(checker, id), decide).await {
            Ok(()) => return Ok(()),
            // The PIN that was checked may be another one now.
            Err(TransactError::Refused(Moved)) => {}
            Err(TransactError::Store(error)) => {
                return Err(Denied::Unavailable(error.to_string()).into());
            }
        }
    }
    Err(Denied::Unavailable("the credentials were changed meanwhile; try again".to_owned()).into())
}

/// The credentials are not those that were checked.
struct Moved;

fn scope(checker: &Checker, id: ObjectId) -> Scope {
    let world = checker.store.world();
    Scope::Of {
        phones: Vec::new(),
        users: world
            .users
            .get(&id)
            .map(|user| user.user_id.clone())
            .into_iter()
            .collect(),
    }
}

fn is_possible(
    checker: &Checker,
    id: ObjectId,
    present: &Pin,
    new: &Pin,
) -> Result<(), PinRefused> {
    let world = checker.store.world();
    let user = world.users.get(&id).ok_or(Denied::Unknown)?;
    if user.pin.is_none() {
        return Err(PinRefused::KeptElsewhere);
    }
    PinRules::of(&world.parameters).check(new, user)?;
    if new == present {
        return Err(PinFault::Same.into());
    }
    Ok(())
}
