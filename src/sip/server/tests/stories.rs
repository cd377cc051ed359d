//! A day of a phone that is configured.

use super::phone::{as_other, first, header, refresh, unregister, vector};
use super::*;
use crate::model::{Change, ObjectId, Protocol};
use crate::ports::{CameBack, EventKind, LinkOrder, Notice, Shown};
use crate::sip::wire::{HeaderName, Method, StatusCode};

#[tokio::test]
async fn a_phone_boots_and_is_there() {
    let house = House::open();
    let (device, file) = registered_file(&house);
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(vector!("refer-alarm-7821")).await, 202);
    desk.say(&first(&house.contact(&device))).await;
    let ok = desk.hears().await;
    assert_eq!(ok.status(), Some(StatusCode::OK));
    assert!(header(&ok, HeaderName::CONTACT).ends_with(";x-cisco-newreg"));
    assert!(header(&ok, HeaderName::VIA).ends_with(";received=127.0.0.1"));
    let update = desk.hears().await;
    assert_eq!(update.method(), Some(&Method::Refer));
    assert!(
        header(&update, HeaderName::VIA).starts_with(&format!("SIP/2.0/TCP {};", house.at)),
        "it is told the address that it reached"
    );

    assert_eq!(house.heard(1).await, ["registered Restarted"]);
    let sighting = house.last_sighting();
    assert_eq!(sighting.shown.file, Some(file));
    assert!(sighting.shown.station.is_some());
    assert_eq!(sighting.protocol, Protocol::Sip);
    let seen = house.registration(&device).unwrap();
    assert_eq!(seen.generation, sighting.generation);
    assert_eq!(seen.type_id, Some(621));
    assert_eq!(seen.load.as_deref(), Some("sip78xx.12-1-1-12"));
    assert!(!seen.configured_elsewhere);
    assert_eq!(
        house.journal(),
        ["SEPC80084AA8743 alarm", "SEPC80084AA8743 registered"]
    );
}

#[tokio::test]
async fn a_refresh_is_no_news() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut desk = Desk::registered(&house, &device).await;
    let before = house.registration(&device).unwrap();
    for round in 1..=3 {
        house.later(115);
        let again = refresh(&first(&house.contact(&device)), 113 + round);
        assert_eq!(desk.asks(&again).await, 200);
    }
    let after = house.registration(&device).unwrap();
    assert_eq!(after.generation, before.generation);
    assert_eq!(
        after.heard,
        before.since.plus(std::time::Duration::from_secs(345))
    );
    assert_eq!(house.heard(1).await.len(), 1);
    assert_eq!(house.journal().len(), 1);
}

#[tokio::test]
async fn a_login_restarts_the_phone_and_it_comes_back_with_the_new_file() {
    let house = House::open();
    let (device, old) = registered_file(&house);
    let held = first(&house.contact(&device));
    let mut desk = Desk::registered(&house, &device).await;
    house.heard(1).await;
    // Something changes what is wanted.
    let mut phone = house.phone(&device);
    phone.lines.clear();
    house.put(phone);
    let new = house.file(&device);
    assert_ne!(new, old);

    house.order(&device, LinkOrder::Restart);
    let notify = desk.hears().await;
    assert_eq!(header(&notify, HeaderName::EVENT), "service-control");
    desk.answer(&notify, 200).await;
    assert_eq!(house.heard(2).await[1], "accepted");
    // The old line is let go without a question.
    assert_eq!(desk.asks(&unregister(&held, 114)).await, 200);
    assert_eq!(house.heard(3).await[2], "unregistered");
    assert!(house.registration(&device).is_none());
    drop(desk);

    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(&first(&house.contact(&device))).await, 200);
    assert_eq!(house.heard(4).await[3], "registered Restarted");
    let sighting = house.last_sighting();
    assert_eq!(sighting.shown.file, Some(new));
    assert_eq!(sighting.came_back, CameBack::Restarted);
}

#[tokio::test]
async fn the_lines_of_an_old_file_are_still_served() {
    let house = House::open();
    let (device, old) = registered_file(&house);
    let held = first(&house.contact(&device));
    let mut phone = house.phone(&device);
    phone.lines.clear();
    house.put(phone);
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(&held).await, 200);
    house.heard(1).await;
    assert_eq!(house.last_sighting().shown.file, Some(old));
    assert!(!house.registration(&device).unwrap().configured_elsewhere);
}

