//! A house without walls: the router as it is, a store in memory, a directory
//! that does as it is told, and a clock that is moved by hand.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::http::execute::{PhoneBrowser, PushKeys};
use crate::http::look::{PhoneIdentity, page::Entry};
use crate::http::server::{AfterAnswer, Ends};
use crate::http::services::{LoginService, LoginServiceSettings, Parts, router};
use crate::mobility::Mobility;
use crate::model::{
    Change, CredentialHash, DeviceName, Held, Pin, Protocol, Secret, Timestamp, User, UserId,
};
use crate::phonexml::{Input, Menu, Object, SoftKey, Strictness, Text, parse_with_charset};
use crate::ports::{
    BoxFuture, Clock, Denied, Directory, Event, Hasher, Identity, Journal, LinkFault, LinkOrder,
    PhoneLink, PinRefused, Presence, Scope, Store, Verdict, Verified,
};
use crate::provision::PhoneConfigs;
use crate::reconcile::{self, Reconciler};
use crate::registry::{Admission, Candidate, Registry};
use crate::site;
use crate::store::MemoryStore;

pub(super) const LOBBY: &str = "SEP001122334455";
pub(super) const DESK: &str = "SEP001122334466";
pub(super) const ROOM: &str = "SEP001122334477";

/// Three phones; Alice with two profiles, Bob and Carol with one each, Dora
/// with none.
const SITE: &str = r#"
version = 1
[parameters]
PARAMETERS
[[phone]]
name = "SEP001122334455"
model = "7960"
protocol = "sccp"
extension_mobility = true
description = "Lobby"
line = [{ number = "1001" }]
[[phone]]
name = "SEP001122334466"
model = "7961"
protocol = "sccp"
extension_mobility = true
description = "Shared desk"
line = [{ number = "1002" }]
[[phone]]
name = "SEP001122334477"
model = "8841"
protocol = "sip"
extension_mobility = true
line = [{ number = "1003" }]
[[profile]]
name = "alice-desk"
model = "7961"
line = [{ number = "2001" }]
[[profile]]
name = "alice-quiet"
model = "7961"
line = [{ number = "2101" }]
[[profile]]
name = "bob"
model = "7961"
line = [{ number = "2002" }]
[[profile]]
name = "carol"
model = "7961"
locale = "German_Germany"
line = [{ number = "2003" }]
[[user]]
id = "alice"
alias = "4711"
first_name = "Alice"
last_name = "Adler"
pin = "58213"
profiles = ["alice-desk", "alice-quiet"]
primary_extension = "2001"
[[user]]
id = "bob"
first_name = "Bob"
last_name = "Brandt"
pin = "31415"
profiles = ["bob"]
primary_extension = "2002"
self_service_id = "90002"
[[user]]
id = "carol"
pin = "27182"
profiles = ["carol"]
primary_extension = "2002"
[[user]]
id = "dora"
pin = "16180"
"#;

/// PINs as they are: nothing is measured here.
struct Plain;

impl Hasher for Plain {
    fn hash(&self, secret: &str) -> Result<CredentialHash, String> {
        Ok(CredentialHash::new(secret))
    }
    fn matches(&self, secret: &str, hash: &CredentialHash) -> bool {
        hash.expose() == secret
    }
}

/// A directory that does as it is told.
pub(super) struct Told {
    store: Arc<MemoryStore>,
    pub(super) down: AtomicBool,
    pub(super) locked: Mutex<Option<UserId>>,
    /// What the next change of a PIN is answered.
    pub(super) refuses: Mutex<Option<PinRefused>>,
    /// Checks wait for a place here.
    pub(super) gate: Semaphore,
    pub(super) checks: AtomicUsize,
}

impl Told {
    fn user(&self, identity: &Identity) -> Result<Arc<User>, Denied> {
        let Identity::User {
            typed,
            login_type,
            ignore_case,
        } = identity
        else {
            return Err(Denied::Unknown);
        };
        let world = self.store.world();
        match world.users_for(typed, *login_type, *ignore_case).as_slice() {
            [] => Err(Denied::Unknown),
            [user] => Ok(Arc::clone(user)),
            _ => Err(Denied::Ambiguous),
        }
    }

    async fn check(&self, identity: &Identity, secret: &str) -> Result<Arc<User>, Denied> {
        self.checks.fetch_add(1, Ordering::AcqRel);
        let _place = self.gate.acquire().await.unwrap();
        if self.down.load(Ordering::Acquire) {
            return Err(Denied::Unavailable("no answer".to_owned()));
        }
        let user = self.user(identity)?;
        if self.locked.lock().unwrap().as_ref() == Some(&user.user_id) {
            return Err(Denied::LockedOut {
                until: Timestamp(1),
            });
        }
        match &user.pin {
            Some(pin) if pin.expose() == secret => Ok(user),
            _ => Err(Denied::Wrong),
        }
    }
}

