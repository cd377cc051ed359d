//! What the phone has seen and shown: shared between its life, its browser and
//! whoever watches.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};

use super::display::Clock;
use super::event::{ButtonSeen, HandsetEvent, Order, Orders, Pushed, Traffic};
use super::fault::Fault;
use super::file::BootFile;
use super::hook::{HookPoint, Pause};

/// Events that a slow watcher may be behind before it loses some.
const EVENTS: usize = 4096;
/// Faults that are kept; a phone that fails for ever must not grow for ever.
const FAULTS: usize = 1024;

/// Whether and how often the phone is in service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Standing {
    pub(super) registered: bool,
    pub(super) count: u32,
    /// The plug was pulled.
    pub(super) gone: bool,
}

#[derive(Debug, Default)]
struct Seen {
    file: Option<Arc<BootFile>>,
    buttons: Vec<ButtonSeen>,
    prompt: String,
    notice: String,
    pushed: Option<Pushed>,
    message_lamp: Option<bool>,
    clock: Option<Clock>,
    soft_keys: Vec<String>,
    orders: Orders,
    faults: Vec<Fault>,
}

#[derive(Debug)]
pub(super) struct Shared {
    seen: Mutex<Seen>,
    /// Made for the first watcher: its room is 500 kB, and of ten thousand
    /// phones nobody watches most.
    events: OnceLock<broadcast::Sender<HandsetEvent>>,
    standing: watch::Sender<Standing>,
    /// Grows when the phone goes down: windows close, page requests die.
    window: watch::Sender<u64>,
    hooks: Mutex<Option<mpsc::Sender<Pause>>>,
    /// The connection is to break.
    cut: Notify,
    pub(super) counters: Counters,
}

