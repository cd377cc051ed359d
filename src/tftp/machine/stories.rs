//! What happens between a phone and the server, on the bench.
#![allow(clippy::disallowed_methods)] // the machines take the time as an argument
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::bench::{Bench, Ending, Fate, Side};
use super::*;
use crate::tftp::wire::{ErrorCode, Mode, OptionKind, Options, Packet, Request, TransferOption};

fn plain() -> Request {
    Request::octet("SEP001122334455.cnf.xml")
}

fn with_options(options: &[(OptionKind, u64)]) -> Request {
    let mut request = plain();
    for (kind, value) in options {
        request.options.push(TransferOption::number(*kind, *value));
    }
    request
}

/// Bytes in which no two blocks are alike.
fn file(length: usize) -> Bytes {
    (0..length as u64)
        .map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8)
        .collect()
}

fn on_a_good_wire(request: Request, body: &Bytes) -> Ending {
    Bench::new(request, body.clone(), |_, _| Fate::Arrives).run()
}

/// Loses the packets of one side at these places, counted from 0.
fn losing(side: Side, places: &'static [usize]) -> impl FnMut(Side, &[u8]) -> Fate {
    let mut seen = 0;
    move |by, _| {
        if by != side {
            return Fate::Arrives;
        }
        seen += 1;
        if places.contains(&(seen - 1)) {
            Fate::Lost
        } else {
            Fate::Arrives
        }
    }
}

fn assert_arrived(ending: &Ending, body: &[u8]) {
    assert_eq!(ending.client, FetchOutcome::Received);
    assert_eq!(ending.server, Some(Outcome::Delivered));
    assert!(ending.received == body, "other bytes arrived");
}

/// Times, in milliseconds, at which one side sent its packets.
fn times(ending: &Ending, side: Side) -> Vec<u64> {
    ending.by(side).map(|sent| sent.at).collect()
}

/// Starts a transfer without a bench.
fn begin(request: &Request, body: &Bytes) -> (Transfer, Step<Outcome>, Instant) {
    let now = Instant::now();
    let (transfer, step) = Transfer::start(request, body.clone(), &Terms::default(), now);
    (transfer, step, now)
}

fn ack(block: u16) -> Vec<u8> {
    Packet::Ack { block }.encode()
}

#[test]
fn a_phone_without_options_gets_blocks_of_512_and_no_oack() {
    let body = file(1300);
    let ending = on_a_good_wire(plain(), &body);
    assert_arrived(&ending, &body);
    let lengths: Vec<_> = ending.by(Side::Server).map(|p| p.bytes.len()).collect();
    assert_eq!(lengths, [516, 516, 280]);
    assert!(
        ending
            .by(Side::Server)
            .all(|p| p.bytes.starts_with(&[0, 3]))
    );
}

#[test]
fn a_file_of_whole_blocks_ends_with_an_empty_one() {
    for (length, blocks) in [(0, 1), (1, 1), (511, 1), (512, 2), (1024, 3), (1025, 3)] {
        let body = file(length);
        let ending = on_a_good_wire(plain(), &body);
        assert_arrived(&ending, &body);
        assert_eq!(ending.by(Side::Server).count(), blocks, "{length} octets");
    }
}

#[test]
fn a_client_with_options_gets_an_oack_first() {
    let body = file(5000);
    let request = with_options(&[
        (OptionKind::BlockSize, 9000),
        (OptionKind::TransferSize, 0),
        (OptionKind::Timeout, 3),
    ]);
    let ending = on_a_good_wire(request, &body);
    assert_arrived(&ending, &body);
    let first = &ending.by(Side::Server).next().unwrap().bytes;
    assert_eq!(
        first,
        b"\0\x06blksize\x001428\0timeout\x003\0tsize\x005000\0"
    );
    assert_eq!(ending.by(Side::Client).nth(1).unwrap().bytes, ack(0));
    assert_eq!(ending.by(Side::Server).count(), 1 + 4);
}

