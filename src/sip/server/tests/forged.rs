//! Datagrams that somebody sends in the name of a phone: its address, its name
//! and its messages are known to whoever saw one of them. No digest is asked.

use std::sync::Arc;

use super::phone::{UdpDesk, branched, first, header, over_udp, refresh, unregister};
use super::*;
use crate::model::Protocol;
use crate::ports::{LinkFault, LinkOrder, PhoneLink};
use crate::registry::Candidate;
use crate::sip::wire::HeaderName;

/// A phone that another protocol holds.
struct Held;

impl PhoneLink for Held {
    fn send(&self, _order: LinkOrder) -> Result<(), LinkFault> {
        Ok(())
    }
    fn is_open(&self) -> bool {
        true
    }
    fn retire(&self) {}
}

/// The unregister of somebody who knows the name of the phone, not the Call-ID
/// of its registration.
fn forged(asked: &str) -> String {
    branched(&unregister(&over_udp(asked), 999), "forged").replace("255b99f4", "00000000")
}

#[tokio::test]
async fn no_forged_datagram_unregisters_a_phone_whatever_holds_it() {
    for holder in ["udp", "tcp", "sccp"] {
        let house = House::open();
        let (device, _) = registered_file(&house);
        let asked = first(&house.contact(&device));
        // Each lives as long as its registration must.
        let datagrams = UdpDesk::plug_in(&house, "127.0.0.1").await;
        let mut connection = None;
        match holder {
            "udp" => datagrams.registers(&over_udp(&asked)).await,
            "tcp" => connection = Some(Desk::registered(&house, &device).await),
            _ => {
                let candidate = Candidate {
                    device: device.clone(),
                    protocol: Protocol::Sccp,
                    peer: datagrams.address(),
                    local: house.at,
                    load: None,
                    type_id: None,
                    configured_elsewhere: false,
                    takes_objects: true,
                };
                house.registry.admit(candidate, Arc::new(Held), house.now());
            }
        }
        let before = house.registration(&device).unwrap();
        let forger = UdpDesk::plug_in(&house, "127.0.0.1").await;
        assert_eq!(forger.asks(forged(&asked)).await, 200);
        let star = forged(&asked);
        let contact = star.lines().find(|line| line.starts_with("Contact:"));
        let star = star.replace(contact.unwrap(), "Contact: *");
        forger.asks(branched(&star, "star")).await;
        let after = house.registration(&device);
        assert_eq!(
            after.map(|seen| (seen.generation, seen.peer)),
            Some((before.generation, before.peer)),
            "{holder}"
        );
        if let Some(mut desk) = connection {
            assert_eq!(desk.asks(&refresh(&asked, 114)).await, 200);
        }
    }
}

#[tokio::test]
async fn an_unregister_that_is_no_newer_than_the_registration_ends_nothing() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = over_udp(&first(&house.contact(&device)));
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.registers(&asked).await;
    assert_eq!(desk.asks(branched(&refresh(&asked, 120), "a")).await, 200);
    for (cseq, left) in [(119, true), (120, true), (121, false)] {
        let gone = branched(&unregister(&asked, cseq), &format!("gone{cseq}"));
        assert_eq!(desk.asks(gone).await, 200);
        assert_eq!(house.registration(&device).is_some(), left, "{cseq}");
    }
}

#[tokio::test]
async fn a_register_played_again_from_another_port_moves_nothing() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = over_udp(&first(&house.contact(&device)));
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.registers(&asked).await;
    let second = branched(&refresh(&asked, 114), "a");
    let third = branched(&refresh(&asked, 115), "b");
    assert_eq!(desk.asks(&second).await, 200);
    assert_eq!(desk.asks(&third).await, 200);
    let player = UdpDesk::plug_in(&house, "127.0.0.1").await;
    // As it was, with a branch of his own, and when the answer is forgotten.
    assert_eq!(player.asks(&third).await, 200);
    assert_eq!(player.asks(branched(&second, "c")).await, 500);
    assert_eq!(player.asks(branched(&third, "d")).await, 200);
    house.later(60);
    let heard = house.registration(&device).unwrap().heard;
    assert_eq!(player.asks(&third).await, 200);
    let seen = house.registration(&device).unwrap();
    assert_eq!((seen.peer, seen.heard), (desk.address(), heard));
    house.order(&device, LinkOrder::Restart);
    let order = desk.hears().await;
    assert_eq!(header(&order, HeaderName::EVENT), "service-control");
}

#[tokio::test]
async fn a_phone_is_heard_wherever_it_sends_from() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = over_udp(&first(&house.contact(&device)));
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.registers(&asked).await;
    house.later(60);
    // It goes on from another port.
    let moved = UdpDesk::plug_in(&house, "127.0.0.1").await;
    assert_eq!(moved.asks(branched(&refresh(&asked, 114), "a")).await, 200);
    assert_eq!(house.registration(&device).unwrap().heard, house.now());
    assert_eq!(house.registration(&device).unwrap().peer, moved.address());
    // Its answer to an order is a word of it too, from whatever port.
    house.order(&device, LinkOrder::Restart);
    let order = moved.hears().await;
    house.later(20);
    desk.answer(&order, 200).await;
    house.heard(2).await;
    assert_eq!(house.registration(&device).unwrap().heard, house.now());
    // An answer to nothing is none.
    house.later(20);
    let before = house.registration(&device).unwrap().heard;
    desk.answer(&order, 200).await;
    desk.is_heard().await;
    assert_eq!(house.registration(&device).unwrap().heard, before);
}

#[tokio::test]
async fn invented_call_ids_do_not_have_a_phone_registered_without_end() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = over_udp(&first(&house.contact(&device)));
    let asked = refresh(&asked, 113);
    let forger = UdpDesk::plug_in(&house, "127.0.0.1").await;
    for number in 0..200 {
        let invented = asked.replace("255b99f4", &format!("{number:08}"));
        forger.say(branched(&invented, &number.to_string())).await;
        if number % 20 == 0 {
            // No more than the socket takes: the answers are in between.
            tokio::task::yield_now().await;
        }
    }
    let desk = UdpDesk::plug_in(&house, "127.0.0.1").await;
    desk.is_heard().await;
    let told = house.journal();
    assert!(!told.is_empty() && told.len() <= 6, "{told:?}");
    // The phone repeats itself until it is its turn.
    house.later(1);
    assert_eq!(desk.asks(branched(&asked, "own")).await, 200);
    assert_eq!(house.registration(&device).unwrap().peer, desk.address());
}
