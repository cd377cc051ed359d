//! A lifted phone while calls are not built: it hears and reads why, and is
//! put back after a while.

use std::time::Duration;

use super::Output;
use super::registered::Registered;
use crate::sccp::wire::{
    CallRef, CallState, CallStateInfo, Instance, KeySetIndex, ServerMessage, StartTone, StopTone,
    Tone, ToneDirection,
};

/// How long a phone without a call service shows why before it is put back.
const NO_SERVICE: Duration = Duration::from_secs(4);

/// How long after that a handset counts as lifted without a word of it: the
/// off-hook may have been the key of a loudspeaker which told no on-hook when
/// it was switched off.
const FORGOTTEN: Duration = Duration::from_secs(300);

/// The one call there can be: lifted, without a call service.
const CALL: CallRef = CallRef(0x0100_0001);

impl Registered {
    /// The handset was lifted, or a key did as much.
    pub(super) fn off_hook(&mut self, line: Instance, now: Duration) -> Vec<Output> {
        let line = if line == Instance::DEVICE {
            Instance(1)
        } else {
            line
        };
        self.off_hook = true;
        self.put_back = Some(now + NO_SERVICE);
        self.forgotten = None;
        let mut outputs: Vec<Output> = self.use_changed(now).into_iter().collect();
        outputs.push(call_state(CallState::OFF_HOOK, line));
        outputs.extend(self.keys(KeySetIndex::OFF_HOOK, line, CALL));
        outputs.extend(self.call_prompt("No call service", line, CALL));
        outputs.push(Output::Send(ServerMessage::StartTone(StartTone {
            tone: Tone::REORDER,
            direction: ToneDirection::default(),
            line,
            call: CALL,
        })));
        outputs
    }

    /// As [`Self::off_hook`], on the loudspeaker: a key was pressed.
    pub(super) fn off_hook_by_key(&mut self, line: Instance, now: Duration) -> Vec<Output> {
        let mut outputs = vec![Output::Send(ServerMessage::SetSpeakerMode(true))];
        outputs.extend(self.off_hook(line, now));
        outputs
    }

    /// Ends the tone and takes the phone off the line. A handset that is still
    /// lifted stays so until it is put down, and the phone is in use as long;
    /// the speaker is switched off.
    pub(super) fn put_back(&mut self, now: Duration) -> Vec<Output> {
        self.forgotten = self.is_lifted.then(|| now + FORGOTTEN);
        let mut outputs = vec![Output::Send(ServerMessage::SetSpeakerMode(false))];
        outputs.extend(self.on_hook(now));
        outputs
    }

    /// The handset was put down.
    pub(super) fn hung_up(&mut self, now: Duration) -> Vec<Output> {
        self.is_lifted = false;
        self.forgotten = None;
        self.on_hook(now)
    }

    /// Nothing was heard of the handset for long after the phone was put back:
    /// it counts as put down.
    pub(super) fn forget_handset(&mut self, now: Duration) -> Option<Output> {
        self.is_lifted = false;
        self.forgotten = None;
        self.use_changed(now)
    }

    /// The phone is off the line.
    fn on_hook(&mut self, now: Duration) -> Vec<Output> {
        self.off_hook = false;
        self.put_back = None;
        let line = Instance(1);
        let mut outputs = vec![
            Output::Send(ServerMessage::StopTone(StopTone {
                line,
                call: CALL,
                tone: Tone::REORDER,
            })),
            call_state(CallState::ON_HOOK, line),
            Output::Send(ServerMessage::ClearPromptStatus { line, call: CALL }),
        ];
        outputs.extend(self.keys(KeySetIndex::ON_HOOK, Instance::DEVICE, CallRef::NONE));
        outputs.extend(self.idle_prompt());
        outputs.extend(self.use_changed(now));
        outputs
    }

    /// What is told when somebody begins to use the phone, or nobody does any
    /// more: then the time of its order begins.
    fn use_changed(&mut self, now: Duration) -> Option<Output> {
        let is_used = self.is_used();
        let was = std::mem::replace(&mut self.told_used, is_used);
        if was && !is_used {
            self.is_idle(now);
        }
        (was != is_used).then_some(Output::InCall(is_used))
    }
}

fn call_state(state: CallState, line: Instance) -> Output {
    Output::Send(ServerMessage::CallState(CallStateInfo::new(
        state, line, CALL,
    )))
}
