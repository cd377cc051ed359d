//! What the system says of a process: memory and processor time, from
//! `/proc` (proc(5), `stat` and `status`).

use std::fs;
use std::process::Command;

/// A process at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Resident memory, kB.
    pub rss: u64,
    /// The most that it ever was, kB.
    pub peak: u64,
    /// Processor time so far, user and system, seconds.
    pub cpu: f64,
    /// Open file handles.
    pub handles: usize,
}

/// Keeps a process on these cores (`taskset -c`), when `EMBODY_CORES` is
/// `apart`: so that load and daemon do not take each other's time.
pub fn keep_on(pid: u32, cores: &str) {
    if std::env::var("EMBODY_CORES").as_deref() != Ok("apart") {
        return;
    }
    let moved = Command::new("taskset")
        .args([
            "--all-tasks",
            "--cpu-list",
            "--pid",
            cores,
            &pid.to_string(),
        ])
        .output();
    assert!(moved.is_ok_and(|output| output.status.success()), "taskset");
}

/// Ticks of a second in `/proc/PID/stat` (`USER_HZ`, 100 on every Linux).
const TICKS: f64 = 100.0;

impl Usage {
    /// Of a running process.
    pub fn of(pid: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let kb = |name: &str| {
            status
                .lines()
                .find_map(|line| {
                    line.strip_prefix(name)?
                        .split_whitespace()
                        .next()?
                        .parse()
                        .ok()
                })
                .unwrap_or(0)
        };
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The name in brackets may hold blanks; utime and stime are the 12th
        // and 13th word after it.
        let ticks: f64 = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|word| word.parse::<f64>().ok())
            .sum();
        let handles = fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
        Self {
            rss: kb("VmRSS:"),
            peak: kb("VmHWM:"),
            cpu: ticks / TICKS,
            handles,
        }
    }
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:.1} s CPU, RSS {:.1} MB, peak {:.1} MB, {} handles",
            self.cpu,
            self.rss as f64 / 1024.0,
            self.peak as f64 / 1024.0,
            self.handles
        )
    }
}
