//! Restarts and resets: sent, and watched until they are obeyed.

use std::time::Duration;

use super::registered::Registered;
use super::{Output, Why};
use crate::model::{OrderKind, Stamp, StationPart};
use crate::sccp::wire::{ResetType, ServerMessage};

/// How long a phone may take to unregister after an order.
const OBEY: Duration = Duration::from_secs(10);

/// How long after it was told again. Both together are less than the time
/// after which the house orders anew: that order finds the phone back.
const OBEY_AGAIN: Duration = Duration::from_secs(5);

/// An order that was sent and not yet obeyed.
#[derive(Clone, Copy, Debug)]
pub(super) struct SentOrder {
    kind: ResetType,
    due: Duration,
    repeated: bool,
}

impl Registered {
    /// Sends an order. A phone obeys by unregistering; one that says nothing
    /// is told once more, and then has its connection closed.
    pub(super) fn order(&mut self, order: OrderKind, now: Duration) -> Vec<Output> {
        let kind = match order {
            OrderKind::Restart => ResetType::RESTART,
            OrderKind::Reset => ResetType::RESET,
            // Comes with the labels, as `refresh`.
            OrderKind::Refresh => return Vec::new(),
        };
        if self.order.is_some_and(|order| order.kind == kind) {
            // It is out already, and watched.
            return Vec::new();
        }
        self.order = Some(SentOrder {
            kind,
            due: now + OBEY,
            repeated: false,
        });
        vec![Output::Send(ServerMessage::Reset(kind))]
    }

    /// When the order that is out should have been obeyed. A phone in use puts
    /// it off by itself until it is idle, and its time does not run.
    pub(super) fn order_due(&self) -> Option<Duration> {
        self.order
            .filter(|_| !self.is_used())
            .map(|order| order.due)
    }

    /// The phone is idle again: the time of its order begins.
    pub(super) fn is_idle(&mut self, now: Duration) {
        if let Some(order) = &mut self.order {
            order.due = now + OBEY;
        }
    }

    /// Repeats an order that was not obeyed, or gives up on the connection.
    pub(super) fn overdue(&mut self, now: Duration) -> Vec<Output> {
        if self.order_due().is_none_or(|due| due > now) {
            return Vec::new();
        }
        match &mut self.order {
            Some(order) if !order.repeated => {
                order.repeated = true;
                order.due = now + OBEY_AGAIN;
                vec![Output::Send(ServerMessage::Reset(order.kind))]
            }
            _ => {
                self.order = None;
                let why = format!(
                    "it did not unregister within {} seconds, told twice",
                    (OBEY + OBEY_AGAIN).as_secs()
                );
                vec![Output::OrderRefused(why), Output::Close(Why::Disobedient)]
            }
        }
    }

    /// Shows new labels and prompt without a restart.
    pub(super) fn refresh(&mut self, station: StationPart, stamp: Stamp) -> Vec<Output> {
        self.snapshot.station = station;
        self.snapshot.stamp = stamp;
        let snapshot = &self.snapshot;
        let lines = snapshot.lines().into_iter().map(|line| snapshot.line(line));
        let dials = snapshot.speed_dials().into_iter();
        let dials = dials.map(|dial| snapshot.speed_dial(dial));
        let lamps = snapshot.busy_lamps().into_iter();
        let lamps = lamps.map(|lamp| snapshot.feature(lamp));
        let told = lines.chain(dials).chain(lamps);
        let mut outputs: Vec<Output> = told.map(Output::Send).collect();
        // While a handset is lifted its own words stand there.
        if !self.off_hook {
            outputs.extend(self.idle_prompt());
        }
        outputs.push(Output::Refreshed(stamp));
        outputs
    }
}
