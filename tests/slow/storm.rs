//! The power comes back: every phone of the house boots at once. And an
//! operator restarts them all.

use crate::load::{Load, Plan, Report};
use crate::process::{Usage, keep_on};
use crate::setting::{enough_handles, number};
use crate::support::{Daemon, Site};

/// Seconds without any progress after which a phone counts as lost.
const PATIENCE: u32 = 90;

fn plan() -> Plan {
    let phones = number("EMBODY_STORM_PHONES", 2_000);
    enough_handles(phones);
    Plan {
        spread: number("EMBODY_STORM_SPREAD", 10),
        ..Plan::of(phones)
    }
}

fn told(what: &str, daemon: &Daemon, before: Usage, report: &Report) {
    let now = Usage::of(daemon.pid());
    println!(
        "{what}: {report}\n  daemon: {cpu:.1} s CPU for it; now {now}\n  journal: {journal}",
        report = report.line,
        cpu = now.cpu - before.cpu,
        journal = daemon.status()["journal"],
    );
    for fault in &report.faults {
        println!("  {fault}");
    }
}

fn all_right(daemon: &Daemon, phones: u64) {
    let status = daemon.status();
    assert_eq!(status["registered"], phones, "by the daemon's count");
    assert_eq!(status["pending"], 0, "nothing is left to do");
    let not_right: Vec<_> = status["phones"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|phone| phone["state"]["is"] != "right")
        .collect();
    assert!(
        not_right.is_empty(),
        "{} phones are not right: {:?}",
        not_right.len(),
        not_right.first()
    );
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

#[test]
fn all_boot_at_once_and_all_restart() {
    let plan = plan();
    let phones = u64::from(plan.phones);
    let daemon = Daemon::start(Site::Text(plan.site()));
    keep_on(daemon.pid(), "0");
    let ready = Usage::of(daemon.pid());
    println!("{phones} phones; daemon with its site and no phone: {ready}");

    let load = Load::start(&daemon, &plan);
    keep_on(load.pid(), "1");
    let report = load.until(PATIENCE, |report| report.get("registered") == phones);
    told("boot storm", &daemon, ready, &report);
    assert_eq!(report.get("registered"), phones, "none is lost");
    assert_eq!(report.get("most"), 1, "at the first attempt");
    assert_eq!(report.get("faults"), 0);
    all_right(&daemon, phones);

    let before = Usage::of(daemon.pid());
    let began = report.time();
    println!("{}", daemon.says(&["restart", "--all"]).trim());
    println!("  commanded at t={:.1}", load.report().time());
    let report = load.until(PATIENCE, |report| {
        report.get("least") == 2 && report.get("registered") == phones
    });
    told("restart of all", &daemon, before, &report);
    println!("  in {:.1} s", report.time() - began);
    assert_eq!(report.get("registered"), phones, "all are back");
    assert_eq!(report.get("orders"), phones);
    assert_eq!(report.get("most_orders"), 1, "each with one restart");
    assert_eq!(report.get("faults"), 0);
    all_right(&daemon, phones);
    println!("load: {}", Usage::of(load.pid()));
}

/// One phone in twenty has a second one with its name elsewhere: the two fight
/// for the name, and everybody else is served.
#[test]
fn clones_disturb_nobody_else() {
    let mut plan = plan();
    plan.phones = plan.phones.min(2_000);
    plan.clones = plan.phones / 20;
    let phones = u64::from(plan.phones);
    let daemon = Daemon::start(Site::Text(plan.site()));
    let load = Load::start(&daemon, &plan);
    let named = |report: &Report| report.get("registered") + report.get("clones_registered");
    let report = load.until(PATIENCE, |report| {
        report.get("clones") == u64::from(plan.clones) && named(report) == phones
    });
    println!("{}", report.line);
    assert_eq!(named(&report), phones, "every name is held by one phone");
    let status = daemon.status();
    assert_eq!(status["registered"], phones);
    let disturbed = status["phones"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|phone| phone["peer"].is_null() || phone["state"]["is"] != "right")
        .count();
    assert_eq!(disturbed, 0);
    // The fight costs a takeover or a refusal in each back-off of a clone, and
    // no more: those without a clone registered once.
    assert!(report.get("registered") >= phones - u64::from(plan.clones));
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}
