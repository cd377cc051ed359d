//! The task that serves the socket.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::flows::{FlowId, Flows};
use super::link::DatagramLink;
use super::socket::{DatagramSocket, Inbox, Path};
use crate::model::{DeviceName, Phone};
use crate::ports::{Newcomer, TurnedAway};
use crate::registry::Word;
use crate::sip::machine::{Output, Refusal, Register, Registrar};
use crate::sip::server::admission;
use crate::sip::server::flow::{Decision, Flow};
use crate::sip::server::identity::Identity;
use crate::sip::server::shared::Shared;
use crate::sip::wire::{Frame, HeaderName, Message, Transport, parse_datagram};

/// How many words to phones may wait.
const NOTES: usize = 16 * 1024;

/// How many phones may wait for what they show of themselves to be stored.
/// Others are left without an answer; they ask again.
const STORING: usize = 64;

/// What a stranger is sent is at most so many times as long as what he sent:
/// his address may be that of a victim.
const AMPLIFICATION: usize = 2;

/// How far apart a phone may be registered anew, and for how many times it may
/// be ahead of that. With invented Call-IDs anybody can have a known phone
/// registered anew; what is more is left without an answer, and phones repeat.
const ADMISSION: Duration = Duration::from_secs(1);
const AHEAD: u32 = 3;

/// What the task is told.
pub(super) enum Note {
    /// About the phone of a flow.
    Word(FlowId, Word),
}

/// A REGISTER whose phone showed something new of itself, or registers by
/// itself.
struct Stored {
    device: DeviceName,
    path: Path,
    register: Box<Register>,
    outcome: Outcome,
    /// How long an answer may be.
    limit: usize,
}

/// What storing came to.
enum Outcome {
    /// What the phone shows of itself.
    Shown(Result<(), Refusal>),
    /// A phone that registers by itself.
    Arrived(Result<(), TurnedAway>),
}

/// Who sent a datagram.
enum Sender {
    /// A registered phone.
    Known(FlowId),
    /// Anybody: a flow that lives as long as the datagram.
    Stranger(Box<Flow>),
}

struct Worker {
    shared: Arc<Shared>,
    socket: Arc<DatagramSocket>,
    flows: Flows,
    /// Makes the names that strangers are given.
    secret: [u8; 32],
    notes: mpsc::Sender<Note>,
    storing: JoinSet<Stored>,
    /// The phones that are among them.
    stored: HashSet<DeviceName>,
    /// When each configured phone that came has used up its admissions.
    admissions: HashMap<DeviceName, Duration>,
}

/// Serves the socket until `cancel`.
pub(super) async fn run(
    socket: Arc<DatagramSocket>,
    shared: Arc<Shared>,
    secret: [u8; 32],
    cancel: CancellationToken,
) {
    let (notes, mut words) = mpsc::channel(NOTES);
    let mut worker = Worker {
        shared,
        socket: Arc::clone(&socket),
        flows: Flows::default(),
        secret,
        notes,
        storing: JoinSet::new(),
        stored: HashSet::new(),
        admissions: HashMap::new(),
    };
    let mut inbox = Inbox::new();
    let clock = Arc::clone(&worker.shared.parts.clock);
    loop {
        let timer = worker.flows.next_timer();
        tokio::select! {
            () = cancel.cancelled() => break,
            received = socket.receive(&mut inbox) => match received {
                Ok(count) => {
                    for (meta, datagram) in inbox.datagrams(count) {
                        if let Some(path) = socket.path(meta) {
                            worker.datagram(&path, datagram);
                        }
                    }
                }
                // Errors of single sends may surface here; the socket lives.
                Err(error) => tracing::debug!(%error, "nothing was received"),
            },
            Some(Note::Word(flow, word)) = words.recv() => worker.word(flow, word),
            Some(Ok(stored)) = worker.storing.join_next() => worker.stored(stored),
            () = clock.sleep_until(timer.unwrap_or_default()), if timer.is_some() => {
                worker.on_time();
            }
        }
    }
    for mut known in worker.flows.drain() {
        known.flow.ended(&worker.shared, "the server stops");
    }
}

