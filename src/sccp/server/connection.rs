//! One connection: frames in, the machine, frames out.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::codec::{Decoder, Encoder};
use tokio_util::sync::CancellationToken;

use super::admission::{self, Admitted};
use super::{Parts, Settings};
use crate::model::{DeviceName, OrderKind, StationPart, stamp_of};
use crate::ports::{Event, EventKind, LinkOrder, Shown};
use crate::registry::{ConnectionLink, Word, canonical, receive};
use crate::sccp::machine::{Output, Station};
use crate::sccp::wire::{
    Dialect, FrameCodec, Opaque, ServerMessage, UserData, decode_phone, encode_server,
};

/// A phone that does not read for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// The registration that this connection carries.
struct Registered {
    device: DeviceName,
    generation: u64,
}

struct Connection {
    parts: Parts,
    settings: Settings,
    peer: SocketAddr,
    local: SocketAddr,
    stream: TcpStream,
    station: Station,
    dialect: Dialect,
    registered: Option<Registered>,
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
    cancel: CancellationToken,
) {
    let Ok(local) = stream.local_addr().map(canonical) else {
        return;
    };
    let (link, words) = ConnectionLink::new();
    let station = Station::new(settings.station, parts.clock.monotonic());
    let mut connection = Connection {
        parts,
        settings,
        peer,
        local,
        stream,
        station,
        dialect: Dialect::BASIC,
        registered: None,
        link,
    };
    let why = connection.work(words, cancel).await;
    connection.ended(&why);
}

