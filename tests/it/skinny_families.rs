//! How phones of each family come in: what such a phone sends, in its order,
//! and every answer that it needs, in the layout of its version.

use std::net::{Ipv4Addr, Ipv6Addr, TcpStream};

use embody::sccp::wire::{
    AddOnDeviceCapabilities, Alarm, AlarmSeverity, Announced, AudioCapability, CapabilitiesForm,
    Codec, DeviceType, FeatureStatReq, Frame, HookEvent, Instance, MediaCapability, MediaPath,
    MediaPathCapability, MediaPathEvent, MessageId, PhoneFeatures, PhoneMessage as M, Register,
    RegisterTokenReq, ServerMessage, SpcpRegisterTokenReq, UnregisterReason, UpdateCapabilities,
    decode_server,
};

use crate::skinny_phone::{Phone, full};
use crate::support::{Daemon, Site};

const LOCALHOST: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Phones named like this, each with a line and a speed dial.
fn site(names: &[&str]) -> Site {
    let phones = names.iter().map(|name| {
        format!(
            "[[phone]]\nname = \"{name}\"\nmodel = \"7961\"\nprotocol = \"sccp\"\n\
             line = [{{ number = \"1001\", label = \"Lobby\" }}]\n\
             speed_dial = [{{ number = \"2002\", label = \"Bob\" }}]\n"
        )
    });
    Site::Text(format!("version = 1\n{}", phones.collect::<String>()))
}

/// What a phone says and in which segments.
struct Script {
    register: Register,
    before: Vec<M>,
    segments: Vec<Vec<M>>,
    /// Whether it shows prompts, one line of text, or nothing.
    words: Option<MessageId>,
    soft_keys: bool,
}

impl Script {
    fn new(register: Register, segments: Vec<Vec<M>>) -> Self {
        let version = register.dialect().version.0;
        let prompt = if version >= 8 {
            MessageId::DISPLAY_PROMPT_STATUS_V2
        } else {
            MessageId::DISPLAY_PROMPT_STATUS
        };
        Self {
            register,
            before: Vec::new(),
            segments,
            words: Some(prompt),
            soft_keys: true,
        }
    }

    fn after(mut self, before: Vec<M>) -> Self {
        self.before = before;
        self
    }

    /// With one line of text, or none, and no soft keys.
    fn plain(mut self, words: Option<MessageId>) -> Self {
        self.words = words;
        self.soft_keys = false;
        self
    }

    fn version(&self) -> u8 {
        self.register.dialect().version.0
    }

    /// The numbers of the answers to a message.
    fn answers(&self, message: &M) -> Vec<MessageId> {
        use MessageId as I;
        let pick = |from, fixed, dynamic| {
            if self.version() >= from {
                dynamic
            } else {
                fixed
            }
        };
        match message {
            M::KeepAlive => vec![I::KEEP_ALIVE_ACK],
            M::RegisterTokenReq(_) => vec![I::REGISTER_TOKEN_ACK],
            M::SpcpRegisterTokenReq(_) => vec![I::SPCP_REGISTER_TOKEN_ACK],
            M::VersionReq => vec![I::VERSION],
            M::ServerReq => vec![I::SERVER_RES],
            M::ButtonTemplateReq => vec![I::BUTTON_TEMPLATE],
            M::SoftKeyTemplateReq => vec![I::SOFT_KEY_TEMPLATE],
            M::SoftKeySetReq => vec![I::SOFT_KEY_SET, I::SELECT_SOFT_KEYS],
            M::ConfigStatReq => vec![I::CONFIG_STAT],
            M::LineStatReq(_) => vec![pick(17, I::LINE_STAT, I::LINE_STAT_V2)],
            M::SpeedDialStatReq(_) => vec![pick(17, I::SPEED_DIAL_STAT, I::SPEED_DIAL_STAT_V2)],
            M::FeatureStatReq(_) => vec![pick(15, I::FEATURE_STAT, I::FEATURE_STAT_V2)],
            M::ServiceUrlStatReq(_) => vec![pick(7, I::SERVICE_URL_STAT, I::SERVICE_URL_STAT_V2)],
            M::ForwardStatReq(_) => vec![I::FORWARD_STAT],
            M::TimeDateReq => {
                let mut answers = vec![I::DEFINE_TIME_DATE];
                answers.extend(self.welcome());
                answers
            }
            _ => Vec::new(),
        }
    }

