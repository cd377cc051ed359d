//! The journal in memory: rings, unknown phones, the live stream.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

use super::describe::describe;
use super::ring::Rings;
use super::stream::EventStream;
use super::trail::Trail;
use super::trails::{Stranger, Trails};
use super::unknown::{UnknownPhone, UnknownPhones, adoption};
use crate::model::{Catalogue, DeviceName, Timestamp};
use crate::ports::{Event, EventKind, Journal};

/// Events that a slow reader of the live stream may lie behind.
const STREAM: usize = 1024;

/// How much the journal keeps in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimits {
    /// Phones with a ring of their own; beyond it the one heard of longest
    /// ago is forgotten.
    pub phones: usize,
    /// Unknown phones in the list.
    pub unknown: usize,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self {
            phones: 20_000,
            unknown: 1_000,
        }
    }
}

/// A journal that keeps the last events of each phone, and no more.
#[derive(Debug)]
pub struct MemoryJournal {
    catalogue: Arc<Catalogue>,
    rings: Mutex<Rings>,
    unknown: Mutex<UnknownPhones>,
    trails: Mutex<Trails>,
    live: broadcast::Sender<Arc<Event>>,
    recorded: AtomicU64,
    suppressed: AtomicU64,
}

impl MemoryJournal {
    /// An empty journal. The catalogue names the models of unknown phones.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self::with_limits(catalogue, MemoryLimits::default())
    }

    /// An empty journal that keeps so much.
    pub fn with_limits(catalogue: Arc<Catalogue>, limits: MemoryLimits) -> Self {
        Self {
            catalogue,
            rings: Mutex::new(Rings::new(limits.phones)),
            unknown: Mutex::new(UnknownPhones::new(limits.unknown)),
            trails: Mutex::new(Trails::new(limits.phones)),
            live: broadcast::Sender::new(STREAM),
            recorded: AtomicU64::new(0),
            suppressed: AtomicU64::new(0),
        }
    }

    /// The last events of a phone, oldest first, at most
    /// [`super::Ring::PHONE`].
    pub fn timeline(&self, device: &DeviceName) -> Vec<Event> {
        locked(&self.rings)
            .phone(device)
            .map(|ring| ring.events().collect())
            .unwrap_or_default()
    }

    /// The last events that belong to no phone, oldest first.
    pub fn house_timeline(&self) -> Vec<Event> {
        locked(&self.rings).house().events().collect()
    }

    /// Events from now on.
    pub fn subscribe(&self) -> EventStream {
        EventStream::new(self.live.subscribe())
    }

    /// Phones that tried to register and are not configured, the newest first.
    /// One that was configured meanwhile stays until it registers or
    /// [`MemoryJournal::forget_unknown`] is called.
    pub fn unknown_phones(&self) -> Vec<UnknownPhone> {
        locked(&self.unknown).list(&self.catalogue)
    }

    /// The phone is configured now.
    pub fn forget_unknown(&self, device: &DeviceName) {
        locked(&self.unknown).forget(device);
    }

    /// What was counted of a phone.
    pub fn trail(&self, device: &DeviceName) -> Trail {
        locked(&self.trails).of(device)
    }

    /// What was counted of an address that named no phone, and the phone that
    /// is there, if one is.
    pub fn trail_at(&self, address: IpAddr, now: Timestamp) -> (Option<DeviceName>, Trail) {
        let trails = locked(&self.trails);
        (trails.at(address, now), trails.stranger(address))
    }

    /// The phones that anything was counted of, the newest first.
    pub fn heard(&self) -> Vec<DeviceName> {
        locked(&self.trails).heard()
    }

    /// Addresses that did something and named no phone, the newest first.
    pub fn strangers(&self) -> Vec<Stranger> {
        locked(&self.trails).strangers()
    }

    /// Events taken since the start.
    pub fn recorded(&self) -> u64 {
        self.recorded.load(Ordering::Relaxed)
    }

    /// Events about unknown phones that were counted and not written.
    pub fn suppressed(&self) -> u64 {
        self.suppressed.load(Ordering::Relaxed)
    }

    /// Phones with a ring.
    pub fn phones(&self) -> usize {
        locked(&self.rings).len()
    }

    /// Takes an event: trail, ring, log, stream. `None` when it is not worth a
    /// line.
    pub(super) fn take(&self, mut event: Event) -> Option<Arc<Event>> {
        if !self.note_unknown(&event) {
            self.suppressed.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        if !locked(&self.trails).note(&mut event) {
            return None;
        }
        self.recorded.fetch_add(1, Ordering::Relaxed);
        let event = Arc::new(event);
        locked(&self.rings).push(&event);
        self.log(&event);
        // Nobody may be listening: that is no error.
        let _ = self.live.send(Arc::clone(&event));
        Some(event)
    }

    /// Puts old events back into the rings, oldest first: they were logged and
    /// streamed when they happened.
    pub(super) fn restore(&self, events: Vec<Event>) {
        let (mut rings, mut trails) = (locked(&self.rings), locked(&self.trails));
        for mut event in events {
            trails.note(&mut event);
            rings.push(&event);
        }
    }

    fn note_unknown(&self, event: &Event) -> bool {
        match (&event.kind, &event.device) {
            (EventKind::UnknownPhone { .. }, _) => locked(&self.unknown).note(event),
            (EventKind::Registered { .. }, Some(device)) => {
                locked(&self.unknown).forget(device);
                true
            }
            _ => true,
        }
    }

    fn log(&self, event: &Event) {
        if is_detail(&event.kind) {
            tracing::debug!("{}", describe(event));
        } else {
            tracing::info!("{}", log_line(event, &self.catalogue));
        }
    }
}

