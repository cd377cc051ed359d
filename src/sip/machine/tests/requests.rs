//! Everything that is not REGISTER.

use super::*;

/// A request out of the blue.
fn request(method: &str, more: &str) -> String {
    format!(
        "{method} sip:192.0.2.200 SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.104:51778;branch=z9hG4bK2\nFrom: <sip:1001@192.0.2.200>;tag=1\nTo: <sip:192.0.2.200>\nCall-ID: y\nCSeq: 7 {method}\nMax-Forwards: 70\n{more}Content-Length: 0\n\n"
    )
}

fn with_body(method: &str, more: &str, content_type: &str, body: &str) -> String {
    request(method, more).replace(
        "Content-Length: 0\n\n",
        &format!(
            "Content-Type: {content_type}\nContent-Length: {}\n\n{body}",
            body.replace('\n', "\r\n").len()
        ),
    )
}

fn softkey(name: &str) -> String {
    let body = format!(
        "<x-cisco-remotecc-request><softkeyeventmsg><softkeyevent>{name}</softkeyevent></softkeyeventmsg></x-cisco-remotecc-request>"
    );
    with_body(
        "REFER",
        "Refer-To: cid:1@192.0.2.104\nRequire: norefersub\n",
        "application/x-cisco-remotecc-request+xml",
        &body,
    )
}

#[test]
fn every_request_gets_the_right_answer() {
    let in_dialog =
        |text: String| text.replace("To: <sip:192.0.2.200>", "To: <sip:192.0.2.200>;tag=2");
    let cases = [
        ("OPTIONS", request("OPTIONS", ""), 200),
        (
            "OPTIONS, last hop",
            request("OPTIONS", "").replace("70", "0"),
            200,
        ),
        ("INVITE", request("INVITE", "Contact: <sip:a@b>\n"), 503),
        ("INVITE in a dialog", in_dialog(request("INVITE", "")), 481),
        ("BYE", request("BYE", ""), 481),
        ("CANCEL", request("CANCEL", ""), 481),
        ("UPDATE", request("UPDATE", ""), 405),
        ("INFO", request("INFO", ""), 405),
        ("PRACK", request("PRACK", ""), 405),
        ("MESSAGE", request("MESSAGE", ""), 405),
        ("unknown method", request("NEWMETHOD", ""), 501),
        ("SUBSCRIBE", request("SUBSCRIBE", "Event: presence\n"), 489),
        (
            "SUBSCRIBE in a dialog",
            in_dialog(request("SUBSCRIBE", "Event: presence\n")),
            481,
        ),
        (
            "PUBLISH",
            request("PUBLISH", "Event: presence\nExpires: 60\n"),
            200,
        ),
        (
            "NOTIFY, hook state",
            request("NOTIFY", "Event: dialog\n"),
            200,
        ),
        ("NOTIFY, else", request("NOTIFY", "Event: kpml\n"), 489),
        ("NOTIFY without event", request("NOTIFY", ""), 489),
        ("REFER to nothing", request("REFER", ""), 603),
        (
            "REFER into a call",
            request("REFER", "Refer-To: <sip:1002@192.0.2.200>\n"),
            603,
        ),
        (
            "REFER in a dialog",
            in_dialog(request("REFER", "Refer-To: cid:1@a\n")),
            481,
        ),
        (
            "REFER to itself",
            request("REFER", "Refer-To: cid:1@a\n"),
            202,
        ),
        ("soft key", softkey("Park"), 603),
        (
            "extension",
            request("OPTIONS", "Require: 100rel, norefersub\n"),
            420,
        ),
        (
            "known extension",
            request("OPTIONS", "Require: NoReferSub\n"),
            200,
        ),
        (
            "scheme",
            request("OPTIONS", "").replacen("sip:", "soap:", 1),
            416,
        ),
        ("hops", request("INVITE", "").replace("70", "0"), 483),
        (
            "CSeq of another method",
            request("OPTIONS", "").replace("7 OPTIONS", "7 INVITE"),
            400,
        ),
        (
            "no Call-ID",
            request("OPTIONS", "").replace("Call-ID: y\n", ""),
            400,
        ),
        (
            "no To",
            request("OPTIONS", "").replace("To: <sip:192.0.2.200>\n", ""),
            400,
        ),
        (
            "two From",
            request("OPTIONS", "From: <sip:x@y>;tag=9\n"),
            400,
        ),
        (
            "version",
            request("OPTIONS", "").replace(" SIP/2.0\nVia", " SIP/7.0\nVia"),
            505,
        ),
        ("header line", request("OPTIONS", "nonsense\n"), 400),
        ("Contact", request("REGISTER", "Contact: <sip:a@b\n"), 400),
        (
            "star and more",
            request("REGISTER", "Contact: *, <sip:a@b>\n"),
            400,
        ),
    ];
    for (what, text, code) in cases {
        let mut desk = Desk::new();
        let outputs = desk.tell(&text);
        assert_eq!(status(&outputs), code, "{what}: {outputs:?}");
        let answer = sent(&outputs);
        if what != "no To" {
            assert!(answer.headers.to().unwrap().tag().is_some(), "{what}");
        }
        assert!(header(answer, HeaderName::SERVER).starts_with("Embody/"));
        assert_eq!(header(answer, HeaderName::WWW_AUTHENTICATE), "", "{what}");
        assert!(told(&outputs).is_empty(), "{what}: {outputs:?}");
    }
}

