//! A small house for the tests of this room.
#![allow(clippy::unwrap_used)]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::model::{
    Aim, ApplicationUser, Audit, AutoProfile, AutoRegistered, ButtonTemplate, CallLogs, Cause,
    Change, CredentialHash, DeviceName, DevicePool, DeviceProfile, DirectoryNumber, Features, Held,
    LogoutProfile, LogoutSchedule, ModelName, NumberRecord, ObjectId, ObjectName, Origin,
    Parameters, Pending, Phone, Plan, ProfileDefault, ProfileName, Progress, Service, Session,
    SipSecret, Stamp, Stamps, TemplateKey, Timestamp, User, UserId, World,
};
use crate::ports::{BoxFuture, Clock, Commit, Scope, Store, StoreError, Verdict};

/// A clock that stands still.
#[derive(Debug, Default)]
pub(super) struct StillClock(pub(super) AtomicI64);

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(StillClock(AtomicI64::new(1_700_000_000_000)))
}

/// A data folder as a careful operator makes it.
pub(super) fn data_dir() -> tempfile::TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .unwrap()
}

pub(super) fn phone(id: i64, name: &str) -> Change {
    Change::PutPhone(Box::new(Phone {
        id: ObjectId(id),
        name: DeviceName::new(name).unwrap(),
        model: ModelName::new("7961").unwrap(),
        protocol: None,
        observed_protocol: None,
        observed_model: None,
        load: None,
        extension_mobility: true,
        logout_profile: LogoutProfile::UseCurrentSettings,
        locale: None,
        device_pool: ObjectName::new("Default").unwrap(),
        owner: None,
        description: "Lobby, \"left\" \u{e9}".to_owned(),
        features: Features::default(),
        confirm_logout: None,
        vendor_config: crate::model::VendorConfig::default(),
        lines: Vec::new(),
        speed_dials: Vec::new(),
        services: Vec::new(),
        sip_secret: SipSecret::new("abcdefghijklmnopqrst"),
        auto_registered: Some(AutoRegistered {
            since: Timestamp(5),
            address: [192, 0, 2, 7].into(),
            load: Some("SCCP41.9-4-2SR3-1S".to_owned()),
            first_file: None,
            approved: false,
        }),
    }))
}

pub(super) fn profile(id: i64, name: &str) -> Change {
    Change::PutProfile(Box::new(DeviceProfile::new(
        ObjectId(id),
        ProfileName::new(name).unwrap(),
        ModelName::new("7961").unwrap(),
    )))
}

pub(super) fn user(id: i64, name: &str) -> Change {
    Change::PutUser(Box::new(User {
        id: ObjectId(id),
        user_id: UserId::new(name).unwrap(),
        alias: None,
        first_name: String::new(),
        last_name: String::new(),
        pin: Some(CredentialHash::new("$argon2id$x")),
        password: None,
        credential_version: 1,
        profiles: Vec::new(),
        locale: None,
        primary_extension: None,
        self_service_id: None,
        controlled_phones: Vec::new(),
        multiple_login_behavior: None,
        excluded: false,
        extension_assigner: false,
        pin_must_change: false,
        pin_set: None,
    }))
}

pub(super) fn session(phone: i64, user: i64) -> Change {
    Change::PutSession(Session {
        phone: ObjectId(phone),
        user: ObjectId(user),
        profile: ObjectId(21),
        since: Timestamp(1),
        expires: Some(Timestamp(2)),
        origin: Origin::Application(UserId::new("emapp").unwrap()),
        frozen: None,
        mismatched: true,
    })
}

pub(super) fn held(phone: i64, stamp: u64) -> Change {
    Change::PutHeld(Held {
        phone: ObjectId(phone),
        file: Some(Stamp::from_bits(stamp)),
        station: None,
        node: "one".to_owned(),
        seen: Timestamp(3),
    })
}

