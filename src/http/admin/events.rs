//! Events as they happen, as server-sent events (WHATWG HTML, *Server-sent
//! events*): a line `event` with the kind, a line `data` with JSON.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Parts;
use super::phones::{bad, named};
use super::problem::Problem;
use crate::journal::{EventStream, Kinds, Streamed, describe};
use crate::ports::{BoxFuture, Clock};

/// Streams at one time: each costs a reader of every event.
const STREAMS: usize = 64;

/// How often a line goes out when nothing happens, so that either end learns
/// of the other's death.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The places for streams.
#[derive(Clone)]
pub(super) struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STREAMS)))
    }
}

/// Which events.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Kinds with commas between them.
    #[serde(default)]
    kind: Option<String>,
    /// Of one phone.
    #[serde(default)]
    device: Option<String>,
}

/// `GET events?kind=signed-in,signed-out&device=SEP..`
pub(super) async fn events(
    State(parts): State<Parts>,
    places: Places,
    Query(which): Query<Which>,
) -> Result<Response<Body>, Problem> {
    let mut stream = parts.timelines.subscribe();
    if let Some(kind) = which.kind.filter(|kind| !kind.is_empty()) {
        let kinds: Kinds = kind.parse().map_err(|error| bad(format!("{error}")))?;
        stream = stream.of(kinds);
    }
    if let Some(device) = which.device.filter(|device| !device.is_empty()) {
        stream = stream.only(named(&device)?);
    }
    let place = places.0.try_acquire_owned().map_err(|_| {
        let why = format!("{STREAMS} readers of events are the most; close one of them");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, why)
    })?;
    let mut response = Response::new(Body::new(Telling::new(stream, parts.clock, place)));
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/event-stream; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

type Next = BoxFuture<'static, (EventStream, Option<Streamed>)>;

/// The body: made as its reader takes it, so that a slow one holds nothing
/// but its own place in the stream.
struct Telling {
    next: Next,
    heartbeat: BoxFuture<'static, ()>,
    clock: Arc<dyn Clock>,
    greeted: bool,
    ended: bool,
    _place: OwnedSemaphorePermit,
}

impl Telling {
    fn new(stream: EventStream, clock: Arc<dyn Clock>, place: OwnedSemaphorePermit) -> Self {
        Self {
            next: next(stream),
            heartbeat: beat(&*clock),
            clock,
            greeted: false,
            ended: false,
            _place: place,
        }
    }
}

fn next(mut stream: EventStream) -> Next {
    Box::pin(async move {
        let streamed = stream.next().await;
        (stream, streamed)
    })
}

fn beat(clock: &dyn Clock) -> BoxFuture<'static, ()> {
    clock.sleep_until(clock.monotonic() + HEARTBEAT)
}

impl HttpBody for Telling {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if !self.greeted {
            // The reader learns that it listens from now on.
            self.greeted = true;
            return said(":\n\n".to_owned());
        }
        if let Poll::Ready((stream, streamed)) = self.next.as_mut().poll(cx) {
            self.next = next(stream);
            self.heartbeat = beat(&*self.clock);
            return match streamed {
                Some(streamed) => said(block(&streamed)),
                None => {
                    self.ended = true;
                    Poll::Ready(None)
                }
            };
        }
        if self.heartbeat.as_mut().poll(cx).is_ready() {
            self.heartbeat = beat(&*self.clock);
            // Looked at once more, so that its end is noticed.
            let _ = self.heartbeat.as_mut().poll(cx);
            return said(":\n\n".to_owned());
        }
        Poll::Pending
    }
}

fn said<E>(text: String) -> Poll<Option<Result<Frame<Bytes>, E>>> {
    Poll::Ready(Some(Ok(Frame::data(Bytes::from(text)))))
}

/// One event. JSON has no line break inside.
fn block(streamed: &Streamed) -> String {
    let (name, data): (&str, Value) = match streamed {
        Streamed::Event(event) => (
            event.kind.name(),
            json!({
                "at": event.at,
                "device": event.device,
                "text": describe(event),
                "event": event.kind,
            }),
        ),
        Streamed::Missed(missed) => ("missed", json!({"missed": missed})),
    };
    format!("event: {name}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::{DeviceName, LogoutReason, Timestamp, UserId};
    use crate::ports::{Event, EventKind};

    #[test]
    fn an_event_is_two_lines_and_an_empty_one() {
        let event = Event {
            at: Timestamp(1_780_000_000_000),
            device: Some(DeviceName::new("SEP001122334455").unwrap()),
            kind: EventKind::SignedOut {
                user: UserId::new("alice").unwrap(),
                reason: LogoutReason::Evicted {
                    by: UserId::new("bob").unwrap(),
                },
            },
        };
        let text = block(&Streamed::Event(Arc::new(event)));
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert_eq!(lines[0], "event: signed-out");
        let data: Value = serde_json::from_str(lines[1].strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data["event"]["reason"]["because"], "evicted");
        assert_eq!(data["event"]["reason"]["by"], "bob");
        assert_eq!(data["device"], "SEP001122334455");
        assert_eq!(
            block(&Streamed::Missed(7)),
            "event: missed\ndata: {\"missed\":7}\n\n"
        );
    }
}
