//! What a registered phone costs while nothing happens: memory and processor
//! time over five keepalives.

use std::time::Duration;

use crate::load::{Load, Plan};
use crate::process::{Usage, keep_on};
use crate::setting::{enough_handles, number};
use crate::support::{Daemon, Site};

const PATIENCE: u32 = 90;

/// Memory that a registered phone may cost, bytes.
const A_PHONE: u64 = 16 * 1024;

#[test]
fn registered_phones_are_cheap() {
    let phones = number("EMBODY_MEMORY_PHONES", 2_000);
    // A SIP phone refreshes after 115 s: five of them.
    let minutes = number("EMBODY_MEMORY_MINUTES", 3);
    enough_handles(phones);
    let mut plan = Plan::of(phones);
    plan.intervals = number("EMBODY_MEMORY_INTERVALS", 100);
    let mut daemon = Daemon::start(Site::Text(plan.site()));
    // Reading a large site file leaves memory behind that phones would take
    // for nothing: what is measured is a daemon that found its store filled.
    daemon.start_again_with(&[]);
    keep_on(daemon.pid(), "0");
    let ready = Usage::of(daemon.pid());
    println!("{phones} phones; daemon with its site and no phone: {ready}");

    let load = Load::start(&daemon, &plan);
    keep_on(load.pid(), "1");
    let all = u64::from(phones);
    let report = load.until(PATIENCE, |report| report.get("registered") == all);
    assert_eq!(report.get("registered"), all, "{:?}", report.faults);
    std::thread::sleep(Duration::from_secs(5));
    let before = Usage::of(daemon.pid());
    println!("registered: {before}");
    std::thread::sleep(Duration::from_secs(60 * u64::from(minutes)));
    let after = Usage::of(daemon.pid());
    println!("{minutes} minutes later: {after}");
    let report = load.report();
    println!("load: {}; {}", report.line, Usage::of(load.pid()));

    let seconds = 60.0 * f64::from(minutes);
    let share = 100.0 * (after.cpu - before.cpu) / seconds;
    let each = after.rss.saturating_sub(ready.rss) * 1024 / all;
    println!(
        "idle: {share:.2} % of a core; {each} bytes a registered phone, {} with its part of the site",
        after.rss * 1024 / all
    );
    assert_eq!(report.get("registered"), all, "all stayed");
    assert_eq!(report.get("most"), 1, "and none had to come back");
    assert!(each < A_PHONE, "{each} bytes a phone");
}
