//! One message of every kind, with every field that travels at its version different
//! from nothing, for tests that hold our frames against other readers.

mod calls;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::*;

/// One of each message: from the phone, and from the server.
pub fn samples(version: ProtocolVersion) -> (Vec<PhoneMessage>, Vec<ServerMessage>) {
    let (mut phone, mut server) = (phone(), server(version));
    phone.extend(calls::phone(version));
    server.extend(calls::server(version));
    (phone, server)
}

/// The dialect in which a phone with every feature speaks `version`.
pub fn dialect(version: u8) -> Dialect {
    Dialect::agreed(ProtocolVersion(version), PhoneFeatures::UTF8)
}

const LINE: Instance = Instance(1);
const CALL: CallRef = CallRef(0x0100_001A);
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 9, 36);
const NAME: &str = "SEP001F9E266369";

/// A complete registration of a 7941.
pub fn register() -> Register {
    Register {
        max_streams: Some(5),
        active_streams: Some(0),
        announced: Some(Announced {
            version: 17,
            flags: 0,
            features: PhoneFeatures(0x8572),
        }),
        max_conferences: Some(0),
        active_conferences: Some(0),
        mac: Some([0, 0x1F, 0x9E, 0x26, 0x63, 0x69, 0, 0, 0, 0, 0, 0]),
        ipv4_scope: Some(3),
        max_lines: Some(2),
        ipv6: Some(Ipv6Addr::UNSPECIFIED),
        ipv6_scope: Some(0),
        firmware: Some("SCCP41.8-5-3S".to_owned()),
        config_version_stamp: None,
        ..Register::shortest(NAME, DeviceType::CISCO_7941, ADDRESS)
    }
}

fn phone() -> Vec<PhoneMessage> {
    use PhoneMessage as M;
    let audio = vec![
        AudioCapability {
            codec: Codec::G711_ULAW_64K,
            max_frames: 40,
            parameters: [0; 8],
        },
        AudioCapability {
            codec: Codec::G729,
            max_frames: 60,
            parameters: [0; 8],
        },
    ];
    let update = |form| {
        M::UpdateCapabilities(Box::new(UpdateCapabilities {
            form,
            video_count: 0,
            data_count: 0,
            rtp_payload_format: 0,
            audio: audio.clone(),
        }))
    };
    let stamped = Register {
        config_version_stamp: Some("1f8a0c".to_owned()),
        ..register()
    };
    let hook = HookEvent {
        line: LINE,
        call: CALL,
    };
    let answer = UserData {
        application: 9081,
        transaction: 7,
        data: "<CiscoIPPhoneResponse/>".into(),
        ..UserData::default()
    };
    vec![
        M::KeepAlive,
        M::Register(Box::new(register())),
        M::Register(Box::new(stamped)),
        M::IpPort(5001),
        M::Alarm(Alarm {
            severity: AlarmSeverity::INFORMATION,
            text: format!("25: Name={NAME} Load=8.5(3) Last=Reset-Restart"),
            parameter1: 2048,
            parameter2: 0x2409_A8C0,
        }),
        M::XmlAlarm("<x-cisco-alarm><Alarm Name=\"LastOutOfService\"/></x-cisco-alarm>".to_owned()),
        M::RegisterTokenReq(RegisterTokenReq {
            device_name: NAME.to_owned(),
            user: 0,
            instance: 0,
            address: ADDRESS,
            device_type: DeviceType::CISCO_7941,
            ipv6: Ipv6Addr::UNSPECIFIED,
        }),
        M::SpcpRegisterTokenReq(SpcpRegisterTokenReq {
            device_name: NAME.to_owned(),
            user: 0,
            instance: 0x0100_0000,
            address: ADDRESS,
            device_type: DeviceType::SPA_525G,
            max_streams: 5,
        }),
        M::Unregister(UnregisterReason::UNKNOWN),
        M::Unregister(UnregisterReason::POWER_SAVE),
        M::CapabilitiesRes(audio.clone()),
        update(CapabilitiesForm::V1),
        update(CapabilitiesForm::V2),
        update(CapabilitiesForm::V3),
        M::ButtonTemplateReq,
        M::SoftKeyTemplateReq,
        M::SoftKeySetReq,
        M::ConfigStatReq,
        M::LineStatReq(LINE),
        M::SpeedDialStatReq(Instance(2)),
        M::FeatureStatReq(FeatureStatReq {
            index: Instance(3),
            capabilities: 1,
        }),
        M::ServiceUrlStatReq(Instance(1)),
        M::ForwardStatReq(LINE),
        M::TimeDateReq,
        M::VersionReq,
        M::ServerReq,
        M::HeadsetStatus(true),
        M::RegisterAvailableLines(2),
        M::MediaPathEvent(MediaPathEvent {
            path: MediaPath::SPEAKER,
            on: true,
        }),
        M::MediaPathCapability(MediaPathCapability {
            path: MediaPath::HEADSET,
            capability: MediaCapability::MONITOR,
        }),
        M::AddOnDeviceCapabilities(AddOnDeviceCapabilities {
            instance: 1,
            device_type: DeviceType(227),
            max_allowed: 2,
            description: "max-chained=2 deviceLine=14".to_owned(),
        }),
        M::LocationInfo("<LocationInfo><Phone/></LocationInfo>".to_owned()),
        M::OffHook(hook),
        M::OnHook(hook),
        M::KeypadButton(KeypadButton {
            key: KeypadKey::STAR,
            line: LINE,
            call: CALL,
        }),
        M::EnblocCall(EnblocCall {
            number: "1003".to_owned(),
            line: LINE,
        }),
        M::Stimulus(Stimulus {
            stimulus: ButtonType::SPEED_DIAL,
            instance: Instance(2),
            call: CALL,
            status: 0,
        }),
        M::SoftKeyEvent(SoftKeyPress {
            event: SoftKeyEvent::NEW_CALL,
            line: LINE,
            call: CALL,
        }),
        M::DeviceToUserData(answer.clone()),
        M::DeviceToUserDataResponse(answer),
    ]
}

