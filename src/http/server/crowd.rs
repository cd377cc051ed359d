//! Who makes room when a port is nearly full: whoever has waited longest
//! without asking for anything. So a thousand open and idle connections keep
//! no phone out, from however many addresses they come.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio_util::sync::CancellationToken;

/// The connections of one port.
#[derive(Clone)]
pub(super) struct Crowd {
    most: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    open: usize,
    next: u64,
    /// Those that are asking for nothing, the longest first.
    waiting: BTreeMap<u64, CancellationToken>,
}

/// One connection in the crowd; dropping it leaves.
pub(super) struct Member {
    crowd: Crowd,
    leave: CancellationToken,
    /// The place among those waiting; `None` while a request is answered.
    place: Mutex<Option<u64>>,
}

impl Crowd {
    /// A crowd that grows uncomfortable beyond `most`.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            state: Arc::default(),
        }
    }

    /// Comes in, waiting. Beyond the bound the one that waits longest goes.
    pub(super) fn enter(&self) -> Arc<Member> {
        let leave = CancellationToken::new();
        let mut state = self.lock();
        state.open += 1;
        if state.open > self.most
            && let Some((_, longest)) = state.waiting.pop_first()
        {
            longest.cancel();
        }
        let place = state.wait(&leave);
        drop(state);
        Arc::new(Member {
            crowd: self.clone(),
            leave,
            place: Mutex::new(Some(place)),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&mut self, leave: &CancellationToken) -> u64 {
        let place = self.next;
        self.next += 1;
        self.waiting.insert(place, leave.clone());
        place
    }
}

impl Member {
    /// Returns when this connection has to make room.
    pub(super) async fn has_to_leave(&self) {
        self.leave.cancelled().await;
    }

    /// A request came; until the answer is dropped the connection keeps its place.
    pub(super) fn asks(self: &Arc<Self>) -> Asking {
        if let Some(place) = self.place().take() {
            self.crowd.lock().waiting.remove(&place);
        }
        Asking {
            member: Arc::clone(self),
            last: false,
        }
    }

    fn waits(&self) {
        let mut place = self.place();
        if place.is_none() {
            *place = Some(self.crowd.lock().wait(&self.leave));
        }
    }

    fn place(&self) -> MutexGuard<'_, Option<u64>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let place = self.place().take();
        let mut state = self.crowd.lock();
        state.open = state.open.saturating_sub(1);
        if let Some(place) = place {
            state.waiting.remove(&place);
        }
    }
}

/// One request that is being answered.
pub(super) struct Asking {
    member: Arc<Member>,
    last: bool,
}

impl Asking {
    /// The answer; when its body is done the connection waits again.
    pub(super) fn until_sent(self, body: Body) -> Body {
        Body::new(Answer {
            body,
            _asking: self,
        })
    }

    /// Nothing is asked after this: the connection keeps its place until the
    /// answer has left and it ends.
    pub(super) fn stays_to_its_end(mut self) {
        self.last = true;
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if !self.last {
            self.member.waits();
        }
    }
}

struct Answer {
    body: Body,
    _asking: Asking,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_to_leave(member: &Member) -> bool {
        member.leave.is_cancelled()
    }

    #[test]
    fn the_longest_idle_makes_room_and_who_is_being_answered_stays() {
        let crowd = Crowd::new(3);
        let (busy, idle, younger) = (crowd.enter(), crowd.enter(), crowd.enter());
        let asking = busy.asks();
        assert!(![&busy, &idle, &younger].iter().any(|m| has_to_leave(m)));
        let phone = crowd.enter();
        assert!(has_to_leave(&idle), "it waited longest");
        assert!(!has_to_leave(&busy) && !has_to_leave(&younger) && !has_to_leave(&phone));
        // Once its answer is sent it waits like the others, as the last of them.
        drop(asking);
        drop(idle);
        phone.asks().stays_to_its_end();
        let second = crowd.enter();
        assert!(has_to_leave(&younger));
        drop(younger);
        let third = crowd.enter();
        assert!(has_to_leave(&busy));
        assert!(![&phone, &second, &third].iter().any(|m| has_to_leave(m)));
        drop(busy);
        let _fourth = crowd.enter();
        assert!(
            has_to_leave(&second),
            "the phone's last answer is on its way"
        );
        assert!(!has_to_leave(&phone));
    }

    #[test]
    fn who_left_is_not_counted() {
        let crowd = Crowd::new(2);
        let first = crowd.enter();
        drop(crowd.enter());
        drop(crowd.enter().asks());
        let _third = crowd.enter();
        assert!(!has_to_leave(&first));
        assert_eq!(crowd.lock().waiting.len(), 2);
    }
}
