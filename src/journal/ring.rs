//! The last events of one phone, and of all phones.

use std::collections::VecDeque;
use std::sync::Arc;

use super::recent::Recent;
use crate::model::DeviceName;
use crate::ports::Event;

/// The last events of one phone, or of the house.
#[derive(Clone, Debug)]
pub struct Ring {
    limit: usize,
    events: VecDeque<Arc<Event>>,
}

impl Ring {
    /// Events kept of each phone.
    pub const PHONE: usize = 64;
    /// Events kept that belong to no phone.
    pub const HOUSE: usize = 256;

    /// An empty ring of at most `limit` events (at least one).
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            events: VecDeque::new(),
        }
    }

    /// Adds an event, and forgets the oldest when full.
    pub fn push(&mut self, event: Arc<Event>) {
        if self.events.len() >= self.limit {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// The events, oldest first.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().map(|event| &**event)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
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
            house: Ring::new(Ring::HOUSE),
        }
    }

    pub(super) fn push(&mut self, event: Arc<Event>) {
        match &event.device {
            Some(device) => self
                .phones
                .touch(device, || Ring::new(Ring::PHONE))
                .push(Arc::clone(&event)),
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
    use super::*;
    use crate::journal::samples::note;
    use crate::ports::EventKind;

    #[test]
    fn a_ring_keeps_the_last_events_in_order() {
        let mut ring = Ring::new(3);
        assert!(ring.is_empty());
        for second in 0..5 {
            ring.push(Arc::new(note(second, &second.to_string())));
        }
        let texts: Vec<_> = ring
            .events()
            .filter_map(|event| match &event.kind {
                EventKind::Note { text } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(texts, ["2", "3", "4"]);
        assert_eq!(ring.len(), 3);
    }
}