#[test]
fn options_nobody_knows_are_answered_with_data() {
    let mut request = plain();
    request.options.push(TransferOption {
        name: b"windowsize".to_vec(),
        value: b"16".to_vec(),
    });
    let body = file(10);
    let ending = on_a_good_wire(request, &body);
    assert_arrived(&ending, &body);
    assert_eq!(ending.by(Side::Server).count(), 1);
}

#[test]
fn netascii_arrives_as_the_same_text_and_tsize_counts_the_wire() {
    let body = Bytes::from_static(b"one\ntwo\r\nthree");
    let mut request = with_options(&[(OptionKind::TransferSize, 0)]);
    request.mode = Mode::Netascii;
    let ending = on_a_good_wire(request, &body);
    assert_arrived(&ending, &body);
    let sent: Vec<_> = ending.by(Side::Server).collect();
    assert_eq!(sent[0].bytes, b"\0\x06tsize\x0017\0");
    assert_eq!(sent[1].bytes, b"\0\x03\0\x01one\r\ntwo\r\0\r\nthree");
}

/// Anybody can forge a request, and a text is as long as a firmware.
#[test]
fn a_text_is_not_copied_for_who_has_only_asked_and_its_size_not_counted() {
    let body = Bytes::from(vec![b'\n'; 2 << 20]);
    let mut request = with_options(&[(OptionKind::TransferSize, 0)]);
    request.mode = Mode::Netascii;
    let (transfer, step, _) = begin(&request, &body);
    let block = [&[0, 3, 0, 1][..], &b"\r\n".repeat(256)].concat();
    assert_eq!(
        step.send,
        Some(block),
        "no OACK, as there is nothing to say"
    );
    assert!(!body.is_unique(), "the transfer holds the shared one");
    drop(transfer);
    assert!(body.is_unique());
}

#[test]
fn a_block_of_text_that_is_said_again_is_the_same() {
    // A line end that two blocks share, and a CR that ends the file.
    let body = Bytes::from([&[b'x'; 511][..], b"\n", &[b'y'; 510], b"\r"].concat());
    let mut request = plain();
    request.mode = Mode::Netascii;
    for lost in [&[0][..], &[1], &[2], &[0, 1, 3]] {
        let ending = Bench::new(request.clone(), body.clone(), losing(Side::Server, lost)).run();
        assert_arrived(&ending, &body);
        let mut blocks: Vec<_> = ending.by(Side::Server).map(|p| &p.bytes[..]).collect();
        blocks.dedup();
        let wire: Vec<u8> = blocks.iter().flat_map(|p| p[4..].to_vec()).collect();
        let text = [&[b'x'; 511][..], b"\r\n", &[b'y'; 510], b"\r\0"].concat();
        assert!(wire == text, "{lost:?}: {} octets", wire.len());
        assert_eq!(blocks.len(), 3, "two full ones and an end");
    }
}

#[test]
fn a_big_file_wraps_its_block_numbers_on_a_bad_wire() {
    let body = file(4 << 20);
    let request = with_options(&[(OptionKind::BlockSize, 32)]);
    assert!(body.len() / 32 > 65_536, "it must wrap");
    let mut state = 2_463_534_242_u32;
    let wire = move |_: Side, _: &[u8]| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        match state % 400 {
            0..4 => Fate::Lost,
            4..8 => Fate::Doubled,
            8 => Fate::Late(1200),
            9..12 => Fate::Late(7),
            _ => Fate::Arrives,
        }
    };
    let ending = Bench::new(request, body.clone(), wire).forgetting().run();
    assert_arrived(&ending, &body);
}

#[test]
fn a_lost_block_comes_again_after_a_second() {
    let body = file(700);
    let ending = Bench::new(plain(), body.clone(), losing(Side::Server, &[1])).run();
    assert_arrived(&ending, &body);
    let sent: Vec<_> = ending.by(Side::Server).collect();
    assert_eq!(sent[1].bytes, sent[2].bytes);
    assert_eq!(times(&ending, Side::Server), [10, 30, 1030]);
}

