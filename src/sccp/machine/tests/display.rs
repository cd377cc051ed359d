//! Labels, words and objects on a phone that stays registered.

use bytes::Bytes;

use super::*;
use crate::sccp::wire::{
    EnblocCall, HookEvent, Instance, MessageId, Opaque, Sequence, Tone, UserData, decode_phone,
    encode_phone, encode_server,
};

#[test]
fn new_labels_are_shown_without_a_restart() {
    let mut station = registered(20);
    let fresh = part(Some("Signed in as Alice"), "Alice Adams");
    let stamp = stamp_of(&fresh, &[]);
    let outputs = station.refresh(fresh, stamp);
    assert!(matches!(outputs.last(), Some(Output::Refreshed(shown)) if *shown == stamp));
    let said = sent(outputs);
    assert!(
        said.iter()
            .any(|message| matches!(message, ServerMessage::LineStat(line)
        if line.label == "Alice Adams"))
    );
    let dials: Vec<u32> = said
        .iter()
        .filter_map(|message| match message {
            ServerMessage::SpeedDialStat(dial) => Some(dial.index.0),
            _ => None,
        })
        .collect();
    assert_eq!(dials, [1, 2], "speed dials, too");
    let lamp = |message: &ServerMessage| matches!(message, ServerMessage::FeatureStat(_));
    assert_eq!(
        said.iter().filter(|it| lamp(it)).count(),
        1,
        "with a lamp, too"
    );
    let asked = ask(&mut station, PhoneMessage::LineStatReq(Instance(1)));
    assert!(
        matches!(&asked[..], [ServerMessage::LineStat(line)] if line.label == "Alice Adams"),
        "and from now on it is answered so"
    );
}

#[test]
fn a_lifted_handset_hears_why_and_is_put_back() {
    let mut station = registered(20);
    let hook = HookEvent::default();
    let outputs = station.on_message(PhoneMessage::OffHook(hook), at(10), WALL);
    assert!(
        outputs
            .iter()
            .any(|output| matches!(output, Output::InCall(true)))
    );
    let said = sent(outputs);
    assert!(
        said.iter()
            .any(|message| matches!(message, ServerMessage::StartTone(tone)
        if tone.tone == Tone::REORDER))
    );
    assert!(says(&said, "No call service"));
    assert!(station.deadline() <= at(14));
    let back = station.on_time(at(14));
    assert_eq!(in_call(&back), NONE, "the handset lies beside it");
    assert!(
        sent(back)
            .iter()
            .any(|message| matches!(message, ServerMessage::StopTone(_)))
    );
    let down = station.on_message(PhoneMessage::OnHook(hook), at(100), WALL);
    assert_eq!(in_call(&down), [false]);
    assert_eq!(in_call(&station.on_time(at(115))), NONE);
}

const NONE: [bool; 0] = [];

/// What is told of its use.
fn in_call(outputs: &[Output]) -> Vec<bool> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::InCall(is) => Some(*is),
            _ => None,
        })
        .collect()
}

#[test]
fn a_key_pressed_is_no_handset_and_the_phone_is_idle_once_it_is_put_back() {
    let mut station = registered(20);
    let key = PhoneMessage::EnblocCall(EnblocCall {
        number: "2001".into(),
        line: Instance(1),
    });
    assert_eq!(in_call(&station.on_message(key, at(10), WALL)), [true]);
    assert_eq!(in_call(&station.on_time(at(14))), [false]);
}

#[test]
fn a_handset_that_nothing_is_heard_of_counts_as_put_down_in_the_end() {
    let mut station = registered(20);
    let hook = HookEvent::default();
    let _ = station.on_message(PhoneMessage::OffHook(hook), at(10), WALL);
    let _ = station.on_time(at(14));
    for second in (20..310).step_by(20) {
        let _ = station.on_message(PhoneMessage::KeepAlive, at(second), WALL);
        assert_eq!(in_call(&station.on_time(at(second))), NONE, "{second}");
    }
    // Lifted anew it counts anew.
    let _ = station.on_message(PhoneMessage::OffHook(hook), at(311), WALL);
    assert_eq!(in_call(&station.on_time(at(315))), NONE);
    let _ = station.on_message(PhoneMessage::KeepAlive, at(610), WALL);
    assert_eq!(in_call(&station.on_time(at(614))), NONE);
    assert_eq!(station.deadline(), at(615));
    assert_eq!(in_call(&station.on_time(at(615))), [false]);
    let down = station.on_message(PhoneMessage::OnHook(hook), at(620), WALL);
    assert_eq!(in_call(&down), NONE, "known already");
}

#[test]
fn a_message_stands_for_its_time_in_the_form_of_the_version() {
    for (version, id) in [
        (3, MessageId::DISPLAY_NOTIFY),
        (7, MessageId::DISPLAY_NOTIFY),
        (8, MessageId::DISPLAY_NOTIFY_V2),
        (22, MessageId::DISPLAY_NOTIFY_V2),
    ] {
        let mut station = registered(version);
        let said = sent(station.show("Back at 2", 15, at(1)));
        let [ServerMessage::DisplayNotify(notice)] = said.as_slice() else {
            panic!("{said:?}");
        };
        assert_eq!(
            (notice.timeout, notice.text.to_string().as_str()),
            (15, "Back at 2")
        );
        assert_eq!(encode_server(&said[0], dialect(version)).id, id);
    }
    let cleared = sent(registered(20).show("", 0, at(1)));
    assert_eq!(cleared, [ServerMessage::ClearNotify]);
}

