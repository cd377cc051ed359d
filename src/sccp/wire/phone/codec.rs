//! Which message number stands for which message of a phone.

use super::{
    AddOnDeviceCapabilities, Alarm, CapabilitiesForm, ConnectionStatistics, EnblocCall,
    FeatureStatReq, HookEvent, Instance, KeypadButton, MediaPathCapability, MediaPathEvent,
    MediaTransmissionFailure, OffHookWithCallingParty, OpenReceiveChannelAck, PhoneMessage,
    PortRes, Register, RegisterTokenReq, SoftKeyPress, SpcpRegisterTokenReq,
    StartMediaTransmissionAck, Stimulus, SubscriptionStatReq, Unknown, UnregisterReason,
    UpdateCapabilities, UserData, capabilities,
};
use crate::sccp::wire::buffer::{Reader, Writer};
use crate::sccp::wire::id::MessageId;
use crate::sccp::wire::layout::Field;
use crate::sccp::wire::version::Dialect;
use crate::sccp::wire::{DecodeError, Frame, Opaque};

/// Longest XML of an alarm, NUL included.
const ALARM_XML: usize = 2048;
/// The XML of a location, a field of fixed size.
const LOCATION_XML: usize = 2401;

/// Reads a frame from a phone.
pub fn decode_phone(frame: &Frame, dialect: Dialect) -> Result<PhoneMessage, DecodeError> {
    use PhoneMessage as M;
    let r = &mut Reader::new(frame, dialect);
    Ok(match frame.id {
        MessageId::KEEP_ALIVE => M::KeepAlive,
        MessageId::REGISTER => M::Register(Box::new(Register::read(r)?)),
        MessageId::IP_PORT => M::IpPort(r.or_zero()),
        MessageId::ALARM => M::Alarm(Alarm::read(r)),
        MessageId::XML_ALARM => M::XmlAlarm(r.xml(ALARM_XML)),
        MessageId::REGISTER_TOKEN_REQ => M::RegisterTokenReq(RegisterTokenReq::read(r)?),
        MessageId::SPCP_REGISTER_TOKEN_REQ => {
            M::SpcpRegisterTokenReq(SpcpRegisterTokenReq::read(r)?)
        }
        MessageId::UNREGISTER => M::Unregister(r.number()),
        MessageId::CAPABILITIES_RES => M::CapabilitiesRes(capabilities::read_response(r)),
        MessageId::UPDATE_CAPABILITIES => update_capabilities(r, CapabilitiesForm::V1),
        MessageId::UPDATE_CAPABILITIES_V2 => update_capabilities(r, CapabilitiesForm::V2),
        MessageId::UPDATE_CAPABILITIES_V3 => update_capabilities(r, CapabilitiesForm::V3),
        MessageId::BUTTON_TEMPLATE_REQ => M::ButtonTemplateReq,
        MessageId::SOFT_KEY_TEMPLATE_REQ => M::SoftKeyTemplateReq,
        MessageId::SOFT_KEY_SET_REQ => M::SoftKeySetReq,
        MessageId::CONFIG_STAT_REQ => M::ConfigStatReq,
        MessageId::LINE_STAT_REQ => M::LineStatReq(Instance(r.or_zero())),
        MessageId::SPEED_DIAL_STAT_REQ => M::SpeedDialStatReq(Instance(r.or_zero())),
        MessageId::FEATURE_STAT_REQ => M::FeatureStatReq(FeatureStatReq::read(r)),
        MessageId::SERVICE_URL_STAT_REQ => M::ServiceUrlStatReq(Instance(r.or_zero())),
        MessageId::FORWARD_STAT_REQ => M::ForwardStatReq(Instance(r.or_zero())),
        MessageId::TIME_DATE_REQ => M::TimeDateReq,
        MessageId::VERSION_REQ => M::VersionReq,
        MessageId::SERVER_REQ => M::ServerReq,
        MessageId::HEADSET_STATUS => M::HeadsetStatus(r.or_zero() == 1),
        MessageId::REGISTER_AVAILABLE_LINES => M::RegisterAvailableLines(r.or_zero()),
        MessageId::MEDIA_PATH_EVENT => M::MediaPathEvent(MediaPathEvent::read(r)),
        MessageId::MEDIA_PATH_CAPABILITY => M::MediaPathCapability(MediaPathCapability::read(r)),
        MessageId::ADD_ON_DEVICE_CAPABILITIES => {
            M::AddOnDeviceCapabilities(AddOnDeviceCapabilities::read(r))
        }
        MessageId::LOCATION_INFO => M::LocationInfo(r.xml(LOCATION_XML)),
        MessageId::OFF_HOOK => M::OffHook(HookEvent::read(r)),
        MessageId::ON_HOOK => M::OnHook(HookEvent::read(r)),
        MessageId::KEYPAD_BUTTON => M::KeypadButton(KeypadButton::read(r)?),
        MessageId::ENBLOC_CALL => M::EnblocCall(EnblocCall::read(r)),
        MessageId::STIMULUS => M::Stimulus(Stimulus::read(r)?),
        MessageId::SOFT_KEY_EVENT => M::SoftKeyEvent(SoftKeyPress::read(r)?),
        MessageId::HOOK_FLASH => M::HookFlash(HookEvent::read(r)),
        MessageId::OFF_HOOK_WITH_CALLING_PARTY_NUMBER => {
            M::OffHookWithCallingParty(OffHookWithCallingParty::read(r))
        }
        MessageId::OPEN_RECEIVE_CHANNEL_ACK => {
            M::OpenReceiveChannelAck(OpenReceiveChannelAck::read_any(r)?)
        }
        MessageId::OPEN_MULTI_MEDIA_RECEIVE_CHANNEL_ACK => {
            M::OpenMultiMediaReceiveChannelAck(OpenReceiveChannelAck::read_any(r)?)
        }
        MessageId::START_MEDIA_TRANSMISSION_ACK => {
            M::StartMediaTransmissionAck(StartMediaTransmissionAck::read_any(r)?)
        }
        MessageId::START_MULTI_MEDIA_TRANSMISSION_ACK => {
            M::StartMultiMediaTransmissionAck(StartMediaTransmissionAck::read_any(r)?)
        }
        MessageId::MULTICAST_MEDIA_RECEPTION_ACK => M::MulticastMediaReceptionAck(Field::read(r)),
        MessageId::MEDIA_TRANSMISSION_FAILURE => {
            M::MediaTransmissionFailure(MediaTransmissionFailure::read_any(r))
        }
        MessageId::MEDIA_RESOURCE_NOTIFICATION => M::MediaResourceNotification(Field::read(r)),
        MessageId::PORT_RES => M::PortRes(PortRes::read_any(r)?),
        MessageId::CONNECTION_STATISTICS_RES => {
            M::ConnectionStatistics(Box::new(ConnectionStatistics::read(r)))
        }
        MessageId::CLEAR_CONFERENCE => M::ClearConference(Field::read(r)),
        MessageId::SUBSCRIPTION_STAT_REQ => M::SubscriptionStatReq(SubscriptionStatReq::read(r)),
        MessageId::CALL_HISTORY_INFO => M::CallHistoryInfo(Field::read(r)),
        MessageId::RECORDING_STATUS => M::RecordingStatus(Field::read(r)),
        MessageId::DEVICE_TO_USER_DATA => M::DeviceToUserData(UserData::read(r, false)),
        MessageId::DEVICE_TO_USER_DATA_V1 => M::DeviceToUserData(UserData::read(r, true)),
        MessageId::DEVICE_TO_USER_DATA_RESPONSE => {
            M::DeviceToUserDataResponse(UserData::read(r, false))
        }
        MessageId::DEVICE_TO_USER_DATA_RESPONSE_V1 => {
            M::DeviceToUserDataResponse(UserData::read(r, true))
        }
        id => M::Unknown(Unknown {
            id,
            body: Opaque(frame.body.clone()),
        }),
    })
}

