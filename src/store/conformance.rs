//! What every store must do, told once and run against each of them.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::fixtures::{
    clock, data_dir, furniture, held, house, pending, phone, portrait, profile, put, session, user,
};
use super::{MemoryStore, SqliteStore};
use crate::model::{Audit, Change, DeviceName, ObjectId, UserId, World};
use crate::ports::{
    AuditFilter, Decision, Scope, Store, StoreError, TransactError, Verdict, transact,
};

/// A store of some kind, and what it lives in.
type Opened = (Option<tempfile::TempDir>, Arc<dyn Store>);

fn memory() -> Opened {
    (None, Arc::new(MemoryStore::new().dated_by(clock())))
}

fn sqlite() -> Opened {
    let dir = data_dir();
    let store = SqliteStore::open(dir.path(), "one", clock()).unwrap();
    (Some(dir), Arc::new(store))
}

macro_rules! conformance {
    ($($name:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let (_dir, store) = super::memory();
                super::$name(store).await;
            })*
        }
        mod on_disk {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let (_dir, store) = super::sqlite();
                super::$name(store).await;
            })*
        }
    };
}

conformance!(
    a_commit_is_in_the_world_when_it_is_answered,
    an_abort_changes_nothing,
    changes_apply_in_their_order,
    numbers_have_no_gaps,
    watchers_hear_of_commits_alone,
    a_phone_has_one_session,
    two_hundred_at_once_all_count,
    a_panicking_decision_harms_nobody,
    the_last_user_outlives_the_session,
    a_phone_takes_its_rows_along,
    contradictions_are_refused_whole,
    a_name_passes_from_one_to_another,
    a_decision_answers_its_caller,
    the_audit_is_asked_newest_first,
    the_audit_is_asked_about_a_phone_a_user_and_what_failed,
    what_was_not_committed_is_not_in_the_audit,
);

async fn a_commit_is_in_the_world_when_it_is_answered(store: Arc<dyn Store>) {
    let commit = put(&*store, house()).await.unwrap();
    assert_eq!(commit.number, 6);
    let name = DeviceName::new("SEP000000000002").unwrap();
    assert_eq!(store.world().phone(&name).unwrap().id, ObjectId(2));
    put(&*store, furniture()).await.unwrap();
    assert_eq!(&*store.world().parameters.placeholder_label, "Hello");
    assert!(store.world().applied.is_some());
}

async fn an_abort_changes_nothing(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    let before = portrait(&store.world());
    let abort = store.submit(Scope::Site, Box::new(|_| Verdict::Abort));
    assert_eq!(abort.await.unwrap().number, 6);
    assert_eq!(put(&*store, Vec::new()).await.unwrap().number, 6);
    assert_eq!(portrait(&store.world()), before);
    assert_eq!(store.read_after(6, 10).await.unwrap(), []);
}

async fn changes_apply_in_their_order(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    let there_and_back = vec![
        session(1, 11),
        Change::DropSession(ObjectId(1)),
        session(2, 11),
        session(2, 12),
    ];
    put(&*store, there_and_back).await.unwrap();
    let world = store.world();
    assert!(!world.sessions.contains_key(&ObjectId(1)));
    assert_eq!(world.sessions[&ObjectId(2)].user, ObjectId(12));
}

async fn numbers_have_no_gaps(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    put(&*store, vec![session(99, 11)]).await.unwrap_err();
    let commit = put(&*store, vec![session(1, 11), held(1, 2)])
        .await
        .unwrap();
    assert_eq!(commit.number, 8, "a refused command takes no number");
    let records = store.read_after(0, 100).await.unwrap();
    let numbers: Vec<u64> = records.iter().map(|record| record.number).collect();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
    let tail: Vec<_> = records[6..]
        .iter()
        .map(|record| (record.kind.as_str(), record.key.as_str()))
        .collect();
    assert_eq!(tail, [("session", "1"), ("held", "1")]);
    let some = store.read_after(2, 3).await.unwrap();
    assert_eq!(some, records[2..5]);
}

async fn watchers_hear_of_commits_alone(store: Arc<dyn Store>) {
    let mut changed = store.changed();
    put(&*store, Vec::new()).await.unwrap();
    assert!(!changed.has_changed().unwrap());
    put(&*store, house()).await.unwrap();
    changed.changed().await.unwrap();
    assert_eq!(*changed.borrow_and_update(), 6);
}

