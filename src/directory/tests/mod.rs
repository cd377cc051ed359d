//! The directory from the side of those who sign in.
// The unnecessary Results are what answers are compared with.
#![allow(clippy::unwrap_used, clippy::unnecessary_wraps)]

mod locks;
mod pins;
mod remote;
mod signing_in;

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::remote::Remote;
use super::{Argon2Hasher, DirectorySettings, UserDirectory};
use crate::model::{
    ApplicationUser, Change, CredentialHash, LoginType, ObjectId, Password, Pin, Secret, Timestamp,
    User, UserId, World,
};
use crate::ports::{
    BoxFuture, Clock, Denied, Directory, Hasher, Identity, PinRefused, Scope, Store, Verdict,
    Verified,
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
        extension_assigner: false,
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

/// A clock that moves by hand and wakes who waits.
pub(super) struct HandClock {
    millis: watch::Sender<i64>,
    sleepers: AtomicUsize,
}

impl Default for HandClock {
    fn default() -> Self {
        Self {
            millis: watch::Sender::new(0),
            sleepers: AtomicUsize::new(0),
        }
    }
}

impl HandClock {
    /// Goes on to this point.
    pub(super) fn go(&self, to: Duration) {
        let millis = i64::try_from(to.as_millis()).unwrap();
        self.millis.send_replace(millis);
    }

    /// Waits until somebody waits for the clock.
    pub(super) async fn someone_waits(&self) {
        self.so_many_wait(1).await;
    }

    /// How many have waited for the clock in all.
    pub(super) fn sleepers(&self) -> usize {
        self.sleepers.load(Ordering::SeqCst)
    }

    /// Waits until so many have waited for the clock in all.
    pub(super) async fn so_many_wait(&self, many: usize) {
        while self.sleepers.load(Ordering::SeqCst) < many {
            tokio::task::yield_now().await;
        }
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(*self.millis.borrow())
    }
    fn monotonic(&self) -> Duration {
        self.now().since(Timestamp(0))
    }
    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        let mut now = self.millis.subscribe();
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        let at = i64::try_from(at.as_millis()).unwrap();
        Box::pin(async move {
            if now.wait_for(|now| *now >= at).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// A directory with its surroundings.
struct House {
    store: Arc<MemoryStore>,
    hasher: Arc<Counting>,
    clock: Arc<HandClock>,
    directory: Arc<UserDirectory>,
}

impl House {
    fn new() -> Self {
        Self::with(DirectorySettings::default())
    }

    fn with(settings: DirectorySettings) -> Self {
        Self::beside(None, settings)
    }

    fn beside(remote: Option<Arc<dyn Remote>>, settings: DirectorySettings) -> Self {
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
        let directory = UserDirectory::with_remote(
            Arc::<MemoryStore>::clone(&store),
            Arc::<Counting>::clone(&hasher),
            Arc::<HandClock>::clone(&clock),
            settings,
            remote,
        );
        Self {
            store,
            hasher,
            clock,
            directory: Arc::new(directory.unwrap()),
        }
    }

    async fn pin(&self, who: &str, pin: &str) -> Result<Verified, Denied> {
        self.pin_from(None, who, pin).await
    }

    async fn pin_from(
        &self,
        source: Option<&str>,
        who: &str,
        pin: &str,
    ) -> Result<Verified, Denied> {
        let source = source.map(|source| source.parse::<IpAddr>().unwrap());
        self.directory
            .verify(at_a_phone(who), Secret::Pin(Pin::new(pin)), source)
            .await
    }

    async fn change(&self, who: &str, present: &str, new: &str) -> Result<(), PinRefused> {
        self.directory
            .change_pin(at_a_phone(who), Pin::new(present), Pin::new(new), None)
            .await
    }

    fn go(&self, seconds: u64) {
        self.clock.go(Duration::from_secs(seconds));
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

fn at_a_phone(who: &str) -> Identity {
    Identity::User {
        typed: id(who),
        login_type: LoginType::UserId,
        ignore_case: true,
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

impl UserDirectory {
    fn places_left(&self) -> usize {
        self.checker.places.available_permits()
    }
}
