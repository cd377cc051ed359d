//! The login service in this process, over HTTP on a loopback port, with a
//! store, a directory, phones, name servers and a clock in the hands of the
//! test.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLockReadGuard};
use std::time::Duration;

use embody::directory::{Argon2Hasher, DirectorySettings, UserDirectory};
use embody::emapi::Code;
use embody::http::execute::{PhoneBrowser, PushKeys};
use embody::http::server::{Limits, serve};
use embody::http::services::{LoginService, LoginServiceSettings, Parts, Resolve, router};
use embody::mobility::Mobility;
use embody::mobility::expiry::run_expiry;
use embody::model::{DeviceName, Pin, Protocol, Secret, Timestamp, World};
use embody::ports::{
    BoxFuture, ChangeRecord, Clock, Commit, Decide, Denied, Directory, Event, EventKind, Hasher,
    Identity, Journal, LinkFault, LinkOrder, PhoneLink, PinRefused, Presence, Scope, Store,
    StoreError, Verified,
};
use embody::provision::PhoneConfigs;
use embody::reconcile::{self, Reconciler};
use embody::registry::{Candidate, Registry};
use embody::site;
use embody::store::MemoryStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

/// A 7960 and two 7961; on the last nobody may sign in.
pub const LOBBY: &str = "SEP001122334455";
pub const DESK: &str = "SEP001122334466";
pub const CLOSED: &str = "SEP001122334477";
/// No phone.
pub const GHOST: &str = "SEP00DEADBEEF00";

pub const SERVLET: &str = "/emservice/EMServiceServlet";

pub const SUCCESS: &str = "<response><success/></response>";

/// An end for what hangs; nothing is measured by it.
pub const PATIENCE: Duration = Duration::from_secs(60);

const SITE: &str = r#"
[[phone]]
name = "SEP001122334455"
model = "7960"
extension_mobility = true
line = [{ number = "1001" }]
[[phone]]
name = "SEP001122334466"
model = "7961"
protocol = "sccp"
extension_mobility = true
line = [{ number = "1002" }]
[[phone]]
name = "SEP001122334477"
model = "7961"
protocol = "sccp"
line = [{ number = "1003" }]
[[profile]]
name = "alice-desk"
model = "7961"
line = [{ number = "2001" }]
[[profile]]
name = "alice-quiet"
model = "7961"
line = [{ number = "2001", ring = "silent" }]
[[profile]]
name = "bob"
model = "7960"
line = [{ number = "2002" }]
[[user]]
id = "alice"
password = "alice-secret"
primary_extension = "2001"
self_service_id = "9001"
profiles = ["alice-desk", "alice-quiet"]
[[user]]
id = "bob"
password = "bob-secret"
primary_extension = "2002"
self_service_id = "9002"
profiles = ["bob"]
[[user]]
id = "em@cisco.com"
primary_extension = "2002"
self_service_id = "9003"
profiles = ["bob"]
[[user]]
id = "bare"
[[user]]
id = "excluded"
excluded = true
profiles = ["bob"]
[[application_user]]
id = "emapp"
password = "change-me"
proxy_rights = true
[[application_user]]
id = "lame"
password = "change-me"
"#;

/// A site with these service parameters.
pub fn site(parameters: &str) -> String {
    format!("version = 1\n[parameters]\n{parameters}\n{SITE}")
}

pub const APP: &str =
    "<appInfo><appID>emapp</appID><appCertificate>change-me</appCertificate></appInfo>";

/// The credential of somebody else.
pub fn app(id: &str, password: &str) -> String {
    format!("<appInfo><appID>{id}</appID><appCertificate>{password}</appCertificate></appInfo>")
}

pub fn request(body: &str) -> String {
    format!("<request>{APP}{body}</request>")
}

pub fn query(body: &str) -> String {
    format!("<query>{APP}{body}</query>")
}

pub fn login(device: &str, user: &str) -> String {
    request(&login_with(device, user, ""))
}

