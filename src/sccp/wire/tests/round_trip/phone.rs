//! Any message that a phone can send.

use std::net::{Ipv4Addr, Ipv6Addr};

use PhoneMessage as M;

use super::*;

pub(super) fn message(d: Dialect) -> BoxedStrategy<PhoneMessage> {
    prop_oneof![
        4 => plain(),
        4 => numbered(),
        2 => register(d).prop_map(|m| M::Register(Box::new(m))),
        1 => alarm(d),
        1 => tokens(d),
        1 => capabilities(),
        1 => strings(d),
        1 => enbloc(d),
        1 => user_data(d).prop_map(M::DeviceToUserData),
        1 => user_data(d).prop_map(M::DeviceToUserDataResponse),
        1 => unknown().prop_map(M::Unknown),
    ]
    .boxed()
}

fn plain() -> impl Strategy<Value = PhoneMessage> {
    prop::sample::select(vec![
        M::KeepAlive,
        M::ButtonTemplateReq,
        M::SoftKeyTemplateReq,
        M::SoftKeySetReq,
        M::ConfigStatReq,
        M::TimeDateReq,
        M::VersionReq,
        M::ServerReq,
        M::HeadsetStatus(true),
        M::HeadsetStatus(false),
    ])
}

fn numbered() -> impl Strategy<Value = PhoneMessage> {
    (0..16, any::<[u32; 4]>()).prop_map(|(kind, [a, b, c, d])| {
        let (line, call) = (Instance(b), CallRef(c));
        let hook = HookEvent { line, call };
        match kind {
            0 => M::IpPort(a),
            1 => M::Unregister(UnregisterReason(a)),
            2 => M::LineStatReq(Instance(a)),
            3 => M::SpeedDialStatReq(Instance(a)),
            4 => M::FeatureStatReq(FeatureStatReq {
                index: Instance(a),
                capabilities: b,
            }),
            5 => M::ServiceUrlStatReq(Instance(a)),
            6 => M::ForwardStatReq(Instance(a)),
            7 => M::RegisterAvailableLines(a),
            8 => M::MediaPathEvent(MediaPathEvent {
                path: MediaPath(a),
                on: b % 2 == 0,
            }),
            9 => M::MediaPathCapability(MediaPathCapability {
                path: MediaPath(a),
                capability: MediaCapability(b),
            }),
            10 => M::OffHook(hook),
            11 => M::OnHook(hook),
            12 => M::KeypadButton(KeypadButton {
                key: KeypadKey(a),
                line,
                call,
            }),
            13 => M::Stimulus(Stimulus {
                stimulus: ButtonType(a),
                instance: line,
                call,
                status: d,
            }),
            14 => M::SoftKeyEvent(SoftKeyPress {
                event: SoftKeyEvent(a),
                line,
                call,
            }),
            _ => M::Unregister(UnregisterReason::UNKNOWN),
        }
    })
}

/// A registration that ends after any of its optional fields.
fn register(d: Dialect) -> impl Strategy<Value = Register> {
    let strings = (string(d, 15), string(d, 31), string(d, 47));
    let protocol = (any::<u8>(), any::<u8>(), any::<u16>());
    let addresses = (any::<Ipv4Addr>(), any::<Ipv6Addr>(), any::<[u8; 12]>());
    (
        strings,
        protocol,
        addresses,
        any::<[u32; 10]>(),
        0..=12usize,
    )
        .prop_map(
            |((device_name, load, stamp), (version, flags, features), (v4, v6, mac), n, length)| {
                Register {
                    device_name,
                    user: n[0],
                    instance: n[1],
                    address: v4,
                    device_type: DeviceType(n[2]),
                    max_streams: (length > 0).then_some(n[3]),
                    active_streams: (length > 1).then_some(n[4]),
                    announced: (length > 2).then_some(Announced {
                        version,
                        flags,
                        features: PhoneFeatures(features),
                    }),
                    max_conferences: (length > 3).then_some(n[5]),
                    active_conferences: (length > 4).then_some(n[6]),
                    mac: (length > 5).then_some(mac),
                    ipv4_scope: (length > 6).then_some(n[7]),
                    max_lines: (length > 7).then_some(n[8]),
                    ipv6: (length > 8).then_some(v6),
                    ipv6_scope: (length > 9).then_some(n[9]),
                    firmware: (length > 10).then_some(load),
                    config_version_stamp: (length > 11).then_some(stamp),
                }
            },
        )
}

fn alarm(d: Dialect) -> impl Strategy<Value = PhoneMessage> {
    (string(d, 79), any::<[u32; 3]>()).prop_map(|(text, [severity, parameter1, parameter2])| {
        M::Alarm(Alarm {
            severity: AlarmSeverity(severity),
            text,
            parameter1,
            parameter2,
        })
    })
}

fn tokens(d: Dialect) -> impl Strategy<Value = PhoneMessage> {
    let address = any::<(Ipv4Addr, Ipv6Addr)>();
    (any::<bool>(), string(d, 15), address, any::<[u32; 4]>()).prop_map(
        |(spcp, device_name, (address, ipv6), [user, instance, device_type, last])| {
            let device_type = DeviceType(device_type);
            if spcp {
                return M::SpcpRegisterTokenReq(SpcpRegisterTokenReq {
                    device_name,
                    user,
                    instance,
                    address,
                    device_type,
                    max_streams: last,
                });
            }
            M::RegisterTokenReq(RegisterTokenReq {
                device_name,
                user,
                instance,
                address,
                device_type,
                ipv6,
            })
        },
    )
}

fn capabilities() -> impl Strategy<Value = PhoneMessage> {
    let capability =
        any::<(u32, u32, [u8; 8])>().prop_map(|(codec, max_frames, parameters)| AudioCapability {
            codec: Codec(codec),
            max_frames,
            parameters,
        });
    (0..4, vec(capability, 0..=18), any::<[u32; 3]>()).prop_map(
        |(kind, audio, [video_count, data_count, rtp_payload_format])| {
            let form = match kind {
                0 => return M::CapabilitiesRes(audio),
                1 => CapabilitiesForm::V1,
                2 => CapabilitiesForm::V2,
                _ => CapabilitiesForm::V3,
            };
            M::UpdateCapabilities(Box::new(UpdateCapabilities {
                form,
                video_count,
                data_count,
                rtp_payload_format,
                audio,
            }))
        },
    )
}

fn strings(d: Dialect) -> impl Strategy<Value = PhoneMessage> {
    (0..3, string(d, 127), any::<[u32; 3]>()).prop_map(|(kind, string, n)| match kind {
        0 => M::XmlAlarm(string),
        1 => M::LocationInfo(string),
        _ => M::AddOnDeviceCapabilities(AddOnDeviceCapabilities {
            instance: n[0],
            device_type: DeviceType(n[1]),
            max_allowed: n[2],
            description: string,
        }),
    })
}

/// Lines up to the number where the two ways to place it can no longer be told apart.
fn enbloc(d: Dialect) -> impl Strategy<Value = PhoneMessage> {
    (string(d, d.version.number_size() - 1), 0..1u32 << 24).prop_map(|(number, line)| {
        M::EnblocCall(EnblocCall {
            number,
            line: Instance(line),
        })
    })
}
