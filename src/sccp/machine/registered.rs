//! What lasts as long as one registration. A new one on the same connection
//! begins with none of it.

use std::time::Duration;

use super::family::{Family, Screen};
use super::orders::SentOrder;
use super::push::Pushes;
use super::{Output, Snapshot};
use crate::model::Timestamp;
use crate::sccp::wire::{
    ButtonType, CallRef, Dialect, DisplayPromptStatus, Instance, KeySetIndex, LampMode,
    SelectSoftKeys, ServerMessage, SetLamp, Text,
};

/// SPA phones and some others never ask for the time: so long after their
/// lines they are in service all the same.
const WITHOUT_TIME: Duration = Duration::from_secs(2);

/// How far the phone has come into service.
#[derive(Debug, Default)]
struct Service {
    /// It told its lines, and is in service at this time.
    due: Option<Duration>,
    /// It was told the time.
    timed: bool,
    /// It is in service.
    reached: bool,
}

/// A registered phone.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) snapshot: Snapshot,
    pub(super) dialect: Dialect,
    pub(super) family: Family,
    /// What this phone was told, seconds.
    pub(super) keepalive: u32,
    service: Service,
    /// Off-hook as we keep it: a lifted phone is put back after a while.
    pub(super) off_hook: bool,
    /// Whether the handset itself lies beside the phone.
    pub(super) is_lifted: bool,
    /// Whether it was told as being in use.
    pub(super) told_used: bool,
    pub(super) put_back: Option<Duration>,
    /// When a lifted handset counts as put down.
    pub(super) forgotten: Option<Duration>,
    pub(super) order: Option<SentOrder>,
    /// When a text on a phone with one line of it makes room again.
    pub(super) notice_ends: Option<Duration>,
    pub(super) pushes: Pushes,
}

impl Registered {
    pub(super) fn new(
        snapshot: Snapshot,
        dialect: Dialect,
        family: Family,
        keepalive: u32,
    ) -> Self {
        Self {
            snapshot,
            dialect,
            family,
            keepalive,
            service: Service::default(),
            off_hook: false,
            is_lifted: false,
            told_used: false,
            put_back: None,
            forgotten: None,
            order: None,
            notice_ends: None,
            pushes: Pushes::default(),
        }
    }

    /// Whether somebody uses it, by our account or by the handset.
    pub(super) fn is_used(&self) -> bool {
        self.off_hook || self.is_lifted
    }

    /// The next time at which something of this registration is due.
    pub(super) fn deadline(&self) -> Option<Duration> {
        [
            self.put_back,
            self.forgotten,
            self.service.due,
            self.notice_ends,
            self.order_due(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What is due at `now`.
    pub(super) fn on_time(&mut self, now: Duration) -> Vec<Output> {
        let mut outputs = Vec::new();
        if self.put_back.is_some_and(|at| at <= now) {
            outputs.extend(self.put_back(now));
        }
        if self.forgotten.is_some_and(|at| at <= now) {
            outputs.extend(self.forget_handset(now));
        }
        if self.service.due.is_some_and(|at| at <= now) {
            outputs.extend(self.welcome());
            outputs.extend(self.reached());
        }
        if self.notice_ends.is_some_and(|at| at <= now) {
            self.notice_ends = None;
            outputs.extend(self.idle_prompt());
        }
        outputs.extend(self.overdue(now));
        outputs
    }

    /// It told its lines: the last that an SPA phone says on its way in.
    pub(super) fn lines_told(&mut self, now: Duration) {
        if !self.service.reached && self.service.due.is_none() {
            self.service.due = Some(now + WITHOUT_TIME);
        }
    }

    /// It asks for the time: the last that a phone of Cisco's asks.
    pub(super) fn time_asked(&mut self, wall: Timestamp) -> Vec<Output> {
        let mut outputs = vec![Output::Send(self.snapshot.time_date(wall))];
        // 7940 and 7960 pass over lamps that were set before the time.
        if !std::mem::replace(&mut self.service.timed, true) {
            outputs.extend(self.welcome());
        }
        outputs.extend(self.reached());
        outputs
    }

    fn reached(&mut self) -> Option<Output> {
        self.service.due = None;
        let was = std::mem::replace(&mut self.service.reached, true);
        (!was).then_some(Output::InService)
    }

    /// Nothing of the last user remains: lamp, forwards, prompt, keys.
    fn welcome(&self) -> Vec<Output> {
        let mut outputs = vec![Output::Send(ServerMessage::SetLamp(SetLamp {
            stimulus: ButtonType::VOICE_MAIL,
            instance: Instance::DEVICE,
            mode: LampMode::OFF,
        }))];
        let lines = self.snapshot.lines().into_iter();
        outputs.extend(lines.map(|line| Output::Send(Snapshot::forward(line))));
        outputs.extend(self.idle_prompt());
        outputs.extend(self.keys(KeySetIndex::ON_HOOK, Instance::DEVICE, CallRef::NONE));
        outputs
    }

    /// What the display says while the phone is idle.
    pub(super) fn idle_prompt(&self) -> Option<Output> {
        let said = match (self.family.screen, &self.snapshot.station.prompt) {
            (Screen::Prompt, _) => prompt(self.snapshot.prompt(), Instance::DEVICE, CallRef::NONE),
            (Screen::Line, Some(words)) => ServerMessage::DisplayText(Text::default().words(words)),
            (Screen::Line, None) => ServerMessage::ClearDisplay,
            (Screen::None, _) => return None,
        };
        Some(Output::Send(said))
    }

    /// Words on the display for as long as a call lasts.
    pub(super) fn call_prompt(&self, words: &str, line: Instance, call: CallRef) -> Option<Output> {
        let text = Text::default().words(words);
        let said = match self.family.screen {
            Screen::Prompt => prompt(text, line, call),
            Screen::Line => ServerMessage::DisplayText(text),
            Screen::None => return None,
        };
        Some(Output::Send(said))
    }

    /// The soft keys of a state, on phones that have any.
    pub(super) fn keys(&self, set: KeySetIndex, line: Instance, call: CallRef) -> Option<Output> {
        self.family
            .soft_keys
            .then(|| Output::Send(select_keys(set, line, call)))
    }
}

pub(super) fn select_keys(set: KeySetIndex, line: Instance, call: CallRef) -> ServerMessage {
    let mask = SelectSoftKeys::ALL;
    ServerMessage::SelectSoftKeys(SelectSoftKeys {
        line,
        call,
        set,
        mask,
    })
}

fn prompt(text: Text, line: Instance, call: CallRef) -> ServerMessage {
    ServerMessage::DisplayPromptStatus(DisplayPromptStatus {
        timeout: 0,
        text,
        line,
        call,
    })
}
