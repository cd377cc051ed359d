//! The clock, the journal and the links of the simulated house.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{Fuse, START};
use crate::model::{DeviceName, Timestamp};
use crate::ports::{BoxFuture, Clock, Event, EventKind, Journal, LinkFault, LinkOrder, PhoneLink};

/// A clock that is set.
pub(super) struct SimClock(AtomicI64);

impl SimClock {
    pub(super) fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    pub(super) fn time(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn set(&self, at: Timestamp) {
        self.0.store(at.0, Ordering::Relaxed);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        self.time()
    }

    fn monotonic(&self) -> Duration {
        self.time().since(START) + Duration::from_secs(10)
    }

    fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// Everything that was told the journal.
#[derive(Default)]
pub(super) struct Journals(Mutex<Vec<Event>>);

impl Journals {
    pub(super) fn of(&self, device: &DeviceName) -> Vec<String> {
        let events = self.0.lock().unwrap();
        events
            .iter()
            .filter(|event| event.device.as_ref() == Some(device))
            .map(|event| match &event.kind {
                EventKind::Ordered { order, attempt } => format!("{order} {attempt}"),
                EventKind::OrderAccepted => "accepted".to_owned(),
                EventKind::OrderRefused { why } => format!("refused: {why}"),
                EventKind::Converged => "converged".to_owned(),
                EventKind::GaveUp { why } => format!("gave up: {why}"),
                EventKind::Planned { what } => format!("planned: {what}"),
                other => format!("{other:?}"),
            })
            .collect()
    }
}

impl Journal for Journals {
    fn record(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

/// An order that was handed to a connection.
pub(super) struct Sent {
    pub(super) on: usize,
    pub(super) generation: u64,
    pub(super) order: LinkOrder,
    /// Whether it got as far as the wire.
    pub(super) left: bool,
}

/// What the connections of one daemon have in common.
#[derive(Default)]
pub(super) struct Wire(Mutex<WireState>);

#[derive(Default)]
struct WireState {
    sent: Vec<Sent>,
    fuse: Option<Fuse>,
    blown: bool,
}

impl Wire {
    pub(super) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.0.lock().unwrap().sent)
    }

    pub(super) fn light(&self, fuse: Fuse) {
        self.0.lock().unwrap().fuse = Some(fuse);
    }

    /// Whether the daemon died of its last order; and a new one may start.
    pub(super) fn blown(&self) -> bool {
        std::mem::take(&mut self.0.lock().unwrap().blown)
    }
}

/// The way to a simulated phone.
pub(super) struct SimLink {
    pub(super) on: usize,
    pub(super) generation: Arc<Mutex<u64>>,
    pub(super) wire: Arc<Wire>,
}

impl PhoneLink for SimLink {
    fn send(&self, order: LinkOrder) -> Result<(), LinkFault> {
        let mut wire = self.wire.0.lock().unwrap();
        let left = match wire.fuse.take() {
            Some(fuse) => {
                wire.blown = true;
                fuse == Fuse::AfterOrder
            }
            None => !wire.blown,
        };
        wire.sent.push(Sent {
            on: self.on,
            generation: *self.generation.lock().unwrap(),
            order,
            left,
        });
        Ok(())
    }

    fn is_open(&self) -> bool {
        true
    }

    fn retire(&self) {}
}

/// Runs a future that never waits.
pub(super) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}
