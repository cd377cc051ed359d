//! The server as phones meet it, on the loopback.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_util::codec::{Decoder, Encoder};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Parts, Server, Settings};
use crate::journal::MemoryJournal;
use crate::model::{
    Basis, Catalogue, Change, Charset, DeviceName, Dialect as FileDialect, Features, Fetch,
    FileOrder, LogoutProfile, ModelName, ObjectId, ObjectName, Phone, PhoneModel, Protocol,
    ProtocolFacts, ServicesDoor, SipSecret, SoftKeyLayout, Stamp, Timestamp, World,
};
use crate::ports::{
    BoxFuture, Clock, Deliveries, Delivery, LinkFault, LinkOrder, Notice, Presence, Shown,
    Sighting, Sightings, Store,
};
use crate::registry::{PlaceLimits, Registry};
use crate::sccp::wire::{
    Alarm, AlarmSeverity, DeviceType, Dialect, FrameCodec, HookEvent, PhoneMessage, Register,
    ServerMessage, decode_server, encode_phone,
};
use crate::store::MemoryStore;

const DESK: &str = "SEP001122334455";

/// A clock that moves when it is told to.
struct Hands(watch::Sender<Duration>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(1_763_769_600_000).plus(*self.0.borrow())
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

/// Nobody who listens, and no files.
struct Nobody;

impl Sightings for Nobody {
    fn registered(&self, _sighting: Sighting) {}
    fn order_accepted(&self, _device: &DeviceName, _generation: u64) {}
    fn order_refused(&self, _device: &DeviceName, _generation: u64, _why: String) {}
    fn unregistered(&self, _device: &DeviceName, _generation: u64) {}
    fn refreshed(&self, _device: &DeviceName, _generation: u64, _shown: Shown) {}
    fn idle(&self, _device: &DeviceName) {}
    fn file_taken(&self, _device: &DeviceName, _file: Stamp, _basis: Basis) {}
}

impl Deliveries for Nobody {
    fn last(&self, _device: &DeviceName) -> Option<Delivery> {
        None
    }
}

/// All loads but one are there whole.
struct AllButOne;

impl crate::ports::StagedLoads for AllButOne {
    fn is_whole(&self, load: &crate::model::LoadName) -> bool {
        load.as_str() != "P0030801SR99"
    }
}

/// A server and all around it.
struct House {
    at: SocketAddr,
    registry: Arc<Registry>,
    store: Arc<MemoryStore>,
    journal: Arc<MemoryJournal>,
    clock: Arc<Hands>,
    _stop: DropGuard,
}

impl House {
    fn open(places: PlaceLimits) -> Self {
        Self::of(desk(), places)
    }

    fn of(phone: Phone, places: PlaceLimits) -> Self {
        let catalogue = Arc::new(catalogue());
        let mut world = World::default();
        world.apply(&Change::PutPhone(Box::new(phone)));
        let store = Arc::new(MemoryStore::with(world));
        let journal = Arc::new(MemoryJournal::new(Arc::clone(&catalogue)));
        let clock = Arc::new(Hands(watch::Sender::new(Duration::from_secs(1000))));
        let registry = Arc::<Registry>::default();
        let parts = Parts {
            newcomers: Arc::new(crate::ports::NoNewcomers),
            store: Arc::clone(&store) as _,
            catalogue,
            registry: Arc::clone(&registry),
            sightings: Arc::new(Nobody),
            journal: Arc::clone(&journal) as _,
            clock: Arc::clone(&clock) as _,
            deliveries: Arc::new(Nobody),
            loads: Arc::new(AllButOne),
        };
        let settings = Settings {
            places,
            ..Settings::default()
        };
        let any = "0.0.0.0:0".parse().unwrap();
        let server = Server::bind(any, parts, settings).unwrap();
        let port = server.local_addr().unwrap().port();
        let cancel = CancellationToken::new();
        tokio::spawn(server.run(cancel.clone()));
        Self {
            at: SocketAddr::from(([127, 0, 0, 1], port)),
            registry,
            store,
            journal,
            clock,
            _stop: cancel.drop_guard(),
        }
    }

    async fn connect(&self, host: u8) -> Wire {
        let socket = TcpSocket::new_v4().unwrap();
        let own = SocketAddr::from(([127, 0, 13, host], 0));
        socket.bind(own).unwrap();
        Wire {
            stream: socket.connect(self.at).await.unwrap(),
            input: BytesMut::new(),
        }
    }

    fn later(&self, seconds: u64) {
        let by = Duration::from_secs(seconds);
        self.clock.0.send_modify(|now| *now += by);
    }

    /// The kinds of events in the timeline of the desk.
    fn timeline(&self) -> Vec<String> {
        let events = self.journal.timeline(&name());
        let kinds = events.iter().map(|event| {
            let value = serde_json::to_value(&event.kind).unwrap();
            value["event"].as_str().unwrap().to_owned()
        });
        kinds.collect()
    }
}

/// A phone's end of a connection.
struct Wire {
    stream: TcpStream,
    input: BytesMut,
}

impl Wire {
    async fn say(&mut self, message: &PhoneMessage) {
        let mut bytes = BytesMut::new();
        let frame = encode_phone(message, Dialect::BASIC);
        FrameCodec.encode(frame, &mut bytes).unwrap();
        self.stream.write_all(&bytes).await.unwrap();
    }

    /// The next message; `None` when the connection was closed.
    async fn hear(&mut self) -> Option<ServerMessage> {
        loop {
            if let Some(frame) = FrameCodec.decode(&mut self.input).unwrap() {
                return Some(decode_server(&frame, Dialect::BASIC).unwrap());
            }
            let read = self.stream.read_buf(&mut self.input);
            let read = tokio::time::timeout(Duration::from_secs(30), read).await;
            if read.unwrap().unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    async fn is_alive(&mut self) -> bool {
        self.say(&PhoneMessage::KeepAlive).await;
        self.hear().await == Some(ServerMessage::KeepAliveAck)
    }

    /// Whether it is let in.
    async fn registers(&mut self, device: DeviceType) -> bool {
        let register = Register::shortest(DESK, device, Ipv4Addr::LOCALHOST);
        self.say(&PhoneMessage::Register(Box::new(register))).await;
        match self.hear().await {
            Some(ServerMessage::RegisterAck(_)) => {
                let next = self.hear().await;
                assert_eq!(next, Some(ServerMessage::CapabilitiesReq));
                true
            }
            Some(ServerMessage::RegisterReject(_)) => false,
            other => panic!("neither ack nor reject: {other:?}"),
        }
    }
}

fn name() -> DeviceName {
    DeviceName::new(DESK).unwrap()
}

fn desk() -> Phone {
    Phone {
        id: ObjectId(1),
        name: name(),
        model: ModelName::new("7960").unwrap(),
        protocol: Some(Protocol::Sccp),
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
        lines: Vec::new(),
        speed_dials: Vec::new(),
        services: Vec::new(),
        sip_secret: SipSecret::new("Qm3yX8vT2kLp9RwZ5nDc"),
        auto_registered: None,
    }
}

fn catalogue() -> Catalogue {
    let facts = ProtocolFacts {
        dialect: FileDialect::SccpShort,
        fetch: vec![Fetch::Http],
        services_door: ServicesDoor::Internal,
        file_order: FileOrder::Restart,
        order_pause: 180,
        locale_jar: None,
        load: None,
        vendor_config: crate::model::VendorConfig::default(),
        feature_policy: false,
    };
    let model = |name: &str, device: DeviceType| PhoneModel {
        name: ModelName::new(name).unwrap(),
        title: format!("Cisco {name}"),
        type_ids: vec![device.0],
        family: name.into(),
        keys: 6,
        product_names: Vec::new(),
        expansion_modules: Vec::new(),
        maximum_modules: 0,
        display: None,
        softkey_layout: SoftKeyLayout::New,
        charset: Charset::Latin1,
        redraws_labels: false,
        busy_lamps: true,
        maximum_calls: 50,
        sccp: Some(facts.clone()),
        sip: None,
    };
    let models = vec![
        model("7960", DeviceType::CISCO_7960),
        model("7961", DeviceType::CISCO_7961),
    ];
    Catalogue::new(models, BTreeMap::new()).unwrap()
}

#[tokio::test]
async fn a_clone_that_is_refused_does_not_change_how_the_phone_is_served() {
    let house = House::open(PlaceLimits::default());
    let mut wires = Vec::new();
    for host in [1, 2, 1, 2] {
        let mut wire = house.connect(host).await;
        assert!(wire.registers(DeviceType::CISCO_7960).await);
        wires.push(wire);
    }
    let mut clone = house.connect(1).await;
    assert!(!clone.registers(DeviceType::CISCO_7961).await);
    let phone = house.store.world().phone(&name()).cloned().unwrap();
    assert_eq!(phone.observed_model, None);
    let told = house.timeline();
    assert!(told.contains(&"contested".to_owned()), "{told:?}");
    assert!(!told.contains(&"served-as".to_owned()), "{told:?}");
    // Later it may claim the name, and is served as what it is.
    house.later(61);
    let mut late = house.connect(1).await;
    assert!(late.registers(DeviceType::CISCO_7961).await);
    assert!(house.timeline().contains(&"served-as".to_owned()));
    assert!(wires.last_mut().unwrap().hear().await.is_none());
}

/// A 7960 that is answered another load than it runs fetches that at once.
#[tokio::test]
async fn a_version_is_the_load_that_is_wanted_only_if_it_can_be_fetched() {
    for (load, answered) in [
        (None, ""),
        (Some("P0030801SR02"), "P0030801SR02"),
        (Some("P0030801SR99"), ""),
        (Some("P0030801SR02-and-too-long-for-it"), ""),
    ] {
        let mut phone = desk();
        phone.load = load.map(|load| crate::model::LoadName::new(load).unwrap());
        let house = House::of(phone, PlaceLimits::default());
        let mut wire = house.connect(1).await;
        assert!(wire.registers(DeviceType::CISCO_7960).await);
        wire.say(&PhoneMessage::VersionReq).await;
        let expected = Some(ServerMessage::Version(answered.into()));
        assert_eq!(wire.hear().await, expected, "{load:?}");
    }
}

#[tokio::test]
async fn what_was_ordered_of_a_registration_is_not_done_to_the_next_one() {
    let house = House::open(PlaceLimits::default());
    let mut phone = house.connect(1).await;
    assert!(phone.registers(DeviceType::CISCO_7960).await);
    let (_, old) = house.registry.link(&name()).unwrap();
    assert!(phone.registers(DeviceType::CISCO_7960).await);
    assert_eq!(old.send(LinkOrder::Restart), Err(LinkFault::Closed));
    let (_, new) = house.registry.link(&name()).unwrap();
    let notice = Notice {
        text: "Back at 2".into(),
        seconds: 10,
    };
    new.send(LinkOrder::Show(notice)).unwrap();
    assert!(
        matches!(phone.hear().await, Some(ServerMessage::DisplayNotify(_))),
        "the first that it hears"
    );
}

#[tokio::test]
async fn connections_without_a_registration_make_room_the_longest_silent_first() {
    let house = House::open(PlaceLimits {
        total: 8,
        per_address: 8,
    });
    let mut phone = house.connect(1).await;
    assert!(phone.registers(DeviceType::CISCO_7960).await);
    let mut standby = Vec::new();
    for _ in 0..5 {
        let mut wire = house.connect(2).await;
        assert!(wire.is_alive().await);
        standby.push(wire);
    }
    assert!(standby[0].is_alive().await, "the second is silent longest");
    let mut other = house.connect(3).await;
    assert!(other.is_alive().await);
    assert_eq!(standby[1].hear().await, None);
    let mut another = house.connect(3).await;
    assert!(another.is_alive().await);
    assert_eq!(standby[2].hear().await, None);
    assert!(phone.is_alive().await && standby[0].is_alive().await);
}

#[tokio::test]
async fn strangers_do_not_wash_out_a_timeline_with_alarms() {
    let house = House::open(PlaceLimits::default());
    let alarm = PhoneMessage::Alarm(Alarm {
        severity: AlarmSeverity::WARNING,
        text: format!("10: Name={DESK} Last=TCP-timeout"),
        parameter1: 0,
        parameter2: 0,
    });
    for minute in 1..=2 {
        for host in 1..=5 {
            let mut stranger = house.connect(host).await;
            for _ in 0..8 {
                stranger.say(&alarm).await;
            }
            assert!(stranger.is_alive().await);
            stranger.stream.shutdown().await.unwrap();
            // Its alarms are told by then.
            assert_eq!(stranger.hear().await, None);
        }
        assert_eq!(house.timeline(), vec!["alarm"; minute]);
        house.later(60);
    }
}

/// CME, *max-idle-time*: a key is use, a keepalive is none.
#[tokio::test]
async fn a_key_is_use_and_a_keepalive_is_none() {
    let house = House::open(PlaceLimits::default());
    let mut phone = house.connect(1).await;
    assert!(phone.registers(DeviceType::CISCO_7961).await);
    let began = house.clock.now();
    house.later(10);
    assert!(phone.is_alive().await);
    assert_eq!(house.registry.last_use(&name()), Some(began));
    phone
        .say(&PhoneMessage::HookFlash(HookEvent::default()))
        .await;
    assert!(phone.is_alive().await);
    assert_eq!(house.registry.last_use(&name()), Some(house.clock.now()));
    assert!(house.registry.registration(&name()).is_some());
}
