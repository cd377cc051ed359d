//! The task itself: what wakes it, what ends it, how fast it goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{at_rest, does, login};
use crate::model::OrderKind::Restart;
use crate::model::{Change, DeviceName, ObjectId, Pending, Phone, Timestamp};
use crate::ports::{
    BoxFuture, CameBack, Clock, LinkFault, LinkOrder, NoJournal, PhoneLink, Shown, Sighting,
    Sightings,
};
use crate::reconcile::driver::{Reconciler, Settings};
use crate::reconcile::news::Pace;
use crate::reconcile::tests::sim::Sim;
use crate::reconcile::tests::site::{self, ALICE, DESK, Deed, PHONES, catalogue, world};
use crate::registry::{Admission, Candidate, Registry};
use crate::store::MemoryStore;

#[test]
fn no_more_orders_leave_in_a_second_than_are_allowed() {
    let mut pace = Pace::new(100);
    let at = Duration::from_millis;
    assert_eq!(pace.grant(60, at(5000)), 60);
    assert_eq!(
        pace.grant(60, at(5500)),
        40,
        "woken again in the same second"
    );
    assert_eq!(pace.grant(60, at(5999)), 0);
    assert_eq!(pace.grant(60, at(6000)), 60);
}

#[test]
fn a_change_of_everything_is_paced_and_everybody_gets_it() {
    let mut sim = Sim::paced(1);
    does(&mut sim, Deed::Ntp { to: 7 });
    sim.run(60);
    let mut sent: Vec<f64> = (0..PHONES)
        .flat_map(|on| sim.orders(on))
        .map(|(at, _)| at)
        .collect();
    sent.sort_by(f64::total_cmp);
    assert_eq!(sent.len(), PHONES);
    let apart = |pair: &[f64]| pair[1] - pair[0] >= 1.0;
    assert!(sent.windows(2).all(apart), "{sent:?}");
    assert!((0..PHONES).all(|on| at_rest(&sim, on)));
}

#[tokio::test]
async fn a_commit_wakes_it_and_a_cancellation_ends_it() {
    let mut sim = Sim::new();
    let cancel = CancellationToken::new();
    let reconciler = sim.take_reconciler();
    let task = tokio::spawn(reconciler.run(cancel.clone()));
    tokio::task::yield_now().await;
    does(&mut sim, login(ALICE, DESK));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    sim.collect();
    assert_eq!(sim.kinds(DESK), [Restart]);
    cancel.cancel();
    task.await.unwrap();
}

/// Counts the orders of one phone.
struct Counting(Arc<AtomicUsize>);

impl PhoneLink for Counting {
    fn send(&self, _order: LinkOrder) -> Result<(), LinkFault> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
    fn is_open(&self) -> bool {
        true
    }
    fn retire(&self) {}
}

#[tokio::test]
async fn an_order_that_was_marked_for_a_registration_is_not_sent_to_the_next() {
    let (models, orders) = (catalogue(0), Arc::new(AtomicUsize::new(0)));
    let mut world = world(&models);
    for change in site::decide(&world, &models, Deed::Ntp { to: 7 }, Timestamp(0)) {
        world.apply(&change);
    }
    let registry = Arc::new(Registry::default());
    // When the first order has left, all phones register anew.
    let anew = {
        let (registry, orders) = (Arc::clone(&registry), Arc::clone(&orders));
        move || {
            for on in 0..PHONES {
                admit(&registry, &orders, on);
            }
        }
    };
    let (mut reconciler, handle) = Reconciler::new(
        Arc::new(MemoryStore::with(world)),
        Arc::clone(&registry),
        models,
        Arc::new(NoJournal),
        Arc::new(Midnight),
        Arc::new(site::NoWeb),
        "here",
        Settings::default(),
        Box::new(anew),
    );
    for on in 0..PHONES {
        let sighting = Sighting {
            phone: site::id(on),
            device: site::device(on),
            generation: admit(&registry, &orders, on),
            protocol: site::protocol(on),
            shown: Shown::default(),
            came_back: CameBack::Other,
        };
        handle.registered(sighting);
    }
    reconciler.round().await;
    assert_eq!(orders.load(Ordering::Relaxed), 1);
}

fn admit(registry: &Registry, orders: &Arc<AtomicUsize>, on: usize) -> u64 {
    let candidate = Candidate {
        device: site::device(on),
        protocol: site::protocol(on),
        peer: "192.0.2.10:50000".parse().unwrap(),
        local: "192.0.2.1:2000".parse().unwrap(),
        load: None,
        type_id: None,
        configured_elsewhere: false,
        takes_objects: true,
    };
    let link = Arc::new(Counting(Arc::clone(orders)));
    match registry.admit(candidate, link, Timestamp(0)) {
        Admission::Admitted { generation, .. } => generation,
        Admission::Contested { .. } => panic!("nobody else is there"),
    }
}

/// A clock that does not go.
pub(super) struct Midnight;

impl Clock for Midnight {
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

/// With thousands of rows a look at all of them is dear: news in quick
/// succession share one.
#[tokio::test]
async fn a_look_at_many_rows_is_followed_by_a_pause() {
    let models = catalogue(0);
    let mut world = world(&models);
    for change in site::decide(&world, &models, Deed::Ntp { to: 7 }, Timestamp(0)) {
        world.apply(&change);
    }
    // Two thousand phones more that are away.
    let (away, row) = (
        Arc::clone(&world.phones[&site::id(DESK)]),
        world.pending[&site::id(DESK)].clone(),
    );
    for number in 0..2000_u16 {
        let (id, [high, low]) = (ObjectId(1000 + i64::from(number)), number.to_be_bytes());
        let phone = Phone {
            id,
            name: DeviceName::from_mac([2, 0, 0, 0, high, low]),
            ..(*away).clone()
        };
        world.apply(&Change::PutPhone(Box::new(phone)));
        let row = Pending {
            phone: id,
            ..row.clone()
        };
        world.apply(&Change::PutPending(Box::new(row)));
    }
    let (registry, orders) = (Arc::new(Registry::default()), Arc::default());
    let (clock, time) = Stepped::new();
    let (mut reconciler, handle) = Reconciler::new(
        Arc::new(MemoryStore::with(world)),
        Arc::clone(&registry),
        models,
        Arc::new(NoJournal),
        Arc::new(clock),
        Arc::new(site::NoWeb),
        "here",
        Settings::default(),
        Box::new(|| ()),
    );
    reconciler.round().await;
    handle.registered(Sighting {
        phone: site::id(DESK),
        device: site::device(DESK),
        generation: admit(&registry, &orders, DESK),
        protocol: site::protocol(DESK),
        shown: Shown::default(),
        came_back: CameBack::Other,
    });
    let wait = reconciler.round().await;
    assert_eq!(orders.load(Ordering::Relaxed), 0, "not looked at again yet");
    assert!(wait <= Duration::from_millis(21), "{wait:?}");
    time.store(i64::try_from(wait.as_millis()).unwrap(), Ordering::Relaxed);
    reconciler.round().await;
    assert_eq!(orders.load(Ordering::Relaxed), 1, "but then");
}

/// A clock that goes when it is told to.
struct Stepped(Arc<AtomicI64>);

impl Stepped {
    fn new() -> (Self, Arc<AtomicI64>) {
        let time = Arc::new(AtomicI64::new(0));
        (Self(Arc::clone(&time)), time)
    }
}

impl Clock for Stepped {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
    fn monotonic(&self) -> Duration {
        self.now().since(Timestamp(0))
    }
    fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}
