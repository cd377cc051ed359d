//! What real CallManagers sent (2, 3.1, 3.3 and 4.1; published by the project pyskinny
//! under the MIT licence, `tests/fixtures/cucm_frames.json`): read as meant, and written
//! by us to the byte where the CallManager left no old memory behind its strings.
//!
//! The last four bytes of the frames of CallManager 3 are not in the publication; they
//! are zeros here.

use std::fmt::Write;
use std::net::Ipv4Addr;

use super::*;

const LINE: Instance = Instance(1);

/// Messages that are read from these bytes, and written as them.
fn exchanged(frames: &[&str], messages: &[ServerMessage]) {
    assert_eq!(frames.len(), messages.len());
    for (hex, message) in frames.iter().zip(messages) {
        assert_eq!(&read(hex), message);
        let written = encode_server(message, Dialect::BASIC);
        assert_eq!(super::hex(&written), super::hex(&frame(hex)));
    }
}

fn read(hex: &str) -> ServerMessage {
    decode_server(&frame(hex), Dialect::BASIC).unwrap()
}

fn state(state: CallState, call: CallRef) -> ServerMessage {
    ServerMessage::CallState(CallStateInfo::new(state, LINE, call))
}

fn lamp(mode: LampMode) -> ServerMessage {
    ServerMessage::SetLamp(SetLamp {
        stimulus: ButtonType::LINE,
        instance: LINE,
        mode,
    })
}

fn ringer(mode: RingMode, line: Instance, call: CallRef) -> ServerMessage {
    ServerMessage::SetRinger(SetRinger {
        mode,
        duration: RingDuration::NORMAL,
        line,
        call,
    })
}

fn soft_keys(set: KeySetIndex, call: CallRef, mask: u32) -> ServerMessage {
    ServerMessage::SelectSoftKeys(SelectSoftKeys {
        line: LINE,
        call,
        set,
        mask,
    })
}

fn prompt(text: Text, line: Instance, call: CallRef) -> ServerMessage {
    ServerMessage::DisplayPromptStatus(DisplayPromptStatus {
        timeout: 0,
        text,
        line,
        call,
    })
}

#[test]
fn a_handset_is_lifted() {
    let call = CallRef(0x0100_001A);
    exchanged(
        &[
            "140000000000000085000000 01000000 01000000 00000000 00000000",
            "080000000000000088000000 01000000",
            "100000000000000086000000 09000000 01000000 02000000",
            "1c0000000000000011010000 01000000 01000000 1a000001 00000000 04000000 00000000",
            "140000000000000010010000 01000000 1a000001 04000000 ffffffff",
            "300000000000000012010000 00000000
             8020000000000000000000000000000000000000000000000000000000000000 01000000 1a000001",
            "080000000000000016010000 01000000",
            "140000000000000082000000 21000000 00000000 01000000 1a000001",
        ],
        &[
            ringer(RingMode::OFF, Instance::DEVICE, CallRef::NONE),
            ServerMessage::SetSpeakerMode(true),
            lamp(LampMode::ON),
            state(CallState::OFF_HOOK, call),
            soft_keys(KeySetIndex::OFF_HOOK, call, SelectSoftKeys::ALL),
            prompt(Text::from(Label::ENTER_NUMBER), LINE, call),
            ServerMessage::ActivateCallPlane(LINE),
            ServerMessage::StartTone(StartTone {
                tone: Tone::INSIDE_DIAL,
                direction: ToneDirection::USER,
                line: LINE,
                call,
            }),
        ],
    );
}

