//! One phone on one connection.

use std::time::Duration;

use super::snapshot::Snapshot;
use super::{AlarmReport, soft_keys};
use crate::model::{OrderKind, Stamp, StationPart, Timestamp};
use crate::sccp::wire::{
    ButtonType, CallRef, CallState, CallStateInfo, Dialect, DisplayPromptStatus, Instance,
    KeySetIndex, LampMode, PhoneMessage, Register, RegisterAck, ResetType, SelectSoftKeys,
    ServerMessage, SetLamp, SoftKeyEvent, StartTone, StopTone, Text, Tone, ToneDirection,
    UnregisterStatus,
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

/// How long a phone without a call service shows why before it is put back.
const NO_SERVICE: Duration = Duration::from_secs(4);

/// Why a connection is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It never said a word.
    Silent,
    /// Its keepalives stopped.
    NoKeepalive,
    /// Its registration was refused.
    Refused,
    /// It unregistered.
    Unregistered,
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Silent => "it said nothing after connecting",
            Self::NoKeepalive => "its keepalives stopped",
            Self::Refused => "its registration was refused",
            Self::Unregistered => "it unregistered",
        })
    }
}

/// What the machine wants done, in this order.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send this.
    Send(ServerMessage),
    /// It wants to register: answer with [`Station::admitted`] or
    /// [`Station::refused`].
    Admit {
        /// What it says of itself.
        register: Box<Register>,
        /// What it said before.
        alarm: AlarmReport,
    },
    /// It sent an alarm.
    Alarm(String),
    /// It considers itself in service.
    InService,
    /// It went off-hook or on-hook.
    InCall(bool),
    /// It obeys the order that was sent.
    OrderAccepted,
    /// It unregistered.
    Unregistered,
    /// It shows this station part now.
    Refreshed(Stamp),
    /// A message that is not acted on.
    Ignored(Box<PhoneMessage>),
    /// Close the connection.
    Close(Why),
}

#[derive(Debug)]
enum State {
    /// Connected; may be a standby connection that never registers.
    Unregistered,
    /// A Register is being looked into.
    Deciding,
    Registered(Box<Snapshot>),
}

/// The machine of one connection.
#[derive(Debug)]
pub struct Station {
    settings: Settings,
    state: State,
    /// What this phone was told, seconds.
    keepalive: u32,
    alarm: AlarmReport,
    spoke: bool,
    heard: Duration,
    off_hook: bool,
    ordered: bool,
    put_back: Option<Duration>,
    close: Option<(Duration, Why)>,
}

impl Station {
    /// A connection opened at `now` (monotonic).
    pub fn new(settings: Settings, now: Duration) -> Self {
        Self {
            settings,
            state: State::Unregistered,
            keepalive: settings.keepalive,
            alarm: AlarmReport::default(),
            spoke: false,
            heard: now,
            off_hook: false,
            ordered: false,
            put_back: None,
            close: None,
        }
    }

