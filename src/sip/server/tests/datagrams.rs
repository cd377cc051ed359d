//! Phones that send datagrams, over real sockets.

use super::phone::{
    UPDATES, UdpDesk, branched, first, header, over_udp, refresh, unregister, vector,
};
use super::*;
use crate::model::{DeviceName, Protocol};
use crate::ports::{CameBack, LinkOrder};
use crate::sip::machine::AnswerPort;
use crate::sip::server::{Settings, Transports};
use crate::sip::wire::{HeaderName, Message, Method, StatusCode};

/// The recorded 7960, whose contact is this address.
fn plain(contact: &str) -> String {
    vector!("register-7960").replace("192.0.2.130:5060", contact)
}

fn plain_device() -> DeviceName {
    DeviceName::new("SEP000E84C060A6").unwrap()
}

#[tokio::test]
async fn a_phone_in_ccm_mode_lives_its_day_over_udp() {
    let house = House::open();
    let (device, file) = registered_file(&house);
    let asked = over_udp(&first(&house.contact(&device)));
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    assert_eq!(
        desk.asks(over_udp(vector!("refer-alarm-7821"))).await,
        202,
        "before it is anybody"
    );
    desk.registers(&asked).await;
    assert_eq!(house.heard(1).await, ["registered Restarted"]);
    assert_eq!(house.last_sighting().shown.file, Some(file));
    let seen = house.registration(&device).unwrap();
    assert_eq!((seen.protocol, seen.peer), (Protocol::Sip, desk.address()));
    assert_eq!(seen.local, house.at);

    for round in 1..=3 {
        house.later(115);
        let again = branched(&refresh(&asked, 113 + round), &round.to_string());
        assert_eq!(desk.asks(&again).await, 200);
    }
    let after = house.registration(&device).unwrap();
    assert_eq!(after.generation, seen.generation);
    assert_eq!(house.journal().len(), 2, "alarm and registration");

    house.order(&device, LinkOrder::Restart);
    let notify = desk.hears().await;
    assert_eq!(header(&notify, HeaderName::EVENT), "service-control");
    assert!(header(&notify, HeaderName::VIA).starts_with("SIP/2.0/UDP 127.0.0.1:"));
    desk.answer(&notify, 200).await;
    assert_eq!(house.heard(2).await[1], "accepted");
    let gone = branched(&unregister(&asked, 117), "gone");
    assert_eq!(desk.asks(&gone).await, 200);
    assert_eq!(house.heard(3).await[2], "unregistered");
    assert!(house.registration(&device).is_none());
    // The answer was lost: it asks again, and there is nothing left to end.
    assert_eq!(desk.asks(&gone).await, 200);
    // From a new port, as after every restart.
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.registers(&asked).await;
    assert_eq!(house.heard(4).await[3], "registered Restarted");
}

#[tokio::test]
async fn a_register_whose_answer_was_lost_is_answered_the_same_and_counts_once() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = over_udp(&first(&house.contact(&device)));
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.say(&asked).await;
    let ok = desk.hears().await;
    for _ in 0..UPDATES {
        let update = desk.hears().await;
        desk.answer(&update, 200).await;
    }
    desk.is_heard().await;
    desk.say(&asked).await;
    assert_eq!(desk.hears().await, ok);
    assert_eq!(house.heard(1).await.len(), 1);
    assert_eq!(house.journal().len(), 1);
}

#[tokio::test]
async fn an_order_is_repeated_until_the_phone_hears_it() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.registers(&over_udp(&first(&house.contact(&device))))
        .await;
    house.order(&device, LinkOrder::Reset);
    let notify = desk.hears().await;
    house.later(1);
    assert_eq!(desk.hears().await, notify, "the first was lost");
    desk.answer(&notify, 200).await;
    desk.answer(&notify, 200).await;
    assert_eq!(house.heard(2).await[1..], ["accepted"]);
    house.order(&device, LinkOrder::Reset);
    assert_ne!(desk.hears().await, notify);
    house.later(32);
    assert_eq!(house.heard(3).await[2], "refused: it did not answer");
}

