//! One flow between a phone and us, whatever carries it: the machine with
//! what the house knows. No sockets here.

use std::net::SocketAddr;
use std::sync::Arc;

use super::admission::{self, Holds};
use super::identity::{Identity, identify};
use super::shared::Shared;
use crate::model::{DeviceName, OrderKind, Phone, Protocol};
use crate::ports::{
    EventKind, LinkOrder, Newcomer, PhoneLink, Presence, Sighting, Sign, TurnedAway, refusal,
};
use crate::sip::machine::{Output, Refusal, Register, Registrar, Standing, Verdict};

/// The registration that a flow carries.
struct Registered {
    device: DeviceName,
    generation: u64,
}

/// One flow.
pub(super) struct Flow {
    pub(super) peer: SocketAddr,
    pub(super) local: SocketAddr,
    pub(super) registrar: Registrar,
    registered: Option<Registered>,
    /// A registration whose answer is not sent yet.
    sighting: Option<Sighting>,
}

/// What a REGISTER comes to.
pub(super) enum Decision {
    /// This is said.
    Said(Vec<Output>),
    /// The phone is to be registered anew, see [`Flow::admit`].
    New(Holds),
}

impl Flow {
    pub(super) fn new(peer: SocketAddr, local: SocketAddr, registrar: Registrar) -> Self {
        Self {
            peer,
            local,
            registrar,
            registered: None,
            sighting: None,
        }
    }

    /// The phone said something.
    pub(super) fn heard(&self, shared: &Shared) {
        if let Some(Registered { device, generation }) = &self.registered {
            let now = shared.parts.clock.now();
            shared.parts.registry.heard(device, *generation, now);
        }
    }

    /// The phone goes on from another port of its address.
    pub(super) fn moved(&mut self, shared: &Shared, peer: SocketAddr) {
        self.peer = peer;
        self.registrar.moved(peer);
        if let Some(Registered { device, generation }) = &self.registered {
            shared.parts.registry.moved(device, *generation, peer);
        }
    }

    /// What the phone is to be told.
    pub(super) fn order(&mut self, shared: &Shared, order: LinkOrder) -> Vec<Output> {
        let (now, wall) = shared.times();
        match order {
            LinkOrder::Restart => self.registrar.order(OrderKind::Restart, now, wall),
            LinkOrder::Reset => self.registrar.order(OrderKind::Reset, now, wall),
            LinkOrder::Show(notice) => self.registrar.show(&notice.text, notice.seconds, now, wall),
            LinkOrder::Push(object) => self.registrar.push(object, now, wall),
            LinkOrder::Refresh(_) => {
                tracing::debug!(peer = %self.peer, kind = ?order.kind(), "not possible over SIP");
                Vec::new()
            }
        }
    }

    /// The phone that a REGISTER is from, once it proved that if it must.
    pub(super) fn authentic(
        &self,
        shared: &Shared,
        register: &Register,
    ) -> Result<Arc<Phone>, Refusal> {
        let digest = self.registrar.digest();
        let answer = register.authorization();
        let username = answer
            .filter(|_| digest.is_some())
            .map(|answer| answer.username.as_str());
        let phone = match self.identity(shared, register, username) {
            Identity::Known(phone) => phone,
            Identity::Unknown(device) => {
                self.unknown(shared, register, device.as_ref(), None);
                return Err(Refusal::NotConfigured);
            }
            Identity::Contradiction => {
                return Err(Refusal::Forbidden(refusal::NAMES_DIFFER));
            }
        };
        let Some(digest) = digest.filter(|_| !Self::has_no_secret(shared, register, &phone)) else {
            return Ok(phone);
        };
        match digest.judge(answer, &phone.sip_secret, shared.parts.clock.now()) {
            Verdict::Proven => Ok(phone),
            Verdict::Ask { stale } => Err(Refusal::Challenge { stale }),
            Verdict::Wrong => Err(Refusal::Forbidden(refusal::WRONG_SECRET)),
        }
    }

