//! Answers: what must be copied is copied.

use super::super::*;
use super::{crlf, read, vector};

fn lines(message: &Message) -> Vec<String> {
    String::from_utf8(message.to_bytes().to_vec())
        .unwrap()
        .split("\r\n")
        .map(str::to_owned)
        .collect()
}

#[test]
fn an_answer_copies_what_it_must_byte_for_byte() {
    let mut request = read(&crlf(
        "OPTIONS sip:a@b SIP/2.0\nv :  SIP/2.0/UDP h;rport;branch=z9hG4bK1,SIP/2.0/UDP 192.0.2.7\nVIA: SIP / 2.0 / TCP x\nFrom: \"M\u{fc}ller, A\" <sip:a@b>;tag=1\nt:sip:c@d\ni:  weird\"<id\ncseq: 0009   OPTIONS\nSubject: not copied\n\n",
    ));
    request.stamp_source("198.51.100.9:5062".parse().unwrap());
    let response = Message::response(&request.headers, StatusCode::OK, "tag-2");
    assert_eq!(
        lines(&response),
        [
            "SIP/2.0 200 OK",
            "v: SIP/2.0/UDP h;rport=5062;branch=z9hG4bK1;received=198.51.100.9, SIP/2.0/UDP 192.0.2.7",
            "VIA: SIP / 2.0 / TCP x",
            "From: \"M\u{fc}ller, A\" <sip:a@b>;tag=1",
            "t: sip:c@d;tag=tag-2",
            "i:  weird\"<id",
            "cseq: 0009   OPTIONS",
            "Content-Length: 0",
            "",
            "",
        ]
    );
    read(&response.to_bytes()).headers.via().unwrap();
}

#[test]
fn a_tag_is_given_once_and_not_in_a_100() {
    let tag = |to: &str, status| {
        let text = format!("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h\nTo: {to}\n\n");
        let response = Message::response(&read(&crlf(&text)).headers, status, "new");
        response.headers.text(HeaderName::TO).unwrap().to_owned()
    };
    assert_eq!(
        tag("<sip:a@b;tag=x>", StatusCode::OK),
        "<sip:a@b;tag=x>;tag=new"
    );
    assert_eq!(
        tag("<sip:a@b>;TAG=old", StatusCode::OK),
        "<sip:a@b>;TAG=old"
    );
    assert_eq!(tag("<sip:a@b>", StatusCode::TRYING), "<sip:a@b>");
    assert_eq!(
        tag("\"broken <sip:a@b>", StatusCode::BAD_REQUEST),
        "\"broken <sip:a@b>;tag=new"
    );
    assert_eq!(
        tag("\"broken <sip:a@b>;tag=old", StatusCode::BAD_REQUEST),
        "\"broken <sip:a@b>;tag=old"
    );
}

#[test]
fn a_source_that_says_where_it_is_needs_no_stamp() {
    let bytes = vector!("register-7821-first");
    let mut message = read(bytes);
    message.stamp_source("192.0.2.104:40000".parse().unwrap());
    assert_eq!(message.to_bytes().as_ref(), bytes);
}

#[test]
fn a_broken_request_can_be_told_so() {
    let error = parse_datagram(&crlf("INVITE <sip:a@b> SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\nFrom: <sip:a@b>;tag=1\nTo: <sip:c@d>\nCall-ID: x\nCSeq: 1 INVITE\n\n")).unwrap_err();
    let (headers, status) = error.answerable().unwrap();
    let response = Message::response(headers, status, "t").with_reason("Bad Request: \r\nthe URI");
    let read_back = read(&response.to_bytes());
    read_back.check().unwrap();
    assert_eq!(lines(&response)[0], "SIP/2.0 400 Bad Request:   the URI");
}

#[test]
fn a_body_brings_its_length() {
    let mut response = Message::response(
        &read(vector!("register-7821-first")).headers,
        StatusCode::OK,
        "x",
    );
    response.set_body("text/plain", "four");
    response.set_body("text/html", "seven77");
    let read_back = read(&response.to_bytes());
    assert_eq!(read_back.headers.content_length(), Ok(Some(7)));
    assert!(read_back.headers.content_type().unwrap().is("text/html"));
    assert_eq!(read_back.body().as_ref(), b"seven77");
}
