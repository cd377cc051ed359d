//! A phone against a call manager that does as each story wants.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::codec::Decoder;

use crate::handset::testing::{mac, pace, sccp_file, tftp};
use crate::handset::{
    ButtonKind, Fault, Handset, HandsetEvent, HookPoint, Kind, Profile, Pull, Servers,
};
use crate::sccp::wire::{
    Button, ButtonTemplate, ButtonType, ConfigStat, DefineTimeDate, Dialect, DisplayPromptStatus,
    FeatureStat, ForwardStat, FrameCodec, Instance, Label, LineStat, PhoneMessage, ProtocolVersion,
    RegisterAck, ResetType, ServerMessage, ServiceUrlStat, SoftKeySets, SoftKeyTemplate,
    SpeedDialStat, Text, UnregisterStatus, decode_phone, encode_server,
};

type Script = Arc<dyn Fn(&PhoneMessage) -> Option<Vec<ServerMessage>> + Send + Sync>;

/// A call manager: answers as it should, unless the script says otherwise.
#[derive(Clone)]
struct Manager {
    heard: Arc<Mutex<Vec<PhoneMessage>>>,
    push: broadcast::Sender<ServerMessage>,
    script: Script,
}

impl Manager {
    fn new(
        script: impl Fn(&PhoneMessage) -> Option<Vec<ServerMessage>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            heard: Arc::default(),
            push: broadcast::Sender::new(16),
            script: Arc::new(script),
        }
    }

    async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let manager = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(manager.clone().serve(stream));
            }
        });
        address
    }

    async fn serve(self, mut stream: tokio::net::TcpStream) {
        let mut pushed = self.push.subscribe();
        let mut inbox = BytesMut::new();
        let mut dialect = Dialect::BASIC;
        loop {
            tokio::select! {
                message = pushed.recv() => {
                    let frame = encode_server(&message.unwrap(), dialect);
                    stream.write_all(&frame.to_bytes()).await.unwrap();
                    continue;
                }
                read = stream.read_buf(&mut inbox) => if read.unwrap_or(0) == 0 { return },
            }
            while let Some(frame) = FrameCodec.decode(&mut inbox).unwrap() {
                let message = decode_phone(&frame, dialect).unwrap();
                let answers = (self.script)(&message).unwrap_or_else(|| usual(&message));
                if let PhoneMessage::Register(register) = &message {
                    for answer in &answers {
                        send(&mut stream, answer, dialect).await;
                    }
                    dialect = register.dialect();
                } else {
                    for answer in &answers {
                        send(&mut stream, answer, dialect).await;
                    }
                }
                self.heard.lock().unwrap().push(message);
            }
        }
    }

    fn heard(&self, what: impl Fn(&PhoneMessage) -> bool) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|message| what(message)).count()
    }

    fn last_alarm(&self) -> String {
        let heard = self.heard.lock().unwrap();
        let alarms = heard.iter().filter_map(|message| match message {
            PhoneMessage::Alarm(alarm) => Some(alarm.text.clone()),
            _ => None,
        });
        alarms.last().unwrap()
    }
}

async fn send(stream: &mut tokio::net::TcpStream, message: &ServerMessage, dialect: Dialect) {
    let frame = encode_server(message, dialect).to_bytes();
    let _ = stream.write_all(&frame).await;
}

fn template() -> Vec<Button> {
    let button = |instance, kind| Button { instance, kind };
    vec![
        button(1, ButtonType::LINE),
        button(2, ButtonType::LINE),
        button(1, ButtonType::SPEED_DIAL),
        button(1, ButtonType::SERVICE_URL),
        button(1, ButtonType::BLF_SPEED_DIAL),
    ]
}

fn ack(register_version: u8) -> Vec<ServerMessage> {
    vec![
        ServerMessage::RegisterAck(RegisterAck {
            keep_alive: 30,
            date_template: "D.M.Y".to_owned(),
            secondary_keep_alive: 60,
            version: ProtocolVersion(register_version),
        }),
        ServerMessage::CapabilitiesReq,
    ]
}

