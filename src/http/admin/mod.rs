//! What operators ask: JSON under `/api/v1/`, and the two health checks. The
//! command line is a client of it. Everything but the health checks needs the
//! bearer token of `run.json`.

mod audit;
mod display;
mod events;
mod files;
mod look;
mod newcomers;
mod phones;
mod problem;
mod profiles;
mod sessions;
mod site;
mod status;
mod why;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::http::execute::PhoneBrowser;
use crate::journal::{JournalStats, MemoryJournal};
use crate::mobility::Mobility;
use crate::model::Timestamp;
use crate::ports::{Clock, Deliveries, Directory, Hasher, Journal};
use crate::provision::Resolver;
use crate::registry::Registry;
use problem::Problem;

/// What the admin API leans on.
#[derive(Clone)]
pub struct Parts {
    /// Logins, logouts, orders, and the store behind them.
    pub mobility: Mobility,
    /// Who is registered.
    pub registry: Arc<Registry>,
    /// The timelines.
    pub timelines: Arc<MemoryJournal>,
    /// Where refusals are told.
    pub journal: Arc<dyn Journal>,
    /// Which files went out.
    pub deliveries: Arc<dyn Deliveries>,
    /// The files that phones are served.
    pub files: Arc<Resolver>,
    /// How the directory server fares.
    pub directory: Arc<dyn Directory>,
    /// Hashes credentials of a site file.
    pub hasher: Arc<dyn Hasher>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The bearer token.
    pub token: Arc<str>,
    /// Whether store, site and every port are up.
    pub ready: Arc<AtomicBool>,
    /// Where this node listens, as `run.json` has it.
    pub listen: Value,
    /// The end of the house: streams end with it.
    pub closing: CancellationToken,
    /// What every phone is told as our address, where that is configured.
    pub advertised: Option<IpAddr>,
    /// Since when this daemon runs.
    pub up_since: Timestamp,
    /// Asks phones at their web servers.
    pub browser: PhoneBrowser,
    /// How the journal fares.
    pub journal_stats: Arc<dyn Fn() -> JournalStats + Send + Sync>,
}

/// The most that a site file may hold on its way in, bytes: twice what the
/// site room reads, for its wrapping in JSON.
const SITE_LIMIT: usize = 64 * 1024 * 1024;

/// The routes of the admin port.
pub fn router(parts: Parts) -> Router {
    let places = events::Places::default();
    let api = Router::new()
        .route("/status", get(status::status))
        .route("/sessions", get(sessions::sessions))
        .route("/sessions/login", post(sessions::login))
        .route("/sessions/logout", post(sessions::logout))
        .route("/audit", get(audit::audit))
        .route(
            "/events",
            get(move |parts, which| {
                std::future::ready(events::events(parts, places.clone(), which))
            }),
        )
        .route("/files/rescan", post(files::rescan))
        .route("/users", get(status::users))
        .route("/profiles", get(profiles::all))
        .route("/profiles/{name}", get(profiles::one))
        .route("/phones", get(phones::all))
        .route("/phones/restart", post(phones::restart_many))
        .route("/phones/{name}", get(phones::one))
        .route("/phones/{name}/timeline", get(phones::timeline))
        .route("/phones/{name}/why", get(why::one))
        .route("/why", get(why::all))
        .route("/phones/{name}/login", post(phones::login))
        .route("/phones/{name}/logout", post(phones::logout))
        .route("/newcomers", get(newcomers::all))
        .route("/phones/{name}/approve", post(newcomers::approve))
        .route("/phones/{name}/refuse", post(newcomers::refuse))
        .route("/phones/{name}/assign", post(newcomers::assign))
        .route("/phones/{name}/restart", post(phones::restart))
        .route("/phones/{name}/reset", post(phones::reset))
        .route(
            "/phones/{name}/auto-profile",
            get(profiles::auto)
                .put(profiles::edit_auto)
                .delete(profiles::delete_auto),
        )
        .route("/phones/{name}/message", post(display::message))
        .route("/phones/{name}/push", post(display::push))
        .route("/phones/{name}/look", get(look::look))
        .route("/phones/{name}/screenshot", get(look::screenshot))
        .route("/phones/{name}/key", post(look::key))
        .route("/site", get(site::export))
        .route(
            "/site/apply",
            post(site::apply).layer(DefaultBodyLimit::max(SITE_LIMIT)),
        )
        .fallback(async || Problem::not_found("there is no such resource"))
        .layer(middleware::map_response(problem::as_problem))
        .layer(middleware::from_fn_with_state(parts.clone(), token_needed));
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .nest("/api/v1", api)
        .fallback(async || Problem::unauthorized())
        .with_state(parts)
}

async fn ready(State(parts): State<Parts>) -> (StatusCode, &'static str) {
    if parts.ready.load(Ordering::Acquire) {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting\n")
    }
}

async fn token_needed(State(parts): State<Parts>, request: Request, next: Next) -> Response {
    let offered = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match offered {
        Some(offered) if same(offered, &parts.token) => next.run(request).await,
        _ => Problem::unauthorized().into_response(),
    }
}

/// Compares without telling by its time where two tokens differ.
fn same(offered: &str, token: &str) -> bool {
    offered.len() == token.len()
        && offered
            .bytes()
            .zip(token.bytes())
            .fold(0, |diff, (a, b)| diff | (a ^ b))
            == 0
}
