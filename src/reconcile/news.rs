//! How the rest of the house tells the reconciler its news, and what it keeps
//! of them in memory. Nothing here must outlive a crash.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use super::due::Out;
use super::steps::{self, News};
use crate::model::{Basis, DeviceName, Stamp, Timestamp, World};
use crate::ports::{Clock, Shown, Sighting, Sightings, Store};

/// At most so many pieces of news go into one transaction.
const BATCH: usize = 256;

pub(super) enum Message {
    /// About a registration, by its generation.
    Of(DeviceName, u64, News),
    /// About a phone, registered or not.
    News(News),
    PageLeft(DeviceName, Timestamp),
    Idle(DeviceName, Timestamp),
    Look,
}

/// How many messages were told and are not yet worked in.
#[derive(Clone, Default)]
pub(super) struct Unworked(Arc<AtomicUsize>);

impl Unworked {
    fn told(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn worked_in(&self, count: usize) {
        self.0.fetch_sub(count, Ordering::SeqCst);
    }

    /// Whether the world has everything that was told.
    fn is_none(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }
}

/// How the rest of the house tells the reconciler its news.
#[derive(Clone)]
pub struct ReconcilerHandle {
    messages: mpsc::UnboundedSender<Message>,
    unworked: Unworked,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl ReconcilerHandle {
    pub(super) fn new(
        messages: mpsc::UnboundedSender<Message>,
        unworked: Unworked,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            messages,
            unworked,
            store,
            clock,
        }
    }

    /// The page that answered the phone's own request has left: the restart
    /// may follow one second later, instead of three after the commit.
    pub fn page_left(&self, device: &DeviceName) {
        self.tell(Message::PageLeft(device.clone(), self.clock.now()));
    }

    fn tell(&self, message: Message) {
        self.unworked.told();
        // Closed means that the daemon stops: nothing is lost, rows are durable.
        let _ = self.messages.send(message);
    }

    fn tell_of(&self, device: &DeviceName, generation: u64, news: News) {
        self.tell(Message::Of(device.clone(), generation, news));
    }
}

impl Sightings for ReconcilerHandle {
    fn registered(&self, sighting: Sighting) {
        let (device, generation) = (sighting.device.clone(), sighting.generation);
        self.tell_of(&device, generation, News::Registered(sighting));
    }

    fn order_accepted(&self, device: &DeviceName, generation: u64) {
        let device = device.clone();
        self.tell_of(&device.clone(), generation, News::Accepted { device });
    }

    fn order_refused(&self, device: &DeviceName, generation: u64, why: String) {
        let device = device.clone();
        self.tell_of(
            &device.clone(),
            generation,
            News::OrderRefused { device, why },
        );
    }

    fn unregistered(&self, _device: &DeviceName, _generation: u64) {
        self.tell(Message::Look);
    }

    fn refreshed(&self, device: &DeviceName, generation: u64, shown: Shown) {
        let device = device.clone();
        self.tell_of(
            &device.clone(),
            generation,
            News::Refreshed { device, shown },
        );
    }

    fn idle(&self, device: &DeviceName) {
        self.tell(Message::Idle(device.clone(), self.clock.now()));
    }

    fn file_taken(&self, device: &DeviceName, file: Stamp, basis: Basis) {
        // Most fetches change nothing. That can be told only when all news
        // before this are in the world: a registration that waits in the inbox
        // may show another file. First the inbox, then the world.
        if self.unworked.is_none() && steps::is_no_news(&self.store.world(), device, file, basis) {
            return;
        }
        self.tell(Message::News(News::FileTaken {
            device: device.clone(),
            file,
        }));
    }
}

/// What came in and is not yet worked into the rows, and what is remembered of
/// what came in before.
pub(super) struct Inbox {
    messages: mpsc::UnboundedReceiver<Message>,
    unworked: Unworked,
    /// Taken, and to be committed; kept when that fails.
    batch: VecDeque<News>,
    /// The newest registration of each phone that was told.
    sighted: HashMap<DeviceName, u64>,
    /// The last order that left for each phone, with its registration.
    orders_out: HashMap<DeviceName, (u64, Out)>,
    pages_left: HashMap<DeviceName, Timestamp>,
    idle_since: HashMap<DeviceName, Timestamp>,
}

impl Inbox {
    pub(super) fn new(messages: mpsc::UnboundedReceiver<Message>, unworked: Unworked) -> Self {
        Self {
            messages,
            unworked,
            batch: VecDeque::new(),
            sighted: HashMap::new(),
            orders_out: HashMap::new(),
            pages_left: HashMap::new(),
            idle_since: HashMap::new(),
        }
    }

