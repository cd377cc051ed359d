//! Asks a running daemon what a phone would ask it before anybody knows the
//! phone: the default file over both services, the Services menu, and a
//! connection to the place that the file names. No phone is named, so nothing
//! is stored and nobody's phone is touched.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use super::finding::{Check, Finding};
use super::ports::Listener;
use super::sockets::Transport;
use crate::cli::phone::reachable;
use crate::tftp::wire::{Packet, Request};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often a datagram is sent.
const ATTEMPTS: u32 = 3;
/// The most that an answer may hold, bytes.
const LONGEST: usize = 256 * 1024;
/// Octets of a block when nothing was agreed (RFC 1350, section 2).
const BLOCK: usize = 512;

const DEFAULT_FILE: &str = "XMLDefault.cnf.xml";
const MENU: &str = "/ccmcip/getservicesmenu.jsp";

/// Asks at the places that the daemon says it has.
pub(super) async fn look(listeners: &[Listener]) -> Vec<Finding> {
    let places = |key: &'static str| {
        let of_it = listeners.iter().filter(move |one| one.key == key);
        of_it.map(|one| (reachable(one.at), one.transport))
    };
    let mut findings = Vec::new();
    let mut told = None;
    for (at, _) in places("tftp") {
        let file = tftp(at).await;
        findings.push(of_file("TFTP", at, file.as_deref(), &mut told));
    }
    for (at, _) in places("config_http") {
        let file = http(at, &format!("/{DEFAULT_FILE}")).await;
        findings.push(of_file("HTTP", at, file.as_deref(), &mut told));
    }
    for (at, _) in places("services_http") {
        findings.push(of_menu(at, http(at, MENU).await.as_deref()));
    }
    let Some(host) = &told else {
        return findings;
    };
    for (service, key) in [("SCCP", "sccp"), ("SIP", "sip")] {
        // SIP may be carried over UDP alone.
        for (at, _) in places(key).filter(|(_, carrier)| *carrier == Transport::Tcp) {
            findings.push(of_connection(service, host, at.port()).await);
        }
    }
    findings
}

/// The default file, and what host it tells phones to register with.
fn of_file(
    service: &str,
    at: SocketAddr,
    file: Result<&[u8], &String>,
    told: &mut Option<String>,
) -> Finding {
    let file = match file {
        Ok(file) => file,
        Err(why) => {
            return Finding::fault(
                Check::Phones,
                format!("{DEFAULT_FILE} does not come over {service} from {at}: {why}"),
                "phones cannot boot; restart the daemon, and look at its log",
            );
        }
    };
    let Some(host) = node(file) else {
        return Finding::fault(
            Check::Phones,
            format!("{DEFAULT_FILE} over {service} from {at} names nobody to register with"),
            "look at the template of it in [files] phone_configs",
        );
    };
    let finding = Finding::ok(
        Check::Phones,
        format!(
            "{DEFAULT_FILE} comes over {service} from {at}, {} bytes; here phones are told {host}",
            file.len()
        ),
    );
    *told = Some(host);
    finding
}

