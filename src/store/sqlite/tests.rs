//! What only the store on disk must do: survive, refuse, say why.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;

use super::writer::Message;
use super::{OpenError, Pragmas, SqliteStore};
use crate::model::{Change, ObjectId, World};
use crate::ports::{Scope, Store, StoreError, Verdict};
use crate::store::crash;
use crate::store::fixtures::{
    clock, data_dir, furniture, held, house, pending, phone, portrait, put, session, user,
};

fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, "one", clock()).unwrap()
}

fn refused(dir: &Path) -> OpenError {
    SqliteStore::open(dir, "two", clock()).unwrap_err()
}

/// A second program's look at the database.
fn shell(dir: &Path) -> Connection {
    Connection::open(dir.join("embody.db")).unwrap()
}

fn count(dir: &Path, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    shell(dir).query_row(&sql, [], |row| row.get(0)).unwrap()
}

impl SqliteStore {
    async fn sql(&self, sql: &str) -> Result<(), StoreError> {
        let sql = sql.to_owned();
        self.ask(|answer| Message::Sql { sql, answer }).await
    }
}

#[tokio::test]
async fn the_connection_is_set_for_power_cuts() {
    let dir = data_dir();
    let expected = Pragmas {
        journal_mode: "wal".to_owned(),
        synchronous: 2,
        foreign_keys: true,
        busy_timeout: 5_000,
        user_version: 3,
    };
    assert_eq!(open(dir.path()).pragmas().await.unwrap(), expected);
}

