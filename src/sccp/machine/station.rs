//! One phone on one connection, from the first byte to the last.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::family::Family;
use super::registered::Registered;
use super::{AlarmReport, Output, Snapshot, Why};
use crate::model::{OrderKind, Stamp, StationPart, Timestamp};
use crate::sccp::wire::{
    Dialect, PhoneMessage, Register, RegisterAck, ServerMessage, UnregisterStatus,
};

/// What phones are told about keepalives.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Seconds between keepalives.
    pub keepalive: u32,
    /// Seconds between keepalives on a standby connection.
    pub secondary_keepalive: u32,
}

/// How many missed keepalives end a connection.
const MISSED: u32 = 3;

/// How long a connection may say nothing at all after it was opened.
const SILENCE: Duration = Duration::from_secs(30);

/// How long the closing side waits for the phone to close first.
const FAREWELL: Duration = Duration::from_secs(1);

/// How many registrations a connection may ask for in [`WINDOW`]. Each costs
/// the house something, and no phone needs a second one soon.
const REGISTERS: usize = 5;

/// Over which time they are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// How many alarms are kept of a connection that did not register yet.
const ALARMS: usize = 8;

/// How long those alarms wait for the Register that tells whose they are.
const ALARM_WAIT: Duration = Duration::from_secs(10);

#[derive(Debug)]
enum State {
    /// Connected; may be a standby connection that never registers.
    Unregistered,
    /// A Register is being looked into.
    Deciding(Family),
    Registered(Box<Registered>),
}

/// What came before Register.
#[derive(Debug, Default)]
struct Early {
    /// What all of them say.
    report: AlarmReport,
    /// Each with the name that it gives.
    alarms: Vec<(Option<String>, String)>,
    /// When they are told without a Register.
    due: Option<Duration>,
    /// How many there were on this connection.
    count: usize,
}

/// The machine of one connection.
#[derive(Debug)]
pub struct Station {
    settings: Settings,
    state: State,
    early: Early,
    /// When it asked to register.
    registers: VecDeque<Duration>,
    spoke: bool,
    heard: Duration,
    close: Option<(Duration, Why)>,
}

impl Station {
    /// A connection opened at `now` (monotonic).
    pub fn new(settings: Settings, now: Duration) -> Self {
        Self {
            settings,
            state: State::Unregistered,
            early: Early::default(),
            registers: VecDeque::new(),
            spoke: false,
            heard: now,
            close: None,
        }
    }