    /// What a phone is sent when it is in service.
    fn welcome(&self) -> Vec<MessageId> {
        let mut sent = vec![MessageId::SET_LAMP, MessageId::FORWARD_STAT];
        sent.extend(self.words);
        sent.extend(self.soft_keys.then_some(MessageId::SELECT_SOFT_KEYS));
        sent
    }

    /// The size of the body where a message has one size at this version.
    fn size(&self, id: MessageId) -> Option<usize> {
        use MessageId as I;
        let version = self.version();
        Some(match id {
            I::REGISTER_ACK => 20,
            I::CONFIG_STAT | I::LINE_STAT => 112,
            I::SPEED_DIAL_STAT => 68,
            I::FEATURE_STAT => 52,
            I::SERVICE_URL_STAT => 300,
            I::FORWARD_STAT if version >= 18 => 96,
            I::FORWARD_STAT => 92,
            I::BUTTON_TEMPLATE => 96,
            I::SOFT_KEY_TEMPLATE => 652,
            I::SOFT_KEY_SET => 780,
            I::SELECT_SOFT_KEYS | I::VERSION => 16,
            I::DEFINE_TIME_DATE => 36,
            I::SERVER_RES if version >= 17 => 360,
            I::SERVER_RES => 280,
            I::SET_LAMP => 12,
            I::DISPLAY_TEXT => 32,
            I::DISPLAY_PROMPT_STATUS => 44,
            _ => return None,
        })
    }

    fn judge(&self, frame: &Frame) {
        let (id, name) = (frame.id, &self.register.device_name);
        if let Some(size) = self.size(id) {
            assert_eq!(frame.body.len(), size, "{name}: {id}");
        }
        assert_eq!(frame.body.len() % 4, 0, "{name}: {id}");
        let is_ack = matches!(
            id,
            MessageId::KEEP_ALIVE_ACK | MessageId::UNREGISTER_ACK | MessageId::REGISTER_ACK
        );
        let version = u32::from(self.version());
        let header = if is_ack || version < 10 { 0 } else { version };
        assert_eq!(frame.header_version, header, "{name}: {id}");
    }

    fn expect(&self, phone: &mut Phone, ids: &[MessageId], what: &str) -> Vec<ServerMessage> {
        ids.iter()
            .map(|id| {
                let frame = phone
                    .hear_frame()
                    .unwrap_or_else(|| panic!("{what}: closed"));
                assert_eq!(frame.id, *id, "{}: {what}", self.register.device_name);
                self.judge(&frame);
                decode_server(&frame, phone.dialect).unwrap()
            })
            .collect()
    }

    /// Comes in, and is in service.
    fn run(&self, phone: &mut Phone) -> Vec<ServerMessage> {
        let mut heard = Vec::new();
        for message in &self.before {
            phone.say(message);
            for id in self.answers(message) {
                assert_eq!(phone.hear_frame().unwrap().id, id, "{message:?}");
            }
        }
        phone.register_as(&self.register);
        for segment in &self.segments {
            phone.say_together(segment);
            for message in segment {
                let ids = self.answers(message);
                heard.extend(self.expect(phone, &ids, &format!("{message:?}")));
            }
        }
        assert!(phone.is_alive(), "and nothing more was said");
        heard
    }

    /// Leaves again.
    fn leave(&self, phone: &mut Phone) {
        phone.say(&M::Unregister(UnregisterReason::UNKNOWN));
        self.expect(phone, &[MessageId::UNREGISTER_ACK], "Unregister");
        assert_eq!(phone.hear(), None, "and the server closes");
    }
}

fn line(index: u32) -> M {
    M::LineStatReq(Instance(index))
}

fn forward(index: u32) -> M {
    M::ForwardStatReq(Instance(index))
}

fn dial(index: u32) -> M {
    M::SpeedDialStatReq(Instance(index))
}

fn feature(index: u32) -> M {
    M::FeatureStatReq(FeatureStatReq {
        index: Instance(index),
        capabilities: 1,
    })
}

fn service(index: u32) -> M {
    M::ServiceUrlStatReq(Instance(index))
}

fn codecs() -> Vec<AudioCapability> {
    [Codec::WIDEBAND_256K, Codec::G711_ULAW_64K, Codec::G729_AB]
        .map(|codec| AudioCapability {
            codec,
            max_frames: 40,
            parameters: [0; 8],
        })
        .to_vec()
}

fn update(form: CapabilitiesForm) -> M {
    M::UpdateCapabilities(Box::new(UpdateCapabilities {
        form,
        video_count: 0,
        data_count: 0,
        rtp_payload_format: 0,
        audio: codecs(),
    }))
}

