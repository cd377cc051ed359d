//! What the user does: hook, dial pad, buttons, soft keys.

use crate::sccp::wire::buffer::{Reader, Writer, gap_before_line};
use crate::sccp::wire::number::{ButtonType, CallRef, Instance, KeypadKey, SoftKeyEvent};
use crate::sccp::wire::{DecodeError, MessageId};

/// The handset was lifted or put back. Old phones say nothing more, or zeros; a
/// 7940/7960 may give the number of the button in place of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HookEvent {
    /// On this line, or [`Instance::DEVICE`].
    pub line: Instance,
    /// In this call, or [`CallRef::NONE`].
    pub call: CallRef,
}

impl HookEvent {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
        }
    }

    pub(super) fn write(self, w: &mut Writer, id: MessageId) -> MessageId {
        w.words([self.line.0, self.call.0]);
        id
    }
}

/// A key of the dial pad was pressed. Old phones give the key alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeypadButton {
    /// Which key.
    pub key: KeypadKey,
    /// On this line, or [`Instance::DEVICE`]; a 7940/7960 gives the number of the button.
    pub line: Instance,
    /// In this call, or [`CallRef::NONE`].
    pub call: CallRef,
}

impl KeypadButton {
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            key: KeypadKey(r.required()?),
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
        })
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.key.0, self.line.0, self.call.0]);
        MessageId::KEYPAD_BUTTON
    }
}

/// A number was dialled as a whole: redial, directories, on-hook dialling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnblocCall {
    /// The number.
    pub number: String,
    /// On this line, or [`Instance::DEVICE`].
    pub line: Instance,
}

impl EnblocCall {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            number: r.leading_number(1, gap_before_line),
            line: Instance(r.or_zero()),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.string(&self.number, w.dialect.version.number_size());
        w.word(self.line.0);
        MessageId::ENBLOC_CALL
    }
}

/// A programmable button was pressed. Old phones send the first two fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stimulus {
    /// What the button is.
    pub stimulus: ButtonType,
    /// Which one of its type.
    pub instance: Instance,
    /// In this call, or [`CallRef::NONE`].
    pub call: CallRef,
    /// State of the button.
    pub status: u32,
}

impl Stimulus {
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            stimulus: ButtonType(r.required()?),
            instance: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
            status: r.or_zero(),
        })
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.stimulus.0, self.instance.0, self.call.0, self.status]);
        MessageId::STIMULUS
    }
}

/// A soft key was pressed (`SoftKeyEvent`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftKeyPress {
    /// The event that the template gave to the key.
    pub event: SoftKeyEvent,
    /// On this line, or [`Instance::DEVICE`].
    pub line: Instance,
    /// In this call, or [`CallRef::NONE`].
    pub call: CallRef,
}

impl SoftKeyPress {
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            event: SoftKeyEvent(r.required()?),
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
        })
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.event.0, self.line.0, self.call.0]);
        MessageId::SOFT_KEY_EVENT
    }
}