fn usual(message: &PhoneMessage) -> Vec<ServerMessage> {
    use PhoneMessage as P;
    use ServerMessage as S;
    match message {
        P::KeepAlive => vec![S::KeepAliveAck],
        P::Register(register) => ack(register.announced.unwrap().version),
        P::VersionReq => vec![S::Version(String::new())],
        P::ButtonTemplateReq => ButtonTemplate::of(&template())
            .into_iter()
            .map(S::ButtonTemplate)
            .collect(),
        P::SoftKeyTemplateReq => vec![S::SoftKeyTemplate(SoftKeyTemplate::default())],
        P::SoftKeySetReq => vec![S::SoftKeySets(SoftKeySets::default())],
        P::ConfigStatReq => vec![S::ConfigStat(ConfigStat {
            device_name: "SEP000000000001".to_owned(),
            user: 0,
            instance: 0,
            user_name: String::new(),
            server_name: String::new(),
            lines: 2,
            speed_dials: 1,
        })],
        P::LineStatReq(line) => vec![S::LineStat(LineStat {
            line: *line,
            number: format!("100{}", line.0),
            display_name: "Lobby".to_owned(),
            label: format!("Lobby {}", line.0),
        })],
        P::ForwardStatReq(line) => vec![S::ForwardStat(ForwardStat {
            line: *line,
            all: None,
            busy: None,
            no_answer: None,
        })],
        P::SpeedDialStatReq(index) => vec![S::SpeedDialStat(SpeedDialStat {
            index: *index,
            number: "911".to_owned(),
            label: "Emergency".to_owned(),
        })],
        P::ServiceUrlStatReq(index) => vec![S::ServiceUrlStat(ServiceUrlStat {
            index: *index,
            url: "http://10.0.0.1/".to_owned(),
            label: "Weather".to_owned(),
        })],
        P::FeatureStatReq(request) => vec![S::FeatureStat(FeatureStat {
            index: request.index,
            kind: ButtonType::BLF_SPEED_DIAL,
            label: Text::from("Bob"),
            status: 1,
        })],
        P::TimeDateReq => vec![
            S::DefineTimeDate(DefineTimeDate {
                year: 2026,
                month: 11,
                day_of_week: 0,
                day: 22,
                hour: 1,
                minute: 2,
                second: 3,
                millisecond: 0,
                unix_time: 0,
            }),
            S::DisplayPromptStatus(DisplayPromptStatus {
                text: Text::from(Label::YOUR_CURRENT_OPTIONS),
                ..DisplayPromptStatus::default()
            }),
        ],
        P::Unregister(_) => vec![S::UnregisterAck(UnregisterStatus::OK)],
        _ => Vec::new(),
    }
}

/// A phone of that kind whose file names this call manager.
async fn plug_in(profile: Profile, manager: &Manager) -> Handset {
    let servers = servers(&profile, manager).await;
    Handset::spawn(profile, servers, pace())
}

async fn servers(profile: &Profile, manager: &Manager) -> Servers {
    let address = manager.listen().await;
    let file = sccp_file("127.0.0.1", address.port());
    let name = format!("{}.cnf.xml", profile.device_name());
    Servers::new(tftp(HashMap::from([(name, file.into_bytes())])).await)
}

fn profile(kind: Kind) -> Profile {
    Profile::new(kind, mac(1))
}

async fn first_fault(handset: &Handset) -> Fault {
    let mut events = handset.events();
    if let Some(fault) = handset.faults().first() {
        return fault.clone();
    }
    loop {
        let event = tokio::time::timeout(Duration::from_secs(5), events.recv()).await;
        if let HandsetEvent::Fault(fault) = event.unwrap().unwrap() {
            return fault;
        }
    }
}

