//! The way to a phone that is registered over SIP.

use tokio::sync::mpsc;

use crate::ports::{LinkClosed, LinkOrder, PhoneLink};

/// What a connection's task is told.
#[derive(Debug)]
pub(super) enum Word {
    Order(LinkOrder),
    Retire,
}

/// How many words may wait for a connection that does not read.
const WAITING: usize = 32;

/// The sending half of a connection.
#[derive(Clone, Debug)]
pub(super) struct SipLink(mpsc::Sender<Word>);

impl SipLink {
    pub(super) fn new() -> (Self, mpsc::Receiver<Word>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }
}

impl PhoneLink for SipLink {
    fn send(&self, order: LinkOrder) -> Result<(), LinkClosed> {
        self.0.try_send(Word::Order(order)).map_err(|_| LinkClosed)
    }

    fn is_open(&self) -> bool {
        !self.0.is_closed()
    }

    fn retire(&self) {
        // A full queue belongs to a connection that is stuck; its expiry ends
        // it.
        let _ = self.0.try_send(Word::Retire);
    }
}
