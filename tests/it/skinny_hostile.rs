//! Peers that are slow, loud, odd or silent: each harms itself alone.

use std::time::Duration;

use embody::sccp::wire::{
    DeviceType, Instance, MessageId, Opaque, PhoneMessage, ResetType, ServerMessage, Unknown,
};

use crate::skinny_phone::{Phone, full};
use crate::support::{Daemon, Site};

const DESK: &str = "SEP001122334466";
const LOBBY: &str = "SEP001122334455";

/// A phone that behaves.
fn good(daemon: &Daemon) -> Phone {
    let mut phone = Phone::connect(daemon, [127, 0, 8, 1]);
    phone.register(LOBBY);
    assert!(phone.is_admitted());
    phone
}

#[test]
fn frames_may_be_cut_anywhere_and_come_byte_by_byte() {
    let daemon = Daemon::start(Site::Sample);
    let register = PhoneMessage::Register(Box::new(full(DESK, DeviceType::CISCO_7961, 17, 0x8572)));
    let questions = [
        register,
        PhoneMessage::LineStatReq(Instance(1)),
        PhoneMessage::KeepAlive,
    ];
    let answered = |phone: &mut Phone| {
        assert!(phone.is_admitted());
        let ids = [phone.hear_frame(), phone.hear_frame()].map(|frame| frame.unwrap().id);
        assert_eq!(ids, [MessageId::LINE_STAT_V2, MessageId::KEEP_ALIVE_ACK]);
    };
    let whole = Phone::connect(&daemon, [127, 0, 8, 2]).bytes(&questions);
    for cut in (1..whole.len()).step_by(7) {
        let mut phone = Phone::connect(&daemon, [127, 0, 8, 2]);
        phone.say_bytes(&whole[..cut]);
        phone.say_bytes(&whole[cut..]);
        answered(&mut phone);
    }
    let mut slow = Phone::connect(&daemon, [127, 0, 8, 2]);
    for byte in &whole {
        slow.say_bytes(&[*byte]);
    }
    answered(&mut slow);
}

#[test]
fn unknown_and_mangled_messages_are_passed_over() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = good(&daemon);
    for id in [
        0x0011,
        0x004C,
        0x0081,
        0x015E,
        0xFF02,
        0xFF04,
        0x7FFF_FFFF,
        u32::MAX,
    ] {
        for length in [0, 3, 400] {
            phone.say(&PhoneMessage::Unknown(Unknown {
                id: MessageId(id),
                body: Opaque::from(vec![0xA5u8; length]),
            }));
        }
    }
    // The longest frame that is taken, and messages without what they need.
    phone.say(&PhoneMessage::Unknown(Unknown {
        id: MessageId(0xFF03),
        body: Opaque::from(vec![0u8; 8192 - 12]),
    }));
    for id in [
        MessageId::REGISTER,
        MessageId::KEYPAD_BUTTON,
        MessageId::STIMULUS,
    ] {
        phone.say(&PhoneMessage::Unknown(Unknown {
            id,
            body: Opaque::default(),
        }));
    }
    assert!(phone.is_alive());
    // One byte more than the longest frame ends the connection, at once.
    let mut liar = Phone::connect(&daemon, [127, 0, 8, 3]);
    liar.say_bytes(&[0xF9, 0x1F, 0, 0, 0, 0, 0, 0]);
    assert_eq!(liar.hear(), None);
    assert!(phone.is_alive());
}

