//! The writer's private world: where commands are decided before they are
//! durable, and what is taken back when they do not become so.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{PoisonError, RwLock};

use crate::model::{Change, ObjectId, World};
use crate::ports::{Decide, StoreError, Verdict};

/// The world as it will be once the running group of commands is durable.
#[derive(Debug)]
pub(super) struct Draft {
    world: World,
    kept: Vec<Change>,
}

impl Draft {
    /// Starts from the world as stored.
    pub(super) fn new(world: World) -> Self {
        Self {
            world,
            kept: Vec::new(),
        }
    }

    /// The world that decisions see.
    pub(super) fn world(&self) -> &World {
        &self.world
    }

    /// Runs a decision. One that panics answers an error and harms nobody: it
    /// sees the world by shared reference.
    pub(super) fn ask(&self, decide: &mut Decide) -> Result<Vec<Change>, StoreError> {
        match catch_unwind(AssertUnwindSafe(|| decide(&self.world))) {
            Ok(Verdict::Commit(changes)) => Ok(changes),
            Ok(Verdict::Abort) => Ok(Vec::new()),
            Err(_) => Err(StoreError::Failed("the decision panicked".to_owned())),
        }
    }

    /// Applies the changes of one command, unless they contradict each other
    /// or what is stored. They stay provisional until [`Draft::keep`] or
    /// [`Draft::undo`].
    pub(super) fn stage(
        &mut self,
        changes: &[Change],
        public: &RwLock<World>,
    ) -> Result<(), StoreError> {
        let mut namesakes = Vec::new();
        for change in changes {
            namesakes.extend(Namesake::made_by(change, &self.world));
            self.world.apply(change);
        }
        let contradiction = namesakes
            .iter()
            .find_map(|namesake| namesake.contradiction(&self.world))
            .or_else(|| changes.iter().find_map(|c| contradiction(c, &self.world)));
        match contradiction {
            None => Ok(()),
            Some(what) => {
                self.undo(public);
                Err(StoreError::Failed(what))
            }
        }
    }

    /// Keeps what was staged as part of the group.
    pub(super) fn keep(&mut self, changes: Vec<Change>) {
        self.kept.extend(changes);
    }

    /// Takes back what was staged and not kept.
    pub(super) fn undo(&mut self, public: &RwLock<World>) {
        self.world = copy_of(public);
        for change in &self.kept {
            self.world.apply(change);
        }
    }

    /// Takes back the whole group.
    pub(super) fn discard(&mut self, public: &RwLock<World>) {
        self.kept.clear();
        self.world = copy_of(public);
    }

    /// Shows the group to everybody: it is durable.
    pub(super) fn publish(&mut self, public: &RwLock<World>) {
        let mut world = public.write().unwrap_or_else(PoisonError::into_inner);
        for change in self.kept.drain(..) {
            world.apply(&change);
        }
    }
}

fn copy_of(public: &RwLock<World>) -> World {
    public
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Two objects that would answer to one name, unless the same command renames
/// or drops the other.
enum Namesake {
    Phone(ObjectId, ObjectId),
    Profile(ObjectId, ObjectId),
    User(ObjectId, ObjectId),
}

impl Namesake {
    fn made_by(change: &Change, before: &World) -> Option<Self> {
        match change {
            Change::PutPhone(phone) => before
                .phone(&phone.name)
                .filter(|other| other.id != phone.id)
                .map(|other| Self::Phone(other.id, phone.id)),
            Change::PutProfile(profile) => before
                .profile(&profile.name)
                .filter(|other| other.id != profile.id)
                .map(|other| Self::Profile(other.id, profile.id)),
            Change::PutUser(user) => before
                .user(&user.user_id)
                .filter(|other| other.id != user.id)
                .map(|other| Self::User(other.id, user.id)),
            _ => None,
        }
    }

    fn contradiction(&self, after: &World) -> Option<String> {
        match self {
            Self::Phone(one, other) => {
                let (one, other) = (after.phones.get(one)?, after.phones.get(other)?);
                (one.name == other.name).then(|| format!("two phones are called {}", one.name))
            }
            Self::Profile(one, other) => {
                let (one, other) = (after.profiles.get(one)?, after.profiles.get(other)?);
                (one.name == other.name).then(|| format!("two profiles are called {}", one.name))
            }
            Self::User(one, other) => {
                let (one, other) = (after.users.get(one)?, after.users.get(other)?);
                (one.user_id == other.user_id)
                    .then(|| format!("two users have the id {}", one.user_id))
            }
        }
    }
}

/// What contradicts itself in the world after a command, as far as `change`
/// could have brought it about.
fn contradiction(change: &Change, after: &World) -> Option<String> {
    match change {
        Change::PutPhone(phone) => {
            let now = after.phones.get(&phone.id)?;
            let found = after.phone(&now.name).map(|found| found.id);
            (found != Some(now.id)).then(|| format!("the name {} would be lost", now.name))
        }
        Change::PutProfile(profile) => {
            let now = after.profiles.get(&profile.id)?;
            let found = after.profile(&now.name).map(|found| found.id);
            (found != Some(now.id)).then(|| format!("the name {} would be lost", now.name))
        }
        Change::PutUser(user) => {
            let now = after.users.get(&user.id)?;
            let found = after.user(&now.user_id).map(|found| found.id);
            (found != Some(now.id)).then(|| format!("the user id {} would be lost", now.user_id))
        }
        Change::DropUser(id) => (!after.users.contains_key(id)
            && after.sessions_of(*id).next().is_some())
        .then(|| format!("user {id} is still signed in")),
        Change::DropProfile(id) => (!after.profiles.contains_key(id)
            && after
                .sessions
                .values()
                .any(|session| session.profile == *id))
        .then(|| format!("profile {id} is still in use by a session")),
        Change::PutSession(session) => {
            let session = after.sessions.get(&session.phone)?;
            if !after.phones.contains_key(&session.phone) {
                Some(format!("there is no phone {}", session.phone))
            } else if !after.users.contains_key(&session.user) {
                Some(format!("there is no user {}", session.user))
            } else if !after.profiles.contains_key(&session.profile) {
                Some(format!("there is no profile {}", session.profile))
            } else {
                None
            }
        }
        Change::PutHeld(held) => orphan(after.held.contains_key(&held.phone), held.phone, after),
        Change::PutPending(row) => orphan(after.pending.contains_key(&row.phone), row.phone, after),
        _ => None,
    }
}

fn orphan(is_there: bool, phone: ObjectId, after: &World) -> Option<String> {
    (is_there && !after.phones.contains_key(&phone)).then(|| format!("there is no phone {phone}"))
}
