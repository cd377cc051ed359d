//! A directory server beside the hashes here.

use std::collections::BTreeMap;

use super::super::remote::{Answer, Outage, Proof, Question};
use super::*;
use crate::ports::{DirectoryHealth, DirectoryOutage};

/// A server with a few entries, which counts what it is asked.
struct Server {
    passwords: Mutex<BTreeMap<&'static str, &'static str>>,
    pins: Option<BTreeMap<&'static str, &'static str>>,
    down: Mutex<bool>,
    asked: Mutex<Vec<String>>,
}

impl Server {
    fn with(passwords: &[(&'static str, &'static str)]) -> Arc<Self> {
        Arc::new(Self {
            passwords: Mutex::new(passwords.iter().copied().collect()),
            pins: None,
            down: Mutex::new(false),
            asked: Mutex::default(),
        })
    }

    fn with_pins(pins: &[(&'static str, &'static str)]) -> Arc<Self> {
        Arc::new(Self {
            passwords: Mutex::default(),
            pins: Some(pins.iter().copied().collect()),
            down: Mutex::new(false),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn go_down(&self, down: bool) {
        *self.down.lock().unwrap() = down;
    }

    fn answer(&self, question: &Question) -> Result<Answer, Outage> {
        let id = question.id.as_str();
        let what = match &question.proof {
            Proof::Nothing => "look",
            Proof::Pin(_) => "pin",
            Proof::Password(_) => "bind",
        };
        self.asked.lock().unwrap().push(format!("{what} {id}"));
        if *self.down.lock().unwrap() {
            return Err(Outage("it does not answer".to_owned()));
        }
        let passwords = self.passwords.lock().unwrap();
        let (entries, offered) = match &question.proof {
            Proof::Nothing => return Ok(Answer::NoEntry),
            Proof::Pin(pin) => (self.pins.as_ref().unwrap(), pin.expose()),
            Proof::Password(password) => (&*passwords, password.expose()),
        };
        Ok(match entries.get(id) {
            None => Answer::NoEntry,
            Some(&"several") => Answer::SeveralEntries,
            Some(&"expired") => Answer::Refused("the password has expired"),
            Some(right) if *right == offered => Answer::Right,
            Some(_) => Answer::Wrong,
        })
    }
}

impl Remote for Server {
    fn keeps_pins(&self) -> bool {
        self.pins.is_some()
    }
    fn remembers(&self) -> Duration {
        Duration::from_secs(60)
    }
    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Answer, Outage>> {
        Box::pin(async move { self.answer(&question) })
    }
    fn health(&self) -> DirectoryHealth {
        DirectoryHealth {
            url: "ldap://there".to_owned(),
            outage: self.down.lock().unwrap().then(|| DirectoryOutage {
                since: Timestamp(0),
                why: "it does not answer".to_owned(),
            }),
        }
    }
}

fn house(server: &Arc<Server>) -> House {
    let remote = Arc::<Server>::clone(server) as Arc<dyn Remote>;
    House::beside(Some(remote), DirectorySettings::default())
}

fn nobodys(user_id: &str, number: i64) -> Change {
    Change::PutUser(Box::new(User {
        id: ObjectId(number),
        user_id: id(user_id),
        alias: None,
        pin: None,
        password: None,
        ..alice()
    }))
}

#[tokio::test]
async fn who_has_no_hash_here_is_checked_there() {
    let server = Server::with(&[("bob", "there"), ("app", "there"), ("alice", "there")]);
    let house = house(&server);
    house.put(nobodys("bob", 14)).await;
    house
        .put(Change::PutApplicationUser(ApplicationUser {
            user_id: id("app"),
            password: None,
            ..emapp()
        }))
        .await;
    assert!(matches!(
        house.application("bob", "there").await,
        Ok(Verified::User {
            id: ObjectId(14),
            ..
        })
    ));
    assert!(matches!(
        house.application("app", "there").await,
        Ok(Verified::Application {
            proxy_rights: true,
            ..
        })
    ));
    assert_eq!(house.application("bob", "here").await, Err(Denied::Wrong));
    // Who has a hash here is checked here.
    assert_eq!(house.application("alice", PASSWORD).await, as_alice(1));
    assert_eq!(
        house.application("alice", "there").await,
        Err(Denied::Wrong)
    );
    assert_eq!(
        server.asked(),
        ["bind bob", "bind app", "bind bob", "look alice"]
    );
}

#[tokio::test]
async fn nobody_gets_in_who_is_not_configured_here() {
    let server = Server::with(&[("mallory", "there")]);
    let house = house(&server);
    let refused = house.application("mallory", "there").await;
    assert_eq!(refused, Err(Denied::Unknown));
    assert_eq!(server.asked(), ["look mallory"], "and no bind is made");
}

#[tokio::test]
async fn an_empty_password_never_binds() {
    let server = Server::with(&[("bob", "")]);
    let house = house(&server);
    house.put(nobodys("bob", 14)).await;
    house.application("bob", "").await.unwrap_err();
    assert_eq!(server.asked(), ["look bob"]);
}

#[tokio::test]
async fn what_the_server_says_reaches_the_operator() {
    let server = Server::with(&[("bob", "several"), ("carol", "expired")]);
    let house = house(&server);
    for (number, who) in [(14, "bob"), (15, "carol"), (16, "dave")] {
        house.put(nobodys(who, number)).await;
    }
    let told = async |who| house.application(who, "x").await.unwrap_err().to_string();
    assert_eq!(
        told("bob").await,
        "several entries of the directory fit this user"
    );
    assert_eq!(
        told("carol").await,
        "the directory refuses the password: the password has expired"
    );
    assert_eq!(
        told("dave").await,
        "the directory has no entry for this user"
    );
}

#[tokio::test]
async fn while_the_server_is_away_nobody_is_counted_and_local_people_work() {
    let server = Server::with_pins(&[("bob", "58213")]);
    let house = house(&server);
    house.put(nobodys("bob", 14)).await;
    server.go_down(true);
    for _ in 0..20 {
        let away = house.pin_from(Some("203.0.113.7"), "bob", "00000").await;
        assert!(matches!(&away, Err(Denied::DirectoryDown(_))), "{away:?}");
    }
    // Who is unknown is answered as those are whom the server keeps.
    let unknown = house.pin("nobody", PIN).await;
    assert!(
        matches!(&unknown, Err(Denied::DirectoryDown(_))),
        "{unknown:?}"
    );
    assert_eq!(house.pin("alice", PIN).await, as_alice(1));
    assert_eq!(house.pin("alice", "00000").await, Err(Denied::Wrong));
    assert!(house.directory.health().unwrap().outage.is_some());
    server.go_down(false);
    assert!(house.pin("bob", "58213").await.is_ok(), "not locked out");
    assert!(house.directory.health().unwrap().outage.is_none());
}

#[tokio::test]
async fn wrong_answers_there_lock_here_and_then_nothing_is_tried() {
    let server = Server::with_pins(&[("bob", "58213")]);
    let house = house(&server);
    house.put(nobodys("bob", 14)).await;
    for _ in 0..5 {
        assert_eq!(house.pin("bob", "00000").await, Err(Denied::Wrong));
    }
    server.asked();
    let locked = house.pin("bob", "58213").await;
    assert!(matches!(locked, Err(Denied::LockedOut { .. })));
    assert_eq!(server.asked(), ["look bob"]);
}

/// A public PIN guesser compares answers: whoever is meant and whatever is
/// wrong, one hash is verified and the server is asked once.
#[tokio::test]
async fn every_refusal_takes_the_same_steps() {
    let server = Server::with_pins(&[("bob", "58213"), ("carol", "58213")]);
    let house = house(&server);
    for (number, who) in [(14, "bob"), (15, "carol"), (16, "dave")] {
        house.put(nobodys(who, number)).await;
    }
    for _ in 0..5 {
        house.pin("carol", "00000").await.unwrap_err();
    }
    server.asked();
    for (who, why) in [
        ("alice", "the hash here is another"),
        ("bob", "the PIN there is another"),
        ("carol", "locked"),
        ("dave", "no entry"),
        ("twin", "ambiguous"),
        ("nobody", "unknown"),
    ] {
        let before = house.checks();
        let refused = house.pin(who, "00000").await;
        assert!(refused.is_err_and(|denied| !denied.is_outage()), "{why}");
        assert_eq!(house.checks(), before + 1, "{why}");
        assert_eq!(server.asked().len(), 1, "{why}");
    }
}

#[tokio::test]
async fn an_application_password_is_remembered_for_a_minute_and_no_longer() {
    let server = Server::with(&[("app", "there")]);
    let house = house(&server);
    let app = ApplicationUser {
        user_id: id("app"),
        password: None,
        ..emapp()
    };
    house.put(Change::PutApplicationUser(app.clone())).await;
    for _ in 0..3 {
        house.application("app", "there").await.unwrap();
    }
    assert_eq!(server.asked(), ["bind app"], "asked once");

    // Changed there: here it counts when the minute is over.
    server.passwords.lock().unwrap().insert("app", "changed");
    house.go(59);
    assert!(house.application("app", "there").await.is_ok());
    house.go(60);
    assert_eq!(house.application("app", "there").await, Err(Denied::Wrong));
    assert!(house.application("app", "changed").await.is_ok());
    assert_eq!(server.asked(), ["bind app", "bind app"]);

    // While the server is away the remembered one works, and no other.
    server.go_down(true);
    assert!(house.application("app", "changed").await.is_ok());
    let other = house.application("app", "there").await;
    assert!(matches!(other, Err(Denied::DirectoryDown(_))), "{other:?}");

    // A hash that is set here ends what was remembered of there.
    let local = ApplicationUser {
        password: Some(hash("local")),
        ..app
    };
    house.put(Change::PutApplicationUser(local)).await;
    assert_eq!(
        house.application("app", "changed").await,
        Err(Denied::Wrong)
    );
    assert!(house.application("app", "local").await.is_ok());
}

#[tokio::test]
async fn a_pin_that_is_kept_there_is_changed_there() {
    let server = Server::with_pins(&[("bob", "58213")]);
    let house = house(&server);
    house.put(nobodys("bob", 14)).await;
    let refused = house.change("bob", "58213", "90817").await;
    assert_eq!(refused, Err(PinRefused::KeptElsewhere));
    let wrong = house.change("bob", "00000", "90817").await;
    assert_eq!(
        wrong,
        Err(PinRefused::Denied(Denied::Wrong)),
        "told to nobody else"
    );
}
