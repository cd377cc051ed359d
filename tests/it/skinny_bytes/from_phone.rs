//! What Wireshark should read in messages of a phone.

use embody::sccp::wire::*;

use super::{Expected, Value, are, is};

pub fn expected(message: &PhoneMessage, version: u8) -> Expected {
    use PhoneMessage as M;
    match message {
        M::Register(m) => register(m),
        M::IpPort(port) => vec![is("rtpMediaPort", *port)],
        M::Alarm(m) => vec![
            is("alarmSeverity", m.severity.0),
            is("text", &*m.text),
            is("parm1", m.parameter1),
            is("parm2", m.parameter2),
        ],
        M::XmlAlarm(xml) => vec![is("alarmInfo", &**xml)],
        M::RegisterTokenReq(m) => vec![
            is("DeviceName", &*m.device_name),
            is("instance", m.instance),
            is("deviceType", m.device_type.0),
        ],
        M::SpcpRegisterTokenReq(m) => vec![
            is("DeviceName", &*m.device_name),
            is("instance", m.instance),
            is("deviceType", m.device_type.0),
            is("maxStreams", m.max_streams),
        ],
        M::Unregister(UnregisterReason::UNKNOWN) => vec![],
        M::Unregister(reason) => vec![is("unRegReasonCode", reason.0)],
        M::CapabilitiesRes(audio) => {
            let mut fields = vec![is("capCount", u32::try_from(audio.len()).unwrap())];
            fields.extend(codecs(audio));
            fields
        }
        M::UpdateCapabilities(m) => {
            let mut fields = vec![
                is("audioCapCount", u32::try_from(m.audio.len()).unwrap()),
                is("videoCapCount", m.video_count),
                is("dataCapCount", m.data_count),
            ];
            fields.extend(codecs(&m.audio));
            fields
        }
        M::LineStatReq(line) | M::ForwardStatReq(line) => vec![is("lineNumber", line.0)],
        M::SpeedDialStatReq(index) => vec![is("speedDialNumber", index.0)],
        M::FeatureStatReq(m) => vec![
            is("featureIndex", m.index.0),
            is("featureCapabilities", m.capabilities),
        ],
        M::ServiceUrlStatReq(index) => vec![is("serviceURLIndex", index.0)],
        M::HeadsetStatus(on) => vec![is("headsetStatus", if *on { 1 } else { 2 })],
        M::RegisterAvailableLines(lines) => vec![is("maxNumOfAvailLines", *lines)],
        M::MediaPathEvent(m) => vec![
            is("mediaPathID", m.path.0),
            is("mediaPathEvent", if m.on { 1 } else { 2 }),
        ],
        M::MediaPathCapability(m) => vec![
            is("mediaPathID", m.path.0),
            is("mediaPathCapabilities", m.capability.0),
        ],
        M::AddOnDeviceCapabilities(m) => vec![
            is("unknown1.0159", m.instance),
            is("unknown2.0159", m.device_type.0),
            is("unknown3.0159", m.max_allowed),
            is("unknownString.0159", &*m.description),
        ],
        M::LocationInfo(xml) => vec![is("locationInfo", &**xml)],
        M::DeviceToUserData(m) | M::DeviceToUserDataResponse(m) => user_data(m),
        other => calls(other, version),
    }
}

fn register(m: &Register) -> Expected {
    let announced = m.announced.unwrap();
    vec![
        is("DeviceName", &*m.device_name),
        is("instance", m.instance),
        is("stationIpAddr", &*m.address.to_string()),
        is("deviceType", m.device_type.0),
        is("maxStreams", m.max_streams.unwrap()),
        is("protocolVer", u32::from(announced.version)),
        is("PhoneFeatures.UTF8", 1),
        is("macAddress", "00:1f:9e:26:63:69"),
        is("maxNumberOfLines", m.max_lines.unwrap()),
        is("firmwareLoadName", m.firmware.as_deref().unwrap()),
        are("configVersionStamp", m.config_version_stamp.as_deref()),
    ]
}

fn codecs(audio: &[AudioCapability]) -> Expected {
    vec![
        are("payloadCapability", audio.iter().map(|a| a.codec.0)),
        are("maxFramesPerPacket", audio.iter().map(|a| a.max_frames)),
    ]
}

pub fn user_data(m: &UserData) -> Expected {
    let text = String::from_utf8_lossy(&m.data.0).into_owned();
    vec![
        is("applicationId", m.application),
        is("lineInstance", m.line.0),
        is("callReference", m.call.0),
        is("transactionId", m.transaction),
        is("dataLength", u32::try_from(m.data.0.len()).unwrap()),
        is("xmldata", &*text),
    ]
}

fn place(line: Instance, call: CallRef) -> Expected {
    vec![is("lineInstance", line.0), is("callReference", call.0)]
}

