//! Which configured phone a REGISTER is from.

use std::sync::Arc;

use crate::model::{DeviceName, LogoutProfile, Phone, World};
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
    world: &World,
    claims: &Claims,
    username: Option<&str>,
    own: Option<&DeviceName>,
) -> Identity {
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
        .or_else(|| only_phone_with(world, claims.line()?))
        .map_or_else(
            || Identity::Unknown(claims.hints().first().cloned()),
            Identity::Known,
        )
}

/// The phone that has this line, when there is exactly one.
fn only_phone_with(world: &World, line: &str) -> Option<Arc<Phone>> {
    let mut having = world
        .phones
        .values()
        .filter(|phone| has_line(world, phone, line));
    let only = having.next()?;
    having.next().is_none().then(|| Arc::clone(only))
}

/// Whether a phone has a line now: that of who is signed in, or its own.
fn has_line(world: &World, phone: &Phone, line: &str) -> bool {
    let profile = match world.sessions.get(&phone.id) {
        Some(session) => world.profiles.get(&session.profile),
        None => match &phone.logout_profile {
            LogoutProfile::UseCurrentSettings => None,
            LogoutProfile::Profile(name) => world.profile(name),
        },
    };
    let lines = profile.map_or(&phone.lines, |profile| &profile.lines);
    lines.iter().any(|own| own.number.as_str() == line)
}
