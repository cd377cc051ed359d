//! A small site of four phones and three users, and the commits that people
//! and operators make there. Everything goes through the rooms that the daemon
//! uses: decisions of mobility, rows of `World::pending_for`, a store.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::mobility::{
    Channel, Elsewhere, LoginCommand, LogoutCommand, Occupied, OrderCommand, PhoneOrder, Requested,
    login, logout, order,
};
use crate::model::{
    Catalogue, Cause, Change, DeviceName, DevicePool, DeviceProfile, Dialect, Digest,
    DirectoryNumber, Features, Line, LogoutProfile, ModelName, ObjectId, ObjectName, Origin, Phone,
    ProfileName, Protocol, Service, ServiceSubscription, SipSecret, Timestamp, User, UserId, World,
};
use crate::ports::{BoxFuture, PhoneWeb};
use crate::provision::PhoneConfigs;

/// A 7960: SCCP, cannot tell its file, and reads it at a reset only.
pub(crate) const LOBBY: usize = 0;
/// A 7961 with SCCP: tells its file, redraws labels.
pub(crate) const DESK: usize = 1;
/// A 7961 with SIP.
pub(crate) const HALL: usize = 2;
/// An 8841: SIP.
pub(crate) const LAB: usize = 3;

pub(crate) const PHONES: usize = 4;
pub(crate) const ALICE: usize = 0;
pub(crate) const BOB: usize = 1;
/// Her phones speak German.
pub(crate) const CARLA: usize = 2;
pub(crate) const USERS: [&str; 4] = ["alice", "bob", "carla", "dora"];

const PROFILES: i64 = 11;
const USER_IDS: i64 = 21;

pub(crate) fn id(phone: usize) -> ObjectId {
    ObjectId(i64::try_from(phone).unwrap() + 1)
}

pub(crate) fn device(phone: usize) -> DeviceName {
    DeviceName::from_mac([0, 0, 0, 0, 0, u8::try_from(phone).unwrap() + 1])
}

pub(crate) fn protocol(phone: usize) -> Protocol {
    match phone {
        LOBBY | DESK => Protocol::Sccp,
        _ => Protocol::Sip,
    }
}

/// The models of the embedded catalogue, with templates of this edition.
pub(crate) fn catalogue(edition: u8) -> Arc<Catalogue> {
    let embedded = PhoneConfigs::load(None).unwrap().catalogue;
    let templates: BTreeMap<Dialect, Digest> = Dialect::ALL
        .into_iter()
        .map(|dialect| (dialect, Digest::of(&[edition])))
        .collect();
    Arc::new(Catalogue::new(embedded.models().cloned().collect(), templates).unwrap())
}

fn line(number: &str) -> Line {
    Line::new(DirectoryNumber::new(number).unwrap())
}

fn phone(index: usize) -> Phone {
    let model = ["7960", "7961", "7961", "8841"][index];
    Phone {
        id: id(index),
        name: device(index),
        model: ModelName::new(model).unwrap(),
        protocol: Some(protocol(index)),
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
        lines: vec![line(&format!("100{index}"))],
        speed_dials: Vec::new(),
        services: Vec::new(),
        sip_secret: SipSecret::new("x".repeat(SipSecret::LENGTH)),
        auto_registered: None,
    }
}

fn profile(index: i64, name: &str) -> DeviceProfile {
    DeviceProfile {
        id: ObjectId(PROFILES + index),
        name: ProfileName::new(name).unwrap(),
        model: ModelName::new("7961").unwrap(),
        description: String::new(),
        // Carla's phones speak German: a locale that differs is the rough way.
        locale: (name == "carla").then(|| "German_Germany".to_owned()),
        features: Features::default(),
        maximum_idle_time: None,
        lines: vec![line(&format!("200{index}"))],
        speed_dials: Vec::new(),
        services: Vec::new(),
    }
}

fn user(index: i64, name: &str) -> User {
    User {
        id: ObjectId(USER_IDS + index),
        user_id: UserId::new(name).unwrap(),
        alias: None,
        first_name: String::new(),
        last_name: String::new(),
        pin: None,
        password: None,
        credential_version: 1,
        profiles: vec![ProfileName::new(name).unwrap()],
        locale: None,
        primary_extension: None,
        self_service_id: None,
        controlled_phones: Vec::new(),
        multiple_login_behavior: Some(crate::model::MultipleLogin::AutoLogout),
        excluded: false,
        extension_assigner: false,
        pin_must_change: false,
        pin_set: None,
    }
}

/// Phones without a web server.
pub(crate) struct NoWeb;

impl PhoneWeb for NoWeb {
    fn execute(
        &self,
        _: &DeviceName,
        _: std::net::IpAddr,
        _: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), String>> {
        Box::pin(async { Err("it has no web server".to_owned()) })
    }
}

/// Four bare phones that hold what is wanted, and nobody signed in.
pub(crate) fn world(catalogue: &Catalogue) -> World {
    let mut world = World::default();
    for change in furniture() {
        world.apply(&change);
    }
    for index in 0..PHONES {
        let wanted = world.wanted(catalogue, id(index)).unwrap().stamps;
        world.apply(&Change::PutHeld(crate::model::Held {
            phone: id(index),
            file: Some(wanted.file),
            station: Some(wanted.station),
            node: "here".into(),
            seen: Timestamp(0),
        }));
    }
    world
}

