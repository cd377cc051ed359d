//! The login application on the phone (Cisco: *Extension Mobility 4.1*, Login
//! Call Flow and Logout Call Flow), a file a step: [`arrival`] finds out which
//! phone it is, [`start`] shows the form or the question, [`sign_in`] checks
//! who it is, [`take`] and [`leave`] do it, [`change_pin`] changes a PIN.
//!
//! What a page says is in `pages`; whether a login goes is decided in the
//! mobility room.

mod arrival;
mod change_pin;
mod leave;
mod refused;
mod sign_in;
mod start;
mod take;

use std::sync::Arc;

use axum::body::Body;
use axum::http::Response;

use super::Services;
use super::look::{APPLICATION, CHANGE_PIN, Look, read_login_type};
use super::page::show;
use super::pages::{About, Effect, Failed, Failure, Next, Page, Reference};
use super::request::Asked;
use super::trust::Distrust;
use crate::emapi::{AppCode, Attempt};
use crate::mobility::query::{self, SessionView};
use crate::mobility::{Channel, Planned, Refusal};
use crate::model::{LoginType, Parameters, Phone, Plan, Timestamp};
use crate::ports::{Event, EventKind, Sign};
use arrival::Arrival;

/// Within this time after a login it is the same finger that signed in: one
/// press does not sign out, and a second press of Submit does not sign in.
const SAME_FINGER: std::time::Duration = std::time::Duration::from_secs(15);

/// The way by which a request came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entrance {
    /// `/emapp/EMAppServlet`: signs in or out, as things are.
    Application,
    /// The 3.1 trigger that signs in, by its path.
    Login(String),
    /// The 3.1 trigger that signs out, by its path.
    Logout(String),
    /// `/changecredential/ChangeCredentialServlet`.
    ChangePin,
}

impl Entrance {
    fn path(&self) -> &str {
        match self {
            Self::Application => APPLICATION,
            Self::Login(path) | Self::Logout(path) => path,
            Self::ChangePin => CHANGE_PIN,
        }
    }

    fn attempt(&self) -> Attempt {
        match self {
            Self::Logout(_) => Attempt::Logout,
            Self::Application | Self::Login(_) | Self::ChangePin => Attempt::Login,
        }
    }
}

/// One request of the application.
struct Visit<'a> {
    services: &'a Services,
    asked: &'a Asked,
    entrance: Entrance,
    look: Look,
    phone: Arc<Phone>,
    parameters: Arc<Parameters>,
    session: Option<SessionView>,
    login_type: LoginType,
    now: Timestamp,
}

/// Answers a request that came in by `entrance`.
pub(super) async fn answer(
    services: &Services,
    asked: &Asked,
    entrance: Entrance,
) -> Response<Body> {
    let login_type = login_type(asked);
    // What was given is carried through; an error leaves the page anyway.
    let carried = login_type.unwrap_or_default();
    let dressed = |phone: Option<&Phone>, path: &str| {
        let mut look = Look::of(services, asked, phone);
        look.links = look.links.by(path, carried);
        look
    };
    // The pages of a PIN change lead back to the application itself.
    let path = match entrance {
        Entrance::ChangePin => APPLICATION,
        _ => entrance.path(),
    };
    let attempt = entrance.attempt();
    let phone = match arrival::arrive(services, asked) {
        Arrival::Phone(phone) => phone,
        Arrival::Several(phones) => {
            let page = Page::Phones(phones);
            return nameless(services, asked, &dressed(None, entrance.path()), &page);
        }
        Arrival::Unknown(device) => {
            let failed = Failed {
                about: About::Device(device.clone()),
                ..failed(
                    refused::of_refusal(&Refusal::DeviceUnknown(device)),
                    attempt,
                )
            };
            return nameless(services, asked, &dressed(None, path), &Page::Failed(failed));
        }
        Arrival::Nobody => {
            let failed = failed(Failure::Application(AppCode::DeviceNameEmpty), attempt);
            return nameless(services, asked, &dressed(None, path), &Page::Failed(failed));
        }
    };
    let look = dressed(Some(&phone), path);
    let mobility = &services.parts.mobility;
    let (parameters, session) = {
        let world = mobility.store().world();
        let session = query::session_on(&world, phone.id);
        (world.parameters.clone(), session)
    };
    let visit = Visit {
        services,
        asked,
        entrance,
        look,
        phone,
        parameters,
        session,
        login_type: carried.unwrap_or_default(),
        now: mobility.now(),
    };
    if let Some(distrust) = visit.distrusted().await {
        visit.tell_service_refused(distrust.code, None, &distrust.why);
        return visit.failed(Failure::Service(distrust.code), About::Nothing);
    }
    if let Err(code) = login_type
        && !visit.wants_out()
    {
        return visit.app_error(code);
    }
    match visit.entrance {
        Entrance::ChangePin => visit.change_pin().await,
        _ => visit.answer().await,
    }
}