fn alarm(name: &str) -> M {
    M::Alarm(Alarm {
        severity: AlarmSeverity::INFORMATION,
        text: format!("25: Name={name} Load=8.1 Last=Initialized"),
        parameter1: 0,
        parameter2: 0,
    })
}

fn xml_alarm(name: &str) -> M {
    M::XmlAlarm(format!(
        "<x-cisco-alarm><Alarm Name=\"LastOutOfServiceInformation\"><ParameterList>\
         <String name=\"DeviceName\">{name}</String>\
         <Enum name=\"ReasonForOutOfService\">25</Enum></ParameterList></Alarm></x-cisco-alarm>"
    ))
}

/// 68 bytes, as P003 loads of the 7940 and 7960 send them.
fn short(name: &str, device: DeviceType, version: u8, features: u16) -> Register {
    Register {
        max_lines: None,
        ipv6: None,
        ipv6_scope: None,
        firmware: None,
        // Old memory where later loads have their hardware address.
        mac: Some(*b"RING\0\0\x01\x02gbge"),
        ..full(name, device, version, features)
    }
}

/// 36 bytes and no version, as the first generation.
fn first(name: &str, device: DeviceType) -> Register {
    Register {
        max_streams: Some(0),
        ..Register::shortest(name, device, LOCALHOST)
    }
}

/// The questions of a 7941 and its successors.
fn modern(capabilities: M) -> Vec<Vec<M>> {
    vec![
        vec![M::HeadsetStatus(false), capabilities],
        vec![M::VersionReq],
        vec![M::ButtonTemplateReq],
        vec![M::SoftKeyTemplateReq, M::SoftKeySetReq],
        vec![M::ConfigStatReq],
        vec![line(1), forward(1), dial(1)],
        vec![feature(1), service(1), feature(2), service(2)],
        vec![M::RegisterAvailableLines(1), M::TimeDateReq],
    ]
}

#[test]
fn the_first_generation_is_spoken_to_in_version_3() {
    let names = ["SEP000000000001", "SEP000000000002", "SEP000000000003"];
    let daemon = Daemon::start(site(&[names[0], names[1], names[2], "ATA000000000004"]));
    let asks = || {
        vec![
            vec![M::IpPort(5001), M::CapabilitiesRes(codecs())],
            vec![M::ButtonTemplateReq, M::ConfigStatReq],
            vec![line(1), dial(1), forward(1), M::VersionReq, M::ServerReq],
            vec![M::TimeDateReq],
        ]
    };
    let text = Some(MessageId::DISPLAY_TEXT);
    // An ATA has 33 where others have their version.
    let mut ata = first("ATA000000000004", DeviceType::ATA_186);
    ata.active_streams = Some(0);
    ata.announced = Some(Announced {
        version: 33,
        flags: 0,
        features: PhoneFeatures(0),
    });
    let mut cleared = Script::new(first(names[0], DeviceType::CISCO_30VIP), asks()).plain(text);
    // Nobody is signed in: there are no words.
    cleared.words = Some(MessageId::CLEAR_DISPLAY);
    let mut on_7910 = Script::new(first(names[1], DeviceType::CISCO_7910), asks()).plain(text);
    on_7910.words = Some(MessageId::CLEAR_DISPLAY);
    for script in [
        cleared,
        on_7910,
        Script::new(first(names[2], DeviceType::CISCO_7935), asks()),
        Script::new(ata, asks()).plain(None),
    ] {
        assert_eq!(script.version(), 3);
        let mut phone = Phone::connect(&daemon, [127, 0, 5, 1]);
        script.run(&mut phone);
        script.leave(&mut phone);
    }
}

#[test]
fn the_questions_of_an_old_client_come_in_one_segment() {
    let name = "SEP000000000001";
    let daemon = Daemon::start(site(&[name]));
    // Ack and question for capabilities, then 0E 28 25 0C 0B 09 2D in one
    // segment, then 0D: a CallManager 2 capture.
    let segments = vec![
        vec![M::CapabilitiesRes(codecs())],
        vec![
            M::ButtonTemplateReq,
            M::SoftKeyTemplateReq,
            M::SoftKeySetReq,
            M::ConfigStatReq,
            line(1),
            forward(1),
            M::RegisterAvailableLines(1),
        ],
        vec![M::TimeDateReq],
    ];
    let register = short(name, DeviceType::CISCO_7940, 3, 0);
    let script = Script::new(register, segments);
    script.run(&mut Phone::connect(&daemon, [127, 0, 5, 1]));
}

