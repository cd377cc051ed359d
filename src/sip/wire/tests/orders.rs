//! Orders and updates to phones, judged by the rules that phones judge them by.

use super::super::outgoing::Outgoing;
use super::super::remotecc::{
    DoNotDisturb, Item, LineStatus, REQUEST_TYPE, RegistrationUpdate, StatusNotice,
};
use super::super::service_control::{
    Action, ConfigResult, Refusal, RegisteredLine, ServiceControl, accept,
};
use super::super::*;
use super::{read, vector};

const CALL_ID: &str = "c80084aa-87430003-255b99f4-783a63d4@192.0.2.104";
const CONTACT: &str = "04984998-fe29-08c0-6d47-5593bf4ce606";
const LINE: RegisteredLine<'static> = RegisteredLine {
    name: "2222",
    contact: CONTACT,
    call_id: Some(CALL_ID),
    standby_call_id: None,
    ccm_mode: true,
};

fn with_outgoing<T>(transport: &Transport, build: impl FnOnce(Outgoing<'_>) -> T) -> T {
    build(Outgoing {
        request_uri: "sip:04984998-fe29-08c0-6d47-5593bf4ce606@192.0.2.104:51778;transport=tcp",
        local: &HostPort::parse(b"192.0.2.200:5060").unwrap(),
        transport,
        branch: "z9hG4bK1a2b3c4d",
        from_tag: "1168208381",
        call_id: "5f2f0f7e-1@192.0.2.200",
        cseq: 101,
        date: parse_date("Sat, 09 Mar 2019 18:33:00 GMT").unwrap(),
    })
}

#[test]
fn the_order_to_restart_is_the_one_that_phones_take() {
    let order = ServiceControl::order(Action::Restart, CALL_ID);
    let notify = with_outgoing(&Transport::Tcp, |out| out.service_control(&order)).unwrap();
    assert_eq!(
        notify.to_bytes().as_ref(),
        vector!("notify-service-control-restart")
    );
    assert_eq!(accept(&notify, &[LINE]), Ok(order));
}

#[test]
fn a_phone_is_as_hard_to_please_as_a_real_one() {
    let judge = |change: &dyn Fn(&mut Message), line: RegisteredLine<'_>| {
        let mut notify = read(vector!("notify-service-control-restart"));
        change(&mut notify);
        accept(&notify, &[line]).map(|order| order.action)
    };
    let set = |name, value: &'static str| {
        judge(
            &|notify: &mut Message| notify.headers.set(name, value),
            LINE,
        )
    };
    assert_eq!(
        set(HeaderName::EVENT, "Service-Control"),
        Ok(Action::Restart)
    );
    assert_eq!(
        set(HeaderName::EVENT, "service-control;id=1"),
        Err(Refusal::Event)
    );
    assert_eq!(
        set(HeaderName::EVENT, "check-sync;reboot=true"),
        Err(Refusal::Event)
    );
    assert_eq!(set(HeaderName::TO, "<sip:192.0.2.104>"), Err(Refusal::To));
    assert_eq!(
        set(HeaderName::CONTENT_TYPE, "text/xml"),
        Err(Refusal::Body)
    );

    let target = |uri: &'static str| {
        judge(
            &|notify: &mut Message| {
                notify.start = StartLine::Request {
                    method: Method::Notify,
                    uri: uri.into(),
                };
            },
            LINE,
        )
    };
    assert_eq!(target("sip:2222@192.0.2.104"), Ok(Action::Restart));
    assert_eq!(target("sip:192.0.2.104"), Err(Refusal::RequestUri));
    assert_eq!(target("sip:2223@192.0.2.104"), Err(Refusal::UnknownUser));
    assert_eq!(Refusal::UnknownUser.status(), StatusCode::NOT_FOUND);

    let nothing = |_: &mut Message| {};
    let plain = RegisteredLine {
        ccm_mode: false,
        ..LINE
    };
    assert_eq!(judge(&nothing, plain), Err(Refusal::PlainProxy));
    let newer = RegisteredLine {
        call_id: Some("other"),
        ..LINE
    };
    assert_eq!(judge(&nothing, newer), Err(Refusal::RegisterCallId));
    let standby = RegisteredLine {
        standby_call_id: Some(CALL_ID),
        ..newer
    };
    assert_eq!(judge(&nothing, standby), Ok(Action::Restart));
    assert_eq!(Refusal::RegisterCallId.status(), StatusCode::BAD_REQUEST);
}

