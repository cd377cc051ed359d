//! Wireshark's dissectors read the whole login story of all phones, in both
//! loads of the 7961: as many messages as were sent, none malformed.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use embody::handset::{Handset, Kind, Traffic};

use crate::support::phones::{open, plug_in, registered, submit};
use crate::support::tools::run;
use crate::support::{Daemon, Site};

/// A capture on the loopback interface.
pub(crate) struct Capture {
    child: Child,
    file: std::path::PathBuf,
}

impl Capture {
    /// Starts, and waits until packets are really taken: a capture that begins
    /// late would miss the first messages.
    pub(crate) fn start(daemon: &Daemon) -> Self {
        let ports = &daemon.ports;
        let tcp = [
            ports.config_http,
            ports.services_http,
            ports.sccp,
            ports.sip,
        ];
        let tcp: Vec<String> = tcp
            .iter()
            .map(|at| format!("tcp port {}", at.port()))
            .collect();
        // TFTP answers come from ports of their own.
        let filter = format!("({}) or (udp and net 127.0.0.0/8)", tcp.join(" or "));
        let file = daemon.folder.path().join("story.pcapng");
        let child = Command::new("tshark")
            .args(["-q", "-i", "lo", "-B", "64", "-f", &filter, "-w"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tshark is needed (tests/run installs it)");
        let mut capture = Self { child, file };
        capture.wait_for(daemon);
        capture
    }

    /// Knocks on the TFTP port until a knock is in the file.
    fn wait_for(&mut self, daemon: &Daemon) {
        let knock = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..400 {
            knock
                .send_to(b"\0\x01knock\0octet\0", daemon.ports.tftp)
                .unwrap();
            std::thread::sleep(Duration::from_millis(25));
            if std::fs::metadata(&self.file).is_ok_and(|file| file.len() > 1000) {
                return;
            }
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "tshark cannot capture on lo"
            );
        }
        panic!("the capture took nothing");
    }

    /// Waits until the last packet is written, then ends.
    pub(crate) fn stop(mut self) -> std::path::PathBuf {
        let mut last = 0;
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(200));
            let now = std::fs::metadata(&self.file).map_or(0, |file| file.len());
            if now == last {
                break;
            }
            last = now;
        }
        let pid = self.child.id().to_string();
        let _ = run("kill", &["-INT", &pid]);
        self.child.wait().unwrap();
        self.file.clone()
    }
}

/// Dissects with every port named.
pub(crate) fn dissect(daemon: &Daemon, file: &Path, filter: &str, field: &str) -> Vec<String> {
    let ports = &daemon.ports;
    let output = run(
        "tshark",
        &[
            "-r",
            file.to_str().unwrap(),
            "-d",
            &format!("tcp.port=={},skinny", ports.sccp.port()),
            "-d",
            &format!("tcp.port=={},sip", ports.sip.port()),
            "-d",
            &format!("udp.port=={},sip", ports.sip.port()),
            "-d",
            &format!("tcp.port=={},http", ports.config_http.port()),
            "-d",
            &format!("tcp.port=={},http", ports.services_http.port()),
            "-d",
            &format!("udp.port=={},tftp", ports.tftp.port()),
            "-Y",
            filter,
            "-T",
            "fields",
            "-E",
            "occurrence=a",
            "-E",
            "aggregator=;",
            "-e",
            field,
        ],
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .flat_map(|line| line.split(';'))
        .map(str::to_owned)
        .collect()
}

/// From where, to where, what, which block, and which file.
type Datagram = [String; 5];

/// Those of TFTP between the phones and this daemon, without our own knocking
/// and its answers. What runs beside on this host is captured too: a datagram
/// is ours when its client has asked our port for a file.
fn datagrams(daemon: &Daemon, file: &Path) -> Vec<Datagram> {
    let fields = [
        "ip.src",
        "udp.srcport",
        "ip.dst",
        "udp.dstport",
        "tftp.opcode",
        "tftp.block",
        "tftp.source_file",
    ];
    let mut columns = fields.map(|field| dissect(daemon, file, "tftp", field).into_iter());
    let rows = std::iter::from_fn(|| {
        let row = columns.each_mut().map(Iterator::next);
        let is_whole = row.iter().all(Option::is_some);
        is_whole.then(|| row.map(Option::unwrap_or_default))
    });
    let rows: Vec<Datagram> = rows
        .map(|[src, from, dst, to, what, block, name]| {
            [
                format!("{src}:{from}"),
                format!("{dst}:{to}"),
                what,
                block,
                name,
            ]
        })
        .collect();
    let server = daemon.ports.tftp.to_string();
    let asks = |row: &&Datagram| row[1] == server && row[4] != "knock";
    let clients: HashSet<String> = rows.iter().filter(asks).map(|row| row[0].clone()).collect();
    rows.into_iter()
        .filter(|row| row[..2].iter().any(|end| clients.contains(end)))
        .collect()
}

/// Messages that were captured, each way in turn: what each is.
struct Messages {
    from_phones: Vec<String>,
    to_phones: Vec<String>,
}

fn messages(daemon: &Daemon, file: &Path, protocol: &str, port: u16, what: &str) -> Messages {
    let to = |end: &str| {
        let filter = format!("{protocol} and tcp.{end}port == {port}");
        dissect(daemon, file, &filter, what)
    };
    Messages {
        from_phones: to("dst"),
        to_phones: to("src"),
    }
}

impl Messages {
    /// Whether they are those that the phones counted: each that they sent, and
    /// each that they heard. A phone whose plug was pulled has not heard what
    /// was on its way then; of that there may only be answers to what phones
    /// say when their time has come.
    fn are_all(&self, sent: usize, heard: usize, timed: &[&str]) {
        assert_eq!(self.from_phones.len(), sent, "messages from phones");
        let unheard = self.to_phones.get(heard..);
        let unheard = unheard.unwrap_or_else(|| panic!("{} < {heard}", self.to_phones.len()));
        assert!(
            unheard.iter().all(|what| timed.contains(&what.as_str())),
            "{heard} were heard, and besides: {unheard:?}"
        );
    }
}

/// Waits until the phones have said and heard nothing for a while.
async fn silence(phones: &[Handset]) {
    let traffic = || phones.iter().map(Handset::traffic).collect::<Vec<_>>();
    let (mut last, mut quiet) = (traffic(), 0);
    for _ in 0..1000 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let now = traffic();
        quiet = if now == last { quiet + 1 } else { 0 };
        if quiet == 50 {
            return;
        }
        last = now;
    }
    panic!("the phones are never silent");
}

