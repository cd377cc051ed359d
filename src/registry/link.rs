//! The way to a phone over a connection that a task of ours serves.

use tokio::sync::mpsc;

use crate::ports::{LinkClosed, LinkOrder, PhoneLink};

/// What the task of a connection is told.
#[derive(Debug)]
pub enum Word {
    /// Tell the phone this.
    Order(LinkOrder),
    /// A newer registration took over: end without a word.
    Retire,
}

/// How many words may wait for a connection that does not read.
const WAITING: usize = 32;

/// The sending half; the task of the connection holds the receiver.
#[derive(Clone, Debug)]
pub struct ConnectionLink(mpsc::Sender<Word>);

impl ConnectionLink {
    /// A link and what its task listens to.
    pub fn new() -> (Self, mpsc::Receiver<Word>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }
}

impl PhoneLink for ConnectionLink {
    fn send(&self, order: LinkOrder) -> Result<(), LinkClosed> {
        self.0.try_send(Word::Order(order)).map_err(|_| LinkClosed)
    }

    fn is_open(&self) -> bool {
        !self.0.is_closed()
    }

    fn retire(&self) {
        // A full queue belongs to a connection that is stuck; its own timer
        // ends it.
        let _ = self.0.try_send(Word::Retire);
    }
}
