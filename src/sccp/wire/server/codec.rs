//! Which message number stands for which message of a call manager.

use super::{
    ButtonTemplate, CallInfo, CallRef, CallStateInfo, ConfigStat, ConnectionStatisticsReq,
    DefineTimeDate, DialedNumber, DisplayNotify, DisplayPriNotify, DisplayPromptStatus, DtmfStep,
    DtmfSubscription, FeatureStat, ForwardStat, Instance, LineStat, Notification,
    OpenReceiveChannel, RegisterAck, ResetType, SelectSoftKeys, ServerMessage, ServerRes,
    ServiceUrlStat, SetLamp, SetRinger, SoftKeySets, SoftKeyTemplate, SpeedDialStat,
    StartMediaTransmission, StartMulticastMediaReception, StartMulticastMediaTransmission,
    StartTone, StopTone, Unknown, UserData,
};
use crate::sccp::wire::buffer::{Form, PROMPT, Reader, Writer};
use crate::sccp::wire::id::MessageId;
use crate::sccp::wire::layout::Field;
use crate::sccp::wire::version::Dialect;
use crate::sccp::wire::{DecodeError, Frame, Opaque};

/// The load in `Version`.
const VERSION: usize = 16;

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
        MessageId::SET_HOOK_FLASH_DETECT => M::SetHookFlashDetect,
        MessageId::CALL_INFO => M::CallInfo(Box::new(CallInfo::read(r))),
        MessageId::CALL_INFO_V2 => M::CallInfo(Box::new(CallInfo::read_dynamic(r))),
        MessageId::DIALED_NUMBER => M::DialedNumber(DialedNumber::read(r)),
        MessageId::BACK_SPACE_RES => M::BackSpace {
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
        },
        MessageId::CALL_SELECT_STAT_RES => M::CallSelectStat(Field::read(r)),
        MessageId::OPEN_RECEIVE_CHANNEL => {
            M::OpenReceiveChannel(Box::new(OpenReceiveChannel::read_any(r)?))
        }
        MessageId::CLOSE_RECEIVE_CHANNEL => M::CloseReceiveChannel(Field::read(r)),
        MessageId::START_MEDIA_TRANSMISSION => {
            M::StartMediaTransmission(Box::new(StartMediaTransmission::read_any(r)?))
        }
        MessageId::STOP_MEDIA_TRANSMISSION => M::StopMediaTransmission(Field::read(r)),
        MessageId::CLOSE_MULTI_MEDIA_RECEIVE_CHANNEL => {
            M::CloseMultiMediaReceiveChannel(Field::read(r))
        }
        MessageId::STOP_MULTI_MEDIA_TRANSMISSION => M::StopMultiMediaTransmission(Field::read(r)),
        MessageId::START_MULTICAST_MEDIA_RECEPTION => {
            M::StartMulticastMediaReception(StartMulticastMediaReception::read_any(r)?)
        }
        MessageId::STOP_MULTICAST_MEDIA_RECEPTION => M::StopMulticastMediaReception(Field::read(r)),
        MessageId::START_MULTICAST_MEDIA_TRANSMISSION => {
            M::StartMulticastMediaTransmission(StartMulticastMediaTransmission::read_any(r)?)
        }
        MessageId::STOP_MULTICAST_MEDIA_TRANSMISSION => {
            M::StopMulticastMediaTransmission(Field::read(r))
        }
        MessageId::START_MEDIA_FAILURE_DETECTION => M::StartMediaFailureDetection(Field::read(r)),
        MessageId::CONNECTION_STATISTICS_REQ => {
            M::ConnectionStatisticsReq(ConnectionStatisticsReq::read(r))
        }
        MessageId::NOTIFY_DTMF_TONE => M::NotifyDtmfTone(Field::read(r)),
        MessageId::SEND_DTMF_TONE => M::SendDtmfTone(Field::read(r)),
        MessageId::SUBSCRIBE_DTMF_PAYLOAD_REQ => dtmf(r, DtmfStep::Subscribe),
        MessageId::SUBSCRIBE_DTMF_PAYLOAD_RES => dtmf(r, DtmfStep::Subscribed),
        MessageId::SUBSCRIBE_DTMF_PAYLOAD_ERR => dtmf(r, DtmfStep::SubscribeFailed),
        MessageId::UN_SUBSCRIBE_DTMF_PAYLOAD_REQ => dtmf(r, DtmfStep::Unsubscribe),
        MessageId::UN_SUBSCRIBE_DTMF_PAYLOAD_RES => dtmf(r, DtmfStep::Unsubscribed),
        MessageId::UN_SUBSCRIBE_DTMF_PAYLOAD_ERR => dtmf(r, DtmfStep::UnsubscribeFailed),
        MessageId::FLOW_CONTROL_COMMAND => M::FlowControlCommand(Field::read(r)),
        MessageId::FLOW_CONTROL_NOTIFY => M::FlowControlNotify(Field::read(r)),
        MessageId::VIDEO_DISPLAY_COMMAND => M::VideoDisplayCommand(Field::read(r)),
        MessageId::PORT_REQ => M::PortReq(Field::read(r)),
        MessageId::PORT_CLOSE => M::PortClose(Field::read(r)),
        MessageId::SUBSCRIPTION_STAT_RES => M::SubscriptionStat(Field::read(r)),
        MessageId::NOTIFICATION => M::Notification(Notification::read(r)),
        MessageId::CALL_HISTORY_INFO => M::CallHistoryInfo(Field::read(r)),
        MessageId::RECORDING_STATUS => M::RecordingStatus(Field::read(r)),
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
    encode(message, dialect, Writer::new(dialect))
}

