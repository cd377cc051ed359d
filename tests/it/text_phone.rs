//! A 7960 with its SIP load (P0S3): it boots from `SIP<MAC>.cnf`, registers
//! line by line over UDP, and reboots when `syncinfo.xml` says so. TFTP is
//! curl's; what the phone says is written here from the *Cisco SIP IP Phone
//! 7960 Administrator Guide* and RFC 3261.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use serde_json::json;

use crate::support::phones::{is_right, until};
use crate::support::tools::run;
use crate::support::{Daemon, Site};

const DEVICE: &str = "SEP003094C2A1B0";

const SITE: &str = r#"
version = 1
[[phone]]
name = "SEP003094C2A1B0"
model = "7960"
protocol = "sip"
extension_mobility = true
line = [{ number = "1001", label = "Lobby" }]
[[profile]]
name = "alice"
model = "7960"
line = [{ number = "2001", label = "Alice" }, { number = "2002" }]
speed_dial = [{ number = "3001", label = "Bob" }]
[[user]]
id = "alice"
pin = "58213"
profiles = ["alice"]
"#;

struct Phone<'a> {
    daemon: &'a Daemon,
    socket: UdpSocket,
    sequence: u32,
}

impl<'a> Phone<'a> {
    fn plug_in(daemon: &'a Daemon) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let patience = Some(Duration::from_secs(40));
        socket.set_read_timeout(patience).unwrap();
        Self {
            daemon,
            socket,
            sequence: 100,
        }
    }

    /// A file over TFTP; `None` when it is not found.
    fn fetches(&self, name: &str) -> Option<String> {
        let url = format!("tftp://{}/{name}", self.daemon.ports.tftp);
        let output = run("curl", &["-s", "--tftp-no-options", &url]);
        // 68: "file not found on TFTP server".
        match output.status.code() {
            Some(0) => Some(String::from_utf8(output.stdout).unwrap()),
            Some(68) => None,
            other => panic!("{name}: curl ended with {other:?}"),
        }
    }

    /// The universal loader looks for both files: what it finds first picks the
    /// protocol.
    fn boots(&self) -> String {
        let xml = format!("{DEVICE}.cnf.xml");
        assert_eq!(self.fetches(&format!("CTL{DEVICE}.tlv")), None);
        assert_eq!(self.fetches(&xml), None, "that would make it an SCCP phone");
        let file = self.fetches(&format!("SIP{}.cnf", &DEVICE[3..])).unwrap();
        let common = self.fetches("SIPDefault.cnf").unwrap();
        assert_eq!(setting(&common, "sync").as_deref(), Some("0"));
        file
    }

    /// Registers each line of the file, as the load does.
    fn registers(&mut self, file: &str) {
        for line in 1..=6 {
            let name = setting(file, &format!("line{line}_name")).unwrap();
            if name == "UNPROVISIONED" {
                continue;
            }
            let server = setting(file, &format!("proxy{line}_address")).unwrap();
            let port = setting(file, &format!("proxy{line}_port")).unwrap();
            let server: SocketAddr = format!("{server}:{port}").parse().unwrap();
            assert_eq!(server, self.daemon.ports.sip, "where the file sends it");
            let answer = self.insists(&name, line, server);
            assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
        }
    }

