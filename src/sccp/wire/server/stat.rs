//! Answers to the phone's stat requests: what its lines and buttons are.
//!
//! Most have a fixed and a dynamic form under two message numbers; the protocol
//! version decides which goes out (see `version`), and either is read.

use crate::sccp::wire::MessageId;
use crate::sccp::wire::buffer::{
    DEVICE_NAME, DYNAMIC_LABEL, DYNAMIC_NUMBER, NAME, NUMBER, Reader, URL, Writer,
};
use crate::sccp::wire::number::{ButtonType, Instance};
use crate::sccp::wire::text::Text;

/// What a phone shows of a forwarded call, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForwardedDisplay(pub u32);

impl ForwardedDisplay {
    /// The number that was dialled.
    pub const DIALED_NUMBER: Self = Self(1);
    /// The number that forwarded it.
    pub const REDIRECTED_NUMBER: Self = Self(2);
    /// The caller's number.
    pub const CALLER_NUMBER: Self = Self(4);
    /// The caller's name.
    pub const CALLER_NAME: Self = Self(8);
    /// All of them: what call managers send that know no such setting.
    pub const ALL: Self = Self(15);
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// This and `other`, where `other` is wanted.
    #[must_use]
    pub fn with(self, other: Self, wanted: bool) -> Self {
        if wanted { Self(self.0 | other.0) } else { self }
    }
}

impl Default for ForwardedDisplay {
    fn default() -> Self {
        Self::ALL
    }
}

/// User, server, and how much the phone has of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigStat {
    /// The phone's name.
    pub device_name: String,
    /// As in `Register`.
    pub user: u32,
    /// As in `Register`.
    pub instance: u32,
    /// The user of the phone.
    pub user_name: String,
    /// The server.
    pub server_name: String,
    /// How many lines.
    pub lines: u32,
    /// How many speed dials.
    pub speed_dials: u32,
}

impl ConfigStat {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            device_name: r.string(DEVICE_NAME),
            user: r.or_zero(),
            instance: r.or_zero(),
            user_name: r.string(NAME),
            server_name: r.string(NAME),
            lines: r.or_zero(),
            speed_dials: r.or_zero(),
        }
    }

    pub(super) fn read_dynamic(r: &mut Reader<'_>) -> Self {
        let device_name = r.string(DEVICE_NAME);
        let [user, instance, lines, speed_dials] = std::array::from_fn(|_| r.or_zero());
        Self {
            device_name,
            user,
            instance,
            lines,
            speed_dials,
            user_name: r.dynamic(),
            server_name: r.dynamic(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.string(&self.device_name, DEVICE_NAME);
        w.words([self.user, self.instance]);
        if w.is_dynamic(false) {
            w.words([self.lines, self.speed_dials]);
            w.dynamic(&self.user_name, NAME);
            w.dynamic(&self.server_name, NAME);
            return MessageId::CONFIG_STAT_V2;
        }
        w.string(&self.user_name, NAME);
        w.string(&self.server_name, NAME);
        w.words([self.lines, self.speed_dials]);
        MessageId::CONFIG_STAT
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineStat {
    /// Which line.
    pub line: Instance,
    /// Its directory number.
    pub number: String,
    /// The fully qualified display name: the top bar of the phone.
    pub display_name: String,
    /// What stands beside the button.
    pub label: String,
    /// What is shown of a forwarded call.
    pub forwarded: ForwardedDisplay,
}

impl LineStat {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            line: Instance(r.or_zero()),
            number: r.string(NUMBER),
            display_name: r.string(NAME),
            label: r.string(NAME),
            // Old call managers end before it.
            forwarded: if r.rest().len() < 4 {
                ForwardedDisplay::ALL
            } else {
                ForwardedDisplay(r.or_zero())
            },
        }
    }

    pub(super) fn read_dynamic(r: &mut Reader<'_>) -> Self {
        let line = Instance(r.or_zero());
        let forwarded = ForwardedDisplay(r.or_zero());
        Self {
            line,
            forwarded,
            number: r.dynamic(),
            display_name: r.dynamic(),
            label: r.dynamic(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        if w.is_dynamic(w.dialect.version.has_dynamic_lines()) {
            w.words([self.line.0, self.forwarded.0]);
            w.dynamic(&self.number, DYNAMIC_NUMBER);
            w.dynamic(&self.display_name, NAME);
            w.dynamic(&self.label, NAME);
            return MessageId::LINE_STAT_V2;
        }
        w.word(self.line.0);
        w.string(&self.number, NUMBER);
        w.string(&self.display_name, NAME);
        w.string(&self.label, NAME);
        w.word(self.forwarded.0);
        MessageId::LINE_STAT
    }
}

/// A speed dial.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpeedDialStat {
    /// Which speed dial.
    pub index: Instance,
    /// What it dials.
    pub number: String,
    /// What stands beside the button.
    pub label: String,
}

impl SpeedDialStat {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            index: Instance(r.or_zero()),
            number: r.string(NUMBER),
            label: r.string(NAME),
        }
    }

    pub(super) fn read_dynamic(r: &mut Reader<'_>) -> Self {
        Self {
            index: Instance(r.or_zero()),
            number: r.dynamic(),
            label: r.dynamic(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.word(self.index.0);
        if w.is_dynamic(w.dialect.version.has_dynamic_lines()) {
            w.dynamic(&self.number, w.dialect.version.number_size());
            w.dynamic(&self.label, NAME);
            return MessageId::SPEED_DIAL_STAT_V2;
        }
        w.string(&self.number, NUMBER);
        w.string(&self.label, NAME);
        MessageId::SPEED_DIAL_STAT
    }
}

/// A feature button.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeatureStat {
    /// Which feature.
    pub index: Instance,
    /// What the button is.
    pub kind: ButtonType,
    /// What stands beside the button.
    pub label: Text,
    /// Depends on the kind: 0 or 1, a `BlfStatus`, or bytes for rhythm, colour and icon.
    pub status: u32,
}

impl FeatureStat {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            index: Instance(r.or_zero()),
            kind: r.number(),
            label: r.text(NAME),
            status: r.or_zero(),
        }
    }

    pub(super) fn read_dynamic(r: &mut Reader<'_>) -> Self {
        Self {
            index: Instance(r.or_zero()),
            kind: r.number(),
            status: r.or_zero(),
            label: r.dynamic_text(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.words([self.index.0, self.kind.0]);
        if w.is_dynamic(w.dialect.version.has_dynamic_features()) {
            w.word(self.status);
            w.dynamic(&self.label, DYNAMIC_LABEL);
            return MessageId::FEATURE_STAT_V2;
        }
        w.string(&self.label, NAME);
        w.word(self.status);
        MessageId::FEATURE_STAT
    }
}

/// A service button.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceUrlStat {
    /// Which service.
    pub index: Instance,
    /// What the button opens.
    pub url: String,
    /// What stands beside the button.
    pub label: String,
}

