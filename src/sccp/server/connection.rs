//! One connection: frames in, the machine, frames out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::codec::{Decoder, Encoder};
use tokio_util::sync::CancellationToken;

use super::admission::{self, Admitted};
use super::crowd::Member;
use super::quiet::EarlyLines;
use super::stage::Stage;
use super::{Parts, Settings};
use crate::model::{DeviceName, OrderKind, StationPart, stamp_of};
use crate::ports::{Event, EventKind, LinkOrder, Shown};
use crate::registry::{ConnectionLink, Word, canonical, receive};
use crate::sccp::machine::{Output, Station};
use crate::sccp::wire::{Dialect, FrameCodec, ServerMessage, decode_phone, encode_server};

/// A phone that does not read for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// The registration that this connection carries.
struct Registered {
    device: DeviceName,
    generation: u64,
}

/// What a connection shares with the others of its port.
pub(super) struct Shared {
    pub(super) parts: Parts,
    pub(super) settings: Settings,
    pub(super) early: Arc<EarlyLines>,
}

struct Connection {
    parts: Parts,
    settings: Settings,
    early: Arc<EarlyLines>,
    member: Member,
    peer: SocketAddr,
    local: SocketAddr,
    stream: TcpStream,
    station: Station,
    stage: Stage,
    dialect: Dialect,
    registered: Option<Registered>,
    /// The way to the registration that this connection carries: kept here so
    /// that `words` stays open while nobody is registered.
    link: ConnectionLink,
    words: mpsc::Receiver<Word>,
}

/// Answers that wait for one write, bytes: beyond this they leave at once, so
/// that a phone which asks without reading fills its own queue and not ours.
const ANSWERS: usize = 16 * 1024;

/// What ended a connection.
struct Ended {
    why: String,
    by_phone: bool,
}

impl Ended {
    fn by_us(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            by_phone: false,
        }
    }

    fn by_phone(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            by_phone: true,
        }
    }
}

/// Serves one connection to its end.
pub(super) async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Shared,
    member: Member,
    cancel: CancellationToken,
) {
    let Shared {
        parts,
        settings,
        early,
    } = shared;
    let Ok(local) = stream.local_addr().map(canonical) else {
        return;
    };
    let (link, words) = ConnectionLink::new();
    let station = Station::new(settings.station, parts.clock.monotonic());
    let mut connection = Connection {
        parts,
        settings,
        early,
        member,
        peer,
        local,
        stream,
        station,
        stage: Stage::default(),
        dialect: Dialect::BASIC,
        registered: None,
        link,
        words,
    };
    let ended = connection.work(cancel).await;
    connection.ended(&ended);
}

impl Connection {
    async fn work(&mut self, cancel: CancellationToken) -> Ended {
        let mut codec = FrameCodec;
        let mut input = BytesMut::new();
        loop {
            let wake = self.parts.clock.sleep_until(self.station.deadline());
            let outputs = tokio::select! {
                () = cancel.cancelled() => return Ended::by_us("the server stops"),
                // Who registered just now is no stranger any more.
                () = self.member.leaves().cancelled(), if self.registered.is_none() => {
                    return Ended::by_us("it made room for others");
                }
                read = receive(&self.stream, &mut input, 2048) => match read {
                    Ok(0) => return Ended::by_phone("the phone closed the connection"),
                    Err(error) => {
                        return Ended::by_phone(format!("the connection broke: {error}"));
                    }
                    Ok(_) => {
                        if let Err(ended) = self.frames(&mut codec, &mut input).await {
                            return ended;
                        }
                        continue;
                    }
                },
                word = self.words.recv() => match word {
                    Some(Word::Order(order)) => self.order(order),
                    Some(Word::Retire) => {
                        // Somebody newer holds the name: leave without a word.
                        self.registered = None;
                        return Ended::by_us("a newer registration took over");
                    }
                    None => return Ended::by_us("the link is gone"),
                },
                () = wake => {
                    let now = self.parts.clock.monotonic();
                    self.station.on_time(now)
                }
            };
            let mut bytes = BytesMut::new();
            let acted = self.act(outputs, &mut bytes).await;
            if let Err(ended) = acted.and(self.flush(&mut bytes).await) {
                return ended;
            }
        }
    }

