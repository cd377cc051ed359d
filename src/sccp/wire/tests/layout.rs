//! Where the layout turns with the protocol version, and what senders leave off.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::*;
use crate::sccp::wire::samples::dialect;

fn sent(message: &ServerMessage, version: u8) -> (MessageId, usize) {
    let frame = encode_server(message, dialect(version));
    (frame.id, frame.body.len())
}

fn body_of(id: MessageId, body: impl Into<Bytes>) -> Frame {
    Frame {
        header_version: 0,
        id,
        body: body.into(),
    }
}

#[test]
fn lines_and_speed_dials_turn_dynamic_at_17() {
    let line = ServerMessage::LineStat(LineStat::default());
    assert_eq!(sent(&line, 3), (MessageId::LINE_STAT, 112));
    assert_eq!(sent(&line, 16), (MessageId::LINE_STAT, 112));
    assert_eq!(sent(&line, 17), (MessageId::LINE_STAT_V2, 12));
    let speed_dial = ServerMessage::SpeedDialStat(SpeedDialStat::default());
    assert_eq!(sent(&speed_dial, 16), (MessageId::SPEED_DIAL_STAT, 68));
    assert_eq!(sent(&speed_dial, 17), (MessageId::SPEED_DIAL_STAT_V2, 8));
}

#[test]
fn services_features_and_display_turn_dynamic_earlier() {
    let service = ServerMessage::ServiceUrlStat(ServiceUrlStat::default());
    assert_eq!(sent(&service, 6), (MessageId::SERVICE_URL_STAT, 300));
    assert_eq!(sent(&service, 7), (MessageId::SERVICE_URL_STAT_V2, 8));
    let feature = ServerMessage::FeatureStat(FeatureStat::default());
    assert_eq!(sent(&feature, 14), (MessageId::FEATURE_STAT, 52));
    assert_eq!(sent(&feature, 15), (MessageId::FEATURE_STAT_V2, 16));
    let prompt = ServerMessage::DisplayPromptStatus(DisplayPromptStatus::default());
    assert_eq!(sent(&prompt, 7), (MessageId::DISPLAY_PROMPT_STATUS, 44));
    assert_eq!(sent(&prompt, 8), (MessageId::DISPLAY_PROMPT_STATUS_V2, 16));
    let notify = ServerMessage::DisplayNotify(DisplayNotify::default());
    assert_eq!(sent(&notify, 7), (MessageId::DISPLAY_NOTIFY, 36));
    assert_eq!(sent(&notify, 8), (MessageId::DISPLAY_NOTIFY_V2, 8));
    let priority = ServerMessage::DisplayPriNotify(DisplayPriNotify::default());
    assert_eq!(sent(&priority, 7), (MessageId::DISPLAY_PRI_NOTIFY, 40));
    assert_eq!(sent(&priority, 8), (MessageId::DISPLAY_PRI_NOTIFY_V2, 12));
}

#[test]
fn either_form_is_read_at_any_version() {
    let line = ServerMessage::LineStat(LineStat {
        line: Instance(1),
        number: "1001".to_owned(),
        display_name: "Alice".to_owned(),
        label: "Alice 1001".to_owned(),
        ..LineStat::default()
    });
    for (sent, read) in [(3, 22), (22, 3)] {
        let frame = encode_server(&line, dialect(sent));
        assert_eq!(decode_server(&frame, dialect(read)).unwrap(), line);
    }
    let name_and_counts = [
        [0; 24].as_slice(),
        &[2, 0, 0, 0, 3, 0, 0, 0],
        b"Alice\0CM\0",
    ]
    .concat();
    let frame = body_of(MessageId::CONFIG_STAT_V2, name_and_counts);
    let Ok(ServerMessage::ConfigStat(config)) = decode_server(&frame, dialect(8)) else {
        panic!("not read");
    };
    assert_eq!((config.lines, config.speed_dials), (2, 3));
    assert_eq!((&*config.user_name, &*config.server_name), ("Alice", "CM"));
}

#[test]
fn addresses_take_20_bytes_from_17_on() {
    let servers = ServerMessage::ServerRes(ServerRes {
        servers: vec![ServerSlot {
            name: "embody".to_owned(),
            port: 2000,
            address: Ipv4Addr::new(10, 0, 0, 1).into(),
        }],
    });
    assert_eq!(sent(&servers, 16), (MessageId::SERVER_RES, 280));
    assert_eq!(sent(&servers, 17), (MessageId::SERVER_RES, 360));
    let frame = encode_server(&servers, dialect(17));
    assert_eq!(&frame.body[240..244], 2000u32.to_le_bytes());
    assert_eq!(&frame.body[260..268], [0, 0, 0, 0, 10, 0, 0, 1]);
}