#[test]
fn answers_hold_what_their_status_asks_for() {
    let mut desk = Desk::new();
    let mut header_of = |text: &str, name| header(sent(&desk.tell(text)), name).to_owned();
    let allowed = header_of(&request("MESSAGE", ""), HeaderName::ALLOW);
    assert!(allowed.contains("REGISTER") && !allowed.contains("MESSAGE"));
    assert_eq!(
        header_of(
            &request("OPTIONS", "Require: a, b\n"),
            HeaderName::UNSUPPORTED
        ),
        "a, b"
    );
    assert_eq!(
        header_of(&request("SUBSCRIBE", ""), HeaderName::ALLOW_EVENTS),
        "dialog"
    );
    assert_ne!(header_of(&request("OPTIONS", ""), HeaderName::ACCEPT), "");
    let published = request("PUBLISH", "Expires: 99999\n");
    assert_eq!(header_of(&published, HeaderName::EXPIRES), "3600");
    assert_ne!(
        header_of(&published, HeaderName::SIP_ETAG),
        header_of(&published, HeaderName::SIP_ETAG)
    );
    assert_eq!(
        header_of(&request("INVITE", ""), HeaderName::RETRY_AFTER),
        ""
    );
}

#[test]
fn alarms_and_tokens_are_accepted_before_there_is_a_registration() {
    let mut desk = Desk::new();
    let outputs = desk.say(vector!("refer-alarm-7821"));
    assert_eq!(status(&outputs), 202);
    let Some(Output::Alarm {
        device: named,
        text,
    }) = outputs.last()
    else {
        panic!("{outputs:?}");
    };
    assert_eq!(named.as_ref(), Some(&device()));
    assert_eq!(
        text,
        "DeviceTLInfo IPv4Address=192.0.2.104 CTL_Signature=Not Installed CTL_TFTP_Server=N/A ITL_Signature=1B A1 ITL_TFTP_Server=tftp.example StatusCode=3"
    );
    assert_eq!(status(&desk.say(vector!("refer-token"))), 202);
    let broken = vector!("refer-alarm-7821").replace("<Alarm ", "<Alarm<");
    assert_eq!(status(&desk.say(broken)), 202, "it can do nothing about it");
    let quiet = request("REFER", "Refer-To: cid:1@a\nRefer-Sub: false\n");
    assert!(text_of(&desk.tell(&quiet)).contains("Refer-Sub: false\r\n"));
}

fn text_of(outputs: &[Output]) -> String {
    super::text(sent(outputs))
}

