//! Logins that end by themselves, as stories. Hours pass by a clock that is
//! moved by hand; its two faces, wall and monotonic, can be moved apart.

#![allow(clippy::unwrap_used)]

mod clocks;
mod crowd;
mod days;
mod length;
mod not_used;
mod times_of_day;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Expirer, Round};
use crate::mobility::testing::{TestJournal, TestStore, catalogue, device, login, world};
use crate::mobility::{LoginCommand, Mobility, Requested};
use crate::model::{
    Change, DeviceName, DevicePool, EndReason, LogoutReason, ObjectName, Parameters, Protocol,
    Timestamp, World,
};
use crate::ports::{BoxFuture, Clock, EventKind, Presence, Registration, Store};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// A moment in UTC.
fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp(moment.as_millisecond())
}

/// A clock with two faces.
struct Faces {
    wall: AtomicI64,
    monotonic: AtomicI64,
}

impl Faces {
    fn showing(wall: Timestamp) -> Self {
        Self {
            wall: AtomicI64::new(wall.0),
            monotonic: AtomicI64::new(0),
        }
    }

    fn pass(&self, seconds: u64) {
        let millis = i64::try_from(seconds).unwrap() * 1000;
        self.wall.fetch_add(millis, Ordering::Relaxed);
        self.monotonic.fetch_add(millis, Ordering::Relaxed);
    }

    fn set(&self, wall: Timestamp) {
        self.wall.store(wall.0, Ordering::Relaxed);
    }
}

impl Clock for Faces {
    fn now(&self) -> Timestamp {
        Timestamp(self.wall.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        let millis = self.monotonic.load(Ordering::Relaxed);
        Duration::from_millis(u64::try_from(millis).unwrap())
    }

    fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// Phones as they are used.
#[derive(Default)]
struct Desks(Mutex<BTreeMap<DeviceName, (bool, Option<Timestamp>)>>);

impl Desks {
    fn call(&self, on: &str, in_call: bool, now: Timestamp) {
        self.0
            .lock()
            .unwrap()
            .insert(device(on), (in_call, Some(now)));
    }
}

impl Presence for Desks {
    fn registration(&self, device: &DeviceName) -> Option<Registration> {
        let (in_call, _) = *self.0.lock().unwrap().get(device)?;
        Some(Registration {
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

    fn last_use(&self, device: &DeviceName) -> Option<Timestamp> {
        let (_, used) = *self.0.lock().unwrap().get(device)?;
        used
    }
}

/// The little house with somebody who watches the clock.
struct House {
    clock: Arc<Faces>,
    store: Arc<TestStore>,
    journal: Arc<TestJournal>,
    desks: Arc<Desks>,
    mobility: Mobility,
    expirer: Expirer,
}

impl House {
    fn at(now: &str, edit: impl FnOnce(&mut Parameters)) -> Self {
        Self::with(world(), now, edit)
    }

    fn with(mut world: World, now: &str, edit: impl FnOnce(&mut Parameters)) -> Self {
        let mut parameters = Parameters::default();
        edit(&mut parameters);
        world.apply(&Change::Parameters(parameters));
        let clock = Arc::new(Faces::showing(at(now)));
        let store = Arc::new(TestStore::new(world));
        let journal = Arc::new(TestJournal::default());
        let desks = Arc::new(Desks::default());
        let mobility = Mobility::new(
            store.clone(),
            clock.clone(),
            journal.clone(),
            Arc::new(catalogue()),
        );
        Self {
            expirer: Expirer::new(mobility.clone(), desks.clone()),
            clock,
            store,
            journal,
            desks,
            mobility,
        }
    }

    /// Everything that a process has in memory is gone, and it looks again.
    fn start_again(&mut self) {
        self.expirer = Expirer::new(self.mobility.clone(), self.desks.clone());
    }

    async fn sits_down(&mut self, who: &str, on: &str, duration: Requested) {
        let command = LoginCommand {
            duration,
            ..login(who, on)
        };
        self.mobility.login(command).await.unwrap();
        self.look().await;
    }

    async fn look(&mut self) -> Round {
        self.expirer.round().await
    }

    /// Time passes, with a look every minute; those that ended.
    async fn pass(&mut self, seconds: u64) -> Vec<(String, EndReason)> {
        let mut ended = Vec::new();
        let mut left = seconds;
        while left > 0 {
            let step = left.min(MINUTE);
            left -= step;
            self.clock.pass(step);
            ended.extend(self.ended().await);
        }
        ended
    }

    /// Time passes at once.
    async fn leap(&mut self, seconds: u64) -> Vec<(String, EndReason)> {
        self.clock.pass(seconds);
        self.ended().await
    }

    async fn ended(&mut self) -> Vec<(String, EndReason)> {
        let ended = self.look().await.ended;
        ended
            .into_iter()
            .map(|(gone, why)| (gone.user.unwrap().to_string(), why))
            .collect()
    }

    fn world(&self) -> std::sync::RwLockReadGuard<'_, World> {
        self.store.world()
    }

    fn signed_in(&self) -> usize {
        self.store.world().sessions.len()
    }

    fn edit(&self, change: &Change) {
        self.store.edit(change);
    }

    fn parameters(&self, edit: impl FnOnce(&mut Parameters)) {
        let mut parameters = (*self.store.world().parameters).clone();
        edit(&mut parameters);
        self.edit(&Change::Parameters(parameters));
    }

    /// Through what people were signed out, by the journal.
    fn told(&self) -> Vec<LogoutReason> {
        let events = self.journal.events();
        events
            .into_iter()
            .filter_map(|event| match event.kind {
                EventKind::SignedOut { reason, .. } => Some(reason),
                _ => None,
            })
            .collect()
    }
}

fn pool(name: &str, zone: &str) -> Change {
    let mut pool = DevicePool::default_pool();
    pool.name = ObjectName::new(name).unwrap();
    pool.time_zone = Some(zone.to_owned());
    Change::PutPool(pool)
}

/// The phone of this name is in this pool.
fn in_pool(world: &mut World, phone: &str, name: &str) {
    let mut phone = (**world.phone(&device(phone)).unwrap()).clone();
    phone.device_pool = ObjectName::new(name).unwrap();
    world.apply(&Change::PutPhone(Box::new(phone)));
}
