//! The registrar of one flow (RFC 3261 section 10.3).
//!
//! A flow carries the registration of one phone, which may have a contact for
//! each of its lines. It lives as long as the flow and the phone's refreshes.

use std::net::SocketAddr;
use std::time::Duration;

use crate::model::{DeviceName, Timestamp};
use crate::sip::wire::{
    Frame, HeaderName, HostPort, Message, Method, ParseError, StatusCode, Transport,
};

use super::answer::{self, Rejection};
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
    /// Send this.
    Send(Message),
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
    pub(super) settings: Settings,
    pub(super) ends: Ends,
    pub(super) names: Names,
    pub(super) transactions: Transactions,
    pub(super) binding: Option<Binding>,
    heard: Duration,
    malformed: u32,
}

impl Registrar {
    /// A flow opened at `now` (monotonic). All names that it gives are made
    /// from `seed`, which must be random.
    pub fn new(settings: Settings, ends: Ends, seed: [u8; 16], now: Duration) -> Self {
        Self {
            settings,
            ends,
            names: Names::new(seed),
            transactions: Transactions::default(),
            binding: None,
            heard: now,
            malformed: 0,
        }
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
        self.malformed += 1;
        if self.malformed >= MALFORMED {
            outputs.push(Output::Close(Why::Malformed));
        }
        outputs
    }

    fn on_message(&mut self, mut message: Message, now: Duration, wall: Timestamp) -> Vec<Output> {
        self.heard = now;
        let Some(method) = message.method().cloned() else {
            return self.on_response(&message);
        };
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
        if method == Method::Ack {
            // To a final answer of ours; there are no calls.
            return Vec::new();
        }
        if let Err(rejection) = super::requests::acceptable(&message, &method) {
            return self.reject(&message, &rejection);
        }
        match method {
            Method::Register => match Register::read(message.clone(), self.digest()) {
                Ok(register) => self.register(register, wall),
                Err(rejection) => self.reject(&message, &rejection),
            },
            _ => self.serve(&message, &method),
        }
    }

    pub(super) fn reject(&mut self, message: &Message, rejection: &Rejection) -> Vec<Output> {
        vec![Output::Send(
            rejection.response(&message.headers, &mut self.names),
        )]
    }

    fn on_response(&mut self, response: &Message) -> Vec<Output> {
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
                Vec::new()
            }
        }
    }

    fn register(&mut self, register: Register, wall: Timestamp) -> Vec<Output> {
        match register.purpose() {
            Purpose::KeepAlive => vec![self.let_go(&register, wall)],
            Purpose::Query => vec![self.bindings(&register, wall)],
            Purpose::Bind(_) => vec![Output::Register(Box::new(register))],
            Purpose::Unbind(_) | Purpose::UnbindAll if self.carries(&register) => {
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
        self.transactions
            .next()
            .map_or(state, |overdue| overdue.min(state))
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
                }
            }
        }
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
