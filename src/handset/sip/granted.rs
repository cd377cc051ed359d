//! The 200 to a REGISTER, judged as Cisco's stack does.

use crate::handset::fault::Fault;
use crate::handset::xml;
use crate::sip::wire::remotecc::RESPONSE_TYPE;
use crate::sip::wire::{Contact, Contacts, HeaderName, Headers, Message, SipUri};

/// Seconds that must remain when the time to refresh is taken off.
const LEAST: u32 = 60;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The Contact as it was sent.
    pub(super) contact: &'a str,
    /// The name of the primary line.
    pub(super) line: &'a str,
    /// Seconds asked for.
    pub(super) expires: u32,
    /// Seconds before the end at which the phone registers again.
    pub(super) delta: u32,
    /// Whether it is the first of its connection, and offered options.
    pub(super) first: bool,
}

/// What was granted.
#[derive(Debug)]
pub(super) struct Granted {
    /// Seconds, when they are enough to stay registered.
    pub(super) expires: Option<u32>,
    /// What is wrong, without the phone giving up.
    pub(super) faults: Vec<Fault>,
}

/// Judges the answer.
pub(super) fn judge(response: &Message, asked: &Asked<'_>) -> Granted {
    let headers = &response.headers;
    let mut faults = Vec::new();
    let mut lacks = |missing: bool, what| {
        if missing {
            faults.push(Fault::RegisterLacks(what));
        }
    };
    lacks(headers.date().is_none(), "Date");
    let echoed = echoed(headers, asked.contact);
    lacks(echoed.is_none(), "Contact as it was sent");
    if asked.first {
        lacks(!names_features(headers), "X-cisco-sis in Supported");
        lacks(!answers_options(response), "optionsind");
    }
    let granted = expires(headers, echoed.as_ref(), asked.line);
    let enough = granted
        .map(|seconds| seconds.min(asked.expires))
        .filter(|seconds| seconds.saturating_sub(asked.delta) >= LEAST);
    if enough.is_none() {
        faults.push(Fault::ExpiresTooSmall(granted));
    }
    Granted {
        expires: enough,
        faults,
    }
}

/// The parameter of a Contact counts only where its user is the line's name;
/// with the usual Contacts it never does.
fn expires(headers: &Headers, echoed: Option<&Contact>, line: &str) -> Option<u32> {
    let own = echoed.filter(|contact| {
        let user = contact.address.uri.sip().and_then(SipUri::user_text);
        user.as_deref() == Some(line)
    });
    own.and_then(Contact::expires).or_else(|| headers.expires())
}

/// The Contact that came back with all that was in it.
fn echoed(headers: &Headers, sent: &str) -> Option<Contact> {
    let mut own = Headers::new();
    own.push(HeaderName::CONTACT, sent);
    let Ok(Contacts::List(own)) = own.contacts() else {
        return None;
    };
    let own = own.first()?;
    let Ok(Contacts::List(contacts)) = headers.contacts() else {
        return None;
    };
    contacts.into_iter().find(|contact| {
        contact.raw_uri == own.raw_uri
            && own
                .address
                .params
                .iter()
                .all(|param| contact.address.params.value(param.name()) == param.value())
    })
}

/// Without this the phone falls back to the first protocol, without features.
fn names_features(headers: &Headers) -> bool {
    headers.tokens(HeaderName::SUPPORTED).any(|token| {
        let token = token.to_ascii_lowercase();
        token.strip_prefix("x-cisco-sis-").is_some_and(|version| {
            let numbers: Vec<_> = version.split('.').collect();
            numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok())
        })
    })
}

fn answers_options(response: &Message) -> bool {
    let typed = response
        .headers
        .content_type()
        .is_some_and(|media| media.is(RESPONSE_TYPE));
    typed
        && xml::parse(response.body().trim_ascii()).is_ok_and(|root| {
            root.name == "x-cisco-remotecc-response" && root.find("response/optionsind").is_some()
        })
}
