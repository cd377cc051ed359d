#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;

use super::netascii::{Encoder, Place};
use super::*;

fn read(bytes: &[u8]) -> Request {
    match Packet::parse(bytes).unwrap() {
        Packet::Read(request) => request,
        other => panic!("not a read request: {other:?}"),
    }
}

#[test]
fn a_7940_asks_for_its_configuration() {
    // 73-byte frame of a capture: nothing but opcode, name and mode.
    let packet = b"\0\x01SEP001122334455.cnf.xml\0octet\0";
    assert_eq!(read(packet), Request::octet("SEP001122334455.cnf.xml"));
    assert_eq!(
        Packet::Read(Request::octet("SEP001122334455.cnf.xml")).encode(),
        packet
    );
}

#[test]
fn a_7960_of_2000_appends_a_stray_nul() {
    let packet = b"\0\x01OS79XX.TXT\0octet\0\0";
    assert_eq!(packet.len(), 20);
    assert_eq!(read(packet), Request::octet("OS79XX.TXT"));
}

#[test]
fn more_stray_nuls_and_missing_ones_change_nothing() {
    for packet in [
        &b"\0\x01X\0octet\0\0\0\0\0"[..],
        b"\0\x01X\0octet",
        b"\0\x01X\0OcTeT\0",
        b"\0\x01X\0octet\0blksize\0",
        b"\0\x01X\0octet\0blksize",
    ] {
        assert_eq!(read(packet), Request::octet("X"), "{packet:?}");
    }
}

#[test]
fn options_are_read_in_any_case_and_after_stray_nuls() {
    let request = read(b"\0\x01X\0octet\0\0BlkSize\x001428\0TSIZE\x000\0x\0\0timeout\x005");
    let kinds: Vec<_> = request.options.iter().map(TransferOption::kind).collect();
    assert_eq!(
        kinds,
        [
            Some(OptionKind::BlockSize),
            Some(OptionKind::TransferSize),
            None,
            Some(OptionKind::Timeout)
        ]
    );
    let number = |kind| request.options.get(kind).unwrap().as_number();
    assert_eq!(number(OptionKind::BlockSize), Some(1428));
    assert_eq!(number(OptionKind::TransferSize), Some(0));
    assert_eq!(number(OptionKind::Timeout), Some(5));
}

#[test]
fn the_first_of_two_equal_options_counts() {
    let request = read(b"\0\x01X\0octet\0blksize\x00100\0BLKSIZE\x00200\0");
    let option = request.options.get(OptionKind::BlockSize).unwrap();
    assert_eq!(option.as_number(), Some(100));
}

#[test]
fn values_that_are_no_numbers_are_not_numbers() {
    for value in [
        "",
        "-1",
        "+8",
        " 8",
        "8 ",
        "0x10",
        "99999999999999999999999",
        "8a",
    ] {
        let option = TransferOption {
            name: b"blksize".to_vec(),
            value: value.into(),
        };
        assert_eq!(option.as_number(), None, "{value:?}");
    }
}

#[test]
fn modes_other_than_the_known_stay_as_they_came() {
    assert_eq!(read(b"\0\x01X\0NETASCII\0").mode, Mode::Netascii);
    assert_eq!(read(b"\0\x01X\0Mail\0").mode, Mode::Mail);
    assert_eq!(read(b"\0\x01X\0\0").mode, Mode::Other(Vec::new()));
    assert_eq!(
        read(b"\0\x01X\0Binary\0").mode,
        Mode::Other(b"Binary".to_vec())
    );
}

#[test]
fn names_are_raw_octets() {
    assert_eq!(
        read(b"\0\x01Communicator\\\xff\xfe\0octet\0").name,
        b"Communicator\\\xff\xfe"
    );
    assert_eq!(read(b"\0\x01\0octet\0").name, b"");
}

#[test]
fn what_is_no_packet_is_named() {
    for (bytes, error) in [
        (&b""[..], WireError::TooShort),
        (b"\0", WireError::TooShort),
        (b"\0\x01", WireError::TooShort),
        (b"\0\x01X", WireError::NoMode),
        (b"\0\x01X\0", WireError::NoMode),
        (b"\0\x03\0", WireError::TooShort),
        (b"\0\x04", WireError::TooShort),
        (b"\0\x05\0", WireError::TooShort),
        (b"\0\x00", WireError::UnknownOpcode(0)),
        (b"\0\x07", WireError::UnknownOpcode(7)),
        (b"\x01\x01X\0octet\0", WireError::UnknownOpcode(257)),
    ] {
        assert_eq!(Packet::parse(bytes), Err(error), "{bytes:?}");
    }
    let mut long = b"\0\x01".to_vec();
    long.resize(2 + MAX_REQUEST + 1, b'A');
    assert_eq!(Packet::parse(&long), Err(WireError::RequestTooLong));
}