#[tokio::test]
async fn a_7960_is_told_to_look_where_it_listens() {
    let house = House::open();
    // It sends from one port and listens on another.
    let ear = UdpDesk::plug_in(&house, "127.0.0.7").await;
    let mouth = UdpDesk::plug_in(&house, "127.0.0.7").await;
    mouth.registers(&plain(&ear.address().to_string())).await;
    let seen = house.registration(&plain_device()).unwrap();
    assert_eq!(seen.peer, mouth.address());
    assert_eq!(house.heard(1).await, ["registered Other"]);
    assert_eq!(house.last_sighting().came_back, CameBack::Other);

    house.order(&plain_device(), LinkOrder::Restart);
    let notify = ear.hears().await;
    assert_eq!(header(&notify, HeaderName::EVENT), "check-sync");
    let request = String::from_utf8(notify.to_bytes().to_vec()).unwrap();
    let contact = format!(
        "NOTIFY sip:1600@{};user=phone;transport=udp SIP/2.0\r\n",
        ear.address()
    );
    assert!(
        request.starts_with(&contact),
        "the Contact as it was: {request}"
    );
    assert!(notify.body().is_empty());
    ear.answer(&notify, 200).await;
    assert_eq!(house.heard(2).await[1], "accepted");
}

#[tokio::test]
async fn a_7960_registers_line_by_line_and_each_time_from_another_port() {
    let house = House::open();
    let ear = UdpDesk::plug_in(&house, "127.0.0.7").await;
    let one = plain(&ear.address().to_string());
    let two = one
        .replace("1600", "4444")
        .replace("-3cf23940-", "-00000002-");
    for (round, line) in [&one, &two, &one, &two].into_iter().enumerate() {
        let mouth = UdpDesk::plug_in(&house, "127.0.0.7").await;
        let cseq = format!("CSeq: {} REGISTER", 200 + round);
        let asked = branched(
            &line.replace("CSeq: 101 REGISTER", &cseq),
            &round.to_string(),
        );
        assert!(asked.contains(&cseq), "{asked}");
        mouth.registers(&asked).await;
        let seen = house.registration(&plain_device()).unwrap();
        assert_eq!(seen.peer, mouth.address());
        house.later(60);
    }
    assert_eq!(house.heard(1).await.len(), 1, "one registration");
    assert_eq!(house.journal(), ["SEP000E84C060A6 registered"]);
    // One line goes, then the other.
    for (line, left) in [(&one, true), (&two, false)] {
        let mouth = UdpDesk::plug_in(&house, "127.0.0.7").await;
        let gone = branched(line, "gone")
            .replace("CSeq: 101 ", "CSeq: 300 ")
            .replace("Expires: 120", "Expires: 0");
        assert_eq!(mouth.asks(&gone).await, 200);
        assert_eq!(house.registration(&plain_device()).is_some(), left);
    }
}

#[tokio::test]
async fn a_hundred_phones_share_the_socket() {
    let house = House::open();
    let mut desks = Vec::new();
    for number in 0..100_u32 {
        let mac = format!("0050560000{number:02X}");
        let mut phone = house.phone(&other_device());
        phone.id = crate::model::ObjectId(i64::from(number) + 100);
        phone.name = DeviceName::new(&format!("SEP{mac}")).unwrap();
        house.put(phone);
        let desk = UdpDesk::plug_in(&house, &format!("127.0.1.{}", number + 1)).await;
        let asked = plain(&desk.address().to_string()).replace("000e84c060a6", &mac.to_lowercase());
        let asked = asked.replace("000e84c0-60a6", &format!("{}-{}", &mac[..8], &mac[8..]));
        desk.say(&asked).await;
        desks.push((desk, asked));
    }
    for (desk, asked) in &desks {
        let ok = desk.hears().await;
        assert_eq!(ok.status(), Some(StatusCode::OK));
        assert!(asked.contains(header(&ok, HeaderName::CALL_ID)));
    }
    assert_eq!(house.registry.all().len(), 100);
    for registration in house.registry.all() {
        house.order(&registration.device, LinkOrder::Restart);
    }
    for (desk, _) in &desks {
        let notify = desk.hears().await;
        assert_eq!(notify.method(), Some(&Method::Notify));
        desk.answer(&notify, 200).await;
    }
    house.heard(200).await;
    house.later(136);
    house.heard(300).await;
    assert!(house.registry.all().is_empty(), "none refreshed");
}