pub fn login_with(device: &str, user: &str, rest: &str) -> String {
    format!("<login><deviceName>{device}</deviceName><userID>{user}</userID>{rest}</login>")
}

pub fn logout(device: &str) -> String {
    request(&format!(
        "<logout><deviceName>{device}</deviceName></logout>"
    ))
}

pub fn who(device: &str) -> String {
    query(&format!(
        "<deviceUserQuery><deviceName>{device}</deviceName></deviceUserQuery>"
    ))
}

/// What an answer is: a code, or a word for anything else.
pub fn code(answer: &str) -> Option<u16> {
    let at = answer.find("code=\"")? + 6;
    answer.get(at..)?.split('"').next()?.parse().ok()
}

/// The message encoded as Cisco's samples have it.
pub fn form(xml: &str) -> String {
    embody::emapi::form::encode(xml).to_string()
}

/// A POST of `body`, whatever it is.
pub fn post(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: ucmanager\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An answer taken apart.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Self {
            status: status.unwrap_or(0),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }
}

/// A clock that is moved by hand.
pub struct Hand(watch::Sender<Duration>);

impl Hand {
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|time| *time += by);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000).plus(*self.0.borrow())
    }

    fn monotonic(&self) -> Duration {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            let _ = time.wait_for(|time| *time >= at).await;
        })
    }
}

/// How the directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Well,
    Down,
    Broken,
    /// It answers about this application only when it is let.
    Slow(&'static str),
}

/// A directory that can be down, broken or slow.
pub struct Moody {
    inner: UserDirectory,
    mood: Mutex<Mood>,
    let_go: Semaphore,
    pub waiting: AtomicUsize,
}

impl Moody {
    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn let_go(&self, count: usize) {
        self.let_go.add_permits(count);
    }
}

impl Directory for Moody {
    fn verify(
        &self,
        identity: Identity,
        secret: Secret,
        source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<Verified, Denied>> {
        Box::pin(async move {
            let mood = *self.mood.lock().unwrap();
            match (mood, &identity) {
                (Mood::Down, _) => {
                    return Err(Denied::Unavailable("ldap://10.9.8.7 is silent".to_owned()));
                }
                (Mood::Broken, _) => panic!("the directory breaks, as the test has it"),
                (Mood::Slow(whom), Identity::Application(id)) if id.as_str() == whom => {
                    self.waiting.fetch_add(1, Ordering::SeqCst);
                    self.let_go.acquire().await.unwrap().forget();
                    self.waiting.fetch_sub(1, Ordering::SeqCst);
                }
                _ => {}
            }
            self.inner.verify(identity, secret, source).await
        })
    }

    fn change_pin(
        &self,
        identity: Identity,
        present: Pin,
        new: Pin,
        source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<(), PinRefused>> {
        self.inner.change_pin(identity, present, new, source)
    }
}

/// A store in memory that lets others go first, as a disk does, and can be kept
/// from writing.
pub struct Desk {
    inner: Arc<MemoryStore>,
    held: watch::Sender<bool>,
    /// Those who wait for it to be let.
    pub waiting: AtomicUsize,
}

impl Store for Desk {
    fn world(&self) -> RwLockReadGuard<'_, World> {
        self.inner.world()
    }

    fn submit(&self, scope: Scope, decide: Decide) -> BoxFuture<'_, Result<Commit, StoreError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let mut held = self.held.subscribe();
            self.waiting.fetch_add(1, Ordering::SeqCst);
            let _ = held.wait_for(|held| !held).await;
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            self.inner.submit(scope, decide).await
        })
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.inner.changed()
    }

    fn read_after(
        &self,
        number: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<ChangeRecord>, StoreError>> {
        self.inner.read_after(number, limit)
    }
}

/// Keeps what it is told.
#[derive(Default)]
pub struct Notes(Mutex<Vec<Event>>);

