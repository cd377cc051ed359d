//! A phone against a registrar that does as each story wants, and its opinion
//! of single messages.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_util::codec::Decoder;

use super::answer::{Act, Standing, answer};
use super::granted::{Asked, judge};
use crate::handset::testing::{mac, nowhere, pace, sip_file, tftp};
use crate::handset::{ButtonKind, Fault, Handset, HandsetEvent, Kind, Order, Profile, Servers};
use crate::sip::wire::digest::{Authorization, Challenge};
use crate::sip::wire::service_control::RegisteredLine;
use crate::sip::wire::{
    Contacts, Frame, Framer, HeaderName, HostPort, Message, Method, Secret, StatusCode,
    parse_datagram,
};

const CALL_ID: &str = "c80084aa-87430003-255b99f4-783a63d4@192.0.2.104";
const CONTACT_USER: &str = "04984998-fe29-08c0-6d47-5593bf4ce606";

/// A NOTIFY as Cisco's servers send it to restart a 7821.
fn order() -> String {
    format!(
        "NOTIFY sip:{CONTACT_USER}@192.0.2.104:51778;transport=tcp SIP/2.0\r\n\
         Via: SIP/2.0/TCP 192.0.2.200:5060;branch=z9hG4bK1a2b3c4d\r\n\
         From: <sip:192.0.2.200>;tag=1168208381\r\n\
         To: <sip:{CONTACT_USER}@192.0.2.104:51778>\r\n\
         Call-ID: 5f2f0f7e-1@192.0.2.200\r\n\
         CSeq: 101 NOTIFY\r\n\
         Max-Forwards: 70\r\n\
         Event: service-control\r\n\
         Subscription-State: active\r\n\
         Content-Type: text/plain\r\n\
         \r\n\
         action=restart\r\n\
         RegisterCallId={{{CALL_ID}}}\r\n\
         ConfigVersionStamp={{00000000-0000-0000-0000-000000000000}}\r\n\
         DialplanVersionStamp={{00000000-0000-0000-0000-000000000000}}\r\n\
         SoftkeyVersionStamp={{00000000-0000-0000-0000-000000000000}}\r\n"
    )
}

fn answered(text: &str, ccm_mode: bool) -> (u16, Vec<Act>) {
    let message = parse_datagram(text.as_bytes()).unwrap().unwrap();
    let lines = [RegisteredLine {
        name: "2222",
        contact: CONTACT_USER,
        call_id: Some(CALL_ID),
        standby_call_id: None,
        ccm_mode,
    }];
    let standing = Standing {
        lines: &lines,
        advertised: &HostPort::parse(b"192.0.2.104:51778").unwrap(),
        registered: true,
    };
    match answer(&message, &standing) {
        Some(reply) => (reply.status.code(), reply.acts),
        None => (0, Vec::new()),
    }
}

#[test]
fn a_good_order_is_taken() {
    let restart = [Act::Order(Order::Restart)];
    assert_eq!(answered(&order(), true), (200, restart.to_vec()));
    let by_name = order().replace(CONTACT_USER, "2222");
    assert_eq!(answered(&by_name, true), (200, restart.to_vec()));
    let reset = order().replace("action=restart", "action=reset");
    assert_eq!(
        answered(&reset, true),
        (200, vec![Act::Order(Order::Reset)])
    );
    let unknown = order().replace("action=restart", "action=dance");
    assert_eq!(answered(&unknown, true), (200, Vec::new()));
    let look = order().replace("action=restart", "action=check-version");
    assert_eq!(answered(&look, true), (200, vec![Act::Look]));
}

