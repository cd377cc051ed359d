//! The body of a request, also where its length is told wrongly.
//!
//! Cisco's own printed sample announces 249 octets and has 236. Whoever sends
//! it waits for his answer, so a body ends here when it stops coming: soon
//! after it looks whole, else with the time limit of the port.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::ports::{BoxFuture, Clock};

/// How long the rest of a body is waited for whose message looks whole.
const REST: Duration = Duration::from_secs(1);

/// How a message ends, in small letters.
const ENDS: [&[u8]; 4] = [b"/request>", b"/query>", b"request%3e", b"query%3e"];

/// Octets at the end that are kept to see whether it looks whole; enough for
/// the longest of [`ENDS`] and some line ends.
const TAIL: usize = 32;

/// A body that ends where it stops coming.
pub(super) struct Lenient {
    body: Body,
    clock: Arc<dyn Clock>,
    tail: Vec<u8>,
    patience: Option<BoxFuture<'static, ()>>,
    cut: Cut,
}

/// Whether a body ended before its time.
#[derive(Clone, Default)]
pub(super) struct Cut(Arc<AtomicBool>);

impl Cut {
    pub(super) fn happened(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Lenient {
    pub(super) fn new(body: Body, clock: Arc<dyn Clock>) -> (Self, Cut) {
        let cut = Cut::default();
        let lenient = Self {
            body,
            clock,
            tail: Vec::new(),
            patience: None,
            cut: cut.clone(),
        };
        (lenient, cut)
    }

    fn keep_tail(&mut self, data: &[u8]) {
        self.tail.extend_from_slice(data);
        let over = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..over);
    }

    fn looks_whole(&self) -> bool {
        let tail = self.tail.trim_ascii_end().to_ascii_lowercase();
        ENDS.iter().any(|end| tail.ends_with(end))
    }

    fn end(&self) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.cut.0.store(true, Ordering::Relaxed);
        Poll::Ready(None)
    }
}

impl HttpBody for Lenient {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    let last = data.get(data.len().saturating_sub(TAIL)..);
                    self.keep_tail(last.unwrap_or_default());
                }
                self.patience = None;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(None) => Poll::Ready(None),
            // It broke off, or did not come in time.
            Poll::Ready(Some(Err(_))) => self.end(),
            Poll::Pending => {
                if self.patience.is_none() && self.looks_whole() {
                    let until = self.clock.monotonic() + REST;
                    self.patience = Some(self.clock.sleep_until(until));
                }
                let patience = self.patience.as_mut();
                match patience.map(|patience| patience.as_mut().poll(cx)) {
                    Some(Poll::Ready(())) => self.end(),
                    Some(Poll::Pending) | None => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
