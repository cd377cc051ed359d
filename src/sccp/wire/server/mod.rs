//! Messages that a call manager sends.

mod calls;
mod display;
mod keys;
mod registration;
mod stat;

pub use calls::{CallStateInfo, SelectSoftKeys, SetLamp, SetRinger, StartTone, StopTone};
pub use display::{DisplayNotify, DisplayPriNotify, DisplayPromptStatus};
pub use keys::{
    Button, ButtonTemplate, KeyPlace, SoftKey, SoftKeySet, SoftKeySets, SoftKeyTemplate,
};
pub use registration::{DefineTimeDate, RegisterAck, ServerRes, ServerSlot};
pub use stat::{ConfigStat, FeatureStat, ForwardStat, LineStat, ServiceUrlStat, SpeedDialStat};

use super::buffer::{PROMPT, Reader, Writer};
use super::id::MessageId;
use super::number::{CallRef, Instance, ResetType, UnregisterStatus};
use super::text::Text;
use super::user_data::UserData;
use super::version::Dialect;
use super::{DecodeError, Frame, Opaque, Unknown};

/// The load in `Version`.
const VERSION: usize = 16;

/// A message to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerMessage {
    /// Welcome; fixes keep-alive and protocol version.
    RegisterAck(RegisterAck),
    /// Not welcome, with what the phone shows (31 characters). Close afterwards.
    RegisterReject(String),
    /// The phone may come back.
    RegisterTokenAck,
    /// The phone may ask again after so many seconds.
    RegisterTokenReject(u32),
    /// The same as `RegisterTokenAck` for SPA phones, with the server's features.
    SpcpRegisterTokenAck(u32),
    /// The same as `RegisterTokenReject` for SPA phones.
    SpcpRegisterTokenReject(u32),
    /// Asks for the codecs of the phone.
    CapabilitiesReq,
    /// Answers `KeepAlive`.
    KeepAliveAck,
    /// Answers `Unregister`.
    UnregisterAck(UnregisterStatus),
    /// The buttons of the phone.
    ButtonTemplate(ButtonTemplate),
    /// All soft keys that there are.
    SoftKeyTemplate(SoftKeyTemplate),
    /// Which soft keys are shown when.
    SoftKeySets(SoftKeySets),
    /// Which set of soft keys to show now.
    SelectSoftKeys(SelectSoftKeys),
    /// User, server, and how much the phone has of what.
    ConfigStat(ConfigStat),
    /// A line.
    LineStat(LineStat),
    /// A speed dial.
    SpeedDialStat(SpeedDialStat),
    /// A feature button.
    FeatureStat(FeatureStat),
    /// A service button.
    ServiceUrlStat(ServiceUrlStat),
    /// Call forwarding of a line.
    ForwardStat(ForwardStat),
    /// The time on the display.
    DefineTimeDate(DefineTimeDate),
    /// The load that the phone should run (15 characters). Echo what it runs already,
    /// or it downloads.
    Version(String),
    /// The call managers of the phone.
    ServerRes(ServerRes),
    /// Reset, restart, or look at the configuration again. The phone answers with
    /// `Unregister` when it is ready.
    Reset(ResetType),
    /// A lamp.
    SetLamp(SetLamp),
    /// The bell.
    SetRinger(SetRinger),
    /// The loudspeaker.
    SetSpeakerMode(bool),
    /// The microphone.
    SetMicroMode(bool),
    /// A tone begins.
    StartTone(StartTone),
    /// A tone ends.
    StopTone(StopTone),
    /// Text on the display of 7910 and 30VIP.
    DisplayText(Text),
    /// Ends `DisplayText`.
    ClearDisplay,
    /// The prompt line of a line or call.
    DisplayPromptStatus(DisplayPromptStatus),
    /// Ends `DisplayPromptStatus`.
    ClearPromptStatus {
        /// On this line.
        line: Instance,
        /// In this call.
        call: CallRef,
    },
    /// A passing notice.
    DisplayNotify(DisplayNotify),
    /// Ends `DisplayNotify`.
    ClearNotify,
    /// A notice that stands above others of lower priority.
    DisplayPriNotify(DisplayPriNotify),
    /// Ends `DisplayPriNotify` of this priority.
    ClearPriNotify(u32),
    /// The state of a call.
    CallState(CallStateInfo),
    /// The line that is on the display.
    ActivateCallPlane(Instance),
    /// No line is.
    DeactivateCallPlane,
    /// Data for an application on the phone.
    UserToDeviceData(UserData),
    /// Not taken apart here.
    Unknown(Unknown),
}

