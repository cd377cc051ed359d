//! What the phone says of itself: alarm, registration, capabilities.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::handset::cause::Cause;
use crate::handset::file::BootFile;
use crate::handset::profile::{Kind, Profile};
use crate::sccp::wire::{
    Alarm, AlarmSeverity, Announced, AudioCapability, CapabilitiesForm, Codec, PhoneFeatures,
    PhoneMessage, Register, UpdateCapabilities,
};

/// Feature bits as a 7960 with version 11 sends them.
const FEATURES_7960: PhoneFeatures = PhoneFeatures(0x8560);
/// Feature bits as a 7961 sends them: the same with UTF-8.
const FEATURES_7961: PhoneFeatures = PhoneFeatures(0x8572);

/// Loads up to this version do not tell theirs.
const UNTOLD: u8 = 3;

/// Feature bits of the load.
pub(super) const fn features(kind: Kind) -> PhoneFeatures {
    match kind {
        Kind::Cisco7960 => FEATURES_7960,
        _ => FEATURES_7961,
    }
}

/// Why the phone comes; goes before `Register`.
pub(super) fn alarm(profile: &Profile, cause: Cause, own: Ipv4Addr) -> PhoneMessage {
    if profile.alarms_in_xml {
        return xml_alarm(profile, cause, own);
    }
    PhoneMessage::Alarm(Alarm {
        severity: AlarmSeverity::INFORMATION,
        text: format!(
            "{}: Name={} Load={} Last={}",
            cause.number(),
            profile.device_name(),
            profile.load,
            cause.word()
        ),
        parameter1: 0,
        parameter2: u32::from_le_bytes(own.octets()),
    })
}

/// The same as loads of the 9 series write it.
fn xml_alarm(profile: &Profile, cause: Cause, own: Ipv4Addr) -> PhoneMessage {
    let (sent, received) = match cause {
        Cause::Ordered(_) => ("39:Unregister", "159:Reset"),
        _ => ("", ""),
    };
    PhoneMessage::XmlAlarm(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<x-cisco-alarm>\n\
         <Alarm Name=\"LastOutOfServiceInformation\">\n<ParameterList>\n\
         <String name=\"DeviceName\">{}</String>\n\
         <String name=\"DeviceIPv4Address\">{own}</String>\n\
         <String name=\"ActiveLoad\">{}</String>\n\
         <Enum name=\"ReasonForOutOfService\">{}</Enum>\n\
         <String name=\"LastProtocolEventSent\">{sent}</String>\n\
         <String name=\"LastProtocolEventReceived\">{received}</String>\n\
         </ParameterList>\n</Alarm>\n</x-cisco-alarm>\n",
        profile.device_name(),
        profile.load,
        cause.number(),
    ))
}

/// A 7960 says little; a 7961 all that its load knows.
pub(super) fn register(profile: &Profile, file: &BootFile, own: Ipv4Addr) -> PhoneMessage {
    let mut register = Register::shortest(&profile.device_name(), profile.model.device_type, own);
    if profile.version.0 <= UNTOLD {
        return PhoneMessage::Register(Box::new(register));
    }
    register.active_streams = Some(0);
    register.announced = Some(Announced {
        version: profile.version.0,
        flags: 0,
        features: features(profile.kind),
    });
    register.active_conferences = Some(0);
    if profile.kind == Kind::Cisco7960 {
        register.max_streams = Some(0);
        register.max_conferences = Some(0);
        register.mac = Some([0; 12]);
        register.ipv4_scope = Some(0);
        return PhoneMessage::Register(Box::new(register));
    }
    let mut mac = [0; 12];
    mac[..6].copy_from_slice(&profile.mac.0);
    register.max_streams = Some(5);
    register.max_conferences = Some(1);
    register.mac = Some(mac);
    register.ipv4_scope = Some(3);
    register.max_lines = Some(0);
    register.ipv6 = Some(Ipv6Addr::UNSPECIFIED);
    register.ipv6_scope = Some(0);
    register.firmware = Some(profile.load.clone());
    register.config_version_stamp = profile.reports_stamp.then(|| file.version_stamp.clone());
    PhoneMessage::Register(Box::new(register))
}

/// The codecs.
pub(super) fn capabilities(kind: Kind) -> PhoneMessage {
    let audio = [
        (Codec::WIDEBAND_256K, 120),
        (Codec::G711_ULAW_64K, 40),
        (Codec::G711_ALAW_64K, 40),
        (Codec::G729_AB, 60),
    ]
    .map(|(codec, max_frames)| AudioCapability {
        codec,
        max_frames,
        parameters: [0; 8],
    })
    .to_vec();
    match kind {
        Kind::Cisco7960 => PhoneMessage::UpdateCapabilities(Box::new(UpdateCapabilities {
            form: CapabilitiesForm::V1,
            video_count: 0,
            data_count: 0,
            rtp_payload_format: 0,
            audio,
        })),
        _ => PhoneMessage::CapabilitiesRes(audio),
    }
}
