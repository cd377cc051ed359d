//! What phones and login applications ask: the Services menu (`menu`), the
//! login application on the phone (`emapp`), the login service for programs
//! (`emservice`), and the authentication of pushes (`authenticate`).
//!
//! Paths are Cisco's, taken without regard to case; unknown parameters are
//! ignored, because phones add their own. Query strings carry PINs: nothing
//! here logs one.

mod authenticate;
mod choices;
mod emapp;
mod emservice;
mod menu;
mod page;
mod request;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use tokio::sync::Semaphore;

use crate::emapi::Generation;
use crate::http::execute::PushKeys;
use crate::mobility::Mobility;
use crate::ports::{Directory, Journal, Presence};
use crate::reconcile::ReconcilerHandle;
use choices::Choices;
use request::{Asked, LARGE_BODIES};

pub use request::{PARAMETERS, read_pairs};

/// Called once a page has left (a testing aid of the composition root).
pub type AnswerHook = Arc<dyn Fn() + Send + Sync>;

/// What the services lean on.
#[derive(Clone)]
pub struct Parts {
    /// Logins and logouts.
    pub mobility: Mobility,
    /// Who may sign in.
    pub directory: Arc<dyn Directory>,
    /// Who is registered, and from where.
    pub presence: Arc<dyn Presence>,
    /// Told when a page has left.
    pub reconcile: ReconcilerHandle,
    /// What happened.
    pub journal: Arc<dyn Journal>,
    /// What phones are told as our address instead of the one they reached.
    pub advertised: Option<IpAddr>,
    /// How the login service words its answers.
    pub generation: Generation,
    /// Called once a page has left.
    pub after_answer: AnswerHook,
    /// What we ourselves push with.
    pub push_keys: PushKeys,
}

/// The parts and what the pages remember between two requests.
struct Services {
    parts: Parts,
    choices: Choices,
    /// Room for what is larger than a phone's form.
    large_bodies: Arc<Semaphore>,
}

/// The routes of the services port.
pub fn router(parts: Parts) -> Router {
    let services = Arc::new(Services {
        parts,
        choices: Choices::default(),
        large_bodies: Arc::new(Semaphore::new(LARGE_BODIES)),
    });
    Router::new().fallback(dispatch).with_state(services)
}

async fn dispatch(State(services): State<Arc<Services>>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_ascii_lowercase();
    let asked = match Asked::read(request, &services.large_bodies).await {
        Ok(asked) => asked,
        Err(status) => return page::error(status),
    };
    match path.trim_end_matches('/') {
        "/ccmcip/getservicesmenu.jsp" => menu::answer(&services, &asked),
        "/emapp/emappservlet" => emapp::answer(&services, &asked).await,
        "/emservice/emserviceservlet"
        | "/loginservice/login.asp"
        | "/loginservice/loginservice.asp" => emservice::answer(&services, &asked).await,
        "/ccmcip/authenticate.jsp" | "/ccmcip/authenticate.asp" => {
            authenticate::answer(&services, &asked).await
        }
        _ => page::error(StatusCode::NOT_FOUND),
    }
}
