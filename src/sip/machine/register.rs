//! One REGISTER, read (RFC 3261 section 10.3, and what Cisco adds).

use crate::model::{ContactId, DeviceName, Stamp, Timestamp};
use crate::sip::wire::digest::Authorization;
use crate::sip::wire::remotecc::{self, Item, OptionsOffer};
use crate::sip::wire::{
    CiscoAlarm, Contact, Contacts, HeaderName, Headers, Message, StatusCode, parse_date,
};

use super::answer::Rejection;
use super::answered::Key;
use super::claims::Claims;
use super::digest::Digest;

/// What is meant when a phone does not say how long.
const DEFAULT_EXPIRES: u32 = 3600;

/// Phones have at most so many buttons with all their modules: an 8861 with
/// three of 36 has 113.
const BUTTONS: u8 = 128;

/// The longest Contact and Call-ID, in octets. They are kept for each line, and
/// go back in answers; those of phones have some 250 and 60.
const LONGEST_CONTACT: usize = 2048;
const LONGEST_CALL_ID: usize = 256;

/// What a REGISTER is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A sign of life to a standby server, though it says `expires=0`.
    KeepAlive,
    /// No Contact: which bindings are there?
    Query,
    /// Bind this contact.
    Bind(Box<Contact>),
    /// Unbind these contacts.
    Unbind(Vec<Contact>),
    /// Unbind everything: `Contact: *`.
    UnbindAll,
}

/// A REGISTER that can be decided upon.
#[derive(Clone, Debug)]
pub struct Register {
    request: Message,
    facts: Facts,
    /// Over UDP: how to tell that it came again.
    key: Option<Key>,
}

/// What a REGISTER says.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    call_id: String,
    cseq: u32,
    purpose: Purpose,
    asked: u32,
    claims: Claims,
    type_id: Option<u32>,
    alarm: Option<CiscoAlarm>,
    offer: Option<OptionsOffer>,
    authorization: Option<Authorization>,
    takes_orders: bool,
}

impl Register {
    /// Reads a request that passed [`Message::check`].
    pub(super) fn read(request: &Message, digest: Option<&Digest>) -> Result<Facts, Rejection> {
        let headers = &request.headers;
        let contacts = headers.contacts().map_err(|error| Rejection::bad(&error))?;
        let call_id = headers.call_id().map_err(|error| Rejection::bad(&error))?;
        let cseq = headers.cseq().map_err(|error| Rejection::bad(&error))?;
        let authorization = match digest {
            Some(digest) => digest
                .answer_in(request)
                .map_err(|fault| Rejection::bad(&fault))?,
            None => None,
        };
        let list: &[Contact] = match &contacts {
            Contacts::Star => &[],
            Contacts::List(list) => list,
        };
        if call_id.len() > LONGEST_CALL_ID {
            return Err(Rejection::bad(&"the Call-ID is too long"));
        }
        if list.iter().any(|one| one.raw.len() > LONGEST_CONTACT) {
            return Err(Rejection::bad(&"a Contact is too long"));
        }
        let alarm = headers.cisco_alarm();
        let (purpose, asked) = purpose(headers, &contacts)?;
        Ok(Facts {
            call_id: call_id.to_owned(),
            cseq: cseq.number,
            purpose,
            asked,
            claims: Claims::of(headers, list, alarm.as_ref()),
            type_id: list.iter().find_map(Contact::model),
            alarm,
            offer: offer(request),
            authorization,
            takes_orders: headers.has_token(HeaderName::SUPPORTED, "X-cisco-service-control"),
        })
    }

    /// The request with what was read of it.
    pub(super) fn new(request: Message, facts: Facts, key: Option<Key>) -> Self {
        Self {
            request,
            facts,
            key,
        }
    }

    /// How far the `Date` of the request is from ours, in words, when that is
    /// more than ten minutes: then times on the display and of certificates are
    /// wrong.
    pub fn clock_off(&self, now: Timestamp) -> Option<String> {
        let date = parse_date(self.headers().text(HeaderName::DATE)?)?;
        let off = date.as_second().saturating_sub(now.0 / 1000);
        let way = if off < 0 { "slow" } else { "fast" };
        (off.unsigned_abs() > 600).then(|| format!("{} min {way}", off.unsigned_abs() / 60))
    }

    pub(super) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Who it says it is from.
    pub fn claims(&self) -> &Claims {
        &self.facts.claims
    }

    /// Cisco's number of the model.
    pub fn type_id(&self) -> Option<u32> {
        self.facts.type_id
    }

