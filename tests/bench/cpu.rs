//! Processor time of a process and everything that it started.
//!
//! `utime + stime` of `/proc/PID/stat` count all threads, ended ones too;
//! `cutime + cstime` the children that ended and were waited for. Children that
//! live are added one by one.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

/// `sysconf(_SC_CLK_TCK)` is 100 on every Linux of today.
const TICKS_PER_SECOND: u64 = 100;

struct Stat {
    parent: u32,
    /// Ticks of its own threads.
    own: u64,
    /// Ticks of children that were waited for.
    children: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold blanks and parentheses: count from its end.
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // Fields 4 and 14 to 17 of proc(5).
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(4)?).ok()?,
        own: number(14)? + number(15)?,
        children: number(16)? + number(17)?,
    })
}

/// `root` and all processes below it.
pub fn tree(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(pid) = pid
            && let Some(stat) = stat(pid)
        {
            children.entry(stat.parent).or_default().push(pid);
        }
    }
    let mut all = vec![root];
    let mut at = 0;
    while let Some(pid) = all.get(at) {
        if let Some(more) = children.get(pid) {
            all.extend(more);
        }
        at += 1;
    }
    all
}

/// What `root` and all processes below it have used so far.
pub fn used(root: u32) -> Duration {
    let all = tree(root).into_iter().filter_map(stat);
    time(all.map(|stat| stat.own + stat.children).sum())
}

/// What the threads of `pid` alone have used so far.
pub fn own(pid: u32) -> Duration {
    time(stat(pid).map_or(0, |stat| stat.own))
}

fn time(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}

/// Octets that a process sent to block devices so far.
pub fn written(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("write_bytes: ")?.trim().parse().ok())
        .unwrap_or_default()
}