#[tokio::test]
async fn every_version_registers_and_shows_what_it_pulled() {
    let mut profiles = vec![profile(Kind::Cisco7960)];
    profiles.extend((17..=22).map(|version| profile(Kind::Cisco7961).with_version(version)));
    for profile in profiles {
        let manager = Manager::new(|_| None);
        let phone = plug_in(profile.clone(), &manager).await;
        assert_eq!(phone.wait_registered().await, Ok(1));
        let buttons = phone.buttons();
        let seen: Vec<_> = buttons
            .iter()
            .map(|button| (button.key, button.kind, button.label.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (1, ButtonKind::Line, "Lobby 1"),
                (2, ButtonKind::Line, "Lobby 2"),
                (3, ButtonKind::SpeedDial, "Emergency"),
                (4, ButtonKind::Service, "Weather"),
                (5, ButtonKind::BusyLamp, "Bob"),
            ]
        );
        assert_eq!(phone.faults(), [], "{profile:?}");
        let alarm = manager.last_alarm();
        assert!(
            alarm.starts_with("25: Name=SEP000000000001 Load="),
            "{alarm}"
        );
        assert!(alarm.ends_with("Last=Initialized"));
        let available = if profile.kind == Kind::Cisco7960 {
            0
        } else {
            2
        };
        let told =
            |message: &PhoneMessage| *message == PhoneMessage::RegisterAvailableLines(available);
        assert_eq!(manager.heard(told), 1);
        while phone.prompt().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(phone.prompt(), "Your current options");
        let traffic = phone.traffic();
        assert_eq!(traffic.sccp_sent as usize, manager.heard(|_| true));
    }
}

#[test]
fn register_is_as_long_as_the_load_makes_it() {
    use super::identity;
    use crate::sccp::wire::encode_phone;
    let file = crate::handset::file::read(
        sccp_file("10.0.0.1", 2000).as_bytes(),
        &profile(Kind::Cisco7961),
    )
    .unwrap();
    let cases = [
        (profile(Kind::Cisco7960), 68),
        (profile(Kind::Cisco7961).with_version(17), 124),
        (profile(Kind::Cisco7961).with_version(20), 172),
    ];
    for (profile, length) in cases {
        let message = identity::register(&profile, &file, [10, 0, 0, 7].into());
        let frame = encode_phone(&message, Dialect::BASIC);
        assert_eq!(frame.body.len(), length);
        assert_eq!(frame.header_version, 0);
    }
}

/// Each request in turn is not answered: the phone says so and tries again.
#[tokio::test]
async fn an_answer_that_does_not_come_is_a_fault() {
    use PhoneMessage as P;
    type Unanswered = fn(&PhoneMessage) -> bool;
    let cases: [(Unanswered, Pull); 11] = [
        (|m| matches!(m, P::VersionReq), Pull::Version),
        (|m| matches!(m, P::ButtonTemplateReq), Pull::ButtonTemplate),
        (
            |m| matches!(m, P::SoftKeyTemplateReq),
            Pull::SoftKeyTemplate,
        ),
        (|m| matches!(m, P::SoftKeySetReq), Pull::SoftKeySets),
        (|m| matches!(m, P::ConfigStatReq), Pull::ConfigStat),
        (|m| *m == P::LineStatReq(Instance(2)), Pull::Line(2)),
        (|m| *m == P::ForwardStatReq(Instance(1)), Pull::Forward(1)),
        (|m| matches!(m, P::SpeedDialStatReq(_)), Pull::SpeedDial(1)),
        (
            |m| matches!(m, P::ServiceUrlStatReq(_)),
            Pull::ServiceUrl(1),
        ),
        (|m| matches!(m, P::FeatureStatReq(_)), Pull::Feature(1)),
        (|m| matches!(m, P::TimeDateReq), Pull::TimeDate),
    ];
    for (unanswered, pull) in cases {
        let once = Mutex::new(true);
        let manager = Manager::new(move |message| {
            let silent = unanswered(message) && std::mem::take(&mut *once.lock().unwrap());
            silent.then(Vec::new)
        });
        let phone = plug_in(profile(Kind::Cisco7961), &manager).await;
        assert_eq!(
            first_fault(&phone).await,
            Fault::Unanswered(pull.to_string())
        );
        assert_eq!(phone.wait_registered().await, Ok(1));
        assert!(manager.last_alarm().contains("Last=Registration-timeout"));
        let registers = manager.heard(|message| matches!(message, P::Register(_)));
        assert_eq!(registers, 2);
    }
}