impl Journal for Notes {
    fn record(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

impl Notes {
    /// The lines, with the phone each stands at.
    pub fn lines(&self) -> Vec<(Option<String>, String)> {
        let events = self.0.lock().unwrap();
        let lines = events.iter().filter_map(|event| match &event.kind {
            EventKind::Note { text } => {
                Some((event.device.as_ref().map(ToString::to_string), text.clone()))
            }
            _ => None,
        });
        lines.collect()
    }

    pub fn everything(&self) -> String {
        format!("{:?}", self.0.lock().unwrap())
    }
}

/// A phone that is there and does nothing.
struct Silent;

impl PhoneLink for Silent {
    fn send(&self, _order: LinkOrder) -> Result<(), LinkFault> {
        Ok(())
    }
    fn is_open(&self) -> bool {
        true
    }
    fn retire(&self) {}
}

/// Everything around one login service.
pub struct House {
    pub at: SocketAddr,
    pub store: Arc<MemoryStore>,
    pub desk: Arc<Desk>,
    pub directory: Arc<Moody>,
    pub registry: Arc<Registry>,
    pub clock: Arc<Hand>,
    pub notes: Arc<Notes>,
    pub service: LoginService,
    pub mobility: Mobility,
    /// What every host name stands for.
    pub host: Arc<Mutex<Option<IpAddr>>>,
    pub looked_up: Arc<AtomicUsize>,
    cancel: CancellationToken,
}

impl House {
    pub async fn open(parameters: &str) -> Self {
        Self::with(&site(parameters), LoginServiceSettings::default()).await
    }

    pub async fn with(site: &str, settings: LoginServiceSettings) -> Self {
        let configs = PhoneConfigs::load(None).unwrap();
        let catalogue = Arc::clone(&configs.catalogue);
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(Hand(watch::Sender::new(Duration::ZERO)));
        let hasher: Arc<dyn Hasher> = Arc::new(Argon2Hasher::with_cost(64, 1).unwrap());
        site::apply(
            &*store,
            Arc::clone(&hasher),
            Arc::clone(&catalogue),
            &*clock,
            site,
            &site::Options::default(),
        )
        .await
        .unwrap_or_else(|error| panic!("{error}"));
        let any_clock: Arc<dyn Clock> = clock.clone();
        let desk = Arc::new(Desk {
            inner: store.clone(),
            held: watch::Sender::new(false),
            waiting: AtomicUsize::new(0),
        });
        let any_store: Arc<dyn Store> = desk.clone();
        let notes = Arc::new(Notes::default());
        let registry = Arc::new(Registry::default());
        let inner = UserDirectory::new(
            any_store.clone(),
            hasher,
            any_clock.clone(),
            DirectorySettings::default(),
            None,
        );
        let directory = Arc::new(Moody {
            inner: inner.unwrap(),
            mood: Mutex::new(Mood::Well),
            let_go: Semaphore::new(0),
            waiting: AtomicUsize::new(0),
        });
        let mobility = Mobility::new(
            any_store.clone(),
            any_clock.clone(),
            notes.clone(),
            catalogue.clone(),
        );
        let push_keys = PushKeys::new(any_clock.clone());
        let (_reconciler, news) = Reconciler::new(
            any_store,
            registry.clone(),
            catalogue,
            notes.clone(),
            any_clock.clone(),
            Arc::new(PhoneBrowser::new(push_keys.clone(), 80)),
            "here",
            reconcile::Settings::default(),
            Box::new(|| {}),
        );
        let host: Arc<Mutex<Option<IpAddr>>> = Arc::default();
        let looked_up = Arc::new(AtomicUsize::new(0));
        let (found, asked) = (host.clone(), looked_up.clone());
        let resolve: Resolve = Arc::new(move |_name| {
            let (found, asked) = (found.clone(), asked.clone());
            Box::pin(async move {
                asked.fetch_add(1, Ordering::SeqCst);
                let found = *found.lock().unwrap();
                found
                    .map(|host| vec![host])
                    .ok_or_else(|| io::ErrorKind::NotFound.into())
            })
        });
        let service = LoginService::with_resolver(settings, any_clock.clone(), resolve);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let cancel = CancellationToken::new();
        let router = router(Parts {
            mobility: mobility.clone(),
            directory: directory.clone(),
            presence: registry.clone(),
            reconcile: news,
            journal: notes.clone(),
            advertised: None,
            login_service: service.clone(),
            after_answer: Arc::new(|| {}),
            push_keys,
            identify: Arc::new(|_| Box::pin(std::future::ready(Err("nobody is asked".to_owned())))),
            wording: PhoneConfigs::load(None).unwrap().wording,
        });
        tokio::spawn(serve(
            listener,
            router,
            any_clock,
            Limits::default(),
            cancel.clone(),
        ));
        Self {
            at,
            store,
            desk,
            directory,
            registry,
            clock,
            notes,
            service,
            mobility,
            host,
            looked_up,
            cancel,
        }
    }

    /// Keeps the store from writing, or lets it.
    pub fn hold_store(&self, held: bool) {
        self.desk.held.send_replace(held);
    }

    /// Ends logins that run out, as the daemon does.
    pub fn end_logins(&self) {
        let presence: Arc<dyn Presence> = self.registry.clone();
        let (mobility, cancel) = (self.mobility.clone(), self.cancel.clone());
        tokio::spawn(run_expiry(mobility, presence, cancel));
    }

    /// A phone registers from this address.
    pub fn plug_in(&self, device: &str, from: [u8; 4]) {
        let candidate = Candidate {
            device: DeviceName::new(device).unwrap(),
            protocol: Protocol::Sccp,
            peer: (from, 50_000).into(),
            local: ([127, 0, 0, 1], 2000).into(),
            load: None,
            type_id: None,
            configured_elsewhere: false,
            takes_objects: true,
        };
        let now = self.clock.now();
        let _ = self.registry.admit(candidate, Arc::new(Silent), now);
    }

    /// Says these bytes and reads until the service ends the connection.
    pub async fn say(&self, bytes: &str) -> Answer {
        self.say_from([127, 0, 0, 1], bytes).await
    }

    pub async fn say_from(&self, from: [u8; 4], bytes: &str) -> Answer {
        let mut stream = self.dial(from).await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        Answer::of(&rest(&mut stream).await)
    }

    pub async fn dial(&self, from: [u8; 4]) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::from(from), 0).into()).unwrap();
        socket.connect(self.at).await.unwrap()
    }

    /// Posts a message; the body of the answer, which is a 200 of type
    /// `text/xml`.
    pub async fn ask(&self, xml: &str) -> String {
        self.ask_at(SERVLET, xml).await
    }

    pub async fn ask_at(&self, path: &str, xml: &str) -> String {
        let answer = self.say(&post(path, &form(xml))).await;
        assert_eq!(answer.status, 200, "{xml}: {answer:?}");
        assert!(
            answer.head.contains("\r\nContent-Type: text/xml\r\n"),
            "{answer:?}"
        );
        assert!(
            answer.body.is_ascii() && !answer.body.starts_with("<?"),
            "{answer:?}"
        );
        answer.body
    }

    /// The code of the answer; 0 to 47, or `None` where it is none.
    pub async fn code_of(&self, xml: &str) -> Option<u16> {
        let answer = self.ask(xml).await;
        let code = code(&answer);
        assert_eq!(code.is_none(), !answer.contains("<failure>"), "{answer}");
        if let Some(code) = code {
            assert!(Code::from_number(code).is_some(), "{answer}");
        }
        code
    }

    /// Who is on a phone, by the service itself.
    pub async fn is_on(&self, device: &str) -> Option<String> {
        let answer = self.ask(&who(device)).await;
        let (_, user) = answer.split_once("<userID>")?;
        Some(user.split('<').next().unwrap().to_owned())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// All that comes until the connection ends.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let reading = async { while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {} };
    let in_time = tokio::time::timeout(PATIENCE, reading).await;
    assert!(in_time.is_ok(), "it hangs");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Waits until something is so.
pub async fn until(what: &str, so: impl Fn() -> bool) {
    let looking = async {
        while !so() {
            tokio::task::yield_now().await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, looking).await;
    assert!(seen.is_ok(), "never seen: {what}");
}
