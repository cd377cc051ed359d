//! SIP: datagrams, streams, the values of headers, bodies.

use bytes::{Bytes, BytesMut};
use embody::sip::machine::hook as hook_state;
use embody::sip::wire::{
    CSeq, CiscoAlarm, Contacts, EventType, Frame, Framer, HeaderName, HostPort, MediaType, Message,
    Method, NONCE_LIFETIME, NameAddr, NonceKey, NonceState, Reason, Secret, SipInstance,
    StatusCode, Uri, Via, mac_in_call_id, multipart, parse_datagram, parse_date, remotecc,
    service_control,
};
use jiff::Timestamp;
use tokio_util::codec::Decoder;

use super::{Dice, cuts, pieces};

/// A message is written as it was read; what answers it can be read; nothing
/// that it can be asked panics; and its credentials do not show.
pub(super) fn datagram(data: &[u8]) {
    match parse_datagram(data) {
        Ok(Some(message)) => judge(&message),
        Ok(None) => {}
        Err(error) => {
            assert!(error.to_string().len() < 400, "{error}");
            if let Some((headers, status)) = error.answerable() {
                let _ = Message::response(headers, status, "tag").to_bytes();
            }
        }
    }
}

fn judge(message: &Message) {
    let written = message.to_bytes();
    match parse_datagram(&written) {
        Ok(Some(again)) => {
            assert_eq!(again.start, message.start);
            assert_eq!(again.body(), message.body());
            assert_eq!(again.to_bytes(), written);
        }
        other => panic!("its own writing: {other:?}"),
    }
    ask_everything(message);
    let mut other = message.clone();
    for name in [HeaderName::AUTHORIZATION, HeaderName::PROXY_AUTHORIZATION] {
        if other.headers.all(name).count() == 1 {
            other
                .headers
                .set(name, "Digest response=\"something else\"");
            assert_eq!(hidden(&other), hidden(message), "credentials show");
        }
    }
    if message.check().is_ok() && message.method().is_some() {
        let answer = Message::response(&message.headers, StatusCode::OK, "tag").to_bytes();
        assert!(
            matches!(parse_datagram(&answer), Ok(Some(_))),
            "{}",
            answer.escape_ascii()
        );
    }
}

/// What a log would hold; the spelling of a header's name may differ.
fn hidden(message: &Message) -> String {
    format!("{message:?}").to_ascii_lowercase()
}

fn ask_everything(message: &Message) {
    let headers = &message.headers;
    let _ = (
        headers.via(),
        headers.top_via(),
        headers.from(),
        headers.to(),
    );
    let _ = (headers.event(), headers.date(), headers.expires());
    let _ = (
        headers.cisco_alarm(),
        headers.content_type(),
        headers.max_forwards(),
    );
    let _ = headers.addresses(HeaderName::ROUTE);
    if let Ok(Contacts::List(contacts)) = headers.contacts() {
        for contact in contacts {
            let _ = (
                contact.expires(),
                contact.q_thousandths(),
                contact.instance(),
            );
            let _ = (contact.model(), contact.is_cisco_keep_alive());
        }
    }
    let _ = headers.call_id().ok().and_then(mac_in_call_id);
    let _ = multipart::parts(headers, message.body());
    let _ = remotecc::items(message);
    let _ = service_control::accept(message, &[]);
}

/// A stream means the same wherever it is cut, and never more waits than a
/// head and a body may hold.
pub(super) fn stream(data: &[u8]) {
    let mut dice = Dice(data);
    let lengths = cuts(&mut dice);
    let stream = dice.0;
    let whole = frames(&[stream]);
    assert_eq!(
        frames(&pieces(stream, &lengths)),
        whole,
        "cut at {lengths:?}"
    );
    for frame in whole {
        match frame {
            Ok(Frame::Message(message)) => judge(&message),
            Ok(Frame::Malformed(error)) => {
                if let Some((headers, status)) = error.answerable() {
                    let _ = Message::response(headers, status, "tag").to_bytes();
                }
            }
            Ok(Frame::Ping) | Err(_) => {}
        }
    }
}

fn frames(pieces: &[&[u8]]) -> Vec<Result<Frame, String>> {
    let mut framer = Framer::default();
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match framer.decode(&mut buffer) {
                Ok(Some(frame)) => frames.push(Ok(frame)),
                Ok(None) => break,
                Err(error) => {
                    frames.push(Err(format!("{error:?}")));
                    return frames;
                }
            }
        }
    }
    loop {
        match framer.decode_eof(&mut buffer) {
            Ok(Some(frame)) => frames.push(Ok(frame)),
            Ok(None) => return frames,
            Err(error) => {
                frames.push(Err(format!("{error:?}")));
                return frames;
            }
        }
    }
}

