//! What a registered phone asks and does, and what it is answered.
//!
//! Phones ask in an order of their own: whatever is asked is answered, at any
//! time. An index that is not there is answered empty, as silence makes a 7960
//! wait and then register anew.

use std::time::Duration;

use super::registered::{Registered, select_keys};
use super::{Output, Snapshot, soft_keys};
use crate::model::Timestamp;
use crate::sccp::wire::{
    ButtonType, CallRef, Instance, KeySetIndex, PhoneMessage, ServerMessage, SoftKeyEvent,
};

impl Registered {
    pub(super) fn on_message(
        &mut self,
        message: PhoneMessage,
        now: Duration,
        wall: Timestamp,
    ) -> Vec<Output> {
        use PhoneMessage as M;
        let snapshot = &self.snapshot;
        let answer = match message {
            M::ButtonTemplateReq => {
                let parts = snapshot.button_template(self.family.least_buttons);
                return parts.into_iter().map(Output::Send).collect();
            }
            M::SoftKeyTemplateReq => ServerMessage::SoftKeyTemplate(soft_keys::template()),
            M::SoftKeySetReq => {
                let idle = select_keys(KeySetIndex::ON_HOOK, Instance::DEVICE, CallRef::NONE);
                return vec![
                    Output::Send(ServerMessage::SoftKeySets(soft_keys::sets())),
                    Output::Send(idle),
                ];
            }
            M::ConfigStatReq => snapshot.config(),
            M::LineStatReq(line) => snapshot.line(line),
            M::SpeedDialStatReq(index) => snapshot.speed_dial(index),
            M::FeatureStatReq(asked) => snapshot.feature(asked.index),
            M::ServiceUrlStatReq(index) => Snapshot::service_url(index),
            M::ForwardStatReq(line) => Snapshot::forward(line),
            M::VersionReq => snapshot.version(),
            M::ServerReq => snapshot.servers(),
            M::TimeDateReq => return self.time_asked(wall),
            M::RegisterAvailableLines(_) => {
                self.lines_told(now);
                return Vec::new();
            }
            other => return self.on_key(other, now),
        };
        vec![Output::Send(answer)]
    }

    /// What is done to the phone by hand, and what it says of itself.
    fn on_key(&mut self, message: PhoneMessage, now: Duration) -> Vec<Output> {
        use PhoneMessage as M;
        match message {
            M::OffHook(event) => {
                self.is_lifted = true;
                self.off_hook(event.line, now)
            }
            M::OnHook(_) => self.hung_up(now),
            M::EnblocCall(call) => self.off_hook(call.line, now),
            M::SoftKeyEvent(press) if press.event == SoftKeyEvent::NEW_CALL => {
                self.off_hook_by_key(press.line, now)
            }
            M::SoftKeyEvent(press) if press.event == SoftKeyEvent::END_CALL => self.put_back(now),
            M::Stimulus(pressed)
                if matches!(
                    pressed.stimulus,
                    ButtonType::LINE | ButtonType::SPEED_DIAL | ButtonType::BLF_SPEED_DIAL
                ) =>
            {
                self.off_hook_by_key(Instance(1), now)
            }
            M::DeviceToUserDataResponse(answer) => match self.push_answered(&answer) {
                Some(told) => vec![told],
                None => ignored(M::DeviceToUserDataResponse(answer)),
            },
            other => ignored(other),
        }
    }
}

fn ignored(message: PhoneMessage) -> Vec<Output> {
    vec![Output::Ignored(Box::new(message))]
}
