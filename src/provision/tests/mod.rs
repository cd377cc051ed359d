//! What phones are served, told as stories, with a small site of three phones.
#![allow(clippy::unwrap_used)]

mod attributes;
mod compiled;
mod desk;
mod golden;
mod keys;
mod loads;
mod mismatch;
mod newcomers;
mod profiles;
mod requests;
mod services;
mod signed;
mod states;
mod wlan;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard};
use std::time::Duration;

use tokio::sync::watch;

use super::*;
use crate::model::{
    Basis, Catalogue, Change, DeviceName, DevicePool, DeviceProfile, Dialect, Digest,
    DirectoryNumber, Features, Held, Line, LogoutProfile, ModelName, ObjectId, ObjectName, Origin,
    Parameters, Phone, ProfileName, Protocol, Ring, Service, ServiceSubscription, Session,
    SipSecret, SpeedDial, Stamp, Timestamp, User, UserId, Wanted, World,
};
use crate::ports::{
    BoxFuture, ChangeRecord, Clock, Commit, Decide, Event, EventKind, FileAnswer, FileRequest,
    FileService, Journal, Presence, Registration, Scope, Sighting, Sightings, Store, StoreError,
};

pub(super) const OLD: &str = "SEP0007EB000060";
pub(super) const MIDDLE: &str = "SEP001A2B000061";
pub(super) const NEW: &str = "SEP00C1B1000041";
pub(super) const SECRET: &str = "Abcdefghij0123456789";

pub(super) fn device(name: &str) -> DeviceName {
    DeviceName::new(name).unwrap()
}

fn object(name: &str) -> ObjectName {
    ObjectName::new(name).unwrap()
}

pub(super) fn line(number: &str, label: Option<&str>) -> Line {
    Line {
        label: label.map(str::to_owned),
        ..Line::new(DirectoryNumber::new(number).unwrap())
    }
}

fn dial(number: &str, label: &str, emergency: bool) -> SpeedDial {
    SpeedDial {
        label: Some(label.to_owned()),
        emergency,
        ..SpeedDial::new(DirectoryNumber::new(number).unwrap())
    }
}

fn phone(id: i64, name: &str, model: &str, lines: Vec<Line>) -> Phone {
    Phone {
        id: ObjectId(id),
        name: device(name),
        model: ModelName::new(model).unwrap(),
        protocol: None,
        observed_protocol: None,
        observed_model: None,
        load: None,
        extension_mobility: true,
        logout_profile: LogoutProfile::UseCurrentSettings,
        locale: None,
        device_pool: object(DevicePool::DEFAULT),
        owner: None,
        description: String::new(),
        features: Features::default(),
        confirm_logout: None,
        vendor_config: crate::model::VendorConfig::default(),
        lines,
        speed_dials: vec![dial("112", "Emergency", true)],
        services: Vec::new(),
        sip_secret: SipSecret::new(SECRET),
        auto_registered: None,
    }
}

/// A site of one old, one middle-aged and one new phone, and Alice.
pub(super) struct Site {
    pub(super) world: World,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) renderer: Arc<Renderer>,
}

impl Site {
    pub(super) fn new() -> Self {
        let configs = PhoneConfigs::load(None).unwrap();
        let mut site = Self {
            world: World::default(),
            catalogue: configs.catalogue,
            renderer: configs.renderer,
        };
        let mut pool = DevicePool::default_pool();
        pool.time_zone = Some("Europe/Berlin".to_owned());
        pool.ntp = vec!["192.0.2.123".to_owned()];
        site.apply(&Change::PutPool(pool));
        let mut old = phone(1, OLD, "7960", vec![line("1001", Some("Lobby"))]);
        old.features.expansion_modules = vec!["7914".to_owned()];
        site.apply(&Change::PutPhone(Box::new(old)));
        site.apply(&Change::PutPhone(Box::new(phone(
            2,
            MIDDLE,
            "7961",
            Vec::new(),
        ))));
        site.apply(&Change::PutPhone(Box::new(phone(
            3,
            NEW,
            "8841",
            Vec::new(),
        ))));
        for (name, url) in [
            ("Weather", "http://192.0.2.9/weather?city=Berlin&unit=C"),
            ("A & B <x>", "http://192.0.2.9/ab"),
        ] {
            site.apply(&Change::PutService(Service {
                name: object(name),
                url: url.to_owned(),
                description: String::new(),
                parameter: Vec::new(),
            }));
        }
        site.apply(&Change::PutUser(Box::new(User {
            id: ObjectId(10),
            user_id: UserId::new("alice").unwrap(),
            alias: None,
            first_name: "Alice".to_owned(),
            last_name: "O'Hara".to_owned(),
            pin: None,
            password: None,
            credential_version: 1,
            profiles: Vec::new(),
            locale: Some("German_Germany".to_owned()),
            primary_extension: None,
            self_service_id: None,
            controlled_phones: Vec::new(),
            multiple_login_behavior: None,
            excluded: false,
            extension_assigner: false,
            pin_must_change: false,
            pin_set: None,
        })));
        for (id, model) in [(21, "7960"), (22, "7961"), (23, "8841")] {
            site.apply(&Change::PutProfile(Box::new(profile(id, model))));
        }
        site
    }

