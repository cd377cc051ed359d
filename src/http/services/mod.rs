//! What phones and login applications ask: the Services menu (`menu`), the
//! login application on the phone (`emapp`, by its own name or by a site's
//! `triggers`), the Extension Assigner (`assigner`), the login service for programs (`emservice`), and the
//! authentication of pushes (`authenticate`). Whether requests may come from
//! where they come from is judged in `trust`. What a page says is in [`pages`],
//! how a phone wants it in [`Look`].
//!
//! Paths are Cisco's, taken without regard to case; unknown parameters are
//! ignored, because phones add their own. Query strings carry PINs: nothing
//! here logs one.

mod assigner;
mod authenticate;
mod emapp;
mod emservice;
mod look;
mod menu;
mod page;
pub mod pages;
mod request;
#[cfg(test)]
mod tests;
mod tickets;
mod triggers;
mod trust;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use tokio::sync::Semaphore;

use crate::http::execute::PushKeys;
use crate::http::look::AskIdentity;
use crate::mobility::{Channel, Mobility};
use crate::model::{DeviceName, LoginType, ObjectId, Pin, Secret, UserId};
use crate::ports::{Denied, Directory, Identity, Journal, Presence, Verified};
use crate::provision::Wording;
use crate::reconcile::ReconcilerHandle;
use emapp::Entrance;
use request::{Asked, LARGE_BODIES};
use tickets::Tickets;
use triggers::Sessions;

pub use emservice::{
    CheckUser, Figures, Kind, LoginService, Settings as LoginServiceSettings, Tries,
};
pub use look::{Links, Look};
pub use request::{PARAMETERS, read_pairs};
pub use trust::Resolve;

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
    /// What the doors of the login service share.
    pub login_service: LoginService,
    /// The words of the pages.
    pub wording: Arc<Wording>,
    /// Called once a page has left.
    pub after_answer: AnswerHook,
    /// What we ourselves push with.
    pub push_keys: PushKeys,
    /// Asks the phone at an address who it is.
    pub identify: AskIdentity,
}

/// The parts and what the pages remember between two requests.
struct Services {
    parts: Parts,
    tickets: Tickets,
    /// The requests of the triggers that are worked on.
    sessions: Sessions,
    /// Room for what is larger than a phone's form.
    large_bodies: Arc<Semaphore>,
}

impl Services {
    /// Whether it is the phone itself that asks, or a program with its URL.
    fn channel(&self, asked: &Asked, device: &DeviceName) -> Channel {
        let there = self.parts.presence.registration(device);
        let address = asked.ends.peer.ip().to_canonical();
        match there {
            Some(there) if there.peer.ip().to_canonical() == address => Channel::OverPhone,
            Some(_) | None => Channel::Elsewhere,
        }
    }

    /// What a phone was told last goes out first; what was ordered follows.
    fn after_page(&self, asked: &Asked, device: &DeviceName) {
        let hook = self.parts.after_answer.clone();
        let reconcile = self.parts.reconcile.clone();
        let over_phone = self.channel(asked, device) == Channel::OverPhone;
        let device = device.clone();
        asked.after.then(move || {
            hook();
            if over_phone {
                reconcile.page_left(&device);
            }
        });
    }
}

/// A user whose PIN was right.
struct RightPin {
    user: ObjectId,
    /// The version of the credential that was checked.
    version: u64,
    /// Whether it must be changed before anything else.
    must_change: bool,
}

impl Services {
    /// Checks a PIN that came from a phone.
    async fn right_pin(
        &self,
        asked: &Asked,
        identity: Identity,
        pin: &str,
    ) -> Result<RightPin, Denied> {
        let secret = Secret::Pin(Pin::new(pin));
        let source = Some(asked.ends.peer.ip());
        match self
            .parts
            .directory
            .verify(identity, secret, source)
            .await?
        {
            Verified::User {
                id,
                version,
                pin_must_change,
                ..
            } => Ok(RightPin {
                user: id,
                version,
                must_change: pin_must_change,
            }),
            Verified::Application { .. } => Err(Denied::Unknown),
        }
    }

    /// The user that was named, where it is one.
    fn configured(&self, typed: &str, login_type: LoginType) -> Option<UserId> {
        let typed = UserId::new(typed).ok()?;
        let world = self.parts.mobility.store().world();
        let ignore_case = world.parameters.ignore_user_id_case;
        let users = world.users_for(&typed, login_type, ignore_case);
        users.first().map(|user| user.user_id.clone())
    }
}

/// The routes of the services port.
pub fn router(parts: Parts) -> Router {
    let services = Arc::new(Services {
        parts,
        tickets: Tickets::default(),
        sessions: Sessions::default(),
        large_bodies: Arc::new(Semaphore::new(LARGE_BODIES)),
    });
    Router::new().fallback(dispatch).with_state(services)
}

async fn dispatch(State(services): State<Arc<Services>>, request: Request) -> Response<Body> {
    // Nobody has pressed anything yet.
    if is_prefetch(request.headers()) {
        return page::error(StatusCode::SERVICE_UNAVAILABLE);
    }
    // Cisco's paths are taken in any case, triggers in their own.
    let spelt = request.uri().path().to_owned();
    let path = spelt.to_ascii_lowercase();
    let path = path.trim_end_matches('/');
    if let Some(door) = emservice::Door::at(path) {
        return emservice::answer(&services, request, door).await;
    }
    let asked = match Asked::read(request, &services.large_bodies).await {
        Ok(asked) => asked,
        Err(status) => return page::error(status),
    };
    match path {
        // Phones with a profile have 63 characters for the whole.
        "/ccmcip/getservicesmenu.jsp" | "/ccmcip/menu" => menu::answer(&services, &asked),
        "/emapp/emappservlet" => emapp::answer(&services, &asked, Entrance::Application).await,
        "/assigner/extensionassignerservlet" => assigner::answer(&services, &asked).await,
        "/changecredential/changecredentialservlet" => {
            emapp::answer(&services, &asked, Entrance::ChangePin).await
        }
        "/ccmcip/authenticate.jsp" | "/ccmcip/authenticate.asp" => {
            authenticate::answer(&services, &asked).await
        }
        _ => triggers::answer(&services, &asked, &spelt).await,
    }
}

/// Whether a page is fetched before anybody wants it (the *Fetch* standard,
/// `Sec-Purpose`, and what clients sent before it): that must not act.
fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"]
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::to_ascii_lowercase)
        .any(|purpose| purpose.contains("prefetch") || purpose.contains("preview"))
}
