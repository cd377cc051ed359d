//! Calls and media: where messages end at which version, and how addresses, numbers
//! and counters are told apart by length.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::*;
use crate::sccp::wire::samples::{dialect, samples};

const CALL: CallRef = CallRef(0x0100_001A);

fn body_of(id: MessageId, body: impl Into<Bytes>) -> Frame {
    Frame {
        header_version: 0,
        id,
        body: body.into(),
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Bytes of body that the sample with this number has at these versions.
fn sizes(id: MessageId, versions: &[u8]) -> Vec<usize> {
    let size = |version: &u8| {
        let (phone, server) = samples(ProtocolVersion(*version));
        let phone = phone.iter().map(|m| encode_phone(m, dialect(*version)));
        let server = server.iter().map(|m| encode_server(m, dialect(*version)));
        let frame = phone.chain(server).find(|frame| frame.id == id);
        frame.unwrap().body.len()
    };
    versions.iter().map(size).collect()
}

#[test]
fn orders_about_media_end_where_callmanager_of_that_version_ends_them() {
    let versions = [3, 5, 6, 11, 12, 16, 17, 20, 21, 22];
    assert_eq!(
        sizes(MessageId::OPEN_RECEIVE_CHANNEL, &versions),
        [68, 68, 92, 92, 108, 108, 128, 128, 168, 168]
    );
    assert_eq!(
        sizes(MessageId::START_MEDIA_TRANSMISSION, &versions),
        [84, 84, 116, 116, 116, 116, 132, 132, 168, 168]
    );
}

#[test]
fn answers_about_media_grow_with_their_address() {
    for (id, narrow, wide) in [
        (MessageId::OPEN_RECEIVE_CHANNEL_ACK, 20, 36),
        (MessageId::OPEN_MULTI_MEDIA_RECEIVE_CHANNEL_ACK, 20, 36),
        (MessageId::START_MEDIA_TRANSMISSION_ACK, 24, 40),
        (MessageId::MEDIA_TRANSMISSION_FAILURE, 20, 36),
        (MessageId::START_MULTICAST_MEDIA_RECEPTION, 36, 52),
        (MessageId::START_MULTICAST_MEDIA_TRANSMISSION, 44, 60),
    ] {
        assert_eq!(sizes(id, &[16, 17]), [narrow, wide], "{id}");
    }
    assert_eq!(
        sizes(MessageId::PORT_RES, &[16, 17, 18, 19]),
        [24, 40, 40, 44]
    );
}

#[test]
fn an_address_is_read_by_the_length_whatever_was_agreed() {
    let v4 = Ipv4Addr::new(192, 168, 9, 36);
    let v6 = Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 1);
    let narrow = [words(&[0]), v4.octets().to_vec(), words(&[20_482, 7, 9])].concat();
    let wide = [
        words(&[0, 0]),
        v4.octets().to_vec(),
        vec![0; 12],
        words(&[20_482, 7, 9]),
    ]
    .concat();
    let six = [words(&[0, 1]), v6.octets().to_vec(), words(&[20_482, 7, 9])].concat();
    for version in [3, 16, 17, 22] {
        for (body, address) in [
            (&narrow, IpAddr::V4(v4)),
            (&wide, IpAddr::V4(v4)),
            (&six, IpAddr::V6(v6)),
        ] {
            let frame = body_of(MessageId::OPEN_RECEIVE_CHANNEL_ACK, body.clone());
            let Ok(PhoneMessage::OpenReceiveChannelAck(ack)) =
                decode_phone(&frame, dialect(version))
            else {
                panic!("not read");
            };
            let expected = Endpoint {
                address,
                port: 20_482,
            };
            assert_eq!((ack.endpoint, ack.party), (expected, 7));
            assert_eq!(ack.call, CallRef(9));
        }
    }
}

#[test]
fn an_acknowledgement_may_have_eight_more_bytes() {
    let (phone, _) = samples(ProtocolVersion(17));
    let ack = phone
        .into_iter()
        .find(|m| matches!(m, PhoneMessage::StartMediaTransmissionAck(_)))
        .unwrap();
    for version in [16, 17] {
        let mut frame = encode_phone(&ack, dialect(version));
        frame.body = [&frame.body[..], &[0xAA; 8]].concat().into();
        for agreed in [16, 17] {
            assert_eq!(decode_phone(&frame, dialect(agreed)).unwrap(), ack);
        }
    }
}

#[test]
fn an_answer_without_its_status_is_no_answer() {
    for id in [
        MessageId::OPEN_RECEIVE_CHANNEL_ACK,
        MessageId::START_MEDIA_TRANSMISSION_ACK,
        MessageId::PORT_RES,
    ] {
        let frame = body_of(id, vec![0; 12]);
        assert!(decode_phone(&frame, dialect(17)).is_err(), "{id}");
    }
}

#[test]
fn old_callmanagers_close_with_conference_and_party_alone() {
    let frame = body_of(MessageId::STOP_MEDIA_TRANSMISSION, words(&[5, 6]));
    assert_eq!(
        decode_server(&frame, Dialect::BASIC).unwrap(),
        ServerMessage::StopMediaTransmission(StreamEnd {
            conference: 5,
            party: 6,
            call: CallRef::NONE,
            port: PortHandling::CLOSE,
        })
    );
}

#[test]
fn a_server_of_another_version_may_end_an_order_earlier_or_later() {
    let (_, server) = samples(ProtocolVersion(22));
    let open = server
        .iter()
        .find(|m| matches!(m, ServerMessage::OpenReceiveChannel(_)))
        .unwrap();
    for sent in 3..=22 {
        let frame = encode_server(open, dialect(sent));
        let as_sent = decode_server(&frame, dialect(sent)).unwrap();
        for read in [3, 11, 17, 22] {
            assert_eq!(decode_server(&frame, dialect(read)).unwrap(), as_sent);
        }
    }
}

#[test]
fn the_key_of_a_stream_stays_out_of_logs() {
    let (_, server) = samples(ProtocolVersion(17));
    let shown = format!("{server:?}");
    assert!(shown.contains("MediaKey"));
    // The sample's key has the letters a to o, its salt A to M, as numbers or as text.
    assert!(!shown.contains("97, 98, 99") && !shown.contains("abc"));
    assert!(!shown.contains("65, 66, 67") && !shown.contains("ABC"));
}

#[test]
fn parties_are_384_bytes_below_7_and_strings_from_there_on() {
    let info = |version| {
        let (_, server) = samples(ProtocolVersion(version));
        let info = server
            .into_iter()
            .find(|m| matches!(m, ServerMessage::CallInfo(_)))
            .unwrap();
        encode_server(&info, dialect(version))
    };
    let fixed = info(6);
    assert_eq!((fixed.id, fixed.body.len()), (MessageId::CALL_INFO, 384));
    assert_eq!(&fixed.body[128..140], words(&[1, CALL.0, 1]));
    assert_eq!(&fixed.body[140..145], b"Lobby");
    assert_eq!(&fixed.body[276..280], b"8003");
    let strings = |version| {
        let frame = info(version);
        assert_eq!(frame.id, MessageId::CALL_INFO_V2);
        let strings = String::from_utf8_lossy(&frame.body[32..]).into_owned();
        let mut strings: Vec<_> = strings.split('\0').map(str::to_owned).collect();
        while strings.last().is_some_and(String::is_empty) {
            strings.pop();
        }
        strings
    };
    let of_15 = strings(15);
    assert_eq!(of_15.len(), 12);
    assert_eq!(of_15[..5], ["1003", "1001", "1000", "1009", "8003"]);
    assert_eq!(of_15[11], "Night desk");
    let of_16 = strings(16);
    assert_eq!(of_16.len(), 15);
    assert_eq!(of_16[..3], ["1003", "+49891003", "1001"]);
    assert_eq!(of_16[12..], ["Night desk", "1900", "Sales"]);
}

#[test]
fn a_dialled_number_is_packed_by_us_and_read_packed_aligned_or_short() {
    let dialled = ServerMessage::DialedNumber(DialedNumber {
        number: "1003".to_owned(),
        line: Instance(2),
        call: CALL,
    });
    let number = |size: usize| {
        let mut number = b"1003".to_vec();
        number.resize(size, 0);
        number
    };
    let behind = words(&[2, CALL.0]);
    let body = |size| [number(size), behind.clone()].concat();
    let written = encode_server(&dialled, dialect(18));
    assert_eq!(written.body, [&body(25)[..], &[0; 3]].concat());
    for (body, version) in [
        (body(24), 17),
        (body(24), 18),
        (body(25), 18),
        (body(28), 22),
    ] {
        let frame = body_of(MessageId::DIALED_NUMBER, body);
        assert_eq!(decode_server(&frame, dialect(version)).unwrap(), dialled);
    }
}

#[test]
fn a_request_for_counters_has_28_bytes_for_the_number_from_18_on() {
    let request = ServerMessage::ConnectionStatisticsReq(ConnectionStatisticsReq {
        number: "1003".to_owned(),
        call: CALL,
        processing: StatsProcessing::KEEP,
    });
    for (version, size, call) in [(17, 32, 24), (18, 36, 28), (22, 36, 28)] {
        let frame = encode_server(&request, dialect(version));
        assert_eq!(frame.body.len(), size);
        assert_eq!(&frame.body[call..call + 4], CALL.0.to_le_bytes());
        for read in [18, 22] {
            assert_eq!(decode_server(&frame, dialect(read)).unwrap(), request);
        }
    }
    // Packed, as some describe it.
    let mut body = b"1003".to_vec();
    body.resize(25, 0);
    body.extend(words(&[CALL.0, 1]));
    let frame = body_of(MessageId::CONNECTION_STATISTICS_REQ, body);
    assert_eq!(decode_server(&frame, dialect(18)).unwrap(), request);
}

#[test]
fn counters_are_read_in_all_three_forms_at_any_version() {
    let (phone, _) = samples(ProtocolVersion(17));
    let counters = phone
        .into_iter()
        .find(|m| matches!(m, PhoneMessage::ConnectionStatistics(_)))
        .unwrap();
    // 24 or 28, a word or a byte, nine more words, the quality, the padding.
    assert_eq!(
        sizes(MessageId::CONNECTION_STATISTICS_RES, &[17, 18, 21, 22]),
        [92, 96, 96, 92]
    );
    for sent in [17, 20, 22] {
        let frame = encode_phone(&counters, dialect(sent));
        for agreed in [3, 17, 18, 20, 22] {
            let read = decode_phone(&frame, dialect(agreed)).unwrap();
            assert_eq!(read, counters, "{sent} read at {agreed}");
        }
    }
    // Old phones end before the quality.
    let mut short = encode_phone(&counters, dialect(11));
    short.body.truncate(60);
    let Ok(PhoneMessage::ConnectionStatistics(read)) = decode_phone(&short, dialect(11)) else {
        panic!("not read");
    };
    assert_eq!((read.counters.latency, &*read.quality), (40, ""));
}

#[test]
fn a_quality_that_is_too_long_is_cut_and_its_length_with_it() {
    let long = PhoneMessage::ConnectionStatistics(Box::new(ConnectionStatistics {
        quality: "ü".repeat(700),
        ..ConnectionStatistics::default()
    }));
    let frame = encode_phone(&long, dialect(17));
    let Ok(PhoneMessage::ConnectionStatistics(read)) = decode_phone(&frame, dialect(17)) else {
        panic!("not read");
    };
    assert_eq!(read.quality, "ü".repeat(300));
    assert_eq!(frame.body[60..64], words(&[600]));
}

#[test]
fn an_old_forward_is_read_by_a_new_phone() {
    let forward = ServerMessage::ForwardStat(ForwardStat {
        line: Instance(1),
        all: Some("1002".to_owned()),
        busy: None,
        no_answer: Some("1003".to_owned()),
    });
    let old = encode_server(&forward, dialect(17));
    assert_eq!(decode_server(&old, dialect(22)).unwrap(), forward);
}

#[test]
fn either_form_can_be_asked_for() {
    let line = ServerMessage::LineStat(LineStat::default());
    let fixed = encode_server_in(&line, dialect(22), Form::Fixed);
    assert_eq!((fixed.id, fixed.header_version), (MessageId::LINE_STAT, 22));
    let dynamic = encode_server_in(&line, dialect(3), Form::Dynamic);
    assert_eq!(dynamic.id, MessageId::LINE_STAT_V2);
    let config = ServerMessage::ConfigStat(ConfigStat {
        device_name: "SEP001122334455".to_owned(),
        user: 0,
        instance: 1,
        user_name: "Alice".to_owned(),
        server_name: "CM".to_owned(),
        lines: 2,
        speed_dials: 3,
    });
    let dynamic = encode_server_in(&config, dialect(8), Form::Dynamic);
    assert_eq!(dynamic.id, MessageId::CONFIG_STAT_V2);
    assert_eq!(&dynamic.body[24..41], b"\x02\0\0\0\x03\0\0\0Alice\0CM\0");
    assert_eq!(decode_server(&dynamic, dialect(8)).unwrap(), config);
    // A message of one form has that in either.
    let reset = ServerMessage::Reset(ResetType::RESTART);
    let frame = encode_server(&reset, dialect(17));
    for form in [Form::Fixed, Form::Dynamic] {
        assert_eq!(encode_server_in(&reset, dialect(17), form), frame);
    }
}