#[test]
fn errors_and_acknowledgements_read_as_they_are_written() {
    assert_eq!(
        Packet::parse(b"\0\x05\0\x01File not found\0junk").unwrap(),
        Packet::error(ErrorCode::FileNotFound, "File not found")
    );
    assert_eq!(
        Packet::parse(b"\0\x05\0\x63no end").unwrap(),
        Packet::error(ErrorCode::Other(99), "no end")
    );
    assert_eq!(
        Packet::error(ErrorCode::OptionsRefused, "no").encode(),
        b"\0\x05\0\x08no\0"
    );
    assert_eq!(
        Packet::parse(b"\0\x04\xff\xfe\0\0").unwrap(),
        Packet::Ack { block: 65534 }
    );
    let oack = Packet::OptionAck(Options::default().with(OptionKind::BlockSize, 1428));
    assert_eq!(oack.encode(), b"\0\x06blksize\x001428\0");
    assert_eq!(Packet::parse(b"\0\x06blksize\x001428\0").unwrap(), oack);
    assert_eq!(
        Packet::parse(b"\0\x06").unwrap(),
        Packet::OptionAck(Options::default())
    );
}

#[test]
fn options_are_counted() {
    let mut packet = b"\0\x01X\0octet\0".to_vec();
    for _ in 0..MAX_OPTIONS + 5 {
        packet.extend_from_slice(b"a\0b\0");
    }
    assert_eq!(read(&packet).options.iter().count(), MAX_OPTIONS);
}

#[test]
fn netascii_ends_lines_as_the_network_does() {
    let wire = in_blocks(b"a\nb\rc\r\n", 100);
    assert_eq!(wire, [&b"a\r\nb\r\0c\r\0\r\n"[..]]);
    assert_eq!(in_blocks(b"a\n\rb", 2), [&b"a\r"[..], b"\n\r", b"\0b"]);
    assert_eq!(netascii::decode(b"a\r\nb\r\0c"), b"a\nb\rc");
    assert_eq!(netascii::decode(b"a\rb\r"), b"a\rb\r");
}

/// A text cut as a server cuts it: each block is made from the place at which
/// the one before ended.
fn in_blocks(text: &[u8], size: usize) -> Vec<Vec<u8>> {
    let (mut blocks, mut place) = (Vec::new(), Place::default());
    loop {
        let mut encoder = Encoder::new(text, place);
        let block: Vec<u8> = encoder.by_ref().take(size).collect();
        place = encoder.place();
        if block.is_empty() {
            return blocks;
        }
        blocks.push(block);
    }
}

/// The whole of a text at one time, by the letter of RFC 764.
fn encoded(text: &[u8]) -> Vec<u8> {
    let octets = text.iter().map(|octet| match octet {
        b'\n' => vec![b'\r', b'\n'],
        b'\r' => vec![b'\r', 0],
        other => vec![*other],
    });
    octets.flatten().collect()
}

fn any_text() -> impl Strategy<Value = Vec<u8>> {
    vec(
        prop_oneof![Just(b'\r'), Just(b'\n'), Just(0), any::<u8>()],
        0..80,
    )
}

fn word() -> impl Strategy<Value = Vec<u8>> {
    vec(1_u8..=255, 1..40)
}

prop_compose! {
    fn any_options()(pairs in vec((word(), vec(1_u8..=255, 0..8)), 0..MAX_OPTIONS)) -> Options {
        pairs.into_iter().map(|(name, value)| TransferOption { name, value }).collect()
    }
}

fn any_mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        Just(Mode::Octet),
        Just(Mode::Netascii),
        Just(Mode::Mail),
        "x[a-z]{0,8}".prop_map(|word| Mode::Other(word.into_bytes())),
    ]
}

prop_compose! {
    fn any_request()(
        name in vec(1_u8..=255, 0..60), mode in any_mode(), options in any_options()
    ) -> Request {
        Request { name, mode, options }
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(bytes in vec(any::<u8>(), 0..200)) {
        let _ = Packet::parse(&bytes);
    }

    #[test]
    fn what_parses_as_a_packet_survives_a_round_trip(opcode in 0_u8..8, rest in vec(any::<u8>(), 0..200)) {
        let datagram = [&[0, opcode][..], &rest].concat();
        if let Ok(packet) = Packet::parse(&datagram) {
            let again = packet.encode();
            prop_assert_eq!(Packet::parse(&again).unwrap(), packet);
        }
    }

    #[test]
    fn requests_survive_a_round_trip(request in any_request(), write in any::<bool>()) {
        let packet = if write { Packet::Write(request) } else { Packet::Read(request) };
        let bytes = packet.encode();
        prop_assert_eq!(Packet::parse(&bytes).unwrap(), packet);
    }

    #[test]
    fn data_survives_a_round_trip(block in any::<u16>(), bytes in vec(any::<u8>(), 0..600)) {
        let packet = Packet::Data { block, bytes: &bytes };
        let wire = packet.encode();
        prop_assert_eq!(Packet::parse(&wire).unwrap(), packet);
    }

    #[test]
    fn error_codes_survive_a_round_trip(code in any::<u16>()) {
        prop_assert_eq!(u16::from(ErrorCode::from(code)), code);
    }

    #[test]
    fn netascii_is_exact_in_blocks_of_any_size(text in any_text(), size in 1_usize..40) {
        let blocks = in_blocks(&text, size);
        if let Some((_, full)) = blocks.split_last() {
            prop_assert!(full.iter().all(|block| block.len() == size));
        }
        let wire = blocks.concat();
        prop_assert_eq!(&wire, &encoded(&text));
        prop_assert_eq!(wire.len(), netascii::encoded_length(&text));
        prop_assert_eq!(netascii::decode(&wire), text);
    }

    #[test]
    fn netascii_of_anything_decodes(wire in vec(any::<u8>(), 0..80)) {
        prop_assert!(netascii::decode(&wire).len() <= wire.len());
    }
}