/// Values read again as they are written, and none is ever written as two
/// lines.
pub(super) fn values(data: &[u8]) {
    // A line end inside becomes a blank.
    let one_line = !data.iter().any(|byte| b"\r\n".contains(byte));
    if let Ok(uri) = Uri::parse(data) {
        let written = on_one_line(&uri);
        assert_eq!(Uri::parse(written.as_bytes()).as_ref(), Ok(&uri));
        if let Some(sip) = uri.sip() {
            let _ = (sip.user_text(), sip.transport(), sip.address());
            let mut other = sip.clone();
            if other.password.is_some() {
                other.password = Some(Secret::new("something else"));
                assert_eq!(format!("{other:?}"), format!("{sip:?}"), "a password shows");
            }
        }
    }
    if let Ok(address) = NameAddr::parse(data) {
        let written = on_one_line(&address);
        let again = NameAddr::parse(written.as_bytes()).expect("its own writing");
        assert!(again == address || !one_line, "{written}: {address:?}");
    }
    if let Ok(via) = Via::parse(data) {
        let written = on_one_line(&via);
        let again = Via::parse(written.as_bytes()).expect("its own writing");
        assert!(again == via || !one_line, "{written}: {via:?}");
        let _ = (
            via.branch(),
            via.unique_branch(),
            via.received(),
            via.rport(),
        );
    }
    if let Ok(address) = HostPort::parse(data) {
        let written = on_one_line(&address);
        assert_eq!(
            HostPort::parse(written.as_bytes()).as_ref(),
            Ok(&address),
            "{written}"
        );
    }
    if let Ok(cseq) = CSeq::parse(data) {
        let written = on_one_line(&cseq);
        assert_eq!(
            CSeq::parse(written.as_bytes()).as_ref(),
            Ok(&cseq),
            "{written}"
        );
    }
    if let Ok(media) = MediaType::parse(data) {
        assert!(media.essence.len() <= data.len());
    }
    let _ = EventType::parse(data);
    if let Ok(reason) = Reason::parse(data) {
        let _ = (reason.cause(), reason.text());
    }
    let text = String::from_utf8_lossy(data);
    let _ = (CiscoAlarm::parse(&text), SipInstance::parse(&text));
    let _ = (mac_in_call_id(&text), parse_date(&text));
}

/// A value as it goes into a header line.
fn on_one_line(value: &impl std::fmt::Display) -> String {
    let written = value.to_string();
    assert!(
        !written.contains(['\r', '\n']),
        "{written:?} is more than one line"
    );
    written
}

/// Credentials: they read again as they are written, never show, and nobody
/// proves a password or a nonce by chance.
pub(super) fn digest(data: &[u8]) {
    use embody::sip::wire::digest::{Authorization, Challenge};
    let one_line = !data.iter().any(|byte| b"\r\n".contains(byte));
    if let Some(challenge) = Challenge::parse(data) {
        let written = on_one_line(&challenge);
        let again = Challenge::parse(written.as_bytes()).expect("its own writing");
        assert!(again == challenge || !one_line, "{written}: {challenge:?}");
    }
    let Ok(Some(answer)) = Authorization::parse(data) else {
        return;
    };
    let written = on_one_line(&answer);
    let again = Authorization::parse(written.as_bytes());
    assert!(again == Ok(Some(answer.clone())) || !one_line, "{written}");
    let mut other = answer.clone();
    other.response = Secret::new("something else");
    assert_eq!(
        format!("{other:?}"),
        format!("{answer:?}"),
        "the response shows"
    );
    let password = Secret::new("tRee5Fish9Moon2Lamp7x");
    assert!(!answer.proves(&Method::Register, &password));
    let key = NonceKey::new([7; 32]);
    let state = key.check(&answer.nonce, Timestamp::UNIX_EPOCH, NONCE_LIFETIME);
    assert!(!matches!(state, NonceState::Fresh), "a forged nonce");
}

/// The bodies that phones send: multipart, remote call control, alarms,
/// service control. The first byte says as what it is sent.
pub(super) fn bodies(data: &[u8]) {
    let mut dice = Dice(data);
    let kind = dice.byte();
    let body = Bytes::copy_from_slice(dice.0);
    let kinds = [
        remotecc::REQUEST_TYPE,
        remotecc::RESPONSE_TYPE,
        remotecc::ALARM_TYPE,
        "multipart/mixed;boundary=uniqueBoundary",
        "application/sdp",
    ];
    let kind = kinds[usize::from(kind) % kinds.len()];
    if let Some(mut message) = Message::request(Method::Refer, "sip:192.0.2.9") {
        message.set_body(kind, body.clone());
        if let Ok(items) = remotecc::items(&message) {
            assert!(items.len() <= 1024, "{} items", items.len());
        }
        let _ = service_control::accept(&message, &[]);
    }
    if let Ok(parts) = multipart::split(&body, multipart::BOUNDARY) {
        let again = multipart::split(&multipart::join(&parts), multipart::BOUNDARY);
        if parts.is_empty() {
            return;
        }
        assert_eq!(again.as_ref(), Ok(&parts));
    }
    let order = service_control::ServiceControl::parse(&body);
    let written = order.body();
    let again = service_control::ServiceControl::parse(written.as_bytes());
    assert_eq!(again.body(), written);
}

/// Hook state is about one line of bounded length, or about none.
pub(super) fn hook(data: &[u8]) {
    if let Some(state) = hook_state::read(data) {
        assert!(state.entity.len() <= 256);
    }
}
