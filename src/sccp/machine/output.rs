//! What the machine wants done.

use super::AlarmReport;
use crate::model::Stamp;
use crate::sccp::wire::{PhoneMessage, Register, ServerMessage};

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
    /// It registers over and over.
    Insistent,
    /// It did not obey a restart or reset.
    Disobedient,
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Silent => "it said nothing after connecting",
            Self::NoKeepalive => "its keepalives stopped",
            Self::Refused => "its registration was refused",
            Self::Unregistered => "it unregistered",
            Self::Insistent => "it registers over and over",
            Self::Disobedient => "it did not obey and is made to connect again",
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
    ///
    /// [`Station::admitted`]: super::Station::admitted
    /// [`Station::refused`]: super::Station::refused
    Admit {
        /// What it says of itself.
        register: Box<Register>,
        /// What its alarms said before.
        alarm: AlarmReport,
        /// Those alarms, for its timeline.
        alarms: Vec<String>,
    },
    /// It sent an alarm, registered.
    Alarm(String),
    /// An alarm after which nobody registered, and whom it names. The name is
    /// a claim: nothing but a timeline may come of it.
    EarlyAlarm {
        /// As the alarm spells it.
        name: String,
        /// Its text.
        text: String,
    },
    /// It considers itself in service.
    InService,
    /// It went off-hook or on-hook.
    InCall(bool),
    /// Somebody used it.
    Used,
    /// It obeys the order that was sent.
    OrderAccepted,
    /// It does not obey, and why this is thought.
    OrderRefused(String),
    /// It unregistered.
    Unregistered,
    /// It shows this station part now.
    Refreshed(Stamp),
    /// A line for its timeline.
    Note(String),
    /// A message that is not acted on.
    Ignored(Box<PhoneMessage>),
    /// Close the connection.
    Close(Why),
}
