//! The classes of RFC 4475, "Session Initiation Protocol (SIP) Torture Test Messages", in messages of our own.

use super::super::*;
use super::{crlf, read};

/// A request with these lines instead of the usual ones of the same name.
fn request(start: &str, changed: &str) -> Vec<u8> {
    let usual = [
        "Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw",
        "Max-Forwards: 70",
        "From: <sip:caller@example.net>;tag=1",
        "To: <sip:user@example.com>",
        "Call-ID: torture@192.0.2.15",
    ];
    let name = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
    let replaced: Vec<String> = changed.lines().map(name).collect();
    let mut text = format!("{start}\n");
    for line in usual.iter().filter(|line| !replaced.contains(&name(line))) {
        text.push_str(line);
        text.push('\n');
    }
    if !replaced.contains(&"CSeq".to_owned()) {
        let method = start.split(' ').next().unwrap();
        text.extend(["CSeq: 8 ", method, "\n"]);
    }
    text.push_str(changed);
    text.push_str("\n\n");
    crlf(&text)
}

fn refused(bytes: &[u8]) -> ParseError {
    parse_datagram(bytes).unwrap_err()
}

#[test]
fn tortuous_white_space_and_folding() {
    let text = "INVITE sip:vivekg@chair.example.com;unknownparam SIP/2.0\nTO :\n sip:vivekg@chair.example.com ;   tag    = 1918181833n\nfrom   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\n  ;\n  tag = 98asjd8\nMaX-fOrWaRdS: 0068\nCall-ID: folded@192.0.2.1\nContent-Length   : 0\ncseq: 0009\n  INVITE\nVia  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390skdjuw\ns :\nUnknownHeaderWithUnusualValue: ;;,,;;,;\nv:  SIP  / 2.0  / TCP     spindle.example.com   ;\n  branch  =   z9hG4bK9ikj8  ,\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\n z9hG4bK30239\nm:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\n      newvalue ;\n  secondparam ; q = 0.33\n\n";
    let message = read(&crlf(text));
    message.check().unwrap();
    let headers = &message.headers;
    assert_eq!(headers.to().unwrap().tag(), Some("1918181833n"));
    assert_eq!(
        headers.from().unwrap().display.as_deref(),
        Some("J Rosenberg \\\"")
    );
    assert_eq!(headers.max_forwards(), Ok(Some(68)));
    let via = headers.via().unwrap();
    assert_eq!(via.len(), 3);
    assert_eq!(via[0].unique_branch(), None);
    assert_eq!(via[2].unique_branch(), Some("z9hG4bK30239"));
    assert_eq!(headers.text(HeaderName::SUBJECT), Some(""));
    let Contacts::List(contacts) = headers.contacts().unwrap() else {
        panic!("no star");
    };
    assert_eq!(contacts[0].q_thousandths(), 330);
    assert_eq!(
        contacts[0].address.display.as_deref(),
        Some("Quoted string \"\"")
    );
}

#[test]
fn every_legal_character_in_its_place() {
    let mut bytes = crlf(
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\nVia: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\nFrom: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.\nCall-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\nCSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\nMax-Forwards: 255\nextensionHeader-!.%*+_`'~:\u{feff}大停電\n",
    );
    bytes.extend_from_slice(b"To: \"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\r\nContent-Length: 0\r\n\r\n");
    let message = read(&bytes);
    message.check().unwrap();
    assert_eq!(
        message.headers.to().unwrap().display.as_deref(),
        Some("BEL:\u{7} NUL:\0 DEL:\u{7f}")
    );
    assert_eq!(
        message.headers.from().unwrap().tag(),
        Some("_token~1'+`*%!-.")
    );
    assert_eq!(message.to_bytes().as_ref(), bytes);
}

#[test]
fn an_escaped_method_is_another_method() {
    let message = read(&request(
        "RE%47IST%45R sip:registrar.example.com SIP/2.0",
        "C%6Fntact: <sip:alias2@host2.example.com>\nContact: <sip:alias1@host1.example.com>",
    ));
    message.check().unwrap();
    assert_eq!(
        message.method(),
        Some(&Method::Other("RE%47IST%45R".to_owned()))
    );
    assert!(matches!(
        message.headers.contacts(),
        Ok(Contacts::List(contacts)) if contacts.len() == 1
    ));
}

#[test]
fn a_second_message_in_a_datagram_is_ignored() {
    let mut bytes = request("REGISTER sip:example.com SIP/2.0", "l: 0");
    let alone = bytes.clone();
    bytes.extend_from_slice(&request("INVITE sip:joe@example.com SIP/2.0", "l: 0"));
    assert_eq!(read(&bytes), read(&alone));
}

