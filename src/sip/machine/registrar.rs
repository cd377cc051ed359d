//! The registrar of one flow (RFC 3261 section 10.3).
//!
//! A flow carries the registration of one phone, which may have a contact for
//! each of its lines. It lives as long as the flow and the phone's refreshes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::model::{DeviceName, Timestamp};
use crate::sip::wire::{
    Frame, HeaderName, Headers, HostPort, Message, Method, ParseError, StatusCode, Transport, Via,
};

use crate::sip::wire::multipart::Part;

use super::answer::{self, Rejection};
use super::answered::{Answered, Key};
use super::binding::Binding;
use super::digest::Digest;
use super::names::Names;
use super::register::{Purpose, Register};
use super::transactions::{About, Transactions};

/// What phones are told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Seconds that a binding lives without a refresh, as CUCM has it.
    pub expires: u32,
    /// Whether and how a REGISTER must prove who it is from.
    pub digest: Option<Digest>,
    /// Where answers go over UDP.
    pub answers: AnswerPort,
}

/// Where the answer to a request over UDP goes whose Via does not ask for the
/// port that it came from (`rport`, RFC 3581). The address is always the one
/// that the request came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerPort {
    /// To the port that the request came from, as if `rport` were there. A
    /// 7960 whose source port differs from that in its Via was seen to take
    /// its answers there.
    #[default]
    Source,
    /// To the port in Via (RFC 3261 section 18.2.2), for phones that listen
    /// there alone.
    Via,
}

impl Settings {
    /// Phones that get less unregister themselves and come back after an hour.
    pub const LEAST_EXPIRES: u32 = 65;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            expires: 120,
            digest: None,
            answers: AnswerPort::default(),
        }
    }
}

/// The two ends of a flow.
#[derive(Clone, Debug)]
pub struct Ends {
    /// Where the phone's packets come from.
    pub peer: SocketAddr,
    /// This server, as the phone is told.
    pub local: HostPort,
    /// What carries the messages.
    pub transport: Transport,
}

/// How long a flow without a registration may say nothing. Standby
/// connections show a sign of life every two minutes.
const IDLE: Duration = Duration::from_secs(180);

/// What is meant where no port is written (RFC 3261 section 19.1.2).
pub(super) const SIP_PORT: u16 = 5060;

/// How many messages of one flow may be malformed.
const MALFORMED: u32 = 16;

/// Why a flow is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It has no registration and said nothing for long.
    Idle,
    /// It sends what cannot be read.
    Malformed,
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Idle => "it was not registered and said nothing",
            Self::Malformed => "it sends what cannot be read",
        })
    }
}

/// What the machine wants done, in this order.
#[derive(Debug)]
pub enum Output {
    /// Send this; over UDP to [`Registrar::destination`].
    Send(Message),
    /// Send these bytes of an earlier message once more (UDP alone).
    Again(Bytes, SocketAddr),
    /// Send one CRLF, the answer to a ping (RFC 5626 section 4.4.1).
    Pong,
    /// It wants to be registered: answer with [`Registrar::admitted`],
    /// [`Registrar::refreshed`] or [`Registrar::refused`].
    Register(Box<Register>),
    /// It unregisters a phone that this flow does not carry: answer with
    /// [`Registrar::let_go`] or [`Registrar::refused`].
    Unregister(Box<Register>),
    /// The answer to its registration is sent: what it shows counts now.
    Registered,
    /// The registration ended.
    Unregistered(String),
    /// The phone accepted the order.
    OrderAccepted,
    /// It refused the order, or did not answer.
    OrderRefused(String),
    /// It went off-hook or on-hook.
    InCall(bool),
    /// It sent an alarm.
    Alarm {
        /// The phone, as the alarm has it.
        device: Option<DeviceName>,
        /// What it says.
        text: String,
    },
    /// Close the flow.
    Close(Why),
}

/// The machine of one flow.
pub struct Registrar {
    pub(super) settings: Arc<Settings>,
    pub(super) ends: Ends,
    pub(super) names: Names,
    pub(super) transactions: Transactions,
    pub(super) answered: Answered,
    pub(super) binding: Option<Binding>,
    /// Over UDP: the parts of an update that wait for the one before.
    pub(super) updates: VecDeque<Part>,
    /// Counts the objects that were pushed.
    pub(super) pushed: u32,
    heard: Duration,
    malformed: u32,
}

impl Registrar {
    /// A flow opened at `now` (monotonic). All names that it gives are made
    /// from `seed`, which must be random.
    pub fn new(
        settings: impl Into<Arc<Settings>>,
        ends: Ends,
        seed: [u8; 16],
        now: Duration,
    ) -> Self {
        Self {
            settings: settings.into(),
            ends,
            names: Names::new(seed),
            transactions: Transactions::default(),
            answered: Answered::default(),
            binding: None,
            updates: VecDeque::new(),
            pushed: 0,
            heard: now,
            malformed: 0,
        }
    }