    /// Why the phone last went out of service, when it says so.
    pub fn alarm(&self) -> Option<&CiscoAlarm> {
        self.facts.alarm.as_ref()
    }

    /// The load that the phone reports.
    pub fn load(&self) -> Option<&str> {
        self.facts.alarm.as_ref()?.load.as_deref()
    }

    /// The answer to our challenge.
    pub fn authorization(&self) -> Option<&Authorization> {
        self.facts.authorization.as_ref()
    }

    /// The file that it was configured from, when its contact is one that we
    /// wrote into a file for this phone.
    pub fn file_of(&self, device: &DeviceName) -> Option<Stamp> {
        let user = self.contact()?.address.uri.sip()?.user_text()?;
        let minted = user.parse::<ContactId>().ok()?.read(device, BUTTONS)?;
        Some(minted.file)
    }

    /// The name of the model in `User-Agent: Cisco-CP7960G/8.0`, as the phone
    /// spells it in its HTTP headers: `CP-7960G`.
    pub fn product(&self) -> Option<String> {
        let agent = self.headers().text(HeaderName::USER_AGENT)?;
        let product = agent.trim().strip_prefix("Cisco-")?;
        let product = product.split(['/', ' ']).next()?;
        let model = product.strip_prefix("CP")?.trim_start_matches('-');
        Some(format!("CP-{model}"))
    }

    /// Whether it binds a contact.
    pub fn binds(&self) -> bool {
        matches!(self.facts.purpose, Purpose::Bind(_))
    }

    /// Whether it is a 7940, 7960, 7905 or 7912 with plain SIP firmware, which
    /// has no contacts of ours and takes no service-control. The latter two do
    /// not tell their type.
    pub fn is_plain_firmware(&self) -> bool {
        let says_its_type = || matches!(self.facts.type_id, Some(7 | 8 | 20_000 | 30_007));
        let says_its_name = || {
            let product = self.product();
            product.is_some_and(|name| matches!(name.get(..7), Some("CP-7905" | "CP-7912")))
        };
        !self.facts.takes_orders && (says_its_type() || says_its_name())
    }

    /// Whether the phone is in CCM mode.
    pub fn takes_orders(&self) -> bool {
        self.facts.takes_orders
    }

    pub(super) fn headers(&self) -> &Headers {
        &self.request.headers
    }

    pub(super) fn call_id(&self) -> &str {
        &self.facts.call_id
    }

    pub(super) fn cseq(&self) -> u32 {
        self.facts.cseq
    }

    pub(super) fn purpose(&self) -> &Purpose {
        &self.facts.purpose
    }

    pub(super) fn asked(&self) -> u32 {
        self.facts.asked
    }

    pub(super) fn offer(&self) -> Option<&OptionsOffer> {
        self.facts.offer.as_ref()
    }

    /// The contact to be bound.
    pub(super) fn contact(&self) -> Option<&Contact> {
        match &self.facts.purpose {
            Purpose::Bind(contact) => Some(contact),
            _ => None,
        }
    }
}

/// What it is for, and for how many seconds a binding is asked.
fn purpose(headers: &Headers, contacts: &Contacts) -> Result<(Purpose, u32), Rejection> {
    let header = headers.expires();
    let list = match contacts {
        // RFC 3261 section 10.3 step 6.
        Contacts::Star if header == Some(0) => return Ok((Purpose::UnbindAll, 0)),
        Contacts::Star => {
            return Err(Rejection::of(StatusCode::BAD_REQUEST)
                .because("Bad Request: a star needs Expires: 0"));
        }
        Contacts::List(list) if list.is_empty() => return Ok((Purpose::Query, 0)),
        Contacts::List(list) => list,
    };
    if list.iter().any(Contact::is_cisco_keep_alive) {
        return Ok((Purpose::KeepAlive, 0));
    }
    let asked = |contact: &Contact| contact.expires().or(header).unwrap_or(DEFAULT_EXPIRES);
    // A phone is in one place: of several contacts the first one counts.
    let first = list.iter().find(|contact| asked(contact) > 0);
    Ok(match first {
        Some(contact) => (Purpose::Bind(Box::new(contact.clone())), asked(contact)),
        None => (Purpose::Unbind(list.clone()), 0),
    })
}

/// What the phone offers; a body that cannot be read offers nothing, but does
/// not keep the phone from registering.
fn offer(request: &Message) -> Option<OptionsOffer> {
    let items = remotecc::items(request).unwrap_or_default();
    items.into_iter().find_map(|item| match item {
        Item::Options(offer) => Some(offer),
        _ => None,
    })
}
