//! Other people's SIP programs against the real daemon: sipp and baresip
//! register, sipsak asks, Wireshark reads what goes over UDP.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use embody::handset::Kind;

use crate::support::daemon::{private_folder, sample_site};
use crate::support::phones::{open, plug_in, registered, submit, until};
use crate::support::tools::{curl, run};
use crate::support::{Daemon, Site};
use crate::wireshark::{Capture, dissect};

/// Phones of the site that sipp plays.
const PHONES: u32 = 20;

/// A site of phones with one line each, 3001 and on.
fn site() -> String {
    let mut site = "version = 1\n".to_owned();
    for number in 1..=PHONES {
        write!(
            site,
            "[[phone]]\nname = \"{}\"\nmodel = \"8841\"\nprotocol = \"sip\"\n\
             line = [{{ number = \"{}\" }}]\n",
            device(number),
            3000 + number
        )
        .unwrap();
    }
    site
}

fn device(number: u32) -> String {
    format!("SEP0050560000{number:02X}")
}

/// The secret that stands in a phone's file.
fn secret(daemon: &Daemon, device: &str) -> String {
    let file = curl(&[&format!(
        "http://{}/{device}.cnf.xml",
        daemon.ports.config_http
    )]);
    let (_, rest) = file.split_once("<authPassword>").expect("a file");
    rest.split_once('<').unwrap().0.to_owned()
}

/// One REGISTER of sipp's scenario.
fn register(cseq: u32, more: &str) -> String {
    format!(
        "<send retrans=\"500\"><![CDATA[\n\nREGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n\
         Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70\n\
         From: <sip:[field0]@[remote_ip]>;tag=[call_number]\nTo: <sip:[field0]@[remote_ip]>\n\
         Call-ID: [call_id]\nCSeq: {cseq} REGISTER\n\
         Contact: <sip:[field0]@[local_ip]:[local_port];transport=[transport]>\n{more}\
         Expires: 120\nContent-Length: 0\n\n]]></send>\n"
    )
}

/// Plays `calls` phones over `transport`; each registers and refreshes.
fn sipp(daemon: &Daemon, folder: &Path, transport: &str, calls: u32, digest: bool) {
    let proof =
        "<recv response=\"100\" optional=\"true\"/><recv response=\"401\" auth=\"true\"/>\n";
    let ok = "<recv response=\"100\" optional=\"true\"/><recv response=\"200\"/>\n";
    let mut scenario =
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"r\">\n".to_owned();
    if digest {
        scenario += &(register(1, "") + proof + &register(2, "[field1]\n") + ok);
    } else {
        scenario += &(register(1, "") + ok + &register(2, "") + ok);
    }
    scenario += "</scenario>\n";
    let mut users = "SEQUENTIAL\n".to_owned();
    for number in 1..=calls {
        let device = device(number);
        let password = secret(daemon, &device);
        writeln!(
            users,
            "{};[authentication username={device} password={password}]",
            3000 + number
        )
        .unwrap();
    }
    let (scenario_file, users_file) = (folder.join("register.xml"), folder.join("users.csv"));
    fs::write(&scenario_file, scenario).unwrap();
    fs::write(&users_file, users).unwrap();
    let calls = calls.to_string();
    let output = Command::new("sipp")
        .arg(daemon.ports.sip.to_string())
        .args([
            "-i",
            "127.0.0.1",
            "-t",
            transport,
            "-m",
            &calls,
            "-l",
            &calls,
        ])
        .args(["-r", "50", "-nostdin", "-timeout", "40", "-timeout_error"])
        .args(["-max_socket", "100", "-trace_msg", "-message_file", "said"])
        .arg("-sf")
        .arg(&scenario_file)
        .arg("-inf")
        .arg(&users_file)
        .current_dir(folder)
        .env("TERM", "dumb")
        .stdin(Stdio::null())
        .output()
        .expect("sipp is needed (tests/run installs it)");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr)
        + &fs::read_to_string(folder.join("said")).unwrap_or_default();
    assert!(output.status.success(), "-t {transport}: {said}");
}

fn count_registered(daemon: &Daemon) -> u64 {
    daemon.status()["registered"].as_u64().unwrap()
}

#[test]
fn sipp_registers_over_udp_and_tcp_with_and_without_digest() {
    for digest in [true, false] {
        // One socket for all, one for each.
        for (transport, calls) in [("u1", PHONES), ("un", PHONES), ("t1", 1), ("tn", PHONES)] {
            let config = format!("[sip]\ndigest = {digest}\n");
            let daemon = Daemon::start_with(Site::Text(site()), &config, &[]);
            let folder = private_folder();
            sipp(&daemon, folder.path(), transport, calls, digest);
            if transport.starts_with('u') {
                // Connections end with sipp; datagrams have no end.
                assert_eq!(count_registered(&daemon), u64::from(calls), "{transport}");
            }
        }
    }
}

/// baresip with one account, until it is dropped.
struct Baresip(Child);