#[test]
fn a_call_rings_and_is_answered() {
    let call = CallRef(0x0100_001F);
    let from = Text::from(Label::FROM).words("1003");
    exchanged(
        &[
            "1c0000000000000011010000 04000000 01000000 1f000001 00000000 04000000 00000000",
            "140000000000000010010000 01000000 1f000001 03000000 ffffffff",
            "300000000000000012010000 00000000
             8017313030330000000000000000000000000000000000000000000000000000 01000000 1f000001",
            "2c0000000000000020010000 0a000000 05000000
             8017313030330000000000000000000000000000000000000000000000000000",
            "100000000000000086000000 09000000 01000000 05000000",
            "140000000000000085000000 02000000 01000000 01000000 1f000001",
            "140000000000000085000000 01000000 01000000 01000000 1f000001",
            "0c0000000000000083000000 01000000 1f000001",
            "1c0000000000000011010000 05000000 01000000 1f000001 00000000 04000000 00000000",
            "140000000000000010010000 01000000 1f000001 01000000 fffdffff",
        ],
        &[
            state(CallState::RING_IN, call),
            soft_keys(KeySetIndex::RING_IN, call, SelectSoftKeys::ALL),
            prompt(from.clone(), LINE, call),
            ServerMessage::DisplayPriNotify(DisplayPriNotify {
                timeout: 10,
                priority: 5,
                text: from,
            }),
            lamp(LampMode::BLINK),
            ringer(RingMode::INSIDE, LINE, call),
            ringer(RingMode::OFF, LINE, call),
            ServerMessage::StopTone(StopTone {
                line: LINE,
                call,
                tone: Tone::SILENCE,
            }),
            state(CallState::CONNECTED, call),
            soft_keys(KeySetIndex::CONNECTED, call, 0xFFFF_FDFF),
        ],
    );
}

#[test]
fn media_flows_both_ways() {
    let (conference, party, call) = (0x0100_001F, 0x0100_0101, CallRef(0x0100_001F));
    let no_key = "00".repeat(40);
    let open = format!(
        "480000000000000005010000 1f000001 01010001 14000000 04000000 00000000 00000000 1f000001
         {no_key}"
    );
    let start = format!(
        "58000000000000008a000000 1f000001 01010001 0a66db1b 1aeb0000 14000000 04000000 b8000000
         00000000 0000 0000 00000000 1f000001 {no_key}"
    );
    exchanged(
        &[&open, &start],
        &[
            ServerMessage::OpenReceiveChannel(Box::new(OpenReceiveChannel {
                conference,
                party,
                packet_ms: 20,
                codec: Codec::G711_ULAW_64K,
                call,
                ..OpenReceiveChannel::default()
            })),
            ServerMessage::StartMediaTransmission(Box::new(StartMediaTransmission {
                conference,
                party,
                remote: Endpoint {
                    address: Ipv4Addr::new(10, 102, 219, 27).into(),
                    port: 60_186,
                },
                packet_ms: 20,
                codec: Codec::G711_ULAW_64K,
                precedence: 0xB8,
                call,
                ..StartMediaTransmission::default()
            })),
        ],
    );
    // The phone's answer names no call yet.
    let opened = frame("140000000000000022000000 00000000 0a660ad1 00400000 01010001");
    assert_eq!(
        decode_phone(&opened, Dialect::BASIC).unwrap(),
        PhoneMessage::OpenReceiveChannelAck(OpenReceiveChannelAck {
            status: MediaStatus::OK,
            endpoint: Endpoint {
                address: Ipv4Addr::new(10, 102, 10, 209).into(),
                port: 16_384,
            },
            party,
            call: CallRef::NONE,
        })
    );
}

/// Phrase and event of each soft key. The events skip what this CallManager does not
/// offer, so that from the sixth key on they are not the positions.
const SOFT_KEYS: [(u8, u32); 20] = [
    (0x01, 1),
    (0x02, 2),
    (0x03, 3),
    (0x04, 4),
    (0x05, 5),
    (0x08, 8),
    (0x09, 9),
    (0x0A, 10),
    (0x0B, 11),
    (0x0D, 13),
    (0x0E, 14),
    (0x0F, 15),
    (0x10, 16),
    (0x11, 17),
    (0x12, 18),
    (0x43, 21),
    (0x4D, 28),
    (0x4E, 29),
    (0x4F, 30),
    (0x58, 33),
];

