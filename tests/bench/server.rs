//! A server that is measured: a process of ours on a core of its own, ended
//! with this program.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::cpu;
use crate::stopwatch::pause;

/// A running server.
pub struct Server {
    pub name: &'static str,
    child: Child,
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
        Self { name, child }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Processor time so far, all threads and children.
    pub fn cpu(&self) -> Duration {
        cpu::used(self.pid())
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
        let signal = |name: &str, pid: u32| {
            let _ = Command::new("kill")
                .args([name, &pid.to_string()])
                .stderr(Stdio::null())
                .status();
        };
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