/// All that is configured.
pub(crate) fn furniture() -> Vec<Change> {
    let mut changes = vec![Change::PutPool(DevicePool::default_pool())];
    for index in 0..PHONES {
        changes.push(Change::PutPhone(Box::new(phone(index))));
    }
    for (index, name) in (0..).zip(USERS) {
        changes.push(Change::PutProfile(Box::new(profile(index, name))));
        changes.push(Change::PutUser(Box::new(user(index, name))));
    }
    changes.push(Change::PutService(Service {
        name: ObjectName::new("Weather").unwrap(),
        url: "http://192.0.2.200/weather".to_owned(),
        description: String::new(),
        parameter: Vec::new(),
    }));
    changes
}

/// Something that people or operators do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// `over` the phone's own menu, or by an application.
    Login {
        who: usize,
        on: usize,
        over: bool,
    },
    /// A login by an application that ends by itself.
    Visit {
        who: usize,
        on: usize,
        minutes: u32,
    },
    Logout {
        on: usize,
        over: bool,
    },
    /// A user's PIN is changed.
    Pin {
        of: usize,
    },
    /// The label of a user's line.
    Label {
        of: usize,
        to: u8,
    },
    /// The label of a phone's own line.
    OwnLabel {
        on: usize,
        to: u8,
    },
    /// The number of a phone's own line.
    Number {
        on: usize,
        to: u8,
    },
    /// The NTP server of all phones: their files.
    Ntp {
        to: u8,
    },
    /// A service in a user's menu: pages, or the file of an 8841.
    Menu {
        of: usize,
        there: bool,
    },
    /// An operator's command.
    Command {
        on: usize,
        reset: bool,
    },
}

/// What a deed changes, with its pending rows; nothing when it is refused.
pub(crate) fn decide(
    world: &World,
    catalogue: &Catalogue,
    deed: Deed,
    now: Timestamp,
) -> Vec<Change> {
    let channel = |over| {
        if over {
            Channel::OverPhone
        } else {
            Channel::Elsewhere
        }
    };
    let change = match deed {
        Deed::Login { .. } | Deed::Visit { .. } => {
            let command = login_command(deed, channel);
            return login::decide(world, catalogue, now, &command)
                .map(|decision| decision.changes)
                .unwrap_or_default();
        }
        Deed::Logout { on, over } => {
            let command = LogoutCommand {
                device: device(on),
                origin: Origin::Phone,
                channel: channel(over),
            };
            return logout::decide(world, catalogue, now, &command)
                .map(|decision| decision.changes)
                .unwrap_or_default();
        }
        Deed::Command { on, reset } => {
            let command = OrderCommand {
                device: device(on),
                order: if reset {
                    PhoneOrder::Reset
                } else {
                    PhoneOrder::Restart
                },
                origin: Origin::Operator,
            };
            return order::decide(world, catalogue, now, &command)
                .map(|decision| decision.changes)
                .unwrap_or_default();
        }
        Deed::Pin { of } => {
            let mut user = (**world.users.get(&user_id(of)).unwrap()).clone();
            user.credential_version += 1;
            Change::PutUser(Box::new(user))
        }
        Deed::Label { of, to } => {
            let mut profile = profile_of(world, of);
            profile.lines[0].label = Some(format!("Line {to}"));
            Change::PutProfile(Box::new(profile))
        }
        Deed::OwnLabel { on, to } => {
            let mut phone = (*world.phones[&id(on)]).clone();
            phone.lines[0].label = Some(format!("Own {to}"));
            Change::PutPhone(Box::new(phone))
        }
        Deed::Number { on, to } => {
            let mut phone = (*world.phones[&id(on)]).clone();
            phone.lines[0].number = DirectoryNumber::new(&format!("30{to:02}")).unwrap();
            Change::PutPhone(Box::new(phone))
        }
        Deed::Ntp { to } => {
            let name = ObjectName::new("Default").unwrap();
            let mut pool = (*world.pool(&name)).clone();
            pool.ntp = vec![format!("192.0.2.{to}")];
            Change::PutPool(pool)
        }
        Deed::Menu { of, there } => {
            let mut profile = profile_of(world, of);
            profile.services = there
                .then(|| ServiceSubscription {
                    name: ObjectName::new("Weather").unwrap(),
                    parameters: BTreeMap::new(),
                })
                .into_iter()
                .collect();
            Change::PutProfile(Box::new(profile))
        }
    };
    let mut changes = vec![change];
    changes.extend(world.pending_for(catalogue, &changes, &Cause::Configuration, now, now));
    changes
}

fn login_command(deed: Deed, channel: impl Fn(bool) -> Channel) -> LoginCommand {
    let (who, on, duration, over) = match deed {
        Deed::Visit { who, on, minutes } => (who, on, Requested::Minutes(minutes), false),
        Deed::Login { who, on, over } => (who, on, Requested::Default, over),
        other => panic!("{other:?} is no login"),
    };
    LoginCommand {
        device: device(on),
        user: UserId::new(USERS[who]).unwrap().into(),
        checked_version: None,
        profile: None,
        any_profile: false,
        duration,
        occupied: Occupied::default(),
        elsewhere: Elsewhere::default(),
        origin: Origin::Phone,
        channel: channel(over),
    }
}

pub(crate) fn user_id(user: usize) -> ObjectId {
    ObjectId(USER_IDS + i64::try_from(user).unwrap())
}

fn profile_of(world: &World, user: usize) -> DeviceProfile {
    let id = ObjectId(PROFILES + i64::try_from(user).unwrap());
    (*world.profiles[&id]).clone()
}