/// The page of a trigger that has all the sessions that it may have.
pub(super) fn busy(services: &Services, asked: &Asked, entrance: &Entrance) -> Response<Body> {
    let phone = match arrival::arrive(services, asked) {
        Arrival::Phone(phone) => Some(phone),
        _ => None,
    };
    let mut look = Look::of(services, asked, phone.as_deref());
    let carried = login_type(asked).unwrap_or_default();
    look.links = look.links.by(entrance.path(), carried);
    tell(services, asked, phone.as_deref(), &Page::Busy);
    show(&look, &Page::Busy)
}

/// What a `loginType` says, or the code when it is none of its three words. An
/// empty one counts as not given.
fn login_type(asked: &Asked) -> Result<Option<LoginType>, AppCode> {
    let typed = asked.parameter("loginType").map(str::trim);
    typed
        .filter(|typed| !typed.is_empty())
        .map(|typed| read_login_type(typed).ok_or(AppCode::LoginTypeInvalid))
        .transpose()
}

/// A page for a phone that is not known: it has no timeline.
fn nameless(services: &Services, asked: &Asked, look: &Look, page: &Page) -> Response<Body> {
    tell(services, asked, None, page);
    show(look, page)
}

/// An error page, with a reference of its own.
pub(super) fn failed(failure: Failure, attempt: Attempt) -> Failed {
    let mut random = [0; 4];
    // Without randomness the operator searches by time.
    let _ = getrandom::fill(&mut random);
    Failed {
        failure,
        attempt,
        about: About::Nothing,
        next: Next::Leave,
        reference: Reference::new(random),
    }
}

/// Which page was shown, for the journal: every step with the host that asked
/// and the model that it says it is.
pub(super) fn tell(services: &Services, asked: &Asked, phone: Option<&Phone>, page: &Page) {
    let model: String = asked
        .header("x-ciscoipphonemodelname")
        .unwrap_or("a client that names no model")
        .chars()
        .filter(char::is_ascii)
        .take(32)
        .collect();
    tell_signs(services, asked, phone, page);
    let page = format!("{} (to {}, {model})", page.name(), asked.ends.peer.ip());
    services.parts.journal.record(Event {
        at: services.parts.mobility.now(),
        device: phone.map(|phone| phone.name.clone()),
        kind: EventKind::Page { page },
    });
}