impl Worker {
    fn datagram(&mut self, path: &Path, datagram: &[u8]) {
        let frame = match parse_datagram(datagram) {
            Ok(Some(message)) => {
                tracing::trace!(peer = %path.peer, ?message, "SIP received");
                if message.method().is_none() {
                    self.response(path, message);
                    return;
                }
                Frame::Message(message)
            }
            // It keeps a way through a NAT open.
            Ok(None) => return,
            Err(error) if error.answerable().is_some() => Frame::Malformed(error),
            Err(error) => {
                tracing::debug!(peer = %path.peer, %error, "a datagram was dropped");
                return;
            }
        };
        let limit = datagram.len().saturating_mul(AMPLIFICATION);
        let mut sender = self.sender(path, datagram);
        let (now, wall) = self.shared.times();
        let shared = Arc::clone(&self.shared);
        let Some(flow) = self.flow(&mut sender) else {
            return;
        };
        let mut outputs = flow.registrar.on_frame(frame, now, wall);
        if !matches!(
            outputs.last(),
            Some(Output::Register(_) | Output::Unregister(_))
        ) {
            // A REGISTER may be from another phone: see `accepted`.
            flow.heard(&shared);
        }
        match outputs.pop() {
            Some(Output::Register(register)) => self.register(path, sender, register, limit),
            Some(Output::Unregister(register)) => self.unregister(path, sender, &register, limit),
            Some(last) => {
                outputs.push(last);
                self.act(path, sender, outputs, limit);
            }
            None => {}
        }
    }

    /// An answer to a request of ours. It may come from another port than the
    /// phone's own requests, but not from another address.
    fn response(&mut self, path: &Path, response: Message) {
        let id = Registrar::mark_of(&response).or_else(|| self.flows.at(path));
        let (now, wall) = self.shared.times();
        let Some(id) = id else {
            return;
        };
        let outputs = match self.flows.get(id) {
            Some(known) if known.path.peer.ip() == path.peer.ip() => {
                if known.flow.registrar.is_awaited(&response) {
                    known.flow.heard(&self.shared);
                }
                let frame = Frame::Message(response);
                known.flow.registrar.on_frame(frame, now, wall)
            }
            Some(_) | None => return,
        };
        self.act_known(id, None, outputs);
    }

    fn sender(&self, path: &Path, datagram: &[u8]) -> Sender {
        match self.flows.at(path) {
            Some(id) => Sender::Known(id),
            None => self.stranger(path, datagram),
        }
    }

    /// Whoever repeats a request is given the same names again, though nothing
    /// is kept of him (RFC 3261 section 8.2.7).
    fn stranger(&self, path: &Path, datagram: &[u8]) -> Sender {
        let names = Sha256::new().chain_update(datagram);
        self.named(path, names)
    }

    /// A flow with names of its own.
    fn newcomer(&self, path: &Path) -> Sender {
        let names = Sha256::new().chain_update(self.flows.next_id().to_be_bytes());
        self.named(path, names)
    }

    fn named(&self, path: &Path, names: Sha256) -> Sender {
        let hash = names.chain_update(self.secret).finalize();
        let mut seed = [0; 16];
        for (to, from) in seed.iter_mut().zip(hash.iter()) {
            *to = *from;
        }
        let shared = &self.shared;
        let ends = shared.ends(path.peer, path.local, Transport::Udp);
        let now = shared.parts.clock.monotonic();
        let registrar = Registrar::new(Arc::clone(&shared.machine), ends, seed, now)
            .marked(self.flows.next_id());
        Sender::Stranger(Box::new(Flow::new(path.peer, path.local, registrar)))
    }

    fn flow<'a>(&'a mut self, sender: &'a mut Sender) -> Option<&'a mut Flow> {
        match sender {
            Sender::Known(id) => self.flows.get(*id).map(|known| &mut known.flow),
            Sender::Stranger(flow) => Some(flow),
        }
    }

