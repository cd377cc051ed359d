//! The site that is measured, and a daemon that serves it.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use embody::directory::Argon2Hasher;
use embody::ports::Hasher;

use crate::server::{Server, free_port, listens};

pub const PHONES: usize = 2000;
pub const USERS: usize = 1000;
/// Users whose PIN costs what a PIN costs.
pub const SLOW_USERS: usize = 100;
pub const APPLICATION: &str = "emapp";
pub const PASSWORD: &str = "correct-horse-battery";
pub const PIN: &str = "58213";

/// Speed dials of a phone, so many that its file is about 8 kB.
const SPEED_DIALS: usize = 4;

pub fn device(number: usize) -> String {
    format!("SEP020000{number:06X}")
}

pub fn user(number: usize) -> String {
    format!("user{number:04}")
}

pub fn slow_user(number: usize) -> String {
    format!("slow{number:04}")
}

/// The site file: SIP phones whose files are about 8 kB, a profile and a user
/// for half of them.
fn text() -> String {
    let hash = |hasher: Argon2Hasher| hasher.hash(PIN).unwrap().expose().to_owned();
    let cheap = hash(Argon2Hasher::with_cost(8, 1).unwrap());
    let usual = hash(Argon2Hasher::new());
    let mut text =
        String::from("version = 1\n\n[parameters]\nmultiple_login_behavior = \"allowed\"\n");
    for number in 0..PHONES {
        let dials: Vec<String> = (0..SPEED_DIALS)
            .map(|key| {
                let called = 40000 + (number * SPEED_DIALS + key) % 50000;
                format!("{{ number = \"{called}\", label = \"Office {called}, second floor\" }}")
            })
            .collect();
        let _ = write!(
            text,
            "\n[[phone]]\nname = \"{}\"\nmodel = \"7961\"\nprotocol = \"sip\"\n\
             extension_mobility = true\ndescription = \"Desk {number}\"\n\
             line = [{{ number = \"{}\", label = \"Desk {number}\" }}]\n\
             speed_dial = [{}]\n",
            device(number),
            10000 + number,
            dials.join(", ")
        );
    }
    for number in 0..USERS {
        let _ = write!(
            text,
            "\n[[profile]]\nname = \"profile{number:04}\"\nmodel = \"7961\"\n\
             line = [{{ number = \"{}\", label = \"Person {number}\" }}]\n\
             \n[[user]]\nid = \"{}\"\npin_hash = \"{cheap}\"\nprofiles = [\"profile{number:04}\"]\n",
            20000 + number,
            user(number)
        );
    }
    for number in 0..SLOW_USERS {
        let _ = write!(
            text,
            "\n[[user]]\nid = \"{}\"\npin_hash = \"{usual}\"\nprofiles = [\"profile{number:04}\"]\n",
            slow_user(number)
        );
    }
    let _ = write!(
        text,
        "\n[[application_user]]\nid = \"{APPLICATION}\"\npassword = \"{PASSWORD}\"\nproxy_rights = true\n"
    );
    text
}

/// A daemon of ours, on the real store.
pub struct Embody {
    pub server: Server,
    pub tftp: SocketAddr,
    pub config_http: SocketAddr,
    pub services_http: SocketAddr,
    pub sip: SocketAddr,
    pub data: PathBuf,
}

impl Embody {
    pub async fn start(
        name: &'static str,
        program: &Path,
        core: usize,
        folder: &Path,
        more: &str,
    ) -> Self {
        let folder = folder.join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        let at = || SocketAddr::from((Ipv4Addr::LOCALHOST, free_port(Ipv4Addr::LOCALHOST)));
        let (tftp, config_http, services_http, sip, admin) = (at(), at(), at(), at(), at());
        let config = format!(
            "[listen]\naddress = \"127.0.0.1\"\ntftp = {}\nconfig_http = {}\nservices_http = {}\n\
             sccp = false\nsip = {}\nadmin_http = {}\n{more}\n",
            tftp.port(),
            config_http.port(),
            services_http.port(),
            sip.port(),
            admin.port()
        );
        fs::write(folder.join("embody.toml"), config).unwrap();
        fs::write(folder.join("site.toml"), text()).unwrap();
        let data = folder.join("data");
        let arguments = [
            "serve",
            "--config",
            "embody.toml",
            "--data",
            "data",
            "--site",
            "site.toml",
        ];
        let mut server = Server::start(name, core, &folder, program, arguments);
        // The admin port is bound last, and the site is there before any port.
        server.ready(async || listens(admin).await).await;
        Self {
            server,
            tftp,
            config_http,
            services_http,
            sip,
            data,
        }
    }
}

/// Every file of a data folder with its size and the time of its last change.
pub fn traces(data: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let mut all: Vec<_> = fs::read_dir(data)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let facts = entry.metadata().ok()?;
            Some((entry.path(), facts.len(), facts.modified().ok()?))
        })
        .collect();
    all.sort();
    all
}
