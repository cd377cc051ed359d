//! The web server in a phone: how it is asked to carry out an object, and how
//! it asks back whether whoever asked may (*authentication URL*).
//!
//! A phone is asked at the address of its live registration alone, with a
//! password made for this one question: it is good for this phone, from its
//! address, and for a minute.
//!
//! Sources: Cisco Unified IP Phone Services Application Development Notes,
//! *HTTP Requests and Header Settings* (Push) and *XSI Security*.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::model::DeviceName;
use crate::phonexml::{Object, Strictness, parse};
use crate::ports::{BoxFuture, Clock, PhoneWeb};

/// The name that we give ourselves to a phone.
const USER: &str = "embody";

/// How long a phone may take to ask back and to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The port of a phone's web server.
pub const PHONE_PORT: u16 = 80;

/// The most that an answer may hold, bytes.
const ANSWER: usize = 16 * 1024;

/// Passwords that are good at one time; each belongs to another phone.
const MOST: usize = 100_000;

/// A password for one question to one phone.
struct Key {
    password: String,
    phone: IpAddr,
    /// Monotonic.
    until: Duration,
}

/// The passwords that are good now.
#[derive(Clone)]
pub struct PushKeys {
    keys: Arc<Mutex<HashMap<DeviceName, Key>>>,
    clock: Arc<dyn Clock>,
}

impl PushKeys {
    /// How long a password is good.
    const LIFETIME: Duration = Duration::from_secs(60);

    /// None yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            keys: Arc::default(),
            clock,
        }
    }

    /// A new password for a phone; the one before is void. `None` when the
    /// system has no randomness, or too many are out.
    fn issue(&self, device: &DeviceName, phone: IpAddr) -> Option<String> {
        let mut bytes = [0u8; 16];
        getrandom::fill(&mut bytes).ok()?;
        let password = format!("{:032x}", u128::from_be_bytes(bytes));
        let now = self.clock.monotonic();
        let mut keys = self.lock();
        keys.retain(|_, key| key.until > now);
        if keys.len() >= MOST {
            return None;
        }
        let key = Key {
            password: password.clone(),
            phone,
            until: now + Self::LIFETIME,
        };
        keys.insert(device.clone(), key);
        Some(password)
    }

    /// Whether a phone that asks from `source` was asked with this.
    pub fn allows(&self, device: &DeviceName, source: IpAddr, user: &str, password: &str) -> bool {
        let now = self.clock.monotonic();
        user == USER
            && self.lock().get(device).is_some_and(|key| {
                key.until > now && key.phone == source && same(&key.password, password)
            })
    }

    fn revoke(&self, device: &DeviceName, password: &str) {
        let mut keys = self.lock();
        if keys.get(device).is_some_and(|key| key.password == password) {
            keys.remove(device);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeviceName, Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for PushKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushKeys").finish_non_exhaustive()
    }
}

/// Compares without telling by the time it takes where they differ.
fn same(a: &str, b: &str) -> bool {
    let differences = a
        .bytes()
        .zip(b.bytes())
        .fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && differences == 0
}

/// Asks phones.
#[derive(Clone, Debug)]
pub struct PhoneBrowser {
    keys: PushKeys,
    port: u16,
}

impl PhoneBrowser {
    /// Asks at `port` of the phone, with passwords out of `keys`.
    pub fn new(keys: PushKeys, port: u16) -> Self {
        Self { keys, port }
    }

    async fn ask(self, device: DeviceName, phone: IpAddr, object: Vec<u8>) -> Result<(), String> {
        let password = self
            .keys
            .issue(&device, phone)
            .ok_or("no password could be made for it")?;
        let at = SocketAddr::new(phone, self.port);
        let asked = tokio::time::timeout(PATIENCE, post(at, &password, &object)).await;
        self.keys.revoke(&device, &password);
        match asked {
            Ok(answer) => answer,
            Err(_) => Err(format!("its web server at {at} did not answer in time")),
        }
    }
}

impl PhoneWeb for PhoneBrowser {
    fn execute(
        &self,
        device: &DeviceName,
        phone: IpAddr,
        object: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), String>> {
        Box::pin(self.clone().ask(device.clone(), phone, object))
    }
}

/// Posts an object, and reads what became of it.
async fn post(at: SocketAddr, password: &str, object: &[u8]) -> Result<(), String> {
    let unreachable = |error: &dyn std::fmt::Display| {
        format!("its web server at {at} could not be reached ({error}): is webAccess on?")
    };
    let stream = TcpStream::connect(at)
        .await
        .map_err(|error| unreachable(&error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| unreachable(&error))?;
    let connection = tokio::spawn(connection);
    let answer = async {
        let response = sender
            .send_request(request(at, password, object)?)
            .await
            .map_err(|error| unreachable(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER)
            .collect()
            .await
            .map_err(|_| "its answer broke off".to_owned())?;
        verdict(status, &body.to_bytes())
    }
    .await;
    connection.abort();
    answer
}

/// Credentials come at once and nothing is expected of the phone before it has
/// the whole: some answer a question with an error.
fn request(at: SocketAddr, password: &str, object: &[u8]) -> Result<Request<Full<Bytes>>, String> {
    let credential = Base64::encode_string(format!("{USER}:{password}").as_bytes());
    Request::post("/CGI/Execute")
        .header(header::HOST, at.to_string())
        .header(header::AUTHORIZATION, format!("Basic {credential}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONNECTION, "close")
        .body(Full::new(Bytes::from(form(object))))
        .map_err(|error| error.to_string())
}

/// The form of one field that phones know.
fn form(object: &[u8]) -> String {
    let mut form = String::from("XML=");
    for byte in object {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                form.push(char::from(*byte));
            }
            // Writing to a String cannot fail.
            other => drop(write!(form, "%{other:02X}")),
        }
    }
    form
}

/// What a phone says it did.
fn verdict(status: StatusCode, body: &[u8]) -> Result<(), String> {
    if status == StatusCode::UNAUTHORIZED {
        return Err("it refuses us: does its authenticationURL lead here?".to_owned());
    }
    if !status.is_success() {
        return Err(format!("its web server answered {status}"));
    }
    match parse(body, Strictness::Lenient) {
        Ok(Object::Error(error)) => Err(format!("it answered with error {}", error.number)),
        Ok(Object::Response(response)) => match response.items.iter().find(|item| item.status != 0)
        {
            Some(item) => Err(format!("it answered with status {}", item.status)),
            None => Ok(()),
        },
        // Phones of some generations say nothing of it.
        Ok(_) | Err(_) => Ok(()),
    }
}
