//! The task that ends sessions as their time comes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::clock::ClockWatch;
use super::ending::{Due, decide};
use super::next::{Known, first_end};
use super::{idle, time_of_day};
use crate::mobility::{Mobility, Refusal, SignedOut, user_id};
use crate::model::{
    Change, EndReason, LogoutSchedule, ObjectId, ObjectName, Session, Timestamp, World,
};
use crate::ports::{Decision, Presence, Scope};

/// How soon a phone in a call, or a store that failed, is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The longest sleep while anybody is signed in: the wall clock may be set
/// while we sleep by the other.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Sessions that end in one transaction. When thousands end in the same second,
/// logins are decided between two of these.
const ENDS_A_COMMIT: usize = 200;

/// A look at all sessions is followed by a pause of a millisecond for so many
/// of them: each commit of others would bring the next.
const SESSIONS_A_MILLISECOND: usize = 100;

/// What a round came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Sessions that ended, and by which rule.
    pub ended: Vec<(SignedOut, EndReason)>,
    /// Sessions that wait for the end of a call.
    pub in_call: usize,
    /// Whether the store failed; the rest waits for the next round.
    pub failed: bool,
    /// How long the next round may wait; `None`: until something is stored.
    pub wait: Option<Duration>,
}

/// Ends sessions as their time comes.
pub struct Expirer {
    mobility: Mobility,
    presence: Arc<dyn Presence>,
    clock: ClockWatch,
    /// Nothing before this counts as not being used: this process was not
    /// there, or the wall clock was set.
    watching_since: Timestamp,
    /// Sessions whose end waits for that of a call: nothing that happens
    /// meanwhile lets them off.
    deferred: HashMap<ObjectId, Due>,
}

/// What one look at the sessions found.
#[derive(Default)]
struct Look {
    due: Vec<Due>,
    in_call: usize,
    next: Option<Timestamp>,
}

/// The times of day in one zone, around now.
#[derive(Clone, Copy, Default)]
struct Day {
    last: Option<Timestamp>,
    next: Option<Timestamp>,
}

impl Expirer {
    /// Begins to watch.
    pub fn new(mobility: Mobility, presence: Arc<dyn Presence>) -> Self {
        Self {
            watching_since: mobility.now(),
            mobility,
            presence,
            clock: ClockWatch::default(),
            deferred: HashMap::new(),
        }
    }

    /// Ends every session whose time has come, except on phones that are in a
    /// call: a conversation is not torn down.
    pub async fn round(&mut self) -> Round {
        let now = self.mobility.now();
        let mut round = Round {
            failed: !self.note_schedule(now).await,
            ..Round::default()
        };
        // The commit may have taken a while, which is no clock set back.
        let now = self.mobility.now();
        let look = self.look(now);
        round.in_call = look.in_call;
        for some in look.due.chunks(ENDS_A_COMMIT) {
            match self.end(some).await {
                Ok(ended) => round.ended.extend(ended),
                Err(refusal) => {
                    tracing::warn!(%refusal, "logins whose time is up could not be ended");
                    round.failed = true;
                    break;
                }
            }
        }
        let again = round.failed || look.in_call > 0;
        let next = look.next.map(|next| next.since(now).min(LONGEST_SLEEP));
        round.wait = [next, again.then_some(LOOK_AGAIN)]
            .into_iter()
            .flatten()
            .min();
        round
    }

    /// Writes down since when the times of day are what they are; whether that
    /// is known.
    async fn note_schedule(&self, now: Timestamp) -> bool {
        // What was noted later than now was so before the clock was set back.
        let is_known = move |world: &World| match &world.logout_schedule {
            Some(noted) => noted.times == world.parameters.logout_times && noted.since <= now,
            None => world.parameters.logout_times.is_empty(),
        };
        if is_known(&self.mobility.store.world()) {
            return true;
        }
        let noted = self.mobility.decide(Scope::Site, move |world, _, _| {
            let schedule = LogoutSchedule {
                times: world.parameters.logout_times.clone(),
                since: now,
            };
            let changes = if is_known(world) {
                Vec::new()
            } else {
                vec![Change::LogoutSchedule(schedule)]
            };
            Ok(Decision { value: (), changes })
        });
        let noted: Result<(), Refusal> = noted.await;
        if let Err(refusal) = &noted {
            tracing::warn!(%refusal, "the times of day for logout could not be noted");
        }
        noted.is_ok()
    }

    fn look(&mut self, now: Timestamp) -> Look {
        let store = Arc::clone(&self.mobility.store);
        let world = store.world();
        let monotonic = self.mobility.clock.monotonic();
        if self.clock.look(now, monotonic, &world) {
            self.watching_since = now;
        }
        self.deferred.retain(|phone, due| {
            let session = world.sessions.get(phone);
            session.is_some_and(|session| due.is_of(session))
        });
        let mut days = Days::new(&world, now);
        let mut look = Look::default();
        for session in world.sessions.values() {
            self.look_at(&world, session, now, &mut days, &mut look);
        }
        look
    }