    /// Whether a phone has no secret to prove anything by: it registered by
    /// itself, shows the file that it booted from then, and its own was not seen
    /// on it yet.
    fn has_no_secret(shared: &Shared, register: &Register, phone: &Phone) -> bool {
        let Some(auto) = &phone.auto_registered else {
            return false;
        };
        let shown = register.file_of(&phone.name);
        // Who could show none: to show none is nothing special, and what people
        // sign in on is not left to that, but for plain firmware.
        let is_plain =
            register.is_plain_firmware() && phone.observed_protocol == Some(Protocol::Sip);
        let may_show_none = phone.awaits_approval() || is_plain;
        let shows_it = shown == auto.first_file && (shown.is_some() || may_show_none);
        let world = shared.parts.store.world();
        let held = world.held.get(&phone.id).and_then(|held| held.file);
        shows_it && (held.is_none() || held == auto.first_file)
    }

    /// The phone that a REGISTER is from, when nobody configured it and it may
    /// register by itself; else what it is told, where phones may. Over UDP only
    /// one that has taken a file comes in: else its address may be anybody's.
    pub(super) fn newcomer(
        &self,
        shared: &Shared,
        register: &Register,
    ) -> Result<Option<Newcomer>, Refusal> {
        if !register.binds() {
            return Ok(None);
        }
        let Identity::Unknown(Some(device)) = self.identity(shared, register, None) else {
            return Ok(None);
        };
        let parts = &shared.parts;
        let address = self.peer.ip().to_canonical();
        let took = || parts.deliveries.last(&device);
        let allowed = match parts.newcomers.takes(&device) {
            Ok(())
                if self.registrar.is_unreliable()
                    && took().is_none_or(|took| took.peer != address) =>
            {
                Err(TurnedAway::NotBootedHere)
            }
            allowed => allowed,
        };
        match allowed {
            Ok(()) => {
                let newcomer = Newcomer {
                    protocol: Protocol::Sip,
                    type_id: register.type_id(),
                    product: register.product(),
                    file: register.file_of(&device),
                    load: register.load().map(str::to_owned),
                    address,
                    device,
                };
                Ok(Some(newcomer.cleaned()))
            }
            Err(TurnedAway::NotConfigured) => Ok(None),
            Err(turned_away) => {
                self.unknown(shared, register, Some(&device), Some(turned_away));
                Err(admission::told(turned_away))
            }
        }
    }

    /// Tells of a phone that nobody configured.
    pub(super) fn unknown(
        &self,
        shared: &Shared,
        register: &Register,
        device: Option<&DeviceName>,
        turned_away: Option<TurnedAway>,
    ) {
        let kind = EventKind::UnknownPhone {
            protocol: Protocol::Sip,
            peer: self.peer,
            type_id: register.type_id(),
            load: register.load().map(str::to_owned),
            turned_away,
        };
        shared.record_stranger(device, kind);
    }

    /// The phone that a REGISTER proves it is from, where it must prove that.
    pub(super) fn proven(&self, shared: &Shared, register: &Register) -> Option<Arc<Phone>> {
        let digest = self.registrar.digest()?;
        let answer = register.authorization()?;
        let username = Some(answer.username.as_str());
        let Identity::Known(phone) = self.identity(shared, register, username) else {
            return None;
        };
        let verdict = digest.judge(Some(answer), &phone.sip_secret, shared.parts.clock.now());
        matches!(verdict, Verdict::Proven).then_some(phone)
    }

    /// The phone that a REGISTER says it is from.
    pub(super) fn identity(
        &self,
        shared: &Shared,
        register: &Register,
        username: Option<&str>,
    ) -> Identity {
        let own = self.registrar.carried(register);
        let store = &*shared.parts.store;
        identify(store, &shared.lines, register.claims(), username, own)
    }

