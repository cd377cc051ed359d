//! Requests other than REGISTER: what phones in CCM mode send a call manager
//! besides, and the right refusal for all else. None of them is challenged.

use crate::model::DeviceName;
use crate::sip::wire::remotecc::{
    self, ALARM_TYPE, DeviceAlarm, Item, REQUEST_TYPE, RESPONSE_TYPE, TOKEN_REGISTRATION,
};
use crate::sip::wire::{Field, HeaderName, Message, Method, StatusCode, Uri};

use super::answer::{self, ALLOW, Rejection, in_dialog};
use super::hook;
use super::registrar::{Output, Registrar};

/// The one extension that a request may insist on: no subscription follows a
/// REFER (RFC 4488).
const SUPPORTED_OPTIONS: &[&str] = &["norefersub"];

/// The longest time that a publication is kept for, in seconds.
const PUBLICATION: u32 = 3600;

/// What an INVITE offers (RFC 3264).
const SDP: &str = "application/sdp";

/// The event package of hook states (RFC 4235).
const DIALOG: &str = "dialog";

/// What is wrong with a request whatever it asks for, in the order of RFC 3261
/// section 8.2.
pub(super) fn acceptable(message: &Message, method: &Method) -> Result<(), Rejection> {
    if !answer::is_known(method) {
        return Err(Rejection::of(StatusCode::NOT_IMPLEMENTED).with(HeaderName::ALLOW, ALLOW));
    }
    if !message.is_for_sip() {
        return Err(Rejection::of(StatusCode::UNSUPPORTED_URI_SCHEME));
    }
    // OPTIONS with 0 asks whoever it reaches last (RFC 3261 section 11).
    if *method != Method::Options && message.headers.max_forwards() == Ok(Some(0)) {
        return Err(Rejection::of(StatusCode::TOO_MANY_HOPS));
    }
    let unsupported: Vec<&str> = message
        .headers
        .tokens(HeaderName::REQUIRE)
        .filter(|asked| {
            !SUPPORTED_OPTIONS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(asked))
        })
        .collect();
    if *method != Method::Cancel && !unsupported.is_empty() {
        return Err(Rejection::of(StatusCode::BAD_EXTENSION)
            .with(HeaderName::UNSUPPORTED, unsupported.join(", ")));
    }
    if *method == Method::Invite {
        return readable_offer(message);
    }
    Ok(())
}

