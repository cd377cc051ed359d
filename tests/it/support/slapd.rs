//! OpenLDAP's own server, on a loopback port and a folder of its own.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::tools::run;

pub const BASE: &str = "ou=people,dc=example,dc=com";
/// As whom Embody looks for entries.
pub const SERVICE: &str = "cn=embody,dc=example,dc=com";
pub const SERVICE_PASSWORD: &str = "let-me-look";
const ADMIN: &str = "cn=admin,dc=example,dc=com";
const ADMIN_PASSWORD: &str = "all-mine";

/// A server that runs, and goes away with the test.
pub struct Slapd {
    pub folder: tempfile::TempDir,
    pub port: u16,
    pub tls_port: u16,
    child: Option<Child>,
}

/// A person of the directory.
pub struct Entry<'a> {
    pub id: &'a str,
    pub password: &'a str,
    /// `employeeNumber`, which only the service may read.
    pub pin: &'a str,
}

impl Slapd {
    /// Starts one with these people, and TLS with a certificate for 127.0.0.1
    /// of an authority of its own.
    pub fn start(people: &[Entry<'_>]) -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        // Both are held until both are known.
        let (one, other) = (free(), free());
        let ports = (one.local_addr().unwrap(), other.local_addr().unwrap());
        drop((one, other));
        let mut server = Self {
            folder: tempfile::tempdir().unwrap(),
            port: ports.0.port(),
            tls_port: ports.1.port(),
            child: None,
        };
        server.prepare(people);
        server.go_up();
        server
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The authority that signed its certificate.
    pub fn authority(&self) -> PathBuf {
        self.file("ca.pem")
    }

    fn prepare(&self, people: &[Entry<'_>]) {
        certificate(self.folder.path());
        fs::create_dir(self.file("db")).unwrap();
        let folder = self.folder.path().display();
        // `allow bind_anon_dn`: the trap is open, as on other servers.
        let config = format!(
            "include /etc/ldap/schema/core.schema\n\
             include /etc/ldap/schema/cosine.schema\n\
             include /etc/ldap/schema/inetorgperson.schema\n\
             modulepath /usr/lib/ldap\nmoduleload back_mdb\n\
             allow bind_anon_dn\n\
             pidfile {folder}/pid\n\
             TLSCACertificateFile {folder}/ca.pem\n\
             TLSCertificateFile {folder}/server.pem\n\
             TLSCertificateKeyFile {folder}/server.key\n\
             database mdb\nsuffix \"dc=example,dc=com\"\n\
             rootdn \"{ADMIN}\"\nrootpw {ADMIN_PASSWORD}\n\
             directory {folder}/db\n\
             access to attrs=userPassword by anonymous auth by * none\n\
             access to attrs=employeeNumber by dn.exact=\"{SERVICE}\" read by * none\n\
             access to * by dn.exact=\"{SERVICE}\" read by anonymous auth by * none\n"
        );
        fs::write(self.file("slapd.conf"), config).unwrap();
        let mut ldif = format!(
            "dn: dc=example,dc=com\nobjectClass: dcObject\nobjectClass: organization\no: x\ndc: example\n\n\
             dn: {BASE}\nobjectClass: organizationalUnit\nou: people\n\n\
             dn: {SERVICE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n\
             cn: embody\nuserPassword: {SERVICE_PASSWORD}\n\n"
        );
        for (nth, person) in people.iter().enumerate() {
            write!(
                ldif,
                "dn: cn=p{nth},{BASE}\nobjectClass: inetOrgPerson\ncn: p{nth}\nsn: Person\n\
                 givenName: Nth\nuid: {}\nuserPassword: {}\nemployeeNumber: {}\n\n",
                person.id, person.password, person.pin
            )
            .unwrap();
        }
        fs::write(self.file("people.ldif"), ldif).unwrap();
        let added = run(
            "/usr/sbin/slapadd",
            &[
                "-f",
                self.file("slapd.conf").to_str().unwrap(),
                "-l",
                self.file("people.ldif").to_str().unwrap(),
            ],
        );
        let errors = String::from_utf8_lossy(&added.stderr);
        assert!(added.status.success(), "{errors}");
    }

    /// Starts the process, and waits until it listens.
    pub fn go_up(&mut self) {
        let listen = format!(
            "ldap://127.0.0.1:{} ldaps://127.0.0.1:{}",
            self.port, self.tls_port
        );
        let log = fs::File::create(self.file("log")).unwrap();
        let child = Command::new("/usr/sbin/slapd")
            .arg("-f")
            .arg(self.file("slapd.conf"))
            // 0 is no debugging, and it stays in the foreground.
            .args(["-h", &listen, "-d", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("slapd is needed (tests/run installs it)");
        self.child = Some(child);
        for _ in 0..400 {
            if TcpStream::connect(("127.0.0.1", self.tls_port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        let log = fs::read_to_string(self.file("log")).unwrap();
        panic!("slapd did not come up: {log}");
    }

    /// Takes its life.
    pub fn go_down(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            child.wait().unwrap();
        }
    }

    /// What OpenLDAP's own client says of a bind.
    pub fn lets_in(&self, nth: usize, password: &str) -> bool {
        let url = format!("ldap://127.0.0.1:{}", self.port);
        let dn = format!("cn=p{nth},{BASE}");
        let arguments = ["-x", "-H", &url, "-D", &dn, "-w", password];
        run("ldapwhoami", &arguments).status.success()
    }

    /// Changes an attribute of a person as the administrator.
    pub fn change(&self, nth: usize, attribute: &str, value: &str) {
        let ldif = self.file("change.ldif");
        let text = format!(
            "dn: cn=p{nth},{BASE}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"
        );
        fs::write(&ldif, text).unwrap();
        let url = format!("ldap://127.0.0.1:{}", self.port);
        let file = ldif.to_str().unwrap();
        let arguments = [
            "-x",
            "-H",
            &url,
            "-D",
            ADMIN,
            "-w",
            ADMIN_PASSWORD,
            "-f",
            file,
        ];
        let changed = run("ldapmodify", &arguments);
        let errors = String::from_utf8_lossy(&changed.stderr);
        assert!(changed.status.success(), "{errors}");
    }

    /// `[ldap]` for it.
    pub fn config(url: &str, more: &str) -> String {
        format!(
            "[ldap]\nurl = \"{url}\"\nbind_dn = \"{SERVICE}\"\nbind_password = \"{SERVICE_PASSWORD}\"\n\
             base = \"{BASE}\"\n{more}"
        )
    }

    pub fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.go_down();
    }
}

/// An authority, and a server's certificate of it for 127.0.0.1, by openssl.
pub fn certificate(folder: &Path) {
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ];
    let openssl = |arguments: &[&str]| {
        let made = run("openssl", arguments);
        let errors = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{errors}");
    };
    let (ca_key, ca) = (file("ca.key"), file("ca.pem"));
    let mut arguments = vec!["req", "-x509", "-days", "2", "-subj", "/CN=Test authority"];
    arguments.extend(key);
    arguments.extend(["-keyout", &ca_key, "-out", &ca]);
    openssl(&arguments);
    let (server_key, request, server) =
        (file("server.key"), file("server.csr"), file("server.pem"));
    let mut arguments = vec!["req", "-new", "-subj", "/CN=Test directory"];
    arguments.extend(key);
    arguments.extend(["-keyout", &server_key, "-out", &request]);
    openssl(&arguments);
    let names = file("names");
    fs::write(&names, "subjectAltName = IP:127.0.0.1\n").unwrap();
    openssl(&[
        "x509",
        "-req",
        "-days",
        "2",
        "-in",
        &request,
        "-CA",
        &ca,
        "-CAkey",
        &ca_key,
        "-CAcreateserial",
        "-extfile",
        &names,
        "-out",
        &server,
    ]);
}
