//! Between a phone and the daemon's files: what the phone asks is written down
//! as it stood on the wire, and what passes may be refused or get lost.
//!
//! To the daemon it has the phone's own address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Daemon;

/// What goes wrong on the way.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// Files for which HTTP answers 503.
    pub busy: Vec<String>,
    /// Of so many datagrams each way one is lost.
    pub lost: Option<u32>,
}

/// Stands still when it is dropped.
pub struct Relay {
    pub tftp: SocketAddr,
    pub http: SocketAddr,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

struct Shared {
    tftp: SocketAddr,
    http: SocketAddr,
    trouble: Trouble,
    asked: Mutex<Vec<Asked>>,
    /// Datagrams to the daemon, and from it.
    passed: [AtomicU32; 2],
    dropped: AtomicU32,
}

struct Asked {
    service: &'static str,
    name: String,
    answer: String,
}

const TO_DAEMON: usize = 0;
const TO_PHONE: usize = 1;

impl Relay {
    pub async fn start(daemon: &Daemon, trouble: Trouble) -> Self {
        let datagrams = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (tftp, http) = (
            datagrams.local_addr().unwrap(),
            listener.local_addr().unwrap(),
        );
        let shared = Arc::new(Shared {
            tftp: daemon.ports.tftp,
            http: daemon.ports.config_http,
            trouble,
            asked: Mutex::default(),
            passed: Default::default(),
            dropped: AtomicU32::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(requests(datagrams, Arc::clone(&shared)));
        tasks.spawn(connections(listener, Arc::clone(&shared)));
        Self {
            tftp,
            http,
            shared,
            _tasks: tasks,
        }
    }

    /// What was asked for, in order: service, name and answer.
    pub fn asked(&self) -> Vec<String> {
        let asked = self.shared.asked.lock().unwrap();
        asked
            .iter()
            .map(|asked| format!("{} {} {}", asked.service, asked.name, asked.answer))
            .collect()
    }

    /// Datagrams that were lost.
    pub fn dropped(&self) -> u32 {
        self.shared.dropped.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn ask(&self, service: &'static str, name: String) -> usize {
        let mut asked = self.asked.lock().unwrap();
        asked.push(Asked {
            service,
            name,
            answer: "?".to_owned(),
        });
        asked.len() - 1
    }

    fn answer(&self, at: usize, answer: String) {
        self.asked.lock().unwrap()[at].answer = answer;
    }

    /// Whether this datagram is one of those that get lost.
    fn is_lost(&self, way: usize) -> bool {
        let number = self.passed[way].fetch_add(1, Ordering::Relaxed) + 1;
        let lost = self
            .trouble
            .lost
            .is_some_and(|every| number.is_multiple_of(every));
        if lost {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        lost
    }
}

/// Each port of a phone is a transfer of its own.
async fn requests(socket: UdpSocket, shared: Arc<Shared>) {
    let mut transfers: HashMap<SocketAddr, (Vec<u8>, mpsc::Sender<Vec<u8>>)> = HashMap::new();
    let mut running = JoinSet::new();
    let mut buffer = [0; 2048];
    loop {
        let (length, phone) = socket.recv_from(&mut buffer).await.unwrap();
        let request = buffer[..length].to_vec();
        // A port may be used again, for another file.
        if transfers
            .get(&phone)
            .is_none_or(|(known, _)| *known != request)
        {
            let (sender, repeated) = mpsc::channel(8);
            running.spawn(transfer(phone, repeated, Arc::clone(&shared)));
            transfers.insert(phone, (request.clone(), sender));
        }
        if let Some((_, transfer)) = transfers.get(&phone) {
            let _ = transfer.send(request).await;
        }
    }
}

async fn transfer(phone: SocketAddr, mut requests: mpsc::Receiver<Vec<u8>>, shared: Arc<Shared>) {
    let up = UdpSocket::bind((phone.ip(), 0)).await.unwrap();
    let down = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (mut server, mut asked, mut answered) = (shared.tftp, None, false);
    let (mut from_phone, mut from_daemon) = ([0; 2048], [0; 2048]);
    loop {
        tokio::select! {
            Some(request) = requests.recv() => {
                asked.get_or_insert_with(|| shared.ask("tftp", name_of(&request)));
                if !shared.is_lost(TO_DAEMON) {
                    up.send_to(&request, shared.tftp).await.unwrap();
                }
            }
            Ok((length, peer)) = up.recv_from(&mut from_daemon) => {
                server = peer;
                let packet = &from_daemon[..length];
                if let (false, Some(at)) = (answered, asked) {
                    answered = true;
                    shared.answer(at, match packet {
                        [0, 3, ..] => "found".to_owned(),
                        [0, 5, _, code, ..] => format!("error {code}"),
                        _ => format!("{packet:02x?}"),
                    });
                }
                if !shared.is_lost(TO_PHONE) {
                    down.send_to(packet, phone).await.unwrap();
                }
            }
            Ok((length, _)) = down.recv_from(&mut from_phone) => {
                if !shared.is_lost(TO_DAEMON) {
                    up.send_to(&from_phone[..length], server).await.unwrap();
                }
            }
        }
    }
}

/// The file of a read request; a mode other than `octet`, or an option, is
/// shown behind it.
fn name_of(request: &[u8]) -> String {
    let parts: Vec<_> = request[2..]
        .split(|byte| *byte == 0)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect();
    match parts.as_slice() {
        [name, mode, end] if mode == "octet" && end.is_empty() => name.clone(),
        _ => parts.join("|"),
    }
}

async fn connections(listener: TcpListener, shared: Arc<Shared>) {
    let mut running = JoinSet::new();
    loop {
        let (stream, phone) = listener.accept().await.unwrap();
        let shared = Arc::clone(&shared);
        running.spawn(async move {
            // A phone that goes away takes its connection with it.
            let _ = connection(stream, phone.ip(), &shared).await;
        });
    }
}

async fn connection(mut phone: TcpStream, address: IpAddr, shared: &Shared) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if phone.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let name = text.split(' ').nth(1).unwrap_or_default();
    let name = name.strip_prefix('/').unwrap_or(name).to_owned();
    let at = shared.ask("http", name.clone());
    if shared.trouble.busy.contains(&name) {
        shared.answer(at, "503".to_owned());
        let busy = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
        return phone.write_all(busy).await;
    }
    let socket = TcpSocket::new_v4()?;
    socket.bind((address, 0).into())?;
    let mut daemon = socket.connect(shared.http).await?;
    daemon.write_all(&request).await?;
    let mut begin = vec![0; 4096];
    let length = daemon.read(&mut begin).await?;
    begin.truncate(length);
    let status = begin.get(9..12).unwrap_or_default();
    shared.answer(at, String::from_utf8_lossy(status).into_owned());
    phone.write_all(&begin).await?;
    copy_bidirectional(&mut phone, &mut daemon).await?;
    Ok(())
}
