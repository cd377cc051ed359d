//! The login service for programs (Cisco: *Using the Extension Mobility API*):
//! XML in, XML out, HTTP 200 for success and failure alike.
//!
//! A request passes these doors in this order, and the first that stays shut
//! gives the code: the gate (26, `gate`); reading (1, 8); the caller (3, 2, 9)
//! and for whom he may act (10, `callers`); where the request comes from (30,
//! 28, 29, `source`); then the phone, the user and the store (`operations`,
//! `queries`). What was refused is journalled with who asked, the code and the
//! reason; certificates never.
//!
//! Codes that do not arise here: 7, because the end of a login is stored with
//! the login (a commit that fails is 6); 20 and 21, because phones and sessions
//! are read from memory and can be read or are not there; 27, because passwords
//! do not expire here; 41, because the service checks no PIN.

mod body;
mod callers;
mod figures;
mod gate;
mod operations;
mod queries;
mod source;

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, Response as HttpResponse, StatusCode, header};
use serde::Deserialize;

use super::request::Asked;
use super::trust::{Distrust, Resolve, Trust};
use super::{Services, page};
use crate::emapi::{
    self, Code, Envelope, Failure, Generation, Operation, ParseError, QueryFailure, Reading,
    Response, Root, Wording, form,
};
use crate::http::server;
use crate::mobility::{Refusal, RefusedAttempt, Tried};
use crate::model::{DeviceName, Origin, Parameters, UserId};
use crate::ports::{BoxFuture, Clock, Event, EventKind};
use body::Lenient;
use callers::Caller;
use figures::Counters;
use gate::{Gate, Place, Room};

pub use figures::{Figures, Kind, Tries};

/// What a `checkUser` is answered: Cisco defines the query, and no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckUser {
    /// Code 8.
    #[default]
    Refuse,
    /// In the form that was seen between two clusters.
    Answer,
}

/// How the service reads and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Answers of the servlet.
    pub servlet: Wording,
    /// Answers at the paths of CallManager 3.x.
    pub asp: Wording,
    /// How messages are read.
    pub reading: Reading,
    /// What `checkUser` is answered.
    pub check_user: CheckUser,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            servlet: Wording::default(),
            asp: Generation::CallManager.into(),
            reading: Reading::default(),
            check_user: CheckUser::default(),
        }
    }
}

/// Which path was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// `/emservice/EMServiceServlet`, since 4.0.
    Servlet,
    /// `/LoginService/login.asp` and `query.asp`, before.
    Asp,
}

impl Door {
    /// The door at a path in small letters.
    pub(super) fn at(path: &str) -> Option<Self> {
        match path {
            "/emservice/emserviceservlet" => Some(Self::Servlet),
            "/loginservice/login.asp"
            | "/loginservice/loginservice.asp"
            | "/loginservice/query.asp" => Some(Self::Asp),
            _ => None,
        }
    }
}

/// What the doors of the service share, on however many ports.
#[derive(Clone)]
pub struct LoginService(Arc<Desk>);

struct Desk {
    settings: Settings,
    gate: Gate,
    counters: Counters,
    trust: Trust,
    clock: Arc<dyn Clock>,
}

impl LoginService {
    /// The service; host names are looked up as the system does.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Self {
        Self::of(settings, Trust::new(Arc::clone(&clock)), clock)
    }

    /// The same with another way to look up host names.
    pub fn with_resolver(settings: Settings, clock: Arc<dyn Clock>, resolve: Resolve) -> Self {
        let trust = Trust::with_resolver(Arc::clone(&clock), resolve);
        Self::of(settings, trust, clock)
    }

    fn of(settings: Settings, trust: Trust, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Desk {
            settings,
            gate: Gate::new(),
            counters: Counters::default(),
            trust,
            clock,
        }))
    }

    /// Who judges requests by where they come from.
    pub(super) fn trust(&self) -> &Trust {
        &self.0.trust
    }

    /// What was counted.
    pub fn figures(&self) -> Figures {
        Figures {
            in_progress: self.0.gate.in_progress(),
            throttled: self.0.gate.throttled(),
            kinds: self.0.counters.read(),
        }
    }
}