fn stream(conference: u32, party: u32, call: CallRef) -> Expected {
    vec![
        is("conferenceId", conference),
        is("passThroughPartyId", party),
        is("callReference", call.0),
    ]
}

fn and(
    mut fields: Expected,
    more: impl IntoIterator<Item = (&'static str, Vec<Value>)>,
) -> Expected {
    fields.extend(more);
    fields
}

fn calls(message: &PhoneMessage, version: u8) -> Expected {
    use PhoneMessage as M;
    match message {
        M::OffHook(m) | M::OnHook(m) | M::HookFlash(m) => place(m.line, m.call),
        M::KeypadButton(m) => and(place(m.line, m.call), [is("kpButton", m.key.0)]),
        M::EnblocCall(m) => vec![is("calledParty", &*m.number), is("lineInstance", m.line.0)],
        M::Stimulus(m) => and(
            place(m.instance, m.call),
            [is("stimulus", m.stimulus.0), is("stimulusStatus", m.status)],
        ),
        M::SoftKeyEvent(m) => and(place(m.line, m.call), [is("softKeyEvent", m.event.0)]),
        M::OffHookWithCallingParty(m) => vec![
            is("callingPartyNumber", &*m.calling_number),
            is("cgpnVoiceMailbox", &*m.voice_mail_box),
            is("lineInstance", m.line.0),
        ],
        M::OpenReceiveChannelAck(m) => and(opened(m), [is("mediaReceptionStatus", m.status.0)]),
        M::OpenMultiMediaReceiveChannelAck(m) => {
            and(opened(m), [is("multimediaReceptionStatus", m.status.0)])
        }
        M::StartMediaTransmissionAck(m) => {
            and(started(m), [is("mediaTransmissionStatus", m.status.0)])
        }
        M::StartMultiMediaTransmissionAck(m) => {
            and(started(m), [is("multimediaTransmissionStatus", m.status.0)])
        }
        M::MulticastMediaReceptionAck(m) => vec![
            is("multicastReceptionStatus", m.status),
            is("passThroughPartyId", m.party),
            is("callReference", m.call.0),
        ],
        M::MediaTransmissionFailure(m) => and(
            stream(m.conference, m.party, m.call),
            [
                is("remoteIpAddr.ipv4", &*m.remote.address.to_string()),
                is("remotePortNumber", m.remote.port),
            ],
        ),
        M::MediaResourceNotification(m) => vec![
            is("deviceType", m.device_type.0),
            is("numberOfInServiceStreams", m.in_service),
            is("maxStreamsPerConf", m.per_conference),
            is("numberOfOutOfServiceStreams", m.out_of_service),
        ],
        M::PortRes(m) => and(
            stream(m.conference, m.party, m.call),
            [
                is("ipAddr.ipv4", &*m.endpoint.address.to_string()),
                is("portNumber", m.endpoint.port),
                is("RTCPPortNumber", m.rtcp_port),
                are("mediaType", (version >= 19).then_some(m.media.0)),
            ],
        ),
        M::ConnectionStatistics(m) => statistics(m),
        M::ClearConference(m) => vec![
            is("conferenceId", m.conference),
            is("serviceNum", m.service),
        ],
        M::SubscriptionStatReq(m) => vec![
            is("transactionId", m.transaction),
            is("subscriptionFeatureID", m.feature.0),
            is("timer", m.timer),
            is("subscriptionID", &*m.target),
        ],
        M::CallHistoryInfo(m) => and(
            place(m.line, m.call),
            [is("callHistoryDisposition", m.disposition.0)],
        ),
        M::RecordingStatus(m) => vec![
            is("callReference", m.call.0),
            is("recording.status", m.status),
        ],
        _ => vec![],
    }
}

fn opened(m: &OpenReceiveChannelAck) -> Expected {
    vec![
        is("ipAddr.ipv4", &*m.endpoint.address.to_string()),
        is("portNumber", m.endpoint.port),
        is("passThroughPartyId", m.party),
        is("callReference", m.call.0),
    ]
}

fn started(m: &StartMediaTransmissionAck) -> Expected {
    and(
        stream(m.conference, m.party, m.call),
        [
            is("transmitIpAddr.ipv4", &*m.endpoint.address.to_string()),
            is("portNumber", m.endpoint.port),
        ],
    )
}

fn statistics(m: &ConnectionStatistics) -> Expected {
    vec![
        is("directoryNum", &*m.number),
        is("callReference", m.call.0),
        is("statsProcessingMode", m.processing.0),
        is("numberPacketsSent", m.counters.packets_sent),
        is("numberOctetsSent", m.counters.octets_sent),
        is("numberPacketsReceived", m.counters.packets_received),
        is("numberOctetsReceived", m.counters.octets_received),
        is("numberPacketsLost", m.counters.packets_lost),
        is("jitter", m.counters.jitter),
        is("latency", m.counters.latency),
        is("dataSize", u32::try_from(m.quality.len()).unwrap()),
        is("data", &*m.quality),
    ]
}
