//! One meaning in many spellings: what old and new firmware, tools and gateways write.

use super::super::*;
use super::{crlf, read};

/// A REGISTER of a plain phone with these lines more.
fn with(lines: &str) -> Message {
    read(&crlf(&format!(
        "REGISTER sip:192.0.2.9 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\nFrom: <sip:1@192.0.2.9>;tag=a\nTo: <sip:1@192.0.2.9>\nCall-ID: x\nCSeq: 1 REGISTER\n{lines}Content-Length: 0\n\n"
    )))
}

#[test]
fn every_compact_form_is_read() {
    let read = with(
        "a: *\nb: <sip:r@h>\nd: fork\ne: gzip\nj: *\nk: a\no: kpml\nr: <sip:t@h>\ns: x\nu: dialog\nx: 90\ny: sig\nn: <h>\n",
    );
    for name in [
        HeaderName::ACCEPT_CONTACT,
        HeaderName::REFERRED_BY,
        HeaderName::REQUEST_DISPOSITION,
        HeaderName::CONTENT_ENCODING,
        HeaderName::REJECT_CONTACT,
        HeaderName::SUPPORTED,
        HeaderName::EVENT,
        HeaderName::REFER_TO,
        HeaderName::SUBJECT,
        HeaderName::ALLOW_EVENTS,
        HeaderName::SESSION_EXPIRES,
        HeaderName::IDENTITY,
        HeaderName::IDENTITY_INFO,
    ] {
        assert!(read.headers.get(name).is_some(), "{name}");
        assert!(with("").headers.get(name).is_none(), "{name}");
    }
}

#[test]
fn a_list_may_be_joined_or_repeated_or_both() {
    for lines in [
        "Supported: replaces, join,norefersub\n",
        "Supported: replaces\nk: join\nSUPPORTED:norefersub\n",
        "Supported:\n replaces ,\n\tjoin\nk: ,norefersub,\n",
    ] {
        let read = with(lines);
        let found: Vec<_> = read.headers.tokens(HeaderName::SUPPORTED).collect();
        assert_eq!(found, ["replaces", "join", "norefersub"], "{lines}");
    }
    for lines in [
        "Contact: <sip:a@h;x=1,2>;q=0.7, \"b, c\" <sip:b@h>\n",
        "Contact: <sip:a@h;x=1,2>;q=0.7\nm: \"b, c\" <sip:b@h>\n",
    ] {
        let Ok(Contacts::List(list)) = with(lines).headers.contacts() else {
            panic!("{lines}");
        };
        let found: Vec<_> = list
            .iter()
            .map(|contact| (contact.address.uri.to_string(), contact.q_thousandths()))
            .collect();
        assert_eq!(
            found,
            [
                ("sip:a@h;x=1,2".to_owned(), 700),
                ("sip:b@h".to_owned(), 1000)
            ]
        );
    }
    for lines in [
        "Route: <sip:p1;lr>, <sip:p2;lr>\n",
        "Route: <sip:p1;lr>\nroute: <sip:p2;lr>\n",
    ] {
        let found = with(lines).headers.addresses(HeaderName::ROUTE).unwrap();
        assert_eq!(found.len(), 2, "{lines}");
    }
    let joined = "Reason: SIP;cause=200;text=\"a, b\", Q.850;cause=16\n";
    let causes: Vec<_> = with(joined)
        .headers
        .reasons()
        .iter()
        .map(Reason::cause)
        .collect();
    assert_eq!(causes, [Some(200), Some(16)]);
}

#[test]
fn lines_may_end_as_they_like() {
    let text = "REGISTER sip:h SIP/2.0\nVia: SIP/2.0/TCP h\nl: 3\n\n";
    let windows = text.replace('\n', "\r\n");
    let mixed = "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/TCP h\nl: 3\r\n\n";
    for head in [text, windows.as_str(), mixed] {
        let message = read(&[head.as_bytes(), b"a\nb"].concat());
        assert_eq!(message.body().as_ref(), b"a\nb", "{head:?}");
        // What leaves has the line ends that the RFC asks for.
        assert!(message.to_bytes().starts_with(windows.as_bytes()));
    }
}

#[test]
fn how_long_a_registration_is_asked_for() {
    let header = |value: &str| with(&format!("Expires: {value}\n")).headers.expires();
    assert_eq!(with("").headers.expires(), None);
    assert_eq!(header("0"), Some(0));
    assert_eq!(header(" 0120 "), Some(120));
    assert_eq!(header("99999999999999999999"), Some(u32::MAX));
    for malformed in [
        "",
        "-1",
        "soon",
        "60s",
        "1.5",
        "Sat, 09 Mar 2019 18:33:00 GMT",
    ] {
        assert_eq!(header(malformed), Some(3600), "{malformed}");
    }
    let contact = |param: &str| {
        let Ok(Contacts::List(list)) = with(&format!("m: <sip:a@h>{param}\n")).headers.contacts()
        else {
            panic!("{param}");
        };
        list[0].expires()
    };
    assert_eq!(contact(""), None);
    assert_eq!(contact(";Expires=60"), Some(60));
    assert_eq!(contact(";expires=\"60\""), Some(60));
    assert_eq!(contact(";expires"), Some(3600));
    assert_eq!(contact(";expires=never"), Some(3600));
}

