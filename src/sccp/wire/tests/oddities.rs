//! What real phones do that no description says.

use std::net::Ipv4Addr;

use super::*;
use crate::sccp::wire::samples::dialect;

fn body_of(id: MessageId, body: impl Into<Bytes>) -> Frame {
    Frame {
        header_version: 0,
        id,
        body: body.into(),
    }
}

/// The first 40 bytes of a registration: name, address, model and streams.
fn start(name: &str, device_type: DeviceType) -> Vec<u8> {
    let mut body = name.as_bytes().to_vec();
    body.resize(24, 0);
    body.extend([10, 15, 15, 178]);
    body.extend(device_type.0.to_le_bytes());
    body.extend([0; 8]);
    body
}

fn registered(body: impl Into<Bytes>) -> Register {
    let frame = body_of(MessageId::REGISTER, body);
    match decode_phone(&frame, Dialect::BASIC) {
        Ok(PhoneMessage::Register(register)) => *register,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_shortest_registrations_name_no_version_and_get_3() {
    let whole = start("SEP003094C3CD3B", DeviceType::CISCO_7935);
    for length in [36, 40] {
        let register = registered(whole[..length].to_vec());
        assert_eq!(register.announced, None);
        assert_eq!(register.dialect().version, ProtocolVersion::LOWEST);
        assert_eq!(register.max_streams, Some(0));
        assert_eq!(register.active_streams, (length == 40).then_some(0));
    }
}

#[test]
fn a_7936_registers_with_44_bytes_and_whatever_it_announces_gets_3() {
    let mut body = start("SEP003094C3CD3B", DeviceType::CISCO_7936);
    body.extend([11, 0, 0, 0]);
    let register = registered(body);
    assert_eq!(register.announced.unwrap().version, 11);
    assert_eq!(register.dialect().version, ProtocolVersion::LOWEST);
    assert_eq!(register.max_conferences, None);
}

#[test]
fn an_ata_announces_33_and_gets_3() {
    let mut body = start("ATA003094C3CD3B", DeviceType::ATA_188);
    body.extend([33, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(registered(body).dialect().version, ProtocolVersion::LOWEST);
}

#[test]
fn a_6961_has_a_flag_beside_its_version_and_its_mac_in_letters() {
    let mut body = start("SEP1C17D340B1E2", DeviceType::CISCO_6961);
    body.extend([15, 0x20, 0x70, 0x85, 0, 0, 0, 0, 0, 0, 0, 0]);
    body.extend(b"1C17D340B1E2");
    body.extend([3, 0, 0, 0]);
    assert_eq!(body.len(), 68);
    let register = registered(body.clone());
    let announced = register.announced.unwrap();
    assert_eq!((announced.version, announced.flags), (15, 0x20));
    assert!(announced.features.contains(PhoneFeatures::UTF8));
    assert_eq!(register.hardware_address(), None);
    assert_eq!(register.ipv4_scope, Some(3));
    let written = encode_phone(&PhoneMessage::Register(Box::new(register)), Dialect::BASIC);
    assert_eq!(written.body, body);
}

#[test]
fn a_name_has_old_memory_behind_its_end() {
    let mut body = start("pyskinny01", DeviceType::VIRTUAL_30SP_PLUS);
    body[11..16].copy_from_slice(b"RING!");
    assert_eq!(registered(body).device_name, "pyskinny01");
}

#[test]
fn a_registration_may_be_longer_than_we_know() {
    let mut body = encode_phone(
        &PhoneMessage::Register(Box::new(samples::register())),
        Dialect::BASIC,
    )
    .body
    .to_vec();
    body.extend(b"1f8a0c\0");
    body.resize(124 + 48, 0);
    body.extend([0xAA; 40]);
    let register = registered(body);
    assert_eq!(register.config_version_stamp.as_deref(), Some("1f8a0c"));
}

#[test]
fn an_spa_counts_its_instance_from_the_other_end() {
    let mut body = b"SEP001F9E266369\0".to_vec();
    body.extend([0, 0, 0, 0, 0, 0, 0, 1, 192, 168, 9, 36]);
    body.extend(80_005u32.to_le_bytes());
    body.extend(5u32.to_le_bytes());
    let frame = body_of(MessageId::SPCP_REGISTER_TOKEN_REQ, body);
    let message = decode_phone(&frame, Dialect::BASIC).unwrap();
    assert_eq!(
        message,
        PhoneMessage::SpcpRegisterTokenReq(SpcpRegisterTokenReq {
            device_name: "SEP001F9E266369".to_owned(),
            user: 0,
            instance: 0x0100_0000,
            address: Ipv4Addr::new(192, 168, 9, 36),
            device_type: DeviceType::SPA_525G,
            max_streams: 5,
        })
    );
    assert_eq!(encode_phone(&message, Dialect::BASIC), frame);
}

#[test]
fn codecs_stand_behind_tables_full_of_old_memory() {
    // A 7960: its first codec, wideband, is 324 bytes into the frame.
    let mut body = vec![0xEE; 312];
    for (place, count) in [2u32, 0, 0, 0, 0].into_iter().enumerate() {
        body[place * 4..place * 4 + 4].copy_from_slice(&count.to_le_bytes());
    }
    for (codec, frames) in [(Codec::WIDEBAND_256K, 120u32), (Codec::G711_ULAW_64K, 40)] {
        body.extend(codec.0.to_le_bytes());
        body.extend(frames.to_le_bytes());
        body.extend([0; 8]);
    }
    body.extend([0xEE; 16 * 16 + 40]);
    for id in [
        MessageId::UPDATE_CAPABILITIES,
        MessageId::UPDATE_CAPABILITIES_V2,
        MessageId::UPDATE_CAPABILITIES_V3,
    ] {
        let frame = body_of(id, body.clone());
        let Ok(PhoneMessage::UpdateCapabilities(capabilities)) = decode_phone(&frame, dialect(11))
        else {
            panic!("not read");
        };
        let codecs: Vec<_> = capabilities.audio.iter().map(|a| a.codec).collect();
        assert_eq!(codecs, [Codec::WIDEBAND_256K, Codec::G711_ULAW_64K]);
        // What is written has zeros where the phone has old memory, in the same place.
        let written = encode_phone(&PhoneMessage::UpdateCapabilities(capabilities), dialect(11));
        assert_eq!(written.id, id);
        assert_eq!(written.body[312..344], body[312..344]);
        assert!(!written.body.contains(&0xEE));
    }
}

#[test]
fn the_table_of_codecs_has_18_places_in_292_bytes() {
    let none = encode_phone(&PhoneMessage::CapabilitiesRes(vec![]), dialect(17));
    assert_eq!(none.body.len() + 4, 296);
}

#[test]
fn hooks_and_keys_of_a_7960_name_its_button() {
    let hook = body_of(MessageId::ON_HOOK, vec![0; 8]);
    assert_eq!(
        decode_phone(&hook, dialect(11)).unwrap(),
        PhoneMessage::OnHook(HookEvent::default())
    );
    let key = body_of(
        MessageId::KEYPAD_BUTTON,
        &[15, 0, 0, 0, 3, 0, 0, 0, 0x1A, 0, 0, 1][..],
    );
    assert_eq!(
        decode_phone(&key, dialect(11)).unwrap(),
        PhoneMessage::KeypadButton(KeypadButton {
            key: KeypadKey::POUND,
            line: Instance(3),
            call: CallRef(0x0100_001A),
        })
    );
}

#[test]
fn a_keep_alive_or_farewell_may_carry_data() {
    let frame = body_of(MessageId::KEEP_ALIVE, vec![7; 8]);
    assert_eq!(
        decode_phone(&frame, dialect(22)).unwrap(),
        PhoneMessage::KeepAlive
    );
    let frame = body_of(MessageId::UNREGISTER, &[1, 0, 0, 0, 9, 9][..]);
    assert_eq!(
        decode_phone(&frame, dialect(22)).unwrap(),
        PhoneMessage::Unregister(UnregisterReason::POWER_SAVE)
    );
}

#[test]
fn xml_before_registration_is_utf8_and_old_xml_is_not() {
    let alarm = |bytes: &'static [u8]| {
        let frame = body_of(MessageId::XML_ALARM, bytes);
        decode_phone(&frame, Dialect::BASIC).unwrap()
    };
    let read = PhoneMessage::XmlAlarm("<a>Jürgen Łoś</a>".to_owned());
    assert_eq!(alarm("<a>Jürgen Łoś</a>\0rest".as_bytes()), read);
    assert_eq!(
        alarm(b"<a>J\xFCrgen</a>"),
        PhoneMessage::XmlAlarm("<a>Jürgen</a>".to_owned())
    );
    let written = encode_phone(&read, Dialect::BASIC);
    assert_eq!(decode_phone(&written, Dialect::BASIC).unwrap(), read);
}

#[test]
fn a_location_has_a_field_of_fixed_size() {
    let location = PhoneMessage::LocationInfo("<LocationInfo/>".to_owned());
    assert_eq!(encode_phone(&location, dialect(16)).body.len(), 2404);
}

#[test]
fn pushed_data_is_2000_bytes_at_most_whatever_its_length_says() {
    let mut body = vec![0; 40];
    body[16..20].fill(0xFF);
    body.extend([b'x'; 6000]);
    let frame = body_of(MessageId::DEVICE_TO_USER_DATA_V1, body);
    let Ok(PhoneMessage::DeviceToUserData(data)) = decode_phone(&frame, dialect(22)) else {
        panic!("not read");
    };
    assert_eq!(data.data.0.len(), UserData::MAX_DATA);
}

#[test]
fn soft_keys_without_a_mask_are_all_on() {
    let frame = body_of(MessageId::SELECT_SOFT_KEYS, vec![0; 12]);
    let Ok(ServerMessage::SelectSoftKeys(keys)) = decode_server(&frame, dialect(3)) else {
        panic!("not read");
    };
    assert_eq!(keys.mask, SelectSoftKeys::ALL);
}
