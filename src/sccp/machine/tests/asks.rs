//! What phones ask, and in which order.

use super::*;
use crate::model::ButtonKind;
use crate::sccp::wire::{
    ButtonType, FeatureStatReq, ForwardedDisplay, Instance, LampMode, LineStat, MessageId,
    encode_server,
};

#[test]
fn every_question_of_a_phone_is_answered_from_its_snapshot() {
    let mut station = registered(11);
    let template = ask(&mut station, PhoneMessage::ButtonTemplateReq);
    let [ServerMessage::ButtonTemplate(template)] = template.as_slice() else {
        panic!()
    };
    let kinds: Vec<(u8, ButtonType)> = template
        .buttons
        .iter()
        .map(|button| (button.instance, button.kind))
        .collect();
    assert_eq!(kinds[0], (1, ButtonType::LINE));
    assert_eq!(kinds[1], (1, ButtonType::SPEED_DIAL));
    assert_eq!(kinds[2], (1, ButtonType::BLF_SPEED_DIAL), "counted apart");
    assert_eq!(kinds[3], (0, ButtonType::UNDEFINED), "00 FF, not zero");
    assert_eq!(kinds[5], (2, ButtonType::SPEED_DIAL), "911 on the last key");

    let line = ask(&mut station, PhoneMessage::LineStatReq(Instance(1)));
    assert!(matches!(&line[..], [ServerMessage::LineStat(line)]
        if line.number == "2001" && line.label == "Alice"));
    let dial = ask(&mut station, PhoneMessage::SpeedDialStatReq(Instance(2)));
    assert!(matches!(&dial[..], [ServerMessage::SpeedDialStat(dial)] if dial.number == "911"));
    let lamp = PhoneMessage::FeatureStatReq(FeatureStatReq {
        index: Instance(1),
        capabilities: 1,
    });
    let lamp = ask(&mut station, lamp);
    assert!(matches!(&lamp[..], [ServerMessage::FeatureStat(lamp)]
        if lamp.kind == ButtonType::BLF_SPEED_DIAL
            && lamp.label.to_string() == "3002"
            && lamp.status == 0));
    let version = ask(&mut station, PhoneMessage::VersionReq);
    assert_eq!(
        version,
        [ServerMessage::Version("P0030801SR02".into())],
        "its own load"
    );
}

