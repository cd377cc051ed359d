//! The accept loop under every HTTP port of ours.
//!
//! Phones need what `axum::serve` does not give: to know when an answer has
//! left, bounds on connections and on time, and answers with Content-Length
//! that are never chunked, redirected or compressed.
//!
//! Every time limit runs on [`Clock`]; the connections of a port are bounded
//! by address and in all ([`PlaceLimits`]), and beyond three quarters of them
//! the one that has been idle longest makes room (`crowd`).

mod caller;
mod crowd;
mod request_line;
mod stream;
#[cfg(test)]
pub(super) mod tests;
mod time;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::ports::{BoxFuture, Clock};
use crate::registry::{PlaceLimits, accept, canonical};
use caller::Shared;
use crowd::{Crowd, Member};
use request_line::Mended;
use stream::Steady;
use time::{ClockTimer, TimedBody};

pub use caller::Caller;
pub use tls::Encryption;

/// Bounds of one port.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at one time.
    pub places: PlaceLimits,
    /// How long a request's head may take from its first wait to its last
    /// byte; also how long a connection may idle.
    pub head: Duration,
    /// How long a request's body may take to be whole.
    pub body: Duration,
    /// How long a peer may take nothing of what is sent to it.
    pub stall: Duration,
    /// How long a connection may live; then the answer on its way is given for
    /// as long as its peer keeps taking it.
    pub life: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            places: PlaceLimits {
                // A branch office behind one address boots at once.
                per_address: 2_048,
                ..PlaceLimits::default()
            },
            head: Duration::from_secs(30),
            body: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            life: Some(Duration::from_secs(600)),
        }
    }
}

/// The two ends of the connection a request came over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Who asked.
    pub peer: SocketAddr,
    /// What was reached; what this phone can be told as our address.
    pub local: SocketAddr,
}

/// What is to be done once the answer to this request has left: run when the
/// next request of the connection arrives, or when the connection ends well.
/// A connection that dies first forgets it.
#[derive(Clone, Default)]
pub struct AfterAnswer(Arc<Mutex<Vec<Act>>>);

type Act = Box<dyn FnOnce() + Send>;

impl AfterAnswer {
    /// Adds something to do.
    pub fn then(&self, act: impl FnOnce() + Send + 'static) {
        if let Ok(mut acts) = self.0.lock() {
            acts.push(Box::new(act));
        }
    }

    fn run(&self) {
        let acts = self
            .0
            .lock()
            .map(|mut acts| std::mem::take(&mut *acts))
            .unwrap_or_default();
        for act in acts {
            act();
        }
    }
}

/// The largest head of a request, in bytes; beyond it 431 or 414 is answered.
const LARGEST_HEAD: usize = 32 * 1024;

/// What a peer must at least take of the last answer while [`Limits::stall`]
/// goes by, in bytes: 60 MB of firmware may take an hour, not a day.
const LEAST_TAKEN: u64 = 16 * 1024;

/// Octets of an answer that may lie in the system, for each connection (it
/// takes this twice, for its own books). A peer counts as taking something once
/// a third of them is free: where the system makes room as it likes, megabytes,
/// a phone on a slow line takes minutes to that.
const SEND_BUFFER: usize = 64 * 1024;

/// How long an answer may still be made once the connection's life is over,
/// in [`Limits::stall`]s.
const STALLS_TO_ANSWER: u32 = 20;

/// Why a connection ended badly.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One port: what its connections share.
struct Port {
    encryption: Option<Encryption>,
    router: Router,
    clock: Arc<dyn Clock>,
    limits: Limits,
    crowd: Crowd,
    stop: CancellationToken,
}

/// Serves `router` on `listener` until `cancel`, then lets answers finish.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    clock: Arc<dyn Clock>,
    limits: Limits,
    cancel: CancellationToken,
) {
    run(listener, None, router, clock, limits, cancel).await;
}

/// The same with TLS.
pub async fn serve_encrypted(
    listener: TcpListener,
    encryption: Encryption,
    router: Router,
    clock: Arc<dyn Clock>,
    limits: Limits,
    cancel: CancellationToken,
) {
    run(listener, Some(encryption), router, clock, limits, cancel).await;
}