/// Whether what an INVITE carries can be understood (RFC 3261 section 8.2.3). Only INVITE is asked: phones put bodies
/// of Cisco's own into other requests, also before they are registered, and can do nothing about a refusal.
fn readable_offer(message: &Message) -> Result<(), Rejection> {
    let headers = &message.headers;
    if message.body().is_empty() || headers.body_is_optional() {
        return Ok(());
    }
    let refused = Rejection::of(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    if headers
        .tokens(HeaderName::CONTENT_ENCODING)
        .any(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        return Err(refused.with(HeaderName::ACCEPT_ENCODING, "identity"));
    }
    let known = headers
        .content_type()
        .is_some_and(|media| media.is(SDP) || media.essence.starts_with("multipart/"));
    if known {
        Ok(())
    } else {
        Err(refused.with(HeaderName::ACCEPT, SDP))
    }
}

impl Registrar {
    pub(super) fn serve(&mut self, message: &Message, method: &Method) -> Vec<Output> {
        let mut outputs = self.answered_by_kind(message, method);
        if self.binding.is_some() && is_use(message, method) {
            outputs.push(Output::Used);
        }
        outputs
    }

    fn answered_by_kind(&mut self, message: &Message, method: &Method) -> Vec<Output> {
        let rejection = match method {
            Method::Options => return self.options(message),
            Method::Refer => return self.refer_from_phone(message),
            Method::Publish => return self.publish(message),
            Method::Notify => return self.notify(message),
            Method::Bye | Method::Cancel => no_dialog(),
            Method::Subscribe | Method::Invite if in_dialog(message) => no_dialog(),
            Method::Subscribe => bad_event(),
            Method::Invite => {
                Rejection::of(StatusCode::SERVICE_UNAVAILABLE).because("No call service")
            }
            _ => Rejection::not_allowed(),
        };
        self.reject(message, &rejection)
    }

    fn options(&mut self, message: &Message) -> Vec<Output> {
        let mut response = answer::answer(&message.headers, StatusCode::OK, &mut self.names);
        let accept = format!(
            "{REQUEST_TYPE}, {RESPONSE_TYPE}, {ALARM_TYPE}, application/dialog-info+xml, multipart/mixed"
        );
        for (name, value) in [
            (HeaderName::ALLOW, ALLOW),
            (HeaderName::ACCEPT, accept.as_str()),
            (HeaderName::SUPPORTED, "norefersub"),
        ] {
            response.headers.push(name, value);
        }
        vec![Output::Send(response)]
    }

    /// Remote call control: alarms, answers and tokens come also before there
    /// is any registration.
    fn refer_from_phone(&mut self, message: &Message) -> Vec<Output> {
        if in_dialog(message) {
            return self.reject(message, &no_dialog());
        }
        let items = remotecc::items(message).unwrap_or_else(|error| {
            tracing::debug!(peer = %self.ends.peer, %error, "the body of a REFER was not read");
            Vec::new()
        });
        let pressed = items
            .iter()
            .any(|item| matches!(item, Item::SoftkeyEvent(_)));
        let status = if pressed || (items.is_empty() && !refers_to_us(message)) {
            StatusCode::DECLINE
        } else {
            StatusCode::ACCEPTED
        };
        let mut response = answer::answer(&message.headers, status, &mut self.names);
        if status.is_success()
            && let Some(field) = message.headers.extension("Refer-Sub")
            && field.text().is_some_and(|text| text.starts_with("false"))
            && let Some(none) = Field::extension("Refer-Sub", "false")
        {
            // RFC 4488 section 4.
            response.headers.append(none);
        }
        let mut outputs = vec![Output::Send(response)];
        if pressed && self.binding.is_some() {
            outputs.push(Output::Used);
        }
        for item in items {
            match item {
                Item::Alarm(alarm) => outputs.push(told(&alarm)),
                other => tracing::debug!(peer = %self.ends.peer, ?other, "remote call control"),
            }
        }
        outputs
    }

    /// Forward and do-not-disturb states. An unanswered one puts some phones
    /// into a restart loop (RFC 3903 section 6 for the headers).
    fn publish(&mut self, message: &Message) -> Vec<Output> {
        let asked = message.headers.expires().unwrap_or(PUBLICATION);
        let mut response = answer::answer(&message.headers, StatusCode::OK, &mut self.names);
        let tag = self.names.token();
        response.headers.push(HeaderName::SIP_ETAG, tag);
        response
            .headers
            .push(HeaderName::EXPIRES, asked.min(PUBLICATION).to_string());
        vec![Output::Send(response)]
    }

    /// Hook states of lines, without a subscription.
    fn notify(&mut self, message: &Message) -> Vec<Output> {
        let package = message.headers.event().map(|event| event.package);
        if package.as_deref() != Ok(DIALOG) {
            return self.reject(message, &bad_event());
        }
        let response = answer::answer(&message.headers, StatusCode::OK, &mut self.names);
        let mut outputs = vec![Output::Send(response)];
        let (Some(binding), Some(state)) = (&mut self.binding, hook::read(message.body())) else {
            return outputs;
        };
        /// More lines than any phone has.
        const LINES: usize = 64;
        let before = !binding.busy.is_empty();
        // A phone that comes tells of lines that were idle all along.
        let mut moved = state.busy;
        if !state.busy {
            moved = binding.busy.remove(&state.entity);
        } else if binding.busy.len() < LINES {
            binding.busy.insert(state.entity);
        }
        let after = !binding.busy.is_empty();
        if before != after {
            outputs.push(Output::InCall(after));
        } else if moved {
            outputs.push(Output::Used);
        }
        outputs
    }
}

/// Whether somebody did this at the phone. Subscriptions and publications that
/// are merely refreshed carry no body (RFC 3903 section 4.1); what is switched
/// at the phone (do not disturb, forwarding) stands in one. Hook states and
/// soft keys are judged where they are read.
fn is_use(message: &Message, method: &Method) -> bool {
    match method {
        Method::Invite | Method::Bye | Method::Cancel => true,
        Method::Publish | Method::Subscribe => !message.body().is_empty(),
        _ => false,
    }
}

/// There are no calls and no subscriptions.
fn no_dialog() -> Rejection {
    Rejection::of(StatusCode::CALL_DOES_NOT_EXIST)
}

/// The event package is not served (RFC 6665 section 4.2.1.1).
fn bad_event() -> Rejection {
    Rejection::of(StatusCode::BAD_EVENT).with(HeaderName::ALLOW_EVENTS, DIALOG)
}

/// Whether a REFER is one between phone and call manager: it refers to its own
/// body, or asks for a token.
fn refers_to_us(message: &Message) -> bool {
    let Ok(target) = message.headers.address(HeaderName::REFER_TO) else {
        return false;
    };
    match &target.uri {
        Uri::Sip(_) => false,
        Uri::Other { scheme, .. } if scheme.eq_ignore_ascii_case("cid") => true,
        urn @ Uri::Other { .. } => urn.to_string().eq_ignore_ascii_case(TOKEN_REGISTRATION),
    }
}

fn told(alarm: &DeviceAlarm) -> Output {
    let device = alarm
        .parameter("DeviceName")
        .and_then(|name| DeviceName::new(name).ok());
    let said = alarm
        .parameters
        .iter()
        .filter(|(name, value)| name != "DeviceName" && !value.is_empty())
        .map(|(name, value)| format!(" {name}={value}"));
    let text = std::iter::once(alarm.name.clone()).chain(said).collect();
    Output::Alarm { device, text }
}
