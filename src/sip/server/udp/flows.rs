//! The flows of registered phones. A sender without a registration has none:
//! he is answered and forgotten, so that invented addresses cost nothing.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::socket::Path;
use crate::model::DeviceName;
use crate::sip::server::flow::Flow;

/// Which flow; never used again for another.
pub(super) type FlowId = u64;

/// A registered phone.
pub(super) struct Known {
    pub(super) flow: Flow,
    /// The way that its latest REGISTER came.
    pub(super) path: Path,
    device: DeviceName,
    /// Held by nobody else: links see by it whether the flow lives.
    pub(super) alive: Arc<()>,
    /// When its timer goes off, which may be too early.
    armed: Duration,
}

/// Both ends of a flow.
type Ends = (SocketAddr, SocketAddr);

/// All flows.
#[derive(Default)]
pub(super) struct Flows {
    known: HashMap<FlowId, Known>,
    by_device: HashMap<DeviceName, FlowId>,
    /// Several phones may come from one address and port, behind something;
    /// then one of them is found by it.
    by_ends: HashMap<Ends, FlowId>,
    timers: BinaryHeap<Reverse<(Duration, FlowId)>>,
    last: FlowId,
}

impl Flows {
    /// The id of the next flow.
    pub(super) fn next_id(&self) -> FlowId {
        self.last + 1
    }

    pub(super) fn get(&mut self, id: FlowId) -> Option<&mut Known> {
        self.known.get_mut(&id)
    }

    /// The flow that a datagram belongs to by its ends.
    pub(super) fn at(&self, path: &Path) -> Option<FlowId> {
        self.by_ends.get(&(path.peer, path.local)).copied()
    }

    /// The flow of a phone, when the datagram came between the same addresses.
    pub(super) fn of(&self, device: &DeviceName, path: &Path) -> Option<FlowId> {
        let id = *self.by_device.get(device)?;
        let known = self.known.get(&id)?;
        let same = known.path.peer.ip() == path.peer.ip() && known.path.local == path.local;
        same.then_some(id)
    }

    /// A phone registered. Gives [`Flows::next_id`] away.
    pub(super) fn insert(&mut self, flow: Flow, path: Path, device: DeviceName, alive: Arc<()>) {
        self.last += 1;
        let id = self.last;
        self.by_device.insert(device.clone(), id);
        self.by_ends.entry((path.peer, path.local)).or_insert(id);
        let known = Known {
            flow,
            path,
            device,
            alive,
            armed: Duration::MAX,
        };
        self.known.insert(id, known);
        self.arm(id);
    }

    /// A phone goes on from another port.
    pub(super) fn moved(&mut self, id: FlowId, path: &Path) {
        let Some(known) = self.known.get_mut(&id) else {
            return;
        };
        let before = (known.path.peer, known.path.local);
        known.path = *path;
        if before != (path.peer, path.local) {
            remove_if(&mut self.by_ends, before, id);
        }
        self.by_ends.entry((path.peer, path.local)).or_insert(id);
    }

    /// Makes sure that the timer of a flow goes off in time. It is left where
    /// it is when that is early enough: most flows are only ever prolonged.
    pub(super) fn arm(&mut self, id: FlowId) {
        let Some(known) = self.known.get_mut(&id) else {
            return;
        };
        let at = known.flow.registrar.deadline();
        if at < known.armed {
            known.armed = at;
            self.timers.push(Reverse((at, id)));
        }
    }

    /// When the next timer goes off.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }

    /// A flow whose timer went off by `now`.
    pub(super) fn due(&mut self, now: Duration) -> Option<FlowId> {
        while let Some(Reverse((at, id))) = self.timers.peek().copied() {
            if at > now {
                return None;
            }
            self.timers.pop();
            if let Some(known) = self.known.get_mut(&id)
                && known.armed == at
            {
                known.armed = Duration::MAX;
                return Some(id);
            }
        }
        None
    }

    /// A flow is over.
    pub(super) fn remove(&mut self, id: FlowId) -> Option<Known> {
        let known = self.known.remove(&id)?;
        remove_if(&mut self.by_device, known.device.clone(), id);
        remove_if(&mut self.by_ends, (known.path.peer, known.path.local), id);
        Some(known)
    }

    /// Ends all.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Known> {
        std::mem::take(self).known.into_values()
    }
}

/// Removes an entry, unless it leads to another flow by now.
fn remove_if<K: std::hash::Hash + Eq>(map: &mut HashMap<K, FlowId>, key: K, id: FlowId) {
    if let Entry::Occupied(entry) = map.entry(key)
        && *entry.get() == id
    {
        entry.remove();
    }
}
