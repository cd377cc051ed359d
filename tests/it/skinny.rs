//! SCCP connections that behave oddly, byte by byte.

use std::time::Duration;

use embody::sccp::wire::{PhoneMessage, ServerMessage};

use crate::skinny_phone::Phone;
use crate::support::{Daemon, Site};

const LOBBY: &str = "SEP001122334455";

fn registered(daemon: &Daemon) -> u64 {
    daemon.status()["registered"].as_u64().unwrap()
}

#[test]
fn registering_twice_on_one_connection_keeps_it() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 3, 1]);
    phone.register(LOBBY);
    assert!(phone.is_admitted());
    phone.register(LOBBY);
    assert!(phone.is_admitted(), "again, and alive");
    phone.say(&PhoneMessage::KeepAlive);
    assert_eq!(phone.hear(), Some(ServerMessage::KeepAliveAck));
    assert_eq!(registered(&daemon), 1);
    // Another name on the same connection ends the first.
    phone.register("SEP001122334466");
    assert!(phone.is_admitted());
    assert_eq!(registered(&daemon), 1, "one phone a connection");
    drop(phone);
    for _ in 0..200 {
        if registered(&daemon) == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("a ghost stays registered: {}", daemon.status());
}

#[test]
fn a_new_connection_wins_and_the_late_death_of_the_old_one_harms_nobody() {
    let daemon = Daemon::start(Site::Sample);
    let mut old = Phone::connect(&daemon, [127, 0, 3, 1]);
    old.register(LOBBY);
    assert!(old.is_admitted());
    let mut new = Phone::connect(&daemon, [127, 0, 3, 1]);
    new.register(LOBBY);
    assert!(new.is_admitted());
    assert_eq!(old.hear(), None, "the old one is closed without a word");
    drop(old);
    new.say(&PhoneMessage::KeepAlive);
    assert_eq!(new.hear(), Some(ServerMessage::KeepAliveAck));
    assert_eq!(registered(&daemon), 1);
}

#[test]
fn two_phones_with_one_name_are_told_apart_and_the_holder_stays() {
    let daemon = Daemon::start(Site::Sample);
    let mut holders = Vec::new();
    let mut refused = 0;
    for turn in 0..8 {
        let mut phone = Phone::connect(&daemon, [127, 0, 3, 1 + turn % 2]);
        phone.register(LOBBY);
        if phone.is_admitted() {
            holders.push(phone);
        } else {
            refused += 1;
        }
    }
    assert!(refused > 0, "somebody is refused");
    assert!(holders.len() <= 7);
    let why = daemon.command(&["why", LOBBY]);
    let text = String::from_utf8_lossy(&why.stdout).into_owned();
    assert!(
        text.contains("127.0.3.1") && text.contains("127.0.3.2"),
        "names both: {text}"
    );
    let mut holder = holders.pop().unwrap();
    holder.say(&PhoneMessage::KeepAlive);
    assert_eq!(
        holder.hear(),
        Some(ServerMessage::KeepAliveAck),
        "the holder stays"
    );
}

#[test]
fn garbage_closes_its_own_connection_and_no_other() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 3, 1]);
    phone.register(LOBBY);
    assert!(phone.is_admitted());
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0xff; 64],
        &[0, 0, 0, 0, 0, 0, 0, 0],
    ] {
        let mut stranger = Phone::connect(&daemon, [127, 0, 3, 9]);
        stranger.say_bytes(garbage);
        assert_eq!(stranger.hear(), None, "{garbage:?}");
    }
    phone.say(&PhoneMessage::KeepAlive);
    assert_eq!(phone.hear(), Some(ServerMessage::KeepAliveAck));
}