#[test]
fn a_7960_with_its_last_load_is_answered_whatever_it_lists() {
    let name = "SEP000000000001";
    let daemon = Daemon::start(site(&[name]));
    let segments = vec![
        vec![M::IpPort(16384), update(CapabilitiesForm::V1)],
        vec![M::VersionReq, M::ButtonTemplateReq],
        vec![M::SoftKeyTemplateReq, M::SoftKeySetReq, M::ConfigStatReq],
        vec![
            line(1),
            forward(1),
            dial(1),
            feature(1),
            service(1),
            feature(7),
        ],
        vec![M::RegisterAvailableLines(0), M::TimeDateReq],
    ];
    let register = short(name, DeviceType::CISCO_7960, 11, 0x8560);
    let script = Script::new(register, segments).after(vec![alarm(name)]);
    let mut phone = Phone::connect(&daemon, [127, 0, 5, 1]);
    let heard = script.run(&mut phone);
    let is_lobby = |message: &ServerMessage| {
        matches!(message, ServerMessage::LineStat(line)
        if line.number == "1001" && line.label == "Lobby")
    };
    assert!(heard.iter().any(is_lobby), "{heard:?}");
    script.leave(&mut phone);
}

#[test]
fn the_79x1_79x2_and_79x5_are_answered_in_each_of_their_versions() {
    let devices = [
        DeviceType::CISCO_7911,
        DeviceType::CISCO_7941,
        DeviceType::CISCO_7961,
        DeviceType::CISCO_7970,
        DeviceType::CISCO_7962,
        DeviceType::CISCO_7975,
    ];
    let names: Vec<String> = (17..=22).map(|n| format!("SEP0000000000{n}")).collect();
    let daemon = Daemon::start(site(&names.iter().map(String::as_str).collect::<Vec<_>>()));
    for ((version, name), device) in (17..=22).zip(&names).zip(devices) {
        let capabilities = if version < 20 {
            M::CapabilitiesRes(codecs())
        } else {
            update(CapabilitiesForm::V3)
        };
        let before = vec![alarm(name), xml_alarm(name)];
        let register = full(name, device, version, 0x8572);
        let script = Script::new(register, modern(capabilities)).after(before);
        let mut phone = Phone::connect(&daemon, [127, 0, 5, 1]);
        script.run(&mut phone);
        script.leave(&mut phone);
    }
}

#[test]
fn a_7925_has_a_standby_connection_beside_its_registration() {
    let name = "SEP000000000001";
    let daemon = Daemon::start(site(&[name]));
    let mut segments = modern(update(CapabilitiesForm::V2));
    segments[0].push(M::LocationInfo("<wifi><ap>1</ap></wifi>".into()));
    let register = full(name, DeviceType::CISCO_7925, 16, 0x8572);
    let script = Script::new(register, segments);
    let mut phone = Phone::connect(&daemon, [127, 0, 5, 1]);
    script.run(&mut phone);
    let mut standby = Phone::connect(&daemon, [127, 0, 5, 1]);
    for _ in 0..3 {
        assert!(standby.is_alive());
        let token = M::RegisterTokenReq(RegisterTokenReq {
            device_name: name.into(),
            user: 0,
            instance: 1,
            address: LOCALHOST,
            device_type: DeviceType::CISCO_7925,
            ipv6: Ipv6Addr::UNSPECIFIED,
        });
        standby.say(&token);
        assert_eq!(standby.hear(), Some(ServerMessage::RegisterTokenAck));
        assert!(phone.is_alive(), "registered on the first all the while");
    }
    drop(standby);
    assert!(phone.is_alive());
    assert_eq!(daemon.status()["registered"], 1);
    script.leave(&mut phone);
}

