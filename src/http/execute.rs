//! The web server in a phone: how it is asked, above all to carry out an
//! object, and how it asks back whether whoever asked may (*authentication
//! URL*). What else can be asked there is in [`super::look`].
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
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode, header};
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
    /// As it is written shortest: where one socket serves both families, an
    /// IPv4 address comes as `::ffff:192.0.2.1` too (RFC 4291, section 2.5.5.2).
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
            phone: phone.to_canonical(),
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
                key.until > now
                    && key.phone == source.to_canonical()
                    && same(&key.password, password)
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

/// One request to a phone.
pub(super) struct Call {
    path: &'static str,
    /// The form that is posted; `None`: it is a GET.
    form: Option<String>,
    /// The most that the answer may hold, bytes.
    most: usize,
}

impl Call {
    /// A GET of `path`, whose answer holds at most `most` bytes.
    pub(super) fn get(path: &'static str, most: usize) -> Self {
        Self {
            path,
            form: None,
            most,
        }
    }

    fn execute(object: &[u8]) -> Self {
        Self {
            path: "/CGI/Execute",
            form: Some(form(object)),
            most: ANSWER,
        }
    }

    /// Credentials come at once and nothing is expected of the phone before it
    /// has the whole: some answer a question with an error.
    fn request(
        self,
        at: SocketAddr,
        password: Option<&str>,
    ) -> Result<Request<Full<Bytes>>, String> {
        let method = if self.form.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        let mut request = Request::builder()
            .method(method)
            .uri(self.path)
            .header(header::HOST, at.to_string());
        if let Some(password) = password {
            let credential = Base64::encode_string(format!("{USER}:{password}").as_bytes());
            request = request.header(header::AUTHORIZATION, format!("Basic {credential}"));
        }
        if self.form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        request
            .header(header::CONNECTION, "close")
            .body(Full::new(Bytes::from(self.form.unwrap_or_default())))
            .map_err(|error| error.to_string())
    }
}

/// What a phone answered.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<String>,
    pub(super) body: Bytes,
}

impl PhoneBrowser {
    /// Asks at `port` of the phone, with passwords out of `keys`.
    pub fn new(keys: PushKeys, port: u16) -> Self {
        Self { keys, port }
    }

    /// Asks what a phone tells everybody.
    pub(super) async fn without_password(
        &self,
        phone: IpAddr,
        call: Call,
    ) -> Result<Reply, String> {
        self.in_time(phone, call, None).await
    }

    /// Asks with a password that is good for this one question.
    pub(super) async fn with_password(
        &self,
        device: &DeviceName,
        phone: IpAddr,
        call: Call,
    ) -> Result<Reply, String> {
        let password = self
            .keys
            .issue(device, phone)
            .ok_or("no password could be made for it")?;
        let asked = self.in_time(phone, call, Some(&password)).await;
        self.keys.revoke(device, &password);
        asked
    }

    async fn in_time(
        &self,
        phone: IpAddr,
        call: Call,
        password: Option<&str>,
    ) -> Result<Reply, String> {
        let at = SocketAddr::new(phone, self.port);
        tokio::time::timeout(PATIENCE, exchange(at, call, password))
            .await
            .unwrap_or_else(|_| Err(format!("its web server at {at} did not answer in time")))
    }
}

impl PhoneWeb for PhoneBrowser {
    fn execute(
        &self,
        device: &DeviceName,
        phone: IpAddr,
        object: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), String>> {
        let (browser, device) = (self.clone(), device.clone());
        Box::pin(async move {
            let call = Call::execute(&object);
            let reply = browser.with_password(&device, phone, call).await?;
            verdict(reply.status, &reply.body)
        })
    }
}

/// One question on a connection of its own.
async fn exchange(at: SocketAddr, call: Call, password: Option<&str>) -> Result<Reply, String> {
    let unreachable = |error: &dyn std::fmt::Display| {
        format!("its web server at {at} could not be reached ({error}): is webAccess on?")
    };
    let most = call.most;
    let request = call.request(at, password)?;
    let stream = TcpStream::connect(at)
        .await
        .map_err(|error| unreachable(&error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| unreachable(&error))?;
    let connection = tokio::spawn(connection);
    let answer = async {
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| unreachable(&error))?;
        let status = response.status();
        let content_type = response.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok().map(str::to_owned));
        let body = Limited::new(response.into_body(), most)
            .collect()
            .await
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    format!("its answer is longer than {most} bytes")
                } else {
                    "its answer broke off".to_owned()
                }
            })?;
        Ok(Reply {
            status,
            content_type,
            body: body.to_bytes(),
        })
    }
    .await;
    connection.abort();
    answer
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
pub(super) fn verdict(status: StatusCode, body: &[u8]) -> Result<(), String> {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::Timestamp;

    /// It stands.
    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    /// A daemon that listens on `::` sees phones as `::ffff:a.b.c.d`, at one
    /// port of it or at several.
    #[test]
    fn a_phone_is_at_one_address_however_it_is_written() {
        let keys = PushKeys::new(Arc::new(Stopped));
        let device = DeviceName::new("SEP001122334455").unwrap();
        let (short, mapped): (IpAddr, IpAddr) = (
            "192.0.2.7".parse().unwrap(),
            "::ffff:192.0.2.7".parse().unwrap(),
        );
        for (asked, asks_back) in [(mapped, short), (short, mapped), (mapped, mapped)] {
            let password = keys.issue(&device, asked).unwrap();
            assert!(
                keys.allows(&device, asks_back, USER, &password),
                "{asked} {asks_back}"
            );
            let other = "::ffff:192.0.2.8".parse().unwrap();
            assert!(!keys.allows(&device, other, USER, &password));
        }
    }
}