    /// What the phone is answered from, once it is registered.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        match &self.state {
            State::Registered(snapshot) => Some(snapshot),
            State::Unregistered | State::Deciding => None,
        }
    }

    /// Takes a message. `now` is monotonic, `wall` what the clock shows.
    pub fn on_message(
        &mut self,
        message: PhoneMessage,
        now: Duration,
        wall: Timestamp,
    ) -> Vec<Output> {
        self.heard = now;
        self.spoke = true;
        match message {
            PhoneMessage::KeepAlive => vec![Output::Send(ServerMessage::KeepAliveAck)],
            PhoneMessage::Alarm(alarm) => {
                self.alarm = AlarmReport::from_text(&alarm.text);
                vec![Output::Alarm(alarm.text)]
            }
            PhoneMessage::XmlAlarm(xml) => {
                self.alarm = AlarmReport::from_xml(&xml);
                vec![Output::Alarm(xml)]
            }
            PhoneMessage::RegisterTokenReq(_) => {
                vec![Output::Send(ServerMessage::RegisterTokenAck)]
            }
            PhoneMessage::SpcpRegisterTokenReq(_) => {
                vec![Output::Send(ServerMessage::SpcpRegisterTokenAck(
                    SPCP_FEATURES,
                ))]
            }
            PhoneMessage::Register(register) => {
                self.state = State::Deciding;
                self.ordered = false;
                let alarm = std::mem::take(&mut self.alarm);
                vec![Output::Admit { register, alarm }]
            }
            PhoneMessage::Unregister(_) => self.unregister(now),
            other => self.registered_message(other, now, wall),
        }
    }

    /// The phone is registered and answered from `snapshot` from here on.
    pub fn admitted(&mut self, snapshot: Snapshot, dialect: Dialect) -> Vec<Output> {
        self.keepalive = spread(self.settings.keepalive, snapshot.device.as_str());
        let ack = RegisterAck {
            keep_alive: self.keepalive,
            date_template: snapshot.station.date_template.clone(),
            secondary_keep_alive: self.settings.secondary_keepalive,
            version: dialect.version,
        };
        self.state = State::Registered(Box::new(snapshot));
        self.off_hook = false;
        self.put_back = None;
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

    /// Sends an order.
    pub fn order(&mut self, order: OrderKind) -> Vec<Output> {
        let kind = match order {
            OrderKind::Restart => ResetType::RESTART,
            OrderKind::Reset => ResetType::RESET,
            OrderKind::Refresh => return Vec::new(),
        };
        if self.snapshot().is_none() {
            return Vec::new();
        }
        self.ordered = true;
        vec![Output::Send(ServerMessage::Reset(kind))]
    }

    /// Shows new labels and prompt without a restart.
    pub fn refresh(&mut self, station: StationPart, stamp: Stamp) -> Vec<Output> {
        let State::Registered(snapshot) = &mut self.state else {
            return Vec::new();
        };
        snapshot.station = station;
        snapshot.stamp = stamp;
        let mut outputs: Vec<Output> = snapshot
            .lines()
            .into_iter()
            .map(|line| snapshot.line(line))
            .chain(
                snapshot
                    .speed_dials()
                    .into_iter()
                    .map(|dial| snapshot.speed_dial(dial)),
            )
            .map(Output::Send)
            .collect();
        outputs.push(prompt(snapshot.prompt(), 0));
        outputs.push(Output::Refreshed(stamp));
        outputs
    }

    /// Shows a line of text until the phone is idle again; empty clears it.
    pub fn show(&self, text: &str) -> Vec<Output> {
        match self.snapshot() {
            None => Vec::new(),
            Some(snapshot) if text.is_empty() => vec![prompt(snapshot.prompt(), 0)],
            Some(_) => vec![prompt(Text::default().words(text), 0)],
        }
    }

    /// The connection ended. Tells whether the order that was sent was obeyed
    /// in this rude way (7960 and SPA phones just close).
    pub fn on_closed(&mut self) -> Vec<Output> {
        let obeyed = std::mem::take(&mut self.ordered) && self.snapshot().is_some();
        if obeyed {
            vec![Output::OrderAccepted]
        } else {
            Vec::new()
        }
    }

    /// When [`Station::on_time`] is to be called (monotonic).
    pub fn deadline(&self) -> Duration {
        let close = self.close.map(|(at, _)| at);
        [Some(self.heard + self.patience()), self.put_back, close]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(Duration::MAX)
    }

    fn patience(&self) -> Duration {
        let seconds = |interval: u32| Duration::from_secs(u64::from(interval) * u64::from(MISSED));
        match self.state {
            State::Registered(_) => {
                let registered = seconds(self.keepalive);
                // Phones in a call are late by up to as much again.
                if self.off_hook {
                    registered * 2
                } else {
                    registered
                }
            }
            // Standby connections are legal and idle for long.
            State::Unregistered | State::Deciding if self.spoke => {
                seconds(
                    self.settings
                        .secondary_keepalive
                        .max(self.settings.keepalive),
                ) * 2
            }
            State::Unregistered | State::Deciding => SILENCE,
        }
    }

    /// Time passed.
    pub fn on_time(&mut self, now: Duration) -> Vec<Output> {
        if let Some((at, why)) = self.close
            && at <= now
        {
            return vec![Output::Close(why)];
        }
        if self.put_back.is_some_and(|at| at <= now) {
            return self.put_back();
        }
        if self.heard + self.patience() <= now {
            let why = if self.spoke {
                Why::NoKeepalive
            } else {
                Why::Silent
            };
            return vec![Output::Close(why)];
        }
        Vec::new()
    }

    fn unregister(&mut self, now: Duration) -> Vec<Output> {
        let mut outputs = vec![Output::Send(ServerMessage::UnregisterAck(
            UnregisterStatus::OK,
        ))];
        if self.snapshot().is_some() {
            if std::mem::take(&mut self.ordered) {
                outputs.push(Output::OrderAccepted);
            }
            outputs.push(Output::Unregistered);
        }
        self.state = State::Unregistered;
        self.close = Some((now + FAREWELL, Why::Unregistered));
        outputs
    }

    fn registered_message(
        &mut self,
        message: PhoneMessage,
        now: Duration,
        wall: Timestamp,
    ) -> Vec<Output> {
        let State::Registered(snapshot) = &self.state else {
            return vec![Output::Ignored(Box::new(message))];
        };
        let answer = match message {
            PhoneMessage::ButtonTemplateReq => {
                return snapshot
                    .button_template()
                    .into_iter()
                    .map(Output::Send)
                    .collect();
            }
            PhoneMessage::SoftKeyTemplateReq => {
                ServerMessage::SoftKeyTemplate(soft_keys::template())
            }
            PhoneMessage::SoftKeySetReq => {
                return vec![
                    Output::Send(ServerMessage::SoftKeySets(soft_keys::sets())),
                    select_keys(KeySetIndex::ON_HOOK, Instance::DEVICE, CallRef::NONE),
                ];
            }
            PhoneMessage::ConfigStatReq => snapshot.config(),
            PhoneMessage::LineStatReq(line) => snapshot.line(line),
            PhoneMessage::SpeedDialStatReq(index) => snapshot.speed_dial(index),
            PhoneMessage::FeatureStatReq(asked) => Snapshot::feature(asked.index),
            PhoneMessage::ServiceUrlStatReq(index) => Snapshot::service_url(index),
            PhoneMessage::ForwardStatReq(line) => Snapshot::forward(line),
            PhoneMessage::VersionReq => snapshot.version(),
            PhoneMessage::ServerReq => snapshot.servers(),
            PhoneMessage::TimeDateReq => return in_service(snapshot, wall),
            PhoneMessage::OffHook(event) => return self.off_hook(event.line, now),
            PhoneMessage::OnHook(_) => return self.on_hook(),
            PhoneMessage::SoftKeyEvent(press) if press.event == SoftKeyEvent::NEW_CALL => {
                let mut outputs = vec![Output::Send(ServerMessage::SetSpeakerMode(true))];
                outputs.extend(self.off_hook(press.line, now));
                return outputs;
            }
            PhoneMessage::SoftKeyEvent(press) if press.event == SoftKeyEvent::END_CALL => {
                return self.put_back();
            }
            PhoneMessage::Stimulus(pressed)
                if matches!(pressed.stimulus, ButtonType::LINE | ButtonType::SPEED_DIAL) =>
            {
                let mut outputs = vec![Output::Send(ServerMessage::SetSpeakerMode(true))];
                outputs.extend(self.off_hook(Instance(1), now));
                return outputs;
            }
            PhoneMessage::EnblocCall(call) => return self.off_hook(call.line, now),
            other => return vec![Output::Ignored(Box::new(other))],
        };
        vec![Output::Send(answer)]
    }

    /// Calls are not built: say so, in tone and words, and put the phone back
    /// after a while.
    fn off_hook(&mut self, line: Instance, now: Duration) -> Vec<Output> {
        let line = if line == Instance::DEVICE {
            Instance(1)
        } else {
            line
        };
        let was = std::mem::replace(&mut self.off_hook, true);
        self.put_back = Some(now + NO_SERVICE);
        let mut outputs = Vec::new();
        if !was {
            outputs.push(Output::InCall(true));
        }
        outputs.extend([
            call_state(CallState::OFF_HOOK, line),
            select_keys(KeySetIndex::OFF_HOOK, line, CALL),
            prompt_on(Text::default().words("No call service"), line),
            Output::Send(ServerMessage::StartTone(StartTone {
                tone: Tone::REORDER,
                direction: ToneDirection::default(),
                line,
                call: CALL,
            })),
        ]);
        outputs
    }

    /// Ends the tone and takes the phone off the line. A handset that is still
    /// lifted stays so until it is put down; the speaker is switched off.
    fn put_back(&mut self) -> Vec<Output> {
        self.put_back = None;
        let mut outputs = vec![Output::Send(ServerMessage::SetSpeakerMode(false))];
        outputs.extend(self.on_hook());
        outputs
    }

    fn on_hook(&mut self) -> Vec<Output> {
        let was = std::mem::replace(&mut self.off_hook, false);
        self.put_back = None;
        let State::Registered(snapshot) = &self.state else {
            return Vec::new();
        };
        let line = Instance(1);
        let mut outputs = vec![
            Output::Send(ServerMessage::StopTone(StopTone {
                line,
                call: CALL,
                tone: Tone::REORDER,
            })),
            call_state(CallState::ON_HOOK, line),
            Output::Send(ServerMessage::ClearPromptStatus { line, call: CALL }),
            select_keys(KeySetIndex::ON_HOOK, Instance::DEVICE, CallRef::NONE),
            prompt(snapshot.prompt(), 0),
        ];
        if was {
            outputs.push(Output::InCall(false));
        }
        outputs
    }
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

/// The one call there can be: lifted, without a call service.
const CALL: CallRef = CallRef(0x0100_0001);

/// After the time the phone is in service: nothing of the last user remains.
fn in_service(snapshot: &Snapshot, wall: Timestamp) -> Vec<Output> {
    let mut outputs = vec![
        Output::Send(snapshot.time_date(wall)),
        Output::Send(ServerMessage::SetLamp(SetLamp {
            stimulus: ButtonType::VOICE_MAIL,
            instance: Instance::DEVICE,
            mode: LampMode::OFF,
        })),
    ];
    outputs.extend(
        snapshot
            .lines()
            .into_iter()
            .map(|line| Output::Send(Snapshot::forward(line))),
    );
    outputs.extend([
        prompt(snapshot.prompt(), 0),
        select_keys(KeySetIndex::ON_HOOK, Instance::DEVICE, CallRef::NONE),
        Output::InService,
    ]);
    outputs
}

fn select_keys(set: KeySetIndex, line: Instance, call: CallRef) -> Output {
    let mask = SelectSoftKeys::ALL;
    Output::Send(ServerMessage::SelectSoftKeys(SelectSoftKeys {
        line,
        call,
        set,
        mask,
    }))
}

fn call_state(state: CallState, line: Instance) -> Output {
    Output::Send(ServerMessage::CallState(CallStateInfo::new(
        state, line, CALL,
    )))
}

fn prompt(text: Text, timeout: u32) -> Output {
    let (line, call) = (Instance::DEVICE, CallRef::NONE);
    Output::Send(ServerMessage::DisplayPromptStatus(DisplayPromptStatus {
        timeout,
        text,
        line,
        call,
    }))
}

fn prompt_on(text: Text, line: Instance) -> Output {
    Output::Send(ServerMessage::DisplayPromptStatus(DisplayPromptStatus {
        timeout: 0,
        text,
        line,
        call: CALL,
    }))
}
