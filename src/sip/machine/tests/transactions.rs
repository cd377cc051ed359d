//! Datagrams are lost and come twice: what is sent again, what is not, and
//! what is kept for that (RFC 3261 section 17).

use std::net::SocketAddr;

use super::*;
use crate::model::OrderKind;

/// A phone that is registered over UDP and has taken its updates.
fn registered() -> Desk {
    let mut desk = Desk::over_udp();
    let mut outputs = desk.admit(&first(stamp(1)));
    while let Some(update) = update(&outputs) {
        outputs = desk.say(Message::response(&update.headers, StatusCode::OK, "phone").to_bytes());
    }
    desk
}

/// The only request of ours among these.
fn update(outputs: &[Output]) -> Option<Message> {
    let all: Vec<&Message> = messages(outputs)
        .into_iter()
        .filter(|message| message.method().is_some())
        .collect();
    assert!(all.len() <= 1, "{outputs:?}");
    all.first().map(|message| Message::clone(message))
}

fn request(method: &str, branch: &str, cseq: u32) -> String {
    format!(
        "{method} sip:192.0.2.200 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.104:5060;branch={branch}\r\n\
         From: <sip:2222@192.0.2.200>;tag=f\r\nTo: <sip:2222@192.0.2.200>\r\nCall-ID: call@192.0.2.104\r\n\
         CSeq: {cseq} {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
}

/// The bytes that are sent once more, and where to.
fn again(outputs: &[Output]) -> Vec<(String, SocketAddr)> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Again(packet, to) => Some((String::from_utf8_lossy(packet).into_owned(), *to)),
            _ => None,
        })
        .collect()
}

impl Desk {
    /// Time passes in small steps; at which tenths of a second something was
    /// sent again.
    fn listen(&mut self, tenths: u32) -> Vec<u32> {
        let mut heard = Vec::new();
        for tenth in 1..=tenths {
            self.now += Duration::from_millis(100);
            let outputs = self.registrar.on_time(self.now);
            heard.extend(again(&outputs).iter().map(|_| tenth));
        }
        heard
    }
}

#[test]
fn a_register_that_comes_again_is_answered_by_the_same_bytes() {
    let mut desk = Desk::over_udp();
    let asked = first(stamp(1));
    let outputs = desk.admit(&asked);
    let ok = text(messages(&outputs)[0]);
    assert!(ok.contains(";x-cisco-newreg"));
    desk.now += Duration::from_secs(1);
    let outputs = desk.say(&asked);
    assert_eq!(
        again(&outputs),
        [(ok, "192.0.2.104:51778".parse().unwrap())]
    );
    assert_eq!(outputs.len(), 1, "and no second update");
    // The next one is another request.
    let next = desk.ask(&refresh(&asked, 114).replace("z9hG4bK", "z9hG4bKnext"));
    assert!(desk.registrar.repeated(&next, PEER, desk.now).is_none());
    desk.later(33);
    let late = desk.ask(&asked);
    assert!(
        desk.registrar.repeated(&late, PEER, desk.now).is_none(),
        "after timer J"
    );
}

#[test]
fn a_phone_counts_from_the_answer_that_it_hears() {
    let mut desk = Desk::over_udp();
    let asked = first(stamp(1));
    desk.admit(&asked);
    desk.later(25);
    assert_eq!(again(&desk.say(&asked)).len(), 1, "the first was lost");
    assert_eq!(told(&desk.later(115)), [] as [&str; 0]);
    let again = refresh(&asked, 114).replace("z9hG4bK", "z9hG4bKnext");
    assert_eq!(desk.standing(&again), Standing::Refresh);
}

#[test]
fn over_tcp_nothing_is_kept_and_nothing_is_sent_twice() {
    let mut desk = Desk::registered(stamp(1));
    desk.registrar
        .order(OrderKind::Restart, desk.now, desk.wall);
    assert_eq!(desk.listen(310), [] as [u32; 0]);
    let asked = request("INVITE", "z9hG4bK1", 1).replace("UDP", "TCP");
    assert_eq!(status(&desk.say(&asked)), 503);
    assert_eq!(status(&desk.say(&asked)), 503);
    assert_eq!(desk.listen(100), [] as [u32; 0]);
}

#[test]
fn an_order_is_repeated_until_it_is_answered() {
    let mut desk = registered();
    let outputs = desk
        .registrar
        .order(OrderKind::Restart, desk.now, desk.wall);
    let notify = sent(&outputs).clone();
    assert_eq!(desk.listen(40), [5, 15, 35]);
    let ok = Message::response(&notify.headers, StatusCode::OK, "phone").to_bytes();
    assert_eq!(told(&desk.say(&ok)), ["OrderAccepted"]);
    assert_eq!(desk.listen(400), [] as [u32; 0]);
    assert!(
        desk.say(&ok).is_empty(),
        "an answer that comes twice is one"
    );
}

