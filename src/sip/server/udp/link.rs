//! The way to a phone that is registered over UDP.

use std::sync::Weak;

use tokio::sync::mpsc;

use super::flows::FlowId;
use super::worker::Note;
use crate::ports::{LinkFault, LinkOrder, PhoneLink};
use crate::registry::{Word, fault};

/// The sending half; the worker holds the receiver for all phones.
pub(super) struct DatagramLink {
    pub(super) flow: FlowId,
    pub(super) alive: Weak<()>,
    pub(super) notes: mpsc::Sender<Note>,
}

impl PhoneLink for DatagramLink {
    fn send(&self, order: LinkOrder) -> Result<(), LinkFault> {
        if !self.is_open() {
            return Err(LinkFault::Closed);
        }
        let note = Note::Word(self.flow, Word::Order(order));
        self.notes.try_send(note).map_err(|error| fault(&error))
    }

    fn is_open(&self) -> bool {
        self.alive.strong_count() > 0
    }

    fn retire(&self) {
        // When there is no room its own expiry ends it.
        let _ = self.notes.try_send(Note::Word(self.flow, Word::Retire));
    }
}