#[tokio::test]
async fn orders_are_refused_or_lost() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut desk = Desk::registered(&house, &device).await;
    house.order(&device, LinkOrder::Reset);
    let notify = desk.hears().await;
    desk.answer(&notify, 404).await;
    assert_eq!(
        house.heard(2).await[1],
        "refused: it answered 404 Not Found"
    );
    house.order(&device, LinkOrder::Reset);
    desk.hears().await;
    house.later(32);
    assert_eq!(house.heard(3).await[2], "refused: it did not answer");
    house.order(&device, LinkOrder::Reset);
    desk.hears().await;
    drop(desk);
    let told = house.heard(5).await;
    assert_eq!(
        told[3..],
        [
            "refused: the connection ended before it answered",
            "unregistered"
        ]
    );
    assert!(house.registration(&device).is_none());
}

#[tokio::test]
async fn an_object_is_pushed_a_text_is_shown_and_what_sip_cannot_do_is_left() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut desk = Desk::registered(&house, &device).await;
    house.order(&device, LinkOrder::Push(b"<CiscoIPPhoneExecute/>".to_vec()));
    let pushed = desk.hears().await;
    assert_eq!(pushed.method(), Some(&Method::Refer));
    let pushed = String::from_utf8_lossy(pushed.body());
    let (request, object) = pushed.split_once("</x-cisco-remotecc-request>").unwrap();
    assert!(request.contains("<datapassthroughreq>"), "{pushed}");
    assert!(object.contains("Content-Type: application/x-cisco-remotecc-cm+xml"));
    assert!(object.contains("\r\n\r\n<CiscoIPPhoneExecute/>\r\n--"));
    house.order(&device, LinkOrder::Refresh(Box::default()));
    let notice = Notice {
        text: "Back at 2".to_owned(),
        seconds: 5,
    };
    house.order(&device, LinkOrder::Show(notice));
    let refer = desk.hears().await;
    let refer = String::from_utf8_lossy(refer.body());
    assert!(refer.contains("<statustext>Back at 2</statustext>"));
    assert!(refer.contains("<displaytimeout>5</displaytimeout>"));
}

#[tokio::test]
async fn a_phone_that_goes_silent_is_gone() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    // Another, a second earlier: when that has gone, time has come to both.
    let earlier = other_device();
    let mut beside = Desk::connect(&house).await;
    let register = first(&house.contact(&earlier)).replace("sip:2222@", "sip:3333@");
    beside.say(&as_other(&register, &earlier)).await;
    assert_eq!(beside.hears().await.status(), Some(StatusCode::OK));
    house.heard(1).await;
    house.later(1);
    let _desk = Desk::registered(&house, &device).await;
    house.heard(2).await;
    house.later(134);
    assert_eq!(house.heard(3).await[2], "unregistered");
    assert!(house.registration(&earlier).is_none());
    assert!(house.registration(&device).is_some());
    house.later(1);
    assert_eq!(house.heard(4).await[3], "unregistered");
    assert!(house.registration(&device).is_none());
    let EventKind::Unregistered { why } = house.last_event().kind else {
        panic!("{:?}", house.last_event());
    };
    assert_eq!(why, "no refresh came in time");
}

#[tokio::test]
async fn a_new_connection_takes_over_and_the_old_ones_end_is_no_news() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut old = Desk::registered(&house, &device).await;
    house.heard(1).await;
    let _new = Desk::registered(&house, &device).await;
    assert!(old.is_closed().await);
    assert_eq!(house.heard(2).await.len(), 2);
    let seen = house.registration(&device).unwrap();
    assert_eq!(seen.generation, house.last_sighting().generation);
    assert_eq!(house.journal(), ["SEPC80084AA8743 registered"; 2]);
}

#[tokio::test]
async fn a_new_registration_on_the_same_connection_keeps_the_connection() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut desk = Desk::registered(&house, &device).await;
    let again = first(&house.contact(&device)).replace("-255b99f4-", "-00000000-");
    desk.say(&again).await;
    let ok = desk.hears().await;
    assert!(header(&ok, HeaderName::CONTACT).ends_with(";x-cisco-newreg"));
    desk.hears().await;
    house.heard(3).await;
    house.order(&device, LinkOrder::Restart);
    let notify = desk.hears().await;
    let body = String::from_utf8_lossy(notify.body()).into_owned();
    assert!(body.contains("-00000000-"), "the latest Call-ID: {body}");
}