#[test]
fn an_order_that_nobody_answers_is_given_up_after_half_a_minute() {
    let mut desk = registered();
    let outputs = desk
        .registrar
        .order(OrderKind::Restart, desk.now, desk.wall);
    let notify = text(sent(&outputs));
    let mut times = Vec::new();
    let mut refused = None;
    for tenth in 1..=400 {
        desk.now += Duration::from_millis(100);
        let outputs = desk.registrar.on_time(desk.now);
        for (packet, to) in again(&outputs) {
            assert_eq!(packet, notify, "the same bytes");
            assert_eq!(to.to_string(), "192.0.2.104:51778");
            times.push(tenth);
        }
        if told(&outputs)
            .iter()
            .any(|told| told.starts_with("OrderRefused"))
        {
            assert_eq!(refused.replace(tenth), None, "once");
        }
    }
    // Timer E: 0.5 s, doubled up to 4 s.
    assert_eq!(times, [5, 15, 35, 75, 115, 155, 195, 235, 275, 315]);
    assert_eq!(refused, Some(320), "timer F");
}

#[test]
fn who_works_on_it_is_asked_less_often() {
    let mut desk = registered();
    let outputs = desk
        .registrar
        .order(OrderKind::Restart, desk.now, desk.wall);
    let notify = sent(&outputs).clone();
    let trying = Message::response(&notify.headers, StatusCode::TRYING, "").to_bytes();
    assert!(desk.say(trying).is_empty());
    assert_eq!(desk.listen(100), [5, 45, 85]);
}

#[test]
fn no_call_service_is_said_until_it_is_heard() {
    let mut desk = registered();
    let invite = request("INVITE", "z9hG4bKi", 1);
    let outputs = desk.say(&invite);
    let answer = text(sent(&outputs));
    assert!(answer.starts_with("SIP/2.0 503 "));
    assert_eq!(desk.listen(20), [5, 15]);
    let outputs = desk.say(&invite);
    assert_eq!(again(&outputs)[0].0, answer, "the INVITE came again");
    let ack = request("ACK", "z9hG4bKi", 1);
    assert!(desk.say(&ack).is_empty());
    assert_eq!(desk.listen(400), [] as [u32; 0]);
    // And without an ACK it ends after timer H.
    desk.say(request("INVITE", "z9hG4bKj", 2));
    assert_eq!(desk.listen(400).last(), Some(&315));
}

#[test]
fn a_cancel_that_comes_too_late_is_answered_all_the_same() {
    let mut desk = registered();
    desk.say(request("INVITE", "z9hG4bKi", 1));
    assert_eq!(status(&desk.say(request("CANCEL", "z9hG4bKi", 1))), 200);
    assert_eq!(status(&desk.say(request("CANCEL", "z9hG4bKx", 1))), 482);
    assert_eq!(status(&desk.say(request("CANCEL", "z9hG4bKx", 9))), 481);
}

#[test]
fn one_request_on_two_ways_is_refused_but_never_a_register() {
    let mut desk = registered();
    assert_eq!(status(&desk.say(request("OPTIONS", "z9hG4bKa", 1))), 200);
    assert_eq!(status(&desk.say(request("OPTIONS", "z9hG4bKb", 1))), 482);
    assert_eq!(status(&desk.say(request("OPTIONS", "z9hG4bKc", 2))), 200);
    let in_dialog = request("OPTIONS", "z9hG4bKd", 2).replace("200>\r\nCall", "200>;tag=t\r\nCall");
    assert_eq!(status(&desk.say(in_dialog)), 200);
    let other_branch = first(stamp(1)).replace("branch=z9hG4bK", "branch=z9hG4bKother");
    assert!(matches!(
        desk.say(other_branch).as_slice(),
        [Output::Register(_)]
    ));
}

#[test]
fn a_request_of_ours_that_comes_back_is_a_loop() {
    for mut desk in [registered(), Desk::registered(stamp(1)), Desk::over_udp()] {
        let looped = request("OPTIONS", "z9hG4bKa", 1).replace(
            "\r\nFrom",
            "\r\nVia: SIP/2.0/UDP 192.0.2.200;branch=z9hG4bKours\r\nFrom",
        );
        assert_eq!(status(&desk.say(looped)), 482);
    }
}

#[test]
fn branches_of_old_are_told_apart_by_all_the_rest() {
    let mut desk = registered();
    let old = |cseq| request("OPTIONS", "1", cseq);
    let answer = desk.say(old(1));
    let same = desk.say(old(1));
    assert_eq!(again(&same)[0].0, text(sent(&answer)));
    assert_eq!(
        status(&desk.say(old(2))),
        200,
        "a new one, with the old branch"
    );
    let none = request("OPTIONS", "1", 3).replace(";branch=1", "");
    let answer = desk.say(&none);
    assert_eq!(again(&desk.say(&none))[0].0, text(sent(&answer)));
}