    /// Every message that is there whole, and then the answers to all in one
    /// write: phones ask several things in one segment.
    async fn frames(&mut self, codec: &mut FrameCodec, input: &mut BytesMut) -> Result<(), Ended> {
        let mut bytes = BytesMut::new();
        loop {
            let frame = match codec.decode(input) {
                Ok(Some(frame)) => frame,
                Ok(None) => return self.flush(&mut bytes).await,
                Err(error) => {
                    self.flush(&mut bytes).await?;
                    self.stage.garbled();
                    return Err(Ended::by_us(format!("it sent no SCCP: {error}")));
                }
            };
            let message = match decode_phone(&frame, self.dialect) {
                Ok(message) => message,
                Err(error) => {
                    tracing::debug!(peer = %self.peer, %error, "a message was ignored");
                    continue;
                }
            };
            if let Some(registered) = &self.registered {
                let now = self.parts.clock.now();
                self.parts
                    .registry
                    .heard(&registered.device, registered.generation, now);
            }
            self.stage.heard(&message);
            let (now, wall) = (self.parts.clock.monotonic(), self.parts.clock.now());
            let outputs = self.station.on_message(message, now, wall);
            self.act(outputs, &mut bytes).await?;
            self.member.spoke(self.registered.is_some());
            if bytes.len() > ANSWERS {
                self.flush(&mut bytes).await?;
            }
        }
    }

    fn order(&mut self, order: LinkOrder) -> Vec<Output> {
        let now = self.parts.clock.monotonic();
        match order {
            LinkOrder::Restart => self.station.order(OrderKind::Restart, now),
            LinkOrder::Reset => self.station.order(OrderKind::Reset, now),
            LinkOrder::Refresh(station) => {
                let station: StationPart = *station;
                let stamp = stamp_of(&station, &[]);
                self.station.refresh(station, stamp)
            }
            LinkOrder::Show(notice) => self.station.show(&notice.text, notice.seconds, now),
            LinkOrder::Push(xml) => self.station.push(xml.into()),
        }
    }

    /// Does what the machine wants; what is to be sent is added to `bytes`.
    async fn act(&mut self, outputs: Vec<Output>, bytes: &mut BytesMut) -> Result<(), Ended> {
        for output in outputs {
            match output {
                Output::Send(message) => self.put(&message, bytes)?,
                Output::Admit {
                    register,
                    alarm,
                    alarms,
                } => {
                    self.flush(bytes).await?;
                    let told = admission::Told {
                        register,
                        alarm,
                        alarms,
                    };
                    // Once in a registration: its room is not kept.
                    Box::pin(self.admit(&told, bytes)).await?;
                }
                Output::Close(why) => {
                    self.flush(bytes).await?;
                    return Err(Ended::by_us(why.to_string()));
                }
                told => self.tell(told),
            }
        }
        Ok(())
    }

    fn put(&self, message: &ServerMessage, bytes: &mut BytesMut) -> Result<(), Ended> {
        tracing::trace!(peer = %self.peer, ?message, "SCCP sent");
        FrameCodec
            .encode(encode_server(message, self.dialect), bytes)
            .map_err(|error| Ended::by_us(error.to_string()))
    }