#[test]
fn sockets_that_say_nothing_or_only_keep_alive_harm_nobody() {
    let daemon = Daemon::start(Site::Sample);
    let silent: Vec<Phone> = (0..200)
        .map(|n| Phone::connect(&daemon, [127, 0, 9, n]))
        .collect();
    let mut standby: Vec<Phone> = (0..50)
        .map(|n| Phone::connect(&daemon, [127, 0, 10, n]))
        .collect();
    let mut half: Vec<Phone> = (0..50)
        .map(|n| Phone::connect(&daemon, [127, 0, 11, n]))
        .collect();
    for phone in &mut half {
        phone.say_bytes(&[4, 0, 0, 0, 0]);
    }
    let mut phone = good(&daemon);
    for standby in &mut standby {
        let alive = PhoneMessage::KeepAlive;
        standby.say(&alive);
        let frame = standby.hear_frame().unwrap();
        assert_eq!(
            (frame.id, frame.header_version),
            (MessageId::KEEP_ALIVE_ACK, 0)
        );
    }
    assert!(phone.is_alive());
    assert_eq!(daemon.status()["registered"], 1);
    drop((silent, half));
}

#[test]
fn floods_of_registers_are_refused_one_by_one_and_a_phone_is_served_meanwhile() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = good(&daemon);
    for turn in 0..300u32 {
        // One address, and many.
        let host = if turn % 2 == 0 {
            1
        } else {
            u8::try_from(turn % 250).unwrap()
        };
        let mut stranger = Phone::connect(&daemon, [127, 0, 12, host]);
        stranger.register(&format!("SEP0000{turn:08X}"));
        assert!(!stranger.is_admitted());
        // Again, with the refusal still on the way out.
        stranger.register(&format!("SEP0000{turn:08X}"));
        if turn % 30 == 0 {
            assert!(phone.is_alive(), "turn {turn}");
        }
    }
    assert!(phone.is_alive());
    let (_, phones) = daemon.admin().get("/phones");
    assert_eq!(phones.as_array().unwrap().len(), 3, "nobody was taken in");
}

#[test]
fn a_phone_that_registers_over_and_over_is_cut_off_and_may_come_again() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 8, 2]);
    let mut admitted = 0;
    while admitted < 50 {
        phone.register(LOBBY);
        match phone.hear() {
            Some(ServerMessage::RegisterAck(_)) => {
                assert_eq!(phone.hear(), Some(ServerMessage::CapabilitiesReq));
                admitted += 1;
            }
            None => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(admitted, 5);
    assert!(good(&daemon).is_alive());
}

/// What waits for it fills its own buffers alone; after the time for a write
/// it is gone.
#[test]
fn a_phone_that_never_reads_is_given_up_and_others_are_served_meanwhile() {
    let daemon = Daemon::start(Site::Sample);
    let mut deaf = Phone::connect_with(&daemon, [127, 0, 8, 2], Some(4096));
    deaf.register_7961(DESK, 20);
    let question = deaf.bytes(&vec![PhoneMessage::SoftKeySetReq; 500]);
    let mut asked = 0;
    while asked < 200 && deaf.try_bytes(&question) {
        asked += 1;
    }
    let mut phone = good(&daemon);
    let registered = || daemon.status()["registered"].as_u64().unwrap();
    let mut gone = false;
    for _ in 0..150 {
        assert!(phone.is_alive());
        gone = registered() == 1;
        if gone {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(gone, "the deaf phone is still there: {}", daemon.status());
    let why = daemon.command(&["why", DESK]).stdout;
    let why = String::from_utf8_lossy(&why);
    assert!(why.contains("does not read"), "{why}");
}

#[test]
fn a_phone_that_does_not_hear_its_restart_is_told_again_and_then_cut_off() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 8, 2]);
    phone.register_7961(DESK, 20);
    daemon.says(&["restart", DESK]);
    for turn in ["first", "again"] {
        assert_eq!(
            phone.hear(),
            Some(ServerMessage::Reset(ResetType::RESTART)),
            "{turn}"
        );
    }
    assert_eq!(phone.hear(), None, "cut off");
    let told = || {
        let (_, timeline) = daemon.admin().get(&format!("/phones/{DESK}/timeline"));
        timeline.to_string().contains("told twice")
    };
    for _ in 0..500 {
        if told() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("not in its timeline");
}
