//! Who makes room when the port is nearly full: of the connections that carry
//! no registration, the one that was silent longest. Standby connections are
//! legal and quiet; as many of them as somebody likes keep no phone out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// The connections of the port.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    most: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    open: usize,
    next: u64,
    /// Those without a registration, the longest silent first.
    strangers: BTreeMap<u64, CancellationToken>,
}

/// One connection in the crowd; dropping it leaves.
#[derive(Debug)]
pub(super) struct Member {
    crowd: Crowd,
    leave: CancellationToken,
    /// The place among those without a registration.
    place: Option<u64>,
}

impl Crowd {
    /// A crowd that grows uncomfortable beyond `most` connections.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            state: Arc::default(),
        }
    }

    /// Comes in, without a registration. Beyond the bound the longest silent
    /// of its like goes.
    pub(super) fn enter(&self) -> Member {
        let leave = CancellationToken::new();
        let mut state = self.lock();
        state.open += 1;
        if state.open > self.most
            && let Some((_, silent)) = state.strangers.pop_first()
        {
            silent.cancel();
        }
        let place = Some(state.add(&leave));
        drop(state);
        Member {
            crowd: self.clone(),
            leave,
            place,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, leave: &CancellationToken) -> u64 {
        let place = self.next;
        self.next += 1;
        self.strangers.insert(place, leave.clone());
        place
    }
}

impl Member {
    /// Cancelled when this connection has to make room.
    pub(super) fn leaves(&self) -> &CancellationToken {
        &self.leave
    }

    /// It spoke, and is registered or not. Who was asked to go stays asked.
    pub(super) fn spoke(&mut self, is_registered: bool) {
        if is_registered && self.place.is_none() {
            return;
        }
        let mut state = self.crowd.lock();
        if let Some(place) = self.place.take() {
            state.strangers.remove(&place);
        }
        if !is_registered && !self.leave.is_cancelled() {
            self.place = Some(state.add(&self.leave));
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut state = self.crowd.lock();
        state.open = state.open.saturating_sub(1);
        if let Some(place) = self.place {
            state.strangers.remove(&place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes(member: &Member) -> bool {
        member.leaves().is_cancelled()
    }

    #[test]
    fn the_longest_silent_without_a_registration_makes_room() {
        let crowd = Crowd::new(3);
        let (mut phone, mut standby, silent) = (crowd.enter(), crowd.enter(), crowd.enter());
        phone.spoke(true);
        standby.spoke(false);
        let second = crowd.enter();
        assert!(goes(&silent) && !goes(&standby) && !goes(&phone));
        drop(silent);
        let third = crowd.enter();
        assert!(goes(&standby) && !goes(&second) && !goes(&phone));
        drop(standby);
        // It left, and its connection is still there.
        phone.spoke(false);
        drop((second, third));
        let _others = [crowd.enter(), crowd.enter()];
        assert!(!goes(&phone));
        let _last = crowd.enter();
        assert!(goes(&phone));
    }

    #[test]
    fn who_left_is_not_counted() {
        let crowd = Crowd::new(2);
        let first = crowd.enter();
        for _ in 0..5 {
            let mut gone = crowd.enter();
            gone.spoke(true);
        }
        assert!(!goes(&first));
        let state = crowd.lock();
        assert_eq!((state.open, state.strangers.len()), (1, 1));
    }
}
