//! Orders to a registered phone and what becomes of them.

use super::*;
use crate::model::OrderKind;
use crate::sip::wire::service_control::{Action, RegisteredLine, accept};

const CALL_ID: &str = "c80084aa-87430003-255b99f4-783a63d4@192.0.2.104";

fn order(desk: &mut Desk, kind: OrderKind) -> Message {
    let outputs = desk.registrar.order(kind, desk.now, desk.wall);
    assert!(told(&outputs).is_empty(), "{outputs:?}");
    sent(&outputs).clone()
}

fn answer(request: &Message, code: u16) -> bytes::Bytes {
    Message::response(&request.headers, StatusCode::new(code).unwrap(), "phone").to_bytes()
}

#[test]
fn an_order_is_one_that_every_firmware_takes() {
    let mut desk = Desk::registered(stamp(1));
    let notify = order(&mut desk, OrderKind::Restart);
    let contact = ContactId::mint(&device(), 1, stamp(1)).to_string();
    let line = RegisteredLine {
        name: "2222",
        contact: &contact,
        call_id: Some(CALL_ID),
        standby_call_id: None,
        ccm_mode: true,
    };
    assert_eq!(accept(&notify, &[line]).unwrap().action, Action::Restart);
    let mut recorded = vector!("notify-service-control-restart").replace(FOREIGN, &contact);
    for (name, of_recorded) in [
        (
            HeaderName::VIA,
            "SIP/2.0/TCP 192.0.2.200:5060;branch=z9hG4bK1a2b3c4d",
        ),
        (HeaderName::FROM, "<sip:192.0.2.200>;tag=1168208381"),
        (HeaderName::CALL_ID, "5f2f0f7e-1@192.0.2.200"),
        (HeaderName::DATE, "Sat, 09 Mar 2019 18:33:00 GMT"),
    ] {
        recorded = recorded.replace(of_recorded, header(&notify, name));
    }
    assert_eq!(text(&notify), recorded);
    let reset = order(&mut desk, OrderKind::Reset);
    assert_eq!(accept(&reset, &[line]).unwrap().action, Action::Reset);
    assert_ne!(
        header(&reset, HeaderName::CALL_ID),
        header(&notify, HeaderName::CALL_ID)
    );
}

#[test]
fn the_order_names_the_latest_register_of_the_phone() {
    let mut desk = Desk::registered(stamp(1));
    let one = ContactId::mint(&device(), 1, stamp(1)).to_string();
    let two = ContactId::mint(&device(), 2, stamp(1)).to_string();
    let second = refresh(&first(stamp(1)), 1)
        .replace("-255b99f4-", "-00000000-")
        .replace(&one, &two);
    let register = desk.ask(&second);
    desk.registrar.refreshed(&register, desk.now, desk.wall);
    let notify = text(&order(&mut desk, OrderKind::Restart));
    assert!(notify.starts_with(&format!(
        "NOTIFY sip:{two}@192.0.2.104:51778;transport=tcp "
    )));
    assert!(
        notify.contains("RegisterCallId={c80084aa-87430003-00000000-783a63d4@192.0.2.104}\r\n")
    );
}

#[test]
fn a_phone_accepts_or_refuses() {
    let mut desk = Desk::registered(stamp(1));
    let notify = order(&mut desk, OrderKind::Restart);
    assert!(desk.say(answer(&notify, 100)).is_empty(), "not yet");
    assert_eq!(told(&desk.say(answer(&notify, 200))), ["OrderAccepted"]);
    assert!(desk.say(answer(&notify, 200)).is_empty(), "only once");

    let notify = order(&mut desk, OrderKind::Restart);
    assert_eq!(
        told(&desk.say(answer(&notify, 404))),
        ["OrderRefused(\"it answered 404 Not Found\")"]
    );
    let notify = order(&mut desk, OrderKind::Restart);
    let other = text(&notify).replace(" NOTIFY\r\n", " REFER\r\n");
    let other = crate::sip::wire::parse_datagram(other.as_bytes())
        .unwrap()
        .unwrap();
    assert!(desk.say(answer(&other, 200)).is_empty(), "another method");
}