impl Journal for MemoryJournal {
    fn record(&self, event: Event) {
        self.take(event);
    }
}

/// The sentence, and for an unknown phone what to do about it.
fn log_line(event: &Event, catalogue: &Catalogue) -> String {
    let mut line = describe(event);
    line.push_str(&adoption(event, catalogue).unwrap_or_default());
    line
}

/// What a healthy house does many times a minute.
fn is_detail(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::File { .. }
            | EventKind::FileDelivered { .. }
            | EventKind::Alarm { .. }
            | EventKind::Page { .. }
            | EventKind::OrderAccepted
    )
}

/// The lock; what it guards stays whole when a thread that held it panicked,
/// because every change under it is one push.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::journal::ring::Ring;
    use crate::journal::samples::{at, catalogue, device, event, note, nth_device, peer, stranger};
    use crate::journal::stream::Streamed;
    use crate::model::Protocol;

    fn registered(second: i64) -> Event {
        event(
            second,
            EventKind::Registered {
                protocol: Protocol::Sccp,
                peer: peer(),
                load: None,
                file: None,
                reason: None,
            },
        )
    }

    #[test]
    fn a_phone_keeps_its_last_64_events_and_the_house_its_own() {
        let journal = MemoryJournal::new(catalogue());
        for second in 0..100 {
            journal.record(note(second, "x"));
        }
        journal.record(Event {
            device: None,
            ..note(0, "the house")
        });
        let timeline = journal.timeline(&device());
        assert_eq!(timeline.len(), Ring::PHONE);
        assert_eq!(timeline[0].at, at(36));
        assert_eq!(timeline[63].at, at(99));
        assert_eq!(journal.house_timeline().len(), 1);
        assert_eq!(journal.recorded(), 101);
    }

    #[test]
    fn the_phone_heard_of_longest_ago_is_forgotten_first() {
        let limits = MemoryLimits {
            phones: 2,
            unknown: 1,
        };
        let journal = MemoryJournal::with_limits(catalogue(), limits);
        for (second, number) in [(0, 1), (1, 2), (2, 1), (3, 3)] {
            journal.record(Event {
                device: Some(nth_device(number)),
                ..note(second, "x")
            });
        }
        assert_eq!(journal.phones(), 2);
        assert_eq!(journal.timeline(&nth_device(1)).len(), 2);
        assert!(journal.timeline(&nth_device(2)).is_empty());
        assert_eq!(journal.timeline(&nth_device(3)).len(), 1);
    }

    #[test]
    fn a_stranger_is_listed_until_he_is_let_in() {
        let journal = MemoryJournal::new(catalogue());
        for second in 0..30 {
            journal.record(stranger(second, Some(device())));
        }
        assert_eq!(journal.timeline(&device()).len(), 1, "one line a minute");
        assert_eq!(journal.suppressed(), 29);
        let list = journal.unknown_phones();
        assert_eq!((list.len(), list[0].count), (1, 30));
        assert!(list[0].block.as_ref().unwrap().contains("model = \"7961\""));

        journal.record(registered(31));
        assert!(journal.unknown_phones().is_empty());
    }

    #[test]
    fn the_log_line_of_a_stranger_says_what_to_do() {
        assert_eq!(
            log_line(&stranger(0, Some(device())), &catalogue()),
            "SEP001122334455: is not configured and tried to register over SCCP from 192.0.2.7, \
             type 30018, load SCCP41.9-4-2SR3-1S, MAC 00:11:22:33:44:55; to adopt it: [[phone]]  \
             name = \"SEP001122334455\"  model = \"7961\"  protocol = \"sccp\"  \
             extension_mobility = true"
        );
        assert_eq!(
            log_line(&note(0, "hello"), &catalogue()),
            "SEP001122334455: hello"
        );
    }

    #[tokio::test]
    async fn a_stream_of_one_phone_passes_over_the_others() {
        let journal = MemoryJournal::new(catalogue());
        let mut all = journal.subscribe();
        let mut one = journal.subscribe().only(device());
        let other = Event {
            device: Some(nth_device(9)),
            ..note(0, "other")
        };
        journal.record(other.clone());
        journal.record(registered(1));
        assert_eq!(all.next().await, Some(Streamed::Event(Arc::new(other))));
        assert_eq!(
            one.next().await,
            Some(Streamed::Event(Arc::new(registered(1))))
        );
        drop(journal);
        assert_eq!(one.next().await, None);
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_what_it_missed() {
        let journal = MemoryJournal::new(catalogue());
        let mut stream = journal.subscribe();
        for second in 0..i64::try_from(STREAM).unwrap() + 5 {
            journal.record(note(second, "x"));
        }
        assert_eq!(stream.next().await, Some(Streamed::Missed(5)));
        assert!(matches!(stream.next().await, Some(Streamed::Event(e)) if e.at == at(5)));
    }
}
