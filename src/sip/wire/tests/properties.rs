//! What holds for all bytes: nothing panics, what is written reads back, where a stream is cut does not matter.

use bytes::Bytes;
use proptest::prelude::*;

use super::super::*;
use super::framing::frames;
use super::{VECTORS, read};

/// Bytes that look like SIP often enough to get deep into the readers.
fn nearly_sip() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        &b"REGISTER"[..],
        b"INVITE",
        b" ",
        b"\t",
        b"SIP/2.0",
        b"sip:",
        b"a@b",
        b"\r\n",
        b"\n",
        b"\r\n\r\n",
        b"Via",
        b"v",
        b":",
        b"SIP/2.0/TCP",
        b"192.0.2.1",
        b";branch=z9hG4bK1",
        b";",
        b",",
        b"=",
        b"\"",
        b"\\",
        b"<",
        b">",
        b"[::1]",
        b"Contact",
        b"*",
        b"Content-Length: 5",
        b"Content-Type: ",
        b"multipart/mixed",
        b";boundary=b",
        b"--b",
        b"--",
        b"tag=1",
        b"200",
        b"OK",
        b"?",
        b"%41",
        b"\xff",
        b"\0",
        b"Digest ",
        b"nonce",
        b"cisco-alarm:23 Name=",
        b"urn:uuid:",
        b"CSeq: 1 ",
        b"Call-ID: x",
        b"<a>",
        b"</a>",
        b"&amp;",
        b"From",
        b"To",
    ]);
    prop::collection::vec(
        prop_oneof![
            8 => words.prop_map(<[u8]>::to_vec),
            1 => prop::collection::vec(any::<u8>(), 0..4),
        ],
        0..60,
    )
    .prop_map(|pieces| pieces.concat())
}

/// A recorded message with a few bytes changed, left out or put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..6);
    (prop::sample::select(VECTORS.to_vec()), edits).prop_map(|(bytes, edits)| {
        let mut bytes = bytes.to_vec();
        for (index, byte, edit) in edits {
            let at = index.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => {
                    bytes.remove(at);
                }
            }
        }
        bytes
    })
}

/// Asks a message for everything it can be asked.
fn interrogate(message: &mut Message) {
    let _ = message.check();
    let headers = &message.headers;
    let _ = (
        headers.via(),
        headers.top_via(),
        headers.from(),
        headers.to(),
        headers.cseq(),
    );
    let _ = (
        headers.event(),
        headers.date(),
        headers.expires(),
        headers.cisco_alarm(),
    );
    let _ = headers.addresses(HeaderName::ROUTE);
    let _ = (
        headers.session_id(),
        headers.content_id(),
        headers.body_is_optional(),
    );
    let _ = headers
        .value(HeaderName::AUTHORIZATION)
        .map(|value| digest::Authorization::parse(value));
    if let Ok(Contacts::List(contacts)) = headers.contacts() {
        for contact in contacts {
            let _ = (
                contact.expires(),
                contact.q_thousandths(),
                contact.instance(),
                contact.model(),
            );
        }
    }
    let _ = headers.call_id().ok().and_then(mac_in_call_id);
    let _ = multipart::parts(headers, message.body());
    let _ = remotecc::items(message);
    let _ = service_control::ServiceControl::parse(message.body());
    let _ = service_control::accept(message, &[]);
    message.stamp_source("[2001:db8::1]:5060".parse().unwrap());
    let _ = Message::response(&message.headers, StatusCode::OK, "t").to_bytes();
    let _ = format!("{message:?}");
}

fn params() -> impl Strategy<Value = String> {
    prop::collection::vec(
        (
            "[a-z0-9+.!-]{1,8}",
            prop_oneof![Just(String::new()), "=[a-z0-9:.%-]{0,6}", "=\"[ -~]{0,8}\""],
        ),
        0..4,
    )
    .prop_map(|list| {
        list.into_iter()
            .flat_map(|(name, value)| [";".to_owned(), name, value])
            .collect()
    })
}

fn host_port() -> impl Strategy<Value = String> {
    (
        prop_oneof![
            "[a-z0-9-]{1,8}(\\.[a-z]{1,5})?",
            Just("[2001:db8::9]".to_owned()),
            Just("192.0.2.1".to_owned())
        ],
        prop::option::of(any::<u16>()),
    )
        .prop_map(|(host, port)| port.map_or(host.clone(), |port| format!("{host}:{port}")))
}

fn uri() -> impl Strategy<Value = String> {
    (
        "(sip|sips|SIP)",
        prop::option::of("[a-zA-Z0-9%;?/+.-]{1,10}(:[a-z0-9]{0,4})?@"),
        host_port(),
        "(;[a-z]{1,5}(=[a-z0-9%]{0,5})?){0,3}",
        prop::option::of("\\?[a-z]{1,4}=[a-z%0-9]{0,6}"),
    )
        .prop_map(|(scheme, user, host, params, headers)| {
            format!(
                "{scheme}:{}{host}{params}{}",
                user.unwrap_or_default(),
                headers.unwrap_or_default()
            )
        })
}

