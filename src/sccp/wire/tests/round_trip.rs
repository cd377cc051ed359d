//! Properties: every message survives the wire, and no bytes can hurt.

mod phone;
mod server;

use std::collections::BTreeSet;

use proptest::char::range;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::sccp::wire::samples::{dialect, samples};

/// Any version, either character set.
fn any_dialect() -> impl Strategy<Value = Dialect> {
    (3u8..=22, any::<bool>()).prop_map(|(version, utf8)| Dialect {
        version: ProtocolVersion(version),
        text: if utf8 {
            TextEncoding::Utf8
        } else {
            TextEncoding::Latin1
        },
    })
}

/// A string that the dialect can hold in `room` bytes.
fn string(dialect: Dialect, room: usize) -> BoxedStrategy<String> {
    let latin1 = prop_oneof![
        8 => range(' ', '~'),
        2 => range('\u{A0}', '\u{FF}'),
        1 => Just('\n'),
    ];
    match dialect.text {
        TextEncoding::Latin1 => vec(latin1, 0..=room).prop_map(String::from_iter).boxed(),
        TextEncoding::Utf8 => vec(prop_oneof![latin1, range('\u{100}', char::MAX)], 0..=room)
            .prop_map(move |chars| fitting(chars, room))
            .boxed(),
    }
}

fn fitting(chars: Vec<char>, room: usize) -> String {
    let mut string = String::new();
    for c in chars {
        if string.len() + c.len_utf8() <= room {
            string.push(c);
        }
    }
    string
}

/// Words, phrases and words again in `room` bytes.
fn text(dialect: Dialect, room: usize) -> impl Strategy<Value = Text> {
    let half = (room - 2) / 2;
    let label = (any::<bool>(), 1u8..).prop_map(|(first, code)| Label {
        table: if first {
            LabelTable::First
        } else {
            LabelTable::Second
        },
        code,
    });
    (
        string(dialect, half),
        proptest::option::of(label),
        string(dialect, half),
    )
        .prop_map(|(before, label, after)| {
            let text = Text::from(before);
            match label {
                Some(label) => text.label(label).words(&after),
                None => text.words(&after),
            }
        })
}

fn user_data(dialect: Dialect) -> impl Strategy<Value = UserData> {
    let long = dialect.version.has_long_user_data();
    (any::<[u32; 9]>(), vec(any::<u8>(), 0..=UserData::MAX_DATA)).prop_map(move |(words, data)| {
        let [application, line, call, transaction, rest @ ..] = words;
        let [
            sequence,
            display_priority,
            conference,
            app_instance,
            routing,
        ] = rest;
        let short = UserData {
            application,
            line: Instance(line),
            call: CallRef(call),
            transaction,
            data: data.into(),
            ..UserData::default()
        };
        if !long {
            return short;
        }
        UserData {
            sequence: Sequence(sequence),
            display_priority,
            conference,
            app_instance,
            routing,
            ..short
        }
    })
}

fn unknown() -> impl Strategy<Value = Unknown> {
    (0x1000u32..0x7000, vec(any::<u8>(), 0..50)).prop_map(|(id, body)| Unknown {
        id: MessageId(id),
        body: body.into(),
    })
}

fn every_number() -> impl Iterator<Item = MessageId> {
    (0..0x200).chain(0x8000..0x8200).map(MessageId)
}

