//! Which configured phone a REGISTER is from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{DeviceName, LogoutProfile, ObjectId, Phone, World};
use crate::ports::Store;
use crate::sip::machine::Claims;

/// What the house knows about who a REGISTER is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// This phone.
    Known(Arc<Phone>),
    /// A phone that nobody configured.
    Unknown(Option<DeviceName>),
    /// It says different things.
    Contradiction,
}

/// Looks a phone up: by the user that its credentials are for, when it was
/// asked for credentials; else by what it says of itself; else the phone whose
/// registration it goes on with (`own`); else the only phone that has its line.
pub(super) fn identify(
    store: &dyn Store,
    lines: &Lines,
    claims: &Claims,
    username: Option<&str>,
    own: Option<&DeviceName>,
) -> Identity {
    let world = store.world();
    let known = |name: &DeviceName| world.phone(name).map(Arc::clone);
    let Ok(claimed) = claims.device() else {
        return Identity::Contradiction;
    };
    let by_name = claimed.and_then(known);
    if let Some(username) = username {
        let user = DeviceName::new(username).ok();
        let by_user = user.as_ref().and_then(known);
        return match (by_user, by_name) {
            (Some(phone), _) if claims.agree_with(&phone.name) => Identity::Known(phone),
            // The credentials of another phone, or of none.
            (Some(_), _) | (None, Some(_)) => Identity::Contradiction,
            (None, None) => Identity::Unknown(claimed.cloned().or(user)),
        };
    }
    if let Some(claimed) = claimed {
        return by_name.map_or_else(|| Identity::Unknown(Some(claimed.clone())), Identity::Known);
    }
    own.into_iter()
        .chain(claims.hints())
        .find_map(known)
        .or_else(|| lines.only_phone_with(store, &world, claims.line()?))
        .map_or_else(
            || Identity::Unknown(claims.hints().first().cloned()),
            Identity::Known,
        )
}

/// Which phones have which line: looked up for phones that say nothing else of
/// themselves, and by everybody who tries numbers. It is made anew when
/// anything changed since.
#[derive(Default)]
pub(super) struct Lines(Mutex<Index>);

#[derive(Default)]
struct Index {
    /// The change that it was made after.
    number: Option<u64>,
    /// `None` where several phones have the line.
    only: HashMap<String, Option<ObjectId>>,
}

impl Lines {
    /// The phone that has this line, when there is exactly one.
    fn only_phone_with(&self, store: &dyn Store, world: &World, line: &str) -> Option<Arc<Phone>> {
        let number = Some(*store.changed().borrow());
        let mut index = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if index.number != number {
            index.only.clear();
            for phone in world.phones.values() {
                for line in lines_of(world, phone) {
                    let others = index.only.entry(line).or_insert(Some(phone.id));
                    *others = others.filter(|other| *other == phone.id);
                }
            }
            index.number = number;
        }
        let only = (*index.only.get(line)?)?;
        world.phones.get(&only).map(Arc::clone)
    }
}

/// The lines that a phone has now: those of who is signed in, or its own.
fn lines_of<'a>(world: &'a World, phone: &'a Phone) -> impl Iterator<Item = String> + 'a {
    let profile = match world.sessions.get(&phone.id) {
        Some(session) => world.profiles.get(&session.profile),
        None => match &phone.logout_profile {
            LogoutProfile::UseCurrentSettings => None,
            LogoutProfile::Profile(name) => world.profile(name),
        },
    };
    let lines = profile.map_or(&phone.lines, |profile| &profile.lines);
    lines.iter().map(|own| own.number.as_str().to_owned())
}
