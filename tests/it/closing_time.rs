//! The whole daemon in this process, by a clock whose wall is set forward: the
//! logins of a house full of phones end in the same second, and no phone
//! notices but by its restart.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use embody::app::{Config, Listen, Options, Running, SystemClock, start};
use embody::handset::{Fleet, FleetPlan, Kind, Pace, Servers};
use embody::mobility::query;
use embody::model::Timestamp;
use embody::ports::{BoxFuture, Clock};
use embody::registry::Registry;
use serde_json::json;

use crate::support::admin::Admin;
use crate::support::daemon::{BINARY, private_folder};
use crate::support::phones::until;

/// The machine's clock, with its wall set forward.
struct Forward {
    clock: SystemClock,
    by: AtomicI64,
}

impl Clock for Forward {
    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now().0 + self.by.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        self.clock.sleep_until(at)
    }
}

const PHONES: u32 = 200;

/// The site file that makes a fleet known.
fn site() -> String {
    let output = std::process::Command::new(BINARY)
        .args(["phone", "--site-file", "--load", &PHONES.to_string()])
        .args(["--kinds", "7960,7961,7961-sip,8841"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

struct House {
    running: Running,
    admin: Admin,
    clock: Arc<Forward>,
    _folder: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        let folder = private_folder();
        let data = folder.path().join("data");
        let clock = Arc::new(Forward {
            clock: SystemClock::new(),
            by: AtomicI64::new(0),
        });
        let options = Options {
            config: Config {
                listen: Listen::free_ports(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                ..Config::default()
            },
            data: data.clone(),
            site: Some(("site.toml".to_owned(), site())),
        };
        let running = start(options, Arc::clone(&clock) as Arc<dyn Clock>).await;
        Self {
            running: running.unwrap(),
            admin: Admin::of(&data),
            clock,
            _folder: folder,
        }
    }

    fn signed_in(&self) -> usize {
        self.running.store.world().sessions.len()
    }

    fn at_rest(&self) -> bool {
        self.running.store.world().pending.is_empty()
    }

    fn registry(&self) -> &Registry {
        &self.running.registry
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_logins_end_in_one_second_and_every_keepalive_is_answered() {
    let house = House::open().await;
    let fleet = Fleet::spawn(FleetPlan {
        phones: PHONES,
        kinds: Kind::MANAGED.to_vec(),
        servers: Servers {
            tftp: house.running.address("tftp").unwrap(),
            config_http: house.running.address("config_http"),
            bind: None,
        },
        // A keepalive every 0.6 s, a refresh every 2.3 s.
        pace: Pace {
            waits: 0.0,
            intervals: 0.02,
            ..Pace::REAL
        },
        spread: Duration::from_secs(1),
        clones: 0,
    });
    let all = PHONES as usize;
    until("all are registered", || fleet.tally().registered == all).await;
    for member in 0..PHONES {
        let name = format!("SEP0200{member:08X}");
        let body = json!({ "user": format!("user{member}"), "minutes": 60 });
        let (status, answer) = house.admin.post(&format!("/phones/{name}/login"), &body);
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(house.signed_in(), all);
    let back = || fleet.tally().registered == all && house.at_rest();
    until("all are their users'", back).await;
    let restarts = fleet.tally().orders;

    house.clock.by.store(3_600_000, Ordering::Relaxed);
    // Whatever is stored next makes it look at the clock, or a minute does.
    let (status, _) = house
        .admin
        .post("/phones/SEP020000000000/restart", &json!({}));
    assert_eq!(status, 200);
    until("all are signed out", || house.signed_in() == 0).await;
    until("all are bare again", back).await;
    assert_eq!(fleet.faults(), [], "no keepalive went unanswered");
    let tally = fleet.tally();
    assert!(
        tally.orders >= restarts + u64::from(PHONES),
        "each was told: {tally:?}"
    );
    let sessions = query::sessions(&house.running.store.world(), house.registry());
    assert_eq!(sessions, []);
    let (_, timeline) = house.admin.get("/phones/SEP020000000000/timeline");
    let told = timeline.to_string();
    assert!(told.contains("login time"), "and why is told: {told}");
    fleet.power_off().await;
    house.running.stop().await;
}
