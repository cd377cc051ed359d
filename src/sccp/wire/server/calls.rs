//! The state of a call as the phone shows it: lamps, bell, tones, soft keys.

use crate::sccp::wire::buffer::{Reader, Writer};
use crate::sccp::wire::number::{
    ButtonType, CallRef, CallState, Instance, KeySetIndex, LampMode, RingDuration, RingMode, Tone,
    ToneDirection,
};
use crate::sccp::wire::{DecodeError, MessageId};

/// Which set of soft keys to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectSoftKeys {
    /// On this line, or [`Instance::DEVICE`].
    pub line: Instance,
    /// In this call, or [`CallRef::NONE`].
    pub call: CallRef,
    /// The set.
    pub set: KeySetIndex,
    /// Bit n enables the n-th key of the set; [`Self::ALL`] enables all.
    pub mask: u32,
}

impl SelectSoftKeys {
    /// All keys of the set.
    pub const ALL: u32 = u32::MAX;

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
            set: r.number(),
            // Without a mask nothing is switched off.
            mask: r.word().unwrap_or(Self::ALL),
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.line.0, self.call.0, self.set.0, self.mask]);
        MessageId::SELECT_SOFT_KEYS
    }
}

/// A lamp. The message lamp is [`ButtonType::VOICE_MAIL`] on [`Instance::DEVICE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetLamp {
    /// What the button is.
    pub stimulus: ButtonType,
    /// Which one of its type.
    pub instance: Instance,
    /// How it glows.
    pub mode: LampMode,
}

impl SetLamp {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            stimulus: r.number(),
            instance: Instance(r.or_zero()),
            mode: r.number(),
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.stimulus.0, self.instance.0, self.mode.0]);
        MessageId::SET_LAMP
    }
}

/// The bell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetRinger {
    /// How it rings.
    pub mode: RingMode,
    /// How long.
    pub duration: RingDuration,
    /// For this line.
    pub line: Instance,
    /// For this call.
    pub call: CallRef,
}

impl SetRinger {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            mode: r.number(),
            duration: r.number(),
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.mode.0, self.duration.0, self.line.0, self.call.0]);
        MessageId::SET_RINGER
    }
}

/// A tone begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartTone {
    /// Which.
    pub tone: Tone,
    /// Who hears it.
    pub direction: ToneDirection,
    /// On this line.
    pub line: Instance,
    /// In this call.
    pub call: CallRef,
}

impl StartTone {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            tone: r.number(),
            direction: r.number(),
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.tone.0, self.direction.0, self.line.0, self.call.0]);
        MessageId::START_TONE
    }
}

/// A tone ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopTone {
    /// On this line.
    pub line: Instance,
    /// In this call.
    pub call: CallRef,
    /// Which; does not travel below version 11, and reads as silence there.
    pub tone: Tone,
}

impl StopTone {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
            tone: r.number(),
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.line.0, self.call.0]);
        if w.dialect.version.stop_tone_names_the_tone() {
            w.word(self.tone.0);
        }
        MessageId::STOP_TONE
    }
}

/// The state of a call (`CallState`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallStateInfo {
    /// The state.
    pub state: CallState,
    /// On this line.
    pub line: Instance,
    /// The call.
    pub call: CallRef,
    /// Whether it is private; 0 is not.
    pub privacy: u32,
    /// Level of precedence.
    pub precedence_level: u32,
    /// Domain of precedence.
    pub precedence_domain: u32,
}

impl CallStateInfo {
    /// What CallManager sends as level of precedence for an ordinary call.
    pub const ROUTINE: u32 = 4;

    /// The state of an ordinary call.
    pub fn new(state: CallState, line: Instance, call: CallRef) -> Self {
        Self {
            state,
            line,
            call,
            privacy: 0,
            precedence_level: Self::ROUTINE,
            precedence_domain: 0,
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            state: CallState(r.required()?),
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
            privacy: r.or_zero(),
            precedence_level: r.or_zero(),
            precedence_domain: r.or_zero(),
        })
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.state.0, self.line.0, self.call.0]);
        w.words([self.privacy, self.precedence_level, self.precedence_domain]);
        MessageId::CALL_STATE
    }
}