    /// The same with stamps that do not follow every touch of a template, for
    /// files that are kept.
    pub(super) fn with_steady_stamps() -> Self {
        let mut site = Self::new();
        let steady: BTreeMap<Dialect, Digest> = Dialect::ALL
            .map(|dialect| (dialect, Digest::of(b"steady")))
            .into();
        let text = ConfigFile::Catalogue.embedded();
        site.catalogue = Arc::new(load_catalogue(text, steady).unwrap());
        site
    }

    pub(super) fn apply(&mut self, change: &Change) {
        self.world.apply(change);
    }

    pub(super) fn change_phone(&mut self, name: &str, change: impl FnOnce(&mut Phone)) {
        let mut phone = (**self.world.phone(&device(name)).unwrap()).clone();
        change(&mut phone);
        self.apply(&Change::PutPhone(Box::new(phone)));
    }

    /// Alice signs in on a phone, with the profile for its model.
    pub(super) fn sign_in(&mut self, name: &str) {
        let phone = self.world.phone(&device(name)).unwrap().id;
        self.apply(&Change::PutSession(Session {
            phone,
            user: ObjectId(10),
            profile: ObjectId(phone.0 + 20),
            since: Timestamp(0),
            expires: None,
            origin: Origin::Phone,
            frozen: None,
            mismatched: false,
        }));
    }

    pub(super) fn wanted(&self, name: &str) -> Wanted {
        let phone = self.world.phone(&device(name)).unwrap().id;
        self.world.wanted(&self.catalogue, phone).unwrap()
    }

    pub(super) fn render(&self, name: &str, host: &str) -> String {
        let ctx = RenderContext {
            host,
            ports: PORTS,
            host_time_zone: "Europe/London",
            now: NOW,
        };
        let file = self.renderer.boot_file(&self.wanted(name), &ctx).unwrap();
        String::from_utf8(file.to_vec()).unwrap()
    }
}

fn profile(id: i64, model: &str) -> DeviceProfile {
    let mut second = line("2002", Some("A & B <x>"));
    second.ring = Ring::Silent;
    DeviceProfile {
        id: ObjectId(id),
        name: ProfileName::new(&format!("alice-{model}")).unwrap(),
        model: ModelName::new(model).unwrap(),
        description: String::new(),
        locale: None,
        features: Features {
            softkey_template: Some("Front Desk".to_owned()),
            ..Features::default()
        },
        maximum_idle_time: None,
        lines: vec![line("2001", None), second],
        speed_dials: vec![dial(
            "2999",
            "Bürö \"Süd\" with a label of more than 30",
            false,
        )],
        services: ["Weather", "A & B <x>"]
            .map(|name| ServiceSubscription {
                name: object(name),
                parameters: BTreeMap::new(),
            })
            .into(),
    }
}

/// Some summer's day.
pub(super) const NOW: Timestamp = Timestamp(1_780_000_000_000);
pub(super) const PORTS: AdvertisedPorts = AdvertisedPorts {
    services_http: Some(8080),
    sccp: Some(2000),
    sip: Some(5060),
};

/// The texts of the elements of this name.
pub(super) fn texts<'a>(file: &'a str, element: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    file.split(open.as_str())
        .skip(1)
        .map(|rest| rest.split(close.as_str()).next().unwrap())
        .collect()
}

pub(super) struct FakeStore(RwLock<World>, watch::Sender<u64>);

impl FakeStore {
    pub(super) fn commit(&self, change: &Change) {
        self.0.write().unwrap().apply(change);
    }

    /// Changes what is stored without a commit, which nobody may do.
    pub(super) fn tamper(&self, meddle: impl FnOnce(&mut World)) {
        meddle(&mut self.0.write().unwrap());
    }
}

impl Store for FakeStore {
    fn world(&self) -> RwLockReadGuard<'_, World> {
        self.0.read().unwrap()
    }
    fn submit(&self, _: Scope, _: Decide) -> BoxFuture<'_, Result<Commit, StoreError>> {
        Box::pin(async { Err(StoreError::Stopped) })
    }
    fn changed(&self) -> watch::Receiver<u64> {
        self.1.subscribe()
    }
    fn read_after(&self, _: u64, _: usize) -> BoxFuture<'_, Result<Vec<ChangeRecord>, StoreError>> {
        Box::pin(async { Err(StoreError::Stopped) })
    }
}