#[test]
fn phones_of_the_6900_and_8900_series_come_in() {
    let names = ["SEP000000000001", "SEP000000000002", "SEP000000000003"];
    let daemon = Daemon::start(site(&names));
    let mut text_mac = full(names[0], DeviceType::CISCO_6961, 15, 0x8570);
    text_mac.mac = Some(*b"001122334455");
    text_mac.announced = text_mac.announced.map(|announced| Announced {
        flags: 0x20,
        ..announced
    });
    let text_mac = Register {
        firmware: None,
        ipv6: None,
        ipv6_scope: None,
        ..text_mac
    };
    let ipc = M::MediaPathCapability(MediaPathCapability {
        path: MediaPath::HEADSET,
        capability: MediaCapability::ENABLE,
    });
    let event = M::MediaPathEvent(MediaPathEvent {
        path: MediaPath::SPEAKER,
        on: false,
    });
    let module = M::AddOnDeviceCapabilities(AddOnDeviceCapabilities {
        instance: 1,
        device_type: DeviceType(227),
        max_allowed: 2,
        description: "max-chained=2 deviceLine=14".into(),
    });
    let mut communicator = modern(M::CapabilitiesRes(codecs()));
    communicator[0].extend([ipc, event, module]);
    for script in [
        Script::new(text_mac, modern(M::CapabilitiesRes(codecs()))),
        Script::new(
            full(names[1], DeviceType::CISCO_8945, 20, 0x8572),
            modern(update(CapabilitiesForm::V3)),
        ),
        Script::new(
            full(names[2], DeviceType::IP_COMMUNICATOR, 20, 0x8572),
            communicator,
        ),
    ] {
        let mut phone = Phone::connect(&daemon, [127, 0, 5, 1]);
        let heard = script.run(&mut phone);
        // As many as the model has keys; an 8945 wants no fewer than twelve.
        let buttons = match script.register.device_type {
            DeviceType::CISCO_6961 | DeviceType::CISCO_8945 => 12,
            _ => 8,
        };
        assert!(
            heard.iter().any(|message| matches!(message,
                ServerMessage::ButtonTemplate(template) if template.total == buttons)),
            "{heard:?}"
        );
        script.leave(&mut phone);
    }
}

#[test]
fn an_spa_asks_for_tokens_before_and_during_its_registration_and_in_a_call() {
    let name = "SEP000000000001";
    let daemon = Daemon::start(site(&[name]));
    let token = M::SpcpRegisterTokenReq(SpcpRegisterTokenReq {
        device_name: name.into(),
        user: 0,
        instance: 0x0100_0000,
        address: LOCALHOST,
        device_type: DeviceType::SPA_504G,
        max_streams: 4,
    });
    let segments = vec![
        vec![M::CapabilitiesRes(codecs()), token.clone()],
        vec![
            M::ButtonTemplateReq,
            M::SoftKeyTemplateReq,
            M::SoftKeySetReq,
        ],
        vec![line(1), token.clone(), forward(1), dial(1)],
        vec![M::RegisterAvailableLines(1)],
    ];
    let register = short(name, DeviceType::SPA_504G, 8, 0);
    let script = Script::new(register, segments).after(vec![token.clone()]);
    let mut phone = Phone::connect(&daemon, [127, 0, 5, 1]);
    script.run(&mut phone);
    // It asks no time: in service two seconds after its lines.
    script.expect(&mut phone, &script.welcome(), "in service");
    phone.say(&M::OffHook(HookEvent::default()));
    while phone.hear_frame().unwrap().id != MessageId::START_TONE {}
    phone.say(&token);
    let answer = phone.hear_frame().unwrap();
    assert_eq!(answer.id, MessageId::SPCP_REGISTER_TOKEN_ACK);
    assert_eq!(daemon.status()["registered"], 1, "not torn down");
    let (_, status) = daemon.admin().get(&format!("/phones/{name}"));
    assert_eq!(status["status"]["in_call"], true, "and in its call");
}

#[test]
fn a_phone_with_ipv6_alone_registers_over_ipv6() {
    let name = "SEP000000000001";
    let mut daemon = Daemon::start(site(&[name]));
    let file = daemon.folder.path().join("embody.toml");
    let port = daemon.ports.sccp.port();
    let config = std::fs::read_to_string(&file).unwrap().replace(
        &format!("sccp = {port}\n"),
        &format!("sccp = {{ address = \"::1\", port = {port} }}\n"),
    );
    std::fs::write(&file, config).unwrap();
    daemon.start_again_with(&[]);
    let own = Ipv6Addr::LOCALHOST;
    let mut phone = Phone::on(TcpStream::connect((own, port)).unwrap());
    let register = Register {
        address: Ipv4Addr::UNSPECIFIED,
        ipv6: Some(own),
        ipv6_scope: Some(3),
        ..full(name, DeviceType::CISCO_7961, 20, 0x8572)
    };
    let mut segments = modern(M::CapabilitiesRes(codecs()));
    segments.push(vec![M::ServerReq]);
    let script = Script::new(register, segments);
    let heard = script.run(&mut phone);
    let Some(ServerMessage::ServerRes(servers)) = heard.last() else {
        panic!("{heard:?}");
    };
    assert_eq!(servers.servers[0].address, own);
    let (_, status) = daemon.admin().get(&format!("/phones/{name}"));
    assert!(
        status["status"]["peer"].to_string().contains("::1"),
        "{status}"
    );
    script.leave(&mut phone);
}
