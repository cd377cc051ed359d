//! Thousands of logins end in the same second.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLockReadGuard};

use tokio::sync::watch;

use super::{Desks, Faces, HOUR, at};
use crate::mobility::testing::{DESK, LOBBY, TestStore, catalogue, device, holding, login, world};
use crate::mobility::{Mobility, expiry::Expirer};
use crate::model::{Change, DeviceName, ObjectId, Origin, Session, World};
use crate::ports::{
    BoxFuture, ChangeRecord, Clock, Commit, Decide, NoJournal, Scope, Store, StoreError, Verdict,
};

const CROWD: u16 = 5_000;

/// A store in which others come in between: after every third commit bob signs
/// in or out. It counts what commits hold.
struct Busy {
    store: TestStore,
    commits: Mutex<Vec<usize>>,
    others: Mutex<Option<Mobility>>,
    served: AtomicUsize,
}

impl Store for Busy {
    fn world(&self) -> RwLockReadGuard<'_, World> {
        self.store.world()
    }

    fn submit(
        &self,
        scope: Scope,
        mut decide: Decide,
    ) -> BoxFuture<'_, Result<Commit, StoreError>> {
        let ends = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&ends);
        let counted = move |world: &World| {
            let verdict = decide(world);
            if let Verdict::Commit(changes) = &verdict {
                let ends = changes
                    .iter()
                    .filter(|change| matches!(change, Change::DropSession(_)));
                count.store(ends.count(), Ordering::Relaxed);
            }
            verdict
        };
        Box::pin(async move {
            let commit = self.store.submit(scope, Box::new(counted)).await;
            self.commits
                .lock()
                .unwrap()
                .push(ends.load(Ordering::Relaxed));
            let between = self.others.lock().unwrap().take();
            if let Some(mobility) = between {
                mobility.login(login("bob", LOBBY)).await.unwrap();
                self.served.fetch_add(1, Ordering::Relaxed);
            }
            commit
        })
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.store.changed()
    }

    fn read_after(
        &self,
        number: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<ChangeRecord>, StoreError>> {
        self.store.read_after(number, limit)
    }
}

/// Phones of a crowd, each with alice signed in for an hour.
fn crowded(began: crate::model::Timestamp) -> World {
    let mut world = world();
    let desk = (**world.phone(&device(DESK)).unwrap()).clone();
    let user = world
        .users
        .values()
        .find(|user| user.user_id.as_str() == "alice");
    let (user, profile) = (user.unwrap().id, world.profiles.values().next().unwrap().id);
    for number in 0..CROWD {
        let [high, low] = number.to_be_bytes();
        let mut phone = desk.clone();
        phone.id = ObjectId(1000 + i64::from(number));
        phone.name = DeviceName::from_mac([2, 0, 0, 0, high, low]);
        world.apply(&Change::PutPhone(Box::new(phone.clone())));
        world.apply(&Change::PutSession(Session {
            phone: phone.id,
            user,
            profile,
            since: began,
            expires: Some(began.plus(std::time::Duration::from_secs(HOUR))),
            origin: Origin::System,
            frozen: None,
            mismatched: false,
        }));
        let held = holding(&world, phone.id);
        world.apply(&Change::PutHeld(held));
    }
    world
}

#[tokio::test]
async fn five_thousand_logins_end_in_small_commits_and_others_come_in_between() {
    let began = at("2026-07-01T06:00:00Z");
    let clock = Arc::new(Faces::showing(began));
    let store = Arc::new(Busy {
        store: TestStore::new(crowded(began)),
        commits: Mutex::default(),
        others: Mutex::default(),
        served: AtomicUsize::new(0),
    });
    let mobility = Mobility::new(
        store.clone(),
        clock.clone() as Arc<dyn Clock>,
        Arc::new(NoJournal),
        Arc::new(catalogue()),
    );
    let mut expirer = Expirer::new(mobility.clone(), Arc::new(Desks::default()));
    assert_eq!(expirer.round().await.ended.len(), 0);
    clock.pass(HOUR);
    *store.others.lock().unwrap() = Some(mobility);
    let round = expirer.round().await;
    assert_eq!(round.ended.len(), usize::from(CROWD));
    assert_eq!(store.served.load(Ordering::Relaxed), 1, "bob got in");
    let commits = store.commits.lock().unwrap().clone();
    let largest = commits.iter().copied().max().unwrap();
    assert!(largest <= 250 && commits.len() >= 20, "{commits:?}");
    let world = store.world();
    assert_eq!(world.sessions.len(), 1, "bob alone");
    // Each phone is to become a bare desk: the reconciler paces that.
    assert_eq!(world.pending.len(), usize::from(CROWD) + 1);
}
