//! What the disk holds when the power fails: everything that was acknowledged,
//! and of what was not, all or nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use proptest::prelude::*;

use super::site::{self, Deed, PHONES, USERS, catalogue, furniture};
use crate::mobility::Mobility;
use crate::mobility::expiry::Expirer;
use crate::model::{Change, Timestamp, World};
use crate::ports::{
    BoxFuture, Clock, Decision, NoJournal, Presence, Scope, Store, StoreError, TransactError,
    transact,
};
use crate::registry::Registry;
use crate::store::SqliteStore;

#[derive(Clone, Debug)]
enum Step {
    Deed(Deed),
    Wait {
        minutes: u32,
    },
    /// The power fails, perhaps in the midst of something.
    PowerFails {
        amid: Option<Deed>,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let (on, who) = (0..PHONES, 0..USERS.len());
    let over = false;
    prop_oneof![
        5 => (who.clone(), on.clone(), 1..30u32)
            .prop_map(|(who, on, minutes)| Deed::Visit { who, on, minutes }),
        3 => (who.clone(), on.clone()).prop_map(move |(who, on)| Deed::Login { who, on, over }),
        3 => on.prop_map(move |on| Deed::Logout { on, over }),
        2 => who.clone().prop_map(|of| Deed::Pin { of }),
        2 => (who, 0..3u8).prop_map(|(of, to)| Deed::Label { of, to }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => deed().prop_map(Step::Deed),
        2 => (1..20u32).prop_map(|minutes| Step::Wait { minutes }),
        2 => proptest::option::of(deed()).prop_map(|amid| Step::PowerFails { amid }),
    ]
}

struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.now().since(Timestamp(0))
    }

    fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// A daemon on a disk.
struct House {
    folder: tempfile::TempDir,
    clock: Arc<Hands>,
    store: Arc<SqliteStore>,
    expirer: Expirer,
}

fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir()
        .unwrap()
}

/// What a world says of people.
fn people(world: &World) -> String {
    let (sessions, last) = (&world.sessions, &world.last_users);
    format!(
        "{sessions:#?} {last:?} {:?} {:?} {:?}",
        world.users, world.profiles, world.pending
    )
}

impl House {
    fn on(folder: tempfile::TempDir, clock: Arc<Hands>) -> Self {
        let shown = Arc::clone(&clock) as Arc<dyn Clock>;
        let store = Arc::new(SqliteStore::open(folder.path(), "here", Arc::clone(&shown)).unwrap());
        let mobility = Mobility::new(
            Arc::clone(&store) as Arc<dyn Store>,
            shown,
            Arc::new(NoJournal),
            catalogue(0),
        );
        let presence: Arc<dyn Presence> = Arc::new(Registry::default());
        Self {
            folder,
            clock,
            store,
            expirer: Expirer::new(mobility, presence),
        }
    }

    async fn furnished() -> Self {
        let house = Self::on(folder(), Arc::new(Hands(AtomicI64::new(1_000_000))));
        let furniture = furniture();
        let put = transact(&*house.store, Scope::Site, move |_| {
            Ok::<_, std::convert::Infallible>(Decision {
                value: (),
                changes: furniture.clone(),
            })
        });
        put.await.unwrap();
        house
    }

    /// Does it; those changes were acknowledged.
    async fn does(
        store: Arc<SqliteStore>,
        now: Timestamp,
        deed: Deed,
    ) -> Result<Vec<Change>, StoreError> {
        let catalogue = catalogue(0);
        let done = transact(&*store, Scope::Site, move |world: &World| {
            let changes = site::decide(world, &catalogue, deed, now);
            Ok::<_, std::convert::Infallible>(Decision {
                value: changes.clone(),
                changes,
            })
        });
        done.await.map_err(|error| match error {
            TransactError::Refused(never) => match never {},
            TransactError::Store(error) => error,
        })
    }

    /// The power fails: another daemon finds what is on the disk now.
    async fn power_fails(self, amid: Option<Deed>) -> (Self, Vec<String>) {
        let mut possible = vec![people(&self.store.world())];
        let under_way = amid.map(|deed| {
            let (store, now) = (Arc::clone(&self.store), self.clock.now());
            tokio::spawn(Self::does(store, now, deed))
        });
        if under_way.is_some() {
            tokio::task::yield_now().await;
        }
        let disk = folder();
        let standing = stand_still(&self.folder.path().join("embody.db"));
        for name in ["embody.db", "embody.db-wal"] {
            copy(&self.folder.path().join(name), &disk.path().join(name));
        }
        drop(standing);
        if let Some(under_way) = under_way {
            // Nobody was told: it may have happened or not.
            under_way.await.unwrap().unwrap();
            possible.push(people(&self.store.world()));
        }
        let clock = Arc::clone(&self.clock);
        drop(self);
        (Self::on(disk, clock), possible)
    }
}

/// Keeps the database file and its log fit for each other while they are
/// copied, one after the other. A power failure takes both at one moment; a
/// copy of the file from before a checkpoint and of the log from after it is
/// nothing that a disk can hold. As long as somebody reads, the log is not begun
/// anew before all of it is in the file, nor the file changed after that
/// (sqlite.org, *Write-Ahead Logging*, Checkpointing); commits go on.
fn stand_still(database: &Path) -> rusqlite::Connection {
    let reader = rusqlite::Connection::open(database).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let rows = reader.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0));
    let rows: i64 = rows.unwrap();
    assert!(rows > 0, "it reads");
    reader
}

fn copy(from: &Path, to: &Path) {
    if from.exists() {
        std::fs::copy(from, to).unwrap();
    }
}

async fn live(story: &[Step]) {
    let mut house = House::furnished().await;
    for step in story {
        match step {
            Step::Deed(deed) => {
                let (store, now) = (Arc::clone(&house.store), house.clock.now());
                let mut expected = house.store.world().clone();
                for change in House::does(store, now, *deed).await.unwrap() {
                    expected.apply(&change);
                }
                assert_eq!(people(&house.store.world()), people(&expected));
            }
            Step::Wait { minutes } => {
                let millis = i64::from(*minutes) * 60_000;
                house.clock.0.fetch_add(millis, Ordering::Relaxed);
            }
            Step::PowerFails { amid } => {
                let (after, possible) = house.power_fails(*amid).await;
                let found = people(&after.store.world());
                assert!(
                    possible.contains(&found),
                    "{found} is none of {possible:#?}"
                );
                house = after;
            }
        }
        let round = house.expirer.round().await;
        assert!(!round.failed);
        let now = house.clock.now();
        let world = house.store.world();
        let overdue = world
            .sessions
            .values()
            .find(|session| session.expires.is_some_and(|at| at <= now));
        assert_eq!(overdue, None, "made up at once");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_was_acknowledged_is_on_the_disk(story in proptest::collection::vec(step(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        runtime.block_on(live(&story));
    }
}