#[tokio::test]
async fn register_itself_and_the_capabilities_are_awaited() {
    let manager =
        Manager::new(|message| matches!(message, PhoneMessage::Register(_)).then(Vec::new));
    let phone = plug_in(profile(Kind::Cisco7960), &manager).await;
    let fault = first_fault(&phone).await;
    assert_eq!(fault, Fault::Unanswered("Register".to_owned()));

    let manager = Manager::new(|message| match message {
        PhoneMessage::Register(_) => Some(ack(11)[..1].to_vec()),
        _ => None,
    });
    let phone = plug_in(profile(Kind::Cisco7960), &manager).await;
    let fault = first_fault(&phone).await;
    assert_eq!(fault, Fault::Unanswered(Pull::Capabilities.to_string()));
}

#[tokio::test]
async fn what_a_real_phone_would_not_survive_is_a_fault() {
    use PhoneMessage as P;
    use ServerMessage as S;
    type Wrong = fn(&PhoneMessage) -> Option<Vec<ServerMessage>>;
    let load = || Kind::Cisco7961.usual_load().to_owned();
    let cases: [(Wrong, Fault); 5] = [
        (
            |m| matches!(m, P::VersionReq).then(|| vec![S::Version("SCCP41.8-5-4S".into())]),
            Fault::WouldDownload {
                running: load(),
                offered: "SCCP41.8-5-4S".to_owned(),
            },
        ),
        (
            |m| {
                matches!(m, P::ButtonTemplateReq)
                    .then(|| vec![S::ButtonTemplate(ButtonTemplate::default())])
            },
            Fault::NoLine,
        ),
        (
            |m| matches!(m, P::Register(_)).then(|| ack(21)),
            Fault::Version {
                chosen: 21,
                announced: 20,
            },
        ),
        (
            |m| {
                matches!(m, P::SpeedDialStatReq(_)).then(|| {
                    vec![S::SpeedDialStat(SpeedDialStat {
                        index: Instance(1),
                        number: String::new(),
                        label: String::new(),
                    })]
                })
            },
            Fault::EmptyButton("speed dial 1 on key 3".to_owned()),
        ),
        (
            |m| matches!(m, P::Register(_)).then(|| vec![S::RegisterReject("Who are you?".into())]),
            Fault::Rejected("Who are you?".to_owned()),
        ),
    ];
    for (wrong, fault) in cases {
        let manager = Manager::new(wrong);
        let phone = plug_in(profile(Kind::Cisco7961), &manager).await;
        assert_eq!(first_fault(&phone).await, fault);
    }
}

#[tokio::test]
async fn its_own_load_cut_to_the_field_is_its_own_load() {
    let manager = Manager::new(|message| {
        matches!(message, PhoneMessage::VersionReq)
            .then(|| vec![ServerMessage::Version("SCCP41.9-4-2SR3-1S".to_owned())])
    });
    let phone = plug_in(profile(Kind::Cisco7961), &manager).await;
    phone.wait_registered().await.unwrap();
    assert_eq!(phone.faults(), []);
}