#[test]
fn preferences_have_three_digits() {
    let q = |param: &str| {
        let Ok(Contacts::List(list)) = with(&format!("m: <sip:a@h>;q={param}\n"))
            .headers
            .contacts()
        else {
            panic!("{param}");
        };
        list[0].q_thousandths()
    };
    assert_eq!(
        (q("0"), q("1"), q("1.000"), q("0.125")),
        (0, 1000, 1000, 125)
    );
    assert_eq!((q(".5"), q("2"), q("x"), q("nan")), (500, 1000, 1000, 1000));
}

#[test]
fn addresses_of_all_kinds() {
    let tel = NameAddr::parse(b"\"Reception\" <tel:7042;phone-context=example.com>;tag=9").unwrap();
    assert_eq!(tel.uri.to_string(), "tel:7042;phone-context=example.com");
    assert_eq!(tel.tag(), Some("9"));
    let tel = NameAddr::parse(b"tel:+1-201-555-0123;tag=9").unwrap();
    assert_eq!(
        (tel.uri.to_string().as_str(), tel.tag()),
        ("tel:+1-201-555-0123", Some("9"))
    );

    let via =
        Via::parse(b"SIP/2.0/UDP [2001:db8::9:1]:5062;received=2001:db8::9:2;branch=z9hG4bKx")
            .unwrap();
    assert_eq!(via.sent_by.to_string(), "[2001:db8::9:1]:5062");
    assert_eq!(via.received(), Some("2001:db8::9:2"));
    // Brackets there are wrong, and written all the same (RFC 5118 section 4.5).
    let via = Via::parse(b"SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255]").unwrap();
    assert_eq!(via.received(), Some("[2001:db8::9:255]"));
    // A port after too many colons (RFC 5118 section 4.3), and no brackets (section 4.2).
    assert!(Uri::parse(b"sip:[2001:db8::10]:5070").is_ok());
    assert!(Uri::parse(b"sip:2001:db8::10").is_err());

    let refer = with(
        "Refer-To: <sip:1002@192.0.2.9?Replaces=a%40b%3Bto-tag%3D1>\nReferred-By: \"A\" <sip:1001@192.0.2.9>;cid=\"x@y\"\n",
    );
    let target = refer.headers.address(HeaderName::REFER_TO).unwrap();
    let target = target.uri.sip().unwrap();
    assert_eq!(
        target.headers.as_deref(),
        Some("Replaces=a%40b%3Bto-tag%3D1")
    );
    let by = refer.headers.address(HeaderName::REFERRED_BY).unwrap();
    assert_eq!(by.params.value("cid"), Some("x@y"));
}

#[test]
fn names_and_phrases_in_any_script() {
    let message = with("Subject: Müller ☎\nm: \"Søren \\\"日本\\\"\" <sip:a@h>\n");
    assert_eq!(message.headers.text(HeaderName::SUBJECT), Some("Müller ☎"));
    let Ok(Contacts::List(list)) = message.headers.contacts() else {
        panic!("a contact");
    };
    assert_eq!(list[0].address.display.as_deref(), Some("Søren \"日本\""));
    // Old firmware writes Latin-1: read as far as possible, kept byte for byte.
    let latin = [&b"SIP/2.0 486 Bes\xe6tzt\r\nf: \"M\xfcller\" <sip:a@h>\r\n\r\n"[..]].concat();
    let message = read(&latin);
    assert_eq!(
        message.headers.from().unwrap().display.as_deref(),
        Some("M\u{fffd}ller")
    );
    assert!(message.to_bytes().starts_with(&latin[..latin.len() - 2]));
}

#[test]
fn sessions_and_bodies_are_named() {
    let message = with(
        "Session-ID: 00106F2A00105000A000C80084AA8743 ;remote=00000000000000000000000000000000\nContent-Id: <1483336@192.0.2.104>\n",
    );
    let session = message.headers.session_id().unwrap();
    assert_eq!(session.local, "00106f2a00105000a000c80084aa8743");
    assert_eq!(session.remote.as_deref(), Some("0".repeat(32).as_str()));
    assert_eq!(message.headers.content_id(), Some("1483336@192.0.2.104"));
    let bare = with("session-id: 00106f2a00105000a000c80084aa8743\ncontent-id: 1@h\n");
    assert_eq!(bare.headers.session_id().unwrap().remote, None);
    assert_eq!(bare.headers.content_id(), Some("1@h"));
    for broken in ["", "1234", "g0106f2a00105000a000c80084aa8743"] {
        let message = with(&format!("Session-ID: {broken}\n"));
        assert_eq!(message.headers.session_id(), None, "{broken}");
    }
}

#[test]
fn what_a_body_may_be_ignored_for() {
    let optional = |value: &str| {
        with(&format!("Content-Disposition: {value}\n"))
            .headers
            .body_is_optional()
    };
    assert!(optional("session;handling=optional"));
    assert!(optional("render ; Handling = \"OPTIONAL\""));
    assert!(!optional("session;handling=required"));
    assert!(!optional("session"));
    assert!(!with("").headers.body_is_optional());
}