#[tokio::test]
async fn a_call_is_seen_and_its_end_is_news() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut desk = Desk::registered(&house, &device).await;
    let hook = |state: &str| {
        let body = format!(
            "<dialog-info entity=\"sip:2222@a\"><dialog id=\"1\"><state>{state}</state></dialog></dialog-info>"
        );
        format!(
            "NOTIFY sip:192.0.2.200 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5;branch=z9hG4bKn{state}\r\nFrom: <sip:2222@a>;tag=1\r\nTo: <sip:192.0.2.200>\r\nCall-ID: n\r\nCSeq: 1 NOTIFY\r\nEvent: dialog\r\nContent-Type: application/dialog-info+xml\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let began = house.now();
    house.later(10);
    let refreshed = refresh(&first(&house.contact(&device)), 114);
    assert_eq!(desk.asks(&refreshed).await, 200);
    assert_eq!(house.last_use(&device), Some(began), "nobody did that");
    assert_eq!(desk.asks(&hook("trying")).await, 200);
    assert_eq!(desk.asks(&hook("trying")).await, 200);
    assert!(house.registration(&device).unwrap().in_call);
    assert_eq!(house.last_use(&device), Some(house.now()));
    house.later(10);
    assert_eq!(desk.asks(&hook("terminated")).await, 200);
    assert_eq!(house.heard(2).await[1], "idle");
    assert!(!house.registration(&device).unwrap().in_call);
    assert_eq!(house.last_use(&device), Some(house.now()), "from its end");
}

#[tokio::test]
async fn a_phone_is_served_as_what_it_is() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut phone = house.phone(&device);
    phone.protocol = Some(Protocol::Sccp);
    house.put(phone);
    let mut desk = Desk::connect(&house).await;
    let as_7841 = first(&house.contact(&device)).replace("\"621\"", "\"622\"");
    assert_eq!(desk.asks(&as_7841).await, 200);
    let stored = house.phone(&device);
    assert_eq!(stored.observed_protocol, Some(Protocol::Sip));
    assert_eq!(stored.served_model().as_str(), "7841");
    assert_eq!(
        house.journal(),
        ["SEPC80084AA8743 served-as", "SEPC80084AA8743 registered"]
    );
}

#[tokio::test]
async fn a_phone_that_another_server_configured_shows_nothing() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(&first(foreign())).await, 200);
    house.heard(1).await;
    assert_eq!(house.last_sighting().shown, Shown::default());
    assert!(house.registration(&device).unwrap().configured_elsewhere);
}

#[tokio::test]
async fn plain_firmware_holds_the_file_that_its_address_got() {
    let house = House::open();
    let device = crate::model::DeviceName::new("SEP000E84C060A6").unwrap();
    let file = house.file(&device);
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(vector!("register-7960")).await, 200);
    house.heard(1).await;
    assert_eq!(house.last_sighting().shown, Shown::default());
    house.delivered(&device, "127.0.0.1", file);
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(vector!("register-7960")).await, 200);
    house.heard(2).await;
    assert_eq!(house.last_sighting().shown.file, Some(file));
    house.delivered(&device, "127.0.0.9", file);
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(vector!("register-7960")).await, 200);
    house.heard(3).await;
    assert_eq!(house.last_sighting().shown.file, None, "it went elsewhere");
}

#[tokio::test]
async fn a_deleted_phone_is_refused_at_its_next_refresh() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let asked = first(&house.contact(&device));
    let mut desk = Desk::registered(&house, &device).await;
    house.change(&Change::DropPhone(ObjectId(1)));
    assert_eq!(desk.asks(&refresh(&asked, 114)).await, 404);
    assert_eq!(house.heard(2).await[1], "unregistered");
    assert!(house.registration(&device).is_none());
}

#[tokio::test]
async fn an_unregister_on_another_connection_counts_from_the_same_address_only() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let gone = unregister(&first(&house.contact(&device)), 114);
    let mut desk = Desk::registered(&house, &device).await;
    let mut stranger = Desk::connect_from(&house, "127.0.0.2").await;
    assert_eq!(stranger.asks(&gone).await, 200);
    assert!(house.registration(&device).is_some());
    let mut same = Desk::connect(&house).await;
    assert_eq!(same.asks(&gone).await, 200);
    assert!(house.registration(&device).is_none());
    assert_eq!(house.heard(2).await[1], "unregistered");
    assert!(desk.is_closed().await);
    // And once more, now that nobody is registered.
    assert_eq!(same.asks(&gone).await, 200);
}

#[tokio::test]
async fn the_server_stops_and_says_so() {
    let house = House::open();
    let (device, _) = registered_file(&house);
    let mut desk = Desk::registered(&house, &device).await;
    house.stop();
    assert!(desk.is_closed().await);
    assert_eq!(house.heard(2).await[1], "unregistered");
}