impl Directory for Told {
    fn verify(
        &self,
        identity: Identity,
        secret: Secret,
        _source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<Verified, Denied>> {
        Box::pin(async move {
            let user = self.check(&identity, secret.expose()).await?;
            Ok(Verified::User {
                id: user.id,
                user_id: user.user_id.clone(),
                version: user.credential_version,
                pin_must_change: user.pin_must_change,
            })
        })
    }

    fn change_pin(
        &self,
        identity: Identity,
        present: Pin,
        new: Pin,
        _source: Option<IpAddr>,
    ) -> BoxFuture<'_, Result<(), PinRefused>> {
        Box::pin(async move {
            let user = self.check(&identity, present.expose()).await?;
            if let Some(refused) = self.refuses.lock().unwrap().take() {
                return Err(refused);
            }
            let mut user = (*user).clone();
            user.pin = Some(CredentialHash::new(new.expose()));
            user.credential_version += 1;
            user.pin_must_change = false;
            put(&*self.store, Change::PutUser(Box::new(user))).await;
            Ok(())
        })
    }
}

async fn put(store: &dyn Store, change: Change) {
    let decide = Box::new(move |_: &crate::model::World| Verdict::Commit(vec![change.clone()]));
    store.submit(Scope::Site, decide).await.unwrap();
}

/// Stands still until it is moved.
pub(super) struct Hand(Mutex<Duration>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(1_552_156_366_000).plus(*self.0.lock().unwrap())
    }
    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }
    fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

#[derive(Default)]
struct Ears(Mutex<Vec<Event>>);

impl Journal for Ears {
    fn record(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

/// The web servers of phones, by the last number of their address: who each says
/// it is.
#[derive(Default)]
pub(super) struct Webs {
    names: Mutex<BTreeMap<u8, String>>,
    pub(super) asked: AtomicUsize,
}

impl Webs {
    pub(super) fn say(&self, host: u8, name: &str) {
        self.names.lock().unwrap().insert(host, name.to_owned());
    }

    fn answer(&self, at: IpAddr) -> Result<PhoneIdentity, String> {
        self.asked.fetch_add(1, Ordering::AcqRel);
        let host = match at {
            IpAddr::V4(at) => at.octets()[3],
            IpAddr::V6(_) => 0,
        };
        let name = self.names.lock().unwrap().get(&host).cloned();
        let value = name.ok_or("its web server is off")?;
        let name = "HostName".to_owned();
        PhoneIdentity::of(&[Entry { name, value }]).ok_or_else(|| "it names no phone".to_owned())
    }
}

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

/// An answer, read as strict firmware reads it.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
    pub(super) object: Option<Object>,
}

impl Answer {
    pub(super) fn says(&self, words: &str) -> bool {
        self.text.contains(words)
    }

    #[track_caller]
    pub(super) fn form(&self) -> &Input {
        match &self.object {
            Some(Object::Input(form)) => form,
            _ => panic!("a form: {}", self.text),
        }
    }

    #[track_caller]
    pub(super) fn menu(&self) -> &Menu {
        match &self.object {
            Some(Object::Menu(menu)) => menu,
            _ => panic!("a menu: {}", self.text),
        }
    }

    #[track_caller]
    pub(super) fn page(&self) -> &Text {
        match &self.object {
            Some(Object::Text(page)) => page,
            _ => panic!("a page of text: {}", self.text),
        }
    }

    /// The fields of a form: name on the display, parameter, flags, value.
    #[track_caller]
    pub(super) fn fields(&self) -> Vec<(String, String, String, String)> {
        let field = |item: &crate::phonexml::InputItem| {
            (
                item.name.to_string(),
                item.parameter().to_owned(),
                item.flags.letters(),
                item.default_value.to_string(),
            )
        };
        self.form().items.iter().map(field).collect()
    }

    /// Where the form goes.
    #[track_caller]
    pub(super) fn action(&self) -> String {
        path_of(self.form().url.as_ref().unwrap().as_str())
    }

    /// The lines of a menu and where they lead.
    #[track_caller]
    pub(super) fn lines(&self) -> BTreeMap<String, String> {
        let lines = self.menu().items.iter();
        lines
            .map(|item| {
                let url = item.url.as_ref().unwrap().as_str();
                (item.name.to_string(), path_of(url))
            })
            .collect()
    }