#[test]
fn bodies_are_read_by_the_letter() {
    let judge = |body: &str| {
        let mut notify = read(vector!("notify-service-control-restart"));
        notify.set_body("text/plain", body.to_owned());
        accept(&notify, &[LINE]).map(|order| order.action)
    };
    let id = format!("RegisterCallId={{{CALL_ID}}}");
    // Cases, blanks after the sign, bare LF, a word that goes on: all taken.
    assert_eq!(
        judge(&format!(
            "ACTION=  Reset-now\nregistercallid=  {{{CALL_ID}}}\n"
        )),
        Ok(Action::Reset)
    );
    assert_eq!(
        judge(&format!("{id}\r\naction=dance\r\n")),
        Ok(Action::Unknown)
    );
    assert_eq!(judge(&id), Ok(Action::Unknown));
    assert_eq!(
        judge(&format!("action=prt-report\r\n{id}")),
        Ok(Action::ProblemReport)
    );
    // A blank after the brace, no braces, no id: refused.
    assert_eq!(
        judge(&format!("action=reset\r\n{id} \r\n")),
        Err(Refusal::RegisterCallId)
    );
    assert_eq!(
        judge(&format!("action=reset\r\nRegisterCallId={CALL_ID}\r\n")),
        Err(Refusal::RegisterCallId)
    );
    assert_eq!(judge("action=reset\r\n"), Err(Refusal::RegisterCallId));
    assert_eq!(judge("\r\n"), Err(Refusal::RegisterCallId));
    // The first of equal keys wins, unless it was unreadable; the last action wins.
    assert_eq!(
        judge(&format!(
            "{id}\r\nRegisterCallId={{x}}\r\naction=reset\r\naction=restart"
        )),
        Ok(Action::Restart)
    );
    assert_eq!(
        judge(&format!("RegisterCallId={{x}}\r\n{id}\r\n")),
        Err(Refusal::RegisterCallId)
    );
    assert_eq!(
        judge(&format!("RegisterCallId=x\r\n{id}\r\naction=reset")),
        Ok(Action::Reset)
    );

    let stamps = "ConfigVersionStamp={0106514225374329}\r\nDialplanVersionStamp={}\r\nSoftkeyVersionStamp={1}\r\n";
    assert_eq!(
        judge(&format!("action=check-version\r\n{id}\r\n{stamps}")),
        Ok(Action::CheckVersion)
    );
    assert_eq!(
        judge(&format!(
            "action=check-version\r\n{id}\r\nConfigVersionStamp={{1}}\r\n"
        )),
        Err(Refusal::Incomplete)
    );
    let apply = format!(
        "action=apply-config\r\n{id}\r\n{stamps}CUCMResult=config_applied\r\nLoadId={{}}\r\nLoadServer={{}}\r\n"
    );
    assert_eq!(judge(&apply), Err(Refusal::Incomplete));
    assert_eq!(
        judge(&format!("{apply}LogServer={{}}\r\n")),
        Ok(Action::ApplyConfig)
    );
}

#[test]
fn a_full_order_reads_back_as_written() {
    let order = ServiceControl {
        feature_control_stamp: Some("f".to_owned()),
        result: Some(ConfigResult::ReregisterNeeded),
        load_id: Some("sip78xx.12-1-1-12".to_owned()),
        inactive_load_id: Some(String::new()),
        load_server: Some("192.0.2.200".to_owned()),
        log_server: Some(String::new()),
        peer_firmware_sharing: Some(false),
        ..ServiceControl::order(Action::ApplyConfig, CALL_ID)
    };
    assert_eq!(ServiceControl::parse(order.body().as_bytes()), order);
}

#[test]
fn an_old_phone_is_told_to_look_at_its_sync_file() {
    let notify = with_outgoing(&Transport::Udp, |out| out.check_sync()).unwrap();
    notify.check().unwrap();
    assert_eq!(notify.headers.event().unwrap().package, "check-sync");
    assert_eq!(
        notify.headers.text(HeaderName::CONTACT),
        Some("<sip:192.0.2.200:5060>")
    );
    assert!(notify.body().is_empty());
    assert_eq!(accept(&notify, &[LINE]), Err(Refusal::Event));
}