    /// Waits for a message; `false` when nobody is left to tell any.
    pub(super) async fn wait(&mut self) -> bool {
        match self.messages.recv().await {
            Some(message) => {
                self.take(message);
                true
            }
            None => false,
        }
    }

    /// What is to be worked in next, in the order in which it came.
    pub(super) fn batch(&mut self) -> Vec<News> {
        while self.batch.len() < BATCH
            && let Ok(message) = self.messages.try_recv()
        {
            self.take(message);
        }
        self.batch.iter().cloned().collect()
    }

    /// The batch is durable, or given up.
    pub(super) fn clear(&mut self) {
        self.unworked.worked_in(self.batch.len());
        self.batch.clear();
    }

    fn take(&mut self, message: Message) {
        let before = self.batch.len();
        self.sort(message);
        if self.batch.len() == before {
            self.unworked.worked_in(1);
        }
    }

    fn sort(&mut self, message: Message) {
        match message {
            Message::Of(device, generation, news) => {
                let newest = self.sighted.get(&device).copied().unwrap_or(0);
                let anew = matches!(news, News::Registered(_));
                // Told twice, or a late word about an older registration.
                if generation < newest || (anew && generation == newest) {
                    return;
                }
                if let (News::Accepted { .. }, Some((to, out))) =
                    (&news, self.orders_out.get_mut(&device))
                {
                    out.accepted |= *to == generation;
                }
                if anew {
                    self.orders_out.remove(&device);
                    self.sighted.insert(device, generation);
                }
                self.batch.push_back(news);
            }
            Message::News(news) => self.batch.push_back(news),
            Message::PageLeft(device, at) => {
                self.pages_left.insert(device, at);
            }
            Message::Idle(device, at) => {
                self.idle_since.insert(device, at);
            }
            Message::Look => {}
        }
    }

    /// Whether it was told what this registration shows. A phone that is
    /// registered since a moment may hold what is wanted.
    pub(super) fn has_sighted(&self, device: &DeviceName, generation: u64) -> bool {
        self.sighted.get(device) == Some(&generation)
    }

    /// An order left for this registration.
    pub(super) fn ordered(&mut self, device: DeviceName, generation: u64, at: Timestamp) {
        let out = Out {
            at,
            accepted: false,
        };
        self.orders_out.insert(device, (generation, out));
    }

    /// The last order that left for this registration.
    pub(super) fn order_out(&self, device: &DeviceName, generation: u64) -> Option<Out> {
        self.orders_out
            .get(device)
            .filter(|(to, _)| *to == generation)
            .map(|(_, out)| *out)
    }

    pub(super) fn page_left(&self, device: &DeviceName) -> Option<Timestamp> {
        self.pages_left.get(device).copied()
    }

    pub(super) fn idle_since(&self, device: &DeviceName) -> Option<Timestamp> {
        self.idle_since.get(device).copied()
    }

    /// Forgets what matters to pending rows only, and phones that are gone from
    /// the site.
    pub(super) fn forget_all_but_pending(&mut self, world: &World) {
        if self.sighted.len() > world.phones.len() {
            let known = |device: &DeviceName| world.phone(device).is_some();
            self.sighted.retain(|device, _| known(device));
            self.orders_out.retain(|device, _| known(device));
        }
        let pending = |device: &DeviceName| {
            world
                .phone(device)
                .is_some_and(|phone| world.pending.contains_key(&phone.id))
        };
        self.pages_left.retain(|device, _| pending(device));
        self.idle_since.retain(|device, _| pending(device));
    }
}

/// At most so many orders in a second.
pub(super) struct Pace {
    most: usize,
    second: Duration,
    sent: usize,
}

impl Pace {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            second: Duration::ZERO,
            sent: 0,
        }
    }

    /// How many of `asked` may leave at `now` (monotonic).
    pub(super) fn grant(&mut self, asked: usize, now: Duration) -> usize {
        if now >= self.second + Duration::from_secs(1) {
            self.second = now;
            self.sent = 0;
        }
        let granted = asked.min(self.most - self.sent);
        self.sent += granted;
        granted
    }
}
