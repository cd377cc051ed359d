//! One connection: frames in, the machine, messages out.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::admission::{self, Admitted};
use super::identity::{Identity, identify};
use super::{Parts, random};
use crate::model::{DeviceName, OrderKind, Phone, Protocol, address_for};
use crate::ports::{EventKind, LinkOrder, Presence, Sighting};
use crate::registry::{ConnectionLink, Word, canonical, receive};
use crate::sip::machine::{
    Ends, Output, Refusal, Register, Registrar, Settings, Standing, Verdict,
};
use crate::sip::wire::{Framer, HostPort, Transport};

/// A phone that does not read for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// The registration that this connection carries.
struct Registered {
    device: DeviceName,
    generation: u64,
}

struct Connection {
    parts: Parts,
    peer: SocketAddr,
    local: SocketAddr,
    stream: TcpStream,
    registrar: Registrar,
    registered: Option<Registered>,
    /// A registration whose answer is not written yet.
    sighting: Option<Sighting>,
    link: ConnectionLink,
}

/// What ends a connection.
type Ended = String;

/// Serves one connection to its end.
pub(super) async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    parts: Parts,
    settings: Settings,
    advertised: Option<IpAddr>,
    cancel: CancellationToken,
) {
    let (Ok(local), Ok(seed)) = (stream.local_addr(), random()) else {
        return;
    };
    let (peer, local) = (canonical(peer), canonical(local));
    let told = SocketAddr::new(address_for(advertised, peer.ip(), local.ip()), local.port());
    let ends = Ends {
        peer,
        local: HostPort::from(told),
        transport: Transport::Tcp,
    };
    let (link, words) = ConnectionLink::new();
    let registrar = Registrar::new(settings, ends, seed, parts.clock.monotonic());
    let mut connection = Connection {
        parts,
        peer,
        local,
        stream,
        registrar,
        registered: None,
        sighting: None,
        link,
    };
    let why = connection.work(words, cancel).await;
    connection.ended(&why);
}

impl Connection {
    async fn work(&mut self, mut words: mpsc::Receiver<Word>, cancel: CancellationToken) -> Ended {
        let mut framer = Framer::default();
        let mut input = BytesMut::new();
        loop {
            let wake = self.parts.clock.sleep_until(self.registrar.deadline());
            let outputs = tokio::select! {
                () = cancel.cancelled() => return "the server stops".into(),
                read = receive(&self.stream, &mut input, 4096) => match read {
                    Ok(0) => return "the phone closed the connection".into(),
                    Err(error) => return format!("the connection broke: {error}"),
                    Ok(_) => {
                        if let Err(ended) = self.frames(&mut framer, &mut input).await {
                            return ended;
                        }
                        continue;
                    }
                },
                word = words.recv() => match word {
                    Some(Word::Order(order)) => self.order(order),
                    Some(Word::Retire) => {
                        // Somebody newer holds the name: leave without a word.
                        self.registered = None;
                        return "a newer registration took over".into();
                    }
                    None => return "the link is gone".into(),
                },
                () = wake => {
                    let now = self.parts.clock.monotonic();
                    self.registrar.on_time(now)
                }
            };
            if let Err(ended) = self.act(outputs).await {
                return ended;
            }
        }
    }

    async fn frames(&mut self, framer: &mut Framer, input: &mut BytesMut) -> Result<(), Ended> {
        loop {
            let outputs = match framer.next_frame(input) {
                Ok(Some(frame)) => {
                    tracing::trace!(peer = %self.peer, ?frame, "SIP received");
                    if let Some(Registered { device, generation }) = &self.registered {
                        let now = self.parts.clock.now();
                        self.parts.registry.heard(device, *generation, now);
                    }
                    let (now, wall) = (self.parts.clock.monotonic(), self.parts.clock.now());
                    self.registrar.on_frame(frame, now, wall)
                }
                Ok(None) => return Ok(()),
                Err(error) => {
                    tracing::debug!(peer = %self.peer, %error, "the stream cannot be read on");
                    self.registrar.on_broken(&error)
                }
            };
            self.act(outputs).await?;
        }
    }

    fn order(&mut self, order: LinkOrder) -> Vec<Output> {
        let (now, wall) = (self.parts.clock.monotonic(), self.parts.clock.now());
        match order {
            LinkOrder::Restart => self.registrar.order(OrderKind::Restart, now, wall),
            LinkOrder::Reset => self.registrar.order(OrderKind::Reset, now, wall),
            LinkOrder::Show(text) => self.registrar.show(&text, now, wall),
            LinkOrder::Refresh(_) | LinkOrder::Push(_) => {
                tracing::debug!(peer = %self.peer, kind = ?order.kind(), "not possible over SIP");
                Vec::new()
            }
        }
    }