/// Why a request failed: the code and the words for the application, and the
/// reason for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refused {
    code: Code,
    why: String,
    /// The words; `None`: Cisco's with the reason.
    text: Option<String>,
}

impl Refused {
    fn new(code: Code, why: impl Into<String>) -> Self {
        Self {
            code,
            why: why.into(),
            text: None,
        }
    }

    /// With Cisco's words alone: the reason is nobody's business outside.
    fn silent(code: Code, why: impl Into<String>) -> Self {
        Self {
            text: Some(code.text().to_owned()),
            ..Self::new(code, why)
        }
    }

    fn answer(&self) -> Response {
        let text = self.text.clone();
        Response::Failure(Failure {
            code: self.code,
            text: text.unwrap_or_else(|| format!("{}: {}", self.code.text(), self.why)),
        })
    }
}

impl From<&Refusal> for Refused {
    fn from(refusal: &Refusal) -> Self {
        let code = Code::from_number(refusal.service_code()).unwrap_or(Code::Unknown);
        match refusal {
            Refusal::Store(_) => Self::silent(code, refusal.to_string()),
            _ => Self::new(code, refusal.to_string()),
        }
    }
}

impl From<Distrust> for Refused {
    fn from(distrust: Distrust) -> Self {
        Self::new(distrust.code, distrust.why)
    }
}

impl From<&ParseError> for Refused {
    fn from(error: &ParseError) -> Self {
        Self::new(error.code, error.to_string())
    }
}

/// A request, and what it came to.
struct Served {
    root: Root,
    envelope: Option<Envelope>,
    outcome: Result<Response, Refused>,
}

/// One request at one of the doors, POST or GET.
pub(super) async fn answer(
    services: &Services,
    request: Request,
    door: Door,
) -> HttpResponse<Body> {
    let desk = &*services.parts.login_service.0;
    let line = request.extensions().get::<server::Caller>().cloned();
    let (head, body) = request.into_parts();
    let (body, cut) = Lenient::new(body, Arc::clone(&desk.clock));
    let request = Request::from_parts(head, Body::new(body));
    let asked = match Asked::read(request, &services.large_bodies).await {
        Ok(asked) => asked,
        Err(status) => return page::error(status),
    };
    let wording = match door {
        Door::Servlet => desk.settings.servlet,
        Door::Asp => desk.settings.asp,
    };
    let visit = Visit {
        services,
        desk,
        asked: &asked,
        wording,
        cut: cut.happened(),
    };
    let served = visit.serve(line).await;
    visit.tell(&served);
    let hook = services.parts.after_answer.clone();
    asked.after.then(move || hook());
    visit.write(&served)
}

/// One request on its way through the service.
struct Visit<'a> {
    services: &'a Services,
    desk: &'a Desk,
    asked: &'a Asked,
    wording: Wording,
    /// Whether the body ended before its time.
    cut: bool,
}

