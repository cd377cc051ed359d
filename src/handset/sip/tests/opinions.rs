//! What the phone thinks of single messages.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use crate::handset::sip::answer::{Act, Standing, answer};
use crate::handset::sip::granted::{Asked, judge};
use crate::handset::{Fault, Order};
use crate::sip::wire::service_control::RegisteredLine;
use crate::sip::wire::{HostPort, parse_datagram};

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
