//! REGISTER: new, refreshed, standby, gone.

use super::*;

#[test]
fn the_first_register_of_a_7821_is_answered_as_a_call_manager_does() {
    let mut desk = Desk::new();
    let asked = first(stamp(0xabc));
    let register = desk.ask(&asked);
    assert_eq!(register.type_id(), Some(621));
    assert_eq!(register.load(), Some("sip78xx.12-1-1-12"));
    assert_eq!(register.file_of(&device()), Some(stamp(0xabc)));
    assert!(!register.is_plain_firmware());
    let standing = desk
        .registrar
        .standing(&register, &device(), Some(stamp(0xabc)));
    assert_eq!(standing, Standing::New);

    let outputs = desk.admit(&asked);
    let all = messages(&outputs);
    let ok = all[0];
    let tag = ok.headers.to().unwrap().tag().unwrap().to_owned();
    let contact = ContactId::mint(&device(), 1, stamp(0xabc));
    let body = "<x-cisco-remotecc-response>\n<response>\n<code>200</code>\n<optionsind>\n<combine max=\"6\">\n<remotecc><status/></remotecc>\n<service-control/>\n</combine>\n<dialog usage=\"hook status\"><unot/></dialog>\n<dialog usage=\"shared line\"><unot/></dialog>\n<presence usage=\"blf speed dial\"><unot/></presence>\n<joinreq></joinreq>\n</optionsind>\n</response>\n</x-cisco-remotecc-response>\n";
    let expected = format!(
        "SIP/2.0 200 OK\r\n\
         Via: SIP/2.0/TCP 192.0.2.104:51778;branch=z9hG4bK66da98ae\r\n\
         From: <sip:2222@192.0.2.200>;tag=c80084aa8743001411d7279b-7ecf20ad\r\n\
         To: <sip:2222@192.0.2.200>;tag={tag}\r\n\
         Call-ID: c80084aa-87430003-255b99f4-783a63d4@192.0.2.104\r\n\
         CSeq: 113 REGISTER\r\n\
         Server: Embody/{}\r\n\
         Date: Sat, 09 Mar 2019 18:32:46 GMT\r\n\
         Expires: 120\r\n\
         Contact: <sip:{contact}@192.0.2.104:51778;transport=tcp>;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-c80084aa8743>\";+u.sip!devicename.ccm.cisco.com=\"SEPC80084AA8743\";+u.sip!model.ccm.cisco.com=\"621\";x-cisco-newreg\r\n\
         Supported: X-cisco-srtp-fallback,X-cisco-sis-10.0.0\r\n\
         Content-Type: application/x-cisco-remotecc-response+xml\r\n\
         Content-Length: {}\r\n\r\n{body}",
        env!("CARGO_PKG_VERSION"),
        body.len(),
    );
    assert_eq!(text(ok), expected);
    assert!(
        matches!(
            outputs.as_slice(),
            [Output::Send(_), Output::Registered, Output::Send(_)]
        ),
        "the answer, then that it counts, then the update: {outputs:?}"
    );
}

#[test]
fn nothing_of_the_last_user_remains_after_a_new_binding() {
    let mut desk = Desk::new();
    let outputs = desk.admit(&first(stamp(1)));
    let refer = text(messages(&outputs)[1]);
    let contact = ContactId::mint(&device(), 1, stamp(1));
    assert!(
        refer.starts_with(&format!(
            "REFER sip:{contact}@192.0.2.104:51778;transport=tcp SIP/2.0\r\n"
        )),
        "{refer}"
    );
    for part in [
        "Content-Type: multipart/mixed;boundary=uniqueBoundary\r\n",
        "<state>disable</state>",
        "<hlogupdate>\n<status>off</status>",
        "<contact line=\"1\">\n<mwi>no</mwi>\n",
        "<contact line=\"2\">\n<mwi>no</mwi>\n",
        "<fwdaddress></fwdaddress>",
        "<statustext>Signed in as Alice Smith</statustext>",
    ] {
        assert!(refer.contains(part), "{part} in\n{refer}");
    }
    // Whatever it answers, it stays registered.
    let answer = Message::response(
        &messages(&outputs)[1].headers,
        StatusCode::new(488).unwrap(),
        "x",
    );
    assert!(desk.say(answer.to_bytes()).is_empty());
    assert_eq!(desk.registrar.device(), Some(&device()));
}

