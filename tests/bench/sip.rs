//! Phones that keep their registration alive: one connection (or one UDP
//! socket) and one address each, the same message every time.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use md5::{Digest as _, Md5};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::http;
use crate::measure::{Ended, Operation, PATIENCE, Seen, TRIES};
use crate::stopwatch::now;
use crate::tftp::address;

/// Who a phone is, as its boot file says.
#[derive(Clone, Debug)]
pub struct Account {
    pub device: String,
    pub number: String,
    /// User part of the Contact.
    pub contact: String,
    /// For digest.
    pub user: String,
    pub secret: String,
}

impl Account {
    /// Reads the boot file of `device`.
    pub fn of(device: &str, file: &[u8]) -> Self {
        let text = String::from_utf8_lossy(file);
        // The first line is the first button.
        let (_, line) = text.split_once("<line ").expect("a line");
        let value = |tag: &str| {
            let (_, rest) = line.split_once(&format!("<{tag}>"))?;
            Some(rest.split_once('<')?.0.to_owned())
        };
        Self {
            device: device.to_owned(),
            number: value("name").expect("a name"),
            contact: value("contact").expect("a contact"),
            user: value("authName").unwrap_or_default(),
            secret: value("authPassword").unwrap_or_default(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Udp,
    Tcp,
}

enum Link {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

/// A registered phone.
pub struct Phone {
    account: Account,
    server: SocketAddr,
    link: Link,
    local: SocketAddr,
    cseq: u32,
    out: String,
    input: Vec<u8>,
}

/// What a server answered to a request of ours.
struct Answer {
    status: u16,
    head: String,
}

impl Phone {
    pub async fn open(
        number: usize,
        account: Account,
        server: SocketAddr,
        transport: Transport,
    ) -> std::io::Result<Self> {
        let from = address(number);
        let (link, local) = match transport {
            Transport::Tcp => {
                let stream = http::connect(from, server).await?;
                let local = stream.local_addr()?;
                (Link::Tcp(stream), local)
            }
            Transport::Udp => {
                let socket = UdpSocket::bind((from, 0)).await?;
                socket.connect(server).await?;
                let local = socket.local_addr()?;
                (Link::Udp(socket), local)
            }
        };
        Ok(Self {
            account,
            server,
            link,
            local,
            cseq: 100,
            out: String::with_capacity(2048),
            input: Vec::with_capacity(4096),
        })
    }

    /// One refresh: REGISTER and 200, or with digest REGISTER, 401, REGISTER
    /// and 200.
    pub async fn refresh(&mut self, digest: bool) -> Operation {
        let begun = now();
        let ended = match self.exchange(digest).await {
            Ok(ended) => ended,
            Err(error) => Ended::Wrong(format!("{}: {error}", self.account.device)),
        };
        Operation::since(begun, ended)
    }

    async fn exchange(&mut self, digest: bool) -> std::io::Result<Ended> {
        let Some(mut answer) = self.ask(None).await? else {
            return Ok(Ended::Never);
        };
        if digest {
            if answer.status != 401 {
                return Ok(Ended::Wrong(answer.head));
            }
            let credentials = self.credentials(&answer.head);
            let Some(second) = self.ask(Some(&credentials)).await? else {
                return Ok(Ended::Never);
            };
            answer = second;
        }
        let binding = answer.head.contains(&self.account.contact);
        Ok(if answer.status == 200 && binding {
            Ended::Well
        } else {
            Ended::Wrong(answer.head)
        })
    }

    /// Sends a REGISTER and waits for its answer.
    async fn ask(&mut self, credentials: Option<&str>) -> std::io::Result<Option<Answer>> {
        self.cseq += 1;
        self.write_register(credentials);
        self.send().await?;
        for _ in 1..TRIES {
            if let Ok(answer) = tokio::time::timeout(PATIENCE, self.answer()).await {
                return answer.map(Some);
            }
            if let Link::Udp(_) = self.link {
                self.send().await?;
            }
        }
        Ok(None)
    }

    fn write_register(&mut self, credentials: Option<&str>) {
        let mac = self.account.device.get(3..).unwrap_or_default();
        let mac = mac.to_ascii_lowercase();
        let (first, last) = mac.split_at(8);
        let (large, small) = match self.link {
            Link::Udp(_) => ("UDP", "udp"),
            Link::Tcp(_) => ("TCP", "tcp"),
        };
        let Account {
            device,
            number,
            contact,
            ..
        } = &self.account;
        let (host, local, cseq) = (self.server.ip(), self.local, self.cseq);
        self.out.clear();
        let _ = write!(
            self.out,
            "REGISTER sip:{host} SIP/2.0\r\n\
             Via: SIP/2.0/{large} {local};branch=z9hG4bK{last}{cseq:08x}\r\n\
             From: <sip:{number}@{host}>;tag={mac}242c6644b6e5d2-f01c795a\r\n\
             To: <sip:{number}@{host}>\r\n\
             Call-ID: {first}-{last}24a0-44da4e09-0de51424@{}\r\n\
             Max-Forwards: 70\r\n\
             Date: Wed, 15 Jul 2015 12:42:56 GMT\r\n\
             CSeq: {cseq} REGISTER\r\n\
             User-Agent: Cisco-CP7961G/9.4.2\r\n\
             Contact: <sip:{contact}@{local};transport={small}>;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-{mac}>\";+u.sip!devicename.ccm.cisco.com=\"{device}\";+u.sip!model.ccm.cisco.com=\"30018\"\r\n\
             Supported: replaces,join,sdp-anat,norefersub,resource-priority,extended-refer,X-cisco-callinfo,X-cisco-serviceuri,X-cisco-escapecodes,X-cisco-service-control,X-cisco-srtp-fallback,X-cisco-monrec,X-cisco-config,X-cisco-sis-6.0.0,X-cisco-xsi-8.5.1\r\n",
            local.ip()
        );
        if let Some(credentials) = credentials {
            let _ = write!(self.out, "Authorization: {credentials}\r\n");
        }
        self.out
            .push_str("Content-Length: 0\r\nExpires: 3600\r\n\r\n");
    }

    fn credentials(&self, head: &str) -> String {
        let challenge = head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("www-authenticate:"))
            .unwrap_or_default();
        let value = |name: &str| {
            let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0)
        };
        let realm = value("realm").unwrap_or_default();
        let nonce = value("nonce").unwrap_or_default();
        let uri = format!("sip:{}", self.server.ip());
        let Account { user, secret, .. } = &self.account;
        let secret = md5(&format!("{user}:{realm}:{secret}"));
        let request = md5(&format!("REGISTER:{uri}"));
        let response = md5(&format!(
            "{secret}:{nonce}:00000001:0a4f113b:auth:{request}"
        ));
        format!(
            "Digest username=\"{user}\",realm=\"{realm}\",uri=\"{uri}\",response=\"{response}\",\
             nonce=\"{nonce}\",cnonce=\"0a4f113b\",qop=auth,nc=00000001,algorithm=MD5"
        )
    }

    async fn send(&mut self) -> std::io::Result<()> {
        match &mut self.link {
            Link::Udp(socket) => socket.send(self.out.as_bytes()).await.map(drop),
            Link::Tcp(stream) => stream.write_all(self.out.as_bytes()).await,
        }
    }

    /// The answer to the last REGISTER; requests of the server are granted
    /// meanwhile.
    async fn answer(&mut self) -> std::io::Result<Answer> {
        loop {
            let head = self.message().await?;
            if let Some(rest) = head.strip_prefix("SIP/2.0 ") {
                let status = rest.get(..3).and_then(|digits| digits.parse().ok());
                let status = status.unwrap_or(0);
                if status >= 200 && head.contains(&format!("{} REGISTER", self.cseq)) {
                    return Ok(Answer { status, head });
                }
            } else {
                self.grant(&head).await?;
            }
        }
    }

    /// 200 to a request of the server.
    async fn grant(&mut self, head: &str) -> std::io::Result<()> {
        let mut answer = String::from("SIP/2.0 200 OK\r\n");
        for line in head.lines().skip(1) {
            let lower = line.to_ascii_lowercase();
            if ["via:", "from:", "to:", "call-id:", "cseq:"]
                .iter()
                .any(|name| lower.starts_with(name))
            {
                answer.push_str(line);
                answer.push_str("\r\n");
            }
        }
        answer.push_str("Content-Length: 0\r\n\r\n");
        match &mut self.link {
            Link::Udp(socket) => socket.send(answer.as_bytes()).await.map(drop),
            Link::Tcp(stream) => stream.write_all(answer.as_bytes()).await,
        }
    }

    /// The head of the next message; its body is passed over.
    async fn message(&mut self) -> std::io::Result<String> {
        loop {
            if let Some(at) = self.input.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(self.input.get(..at).unwrap_or_default());
                let head = head.into_owned();
                let length = head
                    .lines()
                    .find_map(|line| {
                        let (name, value) = line.split_once(':')?;
                        let meant = name.trim().eq_ignore_ascii_case("content-length");
                        meant.then(|| value.trim().parse::<usize>().ok())?
                    })
                    .unwrap_or(0);
                let whole = at + 4 + length;
                if self.input.len() >= whole {
                    self.input.drain(..whole);
                    return Ok(head);
                }
            }
            let read = match &mut self.link {
                Link::Udp(socket) => socket.recv_buf(&mut self.input).await?,
                Link::Tcp(stream) => stream.read_buf(&mut self.input).await?,
            };
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

fn md5(text: &str) -> String {
    let mut hex = String::with_capacity(32);
    for byte in Md5::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The phones that wait for their next refresh, the longest waiting first.
#[derive(Clone)]
pub struct Fleet(Arc<Mutex<VecDeque<Phone>>>);

impl Fleet {
    /// Whether the first account can register.
    pub async fn is_served(
        accounts: &[Account],
        server: SocketAddr,
        transport: Transport,
        digest: bool,
    ) -> bool {
        let Some(account) = accounts.first() else {
            return false;
        };
        match Phone::open(0, account.clone(), server, transport).await {
            Ok(mut phone) => matches!(phone.refresh(digest).await.ended, Ended::Well),
            Err(_) => false,
        }
    }

    /// Registers a phone for each account.
    pub async fn register(
        accounts: &[Account],
        server: SocketAddr,
        transport: Transport,
        digest: bool,
    ) -> Self {
        let mut phones = VecDeque::new();
        for (number, account) in accounts.iter().enumerate() {
            let phone = Phone::open(number, account.clone(), server, transport).await;
            let mut phone = phone.expect("a connection");
            let first = phone.refresh(digest).await;
            assert!(
                matches!(first.ended, Ended::Well),
                "{}: {:?}",
                account.device,
                first.ended
            );
            phones.push_back(phone);
        }
        Self(Arc::new(Mutex::new(phones)))
    }

    pub fn take(&self) -> Option<Phone> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }

    pub fn give_back(&self, phone: Phone) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(phone);
    }

    /// One of several who see to it that every phone refreshes in its turn.
    pub async fn keeper(self, until: Instant, digest: bool) -> Seen {
        let mut seen = Seen::default();
        while now() < until {
            let Some(mut phone) = self.take() else {
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            };
            seen.count(phone.refresh(digest).await);
            self.give_back(phone);
        }
        seen
    }
}
