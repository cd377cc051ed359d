//! What is done with a request.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ports::{FileAnswer, FileRequest, FileService, FileSource, Undelivered};
use crate::tftp::machine::{Outcome, Terms};
use crate::tftp::wire::{ErrorCode, Mode, Packet, Request, WireError};

use super::Settings;
use super::courier::{Courier, Ending};
use super::listener::{BUFFER, Ends, Listener, datagrams};
use super::sockets::TransferPorts;
use super::table::{Admission, Asked, Slot, Table};

/// Pause after the listening socket failed, so that a lasting failure does not
/// occupy a processor.
const BREATH: Duration = Duration::from_millis(50);

/// Troubles of the system are told this often at most.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// Octets of a file name that a log line shows.
const SHOWN: usize = 160;

/// What all listeners and transfers share.
pub(super) struct Service {
    source: Arc<dyn FileSource>,
    terms: Terms,
    ports: TransferPorts,
    table: Arc<Table>,
    /// The tasks of running transfers.
    pub(super) transfers: TaskTracker,
    /// Ends them all at once.
    pub(super) stop: CancellationToken,
    complained: Mutex<Option<Instant>>,
}

/// Hears requests until cancelled.
pub(super) async fn listen(
    service: Arc<Service>,
    listener: Arc<Listener>,
    cancel: CancellationToken,
) {
    let mut buffer = vec![0; BUFFER];
    loop {
        let received = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            received = listener.receive(&mut buffer) => received,
        };
        match received {
            Ok(meta) => {
                let Some(ends) = listener.ends(&meta) else {
                    continue;
                };
                for datagram in datagrams(&buffer, &meta) {
                    service.on_datagram(&listener, ends, datagram);
                }
            }
            Err(error) => {
                service.complain("cannot receive TFTP requests", &error);
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

impl Service {
    pub(super) fn new(settings: Settings, source: Arc<dyn FileSource>) -> Self {
        let terms = settings.terms();
        let table = Table::new(settings.max_transfers, settings.max_per_address);
        Self {
            source,
            terms,
            ports: TransferPorts::new(settings.ports),
            table: Arc::new(table),
            transfers: TaskTracker::new(),
            stop: CancellationToken::new(),
            complained: Mutex::new(None),
        }
    }

    /// A datagram at the listening port. Only requests belong here; what is
    /// part of a transfer went astray and is passed over.
    fn on_datagram(self: &Arc<Self>, listener: &Arc<Listener>, ends: Ends, datagram: &[u8]) {
        let refuse = |name: &[u8], code, text| {
            self.answer(listener, &ends, &Packet::error(code, text));
            tell(name, &ends, 0, &Told::Refused(text));
        };
        match Packet::parse(datagram) {
            Ok(Packet::Read(request)) => match request.mode {
                Mode::Octet | Mode::Netascii => self.read(listener, ends, request),
                Mode::Mail | Mode::Other(_) => refuse(
                    &request.name,
                    ErrorCode::IllegalOperation,
                    "Only modes octet and netascii",
                ),
            },
            Ok(Packet::Write(request)) => {
                refuse(&request.name, ErrorCode::AccessViolation, "Read only");
            }
            Err(WireError::UnknownOpcode(_)) => {
                refuse(b"", ErrorCode::IllegalOperation, "Unknown opcode");
            }
            Err(WireError::NoMode | WireError::RequestTooLong) => {
                refuse(b"", ErrorCode::IllegalOperation, "Malformed request");
            }
            Ok(
                Packet::Data { .. }
                | Packet::Ack { .. }
                | Packet::Error { .. }
                | Packet::OptionAck(_),
            )
            | Err(WireError::TooShort) => {}
        }
    }

    fn read(self: &Arc<Self>, listener: &Arc<Listener>, ends: Ends, request: Request) {
        let asked = Asked {
            request,
            local: ends.local,
        };
        match self.table.admit(ends.peer, asked) {
            Admission::New(slot) => {
                let service = Arc::clone(self);
                let listener = Arc::clone(listener);
                self.transfers
                    .spawn(async move { service.serve(&listener, &ends, slot).await });
            }
            Admission::Repeated => {}
            Admission::Full => tracing::debug!(peer = %ends.peer, "tftp: too many transfers"),
        }
    }

    /// Serves a request, and again as long as it is asked again.
    async fn serve(&self, listener: &Listener, ends: &Ends, slot: Slot) {
        let mut held = Some(slot);
        while let Some(slot) = held {
            let (octets, told) = self.serve_once(listener, ends, &slot).await;
            tell(&slot.asked.request.name, ends, octets, &told);
            held = slot.again();
        }
    }

    async fn serve_once(&self, listener: &Listener, ends: &Ends, slot: &Slot) -> (usize, Told) {
        let request = FileRequest {
            name: slot.asked.request.name.clone(),
            peer: ends.peer,
            local: ends.local,
            service: FileService::Tftp,
        };
        let (body, ticket) = match self.source.fetch(&request) {
            FileAnswer::Found { body, ticket } => (body, ticket),
            FileAnswer::NotFound => {
                let error = Packet::error(ErrorCode::FileNotFound, "File not found");
                self.answer(listener, ends, &error);
                return (0, Told::NotFound);
            }
            FileAnswer::Refused(why) => {
                let error = Packet::error(ErrorCode::AccessViolation, why);
                self.answer(listener, ends, &error);
                return (0, Told::Refused(why));
            }
            FileAnswer::Busy => return (0, Told::Busy),
        };
        let file = (&slot.asked.request, body);
        let courier = self
            .ports
            .open(ends.local)
            .and_then(|s| Courier::set_out(s, ends.peer, &slot.signals, file, &self.terms));
        let courier = match courier {
            Ok(courier) => courier,
            Err(error) => {
                self.complain("cannot open a TFTP transfer port", &error);
                return (0, Told::NoPort(error));
            }
        };
        let octets = courier.size();
        let (ending, unsent) = courier.run(&self.stop).await;
        match &ending {
            Ending::Over(Outcome::Delivered) => self.source.delivered(&request, ticket),
            Ending::Over(Outcome::Aborted(error)) => {
                let why = Undelivered::TurnedAway(format!("{} {}", error.code, error.text));
                self.source.undelivered(&request, &why);
            }
            Ending::Over(Outcome::NoAnswer) if !slot.signals.is_heard() => {
                self.source
                    .undelivered(&request, &Undelivered::NotAcknowledged);
            }
            Ending::Over(Outcome::NoAnswer)
            | Ending::Restarted
            | Ending::Replaced
            | Ending::Stopped => {}
        }
        (octets, Told::Ended(ending, unsent))
    }

    /// Sends one packet that begins no transfer: from a port of its own, as
    /// every server that phones know does it, or else from the listening one,
    /// because a phone must not wait for a *not found*.
    fn answer(&self, listener: &Listener, ends: &Ends, packet: &Packet<'_>) {
        let packet = packet.encode();
        let sent = match self.ports.open(ends.local) {
            Ok(socket) => socket.send_to(&packet, ends.peer).map(|_| ()),
            Err(_) => listener.answer(ends, &packet),
        };
        if let Err(error) = sent {
            tracing::debug!(peer = %ends.peer, %error, "tftp: answer not sent");
        }
    }

    /// Tells the operator of a trouble of the system, now and then.
    fn complain(&self, what: &str, error: &io::Error) {
        let mut last = self
            .complained
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        #[allow(clippy::disallowed_methods)] // paces log lines, nothing else
        let now = Instant::now();
        if last.is_none_or(|last| now.duration_since(last) >= COMPLAIN_EVERY) {
            *last = Some(now);
            tracing::warn!(%error, "{what}");
        }
    }
}

/// What became of a request, for its log line.
enum Told {
    Refused(&'static str),
    NotFound,
    Busy,
    NoPort(io::Error),
    Ended(Ending, Option<io::Error>),
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::NotFound => f.write_str("not found"),
            Self::Busy => f.write_str("busy, no answer"),
            Self::NoPort(error) => write!(f, "no port for the transfer: {error}"),
            Self::Ended(Ending::Over(Outcome::Delivered), _) => f.write_str("delivered"),
            Self::Ended(Ending::Over(Outcome::Aborted(error)), _) => {
                write!(f, "the client ended it: {} {}", error.code, error.text)
            }
            Self::Ended(Ending::Over(Outcome::NoAnswer), None) => f.write_str("no answer"),
            Self::Ended(Ending::Over(Outcome::NoAnswer), Some(error)) => {
                write!(f, "no answer; sending failed: {error}")
            }
            Self::Ended(Ending::Replaced, _) => f.write_str("the client asked something else"),
            Self::Ended(Ending::Restarted, _) => f.write_str("the client started anew"),
            Self::Ended(Ending::Stopped, _) => f.write_str("stopped"),
        }
    }
}

/// One line for each request, after its outcome is known.
fn tell(name: &[u8], ends: &Ends, octets: usize, told: &Told) {
    let name = name.get(..SHOWN).unwrap_or(name);
    tracing::debug!(
        file = %name.escape_ascii(),
        peer = %ends.peer,
        local = %ends.local,
        octets,
        outcome = %told,
        "tftp"
    );
}