/// The first `processNodeName`.
fn node(file: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(file).ok()?;
    let (_, rest) = text.split_once("<processNodeName>")?;
    let (name, _) = rest.split_once("</processNodeName>")?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn of_menu(at: SocketAddr, page: Result<&[u8], &String>) -> Finding {
    const OBJECT: &[u8] = b"<CiscoIPPhone";
    let why = match page {
        Ok(page) if page.windows(OBJECT.len()).any(|part| part == OBJECT) => {
            return Finding::ok(
                Check::Phones,
                format!("services answer with a page at {at}"),
            );
        }
        Ok(_) => "what comes is no page for phones",
        Err(why) => why,
    };
    Finding::fault(
        Check::Phones,
        format!("the Services menu does not come from {at}: {why}"),
        "nobody can sign in at a phone; restart the daemon, and look at its log",
    )
}

/// Whether that host takes connections, which is what phones do next.
async fn of_connection(service: &str, host: &str, port: u16) -> Finding {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let connecting = tokio::time::timeout(PATIENCE, TcpStream::connect((bare, port)));
    let why = match connecting.await {
        Ok(Ok(_)) => {
            return Finding::ok(
                Check::Phones,
                format!("{service} takes connections at {host}, port {port}"),
            );
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    Finding::warning(
        Check::Phones,
        format!("{service} takes no connection at {host}, port {port}, from this host: {why}"),
        "that is where phones are sent: correct [listen] advertised_address or services_host; \
         behind address translation it may be right all the same",
    )
}

/// The default file over TFTP, in blocks of 512 octets.
async fn tftp(server: SocketAddr) -> Result<Vec<u8>, String> {
    let own: IpAddr = if server.is_ipv4() {
        [0, 0, 0, 0].into()
    } else {
        std::net::Ipv6Addr::UNSPECIFIED.into()
    };
    let odd = |error: std::io::Error| error.to_string();
    let socket = UdpSocket::bind((own, 0)).await.map_err(odd)?;
    let mut say = Packet::Read(Request::octet(DEFAULT_FILE)).encode();
    let mut to = server;
    let mut file: Vec<u8> = Vec::new();
    let mut buffer = [0; 1024];
    for next in 1..=u16::MAX {
        let (bytes, from) = block(&socket, &say, to, next, &mut buffer).await?;
        file.extend_from_slice(bytes);
        to = from;
        say = Packet::Ack { block: next }.encode();
        if bytes.len() < BLOCK {
            socket.send_to(&say, to).await.map_err(odd)?;
            return Ok(file);
        }
        if file.len() > LONGEST {
            break;
        }
    }
    Err(format!("it is longer than {LONGEST} bytes"))
}

/// The next block, asked for as often as it takes.
async fn block<'a>(
    socket: &UdpSocket,
    say: &[u8],
    to: SocketAddr,
    next: u16,
    buffer: &'a mut [u8; 1024],
) -> Result<(&'a [u8], SocketAddr), String> {
    for _ in 0..ATTEMPTS {
        let sent = socket.send_to(say, to).await;
        sent.map_err(|error| error.to_string())?;
        let Ok(came) = tokio::time::timeout(PATIENCE, socket.recv_from(buffer)).await else {
            continue;
        };
        let (length, from) = came.map_err(|error| error.to_string())?;
        // Who is asked answers from another port of his own.
        if from.ip() != to.ip() {
            continue;
        }
        let range = match Packet::parse(buffer.get(..length).unwrap_or_default()) {
            Ok(Packet::Data { block, bytes }) if block == next => length - bytes.len()..length,
            Ok(Packet::Error { code, text }) => {
                let text = String::from_utf8_lossy(text);
                return Err(format!("TFTP error {code:?} ({text})"));
            }
            _ => continue,
        };
        return Ok((buffer.get(range).unwrap_or_default(), from));
    }
    Err("no answer".to_owned())
}

/// What a path answers with 200.
async fn http(server: SocketAddr, path: &str) -> Result<Vec<u8>, String> {
    let asking = async {
        let mut stream = TcpStream::connect(server).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        stream.take(most).read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(PATIENCE * 2, asking)
        .await
        .map_err(|_| "no answer in time".to_owned())?
        .map_err(|error| error.to_string())?;
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let head = head.ok_or("what comes is not HTTP")?;
    let status = answer.get(9..12).unwrap_or_default();
    if status != b"200" {
        return Err(format!("HTTP {}", String::from_utf8_lossy(status)));
    }
    Ok(answer.get(head + 4..).unwrap_or_default().to_vec())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::super::finding::Grade;
    use super::super::ports::running;
    use super::*;
    use crate::app::Config;

    #[test]
    fn the_host_is_read_out_of_the_file() {
        let file = b"<a><processNodeName> 192.0.2.1 </processNodeName><processNodeName>x</processNodeName></a>";
        assert_eq!(node(file).as_deref(), Some("192.0.2.1"));
        assert_eq!(node(b"<processNodeName></processNodeName>"), None);
        assert_eq!(node(b"<processNodeName>"), None);
        assert_eq!(node(b"\xFF"), None);
    }

    /// A server that answers wrong things is told by what it answers.
    #[tokio::test]
    async fn a_daemon_that_answers_wrong_is_a_fault() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let web = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut question = [0; 512];
                let _ = stream.read(&mut question).await;
                let _ = stream.write_all(b"HTTP/1.1 503 Busy\r\n\r\n").await;
            }
        });
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let tftp = udp.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let mut question = [0; 512];
            let (_, peer) = udp.recv_from(&mut question).await.unwrap();
            let error = b"\x00\x05\x00\x01File not found\x00";
            udp.send_to(error, peer).await.unwrap();
        });
        let listen = json!({"tftp": tftp, "config_http": web, "services_http": [web], "sccp": "127.0.0.1:2000"});
        let findings = look(&running(&Config::default(), &listen)).await;
        let grades: Vec<Grade> = findings.iter().map(|one| one.grade).collect();
        assert_eq!(
            grades,
            [Grade::Fault; 3],
            "and no connection to a host that nobody named"
        );
        assert!(
            findings[0].what.contains("File not found"),
            "{}",
            findings[0]
        );
        assert!(findings[1].what.contains("HTTP 503"), "{}", findings[1]);
    }
}