    /// The same, for a flow that shares its socket with others: its branches
    /// carry `mark`, so that [`Registrar::mark_of`] finds it when an answer
    /// comes from another port than the requests did.
    #[must_use]
    pub fn marked(mut self, mark: u64) -> Self {
        self.names.mark(mark);
        self
    }

    /// The flow whose request a response answers.
    pub fn mark_of(response: &Message) -> Option<u64> {
        Names::mark_of(response.headers.top_via().ok()?.branch()?)
    }

    /// Whether what is sent may be lost, and what comes be forged: over UDP.
    pub fn is_unreliable(&self) -> bool {
        self.ends.transport == Transport::Udp
    }

    /// Where a message of this flow goes over UDP; `from` is where the request
    /// came from that it answers, if it is an answer. Requests of ours go to phones in
    /// CCM mode the way that their own came; others are reached on the port of
    /// their contact, if it is on the address that they come from: they may
    /// send from a port on which they do not listen.
    pub fn destination(&self, message: &Message, from: SocketAddr) -> SocketAddr {
        if message.method().is_some() {
            return self.reach();
        }
        match self.settings.answers {
            AnswerPort::Source => from,
            AnswerPort::Via => match message.headers.top_via() {
                // The source was noted in it where that was asked for.
                Ok(via) if via.params.get("rport").is_none() => {
                    SocketAddr::new(from.ip(), via.sent_by.port.unwrap_or(SIP_PORT))
                }
                Ok(_) | Err(_) => from,
            },
        }
    }

    /// Where requests of ours go.
    fn reach(&self) -> SocketAddr {
        let peer = self.ends.peer;
        let binding = self.binding.as_ref();
        let port = binding.and_then(|binding| binding.port(peer.ip()));
        SocketAddr::new(peer.ip(), port.unwrap_or_else(|| peer.port()))
    }

    /// The phone goes on from another port of its address.
    pub fn moved(&mut self, peer: SocketAddr) {
        self.ends.peer = peer;
    }

    /// Bytes that this flow holds beside itself, about.
    pub fn size(&self) -> usize {
        self.answered.size()
            + self.transactions.size()
            + self
                .updates
                .iter()
                .map(|part| part.body.len())
                .sum::<usize>()
            + self.binding.as_ref().map_or(0, Binding::size)
    }

    /// The phone that is registered.
    pub fn device(&self) -> Option<&DeviceName> {
        self.binding.as_ref().map(|binding| &binding.device)
    }

    /// How phones must prove who they are, if they must.
    pub fn digest(&self) -> Option<&Digest> {
        self.settings.digest.as_ref()
    }

    /// Takes what stands in the stream. `now` is monotonic, `wall` what the
    /// clock shows.
    pub fn on_frame(&mut self, frame: Frame, now: Duration, wall: Timestamp) -> Vec<Output> {
        match frame {
            Frame::Message(message) => self.on_message(message, now, wall),
            Frame::Malformed(error) => self.on_malformed(&error),
            Frame::Ping => vec![Output::Pong],
        }
    }

    /// Takes what has no known end in the stream: nothing after it can be read.
    pub fn on_broken(&mut self, error: &ParseError) -> Vec<Output> {
        let mut outputs = self.told_so(error);
        outputs.push(Output::Close(Why::Malformed));
        outputs
    }

    fn on_malformed(&mut self, error: &ParseError) -> Vec<Output> {
        let outputs = self.told_so(error);
        self.count_malformed(outputs)
    }

    fn told_so(&mut self, error: &ParseError) -> Vec<Output> {
        let Some((headers, status)) = error.answerable() else {
            return Vec::new();
        };
        let mut rejection = Rejection::of(status);
        if status == StatusCode::BAD_REQUEST {
            rejection = Rejection::bad(error);
        }
        vec![Output::Send(rejection.response(headers, &mut self.names))]
    }

    fn count_malformed(&mut self, mut outputs: Vec<Output>) -> Vec<Output> {
        if self.is_unreliable() {
            // Anybody can send in the name of the phone: it must not pay.
            return outputs;
        }
        self.malformed += 1;
        if self.malformed >= MALFORMED {
            outputs.push(Output::Close(Why::Malformed));
        }
        outputs
    }

