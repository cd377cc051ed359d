//! The task that works the pending rows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::rows::Rows;
use super::steps::{self, Due, News, Reachable, Told};
use crate::model::{Catalogue, DeviceName, ObjectId, OrderKind, Pending, Stamp, Timestamp, World};
use crate::ports::{
    Clock, Decision, Event, EventKind, Journal, LinkOrder, Presence, Scope, Shown, Sighting,
    Sightings, Store, transact,
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

enum Message {
    News(News),
    PageLeft { device: DeviceName, at: Timestamp },
    Look,
}

/// How the rest of the house tells the reconciler its news.
#[derive(Clone)]
pub struct ReconcilerHandle {
    messages: mpsc::UnboundedSender<Message>,
    clock: Arc<dyn Clock>,
}

impl ReconcilerHandle {
    /// The page that answered the phone's own request has left: the restart
    /// may follow one second later, instead of three after the commit.
    pub fn page_left(&self, device: &DeviceName) {
        let at = self.clock.now();
        self.tell(Message::PageLeft {
            device: device.clone(),
            at,
        });
    }

    fn tell(&self, message: Message) {
        // Closed means that the daemon stops: nothing is lost, rows are durable.
        let _ = self.messages.send(message);
    }
}

impl Sightings for ReconcilerHandle {
    fn registered(&self, sighting: Sighting) {
        self.tell(Message::News(News::Registered(sighting)));
    }

    fn order_accepted(&self, device: &DeviceName, _generation: u64) {
        self.tell(Message::News(News::Accepted {
            device: device.clone(),
        }));
    }

    fn order_refused(&self, device: &DeviceName, _generation: u64, why: String) {
        self.tell(Message::News(News::OrderRefused {
            device: device.clone(),
            why,
        }));
    }

    fn unregistered(&self, _device: &DeviceName, _generation: u64) {
        self.tell(Message::Look);
    }

    fn refreshed(&self, device: &DeviceName, _generation: u64, shown: Shown) {
        self.tell(Message::News(News::Refreshed {
            device: device.clone(),
            shown,
        }));
    }

    fn idle(&self, _device: &DeviceName) {
        self.tell(Message::Look);
    }

    fn file_taken(&self, device: &DeviceName, file: Stamp) {
        self.tell(Message::News(News::FileTaken {
            device: device.clone(),
            file,
        }));
    }
}

/// Brings phones to what is wanted.
pub struct Reconciler {
    store: Arc<dyn Store>,
    registry: Arc<Registry>,
    catalogue: Arc<Catalogue>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    node: Arc<str>,
    settings: Settings,
    after_order: OrderHook,
    messages: mpsc::UnboundedReceiver<Message>,
    pages_left: HashMap<DeviceName, Timestamp>,
}

/// What one look at the rows found.
#[derive(Default)]
struct Look {
    order: Vec<ObjectId>,
    exhausted: Vec<ObjectId>,
    next: Option<Timestamp>,
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
        node: &str,
        settings: Settings,
        after_order: OrderHook,
    ) -> (Self, ReconcilerHandle) {
        let (sender, messages) = mpsc::unbounded_channel();
        let handle = ReconcilerHandle {
            messages: sender,
            clock: Arc::clone(&clock),
        };
        let reconciler = Self {
            store,
            registry,
            catalogue,
            journal,
            clock,
            node: node.into(),
            settings,
            after_order,
            messages,
            pages_left: HashMap::new(),
        };
        (reconciler, handle)
    }

    /// Works until `cancel`.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut changed = self.store.changed();
        loop {
            let news = self.drain();
            if !news.is_empty() {
                self.work_in(news).await;
            }
            let wait = self.act().await;
            let wake = self.clock.sleep_until(self.clock.monotonic() + wait);
            tokio::select! {
                () = cancel.cancelled() => return,
                () = wake => {}
                seen = changed.changed() => if seen.is_err() { return },
                message = self.messages.recv() => match message {
                    Some(message) => {
                        let mut news = self.take(message).into_iter().collect::<Vec<_>>();
                        news.extend(self.drain());
                        self.work_in(news).await;
                    }
                    None => return,
                },
            }
        }
    }

    /// At most so many pieces of news go into one transaction.
    const BATCH: usize = 256;

    fn drain(&mut self) -> Vec<News> {
        let mut news = Vec::new();
        while news.len() < Self::BATCH
            && let Ok(message) = self.messages.try_recv()
        {
            news.extend(self.take(message));
        }
        news
    }

    fn take(&mut self, message: Message) -> Option<News> {
        match message {
            Message::News(news) => Some(news),
            Message::PageLeft { device, at } => {
                self.pages_left.insert(device, at);
                None
            }
            Message::Look => None,
        }
    }

    async fn work_in(&self, news: Vec<News>) {
        if news.is_empty() {
            return;
        }
        let now = self.clock.now();
        let node = Arc::clone(&self.node);
        self.decide(move |rows, told| {
            for item in &news {
                steps::work_in(rows, item, &node, now, told);
            }
        })
        .await;
    }

    /// Decides over rows in one transaction and tells the journal afterwards.
    async fn decide(&self, mut decide: impl FnMut(&mut Rows<'_>, &mut Told) + Send + 'static) {
        let outcome = transact(&*self.store, Scope::Site, move |world: &World| {
            let mut rows = Rows::new(world);
            let mut told = Told::new();
            decide(&mut rows, &mut told);
            Ok::<_, std::convert::Infallible>(Decision {
                value: told,
                changes: rows.into_changes(),
            })
        })
        .await;
        match outcome {
            Ok(told) => self.tell(told),
            Err(error) => tracing::error!(%error, "pending rows could not be written"),
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
        let now = self.clock.now();
        let look = self.look(now);
        if !look.exhausted.is_empty() {
            let phones = look.exhausted.clone();
            self.decide(move |rows, told| {
                for phone in &phones {
                    steps::exhausted(rows, *phone, now, told);
                }
            })
            .await;
        }
        let more = look.order.len() > self.settings.orders_per_second;
        if !look.order.is_empty() {
            let mut phones = look.order;
            phones.truncate(self.settings.orders_per_second);
            self.order(phones, now).await;
        }
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
        self.pages_left.retain(|device, _| {
            world
                .phone(device)
                .is_some_and(|phone| world.pending.contains_key(&phone.id))
        });
        for (phone, row) in &world.pending {
            let Some(phone) = world.phones.get(phone) else {
                continue;
            };
            let registration = self.registry.registration(&phone.name);
            let pause = self.pause(phone.served_model(), registration.as_ref());
            let reachable = registration.map(|seen| Reachable {
                protocol: seen.protocol,
                in_call: seen.in_call,
            });
            match steps::due(
                row,
                reachable,
                pause,
                self.pages_left.get(&phone.name).copied(),
            ) {
                Due::At(at) if at <= now => look.order.push(phone.id),
                Due::GiveUpAt(at) if at <= now => look.exhausted.push(phone.id),
                Due::At(at) | Due::GiveUpAt(at) => {
                    look.next = Some(look.next.map_or(at, |next| next.min(at)));
                }
                Due::Never => {}
            }
        }
        look
    }

    fn pause(
        &self,
        model: &crate::model::ModelName,
        registration: Option<&crate::ports::Registration>,
    ) -> Duration {
        let seconds = registration
            .and_then(|seen| self.catalogue.model(model)?.facts(seen.protocol))
            .map_or(180, |facts| facts.order_pause);
        Duration::from_secs(u64::from(seconds))
    }

    /// Marks the orders of these phones as left, then sends them.
    async fn order(&self, phones: Vec<ObjectId>, now: Timestamp) {
        let node = Arc::clone(&self.node);
        let marked: Arc<Mutex<Vec<(ObjectId, OrderKind, u8)>>> = Arc::default();
        let pages_left = self.pages_left.clone();
        let fill = Arc::clone(&marked);
        self.decide(move |rows, _told| {
            let mut left = Vec::new();
            for phone in &phones {
                // The row may have been replaced since the look: what is
                // ordered is what the row says now, if it still may leave.
                let left_at = rows
                    .world()
                    .phones
                    .get(phone)
                    .and_then(|phone| pages_left.get(&phone.name).copied());
                let due = rows
                    .pending(*phone)
                    .is_some_and(|row| may_leave(&row, now, left_at));
                if due && let Some((order, attempt)) = steps::mark_ordered(rows, *phone, &node, now)
                {
                    left.push((*phone, order, attempt));
                }
            }
            if let Ok(mut marked) = fill.lock() {
                *marked = left;
            }
        })
        .await;
        let marked = marked.lock().map(|mut marked| std::mem::take(&mut *marked));
        for (phone, order, attempt) in marked.unwrap_or_default() {
            self.send(phone, order, attempt);
        }
    }

    fn send(&self, phone: ObjectId, order: OrderKind, attempt: u8) {
        let (device, station) = {
            let world = self.store.world();
            // Marked but not committed (the store failed): nothing leaves.
            let committed = world
                .pending
                .get(&phone)
                .is_some_and(|row| row.attempts == attempt);
            let Some(known) = world.phones.get(&phone).filter(|_| committed) else {
                return;
            };
            let station = world
                .wanted(&self.catalogue, phone)
                .map(|wanted| wanted.station);
            (known.name.clone(), station)
        };
        let Some((_, link)) = self.registry.link(&device) else {
            return;
        };
        let link_order = match order {
            OrderKind::Restart => LinkOrder::Restart,
            OrderKind::Reset => LinkOrder::Reset,
            OrderKind::Refresh => LinkOrder::Refresh(Box::new(station.unwrap_or_default())),
        };
        let kind = match link.send(link_order) {
            Ok(()) => EventKind::Ordered {
                order: order.to_string(),
                attempt,
            },
            Err(closed) => EventKind::OrderRefused {
                why: closed.to_string(),
            },
        };
        (self.after_order)();
        self.tell(vec![(device, kind)]);
    }
}

/// Whether an order of this row may leave, as far as the row itself tells.
fn may_leave(row: &Pending, now: Timestamp, page_left: Option<Timestamp>) -> bool {
    row.attempts < Pending::MAX_ATTEMPTS
        && steps::not_before(row, page_left) <= now
        && match row.progress {
            crate::model::Progress::Waiting => true,
            crate::model::Progress::Ordered { at, .. } => now.since(at) >= steps::UNACCEPTED,
            crate::model::Progress::Refuses { .. } => false,
        }
}
