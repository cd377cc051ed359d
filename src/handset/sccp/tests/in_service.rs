//! Orders, keepalives, labels, and the plug.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::manager::Manager;
use super::{first_fault, plug_in, profile, servers};
use crate::handset::testing::pace;
use crate::handset::{Fault, Gone, Handset, HandsetEvent, Kind, Order};
use crate::sccp::wire::{
    DisplayPromptStatus, Instance, LineStat, Opaque, PhoneMessage, ResetType, Sequence,
    ServerMessage, Text, UnregisterStatus, UserData,
};

/// An end for what hangs; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);

async fn until(what: &str, so: impl Fn() -> bool) {
    let looking = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, looking).await;
    assert!(seen.is_ok(), "never seen: {what}");
}

/// Tells one thing more, and waits until the phone has done it: whatever was
/// told before has come to what it comes to.
async fn all_told_is_done(manager: &Manager, phone: &Handset) {
    let more = DisplayPromptStatus {
        text: Text::from("One thing more"),
        ..DisplayPromptStatus::default()
    };
    let more = ServerMessage::DisplayPromptStatus(more);
    manager.push.send(more).unwrap();
    until("the last prompt", || phone.prompt() == "One thing more").await;
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
    let count = |what: fn(&PhoneMessage) -> bool| manager.heard(what);
    let lifted = || count(|message| matches!(message, PhoneMessage::OffHook(_))) > 0;
    until("it tells that it is lifted", lifted).await;
    manager
        .push
        .send(ServerMessage::Reset(ResetType::RESTART))
        .unwrap();
    // Who has left shows nothing more.
    all_told_is_done(&manager, &phone).await;
    assert!(phone.is_registered());
    assert_eq!(phone.orders_received().restarts, 1);
    assert_eq!(
        count(|message| matches!(message, PhoneMessage::Unregister(_))),
        0
    );
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
    until("it asks to leave", || {
        manager.heard(|message| matches!(message, PhoneMessage::Unregister(_))) > 0
    })
    .await;
    all_told_is_done(&manager, &phone).await;
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
            ..LineStat::default()
        });
        manager.push.send(sent).unwrap();
        all_told_is_done(&manager, &phone).await;
        assert_eq!(phone.buttons()[0].label, label);
    }
}

#[tokio::test]
async fn a_phone_without_power_says_nothing_more() {
    let manager = Manager::new(|_| None);
    let phone = plug_in(profile(Kind::Cisco7961), &manager).await;
    phone.wait_registered().await.unwrap();
    let mut events = phone.events();
    phone.power_off().await;
    assert!(!phone.is_registered());
    assert_eq!(phone.wait_registrations(2).await, Err(Gone));
    assert_eq!(events.try_recv(), Ok(HandsetEvent::Unregistered));
    assert_eq!(events.try_recv(), Ok(HandsetEvent::PoweredOff));
    let unregisters = manager.heard(|message| matches!(message, PhoneMessage::Unregister(_)));
    assert_eq!(unregisters, 0);
}

#[tokio::test]
async fn a_pushed_page_is_shown_and_answered_under_its_number() {
    let page = "<CiscoIPPhoneText><Title>News</Title><Text>Fire drill at 2</Text>\
                </CiscoIPPhoneText>";
    let (begin, end) = page.split_at(30);
    let part = |transaction, sequence, data: &'static str| {
        ServerMessage::UserToDeviceData(UserData {
            transaction,
            sequence,
            data: Opaque::from(data),
            ..UserData::default()
        })
    };
    let manager = Manager::new(|_| None);
    let phone = plug_in(profile(Kind::Cisco7961), &manager).await;
    phone.wait_registered().await.unwrap();
    assert_eq!(phone.pushed(), None);
    let answered = |transaction: u32, with: &'static str| {
        manager.heard(|message| {
            matches!(message, PhoneMessage::DeviceToUserDataResponse(answer)
                if answer.transaction == transaction
                    && String::from_utf8_lossy(&answer.data.0).contains(with))
        })
    };
    for message in [
        part(7, Sequence::FIRST, begin),
        part(7, Sequence::LAST, end),
        part(8, Sequence::LAST, "<CiscoIPPhoneText>"),
    ] {
        manager.push.send(message).unwrap();
    }
    until("the answer to the second", || {
        answered(8, "CiscoIPPhoneError") > 0
    })
    .await;
    assert_eq!(answered(7, "Status=\"0\""), 1, "once for both parts");
    let shown = phone.pushed().unwrap();
    assert_eq!(shown.title, "News");
    assert_eq!(shown.text, "Fire drill at 2");
    assert!(matches!(phone.faults()[..], [Fault::Page { .. }]));
}
