//! Message numbers and their names.
//!
//! Names follow Wireshark's `SkinnyProtocolOptimized.xml`, without the ending `Res`
//! where CallManager traces have none.

/// The number of a message: third word of a frame. Prints as number and name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u32);

macro_rules! message_ids {
    ($($number:literal $constant:ident $name:literal)*) => {
        impl MessageId {
            $(#[doc = concat!("`", $name, "`")] pub const $constant: Self = Self($number);)*

            /// Its name, where it has one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{:04X} {name}", self.0),
            None => write!(f, "{:04X}", self.0),
        }
    }
}

impl std::fmt::Debug for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MessageId({self})")
    }
}

message_ids! {
    0x0000 KEEP_ALIVE "KeepAlive"
    0x0001 REGISTER "Register"
    0x0002 IP_PORT "IpPort"
    0x0003 KEYPAD_BUTTON "KeypadButton"
    0x0004 ENBLOC_CALL "EnblocCall"
    0x0005 STIMULUS "Stimulus"
    0x0006 OFF_HOOK "OffHook"
    0x0007 ON_HOOK "OnHook"
    0x0008 HOOK_FLASH "HookFlash"
    0x0009 FORWARD_STAT_REQ "ForwardStatReq"
    0x000A SPEED_DIAL_STAT_REQ "SpeedDialStatReq"
    0x000B LINE_STAT_REQ "LineStatReq"
    0x000C CONFIG_STAT_REQ "ConfigStatReq"
    0x000D TIME_DATE_REQ "TimeDateReq"
    0x000E BUTTON_TEMPLATE_REQ "ButtonTemplateReq"
    0x000F VERSION_REQ "VersionReq"
    0x0010 CAPABILITIES_RES "CapabilitiesRes"
    0x0011 MEDIA_PORT_LIST "MediaPortList"
    0x0012 SERVER_REQ "ServerReq"
    0x0020 ALARM "Alarm"
    0x0021 MULTICAST_MEDIA_RECEPTION_ACK "MulticastMediaReceptionAck"
    0x0022 OPEN_RECEIVE_CHANNEL_ACK "OpenReceiveChannelAck"
    0x0023 CONNECTION_STATISTICS_RES "ConnectionStatisticsRes"
    0x0024 OFF_HOOK_WITH_CALLING_PARTY_NUMBER "OffHookWithCallingPartyNumber"
    0x0025 SOFT_KEY_SET_REQ "SoftKeySetReq"
    0x0026 SOFT_KEY_EVENT "SoftKeyEvent"
    0x0027 UNREGISTER "Unregister"
    0x0028 SOFT_KEY_TEMPLATE_REQ "SoftKeyTemplateReq"
    0x0029 REGISTER_TOKEN_REQ "RegisterTokenReq"
    0x002A MEDIA_TRANSMISSION_FAILURE "MediaTransmissionFailure"
    0x002B HEADSET_STATUS "HeadsetStatus"
    0x002C MEDIA_RESOURCE_NOTIFICATION "MediaResourceNotification"
    0x002D REGISTER_AVAILABLE_LINES "RegisterAvailableLines"
    0x002E DEVICE_TO_USER_DATA "DeviceToUserData"
    0x002F DEVICE_TO_USER_DATA_RESPONSE "DeviceToUserDataResponse"
    0x0030 UPDATE_CAPABILITIES "UpdateCapabilities"
    0x0031 OPEN_MULTI_MEDIA_RECEIVE_CHANNEL_ACK "OpenMultiMediaReceiveChannelAck"
    0x0032 CLEAR_CONFERENCE "ClearConference"
    0x0033 SERVICE_URL_STAT_REQ "ServiceUrlStatReq"
    0x0034 FEATURE_STAT_REQ "FeatureStatReq"
    0x0035 CREATE_CONFERENCE_RES "CreateConferenceRes"
    0x0036 DELETE_CONFERENCE_RES "DeleteConferenceRes"
    0x0037 MODIFY_CONFERENCE_RES "ModifyConferenceRes"
    0x0038 ADD_PARTICIPANT_RES "AddParticipantRes"
    0x0039 AUDIT_CONFERENCE_RES "AuditConferenceRes"
    0x0040 AUDIT_PARTICIPANT_RES "AuditParticipantRes"
    0x0041 DEVICE_TO_USER_DATA_V1 "DeviceToUserDataV1"
    0x0042 DEVICE_TO_USER_DATA_RESPONSE_V1 "DeviceToUserDataResponseV1"
    0x0043 UPDATE_CAPABILITIES_V2 "UpdateCapabilitiesV2"
    0x0044 UPDATE_CAPABILITIES_V3 "UpdateCapabilitiesV3"
    0x0045 PORT_RES "PortRes"
    0x0046 QOS_RESV_NOTIFY "QoSResvNotify"
    0x0047 QOS_ERROR_NOTIFY "QoSErrorNotify"
    0x0048 SUBSCRIPTION_STAT_REQ "SubscriptionStatReq"
    0x0049 MEDIA_PATH_EVENT "MediaPathEvent"
    0x004A MEDIA_PATH_CAPABILITY "MediaPathCapability"
    0x004C MWI_NOTIFICATION "MwiNotification"
    0x0081 REGISTER_ACK "RegisterAck"
    0x0082 START_TONE "StartTone"
    0x0083 STOP_TONE "StopTone"
    0x0085 SET_RINGER "SetRinger"
    0x0086 SET_LAMP "SetLamp"
    0x0087 SET_HOOK_FLASH_DETECT "SetHookFlashDetect"
    0x0088 SET_SPEAKER_MODE "SetSpeakerMode"
    0x0089 SET_MICRO_MODE "SetMicroMode"
    0x008A START_MEDIA_TRANSMISSION "StartMediaTransmission"
    0x008B STOP_MEDIA_TRANSMISSION "StopMediaTransmission"
    0x008F CALL_INFO "CallInfo"
    0x0090 FORWARD_STAT "ForwardStat"
    0x0091 SPEED_DIAL_STAT "SpeedDialStat"
    0x0092 LINE_STAT "LineStat"
    0x0093 CONFIG_STAT "ConfigStat"
    0x0094 DEFINE_TIME_DATE "DefineTimeDate"
    0x0095 START_SESSION_TRANSMISSION "StartSessionTransmission"
    0x0096 STOP_SESSION_TRANSMISSION "StopSessionTransmission"
    0x0097 BUTTON_TEMPLATE "ButtonTemplate"
    0x0098 VERSION "Version"
    0x0099 DISPLAY_TEXT "DisplayText"
    0x009A CLEAR_DISPLAY "ClearDisplay"
    0x009B CAPABILITIES_REQ "CapabilitiesReq"
    0x009D REGISTER_REJECT "RegisterReject"
    0x009E SERVER_RES "ServerRes"
    0x009F RESET "Reset"
    0x0100 KEEP_ALIVE_ACK "KeepAliveAck"
    0x0101 START_MULTICAST_MEDIA_RECEPTION "StartMulticastMediaReception"
    0x0102 START_MULTICAST_MEDIA_TRANSMISSION "StartMulticastMediaTransmission"
    0x0103 STOP_MULTICAST_MEDIA_RECEPTION "StopMulticastMediaReception"
    0x0104 STOP_MULTICAST_MEDIA_TRANSMISSION "StopMulticastMediaTransmission"
    0x0105 OPEN_RECEIVE_CHANNEL "OpenReceiveChannel"
    0x0106 CLOSE_RECEIVE_CHANNEL "CloseReceiveChannel"
    0x0107 CONNECTION_STATISTICS_REQ "ConnectionStatisticsReq"
    0x0108 SOFT_KEY_TEMPLATE "SoftKeyTemplate"
    0x0109 SOFT_KEY_SET "SoftKeySet"
    0x0110 SELECT_SOFT_KEYS "SelectSoftKeys"
    0x0111 CALL_STATE "CallState"
    0x0112 DISPLAY_PROMPT_STATUS "DisplayPromptStatus"
    0x0113 CLEAR_PROMPT_STATUS "ClearPromptStatus"
    0x0114 DISPLAY_NOTIFY "DisplayNotify"
    0x0115 CLEAR_NOTIFY "ClearNotify"
    0x0116 ACTIVATE_CALL_PLANE "ActivateCallPlane"
    0x0117 DEACTIVATE_CALL_PLANE "DeactivateCallPlane"
    0x0118 UNREGISTER_ACK "UnregisterAck"
    0x0119 BACK_SPACE_RES "BackSpaceRes"
    0x011A REGISTER_TOKEN_ACK "RegisterTokenAck"
    0x011B REGISTER_TOKEN_REJECT "RegisterTokenReject"
    0x011C START_MEDIA_FAILURE_DETECTION "StartMediaFailureDetection"
    0x011D DIALED_NUMBER "DialedNumber"
    0x011E USER_TO_DEVICE_DATA "UserToDeviceData"
    0x011F FEATURE_STAT "FeatureStat"
    0x0120 DISPLAY_PRI_NOTIFY "DisplayPriNotify"
    0x0121 CLEAR_PRI_NOTIFY "ClearPriNotify"
    0x0122 START_ANNOUNCEMENT "StartAnnouncement"
    0x0123 STOP_ANNOUNCEMENT "StopAnnouncement"
    0x0124 ANNOUNCEMENT_FINISH "AnnouncementFinish"
    0x0127 NOTIFY_DTMF_TONE "NotifyDtmfTone"
    0x0128 SEND_DTMF_TONE "SendDtmfTone"
    0x0129 SUBSCRIBE_DTMF_PAYLOAD_REQ "SubscribeDtmfPayloadReq"
    0x012A SUBSCRIBE_DTMF_PAYLOAD_RES "SubscribeDtmfPayloadRes"
    0x012B SUBSCRIBE_DTMF_PAYLOAD_ERR "SubscribeDtmfPayloadErr"
    0x012C UN_SUBSCRIBE_DTMF_PAYLOAD_REQ "UnSubscribeDtmfPayloadReq"
    0x012D UN_SUBSCRIBE_DTMF_PAYLOAD_RES "UnSubscribeDtmfPayloadRes"
    0x012E UN_SUBSCRIBE_DTMF_PAYLOAD_ERR "UnSubscribeDtmfPayloadErr"
    0x012F SERVICE_URL_STAT "ServiceUrlStat"
    0x0130 CALL_SELECT_STAT_RES "CallSelectStatRes"
    0x0131 OPEN_MULTI_MEDIA_RECEIVE_CHANNEL "OpenMultiMediaReceiveChannel"
    0x0132 START_MULTI_MEDIA_TRANSMISSION "StartMultiMediaTransmission"
    0x0133 STOP_MULTI_MEDIA_TRANSMISSION "StopMultiMediaTransmission"
    0x0134 MISCELLANEOUS_COMMAND "MiscellaneousCommand"
    0x0135 FLOW_CONTROL_COMMAND "FlowControlCommand"
    0x0136 CLOSE_MULTI_MEDIA_RECEIVE_CHANNEL "CloseMultiMediaReceiveChannel"
    0x0137 CREATE_CONFERENCE_REQ "CreateConferenceReq"
    0x0138 DELETE_CONFERENCE_REQ "DeleteConferenceReq"
    0x0139 MODIFY_CONFERENCE_REQ "ModifyConferenceReq"
    0x013A ADD_PARTICIPANT_REQ "AddParticipantReq"
    0x013B DROP_PARTICIPANT_REQ "DropParticipantReq"
    0x013C AUDIT_CONFERENCE_REQ "AuditConferenceReq"
    0x013D AUDIT_PARTICIPANT_REQ "AuditParticipantReq"
    0x013E CHANGE_PARTICIPANT_REQ "ChangeParticipantReq"
    0x013F USER_TO_DEVICE_DATA_V1 "UserToDeviceDataV1"
    0x0140 VIDEO_DISPLAY_COMMAND "VideoDisplayCommand"
    0x0141 FLOW_CONTROL_NOTIFY "FlowControlNotify"
    0x0142 CONFIG_STAT_V2 "ConfigStatV2"
    0x0143 DISPLAY_NOTIFY_V2 "DisplayNotifyV2"
    0x0144 DISPLAY_PRI_NOTIFY_V2 "DisplayPriNotifyV2"
    0x0145 DISPLAY_PROMPT_STATUS_V2 "DisplayPromptStatusV2"
    0x0146 FEATURE_STAT_V2 "FeatureStatV2"
    0x0147 LINE_STAT_V2 "LineStatV2"
    0x0148 SERVICE_URL_STAT_V2 "ServiceUrlStatV2"
    0x0149 SPEED_DIAL_STAT_V2 "SpeedDialStatV2"
    0x014A CALL_INFO_V2 "CallInfoV2"
    0x014B PORT_REQ "PortReq"
    0x014C PORT_CLOSE "PortClose"
    0x014D QOS_LISTEN "QoSListen"
    0x014E QOS_PATH "QoSPath"
    0x014F QOS_TEARDOWN "QoSTeardown"
    0x0150 UPDATE_DSCP "UpdateDSCP"
    0x0151 QOS_MODIFY "QoSModify"
    0x0152 SUBSCRIPTION_STAT_RES "SubscriptionStatRes"
    0x0153 NOTIFICATION "Notification"
    0x0154 START_MEDIA_TRANSMISSION_ACK "StartMediaTransmissionAck"
    0x0155 START_MULTI_MEDIA_TRANSMISSION_ACK "StartMultiMediaTransmissionAck"
    0x0156 CALL_HISTORY_INFO "CallHistoryInfo"
    0x0157 LOCATION_INFO "LocationInfo"
    0x0158 MWI_RES "MwiRes"
    0x0159 ADD_ON_DEVICE_CAPABILITIES "AddOnDeviceCapabilities"
    0x015A XML_ALARM "XmlAlarm"
    0x015E CALL_COUNT_REQ "CallCountReq"
    0x015F CALL_COUNT_RESP "CallCountResp"
    0x0160 RECORDING_STATUS "RecordingStatus"
    0x8000 SPCP_REGISTER_TOKEN_REQ "SpcpRegisterTokenReq"
    0x8100 SPCP_REGISTER_TOKEN_ACK "SpcpRegisterTokenAck"
    0x8101 SPCP_REGISTER_TOKEN_REJECT "SpcpRegisterTokenReject"
}

#[cfg(test)]
mod tests {
    use super::MessageId;

    #[test]
    fn a_log_line_names_what_is_known_and_numbers_the_rest() {
        assert_eq!(MessageId(0x9F).to_string(), "009F Reset");
        assert_eq!(MessageId(0xFF02).to_string(), "FF02");
    }
}