/// Header lines as somebody might put them into a message of ours.
fn fields() -> impl Strategy<Value = Vec<(HeaderName, String)>> {
    let names = prop::sample::select(vec![
        HeaderName::VIA,
        HeaderName::SUBJECT,
        HeaderName::CONTACT,
        HeaderName::REASON,
        HeaderName::WARNING,
        HeaderName::USER_AGENT,
    ]);
    prop::collection::vec((names, any::<String>()), 0..8)
}

/// A token, as names, packages and causes are.
const TOKEN: &str = "[a-zA-Z0-9.!%*_+`'~-]{1,12}";

proptest! {
    #[test]
    fn no_bytes_at_all_make_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1..40_usize,
    ) {
        if let Ok(Some(mut message)) = parse_datagram(&bytes) {
            interrogate(&mut message);
        }
        let _ = frames(bytes.chunks(size));
    }

    #[test]
    fn a_message_of_ours_reads_back_as_written(
        fields in fields(),
        method in TOKEN,
        answer in prop::option::of((100..700_u16, any::<String>())),
        body in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut message = match answer {
            None => Message::request(method, "sip:a@b").unwrap(),
            Some((code, reason)) => {
                let status = StatusCode::new(code).unwrap();
                Message::response(&Headers::new(), status, "t").with_reason(&reason)
            }
        };
        for (name, value) in fields {
            message.headers.push(name, value);
        }
        message.set_body("text/plain", body);
        let again = read(&message.to_bytes());
        prop_assert_eq!(&again.start, &message.start);
        prop_assert_eq!(again.body(), message.body());
        prop_assert_eq!(again.headers.content_length(), Ok(Some(message.body().len())));
        for (old, new) in message.headers.iter().zip(&again.headers) {
            prop_assert_eq!(old, new);
        }
    }

    #[test]
    fn small_values_read_back_as_written(
        number in 0..1_u32 << 31,
        token in TOKEN,
        sub in TOKEN,
        params in params(),
        local in "[0-9a-f]{32}",
        remote in prop::option::of("[0-9a-f]{32}"),
        at in host_port(),
    ) {
        let method = Method::from_bytes(token.as_bytes()).unwrap();
        let cseq = CSeq { number, method };
        prop_assert_eq!(CSeq::parse(cseq.to_string().as_bytes()), Ok(cseq));
        let session = SessionId { local, remote };
        prop_assert_eq!(SessionId::parse(session.to_string().as_bytes()), Ok(session));
        let at = HostPort::parse(at.as_bytes()).unwrap();
        prop_assert_eq!(HostPort::parse(at.to_string().as_bytes()), Ok(at));
        if let Ok(media) = MediaType::parse(format!("{token}/{sub}{params}").as_bytes()) {
            prop_assert_eq!(MediaType::parse(media.to_string().as_bytes()), Ok(media));
        }
        if let Ok(event) = EventType::parse(format!("{token}{params}").as_bytes()) {
            prop_assert_eq!(EventType::parse(event.to_string().as_bytes()), Ok(event));
        }
        if let Ok(reason) = Reason::parse(format!("{token}{params}").as_bytes()) {
            prop_assert_eq!(Reason::parse(reason.to_string().as_bytes()), Ok(reason));
        }
    }

    #[test]
    fn a_challenge_reads_back_as_written(
        realm in "[ -~]{0,12}", nonce in "[ -~]{0,12}", opaque in prop::option::of("[ -~]{0,12}"),
        stale: bool, qop_auth: bool,
    ) {
        let challenge = digest::Challenge { realm, nonce, opaque, stale, qop_auth };
        prop_assert_eq!(digest::Challenge::parse(challenge.to_string().as_bytes()), Some(challenge));
    }

    /// Whatever comes in whatever pieces, no more is kept than one head and one body may have.
    #[test]
    fn a_stream_is_never_kept_without_bounds(
        pieces in prop::collection::vec(prop_oneof![nearly_sip(), damaged()], 1..6),
        size in 1..200_usize,
    ) {
        let limits = Limits { head: 400, body: 100, headers: 8 };
        let mut framer = Framer::with_limits(limits);
        let mut buffer = bytes::BytesMut::new();
        'stream: for chunk in pieces.concat().chunks(size) {
            buffer.extend_from_slice(chunk);
            loop {
                match framer.next_frame(&mut buffer) {
                    Ok(Some(Frame::Message(message))) => {
                        prop_assert!(message.headers.len() <= limits.headers);
                        prop_assert!(message.body().len() <= limits.body);
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => break 'stream,
                }
            }
            prop_assert!(buffer.len() <= limits.head, "{} bytes wait", buffer.len());
        }
    }

    #[test]
    fn no_datagram_makes_it_panic(bytes in prop_oneof![nearly_sip(), damaged()]) {
        match parse_datagram(&bytes) {
            Ok(Some(mut message)) => interrogate(&mut message),
            Ok(None) => {}
            Err(error) => {
                let _ = format!("{error} {error:?}");
                if let Some((headers, status)) = error.answerable() {
                    let _ = Message::response(headers, status, "t").to_bytes();
                }
            }
        }
    }

    #[test]
    fn no_value_makes_a_reader_panic(bytes in nearly_sip()) {
        let _ = (Uri::parse(&bytes), NameAddr::parse(&bytes), Via::parse(&bytes), CSeq::parse(&bytes));
        let _ = (MediaType::parse(&bytes), EventType::parse(&bytes), Reason::parse(&bytes), HostPort::parse(&bytes));
        let _ = (digest::Authorization::parse(&bytes), digest::Challenge::parse(&bytes));
        let _ = multipart::split(&Bytes::from(bytes.clone()), "b");
        let _ = xml::parse(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = (CiscoAlarm::parse(&text), SipInstance::parse(&text), mac_in_call_id(&text), parse_date(&text));
    }

    #[test]
    fn what_is_written_reads_back_the_same(bytes in prop_oneof![nearly_sip(), damaged()]) {
        if let Ok(Some(message)) = parse_datagram(&bytes) {
            let written = message.to_bytes();
            let again = read(&written);
            prop_assert_eq!(&again.start, &message.start);
            prop_assert_eq!(again.body(), message.body());
            prop_assert_eq!(again.to_bytes(), written);
            for (old, new) in message.headers.iter().zip(&again.headers) {
                prop_assert_eq!(old, new);
            }
        }
    }

    #[test]
    fn where_a_stream_is_cut_does_not_matter(
        pieces in prop::collection::vec(
            prop_oneof![
                4 => prop::sample::select(VECTORS.to_vec()).prop_map(<[u8]>::to_vec),
                1 => Just(b"\r\n\r\n".to_vec()),
                1 => Just(b"\r\n".to_vec()),
                1 => damaged(),
                1 => nearly_sip(),
            ],
            1..5,
        ),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let stream = pieces.concat();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let mut segments = Vec::new();
        let mut rest = stream.as_slice();
        for (at, cut) in cuts.iter().enumerate() {
            let before = if at == 0 { 0 } else { cuts[at - 1] };
            let (segment, after) = rest.split_at(cut - before);
            segments.push(segment);
            rest = after;
        }
        segments.push(rest);
        prop_assert_eq!(frames(segments), frames([stream.as_slice()]));
    }

    #[test]
    fn uris_read_back_as_written(text in uri()) {
        let uri = Uri::parse(text.as_bytes()).unwrap();
        let written = uri.to_string();
        prop_assert_eq!(&written["sip".len()..], &text["sip".len()..]);
        prop_assert_eq!(Uri::parse(written.as_bytes()).unwrap(), uri);
    }

    #[test]
    fn addresses_read_back_as_written(
        display in prop::option::of(any::<String>()), uri in uri(), params in params(),
    ) {
        let mut address = NameAddr::parse(format!("<{uri}>{params}").as_bytes());
        // A backslash before the closing quote makes a parameter unreadable; then nothing is to be shown.
        if let Ok(address) = &mut address {
            address.display = display.map(|name| name.replace(['\r', '\n'], " "));
            let written = address.to_string();
            prop_assert_eq!(&NameAddr::parse(written.as_bytes()).unwrap(), address);
        }
    }

    #[test]
    fn vias_read_back_as_written(host in host_port(), params in params()) {
        let text = format!("SIP/2.0/TCP {host}{params}");
        if let Ok(via) = Via::parse(text.as_bytes()) {
            let written = via.to_string();
            prop_assert_eq!(Via::parse(written.as_bytes()).unwrap(), via);
        }
    }

    #[test]
    fn a_digest_proves_its_password_and_no_other(
        username in "[ -~]{0,10}", realm in "[ -~]{0,10}", password in ".{0,10}", other in ".{0,10}", qop_auth: bool,
    ) {
        let challenge = digest::Challenge {
            realm, nonce: "abc".to_owned(), opaque: None, stale: false, qop_auth,
        };
        let challenge = digest::Challenge::parse(challenge.to_string().as_bytes()).unwrap();
        let secret = Secret::new(password.clone());
        let answer = challenge.answer(&digest::Answer {
            username: &username,
            password: &secret,
            method: &Method::Register,
            uri: "sip:192.0.2.9",
            cnonce: "0a4f113b",
            count: 3,
        });
        let read = digest::Authorization::parse(answer.to_string().as_bytes()).unwrap().unwrap();
        prop_assert_eq!(&read, &answer);
        prop_assert!(read.proves(&Method::Register, &secret));
        prop_assert_eq!(read.proves(&Method::Register, &Secret::new(other.clone())), other == password);
    }

    #[test]
    fn parts_come_apart_as_they_were_put_together(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
    ) {
        let parts: Vec<_> = bodies
            .into_iter()
            .map(|body| multipart::Part::new("text/plain", body))
            .collect();
        let joined = multipart::join(&parts);
        prop_assert_eq!(multipart::split(&joined, multipart::BOUNDARY).unwrap(), parts);
    }
}