/// One thing wrong at a time, and what a phone answers to it.
#[test]
fn a_phone_refuses_orders_exactly_as_its_stack_does() {
    let uri = format!("NOTIFY sip:{CONTACT_USER}@");
    let to = format!("To: <sip:{CONTACT_USER}@");
    let register_call_id = format!("RegisterCallId={{{CALL_ID}}}");
    let cases = [
        ("Event: service-control\r\n", "", 400),
        ("Event: service-control", "Event: service-control;id=1", 400),
        ("Event: service-control", "Event: SERVICE-CONTROL", 200),
        ("Event: service-control", "Event: check-sync", 200),
        (
            "Event: service-control",
            "Event: check-sync;reboot=true",
            400,
        ),
        ("Event: service-control", "Event: something-else", 400),
        (uri.as_str(), "NOTIFY sip:", 400),
        (uri.as_str(), "NOTIFY sip:stranger@", 404),
        (
            "192.0.2.104:51778;transport",
            "203.0.113.1:51778;transport",
            400,
        ),
        (
            "192.0.2.104:51778;transport",
            "192.0.2.104:5060;transport",
            400,
        ),
        (to.as_str(), "To: <sip:", 400),
        (
            "Content-Type: text/plain",
            "Content-Type: application/text",
            400,
        ),
        (
            "Content-Type: text/plain",
            "Content-Type: text/plain; charset=us-ascii",
            200,
        ),
        (register_call_id.as_str(), "RegisterCallId={}", 400),
        (
            register_call_id.as_str(),
            "RegisterCallId={somebody-else}",
            400,
        ),
        (register_call_id.as_str(), "Nothing=here", 400),
        ("192.0.2.104}\r\n", "192.0.2.104} \r\n", 400),
        ("192.0.2.104}\r\n", "192.0.2.104\r\n", 400),
        ("RegisterCallId={", "RegisterCallId=  {", 200),
        ("RegisterCallId={", "registercallid={", 200),
        ("\r\nRegisterCallId", "\nRegisterCallId", 200),
        ("CSeq: 101 NOTIFY\r\n", "", 400),
        ("action=restart", "action=apply-config", 400),
    ];
    for (from, to, status) in cases {
        let good = order();
        assert!(good.contains(from), "{from:?} is not in the sample");
        let text = good.replacen(from, to, 1);
        assert_eq!(answered(&text, true).0, status, "{from:?} -> {to:?}");
    }
    assert_eq!(
        answered(&order(), false).0,
        400,
        "a line with a plain proxy"
    );
}

#[test]
fn other_requests_are_answered_as_phones_do() {
    let request = |method: &str| {
        order()
            .replace("NOTIFY sip", &format!("{method} sip"))
            .replace("101 NOTIFY", &format!("101 {method}"))
    };
    for (method, status) in [
        ("OPTIONS", 200),
        ("INVITE", 486),
        ("BYE", 481),
        ("REGISTER", 405),
        ("PRACK", 405),
        ("MESSAGE", 405),
        ("SUBSCRIBE", 489),
        ("NEWMETHOD", 501),
        ("ACK", 0),
    ] {
        assert_eq!(answered(&request(method), true).0, status, "{method}");
    }
}

#[test]
fn the_message_lamp_follows_a_summary_without_urgent_messages() {
    let summary = |body: &str| {
        let (head, _) = order()
            .split_once("\r\n\r\n")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let head = head
            .replace("service-control", "message-summary")
            .replace("text/plain", "application/simple-message-summary");
        format!("{head}\r\n\r\n{body}")
    };
    let good = summary("Messages-Waiting: yes\r\nVoice-Message: 1/0\r\n");
    assert_eq!(answered(&good, true), (200, vec![Act::MessageLamp(true)]));
    let urgent = summary("Messages-Waiting: yes\r\nVoice-Message: 1/0 (0/0)\r\n");
    assert_eq!(answered(&urgent, true).0, 400);
}

fn refer(parts: &str) -> String {
    order()
        .replace("NOTIFY sip", "REFER sip")
        .replace("101 NOTIFY", "101 REFER")
        .split_once("Event:")
        .map(|(head, _)| {
            format!(
                "{head}Require: norefersub\r\nRefer-To: cid:77@192.0.2.200\r\n\
                 Content-Id: <77@192.0.2.200>\r\nReferred-By: <sip:192.0.2.200>\r\n{parts}"
            )
        })
        .unwrap()
}

#[test]
fn a_refer_shows_text_and_lights_lamps() {
    let text = refer(
        "Content-Type: application/x-cisco-remotecc-request+xml\r\n\r\n\
         <x-cisco-remotecc-request><statuslineupdatereq><action>notify_display</action>\
         <statustext>Welcome &amp; enjoy</statustext></statuslineupdatereq>\
         <bulkupdate><contact line=\"1\"><mwi>no</mwi></contact></bulkupdate>\
         </x-cisco-remotecc-request>",
    );
    let acts = vec![
        Act::Status("Welcome & enjoy".to_owned()),
        Act::MessageLamp(false),
    ];
    assert_eq!(answered(&text, true), (202, acts));
    let elsewhere = text.replace("cid:77", "cid:78");
    assert_eq!(answered(&elsewhere, true).0, 400);
    let broken = text.replace("</bulkupdate>", "");
    assert_eq!(answered(&broken, true).0, 400);
    let forked = text.replace("Require: norefersub\r\n", "");
    assert_eq!(answered(&forked, true).0, 400);
}

#[test]
fn an_order_may_come_in_a_refer_too() {
    let body = |call_id: &str| {
        refer(&format!(
            "Content-Type: multipart/mixed;boundary=uniqueBoundary\r\n\r\n\
             --uniqueBoundary\r\nContent-Type: text/plain\r\n\r\n\
             action=restart\r\nRegisterCallId={{{call_id}}}\r\n\r\n--uniqueBoundary--\r\n"
        ))
    };
    assert_eq!(
        answered(&body(CALL_ID), true),
        (202, vec![Act::Order(Order::Restart)])
    );
    assert_eq!(answered(&body("somebody-else"), true).0, 400);
}