#[test]
fn after_a_registration_nothing_of_the_last_user_remains() {
    let update = RegistrationUpdate {
        dnd: DoNotDisturb::Off,
        hunt_logged_in: false,
        lines: vec![
            LineStatus::clear(1),
            LineStatus {
                message_waiting: true,
                voice_messages: Some((2, 5)),
                forward_all: Some("<\"1&1\">".to_owned()),
                forward_to_voicemail: true,
                ..LineStatus::clear(2)
            },
        ],
        notice: Some(StatusNotice {
            text: "Signed in: Müller & \u{7}<Söhne>".to_owned(),
            seconds: 10,
        }),
        service_control: Some(ServiceControl::order(Action::CheckVersion, CALL_ID)),
    };
    let refer = with_outgoing(&Transport::Tcp, |out| {
        out.refer("1483336@192.0.2.200", 10, &update.parts())
    })
    .unwrap();
    let refer = read(&refer.to_bytes());
    refer.check().unwrap();
    assert_eq!(
        refer.headers.text(HeaderName::REFER_TO),
        Some("cid:1483336@192.0.2.200")
    );
    assert_eq!(
        refer.headers.text(HeaderName::CONTENT_ID),
        Some("<1483336@192.0.2.200>")
    );
    assert!(refer.headers.has_token(HeaderName::REQUIRE, "norefersub"));
    let kinds: Vec<_> = remotecc::items(&refer)
        .unwrap()
        .into_iter()
        .map(|item| match item {
            Item::Other(name) => name,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "dndupdate",
            "hlogupdate",
            "bulkupdate",
            "statuslineupdatereq"
        ]
    );

    let parts = multipart::parts(&refer.headers, refer.body()).unwrap();
    let text = |at: usize| String::from_utf8(parts[at].body.to_vec()).unwrap();
    assert_eq!(parts.len(), 5);
    assert!(parts[0].content_type().unwrap().is(REQUEST_TYPE));
    assert!(text(0).contains("<state>disable</state>\n<option>ringeroff</option>"));
    assert!(text(1).contains("<status>off</status>"));
    assert!(text(2).contains("<contact line=\"1\">\n<mwi>no</mwi>\n<cfwdallupdate>\n<fwdaddress></fwdaddress>\n<tovoicemail>off</tovoicemail>"));
    assert!(text(2).contains("<contact line=\"2\">\n<mwi>yes</mwi>\n<emwi><voice-msg new=\"2\" old=\"5\"/></emwi>\n<cfwdallupdate>\n<fwdaddress>&lt;&quot;1&amp;1&quot;&gt;</fwdaddress>\n<tovoicemail>on</tovoicemail>"));
    assert!(text(3).contains("<statustext>Signed in: Müller &amp; &lt;Söhne&gt;</statustext>\n<displaytimeout>10</displaytimeout>"));
    assert!(text(4).starts_with("action=check-version\r\n"));
}

#[test]
fn a_single_part_travels_as_it_is() {
    let part = multipart::Part::new(REQUEST_TYPE, remotecc::dnd_update(DoNotDisturb::Reject));
    let refer = with_outgoing(&Transport::Tcp, |out| out.refer("1@h", 10, &[part])).unwrap();
    assert!(refer.headers.content_type().unwrap().is(REQUEST_TYPE));
    assert!(with_outgoing(&Transport::Tcp, |out| out.refer("1@h", 10, &[])).is_err());
}

#[test]
fn a_soft_key_names_its_call() {
    let mut refer = with_outgoing(&Transport::Tcp, |out| out.request(Method::Refer)).unwrap();
    refer.set_body(REQUEST_TYPE, "<x-cisco-remotecc-request><softkeyeventmsg><softkeyevent>HLog</softkeyevent><dialogid><callid>a</callid><localtag>b</localtag><remotetag>c</remotetag></dialogid></softkeyeventmsg></x-cisco-remotecc-request>");
    let items = remotecc::items(&refer).unwrap();
    let [Item::SoftkeyEvent(event)] = items.as_slice() else {
        panic!("{items:?}");
    };
    assert_eq!(event.name, "HLog");
    assert_eq!(event.dialog.as_ref().unwrap().local_tag, "b");

    refer.set_body(REQUEST_TYPE, "<!DOCTYPE x><x-cisco-remotecc-request/>");
    assert!(remotecc::items(&refer).is_err());
}

#[test]
fn only_a_sip_contact_can_be_written_to() {
    for bad in ["", "tel:1", "sip:a b@c", "sip:a@b\r\nX: y"] {
        let built = with_outgoing(&Transport::Tcp, |out| {
            Outgoing {
                request_uri: bad,
                ..out
            }
            .check_sync()
        });
        assert!(built.is_err(), "{bad:?}");
    }
}