    /// Does what the machine wants, with as few writes as its order allows.
    async fn act(&mut self, outputs: Vec<Output>) -> Result<(), Ended> {
        let mut queue = VecDeque::from(outputs);
        let mut bytes = BytesMut::new();
        while let Some(output) = queue.pop_front() {
            match output {
                Output::Send(message) => {
                    tracing::trace!(peer = %self.peer, ?message, "SIP sent");
                    bytes.extend_from_slice(&message.to_bytes());
                }
                Output::Pong => bytes.extend_from_slice(b"\r\n"),
                Output::Register(register) => {
                    // Once in two minutes: its room is not kept.
                    let outputs = Box::pin(self.register(&register)).await;
                    outputs
                        .into_iter()
                        .rev()
                        .for_each(|output| queue.push_front(output));
                }
                Output::Unregister(register) => {
                    let outputs = self.unregister(&register);
                    outputs
                        .into_iter()
                        .rev()
                        .for_each(|output| queue.push_front(output));
                }
                Output::Registered => {
                    // What it holds counts once it was told so.
                    self.flush(&mut bytes).await?;
                    if let Some(sighting) = self.sighting.take() {
                        self.parts.sightings.registered(sighting);
                    }
                }
                Output::Close(why) => {
                    self.flush(&mut bytes).await?;
                    return Err(why.to_string());
                }
                told => self.tell(told),
            }
        }
        self.flush(&mut bytes).await
    }