impl Connection {
    async fn work(&mut self, mut words: mpsc::Receiver<Word>, cancel: CancellationToken) -> Ended {
        let mut codec = FrameCodec;
        let mut input = BytesMut::new();
        loop {
            let wake = self.parts.clock.sleep_until(self.station.deadline());
            let outputs = tokio::select! {
                () = cancel.cancelled() => return "the server stops".into(),
                read = receive(&self.stream, &mut input, 2048) => match read {
                    Ok(0) => return "the phone closed the connection".into(),
                    Err(error) => return format!("the connection broke: {error}"),
                    Ok(_) => {
                        if let Err(ended) = self.frames(&mut codec, &mut input).await {
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
                    self.station.on_time(now)
                }
            };
            if let Err(ended) = self.act(outputs).await {
                return ended;
            }
        }
    }

    async fn frames(&mut self, codec: &mut FrameCodec, input: &mut BytesMut) -> Result<(), Ended> {
        loop {
            let frame = match codec.decode(input) {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(()),
                Err(error) => return Err(format!("it sent no SCCP: {error}")),
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
            let (now, wall) = (self.parts.clock.monotonic(), self.parts.clock.now());
            let outputs = self.station.on_message(message, now, wall);
            self.act(outputs).await?;
        }
    }

    fn order(&mut self, order: LinkOrder) -> Vec<Output> {
        match order {
            LinkOrder::Restart => self.station.order(OrderKind::Restart),
            LinkOrder::Reset => self.station.order(OrderKind::Reset),
            LinkOrder::Refresh(station) => {
                let station: StationPart = *station;
                let stamp = stamp_of(&station, &[]);
                self.station.refresh(station, stamp)
            }
            LinkOrder::Show(text) => self.station.show(&text),
            LinkOrder::Push(xml) => {
                let data = UserData {
                    data: Opaque::from(xml),
                    ..UserData::default()
                };
                let parts = data.parts(self.dialect).unwrap_or_default();
                parts
                    .into_iter()
                    .map(|part| Output::Send(ServerMessage::UserToDeviceData(part)))
                    .collect()
            }
        }
    }

    /// Does what the machine wants: all that is to be sent in one write.
    async fn act(&mut self, outputs: Vec<Output>) -> Result<(), Ended> {
        let mut queue = std::collections::VecDeque::from(outputs);
        let mut bytes = BytesMut::new();
        while let Some(output) = queue.pop_front() {
            match output {
                Output::Send(message) => self.put(&message, &mut bytes)?,
                Output::Admit { register, alarm } => {
                    self.flush(&mut bytes).await?;
                    // Once in a registration: its room is not kept.
                    let admit = self.admit(&register, &alarm, &mut bytes);
                    let outputs = Box::pin(admit).await?;
                    for output in outputs.into_iter().rev() {
                        queue.push_front(output);
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

    fn put(&self, message: &ServerMessage, bytes: &mut BytesMut) -> Result<(), Ended> {
        tracing::trace!(peer = %self.peer, ?message, "SCCP sent");
        FrameCodec
            .encode(encode_server(message, self.dialect), bytes)
            .map_err(|error| error.to_string())
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

    async fn admit(
        &mut self,
        register: &crate::sccp::wire::Register,
        alarm: &crate::sccp::machine::AlarmReport,
        bytes: &mut BytesMut,
    ) -> Result<Vec<Output>, Ended> {
        // Registering again on the same connection, as the same phone or as
        // another, ends what it carried: its own link must not be retired.
        self.leave("it registers anew");
        let ends = (self.peer, self.local);
        let admitted = admission::admit(
            &self.parts,
            &self.settings,
            register,
            alarm,
            ends,
            self.link.clone(),
        )
        .await;
        match admitted {
            Ok(Admitted {
                device,
                generation,
                snapshot,
                dialect,
                sighting,
            }) => {
                self.dialect = dialect;
                self.registered = Some(Registered { device, generation });
                for output in self.station.admitted(snapshot, dialect) {
                    if let Output::Send(message) = output {
                        self.put(&message, bytes)?;
                    }
                }
                // What it holds counts once it was told so.
                self.flush(bytes).await?;
                self.parts.sightings.registered(sighting);
                Ok(Vec::new())
            }
            Err(text) => {
                let kind = EventKind::RegistrationRefused {
                    protocol: crate::model::Protocol::Sccp,
                    peer: self.peer,
                    why: text.to_owned(),
                };
                let device = DeviceName::new(&register.device_name).ok();
                self.parts.journal.record(Event {
                    at: self.parts.clock.now(),
                    device,
                    kind,
                });
                Ok(self.station.refused(text, self.parts.clock.monotonic()))
            }
        }
    }

    fn tell(&mut self, told: Output) {
        let Some(Registered { device, generation }) = &self.registered else {
            match told {
                Output::Alarm(text) => {
                    tracing::debug!(peer = %self.peer, text = shortened(&text), "alarm");
                }
                Output::Ignored(message) => {
                    tracing::debug!(peer = %self.peer, ?message, "ignored before Register");
                }
                _ => {}
            }
            return;
        };
        let (parts, generation) = (&self.parts, *generation);
        let record = |kind| {
            let at = parts.clock.now();
            parts.journal.record(Event {
                at,
                device: Some(device.clone()),
                kind,
            });
        };
        match told {
            Output::Alarm(text) => record(EventKind::Alarm {
                text: shortened(&text),
            }),
            Output::InCall(in_call) => {
                if parts.registry.set_in_call(device, generation, in_call) && !in_call {
                    parts.sightings.idle(device);
                }
            }
            Output::OrderAccepted => parts.sightings.order_accepted(device, generation),
            Output::Unregistered => {
                record(EventKind::Unregistered {
                    why: "it unregistered".into(),
                });
                if parts.registry.leave(device, generation) {
                    parts.sightings.unregistered(device, generation);
                }
                self.registered = None;
            }
            Output::Refreshed(stamp) => {
                let shown = Shown {
                    file: None,
                    station: Some(stamp),
                };
                parts.sightings.refreshed(device, generation, shown);
            }
            Output::InService => tracing::debug!(%device, "in service"),
            Output::Ignored(message) => {
                tracing::debug!(%device, ?message, "a message that is not acted on");
            }
            Output::Send(_) | Output::Admit { .. } | Output::Close(_) => {}
        }
    }

    fn ended(&mut self, why: &str) {
        for output in self.station.on_closed() {
            self.tell(output);
        }
        tracing::debug!(peer = %self.peer, why, "an SCCP connection ended");
        self.leave(why);
    }

    /// Ends the registration that this connection carries, if it is still the
    /// newest of its phone.
    fn leave(&mut self, why: &str) {
        if let Some(Registered { device, generation }) = self.registered.take()
            && self.parts.registry.leave(&device, generation)
        {
            let at = self.parts.clock.now();
            let kind = EventKind::Unregistered {
                why: why.to_owned(),
            };
            self.parts.journal.record(Event {
                at,
                device: Some(device.clone()),
                kind,
            });
            self.parts.sightings.unregistered(&device, generation);
        }
    }
}

/// Alarms may be long; a line is enough.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