/// Journal, clock, presence and listeners in one: what was told, and what is.
#[derive(Default)]
pub(super) struct Scene {
    events: Mutex<Vec<Event>>,
    registered: Mutex<BTreeMap<DeviceName, SocketAddr>>,
    taken: Mutex<Vec<(DeviceName, Stamp)>>,
    shown: Mutex<Vec<(DeviceName, Protocol)>>,
    now: Mutex<Duration>,
}

impl Journal for Scene {
    fn record(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }
}

impl Clock for Scene {
    fn now(&self) -> Timestamp {
        Timestamp(1_000)
    }
    fn monotonic(&self) -> Duration {
        *self.now.lock().unwrap()
    }
    fn sleep_until(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

impl Presence for Scene {
    fn registration(&self, device: &DeviceName) -> Option<Registration> {
        let peer = *self.registered.lock().unwrap().get(device)?;
        Some(Registration {
            device: device.clone(),
            generation: 1,
            protocol: Protocol::Sip,
            peer,
            local: peer,
            load: None,
            type_id: None,
            since: Timestamp(0),
            heard: Timestamp(0),
            in_call: false,
            configured_elsewhere: false,
            takes_objects: true,
        })
    }

    fn last_use(&self, _device: &DeviceName) -> Option<Timestamp> {
        None
    }
}

impl Sightings for Scene {
    fn refreshed(&self, _: &DeviceName, _: u64, _: crate::ports::Shown) {}
    fn registered(&self, _: Sighting) {}
    fn order_accepted(&self, _: &DeviceName, _: u64) {}
    fn order_refused(&self, _: &DeviceName, _: u64, _: String) {}
    fn unregistered(&self, _: &DeviceName, _: u64) {}
    fn idle(&self, _: &DeviceName) {}
    fn file_taken(&self, device: &DeviceName, file: Stamp, _: Basis) {
        self.taken.lock().unwrap().push((device.clone(), file));
    }
}

impl ProtocolSeen for Scene {
    fn seen(&self, device: &DeviceName, protocol: Protocol) {
        self.shown.lock().unwrap().push((device.clone(), protocol));
    }
}

impl Scene {
    pub(super) fn register(&self, name: &str, peer: &str) {
        self.registered
            .lock()
            .unwrap()
            .insert(device(name), format!("{peer}:50000").parse().unwrap());
    }

    /// What the journal holds about a phone, in words.
    pub(super) fn journal(&self, name: &str) -> Vec<String> {
        self.events
            .lock()
            .unwrap()
            .iter()
            .filter(|event| event.device == Some(device(name)))
            .map(|event| match &event.kind {
                EventKind::File { outcome, .. } => outcome.clone(),
                EventKind::FileDelivered { .. } => "delivered".to_owned(),
                EventKind::Note { text } => text.clone(),
                other => format!("{other:?}"),
            })
            .collect()
    }
}

/// The resolver of a site, with a scene around it.
pub(super) struct House {
    pub(super) resolver: Resolver,
    pub(super) scene: Arc<Scene>,
    pub(super) store: Arc<FakeStore>,
    pub(super) static_folder: PathBuf,
    _folder: tempfile::TempDir,
}

impl House {
    pub(super) fn new(site: Site, statics: &[(&str, &str)], settings: Settings) -> Self {
        let house = Self::closed(site, statics, settings);
        house.resolver.open(PORTS);
        house
    }

    pub(super) fn closed(site: Site, statics: &[(&str, &str)], settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // What `../canary` would reach.
        std::fs::write(folder.path().join("canary"), "OUTSIDE").unwrap();
        let static_folder = folder.path().join("static");
        std::fs::create_dir(&static_folder).unwrap();
        for (name, text) in statics {
            let path = static_folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let scene = Arc::new(Scene::default());
        let store = Arc::new(FakeStore(RwLock::new(site.world), watch::Sender::new(0)));
        let resolver = Resolver::new(ResolverParts {
            store: store.clone(),
            catalogue: site.catalogue,
            renderer: site.renderer,
            static_folder: Some(static_folder.clone()),
            journal: scene.clone(),
            clock: scene.clone(),
            presence: scene.clone(),
            settings,
        });
        resolver.attach(scene.clone(), scene.clone());
        Self {
            resolver,
            scene,
            store,
            static_folder,
            _folder: folder,
        }
    }
}

pub(super) fn ask(name: &[u8], peer: &str) -> FileRequest {
    FileRequest {
        name: name.to_vec(),
        peer: format!("{peer}:49152").parse().unwrap(),
        local: "192.0.2.1:69".parse().unwrap(),
        service: FileService::Tftp,
    }
}

/// What was answered, in one word, or the file itself.
pub(super) fn said(answer: &FileAnswer) -> String {
    match answer {
        FileAnswer::Found { body, .. } => String::from_utf8_lossy(body).into_owned(),
        FileAnswer::NotFound => "not found".to_owned(),
        FileAnswer::Refused(_) => "refused".to_owned(),
        FileAnswer::Busy => "busy".to_owned(),
    }
}
