//! One TCP connection: frames in, the flow, messages out.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::flow::{Decision, Flow};
use super::shared::Shared;
use super::{admission, random};
use crate::ports::Sign;
use crate::registry::{ConnectionLink, Word, canonical, receive};
use crate::sip::machine::{Output, Refusal, Register, Registrar};
use crate::sip::wire::{Framer, Transport};

/// A phone that does not read for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

struct Connection {
    shared: Arc<Shared>,
    flow: Flow,
    stream: TcpStream,
    link: ConnectionLink,
    /// It sent a REGISTER of any kind.
    registers: bool,
}

/// What ends a connection.
type Ended = String;

/// Serves one connection to its end.
pub(super) async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    cancel: CancellationToken,
) {
    let (Ok(local), Ok(seed)) = (stream.local_addr(), random()) else {
        return;
    };
    let (peer, local) = (canonical(peer), canonical(local));
    let ends = shared.ends(peer, local, Transport::Tcp);
    let (link, words) = ConnectionLink::new();
    let now = shared.parts.clock.monotonic();
    let registrar = Registrar::new(Arc::clone(&shared.machine), ends, seed, now);
    let mut connection = Connection {
        flow: Flow::new(peer, local, registrar),
        shared,
        stream,
        link,
        registers: false,
    };
    let why = connection.work(words, cancel.clone()).await;
    if !connection.registers && !cancel.is_cancelled() {
        connection
            .flow
            .sign(&connection.shared, Sign::NoSipRegister, &why);
    }
    connection.flow.ended(&connection.shared, &why);
}

impl Connection {
    async fn work(&mut self, mut words: mpsc::Receiver<Word>, cancel: CancellationToken) -> Ended {
        let mut framer = Framer::default();
        let mut input = BytesMut::new();
        loop {
            let clock = &self.shared.parts.clock;
            let wake = clock.sleep_until(self.flow.registrar.deadline());
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
                    Some(Word::Order(order)) => self.flow.order(&self.shared, order),
                    Some(Word::Retire) => {
                        self.flow.retire();
                        return "a newer registration took over".into();
                    }
                    None => return "the link is gone".into(),
                },
                () = wake => {
                    let now = self.shared.parts.clock.monotonic();
                    self.flow.registrar.on_time(now)
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
                    tracing::trace!(peer = %self.flow.peer, ?frame, "SIP received");
                    self.flow.heard(&self.shared);
                    let (now, wall) = self.shared.times();
                    self.flow.registrar.on_frame(frame, now, wall)
                }
                Ok(None) => return Ok(()),
                Err(error) => {
                    tracing::debug!(peer = %self.flow.peer, %error, "the stream cannot be read on");
                    self.flow.registrar.on_broken(&error)
                }
            };
            self.act(outputs).await?;
        }
    }

    /// Does what the machine wants, with as few writes as its order allows.
    async fn act(&mut self, outputs: Vec<Output>) -> Result<(), Ended> {
        let mut queue = VecDeque::from(outputs);
        let mut bytes = BytesMut::new();
        while let Some(output) = queue.pop_front() {
            match output {
                Output::Send(message) => {
                    tracing::trace!(peer = %self.flow.peer, ?message, "SIP sent");
                    bytes.extend_from_slice(&message.to_bytes());
                }
                Output::Again(packet, _) => bytes.extend_from_slice(&packet),
                Output::Pong => bytes.extend_from_slice(b"\r\n"),
                Output::Register(register) => {
                    self.registers = true;
                    // Once in two minutes: its room is not kept.
                    let outputs = Box::pin(self.register(&register)).await;
                    outputs
                        .into_iter()
                        .rev()
                        .for_each(|output| queue.push_front(output));
                }
                Output::Unregister(register) => {
                    self.registers = true;
                    let outputs = self.flow.unregister(&self.shared, &register);
                    outputs
                        .into_iter()
                        .rev()
                        .for_each(|output| queue.push_front(output));
                }
                Output::Registered => {
                    // What it holds counts once it was told so.
                    self.flush(&mut bytes).await?;
                    self.flow.told_so(&self.shared);
                }
                Output::Close(why) => {
                    self.flush(&mut bytes).await?;
                    return Err(why.to_string());
                }
                told => self.flow.tell(&self.shared, told),
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
            Err(refusal) => self.flow.refuse(&self.shared, register, refusal),
        }
    }

    async fn decide(&mut self, register: &Register) -> Result<Vec<Output>, Refusal> {
        let shared = Arc::clone(&self.shared);
        if let Some(newcomer) = self.flow.newcomer(&shared, register)? {
            let device = newcomer.device.clone();
            if self
                .flow
                .registrar
                .device()
                .is_some_and(|own| *own != device)
            {
                return Err(Refusal::Forbidden("Another phone is on this connection"));
            }
            match shared.parts.newcomers.arrived(newcomer).await {
                Ok(()) => {}
                Err(turned_away) => {
                    let (device, why) = (Some(&device), Some(turned_away));
                    self.flow.unknown(&shared, register, device, why);
                    return Err(admission::told(turned_away));
                }
            }
        }
        let phone = self.flow.authentic(&shared, register)?;
        let holds = match self.flow.decide(&shared, register, &phone)? {
            Decision::Said(outputs) => return Ok(outputs),
            Decision::New(holds) => holds,
        };
        admission::serve_as_shown(&shared.parts, register, &phone, self.flow.peer).await?;
        let link = Arc::new(self.link.clone());
        self.flow.admit(&shared, register, &phone, holds, link)
    }
}