#[test]
fn reason_phrases_may_be_empty_or_in_any_script() {
    for (line, reason) in [
        ("SIP/2.0 100 ", ""),
        ("SIP/2.0 100", ""),
        ("SIP/2.0 200 = 2**3 * 5**2 но сто", "= 2**3 * 5**2 но сто"),
    ] {
        let message = read(&request(line, "CSeq: 35 INVITE"));
        message.check().unwrap();
        assert!(
            matches!(&message.start, StartLine::Response { reason: found, .. } if found == reason)
        );
    }
}

#[test]
fn strange_transports_are_kept() {
    let message = read(&request(
        "OPTIONS sip:user@example.com SIP/2.0",
        "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKa, SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKb",
    ));
    let via = message.headers.via().unwrap();
    assert_eq!(via[0].transport, Transport::Sctp);
    assert_eq!(via[1].transport, Transport::Other("UNKNOWN".to_owned()));
}

#[test]
fn a_binary_body_is_not_touched() {
    let body: Vec<u8> = (0..=255).collect();
    let mut bytes = request(
        "MESSAGE sip:kumiko@example.org SIP/2.0",
        "Content-Type: application/octet-stream\nContent-Length: 256",
    );
    bytes.extend_from_slice(&body);
    let message = read(&bytes);
    assert_eq!(message.body().as_ref(), body);
    assert_eq!(message.to_bytes().as_ref(), bytes);
}

#[test]
fn lengths_that_cannot_be_true_are_refused_and_can_be_answered() {
    let start = "INVITE sip:user@example.com SIP/2.0";
    for (length, kind) in [
        ("9999", ParseErrorKind::BodyTooShort),
        ("-999", ParseErrorKind::ContentLength),
        ("99999999999999", ParseErrorKind::ContentLength),
        ("100000", ParseErrorKind::BodyTooLarge),
        ("", ParseErrorKind::ContentLength),
        ("13\nContent-Length: 5", ParseErrorKind::ContentLength),
    ] {
        let error = refused(&request(start, &format!("Content-Length: {length}")));
        assert_eq!(error.kind, kind);
        let (headers, status) = error.answerable().unwrap();
        assert!(matches!(status.code(), 400 | 413));
        assert_eq!(headers.call_id(), Ok("torture@192.0.2.15"));
    }
    let twice = request(start, "Content-Length: 0\nl: 0");
    assert!(parse_datagram(&twice).is_ok());
}

#[test]
fn start_lines_that_cannot_be_meant_are_refused() {
    for (start, kind) in [
        (
            "INVITE <sip:user@example.com> SIP/2.0",
            ParseErrorKind::RequestUri,
        ),
        (
            "INVITE sip:user@example.com; lr SIP/2.0",
            ParseErrorKind::RequestUri,
        ),
        ("INVITE  SIP/2.0", ParseErrorKind::RequestUri),
        (
            "INVITE sip:user@example.com SIP/7.0",
            ParseErrorKind::Version,
        ),
        ("GET /index.html HTTP/1.1", ParseErrorKind::StartLine),
        (
            "INV/ITE sip:user@example.com SIP/2.0",
            ParseErrorKind::StartLine,
        ),
    ] {
        assert_eq!(refused(&request(start, "l: 0")).kind, kind, "{start}");
    }
    let error = refused(&request("OPTIONS sip:a@b SIP/7.0", "l: 0"));
    let (_, status) = error.answerable().unwrap();
    assert_eq!(status, StatusCode::VERSION_NOT_SUPPORTED);
}

#[test]
fn blanks_around_the_parts_of_a_start_line_are_forgiven() {
    for start in [
        "OPTIONS  sip:user@example.com  SIP/2.0",
        "OPTIONS sip:user@example.com SIP/2.0  ",
    ] {
        let message = read(&request(start, "CSeq: 8 OPTIONS"));
        message.check().unwrap();
        assert_eq!(
            message.request_uri().unwrap().to_string(),
            "sip:user@example.com"
        );
    }
}

#[test]
fn bad_responses_and_acks_are_never_answered() {
    let error = refused(&request(
        "SIP/2.0 4294967301 better not break the receiver",
        "CSeq: 1 INVITE",
    ));
    assert_eq!(error.kind, ParseErrorKind::StatusCode);
    assert_eq!(error.answerable(), None);
    let error = refused(&request("ACK sip:a@b SIP/2.0", "Content-Length: x"));
    assert_eq!(error.answerable(), None);
    let error = refused(b"INVITE sip:a@b SIP/2.0\r\nContent-Length: x\r\n\r\n");
    assert_eq!(error.answerable(), None);
}