    /// What the phone is answered from, once it is registered.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        match &self.state {
            State::Registered(registered) => Some(&registered.snapshot),
            State::Unregistered | State::Deciding(_) => None,
        }
    }

    fn registered(&mut self) -> Option<&mut Registered> {
        match &mut self.state {
            State::Registered(registered) => Some(registered),
            State::Unregistered | State::Deciding(_) => None,
        }
    }

    /// Takes a message. `now` is monotonic, `wall` what the clock shows.
    pub fn on_message(
        &mut self,
        message: PhoneMessage,
        now: Duration,
        wall: Timestamp,
    ) -> Vec<Output> {
        if counts_as_life(&message) || self.snapshot().is_some() {
            self.heard = now;
            self.spoke = true;
        }
        match message {
            PhoneMessage::KeepAlive => vec![Output::Send(ServerMessage::KeepAliveAck)],
            PhoneMessage::Alarm(alarm) => {
                let report = AlarmReport::from_text(&alarm.text);
                self.alarm(report, alarm.text, now)
            }
            PhoneMessage::XmlAlarm(xml) => {
                let report = AlarmReport::from_xml(&xml);
                self.alarm(report, AlarmReport::digest(&xml), now)
            }
            // Granted in every state, and of no effect on any: SPA phones ask
            // again and again, also during calls.
            PhoneMessage::RegisterTokenReq(_) => {
                vec![Output::Send(ServerMessage::RegisterTokenAck)]
            }
            PhoneMessage::SpcpRegisterTokenReq(_) => {
                vec![Output::Send(ServerMessage::SpcpRegisterTokenAck(
                    SPCP_FEATURES,
                ))]
            }
            PhoneMessage::Register(register) => self.register(register, now),
            PhoneMessage::Unregister(_) => self.unregister(now),
            other => match self.registered() {
                Some(registered) => registered.on_message(other, now, wall),
                None => vec![Output::Ignored(Box::new(other))],
            },
        }
    }

    fn register(&mut self, register: Box<Register>, now: Duration) -> Vec<Output> {
        if matches!(self.close, Some((_, Why::Refused))) {
            return vec![Output::Ignored(Box::new(PhoneMessage::Register(register)))];
        }
        while self
            .registers
            .front()
            .is_some_and(|at| now.saturating_sub(*at) >= WINDOW)
        {
            self.registers.pop_front();
        }
        if self.registers.len() >= REGISTERS {
            return vec![Output::Close(Why::Insistent)];
        }
        self.registers.push_back(now);
        self.state = State::Deciding(Family::of(register.device_type));
        self.early.due = None;
        let alarms = std::mem::take(&mut self.early.alarms);
        vec![Output::Admit {
            register,
            alarm: std::mem::take(&mut self.early.report),
            alarms: alarms.into_iter().map(|(_, text)| text).collect(),
        }]
    }

    /// An alarm. Before Register it is kept for whoever registers: text alarms
    /// are cut off, and the name may be missing.
    fn alarm(&mut self, report: AlarmReport, text: String, now: Duration) -> Vec<Output> {
        if self.snapshot().is_some() {
            return vec![Output::Alarm(text)];
        }
        if self.early.count < ALARMS {
            self.early.count += 1;
            self.early.alarms.push((report.name.clone(), text));
        }
        self.early.due.get_or_insert(now + ALARM_WAIT);
        self.early.report.absorb(report);
        Vec::new()
    }

    /// The alarms after which nobody registered: what they say is not of a
    /// registration that comes later on a standby connection.
    fn early_alarms(&mut self) -> Vec<Output> {
        self.early.due = None;
        self.early.report = AlarmReport::default();
        std::mem::take(&mut self.early.alarms)
            .into_iter()
            .filter_map(|(name, text)| Some(Output::EarlyAlarm { name: name?, text }))
            .collect()
    }

    /// The phone is registered and answered from `snapshot` from here on.
    pub fn admitted(&mut self, snapshot: Snapshot, dialect: Dialect) -> Vec<Output> {
        let family = match self.state {
            State::Deciding(family) => family,
            State::Unregistered | State::Registered(_) => Family::USUAL,
        };
        let keepalive = spread(self.settings.keepalive, snapshot.device.as_str());
        let ack = RegisterAck {
            keep_alive: keepalive,
            date_template: snapshot.station.date_template.clone(),
            secondary_keep_alive: self.settings.secondary_keepalive,
            version: dialect.version,
        };
        let registered = Registered::new(snapshot, dialect, family, keepalive);
        self.state = State::Registered(Box::new(registered));
        self.close = None;
        // Of the next life, should it fall back to none.
        self.early.count = 0;
        vec![
            Output::Send(ServerMessage::RegisterAck(ack)),
            Output::Send(ServerMessage::CapabilitiesReq),
        ]
    }

    /// The phone is refused, with a text for its display.
    pub fn refused(&mut self, text: &str, now: Duration) -> Vec<Output> {
        self.state = State::Unregistered;
        self.close = Some((now + FAREWELL, Why::Refused));
        vec![Output::Send(ServerMessage::RegisterReject(text.to_owned()))]
    }

    /// Sends a restart or reset.
    pub fn order(&mut self, order: OrderKind, now: Duration) -> Vec<Output> {
        self.registered()
            .map(|registered| registered.order(order, now))
            .unwrap_or_default()
    }

    /// Shows new labels and prompt without a restart.
    pub fn refresh(&mut self, station: StationPart, stamp: Stamp) -> Vec<Output> {
        self.registered()
            .map(|registered| registered.refresh(station, stamp))
            .unwrap_or_default()
    }

    /// Shows a line of text for so many seconds, 0 until something else is
    /// shown; an empty one clears it.
    pub fn show(&mut self, text: &str, seconds: u32, now: Duration) -> Vec<Output> {
        self.registered()
            .map(|registered| registered.show(text, seconds, now))
            .unwrap_or_default()
    }

    /// Pushes an XML object.
    pub fn push(&mut self, xml: Bytes) -> Vec<Output> {
        self.registered()
            .map(|registered| registered.push(xml))
            .unwrap_or_default()
    }

    /// The connection ended, `by_phone` or by us. A phone that ends it after
    /// an order obeys in its rude way (7960 and SPA phones just close).
    pub fn on_closed(&mut self, by_phone: bool) -> Vec<Output> {
        let mut outputs = self.early_alarms();
        let ordered = self
            .registered()
            .is_some_and(|registered| registered.order.take().is_some());
        if ordered && by_phone {
            outputs.push(Output::OrderAccepted);
        }
        outputs
    }

    /// When [`Station::on_time`] is to be called (monotonic).
    pub fn deadline(&self) -> Duration {
        let registered = match &self.state {
            State::Registered(registered) => registered.deadline(),
            State::Unregistered | State::Deciding(_) => None,
        };
        let close = self.close.map(|(at, _)| at);
        let silence = self.heard.saturating_add(self.patience());
        [registered, close, self.early.due]
            .into_iter()
            .flatten()
            .fold(silence, Duration::min)
    }

    /// For how long the connection may say nothing.
    fn patience(&self) -> Duration {
        let missed = |interval: u32| Duration::from_secs(u64::from(interval) * u64::from(MISSED));
        match &self.state {
            State::Registered(registered) => {
                let usual = missed(registered.keepalive);
                let usual = if registered.family.is_late {
                    usual + usual / 5
                } else {
                    usual
                };
                // Phones in a call are late by up to as much again.
                if registered.is_used() {
                    usual * 2
                } else {
                    usual
                }
            }
            // Standby connections are legal and idle for long.
            State::Unregistered | State::Deciding(_) if self.spoke => {
                let secondary = self.settings.secondary_keepalive;
                missed(secondary.max(self.settings.keepalive)) * 2
            }
            State::Unregistered | State::Deciding(_) => SILENCE,
        }
    }

    /// Time passed: what is due.
    pub fn on_time(&mut self, now: Duration) -> Vec<Output> {
        if let Some((at, why)) = self.close
            && at <= now
        {
            return vec![Output::Close(why)];
        }
        let mut outputs = Vec::new();
        if self.early.due.is_some_and(|at| at <= now) {
            outputs.extend(self.early_alarms());
        }
        if let Some(registered) = self.registered() {
            outputs.extend(registered.on_time(now));
        }
        if self.heard.saturating_add(self.patience()) <= now {
            let why = if self.spoke {
                Why::NoKeepalive
            } else {
                Why::Silent
            };
            outputs.push(Output::Close(why));
        }
        outputs
    }

    /// A phone that wants to leave may, in every state: refused, it would stay
    /// with what it has.
    fn unregister(&mut self, now: Duration) -> Vec<Output> {
        let mut outputs = vec![Output::Send(ServerMessage::UnregisterAck(
            UnregisterStatus::OK,
        ))];
        if let Some(registered) = self.registered() {
            if registered.order.take().is_some() {
                outputs.push(Output::OrderAccepted);
            }
            outputs.push(Output::Unregistered);
        }
        self.state = State::Unregistered;
        self.close = Some((now + FAREWELL, Why::Unregistered));
        outputs
    }
}

/// What a connection that is not registered may say to be kept open.
fn counts_as_life(message: &PhoneMessage) -> bool {
    matches!(
        message,
        PhoneMessage::KeepAlive
            | PhoneMessage::Alarm(_)
            | PhoneMessage::XmlAlarm(_)
            | PhoneMessage::RegisterTokenReq(_)
            | PhoneMessage::SpcpRegisterTokenReq(_)
            | PhoneMessage::Register(_)
    )
}

/// Up to a tenth more or less, the same for a phone each time: ten thousand
/// phones that came back together do not beat together.
fn spread(interval: u32, device: &str) -> u32 {
    let tenth = interval / 10;
    let sum = device.bytes().fold(0u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    interval - tenth + sum % (2 * tenth + 1)
}

/// What SPA phones are granted with a token.
const SPCP_FEATURES: u32 = 65535;