    fn on_message(&mut self, mut message: Message, now: Duration, wall: Timestamp) -> Vec<Output> {
        let Some(method) = message.method().cloned() else {
            return self.on_response(&message, now, wall);
        };
        self.heard = now;
        message.stamp_source(self.ends.peer);
        if let Err(violation) = message.check() {
            let answerable =
                method != Method::Ack && message.headers.get(HeaderName::VIA).is_some();
            let outputs = if answerable {
                self.reject(&message, &Rejection::bad(&violation))
            } else {
                Vec::new()
            };
            return self.count_malformed(outputs);
        }
        let vias = message.headers.via().unwrap_or_default();
        let key = self
            .is_unreliable()
            .then(|| Key::of(&message, &method, vias.first()?))
            .flatten();
        if method == Method::Ack {
            // To a final answer of ours; there are no calls.
            if let Some(key) = &key {
                self.answered.acknowledged(key, now);
            }
            return Vec::new();
        }
        if let Some(packet) = key.as_ref().and_then(|key| self.answered.given(key)) {
            let request = Some((&message.headers, self.ends.peer));
            let again = self.again(packet.clone(), request);
            if method == Method::Register {
                self.prolong(now);
            }
            return vec![again];
        }
        let merged = |key: &Key| !answer::in_dialog(&message) && self.answered.is_merged(key);
        if key.as_ref().is_some_and(merged) || vias.iter().any(|via| self.is_ours(via)) {
            return self.reject(&message, &Rejection::of(StatusCode::LOOP_DETECTED));
        }
        if let Err(rejection) = super::requests::acceptable(&message, &method) {
            return self.reject(&message, &rejection);
        }
        if method == Method::Register {
            return match Register::read(&message, self.digest()) {
                Ok(facts) => self.register(Register::new(message, facts, key), wall),
                Err(rejection) => self.reject(&message, &rejection),
            };
        }
        let cancels = |key: &Key| self.answered.cancels_answered(key);
        let outputs = if key.as_ref().is_some_and(cancels) {
            // Too late to change anything (RFC 3261 section 9.2).
            let ok = answer::answer(&message.headers, StatusCode::OK, &mut self.names);
            vec![Output::Send(ok)]
        } else {
            self.serve(&message, &method)
        };
        self.remember(key, &outputs, now);
        outputs
    }

    /// Whether a Via is one of our own: the request came back to us.
    fn is_ours(&self, via: &Via) -> bool {
        let ours = &self.ends.local;
        via.sent_by.host == ours.host
            && via.sent_by.port.unwrap_or(SIP_PORT) == ours.port.unwrap_or(SIP_PORT)
    }

    /// Keeps the answer among `outputs`, should the request come again. Only a
    /// registered phone is remembered: strangers are answered without a trace
    /// (RFC 3261 section 8.2.7), and an INVITE of theirs only once. Refusals
    /// of REGISTER and what ends a registration are decided anew each time,
    /// with the same outcome.
    pub(super) fn remember(&mut self, key: Option<Key>, outputs: &[Output], now: Duration) {
        let (Some(key), true) = (key, self.binding.is_some()) else {
            return;
        };
        let answer = outputs.iter().find_map(|output| match output {
            Output::Send(message) => message.status().map(|_| message),
            _ => None,
        });
        if let Some(answer) = answer {
            self.answered.keep(key, answer.to_bytes(), now);
        }
    }

    /// Sends once more what was sent before, in answer to `request` and to
    /// where that came from, if there is one.
    fn again(&self, packet: Bytes, request: Option<(&Headers, SocketAddr)>) -> Output {
        let to = match request {
            Some((request, from)) => {
                self.destination(&Message::response(request, StatusCode::OK, ""), from)
            }
            None => self.ends.peer,
        };
        Output::Again(packet, to)
    }

    fn prolong(&mut self, now: Duration) {
        if let Some(binding) = &mut self.binding {
            binding.prolong(now);
        }
    }

    pub(super) fn reject(&mut self, message: &Message, rejection: &Rejection) -> Vec<Output> {
        vec![Output::Send(
            rejection.response(&message.headers, &mut self.names),
        )]
    }

    fn on_response(&mut self, response: &Message, now: Duration, wall: Timestamp) -> Vec<Output> {
        let Some((about, status)) = self.transactions.answered(response) else {
            tracing::debug!(peer = %self.ends.peer, "an answer to nothing was dropped");
            return Vec::new();
        };
        match about {
            About::Order if status.is_success() => vec![Output::OrderAccepted],
            About::Order => vec![Output::OrderRefused(format!(
                "it answered {status} {}",
                status.reason()
            ))],
            About::Update => {
                if !status.is_success() {
                    tracing::debug!(peer = %self.ends.peer, %status, "an update was refused");
                }
                self.next_update(now, wall)
            }
        }
    }

