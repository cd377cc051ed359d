//! Whole frames that Wireshark's dissector accepts, and frames that CallManager 2 and
//! 4.1 sent (published by the project pyskinny).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::*;
use crate::sccp::wire::samples::{dialect, register};

/// The phone's message reads from these bytes and is written as these bytes.
fn phone(dialect: Dialect, hex: &str, message: &PhoneMessage) {
    let frame = frame(hex);
    assert_eq!(&decode_phone(&frame, dialect).unwrap(), message);
    assert_eq!(
        super::hex(&encode_phone(message, dialect)),
        super::hex(&frame)
    );
}

/// The server's message reads from these bytes and is written as these bytes.
fn server(dialect: Dialect, hex: &str, message: &ServerMessage) {
    let frame = frame(hex);
    assert_eq!(&decode_server(&frame, dialect).unwrap(), message);
    assert_eq!(
        super::hex(&encode_server(message, dialect)),
        super::hex(&frame)
    );
}

#[test]
fn a_7960_registers_with_68_bytes() {
    let register = Register {
        instance: 1,
        max_streams: Some(0),
        active_streams: Some(0),
        announced: Some(Announced {
            version: 11,
            flags: 0,
            features: PhoneFeatures(0x8560),
        }),
        max_conferences: Some(0),
        active_conferences: Some(0),
        mac: Some([0; 12]),
        ipv4_scope: Some(0),
        ..Register::shortest(
            "SEP001B535CD4D6",
            DeviceType::CISCO_7960,
            Ipv4Addr::new(10, 15, 15, 178),
        )
    };
    assert_eq!(
        register.dialect(),
        Dialect {
            version: ProtocolVersion(11),
            text: TextEncoding::Latin1
        }
    );
    assert_eq!(register.hardware_address(), None);
    phone(
        Dialect::BASIC,
        "48000000 00000000 01000000 53455030303142353335434434443600 00000000 01000000
         0a0f0fb2 07000000 00000000 00000000 0b006085 00000000 00000000
         000000000000000000000000 00000000",
        &PhoneMessage::Register(Box::new(register)),
    );
}

#[test]
fn a_7941_registers_with_124_bytes() {
    let register = register();
    assert_eq!(register.dialect(), dialect(17));
    assert_eq!(
        register.hardware_address(),
        Some([0, 0x1F, 0x9E, 0x26, 0x63, 0x69])
    );
    phone(
        Dialect::BASIC,
        "80000000 00000000 01000000 53455030303146394532363633363900 00000000 00000000
         c0a80924 73000000 05000000 00000000 11007285 00000000 00000000
         001f9e266369000000000000 03000000 02000000
         00000000000000000000000000000000 00000000
         534343503431 2e382d352d3353 00000000000000000000000000000000000000",
        &PhoneMessage::Register(Box::new(register)),
    );
}

#[test]
fn register_ack() {
    server(
        dialect(17),
        "18000000 00000000 81000000 1e000000 4d2f442f59000000 3c000000 1120f1ff",
        &ServerMessage::RegisterAck(RegisterAck {
            keep_alive: 30,
            date_template: "M/D/Y".to_owned(),
            secondary_keep_alive: 60,
            version: ProtocolVersion(17),
        }),
    );
}

#[test]
fn callmanager_2_acknowledges_in_12_bytes_with_garbage_behind_the_template() {
    let frame = frame("10000000 00000000 81000000 1e000000 4d2f442f59418e09");
    assert_eq!(
        decode_server(&frame, Dialect::BASIC).unwrap(),
        ServerMessage::RegisterAck(RegisterAck {
            keep_alive: 30,
            date_template: "M/D/YA".to_owned(),
            secondary_keep_alive: 0,
            version: ProtocolVersion(3),
        })
    );
}

#[test]
fn a_date_template_may_fill_its_field() {
    let ack = ServerMessage::RegisterAck(RegisterAck {
        keep_alive: 30,
        date_template: "M/D/YA".to_owned(),
        secondary_keep_alive: 60,
        version: ProtocolVersion(11),
    });
    server(
        dialect(11),
        "18000000 00000000 81000000 1e000000 4d2f442f59410000 3c000000 0b20f1ff",
        &ack,
    );
}

