//! The Skinny Client Control Protocol (SCCP) as bytes and values.
//!
//! Lives here: framing ([`frame`]), message numbers ([`id`]), protocol versions and
//! what they change ([`version`]), display text ([`text`]), the numbers of the
//! protocol ([`number`]) and the messages themselves, those a phone sends
//! ([`PhoneMessage`]) and those a call manager sends ([`ServerMessage`]). Both can be
//! decoded and encoded, since either side of the wire may be ours.
//!
//! Must not live here: state, time, sockets, and what a message *means*.
//!
//! Two things are decided here once, so that nobody else has to know them: the
//! character set and the byte layout follow from a [`Dialect`], which is agreed at
//! registration ([`Dialect::agreed`]). Callers name one logical message, such as
//! [`ServerMessage::LineStat`], and the codec picks message number and form.
//!
//! Cisco never published SCCP. Layouts follow Wireshark's machine-readable
//! description (`SkinnyProtocolOptimized.xml`) and what real CallManagers and phones
//! were seen to send.

mod buffer;
mod call_events;
pub mod frame;
pub mod id;
mod layout;
pub mod number;
mod phone;
mod server;
pub mod text;
mod transliterate;
mod user_data;
pub mod version;

#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;

pub use buffer::Form;
pub use call_events::{CallHistoryInfo, RecordingStatus};
pub use frame::{Frame, FrameCodec, FrameError};
pub use id::MessageId;
pub use layout::Endpoint;
pub use number::*;
pub use phone::{
    AddOnDeviceCapabilities, Alarm, Announced, AudioCapability, CapabilitiesForm, ClearConference,
    ConnectionStatistics, EnblocCall, FeatureStatReq, HookEvent, KeypadButton, MediaPathCapability,
    MediaPathEvent, MediaResourceNotification, MediaTransmissionFailure,
    MulticastMediaReceptionAck, OffHookWithCallingParty, OpenReceiveChannelAck, PhoneMessage,
    PortRes, Register, RegisterTokenReq, SoftKeyPress, SpcpRegisterTokenReq,
    StartMediaTransmissionAck, Stimulus, StreamCounters, SubscriptionStatReq, UpdateCapabilities,
    decode_phone, encode_phone,
};
pub use server::{
    Button, ButtonTemplate, CallInfo, CallSelectStat, CallStateInfo, ConfigStat,
    ConnectionStatisticsReq, DefineTimeDate, DialedNumber, DisplayNotify, DisplayPriNotify,
    DisplayPromptStatus, DtmfStep, DtmfSubscription, DtmfTone, FeatureStat, FlowControl,
    ForwardStat, ForwardedDisplay, KeyPlace, LatentCapabilities, LineStat, MediaKey, MulticastEnd,
    Notification, OpenReceiveChannel, Party, PortClose, PortReq, RegisterAck, SelectSoftKeys,
    ServerMessage, ServerRes, ServerSlot, ServiceUrlStat, SetLamp, SetRinger, SoftKey, SoftKeySet,
    SoftKeySets, SoftKeyTemplate, SpeedDialStat, StartMediaFailureDetection,
    StartMediaTransmission, StartMulticastMediaReception, StartMulticastMediaTransmission,
    StartTone, StopTone, StreamEnd, SubscriptionStat, VideoDisplayCommand, decode_server,
    encode_server, encode_server_in,
};
pub use text::{Label, LabelTable, Piece, Text, TextEncoding};
pub use user_data::UserData;
pub use version::{Dialect, PhoneFeatures, ProtocolVersion};

use bytes::Bytes;

/// Why a frame could not be read as a message.
///
/// Only the fields without which a message says nothing are required; whatever else
/// is missing reads as zero or empty, as phones and CallManagers of all ages leave
/// off what they do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The body ends before a field that the message cannot do without.
    #[error("{id} is cut short: {needed} bytes of body needed, {have} there")]
    Truncated {
        /// The message.
        id: MessageId,
        /// Bytes of body that the field would have needed.
        needed: usize,
        /// Bytes of body that arrived.
        have: usize,
    },
}

/// Bytes whose content stays out of logs: `Debug` shows the length alone.
///
/// Pushed XML can hold credentials, and phones leave stale memory in the gaps of
/// their messages.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Opaque(pub Bytes);

impl std::fmt::Debug for Opaque {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

impl<T: Into<Bytes>> From<T> for Opaque {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

/// A message that this codec does not take apart. Log its number, keep the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Its number.
    pub id: MessageId,
    /// Its body, as it came.
    pub body: Opaque,
}
