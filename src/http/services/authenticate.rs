//! The authentication URL: a phone asks whether who pushes to it may.

use axum::body::Body;
use axum::http::{Response, StatusCode};

use super::Services;
use super::page::plain;
use super::request::Asked;
use crate::model::{Password, Secret, UserId};
use crate::ports::{Identity, Verified};

/// Exactly this, without a line end, or the phone refuses.
const AUTHORIZED: &str = "AUTHORIZED";
const REFUSED: &str = "UN-AUTHORIZED";

/// `/ccmcip/authenticate.jsp`: `UserID`, `Password`, `devicename`.
pub(super) async fn answer(services: &Services, asked: &Asked) -> Response<Body> {
    let allowed = is_allowed(services, asked).await.unwrap_or(false);
    plain(StatusCode::OK, if allowed { AUTHORIZED } else { REFUSED })
}

async fn is_allowed(services: &Services, asked: &Asked) -> Option<bool> {
    let user = UserId::new(asked.parameter("UserID")?).ok()?;
    let password = asked
        .parameter("Password")
        .filter(|text| !text.is_empty())?;
    let device = asked.device()?.ok()?;
    let source = asked.ends.peer.ip();
    let keys = &services.parts.push_keys;
    if keys.allows(&device, source, user.as_str(), password) {
        return Some(true);
    }
    let secret = Secret::Password(Password::new(password));
    let verified = services
        .parts
        .directory
        .verify(
            Identity::Application(user),
            secret,
            Some(asked.ends.peer.ip()),
        )
        .await;
    let Ok(Verified::User { id, .. }) = verified else {
        return Some(false);
    };
    let world = services.parts.mobility.store().world();
    let user = world.users.get(&id)?;
    Some(user.controlled_phones.contains(&device))
}
