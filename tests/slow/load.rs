//! Virtual phones in a process of their own: `embody phone --load`.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::support::Daemon;
use crate::support::daemon::binary;

/// What the load is asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    pub phones: u32,
    pub kinds: &'static str,
    pub spread: u32,
    pub clones: u32,
    pub intervals: u32,
}

impl Plan {
    pub fn of(phones: u32) -> Self {
        Self {
            phones,
            kinds: "7961,8841",
            spread: 10,
            clones: 0,
            intervals: 100,
        }
    }

    /// The site file that makes these phones known.
    pub fn site(&self) -> String {
        let output = Command::new(binary())
            .args(["phone", "--site-file", "--load", &self.phones.to_string()])
            .args(["--kinds", self.kinds])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// How the phones fare, by the names of the load's report.
#[derive(Clone, Debug, Default)]
pub struct Report {
    values: HashMap<String, f64>,
    /// The line itself.
    pub line: String,
    /// Kinds of faults so far, as told.
    pub faults: Vec<String>,
}

impl Report {
    pub fn get(&self, name: &str) -> u64 {
        self.values.get(name).copied().unwrap_or(0.0) as u64
    }

    /// Seconds since the load began.
    pub fn time(&self) -> f64 {
        self.values.get("t").copied().unwrap_or(0.0)
    }
}

/// A load that runs, and goes away with the test.
pub struct Load {
    child: Child,
    latest: Arc<Mutex<Report>>,
}

impl Load {
    pub fn start(daemon: &Daemon, plan: &Plan) -> Self {
        let mut child = Command::new(binary())
            .args(["phone", "--load", &plan.phones.to_string()])
            .args(["--kinds", plan.kinds])
            .args(["--spread", &plan.spread.to_string()])
            .args(["--clones", &plan.clones.to_string()])
            .args(["--intervals", &plan.intervals.to_string()])
            .arg("--data")
            .arg(daemon.data())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let latest: Arc<Mutex<Report>> = Arc::default();
        let (output, kept) = (child.stdout.take().unwrap(), Arc::clone(&latest));
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                take(&mut kept.lock().unwrap(), line);
            }
        });
        Self { child, latest }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn report(&self) -> Report {
        self.latest.lock().unwrap().clone()
    }

    /// Waits until the report is so; the last one, so or not, when nothing
    /// got better for `patience` seconds. The end is for what hangs: it
    /// measures nothing.
    pub fn until(&self, patience: u32, so: impl Fn(&Report) -> bool) -> Report {
        let (mut best, mut looks) = (0, 0);
        loop {
            let report = self.report();
            let progress = report.get("registered") + report.get("orders");
            if progress > best {
                (best, looks) = (progress, 0);
            }
            if so(&report) || looks > patience * 5 {
                return report;
            }
            looks += 1;
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }
}

fn take(report: &mut Report, line: String) {
    if line.starts_with("fault ") {
        report.faults.push(line);
        return;
    }
    report.values = line
        .split_whitespace()
        .filter_map(|word| {
            let (name, value) = word.split_once('=')?;
            Some((name.to_owned(), value.parse().ok()?))
        })
        .collect();
    report.line = line;
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