    /// Where the soft key of that name leads.
    #[track_caller]
    pub(super) fn key(&self, name: &str) -> String {
        let keys = &self.object.as_ref().unwrap().frame().unwrap().soft_keys;
        let key = keys.iter().find(|key| key.name.as_str() == name);
        let key = key.unwrap_or_else(|| panic!("no key {name}: {}", self.text));
        let url = key.url.as_ref().unwrap().as_str();
        if url.starts_with("http") {
            path_of(url)
        } else {
            url.to_owned()
        }
    }

    pub(super) fn can_be_left(&self) -> bool {
        let frame = self.object.as_ref().and_then(Object::frame);
        frame.is_some_and(|frame| frame.soft_keys.doing(SoftKey::Exit).is_some())
    }

    #[track_caller]
    pub(super) fn prompt(&self) -> String {
        let frame = self.object.as_ref().unwrap().frame().unwrap();
        frame.prompt.to_string()
    }

    #[track_caller]
    pub(super) fn title(&self) -> String {
        let frame = self.object.as_ref().unwrap().frame().unwrap();
        frame.title.to_string()
    }
}

fn path_of(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    rest[rest.find('/').unwrap()..].to_owned()
}

/// The house.
pub(super) struct House {
    pub(super) store: Arc<MemoryStore>,
    pub(super) directory: Arc<Told>,
    pub(super) registry: Arc<Registry>,
    /// What the web servers of phones are asked, and answer.
    pub(super) webs: Arc<Webs>,
    clock: Arc<Hand>,
    journal: Arc<Ears>,
    router: Router,
    /// Its other end is held so that the handle has somebody to tell.
    _reconciler: Reconciler,
}

impl House {
    /// The site with these parameters, a line each.
    pub(super) async fn with(parameters: &str) -> Self {
        Self::of(&SITE.replace("PARAMETERS", parameters)).await
    }

    /// The site with something replaced, and these parameters.
    pub(super) async fn changed(from: &str, to: &str, parameters: &str) -> Self {
        assert!(SITE.contains(from), "{from}");
        let site = SITE.replace(from, to);
        Self::of(&site.replace("PARAMETERS", parameters)).await
    }

    async fn of(site: &str) -> Self {
        let configs = PhoneConfigs::load(None).unwrap();
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(Hand(Mutex::new(Duration::ZERO)));
        let journal = Arc::new(Ears::default());
        site::apply(
            &*store,
            Arc::new(Plain),
            Arc::clone(&configs.catalogue),
            &*clock,
            site,
            &site::Options::default(),
        )
        .await
        .unwrap();
        let registry = Arc::new(Registry::default());
        let webs = Arc::new(Webs::default());
        let push_keys = PushKeys::new(clock.clone());
        let (reconciler, news) = Reconciler::new(
            store.clone(),
            Arc::clone(&registry),
            Arc::clone(&configs.catalogue),
            journal.clone(),
            clock.clone(),
            Arc::new(PhoneBrowser::new(push_keys.clone(), 80)),
            "node-1",
            reconcile::Settings::default(),
            Box::new(|| {}),
        );
        let directory = Arc::new(Told {
            store: store.clone(),
            down: AtomicBool::new(false),
            locked: Mutex::new(None),
            refuses: Mutex::new(None),
            gate: Semaphore::new(1000),
            checks: AtomicUsize::new(0),
        });
        let router = router(Parts {
            mobility: Mobility::new(
                store.clone(),
                clock.clone(),
                journal.clone(),
                Arc::clone(&configs.catalogue),
            ),
            directory: directory.clone(),
            presence: Arc::clone(&registry) as Arc<dyn Presence>,
            reconcile: news,
            journal: journal.clone(),
            advertised: None,
            wording: Arc::clone(&configs.wording),
            login_service: LoginService::new(LoginServiceSettings::default(), clock.clone()),
            push_keys,
            identify: {
                let webs = Arc::clone(&webs);
                Arc::new(move |at| Box::pin(std::future::ready(webs.answer(at))))
            },
            after_answer: Arc::new(|| {}),
        });
        Self {
            store,
            directory,
            registry,
            webs,
            clock,
            journal,
            router,
            _reconciler: reconciler,
        }
    }

    pub(super) fn advance(&self, seconds: u64) {
        *self.clock.0.lock().unwrap() += Duration::from_secs(seconds);
    }

    /// What the journal has heard, in words.
    pub(super) fn heard(&self) -> String {
        let events = self.journal.0.lock().unwrap();
        events.iter().fold(String::new(), |mut all, event| {
            use std::fmt::Write as _;
            writeln!(all, "{:?} {:?}", event.device, event.kind).unwrap();
            all
        })
    }

