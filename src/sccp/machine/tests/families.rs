//! What only some families do.

use super::*;
use crate::sccp::wire::{CallState, HookEvent, Instance, RegisterTokenReq, SpcpRegisterTokenReq};

#[test]
fn phones_without_prompt_line_and_soft_keys_are_sent_neither() {
    for device in [
        DeviceType::CISCO_12SP,
        DeviceType::CISCO_12SP_PLUS,
        DeviceType::CISCO_30VIP,
        DeviceType::CISCO_7910,
        DeviceType::ATA_188,
    ] {
        let mut station = registered_as(device, 3);
        let mut said = ask(&mut station, PhoneMessage::TimeDateReq);
        said.extend(ask(
            &mut station,
            PhoneMessage::OffHook(HookEvent::default()),
        ));
        said.extend(sent(station.on_time(at(9))));
        for message in &said {
            assert!(
                !matches!(
                    message,
                    ServerMessage::DisplayPromptStatus(_) | ServerMessage::SelectSoftKeys(_)
                ),
                "{device}: {message:?}"
            );
        }
        let has_words = device != DeviceType::ATA_188;
        assert_eq!(says(&said, "Signed in as Alice"), has_words, "{device}");
        assert_eq!(says(&said, "No call service"), has_words, "{device}");
        // Who asks for soft keys gets them all the same.
        assert_eq!(ask(&mut station, PhoneMessage::SoftKeySetReq).len(), 2);
    }
}

#[test]
fn an_8945_has_a_template_of_twelve() {
    for (device, buttons) in [(DeviceType::CISCO_8945, 12), (DeviceType::CISCO_7961, 6)] {
        let mut station = registered_as(device, 20);
        let said = ask(&mut station, PhoneMessage::ButtonTemplateReq);
        assert!(
            matches!(&said[..], [ServerMessage::ButtonTemplate(template)]
                if template.buttons.len() == buttons && template.total as usize == buttons),
            "{said:?}"
        );
    }
}

fn spcp_token() -> PhoneMessage {
    PhoneMessage::SpcpRegisterTokenReq(SpcpRegisterTokenReq {
        device_name: "SEP001122334455".into(),
        user: 0,
        instance: 0x0100_0000,
        address: Ipv4Addr::new(192, 0, 2, 7),
        device_type: DeviceType::SPA_504G,
        max_streams: 8,
    })
}

fn token() -> PhoneMessage {
    PhoneMessage::RegisterTokenReq(RegisterTokenReq {
        device_name: "SEP001122334455".into(),
        user: 0,
        instance: 1,
        address: Ipv4Addr::new(192, 0, 2, 7),
        device_type: DeviceType::CISCO_7961,
        ipv6: std::net::Ipv6Addr::UNSPECIFIED,
    })
}

#[test]
fn a_token_is_granted_at_any_time_and_changes_nothing() {
    let granted = |station: &mut Station, second: u64| {
        for (token, grant) in [
            (spcp_token(), ServerMessage::SpcpRegisterTokenAck(65535)),
            (token(), ServerMessage::RegisterTokenAck),
        ] {
            let outputs = station.on_message(token, at(second), WALL);
            assert!(
                matches!(&outputs[..], [Output::Send(said)] if *said == grant),
                "{outputs:?}"
            );
        }
    };
    let mut station = Station::new(SETTINGS, at(0));
    granted(&mut station, 0);
    admit(&mut station, DeviceType::SPA_504G, 8, 1);
    // Between Ack and the last question.
    let _ = ask(&mut station, PhoneMessage::ButtonTemplateReq);
    granted(&mut station, 2);
    let line = ask(&mut station, PhoneMessage::LineStatReq(Instance(1)));
    assert!(matches!(&line[..], [ServerMessage::LineStat(line)] if line.number == "2001"));
    // In mid-call: the call goes on to its own end.
    let _ = station.on_message(PhoneMessage::OffHook(HookEvent::default()), at(10), WALL);
    granted(&mut station, 11);
    assert!(station.snapshot().is_some());
    let ended = station.on_time(at(14));
    assert!(
        ended.iter().any(
            |output| matches!(output, Output::Send(ServerMessage::CallState(state))
            if state.state == CallState::ON_HOOK)
        ),
        "{ended:?}"
    );
}

#[test]
fn a_token_every_minute_keeps_a_standby_connection() {
    let mut station = Station::new(SETTINGS, at(0));
    for minute in 1..=30 {
        let _ = station.on_message(spcp_token(), at(minute * 60), WALL);
        assert!(station.on_time(at(minute * 60 + 59)).is_empty());
    }
}