    /// The flow of the phone that this turned out to be; another one if the
    /// sender's flow carries another phone. It is not moved yet: what came may
    /// be an old REGISTER that somebody plays again.
    fn of_phone(&mut self, phone: &Phone, path: &Path, sender: Sender) -> Sender {
        if let Some(id) = self.flows.of(&phone.name, path) {
            return Sender::Known(id);
        }
        match sender {
            stranger @ Sender::Stranger(_) => stranger,
            Sender::Known(_) => self.newcomer(path),
        }
    }

    /// A REGISTER was accepted: its phone is heard, and is from now on where it
    /// came from.
    fn accepted(&mut self, sender: &Sender, path: &Path) {
        let Sender::Known(id) = *sender else {
            return;
        };
        self.flows.moved(id, path);
        if let Some(known) = self.flows.get(id) {
            if known.flow.peer != path.peer {
                known.flow.moved(&self.shared, path.peer);
            }
            known.flow.heard(&self.shared);
        }
    }

    fn register(&mut self, path: &Path, mut sender: Sender, register: Box<Register>, limit: usize) {
        let shared = Arc::clone(&self.shared);
        let Some(flow) = self.flow(&mut sender) else {
            return;
        };
        match flow.newcomer(&shared, &register) {
            Ok(None) => {}
            Ok(Some(newcomer)) => {
                self.take_in(path, register, newcomer, limit);
                return;
            }
            Err(refusal) => {
                let outputs = flow.refuse(&shared, &register, refusal);
                self.act(path, sender, outputs, limit);
                return;
            }
        }
        let phone = match flow.authentic(&shared, &register) {
            Ok(phone) => phone,
            Err(refusal) => {
                let outputs = flow.refuse(&shared, &register, refusal);
                self.act(path, sender, outputs, limit);
                return;
            }
        };
        let mut sender = self.of_phone(&phone, path, sender);
        let Some(flow) = self.flow(&mut sender) else {
            return;
        };
        if let Some(output) =
            flow.registrar
                .repeated(&register, path.peer, shared.parts.clock.monotonic())
        {
            self.act(path, sender, vec![output], limit);
            return;
        }
        let old = flow.registrar.is_old(&register);
        match flow.decide(&shared, &register, &phone) {
            Ok(Decision::Said(outputs)) => {
                if !old {
                    self.accepted(&sender, path);
                }
                self.act(path, sender, outputs, limit);
            }
            Ok(Decision::New(_)) if admission::shows_more(&shared.parts, &register, &phone) => {
                self.store(path, register, phone);
            }
            Ok(Decision::New(holds)) => self.admit(path, sender, &register, &phone, holds),
            Err(refusal) => {
                let outputs = flow.refuse(&shared, &register, refusal);
                self.act(path, sender, outputs, limit);
            }
        }
    }

    /// Whether a phone may be registered anew once more by now.
    fn may_be_new(&mut self, device: &DeviceName) -> bool {
        let now = self.shared.parts.clock.monotonic();
        let used = self.admissions.entry(device.clone()).or_default();
        let after = (*used).max(now) + ADMISSION;
        let allowed = after <= now + ADMISSION * AHEAD;
        if allowed {
            *used = after;
        }
        allowed
    }

    fn admit(
        &mut self,
        path: &Path,
        mut sender: Sender,
        register: &Register,
        phone: &Phone,
        holds: admission::Holds,
    ) {
        if !self.may_be_new(&phone.name) {
            tracing::debug!(peer = %path.peer, device = %phone.name, "registers too often");
            return;
        }
        let shared = Arc::clone(&self.shared);
        let (flow_id, alive) = match &sender {
            Sender::Known(id) => {
                let known = self.flows.get(*id);
                (*id, known.map(|known| Arc::clone(&known.alive)))
            }
            Sender::Stranger(_) => (self.flows.next_id(), None),
        };
        let alive = alive.unwrap_or_default();
        self.accepted(&sender, path);
        let link = Arc::new(DatagramLink {
            flow: flow_id,
            alive: Arc::downgrade(&alive),
            notes: self.notes.clone(),
        });
        let Some(flow) = self.flow(&mut sender) else {
            return;
        };
        let outputs = match flow.admit(&shared, register, phone, holds, link) {
            Ok(outputs) => outputs,
            Err(refusal) => flow.refuse(&shared, register, refusal),
        };
        if let Sender::Stranger(flow) = sender {
            if flow.registrar.device().is_none() {
                let limit = usize::MAX;
                self.act(path, Sender::Stranger(flow), outputs, limit);
                return;
            }
            let device = phone.name.clone();
            self.flows.insert(*flow, *path, device, alive);
        }
        self.act_known(flow_id, Some(path.peer), outputs);
    }

