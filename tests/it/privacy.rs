//! Who sits down after another cannot read whom he called.
//!
//! Service parameter *Clear Call Log(s) on Intra-cluster EM* (Cisco, Extension
//! Mobility service parameters) and *em keep-history* (CME, *Extension
//! Mobility*): at every login and at every kind of logout the phone is told to
//! forget, before it restarts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc;
use std::time::Duration;

use embody::phonexml::{Object, Strictness, parse};
use embody::sccp::wire::{MessageId, ServerMessage, decode_server};
use serde_json::json;

use crate::skinny_phone::Phone;
use crate::support::daemon::sample_site;
use crate::support::phones::until;
use crate::support::web::ask;
use crate::support::{Daemon, Site};

const P7960: &str = "SEP001122334455";
const P7961: &str = "SEP001122334466";
const P8841: &str = "SEP001122334477";

fn private_site() -> Site {
    let site = sample_site();
    let with = site.replace("[parameters]\n", "[parameters]\nclear_call_logs = true\n");
    assert_ne!(with, site);
    Site::Text(with)
}

fn sign_in(daemon: &Daemon, user: &str, device: &str) {
    let path = format!("/phones/{device}/login");
    let (status, answer) = daemon.admin().post(&path, &json!({ "user": user }));
    assert_eq!(status, 200, "{answer}");
}

fn sign_out(daemon: &Daemon, device: &str) {
    let path = format!("/phones/{device}/logout");
    let (status, answer) = daemon.admin().post(&path, &json!({}));
    assert_eq!(status, 200, "{answer}");
}

fn clears(object: &[u8]) -> bool {
    let Ok(Object::Execute(execute)) = parse(object, Strictness::Strict) else {
        panic!("no order: {}", String::from_utf8_lossy(object));
    };
    format!("{execute:?}").contains("Init:CallHistory")
}

/// What the phone hears until it is told to restart: whether its call logs
/// were cleared before.
fn cleared_before_restart(phone: &mut Phone) -> bool {
    let mut cleared = false;
    while let Some(frame) = phone.hear_frame() {
        match frame.id {
            MessageId::USER_TO_DEVICE_DATA | MessageId::USER_TO_DEVICE_DATA_V1 => {
                let begin = frame.body.iter().position(|byte| *byte == b'<').unwrap();
                let end = frame.body.iter().rposition(|byte| *byte == b'>').unwrap();
                cleared |= clears(&frame.body[begin..=end]);
            }
            _ => {
                if let Ok(ServerMessage::Reset(_)) = decode_server(&frame, phone.dialect) {
                    return cleared;
                }
            }
        }
    }
    panic!("the connection ended without an order");
}

#[test]
fn a_skinny_phone_forgets_at_login_and_at_a_logout_from_elsewhere() {
    let daemon = Daemon::start(private_site());
    for sign in [
        (|daemon: &Daemon| sign_in(daemon, "alice", P7961)) as fn(&Daemon),
        |daemon: &Daemon| sign_out(daemon, P7961),
    ] {
        let mut phone = Phone::connect(&daemon, [127, 0, 8, 1]);
        phone.register_7961(P7961, 17);
        sign(&daemon);
        assert!(cleared_before_restart(&mut phone));
    }
}

#[test]
fn by_default_call_logs_are_left_alone() {
    let daemon = Daemon::start(Site::Sample);
    let mut phone = Phone::connect(&daemon, [127, 0, 8, 1]);
    phone.register_7961(P7961, 17);
    sign_in(&daemon, "alice", P7961);
    assert!(!cleared_before_restart(&mut phone));
}

#[test]
fn a_phone_that_was_away_forgets_when_it_is_back() {
    let daemon = Daemon::start(private_site());
    sign_in(&daemon, "alice", P7961);
    let mut phone = Phone::connect(&daemon, [127, 0, 8, 1]);
    phone.register_7961(P7961, 17);
    // Nothing makes it restart: it came with what is wanted.
    loop {
        let frame = phone.hear_frame().unwrap();
        if frame.id == MessageId::USER_TO_DEVICE_DATA_V1 {
            break;
        }
    }
}

/// A 7960 with plain SIP firmware at an address of its own.
struct PlainPhone {
    socket: UdpSocket,
    own: SocketAddr,
}

impl PlainPhone {
    /// Registers line 1001.
    fn register(daemon: &Daemon, own: &str) -> Self {
        let own: SocketAddr = own.parse().unwrap();
        let socket = UdpSocket::bind(own).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(40)))
            .unwrap();
        socket.connect(daemon.ports.sip).unwrap();
        let server = daemon.ports.sip;
        let request = format!(
            "REGISTER sip:{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK5ab98907\r\n\
             From: <sip:1001@{server}>;tag=001122334455\r\n\
             To: <sip:1001@{server}>\r\n\
             Call-ID: 00112233-4455@{}\r\n\
             Max-Forwards: 70\r\nCSeq: 101 REGISTER\r\n\
             User-Agent: Cisco-CP7960G/8.0\r\n\
             Contact: <sip:1001@{own};user=phone;transport=udp>;\
             +sip.instance=\"<urn:uuid:00000000-0000-0000-0000-001122334455>\";\
             +u.sip!model.ccm.cisco.com=\"7\"\r\n\
             Content-Length: 0\r\nExpires: 3600\r\n\r\n",
            own.ip()
        );
        socket.send(request.as_bytes()).unwrap();
        let phone = Self { socket, own };
        let mut buffer = [0; 4096];
        let length = phone.socket.recv(&mut buffer).unwrap();
        let answer = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
        phone
    }
}

