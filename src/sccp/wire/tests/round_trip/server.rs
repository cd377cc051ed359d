//! Any message that a call manager can send.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ServerMessage as M;

use super::*;

pub(super) fn message(d: Dialect) -> BoxedStrategy<ServerMessage> {
    prop_oneof![
        2 => plain(),
        4 => numbered(d),
        1 => register_ack(d),
        1 => string(d, 31).prop_map(M::RegisterReject),
        1 => string(d, 15).prop_map(M::Version),
        1 => buttons(),
        1 => soft_keys(d),
        1 => soft_key_sets(),
        1 => config(d),
        4 => stat(d),
        1 => forward(d),
        1 => servers(d),
        3 => display(d),
        1 => user_data(d).prop_map(M::UserToDeviceData),
        1 => unknown().prop_map(M::Unknown),
    ]
    .boxed()
}

fn plain() -> impl Strategy<Value = ServerMessage> {
    prop::sample::select(vec![
        M::RegisterTokenAck,
        M::CapabilitiesReq,
        M::KeepAliveAck,
        M::ClearDisplay,
        M::ClearNotify,
        M::DeactivateCallPlane,
        M::SetSpeakerMode(true),
        M::SetSpeakerMode(false),
        M::SetMicroMode(true),
        M::SetMicroMode(false),
    ])
}

fn numbered(dialect: Dialect) -> impl Strategy<Value = ServerMessage> {
    (0..15, any::<[u32; 9]>()).prop_map(move |(kind, n)| {
        let [a, b, c, d, ..] = n;
        let (line, call) = (Instance(c), CallRef(d));
        match kind {
            0 => M::RegisterTokenReject(a),
            1 => M::SpcpRegisterTokenAck(a),
            2 => M::SpcpRegisterTokenReject(a),
            3 => M::UnregisterAck(UnregisterStatus(a)),
            4 => M::SelectSoftKeys(SelectSoftKeys {
                line,
                call,
                set: KeySetIndex(a),
                mask: b,
            }),
            5 => M::Reset(ResetType(a)),
            6 => M::SetLamp(SetLamp {
                stimulus: ButtonType(a),
                instance: line,
                mode: LampMode(b),
            }),
            7 => M::SetRinger(SetRinger {
                mode: RingMode(a),
                duration: RingDuration(b),
                line,
                call,
            }),
            8 => M::StartTone(StartTone {
                tone: Tone(a),
                direction: ToneDirection(b),
                line,
                call,
            }),
            9 => M::StopTone(StopTone {
                line,
                call,
                tone: if dialect.version.stop_tone_names_the_tone() {
                    Tone(a)
                } else {
                    Tone::SILENCE
                },
            }),
            10 => M::ClearPromptStatus { line, call },
            11 => M::ClearPriNotify(a),
            12 => M::CallState(CallStateInfo {
                state: CallState(a),
                line,
                call,
                privacy: n[4],
                precedence_level: n[5],
                precedence_domain: n[6],
            }),
            13 => M::ActivateCallPlane(line),
            _ => M::DefineTimeDate(DefineTimeDate {
                year: n[0],
                month: n[1],
                day_of_week: n[2],
                day: n[3],
                hour: n[4],
                minute: n[5],
                second: n[6],
                millisecond: n[7],
                unix_time: n[8],
            }),
        }
    })
}

fn register_ack(d: Dialect) -> impl Strategy<Value = ServerMessage> {
    (string(d, 6), any::<(u32, u32, u8)>()).prop_map(
        |(date_template, (keep_alive, secondary_keep_alive, version))| {
            M::RegisterAck(RegisterAck {
                keep_alive,
                date_template,
                secondary_keep_alive,
                version: ProtocolVersion(version),
            })
        },
    )
}

fn buttons() -> impl Strategy<Value = ServerMessage> {
    let button = any::<(u8, u8)>().prop_map(|(instance, kind)| Button {
        instance,
        kind: ButtonType(kind.into()),
    });
    (
        any::<u32>(),
        any::<u32>(),
        vec(button, 0..=ButtonTemplate::SLOTS),
    )
        .prop_map(|(offset, total, buttons)| {
            M::ButtonTemplate(ButtonTemplate {
                offset,
                total,
                buttons,
            })
        })
}