/// What the station says of its first line, where that is set so.
fn line_set(set: impl FnOnce(&mut crate::model::LineSettings)) -> LineStat {
    let mut station = Station::new(SETTINGS, at(0));
    let _ = station.on_message(register(), at(0), WALL);
    let mut part = part(None, "Alice");
    if let ButtonKind::Line { settings, .. } = &mut part.buttons[0].kind {
        set(settings);
    }
    let _ = station.admitted(snapshot(part), dialect(11));
    match ask(&mut station, PhoneMessage::LineStatReq(Instance(1))).as_slice() {
        [ServerMessage::LineStat(line)] => line.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_top_bar_shows_the_full_number_where_a_mask_makes_one() {
    assert_eq!(line_set(|_| {}).display_name, "2001");
    let masked = line_set(|it| it.full_number = Some("8165552001".into()));
    assert_eq!(masked.display_name, "8165552001");
    assert_eq!(masked.label, "Alice");
}

#[test]
fn what_is_shown_of_forwarded_calls_is_told_where_it_is_set() {
    assert_eq!(line_set(|_| {}).forwarded, ForwardedDisplay::ALL);
    let set = line_set(|it| {
        it.forwarded_call_display.dialed_number = false;
        it.forwarded_call_display.caller_number = true;
    });
    assert_eq!(
        set.forwarded,
        ForwardedDisplay(12),
        "name and number of the caller"
    );
}

/// The questions that carry an index.
fn indexed(index: u32) -> Vec<PhoneMessage> {
    let index = Instance(index);
    let feature = FeatureStatReq {
        index,
        capabilities: 1,
    };
    vec![
        PhoneMessage::LineStatReq(index),
        PhoneMessage::SpeedDialStatReq(index),
        PhoneMessage::FeatureStatReq(feature),
        PhoneMessage::ServiceUrlStatReq(index),
        PhoneMessage::ForwardStatReq(index),
    ]
}

/// The number under which each of [`indexed`] is answered at a version.
fn answers(version: u8) -> [MessageId; 5] {
    let pick = |from: u8, fixed, dynamic| if version >= from { dynamic } else { fixed };
    [
        pick(17, MessageId::LINE_STAT, MessageId::LINE_STAT_V2),
        pick(
            17,
            MessageId::SPEED_DIAL_STAT,
            MessageId::SPEED_DIAL_STAT_V2,
        ),
        pick(15, MessageId::FEATURE_STAT, MessageId::FEATURE_STAT_V2),
        pick(
            7,
            MessageId::SERVICE_URL_STAT,
            MessageId::SERVICE_URL_STAT_V2,
        ),
        MessageId::FORWARD_STAT,
    ]
}

#[test]
fn any_index_is_answered_once_with_itself_in_the_form_of_the_version() {
    for version in 3..=22 {
        let mut station = registered(version);
        for index in [0, 1, 2, 3, 9, 255, 256, u32::MAX] {
            for (question, id) in indexed(index).into_iter().zip(answers(version)) {
                let said = ask(&mut station, question.clone());
                let [answer] = said.as_slice() else {
                    panic!("{question:?} was answered {said:?}");
                };
                let frame = encode_server(answer, dialect(version));
                assert_eq!(frame.id, id, "version {version}");
                let at = if id == MessageId::FORWARD_STAT { 4 } else { 0 };
                assert_eq!(frame.body[at..at + 4], index.to_le_bytes(), "{question:?}");
                assert_eq!(frame.body.len() % 4, 0);
            }
        }
    }
}

#[test]
fn before_register_nothing_but_life_signs_and_tokens_is_answered() {
    let mut station = Station::new(SETTINGS, at(0));
    let mut questions = indexed(1);
    questions.extend([
        PhoneMessage::ButtonTemplateReq,
        PhoneMessage::SoftKeyTemplateReq,
        PhoneMessage::SoftKeySetReq,
        PhoneMessage::ConfigStatReq,
        PhoneMessage::VersionReq,
        PhoneMessage::ServerReq,
        PhoneMessage::TimeDateReq,
    ]);
    for question in questions {
        let outputs = station.on_message(question.clone(), at(1), WALL);
        assert!(
            matches!(outputs.as_slice(), [Output::Ignored(_)]),
            "{question:?}: {outputs:?}"
        );
    }
    assert_eq!(
        ask(&mut station, PhoneMessage::KeepAlive),
        [ServerMessage::KeepAliveAck]
    );
}

#[test]
fn after_the_time_nothing_of_the_last_user_remains() {
    let mut station = registered(20);
    let outputs = station.on_message(PhoneMessage::TimeDateReq, at(1), WALL);
    assert!(matches!(outputs.last(), Some(Output::InService)));
    let said = sent(outputs);
    let ServerMessage::DefineTimeDate(time) = &said[0] else {
        panic!("the time first")
    };
    assert_eq!(
        (time.year, time.month, time.day, time.day_of_week),
        (2025, 11, 22, 6)
    );
    assert!(is_clean(&said), "{said:?}");
    assert!(says(&said, "Signed in as Alice"));
    let again = ask(&mut station, PhoneMessage::TimeDateReq);
    assert!(
        matches!(again.as_slice(), [ServerMessage::DefineTimeDate(_)]),
        "later the time alone: {again:?}"
    );
}

/// Lamp off, no forwards.
fn is_clean(said: &[ServerMessage]) -> bool {
    let lamp = said.iter().any(|message| {
        matches!(message, ServerMessage::SetLamp(lamp)
        if lamp.stimulus == ButtonType::VOICE_MAIL && lamp.mode == LampMode::OFF)
    });
    let forward = said.iter().any(|message| {
        matches!(message, ServerMessage::ForwardStat(stat)
        if stat.line == Instance(1) && stat.all.is_none())
    });
    lamp && forward
}

#[test]
fn a_phone_that_asks_no_time_is_in_service_two_seconds_after_its_lines() {
    let mut station = registered_as(DeviceType::SPA_504G, 8);
    let lines = PhoneMessage::RegisterAvailableLines(1);
    assert!(station.on_message(lines.clone(), at(5), WALL).is_empty());
    assert_eq!(station.deadline(), at(7));
    let outputs = station.on_time(at(7));
    assert!(matches!(outputs.last(), Some(Output::InService)));
    assert!(is_clean(&sent(outputs)));
    // Only once; and should it ask for the time after all, the lamp again, as
    // phones pass over one that came before it.
    assert!(station.on_message(lines, at(8), WALL).is_empty());
    assert!(station.on_time(at(20)).is_empty());
    let late = station.on_message(PhoneMessage::TimeDateReq, at(21), WALL);
    assert!(
        !late
            .iter()
            .any(|output| matches!(output, Output::InService))
    );
    assert!(is_clean(&sent(late)));
}

#[test]
fn a_phone_that_asks_the_time_in_those_two_seconds_is_welcomed_once() {
    let mut station = registered(20);
    let lines = PhoneMessage::RegisterAvailableLines(1);
    let _ = station.on_message(lines, at(5), WALL);
    let outputs = station.on_message(PhoneMessage::TimeDateReq, at(6), WALL);
    assert!(matches!(outputs.last(), Some(Output::InService)));
    assert!(station.on_time(at(7)).is_empty());
}