#[test]
fn a_phone_that_combines_nothing_gets_its_update_in_single_requests() {
    let single = first(stamp(1)).replace("max=\"6\"", "max=\"1\"");
    let mut desk = Desk::new();
    let outputs = desk.admit(&single);
    assert_eq!(messages(&outputs).len(), 5, "the 200 and four updates");
    assert!(!text(messages(&outputs)[4]).contains("multipart"));
}

#[test]
fn a_refresh_has_neither_the_mark_of_a_new_binding_nor_a_body() {
    let asked = first(stamp(1));
    let mut desk = Desk::registered(stamp(1));
    desk.later(115);
    let again = refresh(&asked, 114);
    assert_eq!(desk.standing(&again), Standing::Refresh);
    let register = desk.ask(&again);
    let outputs = desk.registrar.refreshed(&register, desk.now, desk.wall);
    let ok = sent(&outputs);
    assert_eq!(header(ok, HeaderName::EXPIRES), "120");
    assert_eq!(
        header(ok, HeaderName::DATE),
        "Sat, 09 Mar 2019 18:34:41 GMT"
    );
    assert!(!text(ok).contains("newreg"));
    assert!(ok.body().is_empty());
    assert!(told(&outputs).is_empty());
    // Also when it offers its options once more.
    let register = desk.ask(&asked.replace("CSeq: 113", "CSeq: 115"));
    let outputs = desk.registrar.refreshed(&register, desk.now, desk.wall);
    assert!(sent(&outputs).body().is_empty());
    // It counts from the refresh on.
    assert!(desk.later(134).is_empty());
    let outputs = desk.later(1);
    assert_eq!(
        told(&outputs),
        ["Unregistered(\"no refresh came in time\")"]
    );
    assert_eq!(desk.registrar.device(), None);
    // What comes later is a new binding again, with the mark.
    assert_eq!(desk.standing(&refresh(&asked, 116)), Standing::New);
}

#[test]
fn after_a_restart_of_ours_a_keepalive_is_a_new_binding_without_an_update() {
    let mut desk = Desk::new();
    let keepalive = vector!("register-7975-keepalive");
    let register = desk.ask(keepalive);
    let phone = DeviceName::new("SEP0024142DDF24").unwrap();
    assert_eq!(register.claims().device(), Ok(Some(&phone)));
    assert_eq!(register.file_of(&phone), None, "another server's contact");
    let welcome = Welcome {
        device: phone,
        file: None,
        lines: vec![1],
        signed_in: None,
    };
    let outputs = desk
        .registrar
        .admitted(&register, &welcome, desk.now, desk.wall);
    let ok = sent(&outputs);
    assert!(
        header(ok, HeaderName::CONTACT)
            .ends_with(";+u.sip!model.ccm.cisco.com=\"437\";x-cisco-newreg")
    );
    assert!(ok.body().is_empty(), "it offered no options");
    // The address differs from that of the flow.
    assert!(header(ok, HeaderName::VIA).ends_with(";received=192.0.2.104"));
}

#[test]
fn a_standby_keepalive_touches_nothing() {
    let keepalive = vector!("register-standby-keepalive");
    let mut desk = Desk::new();
    let outputs = desk.say(keepalive);
    let ok = sent(&outputs);
    assert_eq!(status(&outputs), 200);
    assert_ne!(header(ok, HeaderName::DATE), "");
    assert!(told(&outputs).is_empty());

    let mut desk = Desk::registered(stamp(1));
    let own = refresh(&first(stamp(1)), 114)
        .replace("\"621\"", "\"621\";expires=0;cisco-keep-alive")
        .replace("Expires: 3600", "Expires: 0");
    let outputs = desk.say(own);
    assert_eq!(status(&outputs), 200);
    assert!(told(&outputs).is_empty());
    assert_eq!(desk.registrar.device(), Some(&device()));
}