const SENT: &str = "<sip:uuid-1@192.0.2.104:51778;transport=tcp>\
    ;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-c80084aa8743>\"\
    ;+u.sip!model.ccm.cisco.com=\"683\"";

fn granted() -> String {
    format!(
        "SIP/2.0 200 OK\r\nDate: Sat, 09 Mar 2019 18:32:46 GMT\r\nExpires: 120\r\n\
         Contact: {SENT};x-cisco-newreg\r\n\
         Supported: X-cisco-srtp-fallback,X-cisco-sis-9.0.0\r\n\
         Content-Type: application/x-cisco-remotecc-response+xml\r\n\r\n\
         <x-cisco-remotecc-response><response><code>200</code><optionsind/></response>\
         </x-cisco-remotecc-response>"
    )
}

fn judged(text: &str, first: bool) -> (Option<u32>, Vec<Fault>) {
    let response = parse_datagram(text.as_bytes()).unwrap().unwrap();
    let asked = Asked {
        contact: SENT,
        line: "2001",
        expires: 3600,
        delta: 5,
        first,
    };
    let granted = judge(&response, &asked);
    (granted.expires, granted.faults)
}

#[test]
fn the_answer_to_register_must_have_all_that_phones_need() {
    assert_eq!(judged(&granted(), true), (Some(120), Vec::new()));
    let lacks = |what| vec![Fault::RegisterLacks(what)];
    let small = |granted| vec![Fault::ExpiresTooSmall(granted)];
    let cases = [
        (
            "Date: Sat, 09 Mar 2019 18:32:46 GMT\r\n",
            "",
            Some(120),
            lacks("Date"),
        ),
        ("Expires: 120", "Expires: 65", Some(65), Vec::new()),
        ("Expires: 120", "Expires: 64", None, small(Some(64))),
        ("Expires: 120\r\n", "", None, small(None)),
        ("Expires: 120", "Expires: 9999", Some(3600), Vec::new()),
        (";x-cisco-newreg", ";expires=120", Some(120), Vec::new()),
        (
            ";+u.sip!model.ccm.cisco.com=\"683\"",
            "",
            Some(120),
            lacks("Contact as it was sent"),
        ),
        (
            "uuid-1@192",
            "uuid-2@192",
            Some(120),
            lacks("Contact as it was sent"),
        ),
        ("<optionsind/>", "", Some(120), lacks("optionsind")),
        (
            "X-cisco-sis-9.0.0",
            "X-cisco-sis",
            Some(120),
            lacks("X-cisco-sis in Supported"),
        ),
    ];
    for (from, to, expires, faults) in cases {
        assert!(granted().contains(from), "{from:?} is not in the sample");
        let text = granted().replacen(from, to, 1);
        assert_eq!(judged(&text, true), (expires, faults), "{from:?} -> {to:?}");
    }
    // With a Contact parameter alone, as a plain registrar would say it.
    let plain = granted()
        .replace("Expires: 120\r\n", "")
        .replace(";x-cisco-newreg", ";expires=120");
    assert_eq!(judged(&plain, true).0, None);
    // A refresh needs no options.
    let refresh = granted().replace("<optionsind/>", "");
    assert_eq!(judged(&refresh, false), (Some(120), Vec::new()));
}

/// A registrar: answers as it should, unless the script says otherwise.
#[derive(Clone)]
struct Registrar {
    heard: Arc<Mutex<Vec<Message>>>,
    push: broadcast::Sender<String>,
    script: Script,
}

type Script = Arc<dyn Fn(&Message, Message) -> Message + Send + Sync>;

impl Registrar {
    /// `script` may change the good answer to a request.
    fn new(script: impl Fn(&Message, Message) -> Message + Send + Sync + 'static) -> Self {
        Self {
            heard: Arc::default(),
            push: broadcast::Sender::new(8),
            script: Arc::new(script),
        }
    }

