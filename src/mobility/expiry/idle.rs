//! The limit of a login that nobody uses (CME, *max-idle-time*, 1 to 9999
//! minutes; the profile's own, else the service parameter).

use std::time::Duration;

use crate::model::{Session, World};

/// How long the phone of a session may go unused.
pub(super) fn limit(world: &World, session: &Session) -> Option<Duration> {
    let profile = match &session.frozen {
        Some(frozen) => Some(&**frozen),
        None => world
            .profiles
            .get(&session.profile)
            .map(|profile| &**profile),
    };
    profile
        .and_then(|profile| profile.maximum_idle_time)
        .or(world.parameters.maximum_idle_time)
        .filter(|minutes| *minutes > 0)
        .map(|minutes| Duration::from_secs(u64::from(minutes) * 60))
}
