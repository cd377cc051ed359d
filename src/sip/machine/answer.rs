//! Answers: what every one of them has, and the 200 to a REGISTER.

use crate::model::Timestamp;
use crate::sip::wire::remotecc::{OptionsAnswer, RESPONSE_TYPE};
use crate::sip::wire::{Contact, HeaderName, Headers, Message, Method, StatusCode, date_text};

use super::names::Names;
use super::register::Register;

/// What we call ourselves.
const SERVER: &str = concat!("Embody/", env!("CARGO_PKG_VERSION"));

/// What a phone looks for in the 200 to its REGISTER: without an interface
/// specification of the server (`X-cisco-sis`) it switches its features off.
const SUPPORTED: &str = "X-cisco-srtp-fallback,X-cisco-sis-10.0.0";

/// What phones may send us.
pub(super) const ALLOW: &str =
    "REGISTER, OPTIONS, INVITE, ACK, CANCEL, BYE, REFER, NOTIFY, SUBSCRIBE, PUBLISH";

/// The wall clock as the codec wants it.
pub(super) fn wall_clock(wall: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(wall.0).unwrap_or_default()
}

/// A request that is not served: the status, and what is said besides.
#[derive(Clone, Debug)]
pub(super) struct Rejection {
    pub(super) status: StatusCode,
    /// Instead of the usual words.
    pub(super) phrase: Option<String>,
    pub(super) headers: Vec<(HeaderName, String)>,
}

impl Rejection {
    pub(super) const fn of(status: StatusCode) -> Self {
        Self {
            status,
            phrase: None,
            headers: Vec::new(),
        }
    }

    /// What is wrong with the request, in the reason phrase.
    pub(super) fn bad(why: &impl std::fmt::Display) -> Self {
        let mut rejection = Self::of(StatusCode::BAD_REQUEST);
        rejection.phrase = Some(format!("Bad Request: {why}"));
        rejection
    }

    pub(super) fn because(mut self, phrase: &str) -> Self {
        self.phrase = Some(phrase.to_owned());
        self
    }

    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The method is known and not served (RFC 3261 section 8.2.1).
    pub(super) fn not_allowed() -> Self {
        Self::of(StatusCode::METHOD_NOT_ALLOWED).with(HeaderName::ALLOW, ALLOW)
    }

    pub(super) fn response(&self, request: &Headers, names: &mut Names) -> Message {
        let mut response = answer(request, self.status, names);
        if let Some(phrase) = &self.phrase {
            response = response.with_reason(phrase);
        }
        for (name, value) in &self.headers {
            response.headers.push(*name, value);
        }
        response
    }
}

/// An answer with what all have.
pub(super) fn answer(request: &Headers, status: StatusCode, names: &mut Names) -> Message {
    let mut response = Message::response(request, status, &names.token());
    response.headers.push(HeaderName::SERVER, SERVER);
    response
}

/// An answer to a REGISTER: phones set their clocks by its Date.
pub(super) fn dated(
    request: &Headers,
    status: StatusCode,
    names: &mut Names,
    wall: Timestamp,
) -> Message {
    let mut response = answer(request, status, names);
    response
        .headers
        .push(HeaderName::DATE, date_text(wall_clock(wall)));
    response
}

/// The 200 that grants a binding for `granted` seconds. The Contact goes back
/// whole, with the mark of a new binding only for one: the mark makes a phone
/// drop its subscriptions.
pub(super) fn granted(
    register: &Register,
    contact: &Contact,
    granted: u32,
    new: bool,
    names: &mut Names,
    wall: Timestamp,
) -> Message {
    let mut response = dated(register.headers(), StatusCode::OK, names, wall);
    let headers = &mut response.headers;
    // A header: phones whose contact is a UUID do not look at the parameter.
    headers.push(HeaderName::EXPIRES, granted.to_string());
    let mut echo = with_expires(&contact.raw, granted);
    if new {
        echo.extend_from_slice(b";x-cisco-newreg");
    }
    headers.push(HeaderName::CONTACT, echo);
    headers.push(HeaderName::SUPPORTED, SUPPORTED);
    if let Some(offer) = register.offer().filter(|_| new) {
        response.set_body(RESPONSE_TYPE, OptionsAnswer::to(offer).body());
    }
    response
}

/// A Contact with the granted seconds in place of the asked ones, where it has
/// such a parameter; every other byte as it came.
fn with_expires(raw: &[u8], granted: u32) -> Vec<u8> {
    let mut echo = Vec::with_capacity(raw.len() + 24);
    for (at, segment) in segments(raw).into_iter().enumerate() {
        if at > 0 {
            echo.push(b';');
        }
        let name = segment.split(|byte| *byte == b'=').next();
        if at > 0 && name.is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"expires")) {
            echo.extend_from_slice(format!("expires={granted}").as_bytes());
        } else {
            echo.extend_from_slice(segment);
        }
    }
    echo
}

/// The address and its parameters: what stands between semicolons outside
/// quotes and brackets.
fn segments(raw: &[u8]) -> Vec<&[u8]> {
    let (mut quoted, mut escaped, mut bracket) = (false, false, false);
    raw.split(|byte| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match byte {
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => bracket = true,
            b'>' if !quoted => bracket = false,
            b';' => return !quoted && !bracket,
            _ => {}
        }
        false
    })
    .collect()
}

/// Whether a request belongs to a dialog: its To has a tag.
pub(super) fn in_dialog(request: &Message) -> bool {
    request.headers.to().is_ok_and(|to| to.tag().is_some())
}

/// Whether we know this method at all.
pub(super) fn is_known(method: &Method) -> bool {
    !matches!(method, Method::Other(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_asked_seconds_are_exchanged() {
        let echo =
            |raw: &str| String::from_utf8_lossy(&with_expires(raw.as_bytes(), 120)).into_owned();
        let cisco = "<sip:a@192.0.2.4:5;transport=tcp>;+sip.instance=\"<urn:uuid:0>\";+u.sip!model.ccm.cisco.com=\"621\"";
        assert_eq!(echo(cisco), cisco);
        assert_eq!(
            echo("\"x;expires=1\" <sip:a@b;expires=2> ; Expires = 3600;q=0.5"),
            "\"x;expires=1\" <sip:a@b;expires=2> ;expires=120;q=0.5"
        );
        assert_eq!(echo("sip:a@b;expires=60"), "sip:a@b;expires=120");
        assert_eq!(echo("\"\\\";\" <sip:a@b>"), "\"\\\";\" <sip:a@b>");
    }
}