impl Visit<'_> {
    /// From the gate to the answer.
    async fn serve(&self, line: Option<server::Caller>) -> Served {
        let parameters = Arc::clone(&self.services.parts.mobility.store().world().parameters);
        let room = Room {
            at_work: usize::from(parameters.maximum_concurrent_requests).max(1),
            waiting: usize::from(parameters.maximum_waiting_requests),
        };
        let gone = || -> BoxFuture<'_, ()> {
            match &line {
                Some(line) => Box::pin(line.hung_up()),
                None => Box::pin(std::future::pending()),
            }
        };
        let Ok(mut place) = self.desk.gate.enter(room, &gone).await else {
            return Served {
                root: self.root_alone(),
                envelope: None,
                outcome: Err(busy()),
            };
        };
        let envelope = match self.read() {
            Ok(envelope) => envelope,
            Err((root, refused)) => {
                return Served {
                    root,
                    envelope: None,
                    outcome: Err(refused),
                };
            }
        };
        let working = self.execute(&mut place, &parameters, &envelope);
        let outcome = unless_it_breaks(working).await;
        Served {
            root: envelope.operation.root(),
            envelope: Some(envelope),
            outcome,
        }
    }

    /// The root of what nobody has time to read. It matters only where queries
    /// fail in other words than requests.
    fn root_alone(&self) -> Root {
        if self.wording.query_failure() == QueryFailure::Error {
            return Root::Request;
        }
        match self.read() {
            Ok(envelope) => envelope.operation.root(),
            Err((root, _)) => root,
        }
    }

    fn read(&self) -> Result<Envelope, (Root, Refused)> {
        let asked = self.asked;
        let xml = if asked.method == Method::POST {
            form::from_post(&asked.query, asked.header("content-type"), &asked.body)
        } else {
            form::from_query(&asked.query)
        };
        let read = match &xml {
            Ok(xml) => emapi::parse_with(xml, self.desk.settings.reading)
                .map_err(|error| (error.root, Refused::from(&error))),
            Err(error) => Err((None, Refused::new(error.code(), error.to_string()))),
        };
        read.map_err(|(root, mut refused)| {
            if self.cut {
                let octets = asked.body.len();
                refused.why = format!(
                    "{}; the body ended early, after {octets} octets",
                    refused.why
                );
            }
            (root.unwrap_or(Root::Request), refused)
        })
    }

    /// From the caller to the answer.
    async fn execute(
        &self,
        place: &mut Place<'_>,
        parameters: &Parameters,
        envelope: &Envelope,
    ) -> Result<Response, Refused> {
        let Self { services, desk, .. } = self;
        let proving = callers::authenticate(services, self.asked, envelope);
        let caller = place.aside(proving).await.map_err(|_| busy())??;
        if !caller.is_proxy() {
            let world = services.parts.mobility.store().world();
            caller.may(&world, &envelope.operation, |typed| {
                operations::meant(&world, typed, envelope.login_type).user_id()
            })?;
        }
        let devices = source::devices(envelope);
        let claim = source::claim(self.asked, &caller, envelope.origin, &devices);
        let judging = desk.trust.judge(&services.parts, parameters, claim);
        place.aside(judging).await.map_err(|_| busy())??;
        self.carry_out(&caller, envelope).await
    }

    async fn carry_out(&self, caller: &Caller, envelope: &Envelope) -> Result<Response, Refused> {
        let mobility = &self.services.parts.mobility;
        let login_type = envelope.login_type;
        match &envelope.operation {
            Operation::Login {
                device,
                user,
                profile,
                duration,
            } => {
                let login = operations::Login {
                    device,
                    user,
                    typed_as: login_type,
                    profile: profile.as_deref(),
                    duration: *duration,
                };
                login.carry_out(mobility, caller).await
            }
            Operation::Logout { device } => operations::logout(mobility, caller, device).await,
            Operation::LogoutAll => operations::logout_all(self.services, caller).await,
            Operation::DeviceUserQuery { devices } => {
                Ok(queries::device_users(mobility, caller, devices))
            }
            Operation::UserDevicesQuery { users } => {
                queries::user_devices(mobility, users, login_type)
            }
            Operation::DeviceProfileQuery { users } => {
                queries::profiles(mobility, users, login_type).map(Response::DeviceProfiles)
            }
            Operation::CheckUser { users } => match self.desk.settings.check_user {
                CheckUser::Refuse => Err(Refused::new(
                    Code::QueryTypeUndetermined,
                    "checkUser has no public answer; check_user = \"answer\" gives that between \
                     clusters",
                )),
                CheckUser::Answer => {
                    queries::profiles(mobility, users, login_type).map(Response::CheckedUsers)
                }
            },
        }
    }

    /// Counts it, and writes down what was refused.
    fn tell(&self, served: &Served) {
        let operation = served.envelope.as_ref().map(|envelope| &envelope.operation);
        let kind = operation.map_or(Kind::Unreadable, Kind::of);
        let peer = self.asked.ends.peer;
        let busy = matches!(&served.outcome, Err(refused) if refused.code == Code::Busy);
        if operation.is_some() || !busy {
            self.desk.counters.count(kind, served.outcome.is_ok());
        }
        let Err(refused) = &served.outcome else {
            tracing::debug!(%peer, ?kind, "login service");
            return;
        };
        let (code, why) = (refused.code, &refused.why);
        let who = match &served.envelope {
            Some(envelope) => format!("application {:?} at {peer}", shown(&envelope.app.id)),
            None => format!("an application at {peer}"),
        };
        let what = operation.map_or("request", Operation::name);
        tracing::info!(%peer, code = code.number(), what, %who, why, "login service");
        let mobility = &self.services.parts.mobility;
        if let (true, Some(envelope)) = (is_about_the_caller(code), &served.envelope) {
            let known = UserId::new(&envelope.app.id).ok().filter(|id| {
                let world = mobility.store().world();
                world.application_users.contains_key(id) || world.user(id).is_some()
            });
            mobility.refused(RefusedAttempt {
                tried: Tried::Call,
                origin: known.map(Origin::Application),
                device: None,
                user: None,
                from: Some(peer.ip()),
                code: code.number(),
                why: why.clone(),
            });
        }
        let device = operation.and_then(|operation| {
            let device = DeviceName::new(device_of(operation)?).ok()?;
            // A name that is no phone gets no timeline of its own: anybody
            // could make any number of them up.
            let world = mobility.store().world();
            world.phone(&device).map(|phone| phone.name.clone())
        });
        self.services.parts.journal.record(Event {
            at: mobility.now(),
            device,
            kind: EventKind::Note {
                text: format!("login service: {what} of {who} was answered {code}: {why}"),
            },
        });
    }

    fn write(&self, served: &Served) -> HttpResponse<Body> {
        let (body, failed) = match &served.outcome {
            Ok(response) => (response.to_xml(served.root, self.wording), None),
            Err(refused) => {
                let response = refused.answer();
                (
                    response.to_xml(served.root, self.wording),
                    Some(refused.code),
                )
            }
        };
        let mut answer = HttpResponse::new(Body::from(body));
        if self.cut && failed == Some(Code::Parsing) {
            *answer.status_mut() = StatusCode::BAD_REQUEST;
        }
        let headers = answer.headers_mut();
        let xml = HeaderValue::from_static("text/xml");
        headers.insert(header::CONTENT_TYPE, xml);
        // What may follow a body that was cut is not a request; and a GET may
        // be one whose line had to be mended, which is done once a connection.
        if self.cut || self.asked.method == Method::GET {
            let close = HeaderValue::from_static("close");
            headers.insert(header::CONNECTION, close);
        }
        answer
    }
}

