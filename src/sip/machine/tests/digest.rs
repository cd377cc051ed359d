//! Phones that must prove who they are.

use super::*;
use crate::model::SipSecret;
use crate::sip::machine::Digest;
use crate::sip::wire::digest::{Answer, Challenge};
use crate::sip::wire::{Method, NonceKey, Secret};

fn settings() -> Settings {
    Settings {
        digest: Some(Digest {
            realm: "embody".into(),
            key: NonceKey::new([3; 32]),
        }),
        ..Settings::default()
    }
}

/// What the house says to a REGISTER.
fn judged(desk: &mut Desk, text: &str) -> Verdict {
    let register = desk.ask(text);
    let digest = desk.registrar.digest().unwrap();
    digest.judge(
        register.authorization(),
        &SipSecret::new("correct-horse"),
        desk.wall,
    )
}

/// The challenge that a phone gets.
fn challenge(desk: &mut Desk, stale: bool) -> Challenge {
    let register = desk.ask(&first(stamp(1)));
    let refusal = Refusal::Challenge { stale };
    let outputs = desk.registrar.refused(&register, refusal, desk.wall);
    assert_eq!(status(&outputs), 401);
    assert!(told(&outputs).is_empty());
    let asked = header(sent(&outputs), HeaderName::WWW_AUTHENTICATE);
    Challenge::parse(asked.as_bytes()).unwrap()
}

/// The REGISTER with the phone's answer to a challenge.
fn answered(challenge: &Challenge, password: &str) -> String {
    let answer = challenge.answer(&Answer {
        username: device().as_str(),
        password: &Secret::new(password),
        method: &Method::Register,
        uri: "sip:192.0.2.200",
        cnonce: "61cdcfdc",
        count: 1,
    });
    first(stamp(1))
        .replace("CSeq: 113", "CSeq: 114")
        .replace("Expires:", &format!("Authorization: {answer}\r\nExpires:"))
}

#[test]
fn a_phone_is_asked_once_and_believed_when_it_knows_the_secret() {
    let mut desk = Desk::with(settings());
    assert_eq!(
        judged(&mut desk, &first(stamp(1))),
        Verdict::Ask { stale: false }
    );
    let asked = challenge(&mut desk, false);
    assert_eq!((asked.realm.as_str(), asked.stale), ("embody", false));
    assert!(asked.qop_auth);
    let right = answered(&asked, "correct-horse");
    assert_eq!(judged(&mut desk, &right), Verdict::Proven);
    assert_eq!(
        judged(&mut desk, &answered(&asked, "guessed")),
        Verdict::Wrong
    );
    let register = desk.ask(&right);
    let shown = format!("{register:?}");
    let response = &asked.answer(&Answer {
        username: device().as_str(),
        password: &Secret::new("correct-horse"),
        method: &Method::Register,
        uri: "sip:192.0.2.200",
        cnonce: "61cdcfdc",
        count: 1,
    });
    assert!(!shown.contains(response.response.expose()));
}

#[test]
fn an_old_answer_is_asked_for_again_without_a_word_about_the_secret() {
    let mut desk = Desk::with(settings());
    let asked = challenge(&mut desk, false);
    let right = answered(&asked, "correct-horse");
    let wrong = answered(&asked, "guessed");
    desk.later(170);
    desk.say(vector!("refer-token"));
    desk.later(170);
    assert_eq!(judged(&mut desk, &right), Verdict::Ask { stale: true });
    assert_eq!(judged(&mut desk, &wrong), Verdict::Wrong);
    assert!(challenge(&mut desk, true).stale);
}

#[test]
fn answers_to_other_servers_are_no_answer() {
    let mut desk = Desk::with(settings());
    assert_eq!(
        judged(&mut desk, vector!("register-7960-auth")),
        Verdict::Ask { stale: false },
        "another realm"
    );
    let mut forged = challenge(&mut desk, false);
    forged.nonce = "0".repeat(48);
    assert_eq!(
        judged(&mut desk, &answered(&forged, "correct-horse")),
        Verdict::Ask { stale: false },
        "minted before our start"
    );
    let broken = answered(&forged, "x").replace("nonce=", "once=");
    assert_eq!(status(&desk.say(broken)), 400);
}

#[test]
fn without_digest_nobody_looks_at_credentials() {
    let register = Desk::new().ask(vector!("register-7960-auth"));
    assert_eq!(register.authorization(), None);
}