#[tokio::test]
async fn the_same_world_comes_back() {
    let dir = data_dir();
    let store = open(dir.path());
    put(&store, house()).await.unwrap();
    let number = put(&store, furniture()).await.unwrap().number;
    let before = portrait(&store.world());
    drop(store);

    let store = open(dir.path());
    assert_eq!(portrait(&store.world()), before);
    assert_eq!(*store.changed().borrow(), number);
    assert_eq!(store.world().free_id(0), ObjectId(22));
    assert_eq!(store.world().sessions.len(), 1);
    assert_eq!(
        store.world().last_users.get(&ObjectId(2)),
        Some(&vec![ObjectId(12)]),
        "the last user of a phone where nobody is signed in"
    );
    let next = put(&store, vec![held(2, 9)]).await.unwrap();
    assert_eq!(next.number, number + 1);
    assert_eq!(store.read_after(number - 1, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn everything_can_be_dropped_again() {
    let dir = data_dir();
    let store = open(dir.path());
    put(&store, house()).await.unwrap();
    put(&store, furniture()).await.unwrap();
    let drops = vec![
        Change::DropPool("Default".parse().unwrap()),
        Change::DropProfileDefault("7960".parse().unwrap()),
        Change::DropButtonTemplate("Default 7960".parse().unwrap()),
        Change::DropAutoProfile(ObjectId(1)),
        Change::DropApplicationUser("emapp".parse().unwrap()),
        Change::DropService("Weather".parse().unwrap()),
        Change::DropNumber("1001".parse().unwrap()),
        Change::DropPending(ObjectId(1)),
        Change::DropCallLogs(ObjectId(1)),
        Change::DropPhone(ObjectId(1)),
        Change::DropPhone(ObjectId(2)),
        Change::DropUser(ObjectId(11)),
        Change::DropUser(ObjectId(12)),
        Change::DropProfile(ObjectId(21)),
    ];
    put(&store, drops).await.unwrap();
    let before = portrait(&store.world());
    for gone in [
        "device_pool",
        "profile_default",
        "button_template",
        "auto_profile",
        "application_user",
        "service",
        "number",
        "session",
        "last_user",
        "held",
        "pending",
        "call_logs",
        "user",
        "profile",
    ] {
        assert_eq!(count(dir.path(), gone), 0, "{gone}");
    }
    assert_eq!(count(dir.path(), "phone"), 1);
    drop(store);
    assert_eq!(portrait(&open(dir.path()).world()), before);
}

#[tokio::test]
async fn a_dropped_user_leaves_no_trace_even_when_put_again() {
    let dir = data_dir();
    let store = open(dir.path());
    put(&store, house()).await.unwrap();
    put(
        &store,
        vec![session(1, 11), Change::DropSession(ObjectId(1))],
    )
    .await
    .unwrap();
    put(
        &store,
        vec![Change::DropUser(ObjectId(11)), user(11, "alice")],
    )
    .await
    .unwrap();
    assert!(store.world().last_users.is_empty());
    assert_eq!(count(dir.path(), "last_user"), 0);
}

#[tokio::test]
async fn renames_and_takeovers_reach_the_disk() {
    let dir = data_dir();
    let store = open(dir.path());
    put(&store, house()).await.unwrap();
    put(&store, vec![session(1, 11), held(1, 3), pending(1)])
        .await
        .unwrap();
    let chain = vec![
        phone(1, "SEP000000000009"),
        phone(2, "SEP000000000001"),
        Change::DropPhone(ObjectId(3)),
        phone(4, "SEP000000000003"),
    ];
    put(&store, chain).await.unwrap();
    let before = portrait(&store.world());
    drop(store);
    let store = open(dir.path());
    assert_eq!(portrait(&store.world()), before);
    assert_eq!(
        store.world().sessions.len(),
        1,
        "a rename keeps the session"
    );
}

#[tokio::test]
async fn the_audit_is_dated_and_signed() {
    let dir = data_dir();
    let store = open(dir.path());
    put(&store, house()).await.unwrap();
    put(&store, furniture()).await.unwrap();
    let row: (i64, i64, String, String) = shell(dir.path())
        .query_row("SELECT number, at, node, actor FROM audit", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    let expected = (
        26,
        1_700_000_000_000,
        "one".to_owned(),
        "operator".to_owned(),
    );
    assert_eq!(row, expected);
}

#[tokio::test]
async fn a_database_of_the_first_schema_is_brought_up_to_date() {
    let dir = data_dir();
    let first = Connection::open(dir.path().join("embody.db")).unwrap();
    first
        .execute_batch(include_str!("migrations/0001_initial.sql"))
        .unwrap();
    first
        .execute_batch(
            "INSERT INTO phone VALUES (1, 'SEP000000000001', '{\"id\":1,\
               \"name\":\"SEP000000000001\",\"model\":\"7961\",\"protocol\":null,\
               \"observed_protocol\":null,\"observed_model\":null,\
               \"extension_mobility\":true,\"logout_profile\":\"use-current-settings\",\
               \"locale\":null,\"device_pool\":\"Default\",\"owner\":null,\
               \"description\":\"\",\"expansion_modules\":[\"7914\"],\
               \"softkey_template\":\"Desk\",\"lines\":[{\"number\":\"1001\"}],\
               \"speed_dials\":[],\"services\":[],\"sip_secret\":\"abcdefghijklmnopqrst\"}');
             INSERT INTO user VALUES (11, 'alice', '{\"id\":11,\"user_id\":\"alice\",\
               \"alias\":null,\"first_name\":\"\",\"last_name\":\"\",\"pin\":null,\
               \"password\":null,\"credential_version\":1,\"profiles\":[],\"locale\":null,\
               \"primary_extension\":null,\"self_service_id\":null,\
               \"controlled_phones\":[],\"multiple_login_behavior\":null,\
               \"excluded\":false}');
             INSERT INTO last_user VALUES (1, 11);
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(first);

    let store = open(dir.path());
    let world = store.world();
    assert_eq!(world.last_user(ObjectId(1)), Some(ObjectId(11)));
    let phone = world.phones.get(&ObjectId(1)).unwrap();
    assert_eq!(phone.features.softkey_template.as_deref(), Some("Desk"));
    assert_eq!(phone.features.expansion_modules, ["7914"]);
    assert_eq!(phone.lines[0].busy_trigger, None);
}

/// A trap that lets every statement pass and only COMMIT fail: a foreign key
/// that is checked then.
const TRAP: &str = "
    CREATE TABLE trap (phone INTEGER REFERENCES phone (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER spring AFTER INSERT ON change_log BEGIN INSERT INTO trap VALUES (-1); END;";

#[tokio::test]
async fn a_failed_commit_leaves_the_world_untouched() {
    let dir = data_dir();
    let store = Arc::new(open(dir.path()));
    put(&*store, house()).await.unwrap();
    let before = portrait(&store.world());
    // The feed is told after the answer.
    let mut changed = store.changed();
    changed.wait_for(|number| *number == 6).await.unwrap();
    store.sql(TRAP).await.unwrap();

    let both = tokio::join!(
        put(&*store, vec![session(1, 11)]),
        put(&*store, vec![session(2, 12), held(2, 1)]),
    );
    assert!(matches!(both.0, Err(StoreError::Failed(_))));
    assert!(matches!(both.1, Err(StoreError::Failed(_))));
    assert_eq!(portrait(&store.world()), before);
    assert!(!changed.has_changed().unwrap());
    assert_eq!(count(dir.path(), "session"), 0);

    store.sql("DROP TRIGGER spring").await.unwrap();
    let commit = put(&*store, vec![session(1, 11)]).await.unwrap();
    assert_eq!(commit.number, 7, "the numbers have no gap");
    assert_eq!(store.world().sessions.len(), 1);
    assert_eq!(count(dir.path(), "session"), 1);
}

#[tokio::test]
async fn a_refusal_that_rests_on_a_lost_commit_is_not_given() {
    let dir = data_dir();
    let store = Arc::new(open(dir.path()));
    put(&*store, house()).await.unwrap();
    store.sql(TRAP).await.unwrap();
    // One command holds the writer until the two of the next group are queued.
    let (running, is_running) = tokio::sync::oneshot::channel();
    let (open_gate, gate) = std::sync::mpsc::channel::<()>();
    let mut running = Some(running);
    let hold = store.submit(
        Scope::Site,
        Box::new(move |_| {
            running.take().unwrap().send(()).unwrap();
            gate.recv().unwrap();
            Verdict::Abort
        }),
    );
    let seen = Arc::new(Mutex::new(None));
    let look = Arc::clone(&seen);
    let group = async {
        is_running.await.unwrap();
        let refuse = move |world: &World| {
            *look.lock().unwrap() = Some(world.sessions.len());
            Verdict::Abort
        };
        tokio::join!(
            biased;
            put(&*store, vec![session(1, 11)]),
            store.submit(Scope::Site, Box::new(refuse)),
            async { open_gate.send(()).unwrap() },
        )
    };
    let (held, (signed_in, refused, ())) = tokio::join!(hold, group);
    assert_eq!(held.unwrap().number, 6);
    assert!(matches!(signed_in, Err(StoreError::Failed(_))));
    assert_eq!(*seen.lock().unwrap(), Some(1), "they shared a group");
    assert!(matches!(refused, Err(StoreError::Failed(_))));
}

#[tokio::test]
async fn a_full_disk_is_an_answer_and_passes() {
    let dir = data_dir();
    let store = Arc::new(open(dir.path()));
    put(&*store, house()).await.unwrap();
    let before = portrait(&store.world());
    // As many pages as there are: SQLite takes 1 as "no more than now".
    store.sql("PRAGMA max_page_count = 1").await.unwrap();
    let many = || {
        (100..400)
            .map(|id| user(id, &format!("user{id}")))
            .collect()
    };
    let failed = put(&*store, many()).await;
    assert!(matches!(failed, Err(StoreError::Failed(_))), "{failed:?}");
    assert_eq!(portrait(&store.world()), before);
    store.sql("PRAGMA max_page_count = 100000").await.unwrap();
    assert_eq!(put(&*store, many()).await.unwrap().number, 306);
    let before = portrait(&store.world());
    drop(store);
    assert_eq!(portrait(&open(dir.path()).world()), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_failing_command_spares_the_rest_of_its_group() {
    let dir = data_dir();
    let store = Arc::new(open(dir.path()));
    put(&*store, house()).await.unwrap();
    // A statement that fails for one phone only, unseen by the draft.
    store
        .sql(
            "CREATE TRIGGER picky BEFORE INSERT ON held WHEN new.phone = 2
             BEGIN SELECT RAISE(ABORT, 'not this one'); END;",
        )
        .await
        .unwrap();
    let tasks: Vec<_> = (0..60)
        .map(|nth| {
            let store = Arc::clone(&store);
            let phone = 1 + nth % 3;
            tokio::spawn(async move { (phone, put(&*store, vec![held(phone, 1)]).await) })
        })
        .collect();
    for task in tasks {
        let (phone, outcome) = task.await.unwrap();
        assert_eq!(outcome.is_err(), phone == 2, "phone {phone}: {outcome:?}");
    }
    let mut changed = store.changed();
    changed.wait_for(|number| *number == 46).await.unwrap();
    assert_eq!(store.read_after(0, 100).await.unwrap().len(), 46);
    assert!(!store.world().held.contains_key(&ObjectId(2)));
}

#[tokio::test]
async fn a_decision_may_own_the_store_itself() {
    let dir = data_dir();
    let store = Arc::new(open(dir.path()));
    let owned = Arc::clone(&store);
    let submitted = store.submit(
        Scope::Site,
        Box::new(move |_| {
            assert!(owned.world().phones.is_empty());
            Verdict::Commit(house())
        }),
    );
    assert_eq!(submitted.await.unwrap().number, 6);
}

#[tokio::test]
async fn a_lagging_reader_sees_the_gap() {
    let dir = data_dir();
    let store = open(dir.path());
    put(&store, house()).await.unwrap();
    store
        .sql("INSERT INTO change_log SELECT 150000, 'held', '1'")
        .await
        .unwrap();
    drop(store);
    let store = open(dir.path());
    assert_eq!(put(&store, vec![held(1, 1)]).await.unwrap().number, 150_001);
    let kept = store.read_after(0, 10).await.unwrap();
    let numbers: Vec<u64> = kept.iter().map(|record| record.number).collect();
    assert_eq!(numbers, [150_000, 150_001], "the oldest are pruned");
}

#[tokio::test]
async fn the_folder_is_made_private() {
    let dir = data_dir();
    let data = dir.path().join("var/embody");
    let store = open(&data);
    put(&store, house()).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in ["embody.db", "embody.db-wal", "embody.lock"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}

#[test]
fn an_open_folder_is_refused_with_the_remedy() {
    let dir = data_dir();
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o750)).unwrap();
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::Exposed { mode: 0o750, .. }));
    let remedy = format!("chmod 700 {}", dir.path().display());
    assert!(error.to_string().ends_with(&remedy), "{error}");
    assert!(!dir.path().join("embody.db").exists());
}

#[test]
fn a_second_daemon_is_refused_until_the_first_is_gone() {
    let dir = data_dir();
    let first = open(dir.path());
    let error = refused(dir.path());
    let expected = OpenError::Locked {
        dir: dir.path().to_owned(),
        pid: Some(std::process::id()),
    };
    assert_eq!(error, expected);
    assert!(error.to_string().contains("in use by another embody"));
    drop(first);
    drop(open(dir.path()));
}

#[test]
fn odd_folders_are_refused_in_words() {
    let dir = data_dir();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(matches!(refused(&file), OpenError::NotAFolder { .. }));
    let below = refused(&file.join("data"));
    assert!(matches!(below, OpenError::Create { .. }), "{below:?}");

    let dir = data_dir();
    std::fs::create_dir(dir.path().join("embody.db")).unwrap();
    let taken = refused(dir.path());
    assert!(matches!(taken, OpenError::ReadOnly { .. }), "{taken:?}");
}

#[tokio::test]
async fn what_is_not_ours_to_read_is_refused() {
    let dir = data_dir();
    std::fs::write(dir.path().join("embody.db"), vec![b'x'; 8192]).unwrap();
    assert!(matches!(refused(dir.path()), OpenError::Corrupt { .. }));

    let dir = data_dir();
    drop(open(dir.path()));
    shell(dir.path())
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let newer = refused(dir.path());
    assert!(matches!(
        newer,
        OpenError::Newer {
            found: 99,
            known: 3,
            ..
        }
    ));
    assert!(newer.to_string().contains("newer embody"), "{newer}");

    let dir = data_dir();
    let store = open(dir.path());
    put(&store, house()).await.unwrap();
    drop(store);
    let spoil = "UPDATE phone SET body = json_set(body, '$.extension_mobility', 'hunter2')";
    shell(dir.path()).execute(spoil, []).unwrap();
    let spoilt = refused(dir.path()).to_string();
    assert!(spoilt.contains("row 1 of phone cannot be read"), "{spoilt}");
    assert!(!spoilt.contains("hunter2"), "{spoilt}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_taken_in_the_middle_opens() {
    let dir = data_dir();
    let store = Arc::new(open(dir.path()));
    put(&*store, house()).await.unwrap();
    // Two files cannot be copied in one instant: keep the database still, so
    // that only the end of the log may be torn, as a power cut leaves it.
    store.sql("PRAGMA wal_autocheckpoint = 0").await.unwrap();
    let busy = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for nth in 0..200 {
                put(&*store, vec![session(1, 11 + nth % 2), held(1, 1)])
                    .await
                    .unwrap();
            }
        })
    };
    store
        .changed()
        .wait_for(|number| *number > 50)
        .await
        .unwrap();
    let copy = data_dir();
    for file in ["embody.db", "embody.db-wal"] {
        std::fs::copy(dir.path().join(file), copy.path().join(file)).unwrap();
    }
    busy.await.unwrap();
    let copied = open(copy.path());
    assert_eq!(copied.world().phones.len(), 3);
    let number = *copied.changed().borrow();
    assert_eq!(
        copied.read_after(0, 1000).await.unwrap().len() as u64,
        number
    );
}

/// The folder of the process that [`dies_on_order`] is run in.
const CHILD_DIR: &str = "EMBODY_TEST_CRASH_DIR";

#[tokio::test]
#[ignore = "run by `a_crash_loses_nothing_that_was_answered` in a process of its own"]
async fn dies_on_order() {
    let Ok(dir) = std::env::var(CHILD_DIR) else {
        return;
    };
    let store = open(Path::new(&dir));
    put(&store, house()).await.unwrap();
    println!("answered 1");
    put(&store, vec![session(1, 11), held(1, 1)]).await.unwrap();
    println!("answered 2");
}

#[test]
fn a_crash_loses_nothing_that_was_answered() {
    for (point, answered, number) in [("before-commit:2", 1, 6), ("after-commit:2", 1, 8)] {
        let dir = data_dir();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture"])
            .arg("store::sqlite::tests::dies_on_order")
            .env(CHILD_DIR, dir.path())
            .env(crash::VARIABLE, point)
            .output()
            .unwrap();
        assert!(!child.status.success(), "{point} did not abort");
        let said = String::from_utf8_lossy(&child.stdout);
        assert_eq!(
            said.matches("answered").count(),
            answered,
            "{point}: {said}"
        );
        let store = open(dir.path());
        assert_eq!(*store.changed().borrow(), number, "{point}");
        assert_eq!(store.world().sessions.len() as u64, (number - 6) / 2);
    }
}