    /// Whether something of a phone may be stored now.
    fn may_store(&mut self, path: &Path, device: &DeviceName) -> bool {
        if self.storing.is_empty() {
            self.stored.clear();
        }
        if self.storing.len() >= STORING {
            tracing::debug!(peer = %path.peer, "too many phones show something new");
            return false;
        }
        // Else it repeats itself meanwhile, or somebody does in its name.
        self.stored.insert(device.clone())
    }

    /// Stores what the phone shows of itself; then it goes on.
    fn store(&mut self, path: &Path, register: Box<Register>, phone: Arc<Phone>) {
        if !self.may_store(path, &phone.name) {
            return;
        }
        let (shared, path) = (Arc::clone(&self.shared), *path);
        self.storing.spawn(async move {
            let shown = admission::serve_as_shown(&shared.parts, &register, &phone, path.peer);
            Stored {
                device: phone.name.clone(),
                path,
                outcome: Outcome::Shown(shown.await),
                register,
                limit: usize::MAX,
            }
        });
    }

    /// Stores a phone that registers by itself; then it goes on.
    fn take_in(&mut self, path: &Path, register: Box<Register>, newcomer: Newcomer, limit: usize) {
        if !self.may_store(path, &newcomer.device) {
            return;
        }
        let (shared, path) = (Arc::clone(&self.shared), *path);
        self.storing.spawn(async move {
            Stored {
                device: newcomer.device.clone(),
                path,
                register,
                outcome: Outcome::Arrived(shared.parts.newcomers.arrived(newcomer).await),
                limit,
            }
        });
    }

    fn stored(&mut self, stored: Stored) {
        let Stored {
            device,
            path,
            register,
            outcome,
            limit,
        } = stored;
        self.stored.remove(&device);
        let mut sender = match self.flows.at(&path) {
            Some(id) => Sender::Known(id),
            None => self.newcomer(&path),
        };
        let shared = Arc::clone(&self.shared);
        let Some(flow) = self.flow(&mut sender) else {
            return;
        };
        let refusal = match outcome {
            Outcome::Arrived(Err(turned_away)) => {
                flow.unknown(&shared, &register, Some(&device), Some(turned_away));
                Some(admission::told(turned_away))
            }
            Outcome::Arrived(Ok(())) | Outcome::Shown(Ok(())) => None,
            Outcome::Shown(Err(refusal)) => Some(refusal),
        };
        let phone = match refusal {
            Some(refusal) => Err(refusal),
            None => flow.authentic(&shared, &register),
        };
        let refusal = match phone {
            // What was stored shows by now, unless somebody changed it: then
            // the phone will ask again.
            Ok(phone) if admission::shows_more(&shared.parts, &register, &phone) => return,
            Ok(_) => {
                self.register(&path, sender, register, limit);
                return;
            }
            Err(refusal) => refusal,
        };
        let outputs = flow.refuse(&shared, &register, refusal);
        self.act(&path, sender, outputs, limit);
    }

