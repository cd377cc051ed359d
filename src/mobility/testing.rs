//! A small house for the tests: three phones, three users, a store in memory,
//! a clock that stands still until it is told.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use tokio::sync::watch;

use super::{Channel, Elsewhere, LoginCommand, LogoutCommand, Mobility, Occupied, Requested};
use crate::model::{
    Audit, Catalogue, Change, Charset, DeviceName, DeviceProfile, Dialect, DirectoryNumber,
    Features, Fetch, FileOrder, Held, Line, LogoutProfile, ModelName, ObjectId, ObjectName, Origin,
    Phone, PhoneModel, ProfileName, Protocol, ProtocolFacts, ServicesDoor, SipSecret,
    SoftKeyLayout, Timestamp, User, UserId, World,
};
use crate::ports::{
    BoxFuture, ChangeRecord, Clock, Commit, Decide, Event, Journal, Presence, Registration, Scope,
    Store, StoreError, Verdict,
};

pub(super) const DESK: &str = "SEP001122334455";
pub(super) const LOBBY: &str = "SEP001122334466";
pub(super) const LAB: &str = "SEP001122334477";

pub(super) fn device(name: &str) -> DeviceName {
    DeviceName::new(name).unwrap()
}

pub(super) fn uid(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn facts(dialect: Dialect, services_door: ServicesDoor, file_order: FileOrder) -> ProtocolFacts {
    ProtocolFacts {
        dialect,
        fetch: vec![Fetch::Tftp],
        services_door,
        file_order,
        order_pause: 180,
        locale_jar: None,
        load: None,
        vendor_config: crate::model::VendorConfig::default(),
        feature_policy: false,
    }
}

fn model(
    name: &str,
    keys: u8,
    sccp: Option<ProtocolFacts>,
    sip: Option<ProtocolFacts>,
) -> PhoneModel {
    PhoneModel {
        name: ModelName::new(name).unwrap(),
        title: format!("Cisco {name}"),
        type_ids: Vec::new(),
        family: name.to_owned(),
        keys,
        product_names: Vec::new(),
        expansion_modules: Vec::new(),
        maximum_modules: 0,
        display: None,
        softkey_layout: SoftKeyLayout::Old,
        charset: Charset::Latin1,
        redraws_labels: false,
        busy_lamps: true,
        maximum_calls: 50,
        sccp,
        sip,
    }
}

pub(super) fn catalogue() -> Catalogue {
    let short = facts(
        Dialect::SccpShort,
        ServicesDoor::ServicesUrl,
        FileOrder::Reset,
    );
    let long = facts(Dialect::SccpLong, ServicesDoor::Both, FileOrder::Restart);
    let sip = facts(Dialect::SipLong, ServicesDoor::Internal, FileOrder::Restart);
    Catalogue::new(
        vec![
            model("7960", 6, Some(short), None),
            model("7961", 6, Some(long), Some(sip.clone())),
            model("8841", 10, None, Some(sip)),
        ],
        BTreeMap::new(),
    )
    .unwrap()
}

fn phone(id: i64, name: &str, model: &str) -> Phone {
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
        device_pool: ObjectName::new("Default").unwrap(),
        owner: None,
        description: String::new(),
        features: Features::default(),
        confirm_logout: None,
        vendor_config: crate::model::VendorConfig::default(),
        lines: Vec::new(),
        speed_dials: Vec::new(),
        services: Vec::new(),
        sip_secret: SipSecret::new("x".repeat(SipSecret::LENGTH)),
        auto_registered: None,
    }
}

fn profile(id: i64, name: &str, number: &str) -> DeviceProfile {
    DeviceProfile {
        id: ObjectId(id),
        name: ProfileName::new(name).unwrap(),
        model: ModelName::new("7961").unwrap(),
        description: String::new(),
        locale: None,
        features: Features::default(),
        maximum_idle_time: None,
        lines: vec![Line::new(DirectoryNumber::new(number).unwrap())],
        speed_dials: Vec::new(),
        services: Vec::new(),
    }
}

fn user(id: i64, name: &str, profiles: &[&str]) -> User {
    User {
        id: ObjectId(id),
        user_id: uid(name),
        alias: None,
        first_name: String::new(),
        last_name: String::new(),
        pin: None,
        password: None,
        credential_version: 1,
        profiles: profiles
            .iter()
            .map(|name| ProfileName::new(name).unwrap())
            .collect(),
        locale: None,
        primary_extension: None,
        self_service_id: None,
        controlled_phones: Vec::new(),
        multiple_login_behavior: None,
        excluded: false,
        extension_assigner: false,
        pin_must_change: false,
        pin_set: None,
    }
}

/// Desk (7961), lobby (7960) and lab (8841); alice with two profiles, bob with
/// one, carol with none. Every phone is known to hold what is wanted.
pub(super) fn world() -> World {
    let mut world = World::default();
    for one in [
        phone(1, DESK, "7961"),
        phone(2, LOBBY, "7960"),
        phone(3, LAB, "8841"),
    ] {
        world.apply(&Change::PutPhone(Box::new(one)));
    }
    for one in [
        profile(11, "alice-desk", "2001"),
        profile(12, "alice-home", "2002"),
        profile(13, "bob-desk", "2003"),
    ] {
        world.apply(&Change::PutProfile(Box::new(one)));
    }
    for one in [
        user(21, "alice", &["alice-desk", "alice-home"]),
        user(22, "bob", &["bob-desk"]),
        user(23, "carol", &[]),
    ] {
        world.apply(&Change::PutUser(Box::new(one)));
    }
    calm(&mut world);
    world
}

/// Every phone holds what is wanted, and nothing is to be done.
pub(super) fn calm(world: &mut World) {
    let phones: Vec<ObjectId> = world.phones.keys().copied().collect();
    for phone in phones {
        let held = holding(world, phone);
        world.apply(&Change::DropPending(phone));
        world.apply(&Change::PutHeld(held));
    }
}