    async fn flush(&mut self, bytes: &mut BytesMut) -> Result<(), Ended> {
        if bytes.is_empty() {
            return Ok(());
        }
        let written = tokio::time::timeout(WRITE_TIMEOUT, self.stream.write_all(bytes)).await;
        bytes.clear();
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("the connection broke: {error}")),
            Err(_) => Err("it does not read what it is sent".into()),
        }
    }

    async fn register(&mut self, register: &Register) -> Vec<Output> {
        match self.decide(register).await {
            Ok(outputs) => outputs,
            Err(refusal) => self.refuse(register, refusal),
        }
    }

    async fn decide(&mut self, register: &Register) -> Result<Vec<Output>, Refusal> {
        let phone = self.authentic(register)?;
        let holds = admission::holds(&self.parts, register, &phone.name, self.peer);
        match self.registrar.standing(register, &phone.name, holds.file) {
            Standing::New => {}
            Standing::Refresh => {
                let (now, wall) = (self.parts.clock.monotonic(), self.parts.clock.now());
                return Ok(self.registrar.refreshed(register, now, wall));
            }
            Standing::OutOfOrder => return Err(Refusal::OutOfOrder),
            Standing::OtherPhone => {
                return Err(Refusal::Forbidden("Another phone is on this connection"));
            }
        }
        // The same phone again on the same connection: it takes nothing from
        // anybody, and this connection must not be told to retire.
        self.leave("it registers anew".to_owned());
        let ends = (self.peer, self.local);
        let link = self.link.clone();
        let admitted = admission::admit(&self.parts, register, &phone, holds, ends, link).await?;
        let Admitted {
            generation,
            welcome,
            sighting,
        } = admitted;
        self.registered = Some(Registered {
            device: phone.name.clone(),
            generation,
        });
        self.sighting = Some(sighting);
        let (now, wall) = (self.parts.clock.monotonic(), self.parts.clock.now());
        Ok(self.registrar.admitted(register, &welcome, now, wall))
    }

    /// The phone that a REGISTER is from, once it proved that if it must.
    fn authentic(&self, register: &Register) -> Result<Arc<Phone>, Refusal> {
        let digest = self.registrar.digest();
        let answer = register.authorization();
        let username = answer
            .filter(|_| digest.is_some())
            .map(|answer| answer.username.as_str());
        let own = self.registrar.carried(register);
        let identity = identify(&self.parts.store.world(), register.claims(), username, own);
        let phone = match identity {
            Identity::Known(phone) => phone,
            Identity::Unknown(device) => {
                let kind = EventKind::UnknownPhone {
                    protocol: Protocol::Sip,
                    peer: self.peer,
                    type_id: register.type_id(),
                    load: register.load().map(str::to_owned),
                };
                admission::record(&self.parts, device.as_ref(), kind);
                return Err(Refusal::NotConfigured);
            }
            Identity::Contradiction => {
                return Err(Refusal::Forbidden("The names of the phone differ"));
            }
        };
        let Some(digest) = digest else {
            return Ok(phone);
        };
        match digest.judge(answer, &phone.sip_secret, self.parts.clock.now()) {
            Verdict::Proven => Ok(phone),
            Verdict::Ask { stale } => Err(Refusal::Challenge { stale }),
            Verdict::Wrong => Err(Refusal::Forbidden("Wrong digest credentials")),
        }
    }

    /// A phone unregisters on another connection than it registered on: ended
    /// when it proved who it is, or when it comes from where it registered.
    fn unregister(&mut self, register: &Register) -> Vec<Output> {
        let wall = self.parts.clock.now();
        let phone = match self.authentic(register) {
            Ok(phone) => phone,
            // Nothing to be gone: no reason to keep it from its restart.
            Err(Refusal::NotConfigured) => return vec![self.registrar.let_go(register, wall)],
            Err(refusal) => return self.refuse(register, refusal),
        };
        let registry = &self.parts.registry;
        let trusted = self.registrar.digest().is_some()
            || registry
                .registration(&phone.name)
                .is_some_and(|seen| seen.peer.ip() == self.peer.ip());
        let own = self
            .registered
            .as_ref()
            .is_some_and(|own| own.device == phone.name);
        if trusted
            && !own
            && let Some((generation, link)) = registry.link(&phone.name)
            && registry.leave(&phone.name, generation)
        {
            link.retire();
            let why = "it unregistered on another connection".to_owned();
            admission::record(
                &self.parts,
                Some(&phone.name),
                EventKind::Unregistered { why },
            );
            self.parts.sightings.unregistered(&phone.name, generation);
        }
        vec![self.registrar.let_go(register, wall)]
    }

    fn refuse(&mut self, register: &Register, refusal: Refusal) -> Vec<Output> {
        let why = match refusal {
            Refusal::Forbidden(why) => Some(why),
            Refusal::Contested => Some("another phone uses its name"),
            Refusal::Busy => Some("it could not be decided"),
            Refusal::OutOfOrder => Some("CSeq out of order"),
            // Told as an unknown phone, and no refusal at all.
            Refusal::NotConfigured | Refusal::Challenge { .. } => None,
        };
        if let Some(why) = why {
            let device = register.claims().device().ok().flatten();
            let kind = EventKind::RegistrationRefused {
                protocol: Protocol::Sip,
                peer: self.peer,
                why: why.to_owned(),
            };
            admission::record(&self.parts, device, kind);
        }
        let wall = self.parts.clock.now();
        self.registrar.refused(register, refusal, wall)
    }

    fn tell(&mut self, told: Output) {
        if let Output::Alarm { device, text } = told {
            self.alarm(device, &text);
            return;
        }
        let Some(Registered { device, generation }) = &self.registered else {
            return;
        };
        let (parts, generation) = (&self.parts, *generation);
        match told {
            Output::InCall(in_call) => {
                if parts.registry.set_in_call(device, generation, in_call) && !in_call {
                    parts.sightings.idle(device);
                }
            }
            Output::OrderAccepted => parts.sightings.order_accepted(device, generation),
            Output::OrderRefused(why) => parts.sightings.order_refused(device, generation, why),
            Output::Unregistered(why) => self.leave(why),
            Output::Alarm { .. }
            | Output::Send(_)
            | Output::Pong
            | Output::Register(_)
            | Output::Unregister(_)
            | Output::Registered
            | Output::Close(_) => {}
        }
    }

    /// Alarms come before the registration too: then the phone is the one that
    /// the alarm names, if there is one.
    fn alarm(&self, named: Option<DeviceName>, text: &str) {
        let registered = self.registered.as_ref().map(|own| own.device.clone());
        let device = registered
            .or_else(|| named.filter(|name| self.parts.store.world().phone(name).is_some()));
        if device.is_none() {
            tracing::debug!(peer = %self.peer, text, "an alarm of an unknown phone");
            return;
        }
        let text = shortened(text);
        admission::record(&self.parts, device.as_ref(), EventKind::Alarm { text });
    }

    /// The registration that this connection carried is over.
    fn leave(&mut self, why: String) {
        if let Some(Registered { device, generation }) = self.registered.take()
            && self.parts.registry.leave(&device, generation)
        {
            admission::record(&self.parts, Some(&device), EventKind::Unregistered { why });
            self.parts.sightings.unregistered(&device, generation);
        }
    }

    fn ended(&mut self, why: &str) {
        for output in self.registrar.on_closed() {
            self.tell(output);
        }
        tracing::debug!(peer = %self.peer, why, "a SIP connection ended");
        self.leave(why.to_owned());
    }
}

/// Alarms may be long; a line is enough.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
