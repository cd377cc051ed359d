//! What real phones say is understood, and leaves as it came.

use super::super::remotecc::{self, Delivery, Item};
use super::super::*;
use super::{VECTORS, read, vector};

#[test]
fn every_message_leaves_as_it_came() {
    for bytes in VECTORS {
        let message = read(bytes);
        message.check().unwrap();
        assert_eq!(message.to_bytes().as_ref(), bytes);
    }
}

fn only_contact(message: &Message) -> Contact {
    match message.headers.contacts().unwrap() {
        Contacts::List(mut list) if list.len() == 1 => list.remove(0),
        other => panic!("one contact expected: {other:?}"),
    }
}

#[test]
fn the_first_register_of_a_7821_says_who_and_why() {
    let message = read(vector!("register-7821-first"));
    assert_eq!(message.method(), Some(&Method::Register));
    let headers = &message.headers;
    let contact = only_contact(&message);
    assert_eq!(contact.device_name(), Some("SEPC80084AA8743"));
    assert_eq!(contact.model(), Some(621));
    let mac = contact.instance().unwrap().mac().unwrap();
    assert_eq!(format!("SEP{mac}"), "SEPC80084AA8743");
    assert_eq!(mac_in_call_id(headers.call_id().unwrap()), Some(mac));
    assert!(!contact.is_cisco_keep_alive());
    let uri = contact.address.uri.sip().unwrap();
    assert_eq!(
        uri.user.as_deref(),
        Some("04984998-fe29-08c0-6d47-5593bf4ce606")
    );
    assert_eq!(uri.transport(), Some(Transport::Tcp));

    assert!(headers.has_token(HeaderName::SUPPORTED, "x-cisco-service-control"));
    assert!(!headers.has_token(HeaderName::SUPPORTED, "x-cisco-service"));
    assert_eq!(headers.expires(), Some(3600));
    assert_eq!(headers.max_forwards(), Ok(Some(70)));
    assert_eq!(
        headers.cseq().unwrap(),
        CSeq {
            number: 113,
            method: Method::Register
        }
    );
    assert_eq!(
        headers.from().unwrap().tag(),
        Some("c80084aa8743001411d7279b-7ecf20ad")
    );
    assert_eq!(headers.to().unwrap().tag(), None);
    assert_eq!(
        headers.text(HeaderName::USER_AGENT),
        Some("Cisco-CP7821/12.1.1")
    );
    assert!(headers.extension("session-id").is_some());
    assert_eq!(headers.date().unwrap().as_second(), 1_552_156_365);

    let alarm = headers.cisco_alarm().unwrap();
    assert_eq!(alarm.reason, CiscoAlarm::SERVER_RESTART);
    assert_eq!(alarm.load.as_deref(), Some("sip78xx.12-1-1-12"));
    assert_eq!(alarm.last.as_deref(), Some("reset-restart"));
}

#[test]
fn its_body_offers_options_and_registers_all_lines() {
    let items = remotecc::items(&read(vector!("register-7821-first"))).unwrap();
    let [Item::BulkRegister, Item::Options(offer)] = items.as_slice() else {
        panic!("{items:?}");
    };
    assert_eq!(offer.combine_max, Some(6));
    assert_eq!(offer.hook_status, Some(Delivery::Either));
    assert_eq!(offer.blf_speed_dial, Some(Delivery::Either));
    assert!(offer.join && offer.forward_any_line);

    let answer = remotecc::OptionsAnswer::to(offer).body();
    let recorded = read(vector!("register-200-first"));
    assert_eq!(answer.as_bytes(), recorded.body().as_ref());
    assert!(
        recorded
            .headers
            .content_type()
            .unwrap()
            .is(remotecc::RESPONSE_TYPE)
    );
    assert_eq!(
        remotecc::items(&recorded).unwrap(),
        [Item::Response(Some(200))]
    );
}