#[test]
fn a_lost_request_or_first_block_is_made_good() {
    let body = file(700);
    for side in [Side::Client, Side::Server] {
        let ending = Bench::new(plain(), body.clone(), losing(side, &[0])).run();
        assert_arrived(&ending, &body);
    }
}

#[test]
fn a_lost_last_acknowledgement_is_said_again() {
    let body = file(100);
    let ending = Bench::new(plain(), body.clone(), losing(Side::Client, &[1])).run();
    assert_arrived(&ending, &body);
    assert_eq!(times(&ending, Side::Server), [10, 1010]);
}

#[test]
fn waits_double_until_the_last_try() {
    let vanishing = |by: Side, _: &[u8]| match by {
        Side::Client => Fate::Arrives,
        Side::Server => Fate::Lost,
    };
    let (mut transfer, step, start) = begin(&plain(), &file(10));
    let Then::Until(mut deadline) = step.then else {
        panic!("over at once");
    };
    let mut waits = vec![(deadline - start).as_secs()];
    loop {
        let step = transfer.on_timeout(deadline);
        match step.then {
            Then::Until(next) => {
                assert!(step.send.is_some());
                waits.push((next - start).as_secs());
                deadline = next;
            }
            Then::Done(outcome) => {
                assert_eq!((outcome, step.send), (Outcome::NoAnswer, None));
                break;
            }
        }
    }
    assert_eq!(waits, [1, 3, 7, 15, 31]);
    // The same for a phone that hears nothing.
    let ending = Bench::new(plain(), file(10), vanishing).run();
    assert_eq!(ending.client, FetchOutcome::NoAnswer);
    assert_eq!(times(&ending, Side::Client), [0, 1000, 3000, 7000, 15_000]);
}

#[test]
fn an_early_wake_up_does_nothing() {
    let (mut transfer, step, start) = begin(&plain(), &file(10));
    let early = transfer.on_timeout(start + Duration::from_millis(999));
    assert_eq!((early.send, early.then), (None, step.then));
}

#[test]
fn repeated_acknowledgements_never_make_a_block_leave_again() {
    // Every packet doubled both ways: the sorcerer's apprentice would double
    // the traffic with each block.
    let body = file(20 * 512);
    let ending = Bench::new(plain(), body.clone(), |_, _| Fate::Doubled).run();
    assert_arrived(&ending, &body);
    // 21 blocks, and the first once more for the doubled request.
    assert_eq!(ending.by(Side::Server).count(), 22);
}

#[test]
fn an_old_acknowledgement_moves_neither_block_nor_deadline() {
    let (mut transfer, _, start) = begin(&plain(), &file(2000));
    let step = transfer.on_packet(&ack(1), start + Duration::from_millis(100));
    let again = transfer.on_packet(&ack(1), start + Duration::from_millis(900));
    assert_eq!((again.send, again.then), (None, step.then));
    let ahead = transfer.on_packet(&ack(3), start + Duration::from_millis(900));
    assert_eq!(ahead.send, None);
}

#[test]
fn an_error_ends_it_at_once() {
    let (mut transfer, _, now) = begin(&plain(), &file(2000));
    let error = Packet::error(ErrorCode::DiskFull, "full\nup").encode();
    let step = transfer.on_packet(&error, now);
    let aborted = Outcome::Aborted(PeerError {
        code: ErrorCode::DiskFull,
        text: "full\\nup".to_owned(),
    });
    assert_eq!((step.send, step.then), (None, Then::Done(aborted.clone())));
    // Nothing wakes it again.
    let later = transfer.on_packet(&ack(1), now);
    assert_eq!(
        (later.send, later.then),
        (None, Then::Done(aborted.clone()))
    );
    let later = transfer.on_timeout(now + Duration::from_secs(60));
    assert_eq!((later.send, later.then), (None, Then::Done(aborted)));
}

