//! The directory from the side of those who sign in.
// The unnecessary Results are what answers are compared with.
#![allow(clippy::unwrap_used, clippy::unnecessary_wraps)]

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::{Argon2Hasher, CredentialPolicy, DirectorySettings, LocalDirectory};
use crate::model::{
    ApplicationUser, Change, CredentialHash, LoginType, ObjectId, Password, Pin, Secret, Timestamp,
    User, UserId, World,
};
use crate::ports::{
    BoxFuture, Clock, Denied, Directory, Hasher, Identity, Scope, Store, Verdict, Verified,
};
use crate::store::MemoryStore;

const PIN: &str = "58213";
const PASSWORD: &str = "swordfish";

fn id(text: &str) -> UserId {
    UserId::new(text).unwrap()
}

fn hash(secret: &str) -> CredentialHash {
    cheap().hash(secret).unwrap()
}

fn cheap() -> Argon2Hasher {
    Argon2Hasher::with_cost(8, 1).unwrap()
}

fn alice() -> User {
    User {
        id: ObjectId(11),
        user_id: id("alice"),
        alias: Some(id("2001")),
        first_name: String::new(),
        last_name: String::new(),
        pin: Some(hash(PIN)),
        password: Some(hash(PASSWORD)),
        credential_version: 1,
        profiles: Vec::new(),
        locale: None,
        primary_extension: None,
        self_service_id: None,
        controlled_phones: Vec::new(),
        multiple_login_behavior: None,
        excluded: false,
        pin_must_change: false,
        pin_set: None,
    }
}

fn emapp() -> ApplicationUser {
    ApplicationUser {
        user_id: id("emapp"),
        password: Some(hash(PASSWORD)),
        credential_version: 1,
        proxy_rights: true,
    }
}

/// Alice, two users who differ by case and have nothing, and one application.
pub(super) fn world() -> World {
    let twin = |number, name| User {
        id: ObjectId(number),
        user_id: id(name),
        alias: None,
        pin: None,
        password: None,
        ..alice()
    };
    let mut world = World::default();
    world.apply(&Change::PutUser(Box::new(alice())));
    world.apply(&Change::PutUser(Box::new(twin(12, "TWIN"))));
    world.apply(&Change::PutUser(Box::new(twin(13, "Twin"))));
    world.apply(&Change::PutApplicationUser(emapp()));
    world
}

/// Counts hashes, and lets them wait while the gate is shut.
struct Counting {
    argon2: Argon2Hasher,
    checks: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
    shut: Mutex<bool>,
    opened: Condvar,
}

impl Hasher for Counting {
    fn hash(&self, secret: &str) -> Result<CredentialHash, String> {
        self.argon2.hash(secret)
    }

    fn matches(&self, secret: &str, hash: &CredentialHash) -> bool {
        self.checks.fetch_add(1, Ordering::SeqCst);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        let shut = self.shut.lock().unwrap();
        drop(self.opened.wait_while(shut, |shut| *shut).unwrap());
        self.running.fetch_sub(1, Ordering::SeqCst);
        self.argon2.matches(secret, hash)
    }
}

#[derive(Default)]
struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
    fn monotonic(&self) -> Duration {
        self.now().since(Timestamp(0))
    }
    fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// A directory with its surroundings.
struct House {
    store: Arc<MemoryStore>,
    hasher: Arc<Counting>,
    clock: Arc<HandClock>,
    directory: Arc<LocalDirectory>,
}

impl House {
    fn new() -> Self {
        Self::with(DirectorySettings::default())
    }

    fn with(settings: DirectorySettings) -> Self {
        let store = Arc::new(MemoryStore::with(world()));
        let clock = Arc::new(HandClock::default());
        let hasher = Arc::new(Counting {
            argon2: cheap(),
            checks: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            shut: Mutex::new(false),
            opened: Condvar::new(),
        });
        let directory = LocalDirectory::new(
            Arc::<MemoryStore>::clone(&store),
            Arc::<Counting>::clone(&hasher),
            Arc::<HandClock>::clone(&clock),
            settings,
        );
        Self {
            store,
            hasher,
            clock,
            directory: Arc::new(directory.unwrap()),
        }
    }

    async fn pin(&self, who: &str, pin: &str) -> Result<Verified, Denied> {
        let identity = Identity::User {
            typed: id(who),
            login_type: LoginType::UserId,
            ignore_case: true,
        };
        self.directory
            .verify(identity, Secret::Pin(Pin::new(pin)), None)
            .await
    }

    async fn application(&self, who: &str, password: &str) -> Result<Verified, Denied> {
        let secret = Secret::Password(Password::new(password));
        self.directory
            .verify(Identity::Application(id(who)), secret, None)
            .await
    }