impl Baresip {
    fn start(folder: &Path, account: &str) -> Self {
        fs::write(
            folder.join("config"),
            "module_path /usr/lib/baresip/modules\nsip_listen 127.0.0.1:0\nmodule stdio.so\n\
             module_app account.so\nmodule_app menu.so\n",
        )
        .unwrap();
        fs::write(folder.join("accounts"), format!("{account}\n")).unwrap();
        let log = fs::File::create(folder.join("log")).unwrap();
        let child = Command::new("baresip")
            .arg("-s")
            .arg("-f")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("baresip is needed (tests/run installs it)");
        Self(child)
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_registers_and_survives_an_order() {
    for (transport, digest) in [("udp", true), ("udp", false), ("tcp", true)] {
        let config = format!("[sip]\ndigest = {digest}\n");
        let daemon = Daemon::start_with(Site::Text(site()), &config, &[]);
        let folder = private_folder();
        let device = device(1);
        let password = secret(&daemon, &device);
        // It says nothing of itself: it is known by the user of its
        // credentials, or as the only phone with its line.
        let account = format!(
            "<sip:3001@{};transport={transport}>;auth_user={device};auth_pass={password};regint=60",
            daemon.ports.sip
        );
        let mut baresip = Baresip::start(folder.path(), &account);
        until("baresip registered", || count_registered(&daemon) == 1).await;
        daemon.says(&["restart", &device]);
        let log = || fs::read_to_string(folder.path().join("log")).unwrap();
        until("the order in baresip's trace", || {
            log().contains("Event: service-control")
        })
        .await;
        until("what became of the order in the timeline", || {
            let (status, timeline) = daemon.admin().get(&format!("/phones/{device}/timeline"));
            assert_eq!(status, 200);
            let timeline = timeline.to_string();
            ["order-accepted", "order-refused"]
                .iter()
                .any(|told| timeline.contains(told))
        })
        .await;
        assert!(baresip.0.try_wait().unwrap().is_none(), "{}", log());
        assert_eq!(count_registered(&daemon), 1);
    }
}

#[test]
fn sipsak_is_told_what_is_allowed() {
    let daemon = Daemon::start(Site::Sample);
    let SocketAddr::V4(at) = daemon.ports.sip else {
        panic!("IPv4");
    };
    let output = run("sipsak", &["-vv", "-s", &format!("sip:{at}")]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("SIP/2.0 200 OK"), "{said}");
}

/// The sample site with a 7961 whose load speaks SIP, and a file that tells
/// it to do so over UDP.
fn udp_phones() -> (Daemon, tempfile::TempDir) {
    let configs = private_folder();
    let templates = configs.path().join("templates");
    fs::create_dir(&templates).unwrap();
    let name = "sip-long.xml.j2";
    let own = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("phone-configs/templates")
        .join(name);
    let template = fs::read_to_string(own).unwrap();
    let (tcp, udp) = ("<transportLayerProtocol>1<", "<transportLayerProtocol>2<");
    assert!(template.contains(tcp));
    fs::write(templates.join(name), template.replace(tcp, udp)).unwrap();
    let config = format!(
        "[files]\nphone_configs = \"{}\"\n[sip]\ntransports = [\"udp\"]\ndigest = true\n",
        configs.path().display()
    );
    let site = sample_site().replacen(
        "model = \"7961\"\nprotocol = \"sccp\"",
        "model = \"7961\"\nprotocol = \"sip\"",
        1,
    );
    (Daemon::start_with(Site::Text(site), &config, &[]), configs)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_over_udp_is_what_wireshark_reads() {
    let (daemon, _configs) = udp_phones();
    let capture = Capture::start(&daemon);
    let phone = plug_in(&daemon, Kind::Cisco7961Sip);
    registered(&phone, 1).await;
    open(&phone).await;
    submit(&phone, "alice", "58213").await;
    phone.choose("alice-desk").await.unwrap();
    registered(&phone, 2).await;
    assert_eq!(phone.orders_received().restarts, 1);
    open(&phone).await;
    phone.soft_key("Yes").await.unwrap();
    registered(&phone, 3).await;
    assert_eq!(phone.faults(), []);
    // Let the last answers come before the plug is pulled.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let traffic = phone.traffic();
    let file = capture.stop();
    phone.power_off().await;

    let sip = dissect(&daemon, &file, "sip && udp", "sip.CSeq");
    let said = usize::try_from(traffic.sip_sent + traffic.sip_received).unwrap();
    // What was repeated is in the capture, and nothing of it in the counts.
    assert!(sip.len() >= said && said > 20, "{} of {said}", sip.len());
    let orders = dissect(&daemon, &file, "sip.Method == \"NOTIFY\"", "sip.Event");
    assert!(orders.len() >= 2, "{orders:?}");
    assert!(orders.iter().all(|event| event == "service-control"));
    let malformed = dissect(&daemon, &file, "_ws.malformed", "frame.protocols");
    assert!(malformed.is_empty(), "{malformed:?}");
}
