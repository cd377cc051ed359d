//! The accept loop under every HTTP port of ours.
//!
//! Phones need what `axum::serve` does not give: to know when an answer has
//! left, bounds on connections and on time, and answers with Content-Length
//! that are never chunked, redirected or compressed.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::registry::{PlaceLimits, accept, canonical};

/// Bounds of one port.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at one time.
    pub places: PlaceLimits,
    /// How long a request's head may take; also how long a connection may idle.
    pub head_timeout: Duration,
    /// How long a connection may live; then the answer on its way is given a
    /// while more, and what hangs longer is cut.
    pub life: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            places: PlaceLimits::default(),
            head_timeout: Duration::from_secs(30),
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

/// Serves `router` on `listener` until `cancel`, then lets answers finish.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    cancel: CancellationToken,
) {
    let stop = cancel.clone();
    accept(
        listener,
        "HTTP",
        limits.places,
        cancel,
        move |stream, peer| {
            let (router, stop) = (router.clone(), stop.clone());
            async move {
                if let Err(error) = connection(stream, peer, router, limits, stop).await {
                    tracing::debug!(%peer, %error, "an HTTP connection ended badly");
                }
            }
        },
    )
    .await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    cancel: CancellationToken,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let ends = Ends {
        peer,
        local: canonical(stream.local_addr()?),
    };
    let after = AfterAnswer::default();
    let for_requests = after.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        for_requests.run();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ends);
        request.extensions_mut().insert(for_requests.clone());
        router.clone().oneshot(request)
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .title_case_headers(true)
        .half_close(true)
        .max_buf_size(64 * 1024);
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut life = Box::pin(rest(limits.life));
    let (mut stopping, mut over) = (false, false);
    loop {
        tokio::select! {
            ended = serving.as_mut() => {
                ended?;
                after.run();
                return Ok(());
            }
            () = life.as_mut() => {
                if over {
                    return Err(io::Error::from(io::ErrorKind::TimedOut).into());
                }
                // An answer that is on its way is still given: what it tells
                // of may be committed.
                over = true;
                life = Box::pin(rest(limits.life.and(Some(LAST_ANSWER))));
                serving.as_mut().graceful_shutdown();
            }
            () = cancel.cancelled(), if !stopping => {
                stopping = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}

/// How long the answer may take that is on its way when a life is over.
const LAST_ANSWER: Duration = Duration::from_secs(30);

/// Waits for the end of a life that has one.
async fn rest(life: Option<Duration>) {
    match life {
        Some(life) => tokio::time::sleep(life).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_life_that_is_over_ends_after_the_answer_that_is_on_its_way() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (release, released) = tokio::sync::oneshot::channel::<()>();
        let released = Arc::new(tokio::sync::Mutex::new(Some(released)));
        let router = Router::new().route(
            "/",
            get(async move || {
                let gate = released.lock().await.take();
                if let Some(gate) = gate {
                    let _ = gate.await;
                }
                "committed"
            }),
        );
        let limits = Limits {
            life: Some(Duration::from_millis(50)),
            ..Limits::default()
        };
        let cancel = CancellationToken::new();
        let server = tokio::spawn(serve(listener, router, limits, cancel.clone()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        // The life ends while the answer is being made.
        tokio::time::sleep(Duration::from_millis(200)).await;
        release.send(()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("committed"),
            "{answer}"
        );
        cancel.cancel();
        server.await.unwrap();
    }
}
