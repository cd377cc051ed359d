//! The end of a login by itself.
//!
//! A session carries the point in time at which it ends, so that the end
//! survives a restart of the daemon: what ran out meanwhile ends at the start.
//! Each end is decided again inside its transaction: whoever signed out and in
//! again in between keeps his new session.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Mobility, Refusal, SignedOut, logout};
use crate::model::{Catalogue, LogoutReason, ObjectId, Origin, Session, Timestamp, World};
use crate::ports::{Clock, Decision, Presence, Store};

/// How soon a phone in a call, or a store that failed, is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The longest sleep: the wall clock may be set while we sleep by the other.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// What a round of expiry came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Sessions that ended.
    pub ended: Vec<SignedOut>,
    /// Sessions that wait for the end of a call.
    pub in_call: usize,
    /// Whether the store failed; the rest waits for the next round.
    pub failed: bool,
}

/// When the next session ends by itself, past or future.
pub fn next_expiry(world: &World) -> Option<Timestamp> {
    world
        .sessions
        .values()
        .filter_map(|session| session.expires)
        .min()
}

/// Whether a session has run out.
pub fn is_due(session: &Session, now: Timestamp) -> bool {
    session.expires.is_some_and(|end| end <= now)
}

/// Decides the end of the session on a phone: `None` when there is none any
/// more, or one that has not run out.
pub fn decide(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    phone: ObjectId,
) -> Decision<Option<SignedOut>> {
    let due = world
        .sessions
        .get(&phone)
        .filter(|session| is_due(session, now))
        .and_then(|session| Some((world.phones.get(&phone)?, session)));
    let Some((phone, session)) = due else {
        return Decision {
            value: None,
            changes: Vec::new(),
        };
    };
    let (gone, mut changes) = logout::sign_out(
        world,
        catalogue,
        phone,
        session,
        LogoutReason::Expired,
        now,
        now,
    );
    changes.push(logout::audit(&gone, &Origin::System));
    Decision {
        value: Some(gone),
        changes,
    }
}

impl Mobility {
    /// Ends every session that has run out, except on phones that are in a
    /// call: a conversation is not torn down.
    pub async fn expire_due(&self, presence: &dyn Presence) -> Round {
        let now = self.clock.now();
        let due: Vec<_> = {
            let world = self.store.world();
            world
                .sessions
                .values()
                .filter(|session| is_due(session, now))
                .filter_map(|session| world.phones.get(&session.phone))
                .map(|phone| (phone.id, phone.name.clone()))
                .collect()
        };
        let mut round = Round::default();
        for (phone, device) in due {
            if presence
                .registration(&device)
                .is_some_and(|there| there.in_call)
            {
                round.in_call += 1;
                continue;
            }
            let scope = logout::scope(&self.store.world(), &device);
            let outcome: Result<_, Refusal> = self
                .decide(scope, move |world, catalogue, now| {
                    Ok(decide(world, catalogue, now, phone))
                })
                .await;
            match outcome {
                Ok(Some(gone)) => {
                    self.tell_signed_out(&gone);
                    self.tell_planned(&gone.planned);
                    round.ended.push(gone);
                }
                Ok(None) => {}
                Err(refusal) => {
                    tracing::warn!(%device, %refusal, "a login that ran out could not be ended");
                    round.failed = true;
                    break;
                }
            }
        }
        round
    }
}

/// Ends sessions as they run out, until cancelled or the store is gone.
pub async fn run_expiry(
    mobility: Mobility,
    presence: Arc<dyn Presence>,
    cancel: CancellationToken,
) {
    let clock: Arc<dyn Clock> = Arc::clone(&mobility.clock);
    let store: Arc<dyn Store> = Arc::clone(&mobility.store);
    let mut changed = store.changed();
    loop {
        changed.borrow_and_update();
        mobility.expire_due(&*presence).await;
        let sleep = sleep(&store.world(), clock.now());
        let wake = async {
            match sleep {
                Some(length) => clock.sleep_until(clock.monotonic() + length).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = cancel.cancelled() => return,
            news = changed.changed() => if news.is_err() { return },
            () = wake => {}
        }
    }
}

/// How long to sleep; `None`: until something is stored. What is still due
/// now waits for a call to end or for the store.
fn sleep(world: &World, now: Timestamp) -> Option<Duration> {
    world
        .sessions
        .values()
        .filter_map(|session| session.expires)
        .map(|end| {
            if end <= now {
                LOOK_AGAIN
            } else {
                end.since(now).min(LONGEST_SLEEP)
            }
        })
        .min()
}
