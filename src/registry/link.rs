//! The way to a phone over a connection that a task of ours serves.

use tokio::sync::mpsc;

use crate::ports::{LinkFault, LinkOrder, PhoneLink};

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

/// What a queue says of a word that it did not take.
pub fn fault<T>(error: &mpsc::error::TrySendError<T>) -> LinkFault {
    match error {
        mpsc::error::TrySendError::Full(_) => LinkFault::Full,
        mpsc::error::TrySendError::Closed(_) => LinkFault::Closed,
    }
}

impl PhoneLink for ConnectionLink {
    fn send(&self, order: LinkOrder) -> Result<(), LinkFault> {
        self.0
            .try_send(Word::Order(order))
            .map_err(|error| fault(&error))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_that_does_not_read_is_told_apart_from_one_that_is_gone() {
        let (link, words) = ConnectionLink::new();
        for _ in 0..WAITING {
            assert_eq!(link.send(LinkOrder::Restart), Ok(()));
        }
        assert_eq!(link.send(LinkOrder::Restart), Err(LinkFault::Full));
        assert!(link.is_open());
        drop(words);
        assert_eq!(link.send(LinkOrder::Restart), Err(LinkFault::Closed));
        assert!(!link.is_open());
    }
}
