//! Why phones come, in their own words.

use super::super::AlarmReport;
use super::*;
use crate::sccp::wire::{Alarm, AlarmSeverity};

fn text(text: &str) -> PhoneMessage {
    PhoneMessage::Alarm(Alarm {
        severity: AlarmSeverity::INFORMATION,
        text: text.into(),
        parameter1: 0,
        parameter2: 0,
    })
}

const CAME_BACK: &str = "25: Name=SEP001122334455 Load=8.1(2.0) Last=Reset-Restart";

/// As loads of the 9 series write it.
fn xml(reason: u32) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<x-cisco-alarm>\n\
         <Alarm Name=\"LastOutOfServiceInformation\">\n<ParameterList>\n\
         <String name=\"DeviceName\">SEP001122334455</String>\n\
         <String name=\"DeviceIPv4Address\">192.0.2.7/24</String>\n\
         <Enum name=\"DHCPv4Status\">1</Enum>\n<Enum name=\"TFTPCfgStatus\">1</Enum>\n\
         <Enum name=\"ReasonForOutOfService\">{reason}</Enum>\n\
         <String name=\"LastProtocolEventSent\">39:Unregister</String>\n\
         <String name=\"LastProtocolEventReceived\">159:Reset</String>\n\
         </ParameterList>\n</Alarm>\n</x-cisco-alarm>"
    )
}

#[test]
fn both_forms_tell_why_a_phone_came_back() {
    let text = AlarmReport::from_text(CAME_BACK);
    assert_eq!(text.load.as_deref(), Some("8.1(2.0)"));
    assert_eq!(text.name.as_deref(), Some("SEP001122334455"));
    assert!(text.restarted() && !text.was_reset());
    let by_number = AlarmReport::from_text("22: Name=SEP001122334455 Load=8.1");
    assert!(by_number.was_reset(), "its text was cut off");
    let restarted = AlarmReport::from_xml(&xml(23));
    assert!(restarted.restarted() && !restarted.was_reset());
    let reset = AlarmReport::from_xml(&xml(22).replace('"', "'"));
    assert!(reset.was_reset() && !reset.restarted());
    assert_eq!(reset.name.as_deref(), Some("SEP001122334455"));
}

#[test]
fn alarms_that_make_no_sense_say_nothing() {
    for odd in [
        "",
        "name=\"Load\"",
        "<a name=\"Load\"",
        "<a name=\"Load\">x",
        ":",
        "x: y",
    ] {
        assert_eq!(AlarmReport::from_xml(odd), AlarmReport::default(), "{odd}");
        assert_eq!(AlarmReport::from_text(odd), AlarmReport::default(), "{odd}");
    }
}

#[test]
fn a_timeline_holds_the_telling_values_of_an_xml_alarm() {
    assert_eq!(
        AlarmReport::digest(&xml(23)),
        "DeviceName=SEP001122334455 ReasonForOutOfService=23 \
         LastProtocolEventSent=39:Unregister LastProtocolEventReceived=159:Reset TFTPCfgStatus=1"
    );
    assert_eq!(AlarmReport::digest("<odd>\n  one</odd>"), "<odd> one</odd>");
}

#[test]
fn alarms_before_register_belong_to_the_phone_that_registers() {
    let mut station = Station::new(SETTINGS, at(0));
    for message in [text(CAME_BACK), PhoneMessage::XmlAlarm(xml(23))] {
        assert!(station.on_message(message, at(0), WALL).is_empty());
    }
    let outputs = station.on_message(register(), at(1), WALL);
    let [Output::Admit { alarm, alarms, .. }] = outputs.as_slice() else {
        panic!("{outputs:?}");
    };
    assert!(alarm.restarted());
    assert_eq!(alarm.load.as_deref(), Some("8.1(2.0)"), "of the first");
    assert_eq!(alarms.len(), 2);
    assert_eq!(alarms[0], CAME_BACK);
    assert!(alarms[1].contains("ReasonForOutOfService=23"));
    // They are told once.
    let _ = station.admitted(snapshot(part(None, "x")), dialect(20));
    assert!(station.on_time(at(12)).is_empty());
    assert!(station.on_closed(true).is_empty());
}

#[test]
fn the_xml_alone_tells_the_restart_of_a_9_series_load() {
    let mut station = Station::new(SETTINGS, at(0));
    let _ = station.on_message(PhoneMessage::XmlAlarm(xml(23)), at(0), WALL);
    let outputs = station.on_message(register(), at(0), WALL);
    assert!(matches!(&outputs[..], [Output::Admit { alarm, .. }] if alarm.restarted()));
}

#[test]
fn a_registered_phone_s_alarm_is_told_at_once() {
    let mut station = registered(20);
    let outputs = station.on_message(text("9: Name=SEP001122334455"), at(3), WALL);
    assert!(matches!(&outputs[..], [Output::Alarm(text)] if text.starts_with("9: ")));
    let outputs = station.on_message(PhoneMessage::XmlAlarm(xml(14)), at(3), WALL);
    assert!(matches!(&outputs[..], [Output::Alarm(text)] if text.contains("OfService=14")));
}

#[test]
fn alarms_after_which_nobody_registers_are_told_of_whom_they_name() {
    let mut waiting = Station::new(SETTINGS, at(0));
    let _ = waiting.on_message(text(CAME_BACK), at(2), WALL);
    let _ = waiting.on_message(text("9: no name"), at(3), WALL);
    assert_eq!(waiting.deadline(), at(12));
    let outputs = waiting.on_time(at(12));
    assert!(
        matches!(&outputs[..], [Output::EarlyAlarm { name, text }]
            if name == "SEP001122334455" && text == CAME_BACK),
        "{outputs:?}"
    );
    let mut gone = Station::new(SETTINGS, at(0));
    let _ = gone.on_message(text(CAME_BACK), at(2), WALL);
    let outputs = gone.on_closed(true);
    assert!(matches!(&outputs[..], [Output::EarlyAlarm { .. }]));
}

#[test]
fn what_was_told_long_before_a_register_says_nothing_of_it() {
    let mut standby = Station::new(SETTINGS, at(0));
    // The ninth alarm is not told, but it is heard.
    for second in 0..9 {
        let _ = standby.on_message(text(CAME_BACK), at(second * 20), WALL);
        let _ = standby.on_time(at(second * 20 + 10));
    }
    let _ = standby.on_message(PhoneMessage::KeepAlive, at(400), WALL);
    let outputs = standby.on_message(register(), at(700), WALL);
    let [Output::Admit { alarm, alarms, .. }] = outputs.as_slice() else {
        panic!("{outputs:?}");
    };
    assert_eq!((alarm, alarms.len()), (&AlarmReport::default(), 0));
}

#[test]
fn a_stranger_s_flood_of_alarms_is_cut_off() {
    let mut station = Station::new(SETTINGS, at(0));
    let mut told = 0;
    for second in 0..500 {
        let outputs = station.on_message(text(CAME_BACK), at(second), WALL);
        told += outputs.len() + station.on_time(at(second)).len();
    }
    told += station.on_closed(false).len();
    assert_eq!(told, 8);
}