    /// Registers a line, again while it is not known: it may be here before the
    /// last acknowledgement of its file was read, by which a phone that nobody
    /// configured is let in.
    fn insists(&mut self, name: &str, line: u8, server: SocketAddr) -> String {
        let mut answer = String::new();
        for _ in 0..400 {
            self.sequence += 1;
            let request = self.register(name, line);
            self.socket.send_to(request.as_bytes(), server).unwrap();
            answer = self.hears();
            if !answer.starts_with("SIP/2.0 404") {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        answer
    }

    fn register(&self, name: &str, line: u8) -> String {
        let own = self.socket.local_addr().unwrap();
        let mac = DEVICE[3..].to_lowercase();
        format!(
            "REGISTER sip:{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK{mac}{line}{sequence}\r\n\
             From: <sip:{name}@{server}>;tag={mac}000{line}{sequence}\r\n\
             To: <sip:{name}@{server}>\r\n\
             Call-ID: {head}-{tail}000{line}-15b2c3d4-{sequence}@127.0.0.1\r\n\
             Max-Forwards: 70\r\n\
             CSeq: {sequence} REGISTER\r\n\
             User-Agent: Cisco-CP7960G/8.0\r\n\
             Contact: <sip:{name}@{own};user=phone;transport=udp>;+sip.instance=\"<urn:uuid:\
             00000000-0000-0000-0000-{mac}>\";+u.sip!model.ccm.cisco.com=\"7\"\r\n\
             Content-Length: 0\r\nExpires: 3600\r\n\r\n",
            server = self.daemon.ports.sip.ip(),
            sequence = self.sequence,
            head = &mac[..8],
            tail = &mac[8..],
        )
    }

    fn hears(&self) -> String {
        let mut buffer = [0; 4096];
        let (length, _) = self.socket.recv_from(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    /// Waits until it is told to check its configuration, and says that it will.
    fn is_told_to_check(&self) {
        loop {
            let request = self.hears();
            if !request.starts_with("NOTIFY ") {
                continue;
            }
            let mut ok = "SIP/2.0 200 OK\r\n".to_owned();
            for line in request.lines() {
                let echoed = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
                if echoed.iter().any(|name| line.starts_with(name)) {
                    ok.push_str(line);
                    ok.push_str("\r\n");
                }
            }
            ok.push_str("Content-Length: 0\r\n\r\n");
            let server = self.daemon.ports.sip;
            self.socket.send_to(ok.as_bytes(), server).unwrap();
            if request.contains("\r\nEvent: check-sync\r\n") {
                return;
            }
        }
    }

    /// After twenty idle seconds it compares, and reboots when they differ.
    fn reboots(&mut self) -> String {
        let sync = self.fetches("syncinfo.xml").unwrap();
        assert!(sync.contains("SYNC=\"1\""), "another than its 0: {sync}");
        let file = self.boots();
        self.registers(&file);
        file
    }
}

fn setting(file: &str, name: &str) -> Option<String> {
    let start = format!("{name}: ");
    let line = file.lines().find_map(|line| line.strip_prefix(&start))?;
    Some(line.trim_matches('"').to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_7960_with_its_sip_load_becomes_alice_s_and_is_a_bare_desk_again() {
    let daemon = Daemon::start(Site::Text(SITE.to_owned()));
    let mut phone = Phone::plug_in(&daemon);
    let bare = phone.boots();
    assert_eq!(setting(&bare, "line1_name").as_deref(), Some("1001"));
    phone.registers(&bare);
    until("the bare desk", || is_right(&daemon, DEVICE)).await;

    let menu = setting(&bare, "services_url").unwrap();
    assert!(menu.ends_with(&format!("getservicesmenu.jsp?name={DEVICE}")));
    let (status, _) = daemon.admin().post(
        &format!("/phones/{DEVICE}/login"),
        &json!({ "user": "alice" }),
    );
    assert_eq!(status, 200);
    phone.is_told_to_check();
    let hers = phone.reboots();
    assert_eq!(setting(&hers, "line1_name").as_deref(), Some("2001"));
    assert_eq!(setting(&hers, "line2_name").as_deref(), Some("2002"));
    assert_eq!(setting(&hers, "speed_line1").as_deref(), Some("3001"));
    until("hers", || is_right(&daemon, DEVICE)).await;

    let (status, _) = daemon
        .admin()
        .post(&format!("/phones/{DEVICE}/logout"), &json!({}));
    assert_eq!(status, 200);
    phone.is_told_to_check();
    assert_eq!(phone.reboots(), bare, "nothing of hers is left");
    until("a bare desk again", || is_right(&daemon, DEVICE)).await;
}

/// Old loads ask for no other file.
#[tokio::test(flavor = "multi_thread")]
async fn a_7960_with_an_old_sip_load_that_nobody_configured_gets_a_number() {
    let site = "version = 1\n[parameters.auto_registration]\nenabled = true\n\
                starting_directory_number = \"2900\"\nending_directory_number = \"2909\"\n";
    let daemon = Daemon::start(Site::Text(site.to_owned()));
    let mut phone = Phone::plug_in(&daemon);
    assert_eq!(phone.fetches("OS79XX.TXT"), None);
    assert!(phone.fetches("SIPDefault.cnf").is_some());
    let first = phone.fetches(&format!("SIP{}.cnf", &DEVICE[3..])).unwrap();
    assert_eq!(setting(&first, "line1_name").as_deref(), Some(DEVICE));
    phone.registers(&first);
    phone.is_told_to_check();
    let own = phone.reboots();
    assert_eq!(setting(&own, "line1_name").as_deref(), Some("2900"));
    until("its own file", || is_right(&daemon, DEVICE)).await;
}

/// Over UDP an address is what the sender wrote.
#[tokio::test(flavor = "multi_thread")]
async fn who_took_no_file_does_not_register_by_himself_over_udp() {
    let site = "version = 1\n[parameters.auto_registration]\nenabled = true\n\
                starting_directory_number = \"2900\"\nending_directory_number = \"2909\"\n";
    let daemon = Daemon::start(Site::Text(site.to_owned()));
    let mut phone = Phone::plug_in(&daemon);
    phone.sequence += 1;
    let request = phone.register(DEVICE, 1);
    phone
        .socket
        .send_to(request.as_bytes(), daemon.ports.sip)
        .unwrap();
    let answer = phone.hears();
    assert!(answer.starts_with("SIP/2.0 404"), "{answer}");
    assert!(
        answer.len() <= 2 * request.len(),
        "and its answer is no flood"
    );
    assert_eq!(daemon.admin().get("/newcomers").1["waiting"], json!([]));
    let why = String::from_utf8(daemon.command(&["why", DEVICE]).stdout).unwrap();
    assert!(why.contains("it took no file from here"), "{why}");
}