    fn register(&mut self, register: Register, wall: Timestamp) -> Vec<Output> {
        match register.purpose() {
            Purpose::KeepAlive => vec![self.let_go(&register, wall)],
            Purpose::Query => vec![self.bindings(&register, wall)],
            Purpose::Bind(_) => vec![Output::Register(Box::new(register))],
            Purpose::Unbind(_) | Purpose::UnbindAll if self.may_leave(&register) => {
                self.unbind(&register, wall)
            }
            Purpose::Unbind(_) | Purpose::UnbindAll => {
                vec![Output::Unregister(Box::new(register))]
            }
        }
    }

    /// Which bindings there are, as far as this flow knows.
    fn bindings(&mut self, register: &Register, wall: Timestamp) -> Output {
        let headers = register.headers();
        let mut response = answer::dated(headers, StatusCode::OK, &mut self.names, wall);
        if let Some(binding) = self.binding.as_ref().filter(|_| self.carries(register)) {
            for contact in binding.contacts() {
                response.headers.push(HeaderName::CONTACT, contact);
            }
        }
        Output::Send(response)
    }

    pub(super) fn carries(&self, register: &Register) -> bool {
        self.carried(register).is_some()
    }

    /// Whether a REGISTER may end registrations of this flow without proving
    /// who it is from. A connection proves it; over UDP, where addresses can
    /// be invented, only the Call-ID of the registration does.
    pub fn may_leave(&self, register: &Register) -> bool {
        let known = |binding: &Binding| binding.has_call(register.call_id());
        self.carries(register)
            && (!self.is_unreliable() || self.binding.as_ref().is_some_and(known))
    }

    /// Whether a REGISTER is no newer than what this flow holds of its
    /// Call-ID: nothing may end or move because of it.
    pub fn is_old(&self, register: &Register) -> bool {
        let binding = self.binding.as_ref();
        binding.is_some_and(|binding| binding.is_old(register))
    }

    /// Whether a response answers a request of ours that waits for it. Nobody
    /// but who was sent the request knows its branch.
    pub fn is_awaited(&self, response: &Message) -> bool {
        self.transactions.is_awaited(response)
    }

    /// The answer to a REGISTER that came before, when it was answered; it
    /// came again from `from`.
    pub fn repeated(
        &mut self,
        register: &Register,
        from: SocketAddr,
        now: Duration,
    ) -> Option<Output> {
        let packet = self.answered.given(register.key()?)?.clone();
        self.prolong(now);
        Some(self.again(packet, Some((register.headers(), from))))
    }

    /// The phone that this flow carries, if a REGISTER is from it: it names
    /// it, or it goes on with a registration without naming another.
    pub fn carried(&self, register: &Register) -> Option<&DeviceName> {
        let binding = self.binding.as_ref()?;
        let same_phone = match register.claims().device() {
            Ok(Some(device)) => *device == binding.device,
            Ok(None) => binding.has_call(register.call_id()),
            Err(_) => false,
        };
        same_phone.then_some(&binding.device)
    }

    /// When [`Registrar::on_time`] is to be called (monotonic).
    pub fn deadline(&self) -> Duration {
        let state = match &self.binding {
            Some(binding) => binding.until,
            None => self.heard + IDLE,
        };
        let transactions = [self.transactions.next(), self.answered.next()];
        transactions
            .into_iter()
            .flatten()
            .fold(state, Duration::min)
    }

    /// Time passed.
    pub fn on_time(&mut self, now: Duration) -> Vec<Output> {
        let mut outputs = Vec::new();
        for about in self.transactions.overdue(now) {
            match about {
                About::Order => {
                    outputs.push(Output::OrderRefused("it did not answer".to_owned()));
                }
                About::Update => {
                    tracing::debug!(peer = %self.ends.peer, "an update was not answered");
                    self.updates.clear();
                }
            }
        }
        let reach = self.reach();
        let ours = self.transactions.repeat(now);
        outputs.extend(ours.into_iter().map(|packet| Output::Again(packet, reach)));
        let answers = self.answered.on_time(now);
        outputs.extend(answers.into_iter().map(|packet| self.again(packet, None)));
        match &self.binding {
            Some(binding) if binding.until <= now => {
                self.binding = None;
                outputs.extend(self.orders_lost("its registration expired"));
                let why = "no refresh came in time".to_owned();
                outputs.push(Output::Unregistered(why));
            }
            None if self.heard + IDLE <= now => outputs.push(Output::Close(Why::Idle)),
            Some(_) | None => {}
        }
        outputs
    }

    /// The flow ended: orders that were not answered were lost on the way.
    pub fn on_closed(&mut self) -> Vec<Output> {
        self.binding = None;
        self.orders_lost("the connection ended before it answered")
    }

    pub(super) fn orders_lost(&mut self, why: &str) -> Vec<Output> {
        (0..self.transactions.take_orders())
            .map(|_| Output::OrderRefused(why.to_owned()))
            .collect()
    }
}