impl Shared {
    pub(super) fn new(hooks: Option<mpsc::Sender<Pause>>) -> Self {
        Self {
            seen: Mutex::default(),
            events: OnceLock::new(),
            standing: watch::Sender::default(),
            window: watch::Sender::default(),
            hooks: Mutex::new(hooks),
            cut: Notify::new(),
            counters: Counters::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self, event: HandsetEvent) {
        if let Some(events) = self.events.get() {
            // Nobody watching any more is no error.
            let _ = events.send(event);
        }
    }

    pub(super) fn events(&self) -> broadcast::Receiver<HandsetEvent> {
        self.events
            .get_or_init(|| broadcast::Sender::new(EVENTS))
            .subscribe()
    }

    pub(super) fn fault(&self, fault: Fault) {
        {
            let mut seen = self.seen();
            if seen.faults.len() < FAULTS {
                seen.faults.push(fault.clone());
            }
        }
        self.tell(HandsetEvent::Fault(fault));
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        self.seen().faults.clone()
    }

    pub(super) fn fault_count(&self) -> usize {
        self.seen().faults.len()
    }

    pub(super) fn set_file(&self, file: Arc<BootFile>) {
        self.seen().file = Some(file);
    }

    pub(super) fn file(&self) -> Option<Arc<BootFile>> {
        self.seen().file.clone()
    }

    pub(super) fn set_buttons(&self, buttons: Vec<ButtonSeen>) {
        self.seen().buttons.clone_from(&buttons);
        self.tell(HandsetEvent::Buttons(buttons));
    }

    pub(super) fn buttons(&self) -> Vec<ButtonSeen> {
        self.seen().buttons.clone()
    }

    pub(super) fn set_prompt(&self, text: String) {
        self.seen().prompt.clone_from(&text);
        self.tell(HandsetEvent::Prompt(text));
    }

    pub(super) fn prompt(&self) -> String {
        self.seen().prompt.clone()
    }

    pub(super) fn set_notice(&self, text: String) {
        self.seen().notice.clone_from(&text);
        self.tell(HandsetEvent::Notice(text));
    }

    pub(super) fn notice(&self) -> String {
        self.seen().notice.clone()
    }

    pub(super) fn set_pushed(&self, pushed: Pushed) {
        self.seen().pushed = Some(pushed.clone());
        self.tell(HandsetEvent::Pushed(pushed));
    }

    pub(super) fn pushed(&self) -> Option<Pushed> {
        self.seen().pushed.clone()
    }

    pub(super) fn set_message_lamp(&self, on: bool) {
        self.seen().message_lamp = Some(on);
        self.tell(HandsetEvent::MessageLamp(on));
    }

    pub(super) fn message_lamp(&self) -> Option<bool> {
        self.seen().message_lamp
    }

    /// Date and time, as a server told them.
    pub(super) fn set_clock(&self, clock: Clock) {
        self.seen().clock = Some(clock);
    }

    pub(super) fn clock(&self) -> Option<Clock> {
        self.seen().clock
    }

    /// What the soft keys say while the handset is on its hook.
    pub(super) fn set_soft_keys(&self, names: Vec<String>) {
        self.seen().soft_keys = names;
    }

    pub(super) fn soft_keys(&self) -> Vec<String> {
        self.seen().soft_keys.clone()
    }

    pub(super) fn take_order(&self, order: Order, deferred: bool) {
        {
            let orders = &mut self.seen().orders;
            match order {
                Order::Restart => orders.restarts += 1,
                Order::Reset => orders.resets += 1,
            }
        }
        self.tell(HandsetEvent::Ordered { order, deferred });
    }

    pub(super) fn count_look(&self) {
        self.seen().orders.looks += 1;
    }

    pub(super) fn count_refusal(&self) {
        self.seen().orders.refused += 1;
    }

    pub(super) fn orders(&self) -> Orders {
        self.seen().orders
    }

    /// A new registration begins: what the display said is not known to hold.
    pub(super) fn begin_registration(&self) {
        let mut seen = self.seen();
        seen.prompt.clear();
        seen.notice.clear();
        seen.pushed = None;
        seen.message_lamp = None;
    }

    pub(super) fn in_service(&self) {
        let mut count = 0;
        self.standing.send_modify(|standing| {
            standing.registered = true;
            standing.count += 1;
            count = standing.count;
        });
        self.tell(HandsetEvent::Registered { count });
    }

    /// Out of service; tells it once.
    pub(super) fn out_of_service(&self) {
        let was = self.standing.send_if_modified(|standing| {
            let was = standing.registered;
            standing.registered = false;
            was
        });
        if was {
            self.tell(HandsetEvent::Unregistered);
        }
    }

    /// The plug was pulled: nothing will happen any more.
    pub(super) fn power_off(&self) {
        self.out_of_service();
        self.close_window();
        self.standing.send_modify(|standing| standing.gone = true);
        self.tell(HandsetEvent::PoweredOff);
    }

    pub(super) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// The phone goes down: its window closes.
    pub(super) fn close_window(&self) {
        self.window.send_modify(|window| *window += 1);
    }

    pub(super) fn window(&self) -> watch::Receiver<u64> {
        self.window.subscribe()
    }

    /// Breaks the connection that carries the registration, if there is one.
    pub(super) fn cut(&self) {
        self.cut.notify_waiters();
    }

    /// Until the connection is to break.
    pub(super) async fn is_cut(&self) {
        self.cut.notified().await;
    }

    pub(super) fn set_hooks(&self, hooks: mpsc::Sender<Pause>) {
        *self.hooks.lock().unwrap_or_else(PoisonError::into_inner) = Some(hooks);
    }

    /// Stands still here while whoever set a hook holds the [`Pause`].
    pub(super) async fn pause(&self, point: impl FnOnce() -> HookPoint) {
        let hooks = self
            .hooks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(hooks) = hooks else { return };
        let (release, held) = oneshot::channel();
        let pause = Pause {
            point: point(),
            _release: release,
        };
        if hooks.send(pause).await.is_ok() {
            let _ = held.await;
        }
    }
}

/// Messages, counted without a lock.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) sccp_sent: Counter,
    pub(super) sccp_received: Counter,
    pub(super) sip_sent: Counter,
    pub(super) sip_received: Counter,
    pub(super) tftp_sent: Counter,
    pub(super) tftp_received: Counter,
    pub(super) tftp_repeated: Counter,
    pub(super) http_requests: Counter,
}

impl Counters {
    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            sccp_sent: self.sccp_sent.get(),
            sccp_received: self.sccp_received.get(),
            sip_sent: self.sip_sent.get(),
            sip_received: self.sip_received.get(),
            tftp_sent: self.tftp_sent.get(),
            tftp_received: self.tftp_received.get(),
            tftp_repeated: self.tftp_repeated.get(),
            http_requests: self.http_requests.get(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