#[test]
fn no_phone_is_granted_so_little_that_it_unregisters_itself() {
    for (asked, granted) in [("3600", "120"), ("90", "90"), ("30", "65"), ("121", "120")] {
        let mut desk = Desk::new();
        let asked = first(stamp(1)).replace("Expires: 3600", &format!("Expires: {asked}"));
        let outputs = desk.admit(&asked);
        let ok = messages(&outputs)[0];
        assert_eq!(header(ok, HeaderName::EXPIRES), granted);
    }
    // A parameter of the Contact counts more, and is answered in kind.
    let mut desk = Desk::new();
    let outputs = desk.admit(&first(stamp(1)).replace("\"621\"", "\"621\";expires=70;q=0.5"));
    let ok = messages(&outputs)[0];
    assert_eq!(header(ok, HeaderName::EXPIRES), "70");
    assert!(header(ok, HeaderName::CONTACT).ends_with("\"621\";expires=70;q=0.5;x-cisco-newreg"));
}

#[test]
fn a_contact_and_a_call_id_have_only_so_much_room() {
    let asked = first(stamp(1));
    let call_id = |length: usize| {
        let at = "255b99f4";
        asked.replace(at, &"a".repeat(length))
    };
    let contact = |length: usize| {
        asked.replace(
            ";transport=tcp>",
            &format!(";transport=tcp;x={}>", "a".repeat(length)),
        )
    };
    for (text, long) in [
        (call_id(100), false),
        (call_id(256), true),
        (contact(1500), false),
        (contact(2048), true),
    ] {
        let outputs = Desk::new().say(text);
        if long {
            assert_eq!(status(&outputs), 400);
        } else {
            assert!(matches!(outputs.as_slice(), [Output::Register(_)]));
        }
    }
}

#[test]
fn an_unregister_of_the_flow_is_answered_at_once() {
    let asked = first(stamp(1));
    let mut desk = Desk::registered(stamp(1));
    let outputs = desk.say(unregister(&asked, 114));
    assert_eq!(status(&outputs), 200);
    assert_ne!(header(sent(&outputs), HeaderName::DATE), "");
    assert_eq!(told(&outputs), ["Unregistered(\"it unregistered\")"]);
    // Once more: nothing is here any more, and somebody else must decide.
    desk.ask(&unregister(&asked, 115));
}

#[test]
fn a_star_removes_everything_and_needs_to_say_so() {
    let asked = first(stamp(1));
    let star = |expires: &str| {
        let text = unregister(&asked, 114).replace("Expires: 0", expires);
        let contact = text
            .lines()
            .find(|line| line.starts_with("Contact:"))
            .unwrap()
            .to_owned();
        text.replace(&contact, "Contact: *")
    };
    let mut desk = Desk::registered(stamp(1));
    assert_eq!(status(&desk.say(star("Expires: 60"))), 400);
    assert_eq!(desk.registrar.device(), Some(&device()));
    let outputs = desk.say(star("Expires: 0"));
    assert_eq!(status(&outputs), 200);
    assert_eq!(told(&outputs), ["Unregistered(\"it unregistered\")"]);
}

#[test]
fn a_register_without_contact_asks_what_is_bound() {
    let asked = refresh(&first(stamp(1)), 114);
    let contact = asked
        .lines()
        .find(|line| line.starts_with("Contact:"))
        .unwrap();
    let query = asked.replace(&format!("{contact}\r\n"), "");
    let mut desk = Desk::registered(stamp(1));
    let outputs = desk.say(&query);
    assert_eq!(status(&outputs), 200);
    assert_eq!(
        format!("Contact: {}", header(sent(&outputs), HeaderName::CONTACT)),
        contact
    );
    let outputs = Desk::new().say(&query);
    assert_eq!(header(sent(&outputs), HeaderName::CONTACT), "");
}

