//! What becomes of a REGISTER once it is known which phone sent it.

use std::time::Duration;

use crate::model::{DeviceName, Stamp, Timestamp};
use crate::sip::wire::{HeaderName, SipUri, StatusCode, Transport, date_text};

use super::answer::{self, Rejection};
use super::answered::Answered;
use super::binding::Binding;
use super::register::{Purpose, Register};
use super::registrar::{Output, Registrar, Settings};
use super::transactions::Transactions;

/// What a REGISTER is to a flow, once it is known which phone sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A new registration.
    New,
    /// The registration that there is, or one more line of it.
    Refresh,
    /// An older request than one that was served.
    OutOfOrder,
    /// The flow carries another phone.
    OtherPhone,
}

/// Why a REGISTER is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody configured such a phone.
    NotConfigured,
    /// What it says of itself is not true, or not possible.
    Forbidden(&'static str),
    /// Its name is in use by another phone.
    Contested,
    /// It cannot be decided now.
    Busy,
    /// It must prove who it is.
    Challenge {
        /// It did, with an old nonce.
        stale: bool,
    },
    /// See [`Standing::OutOfOrder`].
    OutOfOrder,
}

/// What a phone is admitted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The phone.
    pub device: DeviceName,
    /// The file that it shows.
    pub file: Option<Stamp>,
    /// Its lines, counted from 1.
    pub lines: Vec<u8>,
    /// The name of who is signed in.
    pub signed_in: Option<String>,
}

impl Registrar {
    /// It unregisters: answered at once, or the phone delays its restart. What
    /// is no newer than the registration ends nothing.
    pub fn unbind(&mut self, register: &Register, wall: Timestamp) -> Vec<Output> {
        let mut outputs = vec![self.let_go(register, wall)];
        if self.is_old(register) {
            return outputs;
        }
        if let (Some(binding), Purpose::Unbind(contacts)) = (&mut self.binding, register.purpose())
            && !binding.unbind(register, contacts)
        {
            return outputs;
        }
        // A phone that obeys may be quicker with this than with its answer.
        if self.transactions.take_orders() > 0 {
            outputs.push(Output::OrderAccepted);
        }
        self.binding = None;
        outputs.push(Output::Unregistered("it unregistered".to_owned()));
        outputs
    }

    /// A plain 200: what it asked to be gone is gone, or never was here.
    pub fn let_go(&mut self, register: &Register, wall: Timestamp) -> Output {
        let headers = register.headers();
        let response = answer::dated(headers, StatusCode::OK, &mut self.names, wall);
        Output::Send(response)
    }

    /// What a REGISTER of `device` is to this flow. `file` is what its contact
    /// shows.
    pub fn standing(
        &self,
        register: &Register,
        device: &DeviceName,
        file: Option<Stamp>,
    ) -> Standing {
        match (&self.binding, register.contact()) {
            (Some(binding), Some(contact)) => binding.standing(register, contact, device, file),
            _ => Standing::New,
        }
    }

    /// The phone is registered anew.
    pub fn admitted(
        &mut self,
        register: &Register,
        welcome: &Welcome,
        now: Duration,
        wall: Timestamp,
    ) -> Vec<Output> {
        // Whatever an older registration was told is over.
        self.transactions = Transactions::default();
        self.answered = Answered::default();
        self.updates.clear();
        let Some(contact) = register.contact() else {
            return Vec::new();
        };
        let transport = contact.address.uri.sip().and_then(SipUri::transport);
        // Without the parameter UDP is meant (RFC 3261 section 19.1.2).
        if transport.unwrap_or(Transport::Udp) != self.ends.transport {
            let told = contact.raw_uri.escape_ascii().to_string();
            tracing::debug!(peer = %self.ends.peer, contact = told, "a contact of another transport");
        }
        let expires = self.expires(register);
        let ok = answer::granted(register, contact, expires, true, &mut self.names, wall);
        self.binding = Some(Binding::new(register, contact, welcome, expires, now));
        let mut outputs = vec![Output::Send(ok), Output::Registered];
        self.remember(register.key().cloned(), &outputs, now);
        if let Some(offer) = register.offer() {
            outputs.extend(self.update(offer, welcome, now, wall));
        }
        outputs
    }

    /// The phone goes on being registered.
    pub fn refreshed(
        &mut self,
        register: &Register,
        now: Duration,
        wall: Timestamp,
    ) -> Vec<Output> {
        let expires = self.expires(register);
        let (Some(binding), Some(contact)) = (&mut self.binding, register.contact()) else {
            return Vec::new();
        };
        binding.refresh(register, contact, expires, now);
        let ok = answer::granted(register, contact, expires, false, &mut self.names, wall);
        let outputs = vec![Output::Send(ok)];
        self.remember(register.key().cloned(), &outputs, now);
        outputs
    }

    /// The REGISTER is refused.
    pub fn refused(
        &mut self,
        register: &Register,
        refusal: Refusal,
        wall: Timestamp,
    ) -> Vec<Output> {
        let headers = register.headers();
        let rejection = match refusal {
            Refusal::NotConfigured => self.warned(StatusCode::NOT_FOUND, "Phone not configured"),
            Refusal::Forbidden(why) => self.warned(StatusCode::FORBIDDEN, why),
            Refusal::Contested => self
                .warned(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Name in use by another phone",
                )
                .with(HeaderName::RETRY_AFTER, "60"),
            Refusal::Busy => {
                Rejection::of(StatusCode::SERVICE_UNAVAILABLE).with(HeaderName::RETRY_AFTER, "30")
            }
            Refusal::Challenge { .. } => Rejection::of(StatusCode::UNAUTHORIZED),
            Refusal::OutOfOrder => {
                Rejection::of(StatusCode::SERVER_INTERNAL_ERROR).because("CSeq out of order")
            }
        };
        let mut response = rejection.response(headers, &mut self.names);
        response
            .headers
            .push(HeaderName::DATE, date_text(answer::wall_clock(wall)));
        if let (Refusal::Challenge { stale }, Some(digest)) = (refusal, self.digest()) {
            digest.challenge(&mut response, stale, wall);
        }
        let mut outputs = vec![Output::Send(response)];
        let over = match refusal {
            Refusal::NotConfigured => "it is no longer configured",
            Refusal::Contested | Refusal::Busy => "it could not register anew",
            Refusal::Forbidden(_) | Refusal::Challenge { .. } | Refusal::OutOfOrder => {
                return outputs;
            }
        };
        if self.carries(register) {
            self.binding = None;
            outputs.extend(self.orders_lost(over));
            outputs.push(Output::Unregistered(over.to_owned()));
        }
        outputs
    }

    /// A status with its reason for people, also where phones and tools look
    /// for it (RFC 3261 section 20.43).
    fn warned(&self, status: StatusCode, why: &str) -> Rejection {
        let warning = format!("399 {} \"{why}\"", self.ends.local);
        Rejection::of(status)
            .because(why)
            .with(HeaderName::WARNING, warning)
    }

    /// What a binding is granted: no more than asked, but never so little that
    /// the phone would unregister itself.
    fn expires(&self, register: &Register) -> u32 {
        let most = self.settings.expires.max(Settings::LEAST_EXPIRES);
        register.asked().clamp(Settings::LEAST_EXPIRES, most)
    }
}