/// Reads a frame from a call manager.
pub fn decode_server(frame: &Frame, dialect: Dialect) -> Result<ServerMessage, DecodeError> {
    use ServerMessage as M;
    let r = &mut Reader::new(frame, dialect);
    Ok(match frame.id {
        MessageId::REGISTER_ACK => M::RegisterAck(RegisterAck::read(r)?),
        MessageId::REGISTER_REJECT => M::RegisterReject(r.string(PROMPT)),
        MessageId::REGISTER_TOKEN_ACK => M::RegisterTokenAck,
        MessageId::REGISTER_TOKEN_REJECT => M::RegisterTokenReject(r.or_zero()),
        MessageId::SPCP_REGISTER_TOKEN_ACK => M::SpcpRegisterTokenAck(r.or_zero()),
        MessageId::SPCP_REGISTER_TOKEN_REJECT => M::SpcpRegisterTokenReject(r.or_zero()),
        MessageId::CAPABILITIES_REQ => M::CapabilitiesReq,
        MessageId::KEEP_ALIVE_ACK => M::KeepAliveAck,
        MessageId::UNREGISTER_ACK => M::UnregisterAck(r.number()),
        MessageId::BUTTON_TEMPLATE => M::ButtonTemplate(ButtonTemplate::read(r)),
        MessageId::SOFT_KEY_TEMPLATE => M::SoftKeyTemplate(SoftKeyTemplate::read(r)),
        MessageId::SOFT_KEY_SET => M::SoftKeySets(SoftKeySets::read(r)),
        MessageId::SELECT_SOFT_KEYS => M::SelectSoftKeys(SelectSoftKeys::read(r)),
        MessageId::CONFIG_STAT => M::ConfigStat(ConfigStat::read(r)),
        MessageId::CONFIG_STAT_V2 => M::ConfigStat(ConfigStat::read_dynamic(r)),
        MessageId::LINE_STAT => M::LineStat(LineStat::read(r)),
        MessageId::LINE_STAT_V2 => M::LineStat(LineStat::read_dynamic(r)),
        MessageId::SPEED_DIAL_STAT => M::SpeedDialStat(SpeedDialStat::read(r)),
        MessageId::SPEED_DIAL_STAT_V2 => M::SpeedDialStat(SpeedDialStat::read_dynamic(r)),
        MessageId::FEATURE_STAT => M::FeatureStat(FeatureStat::read(r)),
        MessageId::FEATURE_STAT_V2 => M::FeatureStat(FeatureStat::read_dynamic(r)),
        MessageId::SERVICE_URL_STAT => M::ServiceUrlStat(ServiceUrlStat::read(r)),
        MessageId::SERVICE_URL_STAT_V2 => M::ServiceUrlStat(ServiceUrlStat::read_dynamic(r)),
        MessageId::FORWARD_STAT => M::ForwardStat(ForwardStat::read(r)),
        MessageId::DEFINE_TIME_DATE => M::DefineTimeDate(DefineTimeDate::read(r)),
        MessageId::VERSION => M::Version(r.string(VERSION)),
        MessageId::SERVER_RES => M::ServerRes(ServerRes::read(r)),
        MessageId::RESET => M::Reset(ResetType(r.required()?)),
        MessageId::SET_LAMP => M::SetLamp(SetLamp::read(r)),
        MessageId::SET_RINGER => M::SetRinger(SetRinger::read(r)),
        MessageId::SET_SPEAKER_MODE => M::SetSpeakerMode(r.or_zero() == 1),
        MessageId::SET_MICRO_MODE => M::SetMicroMode(r.or_zero() == 1),
        MessageId::START_TONE => M::StartTone(StartTone::read(r)),
        MessageId::STOP_TONE => M::StopTone(StopTone::read(r)),
        MessageId::DISPLAY_TEXT => M::DisplayText(r.text(PROMPT)),
        MessageId::CLEAR_DISPLAY => M::ClearDisplay,
        MessageId::DISPLAY_PROMPT_STATUS => M::DisplayPromptStatus(DisplayPromptStatus::read(r)),
        MessageId::DISPLAY_PROMPT_STATUS_V2 => {
            M::DisplayPromptStatus(DisplayPromptStatus::read_dynamic(r))
        }
        MessageId::CLEAR_PROMPT_STATUS => M::ClearPromptStatus {
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
        },
        MessageId::DISPLAY_NOTIFY => M::DisplayNotify(DisplayNotify::read(r)),
        MessageId::DISPLAY_NOTIFY_V2 => M::DisplayNotify(DisplayNotify::read_dynamic(r)),
        MessageId::CLEAR_NOTIFY => M::ClearNotify,
        MessageId::DISPLAY_PRI_NOTIFY => M::DisplayPriNotify(DisplayPriNotify::read(r)),
        MessageId::DISPLAY_PRI_NOTIFY_V2 => M::DisplayPriNotify(DisplayPriNotify::read_dynamic(r)),
        MessageId::CLEAR_PRI_NOTIFY => M::ClearPriNotify(r.or_zero()),
        MessageId::CALL_STATE => M::CallState(CallStateInfo::read(r)?),
        MessageId::ACTIVATE_CALL_PLANE => M::ActivateCallPlane(Instance(r.or_zero())),
        MessageId::DEACTIVATE_CALL_PLANE => M::DeactivateCallPlane,
        MessageId::USER_TO_DEVICE_DATA => M::UserToDeviceData(UserData::read(r, false)),
        MessageId::USER_TO_DEVICE_DATA_V1 => M::UserToDeviceData(UserData::read(r, true)),
        id => M::Unknown(Unknown {
            id,
            body: Opaque(frame.body.clone()),
        }),
    })
}

