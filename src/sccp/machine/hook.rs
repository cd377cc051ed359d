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
        let was = std::mem::replace(&mut self.off_hook, true);
        self.put_back = Some(now + NO_SERVICE);
        let mut outputs = Vec::new();
        if !was {
            outputs.push(Output::InCall(true));
        }
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
    /// lifted stays so until it is put down; the speaker is switched off.
    pub(super) fn put_back(&mut self, now: Duration) -> Vec<Output> {
        let mut outputs = vec![Output::Send(ServerMessage::SetSpeakerMode(false))];
        outputs.extend(self.on_hook(now));
        outputs
    }

    /// The phone is idle again.
    pub(super) fn on_hook(&mut self, now: Duration) -> Vec<Output> {
        let was = std::mem::replace(&mut self.off_hook, false);
        self.put_back = None;
        self.is_idle(now);
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
        if was {
            outputs.push(Output::InCall(false));
        }
        outputs
    }
}

fn call_state(state: CallState, line: Instance) -> Output {
    Output::Send(ServerMessage::CallState(CallStateInfo::new(
        state, line, CALL,
    )))
}
