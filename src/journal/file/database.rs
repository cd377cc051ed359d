//! The tables of the journal file and the statements over them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};

use super::{JournalError, JournalSettings};
use crate::model::{DeviceName, Timestamp};
use crate::ports::{Event, EventKind};

/// The format of the file (`PRAGMA user_version`).
const FORMAT: i64 = 1;

/// Rows deleted by one statement, so that no deletion holds the file long.
const PRUNE_ROWS: usize = 1_000;

/// Deletions in one call: more rows than come in between two calls.
const PRUNE_ROUNDS: usize = 10;

/// Pages given back to the file system after a deletion.
const VACUUM_PAGES: usize = 2_000;

/// An open journal file.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
}

impl Database {
    /// Opens or makes the file, for the one thread that writes.
    pub(super) fn open(path: &Path) -> Result<Self, JournalError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        // Only an empty file takes auto_vacuum, and only before WAL.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // History may lose its last half second to a power cut.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
        let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match format {
            0 => connection.execute_batch(&format!(
                "BEGIN;
                 CREATE TABLE event (
                     id INTEGER PRIMARY KEY,
                     at INTEGER NOT NULL,   -- milliseconds since 1970 UTC
                     device TEXT,
                     kind TEXT NOT NULL     -- JSON
                 ) STRICT;
                 CREATE INDEX event_by_device ON event (device, id);
                 PRAGMA user_version = {FORMAT};
                 COMMIT;"
            ))?,
            FORMAT => {}
            later => return Err(JournalError::Later(later)),
        }
        Ok(Self { connection })
    }

    /// Opens the file for reading, beside the thread that writes.
    pub(super) fn read(path: &Path) -> Result<Self, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        Ok(Self { connection })
    }

    /// Adds events in one transaction.
    pub(super) fn append(&mut self, events: &[Arc<Event>]) -> Result<(), JournalError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO event (at, device, kind) VALUES (?1, ?2, ?3)")?;
            for event in events {
                let kind = serde_json::to_string(&event.kind)
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
                let device = event.device.as_ref().map(DeviceName::as_str);
                insert.execute(params![event.at.0, device, kind])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Deletes what is too old, then the oldest while there is too much;
    /// bounded work. Says how many rows went.
    pub(super) fn prune(
        &mut self,
        now: Timestamp,
        settings: JournalSettings,
    ) -> Result<usize, JournalError> {
        let keep_for = i64::try_from(settings.keep_for.as_millis()).unwrap_or(i64::MAX);
        let oldest = now.0.saturating_sub(keep_for);
        let mut gone = 0;
        for _ in 0..PRUNE_ROUNDS {
            let before = if self.used_bytes()? > settings.keep_bytes {
                i64::MAX
            } else {
                oldest
            };
            let deleted = self.delete_oldest(before)?;
            gone += deleted;
            if deleted == 0 {
                break;
            }
        }
        if gone > 0 {
            self.give_back()?;
        }
        Ok(gone)
    }

    /// Deletes those of the oldest rows that happened before `before`. Looking
    /// at the oldest rows alone needs no index over time.
    fn delete_oldest(&self, before: i64) -> Result<usize, JournalError> {
        let deleted = self
            .connection
            .prepare_cached(
                "DELETE FROM event WHERE id IN (
                 SELECT id FROM (SELECT id, at FROM event ORDER BY id LIMIT ?1) WHERE at < ?2)",
            )?
            .execute(params![
                i64::try_from(PRUNE_ROWS).unwrap_or(i64::MAX),
                before
            ])?;
        Ok(deleted)
    }

    /// Returns free pages to the file system. The statement works while it is
    /// stepped, so it is stepped to its end.
    fn give_back(&self) -> Result<(), JournalError> {
        let mut vacuum = self
            .connection
            .prepare(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// Bytes in pages that hold something.
    pub(super) fn used_bytes(&self) -> Result<u64, JournalError> {
        let value = |name: &str| -> rusqlite::Result<i64> {
            self.connection
                .pragma_query_value(None, name, |row| row.get(0))
        };
        let pages = value("page_count")? - value("freelist_count")?;
        let bytes = pages.saturating_mul(value("page_size")?);
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// The newest events of all, oldest first.
    pub(super) fn newest(&self, limit: usize) -> Result<Vec<Event>, JournalError> {
        let mut select = self
            .connection
            .prepare("SELECT at, device, kind FROM event ORDER BY id DESC LIMIT ?1")?;
        collect(select.query(params![i64::try_from(limit).unwrap_or(i64::MAX)])?)
    }

    /// The newest events of a phone, oldest first.
    pub(super) fn history(
        &self,
        device: &DeviceName,
        limit: usize,
    ) -> Result<Vec<Event>, JournalError> {
        let mut select = self.connection.prepare(
            "SELECT at, device, kind FROM event WHERE device = ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        collect(select.query(params![device.as_str(), limit])?)
    }
}

/// Turns rows, newest first, into events, oldest first. A row that this
/// version cannot read is passed over: one odd row must not hide the others.
fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Event>, JournalError> {
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let (at, device, kind): (i64, Option<String>, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let device = device.map(|name| DeviceName::new(&name)).transpose();
        let kind = serde_json::from_str::<EventKind>(&kind);
        if let (Ok(device), Ok(kind)) = (device, kind) {
            events.push(Event {
                at: Timestamp(at),
                device,
                kind,
            });
        }
    }
    events.reverse();
    Ok(events)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::journal::samples::{at, device, event, every_kind, note};

    fn settings(days: u64, bytes: u64) -> JournalSettings {
        JournalSettings {
            keep_for: Duration::from_secs(days * 86_400),
            keep_bytes: bytes,
        }
    }

    fn notes(seconds: std::ops::Range<i64>) -> Vec<Arc<Event>> {
        seconds
            .map(|s| Arc::new(note(s, &"x".repeat(150))))
            .collect()
    }

    #[test]
    fn every_kind_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::open(&folder.path().join("journal.db")).unwrap();
        let mut events: Vec<Event> = (0..)
            .zip(every_kind("text \"'\n"))
            .map(|(s, k)| event(s, k))
            .collect();
        events[3].device = None;
        let shared: Vec<_> = events.iter().cloned().map(Arc::new).collect();
        database.append(&shared).unwrap();
        assert_eq!(database.newest(1_000).unwrap(), events);
    }

    #[test]
    fn events_go_after_their_time_however_many_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::open(&folder.path().join("journal.db")).unwrap();
        database.append(&notes(0..2_500)).unwrap();
        let later = at(14 * 86_400 + 2_400);
        let gone = database.prune(later, settings(14, u64::MAX)).unwrap();
        assert_eq!(gone, 2_400);
        assert_eq!(database.newest(1_000).unwrap()[0].at, at(2_400));
        assert_eq!(database.prune(later, settings(14, u64::MAX)).unwrap(), 0);
    }

    #[test]
    fn the_oldest_go_when_the_file_is_full_and_the_file_shrinks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let mut database = Database::open(&path).unwrap();
        database.append(&notes(0..8_000)).unwrap();
        let full = database.used_bytes().unwrap();
        database.prune(at(8_000), settings(14, full / 2)).unwrap();
        assert!(database.used_bytes().unwrap() <= full / 2);
        let left = database.newest(10_000).unwrap();
        assert!(left.len() > 2_000, "{} left", left.len());
        assert_eq!(left.last().unwrap().at, at(7_999));

        drop(database); // the last connection writes the log back
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size < full, "{size} bytes of {full}");
    }

    #[test]
    fn a_file_of_a_later_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let database = Database::open(&path).unwrap();
        database
            .connection
            .pragma_update(None, "user_version", 99)
            .unwrap();
        drop(database);
        assert!(matches!(
            Database::open(&path),
            Err(JournalError::Later(99))
        ));
    }

    #[test]
    fn an_odd_row_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::open(&folder.path().join("journal.db")).unwrap();
        database.append(&notes(0..1)).unwrap();
        database
            .connection
            .execute_batch(
                "INSERT INTO event (at, device, kind) VALUES (1, 'SEP001122334455', '{\"event\":\"later\"}');
                 INSERT INTO event (at, device, kind) VALUES (1, 'not a name', '{\"event\":\"converged\"}');",
            )
            .unwrap();
        database.append(&notes(1..2)).unwrap();
        assert_eq!(database.history(&device(), 10).unwrap().len(), 2);
        assert_eq!(database.newest(10).unwrap().len(), 2);
    }
}