/// Which files a phone asks for after an order.
async fn files_after(kind: Kind, order: ResetType) -> (Vec<String>, String, Vec<HandsetEvent>) {
    let manager = Manager::new(|_| None);
    let phone = plug_in(profile(kind), &manager).await;
    phone.wait_registered().await.unwrap();
    let mut events = phone.events();
    manager.push.send(ServerMessage::Reset(order)).unwrap();
    assert_eq!(phone.wait_registrations(2).await, Ok(2));
    let unregisters = manager.heard(|message| matches!(message, PhoneMessage::Unregister(_)));
    assert_eq!(unregisters, 1);
    assert_eq!(phone.faults(), []);
    let (mut files, mut others) = (Vec::new(), Vec::new());
    while let Ok(event) = events.try_recv() {
        match event {
            HandsetEvent::FileFetched { name, .. } => files.push(name),
            HandsetEvent::Prompt(_) | HandsetEvent::Buttons(_) => {}
            other => others.push(other),
        }
    }
    (files, manager.last_alarm(), others)
}

#[tokio::test]
async fn a_restart_and_a_reset_are_obeyed_as_the_family_does() {
    use crate::handset::Order;
    let (files, alarm, events) = files_after(Kind::Cisco7961, ResetType::RESTART).await;
    assert!(
        alarm.starts_with("23: ") && alarm.ends_with("Last=Reset-Restart"),
        "{alarm}"
    );
    assert_eq!(
        files,
        [
            "CTLSEP000000000001.tlv",
            "ITLSEP000000000001.tlv",
            "ITLFile.tlv",
            "SEP000000000001.cnf.xml",
            "German_Germany/mk-sccp.jar",
            "Germany/g3-tones.xml",
        ]
    );
    assert_eq!(
        events,
        [
            HandsetEvent::Ordered {
                order: Order::Restart,
                deferred: false
            },
            HandsetEvent::Restarting,
            HandsetEvent::Unregistered,
            HandsetEvent::Registered { count: 2 },
        ]
    );
    let (files, alarm, _) = files_after(Kind::Cisco7960, ResetType::RESTART).await;
    assert_eq!(files, Vec::<String>::new());
    assert!(alarm.ends_with("Last=Reset-Restart"));
    let (files, alarm, _) = files_after(Kind::Cisco7960, ResetType::RESET).await;
    assert!(
        alarm.starts_with("22: ") && alarm.ends_with("Last=Reset-Reset"),
        "{alarm}"
    );
    assert_eq!(
        files.first().map(String::as_str),
        Some("CTLSEP000000000001.tlv")
    );
    assert!(files.contains(&"SEP000000000001.cnf.xml".to_owned()));
}

#[tokio::test]
async fn a_restart_waits_until_the_handset_is_put_back() {
    let manager = Manager::new(|_| None);
    let phone = plug_in(profile(Kind::Cisco7961), &manager).await;
    phone.wait_registered().await.unwrap();
    phone.set_off_hook(true);
    while manager.heard(|message| matches!(message, PhoneMessage::OffHook(_))) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    manager
        .push
        .send(ServerMessage::Reset(ResetType::RESTART))
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(phone.is_registered());
    assert_eq!(phone.orders_received().restarts, 1);
    phone.set_off_hook(false);
    assert_eq!(phone.wait_registrations(2).await, Ok(2));
}

#[tokio::test]
async fn a_server_that_wants_the_phone_to_stay_is_obeyed() {
    let manager = Manager::new(|message| {
        matches!(message, PhoneMessage::Unregister(_))
            .then(|| vec![ServerMessage::UnregisterAck(UnregisterStatus::NAK)])
    });
    let phone = plug_in(profile(Kind::Cisco7961), &manager).await;
    phone.wait_registered().await.unwrap();
    manager
        .push
        .send(ServerMessage::Reset(ResetType::RESTART))
        .unwrap();
    while manager.heard(|message| matches!(message, PhoneMessage::Unregister(_))) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(phone.is_registered());
    assert_eq!(
        (phone.registrations_count(), phone.faults()),
        (1, Vec::new())
    );
}

