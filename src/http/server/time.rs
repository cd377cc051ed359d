//! The house's clock behind hyper's timers and behind bodies that dawdle, so
//! that every time limit can be tested without waiting for it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::rt::{Sleep, Timer};

use crate::ports::{BoxFuture, Clock};

/// hyper's timer on our clock.
///
/// hyper counts in [`Instant`]s, the clock in time since its own start. The
/// anchor stands for that start: no time is ever taken from it.
#[derive(Clone)]
pub(super) struct ClockTimer {
    clock: Arc<dyn Clock>,
    anchor: Instant,
}

impl ClockTimer {
    #[allow(clippy::disallowed_methods)] // an anchor for the clock's zero, never read as time
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            anchor: Instant::now(),
        }
    }
}

impl Timer for ClockTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        let at = deadline.saturating_duration_since(self.anchor);
        Box::pin(Nap(Mutex::new(self.clock.sleep_until(at))))
    }

    fn now(&self) -> Instant {
        self.anchor + self.clock.monotonic()
    }
}

/// A sleep that may be shared, as hyper asks; nobody ever contends for it.
struct Nap(Mutex<BoxFuture<'static, ()>>);

impl Sleep for Nap {}

impl Future for Nap {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.get_mut().0.get_mut();
        sleep
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()
            .poll(cx)
    }
}

/// The body of a request, which ends in [`io::ErrorKind::TimedOut`] when it is
/// not whole in time.
pub(super) struct TimedBody {
    body: Incoming,
    too_late: BoxFuture<'static, ()>,
}

impl TimedBody {
    pub(super) fn new(body: Incoming, clock: &dyn Clock, patience: Duration) -> Self {
        Self {
            body,
            too_late: clock.sleep_until(clock.monotonic() + patience),
        }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.too_late.as_mut().poll(cx));
        let late = io::Error::from(io::ErrorKind::TimedOut);
        Poll::Ready(Some(Err(late.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