impl ServiceUrlStat {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            index: Instance(r.or_zero()),
            url: r.string(URL),
            label: r.string(NAME),
        }
    }

    pub(super) fn read_dynamic(r: &mut Reader<'_>) -> Self {
        Self {
            index: Instance(r.or_zero()),
            url: r.dynamic(),
            label: r.dynamic(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.word(self.index.0);
        if w.is_dynamic(w.dialect.version.has_dynamic_services()) {
            w.dynamic(&self.url, URL);
            w.dynamic(&self.label, NAME);
            return MessageId::SERVICE_URL_STAT_V2;
        }
        w.string(&self.url, URL);
        w.string(&self.label, NAME);
        MessageId::SERVICE_URL_STAT
    }
}

/// Call forwarding of a line: where to, where it is on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ForwardStat {
    /// Which line.
    pub line: Instance,
    /// Every call.
    pub all: Option<String>,
    /// When the line is busy.
    pub busy: Option<String>,
    /// When nobody answers.
    pub no_answer: Option<String>,
}

impl ForwardStat {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        // A server may still send the old form of 92 bytes.
        let number = if r.rest().len() <= 92 {
            NUMBER
        } else {
            r.dialect.version.number_size()
        };
        let _any = r.or_zero();
        Self {
            line: Instance(r.or_zero()),
            all: read_forward(r, number),
            busy: read_forward(r, number),
            no_answer: read_forward(r, number),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        let targets = [&self.all, &self.busy, &self.no_answer];
        let active = |on| {
            if on {
                w.dialect.version.forward_active()
            } else {
                0
            }
        };
        let flags = targets.map(|target| active(target.is_some()));
        w.words([
            active(targets.iter().any(|target| target.is_some())),
            self.line.0,
        ]);
        for (flag, target) in std::iter::zip(flags, targets) {
            w.word(flag);
            w.string(
                target.as_deref().unwrap_or_default(),
                w.dialect.version.number_size(),
            );
        }
        MessageId::FORWARD_STAT
    }
}

fn read_forward(r: &mut Reader<'_>, size: usize) -> Option<String> {
    let active = r.or_zero() != 0;
    let number = r.string(size);
    active.then_some(number)
}
