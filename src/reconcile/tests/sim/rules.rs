//! The rules that hold whenever an order leaves, and after everything.

use std::time::Duration;

use super::parts::Sent;
use super::phone::State;
use super::{Event, Sim, seconds};
use crate::model::{Aim, OrderKind, Pending, Progress, Protocol, Stamp, Timestamp};
use crate::ports::Presence;
use crate::reconcile::tests::site::{PHONES, device, protocol};

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    UnderWay,
    Lost,
    Ignored,
    /// Until its call ends, if its power lasts.
    Deferred,
    Obeyed,
}

/// An order that was handed to a connection.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) on: usize,
    pub(crate) kind: OrderKind,
    pub(crate) at: Timestamp,
    pub(crate) fate: Fate,
    /// Whether the daemon was told that it was accepted.
    pub(crate) accepted: bool,
    pub(super) generation: u64,
    pub(super) daemon: u64,
    pub(super) station: Option<Stamp>,
    /// Which change of what is wanted it is for.
    change: u32,
    second_step: bool,
}

impl Sim {
    pub(super) fn sent(&mut self, sent: &Sent) {
        let on = sent.on;
        let row = self.row(on).expect("only a pending row makes it act");
        let kind = sent.order.kind().unwrap();
        let order = Order {
            on,
            kind,
            at: self.now(),
            fate: Fate::UnderWay,
            accepted: false,
            generation: sent.generation,
            daemon: self.daemons,
            station: Self::station_of(&sent.order),
            change: self.phones[on].change,
            second_step: row.second_step,
        };
        self.check_touched(on, &row);
        self.check_calls(on, &row);
        self.check_page(on, &row);
        self.check_spacing(on, &order);
        self.check_need(on, sent.generation, &row);
        self.orders.push(order);
        let index = self.orders.len() - 1;
        if sent.left {
            self.enter(Duration::from_millis(50), Event::Arrives { order: index });
        } else {
            self.orders[index].fate = Fate::Lost;
        }
    }

    /// Phones of which nothing changed hear nothing; the others not too often.
    fn check_touched(&mut self, on: usize, row: &Pending) {
        let phone = &mut self.phones[on];
        assert!(phone.touched, "an unchanged phone was ordered: {row:?}");
        phone.orders_since_change += 1;
        // One more for a SIP phone each time that it may have forgotten what it
        // accepted, and one for the reset after a restart.
        let forgot = match protocol(on) {
            Protocol::Sip => phone.came_anew,
            Protocol::Sccp => 0,
        };
        let most = u32::from(Pending::MAX_ATTEMPTS) + forgot + u32::from(row.second_step);
        assert!(
            phone.orders_since_change <= most,
            "more than {most} orders between two changes: {row:?}"
        );
        assert!(matches!(row.progress, Progress::Ordered { .. }), "{row:?}");
    }

    /// Nobody is torn out of a call.
    fn check_calls(&self, on: usize, row: &Pending) {
        let seen = self
            .daemon
            .as_ref()
            .and_then(|d| d.registry.registration(&device(on)));
        let waits = protocol(on) == Protocol::Sccp || row.second_step;
        assert!(
            !(waits && seen.is_some_and(|seen| seen.in_call)),
            "a phone was ordered in a call: {row:?}"
        );
    }

    /// The page first, the restart after.
    fn check_page(&self, on: usize, row: &Pending) {
        let now = self.now();
        let pages = &self.phones[on].pages;
        let page = pages.iter().copied().find(|page| *page >= row.since);
        let soonest = page.map_or(row.not_before, |page| {
            row.not_before.min(page.plus(seconds(1)))
        });
        assert!(now >= soonest, "before its page: {row:?}");
    }

    /// Orders of one row keep their distance.
    fn check_spacing(&self, on: usize, order: &Order) {
        let before = self.orders.iter().rev().find(|old| old.on == on);
        let Some(before) = before else { return };
        let gap = order.at.since(before.at);
        let same = before.generation == order.generation && before.daemon == order.daemon;
        assert!(
            !same || gap >= seconds(20),
            "{gap:?} after {before:?}: {order:?}"
        );
        if before.change != order.change {
            return;
        }
        if order.second_step && !before.second_step {
            assert_eq!(order.kind, OrderKind::Reset, "restart, then reset");
            return;
        }
        let least = if before.accepted { 180 } else { 20 };
        assert!(gap >= seconds(least), "{gap:?} after {before:?}: {order:?}");
    }

    /// A phone that shows what is wanted is left alone.
    fn check_need(&self, on: usize, generation: u64, row: &Pending) {
        let phone = &self.phones[on];
        let told = Self::tells_file(on)
            && phone.state == State::Up { generation }
            && self.last_order(on, generation).is_none()
            && !phone.fetched_since_up;
        let needless = told && row.aim == Aim::Holds && self.shows_wanted(on);
        assert!(!needless, "it holds what is wanted: {row:?}");
    }

    /// After everything: who is right is not touched any more.
    pub(super) fn watch(&mut self) {
        for on in 0..PHONES {
            let up = matches!(self.phones[on].state, State::Up { .. });
            if up && self.row(on).is_none() && self.is_right(on) {
                self.phones[on].touched = false;
            }
        }
    }

    /// The last order of a registration.
    pub(super) fn last_order(&self, on: usize, generation: u64) -> Option<usize> {
        self.orders.iter().rposition(|order| {
            order.on == on && order.generation == generation && order.daemon == self.daemons
        })
    }

    /// Orders of a registration that the phone showed no sign of.
    pub(super) fn unanswered(&self, on: usize, generation: u64) -> Vec<usize> {
        let of = |order: &Order| {
            order.on == on
                && order.generation == generation
                && order.daemon == self.daemons
                && !order.accepted
                && order.kind != OrderKind::Refresh
        };
        (0..self.orders.len())
            .filter(|index| of(&self.orders[*index]))
            .collect()
    }

    /// Whether there is a reason to leave this phone alone although it is not
    /// right: it came back with its old file, or orders were wasted on it.
    pub(crate) fn may_refuse(&self, on: usize) -> bool {
        let Some(row) = self.row(on) else {
            return false;
        };
        let obeyed = self
            .orders
            .iter()
            .filter(|order| order.on == on && order.change == self.phones[on].change)
            .filter(|order| order.fate == Fate::Obeyed)
            .count();
        let wasted = usize::from(row.attempts).saturating_sub(obeyed);
        // A crash takes with it which file was delivered, and a 7960 does not
        // tell: it may be right, and nobody knows.
        let untold = !Self::tells_file(on) && self.daemons > 0 && self.is_right(on);
        let exhausted = row.attempts == Pending::MAX_ATTEMPTS;
        self.phones[on].was_stubborn || (exhausted && (wasted > 0 || untold))
    }

    /// All that is known, for a failure.
    pub(crate) fn portrait(&self, on: usize) -> String {
        format!(
            "phone {on}: row {:?}, right {}, state {:?}, orders {:#?}, told {:#?}",
            self.row(on),
            self.is_right(on),
            self.phones[on].state,
            self.orders
                .iter()
                .filter(|order| order.on == on)
                .collect::<Vec<_>>(),
            self.told(on),
        )
    }
}
