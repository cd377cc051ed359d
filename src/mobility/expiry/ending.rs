//! The decision about sessions that are to end by themselves.

use crate::mobility::{SignedOut, logout};
use crate::model::{Catalogue, EndReason, ObjectId, Origin, Session, Timestamp, World};
use crate::ports::Decision;

/// A session that is to end, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its phone.
    pub phone: ObjectId,
    /// Its user.
    pub user: ObjectId,
    /// When its login was committed: with the user this tells it from a later
    /// one on the same phone.
    pub since: Timestamp,
    /// By which rule.
    pub why: EndReason,
}

impl Due {
    /// Of this session.
    pub fn of(session: &Session, why: EndReason) -> Self {
        Self {
            phone: session.phone,
            user: session.user,
            since: session.since,
            why,
        }
    }

    /// Whether it is about this very session.
    pub fn is_of(&self, session: &Session) -> bool {
        (self.phone, self.user, self.since) == (session.phone, session.user, session.since)
    }
}

/// Decides the end of these sessions; those that are gone already, or made way
/// for another, are left out. The reasons stand beside who was signed out.
pub fn decide(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    due: &[Due],
) -> Decision<Vec<(SignedOut, EndReason)>> {
    let mut ends = Decision {
        value: Vec::with_capacity(due.len()),
        changes: Vec::with_capacity(due.len() * 3),
    };
    for one in due {
        let (Some(phone), Some(session)) = (
            world.phones.get(&one.phone),
            world
                .sessions
                .get(&one.phone)
                .filter(|session| one.is_of(session)),
        ) else {
            continue;
        };
        let (gone, changes) =
            logout::sign_out(world, catalogue, phone, session, one.why.into(), now, now);
        ends.changes.extend(changes);
        ends.changes.push(logout::audit(&gone, &Origin::System));
        ends.value.push((gone, one.why));
    }
    ends
}
