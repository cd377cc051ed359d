//! The task that works the pending rows.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::call_logs::Answers;
use super::due::{Due, Reachable, due};
use super::news::{Inbox, Pace, ReconcilerHandle, Unworked};
use super::rows::{Bench, Rows, Told};
use super::steps;
use crate::model::{Catalogue, ObjectId, OrderKind, PhoneModel, Timestamp, World};
use crate::ports::{
    Clock, Decision, Event, EventKind, Journal, LinkOrder, PhoneWeb, Presence, Registration, Scope,
    Store, transact,
};
use crate::registry::Registry;

/// Called after an order was handed to a phone's connection (a testing aid of
/// the composition root: crash points).
pub type OrderHook = Box<dyn Fn() + Send + Sync>;

/// How the reconciler paces itself.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// At most so many orders leave in one second.
    pub orders_per_second: usize,
    /// How often everything is looked at, whatever the news.
    pub sweep: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            orders_per_second: 100,
            sweep: Duration::from_secs(60),
        }
    }
}

/// When a store that could not write is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// After so long the news are given up: they may be what the store cannot
/// write. Rows stay, and their phones are ordered again.
const PATIENCE: Duration = Duration::from_secs(300);

/// A look at all rows is followed by a pause of a millisecond for so many of
/// them: with ten thousand phones on their way there are hundreds of news a
/// second, and each would look at every row again.
const ROWS_A_MILLISECOND: usize = 100;

/// Brings phones to what is wanted.
pub struct Reconciler {
    pub(super) store: Arc<dyn Store>,
    pub(super) registry: Arc<Registry>,
    bench: Arc<Bench>,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Arc<dyn Clock>,
    /// The web servers of phones.
    pub(super) web: Arc<dyn PhoneWeb>,
    pub(super) answers: Answers,
    settings: Settings,
    after_order: OrderHook,
    inbox: Inbox,
    pace: Pace,
    /// No look at all rows before this (monotonic).
    rested: Duration,
    trouble: Option<Trouble>,
}

/// The store does not write (monotonic times).
#[derive(Clone, Copy)]
struct Trouble {
    since: Duration,
    again: Duration,
}

/// A row whose time has come, and its phone as it was seen then.
#[derive(Clone)]
struct Case {
    phone: ObjectId,
    generation: u64,
    reachable: Reachable,
    at: Timestamp,
}

/// What one look at the rows found.
#[derive(Default)]
struct Look {
    cases: Vec<Case>,
    away: Vec<ObjectId>,
    next: Option<Timestamp>,
}

/// An order that was marked as left, and is to leave.
struct Marked {
    case: Case,
    order: OrderKind,
    attempt: u8,
}

