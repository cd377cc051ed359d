//! From the first word to being in service, and what keeps a phone from it.

#![allow(clippy::unwrap_used)]

use std::sync::Mutex;
use std::time::Duration;

use super::manager::{Manager, ack};
use super::{first_fault, plug_in, profile, servers};
use crate::handset::sccp::identity;
use crate::handset::testing::{pace, sccp_file};
use crate::handset::{BootFile, ButtonKind, Fault, Handset, HookPoint, Kind, Pull};
use crate::sccp::wire::{
    ButtonTemplate, Dialect, Instance, PhoneMessage, ServerMessage, SpeedDialStat, encode_phone,
};

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
        assert_eq!(phone.prompt(), "Your current options");
        let traffic = phone.traffic();
        assert_eq!(traffic.sccp_sent as usize, manager.heard(|_| true));
    }
}

#[test]
fn register_is_as_long_as_the_load_makes_it() {
    let file = BootFile::read(
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
    let load = || {
        Kind::Cisco7961
            .usual_model()
            .usual_load(Kind::Cisco7961)
            .to_owned()
    };
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