#[test]
fn messages_without_a_body() {
    server(
        Dialect::BASIC,
        "04000000 00000000 9b000000",
        &ServerMessage::CapabilitiesReq,
    );
    server(
        Dialect::BASIC,
        "04000000 00000000 1a010000",
        &ServerMessage::RegisterTokenAck,
    );
    phone(
        Dialect::BASIC,
        "04000000 00000000 27000000",
        &PhoneMessage::Unregister(UnregisterReason::UNKNOWN),
    );
    phone(
        Dialect::BASIC,
        "04000000 00000000 00000000",
        &PhoneMessage::KeepAlive,
    );
    server(
        dialect(17),
        "04000000 00000000 00010000",
        &ServerMessage::KeepAliveAck,
    );
}

#[test]
fn the_button_template_always_has_42_slots() {
    let button = |instance, kind| Button { instance, kind };
    let template = ButtonTemplate {
        offset: 0,
        total: 6,
        buttons: vec![
            button(1, ButtonType::LINE),
            button(2, ButtonType::LINE),
            button(1, ButtonType::SPEED_DIAL),
            button(2, ButtonType::SPEED_DIAL),
            button(1, ButtonType::SERVICE_URL),
            Button::UNUSED,
        ],
    };
    let hex = format!(
        "64000000 00000000 97000000 00000000 06000000 06000000 0109 0209 0102 0202 0114 {}",
        "00ff".repeat(37)
    );
    server(
        Dialect::BASIC,
        &hex,
        &ServerMessage::ButtonTemplate(template),
    );
}

/// The frame of a dynamic message as it was published, its end padded by another rule
/// than ours: it reads the same, and ours is the same but for the zeros at the end.
fn server_but_for_padding(dialect: Dialect, hex: &str, message: &ServerMessage) {
    let published = frame(hex);
    assert_eq!(&decode_server(&published, dialect).unwrap(), message);
    let ours = encode_server(message, dialect);
    assert_eq!(ours.body.len() % 4, 0);
    assert_eq!(
        (ours.header_version, ours.id),
        (published.header_version, published.id)
    );
    let text = |body: &Bytes| {
        body.iter()
            .rposition(|b| *b != 0)
            .map(|end| body.slice(..=end))
    };
    assert_eq!(text(&ours.body), text(&published.body));
}

#[test]
fn line_and_service_in_dynamic_form() {
    server_but_for_padding(
        dialect(17),
        "22000000 11000000 47010000 01000000 0f000000 3130303100 416c696365203130303100
         3130303100 00",
        &ServerMessage::LineStat(LineStat {
            line: Instance(1),
            number: "1001".to_owned(),
            display_name: "Alice 1001".to_owned(),
            label: "1001".to_owned(),
            ..LineStat::default()
        }),
    );
    server_but_for_padding(
        dialect(17),
        "25000000 11000000 48010000 01000000
         687474703a2f2f31302e302e302e313a383038302f656d00 454d00 0000",
        &ServerMessage::ServiceUrlStat(ServiceUrlStat {
            index: Instance(1),
            url: "http://10.0.0.1:8080/em".to_owned(),
            label: "EM".to_owned(),
        }),
    );
}

#[test]
fn a_feature_in_dynamic_form() {
    server(
        dialect(17),
        "14000000 11000000 46010000 01000000 15000000 01000000 424c4600",
        &ServerMessage::FeatureStat(FeatureStat {
            index: Instance(1),
            kind: ButtonType::BLF_SPEED_DIAL,
            label: Text::from("BLF"),
            status: BlfStatus::IDLE.0,
        }),
    );
}

#[test]
fn the_time() {
    server(
        Dialect::BASIC,
        "28000000 00000000 94000000 e9070000 0b000000 05000000 15000000 0a000000 00000000
         00000000 00000000 20382069",
        &ServerMessage::DefineTimeDate(DefineTimeDate {
            year: 2025,
            month: 11,
            day_of_week: 5,
            day: 21,
            hour: 10,
            minute: 0,
            second: 0,
            millisecond: 0,
            unix_time: 1_763_719_200,
        }),
    );
}

