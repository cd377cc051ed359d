//! What happened, as typed events. Recording is never awaited.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{FileService, TurnedAway};
use crate::model::{
    DeviceName, LinesChange, LogoutReason, Origin, ProfileName, Protocol, Stamp, Timestamp, UserId,
};

/// One event, about a phone or about the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Which phone, if any.
    pub device: Option<DeviceName>,
    /// What.
    pub kind: EventKind,
}

/// What happened. No variant can hold a PIN or password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum EventKind {
    /// A file was asked for and answered.
    File {
        /// Its name as asked.
        name: String,
        /// Over TFTP or HTTP.
        service: FileServiceName,
        /// Who asked.
        peer: SocketAddr,
        /// What was answered.
        outcome: String,
        /// The stamp, for a phone's own boot file.
        stamp: Option<Stamp>,
    },
    /// The last byte of a phone's own boot file was acknowledged.
    FileDelivered {
        /// To whom.
        peer: SocketAddr,
        /// Which file.
        stamp: Stamp,
    },
    /// A phone registered.
    Registered {
        /// Over which protocol.
        protocol: Protocol,
        /// From where.
        peer: SocketAddr,
        /// The load it reported.
        load: Option<String>,
        /// The file it shows, when it shows one.
        file: Option<Stamp>,
        /// Why it came, in its own words.
        reason: Option<String>,
    },
    /// A phone unregistered or its connection ended.
    Unregistered {
        /// What was seen.
        why: String,
    },
    /// A registration was refused.
    RegistrationRefused {
        /// Over which protocol.
        protocol: Protocol,
        /// From where.
        peer: SocketAddr,
        /// Why.
        why: String,
    },
    /// A phone that is not configured tried to register.
    UnknownPhone {
        /// Over which protocol.
        protocol: Protocol,
        /// From where.
        peer: SocketAddr,
        /// The type it reported.
        type_id: Option<u32>,
        /// The load it reported.
        load: Option<String>,
        /// Why it was not let in, where phones may register by themselves.
        #[serde(default)]
        turned_away: Option<TurnedAway>,
    },
    /// An alarm that the phone sent.
    Alarm {
        /// Its text, shortened.
        text: String,
    },
    /// What the phone is was not what is configured.
    ServedAs {
        /// What was seen, and how it is served.
        what: String,
    },
    /// Two phones claim one name.
    Contested {
        /// The present holder.
        holder: SocketAddr,
        /// The other.
        other: SocketAddr,
    },
    /// A page was shown on the phone.
    Page {
        /// Which.
        page: String,
    },
    /// Someone signed in.
    SignedIn {
        /// Who.
        user: UserId,
        /// Who commanded it.
        origin: Origin,
        /// The profile that the phone took.
        profile: ProfileName,
    },
    /// Someone signed out, or was signed out.
    SignedOut {
        /// Who.
        user: UserId,
        /// Why.
        reason: LogoutReason,
    },
    /// The numbers of the phone changed.
    LinesChanged {
        /// From which to which.
        change: LinesChange,
    },
    /// The application control list changed: the phone came to what
    /// applications of this user control, or left it.
    ControlListChanged {
        /// Whose.
        user: UserId,
        /// Whether the phone belongs to it now.
        controls: bool,
    },
    /// The call backs that were active for this user are cancelled.
    CallBacksEnded {
        /// Whose.
        user: UserId,
    },
    /// Someone signed in at somebody else's desk.
    DeskOfAnother {
        /// Who.
        user: UserId,
        /// Whose desk it is.
        owner: UserId,
    },
    /// A login or logout was refused.
    Refused {
        /// The code shown.
        code: u16,
        /// The precise reason, for the operator.
        why: String,
    },
    /// A change of the phone's wanted was committed.
    Planned {
        /// What will be done, and why.
        what: String,
    },
    /// An order left for the phone.
    Ordered {
        /// Which.
        order: String,
        /// The how-many-th for this change.
        attempt: u8,
    },
    /// The phone accepted an order.
    OrderAccepted,
    /// The phone refused an order, or it could not be delivered.
    OrderRefused {
        /// What was seen.
        why: String,
    },
    /// The phone shows what is wanted.
    Converged,
    /// The phone is left alone until something changes.
    GaveUp {
        /// What was seen.
        why: String,
    },
    /// A step of a boot, or a sign that something goes wrong. Counted for each
    /// phone; a line is written of the first, and seldom of those after it.
    Sign {
        /// Which.
        sign: Sign,
        /// From where. The phone is found by it where `device` is none.
        peer: SocketAddr,
        /// The name asked for, or what was seen, in one line.
        detail: String,
    },
    /// Anything else worth a line.
    Note {
        /// The line.
        text: String,
    },
}

impl EventKind {
    /// The names of all kinds, as they are written and asked for.
    pub const NAMES: &[&str] = &[
        "file",
        "file-delivered",
        "registered",
        "unregistered",
        "registration-refused",
        "unknown-phone",
        "alarm",
        "served-as",
        "contested",
        "page",
        "signed-in",
        "signed-out",
        "lines-changed",
        "control-list-changed",
        "call-backs-ended",
        "desk-of-another",
        "refused",
        "planned",
        "ordered",
        "order-accepted",
        "order-refused",
        "converged",
        "gave-up",
        "sign",
        "note",
    ];

