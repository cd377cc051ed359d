//! The registration that a flow carries: one phone, one contact a line.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;

use crate::model::{DeviceName, Stamp};
use crate::sip::wire::{Contact, Uri};

use super::decision::{Standing, Welcome};
use super::register::Register;
use super::registrar::SIP_PORT;

/// How long after its expiry a binding is kept: a phone on its way is late.
const GRACE: Duration = Duration::from_secs(15);

/// The most lines that a phone may register one by one.
const LINES: usize = 64;

/// One contact of the phone.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) call_id: String,
    cseq: u32,
    raw: Bytes,
    pub(super) uri: String,
}

impl Line {
    fn of(register: &Register, contact: &Contact) -> Self {
        Self {
            call_id: register.call_id().to_owned(),
            cseq: register.cseq(),
            // A copy: the slice would keep the whole packet.
            raw: Bytes::copy_from_slice(&contact.raw),
            uri: raw_uri(contact),
        }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.call_id.len() + self.raw.len() + self.uri.len()
    }
}

/// A contact's URI was text when it was read.
fn raw_uri(contact: &Contact) -> String {
    String::from_utf8_lossy(&contact.raw_uri).into_owned()
}

/// The user part tells one line of a phone from another.
fn user(uri: &str) -> Option<String> {
    match Uri::parse(uri.as_bytes()) {
        Ok(Uri::Sip(uri)) => uri.user,
        _ => None,
    }
}

/// The registration that a flow carries.
pub(super) struct Binding {
    pub(super) device: DeviceName,
    file: Option<Stamp>,
    /// In the order in which they were registered or refreshed.
    lines: Vec<Line>,
    /// When it is over without a refresh (monotonic).
    pub(super) until: Duration,
    /// How long it lasts after a refresh.
    lasts: Duration,
    /// Whether the phone takes no service-control.
    pub(super) plain: bool,
    /// Whether it is in CCM mode: such phones are reached the way they came.
    ccm_mode: bool,
    /// Lines that are off-hook.
    pub(super) busy: BTreeSet<String>,
}

impl Binding {
    /// A phone is registered for `expires` seconds.
    pub(super) fn new(
        register: &Register,
        contact: &Contact,
        welcome: &Welcome,
        expires: u32,
        now: Duration,
    ) -> Self {
        Self {
            device: welcome.device.clone(),
            file: welcome.file,
            lines: vec![Line::of(register, contact)],
            until: now + lasting(expires),
            lasts: lasting(expires),
            plain: register.is_plain_firmware(),
            ccm_mode: register.takes_orders(),
            busy: BTreeSet::new(),
        }
    }

    /// Bytes held, about.
    pub(super) fn size(&self) -> usize {
        self.lines.iter().map(Line::size).sum::<usize>()
            + self.busy.iter().map(String::len).sum::<usize>()
    }

    /// The port of its contact, where that is an address and the phone is not
    /// reached the way it came.
    pub(super) fn port(&self, from: IpAddr) -> Option<u16> {
        if self.ccm_mode {
            return None;
        }
        let uri = Uri::parse(self.latest()?.uri.as_bytes()).ok()?;
        let at = uri.sip()?.address();
        (at.host.ip() == Some(from)).then_some(at.port.unwrap_or(SIP_PORT))
    }

    /// The contact of the latest REGISTER.
    pub(super) fn latest(&self) -> Option<&Line> {
        self.lines.last()
    }

    /// All contacts as they came.
    pub(super) fn contacts(&self) -> impl Iterator<Item = &Bytes> {
        self.lines.iter().map(|line| &line.raw)
    }

    /// Whether this Call-ID is one of its registrations.
    pub(super) fn has_call(&self, call_id: &str) -> bool {
        self.lines.iter().any(|line| line.call_id == call_id)
    }

    /// Whether a REGISTER is no newer than what is held of its Call-ID (RFC
    /// 3261 section 10.3, steps 6 and 7): late, or played again.
    pub(super) fn is_old(&self, register: &Register) -> bool {
        self.lines
            .iter()
            .any(|line| line.call_id == register.call_id() && line.cseq >= register.cseq())
    }

    /// What a REGISTER of `device` is to it.
    pub(super) fn standing(
        &self,
        register: &Register,
        contact: &Contact,
        device: &DeviceName,
        file: Option<Stamp>,
    ) -> Standing {
        if self.device != *device {
            return Standing::OtherPhone;
        }
        let uri = raw_uri(contact);
        let same_call = self
            .lines
            .iter()
            .find(|line| line.call_id == register.call_id());
        let known = match same_call {
            Some(line) if register.cseq() < line.cseq => return Standing::OutOfOrder,
            Some(line) => line.uri == uri,
            // Phones that do not register in bulk do it line by line, each
            // with a Call-ID of its own. The first one after a boot says why
            // it booted.
            None => {
                let new = user(&uri);
                let other_user = |line: &Line| user(&line.uri) != new;
                register.alarm().is_none()
                    && self.file == file
                    && self.lines.len() < LINES
                    && self.lines.iter().all(other_user)
            }
        };
        if known {
            Standing::Refresh
        } else {
            Standing::New
        }
    }

    /// One of its lines is refreshed, or added.
    pub(super) fn refresh(
        &mut self,
        register: &Register,
        contact: &Contact,
        expires: u32,
        now: Duration,
    ) {
        self.lasts = lasting(expires);
        self.until = now + self.lasts;
        if let Some(line) = self.lines.last_mut()
            && line.call_id == register.call_id()
            && line.raw == contact.raw
        {
            // By far the most there are.
            line.cseq = register.cseq();
            return;
        }
        self.lines.retain(|line| line.call_id != register.call_id());
        self.lines.push(Line::of(register, contact));
    }

    /// Its latest REGISTER came again: the phone counts from the answer that it
    /// hears, not from those that were lost.
    pub(super) fn prolong(&mut self, now: Duration) {
        self.until = now + self.lasts;
    }

    /// Lines are unregistered. True when none is left.
    pub(super) fn unbind(&mut self, register: &Register, contacts: &[Contact]) -> bool {
        let gone: Vec<String> = contacts.iter().map(raw_uri).collect();
        self.lines
            .retain(|line| line.call_id != register.call_id() && !gone.contains(&line.uri));
        self.lines.is_empty()
    }
}

fn lasting(expires: u32) -> Duration {
    Duration::from_secs(u64::from(expires)) + GRACE
}
