//! Messages of calls and their media.

use std::net::{IpAddr, Ipv4Addr};

use super::super::*;
use super::{ADDRESS, CALL, LINE};

const CONFERENCE: u32 = 0x0100_0007;
const PARTY: u32 = 0x0100_0042;
const PORT: u32 = 20_482;

fn endpoint() -> Endpoint {
    Endpoint {
        address: ADDRESS.into(),
        port: PORT,
    }
}

/// A value that travels from a version on.
fn since<T: Default>(version: ProtocolVersion, first: u8, value: T) -> T {
    if version.0 >= first {
        value
    } else {
        T::default()
    }
}

pub(super) fn phone(version: ProtocolVersion) -> Vec<PhoneMessage> {
    use PhoneMessage as M;
    let opened = OpenReceiveChannelAck {
        status: MediaStatus::OK,
        endpoint: endpoint(),
        party: PARTY,
        call: CALL,
    };
    let started = StartMediaTransmissionAck {
        conference: CONFERENCE,
        party: PARTY,
        call: CALL,
        endpoint: endpoint(),
        status: MediaStatus::OK,
    };
    vec![
        M::HookFlash(HookEvent {
            line: LINE,
            call: CALL,
        }),
        M::OffHookWithCallingParty(OffHookWithCallingParty {
            calling_number: "1003".to_owned(),
            voice_mail_box: "8003".to_owned(),
            line: LINE,
        }),
        M::OpenReceiveChannelAck(opened),
        M::OpenMultiMediaReceiveChannelAck(opened),
        M::StartMediaTransmissionAck(started),
        M::StartMultiMediaTransmissionAck(StartMediaTransmissionAck {
            status: MediaStatus::ON_HOOK,
            ..started
        }),
        M::MulticastMediaReceptionAck(MulticastMediaReceptionAck {
            status: 1,
            party: PARTY,
            call: CALL,
        }),
        M::MediaTransmissionFailure(MediaTransmissionFailure {
            conference: CONFERENCE,
            party: PARTY,
            remote: endpoint(),
            call: CALL,
        }),
        M::MediaResourceNotification(MediaResourceNotification {
            device_type: DeviceType::CISCO_7941,
            in_service: 4,
            per_conference: 3,
            out_of_service: 1,
        }),
        M::PortRes(PortRes {
            conference: CONFERENCE,
            call: CALL,
            party: PARTY,
            endpoint: endpoint(),
            rtcp_port: PORT + 1,
            media: since(version, 19, MediaType::AUDIO),
        }),
        M::ConnectionStatistics(Box::new(ConnectionStatistics {
            number: "1003".to_owned(),
            call: CALL,
            processing: StatsProcessing::KEEP,
            counters: StreamCounters {
                packets_sent: 500,
                octets_sent: 86_000,
                packets_received: 490,
                octets_received: 84_280,
                packets_lost: 3,
                jitter: 12,
                latency: 40,
            },
            quality: "MLQK=4.5000;MLQKav=4.4900".to_owned(),
        })),
        M::ClearConference(ClearConference {
            conference: CONFERENCE,
            service: 2,
        }),
        M::SubscriptionStatReq(SubscriptionStatReq {
            transaction: 9,
            feature: SubscribedFeature::BUSY_LAMP_FIELD,
            timer: 3600,
            target: "1003".to_owned(),
        }),
        M::CallHistoryInfo(history()),
        M::RecordingStatus(recording()),
    ]
}

fn history() -> CallHistoryInfo {
    CallHistoryInfo {
        disposition: HistoryDisposition::MISSED,
        line: LINE,
        call: CALL,
    }
}

fn recording() -> RecordingStatus {
    RecordingStatus {
        call: CALL,
        status: 1,
    }
}

fn key() -> MediaKey {
    MediaKey {
        algorithm: Encryption::AES_CM_128_HMAC_SHA1_32,
        key_length: 16,
        salt_length: 14,
        key: *b"\x01abcdefghijklmno",
        salt: *b"\x02ABCDEFGHIJKLM\0\0",
    }
}