    /// The name of this kind.
    pub fn name(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::FileDelivered { .. } => "file-delivered",
            Self::Registered { .. } => "registered",
            Self::Unregistered { .. } => "unregistered",
            Self::RegistrationRefused { .. } => "registration-refused",
            Self::UnknownPhone { .. } => "unknown-phone",
            Self::Alarm { .. } => "alarm",
            Self::ServedAs { .. } => "served-as",
            Self::Contested { .. } => "contested",
            Self::Page { .. } => "page",
            Self::SignedIn { .. } => "signed-in",
            Self::SignedOut { .. } => "signed-out",
            Self::LinesChanged { .. } => "lines-changed",
            Self::ControlListChanged { .. } => "control-list-changed",
            Self::CallBacksEnded { .. } => "call-backs-ended",
            Self::DeskOfAnother { .. } => "desk-of-another",
            Self::Refused { .. } => "refused",
            Self::Planned { .. } => "planned",
            Self::Ordered { .. } => "ordered",
            Self::OrderAccepted => "order-accepted",
            Self::OrderRefused { .. } => "order-refused",
            Self::Converged => "converged",
            Self::GaveUp { .. } => "gave-up",
            Self::Sign { .. } => "sign",
            Self::Note { .. } => "note",
        }
    }
}

/// What a phone does on its way up, and what can be seen to go wrong on it.
///
/// Phones repeat what fails for ever, and anybody may send such requests: signs
/// are counted, see [`EventKind::Sign`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It asked for a trust list (`CTLSEP<MAC>.tlv`, `ITLSEP<MAC>.tlv`,
    /// `ITLFile.tlv`). Most loads do at every boot.
    TrustListAsked,
    /// It asked for its own boot file; the detail is the address of ours that
    /// it asked.
    BootFileAsked,
    /// It asked for a signed boot file (`.cnf.xml.sgn`), and there is none.
    SignedMissing,
    /// It asked for a signed boot file and was sent one.
    SignedSent,
    /// It asked for a part of a load (`.loads`, `.sbn`, ..) that is not there.
    LoadMissing,
    /// After a factory reset it asked for `term<NN>.default.loads`, which is
    /// not there.
    FactoryLoadMissing,
    /// The same, and it was sent.
    FactoryLoadSent,
    /// It asked for `SIP<MAC>.cnf`, which is not there.
    TextFileMissing,
    /// It asked for a compiled boot file (`SEP<MAC>.cnf`, `ata<mac>`,
    /// `gk<mac>`, `ld<mac>`), and there is none for it.
    OtherFormMissing,
    /// It asked for a file inside a locale's folder that is not there.
    LocaleMissing,
    /// It asked for the locale archive of a SIP load.
    LocaleOfSip,
    /// It asked for the locale archive of an SCCP load.
    LocaleOfSccp,
    /// It asked for a name with a blank or a control character in it.
    BlankInName,
    /// TFTP: no block that we sent was ever acknowledged.
    NotAcknowledged,
    /// TFTP: it ended the transfer of a file with an error.
    TurnedAway,
    /// It connected over SCCP and left without a Register.
    NoSccpRegister,
    /// It connected over SIP and left without a REGISTER.
    NoSipRegister,
    /// What it said on the SCCP port is not SCCP.
    NotSccp,
    /// It registered over SCCP and left before it had asked for the time, the
    /// last question of a boot.
    NeverInService,
    /// A phone in CCM mode sent a REGISTER over UDP.
    SipOverUdp,
    /// A page of a phone was asked for from another address than it registered
    /// from.
    PageElsewhere,
    /// The empty login form was shown.
    FormShown,
    /// A login form came back, with whatever in it.
    FormSent,
    /// Its clock was far off when it registered; the detail says how far.
    ClockOff,
}

impl Sign {
    /// Whether phones without any trouble show it too: it is counted and never
    /// written.
    pub fn is_ordinary(self) -> bool {
        matches!(
            self,
            Self::TrustListAsked
                | Self::BootFileAsked
                | Self::SignedSent
                | Self::FactoryLoadSent
                | Self::LocaleOfSip
                | Self::LocaleOfSccp
                | Self::FormShown
                | Self::FormSent
        )
    }
}

/// Reasons of refused registrations that a diagnosis tells apart
/// ([`EventKind::RegistrationRefused`]).
pub mod refusal {
    /// SIP: the digest was made with another secret.
    pub const WRONG_SECRET: &str = "Wrong digest credentials";
    /// SIP: the names that the phone gives itself contradict each other.
    pub const NAMES_DIFFER: &str = "The names of the phone differ";
    /// Its name is contested, and another phone holds it.
    pub const NAME_IN_USE: &str = "Name in use by another phone";
}

/// [`FileService`] as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileServiceName {
    /// TFTP.
    Tftp,
    /// HTTP.
    Http,
    /// HTTPS.
    Https,
}

impl From<FileService> for FileServiceName {
    fn from(service: FileService) -> Self {
        match service {
            FileService::Tftp => Self::Tftp,
            FileService::Http => Self::Http,
            FileService::Https => Self::Https,
        }
    }
}

/// Takes events. Never blocks; drops are counted by the implementation.
pub trait Journal: Send + Sync + 'static {
    /// Takes one event.
    fn record(&self, event: Event);
}

/// A journal that forgets, for tests and tools.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn record(&self, _event: Event) {}
}