fn server(version: ProtocolVersion) -> Vec<ServerMessage> {
    use ServerMessage as M;
    let button = |instance, kind| Button { instance, kind };
    let key = |label, event| SoftKey {
        label: Text::from(label),
        event,
    };
    let places = |places: &[(u8, SoftKeyEvent)]| SoftKeySet {
        places: places
            .iter()
            .map(|&(position, event)| KeyPlace { position, event })
            .collect(),
    };
    let second_server: IpAddr = if version.0 >= 17 {
        Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 1).into()
    } else {
        Ipv4Addr::new(10, 0, 0, 2).into()
    };
    let mut messages = vec![
        M::RegisterAck(RegisterAck {
            keep_alive: 30,
            date_template: "D.M.Y".to_owned(),
            secondary_keep_alive: 60,
            version,
        }),
        M::RegisterReject("Device unknown".to_owned()),
        M::RegisterTokenAck,
        M::RegisterTokenReject(60),
        M::SpcpRegisterTokenAck(0xFFFF),
        M::SpcpRegisterTokenReject(60),
        M::CapabilitiesReq,
        M::KeepAliveAck,
        M::UnregisterAck(UnregisterStatus::OK),
        M::SoftKeyTemplate(SoftKeyTemplate {
            keys: vec![
                key(Label::REDIAL, SoftKeyEvent::REDIAL),
                key(Label::NEW_CALL, SoftKeyEvent::NEW_CALL),
                key(Label::END_CALL, SoftKeyEvent::END_CALL),
            ],
        }),
        M::SoftKeySets(SoftKeySets {
            sets: vec![
                places(&[(1, SoftKeyEvent::REDIAL), (2, SoftKeyEvent::NEW_CALL)]),
                places(&[(0, SoftKeyEvent(0)), (3, SoftKeyEvent::END_CALL)]),
            ],
        }),
        M::SelectSoftKeys(SelectSoftKeys {
            line: Instance::DEVICE,
            call: CallRef::NONE,
            set: KeySetIndex::ON_HOOK,
            mask: SelectSoftKeys::ALL,
        }),
        M::ConfigStat(ConfigStat {
            device_name: NAME.to_owned(),
            user: 0,
            instance: 0,
            user_name: "Jürgen".to_owned(),
            server_name: "Embody".to_owned(),
            lines: 2,
            speed_dials: 3,
        }),
        M::LineStat(LineStat {
            line: LINE,
            number: "1001".to_owned(),
            display_name: "Jürgen 1001".to_owned(),
            label: "Jürgen".to_owned(),
            ..LineStat::default()
        }),
        M::SpeedDialStat(SpeedDialStat {
            index: Instance(2),
            number: "911".to_owned(),
            label: "Emergency".to_owned(),
        }),
        M::FeatureStat(FeatureStat {
            index: Instance(1),
            kind: ButtonType::BLF_SPEED_DIAL,
            label: Text::from("Lobby"),
            status: BlfStatus::IDLE.0,
        }),
        M::ServiceUrlStat(ServiceUrlStat {
            index: Instance(1),
            url: "http://10.0.0.1:8080/emapp/EMAppServlet".to_owned(),
            label: "Extension Mobility".to_owned(),
        }),
        M::ForwardStat(ForwardStat {
            line: LINE,
            all: Some("1002".to_owned()),
            busy: None,
            no_answer: Some("1003".to_owned()),
        }),
        M::DefineTimeDate(DefineTimeDate {
            year: 2025,
            month: 11,
            day_of_week: 5,
            day: 21,
            hour: 10,
            minute: 0,
            second: 0,
            millisecond: 0,
            unix_time: 0x6920_3820,
        }),
        M::Version("SCCP41.8-5-3S".to_owned()),
        M::ServerRes(ServerRes {
            servers: vec![
                ServerSlot {
                    name: "embody".to_owned(),
                    port: 2000,
                    address: Ipv4Addr::new(10, 0, 0, 1).into(),
                },
                ServerSlot {
                    name: "embody2".to_owned(),
                    port: 2000,
                    address: second_server,
                },
            ],
        }),
        M::Reset(ResetType::RESTART),
    ];
    let buttons = [
        button(1, ButtonType::LINE),
        button(2, ButtonType::LINE),
        button(1, ButtonType::SPEED_DIAL),
        button(2, ButtonType::SPEED_DIAL),
        button(1, ButtonType::SERVICE_URL),
        Button::UNUSED,
    ];
    messages.extend(
        ButtonTemplate::of(&buttons)
            .into_iter()
            .map(M::ButtonTemplate),
    );
    messages.extend(display_and_calls(version));
    messages
}