/// What a page tells beside that it was shown.
fn tell_signs(services: &Services, asked: &Asked, phone: Option<&Phone>, page: &Page) {
    let Some(phone) = phone else { return };
    let peer = asked.ends.peer;
    let sign = |sign, detail| {
        services.parts.journal.record(Event {
            at: services.parts.mobility.now(),
            device: Some(phone.name.clone()),
            kind: EventKind::Sign { sign, peer, detail },
        });
    };
    let registered = services.parts.presence.registration(&phone.name);
    let elsewhere = registered
        .map(|registered| registered.peer.ip().to_canonical())
        .filter(|address| *address != peer.ip().to_canonical());
    if let Some(address) = elsewhere {
        sign(
            Sign::PageElsewhere,
            format!("{}, while it is registered from {address}", page.name()),
        );
        return;
    }
    match page {
        Page::Form(form) if form.mistake.is_none() => sign(Sign::FormShown, page.name()),
        Page::Form(_) | Page::Profiles(_) | Page::SignedIn(_) | Page::ChangePin(_) => {
            sign(Sign::FormSent, page.name());
        }
        _ => {}
    }
}

impl Visit<'_> {
    async fn answer(&self) -> Response<Body> {
        if self.wants_out() {
            let session = self.session.as_ref();
            return match session.filter(|session| self.was_asked_of_another(session)) {
                Some(session) => self.question(session),
                None => self.sign_out().await,
            };
        }
        if let Some(token) = self.asked.parameter("token") {
            return self.redeem(token).await;
        }
        let typed = (self.asked.parameter("userid"), self.asked.parameter("seq"));
        match (typed, self.asked.parameter("who")) {
            ((None, None), who) => self.begin(who).await,
            ((None, Some(pin)), Some(who)) if who != start::OTHER => {
                self.sign_in_known(who, pin).await
            }
            ((typed, pin), _) => {
                self.sign_in(typed.unwrap_or_default(), pin.unwrap_or_default())
                    .await
            }
        }
    }

    /// Why the request is not trusted to come from a phone of the house: that
    /// binds all that this application does, and who is told who is where.
    async fn distrusted(&self) -> Option<Distrust> {
        let parts = &self.services.parts;
        let trust = parts.login_service.trust();
        let trusted = trust.phone(parts, &self.parameters, self.asked, &self.phone.name);
        trusted.await.err()
    }

    /// Whether the request says by itself that it signs out: that always acts.
    fn wants_out(&self) -> bool {
        let said = self.asked.parameter("doLogout");
        matches!(self.entrance, Entrance::Logout(_))
            || said.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }

    /// Whether this answers the question about an earlier login than the one
    /// that is there now. A request that names none is about whoever is there.
    fn was_asked_of_another(&self, session: &SessionView) -> bool {
        let since = self.asked.parameter("since");
        since.is_some_and(|since| since != session.since.0.to_string())
    }

    /// The way by which a command comes in.
    fn channel(&self) -> Channel {
        self.services.channel(self.asked, &self.phone.name)
    }

    /// What the phone does because of what was committed.
    fn effect(&self, planned: &[Planned]) -> Effect {
        let mine = planned.iter().find(|one| one.device == self.phone.name);
        mine.map_or(Effect::AtOnce, |one| self.effect_of(one.plan))
    }

    fn effect_of(&self, plan: Plan) -> Effect {
        let off_hook = query::is_in_use(&*self.services.parts.presence, &self.phone.name);
        match plan {
            Plan::Nothing | Plan::Refresh => Effect::AtOnce,
            _ if off_hook => Effect::OnHook,
            Plan::RestartThenReset => Effect::Twice,
            Plan::Restart | Plan::Reset => Effect::Restart,
        }
    }

    /// The last page: it goes out first, the restart follows.
    fn done(&self, page: &Page) -> Response<Body> {
        self.services.after_page(self.asked, &self.phone.name);
        self.show(page)
    }

    fn show(&self, page: &Page) -> Response<Body> {
        tell(self.services, self.asked, Some(&self.phone), page);
        show(&self.look, page)
    }

    fn app_error(&self, code: AppCode) -> Response<Body> {
        self.failed(Failure::Application(code), About::Nothing)
    }

    fn failed(&self, failure: Failure, about: About) -> Response<Body> {
        let next = refused::next(failure);
        self.show(&Page::Failed(Failed {
            about,
            next,
            ..failed(failure, self.entrance.attempt())
        }))
    }
}