/// Writes a message as a call manager sends it.
pub fn encode_server(message: &ServerMessage, dialect: Dialect) -> Frame {
    let mut w = Writer::new(dialect);
    let id = write(message, &mut w);
    let header_version = match message {
        // These three carry 0 whatever was agreed.
        ServerMessage::RegisterAck(_)
        | ServerMessage::KeepAliveAck
        | ServerMessage::UnregisterAck(_) => 0,
        _ => dialect.version.header_version(),
    };
    if let ServerMessage::Unknown(unknown) = message {
        return Frame {
            header_version,
            id,
            body: unknown.body.0.clone(),
        };
    }
    w.frame(id, header_version)
}

fn write(message: &ServerMessage, w: &mut Writer) -> MessageId {
    use ServerMessage as M;
    match message {
        M::RegisterAck(m) => m.write(w),
        M::RegisterReject(reason) => {
            w.string(reason, PROMPT);
            MessageId::REGISTER_REJECT
        }
        M::RegisterTokenAck => MessageId::REGISTER_TOKEN_ACK,
        M::RegisterTokenReject(seconds) => word(w, MessageId::REGISTER_TOKEN_REJECT, *seconds),
        M::SpcpRegisterTokenAck(features) => word(w, MessageId::SPCP_REGISTER_TOKEN_ACK, *features),
        M::SpcpRegisterTokenReject(seconds) => {
            word(w, MessageId::SPCP_REGISTER_TOKEN_REJECT, *seconds)
        }
        M::CapabilitiesReq => MessageId::CAPABILITIES_REQ,
        M::KeepAliveAck => MessageId::KEEP_ALIVE_ACK,
        M::UnregisterAck(status) => word(w, MessageId::UNREGISTER_ACK, status.0),
        M::ButtonTemplate(m) => m.write(w),
        M::SoftKeyTemplate(m) => m.write(w),
        M::SoftKeySets(m) => m.write(w),
        M::SelectSoftKeys(m) => m.write(w),
        M::ConfigStat(m) => m.write(w),
        M::LineStat(m) => m.write(w),
        M::SpeedDialStat(m) => m.write(w),
        M::FeatureStat(m) => m.write(w),
        M::ServiceUrlStat(m) => m.write(w),
        M::ForwardStat(m) => m.write(w),
        M::DefineTimeDate(m) => m.write(w),
        M::Version(load) => {
            w.string(load, VERSION);
            MessageId::VERSION
        }
        M::ServerRes(m) => m.write(w),
        M::Reset(kind) => word(w, MessageId::RESET, kind.0),
        M::SetLamp(m) => m.write(w),
        M::SetRinger(m) => m.write(w),
        M::SetSpeakerMode(on) => word(w, MessageId::SET_SPEAKER_MODE, on_off(*on)),
        M::SetMicroMode(on) => word(w, MessageId::SET_MICRO_MODE, on_off(*on)),
        M::StartTone(m) => m.write(w),
        M::StopTone(m) => m.write(w),
        M::DisplayText(text) => {
            w.string(text, PROMPT);
            MessageId::DISPLAY_TEXT
        }
        M::ClearDisplay => MessageId::CLEAR_DISPLAY,
        M::DisplayPromptStatus(m) => m.write(w),
        M::ClearPromptStatus { line, call } => {
            w.words([line.0, call.0]);
            MessageId::CLEAR_PROMPT_STATUS
        }
        M::DisplayNotify(m) => m.write(w),
        M::ClearNotify => MessageId::CLEAR_NOTIFY,
        M::DisplayPriNotify(m) => m.write(w),
        M::ClearPriNotify(priority) => word(w, MessageId::CLEAR_PRI_NOTIFY, *priority),
        M::CallState(m) => m.write(w),
        M::ActivateCallPlane(line) => word(w, MessageId::ACTIVATE_CALL_PLANE, line.0),
        M::DeactivateCallPlane => MessageId::DEACTIVATE_CALL_PLANE,
        M::UserToDeviceData(m) => m.write(
            w,
            MessageId::USER_TO_DEVICE_DATA,
            MessageId::USER_TO_DEVICE_DATA_V1,
        ),
        M::Unknown(unknown) => unknown.id,
    }
}

fn word(w: &mut Writer, id: MessageId, word: u32) -> MessageId {
    w.word(word);
    id
}

fn on_off(on: bool) -> u32 {
    if on { 1 } else { 2 }
}
