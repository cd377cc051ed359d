//! What is read of each message, in the order of the RFC.

use super::super::super::*;
use super::message;

fn datagram(name: &str) -> Result<Message, ParseError> {
    parse_datagram(&message(name)).map(|read| read.unwrap())
}

/// A message that reads and breaks no rule that every message keeps.
fn good(name: &str) -> Message {
    let read = datagram(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(read.check(), Ok(()), "{name}");
    read
}

fn violation(name: &str) -> Violation {
    let read = datagram(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    read.check().unwrap_err()
}

fn malformed(name: &str, header: HeaderName) {
    match violation(name) {
        Violation::Value(ValueError::Malformed { header: found, .. }) => assert_eq!(found, header),
        other => panic!("{name}: {other}"),
    }
}

fn contacts(message: &Message) -> Vec<Contact> {
    match message.headers.contacts() {
        Ok(Contacts::List(list)) => list,
        other => panic!("{other:?}"),
    }
}

fn reason(message: &Message) -> &[u8] {
    match &message.start {
        StartLine::Response { reason, .. } => reason,
        StartLine::Request { .. } => panic!("no response"),
    }
}

#[test]
fn a_short_tortuous_invite() {
    let read = good("wsinv");
    let headers = &read.headers;
    assert_eq!(headers.to().unwrap().tag(), Some("1918181833n"));
    let from = headers.from().unwrap();
    assert_eq!(from.display.as_deref(), Some("J Rosenberg \\\""));
    assert_eq!(from.tag(), Some("98asjd8"));
    assert_eq!(headers.max_forwards(), Ok(Some(68)));
    assert_eq!(headers.cseq().unwrap().number, 9);
    let via = headers.via().unwrap();
    let ways: Vec<_> = via.iter().map(|via| via.transport.as_str()).collect();
    assert_eq!(ways, ["UDP", "TCP", "UDP"]);
    let branches: Vec<_> = via.iter().map(Via::unique_branch).collect();
    assert_eq!(branches, [None, Some("z9hG4bK9ikj8"), Some("z9hG4bK30239")]);
    assert_eq!(headers.text(HeaderName::SUBJECT), Some(""));
    let new = headers.extension("newfangledheader").unwrap();
    assert_eq!(
        new.text(),
        Some("newfangled value continued newfangled value")
    );
    let odd = headers.extension("UnknownHeaderWithUnusualValue").unwrap();
    assert_eq!(odd.text(), Some(";;,,;;,;"));
    let route = headers.addresses(HeaderName::ROUTE).unwrap();
    let route = route[0].uri.sip().unwrap();
    assert!(route.params.has("lr") && route.params.has("unknown-no-value"));
    let contacts = contacts(&read);
    assert_eq!(
        contacts[0].address.display.as_deref(),
        Some("Quoted string \"\"")
    );
    assert_eq!(contacts[0].q_thousandths(), 330);
    assert!(contacts[0].address.params.has("secondparam"));
    assert_eq!(read.body().len(), 150);
}

#[test]
fn a_wide_range_of_valid_characters() {
    let read = good("intmeth");
    let method = "!interesting-Method0123456789_*+`.%indeed'~";
    assert_eq!(read.method(), Some(&Method::Other(method.to_owned())));
    let uri = read.request_uri().unwrap();
    let uri = uri.sip().unwrap();
    let user = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*";
    assert_eq!(uri.user.as_deref(), Some(user));
    assert!(uri.password.is_some() && uri.params.is_empty());
    let to = read.headers.to().unwrap();
    assert_eq!(
        to.display.as_deref(),
        Some("BEL:\u{7} NUL:\0 DEL:\u{7f}"),
        "escaped control characters"
    );
    let from = read.headers.from().unwrap();
    assert_eq!(
        from.display.as_deref(),
        Some("token1~` token2'+_ token3*%!.-")
    );
    assert_eq!(from.params.value("fromParam''~+*_!.-%"), Some("работающий"));
    assert_eq!(from.tag(), Some("_token~1'+`*%!-."));
    let call_id = "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{";
    assert_eq!(read.headers.call_id(), Ok(call_id));
    assert_eq!(read.headers.max_forwards(), Ok(Some(255)));
    let odd = read.headers.extension("extensionHeader-!.%*+_`'~").unwrap();
    assert_eq!(odd.text(), Some("\u{feff}大停電"));
    assert_eq!(read.to_bytes().as_ref(), message("intmeth"));
}

#[test]
fn escapes_where_they_are_and_where_they_are_not() {
    let read = good("esc01");
    let uri = read.request_uri().unwrap();
    assert_eq!(
        uri.sip().unwrap().user_text().as_deref(),
        Some("sips:user@example.com")
    );
    let user = |address: NameAddr| address.uri.sip().unwrap().user_text().unwrap();
    assert_eq!(user(read.headers.to().unwrap()), "user");
    assert_eq!(user(read.headers.from().unwrap()), "I have spaces");
    let contact = contacts(&read).remove(0);
    let contact = contact.address.uri.sip().unwrap().clone();
    assert_eq!(contact.user_text().as_deref(), Some("caller"));
    assert!(contact.params.has("%6C%72"), "escapes stay as they are");

    let read = good("escnull");
    assert_eq!(user(read.headers.to().unwrap()), "null-\0-null");
    let users: Vec<_> = contacts(&read)
        .into_iter()
        .map(|contact| user(contact.address))
        .collect();
    assert_eq!(users, ["\0", "\0\0"]);

    let read = good("esc02");
    assert_eq!(
        read.method(),
        Some(&Method::Other("RE%47IST%45R".to_owned())),
        "not REGISTER"
    );
    assert_eq!(
        read.headers.to().unwrap().display.as_deref(),
        Some("%Z%45"),
        "no escape"
    );
    let users: Vec<_> = contacts(&read)
        .into_iter()
        .map(|contact| user(contact.address))
        .collect();
    assert_eq!(users, ["alias1", "alias3"], "C%6Fntact is no Contact");
}

#[test]
fn sparse_and_long_values() {
    let from = good("lwsdisp").headers.from().unwrap();
    assert_eq!(from.display.as_deref(), Some("caller"));

    let read = good("longreq");
    let via = read.headers.via().unwrap();
    assert_eq!(via.len(), 34);
    assert_eq!(via[0].sent_by.to_string(), "sip33.example.com");
    assert_eq!(via[33].received(), Some("192.0.2.5"));
    assert_eq!(via[33].branch().map(str::len), Some(4 + 4 * 50 + 11));
    let from = read.headers.from().unwrap();
    assert_eq!(from.tag().map(str::len), Some(2 + 3 * 50 + 3));
    let to = read.headers.to().unwrap();
    assert!(to.params.is_empty());
    assert_eq!(to.uri.sip().unwrap().port, Some(6000));
    assert_eq!(read.headers.call_id().unwrap().len(), 11 + 6 * 20 + 10);
    assert_eq!(read.body().len(), 150);
}

#[test]
fn a_second_message_in_a_datagram_is_no_message() {
    let read = good("dblreq");
    assert_eq!(read.method(), Some(&Method::Register));
    assert!(read.body().is_empty());
    assert_eq!(read.headers.via().unwrap().len(), 1);
}

#[test]
fn strange_addresses_and_transports() {
    let read = good("semiuri");
    let uri = read.request_uri().unwrap();
    let uri = uri.sip().unwrap();
    assert_eq!(uri.user_text().as_deref(), Some("user;par=u@example.net"));
    assert!(uri.params.is_empty());
    assert_eq!(read.headers.tokens(HeaderName::ACCEPT).count(), 6);

    let via = good("transports").headers.via().unwrap();
    let ways: Vec<_> = via.iter().map(|via| via.transport.clone()).collect();
    let unknown = Transport::Other("UNKNOWN".to_owned());
    assert_eq!(
        ways,
        [
            Transport::Udp,
            Transport::Sctp,
            Transport::Tls,
            unknown,
            Transport::Tcp
        ]
    );
}

#[test]
fn a_body_with_a_binary_part() {
    let read = good("mpart01");
    let parts = multipart::parts(&read.headers, read.body()).unwrap();
    assert_eq!(parts.len(), 2);
    assert!(parts[0].content_type().unwrap().is("text/plain"));
    assert_eq!(parts[0].body, "Hello");
    assert!(
        parts[1]
            .content_type()
            .unwrap()
            .is("application/octet-stream")
    );
    assert_eq!(parts[1].body.get(..4), Some(&b"\x30\x82\x01\x52"[..]));
    assert_eq!(parts[1].body.len(), 0x152 + 4, "as its first bytes say");
    assert_eq!(
        read.headers.top_via().unwrap().rport(),
        Rport::Asked,
        "to be filled in"
    );
    assert_eq!(read.to_bytes().as_ref(), message("mpart01"));
}

#[test]
fn reason_phrases() {
    let read = good("unreason");
    assert_eq!(read.status(), Some(StatusCode::OK));
    let text = std::str::from_utf8(reason(&read)).unwrap();
    assert_eq!(text, "= 2**3 * 5**2 но сто девяносто девять - простое");
    let read = good("noreason");
    assert_eq!(read.status(), Some(StatusCode::TRYING));
    assert_eq!(reason(&read), b"");
    assert_eq!(read.to_bytes().as_ref(), message("noreason"));
}

#[test]
fn what_cannot_be_a_message_is_none() {
    for (name, kind, status) in [
        ("clerr", ParseErrorKind::BodyTooShort, Some(400)),
        ("ncl", ParseErrorKind::ContentLength, Some(400)),
        ("ltgtruri", ParseErrorKind::RequestUri, Some(400)),
        ("lwsruri", ParseErrorKind::RequestUri, Some(400)),
        ("badvers", ParseErrorKind::Version, Some(505)),
        ("bigcode", ParseErrorKind::StatusCode, None),
        ("mcl01", ParseErrorKind::ContentLength, Some(400)),
    ] {
        let error = datagram(name).unwrap_err();
        assert_eq!(error.kind, kind, "{name}");
        let answer = error.answerable().map(|(_, status)| status.code());
        assert_eq!(answer, status, "{name}");
    }
}

#[test]
fn what_breaks_a_rule_of_all_messages_is_found_out() {
    malformed("badinv01", HeaderName::VIA);
    malformed("scalar02", HeaderName::CSEQ);
    malformed("scalarlg", HeaderName::CSEQ);
    malformed("quotbal", HeaderName::TO);
    assert_eq!(violation("mismatch01"), Violation::MethodMismatch);
    assert_eq!(violation("mismatch02"), Violation::MethodMismatch);
    assert_eq!(
        violation("insuf"),
        ValueError::Missing(HeaderName::FROM).into()
    );
    assert_eq!(
        violation("multi01"),
        ValueError::Repeated(HeaderName::FROM).into()
    );
    // Beside the rules of all messages.
    let read = datagram("badinv01").unwrap();
    assert!(read.headers.contacts().is_err());
    let read = datagram("scalar02").unwrap();
    assert_eq!(read.headers.expires(), Some(u32::MAX));
    assert_eq!(contacts(&read)[0].expires(), Some(u32::MAX));
    assert!(read.headers.max_forwards().is_err());
    assert!(good("regbadct").headers.contacts().is_err());
}

/// The RFC leaves it to the element whether these are refused. None of them can be misunderstood, and phones and
/// tools do write commas into names and blanks into lines.
#[test]
fn what_is_wrong_but_clear_is_forgiven() {
    for name in ["lwsstart", "trws", "escruri"] {
        let host = match good(name).request_uri().unwrap() {
            Uri::Sip(uri) => uri.host.to_string(),
            Uri::Other { .. } => panic!("{name}"),
        };
        assert_eq!(host, "example.com", "{name}");
    }
    assert_eq!(good("baddate").headers.date(), None);
    let to = good("badaspec").headers.to().unwrap();
    assert_eq!(to.uri.to_string(), "sip:t.watson@example.org");
    let from = good("baddn").headers.from().unwrap();
    assert_eq!(from.display.as_deref(), Some("Bell, Alexander"));
    assert_eq!(from.tag(), Some("43"));
}

#[test]
fn what_is_left_to_the_server_is_read() {
    let via = good("badbranch").headers.top_via().unwrap();
    assert_eq!((via.branch(), via.unique_branch()), (Some("z9hG4bK"), None));

    for (name, scheme) in [
        ("unkscm", "nobodyKnowsThisScheme"),
        ("novelsc", "soap.beep"),
    ] {
        let read = good(name);
        assert!(!read.is_for_sip(), "{name}");
        match read.request_uri().unwrap() {
            Uri::Other { scheme: found, .. } => assert_eq!(found, scheme),
            Uri::Sip(_) => panic!("{name}"),
        }
    }
    let read = good("unksm2");
    assert_eq!(
        read.headers.to().unwrap().uri.to_string(),
        "isbn:2983792873"
    );
    assert_eq!(
        contacts(&read)[0].address.uri.to_string(),
        "name:John_Smith"
    );

    let read = good("bext01");
    let required: Vec<_> = read.headers.tokens(HeaderName::REQUIRE).collect();
    assert_eq!(
        required,
        ["nothingSupportsThis", "nothingSupportsThisEither"]
    );
    assert_eq!(read.headers.tokens(HeaderName::PROXY_REQUIRE).count(), 2);
    let media = good("invut").headers.content_type().unwrap();
    assert!(media.is("application/unknownformat"));
    let read = good("regaut01");
    let value = read.headers.value(HeaderName::AUTHORIZATION).unwrap();
    assert_eq!(digest::Authorization::parse(value), Ok(None));
    assert_eq!(good("bcast").headers.via().unwrap().len(), 2);
    assert_eq!(good("zeromf").headers.max_forwards(), Ok(Some(0)));
    let accepted = good("sdp01");
    assert!(
        accepted
            .headers
            .has_token(HeaderName::ACCEPT, "text/nobodyKnowsThis")
    );
}

#[test]
fn to_whom_a_parameter_belongs() {
    let contact = contacts(&good("cparam01")).remove(0);
    assert!(contact.address.params.has("unknownparam"));
    assert_eq!(contact.raw_uri, "sip:+19725552222@gw1.example.net");
    let contact = contacts(&good("cparam02")).remove(0);
    assert!(contact.address.params.is_empty());
    let uri = contact.address.uri.sip().unwrap().clone();
    assert!(uri.params.has("unknownparam"));
    let contact = contacts(&good("regescrt")).remove(0);
    let uri = contact.address.uri.sip().unwrap().clone();
    assert_eq!(
        uri.headers.as_deref(),
        Some("Route=%3Csip:sip.example.com%3E")
    );
}

#[test]
fn an_invite_of_rfc_2543() {
    let read = good("inv2543");
    assert_eq!(read.headers.max_forwards(), Ok(None));
    assert_eq!(read.headers.from().unwrap().tag(), None);
    assert_eq!(read.headers.top_via().unwrap().branch(), None);
    assert_eq!(read.headers.content_length(), Ok(None));
    assert!(read.body().starts_with(b"v=0\r\n") && read.body().ends_with(b"0\r\n"));
}