#[test]
fn a_client_that_only_wants_the_size_refuses_the_options() {
    let request = with_options(&[(OptionKind::TransferSize, 0)]);
    let (mut transfer, step, now) = begin(&request, &file(2000));
    assert_eq!(step.send.unwrap(), b"\0\x06tsize\x002000\0");
    let step = transfer.on_packet(b"\0\x05\0\x08\0", now);
    assert!(matches!(step.then, Then::Done(Outcome::Aborted(_))));
}

#[test]
fn what_has_no_place_in_a_read_is_passed_over() {
    let (mut transfer, step, now) = begin(&plain(), &file(2000));
    for odd in [
        &b""[..],
        b"\0",
        b"\0\x09",
        b"\0\x03\0\x01data",
        b"\0\x06blksize\x00512\0",
        b"\0\x01X\0octet\0",
    ] {
        let after = transfer.on_packet(odd, now);
        assert_eq!(
            (after.send, after.then),
            (None, step.then.clone()),
            "{odd:?}"
        );
    }
}

#[test]
fn a_repeated_request_gets_the_first_packet_a_bounded_number_of_times() {
    let (mut transfer, first, now) = begin(&plain(), &file(2000));
    assert_eq!(transfer.phase(), Phase::Opening);
    for _ in 0..Terms::default().retry.tries {
        assert_eq!(transfer.on_repeated_request(), first);
    }
    assert_eq!(transfer.on_repeated_request().send, None);

    let (mut transfer, ..) = begin(&plain(), &file(2000));
    transfer.on_packet(&ack(1), now);
    assert_eq!(transfer.phase(), Phase::Moving);
    assert_eq!(transfer.on_repeated_request().send, None);
    transfer.on_timeout(now + Duration::from_secs(1));
    assert_eq!(transfer.phase(), Phase::Stalled);
    transfer.on_packet(&ack(2), now + Duration::from_secs(1));
    assert_eq!(transfer.phase(), Phase::Moving);
}

#[test]
fn the_timeout_option_sets_the_pace_once_the_client_has_answered() {
    let request = with_options(&[(OptionKind::Timeout, 20)]);
    let (mut transfer, step, now) = begin(&request, &file(2000));
    // A forged request could ask 255 s and hold a transfer for long.
    assert_eq!(step.then, Then::Until(now + Duration::from_secs(1)));
    let mut at = now;
    let step = transfer.on_packet(&ack(0), at);
    for _ in 0..2 {
        let next = at + Duration::from_secs(20);
        assert_eq!(transfer.on_packet(b"", at).then, Then::Until(next));
        transfer.on_timeout(next);
        at = next;
    }
    assert!(step.send.is_some());
}

#[test]
fn what_leaves_before_the_first_answer_is_bounded() {
    let request = with_options(&[(OptionKind::BlockSize, 65464)]);
    for request in [plain(), request] {
        let (mut transfer, step, mut now) = begin(&request, &file(1 << 20));
        let mut octets = step.send.unwrap().len();
        for _ in 0..1000 {
            octets += transfer.on_repeated_request().send.map_or(0, |p| p.len());
            now += Duration::from_millis(100);
            octets += transfer.on_timeout(now).send.map_or(0, |p| p.len());
        }
        assert!(octets <= 10 * 516, "{octets} octets to a silent peer");
    }
}

fn fetch(request: Request) -> (Fetch, Instant) {
    let now = Instant::now();
    (Fetch::start(request, &FetchTerms::default(), now).0, now)
}

#[test]
fn a_client_is_told_that_there_is_no_such_file() {
    let (mut fetch, now) = fetch(plain());
    let error = Packet::error(ErrorCode::FileNotFound, "File not found").encode();
    let step = fetch.on_packet(&error, now);
    let Then::Done(FetchOutcome::Refused(error)) = step.then else {
        panic!("not refused: {step:?}");
    };
    assert_eq!(error.code, ErrorCode::FileNotFound);
}