#[test]
fn numbers_take_25_bytes_from_18_on_and_push_what_follows() {
    let forward = ServerMessage::ForwardStat(ForwardStat {
        line: Instance(1),
        all: None,
        busy: Some("1002".to_owned()),
        no_answer: None,
    });
    let old = encode_server(&forward, dialect(17));
    assert_eq!(old.body.len(), 92);
    assert_eq!(&old.body[..12], [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(&old.body[36..44], b"\x01\0\0\x001002");
    let new = encode_server(&forward, dialect(18));
    assert_eq!(new.body.len(), 96);
    assert_eq!(&new.body[..12], [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(&new.body[37..45], b"\x02\0\0\x001002");
}

#[test]
fn phones_place_the_line_behind_a_long_number_in_two_ways() {
    let call = PhoneMessage::EnblocCall(EnblocCall {
        number: "1003".to_owned(),
        line: Instance(2),
    });
    let number = |size: usize| {
        let mut body = b"1003".to_vec();
        body.resize(size, 0);
        body
    };
    let line = 2u32.to_le_bytes();
    let packed = [number(25).as_slice(), &line].concat();
    let packed_and_padded = [number(25).as_slice(), &line, &[0; 3]].concat();
    let aligned = [number(28).as_slice(), &line].concat();
    for body in [packed, packed_and_padded, aligned] {
        let frame = body_of(MessageId::ENBLOC_CALL, body);
        assert_eq!(decode_phone(&frame, dialect(18)).unwrap(), call);
    }
    let old = body_of(
        MessageId::ENBLOC_CALL,
        [number(24).as_slice(), &line].concat(),
    );
    assert_eq!(decode_phone(&old, dialect(17)).unwrap(), call);
}

#[test]
fn the_tone_to_stop_is_named_from_11_on() {
    let stop = ServerMessage::StopTone(StopTone {
        line: Instance(1),
        call: CallRef(1),
        tone: Tone::BUSY,
    });
    assert_eq!(sent(&stop, 10).1, 8);
    assert_eq!(sent(&stop, 11).1, 12);
}

#[test]
fn pushed_data_has_the_long_envelope_from_5_on() {
    let data = ServerMessage::UserToDeviceData(UserData {
        data: "<x/>".into(),
        ..UserData::default()
    });
    assert_eq!(sent(&data, 4), (MessageId::USER_TO_DEVICE_DATA, 24));
    assert_eq!(sent(&data, 5), (MessageId::USER_TO_DEVICE_DATA_V1, 44));
}

#[test]
fn pushed_data_ends_where_its_length_says() {
    let mut body = vec![0; 20];
    body[16] = 4;
    body.extend(b"<x/>stale memory");
    let frame = body_of(MessageId::DEVICE_TO_USER_DATA, body);
    let Ok(PhoneMessage::DeviceToUserData(data)) = decode_phone(&frame, dialect(11)) else {
        panic!("not read");
    };
    assert_eq!(&data.data.0[..], b"<x/>");
}

#[test]
fn the_acknowledgement_tells_features_by_version() {
    let features = |version: u8| {
        let ack = ServerMessage::RegisterAck(RegisterAck {
            keep_alive: 30,
            date_template: "D.M.Y".to_owned(),
            secondary_keep_alive: 60,
            version: ProtocolVersion(version),
        });
        let frame = encode_server(&ack, dialect(version));
        assert_eq!(frame.header_version, 0);
        frame.body[16..].to_vec()
    };
    assert_eq!(features(3), [3, 0, 0, 0]);
    assert_eq!(features(8), [8, 0x20, 0xF1, 0xFE]);
    assert_eq!(features(22), [22, 0x20, 0xF1, 0xFF]);
}

#[test]
fn the_header_carries_the_agreed_version_in_all_but_three_messages() {
    for message in samples::samples(ProtocolVersion(20)).1 {
        let expected = match message {
            ServerMessage::RegisterAck(_)
            | ServerMessage::KeepAliveAck
            | ServerMessage::UnregisterAck(_) => 0,
            _ => 20,
        };
        assert_eq!(
            encode_server(&message, dialect(20)).header_version,
            expected
        );
        assert_eq!(encode_server(&message, dialect(9)).header_version, 0);
    }
}

#[test]
fn soft_key_sets_hold_positions_and_events() {
    let sets = ServerMessage::SoftKeySets(SoftKeySets {
        sets: vec![SoftKeySet {
            places: vec![
                KeyPlace::default(),
                KeyPlace {
                    position: 7,
                    event: SoftKeyEvent::END_CALL,
                },
            ],
        }],
    });
    let frame = encode_server(&sets, dialect(17));
    assert_eq!(frame.body.len(), 780);
    assert_eq!(&frame.body[4..12], [1, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(&frame.body[12..15], [0, 7, 0]);
    assert_eq!(&frame.body[28..34], [0, 0, 0x35, 0x01, 0, 0]);
}

#[test]
fn soft_keys_may_be_phrases_of_the_phone() {
    let template = ServerMessage::SoftKeyTemplate(SoftKeyTemplate {
        keys: vec![SoftKey {
            label: Text::from(Label::END_CALL),
            event: SoftKeyEvent::END_CALL,
        }],
    });
    let frame = encode_server(&template, dialect(17));
    assert_eq!(frame.body.len(), 652);
    assert_eq!(&frame.body[12..15], [0x80, 9, 0]);
    assert_eq!(&frame.body[28..32], [9, 0, 0, 0]);
}

#[test]
fn many_buttons_take_several_messages() {
    let buttons: Vec<_> = (1..=56)
        .map(|instance| Button {
            instance,
            kind: ButtonType::SPEED_DIAL,
        })
        .collect();
    let shape: Vec<_> = ButtonTemplate::of(&buttons)
        .iter()
        .map(|m| (m.offset, m.buttons.len(), m.total))
        .collect();
    assert_eq!(shape, [(0, 42, 56), (42, 14, 56)]);
    assert_eq!(ButtonTemplate::of(&[]), [ButtonTemplate::default()]);
}

#[test]
fn registrations_of_all_lengths_are_read() {
    let whole = encode_phone(
        &PhoneMessage::Register(Box::new(Register {
            config_version_stamp: Some("stamp".to_owned()),
            ..samples::register()
        })),
        Dialect::BASIC,
    );
    assert_eq!(whole.body.len(), 172);
    for length in 0..=whole.body.len() {
        let cut = body_of(MessageId::REGISTER, whole.body.slice(..length));
        match decode_phone(&cut, Dialect::BASIC) {
            Ok(PhoneMessage::Register(register)) => {
                assert!(length >= 32);
                assert_eq!(register.device_name, "SEP001F9E266369");
                assert_eq!(register.announced.is_some(), length > 40);
                assert_eq!(register.firmware.is_some(), length > 92);
                assert_eq!(register.config_version_stamp.is_some(), length > 124);
                let expected = if length > 40 { 17 } else { 3 };
                assert_eq!(register.dialect().version.0, expected);
            }
            Err(DecodeError::Truncated { needed, have, .. }) => {
                assert!(length < 32);
                assert_eq!((needed, have), (32, length));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_token_request_has_its_ipv6_address_bare_or_typed() {
    let address = Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 1);
    let start = [0; 32];
    let bare = [&start[..], &address.octets()].concat();
    let typed = [&start[..], &[1, 0, 0, 0], &address.octets()].concat();
    let none = start.to_vec();
    for (body, expected) in [
        (bare, address),
        (typed, address),
        (none, Ipv6Addr::UNSPECIFIED),
    ] {
        let frame = body_of(MessageId::REGISTER_TOKEN_REQ, body);
        let Ok(PhoneMessage::RegisterTokenReq(token)) = decode_phone(&frame, Dialect::BASIC) else {
            panic!("not read");
        };
        assert_eq!(token.ipv6, expected);
    }
}

#[test]
fn old_phones_get_latin1_and_new_ones_utf8() {
    let label = |version| {
        let line = ServerMessage::LineStat(LineStat {
            label: "Jürgen Łoś".to_owned(),
            ..LineStat::default()
        });
        encode_server(&line, dialect(version)).body
    };
    assert_eq!(&label(11)[68..79], b"J\xFCrgen Los\0");
    assert_eq!(&label(17)[10..23], "Jürgen Łoś".as_bytes());
}

#[test]
fn what_is_too_long_is_cut_to_its_field() {
    let long = "ü".repeat(300);
    let line = ServerMessage::LineStat(LineStat {
        line: Instance(1),
        number: long.clone(),
        display_name: long.clone(),
        label: long.clone(),
        ..LineStat::default()
    });
    let letters = |version| {
        let frame = encode_server(&line, dialect(version));
        let Ok(ServerMessage::LineStat(line)) = decode_server(&frame, dialect(version)) else {
            panic!("not read");
        };
        [line.number, line.display_name, line.label].map(|s| s.chars().count())
    };
    assert_eq!(letters(11), [23, 39, 39]);
    assert_eq!(letters(17), [12, 19, 19]);
}

#[test]
fn requests_without_their_index_ask_for_0() {
    for (id, expected) in [
        (
            MessageId::LINE_STAT_REQ,
            PhoneMessage::LineStatReq(Instance(0)),
        ),
        (
            MessageId::SPEED_DIAL_STAT_REQ,
            PhoneMessage::SpeedDialStatReq(Instance(0)),
        ),
        (
            MessageId::SERVICE_URL_STAT_REQ,
            PhoneMessage::ServiceUrlStatReq(Instance(0)),
        ),
        (
            MessageId::FORWARD_STAT_REQ,
            PhoneMessage::ForwardStatReq(Instance(0)),
        ),
        (
            MessageId::FEATURE_STAT_REQ,
            PhoneMessage::FeatureStatReq(FeatureStatReq {
                index: Instance(0),
                capabilities: 0,
            }),
        ),
    ] {
        for body in [&[][..], &[1, 0][..]] {
            let frame = body_of(id, Bytes::copy_from_slice(body));
            assert_eq!(decode_phone(&frame, dialect(17)).unwrap(), expected);
        }
    }
}

#[test]
fn short_forms_of_old_phones_are_read() {
    let stimulus = body_of(MessageId::STIMULUS, &[9, 0, 0, 0, 1, 0, 0, 0][..]);
    assert_eq!(
        decode_phone(&stimulus, dialect(3)).unwrap(),
        PhoneMessage::Stimulus(Stimulus {
            stimulus: ButtonType::LINE,
            instance: Instance(1),
            call: CallRef::NONE,
            status: 0,
        })
    );
    let key = body_of(MessageId::KEYPAD_BUTTON, &[14, 0, 0, 0][..]);
    assert_eq!(
        decode_phone(&key, dialect(3)).unwrap(),
        PhoneMessage::KeypadButton(KeypadButton {
            key: KeypadKey::STAR,
            line: Instance::DEVICE,
            call: CallRef::NONE,
        })
    );
    let off_hook = body_of(MessageId::OFF_HOOK, Bytes::new());
    assert_eq!(
        decode_phone(&off_hook, dialect(3)).unwrap(),
        PhoneMessage::OffHook(HookEvent::default())
    );
}

#[test]
fn truncated_line_stats_of_old_callmanagers_are_read() {
    let whole = encode_server(
        &ServerMessage::LineStat(LineStat {
            line: Instance(1),
            number: "1001".to_owned(),
            display_name: "Alice".to_owned(),
            label: "Desk".to_owned(),
            ..LineStat::default()
        }),
        dialect(3),
    );
    for (length, display_name, label) in [(28, "", ""), (68, "Alice", ""), (108, "Alice", "Desk")] {
        let frame = body_of(MessageId::LINE_STAT, whole.body.slice(..length));
        let Ok(ServerMessage::LineStat(line)) = decode_server(&frame, dialect(3)) else {
            panic!("not read");
        };
        assert_eq!(line.number, "1001");
        assert_eq!((&*line.display_name, &*line.label), (display_name, label));
    }
}

#[test]
fn a_count_beyond_the_table_is_not_believed() {
    let mut body = vec![0; 4 + 18 * 16];
    body[..4].fill(0xFF);
    let frame = body_of(MessageId::CAPABILITIES_RES, body);
    let Ok(PhoneMessage::CapabilitiesRes(audio)) = decode_phone(&frame, dialect(17)) else {
        panic!("not read");
    };
    assert_eq!(audio.len(), 18);
    let mut body = vec![0; 12 + 84];
    body[4..8].fill(0xFF);
    let frame = body_of(MessageId::BUTTON_TEMPLATE, body);
    let Ok(ServerMessage::ButtonTemplate(template)) = decode_server(&frame, dialect(17)) else {
        panic!("not read");
    };
    assert_eq!(template.buttons.len(), 42);
}

#[test]
fn an_essential_field_that_is_missing_is_an_error_that_names_the_message() {
    let frame = body_of(MessageId::SOFT_KEY_EVENT, &[1, 0][..]);
    let error = decode_phone(&frame, dialect(17)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "0026 SoftKeyEvent is cut short: 4 bytes of body needed, 2 there"
    );
}

#[test]
fn unknown_messages_pass_unread_and_their_content_stays_out_of_logs() {
    let frame = body_of(MessageId(0xFF02), &b"secret"[..]);
    let message = decode_phone(&frame, dialect(17)).unwrap();
    assert!(matches!(&message, PhoneMessage::Unknown(u) if u.id.0 == 0xFF02));
    let shown = format!("{message:?} {frame:?}");
    assert!(
        !shown.contains("secret") && !shown.contains("115"),
        "{shown}"
    );
    assert_eq!(encode_phone(&message, dialect(3)), frame);
}
