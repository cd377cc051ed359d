//! Between the file and the registration, and after it.

use std::net::UdpSocket;
use std::time::Duration;

use embody::sccp::wire::{Alarm, AlarmSeverity, PhoneMessage, UnregisterReason};

use super::house::{DESK, House, ROOM, SipPhone, register};
use crate::support::phones::until;

const ROOM_MAC: &str = "001122334477";

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_with_another_secret_and_one_with_two_names() {
    let house = House::open_with(|config| config.sip.digest = true, &[]).await;
    let mut phone = SipPhone::connect(&house, [127, 0, 9, 1]);
    for _ in 0..2 {
        let asked = phone.register(ROOM, ROOM_MAC, "");
        assert!(asked.starts_with("SIP/2.0 401"), "{asked}");
        let (_, rest) = asked.split_once("nonce=\"").unwrap();
        let (_, realm) = asked.split_once("realm=\"").unwrap();
        let part = |text: &str| text.split('"').next().unwrap().to_owned();
        let answer = format!(
            "Authorization: Digest username=\"{ROOM}\",realm=\"{}\",uri=\"sip:127.0.0.1\",\
             response=\"{:032x}\",nonce=\"{}\",algorithm=MD5\r\n",
            part(realm),
            7,
            part(rest)
        );
        let refused = phone.register(ROOM, ROOM_MAC, &answer);
        assert!(refused.starts_with("SIP/2.0 403"), "{refused}");
    }
    let words = ["wrong digest 2 times", "127.0.9.1", "authPassword"];
    house.finds(ROOM, "wrong-secret", &words).await;

    assert!(house.tftp([127, 0, 9, 2], &format!("{DESK}.cnf.xml")));
    let mut other = SipPhone::connect(&house, [127, 0, 9, 2]);
    let refused = other.register(DESK, ROOM_MAC, "");
    assert!(refused.starts_with("SIP/2.0 403"), "{refused}");
    let words = ["contradict", "403", "One file serves one phone"];
    house.finds(DESK, "names-differ", &words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_on_one_connection() {
    let house = House::open().await;
    let mut phone = SipPhone::connect(&house, [127, 0, 9, 1]);
    assert!(phone.register(ROOM, ROOM_MAC, "").contains("200"));
    let refused = phone.register(DESK, "001122334466", "");
    assert!(refused.starts_with("SIP/2.0 403"), "{refused}");
    let words = ["Another phone is on this connection", "[[phone]]"];
    house.finds(DESK, "refused", &words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_another_server() {
    let house = House::open().await;
    let mut phone = SipPhone::connect(&house, [127, 0, 9, 1]);
    assert!(phone.register(ROOM, ROOM_MAC, "").contains("200"));
    let words = ["not from Embody's file", "option 150"];
    house.finds(ROOM, "configured-elsewhere", &words).await;
    assert_eq!(house.verdict(ROOM), "configured-elsewhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_runs_slow() {
    let house = House::open().await;
    let mut phone = SipPhone::connect(&house, [127, 0, 9, 1]);
    let date = "Date: Sat, 01 Jan 2022 00:00:00 GMT\r\n";
    assert!(phone.register(ROOM, ROOM_MAC, date).contains("200"));
    house.finds_no(ROOM, "clock-off");
    assert!(phone.register(ROOM, ROOM_MAC, date).contains("200"));
    house.finds(ROOM, "clock-off", &["min slow", "NTP"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sip_over_udp() {
    let house = House::open().await;
    let socket = UdpSocket::bind("127.0.9.1:0").unwrap();
    let patience = Some(Duration::from_secs(20));
    socket.set_read_timeout(patience).unwrap();
    let request = register(ROOM, ROOM_MAC, "udp", 101, "");
    socket
        .send_to(request.as_bytes(), house.port("sip"))
        .unwrap();
    let mut buffer = [0; 4096];
    let (length, _) = socket.recv_from(&mut buffer).unwrap();
    assert!(buffer[..length].starts_with(b"SIP/2.0 200"));
    let words = ["over UDP once", "transportLayerProtocol 1"];
    house.finds(ROOM, "sip-over-udp", &words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_connects_and_leaves_every_31_seconds() {
    let house = House::open().await;
    assert!(house.tftp([127, 0, 9, 1], &format!("{DESK}.cnf.xml")));
    assert!(house.tftp([127, 0, 9, 2], &format!("{ROOM}.cnf.xml")));
    for _ in 0..4 {
        drop(house.connect([127, 0, 9, 1], "sccp"));
        drop(house.connect([127, 0, 9, 2], "sip"));
        house.later(31);
    }
    house.says(DESK, "connects-and-leaves", "4 times").await;
    house.says(ROOM, "connects-and-leaves", "4 times").await;
    let words = ["over SCCP", "127.0.9.1", "closed the connection", "inspect"];
    house.finds(DESK, "connects-and-leaves", &words).await;
    let words = ["over SIP", "127.0.9.2", "without a registration"];
    house.finds(ROOM, "connects-and-leaves", &words).await;
    assert_eq!(house.verdict(DESK), "away");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_says_is_not_sccp() {
    let house = House::open().await;
    assert!(house.tftp([127, 0, 9, 1], &format!("{DESK}.cnf.xml")));
    for _ in 0..2 {
        let mut phone = house.sccp([127, 0, 9, 1]);
        phone.say_bytes(&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 9]);
        assert_eq!(phone.hear(), None);
    }
    let words = ["not SCCP", "TLS", "deviceSecurityMode"];
    house.finds(DESK, "not-sccp", &words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_registers_and_leaves_before_it_is_in_service() {
    let house = House::open().await;
    for turn in 1..=2 {
        let mut phone = house.sccp([127, 0, 9, 1]);
        phone.say(&PhoneMessage::Alarm(Alarm {
            severity: AlarmSeverity::WARNING,
            text: format!("27: Name={DESK} Load=9.4 Last=Waiting-for-feature-status"),
            parameter1: 0,
            parameter2: 0,
        }));
        phone.register_7961(DESK, 20);
        drop(phone);
        // Else the second takes over from the first, and that is another story.
        until("it is unregistered", || {
            house.told(DESK, "\"unregistered\"") == turn
        })
        .await;
    }
    let words = [
        "before it was in service 2 times",
        "Waiting-for-feature-status",
    ];
    house.finds(DESK, "never-in-service", &words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_registers_and_is_gone_again_and_again() {
    let house = House::open().await;
    for _ in 0..4 {
        house.finds_no(DESK, "registers-and-leaves");
        let mut phone = house.sccp([127, 0, 9, 1]);
        phone.register_7961(DESK, 20);
        phone.say(&PhoneMessage::TimeDateReq);
        phone.say(&PhoneMessage::Unregister(UnregisterReason(0)));
        while phone.hear().is_some() {}
        house.later(31);
    }
    let words = ["4 times, every 3", "it unregistered", "keepalives"];
    house.finds(DESK, "registers-and-leaves", &words).await;
}