#[test]
fn hook_states_of_all_lines_make_one_state_of_the_phone() {
    let hook = |line: &str, state: &str| {
        let body = format!(
            "<dialog-info entity=\"sip:{line}@192.0.2.200\"><dialog id=\"1\"><state>{state}</state></dialog></dialog-info>"
        );
        with_body(
            "NOTIFY",
            "Event: dialog\n",
            "application/dialog-info+xml",
            &body,
        )
    };
    let mut desk = Desk::registered(stamp(1));
    let mut said = |line, state| told(&desk.tell(&hook(line, state)));
    assert_eq!(said("1001", "trying"), ["InCall(true)"]);
    assert_eq!(said("1002", "trying"), ["Used"], "in use all along");
    assert_eq!(said("1001", "terminated"), ["Used"]);
    assert!(said("1001", "terminated").is_empty(), "told twice");
    assert_eq!(said("1002", "terminated"), ["InCall(false)"]);
    // Of a phone that is not registered nothing is known.
    let outputs = Desk::new().tell(&hook("1001", "trying"));
    assert_eq!(status(&outputs), 200);
    assert!(told(&outputs).is_empty());
}

/// CME, *max-idle-time*: a user's doing is use, what a phone repeats by itself
/// is not.
#[test]
fn what_somebody_does_is_told_apart_from_what_phones_do_by_themselves() {
    let used = |text: &str| {
        let mut desk = Desk::registered(stamp(1));
        let outputs = desk.tell(text);
        outputs
            .iter()
            .filter(|output| matches!(output, Output::Used | Output::InCall(_)))
            .count()
    };
    let hook = |state: &str| {
        let body = format!(
            "<dialog-info entity=\"sip:1001@a\"><dialog><state>{state}</state></dialog></dialog-info>"
        );
        with_body(
            "NOTIFY",
            "Event: dialog\n",
            "application/dialog-info+xml",
            &body,
        )
    };
    let presence = "<presence entity=\"sip:a@b\"/>";
    let published = with_body(
        "PUBLISH",
        "Event: presence\n",
        "application/pidf+xml",
        presence,
    );
    for (what, text) in [
        ("a call", request("INVITE", "Contact: <sip:a@b>\n")),
        ("its end", request("BYE", "")),
        ("off-hook", hook("trying")),
        ("do not disturb", published),
        ("a soft key", softkey("Redial")),
    ] {
        assert_eq!(used(&text), 1, "{what}");
    }
    for (what, text) in [
        ("a keepalive", request("OPTIONS", "")),
        ("idle lines of a phone that comes", hook("terminated")),
        (
            "a publication that goes on",
            request("PUBLISH", "Event: presence\nSIP-If-Match: a\n"),
        ),
        ("a subscription", request("SUBSCRIBE", "Event: presence\n")),
    ] {
        assert_eq!(used(&text), 0, "{what}");
    }
}

#[test]
fn what_must_not_be_answered_is_not() {
    let mut desk = Desk::new();
    assert!(desk.tell(&request("ACK", "")).is_empty());
    assert!(desk.tell(&request("ACK", "nonsense\n")).is_empty());
    let answer = "SIP/2.0 200 OK\nVia: SIP/2.0/TCP 192.0.2.200;branch=z9hG4bKx\nCSeq: 101 NOTIFY\nContent-Length: 0\n\n";
    assert!(desk.tell(answer).is_empty());
    let no_way_back = request("OPTIONS", "").replace("Via:", "Vie:");
    assert!(desk.tell(&no_way_back).is_empty());
}

#[test]
fn a_peer_that_cannot_speak_is_closed() {
    let mut desk = Desk::new();
    let bad = request("OPTIONS", "").replace("Call-ID: y\n", "");
    for _ in 0..15 {
        assert!(told(&desk.tell(&bad)).is_empty());
    }
    let outputs = desk.tell(&bad);
    assert_eq!(status(&outputs), 400);
    assert_eq!(told(&outputs), ["Close(Malformed)"]);
    // Where a message has no known end, nothing can follow it.
    let endless = request("OPTIONS", "").replace("Content-Length: 0", "Content-Length: x");
    let outputs = Desk::new().tell(&endless);
    assert_eq!(status(&outputs), 400);
    assert_eq!(told(&outputs), ["Close(Malformed)"]);
    assert_eq!(
        told(&Desk::new().say("\u{16}\u{3}\u{1}")),
        ["Close(Malformed)"]
    );
}