fn display_and_calls(version: ProtocolVersion) -> Vec<ServerMessage> {
    use ServerMessage as M;
    vec![
        M::SetLamp(SetLamp {
            stimulus: ButtonType::VOICE_MAIL,
            instance: Instance::DEVICE,
            mode: LampMode::ON,
        }),
        M::SetRinger(SetRinger {
            mode: RingMode::INSIDE,
            duration: RingDuration::NORMAL,
            line: LINE,
            call: CALL,
        }),
        M::SetSpeakerMode(true),
        M::SetMicroMode(false),
        M::StartTone(StartTone {
            tone: Tone::REORDER,
            direction: ToneDirection::USER,
            line: LINE,
            call: CALL,
        }),
        M::StopTone(StopTone {
            line: LINE,
            call: CALL,
            tone: if version.0 >= 11 {
                Tone::REORDER
            } else {
                Tone::SILENCE
            },
        }),
        M::DisplayText(Text::from("No call service")),
        M::ClearDisplay,
        M::DisplayPromptStatus(DisplayPromptStatus {
            timeout: 0,
            text: Text::from(Label::YOUR_CURRENT_OPTIONS),
            line: Instance::DEVICE,
            call: CallRef::NONE,
        }),
        M::ClearPromptStatus {
            line: LINE,
            call: CALL,
        },
        M::DisplayNotify(DisplayNotify {
            timeout: 10,
            text: Text::from("Signed in"),
        }),
        M::ClearNotify,
        M::DisplayPriNotify(DisplayPriNotify {
            timeout: 10,
            priority: 5,
            text: Text::from(Label::FROM).words("1003"),
        }),
        M::ClearPriNotify(5),
        M::CallState(CallStateInfo::new(CallState::OFF_HOOK, LINE, CALL)),
        M::ActivateCallPlane(LINE),
        M::DeactivateCallPlane,
        M::UserToDeviceData(UserData {
            application: 9081,
            transaction: 7,
            data: "<CiscoIPPhoneExecute/>".into(),
            ..UserData::default()
        }),
    ]
}