    async fn listen(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let registrar = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(registrar.clone().serve(stream));
            }
        });
        port
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut pushed = self.push.subscribe();
        let (mut framer, mut inbox) = (Framer::default(), BytesMut::new());
        loop {
            tokio::select! {
                text = pushed.recv() => {
                    stream.write_all(text.unwrap().as_bytes()).await.unwrap();
                    continue;
                }
                read = stream.read_buf(&mut inbox) => if read.unwrap_or(0) == 0 { return },
            }
            while let Some(frame) = framer.decode(&mut inbox).unwrap() {
                let Frame::Message(message) = frame else {
                    continue;
                };
                message.check().unwrap();
                self.heard.lock().unwrap().push(message.clone());
                if message.method().is_some() {
                    let answer = (self.script)(&message, usual(&message)).to_bytes();
                    let _ = stream.write_all(&answer).await;
                }
            }
        }
    }

    fn registers(&self) -> Vec<Message> {
        let heard = self.heard.lock().unwrap();
        let register = |message: &&Message| message.method() == Some(&Method::Register);
        heard.iter().filter(register).cloned().collect()
    }

    fn statuses(&self) -> Vec<u16> {
        let heard = self.heard.lock().unwrap();
        heard
            .iter()
            .filter_map(|message| Some(message.status()?.code()))
            .collect()
    }

    /// An order for the phone as it is registered now.
    fn order(&self, action: &str) -> String {
        let register = self.registers().pop().unwrap();
        let Ok(Contacts::List(contacts)) = register.headers.contacts() else {
            panic!("no contact");
        };
        let uri = String::from_utf8(contacts[0].raw_uri.to_vec()).unwrap();
        let address = uri.split(';').next().unwrap().to_owned();
        let body = format!(
            "action={action}\r\nRegisterCallId={{{}}}\r\n",
            register.headers.call_id().unwrap()
        );
        format!(
            "NOTIFY {uri} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKx\r\n\
             From: <sip:127.0.0.1>;tag=1\r\nTo: <{address}>\r\nCall-ID: order@127.0.0.1\r\n\
             CSeq: 101 NOTIFY\r\nMax-Forwards: 70\r\nEvent: service-control\r\n\
             Subscription-State: active\r\nContent-Type: text/plain\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

fn usual(request: &Message) -> Message {
    if request.method() == Some(&Method::Refer) {
        return Message::response(&request.headers, StatusCode::ACCEPTED, "alarm");
    }
    let mut response = Message::response(&request.headers, StatusCode::OK, "registrar");
    let headers = &mut response.headers;
    headers.push(HeaderName::DATE, "Sat, 09 Mar 2019 18:32:46 GMT");
    headers.push(HeaderName::EXPIRES, "120");
    headers.push(HeaderName::SUPPORTED, "X-cisco-sis-9.0.0");
    if let Some(contact) = request.headers.text(HeaderName::CONTACT) {
        headers.push(HeaderName::CONTACT, contact);
    }
    let (_, body) = granted()
        .split_once("\r\n\r\n")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    response.set_body("application/x-cisco-remotecc-response+xml", body);
    response
}

async fn plug_in(kind: Kind, registrar: &Registrar) -> Handset {
    plug_in_at(kind, registrar, pace()).await
}

async fn plug_in_at(kind: Kind, registrar: &Registrar, pace: crate::handset::Pace) -> Handset {
    let file = sip_file("127.0.0.1", registrar.listen().await);
    let files = HashMap::from([("SEP000000000001.cnf.xml".to_owned(), file.into_bytes())]);
    let servers = Servers::new(tftp(files).await);
    Handset::spawn(Profile::new(kind, mac(1)), servers, pace)
}

async fn fault(handset: &Handset, wanted: impl Fn(&Fault) -> bool) -> Fault {
    for _ in 0..400 {
        if let Some(fault) = handset.faults().into_iter().find(&wanted) {
            return fault;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("only {:?}", handset.faults());
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
        assert_eq!(contacts[0].model(), Some(kind.device_type().0));
        assert_eq!(contacts[0].instance().unwrap().mac(), Some(mac(1)));
        let alarm = register.headers.cisco_alarm().unwrap();
        assert_eq!(
            (alarm.reason, alarm.last.as_deref()),
            (25, Some("initialized"))
        );
        assert_eq!(alarm.load.as_deref(), Some(kind.usual_load()));
        use crate::sip::wire::remotecc::{Item, items};
        let items = items(&register).unwrap();
        assert!(items.contains(&Item::BulkRegister));
        assert!(items.iter().any(|item| matches!(item, Item::Options(_))));
        assert_eq!(
            crate::sip::wire::mac_in_call_id(register.headers.call_id().unwrap()),
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
    registrar.push.send(registrar.order("restart")).unwrap();
    while registrar.statuses().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(
        (registrar.statuses(), phone.registrations_count()),
        (vec![200], 1)
    );
    assert!(phone.is_registered());
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

proptest! {
    #[test]
    fn any_change_to_an_order_is_answered(at in 0usize..900, byte: u8) {
        let mut text = order().into_bytes();
        if let Some(place) = text.get_mut(at) {
            *place = byte;
        }
        if let Ok(Some(message)) = parse_datagram(&text) {
            let lines = [];
            let advertised = HostPort::parse(b"192.0.2.104:51778").unwrap();
            let standing = Standing { lines: &lines, advertised: &advertised, registered: true };
            let _ = answer(&message, &standing);
        }
    }
}