impl Reconciler {
    /// Makes the reconciler of this node and the handle it is told news by.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        store: Arc<dyn Store>,
        registry: Arc<Registry>,
        catalogue: Arc<Catalogue>,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        web: Arc<dyn PhoneWeb>,
        node: &str,
        settings: Settings,
        after_order: OrderHook,
    ) -> (Self, ReconcilerHandle) {
        let (sender, messages) = mpsc::unbounded_channel();
        let unworked = Unworked::default();
        let handle = ReconcilerHandle::new(
            sender,
            unworked.clone(),
            Arc::clone(&store),
            Arc::clone(&clock),
        );
        let bench = Bench {
            catalogue,
            node: node.into(),
            started: clock.now(),
        };
        let reconciler = Self {
            store,
            registry,
            bench: Arc::new(bench),
            journal,
            clock,
            web,
            answers: Answers::default(),
            settings,
            after_order,
            inbox: Inbox::new(messages, unworked),
            pace: Pace::new(settings.orders_per_second),
            rested: Duration::ZERO,
            trouble: None,
        };
        (reconciler, handle)
    }

    /// Works until `cancel`.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut changed = self.store.changed();
        loop {
            let wait = self.round().await;
            let wake = self.clock.sleep_until(self.clock.monotonic() + wait);
            tokio::select! {
                () = cancel.cancelled() => return,
                () = wake => {}
                seen = changed.changed() => if seen.is_err() { return },
                told = self.inbox.wait() => if !told { return },
                () = self.answers.wait() => {}
            }
        }
    }

    /// Works in all news, then does what is due; tells how long to wait for
    /// the next. News come first: what is ordered is decided upon with
    /// everything that is known.
    pub(super) async fn round(&mut self) -> Duration {
        let wait = self
            .trouble
            .map_or(Duration::ZERO, |trouble| self.until(trouble.again));
        if !wait.is_zero() {
            return wait;
        }
        loop {
            let news = self.inbox.batch();
            if news.is_empty() {
                // Before an order makes the phone leave.
                let logs = self.clear_call_logs().await;
                let wait = self.act().await;
                return logs.map_or(wait, |soon| wait.min(soon));
            }
            let worked_in = self
                .decide(self.clock.now(), move |rows| {
                    for item in &news {
                        steps::work_in(rows, item);
                    }
                })
                .await;
            if worked_in.is_none() && !self.out_of_patience() {
                return self.in_trouble();
            }
            self.trouble = None;
            self.inbox.clear();
        }
    }

    fn until(&self, at: Duration) -> Duration {
        at.saturating_sub(self.clock.monotonic())
    }

    fn in_trouble(&mut self) -> Duration {
        let now = self.clock.monotonic();
        self.trouble = Some(Trouble {
            since: self.trouble.map_or(now, |trouble| trouble.since),
            again: now + RETRY,
        });
        RETRY
    }

    fn out_of_patience(&self) -> bool {
        let over = self
            .trouble
            .is_some_and(|trouble| self.until(trouble.since + PATIENCE).is_zero());
        if over {
            tracing::error!("news about phones are given up");
        }
        over
    }

    /// Decides over rows in one transaction and tells the journal afterwards;
    /// `None` when the store could not write.
    async fn decide<T: Send + 'static>(
        &self,
        now: Timestamp,
        mut decide: impl FnMut(&mut Rows<'_>) -> T + Send + 'static,
    ) -> Option<T> {
        let bench = Arc::clone(&self.bench);
        let outcome = transact(&*self.store, Scope::Site, move |world: &World| {
            let mut rows = Rows::new(world, &bench, now);
            let value = decide(&mut rows);
            let (changes, told) = rows.finish();
            Ok::<_, std::convert::Infallible>(Decision {
                value: (value, told),
                changes,
            })
        })
        .await;
        match outcome {
            Ok((value, told)) => {
                self.tell(told);
                Some(value)
            }
            Err(error) => {
                tracing::error!(%error, "pending rows could not be written");
                None
            }
        }
    }

    fn tell(&self, told: Told) {
        let at = self.clock.now();
        for (device, kind) in told {
            self.journal.record(Event {
                at,
                device: Some(device),
                kind,
            });
        }
    }

    /// Sends what is due; tells how long to wait for the next.
    async fn act(&mut self) -> Duration {
        let rest = self.until(self.rested);
        if !rest.is_zero() {
            return rest;
        }
        let now = self.clock.now();
        let mut look = self.look(now);
        look.cases.sort_by_key(|case| case.at);
        let granted = self.pace.grant(look.cases.len(), self.clock.monotonic());
        let more = granted < look.cases.len();
        look.cases.truncate(granted);
        if !(look.cases.is_empty() && look.away.is_empty()) {
            let Some(marked) = self.mark(look.cases, look.away, now).await else {
                return self.in_trouble();
            };
            for marked in marked {
                self.send(&marked, now);
            }
        }
        self.trouble = None;
        if more {
            return Duration::from_secs(1);
        }
        look.next.map_or(self.settings.sweep, |next| {
            next.since(now)
                .clamp(Duration::from_millis(1), self.settings.sweep)
        })
    }

    fn look(&mut self, now: Timestamp) -> Look {
        let mut look = Look::default();
        let world = self.store.world();
        let rest = world.pending.len() / ROWS_A_MILLISECOND;
        self.rested = self.clock.monotonic() + Duration::from_millis(rest as u64);
        self.inbox.forget_all_but_pending(&world);
        for (phone, row) in &world.pending {
            let Some(phone) = world.phones.get(phone) else {
                continue;
            };
            let Some(registration) = self.registry.registration(&phone.name) else {
                if steps::may_change_away(row, world.held.get(&phone.id)) {
                    look.away.push(phone.id);
                }
                continue;
            };
            if !self.inbox.has_sighted(&phone.name, registration.generation) {
                continue;
            }
            let model = self.bench.catalogue.model(phone.served_model());
            let reachable = self.reachable(&registration, model);
            match due(row, &reachable) {
                Due::At(at) | Due::GiveUpAt(at) if at <= now => look.cases.push(Case {
                    phone: phone.id,
                    generation: registration.generation,
                    reachable,
                    at,
                }),
                Due::At(at) | Due::GiveUpAt(at) => {
                    look.next = Some(look.next.map_or(at, |next| next.min(at)));
                }
                Due::Never => {}
            }
        }
        look
    }

    fn reachable(&self, registration: &Registration, model: Option<&PhoneModel>) -> Reachable {
        let pause = model
            .and_then(|model| model.facts(registration.protocol))
            .map_or(180, |facts| facts.order_pause);
        Reachable {
            protocol: registration.protocol,
            in_call: registration.in_call,
            heard: registration.heard,
            idle_since: self.inbox.idle_since(&registration.device),
            page_left: self.inbox.page_left(&registration.device),
            out: self
                .inbox
                .order_out(&registration.device, registration.generation),
            pause: Duration::from_secs(u64::from(pause)),
        }
    }

    /// Marks the orders of these rows as left, gives up on those that had all
    /// of theirs. A row may have been replaced since the look: what is done is
    /// what the row says now.
    async fn mark(
        &self,
        cases: Vec<Case>,
        away: Vec<ObjectId>,
        now: Timestamp,
    ) -> Option<Vec<Marked>> {
        self.decide(now, move |rows| {
            for phone in &away {
                steps::away(rows, *phone);
            }
            let mut marked = Vec::new();
            for case in &cases {
                let Some(row) = rows.pending(case.phone) else {
                    continue;
                };
                match due(&row, &case.reachable) {
                    Due::At(at) if at <= now => {
                        let protocol = case.reachable.protocol;
                        let ordered = steps::mark_ordered(rows, row, protocol);
                        marked.extend(ordered.map(|(order, attempt)| Marked {
                            case: case.clone(),
                            order,
                            attempt,
                        }));
                    }
                    Due::GiveUpAt(at) if at <= now => {
                        steps::exhausted(rows, row, case.reachable.protocol);
                    }
                    Due::At(_) | Due::GiveUpAt(_) | Due::Never => {}
                }
            }
            marked
        })
        .await
    }

    /// Hands an order to the phone's connection, unless the row was replaced
    /// after the mark, or the phone registered anew: that may show what is
    /// wanted, and is told in a moment.
    fn send(&mut self, marked: &Marked, now: Timestamp) {
        let Marked {
            case,
            order,
            attempt,
        } = marked;
        let (device, station) = {
            let world = self.store.world();
            let stands = world
                .pending
                .get(&case.phone)
                .is_some_and(|row| row.attempts == *attempt);
            let Some(known) = world.phones.get(&case.phone).filter(|_| stands) else {
                return;
            };
            let station = world
                .wanted(&self.bench.catalogue, case.phone)
                .map(|wanted| wanted.station);
            (known.name.clone(), station)
        };
        let link = self.registry.link(&device);
        let Some((_, link)) = link.filter(|(generation, _)| *generation == case.generation) else {
            return;
        };
        let link_order = match order {
            OrderKind::Restart => LinkOrder::Restart,
            OrderKind::Reset => LinkOrder::Reset,
            OrderKind::Refresh => LinkOrder::Refresh(Box::new(station.unwrap_or_default())),
        };
        let kind = match link.send(link_order) {
            Ok(()) => {
                self.inbox.ordered(device.clone(), case.generation, now);
                EventKind::Ordered {
                    order: order.to_string(),
                    attempt: *attempt,
                }
            }
            Err(closed) => EventKind::OrderRefused {
                why: closed.to_string(),
            },
        };
        (self.after_order)();
        self.tell(vec![(device, kind)]);
    }
}
