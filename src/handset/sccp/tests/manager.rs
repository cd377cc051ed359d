//! A call manager that does as each story wants.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::codec::Decoder;

use crate::sccp::wire::{
    Button, ButtonTemplate, ButtonType, ConfigStat, DefineTimeDate, Dialect, DisplayPromptStatus,
    FeatureStat, ForwardStat, FrameCodec, Label, LineStat, PhoneMessage, ProtocolVersion,
    RegisterAck, ServerMessage, ServiceUrlStat, SoftKeySets, SoftKeyTemplate, SpeedDialStat, Text,
    UnregisterStatus, decode_phone, encode_server,
};

type Script = Arc<dyn Fn(&PhoneMessage) -> Option<Vec<ServerMessage>> + Send + Sync>;

/// A call manager: answers as it should, unless the script says otherwise.
#[derive(Clone)]
pub(super) struct Manager {
    heard: Arc<Mutex<Vec<PhoneMessage>>>,
    pub(super) push: broadcast::Sender<ServerMessage>,
    script: Script,
}

impl Manager {
    pub(super) fn new(
        script: impl Fn(&PhoneMessage) -> Option<Vec<ServerMessage>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            heard: Arc::default(),
            push: broadcast::Sender::new(16),
            script: Arc::new(script),
        }
    }

    pub(super) async fn listen(&self) -> SocketAddr {
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
                // In one segment, as call managers do.
                let frames = answers.iter().map(|answer| encode_server(answer, dialect));
                let bytes: Vec<u8> = frames.flat_map(|frame| frame.to_bytes()).collect();
                let _ = stream.write_all(&bytes).await;
                if let PhoneMessage::Register(register) = &message {
                    dialect = register.dialect();
                }
                self.heard.lock().unwrap().push(message);
            }
        }
    }

    pub(super) fn heard(&self, what: impl Fn(&PhoneMessage) -> bool) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|message| what(message)).count()
    }

    pub(super) fn last_alarm(&self) -> String {
        let heard = self.heard.lock().unwrap();
        let alarms = heard.iter().filter_map(|message| match message {
            PhoneMessage::Alarm(alarm) => Some(alarm.text.clone()),
            _ => None,
        });
        alarms.last().unwrap()
    }
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

pub(super) fn ack(register_version: u8) -> Vec<ServerMessage> {
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
            ..LineStat::default()
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