#[test]
fn a_phone_that_does_not_answer_has_refused() {
    let mut desk = Desk::registered(stamp(1));
    order(&mut desk, OrderKind::Restart);
    assert_eq!(
        desk.registrar.deadline(),
        desk.now + Duration::from_secs(32)
    );
    assert!(desk.later(31).is_empty());
    assert_eq!(
        told(&desk.later(1)),
        ["OrderRefused(\"it did not answer\")"]
    );
    assert!(desk.later(1).is_empty());
    order(&mut desk, OrderKind::Restart);
    assert_eq!(
        told(&desk.registrar.on_closed()),
        ["OrderRefused(\"the connection ended before it answered\")"]
    );
}

#[test]
fn an_unregister_before_the_answer_is_an_answer() {
    let mut desk = Desk::registered(stamp(1));
    order(&mut desk, OrderKind::Restart);
    let gone = unregister(&first(stamp(1)), 114);
    assert_eq!(
        told(&desk.say(&gone)),
        ["OrderAccepted", "Unregistered(\"it unregistered\")"]
    );
    let mut desk = Desk::registered(stamp(1));
    let notify = order(&mut desk, OrderKind::Restart);
    desk.say(answer(&notify, 200));
    assert_eq!(
        told(&desk.say(&gone)),
        ["Unregistered(\"it unregistered\")"]
    );
}

#[test]
fn only_a_registered_phone_is_ordered_about() {
    let mut desk = Desk::new();
    let outputs = desk.registrar.order(OrderKind::Reset, desk.now, desk.wall);
    assert_eq!(
        told(&outputs),
        ["OrderRefused(\"it is not registered on this connection\")"]
    );
    assert!(messages(&outputs).is_empty());
    assert!(
        desk.registrar
            .show("Hello", 60, desk.now, desk.wall)
            .is_empty()
    );
    let mut desk = Desk::registered(stamp(1));
    assert!(
        desk.registrar
            .order(OrderKind::Refresh, desk.now, desk.wall)
            .is_empty(),
        "lines are in the file"
    );
}

#[test]
fn plain_firmware_is_told_to_look_for_a_new_file() {
    let mut desk = Desk::new();
    desk.admit(vector!("register-7960"));
    let notify = order(&mut desk, OrderKind::Restart);
    assert_eq!(header(&notify, HeaderName::EVENT), "check-sync");
    assert!(notify.body().is_empty());
}

#[test]
fn a_text_is_shown_and_taken_away() {
    let mut desk = Desk::registered(stamp(1));
    let mut shown = |words: &str, seconds| {
        let outputs = desk.registrar.show(words, seconds, desk.now, desk.wall);
        text(sent(&outputs))
    };
    let refer = shown("Back at <2>", 7);
    assert!(refer.contains("Content-Type: application/x-cisco-remotecc-request+xml\r\n"));
    assert!(refer.contains("<statustext>Back at &lt;2&gt;</statustext>"));
    let stands = |refer: &str, seconds: u16| {
        refer.contains(&format!("<displaytimeout>{seconds}</displaytimeout>"))
    };
    assert!(stands(&refer, 7), "as long as the operator says: {refer}");
    for without_end in [0, 86_400] {
        let refer = shown("Back at 2", without_end);
        assert!(stands(&refer, u16::MAX), "{without_end}: {refer}");
    }
    let gone = shown("", 60);
    assert!(gone.contains("<statustext></statustext>"));
    assert!(stands(&gone, 1), "nothing hides the prompt: {gone}");
}

#[test]
fn a_phone_that_never_answers_is_not_asked_for_ever() {
    let mut desk = Desk::registered(stamp(1));
    // One update waits already.
    for _ in 0..63 {
        order(&mut desk, OrderKind::Restart);
    }
    let outputs = desk
        .registrar
        .order(OrderKind::Restart, desk.now, desk.wall);
    assert_eq!(
        told(&outputs),
        ["OrderRefused(\"too many requests wait for its answer\")"]
    );
    assert!(messages(&outputs).is_empty());
    assert_eq!(desk.later(32).len(), 63);
}
