//! A store, a clock and a hasher for the tests of applying.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use tokio::sync::watch;

use super::{SAMPLE, catalogue};
use crate::model::{
    Change, CredentialHash, DeviceName, Held, Origin, Parameters, Phone, Session, Timestamp, User,
    UserId, World,
};
use crate::ports::{
    BoxFuture, ChangeRecord, Clock, Commit, Decide, Hasher, Scope, Store, StoreError, Verdict,
};
use crate::site::{ApplyError, ApplyPlan, Options, apply};

/// Truth without durability; decides everything twice, as a store may.
#[derive(Default)]
pub(super) struct TestStore {
    world: RwLock<World>,
    pub(super) changes: AtomicUsize,
    /// What another apply commits just before the next decision.
    pub(super) intruder: RwLock<Option<Change>>,
}

impl TestStore {
    pub(super) fn edit(&self, change: &Change) {
        self.world.write().unwrap().apply(change);
    }

    pub(super) fn phone(&self, name: &str) -> Phone {
        let name = DeviceName::new(name).unwrap();
        (**self.world().phone(&name).unwrap()).clone()
    }

    pub(super) fn user(&self, name: &str) -> User {
        (**self.world().user(&UserId::new(name).unwrap()).unwrap()).clone()
    }

    /// Every phone holds what is wanted; nothing is to be done.
    pub(super) fn calm(&self) {
        let world = self.world().clone();
        for id in world.phones.keys() {
            let stamps = world.wanted(&catalogue(), *id).unwrap().stamps;
            self.edit(&Change::DropPending(*id));
            self.edit(&Change::PutHeld(Held {
                phone: *id,
                file: Some(stamps.file),
                station: Some(stamps.station),
                node: String::new(),
                seen: Timestamp(0),
            }));
        }
    }
}

impl Store for TestStore {
    fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(
        &self,
        _scope: Scope,
        mut decide: Decide,
    ) -> BoxFuture<'_, Result<Commit, StoreError>> {
        if let Some(change) = self.intruder.write().unwrap().take() {
            self.edit(&change);
        }
        let mut world = self.world.write().unwrap();
        let _first = decide(&world);
        if let Verdict::Commit(changes) = decide(&world) {
            for change in &changes {
                world.apply(change);
            }
            self.changes.fetch_add(changes.len(), Ordering::Relaxed);
        }
        Box::pin(async { Ok(Commit { number: 0 }) })
    }

    fn changed(&self) -> watch::Receiver<u64> {
        watch::Sender::new(0).subscribe()
    }

    fn read_after(
        &self,
        _number: u64,
        _limit: usize,
    ) -> BoxFuture<'_, Result<Vec<ChangeRecord>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(1000)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// A hash that is quick and salted: the text reversed, and a number.
#[derive(Default)]
pub(super) struct TestHasher(AtomicUsize);

impl TestHasher {
    pub(super) fn made(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn reversed(secret: &str) -> String {
    secret.chars().rev().collect()
}

impl Hasher for TestHasher {
    fn hash(&self, secret: &str) -> Result<CredentialHash, String> {
        let salt = self.0.fetch_add(1, Ordering::Relaxed);
        let secret = reversed(secret);
        Ok(CredentialHash::new(format!("$argon2test${salt}${secret}")))
    }

    fn matches(&self, secret: &str, hash: &CredentialHash) -> bool {
        hash.expose().rsplit('$').next() == Some(reversed(secret).as_str())
    }
}

#[derive(Default)]
pub(super) struct Bench {
    pub(super) store: TestStore,
    pub(super) hasher: Arc<TestHasher>,
}

impl Bench {
    /// A store with the sample applied, and every phone content.
    pub(super) async fn with_sample() -> Self {
        let bench = Self::default();
        bench.apply(SAMPLE).await;
        bench.store.calm();
        bench
    }

    pub(super) async fn try_with(
        &self,
        text: &str,
        options: &Options,
    ) -> Result<ApplyPlan, ApplyError> {
        let applying = apply(
            &self.store,
            self.hasher.clone(),
            Arc::new(catalogue()),
            &StoppedClock,
            text,
            options,
        );
        // It runs inside HTTP handlers.
        fn is_send<T: Send>(it: T) -> T {
            it
        }
        is_send(applying).await
    }

    pub(super) async fn apply(&self, text: &str) -> ApplyPlan {
        self.try_with(text, &Options::default()).await.unwrap()
    }

    pub(super) async fn prune(&self, text: &str) -> ApplyPlan {
        let options = Options {
            prune: true,
            ..Options::default()
        };
        self.try_with(text, &options).await.unwrap()
    }

    pub(super) async fn force(&self, text: &str) -> ApplyPlan {
        let options = Options {
            force: true,
            ..Options::default()
        };
        self.try_with(text, &options).await.unwrap()
    }

    /// Changes parameters, as if by another hand.
    pub(super) fn set(&self, edit: impl FnOnce(&mut Parameters)) {
        let mut parameters = (*self.store.world().parameters).clone();
        edit(&mut parameters);
        self.store.edit(&Change::Parameters(parameters));
    }

    pub(super) fn pin(&self, user: &str, pin: &str) -> bool {
        let hash = self.store.user(user).pin.unwrap();
        self.hasher.matches(pin, &hash)
    }

    pub(super) fn sign_in(&self, who: &str, on: &str) {
        let user = self.store.user(who);
        let profile = self.store.world().profile(&user.profiles[0]).unwrap().id;
        self.store.edit(&Change::PutSession(Session {
            phone: self.store.phone(on).id,
            user: user.id,
            profile,
            since: Timestamp(0),
            expires: None,
            origin: Origin::Phone,
            frozen: None,
            mismatched: false,
        }));
        self.store.calm();
    }
}