/// What a phone's web server was asked: credential and object.
struct Asked {
    credential: (String, String),
    object: Vec<u8>,
}

/// The web server of a phone: it asks its authentication URL before it obeys,
/// and answers as phones do.
fn phone_web(at: SocketAddr, daemon: &Daemon, device: &'static str) -> mpsc::Receiver<Asked> {
    let listener = TcpListener::bind(at).unwrap();
    let (sender, receiver) = mpsc::channel();
    let services = daemon.ports.services_http;
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let asked = read_push(&stream);
            let words = authenticate(at, services, device, &asked.credential);
            let body = if words == "AUTHORIZED" {
                "<CiscoIPPhoneResponse><ResponseItem Status=\"0\" Data=\"Success\" \
                 URL=\"Init:CallHistory\"/></CiscoIPPhoneResponse>"
            } else {
                "<CiscoIPPhoneError Number=\"4\"/>"
            };
            answer(&stream, body);
            if sender.send(asked).is_err() {
                return;
            }
        }
    });
    receiver
}

fn read_push(stream: &TcpStream) -> Asked {
    let mut reader = BufReader::new(stream);
    let (mut length, mut basic) = (0, String::new());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    assert_eq!(first, "POST /CGI/Execute HTTP/1.1\r\n");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => value.strip_prefix("Basic ").unwrap().clone_into(&mut basic),
            "expect" => panic!("phones do not know Expect"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let fields = embody::http::services::read_pairs(&body);
    let (name, object) = &fields[0];
    assert_eq!(name, "XML");
    Asked {
        credential: decode_basic(&basic),
        object: object.clone().into_bytes(),
    }
}

/// By an outsider's decoder.
fn decode_basic(basic: &str) -> (String, String) {
    let mut child = std::process::Command::new("base64")
        .arg("-d")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(basic.as_bytes())
        .unwrap();
    let text = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let (user, password) = text.split_once(':').unwrap();
    (user.to_owned(), password.to_owned())
}

/// Asks the authentication URL from the phone's own address.
fn authenticate(
    from: SocketAddr,
    services: SocketAddr,
    device: &str,
    (user, password): &(String, String),
) -> String {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(from.ip(), 0).into()).unwrap();
    socket.connect(&services.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    let request = format!(
        "GET /CCMCIP/authenticate.asp?UserID={user}&Password={password}&devicename={device} \
         HTTP/1.1\r\nHost: embody\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn answer(mut stream: &TcpStream, body: &str) {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).unwrap();
}

fn timeline(daemon: &Daemon, device: &str) -> String {
    let (_, timeline) = daemon.admin().get(&format!("/phones/{device}/timeline"));
    timeline.to_string()
}

/// A site whose 7960 has a SIP load, and a daemon that finds the web server of
/// phones at `port`.
fn with_plain_phone(port: u16) -> Daemon {
    let Site::Text(site) = private_site() else {
        panic!("a text");
    };
    let config = format!("[push]\nphone_port = {port}\n");
    Daemon::start_with(Site::Text(site), &config, &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_remote_control_is_asked_at_its_web_server() {
    let port = TcpListener::bind("127.0.8.2:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let daemon = with_plain_phone(port);
    let web: SocketAddr = format!("127.0.8.2:{port}").parse().unwrap();
    let asked = phone_web(web, &daemon, P7960);
    let phone = PlainPhone::register(&daemon, "127.0.8.2:5060");
    sign_in(&daemon, "alice", P7960);
    let asked =
        tokio::task::spawn_blocking(move || asked.recv_timeout(Duration::from_secs(40)).unwrap())
            .await
            .unwrap();
    assert!(clears(&asked.object));
    until("it is in the timeline", || {
        timeline(&daemon, P7960).contains("was told to clear its call logs")
    })
    .await;

    // The credential was good for that one question, phone and address.
    let services = daemon.ports.services_http;
    let own = authenticate(phone.own, services, P7960, &asked.credential);
    assert_eq!(own, "UN-AUTHORIZED", "its question is answered");
    let log = daemon.log() + &timeline(&daemon, P7960);
    assert!(!log.contains(&asked.credential.1), "a secret in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_cannot_be_told_is_told_again_and_the_operator_hears_why() {
    let port = TcpListener::bind("127.0.8.3:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let daemon = with_plain_phone(port);
    // Its web server hangs up on everybody.
    let web = TcpListener::bind(("127.0.8.3", port)).unwrap();
    let (asked, calls) = mpsc::channel();
    std::thread::spawn(move || while web.accept().is_ok() && asked.send(()).is_ok() {});
    let _phone = PlainPhone::register(&daemon, "127.0.8.3:5060");
    sign_in(&daemon, "alice", P7960);
    until("the reason", || {
        let timeline = timeline(&daemon, P7960);
        timeline.contains("could not be told to clear its call logs")
            && timeline.contains("webAccess")
    })
    .await;
    assert_eq!(calls.try_iter().count(), 1, "and not at once");
}

#[test]
fn nobody_else_is_let_push_to_a_phone() {
    let daemon = Daemon::start(private_site());
    for (user, password) in [("embody", ""), ("embody", "x"), ("alice", "58213")] {
        let path = format!(
            "/ccmcip/authenticate.jsp?UserID={user}&Password={password}&devicename={P8841}"
        );
        let answer = ask(
            daemon.ports.services_http,
            &format!("GET {path} HTTP/1.1\r\nHost: embody\r\nConnection: close\r\n\r\n"),
        );
        assert_eq!(answer.text(), "UN-AUTHORIZED", "{user}");
    }
}