async fn login_story(daemon: &Daemon) -> Vec<Handset> {
    let mut phones: Vec<Handset> = Vec::new();
    for (kind, user, pin) in [
        (Kind::Cisco7960, "bob", "31415"),
        (Kind::Cisco7961, "alice", "58213"),
        (Kind::Cisco8841, "carol", "27182"),
        (Kind::Cisco7961Sip, "alice", "58213"),
    ] {
        if kind == Kind::Cisco7961Sip {
            // The same desk, after somebody gave its phone the other load.
            phones[1].power_off().await;
        }
        let phone = plug_in(daemon, kind);
        registered(&phone, 1).await;
        open(&phone).await;
        submit(&phone, user, pin).await;
        if user == "alice" {
            phone.choose("alice-desk").await.unwrap();
        }
        // Carol's language differs: a restart, then a reset.
        let orders = if user == "carol" { 2 } else { 1 };
        registered(&phone, 1 + orders).await;
        open(&phone).await;
        let yes = if user == "carol" { "Ja" } else { "Yes" };
        phone.soft_key(yes).await.unwrap();
        registered(&phone, 1 + 2 * orders).await;
        // Its first file is still one for the load that the desk had before.
        let before = usize::from(kind == Kind::Cisco7961Sip);
        assert!(phone.faults().len() <= before, "{:?}", phone.faults());
        phones.push(phone);
    }
    phones
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_of_the_login_story_is_dissected_and_none_is_malformed() {
    let daemon = Daemon::start(Site::Sample);
    let capture = Capture::start(&daemon);
    let phones = login_story(&daemon).await;
    // What is on the way comes before the plugs are pulled; then nobody says
    // anything more, and all that was said is still captured.
    silence(&phones).await;
    for phone in &phones {
        phone.power_off().await;
    }
    let file = capture.stop();
    let traffic: Vec<Traffic> = phones.iter().map(Handset::traffic).collect();
    let sum = |of: fn(&Traffic) -> u64| -> usize {
        usize::try_from(traffic.iter().map(of).sum::<u64>()).unwrap()
    };

    let (sccp, sip) = (daemon.ports.sccp.port(), daemon.ports.sip.port());
    let skinny = messages(&daemon, &file, "skinny", sccp, "skinny.messageId");
    skinny.are_all(sum(|t| t.sccp_sent), sum(|t| t.sccp_received), &["256"]);
    let sip = messages(&daemon, &file, "sip", sip, "sip.CSeq.method");
    sip.are_all(sum(|t| t.sip_sent), sum(|t| t.sip_received), &["REGISTER"]);
    let http = dissect(&daemon, &file, "http.request", "http.request.uri");
    assert_eq!(
        http.len(),
        sum(|t| t.http_requests),
        "HTTP requests: {http:?}"
    );
    let answers = dissect(&daemon, &file, "http.response", "http.response.code");
    assert_eq!(answers.len(), http.len(), "each is answered");
    let tftp = datagrams(&daemon, &file);
    // On a slow machine some are repeated, and come too late to be heard.
    let once: HashSet<&Datagram> = tftp.iter().collect();
    let heard = sum(|t| t.tftp_sent + t.tftp_received);
    assert!(
        (once.len()..=tftp.len()).contains(&heard),
        "TFTP packets: {heard} of {}, {} without repeated ones",
        tftp.len(),
        once.len()
    );
    for (what, count) in [
        ("SCCP", skinny.to_phones.len()),
        ("SIP", sip.to_phones.len()),
        ("TFTP", tftp.len()),
    ] {
        assert!(count > 20, "{what}: {count}");
    }

    let malformed = dissect(&daemon, &file, "_ws.malformed", "frame.protocols");
    assert!(malformed.is_empty(), "{malformed:?}");
    let mut resets: BTreeMap<String, usize> = BTreeMap::new();
    for kind in dissect(&daemon, &file, "skinny.resetType", "skinny.resetType") {
        *resets.entry(kind).or_default() += 1;
    }
    assert_eq!(
        resets.values().sum::<usize>(),
        4,
        "two SCCP phones, in and out: {resets:?}"
    );
}