/// What a phone holds once it shows what is wanted.
pub(super) fn holding(world: &World, phone: ObjectId) -> Held {
    let wanted = world.wanted(&catalogue(), phone).unwrap();
    Held {
        phone,
        file: Some(wanted.stamps.file),
        station: Some(wanted.stamps.station),
        node: "here".into(),
        seen: Timestamp(0),
    }
}

/// A login at the phone itself.
pub(super) fn login(who: &str, on: &str) -> LoginCommand {
    LoginCommand {
        device: device(on),
        user: uid(who).into(),
        checked_version: Some(1),
        profile: None,
        any_profile: false,
        duration: Requested::Default,
        occupied: Occupied::Refuse,
        elsewhere: Elsewhere::ByBehavior,
        origin: Origin::Phone,
        channel: Channel::OverPhone,
    }
}

/// A logout at the phone itself.
pub(super) fn logout(on: &str) -> LogoutCommand {
    LogoutCommand {
        device: device(on),
        origin: Origin::Phone,
        channel: Channel::OverPhone,
    }
}

/// Truth without durability.
pub(super) struct TestStore {
    world: RwLock<World>,
    number: watch::Sender<u64>,
    /// How many changes its disk holds.
    pub(super) room: AtomicU64,
    commits: AtomicU64,
    audit: Mutex<Vec<Audit>>,
}

impl TestStore {
    pub(super) fn new(world: World) -> Self {
        Self {
            world: RwLock::new(world),
            number: watch::Sender::new(0),
            room: AtomicU64::new(u64::MAX),
            commits: AtomicU64::new(0),
            audit: Mutex::default(),
        }
    }

    /// Changes the world behind everybody's back.
    pub(super) fn edit(&self, change: &Change) {
        let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        world.apply(change);
    }

    /// The audit, oldest first.
    pub(super) fn audit(&self) -> Vec<Audit> {
        self.audit.lock().unwrap().clone()
    }

    /// How many transactions changed something.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    fn run(&self, mut decide: Decide) -> Result<Commit, StoreError> {
        let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        // Decisions are repeatable: a serialisable store does repeat them.
        let _first = decide(&world);
        let changes = match decide(&world) {
            Verdict::Commit(changes) => changes,
            Verdict::Abort => Vec::new(),
        };
        let count = u64::try_from(changes.len()).unwrap_or(0);
        let full = *self.number.borrow() + count > self.room.load(Ordering::Relaxed);
        if full && count > 0 {
            return Err(StoreError::Failed("disk full".into()));
        }
        for change in &changes {
            world.apply(change);
            if let Change::Audit(audit) = change {
                self.audit.lock().unwrap().push((**audit).clone());
            }
        }
        if count > 0 {
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        drop(world);
        self.number.send_if_modified(|number| {
            *number += count;
            count > 0
        });
        Ok(Commit {
            number: *self.number.borrow(),
        })
    }
}

impl Store for TestStore {
    fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&self, _scope: Scope, decide: Decide) -> BoxFuture<'_, Result<Commit, StoreError>> {
        Box::pin(async move { self.run(decide) })
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

/// A clock that is moved by hand.
pub(super) struct TestClock(watch::Sender<Duration>);

impl TestClock {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Duration::ZERO))
    }

    pub(super) fn advance(&self, by: Duration) {
        self.0.send_modify(|time| *time += by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(1_000_000).plus(*self.0.borrow())
    }

    fn monotonic(&self) -> Duration {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            // The clock outlives its sleepers in every test.
            let _ = time.wait_for(|time| *time >= at).await;
        })
    }
}

/// Remembers what it was told.
#[derive(Default)]
pub(super) struct TestJournal(Mutex<Vec<Event>>);

impl TestJournal {
    pub(super) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

impl Journal for TestJournal {
    fn record(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

/// Phones in a call; all others are not registered.
#[derive(Default)]
pub(super) struct Calls(Mutex<BTreeSet<DeviceName>>);

impl Calls {
    pub(super) fn begin(&self, on: &str) {
        self.0.lock().unwrap().insert(device(on));
    }

    pub(super) fn end(&self, on: &str) {
        self.0.lock().unwrap().remove(&device(on));
    }
}

impl Presence for Calls {
    fn registration(&self, device: &DeviceName) -> Option<Registration> {
        let in_call = self.0.lock().unwrap().contains(device);
        in_call.then(|| Registration {
            device: device.clone(),
            generation: 1,
            protocol: Protocol::Sccp,
            peer: ([127, 0, 0, 1], 50_000).into(),
            local: ([127, 0, 0, 1], 2000).into(),
            load: None,
            type_id: None,
            since: Timestamp(0),
            heard: Timestamp(0),
            in_call,
            configured_elsewhere: false,
            takes_objects: true,
        })
    }

    fn last_use(&self, _device: &DeviceName) -> Option<Timestamp> {
        None
    }
}

/// The service over the little house.
pub(super) struct House {
    pub(super) store: Arc<TestStore>,
    pub(super) clock: Arc<TestClock>,
    pub(super) journal: Arc<TestJournal>,
    pub(super) calls: Arc<Calls>,
    pub(super) mobility: Mobility,
}

pub(super) fn house(world: World) -> House {
    let store = Arc::new(TestStore::new(world));
    let clock = Arc::new(TestClock::new());
    let journal = Arc::new(TestJournal::default());
    let mobility = Mobility::new(
        store.clone(),
        clock.clone(),
        journal.clone(),
        Arc::new(catalogue()),
    );
    House {
        store,
        clock,
        journal,
        calls: Arc::default(),
        mobility,
    }
}