#[tokio::test]
async fn two_phones_behind_one_port_are_two() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    let one = over_udp(&first(&house.contact(&device)));
    desk.registers(&one).await;
    desk.registers(&plain(&desk.address().to_string())).await;
    for (device, event) in [(device, "service-control"), (plain_device(), "check-sync")] {
        house.order(&device, LinkOrder::Restart);
        let notify = desk.hears().await;
        assert_eq!(header(&notify, HeaderName::EVENT), event);
        desk.answer(&notify, 200).await;
    }
    let told = house.heard(4).await;
    assert_eq!(told[2..], ["accepted", "accepted"]);
}

#[tokio::test]
async fn a_phone_moves_between_udp_and_tcp() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = first(&house.contact(&device));
    let datagrams = UdpDesk::plug_in(&house, "127.0.0.1").await;
    datagrams.registers(&over_udp(&asked)).await;
    let mut stream = Desk::connect(&house).await;
    assert_eq!(stream.asks(&asked).await, 200);
    house.order(&device, LinkOrder::Restart);
    stream.hears().await;
    assert_eq!(
        header(&stream.hears().await, HeaderName::EVENT),
        "service-control"
    );
    datagrams
        .registers(&branched(
            &over_udp(&asked).replace("CSeq: 113", "CSeq: 120"),
            "b",
        ))
        .await;
    assert!(stream.is_closed().await, "the newer one took over");
}

#[tokio::test]
async fn one_transport_alone_may_be_served() {
    for (udp, tcp) in [(true, false), (false, true)] {
        let house = House::with(&Settings {
            transports: Transports { udp, tcp },
            ..Settings::default()
        });
        let connected = tokio::net::TcpStream::connect(house.at).await;
        assert_eq!(connected.is_ok(), tcp);
        let taken = tokio::net::UdpSocket::bind(house.at).await;
        assert_eq!(taken.is_err(), udp);
    }
}

#[tokio::test]
async fn answers_go_to_the_port_in_via_where_that_is_set() {
    let house = House::with(&Settings {
        answers: AnswerPort::Via,
        ..Settings::default()
    });
    let ear = UdpDesk::plug_in(&house, "127.0.0.7").await;
    let mouth = UdpDesk::plug_in(&house, "127.0.0.7").await;
    mouth.say(plain(&ear.address().to_string())).await;
    let ok: Message = ear.hears().await;
    assert_eq!(ok.status(), Some(StatusCode::OK));
}

#[tokio::test]
async fn what_a_phone_shows_of_itself_is_stored_before_it_is_registered() {
    let house = House::open();
    let mut phone = house.phone(&plain_device());
    phone.protocol = Some(Protocol::Sccp);
    house.put(phone);
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.registers(&plain(&desk.address().to_string())).await;
    assert_eq!(
        house.phone(&plain_device()).observed_protocol,
        Some(Protocol::Sip)
    );
    assert_eq!(
        house.journal(),
        ["SEP000E84C060A6 served-as", "SEP000E84C060A6 registered"]
    );
}

#[tokio::test]
async fn the_socket_is_served_on_when_its_task_fails() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.registers(&over_udp(&first(&house.contact(&device))))
        .await;
    house.fails_once();
    let other = UdpDesk::plug_in(&house, "127.0.0.7").await;
    let asked = plain(&other.address().to_string());
    assert_eq!(other.asks(&asked).await, 200, "then it fails");
    let told = house.heard(3).await;
    assert_eq!(told[1..], ["unregistered", "unregistered"]);
    assert!(house.registry.all().is_empty());
    other.registers(&branched(&asked, "again")).await;
    assert!(house.registration(&plain_device()).is_some());
}