fn latent() -> LatentCapabilities {
    LatentCapabilities {
        active: 1,
        modem_relay: [1, 0, 0, 0, 2, 0, 0, 0],
        relay_transport: [140, 0, 132, 0, 132, 0, 8, 0],
        state_events: [1, 0, 0, 0, 3, 0, 0, 0],
        payload_types: [100, 101, 118, 120, 0, 0, 0, 9],
    }
}

pub(super) fn server(version: ProtocolVersion) -> Vec<ServerMessage> {
    use ServerMessage as M;
    let mut messages = call(version);
    let end = StreamEnd {
        conference: CONFERENCE,
        party: PARTY,
        call: CALL,
        port: PortHandling::KEEP,
    };
    messages.extend([
        M::OpenReceiveChannel(Box::new(open(version))),
        M::CloseReceiveChannel(end),
        M::StartMediaTransmission(Box::new(start(version))),
        M::StopMediaTransmission(end),
        M::CloseMultiMediaReceiveChannel(end),
        M::StopMultiMediaTransmission(end),
        M::StartMediaFailureDetection(StartMediaFailureDetection {
            conference: CONFERENCE,
            party: PARTY,
            packet_ms: 20,
            codec: Codec::G711_ULAW_64K,
            echo_cancel: 1,
            codec_parameters: [1, 2, 3, 4],
            call: CALL,
        }),
        M::PortReq(PortReq {
            conference: CONFERENCE,
            call: CALL,
            party: PARTY,
            transport: MediaTransport::RTP,
            address_type: AddressType::BOTH,
            media: MediaType::AUDIO,
        }),
        M::PortClose(PortClose {
            conference: CONFERENCE,
            call: CALL,
            party: PARTY,
            media: MediaType::AUDIO,
        }),
    ]);
    messages.extend(multicast());
    messages.extend(digits_and_video());
    messages
}

fn open(version: ProtocolVersion) -> OpenReceiveChannel {
    let since = |first, value| since(version, first, value);
    OpenReceiveChannel {
        conference: CONFERENCE,
        party: PARTY,
        packet_ms: 20,
        codec: Codec::G711_ULAW_64K,
        echo_cancel: 1,
        codec_parameters: [1, 2, 3, 4],
        call: CALL,
        key: key(),
        key_identifier: since(6, 1),
        key_derivation_rate: since(6, 24),
        stream_party: since(6, PARTY),
        associated_stream: since(6, 77),
        dtmf_payload: since(6, 101),
        dtmf_type: since(6, 10),
        mixing_mode: since(12, 1),
        direction: since(12, 2),
        source: if version.0 >= 12 {
            endpoint()
        } else {
            Endpoint::default()
        },
        address_type: AddressType(since(17, AddressType::BOTH.0)),
        level_adjustment: since(21, 5),
        latent: if version.0 >= 21 {
            latent()
        } else {
            LatentCapabilities::default()
        },
    }
}

fn start(version: ProtocolVersion) -> StartMediaTransmission {
    let since = |first, value| since(version, first, value);
    StartMediaTransmission {
        conference: CONFERENCE,
        party: PARTY,
        remote: endpoint(),
        packet_ms: 20,
        codec: Codec::G711_ULAW_64K,
        precedence: 184,
        silence_suppression: 1,
        max_frames: 2,
        padding: 0,
        codec_parameters: [1, 2, 3, 4],
        call: CALL,
        key: key(),
        key_identifier: since(6, 1),
        key_derivation_rate: since(6, 24),
        stream_party: since(6, PARTY),
        associated_stream: since(6, 77),
        dtmf_payload: since(6, 101),
        dtmf_type: since(6, 10),
        mixing_mode: since(6, 1),
        direction: since(6, 2),
        latent: if version.0 >= 21 {
            latent()
        } else {
            LatentCapabilities::default()
        },
    }
}