    async fn flush(&mut self, bytes: &mut BytesMut) -> Result<(), Ended> {
        if bytes.is_empty() {
            return Ok(());
        }
        let written = tokio::time::timeout(WRITE_TIMEOUT, self.stream.write_all(bytes)).await;
        bytes.clear();
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Ended::by_phone(format!("the connection broke: {error}"))),
            Err(_) => Err(Ended::by_us("it does not read what it is sent")),
        }
    }

    async fn admit(&mut self, told: &admission::Told, bytes: &mut BytesMut) -> Result<(), Ended> {
        // Registering again on the same connection, as the same phone or as
        // another, ends what it carried: its own link must not be retired.
        self.leave("it registers anew");
        let ends = (self.peer, self.local);
        // Nor is what was ordered of it for the one that comes.
        (self.link, self.words) = ConnectionLink::new();
        let link = self.link.clone();
        let answers = match admission::admit(&self.parts, &self.settings, told, ends, link).await {
            Ok(Admitted {
                device,
                generation,
                snapshot,
                dialect,
                sighting,
            }) => {
                self.dialect = dialect;
                self.registered = Some(Registered { device, generation });
                let answers = self.station.admitted(snapshot, dialect);
                self.put_all(answers, bytes)?;
                // What it holds counts once it was told so.
                self.flush(bytes).await?;
                self.parts.sightings.registered(sighting);
                return Ok(());
            }
            Err(text) => {
                let kind = EventKind::RegistrationRefused {
                    protocol: crate::model::Protocol::Sccp,
                    peer: self.peer,
                    why: text.to_owned(),
                };
                let device = DeviceName::new(&told.register.device_name).ok();
                self.record(device, kind);
                self.station.refused(text, self.parts.clock.monotonic())
            }
        };
        self.put_all(answers, bytes)
    }

    fn put_all(&self, outputs: Vec<Output>, bytes: &mut BytesMut) -> Result<(), Ended> {
        for output in outputs {
            if let Output::Send(message) = output {
                self.put(&message, bytes)?;
            }
        }
        Ok(())
    }

    fn record(&self, device: Option<DeviceName>, kind: EventKind) {
        let at = self.parts.clock.now();
        self.parts.journal.record(Event { at, device, kind });
    }

    /// An alarm of a phone that did not register afterwards. Whoever sends it
    /// may name whom he likes, so where it came from is told with it.
    fn early_alarm(&self, name: &str, text: &str) {
        let device = DeviceName::new(name).ok();
        let known = device.filter(|device| self.parts.store.world().phone(device).is_some());
        let Some(device) = known else {
            tracing::debug!(peer = %self.peer, text = shortened(text), "alarm of a stranger");
            return;
        };
        let text = format!(
            "{} (from {}, which did not register)",
            shortened(text),
            self.peer.ip()
        );
        if self.early.take(&device, self.parts.clock.now()) {
            self.record(Some(device), EventKind::Alarm { text });
        }
    }

    fn tell(&mut self, told: Output) {
        if let Output::EarlyAlarm { name, text } = &told {
            return self.early_alarm(name, text);
        }
        let Some(Registered { device, generation }) = &self.registered else {
            if let Output::Ignored(message) = told {
                tracing::debug!(peer = %self.peer, ?message, "ignored before Register");
            }
            return;
        };
        let (parts, generation) = (&self.parts, *generation);
        match told {
            Output::Alarm(text) => {
                let text = shortened(&text);
                self.record(Some(device.clone()), EventKind::Alarm { text });
            }
            Output::Note(text) => {
                self.record(Some(device.clone()), EventKind::Note { text });
            }
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
            Output::Unregistered => self.leave("it unregistered"),
            Output::Refreshed(stamp) => {
                let shown = Shown {
                    file: None,
                    station: Some(stamp),
                };
                parts.sightings.refreshed(device, generation, shown);
            }
            Output::InService => self.stage.in_service(),
            Output::Ignored(message) => {
                tracing::debug!(%device, ?message, "a message that is not acted on");
            }
            Output::Send(_)
            | Output::Admit { .. }
            | Output::EarlyAlarm { .. }
            | Output::Close(_) => {}
        }
    }

    fn ended(&mut self, ended: &Ended) {
        if let Some(sign) = self.stage.ends(self.registered.is_some(), ended.by_phone) {
            let device = self.registered.as_ref().map(|own| own.device.clone());
            let detail = shortened(&ended.why);
            let peer = self.peer;
            self.record(device, EventKind::Sign { sign, peer, detail });
        }
        for output in self.station.on_closed(ended.by_phone) {
            self.tell(output);
        }
        tracing::debug!(peer = %self.peer, why = ended.why, "an SCCP connection ended");
        self.leave(&ended.why);
    }

    /// Ends the registration that this connection carries, if it is still the
    /// newest of its phone.
    fn leave(&mut self, why: &str) {
        if let Some(Registered { device, generation }) = self.registered.take()
            && self.parts.registry.leave(&device, generation)
        {
            let kind = EventKind::Unregistered {
                why: why.to_owned(),
            };
            self.record(Some(device.clone()), kind);
            self.parts.sightings.unregistered(&device, generation);
        }
    }
}

/// Alarms may be long; a line is enough.
pub(super) fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