    /// What a REGISTER of this phone comes to.
    pub(super) fn decide(
        &mut self,
        shared: &Shared,
        register: &Register,
        phone: &Phone,
    ) -> Result<Decision, Refusal> {
        let holds = admission::holds(&shared.parts, register, &phone.name, self.peer);
        match self.registrar.standing(register, &phone.name, holds.file) {
            Standing::New => Ok(Decision::New(holds)),
            Standing::Refresh => {
                let (now, wall) = shared.times();
                // The first REGISTER of a boot may be older than the phone's
                // first Date from us; a refresh is not.
                if let Some(off) = register.clock_off(wall) {
                    self.sign(shared, Sign::ClockOff, &off);
                }
                let said = self.registrar.refreshed(register, now, wall);
                Ok(Decision::Said(said))
            }
            Standing::OutOfOrder => Err(Refusal::OutOfOrder),
            Standing::OtherPhone => Err(Refusal::Forbidden("Another phone is on this connection")),
        }
    }

    /// The phone is registered anew, if nothing speaks against it.
    pub(super) fn admit(
        &mut self,
        shared: &Shared,
        register: &Register,
        phone: &Phone,
        holds: Holds,
        link: Arc<dyn PhoneLink>,
    ) -> Result<Vec<Output>, Refusal> {
        // The same phone again on the same flow: it takes nothing from
        // anybody, and this flow must not be told to retire.
        self.leave(shared, "it registers anew".to_owned());
        let ends = (self.peer, self.local);
        let admitted = admission::admit(&shared.parts, register, phone, holds, ends, link)?;
        self.note_transport(shared, register, Some(&phone.name));
        self.registered = Some(Registered {
            device: phone.name.clone(),
            generation: admitted.generation,
        });
        self.sighting = Some(admitted.sighting);
        let (now, wall) = shared.times();
        Ok(self
            .registrar
            .admitted(register, &admitted.welcome, now, wall))
    }

    /// The answer to its registration left: what it shows counts now.
    pub(super) fn told_so(&mut self, shared: &Shared) {
        if let Some(sighting) = self.sighting.take() {
            shared.parts.sightings.registered(sighting);
        }
    }

    /// A phone unregisters on another flow than it registered on: ended when
    /// it proved who it is, or when it comes from where it registered. An
    /// address is believed on a connection alone: over UDP it is what the
    /// sender wrote.
    pub(super) fn unregister(&mut self, shared: &Shared, register: &Register) -> Vec<Output> {
        let wall = shared.parts.clock.now();
        let phone = match self.authentic(shared, register) {
            Ok(phone) => phone,
            // Nothing to be gone: no reason to keep it from its restart.
            Err(Refusal::NotConfigured) => return vec![self.registrar.let_go(register, wall)],
            Err(refusal) => return self.refuse(shared, register, refusal),
        };
        let registry = &shared.parts.registry;
        let proven =
            self.registrar.digest().is_some() && !Self::has_no_secret(shared, register, &phone);
        let trusted = proven
            || !self.registrar.is_unreliable()
                && registry
                    .registration(&phone.name)
                    .is_some_and(|seen| seen.peer.ip() == self.peer.ip());
        let own = self
            .registered
            .as_ref()
            .is_some_and(|own| own.device == phone.name);
        if own && proven {
            return self.registrar.unbind(register, wall);
        }
        if trusted
            && !own
            && let Some((generation, link)) = registry.link(&phone.name)
            && registry.leave(&phone.name, generation)
        {
            link.retire();
            let why = "it unregistered on another connection".to_owned();
            admission::record(
                &shared.parts,
                Some(&phone.name),
                EventKind::Unregistered { why },
            );
            shared.parts.sightings.unregistered(&phone.name, generation);
        }
        vec![self.registrar.let_go(register, wall)]
    }

    pub(super) fn refuse(
        &mut self,
        shared: &Shared,
        register: &Register,
        refusal: Refusal,
    ) -> Vec<Output> {
        let why = match refusal {
            Refusal::Forbidden(why) => Some(why),
            Refusal::Contested => Some(refusal::NAME_IN_USE),
            Refusal::Busy => Some("it could not be decided"),
            Refusal::OutOfOrder => Some("CSeq out of order"),
            // Told as an unknown phone, and no refusal at all.
            Refusal::NotConfigured | Refusal::Challenge { .. } => None,
        };
        if let Some(why) = why {
            let device = register.claims().device().ok().flatten();
            self.note_transport(shared, register, device);
            let kind = EventKind::RegistrationRefused {
                protocol: Protocol::Sip,
                peer: self.peer,
                why: why.to_owned(),
            };
            shared.record_stranger(device, kind);
        }
        let wall = shared.parts.clock.now();
        self.registrar.refused(register, refusal, wall)
    }

