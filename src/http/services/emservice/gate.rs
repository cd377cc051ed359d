//! The gate of the login service (Cisco's service parameter *Maximum Concurrent
//! Requests*): so many requests are worked on at one time, so many more wait
//! in order, and beyond those code 26 is answered at once.
//!
//! Requests are counted, not connections. A request that waits for somebody
//! else (the directory, a name server) gives its turn back meanwhile, or a slow
//! directory would stop those that need none. It keeps its place.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::ports::BoxFuture;

/// How many may be inside. Read anew for each request: they are service
/// parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Requests that are worked on at one time.
    pub(super) at_work: usize,
    /// Requests that wait beyond those.
    pub(super) waiting: usize,
}

impl Room {
    fn places(self) -> usize {
        self.at_work.saturating_add(self.waiting)
    }

    /// How many may wait for somebody else: never so many that the rest has no
    /// place.
    fn aside(self) -> usize {
        (self.places() / 2).max(self.at_work)
    }
}

/// Waits until whoever asked has gone away. Made only where somebody waits.
pub(super) type Gone<'a> = &'a (dyn Fn() -> BoxFuture<'a, ()> + Sync);

/// There is no place, or whoever waited for his turn went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Busy;

/// The gate.
#[derive(Debug)]
pub(super) struct Gate {
    turns: Semaphore,
    /// How many turns there should be.
    size: AtomicUsize,
    /// Turns too many that are taken away when they come back.
    owed: AtomicUsize,
    resizing: Mutex<()>,
    inside: AtomicUsize,
    aside: AtomicUsize,
    throttled: AtomicU64,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self {
            turns: Semaphore::new(0),
            size: AtomicUsize::new(0),
            owed: AtomicUsize::new(0),
            resizing: Mutex::new(()),
            inside: AtomicUsize::new(0),
            aside: AtomicUsize::new(0),
            throttled: AtomicU64::new(0),
        }
    }

    /// Requests that are worked on or wait (Cisco's counter *Requests In
    /// Progress*).
    pub(super) fn in_progress(&self) -> usize {
        self.inside.load(Ordering::Relaxed)
    }

    /// Requests that found no place (Cisco's counter *Requests Throttled*).
    pub(super) fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }

    /// Takes a place, and waits for its turn. Who is `gone` while he waits
    /// gives the place to others.
    pub(super) async fn enter<'a>(&'a self, room: Room, gone: Gone<'a>) -> Result<Place<'a>, Busy> {
        let counted = Counted::in_to(&self.inside, room.places()).ok_or_else(|| self.throttle())?;
        self.fit(room.at_work);
        let turn = match self.turns.try_acquire() {
            Ok(turn) => Some(turn),
            Err(_) => self.unless_gone(gone, self.turns.acquire()).await?.ok(),
        };
        Ok(Place {
            gate: self,
            room,
            gone,
            turn,
            _counted: counted,
        })
    }

    async fn unless_gone<T>(
        &self,
        gone: Gone<'_>,
        work: impl Future<Output = T>,
    ) -> Result<T, Busy> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = gone() => Err(self.throttle()),
        }
    }

    fn throttle(&self) -> Busy {
        self.throttled.fetch_add(1, Ordering::Relaxed);
        Busy
    }

    /// Makes so many turns.
    fn fit(&self, wanted: usize) {
        if self.size.load(Ordering::Relaxed) == wanted {
            return;
        }
        let _one = self.resizing.lock().unwrap_or_else(PoisonError::into_inner);
        let size = self.size.swap(wanted, Ordering::Relaxed);
        if let Some(less) = size.checked_sub(wanted) {
            let forgotten = self.turns.forget_permits(less);
            self.owed.fetch_add(less - forgotten, Ordering::Relaxed);
        } else {
            let more = wanted - size;
            let forgiven = |owed: usize| Some(owed.saturating_sub(more));
            let owed = self
                .owed
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, forgiven)
                .unwrap_or(0);
            self.turns.add_permits(more - owed.min(more));
        }
    }

    fn take_back(&self, turn: SemaphorePermit<'_>) {
        let paid = |owed: usize| owed.checked_sub(1);
        let owed = self.owed.load(Ordering::Relaxed) > 0
            && self
                .owed
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, paid)
                .is_ok();
        if owed {
            turn.forget();
        }
    }
}

