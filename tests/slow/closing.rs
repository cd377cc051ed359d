//! Closing time: everybody is signed out in the same second, thousands of
//! phones at once, and their keepalives are answered all the while.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use embody::app::SystemClock;
use embody::ports::Clock;
use serde_json::json;

use crate::load::{Load, Plan};
use crate::process::{Usage, keep_on};
use crate::setting::{enough_handles, number};
use crate::support::{Daemon, Site};

/// Seconds without any progress after which a phone counts as lost.
const PATIENCE: u32 = 120;

/// A Skinny frame without a body: length, version, message. KeepAlive is 0, its
/// answer 0x100.
const KEEPALIVE: [u8; 12] = [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// How long keepalives took to be answered.
#[derive(Debug, Default)]
struct Answers {
    count: usize,
    longest: Duration,
    sum: Duration,
}

impl std::fmt::Display for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mean = self.sum / u32::try_from(self.count.max(1)).unwrap();
        let (count, longest) = (self.count, self.longest);
        write!(
            f,
            "{count} keepalives, answered after {mean:.1?}, at most {longest:.1?}"
        )
    }
}

/// Asks fifty times a second, beside all phones, until told to stop.
fn ask(sccp: SocketAddr, stop: &AtomicBool) -> Answers {
    let clock = SystemClock::new();
    let mut stream = TcpStream::connect(sccp).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answers = Answers::default();
    while !stop.load(Ordering::Relaxed) {
        let asked = clock.monotonic();
        stream.write_all(&KEEPALIVE).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer[8..10], [0, 1], "KeepAliveAck");
        let took = clock.monotonic().saturating_sub(asked);
        answers.count += 1;
        answers.sum += took;
        answers.longest = answers.longest.max(took);
        std::thread::sleep(Duration::from_millis(20));
    }
    answers
}

/// Does something while keepalives are asked for.
fn meanwhile<T>(daemon: &Daemon, work: impl FnOnce() -> T) -> (T, Answers) {
    let stop = Arc::new(AtomicBool::new(false));
    let asking = std::thread::spawn({
        let (stop, sccp) = (Arc::clone(&stop), daemon.ports.sccp);
        move || ask(sccp, &stop)
    });
    let done = work();
    stop.store(true, Ordering::Relaxed);
    (done, asking.join().unwrap())
}

fn name(number: u32) -> String {
    format!("SEP0200{number:08X}")
}

/// Signs user N in on phone N, by a few applications at once.
fn sign_all_in(daemon: &Daemon, phones: u32) {
    const APPLICATIONS: u32 = 8;
    std::thread::scope(|scope| {
        for first in 0..APPLICATIONS {
            scope.spawn(move || {
                let admin = daemon.admin();
                for number in (first..phones).step_by(APPLICATIONS as usize) {
                    let body = json!({ "user": format!("user{number}") });
                    let (status, answer) =
                        admin.post(&format!("/phones/{}/login", name(number)), &body);
                    assert_eq!(status, 200, "{answer}");
                }
            });
        }
    });
}

fn signed_in(daemon: &Daemon, number: u32) -> bool {
    let (_, phone) = daemon.admin().get(&format!("/phones/{}", name(number)));
    !phone["status"]["session"].is_null()
}

#[test]
fn five_thousand_logins_end_in_one_second() {
    let phones = number("EMBODY_CLOSING_PHONES", 5_000);
    enough_handles(phones);
    let mut plan = Plan::of(phones);
    // A keepalive in six seconds instead of thirty, a refresh in 23.
    plan.intervals = 20;
    let zone = "\n[[device_pool]]\nname = \"Default\"\ntime_zone = \"UTC\"\n";
    let site = plan.site() + zone;
    let daemon = Daemon::start(Site::Text(site.clone()));
    keep_on(daemon.pid(), "0");
    let load = Load::start(&daemon, &plan);
    keep_on(load.pid(), "1");
    let all = u64::from(phones);
    let report = load.until(PATIENCE, |report| report.get("registered") == all);
    assert_eq!(report.get("registered"), all, "{:?}", report.faults);

    let ((), answers) = meanwhile(&daemon, || sign_all_in(&daemon, phones));
    println!("{phones} logins: {answers}");
    let report = load.until(PATIENCE, |report| {
        report.get("least") == 2 && report.get("registered") == all
    });
    assert_eq!(
        report.get("most"),
        2,
        "each came back once: {:?}",
        report.faults
    );
    let status = daemon.status();
    assert_eq!(status["sessions"], phones);

    // The minute after next, by the daemon's own clock.
    let now = status["now"].as_u64().unwrap() / 1000;
    let minute = now / 60 + 2;
    let time = format!("{}:{:02}", minute / 60 % 24, minute % 60);
    let times = format!("[parameters]\nlogout_times = [\"{time}\"]");
    std::fs::write(daemon.site_file(), site.replacen("[parameters]", &times, 1)).unwrap();
    daemon.says(&["apply", daemon.site_file().to_str().unwrap()]);
    let clock = SystemClock::new();
    let before = Usage::of(daemon.pid());
    let (took, answers) = meanwhile(&daemon, || {
        while signed_in(&daemon, 0) {
            std::thread::sleep(Duration::from_millis(50));
        }
        let began = clock.monotonic();
        // The first desk is free again: somebody takes it at once.
        let body = json!({ "user": "user0" });
        let (status, answer) = daemon
            .admin()
            .post(&format!("/phones/{}/login", name(0)), &body);
        assert_eq!(status, 200, "{answer}");
        let login = clock.monotonic().saturating_sub(began);
        while signed_in(&daemon, phones - 1) {
            std::thread::sleep(Duration::from_millis(20));
        }
        (clock.monotonic().saturating_sub(began), login)
    });
    println!(
        "{phones} logouts at {time} UTC in {:.1?}, a login amid them in {:.1?}",
        took.0, took.1
    );
    println!("  meanwhile {answers}");
    let (report, answers) = meanwhile(&daemon, || {
        load.until(PATIENCE, |report| {
            // The first desk may not have noticed that it was free for a moment.
            report.get("orders") >= 2 * all - 1 && report.get("registered") == all
        })
    });
    println!("  until all were bare again: {answers}; {}", report.line);
    let after = Usage::of(daemon.pid());
    println!(
        "  daemon: {:.1} s CPU for it; now {after}",
        after.cpu - before.cpu
    );
    assert_eq!(report.get("registered"), all);
    // Who loses his registration comes back once more than he was told to.
    assert!(report.get("most") <= 3, "{}", report.line);
    let unanswered = report
        .faults
        .iter()
        .find(|fault| fault.contains("KeepAlive"));
    assert_eq!(unanswered, None, "every keepalive was answered");
    for fault in report.faults.iter().rev().take(5) {
        println!("  {fault}");
    }
    let status = daemon.status();
    assert_eq!(status["sessions"], 1, "who came after it stays");
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}
