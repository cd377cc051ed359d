//! A daemon in this process, and clients that get into trouble with it.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use embody::app::{Config, Listen, Options, Running, SystemClock, start};
use embody::handset::{Handset, Pace, Profile, Servers};
use embody::model::{DeviceName, Timestamp};
use embody::ports::{BoxFuture, Clock, Presence};
use serde_json::{Value, json};

use crate::skinny_phone::Phone;
use crate::support::admin::Admin;
use crate::support::daemon::{private_folder, sample_site};
use crate::support::phones::until;

/// The 7960, the 7961 and the 8841 of the sample site.
pub const LOBBY: &str = "SEP001122334455";
pub const DESK: &str = "SEP001122334466";
pub const ROOM: &str = "SEP001122334477";

/// The machine's clock, set forward.
struct Forward {
    clock: SystemClock,
    by: AtomicI64,
}

impl Clock for Forward {
    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now().0 + self.by.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        self.clock.sleep_until(at)
    }
}

pub struct House {
    running: Running,
    pub admin: Admin,
    clock: Arc<Forward>,
    config: Config,
    folder: tempfile::TempDir,
}

impl House {
    pub async fn open() -> Self {
        Self::open_with(|_| {}, &[]).await
    }

    /// With other settings, and with these files in the folder of static ones.
    pub async fn open_with(set: impl FnOnce(&mut Config), files: &[&str]) -> Self {
        let folder = private_folder();
        let clock = Arc::new(Forward {
            clock: SystemClock::new(),
            by: AtomicI64::new(0),
        });
        let mut config = Config {
            listen: Listen::free_ports(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            ..Config::default()
        };
        config.files.folder = Some(shelf(folder.path(), files));
        set(&mut config);
        Self::start(config, clock, folder).await
    }

    async fn start(config: Config, clock: Arc<Forward>, folder: tempfile::TempDir) -> Self {
        let data = folder.path().join("data");
        let options = Options {
            config: config.clone(),
            data: data.clone(),
            // It fills an empty store, and is nothing to one that is not.
            site: Some(("site.toml".to_owned(), sample_site())),
        };
        let running = start(options, Arc::clone(&clock) as Arc<dyn Clock>).await;
        Self {
            running: running.unwrap(),
            admin: Admin::of(&data),
            clock,
            config,
            folder,
        }
    }

    /// Stops it and starts it again on the same store, with a catalogue that an
    /// operator wrote.
    pub async fn again_with_catalogue(self, catalogue: &str) -> Self {
        let Self {
            running,
            clock,
            mut config,
            folder,
            ..
        } = self;
        running.stop().await;
        let configs = folder.path().join("phone-configs");
        std::fs::create_dir(&configs).unwrap();
        std::fs::write(configs.join("catalogue.toml"), catalogue).unwrap();
        config.files.phone_configs = Some(configs);
        Self::start(config, clock, folder).await
    }

    /// A virtual phone with an address of its own.
    pub fn plug_in(&self, profile: Profile, at: [u8; 4]) -> Handset {
        let servers = Servers {
            tftp: self.port("tftp"),
            config_http: Some(self.port("config_http")),
            bind: Some(at.into()),
        };
        Handset::spawn(profile, servers, Pace::default())
    }

    pub fn is_in_call(&self, who: &str) -> bool {
        let device = DeviceName::new(who).unwrap();
        let registration = self.running.registry.registration(&device);
        registration.is_some_and(|registration| registration.in_call)
    }

    /// Signs somebody in, as an operator does.
    pub fn login(&self, who: &str, user: &str) {
        let said = self
            .admin
            .post(&format!("/phones/{who}/login"), &json!({"user": user}));
        assert_eq!(said.0, 200, "{}", said.1);
    }

    pub fn later(&self, seconds: i64) {
        self.clock.by.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn port(&self, name: &str) -> SocketAddr {
        self.running.address(name).unwrap()
    }

    fn answer(&self, who: &str) -> Value {
        let (status, answer) = self.admin.get(&format!("/phones/{who}/why"));
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub fn verdict(&self, who: &str) -> String {
        let answer = self.answer(who);
        answer["diagnosis"]["verdict"].as_str().unwrap().to_owned()
    }

    /// The rules of what is found, the gravest first.
    pub fn rules(&self, who: &str) -> Vec<String> {
        let answer = self.answer(who);
        let phone = answer["diagnosis"]["findings"].as_array();
        let findings = phone.or(answer["findings"].as_array()).unwrap();
        let rule = |finding: &Value| finding["rule"].as_str().unwrap().to_owned();
        findings.iter().map(rule).collect()
    }

    pub fn finds_no(&self, who: &str, rule: &str) {
        let rules = self.rules(who);
        assert!(!rules.iter().any(|found| found == rule), "{who}: {rules:?}");
    }

    /// Waits until `rule` is found and what was seen has come to `word`.
    pub async fn says(&self, who: &str, rule: &str, word: &str) {
        until(&format!("{rule} of {who} that says {word:?}"), || {
            let answer = self.answer(who);
            let phone = answer["diagnosis"]["findings"].as_array();
            let mut findings = phone.or(answer["findings"].as_array()).unwrap().iter();
            findings.any(|finding| {
                finding["rule"] == rule && finding["seen"].as_str().unwrap().contains(word)
            })
        })
        .await;
    }

    /// How often something stands in what is told of a phone.
    pub fn told(&self, who: &str, what: &str) -> usize {
        let (_, timeline) = self.admin.get(&format!("/phones/{who}/timeline"));
        timeline["events"].to_string().matches(what).count()
    }

    /// Waits until `rule` is found, and that its three parts are in the text for
    /// people and hold all of `words`.
    pub async fn finds(&self, who: &str, rule: &str, words: &[&str]) -> Value {
        until(&format!("{rule} of {who}"), || {
            self.rules(who).iter().any(|found| found == rule)
        })
        .await;
        let answer = self.answer(who);
        let phone = answer["diagnosis"]["findings"].as_array();
        let mut findings = phone.or(answer["findings"].as_array()).unwrap().iter();
        let finding = findings.find(|finding| finding["rule"] == rule).unwrap();
        let part = |name: &str| finding[name].as_str().unwrap().to_owned();
        let parts = [part("seen"), part("means"), part("do")];
        let text = answer["text"].as_str().unwrap();
        for part in &parts {
            assert!(part.ends_with(['.', '?', '`', ')']), "a sentence: {part:?}");
            assert!(text.contains(part.as_str()), "{part:?} in {text}");
        }
        for word in words {
            assert!(parts.concat().contains(word), "{word:?} in {parts:#?}");
        }
        finding.clone()
    }

    /// Asks for a file over TFTP and takes it whole; whether it was there.
    pub fn tftp(&self, from: [u8; 4], name: &str) -> bool {
        let Some((socket, mut block, peer)) = self.first_block(from, name) else {
            return false;
        };
        loop {
            socket.send_to(&[0, 4, block[2], block[3]], peer).unwrap();
            if block.len() < 516 {
                return true;
            }
            let mut buffer = [0; 600];
            let (length, _) = heard(&socket, &mut buffer);
            block = buffer[..length].to_vec();
        }
    }

    /// Asks for a file and says nothing to the first block of it.
    pub fn tftp_silent(&self, from: [u8; 4], name: &str) {
        assert!(self.first_block(from, name).is_some());
    }

    /// Asks for a file and answers its first block with an error.
    pub fn tftp_turned_away(&self, from: [u8; 4], name: &str, error: &[u8]) {
        let (socket, _, peer) = self.first_block(from, name).unwrap();
        socket.send_to(error, peer).unwrap();
    }

    fn first_block(&self, from: [u8; 4], name: &str) -> Option<(UdpSocket, Vec<u8>, SocketAddr)> {
        let socket = UdpSocket::bind((Ipv4Addr::from(from), 0)).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let mut request = vec![0, 1];
        request.extend_from_slice(name.as_bytes());
        request.extend_from_slice(b"\0octet\0");
        socket.send_to(&request, self.port("tftp")).unwrap();
        let mut buffer = [0; 600];
        let (length, peer) = heard(&socket, &mut buffer);
        let block = buffer[..length].to_vec();
        (block[1] == 3).then_some((socket, block, peer))
    }

    pub fn connect(&self, from: [u8; 4], port: &str) -> TcpStream {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let socket = socket.unwrap();
        let own = SocketAddr::new(IpAddr::V4(Ipv4Addr::from(from)), 0);
        socket.bind(&own.into()).unwrap();
        socket.connect(&self.port(port).into()).unwrap();
        TcpStream::from(socket)
    }

    pub fn sccp(&self, from: [u8; 4]) -> Phone {
        Phone::on(self.connect(from, "sccp"))
    }

    /// GETs a page of the login application for a phone.
    pub fn page(&self, from: [u8; 4], device: &str, more: &str) -> String {
        let mut stream = self.connect(from, "services_http");
        let request = format!(
            "GET /emapp/EMAppServlet?device={device}{more} HTTP/1.1\r\nHost: embody\r\n\
             Connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// The next datagram, also when this process stood still meanwhile.
fn heard(socket: &UdpSocket, buffer: &mut [u8]) -> (usize, SocketAddr) {
    loop {
        match socket.recv_from(buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            received => return received.unwrap(),
        }
    }
}

fn shelf(folder: &Path, files: &[&str]) -> std::path::PathBuf {
    let shelf = folder.join("static");
    std::fs::create_dir(&shelf).unwrap();
    for name in files {
        std::fs::write(shelf.join(name), "jar41sccp.9-4-2TH1-1.sbn\n").unwrap();
    }
    shelf
}

/// A SIP phone that says one REGISTER after the other.
pub struct SipPhone {
    stream: TcpStream,
    cseq: u32,
}

impl SipPhone {
    pub fn connect(house: &House, from: [u8; 4]) -> Self {
        let stream = house.connect(from, "sip");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self { stream, cseq: 100 }
    }

    /// Says a REGISTER; the answer.
    pub fn register(&mut self, device: &str, mac: &str, more: &str) -> String {
        self.cseq += 1;
        let request = register(device, mac, "tcp", self.cseq, more);
        self.stream.write_all(request.as_bytes()).unwrap();
        loop {
            let answer = self.message();
            // Orders and lamps come on the same connection.
            if answer.starts_with("SIP/2.0 ") {
                return answer;
            }
        }
    }

    fn message(&mut self) -> String {
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n") {
            let mut one = [0];
            self.stream.read_exact(&mut one).unwrap();
            read.push(one[0]);
        }
        let head = String::from_utf8(read).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length:"))
            .map_or(0, |value| value.trim().parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        head
    }
}

/// A REGISTER as enterprise loads send it.
pub fn register(device: &str, mac: &str, transport: &str, cseq: u32, more: &str) -> String {
    let way = transport.to_ascii_uppercase();
    let mac = mac.to_ascii_lowercase();
    format!(
        "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{way} 127.0.0.1:5060;branch=z9hG4bK{cseq}\r\n\
         From: <sip:1003@127.0.0.1>;tag={mac}0001\r\nTo: <sip:1003@127.0.0.1>\r\n\
         Call-ID: {mac}-00010001-1@127.0.0.1\r\nMax-Forwards: 70\r\nCSeq: {cseq} REGISTER\r\n\
         User-Agent: Cisco-CP8841/12.5.1\r\nSupported: replaces,X-cisco-service-control\r\n\
         Contact: <sip:1003@127.0.0.1:5060;transport={transport}>;\
         +sip.instance=\"<urn:uuid:00000000-0000-0000-0000-{mac}>\";\
         +u.sip!devicename.ccm.cisco.com=\"{device}\";+u.sip!model.ccm.cisco.com=\"683\"\r\n\
         {more}Expires: 3600\r\nContent-Length: 0\r\n\r\n"
    )
}
