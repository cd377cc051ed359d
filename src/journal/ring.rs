//! The last events of one phone, and of all phones.

use serde::{Deserialize, Serialize};

use super::recent::Recent;
use crate::model::{DeviceName, Timestamp};
use crate::ports::{Event, EventKind};

/// The last events of one phone, or of the house.
///
/// They are kept as lines of text in one piece of memory: as values, each with
/// its own names and addresses on the heap, 64 events took 40 kB a phone, and
/// ten thousand phones 400 MB for what is looked at now and then.
#[derive(Clone, Debug)]
pub struct Ring {
    limit: usize,
    device: Option<DeviceName>,
    count: usize,
    /// A line of JSON an event, oldest first.
    lines: Vec<u8>,
}

/// An event of a ring whose phone is known.
#[derive(Serialize)]
struct Line<'a> {
    at: Timestamp,
    kind: &'a EventKind,
}

/// The same, read back.
#[derive(Deserialize)]
struct ReadLine {
    at: Timestamp,
    kind: EventKind,
}

impl Ring {
    /// Events kept of each phone.
    pub const PHONE: usize = 64;
    /// Events kept that belong to no phone.
    pub const HOUSE: usize = 256;

    /// An empty ring of this phone, or of the house, of at most `limit` events
    /// (at least one).
    pub fn new(device: Option<DeviceName>, limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            device,
            count: 0,
            lines: Vec::new(),
        }
    }

    /// Adds an event, and forgets the oldest when full.
    pub fn push(&mut self, event: &Event) {
        let line = Line {
            at: event.at,
            kind: &event.kind,
        };
        // Every event can be written as JSON: the journal's file does it too.
        let Ok(mut line) = serde_json::to_vec(&line) else {
            return;
        };
        line.push(b'\n');
        if self.count == self.limit {
            let oldest = self.lines.iter().position(|byte| *byte == b'\n');
            self.lines.drain(..=oldest.unwrap_or(0));
            self.count -= 1;
        }
        self.lines.reserve_exact(line.len());
        self.lines.extend_from_slice(&line);
        self.count += 1;
    }

    /// The events, oldest first.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        self.lines
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<ReadLine>(line).ok())
            .map(|line| Event {
                at: line.at,
                device: self.device.clone(),
                kind: line.kind,
            })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// A ring for each phone that was heard of lately, and one for the house.
#[derive(Debug)]
pub(super) struct Rings {
    phones: Recent<DeviceName, Ring>,
    house: Ring,
}

impl Rings {
    pub(super) fn new(phones: usize) -> Self {
        Self {
            phones: Recent::new(phones),
            house: Ring::new(None, Ring::HOUSE),
        }
    }

    pub(super) fn push(&mut self, event: &Event) {
        match &event.device {
            Some(device) => self
                .phones
                .touch(device, || Ring::new(Some(device.clone()), Ring::PHONE))
                .push(event),
            None => self.house.push(event),
        }
    }

    pub(super) fn phone(&self, device: &DeviceName) -> Option<&Ring> {
        self.phones.get(device)
    }

    pub(super) fn house(&self) -> &Ring {
        &self.house
    }

    pub(super) fn len(&self) -> usize {
        self.phones.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::journal::samples::note;

    #[test]
    fn a_ring_keeps_the_last_events_in_order() {
        let mut ring = Ring::new(None, 3);
        assert!(ring.is_empty());
        for second in 0..5 {
            ring.push(&note(second, &format!("{second}\nand more")));
        }
        let texts: Vec<_> = ring
            .events()
            .filter_map(|event| match event.kind {
                EventKind::Note { text } => Some(text),
                _ => None,
            })
            .collect();
        assert_eq!(texts, ["2\nand more", "3\nand more", "4\nand more"]);
        assert_eq!(ring.len(), 3);
    }

    #[test]
    fn a_full_timeline_is_small_and_comes_back_as_it_was() {
        let device = DeviceName::new("SEP001122334455").unwrap();
        let event = Event {
            at: Timestamp(1_800_000_000_000),
            device: Some(device.clone()),
            kind: EventKind::Registered {
                protocol: crate::model::Protocol::Sccp,
                peer: "192.0.2.17:51234".parse().unwrap(),
                load: Some("SCCP41.9-4-2SR3-1S".to_owned()),
                file: Some("0123456789abcde".parse().unwrap()),
                reason: Some("Initialized".to_owned()),
            },
        };
        let mut ring = Ring::new(Some(device), Ring::PHONE);
        for _ in 0..200 {
            ring.push(&event);
        }
        assert_eq!(ring.events().count(), Ring::PHONE);
        assert!(ring.events().all(|kept| kept == event));
        let held = ring.lines.capacity();
        assert!(held < 16 * 1024, "{held} bytes");
    }
}
