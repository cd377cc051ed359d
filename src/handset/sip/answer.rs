//! What the phone answers to the server's requests, and what it then does.

use crate::handset::event::Order;
use crate::handset::xml;
use crate::sip::wire::multipart::{self, Part};
use crate::sip::wire::remotecc::REQUEST_TYPE;
use crate::sip::wire::service_control::{
    self, Action, ConfigResult, EVENT, RegisteredLine, ServiceControl,
};
use crate::sip::wire::{HeaderName, HostPort, Message, Method, StatusCode};

const ALLOW: &str = "ACK,BYE,CANCEL,INVITE,NOTIFY,OPTIONS,REFER,UPDATE,SUBSCRIBE";
const SIP_PORT: u16 = 5060;

/// How things stand when a request comes.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    pub(super) lines: &'a [RegisteredLine<'a>],
    /// Host and port of the Contact: requests must come to them.
    pub(super) advertised: &'a HostPort,
    pub(super) registered: bool,
}

/// What the phone does after it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Order(Order),
    /// Look whether the file changed.
    Look,
    Status(String),
    MessageLamp(bool),
}

/// The answer to a request.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// What is wrong with the request, where the phone has an opinion.
    pub(super) reason: Option<String>,
    pub(super) acts: Vec<Act>,
}

impl Reply {
    fn status(status: StatusCode) -> Self {
        Self {
            status,
            reason: None,
            acts: Vec::new(),
        }
    }

    fn refuse(status: StatusCode, reason: &impl ToString) -> Self {
        Self {
            status,
            reason: Some(reason.to_string()),
            acts: Vec::new(),
        }
    }

    fn acting(status: StatusCode, acts: impl IntoIterator<Item = Act>) -> Self {
        Self {
            acts: acts.into_iter().collect(),
            ..Self::status(status)
        }
    }

    /// The response for the wire.
    pub(super) fn response(&self, request: &Message, to_tag: &str) -> Message {
        let mut response = Message::response(&request.headers, self.status, to_tag);
        if self.status == StatusCode::METHOD_NOT_ALLOWED || self.status == StatusCode::OK {
            response.headers.push(HeaderName::ALLOW, ALLOW);
        }
        response
    }
}

/// What to answer; `None` for an ACK, which nobody answers.
pub(super) fn answer(request: &Message, standing: &Standing<'_>) -> Option<Reply> {
    let method = request.method()?;
    if *method == Method::Ack {
        return None;
    }
    if let Err(violation) = request.check() {
        return Some(Reply::refuse(StatusCode::BAD_REQUEST, &violation));
    }
    Some(match method {
        Method::Notify => notify(request, standing),
        Method::Refer => refer(request, standing),
        Method::Options => Reply::status(StatusCode::OK),
        // There are no calls, so every request inside one is late.
        Method::Invite => Reply::status(StatusCode::BUSY_HERE),
        Method::Bye | Method::Cancel | Method::Update | Method::Info => {
            Reply::status(StatusCode::CALL_DOES_NOT_EXIST)
        }
        Method::Subscribe if !standing.registered => {
            Reply::status(StatusCode::SERVER_INTERNAL_ERROR)
        }
        Method::Subscribe => Reply::status(StatusCode::BAD_EVENT),
        Method::Register | Method::Prack | Method::Message | Method::Publish => {
            Reply::status(StatusCode::METHOD_NOT_ALLOWED)
        }
        _ => Reply::status(StatusCode::NOT_IMPLEMENTED),
    })
}

fn notify(request: &Message, standing: &Standing<'_>) -> Reply {
    if let Some(refused) = misdirected(request, standing) {
        return refused;
    }
    // Compared whole: a parameter makes it another event.
    let event = request.headers.text(HeaderName::EVENT).unwrap_or_default();
    match event.to_ascii_lowercase().as_str() {
        EVENT => match service_control::accept(request, standing.lines) {
            Ok(order) => Reply::acting(StatusCode::OK, act(&order)),
            Err(refusal) => Reply::refuse(refusal.status(), &refusal),
        },
        "message-summary" => message_summary(request),
        // A phone in CCM mode takes check-sync and does nothing.
        "presence" | "dialog" | "kpml" | "refer" | "check-sync" => Reply::status(StatusCode::OK),
        _ => Reply::refuse(StatusCode::BAD_REQUEST, &format!("event {event:?}")),
    }
}