pub(super) fn pending(phone: i64) -> Change {
    Change::PutPending(Box::new(Pending {
        phone: ObjectId(phone),
        wanted: Stamps {
            file: Stamp::from_bits(7),
            station: Stamp::from_bits(8),
        },
        plan: Plan::RestartThenReset,
        aim: Aim::Holds,
        file_changed: false,
        cause: Cause::Login(UserId::new("alice").unwrap()),
        since: Timestamp(4),
        not_before: Timestamp(5),
        deadline: Timestamp(6),
        attempts: 2,
        second_step: true,
        progress: Progress::Ordered {
            at: Timestamp(5),
            accepted: true,
        },
    }))
}

/// Phones 1 to 3, users alice (11) and bob (12), profile 21.
pub(super) fn house() -> Vec<Change> {
    vec![
        phone(1, "SEP000000000001"),
        phone(2, "SEP000000000002"),
        phone(3, "SEP000000000003"),
        user(11, "alice"),
        user(12, "bob"),
        profile(21, "alice-7961"),
    ]
}

/// One of everything else.
pub(super) fn furniture() -> Vec<Change> {
    let name = |text: &str| ObjectName::new(text).unwrap();
    vec![
        Change::Parameters(Parameters {
            placeholder_label: "Hello".to_owned(),
            ..Parameters::default()
        }),
        Change::PutPool(DevicePool::default_pool()),
        Change::PutProfileDefault(Box::new(ProfileDefault {
            model: ModelName::new("7960").unwrap(),
            locale: Some("English_United_States".to_owned()),
            features: Features::default(),
            services: Vec::new(),
        })),
        Change::PutButtonTemplate(ButtonTemplate {
            name: name("Default 7960"),
            model: ModelName::new("7960").unwrap(),
            buttons: vec![TemplateKey::Line, TemplateKey::SpeedDial],
        }),
        Change::PutAutoProfile(Box::new(AutoProfile {
            phone: ObjectId(1),
            taken: Timestamp(9),
            of: Stamp::from_bits(10),
            profile: DeviceProfile::new(
                ObjectId(1),
                ProfileName::new("AUTO-SEP000000000001").unwrap(),
                ModelName::new("7961").unwrap(),
            ),
        })),
        Change::PutApplicationUser(ApplicationUser {
            user_id: UserId::new("emapp").unwrap(),
            password: Some(CredentialHash::new("$argon2id$y")),
            credential_version: 4,
            proxy_rights: true,
        }),
        Change::PutService(Service {
            name: name("Weather"),
            url: "http://weather/".to_owned(),
            description: String::new(),
            parameter: Vec::new(),
        }),
        Change::PutNumber(NumberRecord {
            number: DirectoryNumber::new("1001").unwrap(),
            partition: Some(name("Internal")),
            alerting_name: None,
        }),
        session(1, 11),
        session(2, 12),
        Change::DropSession(ObjectId(2)),
        held(1, 5),
        held(2, 6),
        pending(1),
        Change::PutCallLogs(CallLogs::to_clear(ObjectId(1), Timestamp(7))),
        Change::PutCallLogs(CallLogs {
            attempts: 2,
            ..CallLogs::to_clear(ObjectId(2), Timestamp(8))
        }),
        Change::LogoutSchedule(LogoutSchedule {
            times: vec!["17:30".parse().unwrap(), "24:00".parse().unwrap()],
            since: Timestamp(7),
        }),
        Change::RefusedPhones([DeviceName::new("SEP00AABBCCDD01").unwrap()].into()),
        Change::Applied("{\"version\":1}".to_owned()),
        Change::Audit(Box::new(Audit::new("operator", "applied site.toml"))),
    ]
}

/// Commits some changes.
pub(super) async fn put(store: &dyn Store, changes: Vec<Change>) -> Result<Commit, StoreError> {
    let decide = move |_: &World| Verdict::Commit(changes.clone());
    store.submit(Scope::Site, Box::new(decide)).await
}

/// All that a world says, in a comparable order.
pub(super) fn portrait(world: &World) -> String {
    format!(
        "{:#?}",
        (
            (&world.parameters, &world.pools, &world.phones),
            (&world.profiles, &world.profile_defaults, &world.users),
            (&world.button_templates, &world.auto_profiles),
            (&world.application_users, &world.services, &world.numbers),
            (&world.sessions, &world.last_users, &world.held),
            (&world.pending, &world.call_logs),
            (&world.logout_schedule, &world.applied, &world.refused),
        )
    )
}