#[test]
fn the_soft_keys_of_callmanager_4_1() {
    let mut hex = "900200000000000008010000 00000000 14000000 14000000".to_owned();
    for (code, event) in SOFT_KEYS {
        write!(hex, "80{code:02x}{}{event:02x}000000", "00".repeat(14)).unwrap();
    }
    hex += &"00".repeat(12 * 20);
    let keys = SOFT_KEYS.map(|(code, event)| SoftKey {
        label: Text::from(Label {
            table: LabelTable::First,
            code,
        }),
        event: SoftKeyEvent(event),
    });
    let keys = keys.to_vec();
    exchanged(
        &[&hex],
        &[ServerMessage::SoftKeyTemplate(SoftKeyTemplate { keys })],
    );
}

/// The eleven sets that are used, of sixteen: positions, then 300 and the event.
const SOFT_KEY_SETS: [&str; 11] = [
    "01020500000000000000000000000000 2d012e013101",
    "0307040b0a13120c1114000000000000 2f01350130013a0139014a0149013b0148014d01",
    "080211120c0000000000000000000000 36012e01480149013b01",
    "09000000000000000000000000000000 3701",
    "0107050e0f0d00000000000000000000 2d01350131013d013e013c01",
    "00070400000000000000000000000000 000035013001",
    "06070000000000000000000000000000 34013501",
    "00070a00000000000000000000000000 000035013901",
    "00070000000000000000000000000000 00003501",
    "01070000000000000000000000000000 2d013501",
    "10020000000000000000000000000000 41012e01",
];

#[test]
fn the_sets_of_soft_keys_of_callmanager_4_1() {
    let positions: [&[u8]; 11] = [
        &[1, 2, 5],
        &[3, 7, 4, 11, 10, 19, 18, 12, 17, 20],
        &[8, 2, 17, 18, 12],
        &[9],
        &[1, 7, 5, 14, 15, 13],
        &[0, 7, 4],
        &[6, 7],
        &[0, 7, 10],
        &[0, 7],
        &[1, 7],
        &[16, 2],
    ];
    let event = |position: u8| match usize::from(position).checked_sub(1) {
        None => SoftKeyEvent(0),
        Some(key) => SoftKeyEvent(SOFT_KEYS[key].1),
    };
    let sets = positions.map(|positions| {
        let places = positions.iter().map(|&position| KeyPlace {
            position,
            event: event(position),
        });
        SoftKeySet {
            places: places.collect(),
        }
    });
    let mut hex = "100300000000000009010000 00000000 0b000000 0b000000".to_owned();
    for set in SOFT_KEY_SETS {
        let set = set.replace(' ', "");
        write!(hex, "{set:0<96}").unwrap();
    }
    hex += &"00".repeat(5 * 48);
    let sets = sets.to_vec();
    exchanged(&[&hex], &[ServerMessage::SoftKeySets(SoftKeySets { sets })]);
}

#[test]
fn a_feature_has_old_memory_behind_its_empty_label() {
    let feature = read(
        "38000000000000001f010000 01000000 03000000
         80000000000000000000000000000000000000000100000064000000770000000100000000000000
         00000000",
    );
    let ServerMessage::FeatureStat(feature) = feature else {
        panic!("not read");
    };
    assert_eq!(feature.index, Instance(1));
    assert_eq!(feature.kind, ButtonType::HOLD);
    // Byte 80 without a code behind it is no phrase.
    assert_eq!(feature.label, Text::from("\u{FFFD}"));
    assert_eq!(feature.status, 0);
}

#[test]
fn lines_of_callmanager_3_end_early_and_have_old_memory_in_them() {
    let line = |label: &str| {
        ServerMessage::LineStat(LineStat {
            line: LINE,
            number: "1003".to_owned(),
            display_name: "8165551003".to_owned(),
            label: label.to_owned(),
            ..LineStat::default()
        })
    };
    let name = format!("38313635353531303033{}", "00".repeat(30));
    let of_3_1 = format!(
        "480000000000000092000000 01000000 31303033005bb60568f1540595a2aa002cf1540564f15400 {name}"
    );
    assert_eq!(read(&of_3_1), line(""));
    let of_3_3 = format!(
        "700000000000000092000000 01000000 3130303300f1af06142b4b0480f99705b4f0af065955b700 {name}
         4c696e652031303033{}",
        "00".repeat(31)
    );
    assert_eq!(read(&of_3_3), line("Line 1003"));
}