/// The Request-URI must be the Contact: its host and port, and a user that is
/// name or contact of a line.
fn misdirected(request: &Message, standing: &Standing<'_>) -> Option<Reply> {
    let refuse = |status, reason: &str| Some(Reply::refuse(status, &reason));
    let uri = request.request_uri().ok();
    let Some(uri) = uri.as_ref().and_then(|uri| uri.sip()) else {
        return refuse(StatusCode::BAD_REQUEST, "the Request-URI is not SIP");
    };
    let Some(user) = uri.user_text() else {
        return refuse(StatusCode::BAD_REQUEST, "the Request-URI has no user");
    };
    if uri.host != standing.advertised.host
        || uri.port.unwrap_or(SIP_PORT) != standing.advertised.port.unwrap_or(SIP_PORT)
    {
        return refuse(
            StatusCode::BAD_REQUEST,
            "the Request-URI is not the Contact",
        );
    }
    let known = |line: &RegisteredLine<'_>| line.name == user || line.contact == user;
    if !standing.lines.iter().any(known) {
        return refuse(StatusCode::NOT_FOUND, "the Request-URI names no line");
    }
    None
}

fn act(order: &ServiceControl) -> Option<Act> {
    match order.action {
        Action::Reset => Some(Act::Order(Order::Reset)),
        Action::Restart => Some(Act::Order(Order::Restart)),
        Action::CheckVersion => Some(Act::Look),
        Action::ApplyConfig if order.result != Some(ConfigResult::NoChange) => Some(Act::Look),
        _ => None,
    }
}

/// Urgent messages in the count are more than Cisco's parser takes.
fn message_summary(request: &Message) -> Reply {
    let typed = request.headers.content_type().is_some_and(|media| {
        media.is("application/simple-message-summary") || media.is("text/plain")
    });
    let body = String::from_utf8_lossy(request.body()).to_ascii_lowercase();
    if !typed || body.contains('(') {
        return Reply::refuse(StatusCode::BAD_REQUEST, &"not a message summary");
    }
    let waiting = body
        .lines()
        .find_map(|line| line.strip_prefix("messages-waiting:"));
    match waiting.map(str::trim) {
        Some(word @ ("yes" | "no")) => {
            Reply::acting(StatusCode::OK, [Act::MessageLamp(word == "yes")])
        }
        _ => Reply::refuse(StatusCode::BAD_REQUEST, &"no Messages-Waiting"),
    }
}

/// Remote call control: a REFER to its own body.
fn refer(request: &Message, standing: &Standing<'_>) -> Reply {
    if let Some(refused) = misdirected(request, standing) {
        return refused;
    }
    let bad = |reason: &str| Reply::refuse(StatusCode::BAD_REQUEST, &reason);
    let headers = &request.headers;
    let target = headers
        .text(HeaderName::REFER_TO)
        .map(|text| text.trim_matches(['<', '>']).trim_start_matches("cid:"));
    let body_id = headers
        .text(HeaderName::CONTENT_ID)
        .map(|text| text.trim_matches(['<', '>']));
    if target.is_none() || target != body_id {
        return bad("Refer-To does not name the body");
    }
    if !headers.has_token(HeaderName::REQUIRE, "norefersub") {
        return bad("norefersub is not required");
    }
    let Ok(parts) = multipart::parts(headers, request.body()) else {
        return bad("the parts cannot be told apart");
    };
    let mut acts = Vec::new();
    for part in &parts {
        if let Err(reason) = read_part(part, standing, &mut acts) {
            return bad(&reason);
        }
    }
    Reply::acting(StatusCode::ACCEPTED, acts)
}

fn read_part(part: &Part, standing: &Standing<'_>, acts: &mut Vec<Act>) -> Result<(), String> {
    let Some(media) = part.content_type() else {
        return Err("a part without type".into());
    };
    if media.is("text/plain") {
        let order = ServiceControl::parse(&part.body);
        let entitled = standing.lines.iter().any(|line| {
            line.call_id.is_some() && line.call_id == order.register_call_id.as_deref()
        });
        if !entitled {
            return Err("RegisterCallId is not that of a registration".into());
        }
        acts.extend(act(&order));
        return Ok(());
    }
    if !media.is(REQUEST_TYPE) {
        return Ok(());
    }
    let root = xml::parse(part.body.trim_ascii())?;
    if root.name != "x-cisco-remotecc-request" {
        return Err(format!("<{}> is no request", root.name));
    }
    for request in &root.children {
        match request.name.as_str() {
            "statuslineupdatereq" => {
                acts.push(Act::Status(request.text_at("statustext").to_owned()));
            }
            "bulkupdate" => {
                let lamps: Vec<_> = request
                    .all("contact")
                    .map(|contact| contact.text_at("mwi"))
                    .filter(|lamp| !lamp.is_empty())
                    .collect();
                if !lamps.is_empty() {
                    acts.push(Act::MessageLamp(lamps.contains(&"yes")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