/// Writes a message as a phone sends it.
pub fn encode_phone(message: &PhoneMessage, dialect: Dialect) -> Frame {
    let mut w = Writer::new(dialect);
    let id = write(message, &mut w);
    let header_version = dialect.version.header_version();
    if let PhoneMessage::Unknown(unknown) = message {
        return Frame {
            header_version,
            id,
            body: unknown.body.0.clone(),
        };
    }
    w.frame(id, header_version)
}

fn write(message: &PhoneMessage, w: &mut Writer) -> MessageId {
    use PhoneMessage as M;
    match message {
        M::KeepAlive => MessageId::KEEP_ALIVE,
        M::Register(m) => m.write(w),
        M::IpPort(port) => word(w, MessageId::IP_PORT, *port),
        M::Alarm(m) => m.write(w),
        M::XmlAlarm(xml) => {
            w.xml(xml, ALARM_XML);
            MessageId::XML_ALARM
        }
        M::RegisterTokenReq(m) => m.write(w),
        M::SpcpRegisterTokenReq(m) => m.write(w),
        // The reason came late to the protocol; without one the message is empty.
        M::Unregister(UnregisterReason::UNKNOWN) => MessageId::UNREGISTER,
        M::Unregister(reason) => word(w, MessageId::UNREGISTER, reason.0),
        M::CapabilitiesRes(audio) => capabilities::write_response(w, audio),
        M::UpdateCapabilities(m) => m.write(w),
        M::ButtonTemplateReq => MessageId::BUTTON_TEMPLATE_REQ,
        M::SoftKeyTemplateReq => MessageId::SOFT_KEY_TEMPLATE_REQ,
        M::SoftKeySetReq => MessageId::SOFT_KEY_SET_REQ,
        M::ConfigStatReq => MessageId::CONFIG_STAT_REQ,
        M::LineStatReq(line) => word(w, MessageId::LINE_STAT_REQ, line.0),
        M::SpeedDialStatReq(index) => word(w, MessageId::SPEED_DIAL_STAT_REQ, index.0),
        M::FeatureStatReq(m) => m.write(w),
        M::ServiceUrlStatReq(index) => word(w, MessageId::SERVICE_URL_STAT_REQ, index.0),
        M::ForwardStatReq(line) => word(w, MessageId::FORWARD_STAT_REQ, line.0),
        M::TimeDateReq => MessageId::TIME_DATE_REQ,
        M::VersionReq => MessageId::VERSION_REQ,
        M::ServerReq => MessageId::SERVER_REQ,
        M::HeadsetStatus(on) => word(w, MessageId::HEADSET_STATUS, if *on { 1 } else { 2 }),
        M::RegisterAvailableLines(count) => word(w, MessageId::REGISTER_AVAILABLE_LINES, *count),
        M::MediaPathEvent(m) => m.write(w),
        M::MediaPathCapability(m) => m.write(w),
        M::AddOnDeviceCapabilities(m) => m.write(w),
        M::LocationInfo(xml) => {
            w.fixed_xml(xml, LOCATION_XML);
            MessageId::LOCATION_INFO
        }
        M::OffHook(m) => m.write(w, MessageId::OFF_HOOK),
        M::OnHook(m) => m.write(w, MessageId::ON_HOOK),
        M::KeypadButton(m) => m.write(w),
        M::EnblocCall(m) => m.write(w),
        M::Stimulus(m) => m.write(w),
        M::SoftKeyEvent(m) => m.write(w),
        M::HookFlash(m) => m.write(w, MessageId::HOOK_FLASH),
        M::OffHookWithCallingParty(m) => m.write(w),
        M::OpenReceiveChannelAck(m) => put(w, m, MessageId::OPEN_RECEIVE_CHANNEL_ACK),
        M::OpenMultiMediaReceiveChannelAck(m) => {
            put(w, m, MessageId::OPEN_MULTI_MEDIA_RECEIVE_CHANNEL_ACK)
        }
        M::StartMediaTransmissionAck(m) => put(w, m, MessageId::START_MEDIA_TRANSMISSION_ACK),
        M::StartMultiMediaTransmissionAck(m) => {
            put(w, m, MessageId::START_MULTI_MEDIA_TRANSMISSION_ACK)
        }
        M::MulticastMediaReceptionAck(m) => put(w, m, MessageId::MULTICAST_MEDIA_RECEPTION_ACK),
        M::MediaTransmissionFailure(m) => put(w, m, MessageId::MEDIA_TRANSMISSION_FAILURE),
        M::MediaResourceNotification(m) => put(w, m, MessageId::MEDIA_RESOURCE_NOTIFICATION),
        M::PortRes(m) => put(w, m, MessageId::PORT_RES),
        M::ConnectionStatistics(m) => m.write(w),
        M::ClearConference(m) => put(w, m, MessageId::CLEAR_CONFERENCE),
        M::SubscriptionStatReq(m) => m.write(w),
        M::CallHistoryInfo(m) => put(w, m, MessageId::CALL_HISTORY_INFO),
        M::RecordingStatus(m) => put(w, m, MessageId::RECORDING_STATUS),
        M::DeviceToUserData(m) => m.write(
            w,
            MessageId::DEVICE_TO_USER_DATA,
            MessageId::DEVICE_TO_USER_DATA_V1,
        ),
        M::DeviceToUserDataResponse(m) => m.write(
            w,
            MessageId::DEVICE_TO_USER_DATA_RESPONSE,
            MessageId::DEVICE_TO_USER_DATA_RESPONSE_V1,
        ),
        M::Unknown(unknown) => unknown.id,
    }
}

fn update_capabilities(r: &mut Reader<'_>, form: CapabilitiesForm) -> PhoneMessage {
    PhoneMessage::UpdateCapabilities(Box::new(UpdateCapabilities::read(r, form)))
}

fn put(w: &mut Writer, message: &impl Field, id: MessageId) -> MessageId {
    message.write(w);
    id
}

fn word(w: &mut Writer, id: MessageId, word: u32) -> MessageId {
    w.word(word);
    id
}