    async fn put(&self, change: Change) {
        let decide = move |_: &World| Verdict::Commit(vec![change.clone()]);
        self.store
            .submit(Scope::Site, Box::new(decide))
            .await
            .unwrap();
    }

    fn checks(&self) -> usize {
        self.hasher.checks.load(Ordering::SeqCst)
    }

    fn shut(&self, shut: bool) {
        *self.hasher.shut.lock().unwrap() = shut;
        self.hasher.opened.notify_all();
    }
}

fn as_alice(version: u64) -> Result<Verified, Denied> {
    Ok(Verified::User {
        id: ObjectId(11),
        user_id: id("alice"),
        version,
        pin_must_change: false,
    })
}

fn as_emapp(version: u64) -> Result<Verified, Denied> {
    Ok(Verified::Application {
        user_id: id("emapp"),
        proxy_rights: true,
        version,
    })
}

#[tokio::test]
async fn the_right_pin_opens_and_no_other() {
    let house = House::new();
    assert_eq!(house.pin("alice", PIN).await, as_alice(1));
    assert_eq!(house.pin("2001", PIN).await, as_alice(1));
    assert_eq!(house.pin("Alice", PIN).await, as_alice(1));
    assert_eq!(house.pin("alice", "58214").await, Err(Denied::Wrong));
    assert_eq!(house.pin("alice", PASSWORD).await, Err(Denied::Wrong));
    assert_eq!(house.pin("alice", "").await, Err(Denied::Wrong));
}

#[tokio::test]
async fn an_application_or_a_user_may_call_the_login_service() {
    let house = House::new();
    assert_eq!(house.application("emapp", PASSWORD).await, as_emapp(1));
    assert_eq!(house.application("alice", PASSWORD).await, as_alice(1));
    assert_eq!(house.application("alice", PIN).await, Err(Denied::Wrong));
    let nobody = house.application("nobody", PASSWORD).await;
    assert_eq!(nobody, Err(Denied::Unknown));
}

#[tokio::test]
async fn every_refusal_costs_one_hash() {
    let house = House::new();
    let refusals = [
        (house.pin("nobody", PIN).await, Denied::Unknown),
        (house.pin("twin", PIN).await, Denied::Ambiguous),
        (house.pin("Twin", PIN).await, Denied::NotSet),
        (house.pin("alice", "1").await, Denied::Wrong),
    ];
    let count = refusals.len();
    for (answer, expected) in refusals {
        assert_eq!(answer, Err(expected));
    }
    assert_eq!(house.checks(), count);
    for _ in 0..4 {
        assert_eq!(house.pin("alice", "1").await, Err(Denied::Wrong));
    }
    let before = house.checks();
    let locked = house.pin("alice", PIN).await;
    assert!(matches!(locked, Err(Denied::LockedOut { .. })));
    assert_eq!(house.checks(), before + 1);
}

#[tokio::test]
async fn a_new_pin_counts_at_once() {
    let house = House::new();
    assert_eq!(house.pin("alice", PIN).await, as_alice(1));
    let changed = User {
        pin: Some(hash("77777")),
        credential_version: 2,
        ..alice()
    };
    house.put(Change::PutUser(Box::new(changed))).await;
    assert_eq!(house.pin("alice", PIN).await, Err(Denied::Wrong));
    assert_eq!(house.pin("alice", "77777").await, as_alice(2));
    house.put(Change::DropUser(ObjectId(11))).await;
    assert_eq!(house.pin("alice", "77777").await, Err(Denied::Unknown));
}

#[tokio::test]
async fn application_passwords_alone_are_remembered() {
    let house = House::new();
    for _ in 0..3 {
        assert_eq!(house.application("emapp", PASSWORD).await, as_emapp(1));
    }
    assert_eq!(house.checks(), 1, "hashed once");
    assert_eq!(house.application("emapp", "x").await, Err(Denied::Wrong));
    assert_eq!(house.checks(), 2, "what is not remembered is hashed");
    for _ in 0..3 {
        house.pin("alice", PIN).await.unwrap();
        house.application("alice", PASSWORD).await.unwrap();
    }
    assert_eq!(
        house.checks(),
        8,
        "what belongs to a user is hashed each time"
    );
}