proptest! {
    #[test]
    fn phone_messages_survive(
        (dialect, message) in any_dialect().prop_flat_map(|d| (Just(d), phone::message(d))),
    ) {
        let frame = encode_phone(&message, dialect);
        prop_assert!(frame.to_bytes().len() <= frame::MAX_FRAME);
        prop_assert_eq!(decode_phone(&frame, dialect), Ok(message));
    }

    #[test]
    fn server_messages_survive(
        (dialect, message) in any_dialect().prop_flat_map(|d| (Just(d), server::message(d))),
    ) {
        let frame = encode_server(&message, dialect);
        prop_assert!(frame.to_bytes().len() <= frame::MAX_FRAME);
        prop_assert_eq!(decode_server(&frame, dialect), Ok(message));
    }

    #[test]
    fn no_bytes_can_hurt(body in vec(any::<u8>(), 0..900), version: u8, utf8: bool) {
        let text = if utf8 { TextEncoding::Utf8 } else { TextEncoding::Latin1 };
        let dialect = Dialect { version: ProtocolVersion(version), text };
        let body = Bytes::from(body);
        for id in every_number() {
            let frame = Frame { header_version: 0, id, body: body.clone() };
            if let Ok(message) = decode_phone(&frame, dialect) {
                encode_phone(&message, dialect);
            }
            if let Ok(message) = decode_server(&frame, dialect) {
                encode_server(&message, dialect);
            }
        }
    }

    #[test]
    fn no_damage_to_a_real_message_can_hurt(
        from in 3u8..=22, to: u8, cut: prop::sample::Index,
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let (phone, server) = samples(ProtocolVersion(from));
        let phone = phone.iter().map(|m| encode_phone(m, dialect(from)));
        let server = server.iter().map(|m| encode_server(m, dialect(from)));
        for mut frame in phone.chain(server) {
            let mut body = frame.body.to_vec();
            body.truncate(cut.index(body.len() + 1));
            for (place, byte) in &damage {
                if !body.is_empty() {
                    let place = place.index(body.len());
                    body[place] = *byte;
                }
            }
            frame.body = body.into();
            let _ = decode_phone(&frame, dialect(to));
            let _ = decode_server(&frame, dialect(to));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// What any bytes read as is written as bytes that read the same: after one trip
    /// (which cuts what does not travel at that version) nothing changes any more.
    #[test]
    fn whatever_is_read_settles_after_one_trip(
        body in vec(any::<u8>(), 0..700), zeros in any::<bool>(), dialect in any_dialect(),
    ) {
        // Strings of half the bodies end somewhere.
        let body: Bytes = body.iter().map(|b| if zeros && *b > 200 { 0 } else { *b }).collect();
        for id in every_number() {
            let frame = Frame { header_version: 0, id, body: body.clone() };
            if let Ok(message) = decode_phone(&frame, dialect) {
                let once = decode_phone(&encode_phone(&message, dialect), dialect);
                let once = once.expect("what was written is complete");
                let frame = encode_phone(&once, dialect);
                prop_assert!(frame.to_bytes().len() <= frame::MAX_FRAME);
                prop_assert_eq!(decode_phone(&frame, dialect), Ok(once));
            }
            if let Ok(message) = decode_server(&frame, dialect) {
                let once = decode_server(&encode_server(&message, dialect), dialect);
                let once = once.expect("what was written is complete");
                let frame = encode_server(&once, dialect);
                prop_assert!(frame.to_bytes().len() <= frame::MAX_FRAME);
                prop_assert_eq!(decode_server(&frame, dialect), Ok(once));
            }
        }
    }
}

/// Every message of every version, cut at every length: a value or an error, and a
/// longer one reads as the whole.
#[test]
fn a_message_may_end_anywhere_and_go_on_beyond_its_end() {
    for version in [3, 5, 8, 11, 16, 17, 18, 20, 22] {
        let dialect = dialect(version);
        let (phone, server) = samples(ProtocolVersion(version));
        for message in phone {
            let whole = encode_phone(&message, dialect);
            for length in 0..whole.body.len() {
                let body = whole.body.slice(..length);
                let _ = decode_phone(
                    &Frame {
                        body,
                        ..whole.clone()
                    },
                    dialect,
                );
            }
        }
        for message in server {
            let whole = encode_server(&message, dialect);
            for length in 0..whole.body.len() {
                let body = whole.body.slice(..length);
                let _ = decode_server(
                    &Frame {
                        body,
                        ..whole.clone()
                    },
                    dialect,
                );
            }
        }
    }
}

#[test]
fn the_samples_survive_at_every_version() {
    for version in 3..=22 {
        let (phone, server) = samples(ProtocolVersion(version));
        for message in phone {
            let frame = encode_phone(&message, dialect(version));
            assert_eq!(decode_phone(&frame, dialect(version)), Ok(message));
        }
        for message in server {
            let frame = encode_server(&message, dialect(version));
            assert_eq!(decode_server(&frame, dialect(version)), Ok(message));
        }
    }
}

/// Whatever number decodes to something other than `Unknown` is in the samples of the
/// lowest or highest version, so that no message goes without them.
#[test]
fn the_samples_leave_out_no_message() {
    let sampled: BTreeSet<MessageId> = [3, 22]
        .into_iter()
        .flat_map(|version| {
            let (phone, server) = samples(ProtocolVersion(version));
            let phone = phone
                .into_iter()
                .map(move |m| encode_phone(&m, dialect(version)).id);
            let server = server
                .into_iter()
                .map(move |m| encode_server(&m, dialect(version)).id);
            phone.chain(server)
        })
        .collect();
    let body = Bytes::from(vec![0; 800]);
    let known: BTreeSet<MessageId> = every_number()
        .filter(|id| {
            let frame = Frame {
                header_version: 0,
                id: *id,
                body: body.clone(),
            };
            !matches!(
                decode_phone(&frame, dialect(22)),
                Ok(PhoneMessage::Unknown(_))
            ) || !matches!(
                decode_server(&frame, dialect(22)),
                Ok(ServerMessage::Unknown(_))
            )
        })
        .collect();
    let unsampled: Vec<_> = known.difference(&sampled).collect();
    // Written in this form only where it is asked for.
    assert_eq!(unsampled, [&MessageId::CONFIG_STAT_V2]);
}