async fn a_phone_has_one_session(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    put(&*store, vec![session(1, 11), session(1, 12)])
        .await
        .unwrap();
    put(&*store, vec![session(1, 11)]).await.unwrap();
    let world = store.world();
    assert_eq!(world.sessions.len(), 1);
    assert_eq!(world.sessions[&ObjectId(1)].user, ObjectId(11));
}

async fn two_hundred_at_once_all_count(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    // Each adds a user with the next free id: a lost update would collide.
    let add = |nth: i64| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let decide = move |world: &World| {
                let id = world.free_id(0).0;
                Verdict::Commit(vec![user(id, &format!("user{nth}"))])
            };
            store.submit(Scope::Site, Box::new(decide)).await.unwrap()
        })
    };
    let tasks: Vec<_> = (0..200).map(add).collect();
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap().number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (7..=206).collect::<Vec<u64>>());
    assert_eq!(store.world().users.len(), 202);
    assert_eq!(store.read_after(6, 1000).await.unwrap().len(), 200);
}

async fn a_panicking_decision_harms_nobody(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    let broken = store.submit(Scope::Site, Box::new(|_| panic!("on purpose")));
    assert!(matches!(broken.await, Err(StoreError::Failed(_))));
    assert_eq!(put(&*store, vec![session(1, 11)]).await.unwrap().number, 7);
}

async fn the_last_user_outlives_the_session(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    put(&*store, vec![session(1, 11)]).await.unwrap();
    put(&*store, vec![Change::DropSession(ObjectId(1))])
        .await
        .unwrap();
    assert_eq!(
        store.world().last_users.get(&ObjectId(1)),
        Some(&vec![ObjectId(11)])
    );
    put(&*store, vec![Change::DropUser(ObjectId(11))])
        .await
        .unwrap();
    assert!(store.world().last_users.is_empty());
}

async fn a_phone_takes_its_rows_along(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    put(&*store, vec![session(1, 11), held(1, 1), pending(1)])
        .await
        .unwrap();
    put(&*store, vec![Change::DropPhone(ObjectId(1))])
        .await
        .unwrap();
    let world = store.world();
    assert!(world.sessions.is_empty() && world.held.is_empty());
    assert!(world.pending.is_empty() && world.last_users.is_empty());
}

async fn contradictions_are_refused_whole(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    put(&*store, vec![session(1, 11)]).await.unwrap();
    let before = portrait(&store.world());
    let contradictions = [
        vec![session(9, 11)],
        vec![session(2, 19)],
        vec![held(9, 1)],
        vec![pending(9)],
        vec![Change::DropUser(ObjectId(11))],
        vec![Change::DropProfile(ObjectId(21))],
        vec![phone(4, "SEP000000000001")],
        vec![user(14, "alice")],
        vec![profile(24, "alice-7961")],
    ];
    for changes in contradictions {
        // The first change alone would be fine: it must go with the rest.
        let mut whole = vec![
            Change::DropNumber("1001".parse().unwrap()),
            phone(3, "SEP3"),
        ];
        whole.extend(changes);
        let shown = format!("{:?}", whole.last());
        let refused = put(&*store, whole).await;
        assert!(matches!(refused, Err(StoreError::Failed(_))), "{shown}");
    }
    assert_eq!(portrait(&store.world()), before);
    // What was taken back in the draft does not come back with the next.
    put(&*store, vec![held(1, 1)]).await.unwrap();
    let id = DeviceName::new("SEP000000000003").unwrap();
    assert_eq!(store.world().phone(&id).unwrap().id, ObjectId(3));
    // The same in a sensible order is fine.
    let signing_out_first = vec![
        Change::DropUser(ObjectId(11)),
        Change::DropSession(ObjectId(1)),
    ];
    put(&*store, signing_out_first).await.unwrap();
}

async fn a_name_passes_from_one_to_another(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    put(&*store, vec![session(1, 11)]).await.unwrap();
    let chain = vec![
        user(11, "carol"),
        user(12, "alice"),
        Change::DropPhone(ObjectId(2)),
        phone(4, "SEP000000000002"),
    ];
    put(&*store, chain).await.unwrap();
    let world = store.world();
    let by = |name: &str| world.user(&UserId::new(name).unwrap()).map(|user| user.id);
    assert_eq!(by("carol"), Some(ObjectId(11)));
    assert_eq!(by("alice"), Some(ObjectId(12)));
    assert_eq!(by("bob"), None);
    assert_eq!(world.sessions[&ObjectId(1)].user, ObjectId(11));
}