#[test]
fn soft_keys_lamp_and_prompt_after_registration() {
    server(
        Dialect::BASIC,
        "14000000 00000000 10010000 00000000 00000000 00000000 ffffffff",
        &ServerMessage::SelectSoftKeys(SelectSoftKeys {
            line: Instance::DEVICE,
            call: CallRef::NONE,
            set: KeySetIndex::ON_HOOK,
            mask: SelectSoftKeys::ALL,
        }),
    );
    server(
        Dialect::BASIC,
        "10000000 00000000 86000000 0f000000 00000000 02000000",
        &ServerMessage::SetLamp(SetLamp {
            stimulus: ButtonType::VOICE_MAIL,
            instance: Instance::DEVICE,
            mode: LampMode::ON,
        }),
    );
    server(
        dialect(17),
        "14000000 11000000 45010000 00000000 00000000 00000000 80130000",
        &ServerMessage::DisplayPromptStatus(DisplayPromptStatus {
            text: Text::from(Label::YOUR_CURRENT_OPTIONS),
            ..DisplayPromptStatus::default()
        }),
    );
}

#[test]
fn the_three_kinds_of_reset() {
    for (hex, kind) in [
        ("08000000 00000000 9f000000 01000000", ResetType::RESET),
        ("08000000 00000000 9f000000 02000000", ResetType::RESTART),
        (
            "08000000 00000000 9f000000 03000000",
            ResetType::APPLY_CONFIG,
        ),
    ] {
        server(Dialect::BASIC, hex, &ServerMessage::Reset(kind));
    }
}

#[test]
fn refusals_and_farewells() {
    server(
        Dialect::BASIC,
        "24000000 00000000 9d000000
         44657669636520556e6b6e6f776e000000000000000000000000000000000000",
        &ServerMessage::RegisterReject("Device Unknown".to_owned()),
    );
    server(
        Dialect::BASIC,
        "08000000 00000000 1b010000 3c000000",
        &ServerMessage::RegisterTokenReject(60),
    );
    server(
        dialect(22),
        "08000000 00000000 18010000 00000000",
        &ServerMessage::UnregisterAck(UnregisterStatus::OK),
    );
}

#[test]
fn a_phone_asks_for_a_token() {
    phone(
        Dialect::BASIC,
        "38000000 00000000 29000000 53455030303146394532363633363900 00000000 00000000
         c0a80924 73000000 00000000000000000000000000000000 00000000",
        &PhoneMessage::RegisterTokenReq(RegisterTokenReq {
            device_name: "SEP001F9E266369".to_owned(),
            user: 0,
            instance: 0,
            address: Ipv4Addr::new(192, 168, 9, 36),
            device_type: DeviceType::CISCO_7941,
            ipv6: Ipv6Addr::UNSPECIFIED,
        }),
    );
}

#[test]
fn callmanager_4_takes_a_phone_off_hook() {
    let (line, call) = (Instance(1), CallRef(0x0100_001A));
    server(
        Dialect::BASIC,
        "1c000000 00000000 11010000 01000000 01000000 1a000001 00000000 04000000 00000000",
        &ServerMessage::CallState(CallStateInfo::new(CallState::OFF_HOOK, line, call)),
    );
    let prompt = format!(
        "30000000 00000000 12010000 00000000 8020{} 01000000 1a000001",
        "00".repeat(30)
    );
    server(
        Dialect::BASIC,
        &prompt,
        &ServerMessage::DisplayPromptStatus(DisplayPromptStatus {
            timeout: 0,
            text: Text::from(Label::ENTER_NUMBER),
            line,
            call,
        }),
    );
    server(
        Dialect::BASIC,
        "14000000 00000000 82000000 21000000 00000000 01000000 1a000001",
        &ServerMessage::StartTone(StartTone {
            tone: Tone::INSIDE_DIAL,
            direction: ToneDirection::USER,
            line,
            call,
        }),
    );
}