#[test]
fn what_every_message_needs_is_missed() {
    let check = |changed: &str| {
        read(&request("INVITE sip:user@example.com SIP/2.0", changed))
            .check()
            .unwrap_err()
    };
    let missing = read(&crlf(
        "INVITE sip:user@example.com SIP/2.0\nCSeq: 193942 INVITE\nVia: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf\nl: 0\n\n",
    ));
    assert_eq!(
        missing.check(),
        Err(ValueError::Missing(HeaderName::FROM).into())
    );
    assert_eq!(check("CSeq: 8 OPTIONS"), Violation::MethodMismatch);
    for (changed, header) in [
        ("CSeq: 36893488147419103232 INVITE", HeaderName::CSEQ),
        ("To: \"Mr. J. User <sip:j.user@example.com>", HeaderName::TO),
        ("Via: SIP/2.0/UDP 192.0.2.15;;,;,,", HeaderName::VIA),
        ("Max-Forwards: 256", HeaderName::MAX_FORWARDS),
        ("Call-ID:", HeaderName::CALL_ID),
    ] {
        assert!(
            matches!(check(changed), Violation::Value(ValueError::Malformed { header: found, .. }) if found == header),
            "{changed}"
        );
    }
    for (changed, header) in [
        ("Call-ID: a\nCall-ID: b", HeaderName::CALL_ID),
        ("To: <sip:a@b>\nt: <sip:c@d>", HeaderName::TO),
        ("CSeq: 5 INVITE\nCSeq: 59 INVITE", HeaderName::CSEQ),
        (
            "Max-Forwards: 70\nMax-Forwards: 5",
            HeaderName::MAX_FORWARDS,
        ),
    ] {
        assert_eq!(
            check(changed),
            ValueError::Repeated(header).into(),
            "{changed}"
        );
    }
}

#[test]
fn a_bad_contact_harms_only_who_asks() {
    let contacts = |changed: &str| {
        let message = read(&request("REGISTER sip:example.com SIP/2.0", changed));
        message.check().unwrap();
        message.headers.contacts()
    };
    assert!(contacts("Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E").is_err());
    assert!(contacts("Contact: \"Joe\" <sip:joe@example.org>;;;;").is_err());
    assert!(contacts("Contact: *, <sip:a@b>").is_err());
    assert!(contacts("Contact: *\nContact: *").is_err());
    assert_eq!(contacts("Contact: *"), Ok(Contacts::Star));
    assert_eq!(contacts("Expires: 1"), Ok(Contacts::List(Vec::new())));
    let Ok(Contacts::List(list)) =
        contacts("m: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>")
    else {
        panic!("escaped headers are legal within brackets");
    };
    let uri = list[0].address.uri.sip().unwrap();
    assert_eq!(
        uri.headers.as_deref(),
        Some("Route=%3Csip:sip.example.com%3E")
    );
    let Ok(Contacts::List(list)) =
        contacts("Contact: \"a, b\" <sip:a@b;x=1,2>;q=0.5 , <sip:c@d>\nm: sip:e@f")
    else {
        panic!("commas in quotes and brackets divide nothing");
    };
    assert_eq!(list.len(), 3);
}

#[test]
fn messages_of_rfc_2543_are_read() {
    let message = read(&crlf(
        "INVITE sip:UserB@example.com SIP/2.0\nVia: SIP/2.0/UDP iftgw.example.com\nFrom: <sip:+13035551111@ift.client.example.net;user=phone>\nTo: sip:+16505552222@ss1.example.net;user=phone\nCall-ID: 1717@ift.client.example.com\nCSeq: 56 INVITE\nContent-Type: application/sdp\n\nv=0\n",
    ));
    message.check().unwrap();
    assert_eq!(message.headers.max_forwards(), Ok(None));
    assert_eq!(message.body().as_ref(), b"v=0\r\n");
}

#[test]
fn unknown_schemes_are_read_and_left_to_the_server() {
    let message = read(&request(
        "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0",
        "To: isbn:2983792873",
    ));
    message.check().unwrap();
    assert_eq!(message.request_uri().unwrap().sip(), None);
}

#[test]
fn numbers_beyond_all_bounds_do_not_wrap() {
    let message = read(&request(
        "REGISTER sip:example.com SIP/2.0",
        "Expires: 10000000000000000000000000000000000000000000",
    ));
    assert_eq!(message.headers.expires(), Some(u32::MAX));
}

#[test]
fn header_lines_that_are_none_are_refused() {
    for changed in ["no colon here", ": empty name", "two words: x"] {
        let error = refused(&request("OPTIONS sip:a@b SIP/2.0", changed));
        assert_eq!(error.kind, ParseErrorKind::Header, "{changed}");
        assert!(error.answerable().is_some());
    }
    let many = "X: y\n".repeat(300);
    let error = refused(&request("OPTIONS sip:a@b SIP/2.0", &many));
    assert_eq!(error.kind, ParseErrorKind::TooManyHeaders);
    let long = format!("X: {}", "y".repeat(70_000));
    let error = refused(&request("OPTIONS sip:a@b SIP/2.0", &long));
    assert_eq!(error.kind, ParseErrorKind::HeadTooLarge);
}

#[test]
fn datagrams_that_only_keep_a_path_open_are_no_error() {
    for bytes in [&b""[..], b"\r\n\r\n", b"\0\0\0\0", b"\r\n", b"  "] {
        assert_eq!(parse_datagram(bytes), Ok(None));
    }
}
