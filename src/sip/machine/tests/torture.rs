//! What is answered to the messages of RFC 4475, each in a datagram of its own.

use super::*;
use crate::sip::wire::parse_datagram;
use crate::sip::wire::tests::rfc4475;

/// What comes of a message.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It is dropped.
    Nothing,
    /// It is answered with this status.
    Status(u16),
    /// A REGISTER that can be read: who the phone is decides.
    Asks,
}
use Outcome::{Asks, Nothing, Status};

const OUTCOMES: [(&str, Outcome); 49] = [
    // There are no calls: it is for none that we know, others are told so.
    ("wsinv", Status(481)),
    ("intmeth", Status(501)),
    ("esc01", Status(503)),
    ("escnull", Asks),
    ("esc02", Status(501)),
    ("lwsdisp", Status(200)),
    ("longreq", Status(503)),
    ("dblreq", Asks),
    ("semiuri", Status(200)),
    ("transports", Status(200)),
    ("mpart01", Status(405)),
    ("unreason", Nothing),
    ("noreason", Nothing),
    ("badinv01", Status(400)),
    ("clerr", Status(400)),
    ("ncl", Status(400)),
    ("scalar02", Status(400)),
    ("scalarlg", Nothing),
    ("quotbal", Status(400)),
    ("ltgtruri", Status(400)),
    ("lwsruri", Status(400)),
    // Forgiven, as the RFC allows.
    ("lwsstart", Status(503)),
    ("trws", Status(200)),
    ("escruri", Status(503)),
    ("baddate", Status(503)),
    ("regbadct", Status(400)),
    ("badaspec", Status(200)),
    ("baddn", Status(200)),
    ("badvers", Status(505)),
    ("mismatch01", Status(400)),
    ("mismatch02", Status(400)),
    ("bigcode", Nothing),
    ("badbranch", Status(200)),
    ("insuf", Status(400)),
    ("unkscm", Status(416)),
    ("novelsc", Status(416)),
    ("unksm2", Asks),
    ("bext01", Status(420)),
    ("invut", Status(415)),
    // Without a contact it only asks for bindings: none are shown to strangers.
    ("regaut01", Status(200)),
    ("multi01", Status(400)),
    ("mcl01", Status(400)),
    ("bcast", Nothing),
    // It asks whoever it reaches.
    ("zeromf", Status(200)),
    ("cparam01", Asks),
    ("cparam02", Asks),
    ("regescrt", Asks),
    ("sdp01", Status(503)),
    ("inv2543", Status(503)),
];

impl Desk {
    /// Takes one datagram.
    fn datagram(&mut self, bytes: &[u8]) -> Vec<Output> {
        let frame = match parse_datagram(bytes) {
            Ok(Some(message)) => Frame::Message(message),
            Ok(None) => return Vec::new(),
            Err(error) => Frame::Malformed(error),
        };
        self.registrar.on_frame(frame, self.now, self.wall)
    }
}

fn outcome(outputs: &[Output]) -> Outcome {
    match outputs {
        [] => Nothing,
        [Output::Send(answer)] => Status(answer.status().map_or(0, StatusCode::code)),
        [Output::Register(_)] => Asks,
        other => panic!("{other:?}"),
    }
}

fn answer(name: &str) -> Message {
    let outputs = Desk::new().datagram(&rfc4475::message(name));
    sent(&outputs).clone()
}

