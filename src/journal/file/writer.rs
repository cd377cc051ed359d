//! The thread that brings events to the disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::time::Duration;

use super::database::Database;
use super::{Counters, JournalSettings};
use crate::ports::{Clock, Event};

/// A batch is written when its first event is this old ...
const BATCH_TIME: Duration = Duration::from_millis(500);

/// So often within this time it is looked whether there is more. A flush waits
/// for one of them, and the queue holds what comes in between.
const LOOKS: u32 = 25;

/// ... or when it holds so many.
const BATCH_EVENTS: usize = 1_000;

/// Old events are looked for after so many new ones ...
const PRUNE_EVENTS: usize = 2_000;

/// ... or when nothing happened for so long.
const IDLE: Duration = Duration::from_secs(600);

/// The time between two warnings about the same trouble.
const REPORT_EVERY: Duration = Duration::from_secs(60);

/// What the thread is sent.
#[derive(Debug)]
pub(super) enum Message {
    /// An event to write.
    Event(Arc<Event>),
    /// Write what there is now, then say so.
    Flush(SyncSender<()>),
}

/// What one turn brought.
#[derive(Debug, Default)]
struct Batch {
    events: Vec<Arc<Event>>,
    waiting: Option<SyncSender<()>>,
    ended: bool,
}

impl Batch {
    fn take(&mut self, message: Message) {
        match message {
            Message::Event(event) => self.events.push(event),
            Message::Flush(waiting) => self.waiting = Some(waiting),
        }
    }

    fn is_due(&self) -> bool {
        self.events.len() >= BATCH_EVENTS || self.waiting.is_some() || self.ended
    }
}

/// The writing side of the journal.
pub(super) struct Writer {
    database: Database,
    inbox: Receiver<Message>,
    settings: JournalSettings,
    counters: Arc<Counters>,
    clock: Arc<dyn Clock>,
    since_prune: usize,
    reported: Reported,
}

/// What was said about losses, and when.
#[derive(Debug, Default)]
struct Reported {
    lost: u64,
    at: Option<Duration>,
}

impl Writer {
    pub(super) fn new(
        database: Database,
        inbox: Receiver<Message>,
        settings: JournalSettings,
        counters: Arc<Counters>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            database,
            inbox,
            settings,
            counters,
            clock,
            since_prune: 0,
            reported: Reported::default(),
        }
    }

    /// Writes until the journal is dropped and the queue is empty.
    pub(super) fn run(mut self) {
        loop {
            let batch = match self.inbox.recv_timeout(IDLE) {
                Ok(first) => self.gather(first),
                Err(RecvTimeoutError::Timeout) => {
                    self.prune();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            self.write(&batch.events);
            if let Some(waiting) = batch.waiting {
                // Who waited may have gone.
                let _ = waiting.send(());
            }
            if batch.ended {
                break;
            }
        }
        self.report(true);
    }

    /// Takes what comes in [`BATCH_TIME`]. It looks now and then instead of
    /// being woken for each event: who records must not pay for a wake-up.
    fn gather(&self, first: Message) -> Batch {
        let mut batch = Batch::default();
        batch.take(first);
        for _ in 0..LOOKS {
            loop {
                if batch.is_due() {
                    return batch;
                }
                match self.inbox.try_recv() {
                    Ok(next) => batch.take(next),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => batch.ended = true,
                }
            }
            std::thread::sleep(BATCH_TIME / LOOKS);
        }
        batch
    }

    fn write(&mut self, events: &[Arc<Event>]) {
        if events.is_empty() {
            return;
        }
        let number = events.len() as u64;
        match self.database.append(events) {
            Ok(()) => {
                self.counters.written.fetch_add(number, Ordering::Relaxed);
            }
            Err(error) => {
                self.counters.unwritten.fetch_add(number, Ordering::Relaxed);
                tracing::debug!("{number} events could not be written to the journal: {error}");
            }
        }
        self.since_prune += events.len();
        if self.since_prune >= PRUNE_EVENTS {
            self.prune();
        }
        self.report(false);
    }

    fn prune(&mut self) {
        self.since_prune = 0;
        match self.database.prune(self.clock.now(), self.settings) {
            Ok(0) => {}
            Ok(gone) => tracing::debug!("{gone} old events left the journal"),
            Err(error) => tracing::warn!("old events could not leave the journal: {error}"),
        }
    }

    /// Warns of events that are not in the file, at most once in
    /// [`REPORT_EVERY`], and a last time at the end.
    fn report(&mut self, last: bool) {
        let dropped = self.counters.dropped.load(Ordering::Relaxed);
        let unwritten = self.counters.unwritten.load(Ordering::Relaxed);
        let now = self.clock.monotonic();
        if let Some(line) = self.reported.due(dropped, unwritten, now, last) {
            tracing::warn!("{line}");
        }
    }
}

impl Reported {
    fn due(&mut self, dropped: u64, unwritten: u64, now: Duration, last: bool) -> Option<String> {
        let lost = dropped + unwritten;
        let quiet = self
            .at
            .is_some_and(|at| now.saturating_sub(at) < REPORT_EVERY);
        if lost == self.lost || (quiet && !last) {
            return None;
        }
        let new = lost - self.lost;
        self.lost = lost;
        self.at = Some(now);
        Some(format!(
            "{new} events are missing in the journal file (since the start: {dropped} because \
             the disk was too slow, {unwritten} because it could not be written to)"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_told_once_a_minute_and_at_the_end() {
        let mut reported = Reported::default();
        let second = Duration::from_secs;
        assert_eq!(reported.due(0, 0, second(0), true), None, "nothing is lost");
        let line = reported.due(5, 2, second(1), false);
        assert!(line.is_some_and(|line| line.starts_with("7 events are missing")));
        assert_eq!(reported.due(9, 2, second(30), false), None, "too soon");
        let line = reported.due(9, 2, second(61), false);
        assert!(line.is_some_and(|line| line.starts_with("4 events are missing")));
        let line = reported.due(10, 2, second(62), true);
        assert!(line.is_some_and(|line| line.starts_with("1 events are missing")));
        assert_eq!(reported.due(10, 2, second(63), true), None, "told already");
    }
}
