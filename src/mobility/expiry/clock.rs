//! The wall clock, watched by the clock that never jumps.
//!
//! Logins end at points in wall time. Set forward, the wall clock reaches them
//! earlier, and what has passed by it ends at once. Set back, a login must not
//! last longer than was asked for: what is stored is read as much earlier. That
//! correction is in memory: over a restart of the daemon the wall clock counts.

use std::collections::HashMap;
use std::time::Duration;

use super::ending::Due;
use crate::model::{EndReason, ObjectId, Session, Timestamp, World};

/// Clocks that are kept right by small steps differ by less between two looks.
const TOLERANCE: Duration = Duration::from_secs(2);

/// A session as it would be stored had the clock always been as it is now.
#[derive(Clone, Copy, Debug)]
struct Corrected {
    of: Due,
    began: Timestamp,
    expires: Option<Timestamp>,
}

/// What was seen of the clocks.
#[derive(Debug, Default)]
pub(super) struct ClockWatch {
    last: Option<(Timestamp, Duration)>,
    corrected: HashMap<ObjectId, Corrected>,
}

impl ClockWatch {
    /// Takes a look. Tells whether the wall clock was set since the last one.
    pub(super) fn look(&mut self, now: Timestamp, monotonic: Duration, world: &World) -> bool {
        self.corrected.retain(|phone, corrected| {
            let session = world.sessions.get(phone);
            session.is_some_and(|session| corrected.of.is_of(session))
        });
        let Some((wall, then)) = self.last.replace((now, monotonic)) else {
            self.correct_future(now, world);
            return false;
        };
        let passed = monotonic.saturating_sub(then);
        let expected = wall.plus(passed);
        let back = expected.since(now);
        if back > TOLERANCE {
            self.correct(now, back, passed, world);
        }
        back > TOLERANCE || now.since(expected) > TOLERANCE
    }

    /// Began and expires of a session by the clock as it is set now.
    pub(super) fn reading(&self, session: &Session) -> (Timestamp, Option<Timestamp>) {
        self.corrected
            .get(&session.phone)
            .filter(|corrected| corrected.of.is_of(session))
            .map_or((session.since, session.expires), |corrected| {
                (corrected.began, corrected.expires)
            })
    }

    /// A session that has not begun yet was made before the clock was set back,
    /// while nobody looked.
    fn correct_future(&mut self, now: Timestamp, world: &World) {
        for session in world.sessions.values().filter(|one| one.since > now) {
            self.shift(session, session.since.since(now));
        }
    }

    /// The clock was set back by so much, and so much time passed since the
    /// last look: whoever signed in meanwhile did so by the new time or by the
    /// old, and by the new one he is right already.
    fn correct(&mut self, now: Timestamp, back: Duration, passed: Duration, world: &World) {
        for session in world.sessions.values() {
            let is_new = session.since <= now && now.since(session.since) <= passed;
            if !is_new {
                self.shift(session, back);
            }
        }
    }

    fn shift(&mut self, session: &Session, back: Duration) {
        let (began, expires) = self.reading(session);
        let corrected = Corrected {
            of: Due::of(session, EndReason::Expired),
            began: earlier(began, back),
            expires: expires.map(|at| earlier(at, back)),
        };
        self.corrected.insert(session.phone, corrected);
    }
}

fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    Timestamp(at.0.saturating_sub(millis))
}
