//! The servers that do one part of the job, configured by the files in
//! `peers/`.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::server::{Server, free_port, listens};
use crate::tftp::{self, File};

/// The secret of every phone at Kamailio.
pub const SECRET: &str = "bench-secret";

/// dnsmasq listens for TFTP on port 69 only.
const DNSMASQ: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(127, 69, 0, 1)), 69);

/// Where peers run, and what they serve.
pub struct Ground<'a> {
    pub core: usize,
    pub folder: &'a Path,
    /// The folder of the same files that Embody generates.
    pub files: PathBuf,
    /// tftpd-hpa, which is not installed.
    pub hpa: Option<&'a Path>,
}

impl Ground<'_> {
    fn configured(&self, text: &str, name: &str, values: &[(&str, &str)]) -> PathBuf {
        let mut text = text.replace("@FILES@", &self.files.display().to_string());
        for (key, value) in values {
            text = text.replace(key, value);
        }
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub async fn dnsmasq(&self) -> (Server, SocketAddr) {
        let address = [("@ADDRESS@", DNSMASQ.ip().to_string())];
        let values: Vec<_> = address.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let text = include_str!("peers/dnsmasq.conf");
        let config = self.configured(text, "dnsmasq.conf", &values);
        let arguments = ["-k".to_owned(), format!("--conf-file={}", config.display())];
        let server = Server::start("dnsmasq", self.core, self.folder, "dnsmasq", arguments);
        (serving(server, DNSMASQ).await, DNSMASQ)
    }

    pub async fn atftpd(&self) -> (Server, SocketAddr) {
        let at = free();
        let (ip, port) = (at.ip().to_string(), at.port().to_string());
        let files = self.files.display().to_string();
        let arguments = [
            "--daemon",
            "--no-fork",
            "--bind-address",
            &ip,
            "--port",
            &port,
            "--maxthread",
            "5000",
            "--verbose=0",
            "--user",
            "root",
            "--group",
            "root",
            &files,
        ];
        let server = Server::start("atftpd", self.core, self.folder, "atftpd", arguments);
        (serving(server, at).await, at)
    }

    pub async fn hpa(&self) -> Option<(Server, SocketAddr)> {
        let at = free();
        let arguments = [
            "-L".to_owned(),
            "-a".to_owned(),
            at.to_string(),
            "-s".to_owned(),
            "-u".to_owned(),
            "root".to_owned(),
            self.files.display().to_string(),
        ];
        let server = Server::start("tftpd-hpa", self.core, self.folder, self.hpa?, arguments);
        let server = server.forgetting_children();
        Some((serving(server, at).await, at))
    }

    /// nginx, closing every connection, or keeping them.
    pub async fn nginx(&self, keep: bool) -> (Server, SocketAddr) {
        let at = free();
        let (address, keepalive) = (at.to_string(), if keep { "65" } else { "0" });
        let values = [("@ADDRESS@", address.as_str()), ("@KEEPALIVE@", keepalive)];
        let name = if keep { "nginx (keep-alive)" } else { "nginx" };
        let prefix = self.folder.join(name.replace(' ', "-"));
        fs::create_dir_all(&prefix).unwrap();
        let text = include_str!("peers/nginx.conf");
        let config = self.configured(text, &format!("nginx-{keepalive}.conf"), &values);
        let arguments = [
            "-p",
            &prefix.display().to_string(),
            "-c",
            &config.display().to_string(),
        ];
        let mut server = Server::start(name, self.core, self.folder, "nginx", arguments);
        server.ready(async || listens(at).await).await;
        (server, at)
    }

    pub async fn kamailio(&self, digest: bool) -> (Server, SocketAddr) {
        let at = free();
        let address = at.to_string();
        let values = [("@ADDRESS@", address.as_str()), ("@SECRET@", SECRET)];
        let text = include_str!("peers/kamailio.cfg");
        let (name, config) = if digest {
            ("Kamailio (digest)", "kamailio-digest.cfg")
        } else {
            ("Kamailio", "kamailio.cfg")
        };
        let config = self.configured(text, config, &values);
        let config = config.display().to_string();
        let mut arguments = vec!["-DD", "-E", "-m", "64", "-M", "16", "-f", &config];
        if digest {
            arguments.extend(["-A", "AUTH"]);
        }
        let mut server = Server::start(name, self.core, self.folder, "kamailio", arguments);
        server.ready(async || listens(at).await).await;
        (server, at)
    }
}

fn free() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, free_port(Ipv4Addr::LOCALHOST)).into()
}

/// A TFTP server is up when it says that something does not exist.
async fn serving(mut server: Server, at: SocketAddr) -> Server {
    let nothing = File {
        name: "nothing".to_owned(),
        body: None,
    };
    let answers = async || {
        let asked = tftp::fetch(Ipv4Addr::LOCALHOST, at, &nothing).await;
        matches!(asked.ended, crate::measure::Ended::Well)
    };
    server.ready(answers).await;
    server
}