#[test]
fn a_client_takes_no_options_that_it_did_not_ask() {
    let oack = |kind, value| Packet::OptionAck(Options::default().with(kind, value)).encode();
    let asked = with_options(&[(OptionKind::BlockSize, 1024)]);
    for (request, answer) in [
        (plain(), oack(OptionKind::BlockSize, 1024)),
        (asked.clone(), oack(OptionKind::TransferSize, 1024)),
        (asked.clone(), oack(OptionKind::BlockSize, 1025)),
        (asked.clone(), oack(OptionKind::BlockSize, 7)),
        (asked, b"\0\x06".to_vec()),
    ] {
        let (mut fetch, now) = fetch(request);
        let step = fetch.on_packet(&answer, now);
        assert_eq!(step.then, Then::Done(FetchOutcome::Broken));
        assert!(step.send.unwrap().starts_with(b"\0\x05\0\x08"));
    }
}

#[test]
fn a_client_acknowledges_a_repeated_oack_again() {
    let (mut fetch, now) = fetch(with_options(&[(OptionKind::BlockSize, 1024)]));
    let oack = b"\0\x06BLKSIZE\x001000\0";
    for _ in 0..2 {
        assert_eq!(fetch.on_packet(oack, now).send, Some(ack(0)));
    }
    assert!(!fetch.options().is_empty());
}

#[test]
fn a_client_takes_neither_giant_blocks_nor_giant_files() {
    let (mut fetch, now) = fetch(plain());
    let giant = Packet::Data {
        block: 1,
        bytes: &[0; 513],
    };
    let step = fetch.on_packet(&giant.encode(), now);
    assert_eq!(step.then, Then::Done(FetchOutcome::Broken));

    let terms = FetchTerms {
        max_size: 600,
        ..FetchTerms::default()
    };
    let (mut fetch, _) = Fetch::start(plain(), &terms, now);
    let mut step = None;
    for block in 1..=2 {
        let data = Packet::Data {
            block,
            bytes: &[0; 512],
        };
        step = Some(fetch.on_packet(&data.encode(), now));
    }
    let step = step.unwrap();
    assert_eq!(step.then, Then::Done(FetchOutcome::TooLarge));
    assert!(step.send.unwrap().starts_with(b"\0\x05\0\x03"));
    // It is over: an earlier block is not acknowledged any more.
    let first = Packet::Data {
        block: 1,
        bytes: &[0; 512],
    };
    assert_eq!(fetch.on_packet(&first.encode(), now).send, None);
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Arrives),
        2 => Just(Fate::Lost),
        1 => Just(Fate::Doubled),
        1 => (0_u64..3000).prop_map(Fate::Late),
    ]
}

/// A bad wire: most packets arrive, and what happens to the others is the seed's.
fn any_wire() -> impl Strategy<Value = Vec<Fate>> {
    let short = vec(any_fate(), 0..60);
    let long = (vec(any_fate(), 1..9), 0_usize..400)
        .prop_map(|(fates, length)| fates.into_iter().cycle().take(length).collect());
    prop_oneof![short, long]
}

/// How often the packet that one side sent most often was sent, the first one
/// of that side apart.
fn repetitions(ending: &Ending, side: Side) -> (usize, usize) {
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    for sent in ending.by(side) {
        *counts.entry(&sent.bytes).or_default() += 1;
    }
    let first = ending.by(side).next().map(|sent| sent.bytes.as_slice());
    let of_first = first.and_then(|first| counts.remove(first)).unwrap_or(0);
    (of_first, counts.into_values().max().unwrap_or(0))
}

