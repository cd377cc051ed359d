//! What somebody does at the phone, and what the phone does by itself.

use super::*;
use crate::sccp::wire::{
    ButtonType, CallRef, HookEvent, Instance, KeypadButton, KeypadKey, SoftKeyEvent, SoftKeyPress,
    Stimulus,
};

fn uses(station: &mut Station, message: PhoneMessage) -> usize {
    let outputs = station.on_message(message, at(10), WALL);
    outputs
        .iter()
        .filter(|output| matches!(output, Output::Used))
        .count()
}

/// CME, *max-idle-time*: the timer restarts at off-hook, and at any other use.
#[test]
fn the_hook_and_every_key_are_use() {
    let hook = HookEvent::default();
    for message in [
        PhoneMessage::OffHook(hook),
        PhoneMessage::OnHook(hook),
        PhoneMessage::HookFlash(hook),
        PhoneMessage::KeypadButton(KeypadButton {
            key: KeypadKey(5),
            line: Instance(1),
            call: CallRef::NONE,
        }),
        PhoneMessage::Stimulus(Stimulus {
            stimulus: ButtonType::VOICE_MAIL,
            instance: Instance(1),
            call: CallRef::NONE,
            status: 0,
        }),
        PhoneMessage::SoftKeyEvent(SoftKeyPress {
            event: SoftKeyEvent::NEW_CALL,
            line: Instance(1),
            call: CallRef::NONE,
        }),
    ] {
        let mut station = registered(20);
        assert_eq!(uses(&mut station, message.clone()), 1, "{message:?}");
        let mut stranger = Station::new(SETTINGS, at(0));
        assert_eq!(uses(&mut stranger, message), 0, "of no phone");
    }
}

#[test]
fn keepalives_and_questions_are_none() {
    let mut station = registered(20);
    for message in [
        PhoneMessage::KeepAlive,
        PhoneMessage::TimeDateReq,
        PhoneMessage::ButtonTemplateReq,
        PhoneMessage::LineStatReq(Instance(1)),
        PhoneMessage::HeadsetStatus(true),
        PhoneMessage::RegisterAvailableLines(1),
        PhoneMessage::VersionReq,
    ] {
        assert_eq!(uses(&mut station, message.clone()), 0, "{message:?}");
    }
}