fn busy() -> Refused {
    Refused::silent(
        Code::Busy,
        "maximum_concurrent_requests are worked on and maximum_waiting_requests wait, or who \
         waited hung up",
    )
}

/// The phone that an operation is about, if it is about one.
fn device_of(operation: &Operation) -> Option<&str> {
    match operation {
        Operation::Login { device, .. } | Operation::Logout { device } => Some(device),
        Operation::DeviceUserQuery { devices } => match devices.as_slice() {
            [device] => Some(device),
            _ => None,
        },
        _ => None,
    }
}

/// A name from outside as far as it is repeated.
fn shown(name: &str) -> String {
    const SHOWN: usize = 40;
    name.chars()
        .filter(|c| !c.is_control())
        .take(SHOWN)
        .collect()
}

/// Runs `work`; what breaks in it is code 0 rather than a dead connection.
async fn unless_it_breaks<T>(work: impl Future<Output = Result<T, Refused>>) -> Result<T, Refused> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        // Nothing of a future that broke is looked at again.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        polled.unwrap_or_else(|_| {
            let why = "the service broke over this request; standard error says where";
            Poll::Ready(Err(Refused::silent(Code::Unknown, why)))
        })
    })
    .await
}

/// Whether a code is about who calls, and not about what he wants done: that
/// is written down where it is refused.
fn is_about_the_caller(code: Code) -> bool {
    matches!(code.number(), 2 | 3 | 9 | 10 | 28 | 29 | 30)
}
