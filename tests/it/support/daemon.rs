//! The real binary, on free loopback ports and a data folder of its own.

use std::fs;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::admin::Admin;

pub const BINARY: &str = env!("CARGO_BIN_EXE_embody");

/// The binary of daemons and loads: the one that was built with the tests, or
/// the one that `EMBODY_BINARY` names (a release build, to be measured).
pub fn binary() -> std::ffi::OsString {
    std::env::var_os("EMBODY_BINARY").unwrap_or_else(|| BINARY.into())
}

/// Which site a daemon starts with.
pub enum Site {
    /// `phone-configs/site.toml`.
    Sample,
    /// This text.
    Text(String),
    /// None.
    Empty,
}

/// The ports of a daemon, chosen before it starts so that it keeps them over a
/// restart.
#[derive(Clone, Debug)]
pub struct Ports {
    pub tftp: SocketAddr,
    pub config_http: SocketAddr,
    pub services_http: SocketAddr,
    pub sccp: SocketAddr,
    pub sip: SocketAddr,
    pub admin_http: SocketAddr,
}

impl Ports {
    pub fn free(at: IpAddr) -> Self {
        let next = || SocketAddr::new(at, free_port(at));
        Self {
            tftp: next(),
            config_http: next(),
            services_http: next(),
            sccp: next(),
            sip: next(),
            admin_http: next(),
        }
    }

    /// `embody.toml` with these ports, and `more`.
    pub fn config(&self, more: &str) -> String {
        format!(
            "[listen]\naddress = \"{}\"\nadmin_address = \"{}\"\ntftp = {}\nconfig_http = {}\nservices_http = {}\n\
             sccp = {}\nsip = {}\nadmin_http = {}\n{more}",
            self.tftp.ip(),
            self.tftp.ip(),
            self.tftp.port(),
            self.config_http.port(),
            self.services_http.port(),
            self.sccp.port(),
            self.sip.port(),
            self.admin_http.port()
        )
    }
}

/// A port that is free over UDP and TCP. Not one that the system gives to
/// clients: between here and the daemon's start one of them could get it.
pub fn free_port(at: IpAddr) -> u16 {
    const FIRST: u32 = 10_000;
    const PORTS: u32 = 18_000;
    // A port stands in URLs and logs, where tests look for the PINs of people.
    const PINS: [u16; 2] = [12_345, 27_182];
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Other runs of the tests begin elsewhere.
    let begin = std::process::id().wrapping_mul(37);
    for _ in 0..PORTS {
        let number = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let port = u16::try_from(FIRST + number).unwrap();
        if PINS.contains(&port) {
            continue;
        }
        if UdpSocket::bind((at, port)).is_ok() && TcpListener::bind((at, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}

/// A daemon that runs, and goes away with the test.
pub struct Daemon {
    pub ports: Ports,
    pub folder: tempfile::TempDir,
    child: Option<Child>,
    environment: Vec<(String, String)>,
}

/// A folder that only its owner may enter, as the data folder must be.
pub fn private_folder() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("embody-test-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir()
        .unwrap()
}

pub fn sample_site() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("phone-configs/site.toml");
    fs::read_to_string(path).unwrap()
}

impl Daemon {
    pub fn start(site: Site) -> Self {
        Self::start_with(site, "", &[])
    }

    /// Starts with more lines of `embody.toml` and environment variables.
    pub fn start_with(site: Site, config: &str, environment: &[(&str, &str)]) -> Self {
        Self::started(Ipv4Addr::LOCALHOST.into(), site, config, environment)
    }

    /// Starts at another loopback address.
    pub fn start_at(address: &str, site: Site, config: &str) -> Self {
        Self::started(address.parse().unwrap(), site, config, &[])
    }

    fn started(address: IpAddr, site: Site, config: &str, environment: &[(&str, &str)]) -> Self {
        let folder = private_folder();
        let ports = Ports::free(address);
        fs::write(folder.path().join("embody.toml"), ports.config(config)).unwrap();
        let text = match site {
            Site::Sample => sample_site(),
            Site::Text(text) => text,
            Site::Empty => "version = 1\n".to_owned(),
        };
        fs::write(folder.path().join("site.toml"), text).unwrap();
        let environment = environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let mut daemon = Self {
            ports,
            folder,
            child: None,
            environment,
        };
        daemon.spawn();
        daemon.wait_ready();
        daemon
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn site_file(&self) -> PathBuf {
        self.folder.path().join("site.toml")
    }

    fn spawn(&mut self) {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log_path())
            .unwrap();
        let child = Command::new(binary())
            .arg("serve")
            .arg("--config")
            .arg(self.folder.path().join("embody.toml"))
            .arg("--data")
            .arg(self.data())
            .arg("--site")
            .arg(self.site_file())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Memory that the process holds, in kilobytes (`VmRSS`).
    pub fn resident_kilobytes(&self) -> u64 {
        let id = self.child.as_ref().map(Child::id).unwrap();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.unwrap().parse().unwrap()
    }

    pub fn log(&self) -> String {
        let mut text = String::new();
        fs::File::open(self.log_path())
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    /// Waits until `/readyz` says 200. The wait has an end so that a daemon
    /// that does not come up is a failure and not a hang.
    pub fn wait_ready(&mut self) {
        for _ in 0..600 {
            let exited = self
                .child
                .as_mut()
                .is_some_and(|c| c.try_wait().unwrap().is_some());
            assert!(!exited, "the daemon ended:\n{}", self.log());
            if super::admin::ready(self.ports.admin_http) {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the daemon did not come up:\n{}", self.log());
    }

    /// Whether the process has ended by itself.
    pub fn ended(&mut self) -> bool {
        self.child
            .as_mut()
            .is_none_or(|child| child.try_wait().unwrap().is_some())
    }

    /// Its process.
    #[allow(dead_code)] // the slow tests look into it
    pub fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Waits for the process to end by itself.
    pub fn wait_end(&mut self) {
        for _ in 0..1200 {
            if self.ended() {
                self.child = None;
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the daemon did not end:\n{}", self.log());
    }

    /// Takes its life as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            child.wait().unwrap();
        }
    }

    /// Starts it again on the same folder and ports, with this environment.
    pub fn start_again_with(&mut self, environment: &[(&str, &str)]) {
        self.kill();
        self.environment = environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        self.spawn();
        self.wait_ready();
    }

    pub fn admin(&self) -> Admin {
        Admin::of(&self.data())
    }

    /// Runs a command of the same binary against this daemon.
    pub fn command(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(binary());
        command.args(arguments).arg("--data").arg(self.data());
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// The standard output of a command that must succeed.
    pub fn says(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {text}{errors}");
        text
    }

    pub fn status(&self) -> Value {
        self.admin().get("/status").1
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- log of the daemon ---\n{}", self.log());
        }
        self.kill();
    }
}