fn register(desk: &mut Desk, name: &str) -> Box<Register> {
    match desk.datagram(&rfc4475::message(name)).pop() {
        Some(Output::Register(register)) => register,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn every_message_gets_the_answer_that_it_deserves() {
    assert!(
        OUTCOMES
            .iter()
            .map(|(name, _)| *name)
            .eq(rfc4475::all().map(|torture| torture.name))
    );
    for (name, expected) in &OUTCOMES {
        let outputs = Desk::new().datagram(&rfc4475::message(name));
        assert_eq!(outcome(&outputs), *expected, "{name}: {outputs:?}");
    }
}

#[test]
fn what_is_answered_can_be_read_and_finds_its_way_back() {
    for torture in rfc4475::all() {
        let outputs = Desk::new().datagram(&torture.bytes());
        let [Output::Send(answer)] = outputs.as_slice() else {
            continue;
        };
        let name = torture.name;
        let read = parse_datagram(&answer.to_bytes()).unwrap().unwrap();
        let asked = match parse_datagram(&torture.bytes()) {
            Ok(message) => message.unwrap().headers,
            Err(error) => error.partial.unwrap().headers,
        };
        let values = |headers: &crate::sip::wire::Headers, header| -> Vec<_> {
            headers
                .all(header)
                .map(|field| field.value().clone())
                .collect()
        };
        for header in [HeaderName::FROM, HeaderName::CALL_ID, HeaderName::CSEQ] {
            let copied: Vec<_> = values(&asked, header).into_iter().take(1).collect();
            assert_eq!(values(&read.headers, header), copied, "{name}");
        }
        let (way, back) = (
            values(&asked, HeaderName::VIA),
            values(&read.headers, HeaderName::VIA),
        );
        assert_eq!(way.get(1..), back.get(1..), "{name}");
        let to = read.headers.text(HeaderName::TO);
        assert!(
            to.is_none_or(|to| to.to_ascii_lowercase().contains("tag")),
            "{name}"
        );
        assert_eq!(read.headers.content_length(), Ok(Some(0)), "{name}");
    }
}

#[test]
fn refusals_say_what_would_be_taken() {
    let bext01 = answer("bext01");
    assert_eq!(
        header(&bext01, HeaderName::UNSUPPORTED),
        "nothingSupportsThis, nothingSupportsThisEither"
    );
    assert_eq!(
        header(&answer("invut"), HeaderName::ACCEPT),
        "application/sdp"
    );
    for name in ["intmeth", "esc02", "mpart01"] {
        assert!(header(&answer(name), HeaderName::ALLOW).contains("REGISTER"));
    }
    assert!(text(&answer("esc01")).starts_with("SIP/2.0 503 No call service\r\n"));
    assert_eq!(
        header(&answer("mpart01"), HeaderName::VIA),
        "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport=51778;received=192.0.2.104"
    );
}

#[test]
fn only_what_an_invite_carries_is_judged() {
    let ask = |change: &[(&str, &str)]| {
        let invite = String::from_utf8(rfc4475::message("invut")).unwrap();
        let changed = change
            .iter()
            .fold(invite, |text, (from, to)| text.replace(from, to));
        let outputs = Desk::new().datagram(changed.as_bytes());
        (status(&outputs), sent(&outputs).clone())
    };
    let media = |media: &str| ask(&[("application/unknownformat", media)]).0;
    assert_eq!(media("application/sdp"), 503);
    assert_eq!(media("Application/SDP;charset=x"), 503);
    assert_eq!(media("multipart/mixed;boundary=x"), 503);
    assert_eq!(media("nonsense"), 415);
    let optional = "application/x\r\nContent-Disposition: session; handling=OPTIONAL";
    assert_eq!(media(optional), 503);
    assert_eq!(media(&optional.replace("OPTIONAL", "required")), 415);
    assert_eq!(
        ask(&[("Content-Type: application/unknownformat\r\n", "")]).0,
        415
    );
    let packed = ask(&[("application/unknownformat", "application/sdp\r\ne: gzip")]);
    assert_eq!(packed.0, 415);
    assert_eq!(header(&packed.1, HeaderName::ACCEPT_ENCODING), "identity");
    assert_eq!(ask(&[("INVITE", "PUBLISH")]).0, 200);
    assert_eq!(ask(&[("INVITE", "MESSAGE")]).0, 405);
}

#[test]
fn an_ack_is_never_answered() {
    for torture in rfc4475::all() {
        let bytes = torture.bytes();
        if bytes.starts_with(b"SIP/2.0 ") {
            continue;
        }
        let blank = bytes.iter().position(|byte| *byte == b' ').unwrap();
        let ack = [b"ACK", &bytes[blank..]].concat();
        let outputs = Desk::new().datagram(&ack);
        assert!(outputs.is_empty(), "{}: {outputs:?}", torture.name);
    }
}

#[test]
fn a_register_that_can_be_read_is_decided_upon() {
    for (name, contact) in [
        ("escnull", "<sip:%00@host5.example.com>"),
        ("dblreq", "sip:j.user@host.example.com"),
        ("cparam01", "sip:+19725552222@gw1.example.net;unknownparam"),
        (
            "cparam02",
            "<sip:+19725552222@gw1.example.net;unknownparam>",
        ),
        (
            "regescrt",
            "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>",
        ),
        ("unksm2", "<name:John_Smith>"),
    ] {
        let mut desk = Desk::new();
        let asked = register(&mut desk, name);
        assert_eq!(asked.claims().device(), Ok(None), "{name}");
        let refused = desk
            .registrar
            .refused(&asked, Refusal::NotConfigured, desk.wall);
        assert_eq!(status(&refused), 404, "{name}");
        let welcome = Welcome {
            device: device(),
            file: None,
            lines: vec![1],
            signed_in: None,
        };
        let outputs = desk
            .registrar
            .admitted(&asked, &welcome, desk.now, desk.wall);
        let ok = sent(&outputs);
        assert_eq!(status(&outputs), 200, "{name}");
        assert_eq!(
            header(ok, HeaderName::CONTACT),
            format!("{contact};x-cisco-newreg"),
            "{name}"
        );
        assert_eq!(header(ok, HeaderName::EXPIRES), "120", "{name}");
    }
    // Of an address that is none of ours nobody can be a line.
    assert_eq!(register(&mut Desk::new(), "unksm2").claims().line(), None);
}

#[test]
fn an_unknown_scheme_answers_no_challenge() {
    let mut desk = Desk::with(Settings {
        digest: Some(Digest {
            realm: "embody".into(),
            key: crate::sip::wire::NonceKey::new([1; 32]),
        }),
        ..Settings::default()
    });
    let text = String::from_utf8(rfc4475::message("regaut01")).unwrap();
    let binding = text.replace("CSeq:", "Contact: <sip:j.user@192.0.2.253>\r\nCSeq:");
    let Some(Output::Register(asked)) = desk.datagram(binding.as_bytes()).pop() else {
        panic!("it asks");
    };
    assert!(asked.authorization().is_none());
    let challenge = Refusal::Challenge { stale: false };
    let outputs = desk.registrar.refused(&asked, challenge, desk.wall);
    assert_eq!(status(&outputs), 401);
    assert_ne!(header(sent(&outputs), HeaderName::WWW_AUTHENTICATE), "");
}

/// In a stream the end of a message must be known, and what follows it is another message.
#[test]
fn over_tcp_the_same_is_said_where_the_end_is_known() {
    for (name, expected) in &OUTCOMES {
        let outputs = Desk::new().say(rfc4475::message(name));
        match *name {
            // What follows is a message too; its body is longer than it says, and what is left is none.
            "dblreq" => {
                let [Output::Register(_), Output::Send(second), Output::Close(_)] =
                    outputs.as_slice()
                else {
                    panic!("{outputs:?}");
                };
                assert_eq!(second.status().map(StatusCode::code), Some(503));
            }
            // More is to come.
            "clerr" | "baddn" => assert!(outputs.is_empty(), "{name}"),
            // Nobody knows where the body ends.
            "ncl" | "mcl01" | "inv2543" => {
                assert_eq!(status(&outputs), 400, "{name}");
                assert_eq!(told(&outputs), ["Close(Malformed)"], "{name}");
            }
            _ => assert_eq!(outcome(&outputs), *expected, "{name}: {outputs:?}"),
        }
    }
}

/// The recorded messages of phones, each in a datagram of its own.
#[test]
fn the_recorded_messages_of_phones_are_answered_as_phones_need() {
    for (name, text, expected) in [
        ("alarm", vector!("refer-alarm-7821"), Status(202)),
        ("token", vector!("refer-token"), Status(202)),
        ("first REGISTER", vector!("register-7821-first"), Asks),
        ("7960", vector!("register-7960"), Asks),
        ("7960 with digest", vector!("register-7960-auth"), Asks),
        ("refresh", vector!("register-7975-keepalive"), Asks),
        (
            "standby",
            vector!("register-standby-keepalive"),
            Status(200),
        ),
        // Of ours, to a phone: nobody waits for the answer here.
        ("200", vector!("register-200-first"), Nothing),
    ] {
        let mut desk = Desk::new();
        let mut outputs = desk.datagram(text.as_bytes());
        outputs.retain(|output| !matches!(output, Output::Alarm { .. }));
        assert_eq!(outcome(&outputs), expected, "{name}");
        let Some(Output::Register(register)) = outputs.pop() else {
            if let Status(_) = expected {
                let answer = sent(&desk.datagram(text.as_bytes())[..1]).clone();
                assert_eq!(header(&answer, HeaderName::WWW_AUTHENTICATE), "", "{name}");
            }
            continue;
        };
        let contact = match register.claims().device() {
            Ok(Some(phone)) => phone.clone(),
            other => panic!("{name}: {other:?}"),
        };
        let welcome = Welcome {
            device: contact,
            file: None,
            lines: vec![1],
            signed_in: None,
        };
        let outputs = desk
            .registrar
            .admitted(&register, &welcome, desk.now, desk.wall);
        let Some(Output::Send(ok)) = outputs.first() else {
            panic!("{name}: {outputs:?}");
        };
        assert_eq!(ok.status(), Some(StatusCode::OK), "{name}");
        assert_ne!(header(ok, HeaderName::DATE), "", "{name}");
        assert_eq!(header(ok, HeaderName::EXPIRES), "120", "{name}");
        let asked = parse_datagram(text.as_bytes()).unwrap().unwrap();
        let echoed = header(ok, HeaderName::CONTACT);
        let raw = header(&asked, HeaderName::CONTACT);
        assert!(
            echoed
                .replace("expires=120", "expires=3600")
                .starts_with(raw)
                || echoed.starts_with(raw),
            "{name}: {echoed}"
        );
        assert!(echoed.ends_with(";x-cisco-newreg"), "{name}");
        assert!(
            header(ok, HeaderName::SUPPORTED).contains("X-cisco-sis-"),
            "{name}"
        );
    }
    let notify = Desk::new().datagram(vector!("notify-service-control-restart").as_bytes());
    assert_eq!(outcome(&notify), Status(482), "it is ours, come back");
}
