//! What Wireshark should read in messages of a call manager.

use std::net::IpAddr;

use embody::sccp::wire::*;

use super::from_phone::user_data;
use super::{Expected, Value, are, is};

pub fn expected(message: &ServerMessage, id: MessageId, version: u8) -> Expected {
    use ServerMessage as M;
    match message {
        M::RegisterAck(m) => vec![
            is("keepAliveInterval", m.keep_alive),
            is("dateTemplate", &*m.date_template),
            is("secondaryKeepAliveInterval", m.secondary_keep_alive),
            is("maxProtocolVer", u32::from(m.version.0)),
        ],
        M::RegisterReject(text) => vec![is("text", &**text)],
        M::RegisterTokenReject(seconds) | M::SpcpRegisterTokenReject(seconds) => {
            vec![is("waitTimeBeforeNextReq", *seconds)]
        }
        M::SpcpRegisterTokenAck(features) => vec![is("features", *features)],
        M::UnregisterAck(status) => vec![is("status", status.0)],
        M::ButtonTemplate(m) => vec![
            is("buttonOffset", m.offset),
            is("buttonCount", u32::try_from(m.buttons.len()).unwrap()),
            is("totalButtonCount", m.total),
            are(
                "instanceNumber",
                m.buttons.iter().map(|b| u32::from(b.instance)),
            ),
            are("buttonDefinition", m.buttons.iter().map(|b| b.kind.0)),
        ],
        M::SoftKeyTemplate(m) => vec![
            is("softKeyCount", u32::try_from(m.keys.len()).unwrap()),
            (
                "softKeyLabel",
                m.keys
                    .iter()
                    .map(|key| Value::Words(shown(&key.label)))
                    .collect(),
            ),
            are("softKeyEvent", m.keys.iter().map(|key| key.event.0)),
        ],
        M::SoftKeySets(m) => soft_key_sets(m),
        M::SelectSoftKeys(m) => and(place(m.line, m.call), [is("softKeySetIndex", m.set.0)]),
        M::DefineTimeDate(m) => vec![
            is("wYear", m.year),
            is("wMonth", m.month),
            is("wDayOfWeek", m.day_of_week),
            is("wDay", m.day),
            is("wHour", m.hour),
            is("wMinute", m.minute),
            is("wSecond", m.second),
            is("wMilliseconds", m.millisecond),
        ],
        M::Version(load) => vec![is("versionStr", &**load)],
        M::ServerRes(m) => servers(m, version),
        M::Reset(kind) => vec![is("resetType", kind.0)],
        M::UserToDeviceData(m) => user_data(m),
        M::ConfigStat(_)
        | M::LineStat(_)
        | M::SpeedDialStat(_)
        | M::FeatureStat(_)
        | M::ServiceUrlStat(_)
        | M::ForwardStat(_) => stat(message, id, version),
        M::DisplayText(_)
        | M::DisplayPromptStatus(_)
        | M::DisplayNotify(_)
        | M::DisplayPriNotify(_)
        | M::ClearPriNotify(_) => display(message),
        other => {
            let fields = signals(other, id);
            if fields.is_empty() {
                media(other, version)
            } else {
                fields
            }
        }
    }
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

/// A text as the dissector shows it: of the phone's own phrases, the code alone.
fn shown(text: &Text) -> String {
    let pieces = text.pieces().iter().map(|piece| match piece {
        Piece::Words(words) => words.clone(),
        // It escapes what parts its columns.
        Piece::Label(Label { code: b'\t', .. }) => "\\t".to_owned(),
        Piece::Label(label) => char::from(label.code).to_string(),
    });
    pieces.collect()
}

fn words(field: &'static str, text: &Text) -> Expected {
    vec![is(field, &*shown(text))]
}

/// All places of all sets, blank ones too.
fn soft_key_sets(m: &SoftKeySets) -> Expected {
    let places: Vec<_> = m
        .sets
        .iter()
        .flat_map(|set| {
            (0..SoftKeySet::PLACES).map(|i| set.places.get(i).copied().unwrap_or_default())
        })
        .collect();
    let info = |event: SoftKeyEvent| if event.0 == 0 { 0 } else { 300 + event.0 };
    vec![
        is("softKeySetCount", u32::try_from(m.sets.len()).unwrap()),
        are(
            "softKeyTemplateIndex",
            places.iter().map(|p| u32::from(p.position)),
        ),
        are("softKeyInfoIndex", places.iter().map(|p| info(p.event))),
    ]
}

fn servers(m: &ServerRes, version: u8) -> Expected {
    let of = |want: fn(&IpAddr) -> bool| {
        let addresses = m.servers.iter().map(|server| server.address);
        addresses
            .filter(want)
            .map(|a| Value::Words(a.to_string()))
            .collect::<Vec<_>>()
    };
    let unused = || std::iter::repeat_n(Value::Words("0.0.0.0".to_owned()), 5 - m.servers.len());
    let mut v4 = of(IpAddr::is_ipv4);
    v4.extend(unused());
    let ports = (0..5).map(|i| m.servers.get(i).map_or(0, |server| server.port));
    vec![
        are("ServerName", m.servers.iter().map(|server| &*server.name)),
        are("serverTcpListenPort", ports),
        // Below version 17 there is no other kind.
        if version < 17 {
            ("stationIpAddr", v4)
        } else {
            ("stationIpAddr.ipv4", v4)
        },
        ("stationIpAddr.ipv6", of(IpAddr::is_ipv6)),
    ]
}

fn stat(message: &ServerMessage, id: MessageId, version: u8) -> Expected {
    use ServerMessage as M;
    match message {
        M::ConfigStat(m) => {
            let fields = vec![
                is("DeviceName", &*m.device_name),
                is("instance", m.instance),
            ];
            let more = [
                is("userName", &*m.user_name),
                is("serverName", &*m.server_name),
                is("numberOfLines", m.lines),
                is("numberOfSpeedDials", m.speed_dials),
            ];
            // Of the dynamic form the dissector knows the start alone.
            if id == MessageId::CONFIG_STAT {
                and(fields, more)
            } else {
                fields
            }
        }
        M::LineStat(m) => vec![
            is("lineNumber", m.line.0),
            is("lineDirNumber", &*m.number),
            is("lineFullyQualifiedDisplayName", &*m.display_name),
            is("lineTextLabel", &*m.label),
        ],
        M::SpeedDialStat(m) => vec![
            is("speedDialNumber", m.index.0),
            is("speedDialDirNumber", &*m.number),
            is("speedDialDisplayName", &*m.label),
        ],
        M::FeatureStat(m) => {
            let fields = vec![
                is("featureIndex", m.index.0),
                is("featureID", m.kind.0),
                is("featureStatus", m.status),
            ];
            and(fields, words("featureTextLabel", &m.label))
        }
        M::ServiceUrlStat(m) => vec![
            is("serviceURLIndex", m.index.0),
            is("serviceURL", &*m.url),
            is("serviceURLDisplayName", &*m.label),
        ],
        M::ForwardStat(m) => {
            let on = if version >= 18 { 2 } else { 1 };
            let active = |target: &Option<String>| if target.is_some() { on } else { 0 };
            let number = |target: &Option<String>| target.clone().map(Value::Words);
            vec![
                is("activeForward", on),
                is("lineNumber", m.line.0),
                is("forwardAllActive", active(&m.all)),
                ("forwardAllDirnum", number(&m.all).into_iter().collect()),
                is("forwardBusyActive", active(&m.busy)),
                ("forwardBusyDirnum", number(&m.busy).into_iter().collect()),
                is("forwardNoAnswerActive", active(&m.no_answer)),
                (
                    "forwardNoAnswerlDirnum",
                    number(&m.no_answer).into_iter().collect(),
                ),
            ]
        }
        _ => vec![],
    }
}

fn display(message: &ServerMessage) -> Expected {
    use ServerMessage as M;
    match message {
        M::DisplayText(text) => words("text", text),
        M::DisplayPromptStatus(m) => {
            let fields = and(place(m.line, m.call), [is("timeOutValue", m.timeout)]);
            and(fields, words("promptStatus", &m.text))
        }
        M::DisplayNotify(m) => and(
            vec![is("timeOutValue", m.timeout)],
            words("notify", &m.text),
        ),
        M::DisplayPriNotify(m) => {
            let fields = vec![is("timeOutValue", m.timeout), is("priority", m.priority)];
            and(fields, words("notify", &m.text))
        }
        M::ClearPriNotify(priority) => vec![is("priority", *priority)],
        _ => vec![],
    }
}

fn signals(message: &ServerMessage, id: MessageId) -> Expected {
    use ServerMessage as M;
    match message {
        M::SetLamp(m) => vec![
            is("stimulus", m.stimulus.0),
            is("stimulusInstance", m.instance.0),
            is("lampMode", m.mode.0),
        ],
        M::SetRinger(m) => and(
            place(m.line, m.call),
            [is("ringMode", m.mode.0), is("ringDuration", m.duration.0)],
        ),
        M::SetSpeakerMode(on) => vec![is("speakerMode", if *on { 1 } else { 2 })],
        M::SetMicroMode(on) => vec![is("micMode", if *on { 1 } else { 2 })],
        M::StartTone(m) => and(
            place(m.line, m.call),
            [
                is("tone", m.tone.0),
                is("tone.output.direction", m.direction.0),
            ],
        ),
        M::StopTone(m) => {
            let tone = (m.tone != Tone::SILENCE).then_some(m.tone.0);
            and(place(m.line, m.call), [are("tone", tone)])
        }
        M::ClearPromptStatus { line, call } | M::BackSpace { line, call } => place(*line, *call),
        M::CallState(m) => and(
            place(m.line, m.call),
            [
                is("callState", m.state.0),
                is("privacy", m.privacy),
                is("precedenceLevel", m.precedence_level),
                is("precedenceDomain", m.precedence_domain),
            ],
        ),
        M::ActivateCallPlane(line) => vec![is("lineInstance", line.0)],
        M::CallInfo(m) => call_info(m, id == MessageId::CALL_INFO_V2),
        M::DialedNumber(m) => and(place(m.line, m.call), [is("dialedNumber", &*m.number)]),
        M::CallSelectStat(m) => and(place(m.line, m.call), [is("callSelectStat", m.status)]),
        M::ConnectionStatisticsReq(m) => vec![
            is("directoryNum", &*m.number),
            is("callReference", m.call.0),
            is("statsProcessingMode", m.processing.0),
        ],
        M::SubscriptionStat(m) => vec![
            is("transactionId", m.transaction),
            is("subscriptionFeatureID", m.feature.0),
            is("timer", m.timer),
            is("cause", m.cause.0),
        ],
        M::Notification(m) => and(
            vec![
                is("transactionId", m.transaction),
                is("subscriptionFeatureID", m.feature.0),
                is("notificationStatus", m.status),
            ],
            words("text", &m.text),
        ),
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

fn call_info(m: &CallInfo, is_dynamic: bool) -> Expected {
    let present = |field, string: &str| {
        let travels = is_dynamic && !string.is_empty();
        are(field, travels.then_some(string))
    };
    let mut fields = and(
        place(m.line, m.call),
        [
            is("callType", m.kind.0),
            is("originalCdpnRedirectReason", m.original_reason),
            is("lastRedirectingReason", m.last_reason),
            is("callInstance", m.instance),
            is("callSecurityStatus", m.security.0),
            is("callingParty", &*m.calling.number),
            present("AlternateCallingParty", &m.alternate_calling),
            is("calledParty", &*m.called.number),
            is("originalCalledParty", &*m.original_called.number),
            is("lastRedirectingParty", &*m.last_redirecting.number),
            is("cgpnVoiceMailbox", &*m.calling.voice_mail_box),
            is("cdpnVoiceMailbox", &*m.called.voice_mail_box),
            is(
                "originalCdpnVoiceMailbox",
                &*m.original_called.voice_mail_box,
            ),
            is(
                "lastRedirectingVoiceMailbox",
                &*m.last_redirecting.voice_mail_box,
            ),
        ],
    );
    fields.extend(words("callingPartyName", &m.calling.name));
    fields.extend(words("calledPartyName", &m.called.name));
    fields.extend(words("originalCalledPartyName", &m.original_called.name));
    fields.extend(words("lastRedirectingPartyName", &m.last_redirecting.name));
    fields.push(present("HuntPilotNumber", &m.hunt_pilot_number));
    fields.push(present("HuntPilotName", &m.hunt_pilot_name.to_string()));
    fields
}

fn media(message: &ServerMessage, version: u8) -> Expected {
    use ServerMessage as M;
    let digit = |m: &DtmfTone| {
        vec![
            is("tone", m.tone.0),
            is("conferenceId", m.conference),
            is("passthruPartyID", m.party),
        ]
    };
    let flow = |m: &FlowControl| {
        vec![
            is("conferenceId", m.conference),
            is("passthruPartyID", m.party),
            is("callReference", m.call.0),
            is("maximumBitRate", m.max_bit_rate),
        ]
    };
    match message {
        M::OpenReceiveChannel(m) => open(m, version),
        M::StartMediaTransmission(m) => start(m, version),
        M::CloseReceiveChannel(m)
        | M::StopMediaTransmission(m)
        | M::CloseMultiMediaReceiveChannel(m)
        | M::StopMultiMediaTransmission(m) => and(
            stream(m.conference, m.party, m.call),
            [is("portHandlingFlag", m.port.0)],
        ),
        M::StopMulticastMediaReception(m) | M::StopMulticastMediaTransmission(m) => {
            stream(m.conference, m.party, m.call)
        }
        M::StartMulticastMediaReception(m) => and(
            stream(m.conference, m.party, m.call),
            [
                is("multicastIpAddr.ipv4", &*m.group.address.to_string()),
                is("multicastPortNumber", m.group.port),
                is("milliSecondPacketSize", m.packet_ms),
                is("compressionType", m.codec.0),
                is("ecValue", m.echo_cancel),
            ],
        ),
        M::StartMulticastMediaTransmission(m) => and(
            stream(m.conference, m.party, m.call),
            [
                is("multicastIpAddr.ipv4", &*m.group.address.to_string()),
                is("multicastPortNumber", m.group.port),
                is("milliSecondPacketSize", m.packet_ms),
                is("compressionType", m.codec.0),
                is("precedenceValue", m.precedence),
                is("ssValue", m.silence_suppression),
                is("maxFramesPerPacket", u32::from(m.max_frames)),
            ],
        ),
        M::StartMediaFailureDetection(m) => and(
            stream(m.conference, m.party, m.call),
            [
                is("milliSecondPacketSize", m.packet_ms),
                is("compressionType", m.codec.0),
                is("ecValue", m.echo_cancel),
            ],
        ),
        M::NotifyDtmfTone(m) | M::SendDtmfTone(m) => digit(m),
        M::DtmfSubscription(m) => vec![
            is("payloadDtmf", m.payload),
            is("conferenceId", m.conference),
            is("passthruPartyID", m.party),
            are("dtmfType", (m.dtmf_type != 0).then_some(m.dtmf_type)),
        ],
        M::FlowControlCommand(m) | M::FlowControlNotify(m) => flow(m),
        M::VideoDisplayCommand(m) => vec![
            is("conferenceId", m.conference),
            is("callReference", m.call.0),
            is("layoutID", m.layout),
        ],
        M::PortReq(m) => and(
            stream(m.conference, m.party, m.call),
            [
                is("mediaTransportType", m.transport.0),
                is("ipAddressType", m.address_type.0),
                is("mediaType", m.media.0),
            ],
        ),
        M::PortClose(m) => and(
            stream(m.conference, m.party, m.call),
            [is("mediaType", m.media.0)],
        ),
        _ => vec![],
    }
}

fn open(m: &OpenReceiveChannel, version: u8) -> Expected {
    let since = |first: u8, value: u32| (version >= first).then_some(value);
    let source = (version >= 12).then(|| m.source.address.to_string());
    let mut fields = and(
        stream(m.conference, m.party, m.call),
        [
            is("milliSecondPacketSize", m.packet_ms),
            is("compressionType", m.codec.0),
            is("ecValue", m.echo_cancel),
            are("RFC2833PayloadType", since(6, m.dtmf_payload)),
            are("dtmfType", since(6, m.dtmf_type)),
            are("mixingMode", since(12, m.mixing_mode)),
            are("partyDirection", since(12, m.direction)),
            are("sourceIpAddr.ipv4", source.as_deref()),
            are("sourcePortNumber", since(12, m.source.port)),
            are("requestedIpAddrType", since(17, m.address_type.0)),
            are("audioLevelAdjustment", since(21, m.level_adjustment)),
        ],
    );
    fields.extend(key(&m.key));
    fields.extend(keying(version, [m.key_identifier, m.key_derivation_rate]));
    fields.extend(streams(version, [m.stream_party, m.associated_stream]));
    fields.extend(latent(version, &m.latent));
    fields
}

fn start(m: &StartMediaTransmission, version: u8) -> Expected {
    let since = |first: u8, value: u32| (version >= first).then_some(value);
    let mut fields = and(
        stream(m.conference, m.party, m.call),
        [
            is("remoteIpAddr.ipv4", &*m.remote.address.to_string()),
            is("remotePortNumber", m.remote.port),
            is("milliSecondPacketSize", m.packet_ms),
            is("compressionType", m.codec.0),
            is("precedenceValue", m.precedence),
            is("ssValue", m.silence_suppression),
            is("maxFramesPerPacket", u32::from(m.max_frames)),
            are("RFC2833PayloadType", since(6, m.dtmf_payload)),
            are("dtmfType", since(6, m.dtmf_type)),
            are("mixingMode", since(6, m.mixing_mode)),
            are("partyDirection", since(6, m.direction)),
        ],
    );
    fields.extend(key(&m.key));
    fields.extend(keying(version, [m.key_identifier, m.key_derivation_rate]));
    fields.extend(streams(version, [m.stream_party, m.associated_stream]));
    fields.extend(latent(version, &m.latent));
    fields
}

fn key(key: &MediaKey) -> Expected {
    vec![
        is("algorithmID", key.algorithm.0),
        is("keylen", u32::from(key.key_length)),
        is("saltlen", u32::from(key.salt_length)),
    ]
}

fn keying(version: u8, [identifier, rate]: [u32; 2]) -> Expected {
    let since = |value: u32| (version >= 6).then_some(value);
    vec![
        are("isMKIPresent", since(identifier)),
        are("keyDerivationRate", since(rate)),
    ]
}

fn streams(version: u8, [party, associated]: [u32; 2]) -> Expected {
    let since = |value: u32| (version >= 6).then_some(value);
    vec![
        are("streamPassThroughId", since(party)),
        are("associatedStreamId", since(associated)),
    ]
}

fn latent(version: u8, m: &LatentCapabilities) -> Expected {
    let since = |value: u8| (version >= 21).then_some(u32::from(value));
    vec![
        are("active", (version >= 21).then_some(m.active)),
        are("capAndVer", since(m.modem_relay[0])),
        are("modAnd2833", since(m.modem_relay[4])),
        are("chan0MaxPayload", since(m.relay_transport[0])),
        are("chan2MaxWindow", since(m.relay_transport[6])),
        are("standard", since(m.state_events[0])),
        are("vendor", since(m.state_events[4])),
        are("nse", since(m.payload_types[0])),
        are("FutureUse3", since(m.payload_types[7])),
    ]
}