/// The same in this form, where the message has two, whatever the version says: a phone
/// reads either.
pub fn encode_server_in(message: &ServerMessage, dialect: Dialect, form: Form) -> Frame {
    encode(message, dialect, Writer::in_form(dialect, form))
}

fn encode(message: &ServerMessage, dialect: Dialect, mut w: Writer) -> Frame {
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
        M::SetHookFlashDetect => MessageId::SET_HOOK_FLASH_DETECT,
        M::CallInfo(m) => m.write(w),
        M::DialedNumber(m) => m.write(w),
        M::BackSpace { line, call } => {
            w.words([line.0, call.0]);
            MessageId::BACK_SPACE_RES
        }
        M::CallSelectStat(m) => put(w, m, MessageId::CALL_SELECT_STAT_RES),
        M::OpenReceiveChannel(m) => put(w, &**m, MessageId::OPEN_RECEIVE_CHANNEL),
        M::CloseReceiveChannel(m) => put(w, m, MessageId::CLOSE_RECEIVE_CHANNEL),
        M::StartMediaTransmission(m) => put(w, &**m, MessageId::START_MEDIA_TRANSMISSION),
        M::StopMediaTransmission(m) => put(w, m, MessageId::STOP_MEDIA_TRANSMISSION),
        M::CloseMultiMediaReceiveChannel(m) => {
            put(w, m, MessageId::CLOSE_MULTI_MEDIA_RECEIVE_CHANNEL)
        }
        M::StopMultiMediaTransmission(m) => put(w, m, MessageId::STOP_MULTI_MEDIA_TRANSMISSION),
        M::StartMulticastMediaReception(m) => put(w, m, MessageId::START_MULTICAST_MEDIA_RECEPTION),
        M::StopMulticastMediaReception(m) => put(w, m, MessageId::STOP_MULTICAST_MEDIA_RECEPTION),
        M::StartMulticastMediaTransmission(m) => {
            put(w, m, MessageId::START_MULTICAST_MEDIA_TRANSMISSION)
        }
        M::StopMulticastMediaTransmission(m) => {
            put(w, m, MessageId::STOP_MULTICAST_MEDIA_TRANSMISSION)
        }
        M::StartMediaFailureDetection(m) => put(w, m, MessageId::START_MEDIA_FAILURE_DETECTION),
        M::ConnectionStatisticsReq(m) => m.write(w),
        M::NotifyDtmfTone(m) => put(w, m, MessageId::NOTIFY_DTMF_TONE),
        M::SendDtmfTone(m) => put(w, m, MessageId::SEND_DTMF_TONE),
        M::DtmfSubscription(m) => m.write(w),
        M::FlowControlCommand(m) => put(w, m, MessageId::FLOW_CONTROL_COMMAND),
        M::FlowControlNotify(m) => put(w, m, MessageId::FLOW_CONTROL_NOTIFY),
        M::VideoDisplayCommand(m) => put(w, m, MessageId::VIDEO_DISPLAY_COMMAND),
        M::PortReq(m) => put(w, m, MessageId::PORT_REQ),
        M::PortClose(m) => put(w, m, MessageId::PORT_CLOSE),
        M::SubscriptionStat(m) => put(w, m, MessageId::SUBSCRIPTION_STAT_RES),
        M::Notification(m) => m.write(w),
        M::CallHistoryInfo(m) => put(w, m, MessageId::CALL_HISTORY_INFO),
        M::RecordingStatus(m) => put(w, m, MessageId::RECORDING_STATUS),
        M::UserToDeviceData(m) => m.write(
            w,
            MessageId::USER_TO_DEVICE_DATA,
            MessageId::USER_TO_DEVICE_DATA_V1,
        ),
        M::Unknown(unknown) => unknown.id,
    }
}

fn dtmf(r: &mut Reader<'_>, step: DtmfStep) -> ServerMessage {
    ServerMessage::DtmfSubscription(DtmfSubscription::read(r, step))
}

fn put(w: &mut Writer, message: &impl Field, id: MessageId) -> MessageId {
    message.write(w);
    id
}

fn word(w: &mut Writer, id: MessageId, word: u32) -> MessageId {
    w.word(word);
    id
}

fn on_off(on: bool) -> u32 {
    if on { 1 } else { 2 }
}
