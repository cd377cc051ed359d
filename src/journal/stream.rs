//! Events as they happen, for server-sent events and `embody watch`.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::model::DeviceName;
use crate::ports::Event;

/// What a stream tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Streamed {
    /// An event.
    Event(Arc<Event>),
    /// The reader was too slow: so many events, of any phone, were passed over.
    Missed(u64),
}

/// Events from now on, of all phones or of one.
#[derive(Debug)]
pub struct EventStream {
    receiver: broadcast::Receiver<Arc<Event>>,
    device: Option<DeviceName>,
}

impl EventStream {
    pub(super) fn new(receiver: broadcast::Receiver<Arc<Event>>) -> Self {
        Self {
            receiver,
            device: None,
        }
    }

    /// The same stream, of one phone alone.
    #[must_use]
    pub fn only(mut self, device: DeviceName) -> Self {
        self.device = Some(device);
        self
    }

    /// The next event; `None` when the journal is gone. Safe to cancel: an
    /// event that was not returned comes with the next call.
    pub async fn next(&mut self) -> Option<Streamed> {
        loop {
            match self.receiver.recv().await {
                Ok(event) if self.wants(&event) => return Some(Streamed::Event(event)),
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    return Some(Streamed::Missed(missed));
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }

    fn wants(&self, event: &Event) -> bool {
        self.device
            .as_ref()
            .is_none_or(|device| event.device.as_ref() == Some(device))
    }
}