    /// Most sessions are not due, and that is told quickly.
    fn look_at<'w>(
        &mut self,
        world: &'w World,
        session: &Session,
        now: Timestamp,
        days: &mut Days<'w>,
        look: &mut Look,
    ) {
        let Some(phone) = world.phones.get(&session.phone) else {
            return;
        };
        let (began, expires) = self.clock.reading(session);
        let day = days.of(&phone.device_pool, world);
        let limit = idle::limit(world, session);
        let unused_since = limit.map(|_| {
            // A use that is yet to come was seen before the clock was set back.
            let used = self.presence.last_use(&phone.name);
            let used = [used, Some(began)].into_iter().flatten();
            let used = used.filter(|used| *used <= now);
            used.fold(self.watching_since, Timestamp::max)
        });
        let idle_end = limit
            .zip(unused_since)
            .map(|(limit, since)| since.plus(limit));
        let has_passed = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let deferred = self.deferred.get(&session.phone).copied();
        let is_over =
            has_passed(expires) || day.last.is_some_and(|last| last > began) || deferred.is_some();
        if !is_over && !has_passed(idle_end) {
            let soonest = [expires, day.next, idle_end].into_iter().flatten().min();
            look.next = [look.next, soonest].into_iter().flatten().min();
            return;
        }
        let in_call = self
            .presence
            .registration(&phone.name)
            .is_some_and(|there| there.in_call);
        if in_call && !is_over {
            // It is being used; that it was put down will be noticed.
            look.next = Some(look.next.map_or(now.plus(LONGEST_SLEEP), |next| {
                next.min(now.plus(LONGEST_SLEEP))
            }));
            return;
        }
        let known = Known {
            began,
            expires,
            unused_since: unused_since.filter(|_| !in_call),
        };
        let rule = || first_end(world, session, &known).map(|end| Due::of(session, end.why));
        let Some(due) = deferred.or_else(rule) else {
            return;
        };
        if in_call {
            look.in_call += 1;
            self.deferred.insert(session.phone, due);
        } else {
            look.due.push(due);
        }
    }

    /// Ends some sessions in one transaction, and tells of it.
    async fn end(&self, some: &[Due]) -> Result<Vec<(SignedOut, EndReason)>, Refusal> {
        let scope = {
            let world = self.mobility.store.world();
            let phones = some.iter().filter_map(|due| world.phones.get(&due.phone));
            Scope::Of {
                phones: phones.map(|phone| phone.name.clone()).collect(),
                users: some
                    .iter()
                    .filter_map(|due| user_id(&world, due.user))
                    .collect(),
            }
        };
        let some = some.to_vec();
        let ended = self
            .mobility
            .decide(scope, move |world, catalogue, now| {
                Ok(decide(world, catalogue, now, &some))
            })
            .await?;
        for (gone, _) in &ended {
            self.mobility.tell_signed_out(gone);
            self.mobility.tell_planned(&gone.planned);
        }
        Ok(ended)
    }
}

/// The times of day by device pool, worked out once a look.
struct Days<'w> {
    now: Timestamp,
    schedule: Option<&'w LogoutSchedule>,
    of: HashMap<&'w ObjectName, Day>,
}

impl<'w> Days<'w> {
    fn new(world: &'w World, now: Timestamp) -> Self {
        let schedule = world.logout_schedule.as_ref();
        Self {
            now,
            schedule: schedule.filter(|schedule| !schedule.times.is_empty()),
            of: HashMap::new(),
        }
    }

    fn of(&mut self, pool: &'w ObjectName, world: &World) -> Day {
        let Some(schedule) = self.schedule else {
            return Day::default();
        };
        let now = self.now;
        *self.of.entry(pool).or_insert_with(|| {
            let zone = time_of_day::zone_of(world, pool);
            Day {
                last: time_of_day::last_until(&zone, &schedule.times, now)
                    .filter(|last| *last > schedule.since),
                next: time_of_day::first_after(&zone, &schedule.times, now),
            }
        })
    }
}

/// Ends sessions as their time comes, until cancelled or the store is gone.
pub async fn run_expiry(
    mobility: Mobility,
    presence: Arc<dyn Presence>,
    cancel: CancellationToken,
) {
    let clock = Arc::clone(&mobility.clock);
    let store = Arc::clone(&mobility.store);
    let mut changed = store.changed();
    let mut expirer = Expirer::new(mobility, presence);
    loop {
        changed.borrow_and_update();
        let round = expirer.round().await;
        let began = clock.monotonic();
        let rest = store.world().sessions.len() / SESSIONS_A_MILLISECOND;
        let rested = clock.sleep_until(began + Duration::from_millis(rest as u64));
        let wake = async {
            match round.wait {
                Some(length) => clock.sleep_until(began + length).await,
                None => std::future::pending().await,
            }
        };
        let news = async {
            let news = changed.changed().await;
            rested.await;
            news
        };
        tokio::select! {
            () = cancel.cancelled() => return,
            news = news => if news.is_err() { return },
            () = wake => {}
        }
    }
}