fn multicast() -> Vec<ServerMessage> {
    use ServerMessage as M;
    let group = Endpoint {
        address: IpAddr::V4(Ipv4Addr::new(239, 1, 1, 1)),
        port: 16_384,
    };
    let end = MulticastEnd {
        conference: CONFERENCE,
        party: PARTY,
        call: CALL,
    };
    vec![
        M::StartMulticastMediaReception(StartMulticastMediaReception {
            conference: CONFERENCE,
            party: PARTY,
            group,
            packet_ms: 20,
            codec: Codec::G711_ULAW_64K,
            echo_cancel: 1,
            codec_parameters: [1, 2, 3, 4],
            call: CALL,
        }),
        M::StopMulticastMediaReception(end),
        M::StartMulticastMediaTransmission(StartMulticastMediaTransmission {
            conference: CONFERENCE,
            party: PARTY,
            group,
            packet_ms: 20,
            codec: Codec::G711_ULAW_64K,
            precedence: 184,
            silence_suppression: 1,
            max_frames: 2,
            padding: 0,
            codec_parameters: [1, 2, 3, 4],
            call: CALL,
        }),
        M::StopMulticastMediaTransmission(end),
    ]
}

fn digits_and_video() -> Vec<ServerMessage> {
    use ServerMessage as M;
    let digit = DtmfTone {
        tone: Tone(5),
        conference: CONFERENCE,
        party: PARTY,
    };
    let flow = FlowControl {
        conference: CONFERENCE,
        party: PARTY,
        call: CALL,
        max_bit_rate: 3840,
    };
    let steps = [
        (DtmfStep::Subscribe, 1),
        (DtmfStep::Subscribed, 0),
        (DtmfStep::SubscribeFailed, 0),
        (DtmfStep::Unsubscribe, 1),
        (DtmfStep::Unsubscribed, 0),
        (DtmfStep::UnsubscribeFailed, 0),
    ];
    let mut messages = vec![
        M::NotifyDtmfTone(digit),
        M::SendDtmfTone(digit),
        M::FlowControlCommand(flow),
        M::FlowControlNotify(flow),
        M::VideoDisplayCommand(VideoDisplayCommand {
            conference: CONFERENCE,
            call: CALL,
            layout: 3,
        }),
    ];
    messages.extend(steps.map(|(step, dtmf_type)| {
        M::DtmfSubscription(DtmfSubscription {
            step,
            payload: 101,
            conference: CONFERENCE,
            party: PARTY,
            dtmf_type,
        })
    }));
    messages
}

fn call(version: ProtocolVersion) -> Vec<ServerMessage> {
    use ServerMessage as M;
    let party = |name: &str, number: &str, voice_mail_box: &str| Party {
        name: Text::from(name),
        number: number.to_owned(),
        voice_mail_box: voice_mail_box.to_owned(),
    };
    vec![
        M::SetHookFlashDetect,
        M::CallInfo(Box::new(CallInfo {
            line: LINE,
            call: CALL,
            kind: CallType::INBOUND,
            calling: party("Jürgen", "1003", "8003"),
            alternate_calling: since(version, 16, "+49891003".to_owned()),
            called: party("Alice", "1001", "8001"),
            original_called: party("Lobby", "1000", "8000"),
            last_redirecting: party("Night desk", "1009", "8009"),
            original_reason: 1,
            last_reason: 2,
            instance: 3,
            security: CallSecurity::NOT_AUTHENTICATED,
            restrictions: 0x0000_0003,
            hunt_pilot_number: since(version, 16, "1900".to_owned()),
            hunt_pilot_name: since(version, 16, Text::from("Sales")),
        })),
        M::DialedNumber(DialedNumber {
            number: "1003".to_owned(),
            line: LINE,
            call: CALL,
        }),
        M::BackSpace {
            line: LINE,
            call: CALL,
        },
        M::CallSelectStat(CallSelectStat {
            status: 1,
            call: CALL,
            line: LINE,
        }),
        M::ConnectionStatisticsReq(ConnectionStatisticsReq {
            number: "1003".to_owned(),
            call: CALL,
            processing: StatsProcessing::KEEP,
        }),
        M::SubscriptionStat(SubscriptionStat {
            transaction: 9,
            feature: SubscribedFeature::BUSY_LAMP_FIELD,
            timer: 3600,
            cause: SubscriptionCause::THROTTLED,
        }),
        M::Notification(Notification {
            transaction: 9,
            feature: SubscribedFeature::BUSY_LAMP_FIELD,
            status: 2,
            text: Text::from("busy"),
        }),
        M::CallHistoryInfo(history()),
        M::RecordingStatus(recording()),
    ]
}