/// One more in a count, for as long as it lives.
#[derive(Debug)]
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn in_to(count: &'a AtomicUsize, most: usize) -> Option<Self> {
        let before = count.fetch_add(1, Ordering::Relaxed);
        let counted = Self(count);
        (before < most).then_some(counted)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A place inside, with the turn to work.
pub(super) struct Place<'a> {
    gate: &'a Gate,
    room: Room,
    gone: Gone<'a>,
    turn: Option<SemaphorePermit<'a>>,
    _counted: Counted<'a>,
}

impl Place<'_> {
    /// Waits for what somebody else does. If that takes any time at all, the
    /// turn is given back until it is done.
    pub(super) async fn aside<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Busy> {
        let mut work = pin!(work);
        if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
            return Ok(done);
        }
        let gate = self.gate;
        let away = Counted::in_to(&gate.aside, self.room.aside());
        let away = away.ok_or_else(|| gate.throttle())?;
        if let Some(turn) = self.turn.take() {
            gate.take_back(turn);
        }
        let done = gate.unless_gone(self.gone, work).await?;
        drop(away);
        let turn = gate.unless_gone(self.gone, gate.turns.acquire()).await?;
        self.turn = turn.ok();
        Ok(done)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(turn) = self.turn.take() {
            self.gate.take_back(turn);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::future::{pending, ready};
    use std::sync::Arc;

    use tokio::sync::{Notify, oneshot};

    use super::*;

    fn stays<'a>() -> BoxFuture<'a, ()> {
        Box::pin(pending())
    }

    fn leaves<'a>() -> BoxFuture<'a, ()> {
        Box::pin(ready(()))
    }

    const fn room(at_work: usize, waiting: usize) -> Room {
        Room { at_work, waiting }
    }

    /// Takes a place in a task of its own; the turn is told, then held until
    /// the sender that comes back is dropped.
    async fn guest(gate: &Arc<Gate>, room: Room) -> (oneshot::Receiver<bool>, oneshot::Sender<()>) {
        let before = gate.in_progress() as u64 + gate.throttled();
        let (gate, at) = (Arc::clone(gate), Arc::clone(gate));
        let (told, turn) = oneshot::channel();
        let (hold, held) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let place = gate.enter(room, &stays).await;
            let _ = told.send(place.is_ok());
            let _ = held.await;
            drop(place);
        });
        while at.in_progress() as u64 + at.throttled() == before {
            tokio::task::yield_now().await;
        }
        (turn, hold)
    }

    #[tokio::test]
    async fn so_many_work_so_many_wait_and_one_more_is_busy() {
        let gate = Arc::new(Gate::new());
        let mut guests = Vec::new();
        for _ in 0..4 {
            guests.push(guest(&gate, room(2, 2)).await);
        }
        assert!(gate.enter(room(2, 2), &stays).await.is_err());
        assert_eq!((gate.in_progress(), gate.throttled()), (4, 1));
        let mut turns = guests.into_iter();
        let (first, hold_first) = turns.next().unwrap();
        let (second, _hold_second) = turns.next().unwrap();
        assert!(first.await.unwrap() && second.await.unwrap());
        let (mut third, _hold_third) = turns.next().unwrap();
        let (mut fourth, _hold_fourth) = turns.next().unwrap();
        assert!(third.try_recv().is_err(), "it waits");
        drop(hold_first);
        assert!(third.await.unwrap(), "in order");
        assert!(fourth.try_recv().is_err());
    }

    #[tokio::test]
    async fn who_hangs_up_while_waiting_frees_his_place() {
        let gate = Gate::new();
        let one = gate.enter(room(1, 1), &stays).await.unwrap();
        assert!(gate.enter(room(1, 1), &leaves).await.is_err());
        assert_eq!(gate.in_progress(), 1);
        {
            let mut waiting = Box::pin(gate.enter(room(1, 1), &stays));
            let polled = poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx).is_ready())).await;
            assert!(!polled && gate.in_progress() == 2);
        }
        assert_eq!(gate.in_progress(), 1, "it was dropped");
        drop(one);
        assert!(gate.enter(room(1, 0), &leaves).await.is_ok());
        assert_eq!(gate.in_progress(), 0);
    }

    #[tokio::test]
    async fn who_waits_for_others_lets_others_work() {
        let gate = Arc::new(Gate::new());
        let done = Arc::new(Notify::new());
        let (inside, waits) = (Arc::clone(&gate), Arc::clone(&done));
        let slow = tokio::spawn(async move {
            let mut place = inside.enter(room(1, 1), &stays).await.unwrap();
            place.aside(waits.notified()).await.unwrap();
        });
        while gate.aside.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        let quick = gate.enter(room(1, 1), &stays).await.unwrap();
        assert_eq!(gate.in_progress(), 2, "it keeps its place");
        assert!(gate.enter(room(1, 1), &stays).await.is_err());
        drop(quick);
        done.notify_one();
        slow.await.unwrap();
        let mut at_once = gate.enter(room(1, 0), &stays).await.unwrap();
        assert_eq!(at_once.aside(ready(7)).await, Ok(7));
    }

    #[tokio::test]
    async fn who_hangs_up_while_he_waits_for_others_frees_his_place() {
        let gate = Gate::new();
        let mut place = gate.enter(room(1, 1), &leaves).await.unwrap();
        assert_eq!(place.aside(ready(1)).await, Ok(1));
        assert_eq!(place.aside(pending::<()>()).await, Err(Busy));
        drop(place);
        assert_eq!(
            (gate.in_progress(), gate.aside.load(Ordering::Relaxed)),
            (0, 0)
        );
        assert_eq!(gate.turns.available_permits(), 1);
    }

    #[tokio::test]
    async fn those_who_wait_for_others_never_take_all_places() {
        let gate = Gate::new();
        let mut places = Vec::new();
        for _ in 0..3 {
            places.push(gate.enter(room(3, 4), &stays).await.unwrap());
        }
        let mut slow = places
            .iter_mut()
            .map(|place| Box::pin(place.aside(pending::<()>())));
        let mut all: Vec<_> = slow.by_ref().collect();
        for one in &mut all {
            let polled = poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx).is_ready())).await;
            assert!(!polled);
        }
        let mut fourth = gate.enter(room(3, 4), &stays).await.unwrap();
        assert_eq!(
            fourth.aside(pending::<()>()).await,
            Err(Busy),
            "3 of 7 already"
        );
        assert_eq!(
            fourth.aside(ready(1)).await,
            Ok(1),
            "but there is room to work"
        );
    }

    #[tokio::test]
    async fn the_parameters_may_change_while_it_works() {
        let gate = Gate::new();
        let (wide, narrow) = (room(3, 0), room(1, 0));
        let three = [
            gate.enter(wide, &stays).await.unwrap(),
            gate.enter(wide, &stays).await.unwrap(),
            gate.enter(wide, &stays).await.unwrap(),
        ];
        assert!(gate.enter(narrow, &stays).await.is_err());
        gate.fit(1);
        drop(three);
        assert_eq!(gate.turns.available_permits(), 1, "two were taken away");
        gate.fit(5);
        assert_eq!(gate.turns.available_permits(), 5);
        let one = gate.enter(wide, &stays).await.unwrap();
        gate.fit(1);
        gate.fit(4);
        drop(one);
        assert_eq!(gate.turns.available_permits(), 4, "no debt is left");
    }
}
