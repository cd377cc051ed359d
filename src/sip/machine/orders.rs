//! What we send to a phone: orders, and what it shows.

use std::time::Duration;

use crate::model::{OrderKind, Timestamp};
use crate::sip::wire::multipart::Part;
use crate::sip::wire::outgoing::Outgoing;
use crate::sip::wire::remotecc::{
    DoNotDisturb, LineStatus, OBJECT_TYPE, OptionsOffer, REQUEST_TYPE, RegistrationUpdate,
    StatusNotice, data_pass_through, status_notice,
};
use crate::sip::wire::service_control::{Action, ServiceControl};
use crate::sip::wire::{Fault, Message, Method};

use super::answer::wall_clock;
use super::decision::Welcome;
use super::registrar::{Output, Registrar};
use super::transactions::About;

/// The first sequence number of our requests, as CUCM has it.
const CSEQ: u32 = 101;

/// Seconds that an update is good for.
const UPDATE_EXPIRES: u32 = 30;

/// Seconds that a phone shows who signed in.
const GREETING: u16 = 10;

/// Seconds that stand for a text until something else is shown, and the most
/// that are asked for: some eighteen hours.
const LONGEST: u16 = u16::MAX;

/// Seconds that the empty text is shown which takes away another.
const CLEARING: u16 = 1;

impl Registrar {
    /// Sends an order to the registered phone.
    pub fn order(&mut self, order: OrderKind, now: Duration, wall: Timestamp) -> Vec<Output> {
        let action = match order {
            OrderKind::Restart => Action::Restart,
            OrderKind::Reset => Action::Reset,
            // Lines are in the file: there is nothing to refresh live.
            OrderKind::Refresh => return Vec::new(),
        };
        let Some(binding) = self.binding.as_ref() else {
            return vec![refused("it is not registered on this connection")];
        };
        let Some(line) = binding.latest() else {
            return vec![refused("it has no contact")];
        };
        let (call_id, plain) = (line.call_id.clone(), binding.plain);
        let sent = self.send(About::Order, Method::Notify, now, wall, |outgoing| {
            if plain {
                outgoing.check_sync()
            } else {
                outgoing.service_control(&ServiceControl::order(action, &call_id))
            }
        });
        match sent {
            Ok(notify) => vec![Output::Send(notify)],
            Err(why) => vec![refused(&why)],
        }
    }

    /// Shows a line of text for so many seconds, 0 until something else is
    /// shown; empty takes it away.
    pub fn show(
        &mut self,
        text: &str,
        seconds: u32,
        now: Duration,
        wall: Timestamp,
    ) -> Vec<Output> {
        let seconds = match seconds {
            _ if text.is_empty() => CLEARING,
            0 => LONGEST,
            some => u16::try_from(some).unwrap_or(LONGEST),
        };
        let notice = StatusNotice {
            text: text.to_owned(),
            seconds,
        };
        let part = Part::new(REQUEST_TYPE, status_notice(&notice));
        self.refer(&[part], now, wall).into_iter().collect()
    }

    /// Pushes an object for the display. Plain firmware of a 7940 or 7960 has no
    /// remote call control: it gets nothing, see [`Self::takes_objects`].
    pub fn push(&mut self, object: Vec<u8>, now: Duration, wall: Timestamp) -> Vec<Output> {
        if !self.takes_objects() {
            return Vec::new();
        }
        self.pushed = self.pushed.wrapping_add(1);
        let parts = [
            Part::new(REQUEST_TYPE, data_pass_through(self.pushed)),
            Part::new(OBJECT_TYPE, object),
        ];
        self.refer(&parts, now, wall).into_iter().collect()
    }

    /// Whether objects can be pushed to the registered phone.
    pub fn takes_objects(&self) -> bool {
        self.binding.as_ref().is_some_and(|binding| !binding.plain)
    }

    /// After a new binding: nothing of the last user remains on the phone.
    pub(super) fn update(
        &mut self,
        offer: &OptionsOffer,
        welcome: &Welcome,
        now: Duration,
        wall: Timestamp,
    ) -> Vec<Output> {
        let (text, seconds) = match &welcome.signed_in {
            Some(name) => (format!("Signed in as {name}"), GREETING),
            None => (String::new(), CLEARING),
        };
        let update = RegistrationUpdate {
            dnd: DoNotDisturb::Off,
            hunt_logged_in: false,
            lines: welcome
                .lines
                .iter()
                .copied()
                .map(LineStatus::clear)
                .collect(),
            notice: Some(StatusNotice { text, seconds }),
            service_control: None,
        };
        if self.is_unreliable() {
            // A datagram should fit into one packet (RFC 3261 section 18.1.1),
            // and a phone on UDP cannot be told the rest over TCP: there each
            // part goes alone.
            self.updates = update.parts().into();
            return self.next_update(now, wall);
        }
        // One REFER, as far as the phone takes so many parts in one.
        let combined = usize::from(offer.combine_max.unwrap_or(1).max(1));
        update
            .parts()
            .chunks(combined)
            .filter_map(|parts| self.refer(parts, now, wall))
            .collect()
    }

    /// Over UDP a part of an update leaves when the one before was answered:
    /// whoever's address was invented does not answer, and is sent one alone.
    pub(super) fn next_update(&mut self, now: Duration, wall: Timestamp) -> Vec<Output> {
        let Some(part) = self.updates.pop_front() else {
            return Vec::new();
        };
        let next = self.refer(&[part], now, wall);
        if next.is_none() {
            self.updates.clear();
        }
        next.into_iter().collect()
    }

    fn refer(&mut self, parts: &[Part], now: Duration, wall: Timestamp) -> Option<Output> {
        let content_id = format!("{}@{}", self.names.token(), self.ends.local.host);
        let sent = self.send(About::Update, Method::Refer, now, wall, |outgoing| {
            outgoing.refer(&content_id, UPDATE_EXPIRES, parts)
        });
        match sent {
            Ok(refer) => Some(Output::Send(refer)),
            Err(why) => {
                tracing::debug!(peer = %self.ends.peer, why, "an update was not sent");
                None
            }
        }
    }

    /// Makes a request to the contact of the latest REGISTER, exactly as it
    /// was registered, and waits for the answer.
    fn send(
        &mut self,
        about: About,
        method: Method,
        now: Duration,
        wall: Timestamp,
        make: impl FnOnce(&Outgoing<'_>) -> Result<Message, Fault>,
    ) -> Result<Message, String> {
        let line = self
            .binding
            .as_ref()
            .and_then(|binding| binding.latest())
            .ok_or("it is not registered on this connection")?;
        let branch = self.names.branch();
        let (from_tag, call_id) = (self.names.token(), self.names.token());
        let request = make(&Outgoing {
            request_uri: &line.uri,
            local: &self.ends.local,
            transport: &self.ends.transport,
            branch: &branch,
            from_tag: &from_tag,
            call_id: &format!("{call_id}@{}", self.ends.local.host),
            cseq: CSEQ,
            date: wall_clock(wall),
        })
        .map_err(|fault| format!("its contact cannot be addressed: {fault}"))?;
        let packet = self.is_unreliable().then(|| request.to_bytes());
        if self.transactions.begin(&branch, method, about, packet, now) {
            Ok(request)
        } else {
            Err("too many requests wait for its answer".to_owned())
        }
    }
}

fn refused(why: &str) -> Output {
    Output::OrderRefused(why.to_owned())
}