#[test]
fn the_contact_in_the_200_is_that_of_the_request_and_more() {
    let asked = only_contact(&read(vector!("register-7821-first")));
    let answered = only_contact(&read(vector!("register-200-first")));
    assert_eq!(answered.raw, [&asked.raw[..], b";x-cisco-newreg"].concat());
    assert_eq!(answered.raw_uri, asked.raw_uri);
    assert!(answered.address.params.has("x-cisco-newreg"));
}

#[test]
fn a_sign_of_life_is_no_unregister() {
    let message = read(vector!("register-standby-keepalive"));
    let contact = only_contact(&message);
    assert!(contact.is_cisco_keep_alive());
    assert_eq!(contact.expires(), Some(0));
    assert_eq!(message.headers.content_length(), Ok(Some(0)));
    assert_eq!(
        contact.address.uri.sip().unwrap().transport(),
        Some(Transport::Tcp)
    );
}

#[test]
fn a_refresh_says_nothing_more() {
    let message = read(vector!("register-7975-keepalive"));
    assert!(message.body().is_empty());
    assert_eq!(message.headers.cisco_alarm(), None);
    assert_eq!(remotecc::items(&message).unwrap(), []);
    assert_eq!(only_contact(&message).model(), Some(437));
}

#[test]
fn a_7960_has_no_device_name_but_a_mac() {
    let message = read(vector!("register-7960-auth"));
    let contact = only_contact(&message);
    assert_eq!(contact.device_name(), None);
    assert_eq!(
        contact.instance().unwrap().mac().unwrap().to_string(),
        "000E84C060A6"
    );
    assert_eq!(message.headers.top_via().unwrap().rport(), Rport::Absent);
    let value = message.headers.value(HeaderName::AUTHORIZATION).unwrap();
    let answer = digest::Authorization::parse(value).unwrap().unwrap();
    assert_eq!(
        (answer.username.as_str(), answer.realm.as_str()),
        ("1600", "asterisk")
    );
    let shown = format!("{message:?}{answer:?}");
    assert!(!shown.contains("40ae5634"), "{shown}");
}

#[test]
fn an_alarm_and_a_token_are_known() {
    let alarm = read(vector!("refer-alarm-7821"));
    let items = remotecc::items(&alarm).unwrap();
    let [Item::Alarm(alarm)] = items.as_slice() else {
        panic!("{items:?}");
    };
    assert_eq!(alarm.name, "DeviceTLInfo");
    assert_eq!(alarm.parameter("DeviceName"), Some("SEPC80084AA8743"));
    assert_eq!(alarm.parameter("IPv6Address"), Some(""));

    let token = read(vector!("refer-token"));
    let target = token.headers.address(HeaderName::REFER_TO).unwrap();
    assert_eq!(target.uri.to_string(), remotecc::TOKEN_REGISTRATION);
}

#[test]
fn compact_names_and_sloppy_spacing_mean_the_same() {
    let text = "REGISTER sip:192.0.2.9 SIP/2.0\nv:SIP/2.0/UDP 192.0.2.1\nf : <sip:1@192.0.2.9>;tag=a\nT\t: <sip:1@192.0.2.9>\ni: x\ncseq:\n 1\n REGISTER\nm: <sip:1@192.0.2.1>\n\t;expires=5\nReason : SIP ;cause=200;text=\"cisco-alarm:25 Name=SEP000E84C060A6\"\nl:   0\n\n";
    for bytes in [
        text.as_bytes().to_vec(),
        super::crlf(text),
        super::crlf(&format!("\n\n{text}")),
    ] {
        let message = read(&bytes);
        message.check().unwrap();
        assert_eq!(only_contact(&message).expires(), Some(5));
        assert_eq!(message.headers.cisco_alarm().unwrap().reason, 25);
        assert_eq!(
            message.headers.get(HeaderName::CONTACT).unwrap().value(),
            "<sip:1@192.0.2.1> ;expires=5"
        );
    }
}
