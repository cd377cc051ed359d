//! A house in memory: store, clock, journal, and an ear for sightings.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::model::{
    Basis, Catalogue, Change, Charset, ContactId, DeviceName, Dialect, DirectoryNumber, Features,
    Fetch, FileOrder, Line, LogoutProfile, ModelName, ObjectId, ObjectName, Phone, PhoneModel,
    Protocol, ProtocolFacts, ServicesDoor, SipSecret, SoftKeyLayout, Stamp, Timestamp, World,
};
use crate::ports::{
    BoxFuture, ChangeRecord, Clock, Commit, Decide, Deliveries, Delivery, Event, EventKind,
    Journal, LinkOrder, PhoneLink, Presence, Registration, Scope, Shown, Sighting, Sightings,
    Store, StoreError, Verdict,
};
use crate::registry::{PlaceLimits, Registry};
use crate::sip::server::{Parts, Server, Settings};

/// The store.
pub(super) struct Memory {
    world: RwLock<World>,
    number: watch::Sender<u64>,
}

impl Store for Memory {
    fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap()
    }

    fn submit(
        &self,
        _scope: Scope,
        mut decide: Decide,
    ) -> BoxFuture<'_, Result<Commit, StoreError>> {
        let mut world = self.world.write().unwrap();
        if let Verdict::Commit(changes) = decide(&world) {
            for change in &changes {
                world.apply(change);
                self.number.send_modify(|number| *number += 1);
            }
        }
        let number = *self.number.borrow();
        Box::pin(async move { Ok(Commit { number }) })
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.number.subscribe()
    }

    fn read_after(
        &self,
        _number: u64,
        _limit: usize,
    ) -> BoxFuture<'_, Result<Vec<ChangeRecord>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// A clock that moves when it is told to.
pub(super) struct Hands(watch::Sender<Duration>);

/// Sat, 09 Mar 2019 18:32:46 GMT
const START: Timestamp = Timestamp(1_552_156_366_000);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        START.plus(*self.0.borrow())
    }

    fn monotonic(&self) -> Duration {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        let mut moved = self.0.subscribe();
        Box::pin(async move {
            let _ = moved.wait_for(|now| *now >= at).await;
        })
    }
}

/// All that was told, as text, in order.
#[derive(Default)]
pub(super) struct Ears {
    told: Mutex<Vec<String>>,
    /// The next registration is too much for them.
    panics: AtomicBool,
    sightings: Mutex<Vec<Sighting>>,
}

impl Ears {
    fn hear(&self, words: String) {
        self.told.lock().unwrap().push(words);
    }
}

impl Sightings for Ears {
    fn registered(&self, sighting: Sighting) {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "as was asked");
        self.hear(format!("registered {:?}", sighting.came_back));
        self.sightings.lock().unwrap().push(sighting);
    }
    fn order_accepted(&self, _device: &DeviceName, _generation: u64) {
        self.hear("accepted".into());
    }
    fn order_refused(&self, _device: &DeviceName, _generation: u64, why: String) {
        self.hear(format!("refused: {why}"));
    }
    fn unregistered(&self, _device: &DeviceName, _generation: u64) {
        self.hear("unregistered".into());
    }
    fn refreshed(&self, _device: &DeviceName, _generation: u64, _shown: Shown) {
        self.hear("refreshed".into());
    }
    fn idle(&self, _device: &DeviceName) {
        self.hear("idle".into());
    }
    fn file_taken(&self, _device: &DeviceName, _file: Stamp, _basis: Basis) {}
}

#[derive(Default)]
struct Pages(Mutex<Vec<Event>>);