fn soft_keys(d: Dialect) -> impl Strategy<Value = ServerMessage> {
    let key = (text(d, 15), any::<u32>()).prop_map(|(label, event)| SoftKey {
        label,
        event: SoftKeyEvent(event),
    });
    vec(key, 0..=SoftKeyTemplate::SLOTS)
        .prop_map(|keys| M::SoftKeyTemplate(SoftKeyTemplate { keys }))
}

fn soft_key_sets() -> impl Strategy<Value = ServerMessage> {
    let place = (any::<u8>(), 0..=65235u32).prop_map(|(position, event)| KeyPlace {
        position,
        event: SoftKeyEvent(event),
    });
    // A blank place at the end of a set cannot be told from the end.
    let set = vec(place, 0..=SoftKeySet::PLACES).prop_map(|mut places| {
        while places.last() == Some(&KeyPlace::default()) {
            places.pop();
        }
        SoftKeySet { places }
    });
    vec(set, 0..=SoftKeySets::SLOTS).prop_map(|sets| M::SoftKeySets(SoftKeySets { sets }))
}

fn config(d: Dialect) -> impl Strategy<Value = ServerMessage> {
    (
        string(d, 15),
        string(d, 39),
        string(d, 39),
        any::<[u32; 4]>(),
    )
        .prop_map(
            |(device_name, user_name, server_name, [user, instance, lines, speed_dials])| {
                M::ConfigStat(ConfigStat {
                    device_name,
                    user,
                    instance,
                    user_name,
                    server_name,
                    lines,
                    speed_dials,
                })
            },
        )
}

fn stat(d: Dialect) -> impl Strategy<Value = ServerMessage> {
    let strings = (string(d, 23), string(d, 39), string(d, 39), string(d, 255));
    (0..4, strings, text(d, 39), any::<[u32; 3]>()).prop_map(
        |(kind, (number, name, label, url), text, [index, button, status])| {
            let index = Instance(index);
            match kind {
                0 => M::LineStat(LineStat {
                    line: index,
                    number,
                    display_name: name,
                    label,
                    forwarded: ForwardedDisplay(status),
                }),
                1 => M::SpeedDialStat(SpeedDialStat {
                    index,
                    number,
                    label,
                }),
                2 => M::FeatureStat(FeatureStat {
                    index,
                    kind: ButtonType(button),
                    label: text,
                    status,
                }),
                _ => M::ServiceUrlStat(ServiceUrlStat { index, url, label }),
            }
        },
    )
}

fn forward(d: Dialect) -> impl Strategy<Value = ServerMessage> {
    let target = || proptest::option::of(string(d, d.version.number_size() - 1));
    (any::<u32>(), target(), target(), target()).prop_map(|(line, all, busy, no_answer)| {
        M::ForwardStat(ForwardStat {
            line: Instance(line),
            all,
            busy,
            no_answer,
        })
    })
}

fn servers(d: Dialect) -> impl Strategy<Value = ServerMessage> {
    let v4 = any::<Ipv4Addr>().prop_map(IpAddr::V4);
    let address = if d.version.has_wide_addresses() {
        prop_oneof![v4, any::<Ipv6Addr>().prop_map(IpAddr::V6)].boxed()
    } else {
        v4.boxed()
    };
    // An empty slot at the end cannot be told from the end.
    let slot = (string(d, 47), 1u32.., address).prop_map(|(name, port, address)| ServerSlot {
        name,
        port,
        address,
    });
    vec(slot, 0..=5).prop_map(|servers| M::ServerRes(ServerRes { servers }))
}

fn display(d: Dialect) -> impl Strategy<Value = ServerMessage> {
    let room = if d.version.has_dynamic_display() {
        96
    } else {
        31
    };
    (0..4, text(d, room), text(d, 31), any::<[u32; 3]>()).prop_map(
        |(kind, text, short, [timeout, a, b])| match kind {
            0 => M::DisplayText(short),
            1 => M::DisplayPromptStatus(DisplayPromptStatus {
                timeout,
                text,
                line: Instance(a),
                call: CallRef(b),
            }),
            2 => M::DisplayNotify(DisplayNotify { timeout, text }),
            _ => M::DisplayPriNotify(DisplayPriNotify {
                timeout,
                priority: a,
                text,
            }),
        },
    )
}
