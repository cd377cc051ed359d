//! The journal on disk: [`FileJournal`], a [`MemoryJournal`] with a database
//! file of its own behind it.
//!
//! `record` puts an event into memory and into a bounded queue; a thread of
//! its own takes it from there in batches. A slow or full disk costs events in
//! the file, which are counted, and nothing else. The file is not the store:
//! losing it loses history only.

mod database;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::database::Database;
use self::writer::{Message, Writer};
use super::memory::MemoryJournal;
use crate::model::{Catalogue, DeviceName};
use crate::ports::{Clock, Event, Journal};

/// Events that may wait for the disk: a boot storm of 10,000 phones makes some
/// 60,000 in minutes, and a batch of 1,000 takes milliseconds.
const QUEUE: usize = 16_384;

/// Events read back into memory at start.
const REMEMBERED: usize = 20_000;

/// How long the file remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalSettings {
    /// Older events are deleted.
    pub keep_for: Duration,
    /// Beyond so many bytes of events the oldest are deleted.
    pub keep_bytes: u64,
}

impl Default for JournalSettings {
    /// 14 days or 200 MB.
    fn default() -> Self {
        Self {
            keep_for: Duration::from_secs(14 * 86_400),
            keep_bytes: 200 * 1000 * 1000,
        }
    }
}

/// Why the file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database says no.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// The file was written by a later version of Embody.
    #[error("it was written by a later version of Embody (format {0})")]
    Later(i64),
    /// The thread that writes could not be started.
    #[error("no thread could be started: {0}")]
    Thread(std::io::Error),
    /// There is no file.
    #[error("the journal is in memory only: {0}")]
    MemoryOnly(String),
}

/// How the journal is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalStats {
    /// Events taken since the start.
    pub recorded: u64,
    /// Attempts of unknown phones that were counted and not written.
    pub suppressed: u64,
    /// Events in the file since the start.
    pub written: u64,
    /// Events that the queue to the disk had no room for.
    pub dropped: u64,
    /// Events that the disk refused.
    pub unwritten: u64,
    /// Phones with a timeline in memory.
    pub phones: u64,
    /// Why there is no file, if there is none.
    pub memory_only: Option<String>,
}

/// What the recording side and the writing thread both count.
#[derive(Debug, Default)]
struct Counters {
    dropped: AtomicU64,
    written: AtomicU64,
    unwritten: AtomicU64,
}

/// The way into the queue; never waits.
#[derive(Debug)]
struct Outbox {
    queue: SyncSender<Message>,
    counters: Arc<Counters>,
}

impl Outbox {
    fn new(capacity: usize, counters: Arc<Counters>) -> (Self, Receiver<Message>) {
        let (queue, inbox) = sync_channel(capacity);
        (Self { queue, counters }, inbox)
    }

    fn offer(&self, event: Arc<Event>) {
        match self.queue.try_send(Message::Event(event)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.counters.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// The file behind the journal, while there is one.
#[derive(Debug)]
struct File {
    path: PathBuf,
    outbox: Outbox,
    thread: JoinHandle<()>,
}

/// The journal of the daemon. Dropping it writes what is still queued.
#[derive(Debug)]
pub struct FileJournal {
    memory: Arc<MemoryJournal>,
    counters: Arc<Counters>,
    file: Result<File, String>,
}

impl FileJournal {
    /// Opens the journal at `path` and reads the last events back into memory.
    /// Reads and writes files: call it before the daemon takes phones.
    ///
    /// A file that cannot be used does not stop the daemon: there is one
    /// warning, and the journal is kept in memory only.
    pub fn open(
        path: &Path,
        settings: JournalSettings,
        catalogue: Arc<Catalogue>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let memory = Arc::new(MemoryJournal::new(catalogue));
        let counters = Arc::new(Counters::default());
        let file = open_file(path, settings, &memory, &counters, clock).map_err(|error| {
            tracing::warn!(
                "the journal {} cannot be used, so history is kept in memory only: {error}. \
                 Check the rights of the folder; a damaged file may be moved away",
                path.display()
            );
            error.to_string()
        });
        Self {
            memory,
            counters,
            file,
        }
    }

    /// What is in memory: timelines, unknown phones, the live stream.
    pub fn memory(&self) -> &Arc<MemoryJournal> {
        &self.memory
    }

    /// The last `limit` events of a phone (at most 10,000), oldest first, from
    /// the file. Reads the disk: call it off the async threads. Events of the
    /// last half second may still be missing.
    ///
    /// # Errors
    /// [`JournalError`] when there is no file or it cannot be read.
    pub fn history(&self, device: &DeviceName, limit: usize) -> Result<Vec<Event>, JournalError> {
        match &self.file {
            Ok(file) => Database::read(&file.path)?.history(device, limit.min(10_000)),
            Err(why) => Err(JournalError::MemoryOnly(why.clone())),
        }
    }

    /// Waits until everything recorded so far is in the file. Blocks: for
    /// shutdown and tests.
    pub fn flush(&self) {
        let Ok(file) = &self.file else { return };
        let (done, wait) = sync_channel(1);
        if file.outbox.queue.send(Message::Flush(done)).is_ok() {
            // An error means that the thread has ended: nothing to wait for.
            let _ = wait.recv();
        }
    }

    /// How it is doing.
    pub fn stats(&self) -> JournalStats {
        JournalStats {
            recorded: self.memory.recorded(),
            suppressed: self.memory.suppressed(),
            written: self.counters.written.load(Ordering::Relaxed),
            dropped: self.counters.dropped.load(Ordering::Relaxed),
            unwritten: self.counters.unwritten.load(Ordering::Relaxed),
            phones: self.memory.phones() as u64,
            memory_only: self.file.as_ref().err().cloned(),
        }
    }
}

impl Journal for FileJournal {
    fn record(&self, event: Event) {
        let Some(event) = self.memory.take(event) else {
            return;
        };
        if let Ok(file) = &self.file {
            file.outbox.offer(event);
        }
    }
}

impl Drop for FileJournal {
    fn drop(&mut self) {
        let file = std::mem::replace(&mut self.file, Err("closed".to_owned()));
        if let Ok(File { outbox, thread, .. }) = file {
            drop(outbox);
            // The thread's panic, if any, was printed when it happened.
            let _ = thread.join();
        }
    }
}

fn open_file(
    path: &Path,
    settings: JournalSettings,
    memory: &MemoryJournal,
    counters: &Arc<Counters>,
    clock: Arc<dyn Clock>,
) -> Result<File, JournalError> {
    let mut database = Database::open(path)?;
    database.prune(clock.now(), settings)?;
    memory.restore(database.newest(REMEMBERED)?);
    let (outbox, inbox) = Outbox::new(QUEUE, Arc::clone(counters));
    let writer = Writer::new(database, inbox, settings, Arc::clone(counters), clock);
    let thread = std::thread::Builder::new()
        .name("journal".to_owned())
        .spawn(move || writer.run())
        .map_err(JournalError::Thread)?;
    Ok(File {
        path: path.to_owned(),
        outbox,
        thread,
    })
}

#[cfg(test)]
mod tests;