async fn run(
    listener: TcpListener,
    encryption: Option<Encryption>,
    router: Router,
    clock: Arc<dyn Clock>,
    limits: Limits,
    cancel: CancellationToken,
) {
    let total = limits.places.total;
    let port = Arc::new(Port {
        encryption,
        router,
        clock,
        limits,
        crowd: Crowd::new(total.saturating_sub(total / 4)),
        stop: cancel.clone(),
    });
    accept(
        listener,
        "HTTP",
        limits.places,
        cancel,
        move |stream, peer| {
            let port = Arc::clone(&port);
            // Counted before anything else of it is looked at.
            let member = port.crowd.enter();
            async move {
                if let Err(error) = port.connection(stream, peer, member).await {
                    tracing::debug!(%peer, %error, "an HTTP connection ended badly");
                }
            }
        },
    )
    .await;
}

impl Port {
    async fn connection(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        member: Arc<Member>,
    ) -> Result<(), Failure> {
        let local = canonical(stream.local_addr()?);
        let ends = Ends { peer, local };
        // A wish: the system may think otherwise.
        let _ = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
        let stream = Shared::new(stream);
        let caller = stream.caller();
        let stream = Steady::new(stream, Arc::clone(&self.clock), self.limits.stall);
        let written = stream.written();
        let Some(encryption) = &self.encryption else {
            return self.talk(stream, &written, ends, caller, member).await;
        };
        let stream = self.encrypted(encryption, stream, &member).await?;
        self.talk(stream, &written, ends, caller, member).await
    }

    /// Answers the requests of a connection. `written` counts what has left.
    async fn talk<S>(
        &self,
        stream: S,
        written: &AtomicU64,
        ends: Ends,
        caller: Caller,
        member: Arc<Member>,
    ) -> Result<(), Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let after = AfterAnswer::default();
        let making = AtomicBool::new(false);
        let service = service_fn(|request| {
            after.run();
            making.store(true, Ordering::Relaxed);
            let answer = self.answer(request, ends, caller.clone(), after.clone(), &member);
            async {
                let answer = answer.await;
                making.store(false, Ordering::Relaxed);
                answer
            }
        });
        let stream = Mended::new(stream);
        let mut builder = http1::Builder::new();
        builder
            .timer(ClockTimer::new(Arc::clone(&self.clock)))
            .header_read_timeout(self.limits.head)
            .title_case_headers(true)
            .half_close(true)
            .max_buf_size(LARGEST_HEAD);
        let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut life = self.rest(self.limits.life);
        let (mut stopping, mut taken, mut stalls_left) = (false, None, STALLS_TO_ANSWER);
        loop {
            tokio::select! {
                ended = serving.as_mut() => {
                    ended?;
                    after.run();
                    return Ok(());
                }
                () = member.has_to_leave() => return Ok(()),
                () = life.as_mut() => {
                    // An answer that is on its way is still given: what it
                    // tells of may be committed. Its peer can take nothing
                    // before it is made.
                    let now = written.load(Ordering::Relaxed);
                    if making.load(Ordering::Relaxed) && stalls_left > 0 {
                        stalls_left -= 1;
                        taken = None;
                    } else if taken.is_some_and(|before| now < LEAST_TAKEN.saturating_add(before)) {
                        return Err(io::Error::from(io::ErrorKind::TimedOut).into());
                    } else {
                        taken = Some(now);
                    }
                    life = self.rest(Some(self.limits.stall));
                    serving.as_mut().graceful_shutdown();
                }
                () = self.stop.cancelled(), if !stopping => {
                    stopping = true;
                    serving.as_mut().graceful_shutdown();
                }
            }
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        ends: Ends,
        caller: Caller,
        after: AfterAnswer,
        member: &Arc<Member>,
    ) -> Result<Response<Body>, std::convert::Infallible> {
        let asking = member.asks();
        // Where a length and chunks were both told, somebody before us may see
        // another end of this request: nothing after it is taken as one.
        let ambiguous = request.headers().contains_key(header::TRANSFER_ENCODING);
        let mut request = request.map(|body| {
            if body.is_end_stream() {
                Body::empty()
            } else {
                Body::new(TimedBody::new(body, &*self.clock, self.limits.body))
            }
        });
        request.extensions_mut().insert(ends);
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(after);
        let mut response = self.router.clone().oneshot(request).await?;
        let close = HeaderValue::from_static("close");
        if ambiguous {
            response.headers_mut().insert(header::CONNECTION, close);
        } else if response.headers().get(header::CONNECTION) != Some(&close) {
            return Ok(response.map(|body| asking.until_sent(body)));
        }
        asking.stays_to_its_end();
        Ok(response)
    }

    /// Waits so long, or for ever.
    fn rest(&self, time: Option<Duration>) -> BoxFuture<'static, ()> {
        match time {
            Some(time) => self.clock.sleep_until(self.clock.monotonic() + time),
            None => Box::pin(std::future::pending()),
        }
    }
}