#[test]
fn a_7910_has_one_line_and_counts_no_seconds() {
    let mut station = registered_as(DeviceType::CISCO_7910, 3);
    let shown = sent(station.show("Back at 2", 15, at(1)));
    assert!(matches!(&shown[..], [ServerMessage::DisplayText(_)]));
    assert_eq!(station.deadline(), at(16));
    assert!(says(&sent(station.on_time(at(16))), "Signed in as Alice"));
    assert!(station.on_time(at(17)).is_empty());
    // Without end it stays, and is cleared by nothing.
    let _ = station.show("Back at 3", 0, at(20));
    assert!(station.on_time(at(60)).is_empty());
    assert!(says(
        &sent(station.show("", 0, at(61))),
        "Signed in as Alice"
    ));
}

fn pushed(outputs: Vec<Output>) -> Vec<UserData> {
    sent(outputs)
        .into_iter()
        .map(|message| match message {
            ServerMessage::UserToDeviceData(data) => data,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn notes(outputs: &[Output]) -> Vec<&str> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Note(note) => Some(note.as_str()),
            _ => None,
        })
        .collect()
}

fn answer(to: &UserData, xml: &'static str) -> PhoneMessage {
    PhoneMessage::DeviceToUserDataResponse(UserData {
        data: Opaque::from(xml),
        ..to.clone()
    })
}

#[test]
fn a_push_and_its_answer_are_told_apart_by_their_number() {
    let mut station = registered(20);
    let object = Bytes::from_static(b"<CiscoIPPhoneText><Text>x</Text></CiscoIPPhoneText>");
    let first = pushed(station.push(object.clone()));
    let second = pushed(station.push(object));
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0].transaction, second[0].transaction);
    assert_ne!(first[0].transaction, 0);
    let shown = "<CiscoIPPhoneResponse><ResponseItem Status=\"0\" Data=\"secret\" \
                 URL=\"http://secret/\"/></CiscoIPPhoneResponse>";
    let outputs = station.on_message(answer(&second[0], shown), at(2), WALL);
    let number = second[0].transaction;
    assert_eq!(
        notes(&outputs),
        [format!("it answered push {number}: status 0")]
    );
    let outputs = station.on_message(answer(&second[0], shown), at(2), WALL);
    assert!(
        matches!(&outputs[..], [Output::Ignored(_)]),
        "an answer that nobody waits for: {outputs:?}"
    );
    let unreadable = answer(&first[0], "<CiscoIPPhoneError Number='1'/>");
    let outputs = station.on_message(unreadable, at(3), WALL);
    assert_eq!(notes(&outputs).len(), 1);
    assert!(notes(&outputs)[0].ends_with("error 1"));
}

#[test]
fn a_push_travels_in_the_envelope_of_the_version_and_so_does_its_answer() {
    let forms = [
        (4, MessageId::USER_TO_DEVICE_DATA),
        (5, MessageId::USER_TO_DEVICE_DATA_V1),
        (22, MessageId::USER_TO_DEVICE_DATA_V1),
    ];
    for (version, id) in forms {
        let mut station = registered(version);
        let said = sent(station.push(Bytes::from_static(b"<CiscoIPPhoneText/>")));
        let frame = encode_server(&said[0], dialect(version));
        assert_eq!(frame.id, id, "version {version}");
        let ServerMessage::UserToDeviceData(data) = &said[0] else {
            panic!("{said:?}");
        };
        let bytes = encode_phone(&answer(data, "Status=\"0\""), dialect(version));
        let read = decode_phone(&bytes, dialect(version)).unwrap();
        let outputs = station.on_message(read, at(2), WALL);
        assert_eq!(notes(&outputs).len(), 1, "version {version}: {outputs:?}");
    }
}

#[test]
fn long_pushes_go_in_parts_where_the_phone_can_join_them() {
    let long = Bytes::from(vec![b'x'; 4500]);
    let parts = pushed(registered(18).push(long.clone()));
    let sequences: Vec<Sequence> = parts.iter().map(|part| part.sequence).collect();
    assert_eq!(sequences, [Sequence::FIRST, Sequence::MORE, Sequence::LAST]);
    let outputs = registered(17).push(long);
    assert!(notes(&outputs)[0].contains("2000 at most"), "{outputs:?}");
    assert!(sent(outputs).is_empty());
}

#[test]
fn what_cannot_show_objects_is_sent_none() {
    let object = Bytes::from_static(b"<CiscoIPPhoneText/>");
    for device in [DeviceType::CISCO_7910, DeviceType::ATA_186] {
        let outputs = registered_as(device, 3).push(object.clone());
        assert!(matches!(&outputs[..], [Output::Note(_)]), "{outputs:?}");
    }
}

#[test]
fn pushes_that_are_never_answered_do_not_pile_up() {
    let mut station = registered(20);
    let object = Bytes::from_static(b"<CiscoIPPhoneText/>");
    let sent: Vec<UserData> = (0..100)
        .flat_map(|_| pushed(station.push(object.clone())))
        .collect();
    let told = sent
        .iter()
        .filter(|data| {
            let outputs = station.on_message(answer(data, ""), at(2), WALL);
            !notes(&outputs).is_empty()
        })
        .count();
    assert_eq!(told, 16, "the last ones");
}