proptest! {
    /// Whatever the wire does, and whatever was asked for: who says *received*
    /// has the file, *delivered* is only said when it was received, whoever
    /// fails fails by silence; and no packet leaves more often than there are
    /// tries, so that nothing multiplies.
    #[test]
    fn no_wire_makes_a_wrong_file(
        fates in any_wire(),
        length in 0_usize..3000,
        block_size in proptest::option::of(8_u64..600),
        window in proptest::option::of(1_u16..64),
        timeout in proptest::option::of(1_u64..4),
        netascii in any::<bool>(),
    ) {
        let body = file(length);
        let mut request = plain();
        if let Some(octets) = block_size {
            request.options = Options::default().with(OptionKind::BlockSize, octets);
        }
        if let Some(seconds) = timeout {
            request.options.push(TransferOption::number(OptionKind::Timeout, seconds));
        }
        if let Some(blocks) = window {
            // Not agreed to, so that each block waits for its acknowledgement.
            request.options.push(TransferOption {
                name: b"windowsize".to_vec(),
                value: blocks.to_string().into_bytes(),
            });
        }
        if netascii {
            request.mode = Mode::Netascii;
        }
        let mut fates = fates.into_iter();
        let wire = move |_: Side, _: &[u8]| fates.next().unwrap_or(Fate::Arrives);
        let ending = Bench::new(request, body.clone(), wire).run();
        match &ending.client {
            FetchOutcome::Received => prop_assert!(ending.received == body),
            other => prop_assert_eq!(other, &FetchOutcome::NoAnswer),
        }
        match &ending.server {
            Some(Outcome::Delivered) => {
                prop_assert_eq!(&ending.client, &FetchOutcome::Received);
            }
            other => prop_assert!(matches!(other, None | Some(Outcome::NoAnswer)), "{:?}", other),
        }
        let tries = Terms::default().retry.tries as usize;
        let (first, later) = repetitions(&ending, Side::Server);
        prop_assert!(first <= 2 * tries && later <= tries, "{} and {} times", first, later);
        // The client answers what comes, and each block comes twice as often
        // as it is sent at most; then its own tries.
        let (first, later) = repetitions(&ending, Side::Client);
        prop_assert!(first <= tries && later <= 5 * tries, "{} and {} times", first, later);
    }

    /// A wire that never loses two packets of one side in a row loses no file.
    #[test]
    fn a_wire_that_is_bad_but_alive_delivers(
        lost in vec(any::<bool>(), 1..40),
        late in vec(0_u64..400, 1..20),
        length in 0_usize..6000,
        block_size in 8_u64..600,
    ) {
        let body = file(length);
        let request = with_options(&[(OptionKind::BlockSize, block_size)]);
        let (mut lost, mut late) = (lost.into_iter().cycle(), late.into_iter().cycle());
        let mut just_lost = HashMap::from([(Side::Client, false), (Side::Server, false)]);
        let wire = move |by: Side, _: &[u8]| {
            let just_lost = just_lost.get_mut(&by).unwrap();
            *just_lost = !*just_lost && lost.next().unwrap();
            if *just_lost {
                Fate::Lost
            } else {
                Fate::Late(late.next().unwrap())
            }
        };
        let ending = Bench::new(request, body.clone(), wire).run();
        prop_assert_eq!(&ending.client, &FetchOutcome::Received);
        prop_assert!(ending.received == body);
    }

    #[test]
    fn no_packet_makes_a_machine_panic(
        packets in vec((0_u8..8, vec(any::<u8>(), 0..40), 0_u64..5000), 0..40),
        options in vec(("blksize|timeout|tsize|x", "[0-9]{0,6}"), 0..4),
    ) {
        let mut request = plain();
        for (name, value) in options {
            request.options.push(TransferOption { name: name.into(), value: value.into() });
        }
        let mut now = Instant::now();
        let (mut transfer, _) = Transfer::start(&request, file(3000), &Terms::default(), now);
        let (mut fetch, _) = Fetch::start(request, &FetchTerms::default(), now);
        for (opcode, rest, wait) in packets {
            let datagram = [&[0, opcode][..], &rest].concat();
            now += Duration::from_millis(wait);
            transfer.on_packet(&datagram, now);
            transfer.on_timeout(now);
            fetch.on_packet(&datagram, now);
            fetch.on_timeout(now);
        }
    }
}