#[tokio::test]
async fn a_changed_application_password_is_forgotten() {
    let house = House::new();
    house.application("emapp", PASSWORD).await.unwrap();

    // The same password under a new version is checked again.
    let newer = ApplicationUser {
        credential_version: 2,
        ..emapp()
    };
    house.put(Change::PutApplicationUser(newer.clone())).await;
    assert_eq!(house.application("emapp", PASSWORD).await, as_emapp(2));
    assert_eq!(house.checks(), 2);

    // Another hash is another credential, even if the version was not counted.
    let other = ApplicationUser {
        password: Some(hash("other")),
        ..newer
    };
    house.put(Change::PutApplicationUser(other.clone())).await;
    assert_eq!(
        house.application("emapp", PASSWORD).await,
        Err(Denied::Wrong)
    );
    house.application("emapp", "other").await.unwrap();

    house.put(Change::DropApplicationUser(id("emapp"))).await;
    let gone = house.application("emapp", "other").await;
    assert_eq!(gone, Err(Denied::Unknown));

    // Rights are read from the world each time, never remembered.
    house.put(Change::PutApplicationUser(other.clone())).await;
    house.application("emapp", "other").await.unwrap();
    let humbler = ApplicationUser {
        proxy_rights: false,
        ..other
    };
    house.put(Change::PutApplicationUser(humbler)).await;
    let before = house.checks();
    assert!(matches!(
        house.application("emapp", "other").await,
        Ok(Verified::Application {
            proxy_rights: false,
            ..
        })
    ));
    assert_eq!(house.checks(), before);
}

#[tokio::test]
async fn five_wrong_answers_lock_for_a_minute() {
    let house = House::new();
    for who in ["alice", "2001", "ALICE", "alice", "2001"] {
        assert_eq!(house.pin(who, "1").await, Err(Denied::Wrong));
    }
    let locked = Err(Denied::LockedOut {
        until: Timestamp(60_000),
    });
    assert_eq!(house.pin("alice", PIN).await, locked);
    assert_eq!(house.application("alice", PASSWORD).await, locked);
    assert!(house.application("emapp", PASSWORD).await.is_ok());
    house.clock.0.store(60_000, Ordering::SeqCst);
    assert_eq!(house.pin("alice", PIN).await, as_alice(1));
}

#[tokio::test]
async fn a_lock_holds_for_a_remembered_password_too() {
    let house = House::new();
    house.application("emapp", PASSWORD).await.unwrap();
    for _ in 0..5 {
        house.application("emapp", "x").await.unwrap_err();
    }
    assert!(matches!(
        house.application("emapp", PASSWORD).await,
        Err(Denied::LockedOut { .. })
    ));
    house.clock.0.store(60_000, Ordering::SeqCst);
    assert_eq!(house.application("emapp", PASSWORD).await, as_emapp(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_in_parallel_gains_nothing() {
    let house = Arc::new(House::new());
    let guesses: Vec<_> = (0..100)
        .map(|nth| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.pin("alice", &format!("{nth}")).await })
        })
        .collect();
    let mut wrong = 0;
    for guess in guesses {
        match guess.await.unwrap() {
            Err(Denied::Wrong) => wrong += 1,
            other => assert!(matches!(other, Err(Denied::LockedOut { .. })), "{other:?}"),
        }
    }
    assert_eq!(wrong, CredentialPolicy::default().attempts);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_hash_at_a_time_and_the_queue_is_bounded() {
    let house = Arc::new(House::with(DirectorySettings {
        waiting: 3,
        ..DirectorySettings::default()
    }));
    house.shut(true);
    let five: Vec<_> = (0..5)
        .map(|_| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.pin("alice", PIN).await })
        })
        .collect();
    while house.directory.places_left() > 0 {
        tokio::task::yield_now().await;
    }
    let sixth = house.pin("alice", PIN).await;
    assert!(matches!(sixth, Err(Denied::Unavailable(_))), "{sixth:?}");
    house.shut(false);
    for one in five {
        assert_eq!(one.await.unwrap(), as_alice(1));
    }
    assert!(house.hasher.most.load(Ordering::SeqCst) <= 2);
    assert_eq!(house.pin("alice", PIN).await, as_alice(1), "and it goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_up_does_not_hide_a_wrong_answer() {
    let house = Arc::new(House::new());
    for nth in 1..=5 {
        house.shut(true);
        let guess = {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.pin("alice", "1").await })
        };
        while house.checks() < nth {
            tokio::task::yield_now().await;
        }
        guess.abort();
        let _ = guess.await;
        house.shut(false);
        while house.directory.places_left() < 258 {
            tokio::task::yield_now().await;
        }
    }
    assert!(matches!(
        house.pin("alice", PIN).await,
        Err(Denied::LockedOut { .. })
    ));
}

#[tokio::test]
async fn nothing_that_prints_holds_a_secret() {
    let house = House::new();
    let wrong = house.pin("alice", "31415926").await;
    let identity = Identity::Application(id("emapp"));
    let secret = Secret::Password(Password::new("31415926"));
    let printed = [
        format!("{wrong:?}"),
        wrong.unwrap_err().to_string(),
        format!("{:?}", house.directory),
        format!("{identity:?} {secret:?}"),
        format!("{:?}", house.application("emapp", PASSWORD).await),
        format!("{:?}", *house.store.world()),
    ];
    for text in printed {
        for secret in ["31415926", PIN, PASSWORD, "$argon2id"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

impl LocalDirectory {
    fn places_left(&self) -> usize {
        self.places.available_permits()
    }
}
