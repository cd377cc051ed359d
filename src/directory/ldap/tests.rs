//! A server that is silent, rude, or not what it says it is. Real ones are in
//! `tests/it/directory.rs`.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::super::remote::{Answer, Outage, Proof, Question, Remote};
use super::super::tests::HandClock;
use super::wire::element;
use super::{LdapServer, LdapSettings};
use crate::model::{Password, UserId};

fn question() -> Question {
    Question {
        id: UserId::new("alice").unwrap(),
        exact_case: false,
        proof: Proof::Password(Password::new("swordfish")),
    }
}

fn server(port: u16, more: &str, clock: &Arc<HandClock>) -> Arc<LdapServer> {
    let text = format!("url = \"ldap://127.0.0.1:{port}\"\nbase = \"dc=x\"\n{more}");
    let settings: LdapSettings = toml::from_str(&text).unwrap();
    let clock = Arc::<HandClock>::clone(clock);
    Arc::new(LdapServer::new(&settings, clock).unwrap())
}

/// Answers each connection with one canned answer a read.
async fn listen(answers: Vec<Vec<u8>>) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let answers = answers.clone();
            tokio::spawn(async move {
                let mut buffer = [0u8; 4096];
                for answer in answers {
                    if stream.read(&mut buffer).await.unwrap_or(0) == 0 {
                        return;
                    }
                    let _ = stream.write_all(&answer).await;
                }
                // And then silence.
                while stream.read(&mut buffer).await.unwrap_or(0) > 0 {}
            });
        }
    });
    (port, connections)
}

fn done(id: u8, tag: u8, code: u8) -> Vec<u8> {
    let outcome = [0x0a, 1, code, 0x04, 0, 0x04, 0];
    element(0x30, &[&[2, 1, id], &element(tag, &[&outcome])])
}

fn found(id: u8, dn: &str, uid: &str) -> Vec<u8> {
    let values = element(0x31, &[&element(4, &[uid.as_bytes()])]);
    let attribute = element(0x30, &[&element(4, &[b"uid"]), &values]);
    let entry = [element(4, &[dn.as_bytes()]), element(0x30, &[&attribute])].concat();
    element(0x30, &[&[2, 1, id], &element(0x64, &[&entry])])
}

/// A thousand phones at a server that never answers: the first few wait for the
/// time limit, and nobody after them.
#[tokio::test]
async fn a_thousand_phones_do_not_wait_for_a_silent_server() {
    let (port, connections) = listen(Vec::new()).await;
    let clock = Arc::new(HandClock::default());
    let server = server(port, "connections = 4\n", &clock);
    let ask = || {
        let server = Arc::clone(&server);
        tokio::spawn(async move { server.ask(question()).await })
    };
    // As many as may wait; a thousand would be refused the sooner.
    let asking: Vec<_> = (0..1000).map(|_| ask()).collect();
    clock.so_many_wait(4).await;
    clock.go(Duration::from_secs(3));
    for one in asking {
        assert!(one.await.unwrap().is_err());
    }
    let outage = server.health().outage.unwrap();
    assert!(
        outage.why.contains("did not answer within 3 s"),
        "{}",
        outage.why
    );
    // The breaker is open: nobody waits, nobody connects.
    assert!(ask().await.unwrap().is_err());
    assert!(connections.load(Ordering::SeqCst) <= 4);
    // A second later one tries, and only one.
    let before = clock.sleepers();
    clock.go(Duration::from_secs(4));
    let tries: Vec<_> = (0..100).map(|_| ask()).collect();
    clock.so_many_wait(before + 1).await;
    while tries.iter().filter(|one| one.is_finished()).count() < 99 {
        tokio::task::yield_now().await;
    }
    clock.go(Duration::from_secs(7));
    for one in tries {
        assert!(one.await.unwrap().is_err());
    }
    assert!(connections.load(Ordering::SeqCst) <= 5);
}

#[tokio::test]
async fn a_server_that_refuses_the_connection_is_an_outage_and_recovers_by_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let clock = Arc::new(HandClock::default());
    let server = server(port, "", &clock);
    let Outage(why) = server.ask(question()).await.unwrap_err();
    assert!(why.contains("cannot be reached"), "{why}");

    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let answers = [
        done(1, 0x61, 0),
        [found(2, "uid=alice", "alice"), done(2, 0x65, 0)].concat(),
        done(3, 0x61, 0),
    ];
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0u8; 4096];
        for answer in answers {
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(&answer).await;
        }
    });
    assert!(
        server.ask(question()).await.is_err(),
        "not before the pause"
    );
    clock.go(Duration::from_secs(1));
    assert_eq!(server.ask(question()).await, Ok(Answer::Right));
    assert_eq!(server.health().outage, None);
}

