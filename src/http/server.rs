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
    /// How long a connection may live in all; what hangs longer is cut.
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
    let life = async {
        match limits.life {
            Some(life) => tokio::time::sleep(life).await,
            None => std::future::pending().await,
        }
    };
    let mut life = std::pin::pin!(life);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = serving.as_mut() => {
                ended?;
                after.run();
                return Ok(());
            }
            () = life.as_mut() => {
                return Err(io::Error::from(io::ErrorKind::TimedOut).into());
            }
            () = cancel.cancelled(), if !stopping => {
                stopping = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}
