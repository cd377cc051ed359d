//! A phone against a registrar.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::time::Duration;

use super::registrar::Registrar;
use crate::handset::testing::{mac, nowhere, pace, sip_file, tftp};
use crate::handset::{ButtonKind, Fault, Handset, HandsetEvent, Kind, Pace, Profile, Servers};
use crate::sip::wire::digest::{Authorization, Challenge};
use crate::sip::wire::remotecc::{Item, items};
use crate::sip::wire::{
    Contacts, HeaderName, Message, Method, Secret, StatusCode, Transport, mac_in_call_id,
};

async fn plug_in(kind: Kind, registrar: &Registrar) -> Handset {
    plug_in_at(kind, registrar, pace()).await
}

async fn plug_in_at(kind: Kind, registrar: &Registrar, pace: Pace) -> Handset {
    let file = sip_file("127.0.0.1", registrar.listen().await);
    let files = HashMap::from([("SEP000000000001.cnf.xml".to_owned(), file.into_bytes())]);
    let servers = Servers::new(tftp(files).await);
    Handset::spawn(Profile::new(kind, mac(1)), servers, pace)
}

async fn fault(handset: &Handset, wanted: impl Fn(&Fault) -> bool) -> Fault {
    for _ in 0..6000 {
        if let Some(fault) = handset.faults().into_iter().find(&wanted) {
            return fault;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("only {:?}", handset.faults());
}

/// Until the phone has answered so many requests.
async fn answered(registrar: &Registrar, count: usize) {
    for _ in 0..6000 {
        if registrar.statuses().len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("only {:?}", registrar.statuses());
}

#[tokio::test]
async fn a_phone_registers_with_all_that_a_server_wants_to_know() {
    for kind in [Kind::Cisco7961Sip, Kind::Cisco8841] {
        let registrar = Registrar::new(|_, answer| answer);
        let phone = plug_in(kind, &registrar).await;
        assert_eq!(phone.wait_registered().await, Ok(1));
        assert_eq!(phone.faults(), []);
        let buttons = phone.buttons();
        assert_eq!(buttons[0].kind, ButtonKind::Line);
        assert_eq!(
            (buttons[1].label.as_str(), buttons[1].number.as_str()),
            ("Emergency", "911")
        );
        let register = registrar.registers().pop().unwrap();
        let Ok(Contacts::List(contacts)) = register.headers.contacts() else {
            panic!("no contact");
        };
        assert_eq!(contacts[0].device_name(), Some("SEP000000000001"));
        assert_eq!(contacts[0].model(), Some(kind.usual_model().device_type.0));
        assert_eq!(contacts[0].instance().unwrap().mac(), Some(mac(1)));
        let alarm = register.headers.cisco_alarm().unwrap();
        assert_eq!(
            (alarm.reason, alarm.last.as_deref()),
            (25, Some("initialized"))
        );
        assert_eq!(
            alarm.load.as_deref(),
            Some(kind.usual_model().usual_load(kind))
        );
        let items = items(&register).unwrap();
        assert!(items.contains(&Item::BulkRegister));
        assert!(items.iter().any(|item| matches!(item, Item::Options(_))));
        assert_eq!(
            mac_in_call_id(register.headers.call_id().unwrap()),
            Some(mac(1))
        );
    }
}

#[tokio::test]
async fn a_phone_answers_a_challenge_with_what_its_file_says() {
    let registrar = Registrar::new(|request, answer| {
        if request.method() != Some(&Method::Register) {
            return answer;
        }
        let password = Secret::new("rightpassword");
        let proof = request.headers.value(HeaderName::AUTHORIZATION);
        let proof = proof.and_then(|value| Authorization::parse(value).unwrap());
        if proof.is_some_and(|proof| proof.proves(&Method::Register, &password)) {
            return answer;
        }
        let challenge = Challenge {
            realm: "embody".to_owned(),
            nonce: "nonce-1".to_owned(),
            opaque: None,
            stale: false,
            qop_auth: true,
        };
        let mut refusal =
            Message::response(&request.headers, StatusCode::UNAUTHORIZED, "registrar");
        refusal
            .headers
            .push(HeaderName::WWW_AUTHENTICATE, challenge.to_string());
        refusal
    });
    let phone = plug_in(Kind::Cisco8841, &registrar).await;
    assert_eq!(phone.wait_registered().await, Ok(1));
    assert_eq!(registrar.registers().len(), 2);
    assert!(!format!("{:?}", phone.boot_file()).contains("rightpassword"));
}

#[tokio::test]
async fn a_wrong_password_is_told_and_does_not_loop_on_one_connection() {
    let registrar = Registrar::new(|request, answer| {
        if request.method() != Some(&Method::Register) {
            return answer;
        }
        let mut refusal = Message::response(&request.headers, StatusCode::UNAUTHORIZED, "r");
        let challenge = "Digest realm=\"embody\",nonce=\"n\",algorithm=MD5";
        refusal
            .headers
            .push(HeaderName::WWW_AUTHENTICATE, challenge);
        refusal
    });
    let phone = plug_in(Kind::Cisco8841, &registrar).await;
    let seen = fault(&phone, |fault| {
        matches!(fault, Fault::RegisterStatus { .. })
    })
    .await;
    assert!(seen.to_string().contains("not accepted"), "{seen}");
}

#[tokio::test]
async fn a_registration_that_is_too_short_is_given_back() {
    let registrar = Registrar::new(|_, mut answer| {
        answer.headers.set(HeaderName::EXPIRES, "60");
        answer
    });
    let phone = plug_in(Kind::Cisco8841, &registrar).await;
    fault(&phone, |fault| *fault == Fault::ExpiresTooSmall(Some(60))).await;
    fault(&phone, |fault| matches!(fault, Fault::Unanswered(_))).await;
    let expires: Vec<_> = registrar
        .registers()
        .iter()
        .map(|m| m.headers.expires())
        .collect();
    assert_eq!(expires[..2], [Some(3600), Some(0)]);
    assert_eq!(phone.registrations_count(), 0);
}

#[tokio::test]
async fn anything_but_trying_before_the_final_answer_ends_the_attempt() {
    let registrar = Registrar::new(|request, answer| {
        if request.method() == Some(&Method::Register) {
            return Message::response(&request.headers, StatusCode::RINGING, "r");
        }
        answer
    });
    let phone = plug_in(Kind::Cisco8841, &registrar).await;
    let seen = fault(&phone, |fault| {
        matches!(fault, Fault::RegisterStatus { .. })
    })
    .await;
    assert!(matches!(seen, Fault::RegisterStatus { status: 180, .. }));
}

#[tokio::test]
async fn refreshes_are_bare_and_keep_their_call_id() {
    let registrar = Registrar::new(|_, answer| answer);
    let mut pace = pace();
    pace.intervals = 0.001;
    let phone = plug_in_at(Kind::Cisco7961Sip, &registrar, pace).await;
    phone.wait_registered().await.unwrap();
    while registrar.registers().len() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let registers = registrar.registers();
    let refresh = &registers[2];
    assert!(refresh.body().is_empty());
    assert!(refresh.headers.get(HeaderName::REASON).is_none());
    assert_eq!(refresh.headers.call_id(), registers[0].headers.call_id());
    assert!(refresh.headers.cseq().unwrap().number > registers[0].headers.cseq().unwrap().number);
    assert_eq!(phone.registrations_count(), 1);
}

#[tokio::test]
async fn an_order_is_answered_first_and_then_obeyed() {
    for (action, reason, last) in [
        ("restart", 23, "reset-restart"),
        ("reset", 22, "reset-reset"),
    ] {
        let registrar = Registrar::new(|_, answer| answer);
        let phone = plug_in(Kind::Cisco8841, &registrar).await;
        phone.wait_registered().await.unwrap();
        let mut events = phone.events();
        registrar.push.send(registrar.order(action)).unwrap();
        assert_eq!(phone.wait_registrations(2).await, Ok(2));
        assert_eq!(registrar.statuses(), [200]);
        let registers = registrar.registers();
        let causes: Vec<_> = registers
            .iter()
            .map(|register| {
                let alarm = register.headers.cisco_alarm().unwrap();
                (
                    register.headers.expires(),
                    alarm.reason,
                    alarm.last.unwrap(),
                )
            })
            .collect();
        assert_eq!(
            causes,
            [
                (Some(3600), 25, "initialized".to_owned()),
                (Some(0), reason, last.to_owned()),
                (Some(3600), reason, last.to_owned()),
            ]
        );
        assert_eq!(
            registers[0].headers.call_id(),
            registers[1].headers.call_id()
        );
        assert_ne!(
            registers[0].headers.call_id(),
            registers[2].headers.call_id()
        );
        assert_eq!(phone.faults(), []);
        let mut files = Vec::new();
        while let Ok(event) = events.try_recv() {
            if let HandsetEvent::FileFetched { name, .. } = event {
                files.push(name);
            }
        }
        assert_eq!(
            files,
            [
                "CTLSEP000000000001.tlv",
                "ITLSEP000000000001.tlv",
                "ITLFile.tlv",
                "SEP000000000001.cnf.xml",
                "/sl-be-sip.jar",
                "/g3-tones.xml",
                "dialplan.xml",
                "AppDialRules.xml",
                "softkeys.xml",
            ]
        );
    }
}

#[tokio::test]
async fn an_order_during_a_call_is_answered_at_once_and_obeyed_afterwards() {
    let registrar = Registrar::new(|_, answer| answer);
    let phone = plug_in(Kind::Cisco7961Sip, &registrar).await;
    phone.wait_registered().await.unwrap();
    phone.set_off_hook(true);
    let order = registrar.order("restart");
    registrar.push.send(order.clone()).unwrap();
    answered(&registrar, 1).await;
    // Who has begun to obey has unregistered before it hears anything more.
    let more = order
        .replace("order@", "more@")
        .replace("service-control", "check-sync");
    registrar.push.send(more).unwrap();
    answered(&registrar, 2).await;
    assert_eq!(registrar.statuses(), [200, 200]);
    assert_eq!(registrar.registers().len(), 1);
    assert!(phone.is_registered());
    assert_eq!(phone.registrations_count(), 1);
    phone.set_off_hook(false);
    assert_eq!(phone.wait_registrations(2).await, Ok(2));
}

#[tokio::test]
async fn an_order_of_a_stranger_is_refused() {
    let registrar = Registrar::new(|_, answer| answer);
    let phone = plug_in(Kind::Cisco8841, &registrar).await;
    phone.wait_registered().await.unwrap();
    // Call-IDs begin with the MAC address; this one has another.
    let order = registrar.order("restart").replace("CallId={0", "CallId={9");
    registrar.push.send(order).unwrap();
    fault(&phone, |fault| {
        matches!(fault, Fault::RequestRefused { status: 400, .. })
    })
    .await;
    assert_eq!(phone.orders_received().refused, 1);
    assert!(phone.is_registered());
}

#[tokio::test]
async fn without_a_call_manager_the_phone_says_so() {
    let file = sip_file("127.0.0.1", 1);
    let files = HashMap::from([("SEP000000000001.cnf.xml".to_owned(), file.into_bytes())]);
    let mut servers = nowhere();
    servers.tftp = tftp(files).await;
    let phone = Handset::spawn(Profile::new(Kind::Cisco7961Sip, mac(1)), servers, pace());
    fault(&phone, |fault| matches!(fault, Fault::Unreachable(_))).await;
}

#[tokio::test]
async fn over_udp_what_is_lost_is_said_again_and_what_comes_twice_is_obeyed_once() {
    let registrar = Registrar::new(|_, answer| answer);
    let port = registrar.listen_on_a_bad_line().await;
    let file = sip_file("127.0.0.1", port)
        .replace("<transportLayerProtocol>1", "<transportLayerProtocol>2");
    let files = HashMap::from([("SEP000000000001.cnf.xml".to_owned(), file.into_bytes())]);
    let servers = Servers::new(tftp(files).await);
    // Longer than the first pause before something is said again.
    let patient = Pace {
        patience: Duration::from_secs(20),
        ..pace()
    };
    let profile = Profile::new(Kind::Cisco7961Sip, mac(1));
    let phone = Handset::spawn(profile, servers, patient);
    assert_eq!(phone.wait_registered().await, Ok(1));
    assert_eq!(phone.faults(), []);
    let register = registrar.registers().pop().unwrap();
    assert_eq!(
        register.headers.top_via().unwrap().transport,
        Transport::Udp
    );
    let contact = register.headers.text(HeaderName::CONTACT).unwrap();
    assert!(contact.contains(";transport=udp>"), "{contact}");

    registrar.push.send(registrar.order("restart")).unwrap();
    assert_eq!(phone.wait_registrations(2).await, Ok(2));
    assert_eq!(phone.orders_received().restarts, 1, "one order, said twice");
    assert_eq!(phone.faults(), []);
}