impl Journal for Pages {
    fn record(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

#[derive(Default)]
struct Sent(Mutex<HashMap<DeviceName, Delivery>>);

impl Deliveries for Sent {
    fn last(&self, device: &DeviceName) -> Option<Delivery> {
        self.0.lock().unwrap().get(device).copied()
    }
}

/// A server and all around it.
pub(super) struct House {
    pub(super) at: SocketAddr,
    pub(super) registry: Arc<Registry>,
    clock: Arc<Hands>,
    ears: Arc<Ears>,
    journal: Arc<Pages>,
    deliveries: Arc<Sent>,
    store: Arc<Memory>,
    catalogue: Arc<Catalogue>,
    cancel: CancellationToken,
}

impl House {
    pub(super) fn open() -> Self {
        Self::with(&Settings::default())
    }

    pub(super) fn with(settings: &Settings) -> Self {
        let catalogue = Arc::new(catalogue());
        let store = Arc::new(Memory {
            world: RwLock::new(World::default()),
            number: watch::Sender::new(0),
        });
        let clock = Arc::new(Hands(watch::Sender::new(Duration::from_secs(1000))));
        let (registry, ears) = (Arc::<Registry>::default(), Arc::<Ears>::default());
        let (journal, deliveries) = (Arc::<Pages>::default(), Arc::<Sent>::default());
        let parts = Parts {
            newcomers: Arc::new(crate::ports::NoNewcomers),
            store: Arc::clone(&store) as _,
            catalogue: Arc::clone(&catalogue),
            registry: Arc::clone(&registry),
            sightings: Arc::clone(&ears) as _,
            journal: Arc::clone(&journal) as _,
            clock: Arc::clone(&clock) as _,
            deliveries: Arc::clone(&deliveries) as _,
        };
        let any = "0.0.0.0:0".parse().unwrap();
        let server = Server::bind(any, parts, settings).unwrap();
        let port = server.local_addr().unwrap().port();
        let cancel = CancellationToken::new();
        tokio::spawn(server.run(cancel.clone()));
        let house = Self {
            at: SocketAddr::from(([127, 0, 0, 1], port)),
            registry,
            clock,
            ears,
            journal,
            deliveries,
            store,
            catalogue,
            cancel,
        };
        house.put(phone(1, "SEPC80084AA8743", "7821", &["2222"]));
        house.put(phone(2, other_device().as_str(), "7821", &["3333", "4444"]));
        house.put(phone(3, "SEP000E84C060A6", "7960", &["1600", "4444"]));
        house
    }

    pub(super) fn tight() -> Settings {
        Settings {
            places: PlaceLimits {
                total: 1,
                per_address: 1,
            },
            ..Settings::default()
        }
    }

    pub(super) fn put(&self, phone: Phone) {
        self.change(&Change::PutPhone(Box::new(phone)));
    }

    pub(super) fn change(&self, change: &Change) {
        self.store.world.write().unwrap().apply(change);
        self.store.number.send_modify(|number| *number += 1);
    }

    pub(super) fn phone(&self, device: &DeviceName) -> Phone {
        Phone::clone(self.store.world().phone(device).unwrap())
    }

    /// The file that a phone should hold.
    pub(super) fn file(&self, device: &DeviceName) -> Stamp {
        let world = self.store.world();
        let id = world.phone(device).unwrap().id;
        world.wanted(&self.catalogue, id).unwrap().stamps.file
    }

    pub(super) fn contact(&self, device: &DeviceName) -> String {
        ContactId::mint(device, 1, self.file(device)).to_string()
    }

    pub(super) fn delivered(&self, device: &DeviceName, to: &str, file: Stamp) {
        let delivery = Delivery {
            peer: to.parse().unwrap(),
            file,
            at: START,
        };
        let mut sent = self.deliveries.0.lock().unwrap();
        sent.insert(device.clone(), delivery);
    }

    pub(super) fn last_use(&self, device: &DeviceName) -> Option<Timestamp> {
        self.registry.last_use(device)
    }

    pub(super) fn registration(&self, device: &DeviceName) -> Option<Registration> {
        self.registry.registration(device)
    }

    pub(super) fn order(&self, device: &DeviceName, order: LinkOrder) {
        let (_, link): (u64, Arc<dyn PhoneLink>) = self.registry.link(device).unwrap();
        link.send(order).unwrap();
    }

    /// What the clock on the wall shows.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Who serves the next registration fails over it.
    pub(super) fn fails_once(&self) {
        self.ears.panics.store(true, Ordering::Relaxed);
    }

    /// Time passes.
    pub(super) fn later(&self, seconds: u64) {
        self.clock
            .0
            .send_modify(|now| *now += Duration::from_secs(seconds));
    }

    pub(super) fn stop(&self) {
        self.cancel.cancel();
    }

    /// What was heard so far, once it is `count` things.
    pub(super) async fn heard(&self, count: usize) -> Vec<String> {
        for _ in 0..500 {
            let told = self.ears.told.lock().unwrap().clone();
            if told.len() >= count {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("only {:?} was heard", self.ears.told.lock().unwrap());
    }

    pub(super) fn last_sighting(&self) -> Sighting {
        self.ears.sightings.lock().unwrap().last().unwrap().clone()
    }

    /// The names of the events in the journal.
    /// What happened; signs of trouble are counted and no events of a story.
    pub(super) fn journal(&self) -> Vec<String> {
        let events = self.journal.0.lock().unwrap();
        events
            .iter()
            .filter(|event| !matches!(event.kind, EventKind::Sign { .. }))
            .map(|event| {
                let value = serde_json::to_value(&event.kind).unwrap();
                let device = event.device.as_ref().map_or("-", DeviceName::as_str);
                format!("{device} {}", value["event"].as_str().unwrap())
            })
            .collect()
    }

    pub(super) fn last_event(&self) -> Event {
        self.journal.0.lock().unwrap().last().unwrap().clone()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// The phone of most stories.
pub(super) fn registered_file(house: &House) -> (DeviceName, Stamp) {
    let device = DeviceName::new("SEPC80084AA8743").unwrap();
    let file = house.file(&device);
    (device, file)
}

pub(super) fn other_device() -> DeviceName {
    DeviceName::new("SEP001122334455").unwrap()
}

/// A contact that another server wrote.
pub(super) const fn foreign() -> &'static str {
    "04984998-fe29-08c0-6d47-5593bf4ce606"
}

fn phone(id: i64, name: &str, model: &str, numbers: &[&str]) -> Phone {
    let line = |number: &&str| Line::new(DirectoryNumber::new(number).unwrap());
    Phone {
        id: ObjectId(id),
        name: DeviceName::new(name).unwrap(),
        model: ModelName::new(model).unwrap(),
        protocol: Some(Protocol::Sip),
        observed_protocol: None,
        observed_model: None,
        load: None,
        extension_mobility: true,
        logout_profile: LogoutProfile::default(),
        locale: None,
        device_pool: ObjectName::new("Default").unwrap(),
        owner: None,
        description: String::new(),
        features: Features::default(),
        confirm_logout: None,
        vendor_config: crate::model::VendorConfig::default(),
        lines: numbers.iter().map(line).collect(),
        speed_dials: Vec::new(),
        services: Vec::new(),
        sip_secret: SipSecret::new("Qm3yX8vT2kLp9RwZ5nDc"),
        auto_registered: None,
    }
}

fn catalogue() -> Catalogue {
    let facts = ProtocolFacts {
        dialect: Dialect::SipLong,
        fetch: vec![Fetch::Http],
        services_door: ServicesDoor::Internal,
        file_order: FileOrder::Restart,
        order_pause: 180,
        locale_jar: None,
        load: None,
        vendor_config: crate::model::VendorConfig::default(),
        feature_policy: false,
    };
    let model = |name: &str, type_id| PhoneModel {
        name: ModelName::new(name).unwrap(),
        title: format!("Cisco {name}"),
        type_ids: vec![type_id],
        family: name.into(),
        keys: 2,
        product_names: Vec::new(),
        expansion_modules: Vec::new(),
        maximum_modules: 0,
        display: None,
        softkey_layout: SoftKeyLayout::New,
        charset: Charset::Utf8,
        redraws_labels: false,
        busy_lamps: true,
        maximum_calls: 50,
        sccp: None,
        sip: Some(facts.clone()),
    };
    let models = vec![model("7821", 621), model("7841", 622), model("7960", 7)];
    Catalogue::new(models, BTreeMap::new()).unwrap()
}