#[test]
fn buttons_of_callmanager_3_count_for_each_type() {
    let button = |instance, kind| Button { instance, kind };
    let template = |hex: &str, buttons: Vec<Button>| {
        let total = buttons.len() as u32;
        let hex = format!(
            "{hex} {}",
            "00ff".repeat(ButtonTemplate::SLOTS - buttons.len())
        );
        exchanged(
            &[&hex],
            &[ServerMessage::ButtonTemplate(ButtonTemplate {
                offset: 0,
                total,
                buttons,
            })],
        );
    };
    template(
        "640000000000000097000000 00000000 06000000 06000000 0109 0102 0202 0302 0402 00ff",
        vec![
            button(1, ButtonType::LINE),
            button(1, ButtonType::SPEED_DIAL),
            button(2, ButtonType::SPEED_DIAL),
            button(3, ButtonType::SPEED_DIAL),
            button(4, ButtonType::SPEED_DIAL),
            Button::UNUSED,
        ],
    );
    template(
        "640000000000000097000000 00000000 08000000 08000000
         0109 0209 0102 0202 0302 0402 0502 0602",
        vec![
            button(1, ButtonType::LINE),
            button(2, ButtonType::LINE),
            button(1, ButtonType::SPEED_DIAL),
            button(2, ButtonType::SPEED_DIAL),
            button(3, ButtonType::SPEED_DIAL),
            button(4, ButtonType::SPEED_DIAL),
            button(5, ButtonType::SPEED_DIAL),
            button(6, ButtonType::SPEED_DIAL),
        ],
    );
}

#[test]
fn configuration_time_and_prompt_of_callmanager_3() {
    let config = read(
        "740000000000000093000000 53455032323232333333343434340000 00000000 00000000
         00000000000000000000000000000000000000000000000000000000000000000000000000000000
         505542333300000054254f05f412190301010303d0951b0040fcfc770000000068ec1b00f4121903
         01000000 00000000",
    );
    assert_eq!(
        config,
        ServerMessage::ConfigStat(ConfigStat {
            device_name: "SEP22223334444".to_owned(),
            user: 0,
            instance: 0,
            user_name: String::new(),
            server_name: "PUB33".to_owned(),
            lines: 1,
            speed_dials: 0,
        })
    );
    exchanged(
        &[
            "280000000000000094000000 ea070000 06000000 05000000 05000000 17000000 12000000
             2f000000 00000000 00000000",
        ],
        &[ServerMessage::DefineTimeDate(DefineTimeDate {
            year: 2026,
            month: 6,
            day_of_week: 5,
            day: 5,
            hour: 23,
            minute: 18,
            second: 47,
            millisecond: 0,
            unix_time: 0,
        })],
    );
    let shown = read(
        "300000000000000012010000 00000000
         596f75722063757272656e74206f7074696f6e730007fb0105000000004bb800 00000000 00000000",
    );
    let words = Text::from("Your current options");
    assert_eq!(shown, prompt(words, Instance::DEVICE, CallRef::NONE));
}

#[test]
fn a_virtual_phone_of_callmanager_2_presses_hold_and_line() {
    for (hex, stimulus) in [
        (
            "0c0000000000000005000000 03000000 01000000",
            ButtonType::HOLD,
        ),
        (
            "0c0000000000000005000000 09000000 01000000",
            ButtonType::LINE,
        ),
    ] {
        assert_eq!(
            decode_phone(&frame(hex), Dialect::BASIC).unwrap(),
            PhoneMessage::Stimulus(Stimulus {
                stimulus,
                instance: LINE,
                call: CallRef::NONE,
                status: 0,
            })
        );
    }
}
