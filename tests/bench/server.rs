//! A server that is measured: a process of ours on a core of its own, ended
//! with this program.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::cpu;
use crate::stopwatch::pause;

/// A running server.
pub struct Server {
    pub name: &'static str,
    child: Child,
    /// It does not wait for its children, so that the system forgets what they
    /// used: `perf` has to watch.
    forgets_children: bool,
    folder: PathBuf,
}

/// Processor time from a moment on.
pub enum Meter {
    /// Of a process and its children at the beginning.
    Tree(Duration),
    /// `perf stat`, which follows children, and its output.
    Perf(Child, PathBuf),
}

impl Server {
    /// Starts `program` on processor `core`; what it says goes to `NAME.log`
    /// in `folder`. Should this program die, the system tells it to end.
    pub fn start<A: AsRef<std::ffi::OsStr>>(
        name: &'static str,
        core: usize,
        folder: &Path,
        program: impl AsRef<std::ffi::OsStr>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let log = File::create(folder.join(format!("{name}.log"))).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "taskset", "-c", &core.to_string()])
            .arg(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self {
            name,
            child,
            forgets_children: false,
            folder: folder.to_owned(),
        }
    }

    /// It ignores the signal that a child has ended.
    pub fn forgetting_children(mut self) -> Self {
        self.forgets_children = true;
        self
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Begins to measure processor time of all threads and children.
    pub async fn meter(&self) -> Meter {
        if !self.forgets_children {
            return Meter::Tree(cpu::used(self.pid()));
        }
        let output = self.folder.join(format!("{}.perf", self.name));
        let perf = Command::new("perf")
            .args(["stat", "-x,", "-e", "task-clock", "-o"])
            .arg(&output)
            .args(["-p", &self.pid().to_string()])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        pause(Duration::from_millis(300)).await;
        Meter::Perf(perf, output)
    }

    /// What it used since then.
    pub fn used(&self, since: Meter) -> Duration {
        match since {
            Meter::Tree(before) => cpu::used(self.pid()).saturating_sub(before),
            Meter::Perf(mut perf, output) => {
                signal("-INT", perf.id());
                let _ = perf.wait();
                let text = fs::read_to_string(output).unwrap_or_default();
                let line = text.lines().find(|line| line.contains("task-clock"));
                let ms = line.and_then(|line| line.split(',').next()?.parse().ok());
                Duration::from_secs_f64(ms.unwrap_or(0.0) / 1000.0)
            }
        }
    }

    /// Waits until it listens, or says that it does not.
    pub async fn ready(&mut self, mut probe: impl AsyncFnMut() -> bool) {
        for _ in 0..1200 {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("{} ended at once ({status}); see its log", self.name);
            }
            if probe().await {
                return;
            }
            pause(Duration::from_millis(50)).await;
        }
        panic!("{} does not answer; see its log", self.name);
    }
}

impl Drop for Server {
    /// Asks it to end, which takes its children along; insists after a while.
    fn drop(&mut self) {
        let all = cpu::tree(self.pid());
        signal("-TERM", self.pid());
        for _ in 0..200 {
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        for pid in all {
            signal("-KILL", pid);
        }
        let _ = self.child.wait();
    }
}

fn signal(name: &str, pid: u32) {
    let _ = Command::new("kill")
        .args([name, &pid.to_string()])
        .stderr(Stdio::null())
        .status();
}

/// A port that is free for UDP and TCP on this address.
pub fn free_port(address: Ipv4Addr) -> u16 {
    for _ in 0..100 {
        let tcp = TcpListener::bind((address, 0)).unwrap();
        let port = tcp.local_addr().unwrap().port();
        if UdpSocket::bind((address, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}

/// Probes a TCP port.
pub async fn listens(address: SocketAddr) -> bool {
    tokio::net::TcpStream::connect(address).await.is_ok()
}