    /// Asks from the address 192.0.2.7.
    pub(super) async fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[], "", 7).await
    }

    pub(super) async fn post(&self, target: &str, body: &str) -> Answer {
        self.ask("POST", target, &[], body, 7).await
    }

    /// Asks as a phone does: method, target, headers, body, last number of its
    /// address.
    pub(super) async fn ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
        host: u8,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        request.extensions_mut().insert(Ends {
            peer: SocketAddr::from(([192, 0, 2, host], 50_000)),
            local: SocketAddr::from(([192, 0, 2, 1], 8080)),
        });
        request.extensions_mut().insert(AfterAnswer::default());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type").cloned();
        let kind = kind.map(|kind| kind.to_str().unwrap().to_owned());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let charset = kind
            .as_deref()
            .and_then(|kind| kind.strip_prefix("text/xml; charset="));
        let object = charset.map(|charset| {
            let read = parse_with_charset(&bytes, Some(charset), Strictness::Strict);
            read.unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(&bytes)))
        });
        let text = match charset {
            Some("ISO-8859-1") => bytes.iter().map(|byte| char::from(*byte)).collect(),
            _ => String::from_utf8(bytes.to_vec()).unwrap(),
        };
        let answer = Answer {
            status,
            text,
            object,
        };
        assert!(
            answer.object.is_none() || answer.can_be_left(),
            "{}",
            answer.text
        );
        for pin in ["58213", "31415", "27182", "16180"] {
            assert!(!answer.says(pin), "a PIN: {}", answer.text);
        }
        answer
    }

    /// Registers a phone from an address.
    pub(super) fn register(&self, device: &str, host: u8) -> u64 {
        let candidate = Candidate {
            device: DeviceName::new(device).unwrap(),
            protocol: Protocol::Sccp,
            peer: SocketAddr::from(([192, 0, 2, host], 50_001)),
            local: SocketAddr::from(([192, 0, 2, 1], 2000)),
            load: None,
            type_id: None,
            configured_elsewhere: false,
            takes_objects: true,
        };
        match self
            .registry
            .admit(candidate, Arc::new(Silent), Timestamp(0))
        {
            Admission::Admitted { generation, .. } => generation,
            Admission::Contested(_) => panic!("contested"),
        }
    }

    /// Who is signed in on a phone.
    pub(super) fn user_on(&self, device: &str) -> Option<String> {
        let world = self.store.world();
        let phone = world.phone(&DeviceName::new(device).unwrap()).unwrap();
        let session = world.sessions.get(&phone.id)?;
        Some(world.users.get(&session.user).unwrap().user_id.to_string())
    }

    /// As if the phone had been registered before we began.
    pub(super) async fn was_here(&self, device: &str) {
        let phone = {
            let world = self.store.world();
            world.phone(&DeviceName::new(device).unwrap()).unwrap().id
        };
        let held = Held {
            phone,
            file: None,
            station: None,
            node: "node-1".to_owned(),
            seen: Timestamp(0),
        };
        put(&*self.store, Change::PutHeld(held)).await;
    }

    /// As if the phone had come back with what is wanted.
    pub(super) async fn comes_back(&self, device: &str) {
        let id = {
            let world = self.store.world();
            world.phone(&DeviceName::new(device).unwrap()).unwrap().id
        };
        put(&*self.store, Change::DropPending(id)).await;
    }

    /// Commits a change as an operator does.
    pub(super) async fn put(&self, change: Change) {
        put(&*self.store, change).await;
    }

    /// Changes a user as an operator does.
    pub(super) async fn change_user(&self, user: &str, change: impl Fn(&mut User)) {
        let mut user = {
            let world = self.store.world();
            let user = world.user(&UserId::new(user).unwrap()).unwrap();
            (**user).clone()
        };
        change(&mut user);
        put(&*self.store, Change::PutUser(Box::new(user))).await;
    }

    /// Signs somebody in and lets the phone come back.
    pub(super) async fn sits(&self, device: &str, user: &str, pin: &str) {
        let target = format!("{}&userid={user}&seq={pin}", door(device));
        let answer = self.get(&target).await;
        assert!(answer.says("Login Successful"), "{}", answer.text);
        self.comes_back(device).await;
    }
}

/// The application for a phone.
pub(super) fn door(device: &str) -> String {
    format!("/emapp/EMAppServlet?device={device}")
}

/// The change of a PIN for a phone.
pub(super) fn pin_door(device: &str) -> String {
    format!("/changecredential/ChangeCredentialServlet?device={device}")
}