    /// A sign of whoever is on this flow. The journal counts it.
    pub(super) fn sign(&self, shared: &Shared, sign: Sign, detail: &str) {
        let device = self.registered.as_ref().map(|own| &own.device);
        self.sign_of(shared, device, sign, detail);
    }

    fn sign_of(&self, shared: &Shared, device: Option<&DeviceName>, sign: Sign, detail: &str) {
        let (peer, detail) = (self.peer, shortened(detail));
        let kind = EventKind::Sign { sign, peer, detail };
        admission::record(&shared.parts, device, kind);
    }

    /// Loads in CCM mode repeat themselves badly over UDP, and their REGISTERs
    /// are longer than a datagram.
    fn note_transport(&self, shared: &Shared, register: &Register, device: Option<&DeviceName>) {
        if self.registrar.is_unreliable() && register.takes_orders() {
            self.sign_of(shared, device, Sign::SipOverUdp, "REGISTER over UDP");
        }
    }

    /// Passes on what the machine has to tell.
    pub(super) fn tell(&mut self, shared: &Shared, told: Output) {
        if let Output::Alarm { device, text } = told {
            self.alarm(shared, device, &text);
            return;
        }
        let Some(Registered { device, generation }) = &self.registered else {
            return;
        };
        let (parts, generation) = (&shared.parts, *generation);
        match told {
            Output::Used => parts.registry.used(device, generation, parts.clock.now()),
            Output::InCall(in_call) => {
                // The time without use begins with the end of the call.
                parts.registry.used(device, generation, parts.clock.now());
                if parts.registry.set_in_call(device, generation, in_call) && !in_call {
                    parts.sightings.idle(device);
                }
            }
            Output::OrderAccepted => parts.sightings.order_accepted(device, generation),
            Output::OrderRefused(why) => parts.sightings.order_refused(device, generation, why),
            Output::Unregistered(why) => self.leave(shared, why),
            Output::Alarm { .. }
            | Output::Send(_)
            | Output::Again(..)
            | Output::Pong
            | Output::Register(_)
            | Output::Unregister(_)
            | Output::Registered
            | Output::Close(_) => {}
        }
    }

    /// Alarms come before the registration too: then the phone is the one that
    /// the alarm names, if there is one.
    fn alarm(&self, shared: &Shared, named: Option<DeviceName>, text: &str) {
        let registered = self.registered.as_ref().map(|own| own.device.clone());
        let device = registered
            .or_else(|| named.filter(|name| shared.parts.store.world().phone(name).is_some()));
        if device.is_none() {
            tracing::debug!(peer = %self.peer, text, "an alarm of an unknown phone");
            return;
        }
        let text = shortened(text);
        shared.record_stranger(device.as_ref(), EventKind::Alarm { text });
    }

    /// The registration that this flow carried is over.
    pub(super) fn leave(&mut self, shared: &Shared, why: String) {
        let parts = &shared.parts;
        if let Some(Registered { device, generation }) = self.registered.take()
            && parts.registry.leave(&device, generation)
        {
            admission::record(parts, Some(&device), EventKind::Unregistered { why });
            parts.sightings.unregistered(&device, generation);
        }
    }

    /// Somebody newer holds the name: the flow leaves without a word.
    pub(super) fn retire(&mut self) {
        self.registered = None;
    }

    /// The flow ended.
    pub(super) fn ended(&mut self, shared: &Shared, why: &str) {
        for output in self.registrar.on_closed() {
            self.tell(shared, output);
        }
        tracing::debug!(peer = %self.peer, why, "a SIP flow ended");
        self.leave(shared, why.to_owned());
    }
}

/// Alarms may be long; a line is enough.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
