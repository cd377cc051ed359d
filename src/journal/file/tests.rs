#![allow(clippy::unwrap_used)]

use super::*;
use crate::journal::samples::{
    Standing, at, catalogue, device, event, every_kind, note, nth_device, stranger,
};
use crate::model::Timestamp;

fn open(path: &Path, now: Timestamp, settings: JournalSettings) -> FileJournal {
    FileJournal::open(path, settings, catalogue(), Arc::new(Standing(now)))
}

#[test]
fn history_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let events: Vec<Event> = (0..)
        .zip(every_kind("text"))
        .map(|(second, kind)| event(second, kind))
        .collect();
    let journal = open(&path, at(100), JournalSettings::default());
    for event in &events {
        journal.record(event.clone());
    }
    journal.record(Event {
        device: None,
        ..note(99, "the house")
    });
    drop(journal);

    let journal = open(&path, at(200), JournalSettings::default());
    assert_eq!(journal.memory().timeline(&device()), events);
    assert_eq!(journal.memory().house_timeline().len(), 1);
    assert_eq!(journal.history(&device(), 1_000).unwrap(), events);
    assert_eq!(
        journal.history(&device(), 2).unwrap(),
        events[events.len() - 2..]
    );
    assert_eq!(journal.stats().recorded, 0, "what was read back is not new");
}

#[test]
fn the_file_holds_more_than_memory() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(
        &folder.path().join("journal.db"),
        at(0),
        JournalSettings::default(),
    );
    for second in 0..3_000 {
        journal.record(note(second, "x"));
    }
    journal.flush();
    assert_eq!(journal.memory().timeline(&device()).len(), 64);
    assert_eq!(journal.history(&device(), 100_000).unwrap().len(), 3_000);
    assert_eq!(journal.history(&nth_device(5), 10).unwrap(), []);
    let stats = journal.stats();
    assert_eq!(
        (stats.recorded, stats.written, stats.dropped),
        (3_000, 3_000, 0)
    );
}

#[test]
fn what_is_older_than_its_time_is_gone_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path, at(0), JournalSettings::default());
    journal.record(note(0, "old"));
    journal.record(note(86_400, "young"));
    drop(journal);

    let journal = open(&path, at(14 * 86_400 + 1), JournalSettings::default());
    assert_eq!(
        journal.memory().timeline(&device()),
        [note(86_400, "young")]
    );
}

#[test]
fn a_running_journal_forgets_what_is_too_much() {
    let folder = tempfile::tempdir().unwrap();
    let settings = JournalSettings {
        keep_bytes: 400_000,
        ..JournalSettings::default()
    };
    let journal = open(&folder.path().join("journal.db"), at(0), settings);
    for second in 0..10_000 {
        journal.record(note(
            second,
            "a sentence of some length, so that pages fill",
        ));
    }
    journal.flush();
    let left = journal.history(&device(), 10_000).unwrap();
    assert!(left.len() < 7_000, "{} left", left.len());
    assert_eq!(left.last().unwrap().at, at(9_999));
}

#[test]
fn a_stalled_disk_costs_events_and_no_time() {
    let counters = Arc::new(Counters::default());
    let (outbox, inbox) = Outbox::new(10, Arc::clone(&counters));
    for second in 0..25 {
        outbox.offer(Arc::new(note(second, "x")));
    }
    assert_eq!(counters.dropped.load(Ordering::Relaxed), 15);
    assert_eq!(inbox.try_iter().count(), 10, "the first ones are kept");
    drop(inbox);
    outbox.offer(Arc::new(note(26, "x")));
    assert_eq!(counters.dropped.load(Ordering::Relaxed), 16);
}

#[test]
fn a_folder_that_is_not_there_leaves_the_journal_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(
        &folder.path().join("none/journal.db"),
        at(0),
        JournalSettings::default(),
    );
    journal.record(note(0, "x"));
    journal.flush();
    assert_eq!(journal.memory().timeline(&device()).len(), 1);
    assert!(journal.stats().memory_only.is_some());
    assert!(matches!(
        journal.history(&device(), 1),
        Err(JournalError::MemoryOnly(_))
    ));
}

#[test]
fn a_damaged_file_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let rubbish = vec![b'x'; 8192];
    std::fs::write(&path, &rubbish).unwrap();
    let journal = open(&path, at(0), JournalSettings::default());
    journal.record(note(0, "x"));
    assert!(journal.stats().memory_only.is_some());
    drop(journal);
    assert_eq!(std::fs::read(&path).unwrap(), rubbish);
}

#[test]
fn what_cannot_be_written_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path, at(0), JournalSettings::default());
    // Another program takes the table away: every write fails from here on.
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("DROP TABLE event")
        .unwrap();
    journal.record(note(0, "x"));
    journal.flush();
    assert_eq!(journal.stats().unwritten, 1);
    assert_eq!(journal.memory().timeline(&device()).len(), 1);
}

#[test]
fn repeated_attempts_of_strangers_stay_out_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(
        &folder.path().join("journal.db"),
        at(0),
        JournalSettings::default(),
    );
    for second in 0..50 {
        journal.record(stranger(second, Some(device())));
    }
    journal.flush();
    assert_eq!(journal.history(&device(), 100).unwrap().len(), 1);
    assert_eq!(journal.stats().suppressed, 49);
    assert_eq!(journal.memory().unknown_phones()[0].count, 50);
}