    /// A phone may leave from another port than it registered from, with the
    /// Call-ID of its registration or with a proof of who it is.
    fn unregister(&mut self, path: &Path, mut sender: Sender, register: &Register, limit: usize) {
        let shared = Arc::clone(&self.shared);
        let Some(flow) = self.flow(&mut sender) else {
            return;
        };
        let proven = flow.proven(&shared, register);
        let named = match flow.identity(&shared, register, None) {
            Identity::Known(phone) => Some(phone),
            Identity::Unknown(_) | Identity::Contradiction => None,
        };
        if let Some(phone) = proven.as_ref().or(named.as_ref())
            && let Some(id) = self.flows.of(&phone.name, path)
            && let Some(known) = self.flows.get(id)
            && (proven.is_some() || known.flow.registrar.may_leave(register))
        {
            let wall = shared.parts.clock.now();
            let outputs = known.flow.registrar.unbind(register, wall);
            self.act_known(id, Some(path.peer), outputs);
            return;
        }
        if let Some(flow) = self.flow(&mut sender) {
            let outputs = flow.unregister(&shared, register);
            self.act(path, sender, outputs, limit);
        }
    }

    fn word(&mut self, id: FlowId, word: Word) {
        match word {
            Word::Order(order) => {
                let shared = Arc::clone(&self.shared);
                if let Some(known) = self.flows.get(id) {
                    let outputs = known.flow.order(&shared, order);
                    self.act_known(id, None, outputs);
                }
            }
            Word::Retire => {
                if let Some(mut known) = self.flows.remove(id) {
                    known.flow.retire();
                }
            }
        }
    }

    fn on_time(&mut self) {
        let now = self.shared.parts.clock.monotonic();
        while let Some(id) = self.flows.due(now) {
            if let Some(known) = self.flows.get(id) {
                let outputs = known.flow.registrar.on_time(now);
                self.act_known(id, None, outputs);
            }
        }
    }

    fn act(&mut self, path: &Path, sender: Sender, outputs: Vec<Output>, limit: usize) {
        match sender {
            Sender::Known(id) => self.act_known(id, Some(path.peer), outputs),
            Sender::Stranger(mut flow) => {
                for output in outputs {
                    match output {
                        Output::Send(message) => {
                            let port = flow.registrar.destination(&message, path.peer).port();
                            if let Some(packet) = within(message, limit) {
                                self.socket.send(path, port, &packet);
                            }
                        }
                        told => flow.tell(&self.shared, told),
                    }
                }
            }
        }
    }

    /// Does what a flow wants; `from` is where the request came from that is
    /// answered, if one is.
    fn act_known(&mut self, id: FlowId, from: Option<SocketAddr>, outputs: Vec<Output>) {
        let Some(known) = self.flows.get(id) else {
            return;
        };
        // On the host of the flow in any case: at most the port differs.
        let from = from.unwrap_or(known.path.peer);
        for output in outputs {
            match output {
                Output::Send(message) => {
                    tracing::trace!(peer = %known.path.peer, ?message, "SIP sent");
                    let to: SocketAddr = known.flow.registrar.destination(&message, from);
                    self.socket
                        .send(&known.path, to.port(), &message.to_bytes());
                }
                Output::Again(packet, to) => self.socket.send(&known.path, to.port(), &packet),
                Output::Registered => known.flow.told_so(&self.shared),
                told => known.flow.tell(&self.shared, told),
            }
        }
        if known.flow.registrar.device().is_none() {
            if let Some(mut known) = self.flows.remove(id) {
                known.flow.ended(&self.shared, "its registration is over");
            }
        } else {
            self.flows.arm(id);
        }
    }
}

/// A message as short as it must be for somebody who may be anybody; `None`
/// when it cannot be made so.
fn within(mut message: Message, limit: usize) -> Option<Bytes> {
    let packet = message.to_bytes();
    if packet.len() <= limit {
        return Some(packet);
    }
    for spare in [
        HeaderName::ACCEPT,
        HeaderName::ALLOW,
        HeaderName::ALLOW_EVENTS,
        HeaderName::SUPPORTED,
        HeaderName::WARNING,
        HeaderName::SERVER,
    ] {
        message.headers.remove(spare);
    }
    let packet = message.to_bytes();
    (packet.len() <= limit).then_some(packet)
}