#[tokio::test]
async fn keepalives_go_at_the_pace_of_the_server_and_their_silence_is_noticed() {
    let manager = Manager::new(|message| matches!(message, PhoneMessage::KeepAlive).then(Vec::new));
    let profile = profile(Kind::Cisco7961);
    let servers = servers(&profile, &manager).await;
    let mut pace = pace();
    pace.intervals = 0.001;
    let phone = Handset::spawn(profile, servers, pace);
    phone.wait_registered().await.unwrap();
    let fault = first_fault(&phone).await;
    assert_eq!(fault, Fault::Unanswered("KeepAlive".to_owned()));
    phone.wait_registrations(2).await.unwrap();
    assert!(manager.last_alarm().ends_with("Last=KeepaliveTO"));
    assert!(manager.heard(|message| *message == PhoneMessage::KeepAlive) >= 3);
}

#[tokio::test]
async fn labels_are_redrawn_by_a_7961_and_not_by_a_7960() {
    for (kind, label) in [(Kind::Cisco7961, "Reception"), (Kind::Cisco7960, "Lobby 1")] {
        let manager = Manager::new(|_| None);
        let phone = plug_in(profile(kind), &manager).await;
        phone.wait_registered().await.unwrap();
        let sent = ServerMessage::LineStat(LineStat {
            line: Instance(1),
            number: "1001".to_owned(),
            display_name: "Reception".to_owned(),
            label: "Reception".to_owned(),
        });
        manager.push.send(sent).unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(phone.buttons()[0].label, label);
    }
}

#[tokio::test]
async fn a_test_can_hold_the_phone_at_every_step() {
    let manager = Manager::new(|_| None);
    let profile = profile(Kind::Cisco7960);
    let servers = servers(&profile, &manager).await;
    let (phone, mut pauses) = Handset::spawn_paused(profile, servers, pace());
    let mut points = Vec::new();
    while let Some(pause) = pauses.recv().await {
        points.push(pause.point.clone());
        if pause.point == HookPoint::Pull(Pull::Line(1)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let asked = manager.heard(|message| matches!(message, PhoneMessage::LineStatReq(_)));
            assert_eq!(asked, 0);
        }
        if pause.point == HookPoint::InService {
            assert!(!phone.is_registered());
            break;
        }
        pause.release();
    }
    drop(pauses);
    phone.wait_registered().await.unwrap();
    let pulls: Vec<_> = points
        .into_iter()
        .filter_map(|point| match point {
            HookPoint::Pull(pull) => Some(pull),
            _ => None,
        })
        .collect();
    assert_eq!(
        pulls,
        [
            Pull::Capabilities,
            Pull::Version,
            Pull::ButtonTemplate,
            Pull::SoftKeyTemplate,
            Pull::SoftKeySets,
            Pull::ConfigStat,
            Pull::Line(1),
            Pull::Forward(1),
            Pull::Line(2),
            Pull::Forward(2),
            Pull::SpeedDial(1),
            Pull::ServiceUrl(1),
            Pull::Feature(1),
            Pull::TimeDate,
        ]
    );
}

#[tokio::test]
async fn a_phone_without_power_says_nothing_more() {
    let manager = Manager::new(|_| None);
    let phone = plug_in(profile(Kind::Cisco7961), &manager).await;
    phone.wait_registered().await.unwrap();
    let mut events = phone.events();
    phone.power_off().await;
    assert!(!phone.is_registered());
    assert_eq!(phone.wait_registrations(2).await, Err(crate::handset::Gone));
    assert_eq!(events.try_recv(), Ok(HandsetEvent::Unregistered));
    assert_eq!(events.try_recv(), Ok(HandsetEvent::PoweredOff));
    let unregisters = manager.heard(|message| matches!(message, PhoneMessage::Unregister(_)));
    assert_eq!(unregisters, 0);
}
