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

/// How a message ends, in small letters: with an end tag, encoded or not.
const ENDS: [&[u8]; 6] = [
    b"/request>",
    b"/query>",
    b"/request%3e",
    b"/query%3e",
    b"%2frequest%3e",
    b"%2fquery%3e",
];

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::task::Waker;

    use axum::body::to_bytes;
    use proptest::prelude::*;
    use tokio::sync::mpsc;

    use super::*;
    use crate::http::server::tests::clock::Hand;

    /// A body that comes in pieces, when the test says so.
    struct Dripping(mpsc::UnboundedReceiver<Option<&'static str>>);

    impl HttpBody for Dripping {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            self.0.poll_recv(cx).map(|piece| match piece? {
                Some(piece) => Some(Ok(Frame::data(Bytes::from_static(piece.as_bytes())))),
                None => Some(Err(std::io::ErrorKind::TimedOut.into())),
            })
        }
    }

    struct House {
        tap: mpsc::UnboundedSender<Option<&'static str>>,
        clock: Arc<Hand>,
        reading: BoxFuture<'static, String>,
        cut: Cut,
    }

    fn house() -> House {
        let (tap, drops) = mpsc::unbounded_channel();
        let clock = Arc::new(Hand::new());
        let (body, cut) = Lenient::new(Body::new(Dripping(drops)), clock.clone());
        let reading = Box::pin(async move {
            let bytes = to_bytes(Body::new(body), 1_000).await.unwrap();
            String::from_utf8(bytes.to_vec()).unwrap()
        });
        House {
            tap,
            clock,
            reading,
            cut,
        }
    }

    impl House {
        fn says(&self, piece: &'static str) {
            self.tap.send(Some(piece)).unwrap();
        }

        /// What was read, if the body has ended by now.
        fn read(&mut self) -> Option<String> {
            let mut cx = Context::from_waker(Waker::noop());
            match self.reading.as_mut().poll(&mut cx) {
                Poll::Ready(text) => Some(text),
                Poll::Pending => None,
            }
        }
    }

    #[test]
    fn a_body_that_is_whole_is_not_waited_for() {
        let mut house = house();
        house.says("xml=%3Cquery%3E%3C%2Fquery%3E");
        assert_eq!(house.read(), None, "more was announced");
        house.clock.advance(REST);
        assert_eq!(
            house.read().as_deref(),
            Some("xml=%3Cquery%3E%3C%2Fquery%3E")
        );
        assert!(house.cut.happened());
    }

    #[test]
    fn a_body_that_only_begins_is_waited_for_until_the_port_gives_up() {
        for begun in [
            "xml=%3Crequest%3E",
            "xml=<query>",
            "xml=%3c%2frequest",
            "<request>",
        ] {
            let mut house = house();
            house.says(begun);
            assert_eq!(house.read(), None);
            house.clock.advance(REST * 5);
            assert_eq!(house.read(), None, "{begun}");
            house.says("and more");
            assert_eq!(house.read(), None);
            house.tap.send(None).unwrap();
            assert_eq!(house.read(), Some(format!("{begun}and more")));
            assert!(house.cut.happened());
        }
    }

    #[test]
    fn what_comes_within_a_second_of_the_end_belongs_to_it() {
        let mut house = house();
        house.says("xml=<query></query>");
        assert_eq!(house.read(), None);
        house.clock.advance(REST / 2);
        house.says("&a=b");
        assert_eq!(house.read(), None);
        house.clock.advance(REST * 2);
        assert_eq!(house.read(), None, "it looks whole no more");
        let House { tap, cut, .. } = &house;
        assert!(!cut.happened() && !tap.is_closed());
        let (tap, _) = mpsc::unbounded_channel();
        house.tap = tap;
        assert_eq!(house.read().as_deref(), Some("xml=<query></query>&a=b"));
        assert!(!house.cut.happened(), "it ended by itself");
    }

    proptest! {
        #[test]
        fn the_end_is_seen_wherever_the_body_is_cut(at in 0usize..40, line in "[\r\n ]{0,5}") {
            let whole = format!("xml=%3Cquery%3Ebody%3C%2FQuery%3E{line}");
            let (first, second) = whole.split_at(at.min(whole.len()));
            let clock = Arc::new(Hand::new());
            let (mut body, _) = Lenient::new(Body::empty(), clock);
            for piece in [first, second] {
                body.keep_tail(piece.as_bytes());
            }
            prop_assert!(body.looks_whole());
            prop_assert!(body.tail.len() <= TAIL);
        }
    }
}