/// What a server answers decides, never that it answers.
#[tokio::test]
async fn only_a_bind_that_succeeds_lets_in() {
    let bound = done(1, 0x61, 0);
    let entry = |entries: &[(&str, &str)]| {
        let mut answer = Vec::new();
        for (dn, uid) in entries {
            answer.extend(found(2, dn, uid));
        }
        answer.extend(done(2, 0x65, 0));
        answer
    };
    let alice = entry(&[("uid=alice", "alice")]);
    for (answers, expected) in [
        (
            vec![bound.clone(), alice.clone(), done(3, 0x61, 0)],
            Answer::Right,
        ),
        (
            vec![
                bound.clone(),
                entry(&[("uid=alice", "ALICE")]),
                done(3, 0x61, 0),
            ],
            Answer::Right,
        ),
        (
            vec![bound.clone(), alice.clone(), done(3, 0x61, 49)],
            Answer::Wrong,
        ),
        (
            vec![bound.clone(), alice.clone(), done(3, 0x61, 53)],
            Answer::Refused("it may not be used there"),
        ),
        (vec![bound.clone(), entry(&[])], Answer::NoEntry),
        // A directory that compares without accents, or a sloppy filter.
        (
            vec![bound.clone(), entry(&[("uid=al\u{ed}ce", "al\u{ed}ce")])],
            Answer::NoEntry,
        ),
        // Nameless: a bind with it would be an anonymous one, and succeed.
        (
            vec![bound.clone(), entry(&[("", "alice")]), done(3, 0x61, 0)],
            Answer::Wrong,
        ),
        (
            vec![
                bound.clone(),
                entry(&[("uid=alice", "alice"), ("cn=b", "alice")]),
            ],
            Answer::SeveralEntries,
        ),
        (
            vec![bound.clone(), done(2, 0x65, 4)],
            Answer::SeveralEntries,
        ),
    ] {
        let (port, _) = listen(answers).await;
        let server = server(port, "", &Arc::new(HandClock::default()));
        assert_eq!(server.ask(question()).await, Ok(expected));
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_an_outage_and_no_panic() {
    let bound = done(1, 0x61, 0);
    for (answers, why) in [
        (vec![done(1, 0x61, 49)], "bind_dn"),
        (vec![done(2, 0x61, 0)], "was not asked"),
        (vec![done(1, 0x65, 0)], "was not asked"),
        (vec![done(0, 0x78, 52)], "closes the connection"),
        (
            vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()],
            "not LDAP",
        ),
        (vec![b"\x30\x84\x7f\xff\xff\xff".to_vec()], "too large"),
        (vec![bound.clone(), done(2, 0x65, 32)], "base"),
        (vec![bound.clone(), done(2, 0x65, 10)], "referrals"),
        (vec![bound.clone(), done(2, 0x65, 51)], "could not search"),
    ] {
        let (port, _) = listen(answers).await;
        let server = server(port, "", &Arc::new(HandClock::default()));
        let Outage(told) = server.ask(question()).await.unwrap_err();
        assert!(told.contains(why), "{told}");
        assert!(!told.contains("swordfish"));
    }
}

/// What a server sends in clear behind its yes to StartTLS would be believed
/// under TLS.
#[tokio::test]
async fn nothing_in_clear_is_taken_into_tls() {
    let yes = done(1, 0x78, 0);
    let behind = [yes.clone(), done(1, 0x61, 0)].concat();
    for (answers, why) in [
        (vec![behind], "in clear"),
        (vec![done(1, 0x78, 2)], "does not begin TLS"),
        (vec![yes, b"no handshake".to_vec()], "cannot be reached"),
    ] {
        let (port, _) = listen(answers).await;
        let more = "start_tls = true\nverify_certificate = false\n";
        let server = server(port, more, &Arc::new(HandClock::default()));
        let Outage(told) = server.ask(question()).await.unwrap_err();
        assert!(told.contains(why), "{told}");
    }
}

#[tokio::test]
async fn what_active_directory_says_beside_its_no_is_understood() {
    let bound = done(1, 0x61, 0);
    let alice = [found(2, "uid=alice", "alice"), done(2, 0x65, 0)].concat();
    let text =
        b"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 532, v";
    let outcome = [&[0x0a, 1, 49, 0x04, 0][..], &element(4, &[text])].concat();
    let refused = element(0x30, &[&[2, 1, 3], &element(0x61, &[&outcome])]);
    let (port, _) = listen(vec![bound, alice, refused]).await;
    let server = server(port, "", &Arc::new(HandClock::default()));
    let expired = Answer::Refused("the password has expired");
    assert_eq!(server.ask(question()).await, Ok(expired));
}