async fn a_decision_answers_its_caller(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    let count = |world: &World| {
        Ok::<_, ()>(Decision {
            value: world.phones.len(),
            changes: vec![session(1, 11)],
        })
    };
    assert_eq!(transact(&*store, Scope::Site, count).await, Ok(3));
    let refuse = |_: &World| Err::<Decision<()>, _>("no");
    assert_eq!(
        transact(&*store, Scope::Site, refuse).await,
        Err(TransactError::Refused("no"))
    );
}

fn told(what: &str) -> Audit {
    Audit::new("operator", what)
}

fn row(audit: Audit) -> Change {
    Change::Audit(Box::new(audit))
}

/// What the rows say, and their numbers.
async fn asked(
    store: &dyn Store,
    filter: AuditFilter,
    before: Option<u64>,
    limit: usize,
) -> Vec<(u64, String)> {
    let rows = store.audit(filter, before, limit).await.unwrap();
    rows.into_iter()
        .map(|row| (row.number, row.audit.what))
        .collect()
}

async fn the_audit_is_asked_newest_first(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    let full = Audit {
        authority: Some("alice's own PIN".to_owned()),
        ..told("signed in")
    };
    let full = full
        .on(DeviceName::new("SEP000000000001").unwrap())
        .of(UserId::new("alice").unwrap())
        .failed("code 18: no");
    put(&*store, vec![session(1, 11), row(full.clone())])
        .await
        .unwrap();
    for number in 0..5 {
        put(&*store, vec![row(told(&format!("note {number}")))])
            .await
            .unwrap();
    }
    let all = AuditFilter::default();
    let rows = store.audit(all.clone(), None, 100).await.unwrap();
    let numbers: Vec<u64> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [13, 12, 11, 10, 9, 8]);
    assert_eq!(rows[5].audit, full, "nothing of it is lost");
    assert_eq!(rows[5].at, clock().now());
    let page = asked(&*store, all.clone(), None, 2).await;
    assert_eq!(page, [(13, "note 4".to_owned()), (12, "note 3".to_owned())]);
    let next = asked(&*store, all.clone(), Some(12), 2).await;
    assert_eq!(next, [(11, "note 2".to_owned()), (10, "note 1".to_owned())]);
    assert_eq!(asked(&*store, all, Some(8), 9).await, []);
}

async fn the_audit_is_asked_about_a_phone_a_user_and_what_failed(store: Arc<dyn Store>) {
    let (one, two) = ("SEP000000000001", "SEP000000000002");
    let device = |name: &str| DeviceName::new(name).unwrap();
    let user = |id: &str| UserId::new(id).unwrap();
    let rows = vec![
        row(told("a").on(device(one)).of(user("alice"))),
        row(told("b").on(device(two)).of(user("alice"))),
        row(told("c").on(device(one)).of(user("bob")).failed("no")),
        row(told("d").on(device(one))),
        row(told("e")),
    ];
    put(&*store, rows).await.unwrap();
    let of = |device: Option<DeviceName>, user: Option<UserId>, failed| AuditFilter {
        device,
        user,
        failed,
    };
    let alice = Some(user("alice"));
    for (filter, wanted) in [
        (of(None, None, None), "edcba"),
        (of(Some(device(one)), None, None), "dca"),
        (of(None, alice.clone(), None), "ba"),
        (of(Some(device(one)), alice, None), "a"),
        (of(None, None, Some(true)), "c"),
        (of(Some(device(one)), None, Some(false)), "da"),
        (of(None, Some(user("nobody")), None), ""),
    ] {
        let found = asked(&*store, filter.clone(), None, 100).await;
        let found: String = found.into_iter().map(|(_, what)| what).collect();
        assert_eq!(found, wanted, "{filter:?}");
    }
}

async fn what_was_not_committed_is_not_in_the_audit(store: Arc<dyn Store>) {
    put(&*store, house()).await.unwrap();
    let contradiction = vec![row(told("signed somebody in")), session(99, 11)];
    put(&*store, contradiction).await.unwrap_err();
    assert_eq!(asked(&*store, AuditFilter::default(), None, 10).await, []);
}

#[tokio::test]
async fn the_memory_store_can_play_a_full_disk() {
    let store = MemoryStore::new();
    store.fail_commits(true);
    assert!(matches!(
        put(&store, house()).await,
        Err(StoreError::Failed(_))
    ));
    assert!(store.world().phones.is_empty());
    store.fail_commits(false);
    assert_eq!(put(&store, house()).await.unwrap().number, 6);
}