#[test]
fn what_is_new_and_what_is_a_refresh() {
    let asked = first(stamp(1));
    let second_line = ContactId::mint(&device(), 2, stamp(1)).to_string();
    let first_line = ContactId::mint(&device(), 1, stamp(1)).to_string();
    let other_call = |text: &str| text.replace("-255b99f4-", "-00000000-");
    let again = refresh(&asked, 114);
    let cases = [
        (
            "the same once more",
            refresh(&asked, 113),
            Standing::Refresh,
        ),
        ("the next", again.clone(), Standing::Refresh),
        ("an older one", refresh(&asked, 112), Standing::OutOfOrder),
        ("a new Call-ID", other_call(&again), Standing::New),
        (
            "the second line",
            other_call(&again).replace(&first_line, &second_line),
            Standing::Refresh,
        ),
        (
            "the second line, after a boot",
            other_call(&asked).replace(&first_line, &second_line),
            Standing::New,
        ),
        (
            "another file",
            other_call(&refresh(&first(stamp(2)), 1)),
            Standing::New,
        ),
        (
            "a new port",
            again.replace(":51778;transport", ":51779;transport"),
            Standing::New,
        ),
    ];
    for (what, text, standing) in cases {
        let mut desk = Desk::registered(stamp(1));
        assert_eq!(desk.standing(&text), standing, "{what}");
    }
    let mut desk = Desk::registered(stamp(1));
    let register = desk.ask(&again);
    let other = DeviceName::new("SEP000000000001").unwrap();
    assert_eq!(
        desk.registrar.standing(&register, &other, None),
        Standing::OtherPhone
    );
}

#[test]
fn lines_that_register_one_by_one_leave_one_by_one() {
    let asked = first(stamp(1));
    let one = ContactId::mint(&device(), 1, stamp(1)).to_string();
    let two = ContactId::mint(&device(), 2, stamp(1)).to_string();
    let second = |text: String| text.replace("-255b99f4-", "-00000000-").replace(&one, &two);
    let mut desk = Desk::registered(stamp(1));
    let register = desk.ask(&second(refresh(&asked, 1)));
    let outputs = desk.registrar.refreshed(&register, desk.now, desk.wall);
    assert!(!text(sent(&outputs)).contains("newreg"));

    let outputs = desk.say(unregister(&asked, 114));
    assert_eq!(status(&outputs), 200);
    assert!(told(&outputs).is_empty(), "the second line is still here");
    let outputs = desk.say(second(unregister(&asked, 2)));
    assert_eq!(told(&outputs), ["Unregistered(\"it unregistered\")"]);
}

#[test]
fn refusals_say_why() {
    for (refusal, code, retry) in [
        (Refusal::NotConfigured, 404, ""),
        (Refusal::Forbidden("No"), 403, ""),
        (Refusal::Contested, 503, "60"),
        (Refusal::Busy, 503, "30"),
        (Refusal::OutOfOrder, 500, ""),
    ] {
        let mut desk = Desk::new();
        let register = desk.ask(&first(stamp(1)));
        let outputs = desk.registrar.refused(&register, refusal, desk.wall);
        assert_eq!(status(&outputs), code);
        assert_eq!(header(sent(&outputs), HeaderName::RETRY_AFTER), retry);
        assert_ne!(header(sent(&outputs), HeaderName::DATE), "");
    }
    let mut desk = Desk::new();
    let register = desk.ask(&first(stamp(1)));
    let outputs = desk
        .registrar
        .refused(&register, Refusal::NotConfigured, desk.wall);
    let refused = text(sent(&outputs));
    assert!(refused.starts_with("SIP/2.0 404 Phone not configured\r\n"));
    assert!(refused.contains("Warning: 399 192.0.2.200:5060 \"Phone not configured\"\r\n"));
}

#[test]
fn a_phone_that_was_deleted_loses_its_registration_with_its_refresh() {
    let mut desk = Desk::registered(stamp(1));
    let register = desk.ask(&refresh(&first(stamp(1)), 114));
    let outputs = desk
        .registrar
        .refused(&register, Refusal::NotConfigured, desk.wall);
    assert_eq!(status(&outputs), 404);
    assert_eq!(
        told(&outputs),
        ["Unregistered(\"it is no longer configured\")"]
    );
    // A refused try of somebody else takes nothing from it.
    let mut desk = Desk::registered(stamp(1));
    let register = desk.ask(vector!("register-7975-keepalive"));
    let outputs = desk
        .registrar
        .refused(&register, Refusal::NotConfigured, desk.wall);
    assert!(told(&outputs).is_empty());
    assert_eq!(desk.registrar.device(), Some(&device()));
}

#[test]
fn a_flow_that_registers_nobody_is_closed_after_a_while() {
    let mut desk = Desk::new();
    assert!(desk.later(179).is_empty());
    desk.say(vector!("register-standby-keepalive"));
    assert!(desk.later(179).is_empty());
    desk.say("\r\n\r\n");
    assert_eq!(told(&desk.later(1)), ["Close(Idle)"], "pings do not count");
}
