//! Strangers in numbers: what they cost, what they are sent, and that a phone
//! is served meanwhile.

use std::net::SocketAddr;

use super::phone::{UdpDesk, branched, first, header, over_udp, refresh, vector};
use super::*;
use crate::sip::wire::{HeaderName, StatusCode};

/// What sipvicious sends to whole networks.
fn scan(from: SocketAddr, to: SocketAddr) -> String {
    format!(
        "OPTIONS sip:100@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK-3702182945;rport\r\n\
         Content-Length: 0\r\nFrom: \"sipvicious\"<sip:100@1.1.1.1>;tag=6430303031\r\n\
         Accept: application/sdp\r\nUser-Agent: friendly-scanner\r\nTo: \"sipvicious\"<sip:100@1.1.1.1>\r\n\
         Contact: sip:100@{from}\r\nCSeq: 1 OPTIONS\r\nCall-ID: 107421163\r\nMax-Forwards: 70\r\n\r\n"
    )
}

/// The shortest OPTIONS that can be answered.
fn short(from: SocketAddr) -> String {
    format!(
        "OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP {from};branch=z9hG4bKa\r\nf: <sip:a>\r\nt: <sip:a>\r\n\
         i: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
}

#[tokio::test]
async fn a_stranger_is_never_sent_much_more_than_he_sent() {
    let house = House::open();
    let desk = UdpDesk::plug_in(&house, "127.0.0.66").await;
    let from = desk.address();
    let unknown = over_udp(vector!("register-7975-keepalive"));
    let invite = scan(from, house.at).replace("OPTIONS", "INVITE");
    for (asked, code) in [
        (scan(from, house.at), 200),
        (short(from), 200),
        (invite, 503),
        (unknown, 404),
        (short(from).replace("OPTIONS", "PUBLISH"), 200),
        (short(from).replace("OPTIONS", "INFO"), 405),
        (short(from).replace("OPTIONS", "NOVELTY"), 501),
        (short(from).replace("i: 1\r\n", ""), 400),
    ] {
        desk.say(&asked).await;
        let answer = desk.hears().await;
        assert_eq!(answer.status().map(StatusCode::code), Some(code));
        let (sent, heard) = (asked.len(), answer.to_bytes().len());
        assert!(heard <= 2 * sent, "{heard} bytes for {sent}:\n{asked}");
    }
    // And never twice, whatever time passes.
    house.later(60);
    assert_eq!(desk.asks(scan(from, house.at)).await, 200);
}

#[tokio::test]
async fn who_repeats_himself_is_answered_the_same_though_nothing_is_kept() {
    let house = House::open();
    let desk = UdpDesk::plug_in(&house, "127.0.0.66").await;
    let asked = scan(desk.address(), house.at);
    desk.say(&asked).await;
    let answer = desk.hears().await;
    assert_eq!(
        header(&answer, HeaderName::VIA),
        format!(
            "SIP/2.0/UDP {0};branch=z9hG4bK-3702182945;rport={1};received={2}",
            desk.address(),
            desk.address().port(),
            desk.address().ip()
        )
    );
    desk.say(&asked).await;
    assert_eq!(desk.hears().await, answer);
}

#[tokio::test]
async fn a_flood_costs_no_memory_and_no_phone() {
    const STRANGERS: u32 = 20_000;
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = over_udp(&first(&house.contact(&device)));
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.registers(&asked).await;
    let template = over_udp(vector!("register-7975-keepalive"));
    let mut sockets = Vec::new();
    for host in 0..50_u32 {
        let socket = std::net::UdpSocket::bind(format!("127.7.{host}.1:0")).unwrap();
        socket.set_nonblocking(true).unwrap();
        sockets.push(socket);
    }
    let mut cseq = 113;
    for number in 0..STRANGERS {
        let socket = &sockets[number as usize % sockets.len()];
        // Addresses are cheap to invent: here, ports of a few hosts stand for
        // them, and names.
        let said: Vec<u8> = match number % 4 {
            0 => template
                .replace("Call-ID: ", &format!("Call-ID: {number}"))
                .into(),
            1 => format!("\0\x01garbage{number}").into(),
            2 => scan(socket.local_addr().unwrap(), house.at).into(),
            _ => format!(
                "REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK{number}\r\n\r\n"
            )
            .into(),
        };
        // What does not fit is lost, as on any network.
        let _ = socket.send_to(&said, house.at);
        if number % 2_000 == 0 {
            cseq += 1;
            let again = branched(&refresh(&asked, cseq), &cseq.to_string());
            let mut served = false;
            // It repeats itself, as phones do.
            for _ in 0..20 {
                desk.say(&again).await;
                let limit = std::time::Duration::from_millis(500);
                // Answers to earlier rounds that came late are not this one's.
                while let Ok(heard) = tokio::time::timeout(limit, desk.hears()).await {
                    let this = header(&heard, HeaderName::CSEQ) == format!("{cseq} REGISTER");
                    if this && heard.status() == Some(StatusCode::OK) {
                        served = true;
                        break;
                    }
                }
                if served {
                    break;
                }
            }
            assert!(served, "the phone is served meanwhile");
        }
    }
    assert_eq!(house.registry.all().len(), 1);
    assert!(house.registration(&device).is_some());
    assert!(
        house.journal().len() <= 60,
        "the journal is not filled by strangers: {}",
        house.journal().len()
    );
}
