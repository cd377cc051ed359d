//! Prompts and notices on the display, fixed and dynamic form.

use crate::sccp::wire::MessageId;
use crate::sccp::wire::buffer::{DYNAMIC_PROMPT, PROMPT, Reader, Writer};
use crate::sccp::wire::number::{CallRef, Instance};
use crate::sccp::wire::text::Text;

/// The prompt line of a line or call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DisplayPromptStatus {
    /// Seconds; 0 for ever.
    pub timeout: u32,
    /// 31 bytes below version 8, 96 from there on.
    pub text: Text,
    /// On this line, or [`Instance::DEVICE`].
    pub line: Instance,
    /// In this call, or [`CallRef::NONE`].
    pub call: CallRef,
}

impl DisplayPromptStatus {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            timeout: r.or_zero(),
            text: r.text(PROMPT),
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
        }
    }

    pub(super) fn read_dynamic(r: &mut Reader<'_>) -> Self {
        Self {
            timeout: r.or_zero(),
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
            text: r.dynamic_text(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.word(self.timeout);
        if w.is_dynamic(w.dialect.version.has_dynamic_display()) {
            w.words([self.line.0, self.call.0]);
            w.dynamic(&self.text, DYNAMIC_PROMPT);
            return MessageId::DISPLAY_PROMPT_STATUS_V2;
        }
        w.string(&self.text, PROMPT);
        w.words([self.line.0, self.call.0]);
        MessageId::DISPLAY_PROMPT_STATUS
    }
}

/// A passing notice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DisplayNotify {
    /// Seconds; 0 for ever.
    pub timeout: u32,
    /// 31 bytes below version 8, 96 from there on.
    pub text: Text,
}

impl DisplayNotify {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            timeout: r.or_zero(),
            text: r.text(PROMPT),
        }
    }

    pub(super) fn read_dynamic(r: &mut Reader<'_>) -> Self {
        Self {
            timeout: r.or_zero(),
            text: r.dynamic_text(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.word(self.timeout);
        if w.is_dynamic(w.dialect.version.has_dynamic_display()) {
            w.dynamic(&self.text, DYNAMIC_PROMPT);
            return MessageId::DISPLAY_NOTIFY_V2;
        }
        w.string(&self.text, PROMPT);
        MessageId::DISPLAY_NOTIFY
    }
}

/// A notice that stands above others of lower priority.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DisplayPriNotify {
    /// Seconds; 0 for ever.
    pub timeout: u32,
    /// CallManager uses 5 for who is calling.
    pub priority: u32,
    /// 31 bytes below version 8, 96 from there on.
    pub text: Text,
}

impl DisplayPriNotify {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            timeout: r.or_zero(),
            priority: r.or_zero(),
            text: r.text(PROMPT),
        }
    }

    pub(super) fn read_dynamic(r: &mut Reader<'_>) -> Self {
        Self {
            timeout: r.or_zero(),
            priority: r.or_zero(),
            text: r.dynamic_text(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.words([self.timeout, self.priority]);
        if w.is_dynamic(w.dialect.version.has_dynamic_display()) {
            w.dynamic(&self.text, DYNAMIC_PROMPT);
            return MessageId::DISPLAY_PRI_NOTIFY_V2;
        }
        w.string(&self.text, PROMPT);
        MessageId::DISPLAY_PRI_NOTIFY
    }
}
