//! TFTP: packets, the server's side of a transfer, file names.

use std::time::{Duration, Instant};

use bytes::Bytes;
use embody::ports::FileService;
use embody::provision::FileName;
use embody::tftp::machine::{Outcome, Step, Terms, Then, Transfer};
use embody::tftp::wire::{MAX_BLOCK_SIZE, Mode, Packet, Request};

use super::Dice;

/// What is read is written so that it reads the same again, and in no more
/// octets than it came in.
pub(super) fn packet(data: &[u8]) {
    let Ok(packet) = Packet::parse(data) else {
        return;
    };
    let written = packet.encode();
    // A last NUL may be missing in what came.
    assert!(written.len() <= data.len() + 2, "it grew");
    assert_eq!(Packet::parse(&written).as_ref(), Ok(&packet));
}

/// A transfer with any request against any packets at any time: bounded before
/// the first answer, one packet for one packet after it, and it ends.
#[allow(clippy::disallowed_methods)] // the machine takes the time as an argument
pub(super) fn transfer(data: &[u8]) {
    let mut dice = Dice(data);
    let length = usize::from(dice.word() % 6000);
    let asked = usize::from(dice.byte());
    let Ok(Packet::Read(request)) = Packet::parse(dice.take(asked)) else {
        return;
    };
    let body: Bytes = (0..length).map(|at| (at % 251) as u8).collect();
    let terms = Terms {
        max_block_size: dice.word(),
        ..Terms::default()
    };
    let most = usize::from(terms.max_block_size.clamp(512, MAX_BLOCK_SIZE)) + 4;
    let mut now = Instant::now();
    let (mut transfer, first) = Transfer::start(&request, body, &terms, now);
    let mut heard = false;
    let mut before_the_first_answer = octets(&first, most);
    while !dice.is_used_up() {
        let (kind, wait) = (dice.byte(), dice.byte());
        now += Duration::from_millis(u64::from(wait) * 20);
        let step = match kind {
            0..=99 => {
                let length = usize::from(kind % 16);
                transfer.on_packet(dice.take(length), now)
            }
            100..=199 => {
                let block = dice.word();
                transfer.on_packet(&Packet::Ack { block }.encode(), now)
            }
            200..=229 => transfer.on_repeated_request(),
            _ => transfer.on_timeout(now),
        };
        let sent = octets(&step, most);
        heard |= sent > 0 && (100..=199).contains(&kind);
        if !heard {
            before_the_first_answer += sent;
        }
    }
    assert!(before_the_first_answer <= 11 * most, "amplification");
    // Left alone, it ends after the tries that remain.
    for _ in 0..=terms.retry.tries {
        now += Duration::from_secs(300);
        let step = transfer.on_timeout(now);
        octets(&step, most);
        if let Then::Done(outcome) = step.then {
            assert!(heard || length == 0 || outcome != Outcome::Delivered || length < most);
            return;
        }
    }
    panic!("it never ends");
}

fn octets(step: &Step<Outcome>, most: usize) -> usize {
    let length = step.send.as_ref().map_or(0, Vec::len);
    // An OACK repeats the client's own spelling.
    assert!(length <= most.max(2100), "{length} octets in one packet");
    length
}

/// A name that is taken leads nowhere: no way up, no root, nothing hidden; and
/// it is its own normal form.
pub(super) fn file_name(data: &[u8]) {
    for service in [FileService::Tftp, FileService::Http] {
        let Ok(name) = FileName::parse(data, service) else {
            continue;
        };
        let text = name.as_str();
        assert!(!text.starts_with('/') && !text.contains('\\'));
        assert!(text.split('/').all(|folder| folder != ".."));
        assert!(!text.chars().any(char::is_control) && text.len() <= 255);
        let _ = name.artefact();
        let again = FileName::parse(text.as_bytes(), FileService::Tftp);
        assert_eq!(again.as_ref(), Ok(&name));
    }
    let request = Request::octet(data);
    if let Ok(Packet::Read(read)) = Packet::parse(&Packet::Read(request).encode()) {
        assert_eq!(read.mode, Mode::Octet);
    }
}