#[test]
fn what_is_kept_for_a_phone_is_little_and_not_for_long() {
    let mut desk = registered();
    let resting = desk.registrar.size();
    for cseq in 1..2000 {
        desk.say(request("INVITE", &format!("z9hG4bK{cseq}"), cseq));
        assert!(
            desk.registrar.size() < 10 * 1024,
            "{}",
            desk.registrar.size()
        );
    }
    for _ in 0..100 {
        desk.registrar
            .order(OrderKind::Restart, desk.now, desk.wall);
        desk.registrar.show("Back at 2", 60, desk.now, desk.wall);
    }
    assert!(
        desk.registrar.size() < 28 * 1024,
        "{}",
        desk.registrar.size()
    );
    desk.listen(400);
    assert!(desk.registrar.size() < 1024, "{}", desk.registrar.size());
    assert!(desk.registrar.size() <= resting);
}

#[test]
fn nothing_is_kept_of_strangers_and_nothing_repeated_to_them() {
    let mut desk = Desk::over_udp();
    for cseq in 1..100 {
        assert_eq!(
            status(&desk.say(request("INVITE", &format!("z9hG4bK{cseq}"), cseq))),
            503
        );
    }
    assert_eq!(desk.registrar.size(), 0);
    assert_eq!(desk.listen(100), [] as [u32; 0]);
}

#[test]
fn a_forged_datagram_does_not_end_a_flow() {
    let mut desk = registered();
    for _ in 0..100 {
        let outputs =
            desk.say("OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\r\n");
        assert!(told(&outputs).is_empty(), "{outputs:?}");
    }
    // Nor does an unregister that knows the name of the phone alone.
    let gone = unregister(&first(stamp(1)), 999);
    let guessed = gone.replace("255b99f4", "00000000");
    assert!(matches!(
        desk.say(guessed).as_slice(),
        [Output::Unregister(_)]
    ));
    assert!(desk.registrar.device().is_some());
    let outputs = desk.say(gone);
    assert_eq!(status(&outputs), 200);
    assert!(desk.registrar.device().is_none());
}

#[test]
fn updates_fit_into_a_packet_each() {
    let mut desk = Desk::over_udp();
    let mut outputs = desk.admit(&first(stamp(1)));
    let mut count = 0;
    while let Some(update) = update(&outputs) {
        count += 1;
        assert!(update.to_bytes().len() <= 1300);
        outputs = desk.say(Message::response(&update.headers, StatusCode::OK, "phone").to_bytes());
    }
    assert_eq!(count, 4, "over TCP it is one");
}

#[test]
fn who_answers_no_update_is_sent_one_alone() {
    let mut desk = Desk::over_udp();
    let outputs = desk.admit(&first(stamp(1)));
    let only = text(&update(&outputs).unwrap());
    for _ in 0..40 {
        let outputs = desk.later(1);
        assert!(messages(&outputs).is_empty(), "{outputs:?}");
        assert!(again(&outputs).iter().all(|(packet, _)| *packet == only));
    }
    assert!(desk.registrar.device().is_some());
    assert!(desk.later(5).is_empty());
}

/// Where an order to the phone of this REGISTER goes.
fn reached(register: &str) -> String {
    let mut desk = Desk::over_udp();
    desk.admit(register);
    let outputs = desk
        .registrar
        .order(OrderKind::Restart, desk.now, desk.wall);
    desk.registrar.destination(sent(&outputs), PEER).to_string()
}

#[test]
fn a_phone_is_reached_where_it_listens() {
    // In CCM mode: the way it came.
    assert_eq!(reached(&first(stamp(1))), "192.0.2.104:51778");
    // Plain firmware sends from one port and listens on another.
    let plain = vector!("register-7960");
    assert_eq!(
        reached(&plain.replace("192.0.2.130", "192.0.2.104")),
        "192.0.2.104:5060"
    );
    let no_port = plain.replace("192.0.2.130:5060;user", "192.0.2.104;user");
    assert_eq!(reached(&no_port), "192.0.2.104:5060");
    // Its contact is on another network than it is heard from.
    assert_eq!(reached(plain), "192.0.2.104:51778");
}

#[test]
fn an_answer_goes_where_the_request_came_from_or_where_via_says() {
    let asked = request("OPTIONS", "z9hG4bKa", 1);
    let asked_rport = request("OPTIONS", "z9hG4bKa;rport", 1);
    let to = |answers, asked: &str| {
        let settings = Settings {
            answers,
            ..Settings::default()
        };
        let mut desk = Desk::over(Transport::Udp, settings);
        let outputs = desk.say(asked);
        desk.registrar.destination(sent(&outputs), PEER).to_string()
    };
    assert_eq!(to(AnswerPort::Source, &asked), "192.0.2.104:51778");
    assert_eq!(to(AnswerPort::Via, &asked), "192.0.2.104:5060");
    assert_eq!(to(AnswerPort::Via, &asked_rport), "192.0.2.104:51778");
}
